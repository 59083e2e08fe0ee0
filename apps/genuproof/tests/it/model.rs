//! The design as a file, for commands that cannot see the code.

use genuproof::domain::ids::{BrandId, Form as _, ProductId, VerificationCode};
use genuproof::domain::stored::Stored;
use genuproof::table::Genuproof;
use keyfold::prelude::*;

#[test]
fn the_model_file_is_what_the_code_declares() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/keyfold.model.json");
    keyfold::model::snapshot::<Genuproof>(path).unwrap();
}

#[test]
fn ids_stand_in_keys_as_they_are() {
    let brands = [
        "00000000-0000-4000-8000-000000000000",
        "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55",
        "ffffffff-ffff-4fff-8fff-ffffffffffff",
    ];
    keyfold::testing::key_part_laws(&brands.map(|id| BrandId::parse(id).unwrap()));
    let products = [
        "00112233445566778899aabbccddeeff",
        "e084595c97320cfcc85309943f345760",
    ];
    keyfold::testing::key_part_laws(&products.map(|id| ProductId::parse(id).unwrap()));
}

#[test]
fn an_attribute_that_is_not_as_it_should_be_stands_in_no_key() {
    let engine = keyfold::embedded::memory();
    let db = Genuproof::builder(engine.client())
        .table("authentik")
        .build();
    for odd in [Stored::Absent, Stored::Odd] {
        assert!(db.codes.find(&odd).request().is_err());
    }
    let code = VerificationCode::parse("-Pn6-_z9_v8B").unwrap();
    let request = db.codes.find(&code).request().unwrap();
    assert_eq!(
        request.key().unwrap()["PK"].as_s().unwrap(),
        "VERIFY#-Pn6-_z9_v8B"
    );
}

#[test]
fn a_verdict_reads_from_the_claim_to_the_product_and_no_scan() {
    let engine = keyfold::embedded::memory();
    let db = Genuproof::builder(engine.client())
        .table("authentik")
        .build();
    let id = ProductId::parse("00112233445566778899aabbccddeeff").unwrap();
    let request = db.product_file(&id).consistent().request().unwrap();
    let mut values: Vec<_> = request
        .expression_attribute_values()
        .unwrap()
        .values()
        .map(|value| value.as_s().unwrap().as_str())
        .collect();
    values.sort_unstable();
    assert_eq!(
        values,
        ["CLAIM", "META", "PRODUCT#00112233445566778899aabbccddeeff"]
    );
    assert_eq!(request.consistent_read(), Some(true));
}
