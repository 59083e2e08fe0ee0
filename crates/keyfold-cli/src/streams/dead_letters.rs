//! `keyfold streams dead-letters`

use std::fmt::Write as _;

use clap::Args;
use keyfold_stream::table::DeadLetter;
use serde_json::{Value, json};

use super::{TableArgs, failed};
use crate::failure::Failed;
use crate::format::Format;
use crate::say;

/// Lists them, oldest first: without what the records hold, which is customers' data, unless one is
/// asked for.
#[derive(Debug, Args)]
pub struct DeadLetters {
    #[command(flatten)]
    table: TableArgs,
    /// The pipeline.
    pipeline: String,
    /// Print the whole record of one, in the form of AWS Lambda's events.
    #[arg(long, value_name = "RECORD", conflicts_with = "discard")]
    show: Option<String>,
    /// Remove one that will not be replayed.
    #[arg(long, value_name = "RECORD")]
    discard: Option<String>,
}

impl DeadLetters {
    pub async fn run(self) -> Result<(), Failed> {
        let (operator, place) = self.table.reach().await?;
        let told = if let Some(record) = &self.show {
            let letter = operator.dead_letter(&self.pipeline, record).await;
            let letter = letter.map_err(|error| failed(error, &place))?;
            let record: Value = serde_json::from_str(&letter.json).map_err(Failed::not_finished)?;
            format!("{:#}\n", json!({ "Records": [record] }))
        } else if let Some(record) = &self.discard {
            let done = operator.discard(&self.pipeline, record).await;
            done.map_err(|error| failed(error, &place))?;
            match self.table.format.chosen() {
                Format::Text => format!("dead letter {record} is discarded\n"),
                Format::Json => format!("{:#}\n", json!({ "discarded": record })),
            }
        } else {
            let letters = operator.dead_letters(&self.pipeline).await;
            let letters = letters.map_err(|error| failed(error, &place))?;
            match self.table.format.chosen() {
                Format::Text => text(&self.pipeline, &letters),
                Format::Json => {
                    let all: Vec<Value> = letters.iter().map(letter_json).collect();
                    format!("{:#}\n", json!(all))
                }
            }
        };
        say::out(&told);
        Ok(())
    }
}

fn letter_json(letter: &DeadLetter) -> Value {
    json!({
        "record": letter.record,
        "entity": letter.entity,
        "shard": letter.shard,
        "sequenceNumber": letter.sequence_number,
        "setAside": letter.set_aside.to_string(),
        "attempts": letter.attempts,
        "reason": letter.reason,
        "withoutImages": letter.without_images,
    })
}

fn text(pipeline: &str, letters: &[DeadLetter]) -> String {
    if letters.is_empty() {
        return format!("pipeline `{pipeline}` has no dead letters\n");
    }
    let mut out = format!("pipeline `{pipeline}`: {} dead letters\n", letters.len());
    for letter in letters {
        let entity = letter.entity.as_deref().unwrap_or("no declared entity");
        let times = match letter.attempts {
            1 => "once".to_owned(),
            attempts => format!("{attempts} times"),
        };
        let _ = writeln!(
            out,
            "  {}  {entity}, tried {times}, set aside {}\n    {}",
            letter.record, letter.set_aside, letter.reason
        );
    }
    out
}
