//! What can be told of a pattern without the table: whether it gives what it asks for, and whether
//! its options go together. Keys and ranges are checked as constants by `keyfold_model::check`.

use keyfold_model::RangeUse;

use super::parse::{Block, Gives, Pattern};
use crate::errors::Errors;
use crate::syntax::last_name;

/// Reports what is wrong, and takes such a pattern out of the block: its function stays, so that
/// its callers compile.
pub(crate) fn validate(block: &mut Block, errors: &mut Errors) {
    for pattern in std::mem::take(&mut block.patterns) {
        let before = errors.len();
        validate_pattern(&pattern, errors);
        if errors.len() == before {
            block.patterns.push(pattern);
        } else {
            block.others.push(pattern.source.into_unreadable());
        }
    }
}

fn validate_pattern(pattern: &Pattern, errors: &mut Errors) {
    let asked = last_name(&pattern.query.target);
    if asked != pattern.gives.name() {
        errors.attribute(
            pattern.gives.ty(),
            format!(
                "`#[query({asked})]` gives `{asked}`, and the function gives `{}`",
                pattern.gives.name()
            ),
        );
        return;
    }
    match &pattern.gives {
        Gives::Pages { .. } => {
            if let Some(items) = &pattern.query.max_items {
                errors.attribute(
                    items,
                    "`max_items` bounds a collection; how much a page gives is `page = n`",
                );
            }
        }
        Gives::Collect { .. } => collect(pattern, errors),
    }
    let mut seen = Vec::new();
    for argument in &pattern.arguments {
        if seen.contains(&&argument.ident) {
            errors.attribute(&argument.ident, "asked for twice");
        }
        seen.push(&argument.ident);
    }
}

fn collect(pattern: &Pattern, errors: &mut Errors) {
    if let Some(page) = &pattern.query.page {
        errors.attribute(
            page,
            "a collection is given whole; what bounds it is `max_items = n`",
        );
    }
    if let Some(span) = pattern.query.newest_first {
        errors.attribute_at(
            span,
            "a collection is given whole, each list in the order of its sort keys",
        );
    }
    if let Some(index) = &pattern.query.index {
        errors.attribute(
            index,
            "a collection says itself where it is read: `#[collection(Entity, index = Gsi1)]` on its struct",
        );
    }
    if let Some(skipped) = pattern.skipped.first() {
        errors.attribute(
            skipped,
            "what a collection skips is said on its struct, for every pattern that gives it",
        );
    }
    for argument in pattern
        .arguments
        .iter()
        .filter(|argument| argument.range != RangeUse::Equal)
    {
        errors.attribute(
            &argument.ident,
            "a collection is asked for by the parts of its partition key alone",
        );
    }
}
