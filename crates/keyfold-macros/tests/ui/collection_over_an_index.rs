//! Collections over an index: a member that is not in it, one of another partition, a consistent read.
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns, index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
struct Db {
    teams: Repo<Team>,
    people: Repo<Person>,
    tools: Repo<Tool>,
    rooms: Repo<Room>,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "TEAM#{id}", sk = "META")]
#[index(Gsi1, pk = "SITE#{site}", sk = "TEAM#{id}")]
struct Team {
    id: u32,
    site: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "PERSON#{id}", sk = "META")]
struct Person {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "TOOL#{id}", sk = "META")]
#[index(Gsi1, pk = "PLACE#{place}", sk = "TOOL#{id}")]
struct Tool {
    id: u32,
    place: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ROOM#{id}", sk = "META")]
#[index(Gsi1, pk = "SITE#{number}", sk = "ROOM#{id}")]
struct Room {
    id: u32,
    number: u8,
}

#[derive(ItemCollection)]
#[collection(Team, index = Gsi1)]
struct WithStranger {
    #[one]
    team: Team,
    #[many]
    people: Vec<Person>,
}

#[derive(ItemCollection)]
#[collection(Team, index = Gsi1)]
struct WithOtherType {
    #[one]
    team: Team,
    #[many]
    rooms: Vec<Room>,
}

#[derive(ItemCollection)]
#[collection(Team, index = Gsi1)]
struct WithOtherPlace {
    #[one]
    team: Team,
    #[many]
    tools: Vec<Tool>,
}

#[derive(ItemCollection)]
#[collection(Team, index = Gsi1)]
struct Fine {
    #[many]
    teams: Vec<Team>,
}

#[derive(ItemCollection)]
#[collection(Team, on = Gsi1)]
struct Misspelt {
    #[one]
    team: Team,
}

#[access_patterns]
impl Db {
    /// Its members never meet.
    #[query(WithOtherPlace)]
    fn with_other_place(&self, site: &str) -> Collect<WithOtherPlace>;

    /// Fine, but for what is done with it, and for the argument's type.
    #[query(Fine)]
    fn fine(&self, site: &str) -> Collect<Fine>;

    /// An argument of another type.
    #[query(Fine)]
    fn by_number(&self, site: u8) -> Collect<Fine>;
}

fn consistently(db: Db) {
    let _ = db.fine("Bern").consistent();
}

fn main() {}
