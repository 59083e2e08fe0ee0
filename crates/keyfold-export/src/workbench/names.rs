//! Names as Rust has them, and types as Workbench has them.

/// `orders_by-day` as `OrdersByDay`; what is such a name already stays as it is.
pub fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut up = true;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            up = true;
        } else if up {
            out.extend(c.to_uppercase());
            up = false;
        } else {
            out.push(c);
        }
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, 'N');
    }
    if out.is_empty() {
        "Item".to_owned()
    } else {
        out
    }
}

/// `GSI1-PK`, `comm_date`, `brandId` as names of fields.
pub fn snake(name: &str) -> String {
    const KEYWORDS: &[&str] = &[
        "as", "async", "await", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
        "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
        "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized",
        "use", "virtual", "where", "while", "yield", "abstract", "become",
    ];
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, c) in letters.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        // A word begins at `bI` and at the last capital of `IDs`.
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if begins && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    let trimmed = out.trim_end_matches('_');
    let mut out = match trimmed {
        "" => "field".to_owned(),
        name => name.to_owned(),
    };
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, 'n');
    }
    if KEYWORDS.contains(&&*out) {
        out.push('_');
    }
    out
}

/// A name that is not taken yet: with the first number behind it that makes it so.
pub fn free(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&name) {
        return name;
    }
    let mut number = 2_u32;
    loop {
        let numbered = format!("{name}{number}");
        if !is_taken(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

/// The DynamoDB type of what a Rust type is stored as, as far as its name tells: ids, enums and newtypes are text
/// nearly always.
pub fn attribute_type(type_name: &str) -> &'static str {
    let name: String = type_name.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = |wrapper: &str| {
        let rest = name.strip_prefix(wrapper)?.strip_prefix('<')?;
        rest.strip_suffix('>').map(str::to_owned)
    };
    for wrapper in ["Option", "Box", "Stored"] {
        if let Some(inner) = inner(wrapper) {
            return attribute_type(&inner);
        }
    }
    for set in ["BTreeSet", "HashSet"] {
        if let Some(inner) = inner(set) {
            return match attribute_type(&inner) {
                "N" => "NS",
                "B" => "BS",
                _ => "SS",
            };
        }
    }
    match &*name {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" | "f32" | "f64" => "N",
        "bool" => "BOOL",
        "Vec<u8>" | "Bytes" | "Blob" | "ByteBuf" => "B",
        _ if name.starts_with("Vec<") => "L",
        _ if name.starts_with("BTreeMap<") || name.starts_with("HashMap<") => "M",
        "Value" | "serde_json::Value" | "Object" => "M",
        _ => "S",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rusts() {
        for (name, type_name, field) in [
            (
                "Complaint_management_system",
                "ComplaintManagementSystem",
                "complaint_management_system",
            ),
            ("GSI1-PK", "GSI1PK", "gsi1_pk"),
            ("RoomID", "RoomID", "room_id"),
            ("follower#", "Follower", "follower"),
            ("brandId", "BrandId", "brand_id"),
            ("type", "Type", "type_"),
            ("2fa", "N2fa", "n2fa"),
            ("#", "Item", "field"),
        ] {
            assert_eq!(camel(name), type_name);
            assert_eq!(camel(type_name), type_name);
            assert_eq!(snake(name), field);
            assert_eq!(snake(field), field);
        }
    }

    #[test]
    fn types_are_told_by_their_names() {
        for (name, expected) in [
            ("Option<u64>", "N"),
            ("Stored<bool>", "BOOL"),
            ("Vec < u8 >", "B"),
            ("Vec<Line>", "L"),
            ("BTreeSet<u32>", "NS"),
            ("HashSet<String>", "SS"),
            ("BTreeMap<String, String>", "M"),
            ("BrandId", "S"),
        ] {
            assert_eq!(attribute_type(name), expected, "{name}");
        }
    }
}
