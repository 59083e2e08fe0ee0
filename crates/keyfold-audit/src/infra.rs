//! What infrastructure and programs define: tables, rights, stream consumers, environment variables.

mod bean;
mod cdk;
mod cloudformation;
mod document;
pub mod model;
mod shell;
mod terraform;

use crate::link::eval::Eval;
use crate::link::{At, Project};
use crate::sites::FileSites;
use crate::tables::{self, IamStatement, Infrastructure};

/// Everything the project says of its tables, by file and line; `scripts` are shell scripts with their text.
pub fn collect(
    project: &Project,
    sites: &[FileSites],
    scripts: &[(String, String)],
) -> Infrastructure {
    let mut found = Infrastructure::default();
    model::collect(project, &mut found);
    cloudformation::collect(project, &mut found);
    terraform::collect(project, &mut found);
    shell::collect(scripts, &mut found);
    let eval = Eval::new(project);
    cdk::collect(&eval, &mut found);
    bean::collect(&eval, &mut found);
    for site in sites.iter().flat_map(|s| &s.sites) {
        found.tables.extend(tables::from_create_table(&eval, site));
    }
    for (id, file) in project.ids() {
        for class in 0..u32::try_from(file.facts.classes.len()).unwrap_or(u32::MAX) {
            found.tables.extend(tables::from_pynamodb(&eval, id, class));
        }
    }
    sort(&mut found);
    found
}

fn sort(found: &mut Infrastructure) {
    found
        .tables
        .sort_by(|a, b| (&a.file, a.line, &a.name).cmp(&(&b.file, b.line, &b.name)));
    // A YAML anchor is read where it is used, too.
    found.tables.dedup_by(|a, b| {
        a.file == b.file && a.line == b.line && a.logical == b.logical && a.source == b.source
    });
    found
        .iam
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    found.iam.dedup_by(|a, b| a == b);
    found
        .consumers
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    found.environment.sort();
    found.environment.dedup();
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
