//! What DynamoDB itself defines, with the page each rule comes from: [limits](limits), the
//! [size of an item](size), the [capacity units](units) a request takes, and the
//! [key condition](range) a query may carry.
//!
//! Nothing here knows entities, the SDK or a network: guard, cost, audit and repositories agree
//! because they all ask this crate.

pub mod limits;
pub mod range;
pub mod size;
pub mod units;

pub use range::{KeyRange, SortRange};
pub use size::{Look, View, attribute_bytes, item_size_bytes};
