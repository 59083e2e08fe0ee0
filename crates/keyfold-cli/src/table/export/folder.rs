//! The files of an export, and how far it is.
//!
//! Source of the format: Developer Guide, "DynamoDB table export output format".

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use keyfold::{Clock as _, Randomness as _, SystemClock, SystemRandomness};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::table::error::OperateError;
use crate::table::place::Described;
use crate::table::scan::{Page, Position, ScanArgs};
use crate::table::{checkpoint, line};

/// The file that an unfinished export has, and a finished one has not.
pub const CHECKPOINT: &str = "keyfold-export.checkpoint";
/// DynamoDB's name for the folder of all exports.
pub const EXPORTS: &str = "AWSDynamoDB";

/// An export that this process writes.
pub struct Folder {
    dir: PathBuf,
    id: String,
    resumed: bool,
    state: Mutex<State>,
    // Held until dropped: two processes would write the same files.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct State {
    place: String,
    table: String,
    table_id: String,
    consistent: bool,
    started: String,
    segments: Vec<Segment>,
}

/// A segment of the table, and its file. What the file has behind `bytes` was not finished.
#[derive(Serialize, Deserialize)]
struct Segment {
    file: String,
    bytes: u64,
    items: u64,
    position: Position,
}

impl Folder {
    /// The export of this table that was stopped in `to`, or a new one.
    pub fn open(
        to: &Path,
        place: &str,
        table: &str,
        described: &Described,
        scan: &ScanArgs,
    ) -> Result<Self, OperateError> {
        let exports = to.join(EXPORTS);
        std::fs::create_dir_all(&exports).map_err(|error| OperateError::file(&exports, error))?;
        for dir in subfolders(&exports)? {
            let file = dir.join(CHECKPOINT);
            let state: Option<State> = checkpoint::load(&file)?;
            if let Some(state) = state.filter(|state| state.place == place && state.table == table)
            {
                if state.table_id != described.id {
                    return Err(OperateError::Checkpoint {
                        file,
                        problem: "is of a table that was deleted since".to_owned(),
                    });
                }
                return Self::resume(dir, state);
            }
        }
        Self::begin(&exports, place, table, described, scan)
    }

    fn begin(
        exports: &Path,
        place: &str,
        table: &str,
        described: &Described,
        scan: &ScanArgs,
    ) -> Result<Self, OperateError> {
        let now = SystemClock.now();
        let random = format!("{:032x}", SystemRandomness.bits());
        // AWS's own: milliseconds since 1970 in 14 digits, and eight of chance.
        let id = format!("{:014}-{}", now.as_millisecond(), &random[..8]);
        let dir = exports.join(&id);
        let data = dir.join("data");
        std::fs::create_dir_all(&data).map_err(|error| OperateError::file(&data, error))?;
        let segment = |number| Segment {
            file: format!("{number:04}-{}.json.gz", &random[8..]),
            bytes: 0,
            items: 0,
            position: Position::Start,
        };
        let folder = Self {
            _lock: lock(&dir)?,
            dir,
            id,
            resumed: false,
            state: Mutex::new(State {
                place: place.to_owned(),
                table: table.to_owned(),
                table_id: described.id.clone(),
                consistent: scan.consistent,
                started: now.to_string(),
                segments: (0..scan.segments).map(segment).collect(),
            }),
        };
        checkpoint::save(&folder.dir.join(CHECKPOINT), &*folder.state())?;
        Ok(folder)
    }

    fn resume(dir: PathBuf, state: State) -> Result<Self, OperateError> {
        let lock = lock(&dir)?;
        let id = dir
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let folder = Self {
            dir,
            id,
            resumed: true,
            state: Mutex::new(state),
            _lock: lock,
        };
        for segment in &folder.state().segments {
            folder.cut(segment)?;
        }
        Ok(folder)
    }

    /// Takes away what was written and not noted any more.
    fn cut(&self, segment: &Segment) -> Result<(), OperateError> {
        let path = self.data(segment);
        let cut = || {
            let file = append_to(&path)?;
            let has = file.metadata()?.len();
            if has > segment.bytes {
                file.set_len(segment.bytes)?;
            }
            Ok(has >= segment.bytes)
        };
        if cut().map_err(|error| OperateError::file(&path, error))? {
            return Ok(());
        }
        Err(OperateError::Checkpoint {
            file: self.dir.join(CHECKPOINT),
            problem: format!("does not fit data/{}, which is shorter", segment.file),
        })
    }

    /// Where a segment goes on.
    pub fn position(&self, segment: u32) -> Position {
        let state = self.state();
        let segment = state.segments.get(segment as usize);
        segment.map_or(Position::End, |segment| segment.position.clone())
    }

    /// Writes a page, and then that it is written.
    pub fn add(&self, number: u32, page: &Page) -> Result<(), OperateError> {
        let mut lines = String::new();
        for item in &page.items {
            lines += &line::write(item).map_err(|reason| OperateError::Task { reason })?;
        }
        // Each page is a gzip member of its own, so that a file ends well after any of them; RFC 1952 joins them.
        let member = compressed(lines.as_bytes());
        let mut state = self.state();
        let Some(segment) = state.segments.get_mut(number as usize) else {
            return Ok(());
        };
        let path = self.data(segment);
        let write = || {
            let member = member?;
            if !page.items.is_empty() {
                let mut file = append_to(&path)?;
                file.write_all(&member)?;
                file.sync_data()?;
                segment.bytes += u64::try_from(member.len()).unwrap_or_default();
            }
            Ok(())
        };
        write().map_err(|error| OperateError::file(&path, error))?;
        segment.items += u64::try_from(page.items.len()).unwrap_or_default();
        segment.position = page.then.clone();
        checkpoint::save(&self.dir.join(CHECKPOINT), &*state)
    }

    /// Writes the manifests; the export is whole.
    pub fn finish(&self, described: &Described) -> Result<(), OperateError> {
        let state = self.state();
        let mut files = String::new();
        for segment in &state.segments {
            let path = self.data(segment);
            let digest = self
                .closed(segment)
                .and_then(|()| md5(&path))
                .map_err(|error| OperateError::file(&path, error))?;
            let hex = format!("{:032x}", u128::from_be_bytes(digest));
            let entry = json!({
                "itemCount": segment.items,
                "md5Checksum": STANDARD.encode(digest),
                "etag": hex,
                "dataFileS3Key": format!("{EXPORTS}/{}/data/{}", self.id, segment.file),
            });
            files.extend([&*entry.to_string(), "\n"]);
        }
        let summary = json!({
            "version": "2020-06-30",
            "exportArn": format!("{}/export/{}", described.arn, self.id),
            "startTime": state.started,
            "endTime": SystemClock.now().to_string(),
            "tableArn": described.arn,
            "tableId": described.id,
            "exportTime": state.started,
            "s3Bucket": "",
            "s3Prefix": null,
            "s3SseAlgorithm": null,
            "s3SseKmsKeyId": null,
            "manifestFilesS3Key": format!("{EXPORTS}/{}/manifest-files.json", self.id),
            "billedSizeBytes": 0,
            "itemCount": state.segments.iter().map(|segment| segment.items).sum::<u64>(),
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT",
        });
        self.manifest("manifest-files", &files)?;
        self.manifest("manifest-summary", &format!("{summary:#}\n"))?;
        checkpoint::remove(&self.dir.join(CHECKPOINT))
    }

    /// An empty file is no gzip file; one without content is.
    fn closed(&self, segment: &Segment) -> io::Result<()> {
        if segment.bytes > 0 {
            return Ok(());
        }
        std::fs::write(self.data(segment), compressed(b"")?)
    }

    fn manifest(&self, name: &str, text: &str) -> Result<(), OperateError> {
        let checksum = STANDARD.encode(Md5::digest(text.as_bytes()));
        for (ending, text) in [("json", text), ("checksum", &checksum)] {
            let path = self.dir.join(format!("{name}.{ending}"));
            let write = || {
                let mut file = File::create(&path)?;
                file.write_all(text.as_bytes())?;
                file.sync_data()
            };
            write().map_err(|error| OperateError::file(&path, error))?;
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub fn is_resumed(&self) -> bool {
        self.resumed
    }

    pub fn is_consistent(&self) -> bool {
        self.state().consistent
    }

    /// As many as it was begun with: keys to go on from belong to a division of the table.
    pub fn segments(&self) -> u32 {
        u32::try_from(self.state().segments.len()).unwrap_or(u32::MAX)
    }

    pub fn items(&self) -> u64 {
        self.state()
            .segments
            .iter()
            .map(|segment| segment.items)
            .sum()
    }

    fn data(&self, segment: &Segment) -> PathBuf {
        self.dir.join("data").join(&segment.file)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The MD5 of a file.
pub fn md5(path: &Path) -> io::Result<[u8; 16]> {
    let mut file = File::open(path)?;
    let mut digest = Md5::new();
    let mut buffer = vec![0; 64 * 1_024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// The folders in `dir`, by name.
pub fn subfolders(dir: &Path) -> Result<Vec<PathBuf>, OperateError> {
    let list = || {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort();
        Ok(folders)
    };
    list().map_err(|error| OperateError::file(dir, error))
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn compressed(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish()
}

/// DynamoDB leaves a file `_started`; ours is locked while the export is written.
fn lock(dir: &Path) -> Result<File, OperateError> {
    let path = dir.join("_started");
    let file = append_to(&path).map_err(|error| OperateError::file(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(OperateError::file(&path, error)),
        Err(TryLockError::WouldBlock) => Err(OperateError::Source {
            path: dir.to_owned(),
            problem: "another process is writing this export".to_owned(),
            hint: "wait for it, or export into another folder",
        }),
    }
}
