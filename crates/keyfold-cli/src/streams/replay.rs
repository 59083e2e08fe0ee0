//! `keyfold streams replay`

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use keyfold_stream::operate::{OperateError, Operator};
use serde_json::json;
use tokio::time::Instant;

use super::{TableArgs, failed};
use crate::failure::Failed;
use crate::format::Format;
use crate::say;
use crate::table::place::Place;

/// Asks the workers of the pipeline, wherever they run, and waits for what comes of it. One that is
/// handled is removed; one that fails again stays, with the new reason. What came after the record
/// was handled long ago: a replayed one is late.
#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    table: TableArgs,
    /// The pipeline.
    pipeline: String,
    /// The records, as `dead-letters` lists them.
    #[arg(required_unless_present = "all")]
    records: Vec<String>,
    /// Every dead letter of the pipeline.
    #[arg(long, conflicts_with = "records")]
    all: bool,
    /// How long to wait for the workers; 0 to ask only.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

/// What came of one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Handled,
    Failed(String),
    Waits,
}

impl Replay {
    pub async fn run(self) -> Result<(), Failed> {
        let (operator, place) = self.table.reach().await?;
        let records = if self.all {
            let letters = operator.dead_letters(&self.pipeline).await;
            let letters = letters.map_err(|error| failed(error, &place))?;
            letters.into_iter().map(|letter| letter.record).collect()
        } else {
            self.records.clone()
        };
        for record in &records {
            let asked = operator.replay(&self.pipeline, record).await;
            asked.map_err(|error| failed(error, &place))?;
        }
        // Nobody else can be at work on a folder that is ours.
        let wait = if place.is_ours { 0 } else { self.wait };
        let until = Instant::now() + Duration::from_secs(wait);
        let mut outcomes = Vec::new();
        for record in records {
            let outcome = self.outcome(&operator, &record, until, &place).await?;
            outcomes.push((record, outcome));
        }
        say::out(&match self.table.format.chosen() {
            Format::Text => text(&outcomes, place.is_ours),
            Format::Json => {
                let told = outcomes.iter().map(|(record, outcome)| match outcome {
                    Outcome::Handled => json!({ "record": record, "outcome": "handled" }),
                    Outcome::Failed(reason) => {
                        json!({ "record": record, "outcome": "failed", "reason": reason })
                    }
                    Outcome::Waits => json!({ "record": record, "outcome": "waits" }),
                });
                format!("{:#}\n", json!(told.collect::<Vec<_>>()))
            }
        });
        let again = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
            .count();
        let waiting = outcomes
            .iter()
            .any(|(_, outcome)| *outcome == Outcome::Waits);
        if again > 0 {
            return Err(Failed::found(format!("{again} failed again")));
        }
        if waiting && wait > 0 {
            return Err(Failed::not_finished(format!(
                "no worker of pipeline `{}` took them within {wait} seconds\nhint: start one: what was asked for is kept; a function on AWS Lambda does not ask for replays, invoke it with what `keyfold streams dead-letters --show` prints",
                self.pipeline
            )));
        }
        Ok(())
    }

    async fn outcome(
        &self,
        operator: &Operator,
        record: &str,
        until: Instant,
        place: &Place,
    ) -> Result<Outcome, Failed> {
        loop {
            let asked = operator.is_asked_for(&self.pipeline, record).await;
            if !asked.map_err(|error| failed(error, place))? {
                return match operator.dead_letter(&self.pipeline, record).await {
                    Ok(letter) => Ok(Outcome::Failed(letter.reason)),
                    Err(OperateError::NoLetter { .. }) => Ok(Outcome::Handled),
                    Err(error) => Err(failed(error, place)),
                };
            }
            if Instant::now() >= until {
                return Ok(Outcome::Waits);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn text(outcomes: &[(String, Outcome)], is_ours: bool) -> String {
    if outcomes.is_empty() {
        return "there are no dead letters\n".to_owned();
    }
    let mut out = String::new();
    for (record, outcome) in outcomes {
        let _ = match outcome {
            Outcome::Handled => writeln!(out, "{record}  handled"),
            Outcome::Failed(reason) => writeln!(out, "{record}  failed again: {reason}"),
            Outcome::Waits if is_ours => {
                writeln!(
                    out,
                    "{record}  asked for: the pipeline's next start tries it"
                )
            }
            Outcome::Waits => writeln!(out, "{record}  asked for"),
        };
    }
    out
}
