//! Changes told by a stream: which entity they are of, and what of it they hold.

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::prelude::*;
use keyfold::{ChangeKind, Item, RawChange, StreamView, TableChange as _};

use crate::shop::{Note, Session, Shop, ShopChange};

/// Whose key is all there is.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "FOLLOWS#{who}", sk = "USER#{whom}")]
struct Follows {
    #[key_only]
    who: String,
    #[key_only]
    whom: String,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", stream = keys_only)]
struct Graph {
    follows: Repo<Follows>,
}

fn item(attributes: &[(&str, &str)]) -> Item {
    let value = |text: &str| AttributeValue::S(text.to_owned());
    attributes
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(text)))
        .collect()
}

fn keys() -> Item {
    item(&[("PK", "NOTES#work"), ("SK", "NOTE#monday")])
}

fn note(tag: Option<&str>, body: &str) -> Item {
    let mut image = keys();
    image.extend(item(&[("body", body)]));
    if let Some(tag) = tag {
        image.extend(item(&[("entity", tag)]));
    }
    image
}

fn change(kind: ChangeKind, view: StreamView, old: Option<Item>, new: Option<Item>) -> RawChange {
    let mut raw = RawChange::new(kind, keys(), view);
    (raw.old, raw.new) = (old, new);
    raw
}

fn body(item: Option<Note>) -> Option<String> {
    item.map(|note| format!("{}/{}: {}", note.folder, note.title, note.body))
}

#[test]
fn an_item_is_told_by_its_tag_and_without_one_by_its_key() {
    for tag in [Some("Note"), None] {
        let (old, new) = (note(tag, "first"), note(tag, "second"));
        let raw = change(
            ChangeKind::Modified,
            StreamView::NewAndOldImages,
            Some(old),
            Some(new),
        );
        let ShopChange::Note(change) = ShopChange::of(raw) else {
            panic!("not a note, by {tag:?}");
        };
        assert_eq!(change.kind, ChangeKind::Modified);
        assert_eq!(body(change.old).as_deref(), Some("work/monday: first"));
        assert_eq!(body(change.new).as_deref(), Some("work/monday: second"));
    }
}

#[test]
fn what_is_of_no_declared_entity_or_does_not_fit_is_unknown_and_says_why() {
    let view = StreamView::NewAndOldImages;
    let foreign = change(
        ChangeKind::Inserted,
        view,
        None,
        Some(note(Some("Stranger"), "x")),
    );
    let ShopChange::Unknown(raw) = ShopChange::of(foreign) else {
        panic!("known");
    };
    assert!(raw.unread.is_none() && raw.new.is_some());

    let mut broken = note(Some("Note"), "x");
    broken.remove("body");
    let broken = change(ChangeKind::Inserted, view, None, Some(broken));
    let ShopChange::Unknown(raw) = ShopChange::of(broken) else {
        panic!("known");
    };
    let reason = raw.unread.as_ref().unwrap().to_string();
    assert!(
        reason.contains("`Note`") && reason.contains("`body`"),
        "{reason}"
    );
    assert!(
        !format!("{raw:?}").contains("monday"),
        "keys are customers' data"
    );
}

#[test]
fn a_change_holds_what_the_view_carries_and_says_what_it_does_not() {
    let new = change(
        ChangeKind::Modified,
        StreamView::NewImage,
        None,
        Some(note(None, "x")),
    );
    let change_of = |raw: &RawChange| raw.decode::<Note>(Shop::model()).unwrap();
    assert!(change_of(&new).into_new().is_ok());
    let error = change_of(&new).into_old().unwrap_err().to_string();
    assert!(
        error.starts_with("KF3001") && error.contains("NEW_IMAGE"),
        "{error}"
    );
    let removed = change(ChangeKind::Removed, StreamView::KeysOnly, None, None);
    let error = change_of(&removed).into_latest().unwrap_err().to_string();
    assert!(
        error.contains("old image of a `Note`") && error.contains("KEYS_ONLY"),
        "{error}"
    );
    let inserted = change(
        ChangeKind::Inserted,
        StreamView::NewAndOldImages,
        None,
        Some(note(None, "x")),
    );
    let error = change_of(&inserted).into_old().unwrap_err().to_string();
    assert!(
        error.contains("an inserted `Note` has no old image"),
        "{error}"
    );
}

#[test]
fn an_entity_that_is_all_key_is_read_from_the_keys_alone() {
    let keys = item(&[("PK", "FOLLOWS#ada"), ("SK", "USER#eve")]);
    let follows = Follows {
        who: "ada".into(),
        whom: "eve".into(),
    };
    for (kind, old, new) in [
        (ChangeKind::Inserted, None, Some(follows.clone())),
        (ChangeKind::Removed, Some(follows.clone()), None),
    ] {
        let raw = RawChange::new(kind, keys.clone(), StreamView::KeysOnly);
        let GraphChange::Follows(change) = GraphChange::of(raw) else {
            panic!("unknown");
        };
        assert_eq!((change.old, change.new), (old, new));
    }
}

#[test]
fn an_item_that_expired_is_still_read() {
    // The repository hides it; its removal is told with it.
    let mut old = item(&[
        ("PK", "SESSION#t"),
        ("SK", "META"),
        ("entity", "Session"),
        ("token", "t"),
        ("user", "ada"),
    ]);
    old.insert(
        "expires".to_owned(),
        AttributeValue::N("1500000000".to_owned()),
    );
    let mut raw = RawChange::new(ChangeKind::Removed, old.clone(), StreamView::OldImage);
    raw.old = Some(old);
    raw.expired_by_ttl = true;
    let ShopChange::Session(change) = ShopChange::of(raw) else {
        panic!("unknown");
    };
    assert!(change.expired_by_ttl);
    let session: Session = change.into_old().unwrap();
    assert_eq!(
        session.until.map(Timestamp::as_millisecond),
        Some(1_500_000_000_000)
    );
}

#[tokio::test]
async fn a_transaction_writes_two_tables_or_none() {
    let client = keyfold::embedded::memory().client();
    let one = Shop::builder(client.clone()).table("one").build();
    let two = Shop::builder(client).table("two").build();
    one.create_table().await.unwrap();
    two.create_table().await.unwrap();
    let note = |body: &str| Note {
        folder: "f".into(),
        title: "t".into(),
        body: body.into(),
    };
    // The same key in both tables is two items.
    let both = one
        .transact()
        .create(note("one"))
        .add(two.notes.create(note("two")));
    both.commit().await.unwrap();
    let key = || crate::shop::NoteKey {
        folder: "f".into(),
        title: "t".into(),
    };
    assert_eq!(one.notes.get(key()).await.unwrap().body, "one");
    assert_eq!(two.notes.get(key()).await.unwrap().body, "two");
    let again = one
        .transact()
        .delete(one.notes.delete(key()))
        .add(two.notes.create(note("x")));
    assert!(again.commit().await.is_err());
    assert!(one.notes.exists(key()).await.unwrap());
    let twice = two
        .transact()
        .delete(one.notes.delete(key()))
        .add(one.notes.create(note("x")));
    let error = twice.commit().await.unwrap_err().to_string();
    assert!(error.contains("KF1012"), "{error}");
}
