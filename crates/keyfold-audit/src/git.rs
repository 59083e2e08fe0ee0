//! What is asked of git: the changed lines, the staged blobs, the commit. It is run as a process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::load::Contents;
use crate::walk::Entry;

/// Why git could not answer.
#[derive(Debug, thiserror::Error)]
#[error("git {what}: {reason}")]
pub struct GitError {
    what: String,
    reason: String,
}

fn run(folder: &Path, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let failed = |reason: String| GitError {
        what: args.join(" "),
        reason,
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ))
    }
}

fn text(folder: &Path, args: &[&str]) -> Result<String, GitError> {
    Ok(String::from_utf8_lossy(&run(folder, args)?)
        .trim_end()
        .to_owned())
}

/// The top of the work tree.
pub fn top(folder: &Path) -> Result<PathBuf, GitError> {
    Ok(PathBuf::from(text(
        folder,
        &["rev-parse", "--show-toplevel"],
    )?))
}

/// The commit, if there is one.
pub fn revision(folder: &Path) -> Option<String> {
    text(folder, &["rev-parse", "HEAD"])
        .ok()
        .filter(|r| !r.is_empty())
}

/// Where hooks lie: `core.hooksPath` counts.
pub fn hooks(folder: &Path) -> Result<PathBuf, GitError> {
    let path = PathBuf::from(text(folder, &["rev-parse", "--git-path", "hooks"])?);
    Ok(if path.is_absolute() {
        path
    } else {
        folder.join(path)
    })
}

/// Ranges of new lines, by path from the top of the work tree.
pub type Changed = BTreeMap<String, Vec<(u32, u32)>>;

/// Lines changed since the merge base with a revision, in the work tree; or those staged.
pub fn changed(folder: &Path, since: Option<&str>) -> Result<Changed, GitError> {
    let base;
    let args: Vec<&str> = match since {
        Some(revision) => {
            base = text(folder, &["merge-base", revision, "HEAD"])?;
            vec![
                "diff",
                "--unified=0",
                "--no-color",
                "--no-ext-diff",
                "--no-renames",
                &base,
            ]
        }
        None => vec![
            "diff",
            "--cached",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            "--no-renames",
        ],
    };
    let diff = run(folder, &[&["-c", "core.quotepath=off"], &args[..]].concat())?;
    let mut out = parse(&String::from_utf8_lossy(&diff));
    if since.is_some() {
        // Files that git does not know yet are new in whole.
        for path in text(
            folder,
            &["ls-files", "--others", "--exclude-standard", "--full-name"],
        )?
        .lines()
        {
            out.entry(path.to_owned()).or_default().push((1, u32::MAX));
        }
    }
    Ok(out)
}

/// The new ranges of a unified diff without context.
fn parse(diff: &str) -> Changed {
    let mut out = Changed::new();
    let mut file: Option<String> = None;
    for line in diff.lines() {
        if let Some(path) = line.strip_prefix("+++ ") {
            file = path
                .trim_matches('"')
                .strip_prefix("b/")
                .map(|p| p.trim_end_matches('\t').to_owned());
        } else if let (Some(rest), Some(file)) = (line.strip_prefix("@@ "), &file) {
            let Some(new) = rest.split(' ').find(|part| part.starts_with('+')) else {
                continue;
            };
            let mut numbers = new[1..].split(',');
            let start: u32 = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let count: u32 = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(1);
            // A removal touches the lines beside it.
            let range = if count == 0 {
                (start, start + 1)
            } else {
                (start, start + count - 1)
            };
            out.entry(file.clone()).or_default().push(range);
        }
    }
    out
}

/// Reads blobs from the index rather than files from the work tree.
pub struct Staged {
    top: PathBuf,
    prefix: String,
}

impl Staged {
    /// The index of the repository around `root`.
    pub fn new(root: &Path) -> Result<Staged, GitError> {
        let top = top(root)?;
        Ok(Staged {
            prefix: prefix(&top, root),
            top,
        })
    }

    /// The staged files under the root, as entries.
    pub fn entries(&self, root: &Path) -> Result<Vec<Entry>, GitError> {
        let listed = run(
            &self.top,
            &["-c", "core.quotepath=off", "ls-files", "-z", "--cached"],
        )?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut out: Vec<Entry> = listed
            .split('\0')
            .filter_map(|path| path.strip_prefix(self.prefix.as_str()))
            .filter(|path| !path.is_empty() && crate::walk::readable(path))
            .map(|path| Entry {
                path: path.to_owned(),
                full: root.join(path),
            })
            .collect();
        out.sort();
        Ok(out)
    }

    /// Paths whose staged blob differs from the work tree.
    fn differing(&self) -> Result<Vec<String>, GitError> {
        let listed = run(
            &self.top,
            &["-c", "core.quotepath=off", "diff", "--name-only", "-z"],
        )?;
        Ok(String::from_utf8_lossy(&listed)
            .split('\0')
            .map(str::to_owned)
            .collect())
    }

    /// The contents: from the work tree where both are equal, which is nearly always.
    pub fn contents(self) -> Result<StagedContents, GitError> {
        let differing = self.differing()?;
        Ok(StagedContents {
            staged: self,
            differing,
        })
    }
}

/// The staged contents.
pub struct StagedContents {
    staged: Staged,
    differing: Vec<String>,
}

impl Contents for StagedContents {
    fn read(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        let path = format!("{}{}", self.staged.prefix, entry.path);
        if self.differing.contains(&path) {
            return run(&self.staged.top, &["show", &format!(":{path}")])
                .map_err(|error| error.to_string());
        }
        crate::load::WorkTree.read(entry)
    }
}

/// The root's path from the top, with a slash behind.
pub fn prefix(top: &Path, root: &Path) -> String {
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let top = std::fs::canonicalize(top).unwrap_or_else(|_| top.to_path_buf());
    let relative = crate::walk::relative(&top, &root);
    if relative.is_empty() || root == top {
        String::new()
    } else {
        format!("{relative}/")
    }
}

/// Whether a file has changes that are not committed.
pub fn dirty(folder: &Path, path: &Path) -> bool {
    let Some(path) = path.to_str() else {
        return true;
    };
    match run(folder, &["status", "--porcelain", "--", path]) {
        Ok(out) => !out.is_empty(),
        // Without git nothing can be said to be committed, and nothing to be lost to it either.
        Err(_) => false,
    }
}
