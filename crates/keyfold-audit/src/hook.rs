//! `--install-hook`: a plain `pre-commit` hook that keeps the one that is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::git;

/// The line by which the hook is recognised.
const MARK: &str = "# keyfold audit: refuses new findings in what is staged";

/// Why no hook was installed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// No repository.
    #[error(transparent)]
    Git(#[from] git::GitError),
    /// The file cannot be written.
    #[error("{path}: {reason}")]
    Write {
        /// The hook.
        path: String,
        /// Why.
        reason: String,
    },
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub enum Installed {
    /// Written.
    Written(PathBuf),
    /// Written; the hook that was there is run first.
    Chained(PathBuf),
    /// It was there already.
    Already(PathBuf),
}

/// Installs the hook. A second call changes nothing.
pub fn install(folder: &Path) -> Result<Installed, HookError> {
    let hooks = git::hooks(folder)?;
    let path = hooks.join("pre-commit");
    let failed = |error: std::io::Error| HookError::Write {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    fs::create_dir_all(&hooks).map_err(failed)?;
    let before = fs::read_to_string(&path).ok();
    if before.as_ref().is_some_and(|text| text.contains(MARK)) {
        return Ok(Installed::Already(path));
    }
    let chained = before.is_some();
    if chained {
        fs::rename(&path, hooks.join("pre-commit.before-keyfold")).map_err(failed)?;
    }
    let chain = if chained {
        "\"$(dirname \"$0\")/pre-commit.before-keyfold\" \"$@\" || exit $?\n"
    } else {
        ""
    };
    let text = format!("#!/bin/sh\n{MARK}\n{chain}exec keyfold audit --staged --fail-on high\n");
    fs::write(&path, text).map_err(failed)?;
    executable(&path).map_err(failed)?;
    Ok(if chained {
        Installed::Chained(path)
    } else {
        Installed::Written(path)
    })
}

#[cfg(unix)]
fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
