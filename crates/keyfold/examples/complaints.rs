//! A public design of AWS's for customers' complaints, adopted as it is: `cargo run --example complaints`.
//!
//! Partition keys have no prefix, three indexes go by ordinary attributes, one of them is sparse; and what the original
//! answers with a scan has an index here, which needs no new attribute.

#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::struct_field_names,
    clippy::duplicate_mod,
    reason = "an example is read as a whole, prints, and names fields as the attributes are; its data are read as the other's are"
)]

use std::collections::BTreeSet;
use std::error::Error;

use keyfold::prelude::*;

#[path = "workbench/data.rs"]
mod data;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", tag = none, patterns,
        index(ByCustomer, name = "Customer_Complaint_GSI", pk = "customer_id", sk = "complaint_id"),
        index(Escalated, name = "Escalations_GSI", pk = "escalated_to", sk = "escalation_time"),
        index(ByAgent, name = "Agents_Comments_GSI", pk = "agentID", sk = "comm_date"),
        index(BySeverity, name = "Severity_State_GSI", pk = "severity", sk = "current_state"))]
pub struct Complaints {
    pub complaints: Repo<Complaint>,
    pub communications: Repo<Communication>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{complaint_id}", sk = "metadata")]
#[index(ByCustomer, pk = customer_id, sk = complaint_id)]
#[index(Escalated, pk = escalated_to, sk = escalation_time)]
#[index(BySeverity, pk = severity, sk = current_state)]
pub struct Complaint {
    pub complaint_id: String,
    pub customer_id: String,
    pub current_state: String,
    pub creation_time: String,
    pub severity: String,
    pub complaint_description: String,
    /// Only while an agent has it: the index holds nothing else.
    #[attr(omit_none)]
    pub escalated_to: Option<String>,
    #[attr(omit_none)]
    pub escalation_time: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{complaint}", sk = "comm#{comm_date}#{comm_id}")]
#[index(ByAgent, pk = agent, sk = comm_date)]
pub struct Communication {
    #[key_only]
    pub complaint: String,
    pub comm_id: String,
    pub comm_date: String,
    pub complaint_state: String,
    pub comm_text: String,
    #[attr(set)]
    pub attachments: BTreeSet<String>,
    #[serde(rename = "agentID")]
    #[attr(omit_none)]
    pub agent: Option<String>,
}

#[access_patterns]
impl Complaints {
    /// What was said about a complaint, in order.
    #[query(Communication)]
    pub fn communications_of(&self, complaint: &str) -> Pages<Communication>;

    /// A customer's complaints.
    #[query(Complaint, index = ByCustomer)]
    pub fn complaints_of(&self, customer_id: &str) -> Pages<Complaint>;

    /// Complaints that an agent was given, in the order of that.
    #[query(Complaint, index = Escalated)]
    pub fn escalated_to(&self, escalated_to: &str) -> Pages<Complaint>;

    /// What an agent said.
    #[query(Communication, index = ByAgent)]
    pub fn said_by(&self, agent: &str) -> Pages<Communication>;

    /// Complaints of one severity in one state: a scan in the original.
    #[query(Complaint, index = BySeverity)]
    pub fn of_severity(&self, severity: &str, current_state: &str) -> Pages<Complaint>;
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() -> Result<(), Box<dyn Error>> {
    let client = keyfold::embedded::memory().client();
    let db = Complaints::builder(client.clone())
        .table("complaints")
        .build();
    db.create_table().await?;
    let items = data::items(include_str!(
        "../../keyfold-export/tests/data/ComplaintManagementSchema.json"
    ))?;
    data::load(&client, "complaints", &items).await?;

    let copy = Complaints::builder(client.clone()).table("copy").build();
    copy.create_table().await?;
    for id in [
        "Complaint123",
        "Complaint1444",
        "Complaint1321",
        "Complaint0987",
    ] {
        copy.complaints.put(db.complaints.get(id).await?).await?;
        for said in db.communications_of(id).all(100).await? {
            copy.communications.put(said).await?;
        }
    }
    assert_eq!(
        data::stored(&client, "copy").await?,
        data::sorted(items),
        "not a byte differs"
    );

    assert_eq!(db.communications_of("Complaint123").all(10).await?.len(), 2);
    assert_eq!(db.complaints_of("custXYZ").all(10).await?.len(), 2);
    let escalated = db.escalated_to("AgentB").all(10).await?;
    let ids = escalated.iter().map(|complaint| &*complaint.complaint_id);
    assert_eq!(ids.collect::<Vec<_>>(), ["Complaint1444", "Complaint1321"]);
    assert_eq!(db.said_by("AgentA").all(10).await?.len(), 2);
    assert_eq!(db.of_severity("P2", "resolved").all(10).await?.len(), 1);
    println!("{}", db.of_severity("P2", "resolved").explain()?);
    Ok(())
}
