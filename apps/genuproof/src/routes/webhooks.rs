//! Outgoing webhooks, and what they were told.

pub mod create;
pub mod delete;
pub mod deliveries;
pub mod list;
pub mod resend;
pub mod resume;
pub mod rotate;
