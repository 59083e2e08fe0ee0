//! Versions: items of older releases are read and written by a newer one.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::ItemError;
use keyfold::prelude::*;

/// The first release: no version anywhere.
mod first {
    use super::*;

    #[derive(Table, Clone)]
    #[table(pk = "PK", sk = "SK", patterns)]
    pub struct Shop {
        pub products: Repo<Product>,
    }

    #[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
    #[key(pk = "PRODUCTS", sk = "PRODUCT#{id}")]
    pub struct Product {
        pub id: u32,
        pub name: String,
        pub price: String,
    }

    #[access_patterns]
    impl Shop {
        /// All of them.
        #[query(Product)]
        pub fn products(&self) -> Pages<Product>;
    }
}

#[expect(dead_code, reason = "some entities are only written by others")]
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, pk = "GSI1PK", sk = "GSI1SK")
)]
struct Shop {
    products: Repo<Product>,
    owners: Repo<Owner>,
}

/// A third release.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCTS", sk = "PRODUCT#{id}")]
#[index(Gsi1, pk = "COLOUR#{colour}", sk = "PRODUCT#{id}")]
#[entity(version = 3, upcast(1 = ProductV1, 2 = ProductV2))]
struct Product {
    id: u32,
    title: String,
    cents: u64,
    colour: String,
    #[counter]
    sold: u64,
}

#[derive(Deserialize)]
struct ProductV1 {
    id: u32,
    name: String,
    price: String,
}

#[derive(Deserialize)]
struct ProductV2 {
    id: u32,
    title: String,
    cents: u64,
}

impl TryFrom<ProductV1> for ProductV2 {
    type Error = String;

    fn try_from(old: ProductV1) -> Result<Self, String> {
        let cents = old
            .price
            .parse()
            .map_err(|_| "its price is no number".to_owned())?;
        Ok(Self {
            id: old.id,
            title: old.name,
            cents,
        })
    }
}

impl From<ProductV2> for Product {
    fn from(old: ProductV2) -> Self {
        Self {
            id: old.id,
            title: old.title,
            cents: old.cents,
            colour: "grey".into(),
            sold: 0,
        }
    }
}

/// Keeps nothing, and has no version.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "OWNER#{id}", sk = "META")]
struct Owner {
    id: u32,
}

#[derive(Debug, View, Deserialize)]
#[view(Product)]
struct Titled {
    title: String,
}

#[access_patterns]
impl Shop {
    /// All of them.
    #[query(Product)]
    fn products(&self) -> Pages<Product>;

    /// Of one colour.
    #[query(Product, index = Gsi1)]
    fn coloured(&self, colour: &str) -> Pages<Product>;
}

async fn begun(items: u32) -> (Client, first::Shop, Shop) {
    let client = keyfold::embedded::memory().client();
    let db = Shop::builder(client.clone())
        .cursor_secret("0123456789abcdef")
        .build();
    db.create_table().await.expect("created");
    let first = first::Shop::builder(client.clone()).build();
    for id in 0..items {
        first.products.create(old(id)).await.expect("created");
    }
    (client, first, db)
}

fn old(id: u32) -> first::Product {
    first::Product {
        id,
        name: format!("p{id}"),
        price: "250".into(),
    }
}

fn now(id: u32) -> Product {
    Product {
        id,
        title: format!("p{id}"),
        cents: 250,
        colour: "grey".into(),
        sold: 0,
    }
}

async fn version(client: &Client, id: u32) -> Option<String> {
    let text = |text: String| AttributeValue::S(text);
    let answer = client
        .get_item()
        .table_name("shop")
        .key("PK", text("PRODUCTS".into()))
        .key("SK", text(format!("PRODUCT#{id:010}")))
        .send()
        .await
        .expect("read");
    answer.item()?.get("v")?.as_n().ok().cloned()
}

#[tokio::test]
async fn older_items_are_read_as_the_new_struct() {
    let (_, first, db) = begun(3).await;
    assert_eq!(db.products.get(&1).await.expect("read"), now(1));
    let all = db.products().page().await.expect("a page").items;
    assert_eq!(all, [now(0), now(1), now(2)]);
    let batch = db
        .products
        .batch_get([ProductKey { id: 2 }])
        .await
        .expect("read");
    assert_eq!(batch.found, [now(2)]);
    // A view of an older item is one of what it became.
    let view = db.products.get(&1).view::<Titled>().await.expect("read");
    assert_eq!(view.title, "p1");
    let views = db
        .products()
        .view::<Titled>()
        .page()
        .await
        .expect("a page")
        .items;
    assert_eq!(
        views.iter().map(|view| &*view.title).collect::<Vec<_>>(),
        ["p0", "p1", "p2"]
    );

    first
        .products
        .put(first::Product {
            price: "?".into(),
            ..old(1)
        })
        .await
        .expect("written");
    let error = db.products.get(&1).await.expect_err("no price");
    assert!(
        matches!(&error, GetError::Item(ItemError::Upcast { from: 1, .. })),
        "{error}"
    );
    assert!(error.to_string().starts_with("KF1022"), "{error}");
}

#[tokio::test]
async fn a_write_brings_an_older_item_up_to_date() {
    let (client, _, db) = begun(5).await;
    assert_eq!(version(&client, 1).await, None);
    db.products
        .patch(&1)
        .add_sold(2)
        .send()
        .await
        .expect("patched");
    assert_eq!(version(&client, 1).await.as_deref(), Some("3"));
    assert_eq!(
        db.products.get(&1).await.expect("read"),
        Product { sold: 2, ..now(1) }
    );

    let loaded = db.products.get(&2).await.expect("read");
    db.products
        .edit(&loaded)
        .colour("red")
        .send()
        .await
        .expect("edited");
    assert_eq!(
        db.coloured("red").all(9).await.expect("read"),
        [Product {
            colour: "red".into(),
            ..now(2)
        }]
    );

    // A condition is asked of what the item became.
    db.products
        .patch(&3)
        .title("new")
        .when(|f| f.colour.eq("grey"))
        .send()
        .await
        .expect("it holds");
    let refused = db
        .products
        .patch(&4)
        .title("new")
        .when(|f| f.colour.eq("red"))
        .send()
        .await;
    assert!(refused.expect_err("it does not").is_condition_failed());
    db.transact()
        .apply(db.products.patch(&0).add_sold(1))
        .create(Owner { id: 1 })
        .commit()
        .await
        .expect("committed");
    assert_eq!(version(&client, 0).await.as_deref(), Some("3"));
    assert!(
        db.products
            .patch(&99)
            .add_sold(1)
            .send()
            .await
            .expect_err("absent")
            .is_not_found()
    );

    let whole = now(7);
    db.products.create(whole.clone()).await.expect("created");
    assert_eq!(version(&client, 7).await.as_deref(), Some("3"));
    assert_eq!(db.products.get(&7).await.expect("read"), whole);
}

#[tokio::test]
async fn a_newer_version_is_refused_with_its_code() {
    let (client, _, db) = begun(0).await;
    db.products.create(now(1)).await.expect("created");
    client
        .update_item()
        .table_name("shop")
        .key("PK", AttributeValue::S("PRODUCTS".into()))
        .key("SK", AttributeValue::S("PRODUCT#0000000001".into()))
        .update_expression("SET v = :v")
        .expression_attribute_values(":v", AttributeValue::N("4".into()))
        .send()
        .await
        .expect("written by a release to come");
    let error = db.products.get(&1).await.expect_err("newer");
    assert!(error.to_string().starts_with("KF1021"), "{error}");
    let unknown = ItemError::UnknownVersion {
        entity: "Product",
        stored: 4,
        current: 3,
    };
    assert_eq!(error.to_string(), unknown.to_string());
    // It is not overwritten in parts either.
    let refused = db
        .products
        .patch(&1)
        .add_sold(1)
        .send()
        .await
        .expect_err("newer");
    assert!(refused.is_condition_failed(), "{refused}");
}

#[tokio::test]
async fn a_backfill_rewrites_what_nobody_writes() {
    let (client, _, db) = begun(30).await;
    db.products.create(now(100)).await.expect("created");
    assert!(
        db.coloured("grey").all(99).await.expect("read").len() == 1,
        "older ones have no index key yet"
    );
    let would = db
        .products
        .backfill()
        .dry_run()
        .run()
        .await
        .expect("counted");
    assert_eq!((would.found, would.changed), (31, 30));
    assert_eq!(version(&client, 3).await, None);

    let stopped = db
        .products
        .backfill()
        .items_per_second(10)
        .watch(|progress| {
            assert_eq!(progress.read, 10);
            ControlFlow::Break(())
        })
        .run()
        .await
        .expect("begun");
    assert_eq!(stopped.changed, 10);
    let done = db
        .products
        .backfill()
        .after(stopped.checkpoint)
        .run()
        .await
        .expect("done");
    assert_eq!((done.changed, done.checkpoint), (20, None));
    assert_eq!(db.coloured("grey").all(99).await.expect("read").len(), 31);
    assert_eq!(version(&client, 3).await.as_deref(), Some("3"));
    let again = db
        .products
        .backfill()
        .segments(3)
        .run()
        .await
        .expect("nothing to do");
    assert_eq!((again.found, again.changed), (31, 0));
}

#[tokio::test]
async fn a_checkpoint_belongs_to_its_walk() {
    let (_, _, db) = begun(20).await;
    let stop = |_: &keyfold::Progress| ControlFlow::Break(());
    let stopped = db
        .products
        .backfill()
        .items_per_second(5)
        .watch(stop)
        .run()
        .await
        .expect("begun");
    let error = db
        .products
        .backfill()
        .segments(2)
        .after(stopped.checkpoint)
        .run()
        .await;
    assert!(
        error
            .expect_err("other segments")
            .to_string()
            .contains("KF1010")
    );
}
