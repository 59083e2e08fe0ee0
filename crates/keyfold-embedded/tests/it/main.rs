//! The engine as its users have it: through the SDK.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod changes;
mod clients;
mod crash;
mod disk;
mod faults;
mod fixture;
mod folder;
mod in_process;
mod readers;
mod refused;
mod served;
mod streams;
mod threads;
mod transactions;
