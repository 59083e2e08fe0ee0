//! Transactions.

use keyfold::prelude::*;
use keyfold::{NoRefusal, WriteError};

use crate::shop::*;

#[derive(Debug, PartialEq, Eq, Refusal)]
enum Checkout {
    NoCustomer,
    EmailTaken,
    Twice,
}

#[tokio::test]
async fn all_of_it_is_written_or_nothing() {
    let Open { db, client, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let cost = db
        .transact()
        .require(db.customers.exists(&customer(1).id))
        .create(order(1, 1))
        .apply(db.totals.upsert("Geneva").add_orders(1))
        .commit()
        .await
        .expect("committed");
    assert!(cost.write_units >= 4.0, "{cost:?}");
    let before = count(&client).await;
    let refused = db
        .transact()
        .require(db.customers.exists(&customer(2).id))
        .or(Checkout::NoCustomer)
        .create(order(2, 1))
        .or(Checkout::Twice)
        .apply(db.totals.upsert("Geneva").add_orders(1))
        .commit()
        .await
        .expect_err("refused");
    assert_eq!(refused.refusal(), Some(&Checkout::NoCustomer));
    assert_eq!(count(&client).await, before);
    assert_eq!(
        db.totals
            .get("Geneva")
            .consistent()
            .await
            .expect("read")
            .orders,
        1
    );
}

#[tokio::test]
async fn each_refusal_is_the_one_that_was_named() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let attempt = |new: Customer| {
        db.transact()
            .create(new)
            .or_taken(CustomerUnique::Email, Checkout::EmailTaken)
            .or(Checkout::Twice)
            .commit()
    };
    let taken = attempt(Customer {
        email: customer(1).email,
        ..customer(2)
    })
    .await
    .expect_err("taken");
    assert_eq!(taken.refusal(), Some(&Checkout::EmailTaken));
    let twice = attempt(Customer {
        email: "x@mail.example".into(),
        ..customer(1)
    })
    .await
    .expect_err("twice");
    assert_eq!(twice.refusal(), Some(&Checkout::Twice));
}

#[tokio::test]
async fn a_refusal_without_a_name_says_which_operation() {
    let Open { db, .. } = open().await;
    let error = db
        .transact()
        .create(order(1, 1))
        .require(db.customers.exists(&customer(9).id))
        .commit()
        .await;
    let error = error.expect_err("refused");
    let expected = matches!(
        error,
        TransactError::Condition {
            operation: 1,
            verb: "require",
            entity: "Customer",
            ..
        }
    );
    assert!(expected, "{error:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_before_sending() {
    let Open { db, client, .. } = open().await;
    let unsendable = |result: Result<keyfold::Cost, TransactError<NoRefusal>>| match result {
        Err(TransactError::Write(WriteError::Unsendable { reason })) => reason,
        other => panic!("{other:?}"),
    };
    let reason = unsendable(db.transact().commit().await);
    assert!(reason.contains("no operation"), "{reason}");
    let twice = db
        .transact()
        .create(order(1, 1))
        .apply(db.orders.patch(&order(1, 1)).lines(Vec::new()));
    let reason = unsendable(twice.commit().await);
    assert!(
        reason.contains("operation 0, create `Order`")
            && reason.contains("operation 1, patch `Order`"),
        "{reason}"
    );
    let many = (0..101).fold(db.transact(), |all, minute| all.create(order(1, minute)));
    let reason = unsendable(many.commit().await);
    assert!(reason.contains("101") && reason.contains("100"), "{reason}");
    let large = (0..12).fold(db.transact(), |all, minute| {
        all.create(Order {
            lines: vec!["x".repeat(390_000)],
            ..order(1, minute)
        })
    });
    let reason = unsendable(large.commit().await);
    assert!(reason.contains("4 MB"), "{reason}");
    let reason = unsendable(
        db.transact()
            .create(order(1, 1))
            .token("t".repeat(37))
            .commit()
            .await,
    );
    assert!(reason.contains("36"), "{reason}");
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn a_token_makes_a_repeat_harmless() {
    let Open { db, .. } = open().await;
    for _ in 0..2 {
        let add = db.totals.upsert("Geneva").add_orders(1);
        db.transact()
            .apply(add)
            .token("request-1")
            .commit()
            .await
            .expect("committed");
    }
    // The item is stamped with one and the same moment, so the two requests are the same.
    assert_eq!(
        db.totals
            .get("Geneva")
            .consistent()
            .await
            .expect("read")
            .orders,
        1
    );
}

#[tokio::test]
async fn the_read_build_commit_loop_serialises_writers() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..20 {
        let db = db.clone();
        tasks.spawn(async move {
            retry(
                Policy {
                    attempts_max: 200,
                    ..Policy::default()
                },
                |_| async {
                    let read = db.customers.get(&customer(1).id).consistent().await;
                    let loaded = match read {
                        Ok(loaded) => loaded,
                        Err(error) => return Attempt::Failed(WriteError::Read(Box::new(error))),
                    };
                    match db
                        .customers
                        .edit(&loaded)
                        .name(format!("{}+{writer}", loaded.name))
                        .send()
                        .await
                    {
                        Ok(_) => Attempt::Done(()),
                        Err(error) if error.is_condition_failed() => Attempt::Again(error),
                        Err(error) => Attempt::Failed(error),
                    }
                },
            )
            .await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("ran").expect("appended");
    }
    let name = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read")
        .name;
    let mut writers: Vec<u32> = name
        .split('+')
        .skip(1)
        .map(|part| part.parse().expect("a number"))
        .collect();
    writers.sort_unstable();
    assert_eq!(
        writers,
        (0..20).collect::<Vec<_>>(),
        "every writer once: {name}"
    );
}
