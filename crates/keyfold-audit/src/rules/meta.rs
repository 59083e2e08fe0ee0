//! # `suppression-without-reason`, `suppression-unused`, `suppression-expired`, `table-name-unresolved`
//!
//! A suppression stands on the line, on the line above, or above the function or resource:
//!
//! ```ts
//! // keyfold: allow(scan-in-job) reason="nightly export, 200 items" until=2027-01-31
//! ```
//! ```python
//! # keyfold: allow(pagination-ignored) reason="at most ten plans"
//! ```
//!
//! The reason is obligatory: without one the finding stays. A suppression that hides nothing, or whose date has passed, is
//! reported.

use super::Rule;
use crate::finding::Severity;

const PAGE: &str = include_str!("meta.rs");

/// Nobody knows why.
pub static SUPPRESSION_WITHOUT_REASON: Rule = Rule {
    id: "suppression-without-reason",
    severity: Severity::Medium,
    effort: 5,
    title: "A suppression without a reason",
    why: "Nobody can tell later whether it still holds.",
    fix: "Add reason=\"…\".",
    security: None,
    page: PAGE,
};
/// Hides nothing.
pub static SUPPRESSION_UNUSED: Rule = Rule {
    id: "suppression-unused",
    severity: Severity::Low,
    effort: 2,
    title: "A suppression that hides nothing",
    why: "It will hide the next fault at this place.",
    fix: "Remove it.",
    security: None,
    page: PAGE,
};
/// Its time has passed.
pub static SUPPRESSION_EXPIRED: Rule = Rule {
    id: "suppression-expired",
    severity: Severity::Medium,
    effort: 15,
    title: "A suppression whose date has passed",
    why: "The repair was promised for an earlier day.",
    fix: "Repair what it hides, or set a new date and say why.",
    security: None,
    page: PAGE,
};
/// Not known.
pub static TABLE_NAME_UNRESOLVED: Rule = Rule {
    id: "table-name-unresolved",
    severity: Severity::Info,
    effort: 0,
    title: "A table whose name is not known",
    why: "Rules that compare calls with definitions are silent about it.",
    fix: "Name it in an environment variable that the infrastructure sets, or in a constant.",
    security: None,
    page: PAGE,
};
