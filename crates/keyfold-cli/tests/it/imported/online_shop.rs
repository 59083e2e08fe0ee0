//! The table `OnlineShop`.

use std::collections::BTreeMap;

use keyfold::prelude::*;

/// The table.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    tag = none,
    index(GSI1, name = "GSI1", pk = "GSI1-PK", sk = "GSI1-SK"),
    index(GSI2, name = "GSI2", pk = "GSI2-PK", sk = "GSI2-SK")
)]
pub struct OnlineShop {
    pub customers: Repo<Customer>,
    pub products: Repo<Product>,
    pub warehouses: Repo<Warehouse>,
    pub warehouse_items: Repo<WarehouseItem>,
    pub order_items: Repo<OrderItem>,
    pub orders: Repo<Order>,
    pub invoices: Repo<Invoice>,
    pub shipments: Repo<Shipment>,
    pub shipment_items: Repo<ShipmentItem>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "c#{c:raw}", sk = "c#{c:raw}")]
pub struct Customer {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "Email")]
    pub email: String,
    #[serde(rename = "Name")]
    pub name: String,
    #[key_only]
    pub c: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "p#{p:raw}", sk = "p#{p:raw}")]
pub struct Product {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "Detail")]
    pub detail: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "Price")]
    pub price: String,
    #[key_only]
    pub p: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "w#{w:raw}", sk = "w#{w:raw}")]
pub struct Warehouse {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "Address")]
    pub address: BTreeMap<String, serde_json::Value>,
    #[key_only]
    pub w: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "p#{p:raw}", sk = "w#{w:raw}")]
#[index(GSI2, pk = "w#{w:raw}", sk = "p#{p:raw}")]
pub struct WarehouseItem {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "Quantity")]
    pub quantity: String,
    #[key_only]
    pub p: String,
    #[key_only]
    pub w: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "o#{o:raw}", sk = "p#{p:raw}")]
#[index(GSI1, pk = "p#{p:raw}", sk = gsi1_sk)]
#[index(GSI2, pk = gsi2_pk, sk = gsi2_sk)]
pub struct OrderItem {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "GSI1-SK")]
    pub gsi1_sk: String,
    #[serde(rename = "GSI2-PK")]
    pub gsi2_pk: String,
    #[serde(rename = "GSI2-SK")]
    pub gsi2_sk: String,
    #[serde(rename = "Price")]
    pub price: String,
    #[serde(rename = "Quantity")]
    pub quantity: String,
    #[key_only]
    pub o: String,
    #[key_only]
    pub p: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "o#{o:raw}", sk = "c#{c:raw}")]
pub struct Order {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "Date")]
    pub date: String,
    #[key_only]
    pub o: String,
    #[key_only]
    pub c: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "o#{o:raw}", sk = "i#{i:raw}")]
#[index(GSI1, pk = "i#{i:raw}", sk = "i#{i:raw}")]
#[index(GSI2, pk = gsi2_pk, sk = "{date:raw}")]
pub struct Invoice {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "GSI2-PK")]
    pub gsi2_pk: String,
    #[serde(rename = "Detail")]
    pub detail: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "Amount")]
    pub amount: String,
    #[serde(rename = "Date")]
    pub date: String,
    #[key_only]
    pub o: String,
    #[key_only]
    pub i: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "o#{o:raw}", sk = "sh#{sh:raw}")]
#[index(GSI1, pk = "sh#{sh:raw}", sk = "sh#{sh:raw}")]
#[index(GSI2, pk = gsi2_pk, sk = "sh#{sh:raw}")]
pub struct Shipment {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "GSI2-PK")]
    pub gsi2_pk: String,
    #[serde(rename = "Address")]
    pub address: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "Type")]
    pub type_: String,
    #[serde(rename = "Date")]
    pub date: String,
    #[key_only]
    pub o: String,
    #[key_only]
    pub sh: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "o#{o:raw}", sk = "shp#{shp:raw}")]
#[index(GSI1, pk = gsi1_pk, sk = gsi1_sk)]
pub struct ShipmentItem {
    #[serde(rename = "EntityType")]
    pub entity_type: String,
    #[serde(rename = "GSI1-PK")]
    pub gsi1_pk: String,
    #[serde(rename = "GSI1-SK")]
    pub gsi1_sk: String,
    #[serde(rename = "Quantity")]
    pub quantity: String,
    #[key_only]
    pub o: String,
    #[key_only]
    pub shp: String,
}
