//! Terraform: the table, and its roles' policies where they are asked for.

use std::fmt::Write as _;

use keyfold_model::{IndexModel, Projection, TableModel};

use crate::cloud_formation::With;
use crate::iam::{self, NoSuchPart, Resource, Role};

/// The configuration. The table's name is a variable, with this default.
///
/// # Errors
/// Where a tenant is asked for and no key names one.
pub fn terraform(model: &TableModel<'_>, name: &str, with: With<'_>) -> Result<String, NoSuchPart> {
    let mut out = Hcl::default();
    out.block("variable \"table_name\"", |out| {
        out.text("description", "The table's name");
        out.set("type", "string");
        out.text("default", name);
    });
    out.block("resource \"aws_dynamodb_table\" \"table\"", |out| {
        table(out, model);
    });
    if with.policies {
        for role in Role::of(model) {
            policy(&mut out, &iam::statements(model, role, with.tenant)?, role);
        }
    }
    out.block("output \"table_name\"", |out| {
        out.set("value", "aws_dynamodb_table.table.name");
    });
    out.block("output \"table_arn\"", |out| {
        out.set("value", "aws_dynamodb_table.table.arn");
    });
    if model.stream.is_some() {
        out.block("output \"stream_arn\"", |out| {
            out.set("value", "aws_dynamodb_table.table.stream_arn");
        });
    }
    Ok(out.finish())
}

fn table(out: &mut Hcl, model: &TableModel<'_>) {
    out.set("name", "var.table_name");
    out.text("billing_mode", "PAY_PER_REQUEST");
    out.text("hash_key", &model.pk.name);
    if let Some(sk) = &model.sk {
        out.text("range_key", &sk.name);
    }
    if let Some(view) = model.stream {
        out.set("stream_enabled", "true");
        out.text("stream_view_type", view.as_str());
    }
    out.set("deletion_protection_enabled", "true");
    for attribute in model.key_attributes() {
        out.block("attribute", |out| {
            out.text("name", &attribute.name);
            out.text("type", attribute.kind.as_str());
        });
    }
    for index in model.indexes.iter() {
        let kind = if index.local { "local" } else { "global" };
        out.block(&format!("{kind}_secondary_index"), |out| {
            self::index(out, index);
        });
    }
    if let Some(ttl) = &model.ttl {
        out.block("ttl", |out| {
            out.text("attribute_name", ttl);
            out.set("enabled", "true");
        });
    }
    out.block("point_in_time_recovery", |out| out.set("enabled", "true"));
    // A plan that would replace the table is refused.
    out.block("lifecycle", |out| out.set("prevent_destroy", "true"));
}

fn index(out: &mut Hcl, index: &IndexModel<'_>) {
    out.text("name", &index.name);
    if !index.local {
        out.text("hash_key", &index.pk.name);
    }
    if let Some(sk) = &index.sk {
        out.text("range_key", &sk.name);
    }
    out.text("projection_type", index.projection.as_str());
    if let Projection::Include(names) = &index.projection {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        out.set("non_key_attributes", &format!("[{}]", names.join(", ")));
    }
}

fn policy(out: &mut Hcl, statements: &[iam::Statement], role: Role) {
    let label = role.as_str().replace('-', "_");
    out.block(
        &format!("data \"aws_iam_policy_document\" \"{label}\""),
        |out| {
            for statement in statements {
                out.block("statement", |out| self::statement(out, statement));
            }
        },
    );
    out.block(&format!("resource \"aws_iam_policy\" \"{label}\""), |out| {
        out.set("name", &format!("\"${{var.table_name}}-{role}\""));
        let document = format!("data.aws_iam_policy_document.{label}.json");
        out.set("policy", &document);
    });
}

fn statement(out: &mut Hcl, statement: &iam::Statement) {
    out.text("sid", statement.sid);
    let actions = statement.actions.iter();
    out.list(
        "actions",
        actions.map(|action| quoted(&format!("dynamodb:{action}"))),
    );
    let below = |tail: &str| format!("\"${{aws_dynamodb_table.table.arn}}{}\"", escaped(tail));
    let resources = statement.resources.iter();
    out.list(
        "resources",
        resources.map(|resource| match resource {
            Resource::Table => "aws_dynamodb_table.table.arn".to_owned(),
            Resource::Index(name) => below(&format!("/index/{name}")),
            Resource::Indexes => below("/index/*"),
            Resource::Streams => below("/stream/*"),
            Resource::Places => below("-streams"),
        }),
    );
    if !statement.leading_keys.is_empty() {
        out.block("condition", |out| {
            out.text("test", "ForAllValues:StringLike");
            out.text("variable", "dynamodb:LeadingKeys");
            // `$${` stands for `${`, which is IAM's here and not Terraform's.
            out.list(
                "values",
                statement.leading_keys.iter().map(|key| quoted(key)),
            );
        });
    }
}

/// HCL as `terraform fmt` leaves it: the equals signs of neighbours in one column.
#[derive(Default)]
struct Hcl {
    out: String,
    depth: usize,
    /// Settings that wait until their column is known.
    settings: Vec<(String, String)>,
}

impl Hcl {
    fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.set(name, &quoted(value));
    }

    fn list(&mut self, name: &str, values: impl Iterator<Item = String>) {
        self.flush();
        let indent = "  ".repeat(self.depth);
        let _ = writeln!(self.out, "{indent}{name} = [");
        for value in values {
            let _ = writeln!(self.out, "{indent}  {value},");
        }
        let _ = writeln!(self.out, "{indent}]");
    }

    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.flush();
        if !self.out.is_empty() && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
        let indent = "  ".repeat(self.depth);
        let _ = writeln!(self.out, "{indent}{head} {{");
        self.depth += 1;
        body(self);
        self.flush();
        self.depth -= 1;
        let _ = writeln!(self.out, "{indent}}}");
    }

    fn flush(&mut self) {
        let width = self.settings.iter().map(|(name, _)| name.len()).max();
        let (width, indent) = (width.unwrap_or_default(), "  ".repeat(self.depth));
        for (name, value) in std::mem::take(&mut self.settings) {
            let _ = writeln!(self.out, "{indent}{name:width$} = {value}");
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        self.out
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
