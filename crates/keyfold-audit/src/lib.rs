//! Reads an application's source and infrastructure, and says what hurts with `DynamoDB`.

pub mod facts;
pub mod lang;
pub mod lower;
