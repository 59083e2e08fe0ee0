//! Pipelines on the embedded engine: what a handler is given, in which order, how often, and what is
//! left when workers die.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod again;
mod handled;
mod killed;
mod lambda;
mod requests;
mod shop;
mod tree;
mod workers;
