//! What is no key part, and why.
use keyfold::prelude::*;

#[derive(KeyPart)]
struct Two(String, String);

#[derive(KeyPart)]
enum WithData {
    Plain,
    Data(String),
}

#[derive(KeyPart, Serialize)]
enum OneText {
    #[serde(rename = "a")]
    First,
    #[serde(rename = "a")]
    Second,
    #[serde(rename = "")]
    Empty,
}

#[derive(KeyPart)]
enum Nothing {}

#[derive(KeyPart)]
struct Generic<T>(T);

#[derive(KeyPart)]
#[part("{a}{b}")]
struct NoGlue {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{a}x{b}")]
struct LetterGlue {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{a}#{b}")]
struct HashGlue {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{a}-{c}")]
struct NoField {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{a}")]
struct LeftOut {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{a}-{a}")]
struct SameTwice {
    a: String,
}

#[derive(KeyPart)]
#[part("x{a}-")]
struct Around {
    a: String,
}

#[derive(KeyPart)]
#[part("{a}-{b}")]
struct Joined {
    a: String,
    b: String,
}

#[derive(KeyPart)]
#[part("{joined}.{b}")]
struct Nested {
    joined: Joined,
    b: String,
}

fn main() {}
