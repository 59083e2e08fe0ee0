//! Soft deletion: out of sight, and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keyfold::Clock;
use keyfold::prelude::*;

#[expect(dead_code, reason = "some entities are only written by others")]
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, pk = "GSI1PK", sk = "GSI1SK")
)]
struct Shop {
    members: Repo<Member>,
    names: Repo<Name>,
    cards: Repo<Card>,
    notes: Repo<Note>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CLUB", sk = "MEMBER#{id}")]
#[index(Gsi1, pk = "CITY#{city}", sk = "MEMBER#{id}")]
#[unique(name, item = Name { name, member: id })]
#[mirror(Card { member: id, city })]
struct Member {
    id: u32,
    name: String,
    city: String,
    #[version]
    version: u64,
    #[soft_delete]
    deleted: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "NAME#{name}", sk = "CLAIM")]
struct Name {
    name: String,
    member: u32,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CARDS", sk = "CARD#{member}")]
struct Card {
    member: u32,
    city: String,
}

/// Nothing is kept in step with it; anyone may scan.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "NOTES", sk = "NOTE#{id}")]
#[entity(allow(scan, reason = "notes are exported once a month"))]
struct Note {
    id: u32,
    text: String,
    #[soft_delete]
    deleted: Option<Timestamp>,
}

#[derive(Debug, ItemCollection)]
#[collection(Member)]
struct Club {
    #[many]
    members: Vec<Member>,
}

#[access_patterns]
impl Shop {
    /// All members.
    #[query(Member, page = 2)]
    fn members(&self) -> Pages<Member>;

    /// Members of a city.
    #[query(Member, index = Gsi1)]
    fn members_in(&self, city: &str) -> Pages<Member>;

    /// All at once.
    #[query(Club)]
    fn club(&self) -> Collect<Club>;

    /// All cards.
    #[query(Card)]
    fn cards(&self) -> Pages<Card>;
}

#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).expect("a moment")
    }
}

async fn shop() -> (Shop, Hands) {
    let hands = Hands(Arc::new(AtomicI64::new(1_772_357_400_000)));
    let db = Shop::builder(keyfold::embedded::memory().client())
        .clock(hands.clone())
        .build();
    db.create_table().await.expect("created");
    for id in 1..=4 {
        db.members.create(member(id)).await.expect("created");
    }
    (db, hands)
}

fn member(id: u32) -> Member {
    Member {
        id,
        name: format!("m{id}"),
        city: "Geneva".into(),
        version: 1,
        deleted: None,
    }
}

fn ids(members: &[Member]) -> Vec<u32> {
    members.iter().map(|member| member.id).collect()
}

#[tokio::test]
async fn what_is_deleted_is_out_of_sight_of_every_read() {
    let (db, hands) = shop().await;
    db.members.delete(&2).await.expect("deleted");
    assert!(db.members.find(&2).await.expect("read").is_none());
    assert!(!db.members.exists(&2).await.expect("asked"));
    assert!(db.members.get(&2).await.expect_err("gone").is_not_found());
    assert!(
        db.members
            .batch_get([MemberKey { id: 2 }])
            .await
            .expect("read")
            .found
            .is_empty()
    );
    assert_eq!(
        ids(&db.members_in("Geneva").all(9).await.expect("read")),
        [1, 3, 4]
    );
    assert_eq!(
        ids(&db.club().get().await.expect("read").members),
        [1, 3, 4]
    );
    let page = db.members().page().await.expect("a page");
    assert_eq!(
        (ids(&page.items), page.read),
        (vec![1, 3], 4),
        "a page is full, and says what it read"
    );
    assert_eq!(db.members().count().await.expect("counted").items, 3);
    assert_eq!(ids(&db.members().all(9).await.expect("read")), [1, 3, 4]);
    assert_eq!(db.cards().count().await.expect("counted").items, 3);

    // Unless it is asked for.
    let deleted = db.members.get(&2).with_deleted().await.expect("there");
    assert_eq!((deleted.deleted, deleted.version), (Some(hands.now()), 2));
    assert_eq!(
        ids(&db.members().with_deleted().all(9).await.expect("read")),
        [1, 2, 3, 4]
    );
    // It left the index.
    assert_eq!(
        db.members_in("Geneva")
            .with_deleted()
            .count()
            .await
            .expect("counted")
            .items,
        3
    );
}

#[tokio::test]
async fn what_is_deleted_is_not_written_to() {
    let (db, _) = shop().await;
    let loaded = db.members.get(&2).await.expect("there");
    db.members.delete(&2).await.expect("deleted");
    assert!(
        db.members
            .delete(&2)
            .await
            .expect_err("deleted already")
            .is_not_found()
    );
    assert!(
        db.members
            .patch(&2)
            .send()
            .await
            .expect_err("deleted")
            .is_not_found()
    );
    assert!(
        db.members
            .edit(&loaded)
            .city("Basel")
            .send()
            .await
            .expect_err("deleted")
            .is_not_found()
    );
    assert!(
        db.members
            .create(member(2))
            .await
            .expect_err("its key is kept")
            .is_already_there()
    );
    let refused = db.transact().require(db.members.exists(&2)).create(Note {
        id: 9,
        text: String::new(),
        deleted: None,
    });
    assert!(refused.commit().await.is_err());
}

#[tokio::test]
async fn restoring_brings_back_indexes_and_what_is_kept_in_step() {
    let (db, _) = shop().await;
    db.members.delete(&2).await.expect("deleted");
    assert!(
        db.names.find("m2").await.expect("read").is_none(),
        "its unique value is free"
    );
    db.members.restore(&2).await.expect("restored");
    assert_eq!(
        ids(&db.members_in("Geneva").all(9).await.expect("read")),
        [1, 2, 3, 4]
    );
    let back = db.members.get(&2).await.expect("there");
    assert_eq!(
        back,
        Member {
            version: 3,
            ..member(2)
        }
    );
    assert_eq!(db.names.get("m2").await.expect("claimed").member, 2);
    assert_eq!(db.cards().count().await.expect("counted").items, 4);
    assert!(
        db.members
            .restore(&2)
            .await
            .expect_err("not deleted")
            .is_not_found()
    );
    assert!(
        db.members
            .restore(&77)
            .await
            .expect_err("never there")
            .is_not_found()
    );
}

#[tokio::test]
async fn restoring_checks_unique_values_again() {
    let (db, _) = shop().await;
    db.members.delete(&2).await.expect("deleted");
    db.members
        .create(Member {
            name: "m2".into(),
            ..member(8)
        })
        .await
        .expect("the name was free");
    let taken = db.members.restore(&2).await.expect_err("another has it");
    assert!(
        matches!(taken, WriteError::Taken { unique: "Name", .. }),
        "{taken}"
    );
    assert!(db.members.find(&2).await.expect("read").is_none());
    // And purging the deleted one does not touch the other's.
    db.members.purge(&2).await.expect("purged");
    assert_eq!(db.names.get("m2").await.expect("there").member, 8);
    assert!(
        db.members
            .find(&2)
            .with_deleted()
            .await
            .expect("read")
            .is_none()
    );
    db.members
        .create(Member {
            name: "new".into(),
            ..member(2)
        })
        .await
        .expect("its key is free");
}

#[tokio::test]
async fn putting_over_a_deleted_item_is_creating_it() {
    let (db, _) = shop().await;
    db.members.delete(&2).await.expect("deleted");
    db.members
        .create(Member {
            name: "m2".into(),
            ..member(8)
        })
        .await
        .expect("the name was free");
    let taken = db
        .members
        .put(member(2))
        .await
        .expect_err("another has the name");
    assert!(taken.is_already_there(), "{taken}");
    db.members
        .put(Member {
            name: "other".into(),
            ..member(2)
        })
        .await
        .expect("put");
    assert_eq!(db.names.get("m2").await.expect("there").member, 8);
    assert_eq!(db.members.get(&2).await.expect("there").name, "other");
}

#[tokio::test]
async fn without_anything_in_step_it_is_one_request() {
    let (db, hands) = shop().await;
    db.notes
        .create(Note {
            id: 1,
            text: "a".into(),
            deleted: None,
        })
        .await
        .expect("created");
    assert!(matches!(
        db.notes.delete(&1).request().expect("a request"),
        keyfold::Request::Update(_)
    ));
    db.notes
        .delete(&1)
        .when(|f| f.text.eq("a"))
        .send()
        .await
        .expect("deleted");
    hands.0.fetch_add(60_000, Ordering::Relaxed);
    assert!(db.notes.find(&1).await.expect("read").is_none());
    assert!(
        db.notes.batch_delete([NoteKey { id: 1 }]).await.is_err(),
        "that would be for good"
    );
    db.notes.restore(&1).await.expect("restored");
    assert_eq!(db.notes.get(&1).await.expect("there").deleted, None);
    db.notes.purge(&1).await.expect("purged");
    assert!(
        db.notes
            .find(&1)
            .with_deleted()
            .await
            .expect("read")
            .is_none()
    );
}

#[tokio::test]
async fn a_scan_gives_what_allows_it_in_segments() {
    let (db, _) = shop().await;
    let notes = (0..50).map(|id| Note {
        id,
        text: "n".into(),
        deleted: None,
    });
    let written = db.notes.batch_put(notes).await.expect("written");
    assert!(written.left.is_empty());
    db.notes.delete(&7).await.expect("deleted");
    let mut seen = Vec::new();
    let mut told = 0;
    let done = db
        .notes
        .scan()
        .segments(3)
        .items_per_second(60)
        .watch(|progress| {
            told = progress.read;
            std::ops::ControlFlow::Continue(())
        })
        .run(async |notes: Vec<Note>| {
            seen.extend(notes.iter().map(|note| note.id));
            Ok::<_, QueryError>(())
        })
        .await
        .expect("scanned");
    seen.sort_unstable();
    assert!(seen.iter().copied().eq((0..50).filter(|id| *id != 7)));
    assert_eq!((done.found, done.read), (50, told));
    assert!(
        done.read > 50 && done.cost.read_units > 0.0,
        "it reads, and pays for, the others too"
    );
    let model = <Shop as Table>::model();
    let note = model.entity("Note").expect("there");
    assert_eq!(note.allows[0].reason, "notes are exported once a month");
}
