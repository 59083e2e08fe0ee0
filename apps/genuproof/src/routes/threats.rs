//! Alerts.

pub mod list;
pub mod settle;
pub mod stream;
