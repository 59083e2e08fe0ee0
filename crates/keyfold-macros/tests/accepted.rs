//! What the derives accept, in a crate that demands docs and all of clippy.
#![deny(missing_docs, clippy::pedantic)]
#![expect(clippy::expect_used, reason = "a test says what it expects")]
#![expect(dead_code, reason = "declared to be derived from, not to be used")]

mod accepted {
    mod example;
    mod forms;
    mod key_parts;
    mod renamed;
}
