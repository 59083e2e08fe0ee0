//! The signing secret: the one that is set, or one that is made once and kept beside the embedded data.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::crypto::Secret;
use crate::domain::ids::{NoRandomness, Randomness, draw, hex};

/// The secret's file in the data folder.
pub const FILE: &str = "genuproof-signing-secret";

/// There is no secret to sign with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("the signing secret {} cannot be used: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is a file without a secret.
    #[error(
        "the signing secret {} is empty\nhint: put its content back from a copy of the folder, or set SIGNING_SECRET", file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The secret that is kept in `folder`, if there is one.
pub(super) fn kept(folder: &Path) -> Result<Option<Secret>, SecretError> {
    let file = folder.join(FILE);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SecretError::File { file, source }),
    };
    let others_may = fs::metadata(&file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if others_may {
        tracing::warn!(file = %file.display(), "other users of this machine may read the signing secret: chmod 600 it");
    }
    Secret::new(text.trim())
        .map(Some)
        .map_err(|_| SecretError::Empty { file })
}

/// Draws a secret, and keeps it when there is a folder.
pub(super) fn make(folder: Option<&Path>, source: &dyn Randomness) -> Result<Secret, SecretError> {
    let text = hex(&draw::<32>(source)?);
    if let Some(folder) = folder {
        let file = folder.join(FILE);
        write(&file, &text).map_err(|source| SecretError::File { file, source })?;
    }
    Secret::new(text).map_err(|_| NoRandomness.into())
}

/// A crash leaves the whole file or none: products signed with half of one could never be verified again.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut options = OpenOptions::new();
    let mut out = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    out.set_permissions(fs::Permissions::from_mode(0o600))?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    fs::rename(&new, file)?;
    File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::crypto::Signer;
    use crate::domain::ids::OsRandomness;

    #[test]
    fn a_secret_is_made_once_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(kept(folder.path()).unwrap().is_none());
        let made = make(Some(folder.path()), &OsRandomness).unwrap();
        let found = kept(folder.path()).unwrap().unwrap();
        let sign = |secret: Secret| Signer::new(secret).sign("x").to_string();
        assert_eq!(sign(made), sign(found));
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_empty_file_is_an_error_and_not_a_new_secret() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "\n").unwrap();
        assert!(matches!(
            kept(folder.path()),
            Err(SecretError::Empty { .. })
        ));
    }
}
