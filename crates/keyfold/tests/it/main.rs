//! What the repositories do, on the embedded engine.

mod cursors;
mod kept;
mod limits;
mod manage;
mod one_item;
mod patterns;
mod seen;
mod shop;
mod transactions;
mod updates;

/// The first example, as it is shown: it compiles and runs.
#[path = "../../examples/first.rs"]
mod first;

#[test]
fn the_first_example_runs() {
    first::main().expect("the example runs");
}
