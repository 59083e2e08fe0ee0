//! The table that is measured: one entity of ordinary size, with one index.

use aws_sdk_dynamodb::Client;
use keyfold::embedded::Engine;
use keyfold::prelude::*;

use crate::replay;

pub const TABLE: &str = "shop";
/// Items in the partition that is listed whole.
const LISTED: u128 = 10;
/// Items in the one of which a page is read.
const LONG: u128 = 30;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none, patterns,
        index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
pub struct Keyed {
    pub products: Repo<Product>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
pub struct Product {
    pub id: Id<Product>,
    pub brand: Id<Brand>,
    pub name: String,
    pub code: String,
    pub status: Status,
    pub description: String,
    pub materials: Vec<String>,
    pub price_cents: u64,
    pub event_count: u32,
    pub chain_head: String,
    pub scan_count: u64,
    pub note: Option<String>,
    pub created_at: Timestamp,
}

/// Only its identifiers are used.
#[derive(Debug)]
pub enum Brand {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Active,
}

#[access_patterns]
impl Keyed {
    /// Products of one brand, newest first.
    #[query(Product, index = Gsi1, newest_first, page = 10)]
    pub fn products_by_brand(&self, brand: &Id<Brand>) -> Pages<Product>;
}

pub const BRAND_LISTED: Id<Brand> = Id::from_bits(1);
pub const BRAND_LONG: Id<Brand> = Id::from_bits(2);

fn product(number: u128, brand: Id<Brand>) -> Product {
    Product {
        id: Id::from_bits(number),
        brand,
        name: format!("Royal Oak {number}"),
        code: format!("wfPHybaFV3_{number}"),
        status: Status::Active,
        description: "Self-winding, 41 mm, blue dial with a tapestry pattern. ".repeat(4),
        materials: vec!["steel".to_owned(), "sapphire".to_owned()],
        price_cents: 2_710_000,
        event_count: 4,
        chain_head: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        scan_count: 17,
        note: None,
        created_at: Timestamp::from_millisecond(1_772_357_400_000 + i64::try_from(number).unwrap())
            .unwrap(),
    }
}

/// The table, filled.
pub struct Shop {
    engine: Engine,
}

impl Shop {
    pub async fn filled() -> Self {
        let engine = keyfold::embedded::memory();
        let db = Keyed::builder(engine.client()).table(TABLE).build();
        db.create_table().await.unwrap();
        for number in 1..=LISTED {
            let product = product(number, BRAND_LISTED);
            db.products.put(product).await.unwrap();
        }
        for number in 1..=LONG {
            let product = product(1_000 + number, BRAND_LONG);
            db.products.put(product).await.unwrap();
        }
        Self { engine }
    }

    /// A client on it, for the repository and by hand; `canned` if each operation's first answer is
    /// given back ever after.
    pub fn prepared(&self, canned: bool) -> Prepared {
        let client = if canned {
            let connector = replay::client(self.engine.http_client());
            Client::from_conf(self.engine.config().http_client(connector).build())
        } else {
            self.engine.client()
        };
        Prepared {
            db: Keyed::builder(client.clone())
                .table(TABLE)
                .cursor_secret("a secret of sixteen bytes")
                .build(),
            client,
            product: product(5, BRAND_LISTED),
        }
    }
}

/// What is called, by the repository here and by hand in `by_hand`.
pub struct Prepared {
    pub db: Keyed,
    pub client: Client,
    pub product: Product,
}

impl Prepared {
    pub async fn get(&self) -> Product {
        self.db.products.get(&self.product.id).await.unwrap()
    }

    pub async fn put(&self) {
        self.db.products.put(self.product.clone()).await.unwrap();
    }

    pub async fn query_all(&self) -> Vec<Product> {
        let page = self.db.products_by_brand(&BRAND_LISTED).page().await;
        let page = page.unwrap();
        assert!(page.items.len() == 10 && page.next.is_none());
        page.items
    }

    pub async fn query_page(&self) -> (Vec<Product>, String) {
        let page = self.db.products_by_brand(&BRAND_LONG).page().await;
        let page = page.unwrap();
        (page.items, page.next.unwrap().to_string())
    }
}
