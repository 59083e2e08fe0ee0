//! The operations log.

pub mod list;
