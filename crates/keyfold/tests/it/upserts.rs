//! What an upsert begins can be read back, and is what a create would have written.

use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK")
)]
pub struct Meters {
    pub usages: Repo<Usage>,
    pub logins: Repo<Login>,
}

/// Its key is stored beside it, under names of its own; one part is a bucket of a moment.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "USAGE#{account_id}#{at:month}", sk = "METER#{meter}[#{zone}]")]
#[index(Gsi1, pk = "METER#{meter}", sk = "USAGE#{at}#{account_id}")]
pub struct Usage {
    pub account_id: Id<Usage>,
    pub at: Timestamp,
    pub meter: String,
    pub zone: Option<String>,
    #[counter]
    pub calls: u64,
    #[created]
    pub since: Timestamp,
}

/// The key has the address in lower case, the item as it was typed.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "LOGIN#{email:lower}", sk = "META")]
pub struct Login {
    pub email: String,
    #[counter]
    pub failures: u64,
}

#[access_patterns]
impl Meters {
    /// Usage of a meter, oldest first.
    #[query(Usage, index = Gsi1)]
    pub fn usages_of(&self, meter: &str) -> Pages<Usage>;
}

async fn open() -> Meters {
    let db = Meters::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    db
}

#[tokio::test]
async fn an_upsert_stores_the_fields_of_its_key() {
    let db = open().await;
    let (account, at) = (db.new_id(), db.now());
    let key = UsageKey {
        account_id: account,
        at,
        meter: "api#v1".to_owned(),
        zone: Some("eu".to_owned()),
    };
    for _ in 0..2 {
        let counted = db.usages.upsert(&key).add_calls(1).send().await;
        counted.expect("counted");
    }
    let read = db.usages.get(&key).consistent().await.expect("readable");
    let expected = Usage {
        account_id: account,
        at,
        meter: "api#v1".to_owned(),
        zone: Some("eu".to_owned()),
        calls: 2,
        since: read.since,
    };
    assert_eq!(read, expected);
    let listed = db.usages_of("api#v1").page().await.expect("listed");
    assert_eq!(listed.items, [expected], "the index finds it");
}

#[tokio::test]
async fn an_upsert_writes_what_a_create_would_have() {
    let db = open().await;
    let (account, at) = (db.new_id(), db.now());
    let whole = Usage {
        account_id: account,
        at,
        meter: "api".to_owned(),
        zone: None,
        calls: 3,
        since: db.now(),
    };
    let upsert = db.usages.upsert(&whole).add_calls(3);
    upsert.send().await.expect("begun");
    let begun = raw(&db, &whole).await;
    db.usages.delete(&whole).await.expect("deleted");
    let since = begun["since"].clone();
    db.usages.create(whole.clone()).await.expect("created");
    let mut created = raw(&db, &whole).await;
    created.insert("since".to_owned(), since);
    assert_eq!(begun, created);
}

#[tokio::test]
async fn a_key_that_loses_the_case_keeps_what_was_typed_first() {
    let db = open().await;
    for typed in ["Ada@Example.com", "ada@example.com"] {
        let failed = db.logins.upsert(typed).add_failures(1).send().await;
        failed.expect("counted");
    }
    let read = db.logins.get("ADA@EXAMPLE.COM").await.expect("readable");
    assert_eq!((read.email.as_str(), read.failures), ("Ada@Example.com", 2));
}

async fn raw(db: &Meters, usage: &Usage) -> keyfold::Item {
    let request = db.usages.get(usage).request().expect("a request");
    let get = db.client().get_item().table_name(db.table_name());
    let answer = get.set_key(request.key).consistent_read(true).send().await;
    answer.expect("read").item.expect("there")
}
