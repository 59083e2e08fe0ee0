//! `keyfold up`: everything in one process, on one data folder.

mod table;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use genuproof::server::Running;
use genuproof::settings::{Flags, Storage};
use keyfold_embedded::{Engine, Served};
use keyfold_web::serve::{self, DRAIN_MAX};
use tracing_subscriber::EnvFilter;

use self::table::Lines;
use crate::failure::Failed;
use crate::model::App;
use crate::say;

/// Default addresses on 127.0.0.1 are GenuProof 7401 and DynamoDB 8000.
#[derive(Debug, Args)]
pub struct Up {
    /// The data folder [default: .keyfold].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// No data folder: everything is gone when it ends.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Let the embedded engine fail as AWS does: `aws-like`, or `aws-like:SEED`. What happened is listed at the end.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["endpoint", "aws"])]
    faults: Option<keyfold_embedded::Faults>,
    /// Moves every address: with N, GenuProof is at N+1 and DynamoDB at N+600.
    #[arg(long, value_name = "N", default_value_t = 7400, value_parser = clap::value_parser!(u16).range(1..=HIGHEST_BASE))]
    port_base: u16,
    /// Start this application only; may be repeated.
    #[arg(long)]
    app: Vec<App>,
    /// Use a DynamoDB endpoint instead of the embedded engine [env: `AWS_ENDPOINT_URL_DYNAMODB`].
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "memory"])]
    endpoint: Option<String>,
    /// Use AWS instead of the embedded engine.
    #[arg(long, conflicts_with_all = ["data", "memory", "endpoint"])]
    aws: bool,
}

// Each application has its distance from the base; 8000 is where DynamoDB is looked for when the base is 7400.
const GENUPROOF: u16 = 1;
const DYNAMODB: u16 = 600;
const HIGHEST_BASE: i64 = (u16::MAX - DYNAMODB) as i64;
const FLAG: &str = "--port-base";
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Runs until Ctrl-C or SIGTERM.
pub fn run(up: Up) -> Result<(), Failed> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::not_finished)?;
    runtime.block_on(up.run())
}

impl Up {
    async fn run(self) -> Result<(), Failed> {
        // Caught from here on: whoever stops it while it starts is obeyed as well.
        let stop = serve::stop_signal().map_err(Failed::not_finished)?;
        let mut stop = std::pin::pin!(stop);
        let started = tokio::select! {
            started = self.start() => started?,
            () = &mut stop => return Ok(()),
        };
        say::out(&started.lines().to_string());
        let ended = started.genuproof.until(stop).await;
        if let Some(shared) = started.shared {
            // A client that keeps its connection busy does not hold the process.
            let _ = tokio::time::timeout(DRAIN_MAX / 4, shared.served.stop()).await;
            if self.faults.is_some() {
                say::out(&format!("{}\n", shared.engine.faults()));
            }
        }
        ended.map_err(Failed::not_finished)
    }

    async fn start(&self) -> Result<Started, Failed> {
        let flags = Flags {
            listen: self.address(GENUPROOF),
            data: self.data.clone(),
            memory: self.memory,
            faults: self.faults.clone(),
            endpoint: self.endpoint.clone(),
            aws: self.aws,
            table: None,
            dynamodb: None,
            demo: false,
        };
        let mut settings = flags
            .settings(|name| std::env::var(name).ok())
            .map_err(Failed::wrong_use)?;
        FLAG.clone_into(&mut settings.listen_flag);
        // One engine for all applications, and one endpoint to look into it.
        let (folder, shared) = match &settings.storage {
            Storage::Folder(folder) => {
                let engine = settings
                    .engine_options()
                    .open(folder)
                    .map_err(Failed::not_finished)?;
                (Some(folder.clone()), Some(self.share(engine).await?))
            }
            Storage::Memory => {
                let engine = settings.engine_options().memory();
                (None, Some(self.share(engine).await?))
            }
            Storage::Engine { .. } | Storage::Endpoint(_) | Storage::Aws => (None, None),
        };
        if let Some(shared) = &shared {
            // A table elsewhere may be somebody's real one.
            settings.demo = true;
            settings.storage = Storage::Engine {
                engine: shared.engine.clone(),
                folder: folder.clone(),
            };
        }
        let genuproof = genuproof::server::start(settings)
            .await
            .map_err(Failed::not_finished)?;
        Ok(Started {
            genuproof,
            shared,
            folder,
        })
    }

    async fn share(&self, engine: Engine) -> Result<Shared, Failed> {
        let listener = serve::bind(self.address(DYNAMODB), FLAG)
            .await
            .map_err(Failed::not_finished)?;
        let served = engine.serve_on(listener).map_err(Failed::not_finished)?;
        if serve::answers(served.address(), "/", ANSWERS_WITHIN).await {
            Ok(Shared { engine, served })
        } else {
            Err(Failed::not_finished(format!(
                "{} listens and does not answer",
                served.address()
            )))
        }
    }

    fn address(&self, distance: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port_base + distance))
    }
}

/// What runs.
struct Started {
    genuproof: Running,
    shared: Option<Shared>,
    folder: Option<PathBuf>,
}

struct Shared {
    engine: Engine,
    served: Served,
}

impl Started {
    fn lines(&self) -> Lines<'_> {
        Lines {
            genuproof: &self.genuproof,
            dynamodb: self.shared.as_ref().map(|shared| shared.served.endpoint()),
            program: std::env::args()
                .next()
                .unwrap_or_else(|| "keyfold".to_owned()),
            folder: self.folder.clone(),
        }
    }
}
