//! Short constructors for the constants that the derives write.

use std::borrow::Cow;

use crate::model::{
    Allowance, Allowed, EntityModel, FieldModel, FieldRole, FormerPlace, IndexKey, KeptItem,
    KeptKind, KeyModel, Member, Multiplicity, ScopeModel, ShardModel, VersionModel, WhenAbsent,
};
use crate::shape::{Modifier, Shape};
use crate::template::{Part, Segment, Template, literal_hash};

type Text = &'static str;

#[doc(hidden)]
impl EntityModel<'static> {
    pub const fn of(
        name: Text,
        doc: Text,
        key: KeyModel<'static>,
        indexes: &'static [IndexKey<'static>],
        fields: &'static [FieldModel<'static>],
        kept: &'static [KeptItem<'static>],
        shared_with: &'static [Cow<'static, str>],
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            hash: literal_hash(name),
            doc: Cow::Borrowed(doc),
            key,
            indexes: Cow::Borrowed(indexes),
            fields: Cow::Borrowed(fields),
            kept: Cow::Borrowed(kept),
            shared_with: Cow::Borrowed(shared_with),
            global: false,
            shard: None,
            version: None,
            allows: Cow::Borrowed(&[]),
        }
    }

    #[must_use]
    pub const fn global(mut self) -> Self {
        self.global = true;
        self
    }

    /// With what few entities have. One constructor: a constant cannot replace what might have to be dropped.
    #[expect(clippy::too_many_arguments, reason = "the derive writes it")]
    pub const fn with(
        name: Text,
        doc: Text,
        key: KeyModel<'static>,
        indexes: &'static [IndexKey<'static>],
        fields: &'static [FieldModel<'static>],
        kept: &'static [KeptItem<'static>],
        shared_with: &'static [Cow<'static, str>],
        shard: Option<ShardModel<'static>>,
        version: Option<VersionModel<'static>>,
        allows: &'static [Allowance<'static>],
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            hash: literal_hash(name),
            doc: Cow::Borrowed(doc),
            key,
            indexes: Cow::Borrowed(indexes),
            fields: Cow::Borrowed(fields),
            kept: Cow::Borrowed(kept),
            shared_with: Cow::Borrowed(shared_with),
            global: false,
            shard,
            version,
            allows: Cow::Borrowed(allows),
        }
    }
}

#[doc(hidden)]
impl VersionModel<'static> {
    pub const fn of(current: u32, attribute: Text, reads: &'static [u32]) -> Self {
        Self {
            current,
            attribute: Cow::Borrowed(attribute),
            reads: Cow::Borrowed(reads),
        }
    }
}

#[doc(hidden)]
impl ShardModel<'static> {
    pub const fn of(
        count: u16,
        by: Text,
        by_index: u16,
        was: Option<FormerPlace<'static>>,
    ) -> Self {
        Self {
            count,
            by: Cow::Borrowed(by),
            by_index,
            was,
        }
    }
}

#[doc(hidden)]
impl Allowance<'static> {
    pub const fn scan(reason: Text) -> Self {
        Self {
            what: Allowed::Scan,
            reason: Cow::Borrowed(reason),
        }
    }
}

#[doc(hidden)]
impl ScopeModel<'static> {
    pub const fn of(name: Text, id: Text, template: Template<'static>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            id: Cow::Borrowed(id),
            template,
        }
    }
}

#[doc(hidden)]
impl KeyModel<'static> {
    pub const fn of(pk: Template<'static>, sk: Option<Template<'static>>) -> Self {
        Self { pk, sk }
    }
}

#[doc(hidden)]
impl IndexKey<'static> {
    pub const fn of(index: Text, key: KeyModel<'static>) -> Self {
        Self {
            index: Cow::Borrowed(index),
            hash: literal_hash(index),
            key,
        }
    }
}

#[doc(hidden)]
impl Template<'static> {
    pub const fn of(text: Text, segments: &'static [Segment<'static>]) -> Self {
        Self {
            text: Cow::Borrowed(text),
            bare: false,
            head: Template::head_of(false, segments),
            segments: Cow::Borrowed(segments),
        }
    }

    /// The field's own attribute.
    pub const fn bare(field: Text, segments: &'static [Segment<'static>]) -> Self {
        Self {
            text: Cow::Borrowed(field),
            bare: true,
            head: Template::head_of(true, segments),
            segments: Cow::Borrowed(segments),
        }
    }
}

#[doc(hidden)]
impl Segment<'static> {
    pub const fn literal(literal: Text) -> Self {
        Self {
            literal: Cow::Borrowed(literal),
            hash: literal_hash(literal),
            part: None,
            optional: false,
        }
    }

    pub const fn with(literal: Text, part: Part<'static>) -> Self {
        Self {
            literal: Cow::Borrowed(literal),
            hash: literal_hash(literal),
            part: Some(part),
            optional: false,
        }
    }

    /// A tail that may be absent.
    pub const fn tail(literal: Text, part: Part<'static>) -> Self {
        Self {
            literal: Cow::Borrowed(literal),
            hash: literal_hash(literal),
            part: Some(part),
            optional: true,
        }
    }
}

#[doc(hidden)]
impl Part<'static> {
    pub const fn of(
        field: Text,
        field_index: u16,
        modifier: Modifier,
        shape: Shape<'static>,
        optional: bool,
    ) -> Self {
        Self {
            field: Cow::Borrowed(field),
            field_index,
            modifier,
            shape,
            optional,
        }
    }

    /// A part that the handle knows, or that is worked out: no field.
    pub const fn placed(name: Text, modifier: Modifier) -> Self {
        Self {
            field: Cow::Borrowed(name),
            field_index: Part::NO_FIELD,
            modifier,
            shape: Shape::TEXT,
            optional: false,
        }
    }
}

#[doc(hidden)]
impl FieldModel<'static> {
    pub const fn of(name: Text, attribute: Text, type_name: Text) -> Self {
        Self {
            name: Cow::Borrowed(name),
            attribute: Cow::Borrowed(attribute),
            type_name: Cow::Borrowed(type_name),
            role: FieldRole::Plain,
            optional: false,
            key_only: false,
            omit_none: false,
            set: false,
            when_absent: WhenAbsent::Error,
        }
    }

    #[must_use]
    pub const fn role(mut self, role: FieldRole) -> Self {
        self.role = role;
        self
    }

    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    #[must_use]
    pub const fn key_only(mut self) -> Self {
        self.key_only = true;
        self
    }

    #[must_use]
    pub const fn omit_none(mut self) -> Self {
        self.omit_none = true;
        self
    }

    #[must_use]
    pub const fn set(mut self) -> Self {
        self.set = true;
        self
    }

    #[must_use]
    pub const fn when_absent(mut self, absent: WhenAbsent) -> Self {
        self.when_absent = absent;
        self
    }
}

#[doc(hidden)]
impl Member<'static> {
    /// The same entity, so many of it.
    #[must_use]
    pub const fn counted(&'static self, multiplicity: Multiplicity) -> Self {
        Self {
            entity: Cow::Borrowed(crate::shape::text(&self.entity)),
            multiplicity,
        }
    }
}

#[doc(hidden)]
impl KeptItem<'static> {
    pub const fn of(
        kind: KeptKind,
        name: Text,
        entity: Text,
        fields: &'static [(Cow<'static, str>, Cow<'static, str>)],
    ) -> Self {
        Self {
            kind,
            name: Cow::Borrowed(name),
            entity: Cow::Borrowed(entity),
            fields: Cow::Borrowed(fields),
        }
    }
}
