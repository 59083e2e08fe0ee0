//! The design as one SVG file: item collections with their items, and beside each the access patterns that read it.
//!
//! Nothing is loaded from elsewhere and nothing runs. It follows the reader's light or dark setting. No text can be
//! measured here, so widths are estimated for wide fonts, and what is too long is cut and given whole as its title.

mod write;

use keyfold_model::{FieldRole, IndexModel, KeptKind, KeyAttribute, TableModel};

use self::write::{Anchor, Svg, sans_width, wrapped};
use crate::collections::{Collection, Place, places};
use crate::question::{gives, summary};

const MARGIN: f32 = 32.0;
const ROW: f32 = 30.0;
const HEAD: f32 = 38.0;
const PATTERN_GAP: f32 = 14.0;
const COLLECTION_GAP: f32 = 24.0;
/// Between the items and the patterns, where the lines run.
const GUTTER: f32 = 88.0;
const PATTERN_MIN: f32 = 440.0;
const PATTERN_MAX: f32 = 760.0;
const CARD_MIN: f32 = 380.0;
const CARD_MAX: f32 = 640.0;

/// The diagram.
pub fn svg(model: &TableModel<'_>) -> String {
    let places = places(model);
    let widths = Widths {
        card: card_width(model, &places),
        pattern: pattern_width(&places),
    };
    let mut svg = Svg::new(&model.name);
    let mut y = MARGIN + 26.0;
    svg.text(MARGIN, y, "title", Anchor::Start, &model.name);
    y += 24.0;
    svg.text(MARGIN, y, "muted", Anchor::Start, &counts(model));
    y += 34.0;
    for place in &places {
        if place.collections.is_empty() {
            continue;
        }
        y = self::place(&mut svg, model, place, widths, y);
    }
    svg.text(
        MARGIN,
        y,
        "small muted",
        Anchor::Start,
        "Each box is an item collection: items with one partition key, read together. A line leads from an access pattern to the items it gives.",
    );
    let width = MARGIN * 2.0 + widths.card + GUTTER + widths.pattern;
    svg.finish(width, y + MARGIN - 8.0)
}

fn counts(model: &TableModel<'_>) -> String {
    let many = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    let mut facts = vec![
        many(model.entities.len(), "entity", "entities"),
        many(model.indexes.len(), "index", "indexes"),
        many(
            model.all_patterns().count(),
            "access pattern",
            "access patterns",
        ),
    ];
    if let Some(ttl) = &model.ttl {
        facts.push(format!("expires by {ttl}"));
    }
    if let Some(stream) = model.stream {
        facts.push(format!(
            "stream of {}",
            stream.as_str().to_lowercase().replace('_', " ")
        ));
    }
    facts.join("  ·  ")
}

/// Of the two columns.
#[derive(Clone, Copy)]
struct Widths {
    card: f32,
    pattern: f32,
}

/// Wide enough for the longest request and the longest title.
fn pattern_width(places: &[Place<'_, '_>]) -> f32 {
    let patterns = places
        .iter()
        .flat_map(|place| &place.collections)
        .flat_map(|collection| &collection.patterns);
    let widths = patterns.map(|(pattern, question)| {
        let asks = write::mono_width(&question.condition(str::to_owned));
        let title = sans_width(&pattern.id, 15.0) + 14.0 + sans_width(&gives(pattern), 12.0);
        asks.max(title) + 24.0
    });
    widths.fold(PATTERN_MIN, f32::max).min(PATTERN_MAX).ceil()
}

/// Wide enough for the longest row there is.
fn card_width(model: &TableModel<'_>, places: &[Place<'_, '_>]) -> f32 {
    let rows = places.iter().flat_map(|place| {
        place.collections.iter().flat_map(move |collection| {
            let sort = sort_width(collection);
            collection.items.iter().map(move |(entity, _)| {
                let badges: f32 = badges(model, entity, place.index)
                    .iter()
                    .map(|badge| badge_width(badge) + 6.0)
                    .sum();
                40.0 + sort + 24.0 + sans_width(&entity.name, 15.0) + 16.0 + badges
            })
        })
    });
    rows.fold(CARD_MIN, f32::max).min(CARD_MAX).ceil()
}

/// Of the column of sort keys in a collection.
fn sort_width(collection: &Collection<'_, '_>) -> f32 {
    let widths = collection
        .items
        .iter()
        .filter_map(|(_, sort)| sort.as_deref().map(write::mono_width));
    widths.fold(0.0, f32::max).min(320.0)
}

fn badges(
    model: &TableModel<'_>,
    entity: &keyfold_model::EntityModel<'_>,
    index: Option<&IndexModel<'_>>,
) -> Vec<String> {
    // What an entity is beside its key stands once, where the entity is stored.
    if index.is_some() {
        return Vec::new();
    }
    let mut badges: Vec<String> = entity
        .indexes
        .iter()
        .map(|key| {
            model
                .index(&key.index)
                .map_or_else(|| key.index.to_string(), |index| index.name.to_string())
        })
        .collect();
    if entity.with_role(FieldRole::Ttl).is_some() {
        badges.push("expires".to_owned());
    }
    let kept_as = |kind| {
        model.entities.iter().any(|owner| {
            let mut kept = owner.kept.iter();
            kept.any(|kept| kept.kind == kind && kept.entity == entity.name)
        })
    };
    if kept_as(KeptKind::Unique) {
        badges.push("unique".to_owned());
    }
    if kept_as(KeptKind::Mirror) {
        badges.push("mirror".to_owned());
    }
    badges
}

fn badge_width(badge: &str) -> f32 {
    sans_width(badge, 11.0) + 14.0
}

fn place(
    svg: &mut Svg,
    model: &TableModel<'_>,
    place: &Place<'_, '_>,
    widths: Widths,
    top: f32,
) -> f32 {
    let card = widths.card;
    let (title, pk, sk) = match place.index {
        None => ("Table".to_owned(), &model.pk, model.sk.as_ref()),
        Some(index) => (
            format!(
                "{} {}",
                if index.local { "Local index" } else { "Index" },
                index.name
            ),
            &index.pk,
            index.sk.as_ref(),
        ),
    };
    let mut y = top + 6.0;
    svg.text(MARGIN, y, "section", Anchor::Start, &title);
    svg.text(
        MARGIN + sans_width(&title, 17.0) * 1.08 + 16.0,
        y,
        "mono muted",
        Anchor::Start,
        &keys(pk, sk),
    );
    if let Some(index) = place.index {
        svg.text(
            MARGIN + card,
            y,
            "small muted",
            Anchor::End,
            match index.projection {
                keyfold_model::Projection::All => "holds every attribute",
                keyfold_model::Projection::Keys => "holds keys alone",
                keyfold_model::Projection::Include(_) => "holds some attributes",
            },
        );
    }
    y += 18.0;
    for collection in &place.collections {
        y = self::collection(svg, model, place, collection, widths, y) + COLLECTION_GAP;
    }
    y + 20.0
}

fn keys(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> String {
    match sk {
        Some(sk) => format!("{} / {}", pk.name, sk.name),
        None => pk.name.to_string(),
    }
}

/// Draws a collection with its patterns; gives where it ends.
fn collection(
    svg: &mut Svg,
    model: &TableModel<'_>,
    place: &Place<'_, '_>,
    collection: &Collection<'_, '_>,
    widths: Widths,
    top: f32,
) -> f32 {
    let card = widths.card;
    let rows = collection.items.iter().map(|_| ROW).sum::<f32>();
    let height = HEAD + rows + 8.0;
    let patterns_x = MARGIN + card + GUTTER;
    let texts: Vec<PatternText> = collection
        .patterns
        .iter()
        .map(|(pattern, question)| PatternText {
            id: pattern.id.to_string(),
            gives: gives(pattern),
            doc: wrapped(&summary(&pattern.doc), widths.pattern - 24.0, 13.0, 2),
            asks: question.condition(str::to_owned),
        })
        .collect();
    let heights: Vec<f32> = texts.iter().map(PatternText::height).collect();
    let column = heights.iter().sum::<f32>() + PATTERN_GAP * gaps(heights.len());
    let bottom = top + height.max(column);

    // The lines first: boxes and text lie over them.
    let mut y = top + (height - column).max(0.0) / 2.0;
    let middles: Vec<f32> = heights
        .iter()
        .map(|height| {
            let middle = y + height / 2.0;
            y += height + PATTERN_GAP;
            middle
        })
        .collect();
    for ((_, question), middle) in collection.patterns.iter().zip(&middles) {
        let mut row = top + HEAD + ROW / 2.0;
        for (entity, _) in &collection.items {
            if question.reads.contains(&&*entity.name) {
                svg.line(patterns_x, *middle, MARGIN + card, row);
            }
            row += ROW;
        }
    }
    svg.card(MARGIN, top, card, height, HEAD);
    svg.key(
        MARGIN + 16.0,
        top + 24.5,
        "key",
        &collection.partition,
        card - 32.0,
    );
    let sort_at = MARGIN + 32.0;
    let name_at = sort_at + sort_width(collection) + if has_sort(collection) { 24.0 } else { 0.0 };
    let mut row = top + HEAD;
    for (entity, sort) in &collection.items {
        let base = row + ROW / 2.0 + 4.5;
        svg.chip(MARGIN + 14.0, row + ROW / 2.0 - 5.0, &entity.name);
        if let Some(sort) = sort {
            svg.key(sort_at, base, "mono", sort, 320.0);
        }
        svg.titled(name_at, base, "name", &entity.name, &summary(&entity.doc));
        let mut right = MARGIN + card - 12.0;
        for badge in badges(model, entity, place.index).iter().rev() {
            let width = badge_width(badge);
            right -= width;
            svg.badge(right, row + ROW / 2.0 - 9.0, width, badge);
            right -= 6.0;
        }
        row += ROW;
    }
    for ((text, height), middle) in texts.iter().zip(&heights).zip(&middles) {
        let corner = (patterns_x, middle - height / 2.0);
        pattern(svg, text, corner, *height, widths.pattern);
    }
    bottom
}

fn has_sort(collection: &Collection<'_, '_>) -> bool {
    collection.items.iter().any(|(_, sort)| sort.is_some())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "as many patterns as a float cannot count do not fit a picture"
)]
fn gaps(count: usize) -> f32 {
    count.saturating_sub(1) as f32
}

struct PatternText {
    id: String,
    gives: String,
    doc: Vec<String>,
    asks: String,
}

impl PatternText {
    fn height(&self) -> f32 {
        let lines = self.doc.iter().map(|_| 18.0).sum::<f32>();
        24.0 + lines + 22.0
    }
}

fn pattern(svg: &mut Svg, text: &PatternText, (x, top): (f32, f32), height: f32, width: f32) {
    svg.bar(x, top + 2.0, height - 4.0);
    let x = x + 16.0;
    let mut y = top + 17.0;
    svg.text(x, y, "pattern", Anchor::Start, &text.id);
    let gives_at = x + sans_width(&text.id, 15.0) + 14.0;
    svg.text(gives_at, y, "small muted", Anchor::Start, &text.gives);
    y += 19.0;
    for line in &text.doc {
        svg.text(x, y, "doc", Anchor::Start, line);
        y += 18.0;
    }
    svg.cut(x, y + 1.0, "mono muted", &text.asks, width - 24.0);
}
