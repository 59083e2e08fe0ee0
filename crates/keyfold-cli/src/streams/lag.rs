//! `keyfold streams lag`

use std::fmt::Write as _;

use clap::Args;
use keyfold_stream::operate::ShardLag;
use serde_json::json;

use super::{TableArgs, failed};
use crate::failure::Failed;
use crate::format::Format;
use crate::say;

/// Counts in the stream what lies behind each position: at most 10,000 records of a shard.
#[derive(Debug, Args)]
pub struct Lag {
    #[command(flatten)]
    table: TableArgs,
    /// The pipeline; without it, every one that was ever started on the table.
    pipeline: Option<String>,
}

impl Lag {
    pub async fn run(self) -> Result<(), Failed> {
        let (operator, place) = self.table.reach().await?;
        let names = if let Some(name) = &self.pipeline {
            vec![name.clone()]
        } else {
            let found = operator.pipelines().await;
            let found = found.map_err(|error| failed(error, &place))?;
            found.into_iter().map(|listing| listing.pipeline).collect()
        };
        let mut all = Vec::new();
        for name in names {
            let lag = operator.lag(&name).await;
            all.push((name, lag.map_err(|error| failed(error, &place))?));
        }
        say::out(&match self.table.format.chosen() {
            Format::Text => text(&self.table.table, &all),
            Format::Json => {
                let told = all.iter().map(|(name, shards)| {
                    let behind: usize = shards.iter().map(|shard| shard.behind).sum();
                    json!({
                        "pipeline": name,
                        "behind": behind,
                        "shards": shards.iter().map(shard_json).collect::<Vec<_>>(),
                    })
                });
                format!("{:#}\n", json!(told.collect::<Vec<_>>()))
            }
        });
        Ok(())
    }
}

fn shard_json(shard: &ShardLag) -> serde_json::Value {
    json!({
        "shard": shard.shard,
        "worker": shard.owner,
        "position": shard.position,
        "behind": shard.behind,
        "andMore": shard.and_more,
        "oldest": shard.oldest.map(|at| at.to_string()),
    })
}

fn text(table: &str, all: &[(String, Vec<ShardLag>)]) -> String {
    if all.is_empty() {
        return format!("no pipeline was ever started on table `{table}`\n");
    }
    let mut out = String::new();
    for (name, shards) in all {
        let behind: usize = shards.iter().map(|shard| shard.behind).sum();
        let more = if shards.iter().any(|shard| shard.and_more) {
            " and more"
        } else {
            ""
        };
        let _ = writeln!(out, "pipeline `{name}`: {behind}{more} behind");
        for shard in shards {
            let worker = shard.owner.as_deref().unwrap_or("nobody");
            let more = if shard.and_more { "+" } else { "" };
            let since = shard
                .oldest
                .map(|oldest| format!(", the oldest from {oldest}"))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "  {}  read by {worker}, {}{more} behind{since}",
                shard.shard, shard.behind
            );
        }
    }
    out
}
