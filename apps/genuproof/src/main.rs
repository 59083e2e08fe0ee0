//! The `genuproof` program: settings in, URLs out. Wiring only.

use std::io::Write as _;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use genuproof::mcp::Mcp;
use genuproof::server::{self, Demo, Running};
use genuproof::settings::Flags;
use genuproof::{doctor, import};
use keyfold::Clock as _;
use keyfold_web::serve;
use tracing_subscriber::EnvFilter;

/// Products that prove they are genuine, on one `DynamoDB` table.
#[derive(Parser)]
#[command(name = "genuproof", version, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Subcommand)]
enum Command {
    /// Speak the Model Context Protocol on standard input and output, for AI clients. The server is named by
    /// `GENUPROOF_BASE_URL`, the brand's key by `GENUPROOF_API_KEY`.
    Mcp,
    /// Carry a table of the first GenuProof over into this one. Run it again when it broke off.
    Import {
        /// Where it is: `http://127.0.0.1:8000/authentik`.
        #[arg(long, value_name = "ENDPOINT/TABLE")]
        from: String,
        #[command(flatten)]
        flags: Flags,
    },
    /// Read the whole table and say what does not fit. Stop the server first, or name its endpoint.
    Doctor {
        /// Put right what follows from something else; without it nothing is changed.
        #[arg(long)]
        repair: bool,
        #[command(flatten)]
        flags: Flags,
    },
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let line = Line::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let done = match line.command {
        Some(Command::Mcp) => speak().await,
        Some(Command::Import { from, flags }) => carry(&from, &flags).await,
        Some(Command::Doctor { repair, flags }) => match examine(&flags, repair).await {
            // As for every command that finds something: 1.
            Ok(left) if left > 0 => return std::process::ExitCode::from(1),
            done => done.map(drop),
        },
        None => run(&line.flags).await,
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            std::process::ExitCode::from(3)
        }
    }
}

async fn carry(from: &str, flags: &Flags) -> anyhow::Result<()> {
    let (url, source_table) = from
        .rsplit_once('/')
        .filter(|(url, table)| url.contains("://") && !url.ends_with('/') && !table.is_empty())
        .context("--from is an endpoint and a table, such as http://127.0.0.1:8000/authentik")?;
    let mut settings = flags.settings(|name| std::env::var(name).ok())?;
    if settings.signing_secret.is_none() {
        anyhow::bail!(
            "SIGNING_SECRET is not set: it has to be the one that the products were signed with, or none of them would verify"
        );
    }
    let source = server::endpoint(url, |name| std::env::var(name).ok()).await?;
    settings.unsealed = import::until_now(keyfold::SystemClock.now());
    let (store, client) = server::made(&settings).await?;
    let table = settings.table.clone();
    let done = import::import(
        &source,
        source_table,
        &client,
        &table,
        &store,
        settings.claim_days,
    )
    .await?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} items read, {} written, {} were there",
        done.read, done.written, done.there
    )?;
    writeln!(
        out,
        "{} chains sealed, {} lookups, listings and counters made",
        done.sealed, done.made
    )?;
    for left in &done.left {
        writeln!(out, "  {left}")?;
    }
    Ok(())
}

/// How many findings are left.
async fn examine(flags: &Flags, repairs: bool) -> anyhow::Result<usize> {
    let settings = flags.settings(|name| std::env::var(name).ok())?;
    let table = settings.table.clone();
    let (store, client) = server::store(&settings).await?;
    let found = doctor::examine(&client, &table, &store).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} items, {} products", found.items, found.products)?;
    for finding in &found.findings {
        writeln!(out, "  {finding}")?;
    }
    let repairable = found
        .findings
        .iter()
        .filter(|finding| finding.is_repairable)
        .count();
    let left = found.findings.len();
    if left == 0 {
        writeln!(out, "nothing is wrong")?;
        return Ok(0);
    }
    if !repairs {
        writeln!(
            out,
            "{left} findings; {repairable} of them are put right with --repair"
        )?;
        return Ok(left);
    }
    let repaired = doctor::repair(&client, &table, &found.findings).await?;
    writeln!(out, "{repaired} of {left} findings were put right")?;
    Ok(left - repaired)
}

async fn speak() -> anyhow::Result<()> {
    let mcp = Mcp::of(|name| std::env::var(name).ok())?;
    let input = std::io::BufReader::new(std::io::stdin());
    Ok(mcp.serve(input, std::io::stdout()).await?)
}

async fn run(flags: &Flags) -> anyhow::Result<()> {
    let settings = flags.settings(|name| std::env::var(name).ok())?;
    // Caught from here on: whoever stops it while it starts is obeyed as well.
    let stop = serve::stop_signal()?;
    let mut stop = std::pin::pin!(stop);
    let running = tokio::select! {
        started = server::start(settings) => started?,
        () = &mut stop => return Ok(()),
    };
    say(&running);
    let engine = running.engine.clone().filter(|_| flags.faults.is_some());
    running.until(stop).await?;
    if let Some(engine) = engine {
        let _ = writeln!(std::io::stdout(), "{}", engine.faults());
    }
    Ok(())
}

/// Whoever reads may be gone: that is no reason to stop.
fn say(running: &Running) {
    let mut out = std::io::stdout().lock();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text}");
    };
    for difference in &running.differences {
        line(&format!("the table differs: {difference}"));
    }
    line(&format!("GenuProof   {}", running.local_url));
    if running.base_url != running.local_url {
        line(&format!("its links   {}", running.base_url));
    }
    if let Some(endpoint) = &running.dynamodb {
        line(&format!("DynamoDB    {endpoint}"));
    }
    match &running.demo {
        Some(Demo::Written { code, brand }) => {
            line(&format!("try         {}/verify/{code}", running.local_url));
            if let Some((name, key)) = brand {
                line(&format!(
                    "sign in as  {name}, with the key {}",
                    key.reveal()
                ));
            }
        }
        Some(Demo::TableInUse) => {
            line("--demo      nothing was written: the table holds other brands");
        }
        None => {}
    }
    let _ = out.flush();
}
