//! `keyfold cost`: what a design costs a month with its traffic.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use keyfold::Table as _;
use keyfold_cost::{FileError, Prices, Report, Traffic, predict, render, usd};
use keyfold_model::TableModel;

use crate::failure::Failed;
use crate::model::App;
use crate::say;

/// Which design, with what traffic, and how to answer.
#[derive(Debug, Args)]
pub struct Cost {
    /// The model file, which a snapshot test in your project writes [default: keyfold.model.json].
    #[arg(long, value_name = "FILE", conflicts_with = "app")]
    model: Option<PathBuf>,
    /// An application of ours.
    #[arg(long)]
    app: Option<App>,
    /// Items, sizes and calls a month [default: keyfold.traffic.toml; without it all is assumed].
    #[arg(long, value_name = "FILE")]
    traffic: Option<PathBuf>,
    /// Prices, instead of those that come with Keyfold.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t)]
    format: CostFormat,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Draw the bill as a chart into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// End with exit code 1 if a month costs more than so many US dollars.
    #[arg(long, value_name = "USD", value_parser = money)]
    budget: Option<f64>,
}

/// How it answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum CostFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a pull request.
    Markdown,
}

const TRAFFIC: &str = "keyfold.traffic.toml";

/// Predicts and prints. Everything is worked out before anything is written.
pub fn run(cost: &Cost) -> Result<(), Failed> {
    let report = match cost.app {
        Some(App::Genuproof) => of(cost, genuproof::table::Genuproof::model())?,
        None => of(cost, &crate::model::read(cost.model.as_deref())?)?,
    };
    let format = if cost.json {
        CostFormat::Json
    } else {
        cost.format
    };
    let text = match format {
        CostFormat::Text => render::text(&report),
        CostFormat::Markdown => render::markdown(&report),
        CostFormat::Json => render::json(&report).map_err(Failed::not_finished)?,
    };
    if let Some(file) = &cost.svg {
        let svg = render::svg(&report).map_err(Failed::not_finished)?;
        write_whole(file, &svg)?;
    }
    say::out(&text);
    within(cost.budget, &report)
}

fn of(cost: &Cost, model: &TableModel<'_>) -> Result<Report, Failed> {
    let traffic = traffic(cost, model)?;
    let prices = match &cost.prices {
        Some(file) => {
            let prices = Prices::parse(&text_of(file)?).map_err(|error| in_file(file, &error))?;
            prices
                .check(&traffic)
                .map_err(|error| in_file(file, &error))?;
            prices
        }
        None => Prices::of_region(&traffic.region).map_err(Failed::wrong_use)?,
    };
    Ok(predict(model, &traffic, &prices))
}

fn traffic(cost: &Cost, model: &TableModel<'_>) -> Result<Traffic, Failed> {
    let file = cost.traffic.as_deref().unwrap_or(Path::new(TRAFFIC));
    if cost.traffic.is_none() && !file.exists() {
        say::aside(
            "There is no keyfold.traffic.toml here, so every figure is assumed. The guide to costs shows one.\n",
        );
        return Ok(Traffic::default());
    }
    let traffic = Traffic::parse(&text_of(file)?).map_err(|error| in_file(file, &error))?;
    let wrong = traffic.check(model);
    if wrong.is_empty() {
        return Ok(traffic);
    }
    Err(Failed::wrong_use(listed(file, &wrong)))
}

/// Every fault of the file at once, each with its place and what to do.
fn listed(file: &Path, wrong: &[FileError]) -> String {
    if let [error] = wrong {
        return format!("{}: {error}", file.display());
    }
    let mut lines = format!("{} does not fit the design", file.display());
    for error in wrong {
        let hint = error.hint.as_ref().map(|hint| format!("; {hint}"));
        let _ = write!(
            lines,
            "\n  line {}, column {}: {}{}",
            error.at.line,
            error.at.column,
            error.message,
            hint.unwrap_or_default()
        );
    }
    lines
}

fn text_of(file: &Path) -> Result<String, Failed> {
    let bytes = std::fs::read(file).map_err(|error| {
        Failed::wrong_use(format!("{} cannot be read: {error}", file.display()))
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let readable = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = readable.split(|byte| *byte == b'\n').count();
        Failed::wrong_use(format!(
            "{} is not UTF-8 text: line {line} has a byte that is none",
            file.display()
        ))
    })
}

fn in_file(file: &Path, error: &dyn std::fmt::Display) -> Failed {
    Failed::wrong_use(format!("{}: {error}", file.display()))
}

/// A reader of the file sees the old one or all of the new one.
fn write_whole(file: &Path, text: &str) -> Result<(), Failed> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // As readable as any other file; a temporary one is its owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder.tempfile_in(folder).and_then(|mut whole| {
        whole.write_all(text.as_bytes())?;
        whole.persist(file).map_err(|error| error.error)
    });
    written.map(|_| ()).map_err(|error| {
        Failed::not_finished(format!("{} cannot be written: {error}", file.display()))
    })
}

fn within(budget: Option<f64>, report: &Report) -> Result<(), Failed> {
    match budget {
        Some(budget) if report.total.monthly_usd > budget => Err(Failed::found(format!(
            "a month costs {} USD, and the budget is {} USD\nhint: the dearest line stands first under \"Access patterns\" and \"Entities\"",
            report.total.text(),
            usd(budget)
        ))),
        _ => Ok(()),
    }
}

fn money(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(usd) if usd.is_finite() && usd >= 0.0 => Ok(usd),
        _ => Err("a budget is a number of US dollars of at least 0".to_owned()),
    }
}
