//! Whether the members of a collection are told apart.

use quote::ToTokens;

use super::parse::CollectionInput;
use crate::errors::Errors;

pub(crate) fn validate(collection: &CollectionInput, errors: &mut Errors) {
    if collection.members.is_empty() && errors.is_empty() {
        errors.attribute(
            &collection.ident,
            "a collection has members: `#[one] product: Product`",
        );
    }
    let mut seen = Vec::new();
    for member in &collection.members {
        let entity = member.entity.to_token_stream().to_string();
        if seen.contains(&entity) {
            errors.attribute(
                &member.entity,
                format!("two members are `{entity}`; items go to one of them"),
            );
        }
        seen.push(entity);
    }
    for skipped in &collection.skipped {
        if seen.contains(&skipped.to_token_stream().to_string()) {
            errors.attribute(skipped, "a member is not skipped");
        }
    }
}
