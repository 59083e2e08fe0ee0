//! What a request took.

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Capacity units a request took, as DynamoDB reports them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Read units.
    pub read_units: f64,
    /// Write units.
    pub write_units: f64,
}

impl Cost {
    pub(crate) fn read(capacity: Option<&ConsumedCapacity>) -> Self {
        let units = capacity
            .and_then(ConsumedCapacity::capacity_units)
            .unwrap_or_default();
        Self {
            read_units: units,
            write_units: 0.0,
        }
    }

    pub(crate) fn written(capacity: Option<&ConsumedCapacity>) -> Self {
        let units = capacity
            .and_then(ConsumedCapacity::capacity_units)
            .unwrap_or_default();
        Self {
            read_units: 0.0,
            write_units: units,
        }
    }
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.read_units += other.read_units;
        self.write_units += other.write_units;
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |mut sum, cost| {
            sum += cost;
            sum
        })
    }
}
