//! Capacity units. Source: Developer Guide, "Read and write operations": a read unit is one
//! strongly consistent read of 4 KB, or two eventually consistent ones; a write unit is one write
//! of 1 KB; a transaction takes twice as much of either.

/// Bytes one read unit covers.
pub const READ_UNIT_BYTES: usize = 4 * 1_024;
/// Bytes one write unit covers.
pub const WRITE_UNIT_BYTES: usize = 1_024;

/// How a read sees the writes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// May answer with an older state; half the price.
    Eventual,
    /// Sees every write acknowledged before it.
    Strong,
    /// Inside a transaction; twice the price of a strong read.
    Transactional,
}

/// Units for reading `bytes`: an item for a get, the *sum* of the items read for one page of a
/// query (sizes are added up first, then rounded).
pub fn read_units(bytes: usize, consistency: Consistency) -> f64 {
    let blocks = bytes.div_ceil(READ_UNIT_BYTES).max(1);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a page is at most 1 MB: 256 blocks"
    )]
    let strong = blocks as f64;
    match consistency {
        Consistency::Eventual => strong / 2.0,
        Consistency::Strong => strong,
        Consistency::Transactional => strong * 2.0,
    }
}

/// Units for writing one item of `bytes` (for an update, the larger of before and after).
pub fn write_units(bytes: usize, transactional: bool) -> f64 {
    let blocks = bytes.div_ceil(WRITE_UNIT_BYTES).max(1);
    #[expect(
        clippy::cast_precision_loss,
        reason = "an item is at most 400 KB: 400 blocks"
    )]
    let units = blocks as f64;
    if transactional { units * 2.0 } else { units }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up_to_whole_units() {
        assert!((read_units(1, Consistency::Eventual) - 0.5).abs() < f64::EPSILON);
        assert!((read_units(4_097, Consistency::Strong) - 2.0).abs() < f64::EPSILON);
        assert!((read_units(4_096, Consistency::Transactional) - 2.0).abs() < f64::EPSILON);
        assert!((write_units(1_025, false) - 2.0).abs() < f64::EPSILON);
        assert!((write_units(10, true) - 2.0).abs() < f64::EPSILON);
    }
}
