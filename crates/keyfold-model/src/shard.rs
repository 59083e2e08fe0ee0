//! Which of several partitions an item is written to.

/// The shard of a text, from 0 on: always the same one, on every machine and in every version.
///
/// The text is a key part's as it stands in a key. It is hashed by FNV-1a with 64 bits, the bits are mixed as
/// `MurmurHash3` ends (`fmix64`), and the range of the hash is cut into `count` equal pieces: a shard of 8 is two
/// neighbouring ones of 16.
///
/// ```
/// use keyfold_model::shard;
/// assert_eq!(shard::of("01ARZ3NDEKTSV4RRFFQ69G5FAV", 16), 1);
/// ```
pub fn of(text: &str, count: u16) -> u16 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // FNV alone leaves the first bits of like texts alike.
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    let place = (u128::from(hash) * u128::from(count)) >> 64;
    u16::try_from(place).unwrap_or_default()
}

/// Writes the number of a shard, in `width` digits at least.
pub fn write(number: u16, width: u8, out: &mut String) {
    use std::fmt::Write as _;
    let _ = write!(out, "{number:0width$}", width = usize::from(width));
}

#[cfg(test)]
mod tests {
    use super::*;

    // Stored keys hold these numbers: whoever changes one loses items.
    #[test]
    fn the_shard_of_a_text_never_changes() {
        let vectors = [
            ("", 7, 14, 936),
            ("a", 4, 8, 510),
            ("b", 3, 6, 431),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", 0, 1, 78),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAW", 1, 2, 176),
            ("00112233445566778899aabbccddeeff", 2, 5, 367),
            ("2026-03-01T09:30:00.000Z", 0, 0, 5),
            ("Zürich%20West", 7, 15, 945),
        ];
        for (text, of_8, of_16, of_1000) in vectors {
            assert_eq!(
                (of(text, 8), of(text, 16), of(text, 1000)),
                (of_8, of_16, of_1000),
                "{text}"
            );
        }
    }

    #[test]
    fn a_shard_of_8_is_two_of_16() {
        for number in 0..10_000 {
            let text = number.to_string();
            assert_eq!(of(&text, 16) / 2, of(&text, 8));
        }
    }

    #[test]
    fn shards_are_filled_alike() {
        let mut filled = [0_u32; 16];
        for number in 0..160_000 {
            filled[usize::from(of(&format!("2026-01-01T00:00:{number:08}"), 16))] += 1;
        }
        assert!(
            filled.iter().all(|items| (9_500..10_500).contains(items)),
            "{filled:?}"
        );
    }
}
