//! The table `ComplaintManagementSystem`.

use std::collections::BTreeSet;

use keyfold::prelude::*;

/// The table.
#[derive(Table, Clone)]
#[table(
    pk = "PK",
    sk = "SK",
    tag = none,
    index(CustomerComplaintGSI, name = "Customer_Complaint_GSI", pk = "customer_id", sk = "complaint_id"),
    index(EscalationsGSI, name = "Escalations_GSI", pk = "escalated_to", sk = "escalation_time"),
    index(AgentsCommentsGSI, name = "Agents_Comments_GSI", pk = "agentID", sk = "comm_date")
)]
pub struct ComplaintManagementSystem {
    pub comms: Repo<Comm>,
    pub metadatas: Repo<Metadata>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = pk, sk = "comm#{comm_date:raw}#{comm_id:raw}")]
#[index(AgentsCommentsGSI, pk = agent_id, sk = comm_date)]
pub struct Comm {
    pub comm_id: String,
    pub comm_date: String,
    pub complaint_state: String,
    pub comm_text: String,
    #[attr(omit_none)]
    pub attachments: Option<BTreeSet<String>>,
    #[attr(omit_none)]
    #[serde(rename = "agentID")]
    pub agent_id: Option<String>,
    #[serde(rename = "PK")]
    pub pk: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{complaint_id:raw}", sk = "metadata")]
#[index(CustomerComplaintGSI, pk = customer_id, sk = complaint_id)]
#[index(EscalationsGSI, pk = escalated_to, sk = escalation_time)]
pub struct Metadata {
    pub customer_id: String,
    pub complaint_id: String,
    pub current_state: String,
    pub creation_time: String,
    pub severity: String,
    pub complaint_description: String,
    #[attr(omit_none)]
    pub escalated_to: Option<String>,
    #[attr(omit_none)]
    pub escalation_time: Option<String>,
}
