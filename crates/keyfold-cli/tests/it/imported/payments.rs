//! The table `ReoccuringPayments`.

use std::collections::BTreeMap;

use keyfold::prelude::*;

/// The table.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    tag = none,
    index(GSI1, name = "GSI-1", pk = "NextReminderDate", sk = "LastReminderDate", project = include("SK", "PK", "SKU", "Email", "NextPaymentDate")),
    index(GSI2, name = "GSI-2", pk = "NextPaymentDate", sk = "LastPaymentDate", project = include("PK", "SK", "Email", "PaymentDay", "PaymentAmount", "SKU", "PaymentDetails"))
)]
pub struct ReoccuringPayments {
    pub subscriptions: Repo<Subscription>,
    pub receipts: Repo<Receipts>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ACC#{account_id:raw}", sk = "SUB#{sub_id:raw}#SKU#{sku:raw}")]
#[index(GSI1, pk = next_reminder_date, sk = last_reminder_date)]
#[index(GSI2, pk = next_payment_date, sk = last_payment_date)]
pub struct Subscription {
    #[serde(rename = "Email")]
    pub email: String,
    #[serde(rename = "PaymentDay")]
    pub payment_day: String,
    #[serde(rename = "PaymentAmount")]
    pub payment_amount: String,
    #[serde(rename = "LastPaymentDate")]
    pub last_payment_date: String,
    #[serde(rename = "NextPaymentDate")]
    pub next_payment_date: String,
    #[serde(rename = "LastReminderDate")]
    pub last_reminder_date: String,
    #[serde(rename = "NextReminderDate")]
    pub next_reminder_date: String,
    #[serde(rename = "SKU")]
    pub sku: String,
    #[serde(rename = "PaymentDetails")]
    pub payment_details: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "CreatedDate")]
    pub created_date: String,
    #[key_only]
    pub account_id: String,
    #[key_only]
    pub sub_id: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(
    pk = "ACC#{account_id:raw}",
    sk = "REC#{processed_date2:raw}#SKU#{sku:raw}"
)]
pub struct Receipts {
    #[serde(rename = "Email")]
    pub email: String,
    #[serde(rename = "SKU")]
    pub sku: String,
    #[serde(rename = "ProcessedDate")]
    pub processed_date: String,
    #[serde(rename = "ProcessedAmount")]
    pub processed_amount: String,
    #[serde(rename = "TTL")]
    pub ttl: u64,
    #[key_only]
    pub account_id: String,
    #[key_only]
    pub processed_date2: String,
}
