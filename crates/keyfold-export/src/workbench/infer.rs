//! Entities and key templates found in items, for files whose makers wrote no templates.
//!
//! A key is cut at `#`. A word without digits is literal text (`meta`, `ORDER`); `User:ann` is literal up to the
//! colon; anything else is a value. Items whose keys come out alike are one entity, unless an attribute such as
//! `EntityType` says which is which. A value that always equals an attribute's is that attribute's.

use std::collections::BTreeMap;

use super::names::{camel, free, snake};
use super::template::KeyText;
use crate::tree::Tree;

/// Attributes by which people tell entities apart; each must hold text on every item to count.
const TAGS: [&str; 7] = [
    "EntityType",
    "entityType",
    "entity_type",
    "__edb_e__",
    "_et",
    "_type",
    "entity",
];

/// Items that are one entity.
pub struct Group<'i> {
    pub name: String,
    pub items: Vec<&'i Tree>,
}

/// One half of a key, as items show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Literal(String),
    /// Literal text up to a value.
    Value(String),
}

/// The text of a key attribute of an item.
pub fn text<'i>(item: &'i Tree, attribute: &str) -> Option<&'i str> {
    let value = item.get(attribute)?;
    value.get("S").or_else(|| value.get("N"))?.as_str()
}

/// The pieces of a key's halves, what a tag says, and the items that have these.
type Alike<'i> = (Vec<Vec<Piece>>, Option<&'i str>, Vec<&'i Tree>);

/// The items by entity.
pub fn groups<'i>(items: &'i [Tree], pk: &str, sk: Option<&str>) -> Vec<Group<'i>> {
    let tag = TAGS
        .into_iter()
        .find(|tag| !items.is_empty() && items.iter().all(|item| text(item, tag).is_some()));
    let single_words = varying_words(items, pk, sk);
    let mut found: Vec<Alike<'i>> = Vec::new();
    for item in items {
        let halves: Vec<Vec<Piece>> = std::iter::once(pk)
            .chain(sk)
            .map(|attribute| {
                let value = text(item, attribute).unwrap_or_default();
                let pieces = pieces(value);
                // A partition key of one word which differs between items of one kind is a value.
                if attribute == pk && single_words.contains(&value) {
                    vec![Piece::Value(String::new())]
                } else {
                    pieces
                }
            })
            .collect();
        let said = tag.and_then(|tag| text(item, tag));
        let same = |(known, known_tag, _): &&mut Alike<'i>| {
            *known_tag == said
                && if said.is_some() {
                    lengths(known) == lengths(&halves)
                } else {
                    *known == halves
                }
        };
        match found.iter_mut().find(same) {
            Some((_, _, items)) => items.push(item),
            None => found.push((halves, said, vec![item])),
        }
    }
    let mut groups: Vec<Group<'i>> = Vec::new();
    for (halves, said, items) in found {
        let name = match said {
            Some(tag) => camel(tag),
            None => camel(&words(&halves).join(" ")),
        };
        let name = free(name, |name| groups.iter().any(|group| group.name == name));
        groups.push(Group { name, items });
    }
    groups
}

fn lengths(halves: &[Vec<Piece>]) -> Vec<usize> {
    halves.iter().map(Vec::len).collect()
}

/// Partition keys of one word each, of which items with equal sort keys' shapes and equal attributes have several:
/// names of tenants and the like.
fn varying_words<'i>(items: &'i [Tree], pk: &str, sk: Option<&str>) -> Vec<&'i str> {
    let mut seen: BTreeMap<(Vec<Piece>, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for item in items {
        let Some(word) = text(item, pk) else { continue };
        if !matches!(&*pieces(word), [Piece::Literal(_)]) {
            continue;
        }
        let sort = sk.and_then(|sk| text(item, sk)).map(pieces);
        let mut attributes: Vec<&str> = item.entries().iter().map(|(name, _)| &**name).collect();
        attributes.sort_unstable();
        let words = seen
            .entry((sort.unwrap_or_default(), attributes))
            .or_default();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    seen.into_values()
        .filter(|words| words.len() > 1)
        .flatten()
        .collect()
}

/// The literal words of a key, each once.
fn words(halves: &[Vec<Piece>]) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    for piece in halves.iter().flatten() {
        let (Piece::Literal(text) | Piece::Value(text)) = piece;
        let word = text.trim_end_matches(':');
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

fn pieces(key: &str) -> Vec<Piece> {
    key.split('#').map(piece).collect()
}

fn piece(text: &str) -> Piece {
    if let Some((prefix, value)) = text.split_once(':')
        && !prefix.is_empty()
        && !value.is_empty()
        && prefix.chars().all(char::is_alphabetic)
        && prefix.is_ascii()
    {
        return Piece::Value(format!("{prefix}:"));
    }
    let is_word = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'));
    if is_word {
        Piece::Literal(text.to_owned())
    } else {
        Piece::Value(String::new())
    }
}

/// Names that a facet's alias gives the values of a key: `SubId#SKU`.
pub type Alias<'a> = Option<&'a str>;

/// A part that was found, to be known again where the same value stands in another key.
struct Known {
    name: String,
    /// The literal text before it.
    context: String,
    /// By the place of the item in its group.
    values: BTreeMap<usize, String>,
}

/// Finds the templates of one entity's keys.
pub struct Keys<'i> {
    items: Vec<&'i Tree>,
    /// Attributes that are keys somewhere, which no part is named for unless the key is the attribute.
    key_attributes: Vec<String>,
    known: Vec<Known>,
}

impl<'i> Keys<'i> {
    pub fn of(items: Vec<&'i Tree>, key_attributes: Vec<String>) -> Self {
        Self {
            items,
            key_attributes,
            known: Vec::new(),
        }
    }

    /// A key that these items have, as templates; nothing where none of them has it whole. An item that lacks it is
    /// not in the index. The table's key comes first: what an index's key is made of must be in the table's key or in
    /// an attribute, or else the attribute of the index's key is itself what is stored.
    pub fn key(
        &mut self,
        (pk, sk): (&str, Option<&str>),
        aliases: (Alias<'_>, Alias<'_>),
        in_index: bool,
    ) -> Option<KeyText> {
        let having: Vec<usize> = self
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| {
                item.get(pk).is_some() && sk.is_none_or(|sk| item.get(sk).is_some())
            })
            .map(|(at, _)| at)
            .collect();
        if having.is_empty() {
            return None;
        }
        Some(KeyText {
            pk: self.template(&having, pk, aliases.0, in_index),
            sk: sk.map(|sk| self.template(&having, sk, aliases.1, in_index)),
        })
    }

    fn template(
        &mut self,
        having: &[usize],
        attribute: &str,
        alias: Alias<'_>,
        in_index: bool,
    ) -> String {
        // The key is the attribute itself: numbers, and what `#` does not divide.
        let whole = format!("{{{}}}", snake(attribute));
        let values: Option<Vec<String>> = having
            .iter()
            .map(|at| {
                Some(
                    self.items
                        .get(*at)?
                        .get(attribute)?
                        .get("S")?
                        .as_str()?
                        .to_owned(),
                )
            })
            .collect();
        let Some(values) = values else { return whole };
        let all: Vec<Vec<Piece>> = values.iter().map(|value| pieces(value)).collect();
        let length = all.first().map_or(0, Vec::len);
        let is_even = all.iter().all(|pieces| pieces.len() == length);
        if !is_even
            || values
                .iter()
                .any(|value| value.split('#').any(str::is_empty))
        {
            return whole;
        }
        let merged: Vec<Piece> = (0..length)
            .map(|at| {
                let mut column = all.iter().filter_map(|pieces| pieces.get(at));
                match column.next() {
                    Some(piece) if column.all(|other| other == piece) => piece.clone(),
                    _ => Piece::Value(String::new()),
                }
            })
            .collect();
        let is_value = matches!(&*merged, [Piece::Value(literal)] if literal.is_empty());
        // What an attribute named for its content holds is that content, were it the same word in every sample.
        let is_word = matches!(&*merged, [Piece::Literal(_)]);
        if (is_value || is_word) && !is_generic(attribute) {
            return whole;
        }
        let count = merged
            .iter()
            .filter(|piece| matches!(piece, Piece::Value(_)))
            .count();
        let mut hints = alias
            .map(|alias| alias.split('#').collect::<Vec<&str>>())
            .filter(|hints| hints.len() == count)
            .unwrap_or_default()
            .into_iter();
        let mut out: Vec<String> = Vec::new();
        let mut before = "";
        for (at, piece) in merged.iter().enumerate() {
            let literal = match piece {
                Piece::Literal(text) => {
                    before = text;
                    out.push(text.clone());
                    continue;
                }
                Piece::Value(literal) => literal,
            };
            let column: BTreeMap<usize, String> = having
                .iter()
                .zip(&values)
                .map(|(item, value)| {
                    let text = value.split('#').nth(at).unwrap_or_default();
                    (
                        *item,
                        text.strip_prefix(&**literal).unwrap_or(text).to_owned(),
                    )
                })
                .collect();
            let word = literal.trim_end_matches(':');
            let context = if word.is_empty() { before } else { word };
            let hint = hints.next().filter(|hint| *hint != attribute);
            let Some(name) = self.name(context, hint, attribute, column, in_index) else {
                return whole;
            };
            if name == snake(attribute) && is_value {
                return whole;
            }
            out.push(format!("{literal}{{{name}:raw}}"));
            before = "";
        }
        out.join("#")
    }

    fn name(
        &mut self,
        context: &str,
        hint: Alias<'_>,
        attribute: &str,
        column: BTreeMap<usize, String>,
        in_index: bool,
    ) -> Option<String> {
        if let Some(name) = self.equal_attribute(&column) {
            return Some(snake(name));
        }
        let same = |known: &&Known| {
            known.context == context
                && column
                    .iter()
                    .all(|(at, value)| known.values.get(at) == Some(value))
        };
        if let Some(known) = self.known.iter().find(same) {
            return Some(known.name.clone());
        }
        if in_index {
            return None;
        }
        let name = hint.unwrap_or(if context.is_empty() {
            attribute
        } else {
            context
        });
        let name = free(snake(name), |name| {
            let of_attribute = |item: &&Tree| {
                let mut entries = item.entries().iter();
                entries.any(|(attribute, _)| {
                    !self.key_attributes.contains(attribute) && snake(attribute) == name
                })
            };
            self.known.iter().any(|known| known.name == name) || self.items.iter().any(of_attribute)
        });
        self.known.push(Known {
            name: name.clone(),
            context: context.to_owned(),
            values: column,
        });
        Some(name)
    }

    /// The attribute that holds these very values.
    fn equal_attribute(&self, column: &BTreeMap<usize, String>) -> Option<&'i str> {
        let first = self.items.get(*column.keys().next()?)?;
        let mut names = first.entries().iter().map(|(name, _)| &**name);
        names.find(|name| {
            !self
                .key_attributes
                .iter()
                .any(|key| key == name && is_generic(key))
                && column.iter().all(|(at, value)| {
                    let item = self.items.get(*at);
                    let held = item.and_then(|item| item.get(name)?.get("S")?.as_str());
                    held == Some(value)
                })
        })
    }
}

/// Whether a key attribute is named for being a key: `PK`, `GSI1-SK`, and not for what it holds.
pub fn is_generic(attribute: &str) -> bool {
    const NAMES: [&str; 15] = [
        "pk",
        "sk",
        "gsi",
        "gsipk",
        "gsisk",
        "lsi",
        "lsisk",
        "hk",
        "rk",
        "hashkey",
        "rangekey",
        "partitionkey",
        "sortkey",
        "pkgsi",
        "skgsi",
    ];
    let name: String = attribute
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.contains(&&*name)
}
