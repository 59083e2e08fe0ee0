//! Facts by content: what was parsed once is not parsed again.
//!
//! An entry is a file named for the hash of text, language and versions. It is written beside and
//! renamed, so that runs at once do not harm each other; one that cannot be read is as good as none.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use keyfold_grammars::Grammar;

use crate::facts::{FACTS_VERSION, FileFacts};
use crate::lang::Lang;

/// A folder of facts.
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// A cache in a folder, which is made when the first entry is written.
    pub fn new(folder: &Path) -> Cache {
        Cache {
            folder: folder.to_path_buf(),
        }
    }

    /// The name of an entry.
    pub fn key(text: &[u8], lang: Lang, grammar: Grammar) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(text);
        hasher.update(
            format!(
                "{}/{grammar:?}/{FACTS_VERSION}/{}",
                lang.name(),
                env!("CARGO_PKG_VERSION")
            )
            .as_bytes(),
        );
        if let Some(language) = grammar.language() {
            hasher.update(&[u8::try_from(language.abi_version()).unwrap_or(0)]);
            hasher.update(
                &u64::try_from(language.parse_state_count())
                    .unwrap_or(0)
                    .to_le_bytes(),
            );
        }
        hasher.finalize().to_hex().to_string()
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(&key[..2]).join(&key[2..])
    }

    /// The facts of a key.
    pub fn get(&self, key: &str) -> Option<FileFacts> {
        let bytes = fs::read(self.path(key)).ok()?;
        let (sum, body) = bytes.split_at_checked(32)?;
        if blake3::hash(body).as_bytes() != sum {
            return None;
        }
        postcard::from_bytes(body).ok()
    }

    /// Keeps facts. A cache that cannot be written is no reason to fail.
    pub fn put(&self, key: &str, facts: &FileFacts) {
        let Ok(body) = postcard::to_stdvec(facts) else {
            return;
        };
        let path = self.path(key);
        let Some(folder) = path.parent() else { return };
        if fs::create_dir_all(folder).is_err() {
            return;
        }
        let beside = folder.join(
            format!(".{}-{:?}", std::process::id(), std::thread::current().id())
                .replace(['(', ')'], ""),
        );
        let written = fs::File::create(&beside).and_then(|mut file| {
            file.write_all(blake3::hash(&body).as_bytes())?;
            file.write_all(&body)
        });
        if written.is_err() || fs::rename(&beside, &path).is_err() {
            let _ = fs::remove_file(&beside);
        }
    }
}

/// The user's cache folder.
pub fn default_folder() -> Option<PathBuf> {
    let home = || {
        std::env::var_os("HOME")
            .or_else(|| std::env::var_os("USERPROFILE"))
            .map(PathBuf::from)
    };
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("LOCALAPPDATA").map(PathBuf::from))
        .or_else(|| home().map(|home| home.join(".cache")))
        .map(|folder| folder.join("keyfold").join("audit"))
}
