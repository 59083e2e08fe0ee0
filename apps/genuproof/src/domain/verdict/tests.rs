use serde_json::{Value, json};

use super::*;
use crate::domain::chain::{ChainState, NewEvent};
use crate::domain::crypto::tests::vector_signer;
use crate::domain::event::EventKind;
use crate::domain::event::tests::{first_item, second_item};
use crate::domain::fingerprint;
use crate::domain::product::tests::PRODUCT;
use crate::domain::seal::tests::sealed_item;

const CODE: &str = "-Pn6-_z9_v8B";
const OWNER: Caller<'_> = Caller {
    address: "203.0.113.7",
    user_agent: Some("Mozilla/5.0 (Test)"),
};
const STRANGER: Caller<'_> = Caller {
    address: "198.51.100.1",
    user_agent: Some("Mozilla/5.0 (Test)"),
};

struct Case {
    product: Value,
    events: Vec<Value>,
    claim: Option<Value>,
    code: Option<&'static str>,
    caller: Caller<'static>,
    is_scan: bool,
}

impl Case {
    fn honest() -> Self {
        Self {
            product: sealed_item(),
            events: vec![first_item(), second_item()],
            claim: None,
            code: Some(CODE),
            caller: STRANGER,
            is_scan: true,
        }
    }

    fn claimed(mut self) -> Self {
        let fingerprint =
            fingerprint::device(&vector_signer(), OWNER.address, OWNER.user_agent).to_string();
        self.claim = Some(
            json!({"consumerName": "Jane Doe", "fingerprint": fingerprint, "claimedAt": "2026-03-03T00:00:00.000Z"}),
        );
        self
    }

    /// Adds an event as the platform does, with its seal.
    fn append(mut self, kind: EventKind, data: &Value) -> Self {
        let product: StoredProduct = serde_json::from_value(self.product.clone()).unwrap();
        let state = ChainState::resume(PRODUCT, &product, &vector_signer()).unwrap();
        let event = NewEvent {
            kind,
            actor: "System".into(),
            location: None,
            timestamp: "2026-03-04T00:00:00.000Z".parse().unwrap(),
            data: data.as_object().unwrap().clone(),
        };
        let (state, event) = state.append(PRODUCT, event);
        self.events.push(serde_json::to_value(event).unwrap());
        self.product["status"] = json!(state.status.as_str());
        self.product["eventCount"] = json!(state.event_count);
        self.product["chainHead"] = json!(state.head.to_string());
        self.product["chainSeal"] = json!(state.seal(PRODUCT, &vector_signer()).to_string());
        self
    }

    fn judge(&self) -> Verdict {
        let product = serde_json::from_value(self.product.clone()).unwrap();
        let events: Vec<_> = self
            .events
            .iter()
            .map(|event| serde_json::from_value(event.clone()).unwrap())
            .collect();
        let claim = self
            .claim
            .clone()
            .map(|claim| serde_json::from_value(claim).unwrap());
        let inquiry = Inquiry {
            product_id: PRODUCT,
            code: self.code,
            product: &product,
            events: &events,
            claim: claim.as_ref(),
            caller: self.caller,
            is_scan: self.is_scan,
        };
        judge(&inquiry, &vector_signer(), &Unsealed::Never)
    }
}

/// The only warning, in lower case.
fn warning(verdict: &Verdict) -> String {
    assert_eq!(verdict.warnings.len(), 1, "{:?}", verdict.warnings);
    verdict.warnings[0].to_lowercase()
}

#[test]
fn an_honest_product_is_authentic_without_warnings() {
    let verdict = Case::honest().judge();
    assert!(
        verdict.authentic
            && verdict.hash_match
            && verdict.signature_valid
            && verdict.chain.is_intact()
    );
    assert_eq!(verdict.warnings, [""; 0]);
    assert_eq!(verdict.scan_result(), "authentic");
    assert_eq!(
        serde_json::to_value(&verdict.claim).unwrap(),
        json!({"claimed": false, "isClaimant": false})
    );
    assert!(
        Case {
            code: None,
            ..Case::honest()
        }
        .judge()
        .authentic,
        "asked for by its id"
    );
}

#[test]
fn an_altered_name_is_a_mismatch_with_a_valid_signature() {
    let mut case = Case::honest();
    case.product["name"] = json!("Fake");
    let verdict = case.judge();
    assert!(!verdict.authentic && !verdict.hash_match && verdict.signature_valid);
    let warning = warning(&verdict);
    assert!(
        warning.contains("mismatch") && warning.contains("tampering"),
        "{warning}"
    );
    assert_eq!(verdict.scan_result(), "suspicious");
}

#[test]
fn a_rehashed_record_has_an_invalid_signature() {
    let mut case = Case::honest();
    case.product["name"] = json!("Fake");
    case.product["hash"] = json!(
        crate::domain::product::HashedFields {
            product_id: PRODUCT,
            brand_id: crate::domain::product::tests::BRAND,
            name: "Fake",
            sku: None,
            metadata: &serde_json::Map::new(),
            created_at: crate::domain::product::tests::CREATED,
        }
        .hash()
        .to_string()
    );
    let verdict = case.judge();
    assert!(!verdict.authentic && verdict.hash_match && !verdict.signature_valid);
    assert!(warning(&verdict).contains("signature"));
}

#[test]
fn a_broken_chain_is_not_authentic() {
    let mut case = Case::honest();
    case.events[0]["location"] = json!("Elsewhere");
    let verdict = case.judge();
    assert!(
        !verdict.authentic
            && verdict.hash_match
            && verdict.signature_valid
            && !verdict.chain.is_intact()
    );
    assert!(warning(&verdict).contains("chain"));
}

#[test]
fn a_code_pointed_at_another_product_is_not_authentic() {
    let case = Case {
        code: Some("AAAAAAAAAAAA"),
        ..Case::honest()
    };
    let verdict = case.judge();
    assert!(!verdict.authentic && !verdict.code_matches && verdict.hash_match);
    assert!(warning(&verdict).contains("another product"));
    let mut case = Case::honest();
    case.product
        .as_object_mut()
        .unwrap()
        .remove("verificationCode");
    assert!(!case.judge().authentic);
}

#[test]
fn a_recalled_product_is_genuine_but_warns_with_the_reason() {
    let verdict = Case::honest()
        .append(EventKind::Recalled, &json!({"reason": "Battery may swell"}))
        .judge();
    assert!(verdict.authentic);
    let warning = warning(&verdict);
    assert!(
        warning.contains("recall") && warning.contains("battery may swell"),
        "{warning}"
    );
}

#[test]
fn a_recall_undone_by_hand_still_warns_and_is_not_authentic() {
    let mut case =
        Case::honest().append(EventKind::Recalled, &json!({"reason": "Battery may swell"}));
    case.product["status"] = json!("active");
    let verdict = case.judge();
    assert!(!verdict.authentic && !verdict.chain.is_intact());
    let all = verdict.warnings.join("\n").to_lowercase();
    assert!(
        all.contains("status differs")
            && all.contains("chain")
            && all.contains("battery may swell"),
        "{all}"
    );
    // With the event deleted too, the seal still knows.
    case.events.pop();
    let all = case.judge().warnings.join("\n").to_lowercase();
    assert!(all.contains("under recall"), "{all}");
}

#[test]
fn a_scan_by_another_device_than_the_claimants_warns_and_hides_the_name() {
    let verdict = Case::honest().claimed().judge();
    assert!(verdict.authentic && verdict.scanned_by_another_device);
    assert!(warning(&verdict).contains("registered to another"));
    let expect =
        json!({"claimed": true, "isClaimant": false, "claimedAt": "2026-03-03T00:00:00.000Z"});
    assert_eq!(serde_json::to_value(&verdict.claim).unwrap(), expect);
}

#[test]
fn the_claimant_is_shown_the_claim_and_not_warned() {
    let verdict = Case {
        caller: OWNER,
        ..Case::honest().claimed()
    }
    .judge();
    assert_eq!(verdict.warnings, [""; 0]);
    assert!(!verdict.scanned_by_another_device && verdict.claim.is_claimant);
    assert_eq!(verdict.claim.claimed_by.as_deref(), Some("Jane Doe"));
}

#[test]
fn looking_without_a_trace_does_not_warn_about_the_claim() {
    let verdict = Case {
        is_scan: false,
        ..Case::honest().claimed()
    }
    .judge();
    assert_eq!(verdict.warnings, [""; 0]);
    assert!(!verdict.scanned_by_another_device && verdict.claim.claimed);
}

#[test]
fn a_claim_counts_until_its_ttl_or_while_it_is_disputed() {
    let claim = |json: Value| serde_json::from_value::<StoredClaim>(json).unwrap();
    assert!(claim(json!({"ttl": 100})).counts_at(99));
    assert!(!claim(json!({"ttl": 100})).counts_at(100));
    assert!(claim(json!({"ttl": 100, "disputed": true})).counts_at(1000));
    assert!(
        claim(json!({})).counts_at(1000),
        "claims of the first GenuProof never expire"
    );
}

#[test]
fn any_odd_attribute_gives_a_verdict() {
    for attribute in [
        "productId",
        "brandId",
        "name",
        "sku",
        "metadata",
        "createdAt",
        "hash",
        "signature",
        "status",
        "verificationCode",
        "eventCount",
        "chainHead",
        "chainSeal",
    ] {
        for odd in [json!(7.5), json!([1]), json!({"a": 1}), json!(true)] {
            let mut case = Case::honest().claimed();
            case.product[attribute] = odd.clone();
            let verdict = case.judge();
            assert!(!verdict.authentic, "{attribute} {odd}");
        }
    }
    let mut case = Case::honest().claimed();
    case.claim = Some(json!({"fingerprint": 7, "consumerName": [], "claimedAt": {}, "ttl": "x"}));
    assert!(case.judge().claim.claimed);
    case.product = json!({});
    case.events = vec![json!({}), json!({"data": 1})];
    assert!(!case.judge().authentic);
}
