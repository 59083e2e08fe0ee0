//! For tests.

use keyfold_model::{KeyPart, Modifier, PartSource, PartText};

/// Checks what a [`KeyPart`] promises on some values: each is read back as it was written, no two
/// are written alike, none holds a `#`, and, where its shape says so, they sort as the values do.
///
/// # Panics
/// Where one of them does not hold.
pub fn key_part_laws<T: KeyPart + PartialEq + PartialOrd + std::fmt::Debug>(values: &[T]) {
    let text = |value: &T| {
        let mut out = String::new();
        let written = value.encode(&mut PartText::new(&mut out, Modifier::None));
        assert!(written.is_ok(), "{value:?} cannot be written: {written:?}");
        out
    };
    for value in values {
        let written = text(value);
        assert!(
            !written.contains('#'),
            "{value:?} is written with the delimiter in it"
        );
        if let Some(max) = T::MAX_LEN {
            assert!(written.len() <= max, "{value:?} is longer than MAX_LEN");
        }
        let read = T::decode(PartSource::new(&written, Modifier::None));
        assert_eq!(read.as_ref(), Ok(value), "not read back as it was written");
        for other in values {
            assert_eq!(
                text(other) == written,
                other == value,
                "{value:?} and {other:?} are not told apart"
            );
            if T::SHAPE.ordered {
                let order = value.partial_cmp(other);
                assert_eq!(
                    Some(written.cmp(&text(other))),
                    order,
                    "{value:?} and {other:?} do not sort"
                );
            }
        }
    }
}
