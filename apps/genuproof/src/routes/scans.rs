//! Scans.

pub mod list;
