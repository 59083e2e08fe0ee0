//! # `key-delimiter-injection`, `open-prefix`
//!
//! A composite key with free text in it is ambiguous: `USER#` + `a#ADMIN` is the key of something else, or begins with
//! its prefix. And `begins_with("ORG#1")` also finds `ORG#10`: a prefix that does not end at a delimiter is open.
//!
//! ```ts
//! PK: `USER#${req.body.handle}#${kind}`                           // bad
//! PK: `USER#${encodeURIComponent(handle)}#${kind}`                  // good: `#` cannot occur
//! ':p': `ORG#${orgId}`      with begins_with                        // bad: also ORG#10
//! ':p': `ORG#${orgId}#`                                             // good
//! ```
//!
//! Keyfold's typed key parts escape by themselves.
//!
//! **Stays silent**: UUID, ULID, integer, enum and timestamp types; values checked by a schema or encoded; ids (names that
//! end in `id`); a hole that is the only one and last, in a key that is never a prefix.

use super::evidence::{self, KeyPart};
use super::{Context, Draft, Rule};
use crate::facts::Kind;
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::{Eval, Piece};
use crate::link::flow::callee_name;
use crate::link::{At, FileId};
use crate::op::Op;

const PAGE: &str = include_str!("keys.rs");

/// Free text in a composite key.
pub static KEY_DELIMITER_INJECTION: Rule = Rule {
    id: "key-delimiter-injection",
    severity: Severity::High,
    effort: 30,
    title: "Free text in a composite key",
    why: "A value with the delimiter in it is the key, or the prefix, of something else.",
    fix: "Encode or check the value, or use typed key parts that escape.",
    security: Some("7.0"),
    page: PAGE,
};
/// A prefix that does not end at a delimiter.
pub static OPEN_PREFIX: Rule = Rule {
    id: "open-prefix",
    severity: Severity::Medium,
    effort: 10,
    title: "A prefix that does not end at a delimiter",
    why: "begins_with(\"ORG#1\") also returns ORG#10.",
    fix: "End the prefix with the delimiter.",
    security: Some("5.0"),
    page: PAGE,
};

const DELIMITERS: [char; 4] = ['#', '|', ':', '/'];

/// Keys of every call.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    if matches!(cx.place(file), Place::Script | Place::Test | Place::Example) {
        return;
    }
    for site in cx.calls(file) {
        if !site.op.on_items() {
            continue;
        }
        let mut reported = false;
        for part in evidence::key_parts(eval, site) {
            if !reported && let Some(name) = injected(eval, &part) {
                reported = true;
                out.push(Draft::at_site(
                    &KEY_DELIMITER_INJECTION,
                    cx,
                    site,
                    format!(
                        "{name} comes from the request and stands unescaped in {}",
                        evidence::shown(&part.pieces)
                    ),
                ));
            }
        }
        if site.op == Op::Query {
            open_prefix(cx, eval, site, out);
        }
    }
}

/// A hole that comes from the request, in a key with a delimiter beyond its own prefix.
fn injected(eval: &Eval<'_>, part: &KeyPart) -> Option<String> {
    if part.pieces.len() < 2 {
        return None;
    }
    let composite = part
        .pieces
        .iter()
        .any(|p| matches!(p, Piece::Lit(t) if t.contains(DELIMITERS)));
    let holes = part
        .pieces
        .iter()
        .filter(|p| matches!(p, Piece::Hole(..)))
        .count();
    let last = matches!(part.pieces.last(), Some(Piece::Hole(..)));
    if !composite || holes == 1 && last && part.whole {
        return None;
    }
    part.pieces.iter().find_map(|piece| match piece {
        Piece::Hole(name, at)
            if free_text(name) && evidence::from_request(eval, *at) && !checked(eval, *at) =>
        {
            Some(name.to_string())
        }
        _ => None,
    })
}

/// Ids, times and numbers have no delimiter in them.
fn free_text(name: &str) -> bool {
    !name.is_empty()
        && !evidence::has_word(
            name,
            &[
                "id",
                "ids",
                "uuid",
                "ulid",
                "guid",
                "date",
                "time",
                "timestamp",
                "year",
                "month",
                "day",
                "count",
                "version",
                "index",
                "number",
                "sub",
                "now",
                "at",
                "seq",
                "type",
                "status",
                "kind",
            ],
        )
        && !name.ends_with("Id")
        && !name.ends_with(".id")
}

/// Encoded on the way.
fn checked(eval: &Eval<'_>, at: At) -> bool {
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, ..) => {
            let name = callee_name(file, *callee);
            evidence::has_word(
                &name,
                &[
                    "encode", "escape", "hash", "slugify", "sanitize", "replace", "validate",
                    "uri", "parse", "quote", "digest", "int",
                ],
            )
        }
        Kind::Name(name) => {
            // A comparison, a pattern or a schema in the same function speaks of it.
            let function = file.owner[at.node as usize];
            file.names.get(name).is_some_and(|places| {
                places
                    .iter()
                    .filter(|p| file.owner[**p as usize] == function)
                    .any(|place| {
                        file.ancestors(*place)
                            .take(3)
                            .any(|up| match file.kind(up) {
                                Kind::Call(callee, ..) => evidence::has_word(
                                    &callee_name(file, *callee),
                                    &[
                                        "test",
                                        "match",
                                        "validate",
                                        "parse",
                                        "includes",
                                        "assert",
                                        "check",
                                        "fullmatch",
                                        "isalnum",
                                    ],
                                ),
                                _ => false,
                            })
                    })
            })
        }
        _ => false,
    }
}

fn open_prefix(cx: &Context<'_>, eval: &Eval<'_>, site: &crate::sites::Site, out: &mut Vec<Draft>) {
    for part in evidence::key_parts(eval, site) {
        if part.whole || !part.in_condition || !is_prefix(eval, site, &part) {
            continue;
        }
        let ends_in_hole = matches!(part.pieces.last(), Some(Piece::Hole(..)));
        let delimited = part
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Lit(t) if t.contains(DELIMITERS)));
        let prefix_hole = match part.pieces.last() {
            Some(Piece::Hole(name, _)) => evidence::has_word(
                name,
                &[
                    "prefix", "search", "term", "query", "start", "date", "year", "month", "day",
                    "time", "text", "q",
                ],
            ),
            _ => true,
        };
        // A UUID or ULID has one length: no other begins with it.
        let fixed = match part.pieces.last() {
            Some(Piece::Hole(name, _)) => evidence::has_word(name, &["uuid", "ulid", "guid"]),
            _ => false,
        };
        if ends_in_hole && delimited && !prefix_hole && !fixed {
            let text = evidence::shown(&part.pieces);
            out.push(
                Draft::at_site(
                    &OPEN_PREFIX,
                    cx,
                    site,
                    format!("begins_with {text} also matches longer values"),
                )
                .fix(format!("End the prefix with the delimiter: {text}#"))
                .at_most(Confidence::Medium),
            );
        }
    }
}

fn is_prefix(eval: &Eval<'_>, site: &crate::sites::Site, part: &KeyPart) -> bool {
    if let Some((pieces, _)) = evidence::expression(eval, site, "KeyConditionExpression") {
        return evidence::shown(&pieces).contains("begins_with");
    }
    let file = eval.project.file(part.at.file);
    file.parent(part.at.node).is_some_and(|up| {
        matches!(file.kind(up), Kind::Call(callee, ..) if callee_name(file, *callee) == "begins_with")
    })
}
