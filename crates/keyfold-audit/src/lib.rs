//! Reads an application's source and infrastructure, and says what hurts with `DynamoDB`.
//!
//! Sources are parsed with tree-sitter, lowered to one small tree for every language ([`facts`]), linked over the
//! project ([`link`]), and judged by rules that are pure functions over linked facts ([`rules`]).

#![expect(
    clippy::format_push_string,
    reason = "reports are texts put together once a run"
)]
#![expect(
    clippy::match_same_arms,
    reason = "an arm per kind of node or rule can be read and changed by itself"
)]
#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "endings are compared as the tools that read the files do"
)]

pub mod audit;
pub mod baseline;
pub mod cases;
pub mod command;
pub mod config;
pub mod explain;
pub mod facts;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod git;
pub mod hook;
pub mod infra;
pub mod lang;
pub mod layer;
pub mod link;
pub mod load;
pub mod lower;
pub mod metered;
pub mod money;
pub mod op;
pub mod reach;
pub mod report;
pub mod rules;
pub mod sites;
pub mod suppress;
pub mod surfaces;
pub mod tables;
pub mod walk;
