//! 2,000 scans a second, written straight into the table: how far the pipeline is behind, and what memory it takes.

use std::time::{Duration, Instant};

use genuproof::domain::ids::{Form as _, ProductId};
use genuproof::domain::stored::Stored;
use genuproof::server;
use genuproof::settings::{DEFAULT_TABLE, Storage};
use genuproof::table::{Genuproof, Scan};
use keyfold::Timestamp;
use keyfold::prelude::*;
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::{ms, settings};

const SCANS_A_SECOND: u32 = 2_000;
const PRODUCTS: usize = 500;
/// Written at once.
const BATCH: u32 = 25;

pub async fn measure() {
    let seconds: u32 = std::env::var("KEYFOLD_SECONDS").map_or(15, |text| text.parse().unwrap());
    let running = server::start(settings(Storage::Memory)).await.unwrap();
    let mut connection = Connection::open(running.address).await;
    let brand = json!({ "name": "Maison", "domain": "maison.example", "industry": "fashion" });
    let brand = connection.post("/api/brands", "", &brand).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, key) = (text(&brand["id"]), text(&brand["apiKey"]));
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        let product = json!({ "brandId": id, "name": format!("Watch {number}") });
        let product = connection
            .post("/api/products/register", &key, &product)
            .await;
        products.push(ProductId::parse(&text(&product["productId"])).unwrap());
    }
    running.caught_up().await;
    let engine = running.engine.clone().unwrap();
    let db = Genuproof::builder(engine.client())
        .table(DEFAULT_TABLE)
        .build();
    let before_mb = resident_mb();
    let handled = || running.pipelines()[0].handled;
    let (start, begin) = (handled(), Instant::now());
    let mut ticks = tokio::time::interval(Duration::from_secs(1) * BATCH / SCANS_A_SECOND);
    let mut written = 0_usize;
    let (mut behind_max, mut memory_max_mb) = (0, before_mb);
    for _ in 0..seconds * SCANS_A_SECOND / BATCH {
        ticks.tick().await;
        let now = db.now();
        let scans: Vec<_> = (0..BATCH)
            .map(|number| {
                let product = &products[(written + usize::try_from(number).unwrap()) % PRODUCTS];
                scan(product, &id, now, db.random())
            })
            .collect();
        written += scans.len();
        assert!(db.scans.batch_put(scans).await.unwrap().left.is_empty());
        let behind = u64::try_from(written)
            .unwrap()
            .saturating_sub(handled() - start);
        behind_max = behind_max.max(behind);
        memory_max_mb = memory_max_mb.max(resident_mb());
    }
    let wrote = begin.elapsed();
    running.caught_up().await;
    let lag = begin.elapsed().saturating_sub(wrote);
    println!("a flood of scans, written straight into the table, in memory");
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    let rate = written as f64 / wrote.as_secs_f64();
    println!(
        "  {written} scans of {PRODUCTS} products in {:.1} s ({rate:.0} a second), at most {behind_max} behind, caught up {:.0} ms after the last",
        wrote.as_secs_f64(),
        ms(lag),
    );
    println!(
        "  memory before {before_mb} MB, at most {memory_max_mb} MB, the table and its stream in it; set aside {}",
        running
            .pipelines()
            .iter()
            .map(|status| status.set_aside)
            .sum::<u64>()
    );
    running.until(std::future::ready(())).await.unwrap();
}

pub fn scan(product: &ProductId, brand: &str, at: Timestamp, random: u128) -> Scan {
    Scan {
        product: product.clone(),
        at,
        suffix: Some(format!("{random:032x}")[..16].to_owned()),
        product_id: product.into(),
        timestamp: at.to_string().into(),
        country: "FR".into(),
        city: "Lyon".into(),
        user_agent: "Mozilla/5.0 (Bench)".into(),
        result: "authentic".into(),
        brand_id: brand.into(),
        claimed_by_another_at: Stored::Absent,
        ip: Stored::Absent,
    }
}

/// Of the whole process.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kb / 1024
}
