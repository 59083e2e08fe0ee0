//! What the repositories do, on the embedded engine.

#![expect(clippy::expect_used, reason = "a test says what it expects")]

mod batches;
mod changes;
mod collections;
mod complaints;
mod conflicts;
mod cursors;
mod deleted;
mod documents;
mod interop;
mod kept;
mod limits;
mod manage;
mod mirrors;
mod moves;
mod one_item;
mod patterns;
mod scopes;
mod seen;
mod shards;
mod shop;
mod transactions;
mod updates;
mod upserts;
mod values;
mod versions;
mod views;

/// The first example, as it is shown: it compiles and runs.
#[expect(dead_code, reason = "an example also shows what it does not read")]
#[path = "../../examples/first.rs"]
mod first;

#[test]
fn the_first_example_runs() {
    first::main().expect("the example runs");
}

/// Public designs of others, adopted without a change to their items.
#[path = "../../examples/chat.rs"]
mod chat;
#[path = "../../examples/complaints.rs"]
mod complaint_management;

#[test]
fn the_chat_is_adopted_as_it_is() {
    chat::main().expect("the example runs");
}

#[test]
fn the_complaints_are_adopted_as_they_are() {
    complaint_management::main().expect("the example runs");
}
