//! Shards that could not be found again.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING", sk = "PRODUCT#{id}")]
#[shard(16, by = id)]
struct NoPlace {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{shard}", sk = "PRODUCT#{id}")]
#[shard(16, by = brand)]
struct ByNoKey {
    id: u32,
    brand: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{shard}", sk = "PRODUCT#{at:desc}")]
#[shard(16, by = at)]
struct ByModified {
    at: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING", sk = "{shard}#{id}")]
#[shard(16, by = id)]
struct InTheSortKey {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{shard}", sk = "PRODUCT#{id}")]
#[shard(0, by = id)]
struct NoShards {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{shard}", sk = "PRODUCT#{id}")]
#[shard(16, by = id, was = unsharded("LISTING", "ITEM#{id}"))]
struct OtherSortKey {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "LISTING#{shard}", sk = "PRODUCT#{id}")]
struct NotDeclared {
    id: u32,
}

fn main() {}
