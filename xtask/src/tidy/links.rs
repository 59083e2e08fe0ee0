//! A link in a page of the repository leads somewhere, in a fresh clone as here.
//!
//! Relative links and `#anchors` are followed, in Markdown and, to Markdown files, in doc
//! comments. Addresses on the web are not: a check that needs the network fails for others' faults.

use cargo_metadata::camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use percent_encoding::percent_decode_str;

use super::Offence;
use super::repository::{Repository, offence};
use crate::markdown::{self, Link};

/// Finds links that lead nowhere.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let mut found = Vec::new();
    for file in repository.files_ending(".md") {
        let page = markdown::page(&repository.text(file)?);
        for link in &page.links {
            if let Some(what) = dead(repository, file, link)? {
                found.push(offence(file, link.line, what));
            }
        }
        found.extend(page.undefined.iter().map(|link| {
            let what = format!(
                "`[{0}]` is not defined: add `[{0}]: address` to the page",
                link.to
            );
            offence(file, link.line, what)
        }));
    }
    for file in repository.files_ending(".rs") {
        for link in doc_comment_links(&repository.text(file)?) {
            if let Some(what) = dead(repository, file, &link)? {
                found.push(offence(file, link.line, what));
            }
        }
    }
    Ok(found)
}

fn dead(repository: &Repository, file: &Utf8Path, link: &Link) -> anyhow::Result<Option<String>> {
    let to = &link.to;
    if leaves_the_repository(to) {
        return Ok(None);
    }
    let (path, anchor) = to.split_once('#').unwrap_or((to, ""));
    let path = percent_decode_str(path).decode_utf8_lossy();
    let target = if path.is_empty() {
        Some(file.to_owned())
    } else {
        resolve(file, &path)
    };
    let Some(target) = target else {
        let what = format!("`{to}` leaves the repository: link to a file in it, or to the web");
        return Ok(Some(what));
    };
    if !repository.has(&target) {
        return Ok(Some(format!(
            "dead link: there is no `{target}` in a fresh clone"
        )));
    }
    if anchor.is_empty() || target.extension() != Some("md") {
        return Ok(None);
    }
    let anchor = percent_decode_str(anchor).decode_utf8_lossy();
    let page = markdown::page(&repository.text(&target)?);
    if page.anchors.contains(anchor.as_ref()) {
        return Ok(None);
    }
    Ok(Some(format!(
        "dead link: `{target}` has no heading for `#{anchor}`"
    )))
}

/// Whether the link has a scheme (`https:`, `mailto:`) or a host.
fn leaves_the_repository(to: &str) -> bool {
    let scheme = to.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    to.starts_with("//") || (!scheme.is_empty() && scheme.chars().all(is_scheme))
}

/// The path from the root that a link in `file` means; none if it is not below the root.
fn resolve(file: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let mut target = file.parent()?.to_owned();
    for component in Utf8Path::new(path).components() {
        match component {
            Utf8Component::Normal(name) => target.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                if !target.pop() {
                    return None;
                }
            }
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(target)
}

/// Links to Markdown files in a source's doc comments. Links to items are rustdoc's to check.
fn doc_comment_links(source: &str) -> Vec<Link> {
    // What is not a doc comment becomes an empty line, which keeps the count and ends paragraphs.
    let docs = source.lines().map(|line| {
        let line = line.trim_start();
        line.strip_prefix("//!")
            .or_else(|| line.strip_prefix("///"))
            .unwrap_or_default()
    });
    let text = docs
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>();
    let links = markdown::page(&text.join("\n")).links.into_iter();
    let is_page = |to: &str| {
        let path = to.split_once('#').map_or(to, |(path, _)| path);
        Utf8Path::new(path).extension() == Some("md")
    };
    links.filter(|link| is_page(&link.to)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    /// A repository with this page in `docs/` and another one to link to.
    fn offences(page: &str) -> Vec<String> {
        Fixture::new()
            .file("README.md", "# Read me\n\n## A part, with `code`\n")
            .file("target/made.md", "")
            .file("docs/page.md", page)
            .offences(check)
    }

    #[test]
    fn links_that_lead_somewhere_are_silent() {
        let page = "# Here\n[a](../README.md) [b](../README.md#a-part-with-code) [c](#here) [d](..)\n\
                    [e](https://example.com/x.md) [f](mailto:a@example.com) <https://example.com>\n\
                    [g](../Cargo%2Etoml#L1)\n";
        assert_eq!(offences(page), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found_at_their_lines() {
        let page = "[a](gone.md)\n\n[b](../README.md#no-part)\n\n[c](#nowhere)\n\n[d][undefined]\n\n\
                    [e](../../other/x.md)\n\n![f](gone.png)\n\n[g](/README.md)\n";
        let expected = [
            "docs/page.md:1: dead link: there is no `docs/gone.md` in a fresh clone",
            "docs/page.md:3: dead link: `README.md` has no heading for `#no-part`",
            "docs/page.md:5: dead link: `docs/page.md` has no heading for `#nowhere`",
            "docs/page.md:7: `[undefined]` is not defined: add `[undefined]: address` to the page",
            "docs/page.md:9: `../../other/x.md` leaves the repository: link to a file in it, or to the web",
            "docs/page.md:11: dead link: there is no `docs/gone.png` in a fresh clone",
            "docs/page.md:13: `/README.md` leaves the repository: link to a file in it, or to the web",
        ];
        assert_eq!(offences(page), expected);
    }

    #[test]
    fn a_file_that_only_this_machine_has_is_no_target() {
        let found = offences("[a](../target/made.md)\n");
        assert_eq!(
            found,
            ["docs/page.md:1: dead link: there is no `target/made.md` in a fresh clone"]
        );
    }

    #[test]
    fn pages_linked_from_doc_comments_exist() {
        let source = "//! See [a](../../../README.md).\n\n/// See [b](gone.md) and [c](crate::d).\npub fn d() {}\n";
        let fixture = Fixture::new()
            .file("README.md", "")
            .file("crates/one/src/lib.rs", source);
        let expected = "crates/one/src/lib.rs:3: dead link: there is no `crates/one/src/gone.md` in a fresh clone";
        assert_eq!(fixture.offences(check), [expected]);
    }
}
