//! Conflicts with other transactions are tried again; what only AWS answers is played by a connector
//! that speaks its protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use keyfold::prelude::*;

use crate::shop::*;

/// Answers the first writes with a conflict, as AWS does while another transaction holds an item.
#[derive(Debug, Clone)]
struct Conflicting {
    engine: SharedHttpClient,
    left: Arc<AtomicUsize>,
}

impl HttpClient for Conflicting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.engine.http_connector(settings, components);
        SharedHttpConnector::new(Connector {
            inner,
            left: self.left.clone(),
        })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    left: Arc<AtomicUsize>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request
            .headers()
            .get("x-amz-target")
            .unwrap_or_default()
            .to_owned();
        let conflict = match target.rsplit('.').next() {
            Some("TransactWriteItems") => {
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}]}"#
            }
            Some("UpdateItem") => {
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"Transaction is ongoing for the item"}"#
            }
            _ => return self.inner.call(request),
        };
        let take = |left: usize| left.checked_sub(1);
        if self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .is_err()
        {
            return self.inner.call(request);
        }
        let mut response = HttpResponse::new(
            StatusCode::try_from(400).expect("a status"),
            conflict.into(),
        );
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

async fn contested(conflicts: usize) -> (Shop, Arc<AtomicUsize>) {
    let engine = keyfold::embedded::memory();
    let left = Arc::new(AtomicUsize::new(conflicts));
    let connector = Conflicting {
        engine: engine.http_client(),
        left: left.clone(),
    };
    let config = engine.config().http_client(connector).build();
    let policy = Policy {
        attempts_max: 5,
        pause_first: Duration::from_millis(1),
        pause_max: Duration::from_millis(2),
    };
    let db = Shop::builder(aws_sdk_dynamodb::Client::from_conf(config))
        .retry(policy)
        .build();
    db.create_table().await.expect("created");
    (db, left)
}

#[tokio::test]
async fn a_conflict_is_tried_again_inside() {
    let (db, left) = contested(4).await;
    db.customers
        .create(customer(1))
        .await
        .expect("created at the fifth try");
    assert_eq!(left.load(Ordering::SeqCst), 0);
    left.store(2, Ordering::SeqCst);
    db.totals
        .upsert("Geneva")
        .add_orders(1)
        .send()
        .await
        .expect("a single write too");
    assert_eq!(db.totals.get("Geneva").await.expect("read").orders, 1);
}

#[tokio::test]
async fn a_conflict_that_does_not_end_is_told_apart() {
    let (db, _) = contested(1_000).await;
    let error = db.customers.create(customer(1)).await.expect_err("held");
    assert!(
        matches!(error, WriteError::Conflict { entity: "Customer" }),
        "{error:?}"
    );
    let error = db
        .transact()
        .create(order(1, 1))
        .create(order(1, 2))
        .commit()
        .await
        .expect_err("held");
    assert!(matches!(error, TransactError::Conflict), "{error:?}");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_done_twice_when_it_meets_a_conflict() {
    use keyfold::embedded::{Fault, Faults, Options, Requests};
    let transactions = || Requests::all().operation("TransactWriteItems");
    let mut both = 0;
    // Among so many seeds are runs that lose an answer first and conflict then.
    for seed in 0..8 {
        let faults = Faults::seeded(seed)
            .often_for(Fault::AnswerLost, 0.4, transactions())
            .often_for(Fault::Conflict, 0.4, transactions());
        let engine = Options::new().faults(faults).memory();
        let db = Shop::builder(engine.client()).build();
        db.create_table().await.expect("created");
        let written = db
            .transact()
            .apply(db.totals.upsert("Geneva").add_orders(1))
            .apply(db.totals.upsert("Bern").add_orders(1))
            .commit()
            .await;
        let total = db.totals.find("Geneva").consistent().await.expect("read");
        let orders = total.map_or(0, |total| total.orders);
        match written {
            Ok(_) => assert_eq!(orders, 1, "seed {seed}"),
            // All attempts failed: it may have been done, and once at most.
            Err(_) => assert!(orders <= 1, "seed {seed}"),
        }
        let report = engine.faults();
        both += u64::from(report.count(Fault::AnswerLost) > 0 && report.count(Fault::Conflict) > 0);
    }
    assert!(both > 0, "no run had both");
}
