//! Shards: one listing over many partitions, and moving from one number of them to another.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use keyfold::prelude::*;

/// Sharded from the beginning.
mod now {
    use super::*;

    #[derive(Table, Clone)]
    #[table(
        pk = "PK",
        sk = "SK",
        ttl = "ttl",
        patterns,
        index(Gsi1, pk = "GSI1PK", sk = "GSI1SK")
    )]
    pub struct Shop {
        pub products: Repo<Product>,
        pub listings: Repo<Listing>,
    }

    /// Keeps a listing in step.
    #[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
    #[key(pk = "PRODUCT#{id}", sk = "META")]
    #[mirror(Listing { id, at, name, scans, until })]
    pub struct Product {
        pub id: u32,
        pub at: u32,
        pub name: String,
        #[counter]
        pub scans: u64,
        pub until: Option<Timestamp>,
    }

    #[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
    #[key(pk = "LISTING#{shard}", sk = "AT#{at}#{id}")]
    #[index(Gsi1, pk = "NAME#{name}#{shard:03}", sk = "AT#{at}")]
    #[shard(16, by = id)]
    pub struct Listing {
        pub id: u32,
        pub at: u32,
        pub name: String,
        #[counter]
        pub scans: u64,
        #[ttl]
        pub until: Option<Timestamp>,
    }

    #[access_patterns]
    impl Shop {
        /// All listings, the newest first.
        #[query(Listing, newest_first, page = 7)]
        pub fn listings(&self) -> Pages<Listing>;

        /// Listings between two moments.
        #[query(Listing)]
        pub fn listings_between(&self, #[between] at: std::ops::Range<u32>) -> Pages<Listing>;

        /// One, told by all parts of its key.
        #[query(Listing)]
        pub fn listing(&self, at: &u32, id: &u32) -> Pages<Listing>;

        /// Listings of a name.
        #[query(Listing, index = Gsi1, page = 3)]
        pub fn named(&self, name: &str) -> Pages<Listing>;
    }
}

/// The same table in older releases and on the way: `was` says where items were.
macro_rules! release {
    ($name:ident, $pk:literal $(, $shard:meta)?) => {
        mod $name {
            use super::*;

            #[allow(dead_code, reason = "not every release is used in every way")]
            #[derive(Table, Clone)]
            #[table(pk = "PK", sk = "SK", ttl = "ttl", patterns, index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
            pub struct Shop {
                pub products: Repo<Product>,
                pub listings: Repo<Listing>,
            }

            #[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
            #[key(pk = "PRODUCT#{id}", sk = "META")]
            #[mirror(Listing { id, at, name, scans })]
            pub struct Product {
                pub id: u32,
                pub at: u32,
                pub name: String,
                #[counter]
                pub scans: u64,
            }

            #[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
            #[key(pk = $pk, sk = "AT#{at}#{id}")]
            $(#[$shard])?
            pub struct Listing {
                pub id: u32,
                pub at: u32,
                pub name: String,
                #[counter]
                pub scans: u64,
            }

            #[access_patterns]
            impl Shop {
                /// All listings, the oldest first.
                #[query(Listing, page = 5)]
                pub fn listings(&self) -> Pages<Listing>;
            }

            #[allow(dead_code, reason = "not every release is written to")]
            pub fn listing(id: u32) -> Listing {
                Listing { id, at: id * 10, name: format!("n{id}"), scans: 0 }
            }
        }
    };
}

release!(unsharded, "LISTING");
release!(of_8, "LISTING#{shard}", shard(8, by = id));
release!(
    first_shards,
    "LISTING#{shard}",
    shard(8, by = id, was = unsharded("LISTING"))
);
release!(from_8_to_16, "LISTING#{shard}", shard(16, by = id, was = 8));
release!(of_16, "LISTING#{shard}", shard(16, by = id));

/// Takes its time for each request, and counts them.
#[derive(Debug, Clone)]
struct Slow {
    engine: SharedHttpClient,
    requests: Arc<AtomicUsize>,
    in_flight: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
    pause: Duration,
}

#[derive(Debug)]
struct SlowConnector {
    inner: SharedHttpConnector,
    slow: Slow,
}

impl HttpClient for Slow {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.engine.http_connector(settings, components);
        SharedHttpConnector::new(SlowConnector {
            inner,
            slow: self.clone(),
        })
    }
}

impl HttpConnector for SlowConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.slow.requests.fetch_add(1, Ordering::Relaxed);
        let (answer, slow) = (self.inner.call(request), self.slow.clone());
        HttpConnectorFuture::new(async move {
            let others = slow.in_flight.fetch_add(1, Ordering::SeqCst);
            slow.most_at_once.fetch_max(others + 1, Ordering::SeqCst);
            tokio::time::sleep(slow.pause).await;
            slow.in_flight.fetch_sub(1, Ordering::SeqCst);
            answer.await
        })
    }
}

fn client() -> Client {
    keyfold::embedded::memory().client()
}

fn listing(id: u32) -> now::Listing {
    now::Listing {
        id,
        at: id / 2,
        name: "bag".into(),
        scans: 0,
        until: None,
    }
}

async fn seeded(client: Client, items: u32) -> now::Shop {
    let db = now::Shop::builder(client)
        .cursor_secret("0123456789abcdef")
        .build();
    db.create_table().await.expect("created");
    let written = db
        .listings
        .batch_put((0..items).map(listing))
        .await
        .expect("written");
    assert!(written.left.is_empty());
    db
}

async fn ids(mut pages: impl AsyncFnMut(Option<Cursor>) -> Page<now::Listing>) -> Vec<u32> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = pages(next).await;
        found.extend(page.items.iter().map(|listing| listing.id));
        next = page.next;
        if next.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn a_listing_over_all_shards_is_in_order_both_ways() {
    let db = seeded(client(), 100).await;
    // Two of each moment: within one moment, the id decides.
    let oldest_first: Vec<u32> = (0..100).collect();
    let forward = ids(async |next| {
        let page = db
            .listings()
            .reversed()
            .page_size(9)
            .after(next)
            .page()
            .await
            .expect("a page");
        assert!(
            page.next.is_none() || page.items.len() == 9,
            "a page with a next one is full"
        );
        page
    });
    assert_eq!(forward.await, oldest_first);
    let backward = ids(async |next| db.listings().after(next).page().await.expect("a page")).await;
    assert!(backward.iter().eq(oldest_first.iter().rev()));

    let some = db.listings_between(10..20).all(100).await.expect("read");
    assert_eq!(
        some.iter().map(|item| item.id).collect::<Vec<_>>(),
        (20..40).collect::<Vec<_>>()
    );
    let named = ids(async |next| db.named("bag").after(next).page().await.expect("a page")).await;
    assert_eq!(named.len(), 100);
    assert_eq!(db.named("box").count().await.expect("counted").items, 0);

    assert_eq!(db.listings().count().await.expect("counted").items, 100);
    assert_eq!(
        db.listings()
            .first()
            .await
            .expect("read")
            .map(|item| item.id),
        Some(99)
    );
    assert_eq!(
        db.listings()
            .last()
            .await
            .expect("read")
            .map(|item| item.id),
        Some(0)
    );
    assert!(db.listings().all(99).await.is_err(), "never a silent cut");
}

#[tokio::test]
async fn items_lie_in_the_shard_of_their_hash() {
    let db = seeded(client(), 64).await;
    let mut filled = std::collections::BTreeSet::new();
    for id in 0..64 {
        let key = db
            .listings
            .find((&(id / 2), &id))
            .request()
            .expect("a request")
            .key
            .expect("a key");
        let number = keyfold::model::shard::of(&format!("{id:010}"), 16);
        assert_eq!(key["PK"].as_s().ok(), Some(&format!("LISTING#{number}")));
        filled.insert(number);
        assert_eq!(
            db.listings.get((&(id / 2), &id)).await.expect("there").id,
            id
        );
    }
    assert!(filled.len() > 12, "{filled:?}");
}

#[tokio::test]
async fn the_first_page_is_16_requests_and_one_round_trip() {
    let engine = keyfold::embedded::memory();
    let slow = Slow {
        engine: engine.http_client(),
        requests: Arc::default(),
        in_flight: Arc::default(),
        most_at_once: Arc::default(),
        pause: Duration::from_millis(60),
    };
    let db = seeded(engine.client(), 200).await;
    let through = Client::from_conf(engine.config().http_client(slow.clone()).build());
    let slow_db = now::Shop::builder(through)
        .cursor_secret("0123456789abcdef")
        .build();
    let page = slow_db
        .listings()
        .page_size(50)
        .page()
        .await
        .expect("a page");
    assert_eq!(page.items.len(), 50);
    assert_eq!(slow.requests.swap(0, Ordering::Relaxed), 16);
    // None waits for another: all of them are one round trip.
    assert_eq!(slow.most_at_once.load(Ordering::SeqCst), 16);
    assert!(page.cost.read_units > 0.0 && page.read >= 50);

    // The next page too, and one shard is one request.
    let next = slow_db
        .listings()
        .page_size(50)
        .after(page.next)
        .page()
        .await
        .expect("a page");
    assert_eq!(
        (next.items.len(), slow.requests.swap(0, Ordering::Relaxed)),
        (50, 16)
    );
    let one = slow_db.listing(&3, &7).all(10).await.expect("read");
    assert_eq!((one.len(), slow.requests.load(Ordering::Relaxed)), (1, 1));
    let whole = db.listings().all(1_000).await.expect("read");
    assert_eq!(whole.len(), 200);
}

#[tokio::test]
async fn a_page_gives_as_many_items_as_it_says_also_filtered_and_expired() {
    let db = seeded(client(), 60).await;
    for id in 0..30 {
        let until = Some(Timestamp::from_millisecond(1_000).expect("a moment"));
        db.listings
            .put(now::Listing {
                until,
                ..listing(id)
            })
            .await
            .expect("written");
    }
    let page = db.listings().reversed().page().await.expect("a page");
    assert_eq!(
        page.items.iter().map(|item| item.id).collect::<Vec<_>>(),
        (30..37).collect::<Vec<_>>()
    );
    let odd = db
        .listings()
        .filter(|f| f.name.eq("none"))
        .page()
        .await
        .expect("a page");
    assert!(odd.items.is_empty() && odd.next.is_none());
    let bounded = db
        .listings()
        .filter(|f| f.name.eq("none"))
        .reading_at_most(16)
        .page()
        .await
        .expect("a page");
    assert!(
        bounded.items.is_empty() && bounded.next.is_some(),
        "it may go on"
    );
    assert_eq!(db.listings().count().await.expect("counted").items, 30);
}

#[tokio::test]
async fn a_cursor_holds_every_shards_position_and_belongs_to_its_question() {
    let db = seeded(client(), 40).await;
    let page = db.listings().page().await.expect("a page");
    let cursor = page.next.expect("more");
    assert!(cursor.as_str().len() < 2_000, "{}", cursor.as_str().len());
    let refused = db
        .named("bag")
        .after(cursor.clone())
        .page()
        .await
        .expect_err("another pattern");
    assert!(refused.is_cursor_refused());
    let refused = db
        .listings()
        .reversed()
        .after(cursor)
        .page()
        .await
        .expect_err("the other way");
    assert!(refused.is_cursor_refused());
    let refused = db
        .listings()
        .after(Cursor::from("x".to_owned()))
        .page()
        .await
        .expect_err("garbled");
    assert!(refused.is_cursor_refused());
}

#[tokio::test]
async fn a_mirror_in_shards_is_kept_in_step() {
    let db = seeded(client(), 0).await;
    let product = now::Product {
        id: 1,
        at: 5,
        name: "bag".into(),
        scans: 0,
        until: None,
    };
    db.products.create(product).await.expect("created");
    db.products
        .patch(&1)
        .add_scans(3)
        .send()
        .await
        .expect("counted");
    let loaded = db.products.get(&1).await.expect("there");
    db.products
        .edit(&loaded)
        .at(9_u32)
        .send()
        .await
        .expect("moved");
    let listings = db.listings().all(10).await.expect("read");
    assert_eq!(
        listings
            .iter()
            .map(|item| (item.at, item.scans))
            .collect::<Vec<_>>(),
        [(9, 3)]
    );
    db.products.delete(&1).await.expect("deleted");
    assert_eq!(db.listings().count().await.expect("counted").items, 0);
}

#[expect(clippy::too_many_lines, reason = "every operation once, on one table")]
#[tokio::test]
async fn while_items_are_moved_every_operation_finds_them_in_either_place() {
    let client = client();
    let before = of_8::Shop::builder(client.clone()).table("shop").build();
    before.create_table().await.expect("created");
    for id in 0..20 {
        before
            .listings
            .create(of_8::listing(id))
            .await
            .expect("created");
    }
    before
        .products
        .create(of_8::Product {
            id: 50,
            at: 7,
            name: "p".into(),
            scans: 0,
        })
        .await
        .expect("created");
    let db = from_8_to_16::Shop::builder(client.clone())
        .table("shop")
        .build();
    let key = |id: u32| from_8_to_16::ListingKey { at: id * 10, id };

    // Reads.
    assert_eq!(db.listings().all(100).await.expect("read").len(), 21);
    for id in 0..20 {
        assert!(
            db.listings.find(key(id)).await.expect("read").is_some(),
            "{id}"
        );
    }
    assert!(db.listings.find(key(99)).await.expect("read").is_none());
    let batch = db.listings.batch_get((0..25).map(key)).await.expect("read");
    assert_eq!(batch.found.len(), 20);

    // Writes.
    let again = db
        .listings
        .create(from_8_to_16::listing(3))
        .await
        .expect_err("there");
    assert!(again.is_already_there());
    db.listings
        .patch(key(4))
        .add_scans(2)
        .send()
        .await
        .expect("patched");
    let loaded = db.listings.get(key(5)).await.expect("there");
    db.listings
        .edit(&loaded)
        .name("new")
        .send()
        .await
        .expect("edited");
    let refused = db
        .listings
        .patch(key(6))
        .name("x")
        .when(|f| f.name.eq("other"))
        .send()
        .await;
    assert!(refused.expect_err("the condition").is_condition_failed());
    db.listings
        .put(from_8_to_16::Listing {
            name: "put".into(),
            ..from_8_to_16::listing(7)
        })
        .await
        .expect("put");
    db.listings.delete(key(8)).await.expect("deleted");
    db.listings
        .delete(key(9))
        .when(|f| f.name.eq("n9"))
        .send()
        .await
        .expect("deleted");
    db.listings
        .create(from_8_to_16::listing(30))
        .await
        .expect("created");
    assert!(
        db.listings
            .patch(key(99))
            .name("x")
            .send()
            .await
            .expect_err("absent")
            .is_not_found()
    );
    db.transact()
        .require(db.listings.exists(key(10)))
        .apply(db.listings.patch(key(11)).add_scans(1))
        .commit()
        .await
        .expect("committed");
    // What is kept in step is found where it was, too.
    db.products
        .patch(&50)
        .add_scans(4)
        .send()
        .await
        .expect("counted");

    let all = db.listings().all(100).await.expect("read");
    let ids: Vec<u32> = all.iter().map(|item| item.id).collect();
    assert_eq!(
        ids,
        [
            0, 50, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 30
        ]
    );
    let find = |id| all.iter().find(|item| item.id == id).expect("there");
    assert_eq!((find(4).scans, find(11).scans, find(50).scans), (2, 1, 4));
    assert_eq!(
        (find(5).name.as_str(), find(7).name.as_str()),
        ("new", "put")
    );
}

#[tokio::test]
async fn resharding_moves_every_item_once_and_goes_on_where_it_was_stopped() {
    let client = client();
    let before = unsharded::Shop::builder(client.clone())
        .table("shop")
        .build();
    before.create_table().await.expect("created");
    for id in 0..50 {
        before
            .listings
            .create(unsharded::listing(id))
            .await
            .expect("created");
    }
    let db = first_shards::Shop::builder(client.clone())
        .table("shop")
        .cursor_secret("0123456789abcdef")
        .build();
    let would = db
        .listings
        .reshard()
        .dry_run()
        .run()
        .await
        .expect("counted");
    assert_eq!(
        (would.found, would.changed, would.checkpoint),
        (50, 50, None)
    );
    assert_eq!(
        before.listings().all(100).await.expect("read").len(),
        50,
        "nothing was moved"
    );

    // Stopped after the first round, and gone on with.
    let stopped = db
        .listings
        .reshard()
        .items_per_second(20)
        .watch(|_| ControlFlow::Break(()))
        .run()
        .await
        .expect("begun");
    assert_eq!((stopped.read, stopped.changed), (20, 20));
    assert_eq!(
        db.listings().all(100).await.expect("read").len(),
        50,
        "in both places"
    );
    let mut rounds = 0;
    let done = db
        .listings
        .reshard()
        .after(stopped.checkpoint)
        .watch(|progress| {
            rounds += 1;
            assert!(progress.read > 0);
            ControlFlow::Continue(())
        })
        .run()
        .await
        .expect("moved");
    // What was moved already may be read again, in its new place; it is not moved again.
    assert_eq!((done.changed, done.checkpoint), (30, None));
    assert!(rounds > 0);

    let of_8 = of_8::Shop::builder(client.clone()).table("shop").build();
    assert_eq!(
        of_8.listings().all(100).await.expect("read").len(),
        50,
        "the next release needs no `was`"
    );
    assert!(before.listings().all(100).await.expect("read").is_empty());

    // On to 16, in segments.
    let db = from_8_to_16::Shop::builder(client.clone())
        .table("shop")
        .build();
    let done = db
        .listings
        .reshard()
        .segments(4)
        .run()
        .await
        .expect("moved");
    assert!(done.changed > 10, "{done:?}");
    let of_16 = of_16::Shop::builder(client).table("shop").build();
    assert_eq!(of_16.listings().all(100).await.expect("read").len(), 50);
    let again = db.listings.reshard().run().await.expect("nothing to do");
    assert_eq!(again.changed, 0);
}

#[tokio::test]
async fn resharding_beside_writers_loses_nothing() {
    let client = client();
    let before = of_8::Shop::builder(client.clone()).table("shop").build();
    before.create_table().await.expect("created");
    for id in 0..30 {
        before
            .listings
            .create(of_8::listing(id))
            .await
            .expect("created");
    }
    let db = from_8_to_16::Shop::builder(client.clone())
        .table("shop")
        .build();
    let key = |id: u32| from_8_to_16::ListingKey { at: id * 10, id };
    let writers = async {
        for _ in 0..5 {
            for id in 0..30 {
                db.listings
                    .patch(key(id))
                    .add_scans(1)
                    .send()
                    .await
                    .expect("counted");
            }
        }
    };
    let mover = async { while db.listings.reshard().run().await.expect("moved").changed > 0 {} };
    let both = async { tokio::join!(writers, mover) };
    tokio::time::timeout(Duration::from_mins(1), both)
        .await
        .expect("within a minute");
    let all = of_16::Shop::builder(client)
        .table("shop")
        .build()
        .listings()
        .all(100)
        .await
        .expect("read");
    assert_eq!(all.len(), 30);
    assert!(all.iter().all(|item| item.scans == 5), "{all:?}");
}
