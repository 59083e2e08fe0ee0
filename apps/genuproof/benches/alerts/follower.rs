//! 200 scans a second, one in ten of which raises an alert: from sending the scan to the frame at an `EventSource`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use genuproof::server;
use genuproof::settings::Storage;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::connection::{Connection, get};
use crate::{ms, percentile, settings};

const SCANS_A_SECOND: u32 = 200;
const SECONDS: u32 = 10;
/// Products that are scanned without an alert, in turn.
const QUIET: usize = 1_000;
/// Of so many scans one raises an alert.
const ONE_IN: usize = 10;
const CONNECTIONS: usize = 8;

pub async fn measure(storage: Storage) {
    let running = server::start(settings(storage)).await.unwrap();
    let address = running.address;
    let mut connection = Connection::open(address).await;
    let brand = json!({ "name": "Maison", "domain": "maison.example", "industry": "fashion" });
    let brand = connection.post("/api/brands", "", &brand).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, key) = (text(&brand["id"]), text(&brand["apiKey"]));
    let scans = usize::try_from(SCANS_A_SECOND * SECONDS).unwrap();
    // A third country makes an alert; the others are products that are scanned from one.
    let mut codes = Vec::new();
    for number in 0..scans / ONE_IN + QUIET {
        let product = json!({ "brandId": id, "name": format!("Watch {number}") });
        let product = connection
            .post("/api/products/register", &key, &product)
            .await;
        let code = text(&product["verificationCode"]);
        if number < scans / ONE_IN {
            for country in ["FR", "DE"] {
                connection.send(&scan(&code, country)).await;
            }
        }
        codes.push((code, text(&product["productId"])));
    }
    running.caught_up().await;

    let sent: Arc<Mutex<HashMap<String, Instant>>> = Arc::default();
    let follower = tokio::spawn(follow(address, id, key, Arc::clone(&sent), scans / ONE_IN));
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Scans are due at their time, whether or not those before them are answered.
    let (queue, due) = mpsc::unbounded_channel::<(String, Instant)>();
    let due = Arc::new(tokio::sync::Mutex::new(due));
    let mut scanners = Vec::new();
    for _ in 0..CONNECTIONS {
        let due = Arc::clone(&due);
        let mut connection = Connection::open(address).await;
        scanners.push(tokio::spawn(async move {
            let mut took = Vec::new();
            loop {
                let next = due.lock().await.recv().await;
                let Some((request, at)) = next else {
                    return took;
                };
                connection.send(request.as_bytes()).await;
                took.push(at.elapsed());
            }
        }));
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / SCANS_A_SECOND);
    for number in 0..scans {
        ticks.tick().await;
        let now = Instant::now();
        let request = if number % ONE_IN == 0 {
            let (code, product) = &codes[number / ONE_IN];
            sent.lock().unwrap().insert(product.clone(), now);
            scan(code, "NG")
        } else {
            let quiet = &codes[scans / ONE_IN..];
            scan(&quiet[number % quiet.len()].0, "FR")
        };
        queue
            .send((String::from_utf8(request).unwrap(), now))
            .unwrap();
    }
    drop(queue);
    let mut answered = Vec::new();
    for scanner in scanners {
        answered.extend(scanner.await.unwrap());
    }
    answered.sort_unstable();
    let mut frames = follower.await.unwrap();
    frames.sort_unstable();
    for (what, times) in [
        ("scan to its answer", &answered),
        ("scan to the frame ", &frames),
    ] {
        println!(
            "  {SCANS_A_SECOND} scans a second, {what}  {:5} of them, p50 {:6.1} ms, p99 {:6.1} ms, longest {:6.1} ms",
            times.len(),
            ms(percentile(times, 50)),
            ms(percentile(times, 99)),
            ms(percentile(times, 100)),
        );
    }
    running.until(std::future::ready(())).await.unwrap();
}

fn scan(code: &str, country: &str) -> Vec<u8> {
    let mut request = get(&format!("/api/products/verify?code={code}"));
    // Before the empty line at the end.
    request.truncate(request.len() - 2);
    let from = format!("x-forwarded-for: 203.0.113.7\r\nx-vercel-ip-country: {country}\r\n\r\n");
    request.extend(from.into_bytes());
    request
}

/// How long each of so many alerts took from its scan.
async fn follow(
    address: SocketAddr,
    brand: String,
    key: String,
    sent: Arc<Mutex<HashMap<String, Instant>>>,
    count: usize,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /api/stream?brandId={brand} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut read, mut took) = (String::new(), Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    while took.len() < count {
        let bytes = stream.read(&mut buffer).await.unwrap();
        let now = Instant::now();
        assert!(bytes > 0, "the feed ended");
        read.push_str(&String::from_utf8_lossy(&buffer[..bytes]));
        while let Some(end) = read.find("\n\n") {
            let event: String = read.drain(..end + 2).collect();
            if !event.contains("event: threat\n") {
                continue;
            }
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.unwrap()).unwrap();
            let product = data["productId"].as_str().unwrap();
            // The others are scanned too often now and then, which is an alert as well.
            let at = sent.lock().unwrap().remove(product);
            took.extend(at.map(|at| now - at));
        }
    }
    took
}
