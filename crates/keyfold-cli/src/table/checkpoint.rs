//! How far long work is, in a file: what a later run goes on from.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::OperateError;

/// What is in the file; `None` when there is none.
pub fn load<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, OperateError> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OperateError::file(file, error)),
    };
    // Its content is not shown: it may hold keys.
    let state = serde_json::from_slice(&text).map_err(|_| OperateError::Checkpoint {
        file: file.to_owned(),
        problem: "cannot be read".to_owned(),
    })?;
    Ok(Some(state))
}

/// Puts `state` in the place of what was there: all of it or nothing, whatever happens meanwhile.
pub fn save<T: Serialize>(file: &Path, state: &T) -> Result<(), OperateError> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let write = || {
        let mut out = std::fs::File::create(&new)?;
        out.write_all(&serde_json::to_vec(state)?)?;
        out.sync_data()?;
        std::fs::rename(&new, file)
    };
    write().map_err(|source| OperateError::CheckpointUnwritable {
        file: file.to_owned(),
        source,
    })
}

/// The work is done.
pub fn remove(file: &Path) -> Result<(), OperateError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(OperateError::file(file, error))
        }
        _ => Ok(()),
    }
}
