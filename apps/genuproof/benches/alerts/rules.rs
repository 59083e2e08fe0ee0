//! What the rules cost for one product, with ever more scans in a day.

use std::time::Instant;

use genuproof::domain::canonical::Object;
use genuproof::domain::chain::Unsealed;
use genuproof::domain::crypto::{Secret, Signer};
use genuproof::domain::input::{CreateBrand, ProductDetails};
use genuproof::settings::DEFAULT_TABLE;
use genuproof::store::Store;
use genuproof::table::Genuproof;
use keyfold::prelude::*;

use crate::flood::scan;
use crate::{SECRET, ms, percentile};

const MEASURED: usize = 200;
const DAY_MS: i64 = 24 * 3_600_000;

pub async fn measure() {
    println!("the rules on one scan of a product with so many scans in the day before");
    for scans in [10_usize, 1_000, 10_000, 100_000] {
        let engine = keyfold::embedded::memory();
        let db = Genuproof::builder(engine.client())
            .table(DEFAULT_TABLE)
            .build();
        db.create_table().if_missing().await.unwrap();
        let signer = Signer::new(Secret::new(SECRET).unwrap());
        let store = Store::new(db.clone(), signer, Unsealed::Never);
        let brand = CreateBrand {
            name: "Maison".to_owned(),
            domain: "maison.example".to_owned(),
            industry: "fashion".to_owned(),
            logo_url: None,
        };
        let brand = store.create_brand(brand).await.unwrap().brand;
        let details = ProductDetails {
            name: "Watch".to_owned(),
            sku: None,
            category: None,
            description: None,
            image_url: None,
            metadata: Object::new(),
            manufacturing_location: None,
        };
        let product = store.register(&brand, details, false).await.unwrap();
        let now = db.now();
        let apart = DAY_MS / i64::try_from(scans + MEASURED).unwrap();
        let id = brand.id.to_string();
        let at = |number: usize| now.plus_ms(apart * i64::try_from(number).unwrap() - DAY_MS);
        for first in (0..scans).step_by(1_000) {
            let batch = (first..(first + 1_000).min(scans))
                .map(|number| scan(&product.id, &id, at(number), db.random()));
            assert!(db.scans.batch_put(batch).await.unwrap().left.is_empty());
        }
        let mut took = Vec::new();
        for number in scans..scans + MEASURED {
            let new = scan(&product.id, &id, at(number), db.random());
            db.scans.put(new.clone()).await.unwrap();
            let begin = Instant::now();
            store.watch_scan(&new).await.unwrap();
            took.push(begin.elapsed());
        }
        // The first one reads what nobody watched, once.
        let first = took.remove(0);
        took.sort_unstable();
        println!(
            "  {scans:7}  p50 {:5.2} ms, p99 {:5.2} ms; the very first {:6.1} ms",
            ms(percentile(&took, 50)),
            ms(percentile(&took, 99)),
            ms(first)
        );
    }
}
