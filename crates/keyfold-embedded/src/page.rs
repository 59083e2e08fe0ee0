//! Query and Scan, without reading more than a page.
//!
//! Without a limit the engine reads the whole rest of the partition, or table, before it cuts the
//! page at 1 MB: draining one is quadratic. So every request gets a limit. A request that names a
//! small one keeps it; any other is run with a guess, and where that turns out to be in the page's
//! way, once more with a larger one. The answer is always one the engine gave to one request, from
//! one snapshot: keys, counts and capacity are its own and need no assembling.
//!
//! The guess comes from what the table's rows measured before, so that a list drained page by page
//! takes one run per page.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::actions::query::{self, QueryRequest, QueryResponse};
use dynoxide::actions::scan::{self, ScanRequest, ScanResponse};
use dynoxide::storage::Storage;
use dynoxide::types::ConsumedCapacity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::{Payload, to_json};

/// Where the engine ends a page.
const PAGE_BYTES: f64 = 1_048_576.0;
/// Rows that cost little enough to be read on the caller's thread, where the request says that it
/// wants no more.
const FEW_ROWS: usize = 100;
const FEW_BYTES: f64 = 131_072.0;
/// What a first look may read on the caller's thread.
const LOOK_BYTES: f64 = 65_536.0;
const LOOK_ROWS: usize = 50;
/// A first run's limit, where nothing is known of the table's rows.
const FIRST_ROWS: usize = 500;
/// However small the rows were, the next may be 400 KB each: a run is at most this long at first,
/// and then at most twice what the run before it has seen to be small.
const FIRST_ROWS_MOST: usize = 2_000;
/// A unit of eventually consistent capacity is 8 KB, of consistent 4 KB.
const UNIT_BYTES: f64 = 4_096.0;
/// The largest item. A page that its next item did not fit into has all but this of 1 MB.
const ITEM_BYTES_MOST: f64 = 409_600.0;

/// What tables' rows measured, to guess how many make a page.
#[derive(Debug, Default)]
pub(crate) struct RowSizes(Mutex<HashMap<String, f64>>);

impl RowSizes {
    fn get(&self, table: &str, index: Option<&str>) -> Option<f64> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match index {
            None => sizes.get(table).copied(),
            Some(index) => sizes.get(&format!("{table}/{index}")).copied(),
        }
    }

    fn learn(&self, table: &str, index: Option<&str>, row_bytes: f64) {
        let key = match index {
            None => table.to_owned(),
            Some(index) => format!("{table}/{index}"),
        };
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let size = sizes.entry(key).or_insert(row_bytes);
        *size = size.midpoint(row_bytes);
    }

    pub(crate) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// What a look on the caller's thread came to.
pub(crate) enum Looked {
    /// The whole answer.
    Answered(Vec<u8>),
    /// A page that is worth a thread of its own.
    Long,
}

/// The answer, if it takes only a few rows.
pub(crate) fn look<P: Paged>(
    storage: &Storage,
    payload: &Payload,
    sizes: &RowSizes,
) -> Result<Looked, DynoxideError> {
    let request: P = payload.parse()?;
    let row_bytes = request.row_bytes(sizes).unwrap_or(1_024.0);
    let limit = match request.limit() {
        Some(asked) if asked <= FEW_ROWS.min(rows_for(FEW_BYTES, row_bytes)) => asked,
        _ => rows_for(LOOK_BYTES, row_bytes).clamp(2, LOOK_ROWS),
    };
    match run(storage, request, limit, sizes)? {
        Run::Page(answer) => Ok(Looked::Answered(to_json(&answer)?)),
        Run::AtLimit(answer) if answer.asked == Some(limit) && !answer.may_be_cut() => {
            Ok(Looked::Answered(to_json(&answer.response)?))
        }
        Run::AtLimit(_) => Ok(Looked::Long),
    }
}

/// The answer, however long.
pub(crate) fn page<P: Paged>(
    storage: &Storage,
    payload: &Payload,
    sizes: &RowSizes,
) -> Result<Vec<u8>, DynoxideError> {
    let mut request: P = payload.parse()?;
    let asked = request.limit();
    let guess = request
        .row_bytes(sizes)
        .map_or(FIRST_ROWS, |bytes| rows_for(PAGE_BYTES, bytes));
    let mut limit = guess.clamp(16, FIRST_ROWS_MOST);
    loop {
        let ours = asked.is_none_or(|asked| limit < asked);
        let answer = match run(
            storage,
            request,
            asked.map_or(limit, |asked| limit.min(asked)),
            sizes,
        )? {
            Run::Page(answer) => return to_json(&answer),
            Run::AtLimit(answer) => answer,
        };
        request = payload.parse()?;
        if ours {
            limit *= 2;
        } else if answer.may_be_cut() {
            // One past the limit asked for tells a page cut at its last row from one that ends
            // there.
            let one_more = answer.rows + 1;
            return match run(storage, request, one_more, sizes)? {
                Run::Page(cut) if cut.scanned() < answer.rows => to_json(&cut),
                _ => to_json(&answer.response),
            };
        } else {
            return to_json(&answer.response);
        }
    }
}

enum Run<R> {
    /// What the engine would have answered without our limit.
    Page(R),
    /// The limit ended it.
    AtLimit(AtLimit<R>),
}

struct AtLimit<R> {
    response: R,
    asked: Option<usize>,
    rows: usize,
    bytes: f64,
}

impl<R> AtLimit<R> {
    /// Whether the last row counted may be the one that did not fit, and not the limit's last.
    fn may_be_cut(&self) -> bool {
        self.bytes + ITEM_BYTES_MOST > PAGE_BYTES
    }
}

fn run<P: Paged>(
    storage: &Storage,
    mut request: P,
    limit: usize,
    sizes: &RowSizes,
) -> Result<Run<P::Response>, DynoxideError> {
    let asked = request.limit();
    let table = request.table().to_owned();
    let index = request.index().map(str::to_owned);
    let unit_bytes = if request.consistent() {
        UNIT_BYTES
    } else {
        UNIT_BYTES * 2.0
    };
    let capacity_asked = request.ask_capacity();
    request.set_limit(limit);
    let mut response = request.execute(storage)?;

    let bytes = response
        .capacity()
        .as_ref()
        .map_or(0.0, |capacity| capacity.capacity_units * unit_bytes);
    let scanned = response.scanned();
    if scanned >= 8 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a page has fewer rows than an f64 counts exactly"
        )]
        sizes.learn(&table, index.as_deref(), bytes / scanned as f64);
    }
    if !capacity_asked {
        *response.capacity() = None;
    }
    if !response.has_more() {
        return Ok(Run::Page(response));
    }
    if scanned < limit {
        // The engine counts the row that did not fit, which it has not returned and the next page
        // starts with. "If you did not use a filter in the request, then ScannedCount is the same
        // as Count." Source: API Reference, "Query".
        *response.scanned_mut() -= 1;
        return Ok(Run::Page(response));
    }
    Ok(Run::AtLimit(AtLimit {
        response,
        asked,
        rows: scanned,
        bytes,
    }))
}

fn rows_for(bytes: f64, row_bytes: f64) -> usize {
    let rows = (bytes / row_bytes.max(1.0)).mul_add(1.125, 16.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and at most a page's bytes"
    )]
    let rows = rows as usize;
    rows
}

/// What Query and Scan have in common.
pub(crate) trait Paged: DeserializeOwned + Send + 'static {
    type Response: Answer;
    fn table(&self) -> &str;
    fn index(&self) -> Option<&str>;
    fn limit(&self) -> Option<usize>;
    fn set_limit(&mut self, limit: usize);
    fn consistent(&self) -> bool;
    /// Makes the engine say what the rows measured; whether the caller asked for that.
    fn ask_capacity(&mut self) -> bool;
    fn execute(self, storage: &Storage) -> Result<Self::Response, DynoxideError>;

    fn row_bytes(&self, sizes: &RowSizes) -> Option<f64> {
        sizes.get(self.table(), self.index())
    }
}

pub(crate) trait Answer: Serialize {
    fn scanned(&self) -> usize;
    fn scanned_mut(&mut self) -> &mut usize;
    fn has_more(&self) -> bool;
    fn capacity(&mut self) -> &mut Option<ConsumedCapacity>;
}

macro_rules! paged {
    ($request:ident, $response:ident, $action:ident) => {
        impl Paged for $request {
            type Response = $response;

            fn table(&self) -> &str {
                &self.table_name
            }

            fn index(&self) -> Option<&str> {
                self.index_name.as_deref()
            }

            fn limit(&self) -> Option<usize> {
                self.limit
            }

            fn set_limit(&mut self, limit: usize) {
                self.limit = Some(limit);
            }

            fn consistent(&self) -> bool {
                self.consistent_read.unwrap_or(false)
            }

            fn ask_capacity(&mut self) -> bool {
                match self.return_consumed_capacity.as_deref() {
                    None | Some("NONE") => {
                        self.return_consumed_capacity = Some("TOTAL".to_owned());
                        false
                    }
                    Some(_) => true,
                }
            }

            fn execute(self, storage: &Storage) -> Result<$response, DynoxideError> {
                pollster::block_on($action::execute(storage, self))
            }
        }

        impl Answer for $response {
            fn scanned(&self) -> usize {
                self.scanned_count
            }

            fn scanned_mut(&mut self) -> &mut usize {
                &mut self.scanned_count
            }

            fn has_more(&self) -> bool {
                self.last_evaluated_key.is_some()
            }

            fn capacity(&mut self) -> &mut Option<ConsumedCapacity> {
                &mut self.consumed_capacity
            }
        }
    };
}

paged!(QueryRequest, QueryResponse, query);
paged!(ScanRequest, ScanResponse, scan);
