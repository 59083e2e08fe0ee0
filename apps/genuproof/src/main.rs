//! The `genuproof` program: settings in, URLs out. Wiring only.

use std::io::Write as _;

use clap::Parser;
use genuproof::server::{self, Demo, Running};
use genuproof::settings::Flags;
use keyfold_web::serve;
use tracing_subscriber::EnvFilter;

/// Products that prove they are genuine, on one `DynamoDB` table.
#[derive(Parser)]
#[command(name = "genuproof", version, max_term_width = 100)]
struct Line {
    #[command(flatten)]
    flags: Flags,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let line = Line::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(&line.flags).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            std::process::ExitCode::from(3)
        }
    }
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
