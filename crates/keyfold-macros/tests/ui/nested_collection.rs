//! Nested collections whose items do not lie under their parent, or lie elsewhere.
use keyfold::prelude::*;

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ACCOUNT#{id}", sk = "ACCOUNT")]
#[index(Gsi1, pk = "A#{id}", sk = "ACCOUNT")]
struct Account {
    id: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ACCOUNT#{account}", sk = "DEAL#{name}")]
#[index(Gsi1, pk = "A#{account}", sk = "DEAL#{name}")]
struct Deal {
    account: u32,
    name: String,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "ACCOUNT#{account}", sk = "LINE#{deal}#{number}")]
struct Line {
    account: u32,
    deal: String,
    number: u32,
}

#[derive(ItemCollection)]
#[collection(Deal)]
struct DealFile {
    #[one]
    deal: Deal,
    #[many]
    lines: Vec<Line>,
}

#[derive(ItemCollection)]
#[collection(Account)]
struct NotUnder {
    #[one]
    account: Account,
    #[many]
    deals: Vec<DealFile>,
}

#[derive(ItemCollection)]
#[collection(Deal, index = Gsi1)]
struct OnIndex {
    #[one]
    deal: Deal,
}

#[derive(ItemCollection)]
#[collection(Account)]
struct Elsewhere {
    #[one]
    account: Account,
    #[many]
    deals: Vec<OnIndex>,
}

struct Neither;

#[derive(ItemCollection)]
#[collection(Account)]
struct OfNothing {
    #[one]
    account: Account,
    #[many]
    others: Vec<Neither>,
}

fn main() {}
