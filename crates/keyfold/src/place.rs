//! Places within an item: a field of a nested document, an element of a list, an entry of a map.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::changes::Op;
use crate::condition::{Comparison, Condition, Test};
use crate::entity::Entity;
use crate::errors::ItemError;
use crate::field::Field;
use crate::value::{entry_name, to_attribute};

/// An attribute, and the way into it.
#[derive(Debug, Clone, PartialEq)]
#[doc(hidden)]
pub struct Path {
    pub(crate) attribute: &'static str,
    pub(crate) steps: Vec<PathStep>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq)]
#[doc(hidden)]
pub enum PathStep {
    Entry(Cow<'static, str>),
    Index(usize),
    /// An entry whose key is no text; refused when the request is made.
    Unwritable(String),
}

impl PathStep {
    fn entry<K: Serialize>(key: &K) -> Self {
        match entry_name(key) {
            Ok(name) => PathStep::Entry(name.into()),
            Err(error) => PathStep::Unwritable(error.to_string()),
        }
    }
}

impl From<&'static str> for Path {
    fn from(attribute: &'static str) -> Self {
        Self {
            attribute,
            steps: Vec::new(),
        }
    }
}

impl From<&'static Cow<'static, str>> for Path {
    fn from(attribute: &'static Cow<'static, str>) -> Self {
        Self::from(&**attribute)
    }
}

impl Path {
    fn then(mut self, step: PathStep) -> Self {
        self.steps.push(step);
        self
    }

    /// Whether it can be written.
    pub(crate) fn check(&self) -> Result<(), ItemError> {
        let wrong = self.steps.iter().find_map(|step| match step {
            PathStep::Unwritable(reason) => Some(reason.clone()),
            _ => None,
        });
        match wrong {
            Some(reason) => Err(ItemError::Unwritable { reason }),
            None => Ok(()),
        }
    }

    /// Whether one lies within the other: DynamoDB changes only one of them at a time.
    pub(crate) fn overlaps(&self, other: &Path) -> bool {
        self.attribute == other.attribute
            && self.steps.iter().zip(&other.steps).all(|(a, b)| a == b)
    }
}

/// A struct stored within an item, whose fields can be changed and asked about one by one: implemented
/// by `#[derive(Document)]`.
///
/// ```
/// use keyfold::prelude::*;
///
/// #[derive(Table, Clone)]
/// #[table(pk = "PK", sk = "SK")]
/// struct Shop { customers: Repo<Customer> }
///
/// #[derive(Entity, Serialize, Deserialize)]
/// #[key(pk = "CUSTOMER#{name}", sk = "META")]
/// struct Customer { name: String, address: Address }
///
/// #[derive(Document, Serialize, Deserialize)]
/// struct Address { street: String, zip: String, notes: Vec<String> }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Shop::builder(keyfold::embedded::memory().client()).build();
/// db.create_table().await?;
/// let address = Address { street: "Rue du Lac 1".into(), zip: "1201".into(), notes: Vec::new() };
/// db.customers.create(Customer { name: "Ada".into(), address }).await?;
/// db.customers
///     .patch("Ada")
///     .nested(|c| c.address.fields().zip.set("1202"))
///     .nested(|c| c.address.fields().notes.push("second floor"))
///     .when(|c| c.address.fields().street.begins_with("Rue"))
///     .send()
///     .await?;
/// assert_eq!(db.customers.get("Ada").await?.address.zip, "1202");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a document",
    note = "add `#[derive(Document)]` to `{Self}`, so that its fields can be reached"
)]
pub trait Document {
    /// Its fields within an `E`.
    type Places<E: Entity>;

    /// Its fields within the value at this place.
    #[doc(hidden)]
    fn places<E: Entity>(at: &Root) -> Self::Places<E>;
}

impl<T: Document> Document for Option<T> {
    type Places<E: Entity> = T::Places<E>;

    fn places<E: Entity>(at: &Root) -> T::Places<E> {
        T::places(at)
    }
}

impl<T: Document> Document for Box<T> {
    type Places<E: Entity> = T::Places<E>;

    fn places<E: Entity>(at: &Root) -> T::Places<E> {
        T::places(at)
    }
}

/// Where a document lies.
#[doc(hidden)]
#[derive(Clone)]
pub struct Root {
    path: Path,
    index: u16,
    fixed: bool,
}

impl Root {
    /// The place of one of its fields.
    pub fn field<E, T: Serialize>(&self, attribute: &'static str) -> Place<E, T> {
        self.written_by(attribute, to_attribute::<T>)
    }

    /// The place of a field that `write` writes.
    pub fn written_by<E, T>(
        &self,
        attribute: &'static str,
        write: fn(&T) -> Result<AttributeValue, ItemError>,
    ) -> Place<E, T> {
        Place {
            root: Root {
                path: self.path.clone().then(PathStep::Entry(attribute.into())),
                ..*self
            },
            write,
            entity: PhantomData,
        }
    }
}

/// A place within an item of `E`, with a value of `T`: for conditions, and for `nested(..)`.
pub struct Place<E, T> {
    root: Root,
    write: fn(&T) -> Result<AttributeValue, ItemError>,
    entity: PhantomData<fn() -> E>,
}

impl<E, T> Clone for Place<E, T> {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
            write: self.write,
            entity: PhantomData,
        }
    }
}

/// A change at a place within an item: what `nested(..)` takes.
#[must_use = "nothing is changed until an update takes it"]
pub struct Nested<E> {
    pub(crate) path: Path,
    pub(crate) index: u16,
    /// Whether no update may change the field.
    pub(crate) fixed: bool,
    pub(crate) op: Result<Op, ItemError>,
    entity: PhantomData<fn() -> E>,
}

impl<E, T> Place<E, T> {
    fn change(self, op: Result<Op, ItemError>) -> Nested<E> {
        Nested {
            path: self.root.path,
            index: self.root.index,
            fixed: self.root.fixed,
            op,
            entity: PhantomData,
        }
    }

    fn inside<U: Serialize>(self, step: PathStep) -> Place<E, U> {
        Place {
            root: Root {
                path: self.root.path.then(step),
                ..self.root
            },
            write: to_attribute::<U>,
            entity: PhantomData,
        }
    }

    pub(crate) fn path(&self) -> Path {
        self.root.path.clone()
    }

    /// Sets it.
    pub fn set(self, value: impl Into<T>) -> Nested<E> {
        let value = (self.write)(&value.into());
        self.change(value.map(Op::Set))
    }

    /// Removes it; what comes after an element of a list moves up.
    pub fn remove(self) -> Nested<E> {
        self.change(Ok(Op::Remove))
    }

    #[expect(
        clippy::should_implement_trait,
        reason = "a place is not a number; `add` is the plain word"
    )]
    /// Adds to the number there; absent counts as 0.
    pub fn add(self, by: impl Into<crate::Number>) -> Nested<E> {
        let by = AttributeValue::N(by.into().to_string());
        self.change(Ok(Op::Add(by)))
    }
}

impl<E: Entity, T> Place<E, T> {
    /// The fields of the document there.
    pub fn fields(&self) -> T::Places<E>
    where
        T: Document,
    {
        T::places(&self.root)
    }
}

impl<E, T: Serialize> Place<E, Vec<T>> {
    /// Adds an element at the end.
    pub fn push(self, value: impl Into<T>) -> Nested<E> {
        let value = to_attribute(&value.into());
        self.change(value.map(|value| Op::Append(vec![value])))
    }

    /// Adds an element at the beginning.
    pub fn prepend(self, value: impl Into<T>) -> Nested<E> {
        let value = to_attribute(&value.into());
        self.change(value.map(|value| Op::Prepend(vec![value])))
    }

    /// The element at this place, counted from 0.
    pub fn at(self, index: usize) -> Place<E, T> {
        self.inside(PathStep::Index(index))
    }
}

macro_rules! maps {
    ($($map:ty [$($hasher:ident)?]),*) => {$(
        impl<E, K: Serialize, T: Serialize $(, $hasher)?> Place<E, $map> {
            /// The entry of this key.
            pub fn entry(self, key: &K) -> Place<E, T> {
                self.inside(PathStep::entry(key))
            }
        }

        impl<E: Entity, K: Serialize, T: Serialize $(, $hasher)?> Field<E, $map> {
            /// The entry of this key.
            pub fn entry(self, key: &K) -> Place<E, T> {
                self.place().inside(PathStep::entry(key))
            }
        }
    )*};
}

maps!(HashMap < K, T, S > [S], BTreeMap < K, T > []);

impl<E: Entity, T: Serialize> Field<E, Vec<T>> {
    /// The element at this place, counted from 0.
    pub fn at(self, index: usize) -> Place<E, T> {
        self.place().at(index)
    }
}

impl<E: Entity, T> Field<E, T> {
    /// The fields of the document it is.
    pub fn fields(self) -> T::Places<E>
    where
        T: Document,
    {
        T::places(&self.place().root)
    }
}

impl<E: Entity, T> Field<E, T> {
    pub(crate) fn place(self) -> Place<E, T> {
        Place {
            root: Root {
                path: Path::from(self.attribute()),
                index: self.index,
                fixed: self.fixed,
            },
            write: self.write,
            entity: PhantomData,
        }
    }
}

/// What can be asked of a field and of a place alike.
macro_rules! conditions {
    ($($of:ident [$($bound:tt)*]),*) => {$(
        impl<E $($bound)*, T> $of<E, T> {
            fn test(&self, value: impl Into<T>, test: impl FnOnce(AttributeValue) -> Test) -> Condition {
                match (self.write)(&value.into()) {
                    Ok(value) => Condition::Test(self.path(), test(value)),
                    Err(error) => Condition::Unwritable(error.to_string()),
                }
            }

            /// Is this value.
            pub fn eq(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::Equal, value))
            }

            /// Is another value.
            pub fn ne(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::NotEqual, value))
            }

            /// Comes before.
            pub fn lt(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::Less, value))
            }

            /// Comes before or is.
            pub fn le(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::LessOrEqual, value))
            }

            /// Comes after.
            pub fn gt(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::Greater, value))
            }

            /// Comes after or is.
            pub fn ge(&self, value: impl Into<T>) -> Condition {
                self.test(value, |value| Test::Compare(Comparison::GreaterOrEqual, value))
            }

            /// Is one of the two, or lies between them.
            pub fn within(&self, low: impl Into<T>, high: impl Into<T>) -> Condition {
                match ((self.write)(&low.into()), (self.write)(&high.into())) {
                    (Ok(low), Ok(high)) => Condition::Test(self.path(), Test::Between(low, high)),
                    (Err(error), _) | (_, Err(error)) => Condition::Unwritable(error.to_string()),
                }
            }

            /// Is one of these, of which there may be 100.
            pub fn is_in<V: Into<T>>(&self, values: impl IntoIterator<Item = V>) -> Condition {
                let values: Result<Vec<_>, _> =
                    values.into_iter().map(|value| (self.write)(&value.into())).collect();
                match values {
                    Ok(values) => Condition::Test(self.path(), Test::In(values)),
                    Err(error) => Condition::Unwritable(error.to_string()),
                }
            }

            /// Something is there (NULL counts).
            pub fn exists(&self) -> Condition {
                Condition::Test(self.path(), Test::Exists)
            }

            /// Nothing is there.
            pub fn absent(&self) -> Condition {
                Condition::Test(self.path(), Test::Absent)
            }

            /// Text that starts so.
            pub fn begins_with(&self, prefix: impl Into<String>) -> Condition {
                Condition::Test(self.path(), Test::BeginsWith(AttributeValue::S(prefix.into())))
            }

            /// Text with this in it. For members of sets and lists see `holds`.
            pub fn contains(&self, part: impl Into<String>) -> Condition {
                Condition::Test(self.path(), Test::Contains(AttributeValue::S(part.into())))
            }

            /// The size: characters of text in UTF-8 bytes, bytes, or how many members a set, list or map has.
            pub fn size(&self) -> Size {
                Size(self.path())
            }

            /// Is stored as this type: `p.sku.is_type(Stored::Null)` finds what is NULL.
            pub fn is_type(&self, stored: Stored) -> Condition {
                Condition::Test(self.path(), Test::Type(stored))
            }
        }

        members!($of, [$($bound)*], Vec<T>);
        members!($of, [$($bound)*], std::collections::BTreeSet<T>);
        impl<E $($bound)*, T: Serialize, S> $of<E, std::collections::HashSet<T, S>> {
            /// A set with this member.
            pub fn holds(&self, member: impl Into<T>) -> Condition {
                holds(self.path(), &member.into())
            }
        }
    )*};
}

macro_rules! members {
    ($of:ident, [$($bound:tt)*], $list:ty) => {
        impl<E $($bound)*, T: Serialize> $of<E, $list> {
            /// A list or set with this member.
            pub fn holds(&self, member: impl Into<T>) -> Condition {
                holds(self.path(), &member.into())
            }
        }
    };
}

conditions!(Field[: Entity], Place[]);

fn holds<T: Serialize>(path: Path, member: &T) -> Condition {
    match to_attribute(member) {
        Ok(member) => Condition::Test(path, Test::Contains(member)),
        Err(error) => Condition::Unwritable(error.to_string()),
    }
}

/// How large a value is, for conditions: `p.tags.size().lt(10)`.
#[must_use = "compare it with something"]
pub struct Size(Path);

macro_rules! sizes {
    ($($(#[$doc:meta])* $name:ident $comparison:ident),*) => {$(
        $(#[$doc])*
        pub fn $name(self, size: u64) -> Condition {
            Condition::Test(self.0, Test::Size(Comparison::$comparison, size))
        }
    )*};
}

impl Size {
    sizes!(
        /// Is this size.
        eq Equal,
        /// Is another size.
        ne NotEqual,
        /// Is smaller.
        lt Less,
        /// Is smaller or of this size.
        le LessOrEqual,
        /// Is larger.
        gt Greater,
        /// Is larger or of this size.
        ge GreaterOrEqual
    );
}

/// A type of DynamoDB's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// `S`
    Text,
    /// `N`
    Number,
    /// `B`
    Binary,
    /// `BOOL`
    Bool,
    /// `NULL`
    Null,
    /// `L`
    List,
    /// `M`
    Map,
    /// `SS`
    TextSet,
    /// `NS`
    NumberSet,
    /// `BS`
    BinarySet,
}

impl Stored {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Stored::Text => "S",
            Stored::Number => "N",
            Stored::Binary => "B",
            Stored::Bool => "BOOL",
            Stored::Null => "NULL",
            Stored::List => "L",
            Stored::Map => "M",
            Stored::TextSet => "SS",
            Stored::NumberSet => "NS",
            Stored::BinarySet => "BS",
        }
    }
}

/// What generated setters of lists, sets and maps are made of.
impl<E: Entity, C> Field<E, C> {
    pub(crate) fn change(self, op: Result<Op, ItemError>) -> Nested<E> {
        self.place().change(op)
    }

    pub(crate) fn named<K: Serialize, T: Serialize>(self, key: &K) -> Place<E, T> {
        self.place().inside(PathStep::entry(key))
    }
}
