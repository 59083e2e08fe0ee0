//! What keys, ranges and checks promise, tried with random and hostile values.
//!
//! `KEYFOLD_ROUNDS` multiplies the number of cases.

#![expect(
    clippy::expect_used,
    reason = "what a test is set up with is valid, or the test has failed"
)]

mod checks;
mod codes;
mod design;
mod error_pages;
mod json;
mod neighbours;
mod parts;
mod ranges;
mod rounds;
mod templates;
mod time;
mod values;
