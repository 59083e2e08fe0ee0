//! # `pii-plaintext`
//!
//! Encryption at rest protects disks, not items read by whoever holds the role. A personal value in a key lands in logs,
//! metrics and error messages besides.
//!
//! ```ts
//! Item: { PK: `USER#${email}`, phoneNumber }                                  // bad
//! Item: { PK: `USER#${hmac(email)}`, phoneNumber: await encrypt(phoneNumber) }   // good
//! ```
//! ```python
//! table.put_item(Item={"pk": pk, "passport_number": number})                    # bad
//! table.put_item(Item={"pk": pk, "passport_number": encrypt(number)})           # good
//! ```
//!
//! Instead: field encryption under a key per tenant; for look-ups a keyed hash (HMAC), never a bare hash of a value that
//! can be guessed.
//!
//! The words are e-mail, phone, street address, birth date, tax, passport and social security numbers, IBAN, card and
//! health; `[audit.pii] words` adds, `ignore` removes, `encrypt` names your functions.
//!
//! **Stays silent**: `email_hash`, `emailVerified`, `email_template_id`, addresses of networks, wallets or memory, `name`
//! alone, tests, a layer that encrypts centrally (`central = true`), a value that passes an encrypt, hash, mask or tokenise
//! function.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::{Eval, Piece, Value};
use crate::link::flow::callee_name;
use crate::link::{At, FileId};
use crate::op::Op;

/// Personal data as it is.
pub static PII_PLAINTEXT: Rule = Rule {
    id: "pii-plaintext",
    severity: Severity::High,
    effort: 60,
    title: "Personal data in plain text",
    why: "Whoever may read the table reads it; in a key it lands in logs and error messages too.",
    fix: "Encrypt the field under a key per tenant; look it up by a keyed hash.",
    security: Some("6.5"),
    page: include_str!("pii.rs"),
};

const SINGLE: [&str; 24] = [
    "email",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "ssn",
    "passport",
    "iban",
    "birthdate",
    "birthday",
    "dob",
    "taxid",
    "vat",
    "diagnosis",
    "telefon",
    "geburtsdatum",
    "telefono",
    "correo",
    "courriel",
    "naissance",
    "cpf",
    "nif",
    "medication",
    "cardnumber",
];
const DOUBLE: [(&str, &str); 26] = [
    ("e", "mail"),
    ("date", "birth"),
    ("birth", "date"),
    ("street", "address"),
    ("home", "address"),
    ("postal", "address"),
    ("shipping", "address"),
    ("billing", "address"),
    ("mailing", "address"),
    ("tax", "id"),
    ("tax", "number"),
    ("passport", "number"),
    ("credit", "card"),
    ("card", "number"),
    ("social", "security"),
    ("national", "id"),
    ("medical", "record"),
    ("health", "record"),
    ("blood", "type"),
    ("driver", "license"),
    ("drivers", "license"),
    ("bank", "account"),
    ("account", "number"),
    ("phone", "number"),
    ("first", "name"),
    ("last", "name"),
];
/// Words that say it is not the value itself.
const OTHER: [&str; 38] = [
    "hash",
    "hashed",
    "hmac",
    "digest",
    "verified",
    "template",
    "encrypted",
    "cipher",
    "masked",
    "token",
    "count",
    "enabled",
    "sent",
    "type",
    "valid",
    "status",
    "index",
    "id",
    "ids",
    "opt",
    "preference",
    "preferences",
    "notification",
    "notifications",
    "settings",
    "confirmed",
    "required",
    "flag",
    "has",
    "is",
    "ip",
    "mac",
    "wallet",
    "contract",
    "memory",
    "subject",
    "body",
    "provider",
];

/// Whether a name is one of personal data; names of people are smells, not findings.
pub fn is_pii(name: &str, extra: &[String], ignore: &[String]) -> bool {
    if ignore.iter().any(|i| i.eq_ignore_ascii_case(name)) {
        return false;
    }
    if extra.iter().any(|e| e.eq_ignore_ascii_case(name)) {
        return true;
    }
    let words = evidence::words(name);
    if words.len() > 4
        || words.iter().any(|w| OTHER.contains(&w.as_str())) && !is_known_pair(&words)
    {
        return false;
    }
    words.iter().any(|w| SINGLE.contains(&w.as_str())) || is_known_pair(&words)
}

fn is_known_pair(words: &[String]) -> bool {
    DOUBLE.iter().any(|(a, b)| {
        !matches!((*a, *b), ("first" | "last", "name"))
            && words.windows(2).any(|w| w[0] == *a && w[1] == *b)
            || (*a, *b) == ("date", "birth")
                && words
                    .windows(3)
                    .any(|w| w[0] == "date" && w[1] == "of" && w[2] == "birth")
    })
}

const HIDES: [&str; 14] = [
    "encrypt",
    "encrypted",
    "hash",
    "hmac",
    "mask",
    "tokenize",
    "tokenise",
    "redact",
    "seal",
    "cipher",
    "pseudonymize",
    "anonymize",
    "digest",
    "bcrypt",
];

/// Items and keys that are written.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let place = cx.place(file);
    let pii = &cx.config.pii;
    if pii.central
        || matches!(
            place,
            Place::Test | Place::Example | Place::Infrastructure | Place::Script
        )
    {
        return;
    }
    let f = cx.project.file(file);
    if f.facts.imports.iter().any(|i| {
        i.module.contains("database-encryption")
            || i.module.contains("dynamodb-encryption")
            || i.module.contains("dynamodb_encryption")
    }) {
        return;
    }
    for site in cx.calls(file) {
        if !matches!(site.op, Op::PutItem | Op::UpdateItem) {
            continue;
        }
        let mut names: Vec<String> = Vec::new();
        let mut in_key = false;
        let mut place_at = site.at;
        for part in evidence::key_parts(eval, site) {
            let is_key = super::tenants::is_partition(&part)
                || part.attribute.to_ascii_lowercase().ends_with("sk");
            if is_key {
                for piece in &part.pieces {
                    if let Piece::Hole(name, at) = piece
                        && is_pii(name, &pii.words, &pii.ignore)
                        && !hidden(eval, *at, &pii.encrypt, 4)
                    {
                        in_key = true;
                        names.push(name.to_string());
                    }
                }
            } else if site.op == Op::PutItem
                && is_pii(&part.attribute, &pii.words, &pii.ignore)
                && !hidden(eval, part.at, &pii.encrypt, 4)
                && !matches!(
                    eval.value(part.at),
                    Value::Bool(_) | Value::Number(_) | Value::Null
                )
            {
                names.push(part.attribute.to_string());
                place_at = part.at;
            }
        }
        if site.op == Op::UpdateItem {
            for (name, at) in updated(eval, site) {
                if is_pii(&name, &pii.words, &pii.ignore) && !hidden(eval, at, &pii.encrypt, 4) {
                    names.push(name);
                }
            }
        }
        names.sort();
        names.dedup();
        if names.is_empty() {
            continue;
        }
        let what = names.join(", ");
        let mut draft = Draft::at_site(
            &PII_PLAINTEXT,
            cx,
            site,
            if in_key {
                format!("{what} in a key, in plain text")
            } else {
                format!("{what} written in plain text")
            },
        );
        if in_key {
            draft = draft.severity(Severity::Critical);
        }
        if place_at != site.at {
            draft = draft.related(cx.project, place_at, "written here");
        }
        out.push(draft.at_most(Confidence::Medium));
    }
}

/// The attributes an update sets, with their values.
fn updated(eval: &Eval<'_>, site: &crate::sites::Site) -> Vec<(String, At)> {
    let Some((update, _)) = evidence::expression(eval, site, "UpdateExpression") else {
        return Vec::new();
    };
    let names = evidence::attribute_names(eval, site).unwrap_or_default();
    let values = evidence::attribute_values(eval, site).unwrap_or_default();
    evidence::clauses(&evidence::shown(&update))
        .into_iter()
        .filter_map(|clause| {
            let name = names
                .iter()
                .find(|(p, _)| *p == clause.attribute)
                .map_or(clause.attribute.clone(), |(_, n)| n.to_string());
            let (_, at) = values.iter().find(|(p, _)| *p == clause.value)?;
            Some((name, evidence::plain(eval, *at)))
        })
        .collect()
}

/// The value went through a function that hides it, or is made by something that is not seen.
fn hidden(eval: &Eval<'_>, at: At, extra: &[String], depth: u32) -> bool {
    if depth == 0 {
        return true;
    }
    let file = eval.project.file(at.file);
    let here = |node: u32| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        Kind::Call(callee, args, _) => {
            let name = callee_name(file, *callee);
            if extra.iter().any(|e| e == name.as_str())
                || evidence::words(&name)
                    .iter()
                    .any(|w| HIDES.contains(&w.as_str()))
            {
                return true;
            }
            // A chain such as `createHmac(…).update(x).digest()`.
            if let Kind::Member(obj, _) = file.kind(*callee)
                && matches!(file.kind(*obj), Kind::Call(..))
                && hidden(eval, here(*obj), extra, depth - 1)
            {
                return true;
            }
            args.iter().any(|arg| {
                matches!(file.kind(arg.value), Kind::Call(..))
                    && hidden(eval, here(arg.value), extra, depth - 1)
            })
        }
        Kind::Name(name) => {
            if evidence::words(name).iter().any(|w| {
                HIDES.contains(&w.as_str())
                    || matches!(w.as_str(), "hashed" | "masked" | "ciphertext")
            }) {
                return true;
            }
            eval.bindings(at, name).iter().any(|(_, b)| match b.source {
                crate::link::scope::Source::Value(value) if value != at.node => {
                    matches!(file.kind(value), Kind::Call(..))
                        && hidden(eval, here(value), extra, depth - 1)
                }
                _ => false,
            })
        }
        Kind::Object(fields) => fields
            .iter()
            .any(|f| matches!(f, Field::Named(n, _) if HIDES.contains(&n.as_str()))),
        _ => false,
    }
}
