//! In a table with scopes every partition key begins with one, or the entity is everybody's.
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK",
        scopes(tenant = "TENANT#{TenantId}", capsule = "{tenant}#CAPSULE#{CapsuleId}"),
        index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
struct Crm<S = NoScope> {
    no_scope: Repo<NoScopeAtAll, S>,
    in_the_middle: Repo<InTheMiddle, S>,
    index: Repo<IndexWithout, S>,
    field: Repo<FieldNotMarked, S>,
    unknown: Repo<UnknownScope, S>,
    inside: Repo<Inside, S>,
    keeper: Repo<Keeper, S>,
    kept: Repo<Kept, S>,
    meets: Repo<MeetsCapsules, S>,
}

#[derive(Clone, KeyPart, Serialize, Deserialize)]
struct TenantId(String);

#[derive(Clone, KeyPart, Serialize, Deserialize)]
struct CapsuleId(String);

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ORDERS", sk = "ORDER#{id}")]
struct NoScopeAtAll {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "INVOICES#{tenant:id}", sk = "INVOICE#{id}")]
struct InTheMiddle {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "INDEXED#{id}")]
#[index(Gsi1, pk = "OWNER#{owner}", sk = "INDEXED#{id}")]
struct IndexWithout {
    id: u32,
    owner: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "FIELD#{id}")]
struct FieldNotMarked {
    id: u32,
    tenant: TenantId,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{region}", sk = "UNKNOWN#{id}")]
struct UnknownScope {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}", sk = "INSIDE#{id}")]
struct Inside {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "KEEPER#{id}")]
#[mirror(Kept { id })]
struct Keeper {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}", sk = "KEPT#{id}")]
struct Kept {
    id: u32,
}

// Written out, `{capsule}` is the same text.
#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}#CAPSULE#{name}", sk = "INSIDE#{id}")]
struct MeetsCapsules {
    name: String,
    id: u32,
}

fn main() {}
