//! Requests a second and how long one takes: verifying a product and looking one up, over HTTP with
//! kept connections, at 1, 8 and 32 of them at once, in memory and on disk.
//!
//! `cargo bench -p genuproof --bench verify`. The real server answers on this machine's loopback, and
//! whoever asks shares its cores: what is printed is the two of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and what it reports it prints"
)]

mod connection;
mod measured;

use std::net::SocketAddr;
use std::path::Path;

use genuproof::domain::chain::Unsealed;
use genuproof::domain::client::TrustedProxies;
use genuproof::domain::crypto::Secret;
use genuproof::server;
use genuproof::settings::{DEFAULT_TABLE, Settings, Storage};
use genuproof::store::CLAIM_DAYS;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use connection::Connection;
use measured::Measured;

/// As in the program that is shipped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Those who ask do not all ask about the same product.
const PRODUCTS: usize = 100;
const CONCURRENCIES: [usize; 3] = [1, 8, 32];

/// What is asked, as the path before a code and after it.
const WORKS: [(&str, &str, &str); 3] = [
    (
        "verify, and record the scan",
        "/api/products/verify?code=",
        "",
    ),
    (
        "verify, nothing recorded",
        "/api/products/verify?code=",
        "&metadata=true",
    ),
    ("look up", "/api/products/search?code=", ""),
];

fn settings(storage: Storage) -> Settings {
    Settings {
        faults: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        listen_flag: "--listen".to_owned(),
        storage,
        table: DEFAULT_TABLE.to_owned(),
        dynamodb: None,
        demo: false,
        signing_secret: Some(Secret::new("a secret of the benchmark").unwrap()),
        base_url: None,
        open_demo: false,
        trusted_proxies: TrustedProxies::parse("").unwrap(),
        unsealed: Unsealed::Never,
        claim_days: CLAIM_DAYS,
    }
}

/// Registers the products over HTTP, as a brand does; gives their codes.
async fn register(address: SocketAddr) -> Vec<String> {
    let mut connection = Connection::open(address).await;
    let brand = json!({ "name": "Maison", "domain": "maison.example", "industry": "fashion" });
    let brand = connection.post("/api/brands", "", &brand).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, key) = (text(&brand["id"]), text(&brand["apiKey"]));
    let mut codes = Vec::with_capacity(PRODUCTS);
    for number in 0..PRODUCTS {
        let product = json!({
            "brandId": id, "name": format!("Royal Oak {number}"), "sku": format!("RO-{number}"), "category": "Watches",
            "description": "Self-winding, 41 mm, blue dial.", "manufacturingLocation": "Geneva, Switzerland",
            "metadata": { "case": "steel", "glass": "sapphire" },
        });
        let registered = connection
            .post("/api/products/register", &key, &product)
            .await;
        codes.push(text(&registered["verificationCode"]));
    }
    codes
}

fn measure(name: &str, storage: Storage) {
    let server = Runtime::new().unwrap();
    // Those who ask are all on this thread, beside the server's.
    let clients = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let running = server.block_on(server::start(settings(storage))).unwrap();
    let address = running.address;
    let codes = clients.block_on(register(address));
    println!("{name}");
    for (work, before, after) in WORKS {
        let requests: Vec<Vec<u8>> = codes
            .iter()
            .map(|code| connection::get(&format!("{before}{code}{after}")))
            .collect();
        for concurrency in CONCURRENCIES {
            let measured = clients.block_on(Measured::of(address, &requests, concurrency));
            println!("  {work:28} {concurrency:3}  {measured}");
        }
    }
    server
        .block_on(running.until(std::future::ready(())))
        .unwrap();
}

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("                        at once  {}", Measured::HEAD);
    measure("in memory", Storage::Memory);
    // Not the system's temporary folder, which may itself be memory.
    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    measure(
        "on disk, each write waits for it",
        Storage::Folder(folder.path().to_owned()),
    );
}
