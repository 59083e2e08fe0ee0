//! What is imported: an export with its manifests, or files as they are.

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::types::{AttributeValue, ScalarAttributeType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyfold::Item;
use keyfold_dynamo::limits::{ITEM_BYTES_MAX, PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use serde::Deserialize;

use crate::table::error::OperateError;
use crate::table::export::folder::{CHECKPOINT, EXPORTS, md5, subfolders};
use crate::table::number;
use crate::table::place::Described;

/// The files of an import.
#[derive(Debug)]
pub struct Source {
    /// Where they lie.
    pub dir: PathBuf,
    /// In the order they are read.
    pub files: Vec<DataFile>,
}

/// A file with an item on each line.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called.
    pub name: String,
    // What its manifest says.
    items: Option<u64>,
    md5: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    output_format: Option<String>,
    export_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    item_count: Option<u64>,
    #[serde(rename = "md5Checksum")]
    md5_checksum: Option<String>,
    #[serde(rename = "dataFileS3Key")]
    data_file_s3_key: String,
}

const MANIFEST: &str = "manifest-files.json";
const SUMMARY: &str = "manifest-summary.json";

impl Source {
    /// How many items its manifest says there are.
    pub fn items(&self) -> Option<u64> {
        self.files.iter().map(|file| file.items).sum()
    }
}

/// Finds out what `from` is.
pub fn open(from: &Path) -> Result<Source, OperateError> {
    if from.is_file() {
        let dir = from.parent().unwrap_or(Path::new("")).to_owned();
        return Ok(Source {
            dir,
            files: vec![plain(from)],
        });
    }
    let mut exports = Vec::new();
    let mut unfinished = None;
    let mut candidates = vec![from.to_owned()];
    let inner = from.join(EXPORTS);
    candidates.extend(subfolders(if inner.is_dir() { &inner } else { from })?);
    for dir in candidates {
        if dir.join(MANIFEST).is_file() && !dir.join(CHECKPOINT).exists() {
            exports.push(dir);
        } else if dir.join(CHECKPOINT).exists() || dir.join("_started").exists() {
            unfinished = Some(dir);
        }
    }
    match (&*exports, unfinished) {
        ([export], _) => of_export(export),
        ([], Some(dir)) => Err(OperateError::Source {
            path: dir,
            problem: "this export is not finished".to_owned(),
            hint: "finish it with the command that began it",
        }),
        ([], None) => of_files(from),
        (several, _) => Err(OperateError::Source {
            path: from.to_owned(),
            problem: format!("there are {} exports in it", several.len()),
            hint: "name one of them: --from DIR/AWSDynamoDB/EXPORT-ID",
        }),
    }
}

fn of_export(dir: &Path) -> Result<Source, OperateError> {
    let wrong = |file: &str, problem: String| OperateError::Source {
        path: dir.join(file),
        problem,
        hint: "only full exports in DynamoDB JSON can be imported, with all their files",
    };
    if let Ok(text) = std::fs::read(dir.join(SUMMARY)) {
        let summary: Summary = serde_json::from_slice(&text)
            .map_err(|_| wrong(SUMMARY, "is not a summary of an export".to_owned()))?;
        let named = |name: Option<String>, wanted| name.is_none_or(|name| name == wanted);
        if !named(summary.output_format, "DYNAMODB_JSON") {
            return Err(wrong(
                SUMMARY,
                "the export is not in DynamoDB JSON".to_owned(),
            ));
        }
        if !named(summary.export_type, "FULL_EXPORT") {
            return Err(wrong(SUMMARY, "the export is not a full one".to_owned()));
        }
    }
    let path = dir.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|error| OperateError::file(&path, error))?;
    let mut files = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let entry: Entry = serde_json::from_str(line)
            .map_err(|_| wrong(MANIFEST, format!("line {} names no file", number + 1)))?;
        // The key is one of the bucket it was exported into; below the export it is always the same.
        let name = entry
            .data_file_s3_key
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let path = dir.join("data").join(&name);
        if name.is_empty() || !path.is_file() {
            return Err(wrong(
                MANIFEST,
                format!("data/{name}, which it lists, is not there"),
            ));
        }
        files.push(DataFile {
            path,
            name,
            items: entry.item_count,
            md5: entry.md5_checksum,
        });
    }
    Ok(Source {
        dir: dir.to_owned(),
        files,
    })
}

fn of_files(dir: &Path) -> Result<Source, OperateError> {
    let list = || {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_file() && (name.ends_with(".json") || name.ends_with(".json.gz")) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    };
    let paths: Vec<PathBuf> = list().map_err(|error| OperateError::file(dir, error))?;
    if paths.is_empty() {
        return Err(OperateError::Source {
            path: dir.to_owned(),
            problem: "there is nothing to import in it".to_owned(),
            hint: "name an export, or a folder of *.json or *.json.gz files",
        });
    }
    Ok(Source {
        dir: dir.to_owned(),
        files: paths.iter().map(|path| plain(path)).collect(),
    })
}

fn plain(path: &Path) -> DataFile {
    DataFile {
        path: path.to_owned(),
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        items: None,
        md5: None,
    }
}

impl DataFile {
    /// How long it is.
    pub fn bytes(&self) -> Result<u64, OperateError> {
        let about = std::fs::metadata(&self.path);
        about
            .map(|about| about.len())
            .map_err(|error| OperateError::file(&self.path, error))
    }

    /// Whether it is the file its manifest speaks of.
    pub fn check(&self) -> Result<(), OperateError> {
        let Some(wanted) = &self.md5 else {
            return Ok(());
        };
        let found = md5(&self.path).map_err(|error| OperateError::file(&self.path, error))?;
        if STANDARD.encode(found) == *wanted {
            return Ok(());
        }
        Err(self.differs("its MD5 is not the one in the manifest".to_owned()))
    }

    /// Whether it held as many items as its manifest says.
    pub fn check_count(&self, found: u64) -> Result<(), OperateError> {
        match self.items {
            Some(items) if items != found => Err(self.differs(format!(
                "it holds {found} items, and the manifest says {items}"
            ))),
            _ => Ok(()),
        }
    }

    fn differs(&self, problem: String) -> OperateError {
        OperateError::Source {
            path: self.path.clone(),
            problem,
            hint: "the file is damaged or not whole: fetch it again",
        }
    }
}

/// The key of an item that this table can hold, and the item's size.
pub fn fits(item: &Item, table: &Described) -> Result<(Vec<String>, usize), String> {
    let mut key = Vec::with_capacity(2);
    let most = [PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX];
    for ((name, kind), most) in table.keys.iter().zip(most) {
        let (text, bytes) = match (kind, item.get(name)) {
            (_, None) => return Err(format!("the key attribute `{name}` is missing")),
            (ScalarAttributeType::S, Some(AttributeValue::S(text))) => (text.clone(), text.len()),
            (ScalarAttributeType::N, Some(AttributeValue::N(text))) => {
                (number::canonical(text).unwrap_or_default(), 1)
            }
            (ScalarAttributeType::B, Some(AttributeValue::B(bytes))) => {
                (STANDARD.encode(bytes), bytes.as_ref().len())
            }
            _ => return Err(format!("the key attribute `{name}` is not of type {kind}")),
        };
        if bytes == 0 || bytes > most {
            return Err(format!(
                "the key attribute `{name}` takes {bytes} bytes, of 1 to {most}"
            ));
        }
        key.push(text);
    }
    let bytes = keyfold::item_size_bytes(item);
    if bytes > ITEM_BYTES_MAX {
        return Err(format!(
            "the item takes {bytes} bytes, of at most {ITEM_BYTES_MAX}"
        ));
    }
    Ok((key, bytes))
}
