//! Capacity units of one request, each with its formula.
//!
//! The rules are those of the Developer Guide, "DynamoDB read and write operations" (capacity unit
//! consumption), as `keyfold-dynamo` holds them:
//!
//! - a read is counted in steps of 4 KB: a unit each when strongly consistent, half a unit when
//!   eventually consistent, two in a transaction;
//! - Query and Scan add up the bytes of all items they *examine*, and round once for each page;
//! - `GetItem` and each key of `BatchGetItem` round up one by one;
//! - a write is counted in steps of 1 KB, twice in a transaction, and again in each index that holds
//!   the item: twice when the index's key changes, not at all when nothing the index holds changes.
//!   A write whose condition fails is billed like one that succeeds.

use keyfold_dynamo::limits::PAGE_BYTES_MAX;
use keyfold_dynamo::units::{
    IndexChange, READ_UNIT_BYTES, index_write_units, items_per_page, read_units, write_units,
};

pub use keyfold_dynamo::units::Consistency;

use crate::number::count;
use crate::quantity::{Quantity, join};

/// Read or write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Read units.
    Read,
    /// Write units.
    Write,
}

impl Axis {
    /// `read` or `write`.
    pub const fn word(self) -> &'static str {
        match self {
            Axis::Read => "read",
            Axis::Write => "write",
        }
    }
}

/// Units of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// Which.
    pub axis: Axis,
    /// How many.
    pub per_call: f64,
    /// How they were worked out.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<Quantity>,
}

impl Units {
    /// Both, in one call; of the same axis.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            axis: self.axis,
            per_call: self.per_call + other.per_call,
            formula: format!("{} + {}", self.formula, other.formula),
            inputs: join(self.inputs, &other.inputs),
        }
    }

    /// Of a share of the calls, such as the share of items an index holds.
    #[must_use]
    pub fn times(self, factor: &Quantity) -> Self {
        Self {
            axis: self.axis,
            per_call: self.per_call * factor.value,
            formula: format!("{} × {} {}", self.formula, factor.amount(), factor.name),
            inputs: join(self.inputs, std::slice::from_ref(factor)),
        }
    }
}

/// `GetItem` of an item of so many bytes; of an item that is not there, 0 bytes.
pub fn get(item_bytes: &Quantity, consistency: Consistency) -> Units {
    let per_call = read_units(whole(item_bytes.value), consistency);
    Units {
        axis: Axis::Read,
        per_call,
        formula: format!(
            "ceil({} / 4,096) = {}{} = {}",
            item_bytes.amount(),
            steps(item_bytes.value),
            factor(consistency),
            units(per_call)
        ),
        inputs: vec![item_bytes.clone()],
    }
}

/// `BatchGetItem`: each key rounds up by itself.
pub fn batch_get(keys: &Quantity, item_bytes: &Quantity, consistency: Consistency) -> Units {
    let one = get(item_bytes, consistency);
    Units {
        axis: Axis::Read,
        per_call: keys.value * one.per_call,
        formula: format!("{} × ({})", keys.amount(), one.formula),
        inputs: vec![keys.clone(), item_bytes.clone()],
    }
}

/// A Query that examines so many items of so many bytes each, to its last page.
pub fn query(examined: &Quantity, item_bytes: &Quantity, consistency: Consistency) -> Units {
    let bytes = examined.value * item_bytes.value;
    let inputs = vec![examined.clone(), item_bytes.clone()];
    let sized = format!("{} × {}", examined.amount(), item_bytes.amount());
    let page_items = items_per_page(whole(item_bytes.value));
    pages(
        bytes,
        item_bytes.value,
        page_items,
        consistency,
        &sized,
        inputs,
    )
}

/// A Scan of a table or index with so many items; the same rule as for [`query`].
pub fn scan(items: &Quantity, item_bytes: &Quantity, consistency: Consistency) -> Units {
    query(items, item_bytes, consistency)
}

/// A Query or Scan over items of several sizes: the whole of the bytes it examines, and of how many
/// items.
pub fn pages_of(examined: &Quantity, bytes: &Quantity, consistency: Consistency) -> Units {
    let inputs = vec![examined.clone(), bytes.clone()];
    let average = bytes.value / examined.value.max(1.0);
    let page_items = items_per_page(whole(average));
    pages(
        bytes.value,
        average,
        page_items,
        consistency,
        &format!("{} of {} B on average", examined.amount(), count(average)),
        inputs,
    )
}

fn pages(
    bytes: f64,
    item_bytes: f64,
    page_items: usize,
    consistency: Consistency,
    sized: &str,
    inputs: Vec<Quantity>,
) -> Units {
    #[expect(
        clippy::cast_precision_loss,
        reason = "at most a million items of a byte"
    )]
    let page_bytes = if bytes <= LARGEST_PAGE {
        LARGEST_PAGE
    } else {
        page_items as f64 * item_bytes
    };
    let full = (bytes / page_bytes).floor();
    let rest = bytes - full * page_bytes;
    let of_full = full * read_units(whole(page_bytes), consistency);
    // A page that ends at the last item is followed by nothing; a query that finds nothing has a page.
    let of_rest = if rest > 0.0 || full == 0.0 {
        read_units(whole(rest), consistency)
    } else {
        0.0
    };
    let per_call = of_full + of_rest;
    let number = full + f64::from(u8::from(rest > 0.0 || full == 0.0));
    let in_pages = if number > 1.0 {
        format!(" in {} pages of up to 1 MB", count(number))
    } else {
        String::new()
    };
    let all_steps = per_call / steps_to_units(consistency);
    Units {
        axis: Axis::Read,
        per_call,
        formula: format!(
            "{sized} = {} B{in_pages}, in steps of 4,096 B: {}{} = {}",
            count(bytes),
            plural(all_steps, "step"),
            factor(consistency),
            units(per_call)
        ),
        inputs,
    }
}

/// A put, update or delete of one item: of the larger of before and after.
pub fn write(item_bytes: &Quantity, transactional: bool) -> Units {
    let per_call = write_units(whole(item_bytes.value), transactional);
    let twice = if transactional {
        " × 2 (in a transaction)"
    } else {
        ""
    };
    Units {
        axis: Axis::Write,
        per_call,
        formula: format!(
            "ceil({} / 1,024){twice} = {}",
            item_bytes.amount(),
            units(per_call)
        ),
        inputs: vec![item_bytes.clone()],
    }
}

/// What one write takes in an index: `changes` says how often its entry is written, 1 where an entry
/// appears, goes or changes, 2 where the index's key changes.
pub fn index_write(entry_bytes: &Quantity, changes: u8) -> Units {
    let bytes = whole(entry_bytes.value);
    let per_call = index_write_units(match changes {
        0 => IndexChange::None,
        1 => IndexChange::AppearsOrGoes(bytes),
        _ => IndexChange::Moves {
            old: bytes,
            new: bytes,
        },
    });
    Units {
        axis: Axis::Write,
        per_call,
        formula: format!(
            "{changes} × ceil({} / 1,024) = {}",
            entry_bytes.amount(),
            units(per_call)
        ),
        inputs: vec![entry_bytes.clone()],
    }
}

#[expect(clippy::cast_precision_loss, reason = "1 MB")]
const LARGEST_PAGE: f64 = PAGE_BYTES_MAX as f64;

/// Whole bytes of an average.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are not negative, and one that exceeds the address space costs as the largest"
)]
pub(crate) fn whole(bytes: f64) -> usize {
    // An average of exact sizes can lie a binary rest above the whole number.
    (bytes - 1e-6).ceil().max(0.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "an item is at most 400 KB")]
fn steps(bytes: f64) -> String {
    plural(whole(bytes).div_ceil(READ_UNIT_BYTES).max(1) as f64, "step")
}

fn units(number: f64) -> String {
    plural(number, "unit")
}

fn plural(number: f64, word: &str) -> String {
    let s = if (number - 1.0).abs() < f64::EPSILON {
        ""
    } else {
        "s"
    };
    format!("{} {word}{s}", count(number))
}

fn steps_to_units(consistency: Consistency) -> f64 {
    match consistency {
        Consistency::Eventual => 0.5,
        Consistency::Strong => 1.0,
        Consistency::Transactional => 2.0,
    }
}

fn factor(consistency: Consistency) -> &'static str {
    match consistency {
        Consistency::Eventual => " × 0.5 (eventually consistent)",
        Consistency::Strong => " (strongly consistent)",
        Consistency::Transactional => " × 2 (in a transaction)",
    }
}
