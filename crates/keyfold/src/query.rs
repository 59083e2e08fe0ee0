//! One `Query` request for a pattern: what pages and collections share.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use keyfold_dynamo::SortRange;
use keyfold_model::ranges::Covered;
use keyfold_model::{EntityModel, KeyAttribute, KeyError, PatternModel};
use tracing::Instrument;

use crate::condition::{Condition, Expression};
use crate::cost::Cost;
use crate::errors::{QueryError, RequestError};
use crate::item::{Item, key_value};
use crate::pattern::{Mark, PatternId};
use crate::table::Core;

/// A question to one partition of the table or of an index.
pub(crate) struct Question {
    pub(crate) core: Arc<Core>,
    pub(crate) pattern: &'static PatternModel<'static>,
    pub(crate) partition: String,
    /// All partitions of a sharded entity; none where there is one.
    pub(crate) partitions: Vec<String>,
    pub(crate) sort: Covered,
    pub(crate) consistent: bool,
    pub(crate) newest_first: bool,
    /// What is given of what is read.
    pub(crate) filter: Option<Condition>,
    /// The attributes that are sent; none for all.
    pub(crate) projection: Option<Vec<&'static str>>,
    /// Whether deleted items are meant too.
    pub(crate) with_deleted: bool,
}

/// What one request gave.
pub(crate) struct Answer {
    pub(crate) items: Vec<Item>,
    pub(crate) last: Option<Item>,
    /// Items read, also those a filter held back.
    pub(crate) read: u32,
    pub(crate) cost: Cost,
}

impl Question {
    pub(crate) fn id(&self) -> PatternId {
        PatternId::declared(&self.pattern.id)
    }

    /// The same question to one of several partitions.
    pub(crate) fn of_partition(&self, partition: &str) -> Self {
        Self {
            core: self.core.clone(),
            pattern: self.pattern,
            partition: partition.to_owned(),
            partitions: Vec::new(),
            sort: self.sort.clone(),
            consistent: self.consistent,
            newest_first: self.newest_first,
            filter: self.filter.clone(),
            projection: self.projection.clone(),
            with_deleted: self.with_deleted,
        }
    }

    /// The key attributes of what is queried.
    pub(crate) fn attributes(
        &self,
    ) -> (
        &'static KeyAttribute<'static>,
        Option<&'static KeyAttribute<'static>>,
    ) {
        let model = self.core.model;
        match self.pattern.index.as_ref().and_then(|id| model.index(id)) {
            Some(index) => (&index.pk, index.sk.as_ref()),
            None => (&model.pk, model.sk.as_ref()),
        }
    }

    pub(crate) fn index_name(&self) -> Option<&'static str> {
        let index = self
            .pattern
            .index
            .as_ref()
            .and_then(|id| self.core.model.index(id));
        index.map(|index| &*index.name)
    }

    /// The names of all attributes that say where a listing goes on.
    pub(crate) fn key_names(&self) -> Vec<&'static str> {
        let model = self.core.model;
        let (pk, sk) = self.attributes();
        let mut names: Vec<&str> = vec![&model.pk.name];
        names.extend(model.sk.as_ref().map(|sk| &*sk.name));
        names.push(&pk.name);
        names.extend(sk.map(|sk| &*sk.name));
        names.dedup();
        names
    }

    /// The attributes that hold these fields, and what is needed to tell the items apart.
    pub(crate) fn attributes_of(
        &self,
        spec: &'static EntityModel<'static>,
        fields: &[&'static str],
    ) -> Vec<&'static str> {
        crate::view::attributes(spec, self.core.model, fields, &self.key_names())
    }

    pub(crate) fn sort_key_name(&self) -> Option<&'static str> {
        let (_, sk) = self.attributes();
        sk.map(|sk| &*sk.name)
    }

    pub(crate) fn sort_key_of<'i>(&self, item: &'i Item) -> Option<&'i str> {
        let (_, sk) = self.attributes();
        item.get(&*sk?.name)?.as_s().ok().map(String::as_str)
    }

    /// The key condition, with the values in it.
    pub(crate) fn condition(&self, expression: &mut Expression) -> String {
        let (pk, sk) = self.attributes();
        let partition = expression.value(key_value(pk, self.partition.clone()));
        let mut text = format!("{} = {partition}", expression.name(&pk.name));
        let Some(sk) = sk else { return text };
        let operand = |expression: &mut Expression, value: &str| {
            expression.value(key_value(sk, value.to_owned()))
        };
        let sort = match &self.sort.range {
            SortRange::All => return text,
            SortRange::Equal(value) => {
                format!(
                    "{} = {}",
                    expression.name(&sk.name),
                    operand(expression, value)
                )
            }
            SortRange::BeginsWith(prefix) => {
                format!(
                    "begins_with({}, {})",
                    expression.name(&sk.name),
                    operand(expression, prefix)
                )
            }
            SortRange::Between(low, high) => format!(
                "{} BETWEEN {} AND {}",
                expression.name(&sk.name),
                operand(expression, low),
                operand(expression, high)
            ),
            SortRange::AtLeast(low) => format!(
                "{} >= {}",
                expression.name(&sk.name),
                operand(expression, low)
            ),
            SortRange::AtMost(high) => format!(
                "{} <= {}",
                expression.name(&sk.name),
                operand(expression, high)
            ),
        };
        text.push_str(" AND ");
        text.push_str(&sort);
        text
    }

    /// The filter, refused where the query itself would have to go by it.
    pub(crate) fn filter(&self, expression: &mut Expression) -> Result<Option<String>, QueryError> {
        let Some(filter) = &self.filter else {
            return Ok(None);
        };
        let (pk, sk) = self.attributes();
        let is_key = |attribute: &&'static str| {
            *attribute == pk.name || sk.is_some_and(|sk| *attribute == sk.name)
        };
        if let Some(attribute) = filter.attributes().into_iter().find(is_key) {
            return Err(QueryError::FilterOnKey {
                pattern: &self.pattern.id,
                attribute,
            });
        }
        Ok(Some(expression.condition(filter)?))
    }

    pub(crate) fn builder(
        &self,
        limit: Option<i32>,
        after: Option<Item>,
    ) -> Result<QueryFluentBuilder, QueryError> {
        let mut expression = Expression::default();
        let condition = self.condition(&mut expression);
        let filter = self.filter(&mut expression)?;
        let projection = self.projection.as_ref().map(|attributes| {
            let names: Vec<String> = attributes
                .iter()
                .map(|attribute| expression.name(attribute))
                .collect();
            names.join(", ")
        });
        Ok(self
            .core
            .client
            // keyfold: allow(filter-after-query) reason="the caller's own filter: pages go on reading, and say how much they read"
            .query()
            .table_name(&self.core.table)
            .set_index_name(self.index_name().map(str::to_owned))
            .key_condition_expression(condition)
            .set_filter_expression(filter)
            .set_projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.into_values())
            .set_scan_index_forward(self.newest_first.then_some(false))
            .set_consistent_read(self.consistent.then_some(true))
            .set_limit(limit)
            .set_exclusive_start_key(after)
            .return_consumed_capacity(ReturnConsumedCapacity::Total))
    }

    pub(crate) fn request(
        &self,
        limit: Option<i32>,
        after: Option<Item>,
    ) -> Result<QueryInput, QueryError> {
        let request = self.builder(limit, after)?.as_input().clone().build();
        request.map_err(|error| {
            QueryError::Request(RequestError {
                operation: "Query",
                table: self.core.table.clone(),
                code: "the request could not be built".to_owned(),
                source: Box::new(error),
            })
        })
    }

    pub(crate) async fn ask(
        &self,
        limit: Option<i32>,
        after: Option<Item>,
    ) -> Result<Answer, QueryError> {
        if self.sort.range.is_empty() {
            return Ok(Answer {
                items: Vec::new(),
                last: None,
                read: 0,
                cost: Cost::default(),
            });
        }
        let span = tracing::debug_span!(
            "Query",
            table = %self.core.table,
            entity = %self.pattern.gives,
            pattern = %self.pattern.id,
            read_units = tracing::field::Empty,
        );
        async {
            let request = self
                .builder(limit, after)?
                .customize()
                .interceptor(Mark(self.id()));
            let answer = request.send().await;
            let answer =
                answer.map_err(|error| RequestError::new("Query", &self.core.table, error))?;
            let cost = Cost::read(answer.consumed_capacity.as_ref());
            tracing::Span::current().record("read_units", cost.read_units);
            let last = answer.last_evaluated_key.filter(|key| !key.is_empty());
            Ok(Answer {
                items: answer.items.unwrap_or_default(),
                last,
                read: u32::try_from(answer.scanned_count).unwrap_or_default(),
                cost,
            })
        }
        .instrument(span)
        .await
    }

    /// What a cursor of this question is bound to.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let range = format!("{:?}", self.sort);
        let direction = if self.newest_first {
            "newest"
        } else {
            "oldest"
        };
        let filter = self.filter.as_ref().map(|filter| format!("{filter:?}"));
        let mut parts = vec![
            &*self.core.table,
            &*self.pattern.id,
            &*self.partition,
            &*range,
            direction,
            filter.as_deref().unwrap_or_default(),
        ];
        // The partition names the scope already, but for what is everybody's.
        parts.extend(self.core.scopes.innermost());
        parts.extend(self.partitions.iter().map(String::as_str));
        crate::cursor::question(&parts)
    }
}

/// A question, or why it cannot be asked.
pub(crate) type Asked = Result<Question, KeyError>;

/// Text of a value, for messages about keys only where the caller wants to see them.
pub(crate) fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("\"{text}\""),
        AttributeValue::N(number) => number.clone(),
        _ => "…".to_owned(),
    }
}
