//! What was acknowledged survives `kill -9`.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use crate::fixture::{TABLE, create_table, get, order, padded};

const FOLDER: &str = "KEYFOLD_CRASH_FOLDER";
const ROUND: &str = "KEYFOLD_CRASH_ROUND";

fn rounds() -> u32 {
    std::env::var("KEYFOLD_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap())
}

/// This test program again, as the one that is killed.
fn spawn_writer(folder: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::writes_until_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..rounds() {
        let mut writer = spawn_writer(folder.path(), round);
        let lines = BufReader::new(writer.stdout.take().unwrap());
        // At a moment that differs: after so many acknowledgements, and a little.
        let kill_after = 20 + (round as usize * 37) % 150;
        let pause = Duration::from_micros(u64::from(round) * 7_919 % 5_000);
        let mut killed = false;
        let mut seen = 0;
        for line in lines.lines() {
            // The last line may be torn; it was not acknowledged then.
            let Some(sk) = line
                .unwrap()
                .strip_prefix("acknowledged ")
                .map(str::to_owned)
            else {
                continue;
            };
            if !sk.ends_with('.') {
                continue;
            }
            acknowledged.insert(sk.trim_end_matches('.').to_owned());
            seen += 1;
            if seen == kill_after {
                std::thread::sleep(pause);
                writer.kill().unwrap();
                killed = true;
            }
        }
        writer.wait().unwrap();
        assert!(killed, "the writer ended by itself after {seen} writes");

        let engine = keyfold_embedded::open(folder.path()).unwrap();
        let client = engine.client();
        for sk in &acknowledged {
            assert!(
                get(&client, "TENANT#1", sk).await.is_some(),
                "round {round}: {sk} is lost"
            );
        }
        // A transaction is there whole or not at all.
        let pairs = client
            .query()
            .table_name(TABLE)
            .key_condition_expression("pk = :pk AND begins_with(sk, :pair)")
            .expression_attribute_values(":pk", crate::fixture::text("TENANT#1"))
            .expression_attribute_values(":pair", crate::fixture::text("PAIR#"))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap();
        let pairs: HashSet<_> = pairs
            .iter()
            .map(|item| item["sk"].as_s().unwrap().clone())
            .collect();
        for sk in &pairs {
            let other = match sk.strip_suffix("#A") {
                Some(pair) => format!("{pair}#B"),
                None => format!("{}#A", sk.strip_suffix("#B").unwrap()),
            };
            assert!(
                pairs.contains(&other),
                "round {round}: {sk} without {other}"
            );
        }
    }
    assert!(!acknowledged.is_empty());
}

/// Run only by the test above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the program that what_was_acknowledged_survives_kill_9 kills"]
async fn writes_until_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else {
        return;
    };
    let engine = keyfold_embedded::open(folder).unwrap();
    let client = engine.client();
    if client
        .list_tables()
        .send()
        .await
        .unwrap()
        .table_names()
        .is_empty()
    {
        create_table(&client, TABLE).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let (client, round) = (client.clone(), round.clone());
        tasks.spawn(async move {
            for number in 0..5_000 {
                let sk = format!("ORDER#{round}#{task}#{number}");
                crate::fixture::put(&client, padded("TENANT#1", &sk, 300)).await;
                println!("acknowledged {sk}.");
                if number % 5 == 0 {
                    let pair = format!("PAIR#{round}#{task}#{number}");
                    let put = |end: &str| {
                        let put = Put::builder()
                            .table_name(TABLE)
                            .set_item(Some(order("TENANT#1", &format!("{pair}#{end}"))))
                            .build()
                            .unwrap();
                        TransactWriteItem::builder().put(put).build()
                    };
                    client
                        .transact_write_items()
                        .transact_items(put("A"))
                        .transact_items(put("B"))
                        .send()
                        .await
                        .unwrap();
                    println!("acknowledged {pair}#A.");
                }
            }
        });
    }
    tasks.join_all().await;
}
