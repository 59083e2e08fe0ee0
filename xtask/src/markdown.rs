//! What the checks read out of Markdown: tables under a heading, links, anchors.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// A row of a table: the line it stands on and its cells as they are written.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub line: usize,
    pub cells: Vec<String>,
}

/// A link or an image, and where it stands.
#[derive(Debug, PartialEq)]
pub struct Link {
    pub line: usize,
    pub to: String,
}

/// What one page offers to links and asks of them.
#[derive(Debug, Default)]
pub struct Page {
    pub links: Vec<Link>,
    pub anchors: HashSet<String>,
    /// `[text][name]` where no `[name]: …` exists.
    pub undefined: Vec<Link>,
}

/// The line, counted from 1, that the byte at `offset` is on.
pub fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// The line of the heading with this text.
pub fn heading_line(text: &str, heading: &str) -> Option<usize> {
    headings(text)
        .into_iter()
        .find(|(_, found)| found == heading)
        .map(|(line, _)| line)
}

/// The body rows of the first table below the heading with this text, before the next heading.
pub fn table_under(text: &str, heading: &str) -> Option<Vec<Row>> {
    let heading_line = heading_line(text, heading)?;
    let section_end = headings(text)
        .into_iter()
        .map(|(line, _)| line)
        .find(|l| *l > heading_line);
    let mut rows: Option<Vec<Row>> = None;
    let mut in_body = false;
    for (event, range) in events(text) {
        let line = line_at(text, range.start);
        if line <= heading_line || section_end.is_some_and(|end| line >= end) {
            continue;
        }
        match event {
            Event::Start(Tag::Table(_)) => rows = Some(Vec::new()),
            Event::End(TagEnd::Table) => break,
            Event::End(TagEnd::TableHead) => in_body = true,
            Event::Start(Tag::TableRow) if in_body => {
                rows.get_or_insert_default().push(Row {
                    line,
                    cells: Vec::new(),
                });
            }
            Event::Start(Tag::TableCell) if in_body => {
                let row = rows.as_mut().and_then(|rows| rows.last_mut());
                if let Some(row) = row {
                    row.cells.push(cell_text(text, range));
                }
            }
            _ => {}
        }
    }
    rows
}

/// The links and anchors of a page.
pub fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut undefined = Vec::new();
    let mut note_undefined = |link: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
        // `[text]` and `[text][]` are prose as often as links; `[text][name]` is meant as one.
        if link.link_type == LinkType::Reference {
            undefined.push(Link {
                line: line_at(text, link.span.start),
                to: link.reference.into_string(),
            });
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(text, options(), Some(&mut note_undefined));
    for (event, range) in parser.into_offset_iter() {
        let line = line_at(text, range.start);
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(Link {
                    line,
                    to: dest_url.into_string(),
                });
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for name in ["href", "src"] {
                    let found = html_values(&html, name);
                    page.links.extend(found.map(|to| Link {
                        line,
                        to: to.to_owned(),
                    }));
                }
                for name in ["id", "name"] {
                    page.anchors
                        .extend(html_values(&html, name).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    page.undefined = undefined;
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (_, heading) in headings(text) {
        let slug = slug(&heading);
        let count = seen.entry(slug.clone()).or_default();
        page.anchors.insert(if *count == 0 {
            slug
        } else {
            format!("{slug}-{count}")
        });
        *count += 1;
    }
    page
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
}

fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    Parser::new_ext(text, options()).into_offset_iter()
}

/// Every heading's line and text, without its markup.
fn headings(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open = false;
    for (event, range) in events(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                open = true;
                found.push((line_at(text, range.start), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => open = false,
            Event::Text(part) | Event::Code(part) if open => {
                if let Some((_, heading)) = found.last_mut() {
                    heading.push_str(&part);
                }
            }
            _ => {}
        }
    }
    found
}

fn cell_text(text: &str, range: Range<usize>) -> String {
    let written = text.get(range).unwrap_or_default();
    written
        .trim_matches(|c: char| c == '|' || c.is_whitespace())
        .to_owned()
}

/// The anchor GitHub gives a heading: lower case, spaces as hyphens, other punctuation dropped.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The double-quoted values of one attribute, which is how HTML is written in our pages.
fn html_values<'t>(html: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let start = format!(" {name}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_a_section_is_found_with_its_lines() {
        let text = "# A\n\n| a |\n|---|\n| no |\n\n## Who\n\nText.\n\n| a | b |\n|---|---|\n\
                    | `x` | `y`, `z` |\n| w | |\n\n## Next\n\n| a |\n|---|\n| no |\n";
        let rows = table_under(text, "Who").unwrap();
        let expected = [(13, vec!["`x`", "`y`, `z`"]), (14, vec!["w", ""])];
        let expected = expected.map(|(line, cells)| Row {
            line,
            cells: cells.into_iter().map(str::to_owned).collect(),
        });
        assert_eq!(rows, expected);
        assert_eq!(table_under(text, "Where"), None);
        assert_eq!(
            table_under("## Who\n\nText.\n\n## Next\n\n| a |\n|---|\n| b |\n", "Who"),
            None
        );
    }

    #[test]
    fn anchors_are_those_github_makes() {
        let anchors =
            page("# Who may use `whom`?\n\n## A\n\n## A\n\n<a id=\"here\"></a>\n").anchors;
        let expected = ["who-may-use-whom", "a", "a-1", "here"];
        assert_eq!(anchors, expected.map(str::to_owned).into());
    }

    #[test]
    fn links_are_found_in_text_images_html_and_references_but_not_in_code() {
        let text = "[a](x.md) `[b](no.md)` ![c](y.png)\n<img src=\"z.png\">\n[d][ref] [e][gone]\n\n\
                    ```\n[f](no.md)\n```\n\n[ref]: w.md\n";
        let page = page(text);
        let found: Vec<_> = page
            .links
            .iter()
            .map(|link| (link.line, link.to.as_str()))
            .collect();
        assert_eq!(
            found,
            [(1, "x.md"), (1, "y.png"), (2, "z.png"), (3, "w.md")]
        );
        assert_eq!(
            page.undefined,
            [Link {
                line: 3,
                to: "gone".to_owned()
            }]
        );
    }
}
