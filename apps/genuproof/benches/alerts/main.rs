//! From a scan to the alert that somebody sees: how long it takes while 200 scans a second are made, how far the pipeline falls
//! behind at 2,000 a second and what memory that takes, and what the rules cost for a product with ever more scans in a day.
//!
//! `cargo bench -p genuproof --bench alerts`. Server, pipelines, those who scan and those who follow share this machine's cores.
//! `KEYFOLD_SECONDS` is how long the flood lasts; 15 unless it is set.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and what it reports it prints"
)]

#[path = "../verify/connection.rs"]
mod connection;
mod flood;
mod follower;
mod rules;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use genuproof::domain::chain::Unsealed;
use genuproof::domain::client::TrustedProxies;
use genuproof::domain::crypto::Secret;
use genuproof::settings::{DEFAULT_TABLE, Settings, Storage};
use genuproof::store::CLAIM_DAYS;
use tokio::runtime::Runtime;

/// As in the program that is shipped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub(crate) const SECRET: &str = "a secret of the benchmark";

pub(crate) fn settings(storage: Storage) -> Settings {
    Settings {
        faults: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        listen_flag: "--listen".to_owned(),
        storage,
        table: DEFAULT_TABLE.to_owned(),
        dynamodb: None,
        demo: false,
        signing_secret: Some(Secret::new(SECRET).unwrap()),
        base_url: None,
        open_demo: false,
        trusted_proxies: TrustedProxies::parse("").unwrap(),
        unsealed: Unsealed::Never,
        claim_days: CLAIM_DAYS,
    }
}

/// The one below which so many of a hundred lie.
pub(crate) fn percentile(sorted: &[Duration], of_hundred: usize) -> Duration {
    sorted[(sorted.len() * of_hundred / 100).min(sorted.len() - 1)]
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // Not the system's temporary folder, which may itself be memory.
    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let places = [
        ("in memory", Storage::Memory),
        ("on disk", Storage::Folder(folder.path().to_owned())),
    ];
    for (name, storage) in places {
        println!("{name}");
        Runtime::new().unwrap().block_on(follower::measure(storage));
    }
    Runtime::new().unwrap().block_on(flood::measure());
    Runtime::new().unwrap().block_on(rules::measure());
}
