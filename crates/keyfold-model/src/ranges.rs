//! Which sort keys a question covers, exactly.
//!
//! `#` only ever stands between segments and `$`, the byte after it, never in a value. So the
//! children of a prefix `p` are what begins with `p#`; the item `p` and its children lie between
//! `p` and `p$`; everything up to and with the value `v` of a part that has segments after it ends
//! at `v$`.

use keyfold_dynamo::SortRange;

use crate::part::{Encode, KeyError, PartText};
use crate::shape::Modifier;
use crate::template::{Part, Template};

/// What is asked of one key part.
pub struct Bound<'a> {
    /// The field.
    pub field: &'a str,
    /// What.
    pub ask: Ask<'a>,
}

/// A condition on one key part.
#[derive(Clone, Copy)]
pub enum Ask<'a> {
    /// The same value.
    Equal(&'a dyn Encode),
    /// This value and what comes after.
    From(&'a dyn Encode),
    /// This value and what comes before.
    To(&'a dyn Encode),
    /// From the first to the second, which is itself inside or not.
    Between(&'a dyn Encode, &'a dyn Encode, Upper),
    /// Text that starts so.
    Begins(&'a str),
}

/// Whether an upper bound is itself inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upper {
    /// `..=v`
    Included,
    /// `..v`
    Excluded,
}

/// The sort keys a question covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// As DynamoDB can be asked.
    pub range: SortRange,
    /// The one key in the range that is not meant: DynamoDB has no half-open range.
    pub except: Option<String>,
}

impl Covered {
    /// Whether a sort key is meant.
    pub fn contains(&self, sort_key: &str) -> bool {
        self.range.contains(sort_key) && self.except.as_deref() != Some(sort_key)
    }
}

impl From<SortRange> for Covered {
    fn from(range: SortRange) -> Self {
        Self {
            range,
            except: None,
        }
    }
}

/// The sort keys of one entity that answer a question. Parts are asked from the left; the first
/// one that is not asked for its exact value is the last one that is looked at.
pub fn sort_range(
    template: &Template<'_>,
    entity: &str,
    asks: &[Bound<'_>],
) -> Result<Covered, KeyError> {
    let ask_for = |part: &Part<'_>| {
        asks.iter()
            .find(|bound| bound.field == part.field)
            .map(|bound| bound.ask)
    };
    let mut text = String::new();
    for (at, segment) in template.segments.iter().enumerate() {
        let ask = segment.part.as_ref().map(|part| (part, ask_for(part)));
        if let (true, Some((_, None))) = (segment.optional, &ask) {
            let upper = format!("{text}$");
            return Ok(SortRange::Between(text, upper).into());
        }
        if at > 0 {
            text.push('#');
        }
        text.push_str(&segment.literal);
        match ask {
            None => {}
            Some((_, None)) => return Ok(children(text).into()),
            Some((part, Some(ask))) => {
                let open = Open {
                    field: &part.field,
                    modifier: if template.bare {
                        Modifier::Bare
                    } else {
                        part.modifier
                    },
                    entity,
                    last: at + 1 == template.segments.len(),
                };
                let Ask::Equal(value) = ask else {
                    return open.bounded(ask, &text);
                };
                open.encode(value, &mut text)?;
            }
        }
    }
    Ok(SortRange::Equal(text).into())
}

/// Everything that begins with a text; everything at all for none.
fn children(text: String) -> SortRange {
    if text.is_empty() {
        SortRange::All
    } else {
        SortRange::BeginsWith(text)
    }
}

/// The part that is looked at.
struct Open<'p> {
    field: &'p str,
    modifier: Modifier,
    entity: &'p str,
    /// Whether nothing comes under it.
    last: bool,
}

impl Open<'_> {
    fn bounded(&self, ask: Ask<'_>, base: &str) -> Result<Covered, KeyError> {
        let desc = self.modifier == Modifier::Desc;
        let value = |value: &dyn Encode| -> Result<String, KeyError> {
            let mut text = base.to_owned();
            self.encode(value, &mut text)?;
            Ok(text)
        };
        // Past a value and everything under it.
        let past = |text: String| if self.last { text } else { text + "$" };
        let (low, high, mut except) = match (ask, desc) {
            (Ask::Equal(exact), _) => (Some(value(exact)?), Some(past(value(exact)?)), None),
            (Ask::From(from), false) => (Some(value(from)?), None, None),
            (Ask::To(to), false) => (None, Some(past(value(to)?)), None),
            (Ask::From(from), true) => (None, Some(past(value(from)?)), None),
            (Ask::To(to), true) => (Some(value(to)?), None, None),
            (Ask::Between(from, to, Upper::Included), false) => {
                (Some(value(from)?), Some(past(value(to)?)), None)
            }
            (Ask::Between(from, to, Upper::Excluded), false) => {
                let to = value(to)?;
                (Some(value(from)?), Some(to.clone()), Some(to))
            }
            (Ask::Between(from, to, Upper::Included), true) => {
                (Some(value(to)?), Some(past(value(from)?)), None)
            }
            (Ask::Between(from, to, Upper::Excluded), true) => {
                (Some(value(to)? + "$"), Some(past(value(from)?)), None)
            }
            (Ask::Begins(prefix), _) => {
                let mut text = base.to_owned();
                if !prefix.is_empty() {
                    self.encode(&prefix.to_owned(), &mut text)?;
                }
                return Ok(children(text).into());
            }
        };
        let high = high.or_else(|| {
            let after = after_children(base);
            // `E{at}` ends before `F`, which can be a key of another entity; `E$` cannot.
            if !base.ends_with('#') {
                except.clone_from(&after);
            }
            after
        });
        let range = match (low, high) {
            (Some(low), Some(high)) => SortRange::Between(low, high),
            (Some(low), None) => SortRange::AtLeast(low),
            (None, Some(high)) if base.is_empty() => SortRange::AtMost(high),
            (None, Some(high)) => SortRange::Between(base.to_owned(), high),
            (None, None) => SortRange::All,
        };
        Ok(Covered { range, except })
    }

    fn encode(&self, value: &dyn Encode, out: &mut String) -> Result<(), KeyError> {
        value
            .encode_part(&mut PartText::new(out, self.modifier))
            .map_err(|source| KeyError::Part {
                entity: self.entity.to_owned(),
                part: self.field.to_owned(),
                source,
            })
    }
}

/// The smallest text past everything that begins with `base`; none for the empty one.
pub(crate) fn after_children(base: &str) -> Option<String> {
    let mut text = base.to_owned();
    // Template literals end in ASCII or `#` nearly always; a longer last character steps to the
    // next one there is.
    let last = text.pop()?;
    let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
    if let Some(next) = next {
        text.push(next);
        return Some(text);
    }
    after_children(&text)
}

/// The smallest range that holds all of some templates: what one prefix shares, or from the first
/// to the last of them.
pub fn collection_range(templates: &[&Template<'_>]) -> SortRange {
    let leads: Vec<Lead> = templates
        .iter()
        .map(|template| Lead::of(template))
        .collect();
    let Some((first, rest)) = leads.split_first() else {
        return SortRange::All;
    };
    if rest.iter().all(|other| other == first) {
        return match first.end {
            End::Closed => SortRange::Equal(first.text.clone()),
            End::Tail => SortRange::Between(first.text.clone(), format!("{}$", first.text)),
            End::Open => children(first.text.clone()),
        };
    }
    let shared = rest.iter().fold(first.text.as_str(), |shared, other| {
        common(shared, &other.text)
    });
    if let Some(end) = shared.rfind('#') {
        return SortRange::BeginsWith(shared[..=end].to_owned());
    }
    let low = leads
        .iter()
        .map(|lead| lead.text.as_str())
        .min()
        .unwrap_or_default();
    let high = leads
        .iter()
        .map(Lead::upper)
        .try_fold(String::new(), |high, upper| {
            upper.map(|upper| high.max(upper))
        });
    match high {
        Some(high) if low.is_empty() => SortRange::AtMost(high),
        Some(high) => SortRange::Between(low.to_owned(), high),
        None if low.is_empty() => SortRange::All,
        None => SortRange::AtLeast(low.to_owned()),
    }
}

/// The literal text a template starts with.
#[derive(PartialEq, Eq)]
struct Lead {
    text: String,
    end: End,
}

/// What can follow it.
#[derive(PartialEq, Eq)]
enum End {
    /// Nothing: it is the whole key.
    Closed,
    /// Nothing, or a `#` and a value.
    Tail,
    /// A value.
    Open,
}

impl Lead {
    fn of(template: &Template<'_>) -> Self {
        let mut text = String::new();
        for (at, segment) in template.segments.iter().enumerate() {
            if segment.optional {
                return Self {
                    text,
                    end: End::Tail,
                };
            }
            if at > 0 {
                text.push('#');
            }
            text.push_str(&segment.literal);
            if segment.part.is_some() {
                return Self {
                    text,
                    end: End::Open,
                };
            }
        }
        Self {
            text,
            end: End::Closed,
        }
    }

    /// The last text it can be, or the first past all of them.
    fn upper(&self) -> Option<String> {
        match self.end {
            End::Closed => Some(self.text.clone()),
            End::Tail => Some(format!("{}$", self.text)),
            End::Open => after_children(&self.text),
        }
    }
}

fn common<'a>(a: &'a str, b: &str) -> &'a str {
    let end = a
        .char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map_or(a.len().min(b.len()), |((at, _), _)| at);
    &a[..end]
}
