//! Every crate begins with a page that says what it is: `//!` at the top of its root file.

use cargo_metadata::TargetKind;

use super::Offence;
use super::repository::{Repository, offence};

/// Finds libraries and binaries without a front page.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let mut found = Vec::new();
    for member in repository.members() {
        let targets = member.targets.iter().filter(|target| {
            let is_shipped = |kind| {
                matches!(
                    kind,
                    &TargetKind::Bin | &TargetKind::Lib | &TargetKind::ProcMacro
                )
            };
            target.kind.iter().any(is_shipped)
        });
        for target in targets {
            let file = repository.relative(&target.src_path);
            if let Some(what) = missing_front_page(&repository.text(&file)?, &target.name) {
                found.push(offence(file, 1, what));
            }
        }
    }
    Ok(found)
}

fn missing_front_page(source: &str, name: &str) -> Option<String> {
    match syn::parse_file(source) {
        Ok(file) if file.attrs.iter().any(says_something) => None,
        Ok(_) => Some(format!(
            "`{name}` has no front page: begin the file with `//!`, what the crate is and where \
             to go from here"
        )),
        Err(error) => Some(format!("cannot read the source of `{name}`: {error}")),
    }
}

fn says_something(attribute: &syn::Attribute) -> bool {
    if !attribute.path().is_ident("doc") {
        return false;
    }
    let Ok(doc) = attribute.meta.require_name_value() else {
        return false;
    };
    match &doc.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => !text.value().trim().is_empty(),
        // `#![doc = include_str!("…")]`
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    fn offences(lib: &str) -> Vec<String> {
        Fixture::new()
            .file("crates/one/src/lib.rs", lib)
            .member("crates/one", "")
            .offences(check)
    }

    #[test]
    fn a_front_page_is_enough_in_either_form() {
        assert_eq!(
            offences("#![forbid(unsafe_code)]\n//! What it is.\npub fn a() {}\n"),
            [""; 0]
        );
        assert_eq!(
            offences("#![doc = include_str!(\"../README.md\")]\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_crate_that_says_nothing_of_itself_is_found() {
        for lib in [
            "/// An item's page.\npub fn a() {}\n",
            "//!\npub fn a() {}\n",
            "// A comment.\n",
        ] {
            let found = offences(lib);
            assert_eq!(found.len(), 1, "{lib:?}");
            assert!(found[0].starts_with("crates/one/src/lib.rs:1: `one` has no front page: "));
        }
    }

    #[test]
    fn a_binary_needs_one_as_well() {
        let fixture = Fixture::new().member("crates/one", "");
        let found = fixture
            .file("crates/one/src/main.rs", "fn main() {}\n")
            .offences(check);
        assert!(
            found[0].starts_with("crates/one/src/main.rs:1: "),
            "{found:?}"
        );
    }
}
