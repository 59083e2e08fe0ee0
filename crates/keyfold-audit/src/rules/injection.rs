//! # `expression-injection`
//!
//! An expression made by concatenation from what a caller sends is his to change: another attribute, another condition,
//! in `PartiQL` another table. The same holds when the whole parameter object comes from the event.
//!
//! ```ts
//! Statement: `SELECT * FROM "orders" WHERE pk = '${event.queryStringParameters.id}'`   // bad, critical
//! Statement: 'SELECT * FROM "orders" WHERE pk = ?', Parameters: [{ S: id }]               // good
//! FilterExpression: `${req.query.field} = :v`                                             // bad
//! FilterExpression: '#f = :v', ExpressionAttributeNames: { '#f': allowed(field) }          // good
//! ```
//! ```python
//! client.execute_statement(Statement=f"SELECT * FROM t WHERE pk = '{pk}'")               # bad
//! ```
//!
//! **Stays silent**: placeholders numbered in a loop (`#k${i} = :v${i}`), fixed fragments joined, `Attr()`/`Key()` of
//! boto3, names from a constant list, a hole that is only ever a constant.
//!
//! Source: CWE-943.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::link::FileId;
use crate::link::eval::{Eval, Piece, Value};
use crate::sites::request::Params;
use crate::surfaces::Api;

/// An expression that a caller can change.
pub static EXPRESSION_INJECTION: Rule = Rule {
    id: "expression-injection",
    severity: Severity::High,
    effort: 30,
    title: "An expression made from what a caller sends",
    why: "The caller can change what is read, filtered or written.",
    fix: "Use #name and :value placeholders; in PartiQL use parameters.",
    security: Some("8.2"),
    page: include_str!("injection.rs"),
};

const EXPRESSIONS: [&str; 6] = [
    "KeyConditionExpression",
    "FilterExpression",
    "UpdateExpression",
    "ConditionExpression",
    "ProjectionExpression",
    "Statement",
];

/// Expressions with holes.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        if site.api.is_mapper() {
            continue;
        }
        for name in EXPRESSIONS {
            let Some((pieces, _)) = evidence::expression(eval, site, name) else {
                continue;
            };
            let statement = name == "Statement";
            let mut before = String::new();
            for piece in &pieces {
                match piece {
                    Piece::Lit(text) => before.push_str(text),
                    Piece::Hole(hole, at) => {
                        // `#k${i}` and `:v${i}` are placeholders.
                        let placeholder = before
                            .trim_end_matches(|c: char| c.is_alphanumeric() || c == '_')
                            .ends_with(['#', ':']);
                        // A table's name in PartiQL is quoted and is no value.
                        let table = statement && before.trim_end().ends_with('"');
                        let request = evidence::from_request(eval, *at);
                        let quoted = statement && before.ends_with('\'');
                        if !placeholder && !table && (request || quoted) {
                            let label = if hole.is_empty() {
                                "a value".to_owned()
                            } else {
                                hole.to_string()
                            };
                            let from = if request { " from the request" } else { "" };
                            let mut draft = Draft::at_site(
                                &EXPRESSION_INJECTION,
                                cx,
                                site,
                                format!("{label}{from} is concatenated into {name}"),
                            );
                            if statement {
                                draft = draft
                                    .severity(Severity::Critical)
                                    .fix("Use ? in the statement and Parameters for the values.");
                            }
                            if !request {
                                draft = draft.at_most(Confidence::Medium);
                            }
                            out.push(draft);
                            break;
                        }
                        before.push('x');
                    }
                }
            }
        }
        whole(cx, eval, site, &site.params, out);
    }
}

/// `query(event.body.params)`.
fn whole(
    cx: &Context<'_>,
    eval: &Eval<'_>,
    site: &crate::sites::Site,
    params: &Params,
    out: &mut Vec<Draft>,
) {
    if !params.fields.is_empty() || !matches!(site.api, Api::AwsSdkJsV2 | Api::AwsSdkJsV3) {
        return;
    }
    let crate::facts::Kind::Call(_, args, _) = eval.project.kind(site.at) else {
        return;
    };
    let Some(first) = args.first() else { return };
    let at = crate::link::At {
        file: site.at.file,
        node: first.value,
    };
    if !matches!(eval.value(at), Value::Object(_)) && evidence::from_request(eval, at) {
        out.push(Draft::at_site(
            &EXPRESSION_INJECTION,
            cx,
            site,
            "the whole request comes from the caller",
        ));
    }
}
