//! Attributes of a table that cannot be read, or do not go together.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize, Clone)]
#[key(pk = "PRODUCT#{id}", sk = "META")]
struct Product {
    id: Id<Product>,
}

#[derive(Table, Clone)]
struct WithoutKeys {
    products: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", teg = none)]
struct Misspelt {
    products: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Empty {}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct NotARepository {
    products: Vec<Product>,
    all: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Twice {
    products: Repo<Product>,
    again: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "PK", ttl = "PK", stream = old,
        index(Gsi1, sk = "S"), index(Gsi1, pk = "P"), index(Lsi, local, pk = "P", sk = "S"), index(pk = "A"))]
struct Indexes {
    products: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "PK", ttl = "PK",
        index(Gsi1, sk = "S"), index(Gsi1, pk = "P"), index(Lsi, local, pk = "P", sk = "S"))]
struct Overlapping {
    products: Repo<Product>,
}

#[derive(Table, Clone)]
#[table(pk = text("PK"), sk = "SK")]
struct KeyTypes {
    products: Repo<Product>,
}

fn main() {}
