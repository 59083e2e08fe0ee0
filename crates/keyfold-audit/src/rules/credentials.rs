//! # `static-credentials`
//!
//! An access key in the source is in every clone, every build and every backup of it, for ever.
//!
//! ```ts
//! new DynamoDBClient({ credentials: { accessKeyId: 'AKIA…', secretAccessKey: '…' } })   // bad
//! new DynamoDBClient({})                                                               // good: the role's
//! ```
//! ```python
//! boto3.client("dynamodb", aws_access_key_id="AKIA…", aws_secret_access_key="…")       # bad
//! ```
//!
//! The secret is never printed or kept: only the first four characters of the id.
//!
//! **Stays silent**: a local endpoint (`localhost`, `127.0.0.1`, `dynamodb-local`, `host.docker.internal`), dummies
//! (`local`, `fake`, `test`, `dummy`, `x`), AWS's documentation examples (`…EXAMPLE`), values from the environment.
//!
//! Source: CWE-798.

use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind};
use crate::finding::{Confidence, Severity};
use crate::link::eval::{Eval, Value};
use crate::link::flow::callee_name;
use crate::link::{At, FileId};

/// Keys in the source.
pub static STATIC_CREDENTIALS: Rule = Rule {
    id: "static-credentials",
    severity: Severity::Critical,
    effort: 30,
    title: "Credentials in the source",
    why: "Whoever reads the source can use them, and they stay in its history.",
    fix: "Revoke them; use the role of the runtime, or a secret store.",
    security: Some("9.1"),
    page: include_str!("credentials.rs"),
};

const NAMES: [&str; 8] = [
    "accessKeyId",
    "aws_access_key_id",
    "secretAccessKey",
    "aws_secret_access_key",
    "access_key_id",
    "secret_access_key",
    "accessKey",
    "secretKey",
];

/// Fields, keyword arguments and constructors that hold keys.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    if f.lang.is_document() || f.role == crate::link::Role::Test {
        return;
    }
    let mut seen: Vec<u32> = Vec::new();
    for (id, node) in (0u32..).zip(&f.facts.nodes) {
        let mut values: Vec<(String, At, u32)> = Vec::new();
        match &node.kind {
            Kind::Object(fields) => {
                for field in fields {
                    if let Field::Named(name, value) = field
                        && NAMES.contains(&name.as_str())
                    {
                        values.push((name.to_string(), At { file, node: *value }, id));
                    }
                }
            }
            Kind::Call(callee, args, _) => {
                for arg in args {
                    if let Some(name) = arg.name.as_deref()
                        && NAMES.contains(&name)
                    {
                        values.push((
                            name.to_owned(),
                            At {
                                file,
                                node: arg.value,
                            },
                            id,
                        ));
                    }
                }
                let name = callee_name(f, *callee);
                let maker = matches!(
                    name.as_str(),
                    "from_keys"
                        | "BasicAWSCredentials"
                        | "NewStaticCredentials"
                        | "NewStaticCredentialsProvider"
                ) || name == "new"
                    && matches!(f.kind(*callee), Kind::Member(obj, _) if matches!(f.kind(*obj), Kind::Name(n) | Kind::Member(_, n) if n == "Credentials"))
                    || name == "create"
                        && matches!(f.kind(*callee), Kind::Member(obj, _) if matches!(f.kind(*obj), Kind::Name(n) | Kind::Member(_, n) if n == "AwsBasicCredentials"));
                if maker && let Some(first) = args.first() {
                    values.push((
                        "access key".to_owned(),
                        At {
                            file,
                            node: first.value,
                        },
                        id,
                    ));
                }
            }
            _ => {}
        }
        for (name, at, holder) in values {
            let Some(text) = eval.text(at) else { continue };
            if !real(&text, &name)
                || local(eval, file, holder)
                || seen.contains(&f.span(at.node).line)
            {
                continue;
            }
            seen.push(f.span(at.node).line);
            let looks = is_key_id(&text);
            let shown: String = if looks {
                format!("{}…", text.chars().take(4).collect::<String>())
            } else {
                "a literal".to_owned()
            };
            let mut draft = Draft::at(
                &STATIC_CREDENTIALS,
                cx,
                at,
                format!("{name} is {shown} in the source"),
            );
            if !looks {
                draft = draft.at_most(Confidence::Medium);
            }
            out.push(draft);
            break;
        }
    }
}

fn is_key_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// A key rather than a dummy: an access key's id, or a secret of forty characters.
fn real(text: &str, name: &str) -> bool {
    if text.ends_with("EXAMPLE") || text.ends_with("EXAMPLEKEY") {
        return false;
    }
    if is_key_id(text) {
        return true;
    }
    let secret = name.to_ascii_lowercase().contains("secret");
    secret
        && text.len() == 40
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '+' | '='))
        && text.chars().any(|c| c.is_ascii_digit())
        && text.chars().any(|c| c.is_ascii_uppercase())
        && text.chars().any(|c| c.is_ascii_lowercase())
}

/// The client they are given to talks to this machine.
fn local(eval: &Eval<'_>, file: FileId, holder: u32) -> bool {
    let f = eval.project.file(file);
    let mut roots = vec![holder];
    roots.extend(f.ancestors(holder).take(4));
    roots.into_iter().any(|root| {
        let texts: Vec<At> = match f.kind(root) {
            Kind::Object(fields) => fields
                .iter()
                .filter_map(|field| match field {
                    Field::Named(name, value)
                        if matches!(name.as_str(), "endpoint" | "endpoint_url") =>
                    {
                        Some(At { file, node: *value })
                    }
                    _ => None,
                })
                .collect(),
            Kind::Call(_, args, _) => args
                .iter()
                .filter(|arg| matches!(arg.name.as_deref(), Some("endpoint_url" | "endpoint")))
                .map(|arg| At {
                    file,
                    node: arg.value,
                })
                .collect(),
            _ => Vec::new(),
        };
        texts.into_iter().any(|at| match eval.value(at) {
            Value::Text(pieces) => {
                let text = super::evidence::shown(&pieces);
                [
                    "localhost",
                    "127.0.0.1",
                    "dynamodb-local",
                    "host.docker.internal",
                    "0.0.0.0",
                    "localstack",
                ]
                .iter()
                .any(|l| text.contains(l))
            }
            _ => false,
        })
    })
}
