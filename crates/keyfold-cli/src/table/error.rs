//! Why a table could not be worked on.

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use keyfold::RequestError;

use crate::failure::Failed;

/// Values of items never stand in these.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    #[error(
        "KF6001: there is no table `{table}` {place}\nhint: `keyfold table create` makes it from its model file; names are told with --table"
    )]
    NoTable { table: String, place: String },
    #[error("KF6001: there is no data in the folder {}\nhint: name the folder with --data DIR, or make a table in it with `keyfold table create`", dir.display())]
    NoData { dir: PathBuf },
    #[error(
        "KF6002: {file}, line {line}: {reason}\nhint: repair or remove this line; nothing after it was written"
    )]
    BadLine {
        file: String,
        line: u64,
        reason: String,
    },
    #[error("KF6003: {}: {problem}\nhint: {hint}", path.display())]
    Source {
        path: PathBuf,
        problem: String,
        hint: &'static str,
    },
    #[error("KF6004: the checkpoint {} {problem}\nhint: remove it to start from the beginning", file.display())]
    Checkpoint { file: PathBuf, problem: String },
    #[error("KF6004: the checkpoint {} cannot be written: {source}\nhint: it needs a folder with space that this user can write to; import and copy take another with --checkpoint FILE", file.display())]
    CheckpointUnwritable {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("KF6005: stopped before the end\nhint: the same command goes on from here")]
    Stopped,
    #[error(
        "KF6006: table `{table}` left {left} items unprocessed, again and again\nhint: its write capacity is used up; go on later with the same command, or slower with --items-per-second"
    )]
    Unprocessed { table: String, left: usize },
    #[error(
        "KF6007: the keys of the two tables differ: {from} and {to}\nhint: items fit a table with the same key attributes"
    )]
    Keys { from: String, to: String },
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("KF6010: {} cannot be read or written: {source}\nhint: check the path, its permissions and the space there is", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("signals cannot be caught: {reason}")]
    Signals { reason: String },
    #[error("a part of the work ended unexpectedly: {reason}")]
    Task { reason: String },
}

impl OperateError {
    pub fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// A request that failed; a table that is not there has its own words.
    pub fn request<E, R>(
        operation: &'static str,
        table: &str,
        place: &str,
        error: SdkError<E, R>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        if error.code() == Some("ResourceNotFoundException") {
            return Self::NoTable {
                table: table.to_owned(),
                place: place.to_owned(),
            };
        }
        RequestError::new(operation, table, error).into()
    }
}

impl From<OperateError> for Failed {
    fn from(error: OperateError) -> Self {
        Self::not_finished(error)
    }
}
