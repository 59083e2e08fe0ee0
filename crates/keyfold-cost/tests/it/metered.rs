//! A prediction from the design against what the repositories meter on the engine.

use keyfold::Hex16;
use keyfold::model::TableModel;
use keyfold::prelude::*;
use keyfold_cost::{Prices, Traffic, predict};

#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    patterns,
    index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK")
)]
pub struct Depot {
    pub parcels: Repo<Parcel>,
    pub labels: Repo<Label>,
    pub routes: Repo<Route>,
}

/// A parcel.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ROUTE#{route}", sk = "PARCEL#{id}")]
#[index(Gsi1, pk = "TOWN#{town}", sk = "PARCEL#{id}")]
#[unique(code, item = Label { code, parcel: id })]
pub struct Parcel {
    pub id: Id<Parcel, Hex16>,
    pub route: u16,
    pub town: String,
    pub code: String,
    pub note: String,
}

/// Claims a parcel's code.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CODE#{code}", sk = "META")]
pub struct Label {
    pub code: String,
    pub parcel: Id<Parcel, Hex16>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ROUTE#{id}", sk = "META")]
pub struct Route {
    pub id: u16,
    pub text: String,
}

#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Route)]
pub struct Load {
    #[one]
    pub route: Route,
    #[many]
    pub parcels: Vec<Parcel>,
}

#[access_patterns]
impl Depot {
    /// Parcels of a route.
    #[query(Parcel, page = 10)]
    pub fn parcels_on(&self, route: u16) -> Pages<Parcel>;

    /// Parcels for a town.
    #[query(Parcel, index = Gsi1, page = 40)]
    pub fn parcels_for(&self, town: &str) -> Pages<Parcel>;

    /// A route with its parcels.
    #[query(Load, max_items = 500)]
    pub fn load(&self, id: u16) -> Collect<Load>;
}

const PARCELS: u32 = 60;

fn parcel(number: u32) -> Parcel {
    Parcel {
        id: Id::from_bits(u128::from(number)),
        route: 7,
        town: "Bern".to_owned(),
        code: format!("C{number:06}"),
        note: "n".repeat(1_700),
    }
}

/// Bytes of the items under a key condition, as DynamoDB counts them.
async fn stored(client: &aws_sdk_dynamodb::Client, pk: &str, begins: &str) -> usize {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let query = client
        .query()
        .table_name("depot")
        .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
        .expression_attribute_values(":pk", S(pk.to_owned()))
        .expression_attribute_values(":sk", S(begins.to_owned()));
    let found = query.send().await.unwrap().items.unwrap();
    keyfold::item_size_bytes(&found[0])
}

#[tokio::test(flavor = "current_thread")]
async fn units_predicted_from_the_design_are_the_units_metered() {
    let client = keyfold::embedded::memory().client();
    let db = Depot::builder(client.clone()).build();
    db.create_table().await.unwrap();
    let route = Route {
        id: 7,
        text: "r".repeat(300),
    };
    // A parcel's code is claimed by its create; nobody else writes labels.
    assert!(db.labels.find("C000001").await.unwrap().is_none());
    db.routes.create(route).send().await.unwrap();
    let mut created = 0.0;
    for number in 0..PARCELS {
        created = db
            .parcels
            .create(parcel(number))
            .send()
            .await
            .unwrap()
            .write_units;
    }
    let parcel_bytes = stored(&client, "ROUTE#00007", "PARCEL#").await;
    let label_bytes = stored(&client, "CODE#C000001", "META").await;
    let route_bytes = stored(&client, "ROUTE#00007", "META").await;
    let traffic = format!(
        "
        [entities]
        Parcel = {{ items = {PARCELS}, item_bytes = {parcel_bytes}, items_per_partition = {PARCELS}, create = 1, update = 1 , mirrored = 0, get = 1 }}
        Label = {{ items = {PARCELS}, item_bytes = {label_bytes} }}
        Route = {{ items = 1, item_bytes = {route_bytes} }}
        [calls]
        parcels-on = {{ per_month = 1 }}
        parcels-for = {{ per_month = 1 }}
        load = {{ per_month = 1 }}
        "
    );
    let traffic = Traffic::parse(&traffic).unwrap();
    let model: &TableModel<'_> = Depot::model();
    assert_eq!(traffic.check(model), []);
    let report = predict(model, &traffic, &Prices::of_region("us-east-1").unwrap());
    let predicted = |id: &str| {
        let pattern = report.patterns.iter().find(|pattern| pattern.id == id);
        pattern.unwrap().units_per_call
    };

    let page = db.parcels_on(7).page().await.unwrap();
    assert_eq!(page.items.len(), 10);
    same(predicted("parcels-on"), page.cost.read_units);
    let page = db.parcels_for("Bern").page().await.unwrap();
    assert_eq!(page.items.len(), 40);
    same(predicted("parcels-for"), page.cost.read_units);
    // A collection does not say what it took, so the same request is asked of the client.
    let request = db.load(7).request().unwrap();
    let consumed = client
        .query()
        .table_name("depot")
        .set_key_condition_expression(request.key_condition_expression)
        .set_expression_attribute_names(request.expression_attribute_names)
        .set_expression_attribute_values(request.expression_attribute_values)
        .return_consumed_capacity(aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap()
        .consumed_capacity;
    same(predicted("load"), consumed.unwrap().capacity_units.unwrap());

    let changed = db.parcels.patch(&parcel(3)).note("m".repeat(1_700)).send();
    let changed = changed.await.unwrap().write_units;
    let entity = report
        .entities
        .iter()
        .find(|entity| entity.name == "Parcel")
        .unwrap();
    same(entity.write_units, created + changed);
}

fn same(predicted: f64, metered: f64) {
    assert!(
        (predicted - metered).abs() < 1e-9,
        "{predicted} predicted, {metered} metered"
    );
}
