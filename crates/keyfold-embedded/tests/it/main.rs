//! The engine as its users have it: through the SDK.

mod changes;
mod crash;
mod fixture;
mod folder;
mod in_process;
mod readers;
mod refused;
mod served;
mod threads;
mod transactions;
