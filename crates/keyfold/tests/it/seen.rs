//! What an interceptor of the client sees: the pattern of each request, and its price.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use keyfold::PatternId;
use keyfold::embedded::{Fault, Faults, Options, Requests};
use keyfold::prelude::*;

use crate::shop::*;

#[derive(Debug, Clone, Default)]
struct Watcher(Arc<Mutex<Vec<Seen>>>);

/// The pattern, and whether the request asks for its price.
type Seen = (Option<String>, bool);

impl Intercept for Watcher {
    fn name(&self) -> &'static str {
        "Watcher"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().unwrap_or_default();
        let metered =
            String::from_utf8_lossy(body).contains("\"ReturnConsumedCapacity\":\"TOTAL\"");
        let pattern = cfg.load::<PatternId>().map(ToString::to_string);
        self.0
            .lock()
            .expect("not poisoned")
            .push((pattern, metered));
        Ok(())
    }
}

#[tokio::test]
async fn every_request_carries_its_pattern_and_asks_for_its_price() {
    let watcher = Watcher::default();
    let config = keyfold::embedded::memory()
        .config()
        .interceptor(watcher.clone())
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let db = Shop::builder(client.clone()).build();
    db.create_table().await.expect("created");
    watcher.0.lock().expect("not poisoned").clear();

    db.customers.create(customer(1)).await.expect("created");
    db.customers.get(&customer(1).id).await.expect("read");
    db.customers_in("Geneva").page().await.expect("read");
    db.file(&customer(1).id).find().await.expect("read");
    db.totals
        .upsert("Geneva")
        .add_orders(1)
        .send()
        .await
        .expect("begun");
    db.notes.delete(("f", "t")).await.expect("deleted");
    let seen = std::mem::take(&mut *watcher.0.lock().expect("not poisoned"));
    let expected = [
        "Customer.create",
        "Customer.get",
        "customers-in",
        "file",
        "Totals.upsert",
        "Note.delete",
    ];
    assert_eq!(seen, expected.map(|id| (Some(id.to_owned()), true)));

    client.list_tables().send().await.expect("listed");
    assert_eq!(
        *watcher.0.lock().expect("not poisoned"),
        [(None, false)],
        "a direct call carries none"
    );
}

#[tokio::test]
async fn a_request_can_be_seen_without_being_sent() {
    let Open { db, client, .. } = open().await;
    let query = db.customers_in("Geneva").request().expect("a request");
    assert_eq!(query.index_name(), Some("GSI1"));
    assert_eq!(
        query.limit(),
        Some(4),
        "one more than a page tells whether there is a next one"
    );
    assert_eq!(query.scan_index_forward(), Some(false));
    let names = query.expression_attribute_names().expect("names");
    assert!(names.keys().all(|name| name.starts_with('#')));
    let explained = db
        .customers_in("Geneva")
        .explain()
        .expect("words")
        .to_string();
    for words in [
        "GSI1PK = \"CITY#Geneva\" AND begins_with(GSI1SK, \"CUSTOMER#\")",
        "newest first",
        "nothing else",
    ] {
        assert!(explained.contains(words), "{words}: {explained}");
    }
    let explained = db
        .customers
        .create(customer(1))
        .explain()
        .expect("words")
        .to_string();
    for words in [
        "TransactWriteItems",
        "Customer.create",
        "EmailClaim",
        "Card",
        "7 write units",
    ] {
        assert!(explained.contains(words), "{words}: {explained}");
    }
    assert!(matches!(
        db.notes.delete(("f", "t")).request(),
        Ok(keyfold::Request::Delete(_))
    ));
    db.transact()
        .create(order(1, 1))
        .request()
        .await
        .expect("a request");
    assert_eq!(count(&client).await, 0, "nothing was sent");
    let _ = never;
}

#[tokio::test]
async fn spans_name_table_entity_pattern_and_units_and_never_a_key() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("keyfold=trace")
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .finish();
    // For the whole binary: other tests add spans, which hold no keys either.
    tracing::subscriber::set_global_default(subscriber).expect("the only one");
    let Open { db, .. } = open().await;
    let secret = Customer {
        email: "geheim@mail.example".into(),
        ..customer(0xfeed)
    };
    db.customers.create(secret).await.expect("created");
    db.customers.get(&customer(0xfeed).id).await.expect("read");
    db.customers_in("Geneva").page().await.expect("read");
    db.customers
        .create(customer(0xfeed))
        .await
        .expect_err("there");
    let text = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text");
    for words in [
        "table=shop entity=\"Customer\" pattern=Customer.create items=3 write_units=7",
        "table=shop entity=\"Customer\" pattern=Customer.get read_units=0.5",
        "table=shop entity=Customer pattern=customers-in read_units=0.5",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    for secret in ["geheim", "feed", "Geneva"] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn faults_are_chosen_by_the_access_pattern() {
    let busy = Requests::all().pattern("customers-in");
    let faults = Faults::seeded(1).often_for(Fault::Throttled, 1.0, busy);
    let engine = Options::new().faults(faults).memory();
    let once = aws_sdk_dynamodb::config::retry::RetryConfig::disabled();
    let client = aws_sdk_dynamodb::Client::from_conf(engine.config().retry_config(once).build());
    let db = Shop::builder(client).build();
    db.create_table().await.expect("created");
    db.customers.create(customer(1)).await.expect("created");
    db.customers
        .get(&customer(1).id)
        .await
        .expect("of another pattern");
    db.customers_in("Lagos")
        .page()
        .await
        .expect_err("throttled");
    assert_eq!(engine.faults().count(Fault::Throttled), 1);
}
