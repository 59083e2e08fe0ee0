//! The server: opened, seeded, listening and answering; then drained and stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keyfold::embedded::Served;
use keyfold::{Difference, Table as _, TableError};
use keyfold_stream::{Source, StartError};
use keyfold_web::serve::{self, DRAIN_MAX, ServeError};
use keyfold_web::session::Sessions;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::{App, Parts, SESSION_LIFETIME};
use crate::domain::access::ApiKey;
use crate::domain::crypto::{Secret, Signer};
use crate::domain::ids::OsRandomness;
use crate::domain::links::{BadBaseUrl, BaseUrl};
use crate::feed::Feeds;
use crate::limits::Limiter;
use crate::outside::courier::{Bell, Courier};
use crate::outside::gemini::Gemini;
use crate::outside::reach::{Reach, SystemNames};
use crate::outside::stripe::Stripe;
use crate::pages::{Site, face};
use crate::settings::{Settings, SettingsError, Storage};
use crate::store::{SeedError, Store};
use crate::table::Genuproof;
use crate::{pipeline, routes};

pub use self::database::{Database, DatabaseError, open};
pub use self::secret::{FILE as SECRET_FILE, SecretError};

mod database;
mod secret;

/// So much later than an alert may be what follows from it.
const OTHERS_GATHER: Duration = Duration::from_millis(50);

/// The server cannot start, or ended by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The settings contradict each other.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The table cannot be reached.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The table cannot be made or looked at.
    #[error(transparent)]
    Table(#[from] TableError),
    /// There is no secret to sign with.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The data was signed with a secret that is not here.
    #[error(
        "the table `{table}` is there, and the secret its products were signed with is not: with a new one none of them would verify\nhint: put {SECRET_FILE} back into the data folder, or set SIGNING_SECRET to what it was"
    )]
    SecretLost {
        /// The table.
        table: String,
    },
    /// The demonstration cannot be written.
    #[error("the demonstration cannot be written: {0}")]
    Demo(#[source] SeedError),
    /// The address is no base for links.
    #[error(transparent)]
    BaseUrl(#[from] BadBaseUrl),
    /// It cannot listen, or stopped listening.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// It listens and does not answer.
    #[error("{address} listens and does not answer")]
    Silent {
        /// Where.
        address: SocketAddr,
    },
    /// What follows from changes cannot be started.
    #[error("the table's stream cannot be read, so no alerts would be raised: {0}")]
    Pipeline(#[source] StartError),
    /// Services elsewhere cannot be called.
    #[error("no requests can be sent to other servers: {0}")]
    Outside(#[from] reqwest::Error),
    /// A task of the server ended by a panic.
    #[error("the server ended unexpectedly")]
    Ended,
}

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The base of all its links.
    pub base_url: String,
    /// Where it is reached on this machine.
    pub local_url: String,
    /// The endpoint of its embedded engine, if that is served.
    pub dynamodb: Option<String>,
    /// What differs between the table that was there and the design; empty if nothing does.
    pub differences: Vec<Difference>,
    /// The demonstration, when it was asked for.
    pub demo: Option<Demo>,
    /// The embedded engine, when it is one.
    pub engine: Option<keyfold::embedded::Engine>,
    /// Alerts, to those who follow them.
    pub feeds: Feeds,
    pipelines: Vec<keyfold_stream::Running>,
    courier: Option<Courier>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), ServeError>>,
    served: Option<Served>,
}

/// The demonstration's data.
#[derive(Debug)]
pub enum Demo {
    /// It is there.
    Written {
        /// A code to try.
        code: String,
        /// A brand of it, and the key to sign in with.
        brand: Option<(String, ApiKey)>,
    },
    /// The table holds somebody's own brands, and nothing was added to them.
    TableInUse,
}

/// How often the table is asked for alerts that other servers raised.
const POLL: Duration = Duration::from_millis(500);

/// How long it may take from listening to answering.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Opens the table, makes it when it is missing, and serves it. When this returns, it answers.
///
/// # Errors
/// [`ServerError`]: its text says what is wrong and what to do.
#[expect(
    clippy::too_many_lines,
    reason = "wiring: what is made here is used further down, in one order"
)]
pub async fn start(settings: Settings) -> Result<Running, ServerError> {
    // First, so that a busy port is found before anything is opened or written.
    let listener = serve::bind(settings.listen, &settings.listen_flag).await?;
    let address = listener.local_addr().map_err(ServeError::Broken)?;
    let endpoint = match settings.dynamodb {
        Some(address) => Some(serve::bind(address, "--dynamodb").await?),
        None => None,
    };

    let database = database::open(&settings.storage, settings.engine_options()).await?;
    let secret = signing_secret(&settings, &database).await?;
    let local_url = format!("http://{}", serve::reachable(address));
    let base = match settings.base_url {
        Some(base) => base,
        None => BaseUrl::parse(&local_url)?,
    };
    let base_url = base.to_string();
    let is_https = base_url.to_ascii_lowercase().starts_with("https://");
    let signer = settings
        .earlier_secrets
        .into_iter()
        .fold(Signer::new(secret), Signer::accepting);
    // One secret is set; what it protects is kept apart by what is signed.
    let derived = |purpose: &str| signer.sign(purpose).to_string().into_bytes();
    let sessions = Sessions::new(
        &derived("sessions"),
        "genuproof",
        SESSION_LIFETIME,
        is_https,
    );
    let table = Genuproof::builder(database.client.clone())
        .table(&settings.table)
        .cursor_secret(derived("cursors"))
        .build();
    let differences = make_or_verify(&table).await?;
    let store = Store::new(table, signer, settings.unsealed)
        .claims_for_days(settings.claim_days)
        .enforcing_plans(settings.enforces_plans);
    let demo = if settings.demo {
        Some(seed(&store).await?)
    } else {
        None
    };

    // One process holds an embedded engine; elsewhere other servers raise alerts too.
    let poll = database.engine.is_none().then_some(POLL);
    let feeds = Feeds::new(poll);
    let gemini = settings.gemini.map(Gemini::new).transpose()?;
    let stripe = Stripe::new(settings.stripe)?;
    let bell = Bell::default();
    let parts = pipelines_of(&store, &feeds, gemini, &bell, &database.source);
    let pipelines = started(&store, parts).await?;
    let reach = Reach::new(settings.targets, Arc::new(SystemNames))?;
    let courier = Courier::start(store.clone(), reach, settings.targets, bell);
    let app = App::new(Parts {
        store,
        feeds: feeds.clone(),
        site: Site {
            assets: face::assets(),
            base_url: base_url.clone(),
            open_demo: settings.open_demo,
        },
        local_url: local_url.clone(),
        base,
        sessions,
        proxies: settings.trusted_proxies,
        open_demo: settings.open_demo,
        randomness: Arc::new(OsRandomness),
        counts: routes::counts(),
        limiter: Limiter::new(settings.rate_limits),
        targets: settings.targets,
        stripe,
        document: routes::document(&base_url),
    });
    let (stop, mut stopped) = watch::channel(false);
    let told = async move {
        // An error is a dropped sender: told as well.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let task = tokio::spawn(serve::serve(listener, routes::router(&app), told));
    let served = match (endpoint, &database.engine) {
        (Some(listener), Some(engine)) => Some(
            engine
                .serve_on(listener)
                .map_err(|error| ServeError::Broken(std::io::Error::other(error)))?,
        ),
        _ => None,
    };
    let running = Running {
        engine: database.engine,
        feeds,
        pipelines,
        courier: Some(courier),
        address,
        base_url,
        local_url,
        dynamodb: served.as_ref().map(Served::endpoint),
        differences,
        demo,
        stop,
        task,
        served,
    };
    if !serve::answers(address, "/api/health", ANSWERS_WITHIN).await {
        return Err(ServerError::Silent { address });
    }
    if let Some(served) = &running.served
        && !serve::answers(served.address(), "/", ANSWERS_WITHIN).await
    {
        return Err(ServerError::Silent {
            address: served.address(),
        });
    }
    Ok(running)
}

/// The questions that are asked of the table of these settings, and what reaches it, without a server.
///
/// # Errors
/// [`ServerError`]: its text says what is wrong and what to do.
pub async fn store(settings: &Settings) -> Result<(Store, aws_sdk_dynamodb::Client), ServerError> {
    let database = database::open(&settings.storage, settings.engine_options()).await?;
    let secret = signing_secret(settings, &database).await?;
    let earlier = settings.earlier_secrets.iter().cloned();
    let signer = earlier.fold(Signer::new(secret), Signer::accepting);
    let table = Genuproof::builder(database.client.clone())
        .table(&settings.table)
        .build();
    let store = Store::new(table, signer, settings.unsealed.clone());
    Ok((store, database.client))
}

/// The same, with the table made when it is missing.
///
/// # Errors
/// [`ServerError`].
pub async fn made(settings: &Settings) -> Result<(Store, aws_sdk_dynamodb::Client), ServerError> {
    let (store, client) = self::store(settings).await?;
    make_or_verify(store.table()).await?;
    Ok((store, client))
}

/// What reaches an endpoint, with the credentials of the environment.
///
/// # Errors
/// [`ServerError`] when it is no URL, or one that needs what this program was built without.
pub async fn endpoint(
    url: &str,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<aws_sdk_dynamodb::Client, ServerError> {
    let storage = Storage::chosen(None, Some(url), false, &environment)?;
    let database = database::open(&storage, keyfold::embedded::Options::new()).await?;
    Ok(database.client)
}

impl Running {
    /// Waits until everything that follows from what was written before is done.
    pub async fn caught_up(&self) {
        // Twice: what the first one writes, the second one reads.
        for pipeline in self.pipelines.iter().chain(&self.pipelines) {
            pipeline.caught_up().await;
        }
    }

    /// How far the pipelines are.
    pub fn pipelines(&self) -> Vec<keyfold_stream::Status> {
        self.pipelines
            .iter()
            .map(keyfold_stream::Running::status)
            .collect()
    }

    /// Serves until `shutdown` is ready, then takes no new request, lets running ones end, and returns within five seconds.
    ///
    /// # Errors
    /// When it ended by itself.
    pub async fn until(mut self, shutdown: impl Future<Output = ()>) -> Result<(), ServerError> {
        tokio::select! {
            ended = &mut self.task => return ended.map_err(|_| ServerError::Ended)?.map_err(ServerError::Serve),
            () = shutdown => {}
        }
        self.stop.send_replace(true);
        // Answers that go on end now, and their readers come back to whoever is here next.
        self.feeds.stop();
        let pipelines = std::mem::take(&mut self.pipelines);
        let courier = self.courier.take();
        let pipelines = async {
            if let Some(courier) = courier {
                // What is on its way is sent again by whoever comes next.
                let _ = tokio::time::timeout(DRAIN_MAX / 2, courier.stop()).await;
            }
            for pipeline in pipelines {
                // A handler that hangs does not hold the process: its record is handled again.
                let _ = tokio::time::timeout(DRAIN_MAX / 2, pipeline.stop()).await;
            }
        };
        let endpoint = async {
            if let Some(served) = self.served.take() {
                // A client that keeps its connection busy does not hold the process.
                let _ = tokio::time::timeout(DRAIN_MAX, served.stop()).await;
            }
        };
        let (ended, (), ()) = tokio::join!(&mut self.task, endpoint, pipelines);
        ended
            .map_err(|_| ServerError::Ended)?
            .map_err(ServerError::Serve)
    }
}

/// What follows from changes, and where each of it reads them.
fn pipelines_of(
    store: &Store,
    feeds: &Feeds,
    gemini: Option<Gemini>,
    bell: &Bell,
    source: &Source,
) -> [(keyfold_stream::Pipeline<Genuproof>, Source); 4] {
    // Alerts are what somebody waits for; the others look through many changes at once.
    let later = || source.clone().gather_for(OTHERS_GATHER);
    [
        (pipeline::threats(store, feeds), source.clone()),
        (pipeline::analyst(store, gemini), later()),
        (pipeline::ledger(store), later()),
        (pipeline::hooks(store, bell), later()),
    ]
}

/// Starts them. A table without a stream is said to differ from the design; it is served without alerts.
async fn started(
    store: &Store,
    pipelines: [(keyfold_stream::Pipeline<Genuproof>, Source); 4],
) -> Result<Vec<keyfold_stream::Running>, ServerError> {
    let mut running = Vec::new();
    for (pipeline, source) in pipelines {
        match pipeline.start(store.table(), source).await {
            Ok(started) => running.push(started),
            Err(error @ StartError::NoStream { .. }) => {
                tracing::error!(%error, "no alerts will be raised");
            }
            Err(error) => return Err(ServerError::Pipeline(error)),
        }
    }
    Ok(running)
}

/// The secret that is set, or kept, or made now.
async fn signing_secret(settings: &Settings, database: &Database) -> Result<Secret, ServerError> {
    if let Some(secret) = &settings.signing_secret {
        return Ok(secret.clone());
    }
    if database.engine.is_none() {
        return Err(SettingsError::NoSecret.into());
    }
    let folder = database::folder(&settings.storage);
    if let Some(folder) = folder
        && let Some(secret) = secret::kept(folder)?
    {
        return Ok(secret);
    }
    let described = database
        .client
        .describe_table()
        .table_name(&settings.table)
        .send()
        .await;
    if described.is_ok() {
        return Err(ServerError::SecretLost {
            table: settings.table.clone(),
        });
    }
    Ok(secret::make(folder, &OsRandomness)?)
}

/// What somebody added to the demonstration is no reason not to start again.
async fn seed(store: &Store) -> Result<Demo, ServerError> {
    match store.seed_demo().await {
        Ok(seeded) => Ok(Demo::Written {
            code: seeded.code,
            brand: seeded
                .brands
                .into_iter()
                .find_map(|brand| Some((brand.brand.name, brand.api_key?))),
        }),
        Err(SeedError::NotEmpty) => Ok(Demo::TableInUse),
        Err(error) => Err(ServerError::Demo(error)),
    }
}

/// Makes the table when it is missing, and says how the one that is there differs from the design.
async fn make_or_verify(table: &Genuproof) -> Result<Vec<Difference>, ServerError> {
    table.create_table().if_missing().await?;
    Ok(table.verify().await?)
}
