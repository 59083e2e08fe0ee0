//! The table from its model, and the model as a file.

use keyfold::prelude::*;

use crate::shop::*;

#[tokio::test]
async fn a_table_made_from_its_model_does_not_differ_from_it() {
    let Open { db, .. } = open().await;
    assert_eq!(db.verify().await.expect("verified"), []);
    db.create_table().if_missing().await.expect("left as it is");
    assert!(
        db.create_table()
            .await
            .expect_err("there")
            .to_string()
            .contains("already there")
    );
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none)]
struct Plain {
    notes: Repo<Note>,
}

#[tokio::test]
async fn each_difference_is_named() {
    let client = keyfold::embedded::memory().client();
    let plain = Plain::builder(client.clone()).table("shop").build();
    plain.create_table().await.expect("created");
    assert_eq!(plain.verify().await.expect("verified"), []);
    plain
        .notes
        .create(Note {
            folder: "f".into(),
            title: "t".into(),
            body: String::new(),
        })
        .await
        .expect("created");
    let shop = Shop::builder(client).table("shop").build();
    let found: Vec<String> = shop
        .verify()
        .await
        .expect("verified")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found.len(), 4, "{found:#?}");
    for (difference, word) in
        found
            .iter()
            .zip(["index GSI1", "index ByNumber", "stream", "time to live"])
    {
        assert!(difference.contains(word), "{difference}");
    }
}

#[tokio::test]
async fn a_table_that_is_missing_is_told_apart() {
    let client = keyfold::embedded::memory().client();
    let shop = Shop::builder(client).build();
    let error = shop.notes.find(("f", "t")).await.expect_err("no table");
    assert!(
        matches!(&error, GetError::Request(error) if error.is_table_missing()),
        "{error}"
    );
    assert!(error.to_string().contains("`shop`"), "{error}");
}

#[test]
fn the_model_is_kept_as_a_file_and_reads_back_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shop.model.json");
    keyfold::model::snapshot::<Shop>(path).expect("the file is what the code declares");
    assert_eq!(&keyfold::model::read(path).expect("read"), Shop::model());
    assert_eq!(
        keyfold::model::check::findings(Shop::model()),
        Vec::<String>::new()
    );
}
