//! What people read: Markdown, Mermaid, SVG.

use std::path::Path;

use keyfold_export::{markdown, mermaid, svg};

use crate::{artefact, awkward, genuproof};

#[test]
fn a_design_reads_well_as_markdown() {
    insta::assert_snapshot!("genuproof.md", markdown(&genuproof()));
    insta::assert_snapshot!("awkward.md", markdown(&awkward()));
}

#[test]
fn a_design_draws_as_a_flowchart() {
    insta::assert_snapshot!("genuproof.mmd", mermaid(&genuproof()));
    insta::assert_snapshot!("awkward.mmd", mermaid(&awkward()));
}

#[test]
fn the_picture_in_the_guide_is_the_one_that_is_drawn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/genuproof-design.svg");
    let drawn = svg(&genuproof());
    if std::env::var_os("KEYFOLD_DOCS").is_some_and(|value| value == "write") {
        std::fs::write(&path, &drawn).unwrap();
    }
    let shown = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shown == drawn,
        "{} is another\nhint: write it by KEYFOLD_DOCS=write, and look at it",
        path.display()
    );
}

#[test]
fn a_picture_is_xml_that_needs_nothing_from_elsewhere() {
    for model in [genuproof(), awkward()] {
        let text = svg(&model);
        artefact(&format!("{}.svg", model.name), &text);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg");
        let words: String = root
            .descendants()
            .filter_map(|node| node.text())
            .collect::<Vec<_>>()
            .join("");
        for entity in model.entities.iter() {
            assert!(words.contains(&*entity.name), "{} is drawn", entity.name);
        }
        for pattern in model.all_patterns() {
            assert!(words.contains(&*pattern.id), "{} is drawn", pattern.id);
        }
        for node in root.descendants() {
            assert!(!matches!(
                node.tag_name().name(),
                "script" | "image" | "foreignObject" | "use"
            ));
            assert!(
                node.attributes()
                    .all(|attribute| attribute.name() != "href")
            );
        }
        assert!(!text.contains("url(") && !text.contains("@import"));
        // Everything lies inside the picture.
        let width: f32 = root.attribute("width").unwrap().parse().unwrap();
        let height: f32 = root.attribute("height").unwrap().parse().unwrap();
        for node in root
            .descendants()
            .filter(|node| node.attribute("x").is_some())
        {
            let at = |name| node.attribute(name).unwrap().parse::<f32>().unwrap();
            assert!(at("x") < width && at("y") < height, "{node:?}");
        }
    }
    insta::assert_snapshot!("awkward.svg", svg(&awkward()));
}
