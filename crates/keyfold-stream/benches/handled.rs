//! From the beginning of a write to the beginning of its handler; and 2,000 records a second into a
//! pipeline: how far it falls behind, and what memory it takes.
//!
//! `cargo bench -p keyfold-stream --bench handled`; `KEYFOLD_BENCH_SECONDS` (10) says how long the
//! load lasts.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and reports to whoever reads"
)]
#![expect(missing_docs, reason = "the entities of a benchmark")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keyfold::embedded::Engine;
use keyfold::prelude::*;
use keyfold_stream::{Context, HandlerError, Pipeline, Running, Source};

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", stream = new_and_old_images)]
pub struct Bench {
    pub scans: Repo<Scan>,
}

#[derive(Debug, Clone, Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{product}", sk = "SCAN#{number}")]
pub struct Scan {
    pub product: u32,
    pub number: u32,
    /// When its write began.
    pub begun_us: u64,
    pub padding: String,
}

const PRODUCTS: u32 = 500;
const PADDING_BYTES: usize = 300;
const WRITERS: u64 = 16;

type Latencies = Arc<Mutex<Vec<u64>>>;

struct Begun {
    table: Bench,
    running: Running,
    epoch: Instant,
    latencies: Latencies,
}

async fn begin(engine: &Engine, handler: Duration) -> Begun {
    let table = Bench::builder(engine.client()).build();
    table.create_table().if_missing().await.unwrap();
    let (epoch, latencies) = (Instant::now(), Latencies::default());
    let kept = latencies.clone();
    let pipeline = Pipeline::<Bench>::new("bench").on(move |change: Change<Scan>, _: Context| {
        let kept = kept.clone();
        async move {
            let now = micros(epoch);
            let begun = change.into_new()?.begun_us;
            kept.lock().unwrap().push(now.saturating_sub(begun));
            if !handler.is_zero() {
                tokio::time::sleep(handler).await;
            }
            Ok::<(), HandlerError>(())
        }
    });
    let running = pipeline
        .start(&table, Source::embedded(engine))
        .await
        .unwrap();
    Begun {
        table,
        running,
        epoch,
        latencies,
    }
}

fn micros(epoch: Instant) -> u64 {
    u64::try_from(epoch.elapsed().as_micros()).unwrap()
}

impl Begun {
    async fn write(&self, number: u32) {
        let scan = Scan {
            product: number % PRODUCTS,
            number,
            begun_us: micros(self.epoch),
            padding: "x".repeat(PADDING_BYTES),
        };
        self.table.scans.put(scan).await.unwrap();
    }

    fn told(&self) -> String {
        let mut latencies = self.latencies.lock().unwrap().clone();
        latencies.sort_unstable();
        let at = |part: usize| latencies[(latencies.len() * part / 1_000).min(latencies.len() - 1)];
        format!(
            "{} records, write to handler p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
            latencies.len(),
            ms(at(500)),
            ms(at(990)),
            ms(at(1_000))
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a benchmark")]
fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

/// Memory that is in RAM.
fn resident_mb() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4 / 1_024
}

async fn one_by_one(name: &str, engine: &Engine) {
    let bench = begin(engine, Duration::ZERO).await;
    for number in 0..2_000 {
        bench.write(number).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bench.running.caught_up().await;
    println!("{name:<28} {}", bench.told());
    bench.running.stop().await;
}

async fn under_load(name: &str, engine: &Engine, seconds: u32, handler: Duration) {
    const A_SECOND: u32 = 2_000;
    let bench = Arc::new(begin(engine, handler).await);
    let before = resident_mb();
    let started = Instant::now();
    // As many writers as wait for their disk, together 2,000 records a second if it bears that.
    let next = Arc::new(AtomicU32::new(0));
    let all = seconds * A_SECOND;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let (bench, next) = (bench.clone(), next.clone());
        writers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= all {
                    return;
                }
                let due = started + Duration::from_secs(1) / A_SECOND * number;
                tokio::time::sleep_until(due.into()).await;
                bench.write(number).await;
            }
        });
    }
    let (mut in_hand, mut behind) = (0, 0);
    while !writers.is_empty() {
        let status = bench.running.status();
        in_hand = in_hand.max(status.in_hand());
        let written = u64::from(next.load(Ordering::Relaxed)).saturating_sub(WRITERS);
        behind = behind.max(written.saturating_sub(status.handled));
        let pause = tokio::time::sleep(Duration::from_millis(5));
        tokio::select! {
            _ = writers.join_next() => {}
            () = pause => {}
        }
    }
    let wrote = started.elapsed();
    bench.running.caught_up().await;
    let drained = started.elapsed().saturating_sub(wrote);
    println!(
        "{name:<28} {}\n{:<28} written in {:.1} s, drained {:.0} ms later; at most {behind} behind, {in_hand} in hand; memory {before} MB -> {} MB",
        bench.told(),
        "",
        wrote.as_secs_f64(),
        ms(u64::try_from(drained.as_micros()).unwrap()),
        resident_mb()
    );
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` only asks whether it can be run.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let seconds = std::env::var("KEYFOLD_BENCH_SECONDS").map_or(10, |text| text.parse().unwrap());
    one_by_one("one by one, memory", &keyfold::embedded::memory()).await;
    let folder = tempfile::tempdir().unwrap();
    let on_disk = keyfold::embedded::open(folder.path()).unwrap();
    one_by_one("one by one, disk", &on_disk).await;
    under_load(
        "2,000/s, memory",
        &keyfold::embedded::memory(),
        seconds,
        Duration::ZERO,
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let on_disk = keyfold::embedded::open(folder.path()).unwrap();
    under_load("2,000/s, disk", &on_disk, seconds, Duration::ZERO).await;
    // Sixteen handlers of 20 ms take 800 a second: it falls behind, and its memory does not grow.
    let slow = Duration::from_millis(20);
    under_load(
        "2,000/s, handler of 20 ms",
        &keyfold::embedded::memory(),
        seconds,
        slow,
    )
    .await;
}
