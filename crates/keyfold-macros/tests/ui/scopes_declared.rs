//! How scopes are declared, and where they are not.
use keyfold::prelude::*;

#[derive(Clone, KeyPart, Serialize, Deserialize)]
struct TenantId(String);

struct NotAPart;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "THING#{id}")]
struct Thing {
    id: u32,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "TENANT#{TenantId}"))]
struct WithoutTheParameter {
    things: Repo<Thing>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "TENANT#{TenantId}"))]
struct RepositoryWithout<S = NoScope> {
    things: Repo<Thing>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "TENANT#{TenantId}"))]
struct RepositoryOfAnother<S = NoScope> {
    things: Repo<Thing, NoScope>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct ParameterWithout<S> {
    things: Repo<Thing, S>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK")]
struct NoScopesDeclared {
    things: Repo<Thing>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "{TenantId}"))]
struct NoLiteral<S = NoScope> {
    things: Repo<Thing, S>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(capsule = "{tenant}#CAPSULE#{TenantId}"))]
struct NoParent<S = NoScope> {
    things: Repo<Thing, S>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "TENANT#{TenantId}", tenant = "T#{TenantId}"))]
struct Twice<S = NoScope> {
    things: Repo<Thing, S>,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", scopes(tenant = "TENANT#{NotAPart}"))]
struct IdIsNoPart<S = NoScope> {
    things: Repo<Thing, S>,
}

#[derive(Entity, Serialize, Deserialize)]
#[entity(global)]
#[key(pk = "ALL", sk = "{tenant:id}")]
struct GlobalInATenant {
    #[scope]
    tenant: TenantId,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns, scopes(tenant = "TENANT#{TenantId}"))]
struct Crm<S = NoScope> {
    things: Repo<Thing, S>,
}

// Without the parameter these are patterns of handles that have no tenant.
#[access_patterns]
impl Crm {
    #[query(Thing)]
    fn things(&self) -> Pages<Thing>;
}

fn main() {}
