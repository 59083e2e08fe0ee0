//! Tasks of projects, in one DynamoDB table.

pub mod table;
