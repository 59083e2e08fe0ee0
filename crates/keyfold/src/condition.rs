//! Conditions on attributes, and the expressions they become.
//!
//! Every attribute is addressed by a placeholder, always: many an ordinary name is a reserved word.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::errors::ItemError;
use crate::place::{Path, PathStep, Stored};

/// Operands of `IN`: Developer Guide, "Comparison operator and function reference".
const IN_MAX: usize = 100;

/// A condition on an item, from field handles: `p.status.eq(Status::Active)`.
#[derive(Debug, Clone)]
#[must_use]
pub enum Condition {
    /// What is at a place.
    #[doc(hidden)]
    Test(Path, Test),
    /// Each of these attributes is as it was read.
    #[doc(hidden)]
    Same(HashMap<String, AttributeValue>),
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

impl Comparison {
    const fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

/// What is asked of a value.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum Test {
    /// Against another value.
    Compare(Comparison, AttributeValue),
    /// Between two, both included.
    Between(AttributeValue, AttributeValue),
    /// Is one of these.
    In(Vec<AttributeValue>),
    /// It is there.
    Exists,
    /// It is not there.
    Absent,
    /// Text that starts so.
    BeginsWith(AttributeValue),
    /// Text, list or set with this in it.
    Contains(AttributeValue),
    /// Its size.
    Size(Comparison, u64),
    /// Its type.
    Type(Stored),
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
            Condition::Test(path, _) => vec![path.attribute],
            Condition::All(members) | Condition::Any(members) => {
                members.iter().flat_map(Condition::attributes).collect()
            }
            Condition::Not(inner) => inner.attributes(),
            Condition::Unwritable(_) | Condition::Same(_) => Vec::new(),
        }
    }

    pub(crate) fn equals(at: impl Into<Path>, value: AttributeValue) -> Condition {
        Condition::Test(at.into(), Test::Compare(Comparison::Equal, value))
    }

    pub(crate) fn exists(at: impl Into<Path>) -> Condition {
        Condition::Test(at.into(), Test::Exists)
    }

    pub(crate) fn absent(at: impl Into<Path>) -> Condition {
        Condition::Test(at.into(), Test::Absent)
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
            Condition::Test(path, test) => self.test(path, test)?,
            Condition::Same(item) => {
                let mut attributes: Vec<_> = item.iter().collect();
                attributes.sort_by_key(|(name, _)| *name);
                let same = attributes.into_iter().map(|(name, value)| {
                    format!("{} = {}", self.name(name), self.value(value.clone()))
                });
                same.collect::<Vec<_>>().join(" AND ")
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

    fn test(&mut self, path: &Path, test: &Test) -> Result<String, ItemError> {
        path.check()?;
        let at = self.path(path);
        Ok(match test {
            Test::Compare(comparison, value) => {
                format!("{at} {} {}", comparison.sign(), self.value(value.clone()))
            }
            Test::Between(low, high) => format!(
                "{at} BETWEEN {} AND {}",
                self.value(low.clone()),
                self.value(high.clone())
            ),
            Test::In(values) if values.is_empty() || values.len() > IN_MAX => {
                return Err(ItemError::Unwritable {
                    reason: format!("`is_in` of {} values; it takes 1 to {IN_MAX}", values.len()),
                });
            }
            Test::In(values) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| self.value(value.clone()))
                    .collect();
                format!("{at} IN ({})", values.join(", "))
            }
            Test::Exists => format!("attribute_exists({at})"),
            Test::Absent => format!("attribute_not_exists({at})"),
            Test::BeginsWith(prefix) => {
                format!("begins_with({at}, {})", self.value(prefix.clone()))
            }
            Test::Contains(part) => format!("contains({at}, {})", self.value(part.clone())),
            Test::Size(comparison, size) => {
                let size = AttributeValue::N(size.to_string());
                format!("size({at}) {} {}", comparison.sign(), self.value(size))
            }
            Test::Type(stored) => {
                let stored = AttributeValue::S(stored.as_str().to_owned());
                format!("attribute_type({at}, {})", self.value(stored))
            }
        })
    }

    /// The placeholders of a place: `#n0.#n1[3]`.
    pub(crate) fn path(&mut self, path: &Path) -> String {
        let mut text = self.name(path.attribute);
        for step in &path.steps {
            match step {
                PathStep::Entry(name) => {
                    text.push('.');
                    text.push_str(&self.name(name));
                }
                PathStep::Index(at) => {
                    let _ = write!(text, "[{at}]");
                }
                // Refused by `Path::check` before.
                PathStep::Unwritable(_) => {}
            }
        }
        text
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
