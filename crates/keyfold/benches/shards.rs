//! A listing of 50,000 items in 16 shards against the same in one partition: the first page, a page in the middle,
//! and counting all of it. `cargo bench -p keyfold --bench shards`.

#![expect(clippy::expect_used, reason = "a bench says what it expects")]

use std::hint::black_box;

use criterion::Criterion;
use keyfold::prelude::*;

const ITEMS: u32 = 50_000;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
struct Shop {
    sharded: Repo<Sharded>,
    plain: Repo<Plain>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "SHARDED#{shard}", sk = "ITEM#{id}")]
#[shard(16, by = id)]
struct Sharded {
    id: u32,
    name: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PLAIN", sk = "ITEM#{id}")]
struct Plain {
    id: u32,
    name: String,
}

#[access_patterns]
impl Shop {
    /// All of 16 partitions.
    #[query(Sharded, page = 20)]
    fn in_shards(&self) -> Pages<Sharded>;

    /// All of one partition.
    #[query(Plain, page = 20)]
    fn in_one(&self) -> Pages<Plain>;
}

async fn seeded() -> Shop {
    let db = Shop::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    let name = |id: u32| format!("item {id}");
    let written = db
        .sharded
        .batch_put((0..ITEMS).map(|id| Sharded { id, name: name(id) }))
        .await
        .expect("written");
    assert!(written.left.is_empty());
    let written = db
        .plain
        .batch_put((0..ITEMS).map(|id| Plain { id, name: name(id) }))
        .await
        .expect("written");
    assert!(written.left.is_empty());
    db
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let db = runtime.block_on(seeded());
    let mut criterion = Criterion::default().configure_from_args();
    let run = &runtime;
    criterion.bench_function("first page of 20, 16 shards", |b| {
        b.iter(|| black_box(run.block_on(db.in_shards().page()).expect("a page")));
    });
    criterion.bench_function("first page of 20, one partition", |b| {
        b.iter(|| black_box(run.block_on(db.in_one().page()).expect("a page")));
    });
    let middle = run
        .block_on(db.in_shards().page_size(500).page())
        .expect("a page")
        .next;
    criterion.bench_function("a page of 20 after 500, 16 shards", |b| {
        b.iter(|| {
            let page = db.in_shards().after(middle.clone()).page();
            black_box(run.block_on(page).expect("a page"))
        });
    });
    criterion.bench_function("counting 50,000, 16 shards", |b| {
        b.iter(|| black_box(run.block_on(db.in_shards().count()).expect("counted")));
    });
    criterion.final_summary();
}
