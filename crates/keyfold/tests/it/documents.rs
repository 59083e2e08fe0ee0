//! Changes within fields: lists, sets, maps, nested documents; and conditions on them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keyfold::Stored;
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK")
)]
pub struct Desk {
    pub tickets: Repo<Ticket>,
    pub boards: Repo<Board>,
    pub counts: Repo<Counts>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "TICKET#{id}", sk = "META")]
#[index(Gsi1, pk = "PLACE#{place}", sk = "TICKET#{id}")]
#[mirror(Board { ticket: id, title, labels })]
pub struct Ticket {
    pub id: u32,
    pub title: String,
    pub labels: Vec<String>,
    #[attr(set)]
    pub watchers: BTreeSet<String>,
    #[attr(set)]
    pub scores: BTreeSet<u32>,
    #[attr(set)]
    pub seals: BTreeSet<Bytes>,
    pub comments: Vec<Comment>,
    pub fields: HashMap<String, Number>,
    pub hours: BTreeMap<u8, u32>,
    pub reporter: Person,
    pub assignee: Option<Person>,
    pub place: Place,
    #[readonly]
    pub origin: Person,
}

#[derive(Debug, Clone, PartialEq, Document, Serialize, Deserialize)]
pub struct Comment {
    pub text: String,
    pub votes: i64,
}

#[derive(Debug, Clone, PartialEq, Document, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Person {
    pub full_name: String,
    #[serde(rename = "zip")]
    pub postcode: Option<String>,
    pub phones: Vec<String>,
    pub manager: Option<Box<Person>>,
}

/// A part of a key, and a document too.
#[derive(Debug, Clone, PartialEq, KeyPart, Document, Serialize, Deserialize)]
#[part("{floor}-{room}")]
pub struct Place {
    pub floor: u8,
    pub room: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "BOARD", sk = "TICKET#{ticket}")]
pub struct Board {
    pub ticket: u32,
    pub title: String,
    pub labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "COUNTS#{day}", sk = "META")]
pub struct Counts {
    pub day: u32,
    pub lines: Vec<String>,
    #[attr(set)]
    pub seen: BTreeSet<u64>,
    pub by_name: BTreeMap<String, u32>,
}

async fn open() -> Desk {
    let db = Desk::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    db
}

fn person(name: &str) -> Person {
    Person {
        full_name: name.to_owned(),
        postcode: Some("1201".to_owned()),
        phones: vec!["1".to_owned()],
        manager: None,
    }
}

fn ticket() -> Ticket {
    let mut reporter = person("Ada");
    reporter.manager = Some(Box::new(person("Bo")));
    Ticket {
        id: 1,
        title: "Leak".to_owned(),
        labels: vec!["b".to_owned()],
        watchers: BTreeSet::from(["ada".to_owned()]),
        scores: BTreeSet::from([3, 10]),
        seals: BTreeSet::from([Bytes::from([1, 2])]),
        comments: vec![Comment {
            text: "first".to_owned(),
            votes: 0,
        }],
        fields: HashMap::from([("cost".to_owned(), Number::from(5_u8))]),
        hours: BTreeMap::from([(9, 1)]),
        reporter,
        assignee: None,
        place: Place {
            floor: 2,
            room: "a".to_owned(),
        },
        origin: person("Cy"),
    }
}

async fn with_ticket() -> Desk {
    let db = open().await;
    db.tickets.create(ticket()).await.expect("created");
    db
}

async fn read(db: &Desk) -> Ticket {
    db.tickets.get(&1).consistent().await.expect("read")
}

async fn raw(db: &Desk, attribute: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    let request = db.tickets.get(&1).request().expect("a request");
    let get = db.client().get_item().table_name(db.table_name());
    let answer = get.set_key(request.key).consistent_read(true).send().await;
    answer.expect("read").item.expect("there")[attribute].clone()
}

#[tokio::test]
async fn sets_are_stored_as_sets_and_read_back() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let db = with_ticket().await;
    assert_eq!(read(&db).await, ticket());
    assert_eq!(
        raw(&db, "watchers").await,
        AttributeValue::Ss(vec!["ada".into()])
    );
    assert!(matches!(raw(&db, "scores").await, AttributeValue::Ns(members) if members.len() == 2));
    assert!(matches!(raw(&db, "seals").await, AttributeValue::Bs(members) if members.len() == 1));
    let none = Ticket {
        watchers: BTreeSet::new(),
        ..ticket()
    };
    db.tickets.put(none.clone()).await.expect("put");
    assert_eq!(read(&db).await, none, "an empty set is no attribute");
}

#[tokio::test]
async fn members_go_into_sets_and_out_of_them() {
    let db = with_ticket().await;
    let patch = db
        .tickets
        .patch(&1)
        .insert_watchers("bo")
        .insert_watchers("ada")
        .insert_watchers("cy")
        .delete_scores(3_u32)
        .delete_scores(10_u32)
        .insert_seals([9]);
    patch.send().await.expect("patched");
    let now = read(&db).await;
    assert_eq!(now.watchers, ["ada", "bo", "cy"].map(str::to_owned).into());
    assert_eq!(
        now.scores,
        BTreeSet::new(),
        "an empty set is gone and read as empty"
    );
    assert_eq!(now.seals, [Bytes::from([1, 2]), Bytes::from([9])].into());
    let whole = db.tickets.patch(&1).watchers(BTreeSet::new());
    whole.send().await.expect("patched");
    assert_eq!(read(&db).await.watchers, BTreeSet::new());
    let again = db.tickets.patch(&1).insert_watchers("dee");
    again.send().await.expect("patched");
    assert_eq!(read(&db).await.watchers, ["dee".to_owned()].into());
}

#[tokio::test]
async fn lists_grow_at_both_ends_and_change_in_between() {
    let db = open().await;
    let begun = db
        .counts
        .upsert(&7)
        .push_lines("c")
        .push_lines("d")
        .insert_seen(5_u64);
    begun.send().await.expect("begun");
    let more = db.counts.upsert(&7).prepend_lines("b").prepend_lines("a");
    more.send().await.expect("changed");
    let lines = |counts: Counts| counts.lines.concat();
    assert_eq!(lines(db.counts.get(&7).await.expect("read")), "abcd");
    let set = db.counts.patch(&7).set_lines_at(1, "B").remove_lines_at(3);
    set.send().await.expect("patched");
    assert_eq!(lines(db.counts.get(&7).await.expect("read")), "aBc");
    let past = db.counts.patch(&7).set_lines_at(99, "z");
    past.send().await.expect("patched");
    assert_eq!(lines(db.counts.get(&7).await.expect("read")), "aBcz");
}

#[tokio::test]
async fn entries_of_maps_are_set_and_removed() {
    let db = with_ticket().await;
    let exact: Number = "0.1000000000000000000000000000000000001"
        .parse()
        .expect("a number");
    let patch = db
        .tickets
        .patch(&1)
        .insert_fields("rate", exact.clone())
        .remove_fields("cost")
        .insert_hours(17_u8, 4_u32);
    patch.send().await.expect("patched");
    let now = read(&db).await;
    assert_eq!(now.fields, HashMap::from([("rate".to_owned(), exact)]));
    assert_eq!(now.hours, BTreeMap::from([(9, 1), (17, 4)]));
    let nested = db.tickets.patch(&1).nested(|t| t.hours.entry(&9).add(2));
    nested.send().await.expect("patched");
    assert_eq!(read(&db).await.hours[&9], 3);
}

#[tokio::test]
async fn fields_of_documents_change_alone() {
    let db = with_ticket().await;
    let patch = db
        .tickets
        .patch(&1)
        .nested(|t| t.reporter.fields().full_name.set("Ada L."))
        .nested(|t| t.reporter.fields().postcode.remove())
        .nested(|t| t.reporter.fields().phones.push("2"))
        .nested(|t| t.reporter.fields().manager.fields().full_name.set("Bo B."))
        .nested(|t| t.comments.at(0).fields().votes.add(3));
    patch.send().await.expect("patched");
    let mut expected = ticket();
    expected.reporter.full_name = "Ada L.".to_owned();
    expected.reporter.postcode = None;
    expected.reporter.phones.push("2".to_owned());
    if let Some(manager) = &mut expected.reporter.manager {
        manager.full_name = "Bo B.".to_owned();
    }
    expected.comments[0].votes = 3;
    assert_eq!(read(&db).await, expected);
}

#[tokio::test]
async fn a_change_within_what_is_not_there_says_so() {
    let db = with_ticket().await;
    let patch = db
        .tickets
        .patch(&1)
        .nested(|t| t.assignee.fields().full_name.set("Dee"));
    let error = patch.send().await.expect_err("NULL has no fields");
    assert!(
        matches!(error, WriteError::NoPlace { entity: "Ticket" }),
        "{error}"
    );
    assert!(error.to_string().contains("KF1020"), "{error}");
    let in_transaction = db.transact().apply(
        db.tickets
            .patch(&1)
            .nested(|t| t.assignee.fields().full_name.set("Dee")),
    );
    let error = in_transaction
        .create(Counts {
            day: 1,
            lines: Vec::new(),
            seen: BTreeSet::new(),
            by_name: BTreeMap::new(),
        })
        .commit()
        .await
        .expect_err("refused");
    assert!(
        matches!(error, TransactError::Write(WriteError::NoPlace { .. })),
        "{error}"
    );
    assert!(
        db.counts.find(&1).await.expect("read").is_none(),
        "all or none"
    );
}

#[tokio::test]
async fn what_cannot_be_changed_within_is_refused_before_anything_is_sent() {
    let db = with_ticket().await;
    let refused = |update: TicketPatch| update.request().expect_err("refused").to_string();
    let readonly = refused(
        db.tickets
            .patch(&1)
            .nested(|t| t.origin.fields().full_name.set("X")),
    );
    assert!(
        readonly.contains("`origin`") && readonly.contains("KF1012"),
        "{readonly}"
    );
    let part = refused(
        db.tickets
            .patch(&1)
            .nested(|t| t.place.fields().floor.set(3)),
    );
    assert!(
        part.contains("`place`") && part.contains("edit(&loaded)"),
        "{part}"
    );
    let twice = refused(
        db.tickets
            .patch(&1)
            .comments(Vec::new())
            .nested(|t| t.comments.at(0).fields().votes.add(1)),
    );
    assert!(twice.contains("two changes of `comments`"), "{twice}");
    let both = refused(
        db.tickets
            .patch(&1)
            .insert_scores(1_u32)
            .delete_scores(2_u32),
    );
    assert!(both.contains("two changes of `scores`"), "{both}");
    let begun = db.counts.upsert(&7).insert_by_name("a", 1_u32);
    let begun = begun.request().expect_err("refused").to_string();
    assert!(begun.contains("upsert may begin"), "{begun}");
}

#[tokio::test]
async fn an_edit_within_a_part_of_an_index_key_moves_the_item_there() {
    let db = with_ticket().await;
    let loaded = read(&db).await;
    let edit = db
        .tickets
        .edit(&loaded)
        .nested(|t| t.place.fields().floor.set(3));
    edit.send().await.expect("edited");
    let key = raw(&db, "GSI1PK").await;
    assert_eq!(key.as_s().map(String::as_str), Ok("PLACE#003-a"));
    let stale = db
        .tickets
        .edit(&loaded)
        .nested(|t| t.place.fields().room.set("b"));
    let stale = stale.send().await.expect_err("the floor is another now");
    assert!(stale.is_condition_failed(), "{stale}");
}

#[tokio::test]
async fn a_mirrored_list_grows_with_its_original() {
    let db = with_ticket().await;
    let loaded = read(&db).await;
    let edit = db.tickets.edit(&loaded).push_labels("c").title("Leak!");
    edit.send().await.expect("edited");
    let board = db.boards.get(&1).await.expect("mirrored");
    assert_eq!(
        (board.title.as_str(), board.labels.concat()),
        ("Leak!", "bc".to_owned())
    );
    assert_eq!(read(&db).await.labels.concat(), "bc");
    let stale = db.tickets.edit(&loaded).push_labels("d");
    let stale = stale
        .send()
        .await
        .expect_err("would have lost a label of the mirror");
    assert!(stale.is_condition_failed(), "{stale}");
}

#[tokio::test]
async fn conditions_reach_sizes_types_members_and_fields_of_documents() {
    let db = with_ticket().await;
    let holds = async |condition: keyfold::Condition| {
        let patch = db
            .tickets
            .patch(&1)
            .nested(|t| t.comments.at(0).fields().votes.add(0));
        match patch.when(|_| condition).send().await {
            Ok(_) => true,
            Err(error) if error.is_condition_failed() => false,
            Err(error) => panic!("{error}"),
        }
    };
    let t = Ticket::fields();
    for (condition, expected) in [
        (t.watchers.size().eq(1), true),
        (t.watchers.size().gt(1), false),
        (t.title.size().le(4), true),
        (t.title.size().ne(4), false),
        (t.watchers.holds("ada"), true),
        (t.watchers.holds("bo"), false),
        (t.scores.holds(10_u32), true),
        (t.labels.holds("b"), true),
        (t.seals.holds([1, 2]), true),
        (t.assignee.is_type(Stored::Null), true),
        (t.reporter.is_type(Stored::Map), true),
        (t.scores.is_type(Stored::NumberSet), true),
        (t.title.is_in(["Flood", "Leak"]), true),
        (t.title.is_in(["Flood"]), false),
        (t.title.within("Fire", "Moon"), true),
        (t.scores.eq([3, 10]), true),
        (t.reporter.fields().full_name.eq("Ada"), true),
        (t.reporter.fields().full_name.begins_with("B"), false),
        (t.reporter.fields().phones.at(0).eq("1"), true),
        (t.reporter.fields().phones.holds("2"), false),
        (t.reporter.fields().manager.fields().postcode.exists(), true),
        (t.assignee.fields().postcode.absent(), true),
        (t.comments.at(0).fields().votes.lt(1), true),
        (t.comments.at(1).exists(), false),
        (t.fields.entry(&"cost".to_owned()).ge(5_u8), true),
        (
            t.hours
                .entry(&9)
                .eq(1_u32)
                .and(!t.hours.entry(&10).exists()),
            true,
        ),
    ] {
        let text = format!("{condition:?}");
        assert_eq!(holds(condition).await, expected, "{text}");
    }
    let none = db
        .tickets
        .patch(&1)
        .remove_assignee()
        .when(|t| t.title.is_in::<&str>([]));
    let none = none
        .request()
        .expect_err("nothing to be one of")
        .to_string();
    assert!(none.contains("`is_in` of 0 values"), "{none}");
}

#[tokio::test]
async fn a_write_gives_the_item_before_or_after() {
    let db = open().await;
    let before = db.counts.upsert(&7).push_lines("a").returning_old();
    assert_eq!(before.await.expect("begun"), None);
    let after = db.counts.upsert(&7).push_lines("b").returning();
    assert_eq!(after.await.expect("changed").lines.concat(), "ab");
    let before = db.counts.patch(&7).lines(Vec::new()).returning_old();
    let before = before.await.expect("patched").expect("was there");
    assert_eq!(before.lines.concat(), "ab");
    let replaced = db.counts.put(before.clone()).returning_old();
    let replaced = replaced.await.expect("put").expect("was there");
    assert!(replaced.lines.is_empty());
    let deleted = db.counts.delete(&7).returning_old().await.expect("deleted");
    assert_eq!(deleted, Some(before));
    let gone = db
        .counts
        .delete(&7)
        .returning_old()
        .await
        .expect("nothing to do");
    assert_eq!(gone, None);
    let missing = db.counts.patch(&7).push_lines("c").returning();
    assert!(missing.await.expect_err("never creates").is_not_found());
}

#[tokio::test]
async fn a_write_that_keeps_others_in_step_returns_nothing_and_says_so() {
    let db = with_ticket().await;
    let loaded = read(&db).await;
    let error = db.tickets.edit(&loaded).title("x").returning().await;
    let error = error.expect_err("a transaction");
    assert!(
        error.to_string().contains("a transaction returns nothing"),
        "{error}"
    );
    assert_eq!(read(&db).await.title, "Leak", "nothing was written");
    let alone = db.tickets.patch(&1).insert_watchers("bo").returning();
    assert_eq!(alone.await.expect("one item").watchers.len(), 2);
}
