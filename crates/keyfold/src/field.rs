//! Typed handles of fields, for conditions and pattern arguments.

use std::marker::PhantomData;
use std::ops::{Range, RangeInclusive};

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::part::Encode;
use keyfold_model::ranges::{Ask, Bound, Upper};
use keyfold_model::{KeyPart, PartError, PartText, Timestamp, YearMonth};
use serde::Serialize;

use crate::entity::Entity;
use crate::errors::ItemError;
use crate::place::Path;
use crate::value::{to_attribute, to_set};

/// A field of `E` with values of `T`.
pub struct Field<E, T> {
    pub(crate) index: u16,
    pub(crate) write: fn(&T) -> Result<AttributeValue, ItemError>,
    /// Whether no update changes what is within it.
    pub(crate) fixed: bool,
    entity: PhantomData<fn() -> E>,
}

impl<E, T> Clone for Field<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Field<E, T> {}

impl<E: Entity, T: Serialize> Field<E, T> {
    /// The field at this place, written by its own `Serialize`.
    #[doc(hidden)]
    pub const fn new(index: u16) -> Self {
        Self {
            index,
            write: to_attribute::<T>,
            fixed: false,
            entity: PhantomData,
        }
    }

    /// The field at this place, stored as a set: `#[attr(set)]`.
    #[doc(hidden)]
    pub const fn set_of(index: u16) -> Self {
        Self::written_by(index, to_set::<T>)
    }
}

impl<E: Entity, T> Field<E, T> {
    /// The field at this place, written by `write`: `#[serde(with = "..")]`.
    #[doc(hidden)]
    pub const fn written_by(
        index: u16,
        write: fn(&T) -> Result<AttributeValue, ItemError>,
    ) -> Self {
        Self {
            index,
            write,
            fixed: false,
            entity: PhantomData,
        }
    }

    /// The same, and what is within it cannot be changed either: a key, a counter, `#[readonly]`.
    #[doc(hidden)]
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// The attribute of a value.
    #[doc(hidden)]
    pub fn written(self, value: &T) -> Result<AttributeValue, ItemError> {
        (self.write)(value)
    }

    /// The attribute it is stored as.
    pub fn attribute(self) -> &'static str {
        &E::spec().fields[usize::from(self.index)].attribute
    }

    pub(crate) fn path(self) -> Path {
        self.attribute().into()
    }

    pub(crate) fn name(self) -> &'static str {
        &E::spec().fields[usize::from(self.index)].name
    }

    /// The argument of a pattern: the same value.
    #[doc(hidden)]
    pub fn same<A: AsPart<T> + ?Sized>(self, value: &A) -> Argument<'_> {
        Argument {
            field: self.name(),
            asked: Asked::Equal(value.as_part()),
        }
    }

    /// The argument of a pattern: this value and what comes after.
    #[doc(hidden)]
    pub fn from<A: AsPart<T> + ?Sized>(self, value: &A) -> Argument<'_> {
        Argument {
            field: self.name(),
            asked: Asked::From(value.as_part()),
        }
    }

    /// The argument of a pattern: this value and what comes before.
    #[doc(hidden)]
    pub fn to<A: AsPart<T> + ?Sized>(self, value: &A) -> Argument<'_> {
        Argument {
            field: self.name(),
            asked: Asked::To(value.as_part()),
        }
    }

    /// The argument of a pattern: between two values.
    #[doc(hidden)]
    pub fn between<R: AsPartRange<T>>(self, range: &R) -> Argument<'_> {
        let (low, high, upper) = range.as_range();
        Argument {
            field: self.name(),
            asked: Asked::Between(low, high, upper),
        }
    }

    /// The argument of a pattern: text that begins so.
    #[doc(hidden)]
    pub fn begins(self, prefix: &(impl AsRef<str> + ?Sized)) -> Argument<'_> {
        Argument {
            field: self.name(),
            asked: Asked::Begins(prefix.as_ref()),
        }
    }
}

/// A value that a pattern can be asked with for a part of type `T`.
#[diagnostic::on_unimplemented(
    message = "a key part of type `{T}` cannot be asked for with `{Self}`",
    label = "the argument's type differs from the field's"
)]
pub trait AsPart<T> {
    /// The value as a key part.
    #[doc(hidden)]
    fn as_part(&self) -> PartRef<'_>;
}

/// A key part by reference.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum PartRef<'a> {
    Value(&'a (dyn Encode + Sync)),
    Text(&'a str),
}

impl Encode for PartRef<'_> {
    fn encode_part(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        match self {
            PartRef::Value(value) => value.encode_part(out),
            PartRef::Text(text) => out.text(text),
        }
    }
}

impl<T: KeyPart + Sync> AsPart<T> for T {
    fn as_part(&self) -> PartRef<'_> {
        PartRef::Value(self)
    }
}

impl<T: KeyPart + Sync> AsPart<Option<T>> for T {
    fn as_part(&self) -> PartRef<'_> {
        PartRef::Value(self)
    }
}

impl AsPart<String> for str {
    fn as_part(&self) -> PartRef<'_> {
        PartRef::Text(self)
    }
}

impl AsPart<Option<String>> for str {
    fn as_part(&self) -> PartRef<'_> {
        PartRef::Text(self)
    }
}

impl AsPart<Timestamp> for YearMonth {
    fn as_part(&self) -> PartRef<'_> {
        PartRef::Value(self)
    }
}

/// Two values with what lies between them: `low..high`, `low..=high`.
pub trait AsPartRange<T> {
    #[doc(hidden)]
    fn as_range(&self) -> (PartRef<'_>, PartRef<'_>, Upper);
}

impl<T, A: AsPart<T>> AsPartRange<T> for Range<A> {
    fn as_range(&self) -> (PartRef<'_>, PartRef<'_>, Upper) {
        (self.start.as_part(), self.end.as_part(), Upper::Excluded)
    }
}

impl<T, A: AsPart<T>> AsPartRange<T> for RangeInclusive<A> {
    fn as_range(&self) -> (PartRef<'_>, PartRef<'_>, Upper) {
        (
            self.start().as_part(),
            self.end().as_part(),
            Upper::Included,
        )
    }
}

/// What a pattern's method hands to the library: one field and what is asked of it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Argument<'a> {
    pub(crate) field: &'static str,
    pub(crate) asked: Asked<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Equal(PartRef<'a>),
    From(PartRef<'a>),
    To(PartRef<'a>),
    Between(PartRef<'a>, PartRef<'a>, Upper),
    Begins(&'a str),
}

impl Argument<'_> {
    pub(crate) fn bound(&self) -> Bound<'_> {
        let ask = match &self.asked {
            Asked::Equal(value) => Ask::Equal(value),
            Asked::From(value) => Ask::From(value),
            Asked::To(value) => Ask::To(value),
            Asked::Between(low, high, upper) => Ask::Between(low, high, *upper),
            Asked::Begins(prefix) => Ask::Begins(prefix),
        };
        Bound {
            field: self.field,
            ask,
        }
    }
}
