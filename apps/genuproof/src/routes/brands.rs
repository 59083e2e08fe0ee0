//! Brands.

pub mod create;
pub mod get;
pub mod keys;
pub mod list;
pub mod scans;
pub mod stats;
