//! Pages and cursors.

use keyfold::prelude::*;

use crate::shop::*;

async fn seeded(customers: u128) -> Open {
    let open = open().await;
    for number in 1..=customers {
        open.db
            .customers
            .create(customer(number))
            .await
            .expect("created");
    }
    open
}

#[tokio::test]
async fn walking_to_the_end_gives_every_item_once_and_no_empty_page() {
    for total in [0_u128, 1, 2, 3, 4, 6, 7] {
        let Open { db, .. } = seeded(total).await;
        let (mut seen, mut next, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = db
                .customers_in("Geneva")
                .after(next)
                .page()
                .await
                .expect("a page");
            assert!(page.items.len() <= 3);
            seen.extend(page.items.iter().map(|customer| customer.id.bits()));
            pages += 1;
            next = page.next;
            if next.is_none() {
                break;
            }
            assert_eq!(page.items.len(), 3, "a page with a next one is full");
        }
        assert_eq!(seen, (1..=total).rev().collect::<Vec<_>>());
        assert_eq!(
            pages,
            total.div_ceil(3).max(1),
            "no empty page at the end of {total}"
        );
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let Open { db, client, .. } = seeded(5).await;
    let cursor = db
        .customers_in("Geneva")
        .page()
        .await
        .expect("a page")
        .next
        .expect("more");
    assert!(
        cursor
            .as_str()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );

    for (what, pages) in [
        (
            "other arguments",
            db.customers_in("Rome").after(cursor.clone()),
        ),
        (
            "another direction",
            db.customers_in("Geneva").reversed().after(cursor.clone()),
        ),
        (
            "altered",
            db.customers_in("Geneva")
                .after(Cursor::from(altered(cursor.as_str()))),
        ),
        (
            "garbage",
            db.customers_in("Geneva")
                .after(Cursor::from("garbage".to_owned())),
        ),
    ] {
        let error = pages.page().await.expect_err(what);
        assert!(error.is_cursor_refused(), "{what}: {error}");
    }
    let error = db
        .cards()
        .after(cursor.clone())
        .page()
        .await
        .expect_err("another pattern");
    assert!(error.is_cursor_refused());
    let stranger = Shop::builder(client)
        .cursor_secret("another secret..")
        .build();
    let error = stranger
        .customers_in("Geneva")
        .after(cursor)
        .page()
        .await
        .expect_err("another secret");
    assert!(error.is_cursor_refused());
}

fn altered(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn pages_do_not_shift_when_items_come_and_go() {
    let Open { db, .. } = seeded(7).await;
    let first = db.customers_in("Geneva").page().await.expect("a page");
    db.customers.create(customer(99)).await.expect("created");
    db.customers.delete(&customer(5).id).await.expect("deleted");
    let second = db
        .customers_in("Geneva")
        .after(first.next)
        .page()
        .await
        .expect("a page");
    let ids: Vec<_> = second
        .items
        .iter()
        .map(|customer| customer.id.bits())
        .collect();
    assert_eq!(ids, [4, 3, 2]);
}

#[tokio::test]
async fn expired_items_are_read_and_not_given() {
    let Open { db, .. } = seeded(7).await;
    let page = db.cards().page().await.expect("a page");
    let ids: Vec<_> = page.items.iter().map(|card| card.customer.bits()).collect();
    assert_eq!(ids, [7, 6, 5, 4], "`desc` keys list the newest first");
    assert!(page.cost.read_units > 0.0);
    let rest = db
        .cards()
        .after(page.next)
        .page_size(100)
        .page()
        .await
        .expect("a page");
    assert_eq!(rest.items.len(), 3);
    assert!(rest.next.is_none());
}

#[tokio::test]
async fn reading_everything_is_bounded_aloud() {
    let Open { db, .. } = seeded(7).await;
    assert_eq!(
        db.customers_in("Geneva").all(7).await.expect("all").len(),
        7
    );
    let error = db
        .customers_in("Geneva")
        .all(6)
        .await
        .expect_err("too many");
    assert!(
        matches!(error, QueryError::TooMany { max_items: 6, .. }),
        "{error}"
    );
}
