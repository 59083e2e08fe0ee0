//! Names in other cases: what serde stores, what a pattern is called.

/// A case of `#[serde(rename_all = "..")]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// What serde calls them.
    pub(crate) const NAMES: [(&'static str, Case); 8] = [
        ("lowercase", Case::Lower),
        ("UPPERCASE", Case::Upper),
        ("PascalCase", Case::Pascal),
        ("camelCase", Case::Camel),
        ("snake_case", Case::Snake),
        ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
        ("kebab-case", Case::Kebab),
        ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, case)| case)
    }

    /// The name of a field, as `serde_derive` makes it from `snake_case` (its `case.rs`).
    pub(crate) fn of_field(self, field: &str) -> String {
        match self {
            Case::Lower | Case::Snake => field.to_owned(),
            Case::Upper | Case::ScreamingSnake => field.to_ascii_uppercase(),
            Case::Pascal => pascal(field),
            Case::Camel => lower_first(&pascal(field)),
            Case::Kebab => field.replace('_', "-"),
            Case::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The name of a variant, as `serde_derive` makes it from `PascalCase` (its `case.rs`).
    pub(crate) fn of_variant(self, variant: &str) -> String {
        match self {
            Case::Pascal => variant.to_owned(),
            Case::Lower => variant.to_ascii_lowercase(),
            Case::Upper => variant.to_ascii_uppercase(),
            Case::Camel => lower_first(variant),
            Case::Snake => snake(variant),
            Case::ScreamingSnake => snake(variant).to_ascii_uppercase(),
            Case::Kebab => snake(variant).replace('_', "-"),
            Case::ScreamingKebab => snake(variant).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// `verification_code` → `VerificationCode`.
pub(crate) fn pascal(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut capital = true;
    for letter in snake.chars() {
        if letter == '_' {
            capital = true;
        } else if capital {
            out.push(letter.to_ascii_uppercase());
            capital = false;
        } else {
            out.push(letter);
        }
    }
    out
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_lowercase(), letters.as_str())
    })
}

fn snake(pascal: &str) -> String {
    let mut out = String::with_capacity(pascal.len() + 4);
    for (at, letter) in pascal.char_indices() {
        if at > 0 && letter.is_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    // The tables of serde_derive's own test of `RenameRule`.
    #[test]
    fn fields_are_named_as_serde_names_them() {
        for (field, upper, pascal, camel, kebab, screaming_kebab) in [
            (
                "outcome", "OUTCOME", "Outcome", "outcome", "outcome", "OUTCOME",
            ),
            (
                "very_tasty",
                "VERY_TASTY",
                "VeryTasty",
                "veryTasty",
                "very-tasty",
                "VERY-TASTY",
            ),
            ("a", "A", "A", "a", "a", "A"),
            ("z42", "Z42", "Z42", "z42", "z42", "Z42"),
        ] {
            assert_eq!(Case::Lower.of_field(field), field);
            assert_eq!(Case::Snake.of_field(field), field);
            assert_eq!(Case::Upper.of_field(field), upper);
            assert_eq!(Case::ScreamingSnake.of_field(field), upper);
            assert_eq!(Case::Pascal.of_field(field), pascal);
            assert_eq!(Case::Camel.of_field(field), camel);
            assert_eq!(Case::Kebab.of_field(field), kebab);
            assert_eq!(Case::ScreamingKebab.of_field(field), screaming_kebab);
        }
    }

    #[test]
    fn variants_are_named_as_serde_names_them() {
        for (variant, lower, camel, snake, kebab) in [
            ("Outcome", "outcome", "outcome", "outcome", "outcome"),
            (
                "VeryTasty",
                "verytasty",
                "veryTasty",
                "very_tasty",
                "very-tasty",
            ),
            ("A", "a", "a", "a", "a"),
            ("Z42", "z42", "z42", "z42", "z42"),
        ] {
            assert_eq!(Case::Pascal.of_variant(variant), variant);
            assert_eq!(Case::Lower.of_variant(variant), lower);
            assert_eq!(Case::Upper.of_variant(variant), lower.to_ascii_uppercase());
            assert_eq!(Case::Camel.of_variant(variant), camel);
            assert_eq!(Case::Snake.of_variant(variant), snake);
            assert_eq!(
                Case::ScreamingSnake.of_variant(variant),
                snake.to_ascii_uppercase()
            );
            assert_eq!(Case::Kebab.of_variant(variant), kebab);
            assert_eq!(
                Case::ScreamingKebab.of_variant(variant),
                kebab.to_ascii_uppercase()
            );
        }
    }
}
