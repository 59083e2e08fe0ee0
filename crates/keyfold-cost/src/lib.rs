//! What a table costs: a design and its traffic, to capacity units, storage and money.
//!
//! | to | look at |
//! |---|---|
//! | work out the units of one request | [`units`] |
//! | price units or bytes, with formula and inputs beside the sum | [`price()`], [`Prices`], [`Sum`] |
//! | read `keyfold.traffic.toml` | [`Traffic`] |
//! | predict what a design costs a month | [`predict()`], [`Report`] |
//! | show it | [`render`] |
//!
//! No sum exists here without its inputs and its formula, and each input says where it comes from:
//! [metered, declared or assumed](Origin). Sums that rest on an assumption are shown as a range.
//!
//! No I/O: callers read files and clocks.

pub mod render;
pub mod units;

mod number;
mod predict;
mod price;
mod quantity;
mod sizes;
mod sum;
mod toml_file;
mod traffic;

pub use number::{count, usd};
pub use predict::{
    BillLine, EntityCost, IndexCost, ModeOfPlace, Modes, PatternCost, Report, Saving, SavingKind,
    predict,
};
pub use price::{NoPrice, Prices, PricesError, Rates, price, regions};
pub use quantity::{Origin, Quantity};
pub use sizes::{EntrySize, entry_bytes, estimated_item_bytes};
pub use sum::Sum;
pub use toml_file::{FileError, Place};
pub use traffic::{
    Billing, CallTraffic, EntityTraffic, IndexTraffic, Provisioned, TableTraffic, Traffic,
};
