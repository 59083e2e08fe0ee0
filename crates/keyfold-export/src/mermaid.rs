//! The design as a Mermaid flowchart, for Markdown pages that draw it.

use std::fmt::Write as _;

use keyfold_model::TableModel;

use crate::collections::{Place, places};

/// The flowchart: a box for each item collection, in it its items, and a line from each access pattern to what it
/// reads.
pub fn mermaid(model: &TableModel<'_>) -> String {
    let mut out = String::from("flowchart LR\n");
    for (at, place) in places(model).iter().enumerate() {
        self::place(&mut out, model, place, at);
    }
    out.push_str("  classDef pattern stroke-width:2px\n");
    out
}

fn place(out: &mut String, model: &TableModel<'_>, place: &Place<'_, '_>, at: usize) {
    let title = place.index.map_or_else(
        || model.name.to_string(),
        |index| format!("index {}", index.name),
    );
    if place.collections.is_empty() {
        return;
    }
    let _ = writeln!(out, "  subgraph p{at}[\"{}\"]", escaped(&title));
    for (c, collection) in place.collections.iter().enumerate() {
        let _ = writeln!(
            out,
            "    subgraph p{at}c{c}[\"{}\"]",
            escaped(&collection.partition)
        );
        for (i, (entity, sort)) in collection.items.iter().enumerate() {
            let sort = sort.as_ref().map(|sort| format!("<br/>{}", escaped(sort)));
            let _ = writeln!(
                out,
                "      p{at}c{c}i{i}[\"<b>{}</b>{}\"]",
                escaped(&entity.name),
                sort.unwrap_or_default()
            );
        }
        out.push_str("    end\n");
    }
    out.push_str("  end\n");
    for (c, collection) in place.collections.iter().enumerate() {
        for (q, (pattern, question)) in collection.patterns.iter().enumerate() {
            let node = format!("p{at}c{c}q{q}");
            let _ = writeln!(out, "  {node}([\"{}\"]):::pattern", escaped(&pattern.id));
            for (i, (entity, _)) in collection.items.iter().enumerate() {
                if question.reads.contains(&&*entity.name) {
                    let _ = writeln!(out, "  {node} --> p{at}c{c}i{i}");
                }
            }
        }
    }
}

/// Text inside Mermaid's quotes, where `#` begins an entity and angle brackets HTML.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' => out.push_str("#35;"),
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            // Markdown in labels.
            '`' => out.push_str("#96;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
