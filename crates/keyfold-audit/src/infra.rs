//! Tables, rights and consumers, gathered from infrastructure and programs.

use crate::link::eval::Eval;
use crate::link::Project;
use crate::sites::FileSites;
use crate::tables::{self, Infrastructure};

/// Everything the project says of its tables, by file and line.
pub fn collect(project: &Project, sites: &[FileSites], _scripts: &[(String, String)]) -> Infrastructure {
    let mut out = Infrastructure::default();
    let eval = Eval::new(project);
    for site in sites.iter().flat_map(|s| &s.sites) {
        out.tables.extend(tables::from_create_table(&eval, site));
    }
    for (id, file) in project.ids() {
        for class in 0..u32::try_from(file.facts.classes.len()).unwrap_or(u32::MAX) {
            out.tables.extend(tables::from_pynamodb(&eval, id, class));
        }
    }
    sort(&mut out);
    out
}

fn sort(out: &mut Infrastructure) {
    out.tables.sort_by(|a, b| (&a.file, a.line, &a.name).cmp(&(&b.file, b.line, &b.name)));
    out.iam.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    out.consumers.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    out.environment.sort();
    out.environment.dedup();
}
