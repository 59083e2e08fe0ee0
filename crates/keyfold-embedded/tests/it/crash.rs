//! What was acknowledged survives `kill -9`: items, transactions, indexes and the stream.
//!
//! A child process, this test program again, writes from four tasks and says on standard output what was
//! acknowledged. It is killed at a random moment; then the folder is opened and compared with what it
//! said.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, StreamSpecification, StreamViewType, TransactWriteItem,
};
use aws_sdk_dynamodbstreams::types::{OperationType, Record};
use keyfold_embedded::Engine;

use crate::fixture::{INDEX, TABLE, create_table, padded, text};

const FOLDER: &str = "KEYFOLD_CRASH_FOLDER";
/// The next step of each task.
const STEPS: &str = "KEYFOLD_CRASH_STEPS";
const TASKS: usize = 4;
/// Each task has a partition of its own, so that its writes have an order.
const SLOTS: usize = 12;

type Item = HashMap<String, AttributeValue>;

/// 30 rounds unless `KEYFOLD_ROUNDS` says otherwise.
fn rounds() -> u32 {
    std::env::var("KEYFOLD_ROUNDS").map_or(30, |rounds| rounds.parse().unwrap())
}

/// A write of a task: `put SLOT`, `delete SLOT`, or `group` of four slots at once. `seq` marks it in the
/// items it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Put(usize),
    Delete(usize),
    /// Puts three slots and deletes one.
    Group(usize),
}

/// The same in the child, which does it, and in the parent, which knows what it would have done.
fn step(seq: u64) -> Step {
    let slot = usize::try_from(seq.wrapping_mul(2_654_435_761) >> 7).unwrap() % SLOTS;
    match seq % 7 {
        3 => Step::Delete(slot),
        5 => Step::Group(slot),
        _ => Step::Put(slot),
    }
}

/// What a step leaves in each slot it touches: its mark, or nothing.
fn effects(seq: u64) -> Vec<(usize, Option<u64>)> {
    match step(seq) {
        Step::Put(slot) => vec![(slot, Some(seq))],
        Step::Delete(slot) => vec![(slot, None)],
        Step::Group(slot) => (0..4)
            .map(|at| ((slot + at) % SLOTS, (at < 3).then_some(seq)))
            .collect(),
    }
}

fn partition(task: usize) -> String {
    format!("TASK#{task}")
}

fn slot_key(slot: usize) -> String {
    format!("SLOT#{slot:02}")
}

fn item(task: usize, slot: usize, seq: u64) -> Item {
    let mut item = padded(&partition(task), &slot_key(slot), 200);
    item.insert("seq".to_owned(), AttributeValue::N(seq.to_string()));
    item.insert("status".to_owned(), text(format!("status-{}", seq % 3)));
    item
}

fn seq_of(item: &Item) -> u64 {
    item["seq"].as_n().unwrap().parse().unwrap()
}

/// The state of a task's slots after its steps below `next`.
fn state(next: u64) -> BTreeMap<usize, u64> {
    let mut slots = BTreeMap::new();
    for seq in 0..next {
        for (slot, mark) in effects(seq) {
            match mark {
                Some(mark) => slots.insert(slot, mark),
                None => slots.remove(&slot),
            };
        }
    }
    slots
}

fn spawn_writer(folder: &Path, next: &[u64; TASKS]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::writes_until_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(STEPS, next.map(|step| step.to_string()).join(","))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs a writer and kills it; what it acknowledged is added to `acknowledged`, by task the next step.
fn run_and_kill(folder: &Path, round: u32, acknowledged: &mut [u64; TASKS]) {
    let mut writer = spawn_writer(folder, acknowledged);
    let lines = BufReader::new(writer.stdout.take().unwrap());
    // At a moment that differs: after so many acknowledgements, and a little.
    let kill_after = 5 + (round as usize * 37) % 120;
    let pause = Duration::from_micros(u64::from(round) * 7_919 % 9_000);
    let (mut killed, mut seen) = (false, 0);
    for line in lines.lines() {
        // The last line may be torn; without its end it says nothing.
        let line = line.unwrap();
        let Some(words) = line
            .strip_prefix("acknowledged ")
            .and_then(|rest| rest.strip_suffix('.'))
        else {
            continue;
        };
        let (task, seq) = words.split_once(' ').unwrap();
        let (task, seq): (usize, u64) = (task.parse().unwrap(), seq.parse().unwrap());
        assert!(seq + 1 > acknowledged[task]);
        acknowledged[task] = seq + 1;
        seen += 1;
        if seen == kill_after {
            std::thread::sleep(pause);
            writer.kill().unwrap();
            killed = true;
        }
    }
    writer.wait().unwrap();
    assert!(
        killed,
        "round {round}: the writer ended by itself after {seen} writes"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; TASKS];
    for round in 0..rounds() {
        run_and_kill(folder.path(), round, &mut acknowledged);
        let engine = keyfold_embedded::open(folder.path()).unwrap();
        let client = engine.client();
        let mut done = [0; TASKS];
        for task in 0..TASKS {
            done[task] = next_step(&client, task, acknowledged[task], round).await;
        }
        the_index_agrees(&client, round).await;
        the_stream_tells_it_all(&engine, &done, round).await;
        // The step that was under way may be done without having been acknowledged.
        acknowledged = done;
    }
    assert!(acknowledged.iter().any(|&next| next > 0));
}

/// Compares a task's items with what it acknowledged; its next step.
async fn next_step(client: &Client, task: usize, acknowledged: u64, round: u32) -> u64 {
    let found: BTreeMap<usize, u64> = all(client, &partition(task))
        .await
        .iter()
        .map(|item| {
            let slot = item["sk"].as_s().unwrap().strip_prefix("SLOT#").unwrap();
            (slot.parse().unwrap(), seq_of(item))
        })
        .collect();
    // One step is under way at most, whole or not at all.
    for next in [acknowledged, acknowledged + 1] {
        if found == state(next) {
            return next;
        }
    }
    panic!(
        "round {round}: task {task} acknowledged {acknowledged} steps, and its items are {found:?}, not {:?}",
        state(acknowledged)
    );
}

async fn all(client: &Client, pk: &str) -> Vec<Item> {
    client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text(pk))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap()
}

async fn the_index_agrees(client: &Client, round: u32) {
    let sorted = |items: Vec<Item>| {
        let mut rows: Vec<String> = items
            .iter()
            .map(|item| {
                let mut attributes: Vec<_> = item.iter().collect();
                attributes.sort_by_key(|(name, _)| *name);
                format!("{attributes:?}")
            })
            .collect();
        rows.sort();
        rows
    };
    let scan = |index: Option<&str>| {
        client
            .scan()
            .table_name(TABLE)
            .set_index_name(index.map(str::to_owned))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
    };
    let (table, index) = (scan(None).await.unwrap(), scan(Some(INDEX)).await.unwrap());
    assert_eq!(sorted(table), sorted(index), "round {round}");
}

/// Every change once and in order, task by task.
async fn the_stream_tells_it_all(engine: &Engine, done: &[u64; TASKS], round: u32) {
    let mut told: [Vec<(usize, Option<u64>)>; TASKS] = Default::default();
    for record in stream(engine).await {
        let change = record.dynamodb().unwrap();
        let keys = change.keys().unwrap();
        let task: usize = keys["pk"].as_s().unwrap()["TASK#".len()..].parse().unwrap();
        let slot: usize = keys["sk"].as_s().unwrap()["SLOT#".len()..].parse().unwrap();
        let mark = change
            .new_image()
            .map(|image| image["seq"].as_n().unwrap().parse().unwrap());
        assert_eq!(
            mark.is_none(),
            record.event_name() == Some(&OperationType::Remove)
        );
        told[task].push((slot, mark));
    }
    for (task, told) in told.iter().enumerate() {
        let mut slots: BTreeMap<usize, u64> = BTreeMap::new();
        let mut expected = Vec::new();
        for seq in 0..done[task] {
            let mut of_step = effects(seq);
            // A delete of what is not there changes nothing.
            of_step.retain(|(slot, mark)| mark.is_some() || slots.contains_key(slot));
            for (slot, mark) in &of_step {
                match mark {
                    Some(mark) => slots.insert(*slot, *mark),
                    None => slots.remove(slot),
                };
            }
            expected.extend(of_step);
        }
        assert_eq!(*told, expected, "round {round}: the stream of task {task}");
    }
}

async fn stream(engine: &Engine) -> Vec<Record> {
    let streams = engine.streams_client();
    let mut iterator = crate::streams::iterators(engine, TABLE).await.pop();
    let mut found = Vec::new();
    loop {
        let answer = streams
            .get_records()
            .set_shard_iterator(iterator)
            .send()
            .await
            .unwrap();
        let records = answer.records.unwrap_or_default();
        if records.is_empty() {
            return found;
        }
        found.extend(records);
        iterator = answer.next_shard_iterator;
    }
}

/// Run only by the test above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the program that what_was_acknowledged_survives_kill_9 kills"]
async fn writes_until_killed() {
    let (Ok(folder), Ok(steps)) = (std::env::var(FOLDER), std::env::var(STEPS)) else {
        return;
    };
    let engine = keyfold_embedded::open(folder).unwrap();
    let client = engine.client();
    let tables = client.list_tables().send().await.unwrap();
    if tables.table_names().is_empty() {
        create_table(&client, TABLE).await;
    }
    let described = client.describe_table().table_name(TABLE);
    let described = described.send().await.unwrap().table.unwrap();
    if described.stream_specification.is_none() {
        let with_stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages);
        client
            .update_table()
            .table_name(TABLE)
            .stream_specification(with_stream.build().unwrap())
            .send()
            .await
            .unwrap();
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (task, first) in steps.split(',').enumerate() {
        let first: u64 = first.parse().unwrap();
        let client = client.clone();
        tasks.spawn(async move {
            for seq in first.. {
                write(&client, task, seq).await;
                println!("acknowledged {task} {seq}.");
            }
        });
    }
    tasks.join_all().await;
}

async fn write(client: &Client, task: usize, seq: u64) {
    let key = |slot: usize| {
        HashMap::from([
            ("pk".to_owned(), text(partition(task))),
            ("sk".to_owned(), text(slot_key(slot))),
        ])
    };
    match step(seq) {
        Step::Put(slot) => {
            let put = client.put_item().table_name(TABLE);
            put.set_item(Some(item(task, slot, seq)))
                .send()
                .await
                .unwrap();
        }
        Step::Delete(slot) => {
            let delete = client.delete_item().table_name(TABLE);
            delete.set_key(Some(key(slot))).send().await.unwrap();
        }
        Step::Group(_) => {
            let writes = effects(seq).into_iter().map(|(slot, mark)| {
                let write = TransactWriteItem::builder();
                if let Some(mark) = mark {
                    let put = Put::builder().table_name(TABLE);
                    let put = put.set_item(Some(item(task, slot, mark))).build();
                    write.put(put.unwrap()).build()
                } else {
                    let delete = Delete::builder().table_name(TABLE);
                    let delete = delete.set_key(Some(key(slot))).build();
                    write.delete(delete.unwrap()).build()
                }
            });
            let transact = client.transact_write_items();
            transact
                .set_transact_items(Some(writes.collect()))
                .send()
                .await
                .unwrap();
        }
    }
}
