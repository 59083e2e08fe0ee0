//! `keyfold streams tail`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use keyfold::ChangeKind;
use keyfold_model::TableModel;
use keyfold_stream::Record;
use serde_json::json;

use super::{TableArgs, failed};
use crate::failure::Failed;
use crate::format::Format;
use crate::say;
use crate::table::line::attributes_json;
use crate::table::stop::Stop;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// One change a line: when, what happened, the entity, the key; `--json` gives whole records, as
/// AWS Lambda's events have them. Two readers of a shard are all that AWS allows: one besides the
/// pipelines' worker.
#[derive(Debug, Args)]
pub struct Tail {
    #[command(flatten)]
    table: TableArgs,
    /// Begin with the oldest record the stream still holds.
    #[arg(long)]
    from_start: bool,
    /// End once there is nothing more, instead of waiting for it.
    #[arg(long)]
    once: bool,
    /// The model file that says which entity an item is; without it the attribute `entity` does.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

impl Tail {
    pub async fn run(self) -> Result<(), Failed> {
        let mut stop = Stop::on_signals()?;
        let model = match &self.model {
            Some(file) => Some(model(file)?),
            None => None,
        };
        let (operator, place) = self.table.reach().await?;
        let mut tail = operator
            .tail(self.from_start)
            .await
            .map_err(|error| failed(error, &place))?;
        let mut silent = 0;
        loop {
            let Some(records) = stop.or(tail.next()).await else {
                return Ok(());
            };
            let records = records.map_err(|error| failed(error, &place))?;
            silent = if records.is_empty() { silent + 1 } else { 0 };
            for (shard, record) in records {
                say::out(&self.line(model, &shard, record)?);
            }
            // Of a shard that ended, the children come with the next look.
            if self.once && silent > 1 {
                return Ok(());
            }
            if silent > 0 && !self.once && stop.or(tokio::time::sleep(PAUSE)).await.is_none() {
                return Ok(());
            }
        }
    }

    fn line(
        &self,
        model: Option<&'static TableModel<'static>>,
        shard: &str,
        record: Record,
    ) -> Result<String, Failed> {
        let entity = entity(model, &record);
        if self.table.format.chosen() == Format::Json {
            let told =
                json!({ "shard": shard, "entity": entity, "record": record.into_json(None) });
            return Ok(format!("{told}\n"));
        }
        let what = match (record.change.kind, record.change.expired_by_ttl) {
            (ChangeKind::Inserted, _) => "inserted",
            (ChangeKind::Modified, _) => "modified",
            (ChangeKind::Removed, false) => "removed",
            (ChangeKind::Removed, true) => "expired",
        };
        let when = record
            .created
            .map_or_else(|| "-".to_owned(), |at| at.to_string());
        let key = attributes_json(&record.change.keys).map_err(Failed::not_finished)?;
        let entity = entity.unwrap_or("?");
        Ok(format!("{when}  {what:<8}  {entity}  {key}\n"))
    }
}

fn entity<'a>(model: Option<&'static TableModel<'static>>, record: &'a Record) -> Option<&'a str> {
    if let Some(model) = model {
        let spec = model.entities.get(record.change.place(model)?)?;
        return Some(&spec.name);
    }
    let change = &record.change;
    let image = change.new.as_ref().or(change.old.as_ref())?;
    image.get("entity")?.as_s().ok().map(String::as_str)
}

/// Lives as long as the command.
fn model(file: &std::path::Path) -> Result<&'static TableModel<'static>, Failed> {
    let model = keyfold::model::read(file).map_err(|error| {
        let file = file.display();
        Failed::not_finished(format!("the model file {file} cannot be read: {error}"))
    })?;
    Ok(Box::leak(Box::new(model)))
}
