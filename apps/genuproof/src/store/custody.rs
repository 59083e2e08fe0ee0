//! Who has a product: handing it on, calling it back.

use serde_json::Value;

use super::chain::Happening;
use super::{AppendError, Appended, Store};
use crate::domain::canonical::Object;
use crate::domain::event::EventKind;
use crate::domain::ids::ProductId;
use crate::table::Product;

/// A product that is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct Transfer {
    pub new_owner: String,
    pub location: Option<String>,
    pub reason: Option<String>,
}

/// A product that is called back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct Recall {
    pub reason: String,
    pub issued_by: Option<String>,
}

const USUAL_REASON: &str = "ownership_transfer";
const USUAL_ISSUER: &str = "System";

impl Store {
    /// Hands a product on: an event that names the owner before, and the status.
    ///
    /// # Errors
    /// [`AppendError`]; a recalled product is not handed on.
    pub async fn transfer(
        &self,
        product: &ProductId,
        transfer: &Transfer,
    ) -> Result<Appended, AppendError> {
        let happening = |product: &Product| Happening {
            kind: EventKind::Transferred,
            actor: transfer.new_owner.clone(),
            location: transfer.location.clone(),
            coordinates: None,
            data: Object::from_iter([
                (
                    "reason".to_owned(),
                    transfer.reason.as_deref().unwrap_or(USUAL_REASON).into(),
                ),
                ("previousOwner".to_owned(), owner(product)),
            ]),
        };
        self.append_to(product, &happening).await
    }

    /// Calls a product back: an event and the status. Of several at once exactly one does. The alert follows from the event.
    ///
    /// # Errors
    /// [`AppendError`]; a product is recalled once.
    pub async fn recall(
        &self,
        product: &ProductId,
        recall: Recall,
    ) -> Result<Appended, AppendError> {
        let issuer = recall.issued_by.unwrap_or_else(|| USUAL_ISSUER.to_owned());
        let happening = Happening {
            kind: EventKind::Recalled,
            actor: issuer,
            location: None,
            coordinates: None,
            data: Object::from_iter([("reason".to_owned(), recall.reason.into())]),
        };
        self.append(product, happening).await
    }
}

/// The brand, until somebody else has it.
fn owner(product: &Product) -> Value {
    let owner = product.current_owner.text();
    owner.or(product.brand_name.text()).into()
}
