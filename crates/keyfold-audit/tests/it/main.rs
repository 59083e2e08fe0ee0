//! The auditor on fixtures, on repositories made for a test, and on what nobody would write.
#![expect(clippy::unwrap_used, reason = "tests: what fails here fails the test")]

mod baseline;
mod browser;
mod cases;
mod fixtures;
mod formats;
mod hook;
mod live;
mod models;
mod robustness;
mod run;
mod settings;
