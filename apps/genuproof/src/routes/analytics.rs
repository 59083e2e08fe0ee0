//! Figures, and the audit.

pub mod audit;
pub mod get;
