//! Batches: chunked, asked for again, and what is left is given back.

use keyfold::embedded::{Fault, Faults, Options, Requests};
use keyfold::prelude::*;
use keyfold::{Policy, WriteError};

use crate::shop::*;

/// More than two full requests of either kind.
const NOTES: u32 = 230;

pub fn note(number: u32) -> Note {
    Note {
        folder: "inbox".to_owned(),
        title: format!("note {number:03}"),
        body: "first".to_owned(),
    }
}

pub async fn with(faults: Faults) -> (Shop, keyfold::embedded::Engine) {
    let engine = Options::new().faults(faults).memory();
    // The SDK's own pauses after a throttling are seconds.
    let once = aws_sdk_dynamodb::config::retry::RetryConfig::disabled();
    let client = aws_sdk_dynamodb::Client::from_conf(engine.config().retry_config(once).build());
    let db = Shop::builder(client)
        .retry(Policy {
            attempts_max: 6,
            ..Policy::default()
        })
        .build();
    db.create_table().await.expect("created");
    (db, engine)
}

#[tokio::test]
async fn all_get_through_whatever_is_left_unprocessed() {
    let batches = |name: &str| Requests::all().operation(name);
    let faults = Faults::seeded(3)
        .often_for(Fault::Unprocessed, 0.7, batches("BatchWriteItem"))
        .often_for(Fault::Unprocessed, 0.7, batches("BatchGetItem"))
        .often_for(Fault::Throttled, 0.2, batches("BatchGetItem"));
    let (db, engine) = with(faults).await;
    let written = db
        .notes
        .batch_put((0..NOTES).map(note))
        .await
        .expect("written");
    assert!(written.left.is_empty());
    assert!(written.cost.write_units >= f64::from(NOTES));

    // With some that are not there, and one asked for twice.
    let keys = || (0..NOTES + 5).chain([7]).map(|number| note(number).key());
    let read = db.notes.batch_get(keys()).consistent().await.expect("read");
    assert!(read.left.is_empty());
    assert_eq!(read.found, (0..NOTES).map(note).collect::<Vec<_>>());
    assert!(read.cost.read_units >= f64::from(NOTES));

    let deleted = db.notes.batch_delete(keys()).await.expect("deleted");
    assert!(deleted.left.is_empty());
    let read = db.notes.batch_get(keys()).consistent().await.expect("read");
    assert!(read.found.is_empty());
    assert!(engine.faults().count(Fault::Unprocessed) > 5);
}

#[tokio::test]
async fn what_is_left_in_the_end_is_given_back() {
    let busy = Requests::all().key_prefix("NOTES#inbox");
    let (db, engine) = with(Faults::seeded(1).often_for(Fault::Throttled, 1.0, busy)).await;
    let written = db.notes.batch_put((0..30).map(note)).await.expect("tried");
    assert_eq!(written.left, (0..30).map(note).collect::<Vec<_>>());
    let keys = || (0..30).map(|number| note(number).key());
    let read = db.notes.batch_get(keys()).await.expect("tried");
    assert_eq!((read.found.len(), read.left.len()), (0, 30));
    let deleted = db.notes.batch_delete(keys()).await.expect("tried");
    assert_eq!(deleted.left.len(), 30);
    assert!(engine.faults().count(Fault::Throttled) > 10);
}

#[tokio::test]
async fn of_two_with_one_key_the_last_is_written() {
    let (db, _engine) = with(Faults::seeded(1)).await;
    let later = Note {
        body: "last".to_owned(),
        ..note(1)
    };
    let both = [note(1), note(2), later.clone()];
    let written = db.notes.batch_put(both).await.expect("written");
    assert!(written.left.is_empty());
    let read = db
        .notes
        .get(note(1).key())
        .consistent()
        .await
        .expect("read");
    assert_eq!(read, later);
}

#[tokio::test]
async fn an_entity_with_kept_items_is_refused_and_nothing_is_written() {
    let Open { db, client, .. } = open().await;
    let refused = db.customers.batch_put([customer(1)]).await;
    let refused = refused.map(|_| ()).expect_err("refused");
    assert!(matches!(refused.source, WriteError::Unsendable { .. }));
    assert!(refused.to_string().contains("`transact()`"), "{refused}");
    let refused = db.customers.batch_delete([customer(1).key()]).await;
    assert!(refused.is_err());
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn a_failure_on_the_way_gives_back_what_is_not_written() {
    let engine = keyfold::embedded::memory();
    let db = Shop::builder(engine.client()).build();
    let failed = db.notes.batch_put((0..30).map(note)).await;
    let failed = failed.map(|_| ()).expect_err("there is no table");
    assert_eq!(failed.left.len(), 30);
    assert!(
        !format!("{failed:?} {failed}").contains("note 001"),
        "no values"
    );
}

#[tokio::test]
async fn nothing_asked_is_nothing_sent() {
    let engine = keyfold::embedded::memory();
    let db = Shop::builder(engine.client()).build();
    let none: [Note; 0] = [];
    assert!(db.notes.batch_put(none).await.is_ok());
}
