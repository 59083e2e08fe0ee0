//! Reads an application's source and infrastructure, and says what hurts with `DynamoDB`.

pub mod facts;
pub mod finding;
pub mod infra;
pub mod lang;
pub mod link;
pub mod lower;
pub mod op;
pub mod sites;
pub mod surfaces;
pub mod tables;
pub mod walk;
