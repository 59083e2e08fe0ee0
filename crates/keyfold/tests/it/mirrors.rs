//! `verify_mirrors`: what is not in step is found, and put right when told to.

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::prelude::*;
use keyfold::{DriftKind, MirrorReport};

use crate::shop::*;

async fn verify(db: &Shop, repair: bool) -> MirrorReport {
    let run = db.verify_mirrors().page_size(3).repair(repair).run();
    run.await.expect("read")
}

fn kinds(report: &MirrorReport) -> Vec<(&'static str, DriftKind)> {
    let mut kinds: Vec<_> = report
        .drift
        .iter()
        .map(|drift| (drift.entity, drift.kind.clone()))
        .collect();
    kinds.sort_by_key(|(entity, kind)| format!("{entity}{kind:?}"));
    kinds
}

/// Five customers, and what writes around the repositories did to what is kept in step with four of them.
async fn drifted() -> Open {
    let open = open().await;
    let (db, client) = (&open.db, &open.client);
    for number in 1..=5 {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    db.customers
        .patch(&customer(5).id)
        .add_visits(4)
        .send()
        .await
        .expect("counted");
    // A mirror that is gone, one that differs, a claim that is gone, and two orphans.
    let card = |number: u128| (customer(number).joined, customer(number).id);
    let (joined, id) = card(1);
    db.cards.delete((&joined, &id)).await.expect("deleted");
    let (joined, id) = card(2);
    let other = db.cards.patch((&joined, &id)).name("Old").add_visits(9);
    other.send().await.expect("patched");
    db.emails.delete("c3@mail.example").await.expect("deleted");
    let request = db
        .customers
        .get(&customer(4).id)
        .request()
        .expect("a request");
    let around = client.delete_item().table_name("shop").set_key(request.key);
    around
        .send()
        .await
        .expect("deleted around the repositories");
    open
}

#[tokio::test]
async fn what_the_repositories_write_is_in_step() {
    let Open { db, .. } = open().await;
    for number in 1..=7 {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    db.customers
        .patch(&customer(2).id)
        .add_visits(4)
        .send()
        .await
        .expect("counted");
    let one = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read");
    db.customers
        .edit(&one)
        .email("n@mail.example")
        .send()
        .await
        .expect("edited");
    db.customers.delete(&customer(3).id).await.expect("deleted");
    let report = verify(&db, false).await;
    assert!(report.drift.is_empty() && report.is_clean(), "{report:?}");
    assert_eq!((report.scanned, report.owners, report.rows), (18, 6, 12));
    assert!(report.cost.read_units > 0.0);
    assert!(
        report
            .to_string()
            .contains("12 of 12 kept in step with 6 items are"),
        "{report}"
    );
}

#[tokio::test]
async fn drift_is_told_by_kind_and_nothing_is_written_without_repair() {
    let Open { db, client, .. } = drifted().await;
    let before = count(&client).await;
    let report = verify(&db, false).await;
    assert_eq!(
        kinds(&report),
        [
            (
                "Card",
                DriftKind::Differs(vec!["name".into(), "visits".into()])
            ),
            ("Card", DriftKind::Missing),
            ("Card", DriftKind::Orphan),
            ("EmailClaim", DriftKind::Missing),
            ("EmailClaim", DriftKind::Orphan),
        ]
    );
    assert!(!report.is_clean());
    assert_eq!(count(&client).await, before);
    let text = format!("{report}{report:?}");
    assert!(!text.contains("mail.example"), "no key in it: {text}");
    assert!(
        report
            .drift
            .iter()
            .all(|drift| drift.key().contains_key("PK"))
    );
}

#[tokio::test]
async fn repair_puts_everything_right_and_a_second_run_finds_nothing() {
    let Open { db, client, .. } = drifted().await;
    let report = verify(&db, true).await;
    assert_eq!(report.drift.len(), 5);
    assert!(report.is_clean(), "{report:?}");
    assert!(report.to_string().contains("missing, repaired"), "{report}");
    assert!(verify(&db, false).await.drift.is_empty());
    let (joined, id) = (customer(2).joined, customer(2).id);
    let card = db
        .cards
        .get((&joined, &id))
        .consistent()
        .await
        .expect("there");
    assert_eq!((card.name.as_str(), card.visits), ("Customer 2", 0));
    let claim = db.emails.get("c3@mail.example").consistent().await;
    assert_eq!(claim.expect("claimed again").customer, customer(3).id);
    assert_eq!(
        count(&client).await,
        12,
        "four customers with a claim and a card each"
    );
}

#[tokio::test]
async fn two_items_that_claim_one_value_are_told_and_left() {
    let Open { db, client, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let mut second = raw(&client, &format!("CUSTOMER#{}", customer(1).id), "META")
        .await
        .expect("there");
    let id = customer(2).id.to_string();
    second.insert("PK".to_owned(), AttributeValue::S(format!("CUSTOMER#{id}")));
    second.insert("id".to_owned(), AttributeValue::S(id));
    let around = client.put_item().table_name("shop").set_item(Some(second));
    around.send().await.expect("put around the repositories");
    let report = verify(&db, true).await;
    let contested: Vec<_> = report
        .drift
        .iter()
        .filter(|drift| drift.kind == DriftKind::Contested)
        .collect();
    assert_eq!(contested.len(), 1, "{report:?}");
    assert!(!contested[0].repaired && !report.is_clean());
}

#[tokio::test]
async fn an_original_that_cannot_be_read_is_told_and_its_rows_are_not_deleted() {
    let Open { db, client, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let pk = format!("CUSTOMER#{}", customer(1).id);
    let broken = client
        .update_item()
        .table_name("shop")
        .key("PK", AttributeValue::S(pk))
        .key("SK", AttributeValue::S("META".to_owned()))
        .update_expression("REMOVE #n")
        .expression_attribute_names("#n", "name");
    broken.send().await.expect("broken");
    let report = verify(&db, true).await;
    let unreadable = |drift: &&keyfold::Drift| matches!(&drift.kind, DriftKind::Unreadable(reason) if reason.contains("name"));
    assert_eq!(
        report.drift.iter().filter(unreadable).count(),
        1,
        "{report:?}"
    );
    assert_eq!(
        count(&client).await,
        3,
        "nothing is deleted that it may ask for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_beside_writers_loses_nothing() {
    let Open { db, .. } = drifted().await;
    let writers: Vec<_> = [1, 2, 3, 5]
        .into_iter()
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..15 {
                    let id = customer(number).id;
                    let counted = db.customers.patch(&id).add_visits(1).send().await;
                    counted.expect("counted");
                }
            })
        })
        .collect();
    for _ in 0..3 {
        verify(&db, true).await;
    }
    for writer in writers {
        writer.await.expect("ran");
    }
    verify(&db, true).await;
    assert!(verify(&db, false).await.drift.is_empty());
    for number in [1, 2, 3, 5] {
        let id = customer(number).id;
        let own = db.customers.get(&id).consistent().await.expect("read");
        let card = db
            .cards
            .get((&own.joined, &id))
            .consistent()
            .await
            .expect("there");
        assert_eq!(own.visits, card.visits);
        assert_eq!(own.visits, if number == 5 { 19 } else { 15 });
    }
}
