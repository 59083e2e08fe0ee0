//! The lines of one file, whose sizes nobody knows before.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};

use flate2::bufread::MultiGzDecoder;

use super::source::DataFile;
use crate::table::error::OperateError;

/// An item is at most 400 KB, and its text a few times as long.
const LINE_BYTES_MOST: u64 = 16 * 1_024 * 1_024;

/// Lines, one after the other.
pub struct Lines {
    file: DataFile,
    input: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    read: u64,
}

impl Lines {
    pub fn open(file: &DataFile) -> Result<Self, OperateError> {
        let opened =
            File::open(&file.path).map_err(|error| OperateError::file(&file.path, error))?;
        let plain = BufReader::new(opened);
        let is_compressed = file.path.extension().is_some_and(|ending| ending == "gz");
        // DynamoDB leaves an empty file for an empty partition.
        let is_compressed = is_compressed && file.bytes()? > 0;
        let input: Box<dyn BufRead + Send> = if is_compressed {
            Box::new(BufReader::new(MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self {
            file: file.clone(),
            input,
            line: Vec::new(),
            read: 0,
        })
    }

    /// The number of the line that was read last.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Passes over lines that are done.
    pub fn skip(&mut self, lines: u64) -> Result<(), OperateError> {
        while self.read < lines && self.advance()? {}
        Ok(())
    }

    /// The next line that is not empty; `None` behind the last.
    pub fn next(&mut self) -> Result<Option<&[u8]>, OperateError> {
        while self.advance()? {
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(self.line.trim_ascii()));
            }
        }
        Ok(None)
    }

    fn advance(&mut self) -> Result<bool, OperateError> {
        self.line.clear();
        let mut bounded = (&mut self.input).take(LINE_BYTES_MOST);
        let read = bounded.read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| OperateError::Source {
            path: self.file.path.clone(),
            problem: format!("cannot be read behind line {}: {error}", self.read),
            hint: "the file is damaged or not whole: fetch it again",
        })?;
        if read == 0 {
            return Ok(false);
        }
        self.read += 1;
        if !self.line.ends_with(b"\n") && self.line.len() as u64 == LINE_BYTES_MOST {
            return Err(OperateError::BadLine {
                file: self.file.name.clone(),
                line: self.read,
                reason: "longer than any item".to_owned(),
            });
        }
        Ok(true)
    }
}
