//! `<table>-streams`: who reads which shard, how far each is, and what was set aside. A table of
//! its own, without a stream, so that a pipeline does not feed itself.
//!
//! | PK | SK | Item |
//! |---|---|---|
//! | `PIPELINES` | `PIPELINE#<pipeline>` | [`PipelineListing`] |
//! | `PIPELINE#<pipeline>` | `META` | [`PipelineRow`] |
//! | `PIPELINE#<pipeline>` | `REPLAY#<record>` | [`Replay`] |
//! | `PIPELINE#<pipeline>` | `SHARD#<shard>` | [`ShardRow`] |
//! | `DEAD#<pipeline>` | `LETTER#<record>` | [`DeadLetter`] |
//! | `ONCE#<pipeline>#<record>` | `MARKER#<name>` | [`Marker`] |

use keyfold::prelude::*;

/// The table `<table>-streams`.
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "ttl", patterns)]
#[expect(missing_docs, reason = "the entities say what they are")]
pub struct Streams {
    pub listings: Repo<PipelineListing>,
    pub pipelines: Repo<PipelineRow>,
    pub replays: Repo<Replay>,
    pub shards: Repo<ShardRow>,
    pub letters: Repo<DeadLetter>,
    pub markers: Repo<Marker>,
}

/// A pipeline in the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "PIPELINES", sk = "PIPELINE#{pipeline}")]
pub struct PipelineListing {
    /// Its name.
    pub pipeline: String,
    /// When it was first started.
    pub started: Timestamp,
}

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "PIPELINE#{pipeline}", sk = "META")]
#[mirror(PipelineListing { pipeline, started })]
pub struct PipelineRow {
    /// Its name.
    pub pipeline: String,
    /// When it was first started.
    pub started: Timestamp,
    /// Whether it left out what the stream held then.
    pub from_latest: bool,
}

/// A dead letter that somebody wants tried again.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "PIPELINE#{pipeline}", sk = "REPLAY#{record}")]
pub struct Replay {
    /// The pipeline.
    pub pipeline: String,
    /// The record's event id.
    pub record: String,
    /// Until when some worker is at it.
    #[attr(omit_none)]
    pub taken_until: Option<Timestamp>,
}

/// A shard: who reads it, and how far.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "PIPELINE#{pipeline}", sk = "SHARD#{shard}")]
pub struct ShardRow {
    /// The pipeline.
    pub pipeline: String,
    /// The shard.
    pub shard: String,
    /// The worker that reads it.
    #[attr(omit_none)]
    pub owner: Option<String>,
    /// Random, and another each time the shard changes hands: a holder writes on this condition.
    #[attr(omit_none)]
    pub lease: Option<String>,
    /// Rises with each write of a holder: a worker that sees it unchanged for too long, while there
    /// is work, takes over.
    pub beat: u64,
    /// The worker that has too few shards and asks for this one.
    #[attr(omit_none)]
    pub wanted_by: Option<String>,
    /// All records up to this one, itself included, are done with.
    #[attr(omit_none)]
    pub position: Option<String>,
    /// About when the last of them was written.
    #[attr(omit_none)]
    pub position_created: Option<Timestamp>,
    /// Whether the shard is closed and all of it done with, so that its children may begin.
    pub finished: bool,
    /// Until when a finished one is remembered.
    #[ttl]
    pub until: Option<Timestamp>,
}

/// A record that could not be handled.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "DEAD#{pipeline}", sk = "LETTER#{record}")]
pub struct DeadLetter {
    /// The pipeline.
    pub pipeline: String,
    /// The record's event id.
    pub record: String,
    /// The shard it lay in.
    pub shard: String,
    /// Its place there.
    pub sequence_number: String,
    /// The entity, if it is of a declared one.
    #[serde(rename = "of")]
    #[attr(omit_none)]
    pub entity: Option<String>,
    /// When it was set aside.
    pub set_aside: Timestamp,
    /// What the handler said last.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The record as `DynamoDB`'s own JSON.
    pub json: String,
    /// Whether the images were too large to be kept: then it cannot be replayed.
    #[serde(default)]
    pub without_images: bool,
}

/// That a record's effect was written.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[key(pk = "ONCE#{pipeline}#{record}", sk = "MARKER#{name}")]
pub struct Marker {
    /// The pipeline.
    #[key_only]
    pub pipeline: String,
    /// The record's event id.
    #[key_only]
    pub record: String,
    /// The handler, and which of its transactions.
    #[key_only]
    pub name: String,
    /// Until when it is remembered.
    #[ttl]
    pub until: Option<Timestamp>,
}

/// Everything a worker decides by.
#[derive(Debug, ItemCollection)]
#[collection(PipelineRow)]
pub struct PipelineState {
    /// The pipeline, once it was started.
    #[one]
    pub pipeline: Option<PipelineRow>,
    /// What somebody wants tried again.
    #[many]
    pub replays: Vec<Replay>,
    /// The shards that were ever read, as long as they are remembered.
    #[many]
    pub shards: Vec<ShardRow>,
}

#[access_patterns]
impl Streams {
    /// Every pipeline of the table.
    #[query(PipelineListing, page = 100)]
    pub fn all_pipelines(&self) -> Pages<PipelineListing>;

    /// A pipeline with its shards and what is to be replayed.
    #[query(PipelineState, max_items = 100_000)]
    pub fn state(&self, pipeline: &str) -> Collect<PipelineState>;

    /// What a pipeline set aside.
    #[query(DeadLetter, page = 100)]
    pub fn dead_letters(&self, pipeline: &str) -> Pages<DeadLetter>;
}

impl Streams {
    /// The one beside `table`.
    pub(crate) fn beside(client: aws_sdk_dynamodb::Client, table: &str) -> Self {
        Self::builder(client).table(name_beside(table)).build()
    }
}

/// `<table>-streams`.
pub fn name_beside(table: &str) -> String {
    format!("{table}-streams")
}
