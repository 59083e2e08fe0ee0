/// What an engine is opened with: where it differs from the defaults of [`memory`](crate::memory)
/// and [`open`](crate::open()).
///
/// ```
/// use keyfold_embedded::{Durability, Options};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let engine = Options::new()
///     .durability(Durability::Normal)
///     .readers(2)
///     .open(folder.path())?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) durability: Durability,
    pub(crate) readers: usize,
    pub(crate) upkeep_every: std::time::Duration,
    pub(crate) faults: Option<crate::Faults>,
    pub(crate) memory_folders: Vec<std::path::PathBuf>,
}

/// What an acknowledged write has survived by the time its answer arrives.
///
/// A process that is killed loses nothing under either: the choice concerns the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Loss of power (`SQLite`'s `synchronous=FULL`): each write waits for the disk.
    #[default]
    Full,
    /// The death of the process, not the loss of power: the last writes before it may be gone,
    /// nothing is torn (`synchronous=NORMAL` with a write-ahead log). Writes do not wait for the
    /// disk.
    Normal,
}

impl Options {
    /// The defaults: [`Durability::Full`], a reader for each core, at least two and at most four.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            durability: Durability::default(),
            readers: cores.clamp(2, 4),
            upkeep_every: std::time::Duration::from_mins(1),
            faults: None,
            memory_folders: crate::scratch::folders(),
        }
    }

    /// What an acknowledged write survives. Without meaning for [`memory`](Self::memory), which
    /// keeps nothing.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How many reads can run at once beside the one writer; at least one. Each holds a connection
    /// to the file.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How often expired items are looked for and stream records older than a day removed; every
    /// minute unless told otherwise, and rarer where looking takes long. `DynamoDB` itself may take
    /// days for an expired item.
    #[must_use]
    pub fn upkeep_every(mut self, pause: std::time::Duration) -> Self {
        self.upkeep_every = pause.max(std::time::Duration::from_millis(1));
        self
    }

    /// Lets happen what happens on AWS; nothing unless told.
    #[must_use]
    pub fn faults(mut self, faults: crate::Faults) -> Self {
        self.faults = Some(faults);
        self
    }

    /// Opens the folder `dir`, creating it where it is missing; see [`open`](crate::open()).
    pub fn open(self, dir: impl AsRef<std::path::Path>) -> Result<crate::Engine, crate::OpenError> {
        crate::Engine::open(dir.as_ref(), &self)
    }

    /// An engine whose data is gone with its last handle; see [`memory`](crate::memory).
    pub fn memory(self) -> crate::Engine {
        crate::Engine::memory(&self)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
