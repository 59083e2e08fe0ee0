//! Versions without a chain, and what is not allowed to be scanned, restored.
use keyfold::prelude::*;

#[derive(Deserialize)]
struct OldV1 {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "GAP#{id}", sk = "META")]
#[entity(version = 4, upcast(1 = OldV1, 3 = OldV1))]
struct Gap {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "NO_VERSION#{id}", sk = "META")]
#[entity(upcast(1 = OldV1))]
struct NoVersion {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "TAKEN#{id}", sk = "META")]
#[entity(version = 2, upcast(1 = OldV1), version_attribute = "id")]
struct Taken {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "NO_STEP#{id}", sk = "META")]
#[entity(version = 2, upcast(1 = OldV1))]
struct NoStep {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ALWAYS#{id}", sk = "META")]
struct AlwaysDeleted {
    id: u32,
    #[soft_delete]
    deleted: Timestamp,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "NO_REASON#{id}", sk = "META")]
#[entity(allow(scan))]
struct NoReason {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PLAIN#{id}", sk = "META")]
struct Plain {
    id: u32,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct Shop {
    plain: Repo<Plain>,
}

fn not_allowed(db: &Shop) {
    let _ = db.plain.scan();
    let _ = db.plain.restore(&1);
    let _ = db.plain.purge(&1);
    let _ = db.plain.find(&1).with_deleted();
}

fn main() {}
