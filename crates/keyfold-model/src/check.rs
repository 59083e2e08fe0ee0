//! The checks of a design, while compiling and at run time.
//!
//! Everything here is `const fn`: `#[derive(Table)]` evaluates it, so that a mistake is a compile
//! error at the entity or pattern it is in, and [`findings`] runs the very same code over a design
//! read from JSON.

use std::fmt;

use crate::model::{
    AttributeType, EntityModel, FieldModel, FieldRole, IndexModel, KeyAttribute, KeyModel,
    Multiplicity, PatternArgument, PatternKind, PatternModel, Projection, RangeUse, ScopeModel,
    TableModel,
};
use crate::shape::{Modifier, same_from, slice, starts_with_from, text};
use crate::template::{
    Segment, Template, leading_scope, literal_hash, overlap, overlap_in, required, segments_overlap,
};

/// A message put together while compiling.
#[derive(Clone, Copy)]
pub struct Message {
    bytes: [u8; Message::CAPACITY],
    len: usize,
}

impl Message {
    const CAPACITY: usize = 640;
    const EMPTY: Self = Self {
        bytes: [0; Message::CAPACITY],
        len: 0,
    };

    const fn say(mut self, words: &str) -> Self {
        let words = words.as_bytes();
        let mut i = 0;
        while i < words.len() && self.len < Message::CAPACITY {
            self.bytes[self.len] = words[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn name(self, name: &str) -> Self {
        self.say("`").say(name).say("`")
    }

    /// The message.
    pub const fn as_str(&self) -> &str {
        let mut len = self.len;
        // A long message is cut, perhaps in the middle of a character.
        while len > 0 {
            if let Ok(text) = std::str::from_utf8(self.bytes.split_at(len).0) {
                return text;
            }
            len -= 1;
        }
        ""
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the compile-time checks are left out, which only the measurement of what they cost does: a
/// table that is not checked can hold keys that meet. Bench: `check_time`.
const UNCHECKED: bool = cfg!(keyfold_unchecked);

/// Fails to compile where the entity at this place has a mistake, or meets one that comes after.
///
/// # Panics
/// With the mistake; in a constant, that is the compile error.
pub const fn assert_entity(table: &TableModel<'_>, at: usize) {
    if UNCHECKED {
        return;
    }
    if let Some(message) = entity_mistake(table, at) {
        panic!("{}", message.as_str());
    }
    if let Some(message) = entity_overlap(table, at) {
        panic!("{}", message.as_str());
    }
}

/// Fails to compile where the pattern has a mistake that its signature alone does not show.
///
/// # Panics
/// With the mistake; in a constant, that is the compile error.
pub const fn assert_pattern(table: &TableModel<'_>, pattern: &PatternModel<'_>) {
    if UNCHECKED {
        return;
    }
    if let Some(message) = pattern_mistake(table, pattern)
        && !is_told_by_types(table, pattern)
    {
        panic!("{}", message.as_str());
    }
}

/// Fails to compile where a view reads a field from another attribute than its entity stores it as.
/// `fields` are the fields' names and the attributes they are read from.
///
/// # Panics
/// With the mistake; in a constant, that is the compile error.
pub const fn assert_view(view: &str, entity: &EntityModel<'_>, fields: &[(&str, &str)]) {
    let mut i = 0;
    while i < fields.len() {
        let (name, read_from) = fields[i];
        if let Some(field) = find_field(entity, name)
            && !same(text(&field.attribute), read_from)
        {
            let message = Message::EMPTY
                .say("KF0016: ")
                .name(name)
                .say(" of the view ")
                .name(view)
                .say(" is read from ")
                .name(read_from)
                .say(", and ")
                .name(text(&entity.name))
                .say(" stores it as ")
                .name(text(&field.attribute))
                .say(": rename it, `#[serde(rename = \"..\")]`, or give the view the entity's `rename_all`");
            panic!("{}", message.as_str());
        }
        i += 1;
    }
}

/// Fails to compile where the items of a nested collection do not lie under its parent: their sort keys must
/// begin with the parent's, so that they are told apart by it.
///
/// # Panics
/// With the mistake; in a constant, that is the compile error.
pub const fn assert_nested(
    collection: &str,
    index: Option<&str>,
    nested_index: Option<Option<&str>>,
    parent: &EntityModel<'_>,
    children: &[&EntityModel<'_>],
) {
    let is_same_index = match (index, nested_index) {
        (_, None) | (None, Some(None)) => true,
        (Some(own), Some(Some(nested))) => same(own, nested),
        _ => false,
    };
    if !is_same_index {
        let message = Message::EMPTY
            .say("KF0003: collection ")
            .name(collection)
            .say(" gathers a collection of ")
            .name(text(&parent.name))
            .say(" that is read from another place: give both the same `index = ..`, or none");
        panic!("{}", message.as_str());
    }
    let index = match index {
        Some(id) => Some((literal_hash(id), id)),
        None => None,
    };
    let mut i = 0;
    while i < children.len() {
        let child = children[i];
        i += 1;
        if child.hash == parent.hash && same(text(&child.name), text(&parent.name)) {
            continue;
        }
        let (Some(own), Some(other)) = (find_key(parent, index), find_key(child, index)) else {
            continue;
        };
        let (Some(above), Some(below)) = (&own.sk, &other.sk) else {
            continue;
        };
        if is_unread(own) || is_unread(other) || lies_under(above, below) {
            continue;
        }
        let message = Message::EMPTY
            .say("KF0003: collection ")
            .name(collection)
            .say(" gathers ")
            .name(text(&child.name))
            .say(" (")
            .say(text(&below.text))
            .say(") by its ")
            .name(text(&parent.name))
            .say(" (")
            .say(text(&above.text))
            .say("): begin its sort key with the parent's, and go on");
        panic!("{}", message.as_str());
    }
}

/// Whether a sort key begins with all segments of another, and goes on.
const fn lies_under(above: &Template<'_>, below: &Template<'_>) -> bool {
    let (above, below) = (slice(&above.segments), slice(&below.segments));
    if below.len() <= above.len() {
        return false;
    }
    let mut i = 0;
    while i < above.len() {
        if above[i].optional
            || above[i].part.is_some() != below[i].part.is_some()
            || !same(text(&above[i].literal), text(&below[i].literal))
        {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether the types of the generated code already refuse the pattern: an entity that the table
/// does not list, an argument that is no field. One mistake is one error.
const fn is_told_by_types(table: &TableModel<'_>, pattern: &PatternModel<'_>) -> bool {
    // A table whose own attributes are wrong has no entities yet.
    if slice(&table.entities).is_empty() {
        return true;
    }
    if !matches!(pattern.kind, PatternKind::Pages) {
        return false;
    }
    let members = slice(&pattern.members);
    let mut i = 0;
    while i < members.len() {
        if find_entity(table, text(&members[i].entity)).is_none() {
            return true;
        }
        i += 1;
    }
    let Some(entity) = find_entity(table, text(&members[0].entity)) else {
        return true;
    };
    let arguments = slice(&pattern.arguments);
    let mut i = 0;
    while i < arguments.len() {
        if find_field(entity, text(&arguments[i].field)).is_none() {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether the derive could not read one of the templates, and has said so.
const fn is_unread(key: &KeyModel<'_>) -> bool {
    slice(&key.pk.segments).is_empty()
        || match &key.sk {
            Some(sk) => slice(&sk.segments).is_empty(),
            None => false,
        }
}

/// Every mistake of a design, for one that was read from JSON.
pub fn findings(table: &TableModel<'_>) -> Vec<String> {
    let entities = (0..table.entities.len())
        .flat_map(|at| [entity_mistake(table, at), entity_overlap(table, at)]);
    let patterns = table
        .all_patterns()
        .map(|pattern| pattern_mistake(table, pattern));
    entities
        .chain(patterns)
        .flatten()
        .map(|message| message.to_string())
        .collect()
}

/// The first entity after this one that can write the same item.
pub const fn entity_overlap(table: &TableModel<'_>, at: usize) -> Option<Message> {
    let entities = slice(&table.entities);
    let entity = &entities[at];
    let mut other = at + 1;
    let own_head = entity.key.pk.head;
    while other < entities.len() {
        // Most keys are told apart by their first segment.
        let head = entities[other].key.pk.head;
        if head != own_head && head != 0 && own_head != 0 {
            other += 1;
            continue;
        }
        if keys_overlap(slice(&table.scopes), &entity.key, &entities[other].key)
            && !accepts(entity, &entities[other])
            && !accepts(&entities[other], entity)
        {
            let (a, b) = (entity, &entities[other]);
            let message = Message::EMPTY
                .say("KF0002: ")
                .name(text(&a.name))
                .say(" and ")
                .name(text(&b.name))
                .say(" can write the same item: pk ")
                .say(text(&a.key.pk.text))
                .say(" = ")
                .say(text(&b.key.pk.text));
            let message = match (&a.key.sk, &b.key.sk) {
                (Some(sk_a), Some(sk_b)) => message
                    .say(", sk ")
                    .say(text(&sk_a.text))
                    .say(" = ")
                    .say(text(&sk_b.text)),
                _ => message,
            };
            return Some(message.say(
                "; give one of them a literal segment of its own, or accept it with `#[key(.., shared_with(..))]`",
            ));
        }
        other += 1;
    }
    None
}

// The sort key first: it tells most pairs apart at its first segment.
const fn keys_overlap(scopes: &[ScopeModel<'_>], a: &KeyModel<'_>, b: &KeyModel<'_>) -> bool {
    let sort_keys = match (&a.sk, &b.sk) {
        (Some(a), Some(b)) => overlap(a, b),
        _ => true,
    };
    sort_keys && overlap_in(scopes, &a.pk, &b.pk) && !is_unread(a) && !is_unread(b)
}

const fn accepts(entity: &EntityModel<'_>, other: &EntityModel<'_>) -> bool {
    let names = slice(&entity.shared_with);
    let mut i = 0;
    while i < names.len() {
        if same(text(&names[i]), text(&other.name)) {
            return true;
        }
        i += 1;
    }
    false
}

/// What is wrong with one entity by itself.
pub const fn entity_mistake(table: &TableModel<'_>, at: usize) -> Option<Message> {
    let entity = &slice(&table.entities)[at];
    let place = Place::Table;
    if let Some(message) = key_mistake(entity, &entity.key, &table.pk, table.sk.as_ref(), place) {
        return Some(message);
    }
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        let id = text(&keys[i].index);
        let Some(index) = find_index(table, id) else {
            return Some(
                Message::EMPTY
                    .say("KF0007: ")
                    .name(text(&entity.name))
                    .say(" has a key in ")
                    .name(id)
                    .say(", and the table declares no such index: add `index(")
                    .say(id)
                    .say(", ..)` to `#[table(..)]`"),
            );
        };
        let place = Place::Index(id);
        if let Some(message) =
            key_mistake(entity, &keys[i].key, &index.pk, index.sk.as_ref(), place)
        {
            return Some(message);
        }
        i += 1;
    }
    let fields = slice(&entity.fields);
    let mut i = 0;
    while i < fields.len() {
        if let Some(message) = field_mistake(table, entity, &fields[i]) {
            return Some(message);
        }
        i += 1;
    }
    if let Some(message) = scope_mistake(table, entity) {
        return Some(message);
    }
    kept_mistake(table, entity)
}

/// In a table with scopes every partition key begins with one, and in one without there is none.
const fn scope_mistake(table: &TableModel<'_>, entity: &EntityModel<'_>) -> Option<Message> {
    if let Some(message) = key_scope_mistake(table, entity, &entity.key, Place::Table) {
        return Some(message);
    }
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        let place = Place::Index(text(&keys[i].index));
        if let Some(message) = key_scope_mistake(table, entity, &keys[i].key, place) {
            return Some(message);
        }
        i += 1;
    }
    if slice(&table.scopes).is_empty() {
        return None;
    }
    let fields = slice(&entity.fields);
    let mut i = 0;
    while i < fields.len() {
        if matches!(fields[i].role, FieldRole::Scope) {
            let name = text(&fields[i].name);
            if !reaches(table, entity, name) {
                return Some(
                    outside(entity)
                        .say(": its field ")
                        .name(name)
                        .say(" is `#[scope]`, and its keys are in no scope of this name"),
                );
            }
        }
        i += 1;
    }
    None
}

const fn outside(entity: &EntityModel<'_>) -> Message {
    Message::EMPTY.say("KF0017: ").name(text(&entity.name))
}

const fn key_scope_mistake(
    table: &TableModel<'_>,
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
    place: Place<'_>,
) -> Option<Message> {
    if is_unread(key) {
        return None;
    }
    let scopes = slice(&table.scopes);
    let templates = [Some(&key.pk), key.sk.as_ref()];
    let mut t = 0;
    while t < templates.len() {
        if let Some(template) = templates[t] {
            let segments = slice(&template.segments);
            let mut i = 0;
            while i < segments.len() {
                if let Some(part) = &segments[i].part
                    && part.modifier.is_of_scope()
                    && find_scope(scopes, text(&part.field)).is_none()
                {
                    return Some(no_such_scope(
                        table,
                        entity,
                        text(&template.text),
                        text(&part.field),
                    ));
                }
                i += 1;
            }
        }
        t += 1;
    }
    if scopes.is_empty()
        || entity.global
        || leading_scope(slice(&key.pk.segments), scopes).is_some()
    {
        return None;
    }
    let message = match place {
        Place::Table => outside(entity).say(": its partition key \""),
        Place::Index(index) => outside(entity)
            .say(": its partition key in index ")
            .name(index)
            .say(" \""),
    };
    let message = message
        .say(text(&key.pk.text))
        .say("\" does not begin with a scope of table ")
        .name(text(&table.name));
    let first = text(&scopes[0].name);
    // `{tenant}` is the field there.
    if let [segment, ..] = slice(&key.pk.segments)
        && let Some(part) = &segment.part
        && find_scope(scopes, text(&part.field)).is_some()
    {
        return Some(
            message
                .say(": ")
                .name(text(&part.field))
                .say(" is a field of it; mark that field `#[scope]`"),
        );
    }
    Some(
        message
            .say(": write \"{")
            .say(first)
            .say("}#..\", or `#[entity(global)]` if its items are everybody's"),
    )
}

const fn no_such_scope(
    table: &TableModel<'_>,
    entity: &EntityModel<'_>,
    template: &str,
    name: &str,
) -> Message {
    let message = outside(entity)
        .say(": \"")
        .say(template)
        .say("\" names ")
        .name(name);
    let message = message
        .say(", which is no field, and table ")
        .name(text(&table.name));
    let scopes = slice(&table.scopes);
    if scopes.is_empty() {
        return message.say(" declares no scopes");
    }
    let mut message = message.say(" declares no scope of this name; it has ");
    let mut i = 0;
    while i < scopes.len() {
        if i > 0 {
            message = message.say(", ");
        }
        message = message.name(text(&scopes[i].name));
        i += 1;
    }
    message
}

const fn find_scope<'t, 'a>(
    scopes: &'t [ScopeModel<'a>],
    name: &str,
) -> Option<&'t ScopeModel<'a>> {
    let mut i = 0;
    while i < scopes.len() {
        if same(text(&scopes[i].name), name) {
            return Some(&scopes[i]);
        }
        i += 1;
    }
    None
}

/// Whether a handle that serves the entity has this scope: one of its keys is in it, or in one below.
const fn reaches(table: &TableModel<'_>, entity: &EntityModel<'_>, scope: &str) -> bool {
    if key_reaches(table, &entity.key, scope) {
        return true;
    }
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        if key_reaches(table, &keys[i].key, scope) {
            return true;
        }
        i += 1;
    }
    false
}

const fn key_reaches(table: &TableModel<'_>, key: &KeyModel<'_>, scope: &str) -> bool {
    template_reaches(table, &key.pk, scope)
        || match &key.sk {
            Some(sk) => template_reaches(table, sk, scope),
            None => false,
        }
}

const fn template_reaches(table: &TableModel<'_>, template: &Template<'_>, scope: &str) -> bool {
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < segments.len() {
        if let Some(part) = &segments[i].part
            && part.modifier.is_of_scope()
        {
            if same(text(&part.field), scope) {
                return true;
            }
            if let Some(below) = find_scope(slice(&table.scopes), text(&part.field))
                && template_reaches(table, &below.template, scope)
            {
                return true;
            }
        }
        i += 1;
    }
    false
}

/// The first scope an entity's keys name that a handle for the other one may not have.
const fn unreached<'e>(
    table: &TableModel<'_>,
    entity: &'e EntityModel<'_>,
    by: &EntityModel<'_>,
) -> Option<&'e str> {
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i <= keys.len() {
        let key = if i == 0 {
            &entity.key
        } else {
            &keys[i - 1].key
        };
        let templates = [Some(&key.pk), key.sk.as_ref()];
        let mut t = 0;
        while t < templates.len() {
            if let Some(template) = templates[t] {
                let segments = slice(&template.segments);
                let mut s = 0;
                while s < segments.len() {
                    if let Some(part) = &segments[s].part
                        && part.modifier.is_of_scope()
                        && !reaches(table, by, text(&part.field))
                    {
                        return Some(text(&part.field));
                    }
                    s += 1;
                }
            }
            t += 1;
        }
        i += 1;
    }
    None
}

const fn kept_mistake(table: &TableModel<'_>, entity: &EntityModel<'_>) -> Option<Message> {
    let kept = slice(&entity.kept);
    let mut i = 0;
    while i < kept.len() {
        if find_entity(table, text(&kept[i].entity)).is_none() {
            return Some(
                Message::EMPTY
                    .say("KF0008: ")
                    .name(text(&entity.name))
                    .say(" keeps ")
                    .name(text(&kept[i].entity))
                    .say(" in step, which is not an entity of table ")
                    .name(text(&table.name))
                    .say(": add a field `Repo<")
                    .say(text(&kept[i].entity))
                    .say(">` to it"),
            );
        }
        if !slice(&table.scopes).is_empty()
            && let Some(kept) = find_entity(table, text(&kept[i].entity))
            && let Some(scope) = unreached(table, kept, entity)
        {
            return Some(
                outside(entity)
                    .say(" keeps ")
                    .name(text(&kept.name))
                    .say(" in step, which belongs to a ")
                    .say(scope)
                    .say(", and a handle for ")
                    .name(text(&entity.name))
                    .say(" may have none"),
            );
        }
        i += 1;
    }
    None
}

const fn field_mistake(
    table: &TableModel<'_>,
    entity: &EntityModel<'_>,
    field: &FieldModel<'_>,
) -> Option<Message> {
    let attribute = text(&field.attribute);
    if matches!(field.role, FieldRole::Ttl) && table.ttl.is_none() {
        return Some(
            Message::EMPTY
                .say("KF0009: ")
                .name(text(&entity.name))
                .say(" has a `#[ttl]` field, and the table declares no time-to-live attribute: add `ttl = \"ttl\"` to `#[table(..)]`"),
        );
    }
    if field.key_only {
        return None;
    }
    if let Some(reserved) = reserved_attribute(table, attribute)
        && !is_bare_key(entity, field)
    {
        return Some(
            Message::EMPTY
                .say("KF0006: field ")
                .name(text(&field.name))
                .say(" of ")
                .name(text(&entity.name))
                .say(" is stored as ")
                .name(attribute)
                .say(", which is ")
                .say(reserved)
                .say(": rename it, `#[serde(rename = \"..\")]`"),
        );
    }
    None
}

const fn reserved_attribute(table: &TableModel<'_>, attribute: &str) -> Option<&'static str> {
    if is_key_of(&table.pk, table.sk.as_ref(), attribute) {
        return Some("a key attribute of the table");
    }
    if let Some(tag) = &table.tag
        && same(text(tag), attribute)
    {
        return Some("the entity tag");
    }
    let indexes = slice(&table.indexes);
    let mut i = 0;
    while i < indexes.len() {
        if is_key_of(&indexes[i].pk, indexes[i].sk.as_ref(), attribute) {
            return Some("a key attribute of an index");
        }
        i += 1;
    }
    None
}

const fn is_key_of(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>, attribute: &str) -> bool {
    same(text(&pk.name), attribute)
        || match sk {
            Some(sk) => same(text(&sk.name), attribute),
            None => false,
        }
}

/// Whether the field is the key attribute itself, through a bare template in some key of the entity.
const fn is_bare_key(entity: &EntityModel<'_>, field: &FieldModel<'_>) -> bool {
    if key_is_bare(&entity.key, text(&field.name)) {
        return true;
    }
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        if key_is_bare(&keys[i].key, text(&field.name)) {
            return true;
        }
        i += 1;
    }
    false
}

const fn key_is_bare(key: &KeyModel<'_>, field: &str) -> bool {
    (key.pk.bare && same(text(&key.pk.text), field))
        || match &key.sk {
            Some(sk) => sk.bare && same(text(&sk.text), field),
            None => false,
        }
}

/// Whose key it is.
#[derive(Clone, Copy)]
enum Place<'a> {
    Table,
    Index(&'a str),
}

const fn key_mistake(
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
    pk: &KeyAttribute<'_>,
    sk: Option<&KeyAttribute<'_>>,
    place: Place<'_>,
) -> Option<Message> {
    if is_unread(key) {
        return None;
    }
    if sk.is_some() != key.sk.is_some() {
        let name = match place {
            Place::Table => "the table",
            Place::Index(id) => id,
        };
        let (has, lacks) = if sk.is_some() {
            (name, "this key")
        } else {
            ("this key", name)
        };
        return Some(
            Message::EMPTY
                .say("KF0010: ")
                .name(text(&entity.name))
                .say(": ")
                .say(has)
                .say(" has a sort key and ")
                .say(lacks)
                .say(" has none; both need one, or neither"),
        );
    }
    if let Some(message) = template_mistake(entity, &key.pk, pk, place) {
        return Some(message);
    }
    if let (Some(template), Some(attribute)) = (&key.sk, sk) {
        return template_mistake(entity, template, attribute, place);
    }
    None
}

const fn template_mistake(
    entity: &EntityModel<'_>,
    template: &Template<'_>,
    attribute: &KeyAttribute<'_>,
    place: Place<'_>,
) -> Option<Message> {
    let about = Message::EMPTY;
    if template.bare {
        let Some(field) = find_field(entity, text(&template.text)) else {
            return None;
        };
        if !same(text(&field.attribute), text(&attribute.name)) {
            return Some(
                about
                    .say("KF0011: the key ")
                    .name(text(&attribute.name))
                    .say(" of ")
                    .name(text(&entity.name))
                    .say(" is the bare field ")
                    .name(text(&field.name))
                    .say(", which is stored as ")
                    .name(text(&field.attribute))
                    .say(": the two names must be the same"),
            );
        }
    } else if !matches!(attribute.kind, AttributeType::S) {
        return Some(
            about
                .say("KF0011: the key ")
                .name(text(&attribute.name))
                .say(" is not of type S, and the template \"")
                .say(text(&template.text))
                .say("\" of ")
                .name(text(&entity.name))
                .say(" writes text: use a bare field"),
        );
    }
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < segments.len() {
        if let Some(part) = &segments[i].part {
            if !part.shape.allows(part.modifier) {
                return Some(
                    about
                        .say("KF0012: ")
                        .name(text(&part.field))
                        .say(" in \"")
                        .say(text(&template.text))
                        .say("\" of ")
                        .name(text(&entity.name))
                        .say(" cannot take this modifier: desc is for integers, dates and moments, a width for integers, lower and raw for text, year to hour for moments"),
                );
            }
            if part.optional && !segments[i].optional && matches!(place, Place::Table) {
                return Some(
                    about
                        .say("KF0013: ")
                        .name(text(&part.field))
                        .say(" of ")
                        .name(text(&entity.name))
                        .say(" may have no value, and every item needs its key"),
                );
            }
            if let Some(field) = find_field(entity, text(&part.field))
                && field.key_only
                && part.modifier.loses()
                && !has_whole(entity, text(&part.field))
            {
                return Some(
                    about
                        .say("KF0014: ")
                        .name(text(&part.field))
                        .say(" of ")
                        .name(text(&entity.name))
                        .say(" is written into the key alone, and \"")
                        .say(text(&template.text))
                        .say("\" keeps only a piece of it: drop `#[key_only]`"),
                );
            }
        }
        i += 1;
    }
    None
}

/// Whether the table key holds the whole value of a field.
const fn has_whole(entity: &EntityModel<'_>, field: &str) -> bool {
    template_has_whole(&entity.key.pk, field)
        || match &entity.key.sk {
            Some(sk) => template_has_whole(sk, field),
            None => false,
        }
}

const fn template_has_whole(template: &Template<'_>, field: &str) -> bool {
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < segments.len() {
        if let Some(part) = &segments[i].part
            && same(text(&part.field), field)
            && !part.modifier.loses()
        {
            return true;
        }
        i += 1;
    }
    false
}

/// What is wrong with an access pattern.
pub const fn pattern_mistake(
    table: &TableModel<'_>,
    pattern: &PatternModel<'_>,
) -> Option<Message> {
    let members = slice(&pattern.members);
    if members.is_empty() {
        return None;
    }
    let index = index_of(pattern);
    if let Some((_, index)) = index
        && find_index(table, index).is_none()
    {
        return Some(
            about(pattern)
                .say(" runs on ")
                .name(index)
                .say(", and the table declares no such index: add `index(")
                .say(index)
                .say(", ..)` to `#[table(..)]`"),
        );
    }
    let mut first: Option<(&EntityModel<'_>, &KeyModel<'_>)> = None;
    let mut places = Places::NONE;
    let mut i = 0;
    while i < members.len() {
        let Some(place) = place_of_entity(table, text(&members[i].entity)) else {
            return Some(
                about(pattern)
                    .say(" reads ")
                    .name(text(&members[i].entity))
                    .say(", which is not an entity of table ")
                    .name(text(&table.name)),
            );
        };
        let entity = &slice(&table.entities)[place];
        places = places.with(place);
        let Some(key) = find_key(entity, index) else {
            return Some(
                about(pattern)
                    .say(": ")
                    .name(text(&entity.name))
                    .say(" has no key in this index: add `#[index(..)]` to it"),
            );
        };
        if is_unread(key) {
            return None;
        }
        // What is skipped only lies there, whatever its fields are called.
        if !matches!(members[i].multiplicity, Multiplicity::Skipped)
            && let Some(message) = partition_mistake(pattern, entity, key)
        {
            return Some(message);
        }
        if matches!(pattern.kind, PatternKind::Collect) && key.pk.is_sharded() {
            return Some(
                about(pattern)
                    .say(" reads one partition, and those of ")
                    .name(text(&entity.name))
                    .say(" are sharded: ask for `Pages` of it"),
            );
        }
        match &first {
            None => first = Some((entity, key)),
            Some((first, own)) => {
                if matches!(pattern.kind, PatternKind::Collect)
                    && !overlap_in(slice(&table.scopes), &own.pk, &key.pk)
                {
                    return Some(
                        about(pattern)
                            .say(" gives ")
                            .name(text(&first.name))
                            .say(" and ")
                            .name(text(&entity.name))
                            .say(", which never share a partition: \"")
                            .say(text(&own.pk.text))
                            .say("\" and \"")
                            .say(text(&key.pk.text))
                            .say("\""),
                    );
                }
            }
        }
        i += 1;
    }
    let Some((first, key)) = first else {
        return None;
    };
    if matches!(pattern.kind, PatternKind::Pages)
        && let Some(message) = argument_mistake(pattern, first, key)
    {
        return Some(message);
    }
    neighbour(table, pattern, key, &places)
}

/// Where the members of a pattern stand among the entities of the table, as far as there is room.
struct Places {
    places: [usize; 16],
    len: usize,
}

impl Places {
    const NONE: Self = Self {
        places: [0; 16],
        len: 0,
    };

    const fn with(mut self, place: usize) -> Self {
        if self.len < self.places.len() {
            self.places[self.len] = place;
            self.len += 1;
        }
        self
    }

    const fn hold(&self, place: usize) -> bool {
        let mut i = 0;
        while i < self.len {
            if self.places[i] == place {
                return true;
            }
            i += 1;
        }
        false
    }
}

/// Every part of the partition key is asked for, exactly.
const fn partition_mistake(
    pattern: &PatternModel<'_>,
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
) -> Option<Message> {
    if matches!(pattern.kind, PatternKind::Collect) {
        return collect_mistake(pattern, entity, key);
    }
    let segments = slice(&key.pk.segments);
    let mut i = 0;
    while i < segments.len() {
        if let Some(part) = &segments[i].part
            && !part.modifier.is_placed()
        {
            match find_argument(pattern, text(&part.field)) {
                Some(argument) if matches!(argument.range, RangeUse::Equal) => {}
                Some(_) => {
                    return Some(
                        about(pattern)
                            .say(" asks for a range of ")
                            .name(text(&part.field))
                            .say(", which is in the partition key \"")
                            .say(text(&key.pk.text))
                            .say("\" of ")
                            .name(text(&entity.name))
                            .say(": a query reads one partition, so ask for the exact value"),
                    );
                }
                None => {
                    return Some(
                        about(pattern)
                            .say(" does not ask for ")
                            .name(text(&part.field))
                            .say(", which the partition key \"")
                            .say(text(&key.pk.text))
                            .say("\" of ")
                            .name(text(&entity.name))
                            .say(" needs: add an argument `")
                            .say(text(&part.field))
                            .say(": &..`"),
                    );
                }
            }
        }
        i += 1;
    }
    None
}

/// A collection is asked for by the parts of its partition key, in their order: its members name
/// them differently.
const fn collect_mistake(
    pattern: &PatternModel<'_>,
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
) -> Option<Message> {
    let segments = slice(&key.pk.segments);
    let (mut parts, mut i) = (0, 0);
    while i < segments.len() {
        if let Some(part) = &segments[i].part
            && !part.modifier.is_placed()
        {
            parts += 1;
        }
        i += 1;
    }
    if parts == slice(&pattern.arguments).len() {
        return None;
    }
    Some(
        about(pattern)
            .say(" must ask for each part of the partition key \"")
            .say(text(&key.pk.text))
            .say("\" of ")
            .name(text(&entity.name))
            .say(", in their order, and for nothing else"),
    )
}

/// Sort key parts are asked from the left, and at most the last of them by a range.
const fn argument_mistake(
    pattern: &PatternModel<'_>,
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
) -> Option<Message> {
    let arguments = slice(&pattern.arguments);
    let mut i = 0;
    while i < arguments.len() {
        let field = text(&arguments[i].field);
        let in_partition = place_of(&key.pk, field).is_some();
        let in_sort = match &key.sk {
            Some(sk) => place_of(sk, field),
            None => None,
        };
        if !in_partition {
            let (Some(sk), Some(place)) = (&key.sk, in_sort) else {
                return Some(
                    about(pattern)
                        .say(" asks for ")
                        .name(field)
                        .say(", which is not in the key of ")
                        .name(text(&entity.name))
                        .say(": pk \"")
                        .say(text(&key.pk.text))
                        .say("\""),
                );
            };
            if let Some(skipped) = skipped_before(pattern, sk, place) {
                return Some(
                    about(pattern)
                        .say(" asks for ")
                        .name(field)
                        .say(" and not for ")
                        .name(skipped)
                        .say(", which stands before it in \"")
                        .say(text(&sk.text))
                        .say("\": parts are asked from the left, and a range comes last"),
                );
            }
            let segments = slice(&sk.segments);
            if let Some(part) = &segments[place].part
                && matches!(part.modifier, Modifier::Raw)
                && raw_is_no_bound(pattern, segments, place, arguments[i].range)
            {
                return Some(
                    about(pattern)
                        .say(" asks for ")
                        .name(field)
                        .say(", and \"")
                        .say(text(&sk.text))
                        .say("\" goes on after it: raw text may hold what sorts before `#`, so that its keys do not lie together; drop `:raw`, or put it last"),
                );
            }
            if let Some(part) = &segments[place].part
                && !matches!(arguments[i].range, RangeUse::Equal)
            {
                if part.optional
                    || (!part.shape.ordered
                        && !matches!(part.modifier, Modifier::Pad(_) | Modifier::Desc))
                {
                    return Some(
                        about(pattern).say(" asks for a range of ").name(field).say(
                            ", whose texts do not sort as its values do (enums, bool, Option)",
                        ),
                    );
                }
                if matches!(arguments[i].range, RangeUse::Begins)
                    && !matches!(part.shape.kind, crate::shape::Kind::Text)
                {
                    return Some(
                        about(pattern)
                            .say(" asks what ")
                            .name(field)
                            .say(" begins with, and it is no text"),
                    );
                }
            }
        }
        i += 1;
    }
    None
}

/// Whether a range ends, or a tail is left open, at raw text with something under it.
const fn raw_is_no_bound(
    pattern: &PatternModel<'_>,
    segments: &[Segment<'_>],
    place: usize,
    range: RangeUse,
) -> bool {
    match range {
        RangeUse::Equal => tail_is_open(pattern, segments, place + 1),
        RangeUse::From | RangeUse::To | RangeUse::Between => place + 1 < segments.len(),
        RangeUse::Begins => false,
    }
}

const fn place_of(template: &Template<'_>, field: &str) -> Option<usize> {
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < segments.len() {
        if let Some(part) = &segments[i].part
            && !part.modifier.is_placed()
            && same(text(&part.field), field)
        {
            return Some(i);
        }
        i += 1;
    }
    None
}

const fn skipped_before<'t>(
    pattern: &PatternModel<'_>,
    template: &'t Template<'_>,
    place: usize,
) -> Option<&'t str> {
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < place {
        if let Some(part) = &segments[i].part
            && !part.modifier.is_placed()
        {
            match find_argument(pattern, text(&part.field)) {
                Some(argument) if matches!(argument.range, RangeUse::Equal) => {}
                _ => return Some(text(&part.field)),
            }
        }
        i += 1;
    }
    None
}

/// An entity that lies in what the pattern reads and is not among its members.
const fn neighbour(
    table: &TableModel<'_>,
    pattern: &PatternModel<'_>,
    key: &KeyModel<'_>,
    members: &Places,
) -> Option<Message> {
    let entities = slice(&table.entities);
    let index = index_of(pattern);
    // Not looked for before there is somebody to ask about.
    let mut range = None;
    let mut i = 0;
    while i < entities.len() {
        let entity = &entities[i];
        // Written out: the interpreter takes longer for a call than for all else here.
        let (head, own_head) = (entity.key.pk.head, key.pk.head);
        let is_apart = match index {
            None => head != own_head && head != 0 && own_head != 0,
            Some(_) => slice(&entity.indexes).is_empty(),
        };
        if is_apart || members.hold(i) {
            i += 1;
            continue;
        }
        if let Some(other) = find_key_where(entity, index, slice(&table.scopes), pattern, key)
            && !is_member(pattern, text(&entity.name))
        {
            if range.is_none() && matches!(pattern.kind, PatternKind::Collect) {
                range = collection_range(table, pattern);
            }
            if lies_in_asked(pattern, key, range.as_ref(), other) {
                return Some(also_reads(pattern, entity, other));
            }
        }
        i += 1;
    }
    None
}

/// [`find_key`], if it shares a partition with what the pattern reads: that is the shorter question.
const fn find_key_where<'e, 'a>(
    entity: &'e EntityModel<'a>,
    index: InIndex<'_>,
    scopes: &[ScopeModel<'_>],
    pattern: &PatternModel<'_>,
    key: &KeyModel<'_>,
) -> Option<&'e KeyModel<'a>> {
    let Some((hash, id)) = index else {
        return if shares_partition(scopes, pattern, key, &entity.key) {
            Some(&entity.key)
        } else {
            None
        };
    };
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        if keys[i].hash == hash
            && shares_partition(scopes, pattern, key, &keys[i].key)
            && same(text(&keys[i].index), id)
        {
            return Some(&keys[i].key);
        }
        i += 1;
    }
    None
}

const fn also_reads(
    pattern: &PatternModel<'_>,
    entity: &EntityModel<'_>,
    key: &KeyModel<'_>,
) -> Message {
    let message = about(pattern)
        .say(" also reads ")
        .name(text(&entity.name))
        .say(" items");
    let message = match &key.sk {
        Some(sk) => message.say(" (").say(text(&sk.text)).say(")"),
        None => message,
    };
    let message = match pattern.kind {
        PatternKind::Pages => message.say(": give it a prefix of its own"),
        PatternKind::Collect => message.say(": make it a member"),
    };
    message
        .say(", or accept the cost with `#[skip(")
        .say(text(&entity.name))
        .say(")]`")
}

/// Whether the other key can be in a partition that the pattern reads, as far as that is to be seen
/// at once.
const fn shares_partition(
    scopes: &[ScopeModel<'_>],
    pattern: &PatternModel<'_>,
    key: &KeyModel<'_>,
    other: &KeyModel<'_>,
) -> bool {
    // Sort keys that begin with different literal text share no range of one entity's parts.
    if let (Some(sk), Some(other_sk)) = (&key.sk, &other.sk)
        && matches!(pattern.kind, PatternKind::Pages)
        && sk.head != other_sk.head
        && sk.head != 0
        && other_sk.head != 0
    {
        return false;
    }
    overlap_in(scopes, &key.pk, &other.pk) && !is_unread(other)
}

/// Whether its sort key can lie in what the pattern reads.
const fn lies_in_asked(
    pattern: &PatternModel<'_>,
    key: &KeyModel<'_>,
    range: Option<&Range<'_, '_>>,
    other: &KeyModel<'_>,
) -> bool {
    match (&key.sk, &other.sk) {
        (Some(sk), Some(other_sk)) => match (pattern.kind, range) {
            (PatternKind::Pages, _) => in_asked_range(pattern, sk, other_sk),
            (PatternKind::Collect, Some(range)) => lies_in(range, other_sk),
            (PatternKind::Collect, None) => false,
        },
        _ => true,
    }
}

/// Whether another entity's sort key can lie in the range that the arguments leave open.
const fn in_asked_range(
    pattern: &PatternModel<'_>,
    own: &Template<'_>,
    other: &Template<'_>,
) -> bool {
    if own.bare || other.bare {
        return true;
    }
    let (own, other) = (slice(&own.segments), slice(&other.segments));
    let mut i = 0;
    while i < own.len() {
        let asked = match &own[i].part {
            None => true,
            Some(part) if part.modifier.is_placed() => true,
            Some(part) => match find_argument(pattern, text(&part.field)) {
                Some(argument) => matches!(argument.range, RangeUse::Equal),
                None => false,
            },
        };
        if !asked {
            if own[i].optional {
                return other.len() >= i;
            }
            return other.len() > i && can_start_with(&other[i], text(&own[i].literal));
        }
        if i >= other.len() {
            return false;
        }
        if !segments_overlap(&own[i], &other[i]) {
            return tail_is_open(pattern, own, i + 1) && raw_can_follow(&own[i], &other[i]);
        }
        i += 1;
    }
    required(other) <= own.len() && own.len() <= other.len()
}

/// Whether the segment at this place is a tail that is not asked for.
const fn tail_is_open(pattern: &PatternModel<'_>, own: &[Segment<'_>], place: usize) -> bool {
    if place >= own.len() || !own[place].optional {
        return false;
    }
    match &own[place].part {
        Some(part) => find_argument(pattern, text(&part.field)).is_none(),
        None => false,
    }
}

/// Whether raw text can make a segment that sorts between another and its `$`: `META!`.
const fn raw_can_follow(own: &Segment<'_>, other: &Segment<'_>) -> bool {
    let (a, b) = (
        text(&own.literal).as_bytes(),
        text(&other.literal).as_bytes(),
    );
    match &other.part {
        Some(part) if matches!(part.modifier, Modifier::Raw) => {
            starts_with_from(a, b, 0) || starts_with_from(b, a, 0)
        }
        _ => false,
    }
}

const fn can_start_with(segment: &Segment<'_>, literal: &str) -> bool {
    let own = text(&segment.literal).as_bytes();
    starts_with_from(own, literal.as_bytes(), 0)
        || (segment.part.is_some() && starts_with_from(literal.as_bytes(), own, 0))
}

/// The literal text a template starts with.
#[derive(Clone, Copy)]
struct Lead {
    bytes: [u8; 256],
    len: usize,
    end: End,
}

/// What can follow it.
#[derive(Clone, Copy)]
enum End {
    /// Nothing: it is the whole key.
    Closed,
    /// Nothing, or a `#` and a value.
    Tail,
    /// A value, or more than there is room for.
    Open,
}

const fn lead(template: &Template<'_>) -> Lead {
    let mut lead = Lead {
        bytes: [0; 256],
        len: 0,
        end: End::Closed,
    };
    let segments = slice(&template.segments);
    let mut i = 0;
    while i < segments.len() && matches!(lead.end, End::Closed) {
        if segments[i].optional {
            lead.end = End::Tail;
            break;
        }
        if i > 0 {
            lead = push(lead, b'#');
        }
        let literal = text(&segments[i].literal).as_bytes();
        let mut j = 0;
        while j < literal.len() {
            lead = push(lead, literal[j]);
            j += 1;
        }
        if segments[i].part.is_some() {
            lead.end = End::Open;
        }
        i += 1;
    }
    lead
}

const fn push(mut lead: Lead, byte: u8) -> Lead {
    if lead.len < lead.bytes.len() {
        lead.bytes[lead.len] = byte;
        lead.len += 1;
    } else {
        lead.end = End::Open;
    }
    lead
}

/// The last text of a lead, or one past all of them; none where there is no such text.
const fn upper(mut lead: Lead) -> Option<Lead> {
    match lead.end {
        End::Closed => return Some(lead),
        End::Tail if lead.len < lead.bytes.len() => return Some(push(lead, b'$')),
        End::Tail | End::Open => {}
    }
    // The byte after a character of more than one byte is no text: here, any byte past it will do.
    while lead.len > 0 && lead.bytes[lead.len - 1] & 0xC0 == 0x80 {
        lead.len -= 1;
    }
    if lead.len == 0 {
        return None;
    }
    let last = &mut lead.bytes[lead.len - 1];
    *last = if *last < 0x7F { *last + 1 } else { 0xFF };
    Some(lead)
}

/// The range of sort keys that holds all members of a collection; the same range as
/// [`crate::ranges::collection_range`].
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and nothing is boxed while compiling"
)]
enum Range<'t, 'a> {
    /// One key.
    Key(&'t Template<'a>),
    /// What begins with so much of this lead.
    Prefix(Lead, usize),
    /// From the one to the other; nothing where some member has no last text.
    Between(Lead, Option<Lead>),
}

const fn collection_range<'t, 'a>(
    table: &'t TableModel<'a>,
    pattern: &PatternModel<'_>,
) -> Option<Range<'t, 'a>> {
    let members = slice(&pattern.members);
    let mut first: Option<(&Template<'_>, Lead)> = None;
    let mut low: Option<Lead> = None;
    let mut high: Option<Lead> = None;
    let (mut bounded, mut same_lead) = (true, true);
    let mut shared = usize::MAX;
    let index = index_of(pattern);
    let mut i = 0;
    while i < members.len() {
        if !matches!(members[i].multiplicity, Multiplicity::Skipped)
            && let Some(entity) = find_entity(table, text(&members[i].entity))
            && let Some(key) = find_key(entity, index)
            && let Some(sk) = &key.sk
        {
            let own = lead(sk);
            match &first {
                None => {
                    first = Some((sk, own));
                    shared = own.len;
                }
                Some((_, first)) => {
                    let common = common_len(first, &own);
                    shared = if common < shared { common } else { shared };
                    same_lead &= compare(first, &own) == 0 && first.end as u8 == own.end as u8;
                }
            }
            low = match low {
                Some(low) if compare(&low, &own) <= 0 => Some(low),
                _ => Some(own),
            };
            match upper(own) {
                None => bounded = false,
                Some(own) => {
                    high = match high {
                        Some(high) if compare(&high, &own) >= 0 => Some(high),
                        _ => Some(own),
                    };
                }
            }
        }
        i += 1;
    }
    let (Some((template, first)), Some(low)) = (first, low) else {
        return None;
    };
    if same_lead && matches!(first.end, End::Closed) {
        return Some(Range::Key(template));
    }
    // What begins with the literal all members have, or with the segments they share.
    let mut prefix = shared;
    if same_lead {
        prefix = if matches!(first.end, End::Open) {
            first.len
        } else {
            0
        };
    } else {
        while prefix > 0 && low.bytes[prefix - 1] != b'#' {
            prefix -= 1;
        }
    }
    Some(if prefix > 0 {
        Range::Prefix(low, prefix)
    } else if bounded {
        Range::Between(low, high)
    } else {
        Range::Between(low, None)
    })
}

/// Whether an entity's sort keys can lie in the range.
const fn lies_in(range: &Range<'_, '_>, template: &Template<'_>) -> bool {
    if let Range::Key(key) = range {
        return overlap(key, template);
    }
    let own = lead(template);
    let can_go_on = !matches!(own.end, End::Closed);
    match range {
        Range::Key(_) => false,
        Range::Prefix(low, prefix) => {
            let common = common_len(low, &own);
            common >= *prefix || (can_go_on && common == own.len)
        }
        Range::Between(low, high) => {
            let from_low =
                compare(&own, low) >= 0 || (can_go_on && common_len(low, &own) == own.len);
            let to_high = match high {
                Some(high) => {
                    let order = compare(&own, high);
                    // A value makes the key longer than its lead.
                    order < 0 || (order == 0 && !matches!(own.end, End::Open))
                }
                None => true,
            };
            from_low && to_high
        }
    }
}

const fn common_len(a: &Lead, b: &Lead) -> usize {
    let mut i = 0;
    while i < a.len && i < b.len && a.bytes[i] == b.bytes[i] {
        i += 1;
    }
    i
}

/// Below, at or above 0 as `a` sorts before, with or after `b`.
const fn compare(a: &Lead, b: &Lead) -> i8 {
    let i = common_len(a, b);
    if i < a.len && i < b.len {
        if a.bytes[i] < b.bytes[i] { -1 } else { 1 }
    } else if a.len == b.len {
        0
    } else if a.len < b.len {
        -1
    } else {
        1
    }
}

const fn about(pattern: &PatternModel<'_>) -> Message {
    Message::EMPTY
        .say("KF0003: pattern ")
        .name(text(&pattern.id))
}

const fn is_member(pattern: &PatternModel<'_>, entity: &str) -> bool {
    let members = slice(&pattern.members);
    let mut i = 0;
    while i < members.len() {
        if same(text(&members[i].entity), entity) {
            return true;
        }
        i += 1;
    }
    false
}

const fn find_argument<'p, 'a>(
    pattern: &'p PatternModel<'a>,
    field: &str,
) -> Option<&'p PatternArgument<'a>> {
    let arguments = slice(&pattern.arguments);
    let mut i = 0;
    while i < arguments.len() {
        if same(text(&arguments[i].field), field) {
            return Some(&arguments[i]);
        }
        i += 1;
    }
    None
}

const fn find_entity<'t, 'a>(table: &'t TableModel<'a>, name: &str) -> Option<&'t EntityModel<'a>> {
    match place_of_entity(table, name) {
        Some(place) => Some(&slice(&table.entities)[place]),
        None => None,
    }
}

const fn place_of_entity(table: &TableModel<'_>, name: &str) -> Option<usize> {
    let entities = slice(&table.entities);
    let hash = literal_hash(name);
    let mut i = 0;
    while i < entities.len() {
        if entities[i].hash == hash && same(text(&entities[i].name), name) {
            return Some(i);
        }
        i += 1;
    }
    None
}

const fn find_index<'t, 'a>(table: &'t TableModel<'a>, id: &str) -> Option<&'t IndexModel<'a>> {
    let indexes = slice(&table.indexes);
    let mut i = 0;
    while i < indexes.len() {
        if same(text(&indexes[i].id), id) {
            return Some(&indexes[i]);
        }
        i += 1;
    }
    None
}

const fn find_field<'e, 'a>(entity: &'e EntityModel<'a>, name: &str) -> Option<&'e FieldModel<'a>> {
    let fields = slice(&entity.fields);
    let mut i = 0;
    while i < fields.len() {
        if same(text(&fields[i].name), name) {
            return Some(&fields[i]);
        }
        i += 1;
    }
    None
}

/// Which index, by its hash and its id; nothing for the table.
type InIndex<'p> = Option<(u32, &'p str)>;

const fn index_of<'p>(pattern: &'p PatternModel<'_>) -> InIndex<'p> {
    match &pattern.index {
        Some(index) => Some((literal_hash(text(index)), text(index))),
        None => None,
    }
}

/// The key of an entity in the table, or in an index.
const fn find_key<'e, 'a>(
    entity: &'e EntityModel<'a>,
    index: InIndex<'_>,
) -> Option<&'e KeyModel<'a>> {
    let Some((hash, id)) = index else {
        return Some(&entity.key);
    };
    let keys = slice(&entity.indexes);
    let mut i = 0;
    while i < keys.len() {
        if keys[i].hash == hash && same(text(&keys[i].index), id) {
            return Some(&keys[i].key);
        }
        i += 1;
    }
    None
}

/// Names of one length mostly differ at their last byte, and the interpreter takes its time for each.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let len = a.len();
    len == b.len() && (len == 0 || a[len - 1] == b[len - 1]) && same_from(a, 0, b, 0)
}

/// Whether an index holds every attribute, so that whole entities can be read from it.
pub const fn holds_all(index: &IndexModel<'_>) -> bool {
    matches!(index.projection, Projection::All)
}
