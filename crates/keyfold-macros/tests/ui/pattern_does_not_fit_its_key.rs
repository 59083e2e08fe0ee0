//! A pattern that lacks a part of the partition key, skips a part of the sort key, or asks for a
//! range of values that do not sort.
use keyfold::prelude::*;

#[derive(KeyPart, Serialize, Deserialize, Clone)]
enum Kind {
    Sold,
    Lost,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "SHOP#{country}#{city}", sk = "EVENT#{kind}#{at}#{amount}")]
struct Event {
    country: String,
    city: String,
    kind: Kind,
    at: Timestamp,
    amount: u32,
    note: String,
}

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
struct Shop {
    events: Repo<Event>,
}

#[access_patterns]
impl Shop {
    #[query(Event)]
    fn lacks_a_part(&self, country: &str) -> Pages<Event>;

    #[query(Event)]
    fn skips_a_part(&self, country: &str, city: &str, at: Timestamp) -> Pages<Event>;

    #[query(Event)]
    fn range_before_the_last(&self, country: &str, city: &str, kind: Kind, #[from] at: Timestamp, amount: u32) -> Pages<Event>;

    #[query(Event)]
    fn range_of_an_enum(&self, country: &str, city: &str, #[from] kind: Kind) -> Pages<Event>;

    #[query(Event)]
    fn range_of_a_partition(&self, country: &str, #[from] city: &str) -> Pages<Event>;

    #[query(Event)]
    fn not_in_the_key(&self, country: &str, city: &str, note: &str) -> Pages<Event>;

    #[query(Event, index = Gsi1)]
    fn no_such_index(&self, country: &str, city: &str) -> Pages<Event>;
}

fn main() {}
