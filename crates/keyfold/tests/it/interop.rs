//! Items that other libraries write are read, and items written here are read by them: boto3, the
//! `DocumentClient`, `ElectroDB` and `DynamoDB-Toolbox`, each over the served engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfold::prelude::*;
use tokio::process::Command;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
pub struct Shared {
    pub things: Repo<Thing>,
    pub parcels: Repo<Parcel>,
}

/// One of every kind of value.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "THING#{source}", sk = "META")]
pub struct Thing {
    pub source: String,
    pub name: String,
    pub exact: Number,
    pub count: u64,
    pub negative: i8,
    pub ratio: f64,
    pub yes: bool,
    pub nothing: Option<String>,
    pub bytes: Bytes,
    #[attr(set)]
    pub texts: BTreeSet<String>,
    #[attr(set)]
    pub numbers: BTreeSet<Number>,
    #[attr(set)]
    pub binaries: BTreeSet<Bytes>,
    pub list: Vec<String>,
    pub lines: Vec<Line>,
    pub labels: BTreeMap<String, String>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub sku: String,
    pub price: Number,
    pub tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Letter,
    Parcel { grams: u32 },
}

/// As ElectroDB and Toolbox have it: their key and attribute names.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "TENANT#{tenant}", sk = "PARCEL#{number}")]
pub struct Parcel {
    pub tenant: String,
    pub number: String,
    pub weight: f64,
    pub note: String,
    #[attr(set)]
    pub tags: BTreeSet<String>,
    #[attr(set)]
    pub sizes: BTreeSet<u32>,
    pub stops: Vec<Stop>,
    pub extra: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub at: String,
    pub hours: u8,
}

#[access_patterns]
impl Shared {
    /// Parcels of a tenant.
    #[query(Parcel)]
    pub fn parcels_of(&self, tenant: &str) -> Pages<Parcel>;
}

fn thing(source: &str) -> Thing {
    let number = |text: &str| text.parse::<Number>().expect("a number");
    Thing {
        source: source.to_owned(),
        name: String::new(),
        exact: number("1234567890123456789.0123456789012345678"),
        count: u64::MAX,
        negative: -7,
        ratio: 0.5,
        yes: true,
        nothing: None,
        bytes: Bytes::from([0, 255]),
        texts: ["a", "ü"].map(str::to_owned).into(),
        numbers: [number("1"), number("2.5")].into(),
        binaries: [Bytes::from([1]), Bytes::from([2, 3])].into(),
        list: ["x", "", "#"].map(str::to_owned).into(),
        lines: vec![Line {
            sku: "1".to_owned(),
            price: number("9.99"),
            tags: Vec::new(),
        }],
        labels: [("de", "Tür"), ("en", "door")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
        kind: Kind::Parcel { grams: 12 },
    }
}

fn parcel(number: &str) -> Parcel {
    Parcel {
        tenant: "Ada".to_owned(),
        number: number.to_owned(),
        weight: 12.5,
        note: String::new(),
        tags: ["a", "b"].map(str::to_owned).into(),
        sizes: [1, 20].into(),
        stops: vec![Stop {
            at: "Bern".to_owned(),
            hours: 3,
        }],
        extra: None,
    }
}

/// The folder `cargo xtask test` installs clients into.
fn installed(what: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target folder");
    let path = target.join("clients").join(what);
    assert!(
        path.exists(),
        "no {what} in {}\nhint: `cargo xtask test` installs what the tests need; after that `cargo test` finds it",
        target.join("clients").display()
    );
    path
}

async fn run(program: PathBuf, script: &str, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(script);
    let mut command = Command::new(program);
    command
        .arg(script)
        .args(arguments)
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_ENDPOINT_URL")
        .env_remove("AWS_ENDPOINT_URL_DYNAMODB")
        .kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(120), command.output());
    let output = output.await.expect("the client ends within two minutes");
    let output = output.expect("the client starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

async fn open() -> (Shared, keyfold::embedded::Served) {
    let engine = keyfold::embedded::memory();
    let db = Shared::builder(engine.client()).build();
    db.create_table().await.expect("created");
    let served = engine.serve("127.0.0.1:0").await.expect("served");
    (db, served)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_and_keyfold_read_each_other() {
    let (db, served) = open().await;
    db.things.create(thing("keyfold")).await.expect("created");
    for job in ["write", "read"] {
        let arguments = [&served.endpoint(), db.table_name(), job];
        run(installed("python/bin/python"), "boto3_items.py", &arguments).await;
    }
    let read = db.things.get("boto3").consistent().await.expect("read");
    assert_eq!(read, thing("boto3"));
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_client_electrodb_and_toolbox_and_keyfold_read_each_other() {
    let (db, served) = open().await;
    db.things.create(thing("keyfold")).await.expect("created");
    db.parcels.create(parcel("k1")).await.expect("created");
    let folder = installed("libraries");
    for job in ["write", "read"] {
        let folder = folder.to_string_lossy();
        let arguments = [&served.endpoint(), db.table_name(), job, &*folder];
        run(PathBuf::from("node"), "js_items.mjs", &arguments).await;
    }
    let read = db.things.get("document-client").consistent().await;
    assert_eq!(read.expect("read"), thing("document-client"));
    let listed = db
        .parcels_of("Ada")
        .consistent()
        .page()
        .await
        .expect("listed");
    let expected = ["e1", "k1", "t1"].map(parcel);
    assert_eq!(listed.items, expected, "ElectroDB's, ours, and Toolbox's");
    served.stop().await;
}
