//! Field types that cannot stand in a key.
use keyfold::prelude::*;

#[derive(Serialize, Deserialize, Clone)]
struct Sku(String);

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PRODUCT#{sku}", sk = "META")]
struct Product {
    sku: Sku,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "READING#{sensor}", sk = "{value}")]
struct Reading {
    sensor: String,
    value: f64,
}

#[derive(KeyPart)]
struct Ratio(f32);

fn main() {}
