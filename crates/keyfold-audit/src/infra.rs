//! What infrastructure defines: tables, rights, stream consumers, environment variables.

mod bean;
mod cdk;
mod cloudformation;
mod document;
mod terraform;

use crate::link::{At, Project};
use crate::link::eval::Eval;
use crate::tables::{IamStatement, Infrastructure};

/// Everything that documents and programs of the project define.
pub fn collect(project: &Project) -> Infrastructure {
    let mut found = Infrastructure::default();
    cloudformation::collect(project, &mut found);
    terraform::collect(project, &mut found);
    let eval = Eval::new(project);
    cdk::collect(&eval, &mut found);
    bean::collect(&eval, &mut found);
    found.tables.sort_by(|a, b| (&a.file, a.line, &a.name).cmp(&(&b.file, b.line, &b.name)));
    found.tables.dedup_by(|a, b| a.file == b.file && a.line == b.line && a.logical == b.logical);
    found.iam.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    found.consumers.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    found.environment.sort();
    found.environment.dedup();
    found
}

/// Whether a statement says anything about `DynamoDB`.
fn concerns(statement: &IamStatement) -> bool {
    let mut actions = statement.actions.iter();
    actions.any(|action| action == "*" || action.to_ascii_lowercase().starts_with("dynamodb:"))
}

fn place(project: &Project, at: At) -> (String, u32, u32) {
    let file = project.file(at.file);
    let span = file.span(at.node);
    (file.path.clone(), span.line, span.end_line)
}
