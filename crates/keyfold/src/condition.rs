//! Conditions on attributes, and the expressions they become.
//!
//! Every attribute is addressed by a placeholder, always: many an ordinary name is a reserved word.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::errors::ItemError;

/// A condition on an item, from field handles: `p.status.eq(Status::Active)`.
#[derive(Debug, Clone)]
#[must_use]
pub enum Condition {
    /// An attribute against a value.
    #[doc(hidden)]
    Compare(&'static str, Comparison, Operand),
    /// The attribute is there.
    #[doc(hidden)]
    Exists(&'static str),
    /// The attribute is not there.
    #[doc(hidden)]
    Absent(&'static str),
    /// Each of these attributes is as it was read.
    #[doc(hidden)]
    Same(HashMap<String, AttributeValue>),
    /// Text that starts so.
    #[doc(hidden)]
    BeginsWith(&'static str, AttributeValue),
    /// Text or set with this in it.
    #[doc(hidden)]
    Contains(&'static str, AttributeValue),
    /// All of them.
    #[doc(hidden)]
    All(Vec<Condition>),
    /// One of them.
    #[doc(hidden)]
    Any(Vec<Condition>),
    /// Not this.
    #[doc(hidden)]
    Not(Box<Condition>),
    /// A value that could not be written; refused when the request is made.
    #[doc(hidden)]
    Unwritable(String),
}

/// How an attribute is compared.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What it is compared with.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Operand {
    Value(AttributeValue),
}

impl Condition {
    /// Both.
    pub fn and(self, other: Condition) -> Condition {
        match self {
            Condition::All(mut members) => {
                members.push(other);
                Condition::All(members)
            }
            first => Condition::All(vec![first, other]),
        }
    }

    /// One of the two, or both.
    pub fn or(self, other: Condition) -> Condition {
        Condition::Any(vec![self, other])
    }

    /// The attributes it is about.
    pub(crate) fn attributes(&self) -> Vec<&'static str> {
        match self {
            Condition::Compare(attribute, ..)
            | Condition::Exists(attribute)
            | Condition::Absent(attribute)
            | Condition::BeginsWith(attribute, _)
            | Condition::Contains(attribute, _) => vec![attribute],
            Condition::All(members) | Condition::Any(members) => {
                members.iter().flat_map(Condition::attributes).collect()
            }
            Condition::Not(inner) => inner.attributes(),
            Condition::Unwritable(_) | Condition::Same(_) => Vec::new(),
        }
    }

    pub(crate) fn equals(attribute: &'static str, value: AttributeValue) -> Condition {
        Condition::Compare(attribute, Comparison::Equal, Operand::Value(value))
    }
}

impl std::ops::Not for Condition {
    type Output = Condition;

    fn not(self) -> Condition {
        Condition::Not(Box::new(self))
    }
}

/// The names and values of one request's expressions.
#[derive(Default)]
pub(crate) struct Expression {
    names: Vec<String>,
    values: Vec<AttributeValue>,
}

impl Expression {
    /// The placeholder of an attribute.
    pub(crate) fn name(&mut self, attribute: &str) -> String {
        let place = self
            .names
            .iter()
            .position(|name| name == attribute)
            .unwrap_or_else(|| {
                self.names.push(attribute.to_owned());
                self.names.len() - 1
            });
        format!("#n{place}")
    }

    /// The placeholder of a value.
    pub(crate) fn value(&mut self, value: AttributeValue) -> String {
        self.values.push(value);
        format!(":v{}", self.values.len() - 1)
    }

    /// The text of a condition.
    pub(crate) fn condition(&mut self, condition: &Condition) -> Result<String, ItemError> {
        Ok(match condition {
            Condition::Compare(attribute, comparison, Operand::Value(value)) => {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "<>",
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => ">=",
                };
                format!(
                    "{} {sign} {}",
                    self.name(attribute),
                    self.value(value.clone())
                )
            }
            Condition::Exists(attribute) => format!("attribute_exists({})", self.name(attribute)),
            Condition::Absent(attribute) => {
                format!("attribute_not_exists({})", self.name(attribute))
            }
            Condition::Same(item) => {
                let mut attributes: Vec<_> = item.iter().collect();
                attributes.sort_by_key(|(name, _)| *name);
                let same = attributes.into_iter().map(|(name, value)| {
                    format!("{} = {}", self.name(name), self.value(value.clone()))
                });
                same.collect::<Vec<_>>().join(" AND ")
            }
            Condition::BeginsWith(attribute, prefix) => {
                format!(
                    "begins_with({}, {})",
                    self.name(attribute),
                    self.value(prefix.clone())
                )
            }
            Condition::Contains(attribute, part) => {
                format!(
                    "contains({}, {})",
                    self.name(attribute),
                    self.value(part.clone())
                )
            }
            Condition::All(members) => self.joined(members, " AND ")?,
            Condition::Any(members) => self.joined(members, " OR ")?,
            Condition::Not(inner) => format!("NOT ({})", self.condition(inner)?),
            Condition::Unwritable(reason) => {
                return Err(ItemError::Unwritable {
                    reason: reason.clone(),
                });
            }
        })
    }

    fn joined(&mut self, members: &[Condition], word: &str) -> Result<String, ItemError> {
        let texts: Vec<String> = members
            .iter()
            .map(|member| self.condition(member).map(|text| format!("({text})")))
            .collect::<Result<_, _>>()?;
        Ok(texts.join(word))
    }

    /// `ExpressionAttributeNames`.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| {
            self.names
                .iter()
                .enumerate()
                .map(|(at, name)| (format!("#n{at}"), name.clone()))
                .collect()
        })
    }

    /// `ExpressionAttributeValues`.
    pub(crate) fn into_values(self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| {
            self.values
                .into_iter()
                .enumerate()
                .map(|(at, value)| (format!(":v{at}"), value))
                .collect()
        })
    }
}
