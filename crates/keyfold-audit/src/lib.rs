//! Reads an application's source and infrastructure, and says what hurts with `DynamoDB`.
//!
//! Sources are parsed with tree-sitter, lowered to one small tree for every language ([`facts`]), linked over the
//! project ([`link`]), and judged by rules that are pure functions over linked facts ([`rules`]).

pub mod config;
pub mod facts;
pub mod finding;
pub mod infra;
pub mod lang;
pub mod layer;
pub mod link;
pub mod load;
pub mod lower;
pub mod op;
pub mod reach;
pub mod rules;
pub mod sites;
pub mod surfaces;
pub mod tables;
pub mod walk;
