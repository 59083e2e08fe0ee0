//! Filters, views, counts, the first and the last of a listing.

use keyfold::prelude::*;

use crate::shop::*;

/// What a list of orders shows.
#[derive(Debug, PartialEq, View, Deserialize)]
#[view(Order)]
struct Line {
    number: Option<u32>,
    suffix: Option<String>,
    coupon: Option<String>,
}

#[derive(Debug, PartialEq, View, Deserialize)]
#[view(Customer)]
struct Name {
    name: String,
    #[serde(rename = "joinedAt")]
    joined: Timestamp,
}

#[derive(Debug, PartialEq, View, Deserialize)]
#[view(Session)]
struct Until {
    until: Option<Timestamp>,
}

/// Orders 0 to 29 of the shop, of which each third has a coupon.
async fn with_orders() -> Open {
    let open = open().await;
    for number in 0..30 {
        let coupon = (number % 3 == 0).then(|| format!("SPRING-{number}"));
        let order = Order {
            coupon,
            ..order(1, i64::from(number))
        };
        open.db.orders.create(order).await.expect("created");
    }
    open
}

#[tokio::test]
async fn a_filter_fills_a_page_and_says_what_was_read_for_it() {
    let Open { db, .. } = with_orders().await;
    let shop = order(1, 0).shop;
    let coupons = || {
        db.orders_of(&shop)
            .page_size(4)
            .filter(|o| o.coupon.exists())
    };
    let mut page = coupons().page().await.expect("read");
    let numbers = |page: &Page<Order>| -> Vec<u32> {
        page.items.iter().filter_map(|order| order.number).collect()
    };
    assert_eq!(numbers(&page), [0, 3, 6, 9]);
    assert!(page.read >= 10, "{}", page.read);
    let mut all = numbers(&page);
    while let Some(next) = page.next {
        page = coupons().after(next).page().await.expect("read");
        all.extend(numbers(&page));
    }
    assert_eq!(all, [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);

    let two = coupons().filter(|o| o.coupon.eq("SPRING-3".to_owned()));
    assert_eq!(two.all(10).await.expect("read").len(), 1);
}

#[tokio::test]
async fn a_filtered_page_reads_no_more_than_it_may() {
    let Open { db, .. } = with_orders().await;
    let shop = order(1, 0).shop;
    let none = || {
        db.orders_of(&shop)
            .filter(|o| o.coupon.eq("none".to_owned()))
    };
    let page = none().reading_at_most(7).page().await.expect("read");
    assert_eq!((page.items.len(), page.read), (0, 7));
    let next = page.next.expect("more was not read");
    let rest = none().reading_at_most(100).after(next.clone());
    let rest = rest.page().await.expect("read");
    assert_eq!((rest.items.len(), rest.read), (0, 23));
    assert!(rest.next.is_none());
    // Another filter is another question.
    let other = db
        .orders_of(&shop)
        .filter(|o| o.coupon.exists())
        .after(next);
    let refused = other.page().await.expect_err("another question");
    assert!(refused.is_cursor_refused(), "{refused}");
}

#[tokio::test]
async fn a_filter_on_a_key_is_refused_before_anything_is_sent() {
    let Open { db, .. } = open().await;
    let shop = order(1, 0).shop;
    let refused = db.orders_of(&shop).filter(|o| o.number.eq(3)).request();
    let refused = refused.expect_err("a key attribute").to_string();
    assert!(
        refused.starts_with("KF1017") && refused.contains("`number`"),
        "{refused}"
    );
    // It is an ordinary attribute of what another pattern reads.
    let due = db.orders_due(State::Open, order(1, 0).due);
    due.filter(|o| o.number.eq(3)).request().expect("sent so");
}

#[tokio::test]
async fn a_view_asks_for_its_attributes_and_no_more() {
    let Open { db, .. } = with_orders().await;
    let shop = order(1, 0).shop;
    let lines = db.orders_of(&shop).view::<Line>();
    let request = lines.request().expect("sendable");
    let names = request.expression_attribute_names().expect("names");
    let sent: std::collections::BTreeSet<&str> = request
        .projection_expression()
        .expect("projected")
        .split(", ")
        .map(|placeholder| &*names[placeholder])
        .collect();
    let expected = ["PK", "SK", "coupon", "entity", "expires", "number", "shop"];
    assert_eq!(sent.into_iter().collect::<Vec<_>>(), expected);
    let explained = lines.explain().expect("explained").to_string();
    assert!(explained.contains("charged are whole items"), "{explained}");

    let page = lines.page_size(2).page().await.expect("read");
    let line = |number, coupon: Option<&str>| Line {
        number: Some(number),
        suffix: order(1, 0).suffix,
        coupon: coupon.map(str::to_owned),
    };
    assert_eq!(page.items, [line(0, Some("SPRING-0")), line(1, None)]);
    let rest = db.orders_of(&shop).view::<Line>().after(page.next);
    assert_eq!(
        rest.page_size(1).page().await.expect("read").items,
        [line(2, None)]
    );
}

#[tokio::test]
async fn one_item_is_read_as_a_view() {
    let Open { db, .. } = open().await;
    let customer = customer(1);
    db.customers
        .create(customer.clone())
        .await
        .expect("created");
    let name = db.customers.get(&customer.id).view::<Name>().consistent();
    let expected = Name {
        name: customer.name,
        joined: customer.joined,
    };
    assert_eq!(name.await.expect("read"), expected);
    let absent = db.customers.find(&Id::from_bits(77)).view::<Name>();
    assert_eq!(absent.await.expect("read"), None);
}

#[tokio::test]
async fn a_moment_of_expiry_is_read_in_a_view_and_hides_what_has_expired() {
    let Open { db, hands, .. } = open().await;
    let session = Session {
        token: "t".to_owned(),
        user: "ada".to_owned(),
        until: Some(moment(60_000)),
    };
    db.sessions.create(session.clone()).await.expect("created");
    let key = || SessionKey {
        token: session.token.clone(),
    };
    let until = db.sessions.find(key()).view::<Until>().await.expect("read");
    assert_eq!(until.expect("there").until, session.until);
    hands.forward_ms(61_000);
    let until = db.sessions.find(key()).view::<Until>().await.expect("read");
    assert_eq!(until, None);
}

#[tokio::test]
async fn the_first_and_the_last_are_read_alone() {
    let Open { db, .. } = with_orders().await;
    let shop = order(1, 0).shop;
    let listing = || db.orders_of(&shop);
    let first = listing().first().await.expect("read").expect("there");
    let last = listing().last().await.expect("read").expect("there");
    assert_eq!((first.number, last.number), (Some(0), Some(29)));
    let late = listing().filter(|o| o.coupon.eq("SPRING-27".to_owned()));
    let late = late.reading_at_most(5).first().await.expect("read");
    assert_eq!(late.expect("there").number, Some(27));
    assert_eq!(db.orders_of("nobody").first().await.expect("read"), None);
}

#[tokio::test]
async fn counting_reads_all_and_is_sent_keys_alone() {
    let Open { db, .. } = with_orders().await;
    let shop = order(1, 0).shop;
    let all = db.orders_of(&shop).count().await.expect("counted");
    assert_eq!((all.items, all.read), (30, 30));
    let some = db.orders_of(&shop).filter(|o| o.coupon.exists());
    let some = some.count().await.expect("counted");
    assert_eq!((some.items, some.read), (10, 30));
    assert!(some.cost.read_units > 0.0);
    let cut = db.orders_of(&shop).reading_at_most(29).count().await;
    assert!(
        matches!(cut, Err(QueryError::TooMany { max_items: 29, .. })),
        "{cut:?}"
    );
}
