//! What users of other libraries ask for and complain about, in the trackers of `ElectroDB`,
//! `DynamoDB-Toolbox`, `OneTable`, `PynamoDB`, the enhanced clients and others: each is a test.
//! `docs/comparison.md` tells which is which, and what is not answered yet.

use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::embedded::{Fault, Faults, Requests};
use keyfold::prelude::*;
use keyfold::{ChangeKind, Clock as _, Item, RawChange, StreamView, TableChange as _};

use crate::shop::*;

/// What the compiler says, kept beside the case that makes it say so.
fn compiler_says(case: &str, message: &str) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keyfold-macros/tests/ui");
    let said = std::fs::read_to_string(cases.join(case).with_extension("stderr"));
    let said = said.expect("a case that does not compile");
    assert!(
        said.contains(message),
        "{case} does not say: {message}\n{said}"
    );
}

async fn in_city(db: &Shop, city: &str) -> Vec<u128> {
    let page = db.customers_in(city).page_size(50).page().await;
    let items = page.expect("listed").items;
    items.iter().map(|customer| customer.id.bits()).collect()
}

// 1. Index keys go stale when a part changes.
#[tokio::test]
async fn index_keys_follow_when_a_part_of_them_changes() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let loaded = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read");
    let edit = db.customers.edit(&loaded).city("Rome".to_owned());
    edit.send().await.expect("edited");
    assert_eq!(in_city(&db, "Geneva").await, []);
    assert_eq!(in_city(&db, "Rome").await, [1]);
}

// 2. The types should demand the parts a key needs.
#[test]
fn a_part_of_a_key_cannot_be_set_without_the_others() {
    compiler_says("part_set_alone", "cannot be set alone");
    compiler_says("pattern_does_not_fit_its_key", "does not ask for");
}

// 3. Keys lower-cased by default.
#[tokio::test]
async fn text_keeps_its_case_in_keys() {
    let Open { db, .. } = open().await;
    for title in ["AbC", "aBc"] {
        let (folder, body) = ("Work".to_owned(), title.to_owned());
        let title = title.to_owned();
        db.notes
            .create(Note {
                folder,
                title,
                body,
            })
            .await
            .expect("two items");
    }
    let read = db.notes.get(("Work", "aBc")).await.expect("read");
    assert_eq!((read.title.as_str(), read.body.as_str()), ("aBc", "aBc"));
}

/// A table of its own for what the shop does not have.
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none, patterns,
        index(Back, pk = "BackPK", sk = "BackSK"), index(ByKind, pk = "KindPK", sk = "KindSK"))]
pub struct Odd {
    pub links: Repo<Link>,
    pub members: Repo<Member>,
    pub badges: Repo<Badge>,
    pub profiles: Repo<Profile>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "FROM#{from}", sk = "TO#{to}#{kind}")]
#[index(Back, pk = "TO#{to}", sk = "FROM#{from}#{kind}")]
#[index(ByKind, pk = "KIND#{kind}", sk = "TO#{to}#{from}")]
pub struct Link {
    pub from: String,
    pub to: String,
    pub kind: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "MEMBER#{id}", sk = "META")]
#[index(ByKind, pk = "BADGES", sk = "BADGE#{badge}")]
#[unique(badge, item = Badge { badge, member: id })]
pub struct Member {
    pub id: u32,
    pub badge: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "BADGE#{badge}", sk = "META")]
pub struct Badge {
    pub badge: u32,
    pub member: u32,
}

/// Somebody else's items: no tag, names of their own, glue of their own.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[key(pk = "User:{user_name}", sk = "profile")]
pub struct Profile {
    #[key_only]
    pub user_name: String,
    pub display_name: String,
}

#[access_patterns]
impl Odd {
    /// Who points here.
    #[query(Link, index = Back)]
    pub fn links_to(&self, to: &str) -> Pages<Link>;

    /// Links of a kind, by where they point.
    #[query(Link, index = ByKind)]
    pub fn links_of(&self, kind: &str) -> Pages<Link>;

    /// Members with a badge: the index holds no others.
    #[query(Member, index = ByKind)]
    pub fn with_badge(&self) -> Pages<Member>;
}

async fn odd() -> Odd {
    let db = Odd::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    db
}

// 4. One attribute in several keys, or in another order.
#[tokio::test]
async fn one_field_stands_in_several_keys_in_any_order() {
    let db = odd().await;
    let link = |from: &str, to: &str| Link {
        from: from.to_owned(),
        to: to.to_owned(),
        kind: "follows".to_owned(),
    };
    for link in [link("a", "z"), link("b", "z"), link("a", "y")] {
        db.links.create(link).await.expect("created");
    }
    let back = db.links_to("z").page().await.expect("listed").items;
    assert_eq!(back, [link("a", "z"), link("b", "z")]);
    let of_kind = db.links_of("follows").page().await.expect("listed").items;
    assert_eq!(of_kind, [link("a", "y"), link("a", "z"), link("b", "z")]);
}

// 5. Delimiters in values.
#[tokio::test]
async fn delimiters_in_values_do_not_make_two_keys_one() {
    let Open { db, .. } = open().await;
    let pairs = [
        ("x#NOTE#y", "z"),
        ("x", "y#NOTE#z"),
        ("x%23", "y"),
        ("x#", "y"),
    ];
    for (folder, title) in pairs {
        let note = Note {
            folder: folder.to_owned(),
            title: title.to_owned(),
            body: format!("{folder}|{title}"),
        };
        db.notes.create(note).await.expect("an item of its own");
    }
    for (folder, title) in pairs {
        let read = db.notes.get((folder, title)).await.expect("read");
        assert_eq!(
            (&*read.folder, &*read.title, read.body),
            (folder, title, format!("{folder}|{title}"))
        );
    }
}

// 6. Optional parts and sparse indexes behave differently per verb.
#[tokio::test]
async fn a_sparse_index_is_left_and_joined_alike_by_every_verb() {
    let Open { db, .. } = open().await;
    let listed = async || {
        db.orders_of("main")
            .page()
            .await
            .expect("listed")
            .items
            .len()
    };
    let with = order(1, 5);
    let without = Order {
        number: None,
        ..with.clone()
    };
    for (first, second) in [(&with, &without), (&without, &with)] {
        let expected = usize::from(second.number.is_some());
        db.orders.put(first.clone()).await.expect("put");
        db.orders.put(second.clone()).await.expect("put");
        assert_eq!(listed().await, expected, "put");
        db.orders.put(first.clone()).await.expect("put");
        let patch = db.orders.patch(first).number(second.number);
        patch.send().await.expect("patched");
        assert_eq!(listed().await, expected, "patch");
        db.orders.put(first.clone()).await.expect("put");
        let edit = db.orders.edit(first).number(second.number);
        edit.send().await.expect("edited");
        assert_eq!(listed().await, expected, "edit");
        db.orders.delete(first).await.expect("deleted");
        db.orders.create(second.clone()).await.expect("created");
        assert_eq!(listed().await, expected, "create");
    }
}

// 8. Uniqueness built in, also of values that may be absent.
#[tokio::test]
async fn uniqueness_is_kept_also_for_values_that_may_be_absent() {
    let db = odd().await;
    for (id, badge) in [(1, Some(7)), (2, None), (3, None)] {
        db.members
            .create(Member { id, badge })
            .await
            .expect("created");
    }
    let taken = db
        .members
        .create(Member {
            id: 4,
            badge: Some(7),
        })
        .await;
    assert!(matches!(
        taken.expect_err("taken"),
        WriteError::Taken { .. }
    ));
    let two = Member { id: 2, badge: None };
    let taken = db.members.edit(&two).badge(7).send().await;
    assert!(matches!(
        taken.expect_err("taken"),
        WriteError::Taken { .. }
    ));
    let one = Member {
        id: 1,
        badge: Some(7),
    };
    db.members
        .edit(&one)
        .badge(None)
        .send()
        .await
        .expect("given up");
    db.members
        .edit(&two)
        .badge(7)
        .send()
        .await
        .expect("free now");
    assert_eq!(db.badges.get(&7).await.expect("claimed").member, 2);
}

// 10. One query, several types.
#[tokio::test]
async fn one_query_gives_several_types_in_one_struct() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    for minute in [5, 6] {
        db.orders.create(order(1, minute)).await.expect("created");
    }
    let file: File = db.file(&customer(1).id).get().await.expect("read");
    assert_eq!((file.customer.id, file.orders.len()), (customer(1).id, 2));
}

// 11. `limit` means items read, users mean items returned.
#[tokio::test]
async fn a_page_of_three_gives_three_whatever_is_filtered() {
    let Open { db, .. } = open().await;
    for number in 1..=20 {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    let page = db
        .customers_in("Geneva")
        .filter(|c| {
            c.name
                .is_in(["Customer 2", "Customer 11", "Customer 12", "Customer 19"])
        })
        .page()
        .await
        .expect("listed");
    let names: Vec<_> = page.items.iter().map(|customer| &*customer.name).collect();
    assert_eq!(names, ["Customer 19", "Customer 12", "Customer 11"]);
    assert!(page.read > 3 && page.next.is_some(), "it says what it read");
}

#[derive(Debug, PartialEq, View, Deserialize)]
#[view(Customer)]
struct NameAlone {
    name: String,
}

// 12. Cursors that break on an index or a hidden field.
#[tokio::test]
async fn a_cursor_goes_on_over_an_index_and_a_view_without_key_fields() {
    let Open { db, .. } = open().await;
    for number in 1..=7 {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    let (mut cursor, mut names) = (None, Vec::new());
    loop {
        let pages = db.customers_in("Geneva").view::<NameAlone>().after(cursor);
        let page = pages.page().await.expect("listed");
        names.extend(page.items.into_iter().map(|item| item.name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (1..=7)
        .rev()
        .map(|number| format!("Customer {number}"))
        .collect();
    assert_eq!(names, expected);
}

// 13. A query that quietly becomes a Scan.
#[tokio::test]
async fn no_pattern_becomes_a_scan() {
    let Open { db, .. } = open().await;
    let id = customer(1).id;
    let requests = [
        db.customers_in("x").request(),
        db.cards().request(),
        db.cards_since(moment(0)).request(),
        db.orders_due(State::Open, moment(0)).request(),
        db.notes_named("x", "y").request(),
        db.file(&id).request(),
    ];
    for request in requests {
        let request = request.expect("a request");
        assert!(
            request.key_condition_expression().is_some(),
            "every one is a Query"
        );
    }
    compiler_says("query_is_no_pattern", "a string is no access pattern");
    compiler_says("pattern_does_not_fit_its_key", "which the partition key");
}

// 14. A wanted scan of a sparse index.
#[tokio::test]
async fn everything_in_a_sparse_index_is_listed_by_a_query() {
    let db = odd().await;
    for (id, badge) in [(1, Some(9)), (2, None), (3, Some(4))] {
        db.members
            .create(Member { id, badge })
            .await
            .expect("created");
    }
    let listed = db.with_badge().page().await.expect("listed");
    let ids: Vec<_> = listed.items.iter().map(|member| member.id).collect();
    assert_eq!((ids, listed.read), (vec![3, 1], 2));
}

// 15. Unprocessed items lost.
#[tokio::test]
async fn what_a_batch_leaves_is_sent_again_and_the_rest_given_back() {
    use crate::batches::{note, with};
    for (fault, often, left) in [(Fault::Unprocessed, 0.5, 0), (Fault::Throttled, 1.0, 30)] {
        let busy = Requests::all().key_prefix("NOTES#inbox");
        let (db, _engine) = with(Faults::seeded(1).often_for(fault, often, busy)).await;
        let written = db.notes.batch_put((0..30).map(note)).await.expect("tried");
        assert_eq!(written.left.len(), left, "{fault:?}");
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    NoSuchCustomer,
}

// 16. Which operation cancelled the transaction, and what was there.
#[tokio::test]
async fn a_refused_transaction_says_which_operation_and_what_was_there() {
    let Open { db, .. } = open().await;
    let there = customer(1);
    db.customers.create(there.clone()).await.expect("created");
    let refused = db
        .transact()
        .require(db.customers.exists(&customer(9).id))
        .or(Refused::NoSuchCustomer)
        .create(order(9, 1))
        .commit()
        .await;
    assert_eq!(
        refused.expect_err("refused").refusal(),
        Some(&Refused::NoSuchCustomer)
    );
    let unnamed = db
        .transact()
        .create(order(1, 1))
        .apply(db.customers.patch(&there.id).add_visits(1).when(never))
        .commit()
        .await
        .expect_err("refused");
    let TransactError::Condition {
        operation,
        verb,
        entity,
        existing,
    } = unnamed
    else {
        panic!("{unnamed}");
    };
    assert_eq!((operation, verb, entity), (1, "patch", "Customer"));
    let existing = existing
        .read::<Customer>()
        .expect("there")
        .expect("readable");
    assert_eq!(existing, there);
}

// 17. An update that creates half an item.
#[tokio::test]
async fn an_update_never_creates_half_an_item() {
    let Open { db, client, .. } = open().await;
    let patch = db
        .customers
        .patch(&customer(1).id)
        .add_visits(1)
        .send()
        .await;
    assert!(patch.expect_err("not there").is_not_found());
    let edit = db
        .orders
        .edit(&order(1, 1))
        .coupon("X".to_owned())
        .send()
        .await;
    assert!(edit.expect_err("not there").is_not_found());
    assert_eq!(count(&client).await, 0);
    compiler_says("methods_that_are_not_there", "cannot be upserted");
}

// 18. Partial-update types fight required fields.
#[tokio::test]
async fn an_update_names_what_it_changes_and_nothing_else() {
    let Open { db, .. } = open().await;
    let placed = order(1, 5);
    db.orders.create(placed.clone()).await.expect("created");
    let changed = db.orders.patch(&placed).coupon("X".to_owned()).returning();
    let expected = Order {
        coupon: Some("X".to_owned()),
        changed: moment(0),
        ..placed
    };
    assert_eq!(changed.await.expect("patched"), expected);
}

// 20. One definition for code and infrastructure.
#[tokio::test]
async fn the_table_is_made_from_the_declaration_and_checked_against_it() {
    let Open { db, .. } = open().await;
    assert!(db.verify().await.expect("described").is_empty());
    let model = serde_json::to_string(Shop::model()).expect("written");
    let read: keyfold::model::TableModel<'_> = serde_json::from_str(&model).expect("read");
    assert_eq!(
        &read,
        Shop::model(),
        "what exports read is what the code has"
    );
}

// 21. Typed stream records, switch by entity.
#[test]
fn a_record_of_a_stream_is_a_typed_change() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let keys = Item::from([
        ("PK".to_owned(), text("NOTES#a#b")),
        ("SK".to_owned(), text("NOTE#c")),
    ]);
    let mut raw = RawChange::new(ChangeKind::Inserted, keys.clone(), StreamView::NewImage);
    let mut image = keys;
    image.insert("PK".to_owned(), text("NOTES#a"));
    image.insert("body".to_owned(), text("x"));
    raw.new = Some(image);
    match ShopChange::of(raw) {
        ShopChange::Note(change) => {
            let note = change.into_new().expect("carried");
            assert_eq!((&*note.folder, &*note.title, &*note.body), ("a", "c", "x"));
        }
        _ => panic!("not a note"),
    }
}

// 22. Adopting an existing table.
#[tokio::test]
async fn items_that_others_wrote_are_read_and_their_form_is_kept() {
    let db = odd().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let theirs = Item::from([
        ("PK".to_owned(), text("User:Ada")),
        ("SK".to_owned(), text("profile")),
        ("DisplayName".to_owned(), text("Ada L.")),
    ]);
    let put = db.client().put_item().table_name(db.table_name());
    put.set_item(Some(theirs.clone()))
        .send()
        .await
        .expect("put");
    let read = db.profiles.get("Ada").await.expect("read");
    assert_eq!((&*read.user_name, &*read.display_name), ("Ada", "Ada L."));
    let keyfold::Request::Put(ours) = db.profiles.put(read).request().expect("a request") else {
        panic!("a put");
    };
    assert_eq!(ours.item, Some(theirs), "not one attribute more");
}

// 23. Tests without Docker or a mock that lies.
#[tokio::test]
async fn a_test_has_a_database_of_its_own_in_process() {
    let (first, second) = (open().await, open().await);
    first
        .db
        .customers
        .create(customer(1))
        .await
        .expect("created");
    assert_eq!(
        (count(&first.client).await, count(&second.client).await),
        (3, 0)
    );
    first.hands.forward_ms(5);
    assert_eq!(first.hands.now(), moment(5), "and a clock of its own");
}

// 24. A high-level Rust layer: struct to item, and expressions.
#[tokio::test]
async fn expressions_are_written_from_fields_and_reserved_words_do_no_harm() {
    let Open { db, .. } = open().await;
    let patch = db.orders.patch(&order(1, 5)).push_lines("x").when(|o| {
        o.state
            .eq(State::Open)
            .and(o.weight.gt(3_u16))
            .or(!o.coupon.exists())
    });
    let keyfold::Request::Update(update) = patch.request().expect("a request") else {
        panic!("an update");
    };
    let condition = update.condition_expression().expect("a condition");
    assert!(
        !condition.contains("state"),
        "names are placeholders: {condition}"
    );
    let names = update.expression_attribute_names().expect("names");
    assert!(names.values().any(|name| name == "state"));
}

// 25. Types nobody can read or wait for.
#[test]
fn types_are_short_enough_to_be_read_in_a_message() {
    let patch = std::any::type_name::<CustomerPatch>();
    assert!(patch.len() < 120, "{patch}");
    let pages = std::any::type_name::<Pages<Customer>>();
    assert!(pages.len() < 120, "{pages}");
}
