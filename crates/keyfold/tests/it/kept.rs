//! `#[unique]` and `#[mirror]`: kept in the same transaction.

use keyfold::prelude::*;

use crate::shop::*;

async fn holder(db: &Shop, email: &str) -> Option<u128> {
    db.emails
        .find(email)
        .consistent()
        .await
        .expect("read")
        .map(|claim| claim.customer.bits())
}

async fn card(db: &Shop, of: &Customer) -> Option<Card> {
    db.cards
        .find((&of.joined, &of.id))
        .consistent()
        .await
        .expect("read")
}

#[tokio::test]
async fn a_unique_value_is_claimed_with_the_item_and_freed_with_it() {
    let Open { db, client, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    assert_eq!(
        holder(&db, "C1@MAIL.example").await,
        Some(1),
        "the template is lower-case"
    );
    let before = count(&client).await;
    let taken = Customer {
        email: "C1@mail.example".into(),
        ..customer(2)
    };
    let error = db.customers.create(taken).await.expect_err("taken");
    assert!(
        matches!(
            error,
            WriteError::Taken {
                entity: "Customer",
                unique: "Email" | "email"
            }
        ),
        "{error:?}"
    );
    assert_eq!(count(&client).await, before, "nothing of it is written");
    db.customers.delete(&customer(1).id).await.expect("deleted");
    assert_eq!(holder(&db, "c1@mail.example").await, None);
    assert_eq!(count(&client).await, 0, "the mirror is gone too");
}

#[tokio::test]
async fn of_many_who_claim_at_once_one_wins() {
    let Open { db, client, .. } = open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=50 {
        let db = db.clone();
        let mine = Customer {
            email: "same@mail.example".into(),
            ..customer(number)
        };
        tasks.spawn(async move { db.customers.create(mine).await });
    }
    let (mut won, mut lost) = (0, 0);
    while let Some(done) = tasks.join_next().await {
        match done.expect("ran") {
            Ok(_) => won += 1,
            Err(error) => {
                assert!(error.is_already_there(), "{error}");
                lost += 1;
            }
        }
    }
    assert_eq!((won, lost), (1, 49));
    assert_eq!(count(&client).await, 3);
}

#[tokio::test]
async fn an_edit_moves_the_claim_and_refuses_a_taken_one() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    db.customers.create(customer(2)).await.expect("created");
    let one = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read");
    let error = db
        .customers
        .edit(&one)
        .email("c2@mail.example")
        .send()
        .await
        .expect_err("taken");
    assert!(error.is_already_there(), "{error}");
    db.customers
        .edit(&one)
        .email("new@mail.example")
        .send()
        .await
        .expect("edited");
    assert_eq!(holder(&db, "c1@mail.example").await, None);
    assert_eq!(holder(&db, "new@mail.example").await, Some(1));
    let stale = db
        .customers
        .edit(&one)
        .email("third@mail.example")
        .send()
        .await
        .expect_err("stale");
    assert!(stale.is_condition_failed(), "{stale}");
    assert_eq!(
        holder(&db, "third@mail.example").await,
        None,
        "nothing of a refused edit is written"
    );
}

#[tokio::test]
async fn a_mirror_follows_edits_and_counters() {
    let Open { db, .. } = open().await;
    let one = customer(1);
    db.customers.create(one.clone()).await.expect("created");
    db.customers
        .edit(&one)
        .name("Renamed")
        .add_visits(2)
        .send()
        .await
        .expect("edited");
    db.customers
        .patch(&one.id)
        .add_visits(3)
        .send()
        .await
        .expect("patched");
    let mirrored = card(&db, &one).await.expect("there");
    assert_eq!((mirrored.name.as_str(), mirrored.visits), ("Renamed", 5));
    assert_eq!(db.customers.get(&one.id).await.expect("read").visits, 5);
}

#[tokio::test]
async fn counters_raised_at_once_agree_in_item_and_mirror() {
    let Open { db, .. } = open().await;
    let one = customer(1);
    db.customers.create(one.clone()).await.expect("created");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (db, id) = (db.clone(), one.id);
        tasks.spawn(async move { db.customers.patch(&id).add_visits(1).send().await });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("ran").expect("counted");
    }
    assert_eq!(
        db.customers
            .get(&one.id)
            .consistent()
            .await
            .expect("read")
            .visits,
        40
    );
    assert_eq!(card(&db, &one).await.expect("there").visits, 40);
}

#[tokio::test]
async fn a_mirror_that_is_missing_is_written_whole() {
    let Open { db, .. } = open().await;
    let one = customer(1);
    db.customers.create(one.clone()).await.expect("created");
    db.cards
        .delete((&one.joined, &one.id))
        .await
        .expect("deleted");
    db.customers
        .patch(&one.id)
        .add_visits(1)
        .send()
        .await
        .expect("patched");
    let mirrored = card(&db, &one).await.expect("written anew");
    assert_eq!((mirrored.name.as_str(), mirrored.visits), ("Customer 1", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_that_is_missing_is_written_by_one_of_many_and_counts_all() {
    for _ in 0..5 {
        let Open { db, .. } = open().await;
        let one = customer(1);
        db.customers.create(one.clone()).await.expect("created");
        db.cards
            .delete((&one.joined, &one.id))
            .await
            .expect("deleted");
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (db, id) = (db.clone(), one.id);
            tasks.spawn(async move { db.customers.patch(&id).add_visits(1).send().await });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("ran").expect("patched");
        }
        assert_eq!(card(&db, &one).await.expect("written anew").visits, 20);
    }
}

#[tokio::test]
async fn a_put_over_an_item_moves_what_is_kept() {
    let Open { db, client, .. } = open().await;
    db.customers.put(customer(1)).await.expect("put");
    let moved = Customer {
        email: "other@mail.example".into(),
        joined: moment(77_000),
        ..customer(1)
    };
    db.customers.put(moved.clone()).await.expect("put");
    assert_eq!(count(&client).await, 3);
    assert_eq!(holder(&db, "c1@mail.example").await, None);
    assert_eq!(holder(&db, "other@mail.example").await, Some(1));
    assert!(card(&db, &moved).await.is_some());
}
