//! The design as a file, for commands that cannot see the code.

use genuproof::table::Genuproof;

#[test]
fn the_model_file_is_what_the_code_declares() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/keyfold.model.json");
    keyfold::model::snapshot::<Genuproof>(path).unwrap();
}
