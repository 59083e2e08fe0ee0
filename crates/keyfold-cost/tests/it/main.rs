//! Costs: worked by hand, against the engine, and files that are wrong.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod engine;
mod files;
mod metered;
mod report;
mod worked;
