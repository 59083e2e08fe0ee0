//! What does not compile, and with which message.
//!
//! `TRYBUILD=overwrite cargo test -p keyfold-macros --test ui` writes the messages anew; read them.
//! What does compile is in `accepted.rs`: there it costs no second build of the dependencies.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
