//! Plans, and paying for them.

pub mod checkout;
pub mod plans;
pub mod webhook;
