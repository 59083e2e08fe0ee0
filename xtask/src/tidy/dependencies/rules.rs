//! The rules as ARCHITECTURE.md writes them, read into values.

use cargo_metadata::Package;

use crate::markdown::{Row, table_under};
use crate::tidy::Offence;
use crate::tidy::repository::{Repository, offence};

pub const PAGE: &str = "ARCHITECTURE.md";
pub const WHO_USES_WHOM: &str = "Who may use whom";
pub const OUTSIDE: &str = "What stays where";

/// A crate by name, or every crate in a folder: `keyfold-web`, `apps/*`.
#[derive(Debug, PartialEq)]
pub struct Who(pub String);

impl Who {
    pub fn matches(&self, repository: &Repository, package: &Package) -> bool {
        match self.0.strip_suffix("/*") {
            Some(folder) => repository
                .relative(&package.manifest_path)
                .starts_with(folder),
            None => *package.name == self.0,
        }
    }
}

/// One row of "Who may use whom".
pub struct Rule {
    pub who: Who,
    pub uses: Uses,
}

#[derive(Debug, PartialEq)]
pub enum Uses {
    Only(Vec<Use>),
    AllBut(Vec<Who>),
}

#[derive(Debug, PartialEq)]
pub struct Use {
    pub whom: Who,
    /// `by feature`: the dependency has to be optional.
    pub by_feature: bool,
}

/// One row of "What stays where": a crate from outside and which of ours may use it.
pub struct Outside {
    pub name: String,
    pub users: Uses,
    pub written: String,
}

/// What a rule says about one dependency.
pub enum Verdict {
    Allowed,
    OnlyByFeature,
    Refused,
}

impl Uses {
    pub fn judge(&self, repository: &Repository, package: &Package, optional: bool) -> Verdict {
        let (is_named, by_feature) = match self {
            Self::AllBut(refused) => (
                !refused.iter().any(|who| who.matches(repository, package)),
                false,
            ),
            Self::Only(uses) => {
                let named = uses
                    .iter()
                    .find(|one| one.whom.matches(repository, package));
                (named.is_some(), named.is_some_and(|one| one.by_feature))
            }
        };
        match (is_named, by_feature && !optional) {
            (false, _) => Verdict::Refused,
            (true, true) => Verdict::OnlyByFeature,
            (true, false) => Verdict::Allowed,
        }
    }
}

/// The rows of "Who may use whom"; what cannot be read is an offence and permits nothing.
pub fn between_crates(page: &str, found: &mut Vec<Offence>) -> Vec<Rule> {
    read_rows(page, WHO_USES_WHOM, read_rule, found)
}

/// The rows of "What stays where", likewise.
pub fn outside_crates(page: &str, found: &mut Vec<Offence>) -> Vec<Outside> {
    read_rows(page, OUTSIDE, read_outside, found)
}

/// The names in a cell: in backticks, with commas between them.
pub fn names(cell: &str) -> Result<Vec<Who>, String> {
    cell.split(',').map(|part| name_of(part.trim())).collect()
}

fn read_rows<T>(
    page: &str,
    heading: &str,
    read: impl Fn(&Row) -> Result<Vec<T>, String>,
    found: &mut Vec<Offence>,
) -> Vec<T> {
    let Some(rows) = table_under(page, heading) else {
        let what = format!("no table under the heading `{heading}`: tidy reads its rules there");
        found.push(offence(PAGE, 1, what));
        return Vec::new();
    };
    let mut all = Vec::new();
    for row in rows {
        match read(&row) {
            Ok(rules) => all.extend(rules),
            Err(what) => found.push(offence(PAGE, row.line, what)),
        }
    }
    all
}

/// A row may name several crates that follow the same rule.
fn read_rule(row: &Row) -> Result<Vec<Rule>, String> {
    let [who, uses, ..] = row.cells.as_slice() else {
        return Err("a row needs two cells: the crate, and what it may use".to_owned());
    };
    let rule = |who| read_uses(uses).map(|uses| Rule { who, uses });
    names(who)?.into_iter().map(rule).collect()
}

fn read_uses(cell: &str) -> Result<Uses, String> {
    match cell {
        "nothing" => return Ok(Uses::Only(Vec::new())),
        "everything" => return Ok(Uses::AllBut(Vec::new())),
        _ => {}
    }
    if let Some(rest) = cell.strip_prefix("everything but ") {
        return Ok(Uses::AllBut(names(rest)?));
    }
    let uses = cell.split(',').map(|part| {
        let part = part.trim();
        let (name, by_feature) = match part.strip_suffix(" by feature") {
            Some(name) => (name, true),
            None => (part, false),
        };
        name_of(name).map(|whom| Use { whom, by_feature })
    });
    uses.collect::<Result<_, _>>().map(Uses::Only)
}

fn name_of(written: &str) -> Result<Who, String> {
    let name = written
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    let name = name.filter(|name| !name.is_empty() && !name.contains('`'));
    name.map(|name| Who(name.to_owned())).ok_or_else(|| {
        format!(
            "cannot read \"{written}\": write crate names in backticks with commas between them \
             (`apps/*` for a folder), `nothing`, `everything` or `everything but …`"
        )
    })
}

fn read_outside(row: &Row) -> Result<Vec<Outside>, String> {
    let [outsiders, users, ..] = row.cells.as_slice() else {
        return Err("a row needs two cells: the crate from outside, and who may use it".to_owned());
    };
    let rule = |Who(name)| {
        let written = users.clone();
        read_uses(users).map(|users| Outside {
            name,
            users,
            written,
        })
    };
    names(outsiders)?.into_iter().map(rule).collect()
}
