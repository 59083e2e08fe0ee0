//! The model file that commands read: `keyfold.model.json`, written and checked by a test.

use std::path::Path;

use keyfold_model::TableModel;

use crate::table::Table;

/// Why a model file is not as it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It differs from the code.
    #[error(
        "{path} is not what the code declares; run the test with KEYFOLD_MODEL=write to write it anew, and look at the difference"
    )]
    Differs {
        /// The file.
        path: String,
    },
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The model cannot be written as JSON.
    #[error("the model cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Checks that the file holds the table's model; writes it where it is missing, or where the
/// environment says `KEYFOLD_MODEL=write`.
pub fn snapshot<T: Table>(path: impl AsRef<Path>) -> Result<(), SnapshotError> {
    let path = path.as_ref();
    let file = |source| SnapshotError::File {
        path: path.display().to_string(),
        source,
    };
    let model = serde_json::to_string_pretty(T::model())? + "\n";
    let anew = std::env::var_os("KEYFOLD_MODEL").is_some_and(|value| value == "write");
    match std::fs::read_to_string(path) {
        Ok(text) if text == model => Ok(()),
        Ok(_) if !anew => Err(SnapshotError::Differs {
            path: path.display().to_string(),
        }),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file(error)),
        _ => std::fs::write(path, model).map_err(file),
    }
}

/// Reads a model file.
pub fn read(path: impl AsRef<Path>) -> Result<TableModel<'static>, SnapshotError> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path).map_err(|source| SnapshotError::File {
        path: path.display().to_string(),
        source,
    })?;
    Ok(serde_json::from_str(&text)?)
}
