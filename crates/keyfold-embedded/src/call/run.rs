//! The ways a call is run: on a reader or the writer, here or on a thread.

use std::sync::Arc;

use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::changes::Written;
use crate::engine::Inner;
use crate::page::{self, Looked, Paged};
use crate::wire::{Payload, to_json};

/// Reads and writes of more items than this take a thread.
const FEW_ITEMS: usize = 10;
/// A request of more bytes takes one too: its items are large.
const FEW_BYTES: usize = 65_536;

/// An answer's JSON.
pub(super) type Answer = Result<Vec<u8>, DynoxideError>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

impl Length {
    pub(super) fn of_items(items: usize) -> Self {
        if items > FEW_ITEMS {
            Self::Long
        } else {
            Self::Short
        }
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        match self {
            Self::Short => work(),
            Self::Long => on_a_thread(work).await,
        }
    }
}

pub(super) async fn read<Q, R>(
    inner: &Arc<Inner>,
    payload: &Payload,
    length: fn(&Q) -> Length,
    run: fn(&Storage, Q) -> Result<R, DynoxideError>,
) -> Answer
where
    Q: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
{
    let request: Q = payload.parse()?;
    let length = length(&request);
    let mut reader = inner.handles.reader().await?;
    length
        .run(move || reader.run(|storage| to_json(&run(storage, request)?)))
        .await
}

pub(super) async fn paged<P: Paged>(inner: &Arc<Inner>, payload: Payload) -> Answer {
    let mut reader = inner.handles.reader().await?;
    let looked = reader.run(|storage| {
        of_one_moment(storage, || {
            page::look::<P>(storage, &payload, &inner.row_sizes)
        })
    })?;
    match looked {
        Looked::Answered(answer) => Ok(answer),
        Looked::Long => {
            let inner = Arc::clone(inner);
            on_a_thread(move || {
                reader.run(|storage| {
                    of_one_moment(storage, || {
                        page::page::<P>(storage, &payload, &inner.row_sizes)
                    })
                })
            })
            .await
        }
    }
}

/// One snapshot for all that `reads` does: an index and the table under it agree.
pub(super) fn of_one_moment<T>(
    storage: &Storage,
    reads: impl FnOnce() -> Result<T, DynoxideError>,
) -> Result<T, DynoxideError> {
    storage
        .conn()
        .prepare_cached("BEGIN DEFERRED")?
        .execute([])?;
    let result = reads();
    storage.conn().prepare_cached("ROLLBACK")?.execute([])?;
    result
}

pub(super) async fn write<Q, R>(
    inner: &Arc<Inner>,
    payload: &Payload,
    length: fn(&Q) -> Length,
    written: fn(&Q) -> Written,
    run: fn(&Database, Q) -> Result<R, DynoxideError>,
) -> Answer
where
    Q: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
{
    let request: Q = payload.parse()?;
    let written = written(&request);
    let length = if payload.bytes().len() > FEW_BYTES {
        Length::Long
    } else {
        length(&request)
    };
    let mut writer = inner.handles.writer().await;
    let inner = Arc::clone(inner);
    length
        .run(move || {
            let answer = writer.run(|database| to_json(&run(database, request)?));
            drop(writer);
            // A batch that fails may have written some of it.
            if answer
                .as_ref()
                .err()
                .is_none_or(|error| error.status_code() >= 500)
            {
                inner.watchers.tell(&written);
            }
            answer
        })
        .await
}

/// A change of tables or indexes.
pub(super) async fn change<Q, R>(
    inner: &Arc<Inner>,
    payload: &Payload,
    run: fn(&Database, Q) -> Result<R, DynoxideError>,
) -> Answer
where
    Q: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
{
    let request: Q = payload.parse()?;
    let mut writer = inner.handles.writer().await;
    let inner = Arc::clone(inner);
    on_a_thread(move || {
        let answer = writer.run(|database| to_json(&run(database, request)?));
        // What failed inside may have changed something first.
        if answer.as_ref().err().is_none_or(|error| error.status_code() >= 500) {
            // While we hold the writer: opening a handle takes the file's write lock.
            if let Err(error) = inner.handles.reopen_readers() {
                tracing::warn!(%error, "readers could not be opened after a table changed; the next reads try again");
            }
            inner.descriptions.forget();
            inner.row_sizes.forget();
            // It knows the tables as they were.
            *inner.before.blocking_lock() = None;
        }
        answer
    })
    .await
}

pub(super) async fn on_writer<Q, R>(
    inner: &Arc<Inner>,
    payload: &Payload,
    run: fn(&Database, Q) -> Result<R, DynoxideError>,
) -> Answer
where
    Q: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
{
    write(inner, payload, |_| Length::Long, |_| Written::Nothing, run).await
}

/// Runs `work` where it may block.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DynoxideError> + Send + 'static,
) -> Result<T, DynoxideError> {
    // Without a runtime of tokio's there is no such thread, and the caller's is as good as any.
    if tokio::runtime::Handle::try_current().is_err() {
        return work();
    }
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| Err(DynoxideError::InternalServerError(stopped.to_string())))
}
