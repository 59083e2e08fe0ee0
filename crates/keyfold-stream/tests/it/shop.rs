//! A small table with a stream, and a record of what handlers were given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use keyfold::Policy;
use keyfold::embedded::Engine;
use keyfold::prelude::*;
use keyfold_stream::table::{DeadLetter, Streams, name_beside};
use keyfold_stream::{Context, HandlerError, Pipeline, Source};

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "ttl", stream = new_and_old_images)]
pub struct Shop {
    pub orders: Repo<Order>,
    pub totals: Repo<Total>,
    pub carts: Repo<Cart>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ORDER#{id}", sk = "META")]
pub struct Order {
    pub id: u32,
    pub cents: i64,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "TOTAL#{name}", sk = "META")]
pub struct Total {
    #[key_only]
    pub name: String,
    #[counter]
    pub orders: u64,
    #[counter]
    pub cents: i64,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CART#{id}", sk = "META")]
pub struct Cart {
    pub id: u32,
    #[ttl]
    pub until: Option<Timestamp>,
}

pub async fn shop_on(engine: &Engine) -> Shop {
    let shop = Shop::builder(engine.client()).build();
    shop.create_table().if_missing().await.unwrap();
    shop
}

/// Clients of what serves `DynamoDB` there.
pub fn client_at(endpoint: &str) -> (aws_sdk_dynamodb::Client, aws_sdk_dynamodbstreams::Client) {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

    let http = aws_smithy_http_client::Builder::new().build_http();
    let credentials = Credentials::new("local", "local", None, None, "test");
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials.clone())
        .http_client(http.clone());
    let streams = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(http);
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    let streams = aws_sdk_dynamodbstreams::Client::from_conf(streams.build());
    (client, streams)
}

pub fn streams(engine: &Engine) -> Streams {
    Streams::builder(engine.past_faults().client())
        .table(name_beside("shop"))
        .build()
}

pub async fn letters(engine: &Engine, pipeline: &str) -> Vec<DeadLetter> {
    let streams = streams(engine);
    let page = streams.dead_letters(pipeline).page().await.unwrap();
    page.items
}

impl Shop {
    pub async fn put(&self, id: u32, cents: i64) {
        self.orders.put(Order { id, cents }).await.unwrap();
    }

    pub async fn total(&self, name: &str) -> Option<Total> {
        let key = TotalKey {
            name: name.to_owned(),
        };
        self.totals.find(key).consistent().await.unwrap()
    }
}

/// What handlers were given.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<(u32, i64, String)>>>);

impl Seen {
    pub fn add(&self, order: &Order, cx: &Context) {
        let mut seen = self.0.lock().unwrap();
        seen.push((order.id, order.cents, cx.id().to_owned()));
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The amounts of one order, as they came.
    pub fn of(&self, id: u32) -> Vec<i64> {
        let seen = self.0.lock().unwrap();
        seen.iter()
            .filter(|(of, ..)| *of == id)
            .map(|(_, cents, _)| *cents)
            .collect()
    }

    pub async fn until(&self, count: usize) {
        let waited = tokio::time::timeout(Duration::from_mins(1), async {
            while self.len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        assert!(waited.await.is_ok(), "{} of {count} came", self.len());
    }
}

/// Quick to give up.
pub const QUICK: Policy = Policy {
    attempts_max: 3,
    pause_first: Duration::from_millis(2),
    pause_max: Duration::from_millis(10),
};

/// A pipeline that only notes what it is given.
pub fn noting(name: &str, seen: &Seen) -> Pipeline<Shop> {
    let seen = seen.clone();
    Pipeline::new(name)
        .retry(QUICK)
        .on(move |change: Change<Order>, cx: Context| {
            let seen = seen.clone();
            async move {
                seen.add(&change.into_new()?, &cx);
                Ok::<(), HandlerError>(())
            }
        })
}

pub fn source(engine: &Engine) -> Source {
    Source::embedded(engine)
}
