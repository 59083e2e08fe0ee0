//! What DynamoDB would refuse is refused before it is sent, with entity and remedy.

use crate::shop::*;

#[tokio::test]
async fn keys_and_items_that_are_too_large_are_refused_by_name() {
    let Open { db, client, .. } = open().await;
    let secret = "geheim".repeat(400);
    let long = Note {
        folder: "f".into(),
        title: secret.clone(),
        body: String::new(),
    };
    let error = db
        .notes
        .create(long)
        .await
        .expect_err("too long")
        .to_string();
    for word in ["KF1002", "`Note`", "NOTE#{title}", "1024", "`title`"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    assert!(!error.contains("geheim"), "{error}");
    let error = db
        .notes
        .find((secret.as_str(), "t"))
        .await
        .expect_err("too long")
        .to_string();
    assert!(
        error.contains("2048") && !error.contains("geheim"),
        "{error}"
    );
    let error = db
        .notes
        .create(Note {
            folder: String::new(),
            title: "t".into(),
            body: String::new(),
        })
        .await;
    let error = error.expect_err("empty").to_string();
    assert!(
        error.contains("KF1001") && error.contains("`folder`"),
        "{error}"
    );
    let large = Note {
        folder: "f".into(),
        title: "t".into(),
        body: "x".repeat(410_000),
    };
    let error = db
        .notes
        .create(large)
        .await
        .expect_err("too large")
        .to_string();
    assert!(
        error.contains("KF1004") && error.contains("`Note`") && error.contains("409600"),
        "{error}"
    );
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn the_largest_item_is_taken() {
    let Open { db, .. } = open().await;
    let frame = "PKNOTES#f".len() + "SKNOTE#t".len() + "body".len() + "entityNote".len();
    let body = "x".repeat(400 * 1_024 - frame);
    db.notes
        .create(Note {
            folder: "f".into(),
            title: "t".into(),
            body: body.clone(),
        })
        .await
        .expect("400 KB exactly");
    assert_eq!(
        db.notes.get(("f", "t")).await.expect("read").body.len(),
        body.len()
    );
    let error = db
        .notes
        .create(Note {
            folder: "f".into(),
            title: "u".into(),
            body: body + "x",
        })
        .await;
    assert!(
        error
            .expect_err("a byte more")
            .to_string()
            .contains("KF1004")
    );
}
