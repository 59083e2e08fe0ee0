//! Capacity units. Source: Developer Guide, "Read and write operations": a read unit is one
//! strongly consistent read of 4 KB, or two eventually consistent ones; a write unit is one write
//! of 1 KB; a transaction takes twice as much of either.

use crate::limits::PAGE_BYTES_MAX;

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

/// Items of one size that a page of a query or scan reads before it stops. Source: Developer Guide,
/// "Paginating table query results": a page ends at 1 MB of what is read.
pub fn items_per_page(item_bytes: usize) -> usize {
    (PAGE_BYTES_MAX / item_bytes.max(1)).max(1)
}

/// How one write changes what an index holds, with the sizes of the index's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexChange {
    /// The entry is not there before nor after, or stays as it is.
    None,
    /// An entry appears or goes.
    AppearsOrGoes(usize),
    /// An attribute the index holds changes, its key does not.
    InPlace {
        /// Before.
        old: usize,
        /// After.
        new: usize,
    },
    /// The index's key changes: out of the old place, into the new.
    Moves {
        /// Before.
        old: usize,
        /// After.
        new: usize,
    },
}

/// Units an index takes for one write to its table; a transaction does not double them. Source:
/// Developer Guide, "Using Global Secondary Indexes", provisioned throughput considerations: the
/// size is that of the index entry, and a change of its key is a delete and a put.
pub fn index_write_units(change: IndexChange) -> f64 {
    match change {
        IndexChange::None => 0.0,
        IndexChange::AppearsOrGoes(bytes) => write_units(bytes, false),
        IndexChange::InPlace { old, new } => write_units(old.max(new), false),
        IndexChange::Moves { old, new } => write_units(old, false) + write_units(new, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_charged_for_what_changes_in_it() {
        let units = |change| index_write_units(change);
        assert!(units(IndexChange::None).abs() < f64::EPSILON);
        assert!((units(IndexChange::AppearsOrGoes(1_025)) - 2.0).abs() < f64::EPSILON);
        let (old, new) = (900, 1_100);
        assert!((units(IndexChange::InPlace { old, new }) - 2.0).abs() < f64::EPSILON);
        assert!((units(IndexChange::Moves { old, new }) - 3.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_page_holds_whole_items_and_at_least_one() {
        assert_eq!(items_per_page(1_024), 1_024);
        assert_eq!(items_per_page(1_100), 953);
        assert_eq!(items_per_page(2 * PAGE_BYTES_MAX), 1);
    }

    #[test]
    fn sizes_are_rounded_up_to_whole_units() {
        assert!((read_units(1, Consistency::Eventual) - 0.5).abs() < f64::EPSILON);
        assert!((read_units(4_097, Consistency::Strong) - 2.0).abs() < f64::EPSILON);
        assert!((read_units(4_096, Consistency::Transactional) - 2.0).abs() < f64::EPSILON);
        assert!((write_units(1_025, false) - 2.0).abs() < f64::EPSILON);
        assert!((write_units(10, true) - 2.0).abs() < f64::EPSILON);
    }
}
