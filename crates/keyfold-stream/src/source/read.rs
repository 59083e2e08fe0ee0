//! Reading one shard: iterators, and what becomes of them.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodbstreams::operation::get_records::GetRecordsError;
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_dynamodbstreams::types::{Record as SdkRecord, ShardIteratorType};
use keyfold::RequestError;

use crate::record::Record;

/// From where on a shard is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// The oldest record there is.
    Oldest,
    /// What comes after this one.
    After(String),
    /// What comes from now on.
    Now,
}

/// Some records.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) bytes: usize,
    /// Nothing will follow: the shard is closed and read to its end.
    pub(crate) is_last: bool,
    /// The records between the position and the oldest that is left are gone.
    pub(crate) skipped_trimmed: bool,
}

/// Why a shard cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The stream or the shard is no longer there.
    #[error("the shard is no longer there")]
    Gone,
    /// No answer came.
    #[error("no answer came")]
    Silent,
    /// Too many reads, or no way there: later.
    #[error(transparent)]
    Later(RequestError),
}

/// Reads a shard page by page. An iterator that has expired, or points to what is no longer kept, is
/// replaced by one behind the last record that was read.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    streams: Client,
    arn: String,
    table: String,
    shard: String,
    from: From,
    iterator: Option<String>,
}

impl Reader {
    pub(crate) fn new(
        streams: Client,
        arn: String,
        table: String,
        shard: String,
        from: From,
    ) -> Self {
        Self {
            streams,
            arn,
            table,
            shard,
            from,
            iterator: None,
        }
    }

    /// Takes an iterator, if there is none.
    pub(crate) async fn place(&mut self) -> Result<bool, ReadError> {
        if self.iterator.is_some() {
            return Ok(false);
        }
        let (kind, after) = match &self.from {
            From::Oldest => (ShardIteratorType::TrimHorizon, None),
            From::After(number) => (ShardIteratorType::AfterSequenceNumber, Some(number)),
            From::Now => (ShardIteratorType::Latest, None),
        };
        let request = self
            .streams
            .get_shard_iterator()
            .stream_arn(&self.arn)
            .shard_id(&self.shard)
            .shard_iterator_type(kind)
            .set_sequence_number(after.cloned());
        match request.send().await {
            Ok(answer) => {
                self.iterator = answer.shard_iterator;
                // Should it expire before anything was read, "now" would be another now: what is
                // older than the pipeline is then left out by its time.
                if self.from == From::Now {
                    self.from = From::Oldest;
                }
                Ok(false)
            }
            Err(error) => match error.as_service_error() {
                Some(GetShardIteratorError::TrimmedDataAccessException(_)) => {
                    self.from = From::Oldest;
                    Box::pin(self.place()).await.map(|_| true)
                }
                Some(GetShardIteratorError::ResourceNotFoundException(_)) => Err(ReadError::Gone),
                _ => Err(self.later("GetShardIterator", error)),
            },
        }
    }

    /// The next records, at most so many; none is no sign of the end.
    pub(crate) async fn page(&mut self, limit: i32) -> Result<Page, ReadError> {
        let mut skipped_trimmed = false;
        // An iterator is replaced once; one that is refused again waits its turn.
        for replaced in [false, true] {
            skipped_trimmed |= self.place().await?;
            let request = self.streams.get_records().limit(limit);
            let request = request.set_shard_iterator(self.iterator.clone());
            match request.send().await {
                Ok(answer) => {
                    self.iterator = answer.next_shard_iterator;
                    let read = answer.records.unwrap_or_default();
                    let last = read
                        .iter()
                        .rev()
                        .find_map(|record| record.dynamodb()?.sequence_number());
                    if let Some(last) = last {
                        self.from = From::After(last.to_owned());
                    }
                    let size = |record: &SdkRecord| record.dynamodb()?.size_bytes();
                    let bytes = read.iter().filter_map(size).sum::<i64>();
                    return Ok(Page {
                        bytes: usize::try_from(bytes).unwrap_or(0),
                        is_last: self.iterator.is_none(),
                        records: read.into_iter().filter_map(Record::from_sdk).collect(),
                        skipped_trimmed,
                    });
                }
                Err(error) => {
                    let service = error.as_service_error();
                    match service {
                        Some(GetRecordsError::ExpiredIteratorException(_)) if !replaced => {
                            self.iterator = None;
                        }
                        Some(GetRecordsError::TrimmedDataAccessException(_)) if !replaced => {
                            self.iterator = None;
                            self.from = From::Oldest;
                            skipped_trimmed = true;
                        }
                        Some(GetRecordsError::ResourceNotFoundException(_)) => {
                            return Err(ReadError::Gone);
                        }
                        _ => {
                            // What an iterator was refused for may lie in it.
                            if error.code() == Some("ValidationException")
                                || matches!(
                                    service,
                                    Some(
                                        GetRecordsError::ExpiredIteratorException(_)
                                            | GetRecordsError::TrimmedDataAccessException(_)
                                    )
                                )
                            {
                                self.iterator = None;
                            }
                            return Err(self.later("GetRecords", error));
                        }
                    }
                }
            }
        }
        // Both rounds replaced the iterator; the second cannot.
        Ok(Page {
            records: Vec::new(),
            bytes: 0,
            is_last: false,
            skipped_trimmed,
        })
    }

    fn later<E, R>(&self, operation: &'static str, error: SdkError<E, R>) -> ReadError
    where
        E: aws_sdk_dynamodbstreams::error::ProvideErrorMetadata
            + std::error::Error
            + Send
            + Sync
            + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        ReadError::Later(RequestError::new(operation, &self.table, error))
    }
}
