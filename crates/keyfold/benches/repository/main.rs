//! What a repository costs beside the same call written by hand on the SDK with `serde_dynamo`:
//! once on the embedded engine, and once on answers given back from memory, where what is left is
//! the SDK and we.
//!
//! `cargo bench -p keyfold --bench repository`. The table printed first is what counts: CPU time of
//! the two, taken in turns in one run. Criterion's own figures follow; a name after `--` chooses
//! among those.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and what it reports it prints"
)]

mod by_hand;
mod compare;
mod replay;
mod shop;

use criterion::{Criterion, criterion_group};
use tokio::runtime::Runtime;

use compare::Compared;
use shop::{Prepared, Shop};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// One call in both ways, on one client.
macro_rules! compared {
    ($runtime:expr, $name:expr, $prepared:ident, $ours:expr, $by_hand:expr) => {{
        let $prepared = $prepared;
        Compared::of($runtime, $name, async || $ours, async || $by_hand)
    }};
}

fn compare_on(runtime: &Runtime, prepare: impl Fn() -> Prepared) -> Vec<Compared> {
    let get = &prepare();
    let put = &prepare();
    let query = &prepare();
    let page = &prepare();
    vec![
        compared!(
            runtime,
            "get",
            get,
            get.get().await,
            by_hand::get(get).await
        ),
        compared!(
            runtime,
            "put",
            put,
            put.put().await,
            by_hand::put(put).await
        ),
        compared!(
            runtime,
            "query of 10",
            query,
            query.query_all().await,
            by_hand::query_all(query).await
        ),
        compared!(
            runtime,
            "page of 10, more follow",
            page,
            page.query_page().await,
            by_hand::query_page(page).await
        ),
    ]
}

/// What asking for the consumed capacity costs by itself, both by hand.
fn asking_for_units(runtime: &Runtime, prepare: impl Fn() -> Prepared) -> Compared {
    let (with, without) = (&prepare(), &prepare());
    Compared::of(
        runtime,
        "get by hand, with ReturnConsumedCapacity : without",
        async || by_hand::get(with).await,
        async || by_hand::get_without_units(without).await,
    )
}

fn compare() {
    let runtime = runtime();
    let shop = runtime.block_on(Shop::filled());
    println!("{}", Compared::HEAD);
    for (below, canned) in [("embedded engine", false), ("answers from memory", true)] {
        println!("{below}");
        let prepare = || shop.prepared(canned);
        for compared in compare_on(&runtime, prepare) {
            println!("{compared}");
        }
        println!("{}", asking_for_units(&runtime, prepare));
    }
    println!();
}

fn by_criterion(bench: &mut Criterion) {
    let runtime = &runtime();
    let shop = runtime.block_on(Shop::filled());
    for (below, canned) in [("engine", false), ("canned", true)] {
        macro_rules! pair {
            ($name:literal, $prepared:ident, $ours:expr, $by_hand:expr) => {
                let $prepared = &shop.prepared(canned);
                let mut group = bench.benchmark_group(format!("{below}/{}", $name));
                group.bench_function("repository", |bench| {
                    bench.to_async(runtime).iter(async || $ours);
                });
                group.bench_function("by hand", |bench| {
                    bench.to_async(runtime).iter(async || $by_hand);
                });
                group.finish();
            };
        }
        pair!("get", p, p.get().await, by_hand::get(p).await);
        pair!("put", p, p.put().await, by_hand::put(p).await);
        pair!(
            "query of 10",
            p,
            p.query_all().await,
            by_hand::query_all(p).await
        );
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = by_criterion
}

fn main() {
    // `cargo test --benches` only wants to know that it runs; `cargo bench` says `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().all(|argument| argument == "--bench") && !arguments.is_empty() {
        compare();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
