//! The table itself: created from its model, and checked against it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection as SdkProjection, ProjectionType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableDescription, TableStatus, TimeToLiveSpecification,
    TimeToLiveStatus,
};
use keyfold_model::{IndexModel, KeyAttribute, Projection, StreamView, TableModel};

use crate::errors::{RequestError, TableError};
use crate::table::Core;

const ACTIVE_WAIT: Duration = Duration::from_millis(100);
const ACTIVE_TRIES: u32 = 600;

/// Creating the table as the model says.
#[must_use = "nothing is created until it is sent"]
pub struct CreateTable {
    core: Arc<Core>,
}

impl CreateTable {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Creates it, and waits until it can be used.
    ///
    /// # Errors
    /// `TableError::AlreadyThere` if it is there.
    pub async fn send(self) -> Result<(), TableError> {
        ModelledTable::of(&self.core).create().await
    }

    /// Creates it unless it is there, and waits until it can be used. What is there is left as it is;
    /// `verify()` tells whether it fits.
    pub async fn if_missing(self) -> Result<(), TableError> {
        let table = ModelledTable::of(&self.core);
        if create(&table).await? {
            return settle(&table).await;
        }
        active(&table).await.map(drop)
    }
}

impl IntoFuture for CreateTable {
    type Output = Result<(), TableError>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// A table and the design it should have, where the design is data rather than a type: for tools
/// that [read](crate::model::read) it from `keyfold.model.json`.
#[derive(Debug, Clone, Copy)]
pub struct ModelledTable<'a, 'm> {
    /// The way to the table.
    pub client: &'a Client,
    /// Its name in the account.
    pub table: &'a str,
    /// What it should be.
    pub model: &'a TableModel<'m>,
}

impl<'a> ModelledTable<'a, 'static> {
    fn of(core: &'a Core) -> Self {
        Self {
            client: &core.client,
            table: &core.table,
            model: core.model,
        }
    }
}

impl ModelledTable<'_, '_> {
    /// Creates it with keys, indexes, stream and time to live, and waits until it can be used.
    ///
    /// # Errors
    /// `TableError::AlreadyThere` if it is there.
    pub async fn create(&self) -> Result<(), TableError> {
        if !create(self).await? {
            return Err(TableError::AlreadyThere {
                table: self.table.to_owned(),
            });
        }
        settle(self).await
    }

    /// What differs between the table and the design; empty if nothing does.
    pub async fn verify(&self) -> Result<Vec<Difference>, TableError> {
        verify(self).await
    }
}

/// A difference between a table and its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `index GSI1`, `time to live`.
    pub what: String,
    /// As the model says.
    pub expected: String,
    /// As it is.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "KF1015: {}: the model says {}, the table has {}",
            self.what, self.expected, self.found
        )
    }
}

impl Difference {
    /// What makes the table as the model says.
    pub fn remedy(&self) -> &'static str {
        const REBUILT: &str = "indexes are not changed in place: add one under another name, move to it, delete this one";
        let local = [&self.expected, &self.found].map(|side| side.ends_with(", local"));
        match (&*self.what, &*self.expected, &*self.found) {
            ("key", ..) => {
                "a table's key cannot be changed: create another table, and write its items with the new keys"
            }
            ("stream", "off", _) => "switch the stream off with UpdateTable, or declare it",
            ("stream", _, "off") => "switch the stream on with UpdateTable",
            ("stream", ..) => {
                "the view of a stream cannot be changed: switch it off and on again with UpdateTable, once its readers are done"
            }
            ("time to live", "off", _) => "switch it off with UpdateTimeToLive, or declare it",
            ("time to live", _, "off") => "switch it on with UpdateTimeToLive",
            ("time to live", ..) => {
                "switch it off with UpdateTimeToLive and, an hour later, on with the other attribute"
            }
            _ if local.contains(&true) => {
                "local indexes are made with their table only: create another table, and copy the items"
            }
            (_, "none", _) => "delete the index with UpdateTable, or declare it",
            (_, _, "none") => "add the index with UpdateTable",
            _ => REBUILT,
        }
    }
}

fn model_error(table: &ModelledTable<'_, '_>, error: &dyn fmt::Display) -> TableError {
    TableError::Model {
        table: table.table.to_owned(),
        reason: error.to_string(),
    }
}

async fn settle(target: &ModelledTable<'_, '_>) -> Result<(), TableError> {
    active(target).await?;
    let Some(ttl) = &target.model.ttl else {
        return Ok(());
    };
    let setting = TimeToLiveSpecification::builder()
        .attribute_name(&**ttl)
        .enabled(true)
        .build()
        .map_err(|error| model_error(target, &error))?;
    let request = target.client.update_time_to_live().table_name(target.table);
    let answer = request.time_to_live_specification(setting).send().await;
    answer.map_err(|error| RequestError::new("UpdateTimeToLive", target.table, error))?;
    Ok(())
}

/// Whether the table was created by this call.
async fn create(target: &ModelledTable<'_, '_>) -> Result<bool, TableError> {
    match request(target)?.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(CreateTableError::ResourceInUseException(_)) => Ok(false),
            _ => Err(RequestError::new("CreateTable", target.table, error).into()),
        },
    }
}

fn request(target: &ModelledTable<'_, '_>) -> Result<CreateTableFluentBuilder, TableError> {
    let model = target.model;
    let unbuilt =
        |error: aws_smithy_types::error::operation::BuildError| model_error(target, &error);
    let mut request = target
        .client
        .create_table()
        .table_name(target.table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(
            key_schema(&model.pk, model.sk.as_ref()).map_err(unbuilt)?,
        ));
    for attribute in model.key_attributes() {
        let definition = AttributeDefinition::builder()
            .attribute_name(&*attribute.name)
            .attribute_type(ScalarAttributeType::from(attribute.kind.as_str()))
            .build()
            .map_err(unbuilt)?;
        request = request.attribute_definitions(definition);
    }
    for index in model.indexes.iter() {
        let schema = key_schema(&index.pk, index.sk.as_ref()).map_err(unbuilt)?;
        if index.local {
            let local = LocalSecondaryIndex::builder()
                .index_name(&*index.name)
                .set_key_schema(Some(schema));
            request = request.local_secondary_indexes(
                local
                    .projection(projection(index))
                    .build()
                    .map_err(unbuilt)?,
            );
        } else {
            let global = GlobalSecondaryIndex::builder()
                .index_name(&*index.name)
                .set_key_schema(Some(schema));
            request = request.global_secondary_indexes(
                global
                    .projection(projection(index))
                    .build()
                    .map_err(unbuilt)?,
            );
        }
    }
    if let Some(view) = model.stream {
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(stream_view(view));
        request = request.stream_specification(stream.build().map_err(unbuilt)?);
    }
    Ok(request)
}

fn key_schema(
    pk: &KeyAttribute<'_>,
    sk: Option<&KeyAttribute<'_>>,
) -> Result<Vec<KeySchemaElement>, aws_smithy_types::error::operation::BuildError> {
    let element = |attribute: &KeyAttribute<'_>, kind| {
        KeySchemaElement::builder()
            .attribute_name(&*attribute.name)
            .key_type(kind)
            .build()
    };
    let mut schema = vec![element(pk, KeyType::Hash)?];
    if let Some(sk) = sk {
        schema.push(element(sk, KeyType::Range)?);
    }
    Ok(schema)
}

fn projection(index: &IndexModel<'_>) -> SdkProjection {
    let builder =
        SdkProjection::builder().projection_type(ProjectionType::from(index.projection.as_str()));
    match &index.projection {
        Projection::All | Projection::Keys => builder.build(),
        Projection::Include(attributes) => builder
            .set_non_key_attributes(Some(attributes.iter().map(ToString::to_string).collect()))
            .build(),
    }
}

fn stream_view(view: StreamView) -> StreamViewType {
    StreamViewType::from(view.as_str())
}

/// Waits until the table is active.
async fn active(target: &ModelledTable<'_, '_>) -> Result<TableDescription, TableError> {
    for _ in 0..ACTIVE_TRIES {
        let table = describe(target).await?;
        if table.table_status == Some(TableStatus::Active) {
            return Ok(table);
        }
        tokio::time::sleep(ACTIVE_WAIT).await;
    }
    Err(TableError::NotActive {
        table: target.table.to_owned(),
    })
}

async fn describe(target: &ModelledTable<'_, '_>) -> Result<TableDescription, TableError> {
    let answer = target
        .client
        .describe_table()
        .table_name(target.table)
        .send()
        .await;
    let answer = answer.map_err(|error| RequestError::new("DescribeTable", target.table, error))?;
    Ok(answer
        .table
        .unwrap_or_else(|| TableDescription::builder().build()))
}

/// What differs between the table of a handle and its model.
pub(crate) async fn verify_core(core: Arc<Core>) -> Result<Vec<Difference>, TableError> {
    ModelledTable::of(&core).verify().await
}

async fn verify(target: &ModelledTable<'_, '_>) -> Result<Vec<Difference>, TableError> {
    let table = describe(target).await?;
    let model = target.model;
    let mut differences = Differences(Vec::new());
    let types: Vec<(&str, &ScalarAttributeType)> = table
        .attribute_definitions()
        .iter()
        .map(|definition| (definition.attribute_name(), definition.attribute_type()))
        .collect();
    differences.note(
        "key",
        wanted_key(&model.pk, model.sk.as_ref()),
        found_key(table.key_schema(), &types),
    );

    let mut found: Vec<(String, String)> = Vec::new();
    for index in table.global_secondary_indexes() {
        let text = index_text(
            &found_key(index.key_schema(), &types),
            index.projection(),
            false,
        );
        found.push((index.index_name().unwrap_or_default().to_owned(), text));
    }
    for index in table.local_secondary_indexes() {
        let text = index_text(
            &found_key(index.key_schema(), &types),
            index.projection(),
            true,
        );
        found.push((index.index_name().unwrap_or_default().to_owned(), text));
    }
    for index in model.indexes.iter() {
        let wanted = index_text(
            &wanted_key(&index.pk, index.sk.as_ref()),
            Some(&projection(index)),
            index.local,
        );
        let place = found.iter().position(|(name, _)| *name == index.name);
        let text = place.map_or_else(|| "none".to_owned(), |place| found.swap_remove(place).1);
        differences.note(&format!("index {}", index.name), wanted, text);
    }
    for (name, text) in found {
        differences.note(&format!("index {name}"), "none".to_owned(), text);
    }

    let wanted = model.stream.map(stream_view);
    let stream = table
        .stream_specification()
        .filter(|stream| stream.stream_enabled());
    let has = stream.and_then(StreamSpecification::stream_view_type);
    // A stream with both images serves whatever a narrower one would.
    if wanted.as_ref() != has
        && !(wanted.is_some() && has == Some(&StreamViewType::NewAndOldImages))
    {
        differences.note("stream", or_off(wanted.as_ref()), or_off(has));
    }

    let answer = target
        .client
        .describe_time_to_live()
        .table_name(target.table)
        .send()
        .await;
    let answer =
        answer.map_err(|error| RequestError::new("DescribeTimeToLive", target.table, error))?;
    let ttl = answer.time_to_live_description().filter(|ttl| {
        matches!(
            ttl.time_to_live_status(),
            Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
        )
    });
    differences.note(
        "time to live",
        model
            .ttl
            .as_ref()
            .map_or_else(|| "off".to_owned(), ToString::to_string),
        ttl.and_then(|ttl| ttl.attribute_name())
            .unwrap_or("off")
            .to_owned(),
    );
    Ok(differences.0)
}

struct Differences(Vec<Difference>);

impl Differences {
    fn note(&mut self, what: &str, expected: String, found: String) {
        if expected != found {
            self.0.push(Difference {
                what: what.to_owned(),
                expected,
                found,
            });
        }
    }
}

fn or_off(view: Option<&StreamViewType>) -> String {
    view.map_or("off", StreamViewType::as_str).to_owned()
}

fn wanted_key(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> String {
    let text = |attribute: &KeyAttribute<'_>| format!("{} {:?}", attribute.name, attribute.kind);
    std::iter::once(pk)
        .chain(sk)
        .map(text)
        .collect::<Vec<_>>()
        .join(", ")
}

fn found_key(schema: &[KeySchemaElement], types: &[(&str, &ScalarAttributeType)]) -> String {
    let mut parts: Vec<&KeySchemaElement> = schema.iter().collect();
    parts.sort_by_key(|part| part.key_type() == &KeyType::Range);
    let text = |part: &&KeySchemaElement| {
        let kind = types
            .iter()
            .find(|(name, _)| *name == part.attribute_name());
        format!(
            "{} {}",
            part.attribute_name(),
            kind.map_or("?", |(_, kind)| kind.as_str())
        )
    };
    parts.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn index_text(key: &str, projection: Option<&SdkProjection>, local: bool) -> String {
    let held = match projection.and_then(SdkProjection::projection_type) {
        Some(ProjectionType::Include) => {
            let mut names: Vec<&str> = projection
                .map(|p| p.non_key_attributes().iter().map(String::as_str).collect())
                .unwrap_or_default();
            names.sort_unstable();
            format!("INCLUDE {}", names.join(" "))
        }
        Some(kind) => kind.as_str().to_owned(),
        None => "?".to_owned(),
    };
    format!("{key}, {held}{}", if local { ", local" } else { "" })
}
