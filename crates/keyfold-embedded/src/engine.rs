use std::path::Path;
use std::sync::Arc;

use dynoxide::DynoxideError;

use crate::changes::{Changes, Watchers};
use crate::describe::Descriptions;
use crate::faults::{Before, FaultReport, Injector, RequestName};
use crate::folder::{Folder, OpenError};
use crate::handles::{Handles, Synchronous};
use crate::operation::Operation;
use crate::options::Options;
use crate::page::RowSizes;
use crate::upkeep::Upkeep;
use crate::wire::{Payload, Reply};

/// An embedded `DynamoDB`: tables in a folder or in memory, and SDK clients on them.
///
/// A handle: clones share the tables. The folder is released, or the memory freed, when the last
/// clone, client and served endpoint is gone.
#[derive(Clone)]
pub struct Engine {
    // What could not be opened is told by each call: `memory` cannot fail.
    inner: Result<Arc<Inner>, Arc<OpenError>>,
    past_faults: bool,
}

// The order of the fields is the order of closing: connections, lock, files.
pub(crate) struct Inner {
    pub(crate) handles: Handles,
    pub(crate) watchers: Watchers,
    pub(crate) row_sizes: RowSizes,
    pub(crate) descriptions: Descriptions,
    pub(crate) upkeep: Upkeep,
    pub(crate) injector: Option<Injector>,
    /// What stale reads see.
    pub(crate) before: Arc<tokio::sync::Mutex<Option<Before>>>,
    folder: Folder,
    _scratch: Option<tempfile::TempDir>,
}

impl Engine {
    pub(crate) fn open(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let synchronous = Synchronous::Durable(options.durability);
        let inner = Inner::open(dir, options, synchronous, None)?;
        Ok(Self {
            inner: Ok(Arc::new(inner)),
            past_faults: false,
        })
    }

    pub(crate) fn memory(options: &Options) -> Self {
        let opened = crate::scratch::create(&options.memory_folders).and_then(|scratch| {
            let dir = scratch.path().to_owned();
            Inner::open(&dir, options, Synchronous::Off, Some(scratch))
        });
        Self {
            inner: opened.map(Arc::new).map_err(Arc::new),
            past_faults: false,
        }
    }

    /// Why the engine could not be opened, if it could not: its clients answer every call with
    /// this. Only an engine [in memory](crate::memory) comes into being so.
    pub fn open_error(&self) -> Option<&OpenError> {
        self.inner.as_ref().err().map(Arc::as_ref)
    }

    /// Says whenever `table` has been written, by any client of this engine or through a
    /// [served](Self::serve) endpoint.
    pub fn changes(&self, table: &str) -> Changes {
        match &self.inner {
            Ok(inner) => inner.watchers.subscribe(table),
            // Its sender is gone at once: closed, as the engine is.
            Err(_) => Watchers::default().subscribe(table),
        }
    }

    /// Writes a consistent copy of everything to the file `to`, which must not exist, while the
    /// engine goes on; writes wait for it. To start from it, put it as `engine.sqlite` into an
    /// empty folder and [open](crate::open()) that.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub async fn snapshot(&self, to: impl AsRef<Path>) -> std::io::Result<()> {
        let inner = self
            .inner
            .clone()
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        let to = to.as_ref().to_owned();
        // The engine would fill a file that is there already, or fail in its own words.
        if to.try_exists()? {
            return Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists));
        }
        let mut writer = inner.handles.writer().await;
        crate::call::on_a_thread(move || {
            writer.run(|database| database.vacuum_into(&to.to_string_lossy()))
        })
        .await
        .map_err(|error: DynoxideError| std::io::Error::other(error.to_string()))
    }

    /// The same engine without its [faults](crate::Options::faults): for what a test sets up and looks
    /// at by itself.
    #[must_use]
    pub fn past_faults(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            past_faults: true,
        }
    }

    /// What the [faults](crate::Options::faults) did so far.
    pub fn faults(&self) -> FaultReport {
        match &self.inner {
            Ok(inner) => inner
                .injector
                .as_ref()
                .map(Injector::report)
                .unwrap_or_default(),
            Err(_) => FaultReport::default(),
        }
    }

    pub(crate) fn has_faults(&self) -> bool {
        let injector = |inner: &Arc<Inner>| inner.injector.is_some();
        !self.past_faults && self.inner.as_ref().is_ok_and(injector)
    }

    /// The way in for the endpoint, where an answer that is lost is a failure of the server.
    pub(crate) async fn call(&self, target: &str, payload: Payload) -> Reply {
        let reply = self.call_in_process(target, payload, None).await;
        if reply.lost {
            return Reply::service_error(500, "InternalServerError", "Internal server error");
        }
        reply
    }

    /// The one way in, for clients in process and for the endpoint.
    pub(crate) async fn call_in_process(
        &self,
        target: &str,
        payload: Payload,
        name: Option<RequestName>,
    ) -> Reply {
        let operation = match Operation::of_target(target) {
            Ok(operation) => operation,
            Err(not_served) => return not_served.reply(),
        };
        match &self.inner {
            Ok(inner) => {
                Upkeep::begin(inner);
                match inner.injector.as_ref().filter(|_| !self.past_faults) {
                    None => crate::call::call(inner, operation, payload).await,
                    Some(injector) => {
                        crate::faults::call(injector, inner, operation, payload, name).await
                    }
                }
            }
            Err(error) => Reply::refused("keyfold.embedded#EngineNotOpened", &error.to_string()),
        }
    }

    /// Lets the lock file name the endpoint, for those who find the folder held.
    pub(crate) fn announce(&self, endpoint: Option<String>) {
        if let Ok(inner) = &self.inner
            && let Err(error) = inner.folder.announce(endpoint)
        {
            tracing::warn!(%error, "the lock file could not be written: it does not name the endpoint");
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.inner {
            Ok(inner) => f
                .debug_struct("Engine")
                .field("file", &inner.folder.engine_file())
                .finish_non_exhaustive(),
            Err(error) => f.debug_tuple("Engine").field(error).finish(),
        }
    }
}

impl Inner {
    pub(crate) fn file(&self) -> String {
        self.folder.engine_file().to_string_lossy().into_owned()
    }

    fn open(
        dir: &Path,
        options: &Options,
        synchronous: Synchronous,
        scratch: Option<tempfile::TempDir>,
    ) -> Result<Self, OpenError> {
        let folder = Folder::hold(dir)?;
        let file = folder.engine_file();
        let handles = Handles::open(&file, options.readers, synchronous).map_err(|error| {
            OpenError::Engine {
                file,
                reason: error.to_string(),
            }
        })?;
        Ok(Self {
            handles,
            watchers: Watchers::default(),
            row_sizes: RowSizes::default(),
            descriptions: Descriptions::default(),
            upkeep: Upkeep::new(options.upkeep_every),
            injector: options.faults.clone().map(Injector::new),
            before: Arc::default(),
            folder,
            _scratch: scratch,
        })
    }
}
