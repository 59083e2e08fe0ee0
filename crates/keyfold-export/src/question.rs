//! What an access pattern asks of DynamoDB, in words: which partition, which of its sort keys.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use keyfold_dynamo::range::SortRange;
use keyfold_model::ranges::collection_range;
use keyfold_model::{
    IndexModel, KeyModel, Multiplicity, PatternKind, PatternModel, RangeUse, TableModel, Template,
};

/// Which sort keys are asked for, with the arguments' names where their values will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKeys {
    /// All of the partition.
    All,
    /// This one.
    Equal(String),
    /// What begins so.
    Begins(String),
    /// What begins with the text given for the last argument.
    BeginsOpen(String),
    /// What begins with the first text, from the second on.
    From(String, String),
    /// What begins with the first text, up to the second.
    To(String, String),
    /// From this text with one value to the same with another.
    Span(String),
    /// From one text to another.
    Between(String, String),
}

impl SortKeys {
    /// Those that a pattern over one entity asks for: its arguments name parts from the left.
    pub fn asked(template: &Template<'_>, pattern: &PatternModel<'_>) -> Self {
        let mut base = String::new();
        for (at, segment) in template.segments.iter().enumerate() {
            if at > 0 {
                base.push('#');
            }
            base.push_str(&segment.literal);
            let Some(part) = &segment.part else { continue };
            let ask = pattern
                .arguments
                .iter()
                .find(|argument| argument.field == part.field)
                .map(|argument| argument.range);
            let field = &part.field;
            match ask {
                Some(RangeUse::Equal) => {
                    let _ = write!(base, "{{{field}}}");
                }
                Some(RangeUse::From) => {
                    let first = format!("{base}{{{field}}}");
                    return SortKeys::From(base, first);
                }
                Some(RangeUse::To) => {
                    let last = format!("{base}{{{field}}}");
                    return SortKeys::To(base, last);
                }
                Some(RangeUse::Between) => return SortKeys::Span(format!("{base}{{{field}}}")),
                Some(RangeUse::Begins) => {
                    return SortKeys::BeginsOpen(format!("{base}{{{field}…}}"));
                }
                None if base.is_empty() => return SortKeys::All,
                None => return SortKeys::Begins(base),
            }
        }
        SortKeys::Equal(base)
    }

    /// Those that hold all members of a collection.
    pub fn holding(templates: &[&Template<'_>]) -> Self {
        match collection_range(templates) {
            SortRange::All => SortKeys::All,
            SortRange::Equal(key) => SortKeys::Equal(key),
            SortRange::BeginsWith(prefix) => SortKeys::Begins(prefix),
            SortRange::Between(low, high) => SortKeys::Between(low, high),
            SortRange::AtLeast(low) => SortKeys::From(String::new(), low),
            SortRange::AtMost(high) => SortKeys::To(String::new(), high),
        }
    }
}

impl fmt::Display for SortKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SortKeys::All => f.write_str("all"),
            SortKeys::Equal(key) => f.write_str(key),
            SortKeys::Begins(text) | SortKeys::BeginsOpen(text) => write!(f, "begin with {text}"),
            SortKeys::From(_, text) => write!(f, "from {text} on"),
            SortKeys::To(_, text) => write!(f, "up to {text}"),
            SortKeys::Span(text) => write!(f, "{text}, from one to another"),
            SortKeys::Between(low, high) => write!(f, "from {low} to {high}"),
        }
    }
}

/// A pattern's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'m, 'a> {
    /// The index it runs on, or the table.
    pub index: Option<&'m IndexModel<'a>>,
    /// The partition key's attribute, and the template of its value.
    pub partition: (&'m str, Cow<'m, str>),
    /// The sort key's attribute and what is asked of it, where there is one.
    pub sort: Option<(&'m str, SortKeys)>,
    /// The entities it gives.
    pub reads: Vec<&'m str>,
}

impl<'m, 'a> Question<'m, 'a> {
    /// Of a pattern; nothing where the design lacks what the pattern names, which its checks tell.
    pub fn of(model: &'m TableModel<'a>, pattern: &PatternModel<'_>) -> Option<Self> {
        let index = match &pattern.index {
            Some(id) => Some(model.index(id)?),
            None => None,
        };
        let (pk, sk) = index.map_or((&model.pk, model.sk.as_ref()), |index| {
            (&index.pk, index.sk.as_ref())
        });
        let members = pattern
            .members
            .iter()
            .filter(|member| member.multiplicity != Multiplicity::Skipped);
        let keys: Vec<(&str, &KeyModel<'_>)> = members
            .filter_map(|member| {
                let entity = model.entity(&member.entity)?;
                Some((&*entity.name, entity.key_in(pattern.index.as_deref())?))
            })
            .collect();
        let (_, first) = keys.first()?;
        let templates: Vec<&Template<'_>> =
            keys.iter().filter_map(|(_, key)| key.sk.as_ref()).collect();
        let sort = match (pattern.kind, &first.sk) {
            (_, None) => None,
            (PatternKind::Pages, Some(template)) => Some(SortKeys::asked(template, pattern)),
            (PatternKind::Collect, Some(_)) => Some(SortKeys::holding(&templates)),
        };
        Some(Self {
            index,
            partition: (&pk.name, shown(&first.pk)),
            sort: sk.map(|sk| &*sk.name).zip(sort),
            reads: keys.iter().map(|(name, _)| *name).collect(),
        })
    }

    /// The key condition in words, its names and values marked by `mark`.
    pub fn condition(&self, mark: impl Fn(&str) -> String) -> String {
        let (attribute, value) = &self.partition;
        let mut out = format!("{} = {}", mark(attribute), mark(value));
        let Some((attribute, sort)) = &self.sort else {
            return out;
        };
        let attribute = mark(attribute);
        let _ = match sort {
            SortKeys::All => Ok(()),
            SortKeys::Equal(key) => write!(out, ", {attribute} = {}", mark(key)),
            SortKeys::Begins(text) | SortKeys::BeginsOpen(text) => {
                write!(out, ", {attribute} begins with {}", mark(text))
            }
            SortKeys::From(within, text) if within.is_empty() => {
                write!(out, ", {attribute} from {} on", mark(text))
            }
            SortKeys::From(within, text) => write!(
                out,
                ", {attribute} begins with {}, from {} on",
                mark(within),
                mark(text)
            ),
            SortKeys::To(within, text) if within.is_empty() => {
                write!(out, ", {attribute} up to {}", mark(text))
            }
            SortKeys::To(within, text) => write!(
                out,
                ", {attribute} begins with {}, up to {}",
                mark(within),
                mark(text)
            ),
            SortKeys::Span(text) => write!(out, ", {attribute} between two {}", mark(text)),
            SortKeys::Between(low, high) => write!(
                out,
                ", {attribute} between {} and {}",
                mark(low),
                mark(high)
            ),
        };
        out
    }
}

/// What a pattern gives, and how: `pages of Product, newest first, 100 a page`.
pub fn gives(pattern: &PatternModel<'_>) -> String {
    let mut out = match pattern.kind {
        PatternKind::Pages => format!("pages of {}", pattern.gives),
        PatternKind::Collect => format!("{}, whole", pattern.gives),
    };
    if pattern.newest_first {
        out.push_str(", newest first");
    }
    if let Some(page) = pattern.page {
        let _ = write!(out, ", {} a page", grouped(page));
    }
    if let Some(most) = pattern.max_items {
        let _ = write!(out, ", at most {} items", grouped(most));
    }
    out
}

/// A template as people read it: a key that is a field's own attribute is that field's value.
pub(crate) fn shown<'t>(template: &'t Template<'_>) -> Cow<'t, str> {
    if template.bare {
        Cow::Owned(format!("{{{}}}", template.text))
    } else {
        Cow::Borrowed(&template.text)
    }
}

/// `1,000,000`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first paragraph of a doc comment on one line, its links as plain code: [`Product`] is a link in Rust's
/// documents only.
pub(crate) fn summary(doc: &str) -> String {
    let paragraph: Vec<&str> = doc
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    unlinked(&paragraph.join(" "))
}

pub(crate) fn unlinked(doc: &str) -> String {
    doc.replace("[`", "`").replace("`]", "`")
}
