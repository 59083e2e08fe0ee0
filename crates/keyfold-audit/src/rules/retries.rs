//! # `missing-retry`
//!
//! The SDKs retry throttled requests by default. Switching that off, or catching throttling and going on, turns a
//! short burst into lost work.
//!
//! ```ts
//! new DynamoDBClient({ maxAttempts: 1 })            // bad
//! new AWS.DynamoDB({ maxRetries: 0 })               // bad
//! ```
//! ```python
//! Config(retries={"max_attempts": 0})               # bad
//! ```
//! ```rust,ignore
//! .retry_config(RetryConfig::disabled())            // bad
//! ```
//!
//! **Stays silent**: absence of retry code, for the SDKs retry by themselves; a setting above one.
//!
//! Source: Developer Guide, "Error retries and exponential backoff".

use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind};
use crate::finding::Severity;
use crate::lang::Lang;
use crate::link::eval::{Eval, Value};
use crate::link::flow::callee_name;
use crate::link::{At, FileId};

/// Retries are off.
pub static MISSING_RETRY: Rule = Rule {
    id: "missing-retry",
    severity: Severity::Medium,
    effort: 15,
    title: "Retries are switched off",
    why: "A throttled request fails at once instead of being tried again.",
    fix: "Leave the SDK's retries on, with a budget; retry outside only with jitter and a bound.",
    security: None,
    page: include_str!("retries.rs"),
};

/// Settings of clients made in this file.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    for client in &cx.sites[file as usize].clients {
        // A document client is made around the client that has the settings.
        let mut made = Vec::new();
        super::streams::walk(f, client.at.node, &mut |id| {
            if matches!(f.kind(id), Kind::Call(..)) {
                made.push(id);
            }
        });
        for node in made {
            settings(cx, eval, At { file, node }, out);
        }
    }
    if matches!(f.lang, Lang::Java | Lang::Kotlin | Lang::Go)
        && !cx.sites[file as usize].clients.is_empty()
    {
        built(cx, file, out);
    }
    if f.lang == crate::lang::Lang::Rust && !cx.sites[file as usize].clients.is_empty() {
        for (id, node) in (0u32..).zip(&f.facts.nodes) {
            if let Kind::Call(callee, ..) = &node.kind
                && callee_name(f, *callee) == "disabled"
                && matches!(f.kind(*callee), Kind::Member(obj, _) if matches!(f.kind(*obj), Kind::Name(n) | Kind::Member(_, n) if n == "RetryConfig"))
            {
                out.push(Draft::at(
                    &MISSING_RETRY,
                    cx,
                    At { file, node: id },
                    "RetryConfig::disabled() switches the SDK's retries off",
                ));
            }
        }
    }
}

/// The settings given to a constructor.
fn settings(cx: &Context<'_>, eval: &Eval<'_>, made: At, out: &mut Vec<Draft>) {
    let file = made.file;
    let f = cx.project.file(file);
    {
        let Kind::Call(_, args, _) = f.kind(made.node) else {
            return;
        };
        for arg in args {
            let at = At {
                file,
                node: arg.value,
            };
            let object = match (arg.name.as_deref(), eval.value(at)) {
                (None, Value::Object(object)) => object,
                (Some("config"), _) => {
                    if let Kind::Call(_, inner, _) = f.kind(arg.value)
                        && let Some(retries) =
                            inner.iter().find(|a| a.name.as_deref() == Some("retries"))
                        && let Value::Object(object) = eval.value(At {
                            file,
                            node: retries.value,
                        })
                    {
                        object
                    } else {
                        continue;
                    }
                }
                _ => continue,
            };
            let Kind::Object(fields) = cx.project.kind(object) else {
                continue;
            };
            for field in fields {
                let Field::Named(name, value) = field else {
                    continue;
                };
                let value_at = At {
                    file: object.file,
                    node: *value,
                };
                let Value::Number(n) = eval.value(value_at) else {
                    continue;
                };
                let off = match name.as_str() {
                    "maxAttempts" => matches!(n.as_str(), "0" | "1"),
                    "maxRetries" => n == "0",
                    "max_attempts" => n == "0",
                    "total_max_attempts" => matches!(n.as_str(), "0" | "1"),
                    _ => false,
                };
                if off {
                    out.push(Draft::at(
                        &MISSING_RETRY,
                        cx,
                        value_at,
                        format!("{name}: {n} switches the SDK's retries off"),
                    ));
                }
            }
        }
    }
}

/// `RetryPolicy.none()`, `.withMaxErrorRetry(0)`, `aws.NopRetryer{}`, `MaxRetries: aws.Int(0)`.
fn built(cx: &Context<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    let zero = |id: u32| match f.kind(id) {
        Kind::Num(n) => n == "0",
        Kind::Call(_, args, _) => args
            .first()
            .is_some_and(|arg| matches!(f.kind(arg.value), Kind::Num(n) if n == "0")),
        _ => false,
    };
    for (id, node) in (0u32..).zip(&f.facts.nodes) {
        let off = match &node.kind {
            Kind::Call(callee, args, _) => match (f.kind(*callee), callee_name(f, *callee).as_str()) {
                (Kind::Member(of, _), "none" | "doNotRetry") => {
                    matches!(f.kind(*of), Kind::Name(of) | Kind::Member(_, of) if matches!(of.as_str(), "RetryPolicy" | "RetryMode" | "AwsRetryStrategy" | "SdkDefaultRetryStrategy"))
                }
                (_, "withMaxErrorRetry" | "setMaxErrorRetry" | "numRetries") => args.first().is_some_and(|arg| zero(arg.value)),
                (_, "NopRetryer") => true,
                _ => false,
            },
            Kind::Object(fields) => fields.iter().any(|field| {
                matches!(field, Field::Named(name, value) if name == "MaxRetries" && zero(*value))
            }),
            _ => false,
        };
        if off {
            out.push(Draft::at(
                &MISSING_RETRY,
                cx,
                At { file, node: id },
                "the SDK's retries are switched off",
            ));
        }
    }
}
