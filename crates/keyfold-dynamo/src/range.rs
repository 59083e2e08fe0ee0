//! The key condition of a query: one partition, and at most one condition on the sort key.
//! Source: Developer Guide, "Key condition expressions for the Query operation".

/// Which items of one partition a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The partition key's value.
    pub partition: String,
    /// The condition on the sort key.
    pub sort: SortRange,
}

/// A condition on the sort key, in the forms DynamoDB has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortRange {
    /// The whole partition.
    All,
    /// `sk = value`.
    Equal(String),
    /// `begins_with(sk, value)`.
    BeginsWith(String),
    /// `sk BETWEEN low AND high`, both included.
    Between(String, String),
    /// `sk >= value`.
    AtLeast(String),
    /// `sk <= value`.
    AtMost(String),
}

impl SortRange {
    /// Whether a sort key lies inside.
    pub fn contains(&self, sort_key: &str) -> bool {
        match self {
            SortRange::All => true,
            SortRange::Equal(value) => sort_key == value,
            SortRange::BeginsWith(prefix) => sort_key.starts_with(prefix.as_str()),
            SortRange::Between(low, high) => low.as_str() <= sort_key && sort_key <= high.as_str(),
            SortRange::AtLeast(low) => sort_key >= low.as_str(),
            SortRange::AtMost(high) => sort_key <= high.as_str(),
        }
    }

    /// Whether no sort key can lie inside (DynamoDB refuses such a `BETWEEN`).
    pub fn is_empty(&self) -> bool {
        matches!(self, SortRange::Between(low, high) if low > high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        let between = SortRange::Between("EVENT#1".into(), "EVENT$".into());
        assert!(between.contains("EVENT#1"));
        assert!(between.contains("EVENT#~"));
        assert!(!between.contains("EVENT$x"));
        assert!(!between.contains("EVENT"));
        assert!(SortRange::Between("b".into(), "a".into()).is_empty());
    }
}
