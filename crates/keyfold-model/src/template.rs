//! Key templates: `PRODUCT#{id}`.
//!
//! Segments are separated by `#`. A segment is literal text with at most one part, and the part
//! stands last in it. A sort key may end in an optional tail, `[#{suffix}]`. A template that is a
//! bare field name makes that field's own attribute the key.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::ScopeModel;
use crate::part::{KeyError, PartError, PartText};
use crate::shape::{Kind, Modifier, Shape, Texts, same_from, slice, starts_with_from, text};

/// A key template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TemplateData<'a>")]
pub struct Template<'a> {
    /// As it was written.
    pub text: Cow<'a, str>,
    /// Whether the key is the attribute of one field, as serde writes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
    /// See [`Template::head_of`]; comparing it first keeps the checks cheap while compiling.
    #[serde(skip_serializing)]
    pub head: u32,
    /// What stands between the `#`s.
    pub segments: Cow<'a, [Segment<'a>]>,
}

#[derive(Deserialize)]
struct TemplateData<'a> {
    text: Cow<'a, str>,
    #[serde(default)]
    bare: bool,
    segments: Vec<Segment<'a>>,
}

impl<'a> From<TemplateData<'a>> for Template<'a> {
    fn from(data: TemplateData<'a>) -> Self {
        Template {
            text: data.text,
            bare: data.bare,
            head: Template::head_of(data.bare, &data.segments),
            segments: Cow::Owned(data.segments),
        }
    }
}

/// What stands between two `#`s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SegmentData<'_>", bound(deserialize = ""))]
pub struct Segment<'a> {
    /// Text that is always there.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub literal: Cow<'a, str>,
    /// Of the literal; comparing hashes first keeps the overlap check cheap while compiling.
    #[serde(skip_serializing)]
    pub hash: u32,
    /// The value after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part<'a>>,
    /// Whether the whole segment is left out when the part has no value: `[#{suffix}]`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

#[derive(Deserialize)]
struct SegmentData<'a> {
    #[serde(default)]
    literal: Cow<'a, str>,
    #[serde(default)]
    part: Option<Part<'a>>,
    #[serde(default)]
    optional: bool,
}

impl<'a> From<SegmentData<'a>> for Segment<'_> {
    fn from(data: SegmentData<'a>) -> Self {
        Segment {
            hash: literal_hash(&data.literal),
            literal: Cow::Owned(data.literal.into_owned()),
            part: data.part.map(Part::into_owned),
            optional: data.optional,
        }
    }
}

/// A value in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<'a> {
    /// The field it comes from.
    pub field: Cow<'a, str>,
    /// The field's place in [`crate::EntityModel::fields`].
    #[serde(skip, default = "no_field")]
    pub field_index: u16,
    /// How it is written.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub modifier: Modifier,
    /// What its text can be.
    pub shape: Shape<'a>,
    /// Whether the field may have no value; ranges then have no meaning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_plain(modifier: &Modifier) -> bool {
    *modifier == Modifier::None
}

/// Places follow from the entity's fields.
const fn no_field() -> u16 {
    Part::NO_FIELD
}

impl Part<'_> {
    /// The place of what is no field.
    pub const NO_FIELD: u16 = u16::MAX;

    fn into_owned<'o>(self) -> Part<'o> {
        use crate::shape::Form;
        let form = match self.shape.form {
            Form::Any => Form::Any,
            Form::Digits(width) => Form::Digits(width),
            Form::Pattern(pattern) => Form::Pattern(Cow::Owned(pattern.into_owned())),
            Form::OneOf(texts) => Form::OneOf(
                texts
                    .iter()
                    .map(|text| Cow::Owned(text.clone().into_owned()))
                    .collect(),
            ),
        };
        Part {
            field: Cow::Owned(self.field.into_owned()),
            field_index: self.field_index,
            modifier: self.modifier,
            shape: Shape {
                form,
                ordered: self.shape.ordered,
                kind: self.shape.kind,
            },
            optional: self.optional,
        }
    }

    pub(crate) const fn texts(&self) -> Texts<'_> {
        Texts::of(&self.shape, self.modifier)
    }
}

/// Where a template's values come from.
pub trait Parts {
    /// Writes the field with this place; `false` if it has no value.
    fn write(&self, field_index: u16, out: &mut PartText<'_>) -> Result<bool, PartError>;

    /// Writes what is no field: a scope, or the number of a shard.
    ///
    /// # Errors
    /// Where it is not known here; by default nothing is.
    fn place(&self, part: &Part<'_>, entity: &str, _out: &mut String) -> Result<(), KeyError> {
        Err(KeyError::NoScope {
            entity: entity.to_owned(),
            scope: part.field.clone().into_owned(),
        })
    }
}

impl Template<'_> {
    /// The hash of the first segment, where it is literal text alone: two templates whose heads
    /// differ write no key alike. 0 where it is not.
    pub const fn head_of(bare: bool, segments: &[Segment<'_>]) -> u32 {
        match segments {
            [first, ..] if !bare && first.part.is_none() => first.hash,
            _ => 0,
        }
    }
}

impl<'a> Template<'a> {
    /// The key's text, or nothing where a value is absent and the item therefore is not in the
    /// index. `entity` and `attribute` are for messages; `bytes_max` is the key's limit.
    pub fn render(
        &self,
        parts: &dyn Parts,
        entity: &str,
        attribute: &str,
        bytes_max: usize,
    ) -> Result<Option<String>, KeyError> {
        let mut key = String::with_capacity(self.text.len() + 24);
        let (mut longest, mut longest_bytes) = ("", 0);
        for (at, segment) in self.segments.iter().enumerate() {
            let start = key.len();
            if at > 0 {
                key.push('#');
            }
            key.push_str(&segment.literal);
            let Some(part) = &segment.part else { continue };
            let before = key.len();
            if part.modifier.is_placed() {
                parts.place(part, entity, &mut key)?;
                continue;
            }
            let modifier = if self.bare {
                Modifier::Bare
            } else {
                part.modifier
            };
            let present = parts
                .write(part.field_index, &mut PartText::new(&mut key, modifier))
                .map_err(|source| KeyError::Part {
                    entity: entity.to_owned(),
                    part: part.field.clone().into_owned(),
                    source,
                })?;
            if !present && segment.optional {
                key.truncate(start);
            } else if !present {
                return Ok(None);
            }
            if key.len().saturating_sub(before) > longest_bytes {
                (longest, longest_bytes) = (&part.field, key.len() - before);
            }
        }
        if key.len() > bytes_max {
            return Err(KeyError::TooLong {
                entity: entity.to_owned(),
                attribute: attribute.to_owned(),
                template: self.text.clone().into_owned(),
                longest: longest.to_owned(),
                bytes: key.len(),
                bytes_max,
            });
        }
        Ok(Some(key))
    }

    /// The texts of the parts of a key that this template wrote, in order; an absent tail is
    /// `None`. Nothing if the key is not of this template.
    pub fn recognise<'k>(&self, key: &'k str) -> Option<Vec<(&Part<'a>, Option<&'k str>)>> {
        let mut found = Vec::new();
        if self.bare {
            let part = self.segments.first()?.part.as_ref()?;
            return (!key.is_empty()).then(|| vec![(part, Some(key))]);
        }
        let mut pieces = key.split('#');
        for segment in self.segments.iter() {
            let Some(piece) = pieces.next() else {
                if segment.optional {
                    if let Some(part) = &segment.part {
                        found.push((part, None));
                    }
                    continue;
                }
                return None;
            };
            let rest = piece.strip_prefix(&*segment.literal)?;
            match &segment.part {
                Some(part) if part.texts().accepts(rest.as_bytes(), 0) => {
                    found.push((part, Some(rest)));
                }
                None if rest.is_empty() => {}
                _ => return None,
            }
        }
        pieces.next().is_none().then_some(found)
    }

    /// Whether what is no field stands in it: a scope, or the number of a shard.
    pub fn is_placed(&self) -> bool {
        let parts = self
            .segments
            .iter()
            .filter_map(|segment| segment.part.as_ref());
        parts.into_iter().any(|part| part.modifier.is_placed())
    }

    /// Whether the number of a shard stands in it.
    pub const fn is_sharded(&self) -> bool {
        let segments = slice(&self.segments);
        let mut i = 0;
        while i < segments.len() {
            if let Some(part) = &segments[i].part
                && matches!(part.modifier, Modifier::Shard(_))
            {
                return true;
            }
            i += 1;
        }
        false
    }

    /// The template with scopes as what they are written as, so that keys of any tenant are recognised. A part
    /// that is a scope's identifier has the scope's name.
    pub fn with_scopes(&self, scopes: &[ScopeModel<'a>]) -> Cow<'_, Template<'a>> {
        let is_scoped = |segment: &Segment<'_>| {
            let part = segment.part.as_ref();
            part.is_some_and(|part| part.modifier.is_of_scope())
        };
        if !self.segments.iter().any(is_scoped) {
            return Cow::Borrowed(self);
        }
        let mut segments = Vec::with_capacity(self.segments.len() + 4);
        for segment in self.segments.iter() {
            let found = segment.part.as_ref().and_then(|part| {
                let scope = scopes.iter().find(|scope| scope.name == part.field)?;
                Some((part.modifier, scope))
            });
            match found {
                Some((Modifier::Scope, scope)) => {
                    let whole = scope.template.with_scopes(scopes);
                    segments.extend(whole.segments.iter().cloned());
                }
                Some((Modifier::ScopeId, scope)) => {
                    let mut segment = segment.clone();
                    segment.part = scope.own_part().cloned();
                    segments.push(segment);
                }
                _ => segments.push(segment.clone()),
            }
        }
        Cow::Owned(Template {
            text: self.text.clone(),
            bare: self.bare,
            head: Template::head_of(self.bare, &segments),
            segments: Cow::Owned(segments),
        })
    }

    /// The template with the text of what is no field in its place, so that ranges are of the handle's own.
    ///
    /// # Errors
    /// Where it is not known.
    pub fn with_places(
        &self,
        parts: &dyn Parts,
        entity: &str,
    ) -> Result<Cow<'_, Template<'a>>, KeyError> {
        if !self.is_placed() {
            return Ok(Cow::Borrowed(self));
        }
        let mut segments = self.segments.to_vec();
        for segment in &mut segments {
            if let Some(part) = segment.part.take_if(|part| part.modifier.is_placed()) {
                let mut literal = segment.literal.clone().into_owned();
                parts.place(&part, entity, &mut literal)?;
                segment.hash = literal_hash(&literal);
                segment.literal = Cow::Owned(literal);
            }
        }
        Ok(Cow::Owned(Template {
            text: self.text.clone(),
            bare: self.bare,
            head: Template::head_of(self.bare, &segments),
            segments: Cow::Owned(segments),
        }))
    }

    /// The fields it holds, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.segments
            .iter()
            .filter_map(|segment| segment.part.as_ref())
            .filter(|part| !part.modifier.is_placed())
            .map(|part| &*part.field)
    }

    /// The part made of a field.
    pub fn part(&self, field: &str) -> Option<&Part<'a>> {
        self.segments
            .iter()
            .filter_map(|segment| segment.part.as_ref())
            .find(|part| part.field == field && !part.modifier.is_placed())
    }
}

/// A template with its scopes written out, looked at while compiling, where nothing can be put together.
#[derive(Clone, Copy)]
struct Whole<'t, 'a, 's> {
    own: &'t [Segment<'a>],
    scopes: &'t [ScopeModel<'s>],
    /// The scope it begins with, and how many segments that is written as.
    scope: Option<(&'t ScopeModel<'s>, usize)>,
}

/// A segment of the template, or of its scope: the types are invariant, and their lifetimes differ.
#[derive(Clone, Copy)]
enum SegmentOf<'t, 'a, 's> {
    Own(&'t Segment<'a>),
    Scope(&'t Segment<'s>),
}

impl<'t, 'a, 's> Whole<'t, 'a, 's> {
    const fn of(own: &'t [Segment<'a>], scopes: &'t [ScopeModel<'s>]) -> Self {
        let scope = match leading_scope(own, scopes) {
            Some(scope) => Some((scope, scope_len(scope, scopes))),
            None => None,
        };
        Self { own, scopes, scope }
    }

    const fn len(&self) -> usize {
        match self.scope {
            Some((_, len)) => self.own.len() - 1 + len,
            None => self.own.len(),
        }
    }

    const fn at(&self, place: usize) -> SegmentOf<'t, 'a, 's> {
        match self.scope {
            Some((scope, len)) if place < len => {
                SegmentOf::Scope(scope_at(scope, self.scopes, place))
            }
            Some((_, len)) => SegmentOf::Own(&self.own[place + 1 - len]),
            None => SegmentOf::Own(&self.own[place]),
        }
    }
}

const fn scope_len(scope: &ScopeModel<'_>, scopes: &[ScopeModel<'_>]) -> usize {
    let own = slice(&scope.template.segments);
    match leading_scope(own, scopes) {
        Some(parent) => own.len() - 1 + scope_len(parent, scopes),
        None => own.len(),
    }
}

const fn scope_at<'t, 's>(
    scope: &'t ScopeModel<'s>,
    scopes: &'t [ScopeModel<'s>],
    place: usize,
) -> &'t Segment<'s> {
    let own = slice(&scope.template.segments);
    let Some(parent) = leading_scope(own, scopes) else {
        return &own[place];
    };
    let len = scope_len(parent, scopes);
    if place < len {
        scope_at(parent, scopes, place)
    } else {
        &own[place + 1 - len]
    }
}

#[expect(
    clippy::match_same_arms,
    reason = "the segments' types differ by a lifetime"
)]
const fn whole_segments_overlap(a: SegmentOf<'_, '_, '_>, b: SegmentOf<'_, '_, '_>) -> bool {
    match (a, b) {
        (SegmentOf::Own(a), SegmentOf::Own(b)) => segments_overlap(a, b),
        (SegmentOf::Own(a), SegmentOf::Scope(b)) => segments_overlap(a, b),
        (SegmentOf::Scope(a), SegmentOf::Own(b)) => segments_overlap(a, b),
        (SegmentOf::Scope(a), SegmentOf::Scope(b)) => segments_overlap(a, b),
    }
}

/// The declared scope that a template begins with.
pub(crate) const fn leading_scope<'s, 'a>(
    segments: &[Segment<'_>],
    scopes: &'s [ScopeModel<'a>],
) -> Option<&'s ScopeModel<'a>> {
    let [first, ..] = segments else { return None };
    let Some(part) = &first.part else { return None };
    if !matches!(part.modifier, Modifier::Scope) {
        return None;
    }
    let mut i = 0;
    while i < scopes.len() {
        let (name, own) = (
            text(&scopes[i].name).as_bytes(),
            text(&part.field).as_bytes(),
        );
        if same_from(name, 0, own, 0) {
            return Some(&scopes[i]);
        }
        i += 1;
    }
    None
}

/// Whether two partition keys can be the same text, scopes being what they are written as.
pub(crate) const fn overlap_in(
    scopes: &[ScopeModel<'_>],
    a: &Template<'_>,
    b: &Template<'_>,
) -> bool {
    if scopes.is_empty() {
        return overlap(a, b);
    }
    let wa = Whole::of(slice(&a.segments), scopes);
    let wb = Whole::of(slice(&b.segments), scopes);
    if wa.scope.is_none() && wb.scope.is_none() || a.bare || b.bare {
        return overlap(a, b);
    }
    // Partition keys have no optional tail.
    if wa.len() != wb.len() {
        return false;
    }
    let mut i = wa.len();
    // From the end: what they begin with is mostly the same.
    while i > 0 {
        i -= 1;
        if !whole_segments_overlap(wa.at(i), wb.at(i)) {
            return false;
        }
    }
    true
}

/// Whether two templates can write the same text.
pub(crate) const fn overlap(a: &Template<'_>, b: &Template<'_>) -> bool {
    if a.head != b.head && a.head != 0 && b.head != 0 {
        return false;
    }
    if a.bare || b.bare {
        return bare_overlap(a, b);
    }
    let (sa, sb) = (slice(&a.segments), slice(&b.segments));
    let (min_a, min_b) = (required(sa), required(sb));
    // Both lengths a template can have, with and without its tail.
    let mut len = if min_a > min_b { min_a } else { min_b };
    while len <= sa.len() && len <= sb.len() {
        let mut i = 0;
        while i < len && segments_overlap(&sa[i], &sb[i]) {
            i += 1;
        }
        if i == len {
            return true;
        }
        len += 1;
    }
    false
}

pub(crate) const fn required(segments: &[Segment<'_>]) -> usize {
    let len = segments.len();
    if len > 0 && segments[len - 1].optional {
        len - 1
    } else {
        len
    }
}

/// A bare key is whatever the attribute holds: only a fixed form keeps it apart.
const fn bare_overlap(a: &Template<'_>, b: &Template<'_>) -> bool {
    if a.bare {
        bare_meets(a, b)
    } else {
        bare_meets(b, a)
    }
}

const fn bare_meets(bare: &Template<'_>, other: &Template<'_>) -> bool {
    let [own, ..] = slice(&bare.segments) else {
        return true;
    };
    let Some(part) = &own.part else {
        return true;
    };
    // A number stands in its attribute without zeros: its texts have no width.
    let number = matches!(part.shape.kind, Kind::Integer) && other.bare;
    if matches!(part.texts(), Texts::Any) || number {
        return true;
    }
    let segments = slice(&other.segments);
    // No fixed form holds a `#`.
    required(segments) == 1 && segments_overlap(own, &segments[0])
}

pub(crate) const fn segments_overlap(a: &Segment<'_>, b: &Segment<'_>) -> bool {
    let (la, lb) = (text(&a.literal).as_bytes(), text(&b.literal).as_bytes());
    if a.hash != b.hash && la.len() == lb.len() {
        return false;
    }
    match (&a.part, &b.part) {
        (None, None) => same_from(la, 0, lb, 0),
        (None, Some(part)) => starts_with_from(la, lb, 0) && part.texts().accepts(la, lb.len()),
        (Some(part), None) => starts_with_from(lb, la, 0) && part.texts().accepts(lb, la.len()),
        (Some(pa), Some(pb)) => {
            if starts_with_from(la, lb, 0) {
                pb.texts().meets(la, lb.len(), pa.texts())
            } else if starts_with_from(lb, la, 0) {
                pa.texts().meets(lb, la.len(), pb.texts())
            } else {
                false
            }
        }
    }
}

/// FNV-1a.
pub const fn literal_hash(literal: &str) -> u32 {
    let bytes = literal.as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

/// A template as the derive reads it, before the parts have types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedTemplate {
    /// Its segments.
    pub segments: Vec<ParsedSegment>,
}

/// A segment before its part has a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedSegment {
    /// Text that is always there.
    pub literal: String,
    /// Field name, modifier, and where the name stands in the template.
    pub part: Option<(String, Modifier, Range<usize>)>,
    /// Whether it is a tail that may be absent.
    pub optional: bool,
}

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("KF0001: {message}")]
pub struct TemplateError {
    /// What, and what to write instead.
    pub message: String,
    /// The bytes of the template it is about.
    pub at: Range<usize>,
}

impl ParsedTemplate {
    /// Reads a template.
    ///
    /// ```
    /// use keyfold_model::ParsedTemplate;
    /// let sk = ParsedTemplate::parse("EVENT#{at}#{kind}[#{suffix}]")?;
    /// assert_eq!(sk.segments.len(), 4);
    /// assert!(sk.segments[3].optional);
    /// assert!(ParsedTemplate::parse("A#{b}-{c}").is_err(), "one part in a segment, and it is last");
    /// # Ok::<(), keyfold_model::TemplateError>(())
    /// ```
    pub fn parse(template: &str) -> Result<Self, TemplateError> {
        let fail = |message: String, at: Range<usize>| Err(TemplateError { message, at });
        if template.is_empty() {
            return fail("a key template is not empty".into(), 0..0);
        }
        let (body, tail) = match template.find('[') {
            Some(open) => {
                let Some(tail) = template[open..]
                    .strip_prefix("[#")
                    .and_then(|t| t.strip_suffix(']'))
                else {
                    return fail(
                        "an optional tail is written `[#{field}]`, at the end of the template"
                            .into(),
                        open..template.len(),
                    );
                };
                (&template[..open], Some((open + 2, tail)))
            }
            None => (template, None),
        };
        let mut segments = Vec::new();
        let mut at = 0;
        for piece in body.split('#') {
            segments.push(ParsedSegment::parse(piece, at, template)?);
            at += piece.len() + 1;
        }
        if let Some((start, tail)) = tail {
            let mut segment = ParsedSegment::parse(tail, start, template)?;
            if segment.part.is_none() || tail.contains('#') {
                return fail(
                    "an optional tail holds one part: `[#{field}]`".into(),
                    start..template.len(),
                );
            }
            segment.optional = true;
            segments.push(segment);
        }
        Ok(Self { segments })
    }
}

impl ParsedSegment {
    fn parse(piece: &str, at: usize, template: &str) -> Result<Self, TemplateError> {
        let whole = at..at + piece.len();
        let fail = |message: String| {
            Err(TemplateError {
                message,
                at: whole.clone(),
            })
        };
        if piece.is_empty() {
            return fail("a segment between two `#` is not empty".to_owned());
        }
        let Some(open) = piece.find('{') else {
            check_literal(piece, &whole)?;
            return Ok(Self {
                literal: piece.to_owned(),
                part: None,
                optional: false,
            });
        };
        check_literal(&piece[..open], &whole)?;
        let Some(close) = piece.find('}') else {
            return fail(format!("`{{` without `}}` in \"{template}\""));
        };
        if close + 1 != piece.len() {
            return fail(format!(
                "`{piece}`: a segment holds one part, and the part is last; separate parts by `#`, or make one part of them: \
                 `#[derive(KeyPart)] #[part(\"{{a}}-{{b}}\")] struct …`"
            ));
        }
        let inner = &piece[open + 1..close];
        let (name, modifier) = match inner.split_once(':') {
            Some((name, modifier)) => (name, parse_modifier(modifier).ok_or_else(|| TemplateError {
                message: format!(
                    "no modifier `{modifier}`; there are desc, lower, raw, a width such as 06, year, month, day, hour, and id of a scope"
                ),
                at: whole.clone(),
            })?),
            None => (inner, Modifier::None),
        };
        let is_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if !is_name {
            return fail(format!("`{{{inner}}}` is no field name"));
        }
        let start = at + open + 1;
        Ok(Self {
            literal: piece[..open].to_owned(),
            part: Some((name.to_owned(), modifier, start..start + name.len())),
            optional: false,
        })
    }
}

fn check_literal(literal: &str, at: &Range<usize>) -> Result<(), TemplateError> {
    if let Some(odd) = literal
        .chars()
        .find(|c| *c <= '%' || matches!(c, '}' | ']'))
    {
        return Err(TemplateError {
            message: format!(
                "{odd:?} cannot stand in a key template: what sorts before `#`, and `$` and `%`, bound the ranges"
            ),
            at: at.clone(),
        });
    }
    Ok(())
}

fn parse_modifier(text: &str) -> Option<Modifier> {
    Some(match text {
        "desc" => Modifier::Desc,
        "id" => Modifier::ScopeId,
        "lower" => Modifier::Lower,
        "raw" => Modifier::Raw,
        "year" => Modifier::Year,
        "month" => Modifier::Month,
        "day" => Modifier::Day,
        "hour" => Modifier::Hour,
        width => {
            let digits = width.strip_prefix('0')?;
            // `parse` would take a sign.
            if !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            match digits.parse() {
                Ok(width @ 1..=38) => Modifier::Pad(width),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_may_not_be_is_said_with_its_place() {
        for (template, word) in [
            ("", "not empty"),
            ("A##B", "between two `#`"),
            ("A#{b}-{c}", "one part"),
            ("A#{b", "without `}`"),
            ("A#{b:up}", "no modifier `up`"),
            ("A#{1b}", "no field name"),
            ("A#{b}[{c}]", "optional tail"),
            ("A#{b}[#C]", "holds one part"),
            ("A B#{c}", "cannot stand"),
            ("A$#{c}", "cannot stand"),
        ] {
            let error = ParsedTemplate::parse(template).expect_err(template);
            assert!(error.message.contains(word), "{template}: {error}");
            assert!(error.at.end <= template.len());
        }
    }
}
