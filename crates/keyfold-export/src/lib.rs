//! A table's design as what others read: infrastructure, policies, documents, diagrams.
//!
//! Everything is a function from a [`TableModel`](keyfold_model::TableModel), the value that `#[derive(Table)]`
//! makes and `keyfold.model.json` holds, to text. No I/O, no network.
//!
//! | of the design | function |
//! |---|---|
//! | `CreateTable`'s request | [`create_table()`], [`time_to_live`] |
//! | `CloudFormation`, CDK, Terraform | [`cloud_formation()`], [`cdk()`], [`terraform()`] |
//! | IAM policies | [`policy`] for each [`Role`] |
//! | Markdown, Mermaid, SVG | [`markdown()`], [`mermaid()`], [`svg()`] |
//! | `NoSQL` Workbench, out and in | [`workbench`] |
//! | what changed since | [`diff()`] |
//!
//! What is nested is a [`Tree`], which writes itself as JSON or YAML. What a pattern asks, in words, is a
//! [`Question`].

mod cdk;
mod cloud_formation;
mod collections;
mod create_table;
pub mod diff;
mod iam;
mod markdown;
mod mermaid;
mod question;
mod svg;
mod terraform;
mod tree;
pub mod workbench;

pub use cdk::cdk;
pub use cloud_formation::{With, cloud_formation};
pub use create_table::{create_table, time_to_live};
pub use diff::diff;
pub use iam::{NoSuchPart, Role, Tenant, policy};
pub use markdown::markdown;
pub use mermaid::mermaid;
pub use question::{Question, SortKeys, gives};
pub use svg::svg;
pub use terraform::terraform;
pub use tree::Tree;
