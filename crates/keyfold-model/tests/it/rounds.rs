//! How many cases a property is tried with.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

/// Tries a property with `cases` times `KEYFOLD_ROUNDS` values, and shows the smallest that breaks it.
pub fn check<S: Strategy>(cases: u32, values: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let rounds: u32 = std::env::var("KEYFOLD_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(1);
    let config = Config {
        cases: cases.saturating_mul(rounds.max(1)),
        failure_persistence: None,
        ..Config::default()
    };
    if let Err(broken) = TestRunner::new(config).run(values, property) {
        panic!("{broken}");
    }
}
