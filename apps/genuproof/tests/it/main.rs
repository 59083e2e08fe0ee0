//! The application against the embedded engine.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod brands;
mod chain;
mod doctor;
mod faults;
mod feed;
mod http;
mod import;
mod items;
mod legacy;
mod model;
mod ownership;
mod registration;
mod scans;
mod seed;
mod tampering;
mod verification;
mod watching;
mod weaknesses;
mod world;
