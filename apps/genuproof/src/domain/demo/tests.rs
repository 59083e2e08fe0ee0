use super::*;
use crate::domain::chain::{ChainState, Unsealed};
use crate::domain::crypto::tests::vector_signer;
use crate::domain::product::{HashedFields, Status, StoredProduct, signature};
use crate::domain::verdict::{Caller, Inquiry, Verdict, judge};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Registers the product and extends its chain as requests would, then judges it.
fn verdict(demo: &Demo, product: &DemoProduct) -> Verdict {
    let brand = demo
        .brands
        .iter()
        .find(|brand| brand.id == product.brand)
        .unwrap();
    let id = product.id.as_str();
    let signer = vector_signer();
    let mut state = ChainState::new();
    let mut events = Vec::new();
    for event in &product.events {
        let (next, event) = state.append(id, event.clone());
        state = next;
        events.push(serde_json::from_value(serde_json::to_value(event).unwrap()).unwrap());
    }
    let created_at = product.events[0].timestamp.to_string();
    let fields = HashedFields {
        product_id: id,
        brand_id: brand.id.as_str(),
        name: &product.details.name,
        sku: product.details.sku.as_deref(),
        metadata: &product.details.metadata,
        created_at: &created_at,
    };
    let stored: StoredProduct = serde_json::from_value(json!({
        "productId": id, "brandId": brand.id, "name": product.details.name, "sku": product.details.sku,
        "metadata": product.details.metadata, "createdAt": created_at, "hash": fields.hash().to_string(),
        "signature": signature(&signer, &fields.hash()).to_string(), "verificationCode": product.code,
        "status": state.status, "eventCount": state.event_count, "chainHead": state.head.to_string(),
        "chainSeal": state.seal(id, &signer).to_string(),
    }))
    .unwrap();
    let inquiry = Inquiry {
        product_id: id,
        code: Some(product.code.as_str()),
        product: &stored,
        events: &events,
        claim: None,
        caller: Caller {
            address: "203.0.113.7",
            user_agent: None,
        },
        is_scan: true,
    };
    judge(&inquiry, &signer, &Unsealed::Never)
}

#[test]
fn the_published_products_are_there_and_genuine() {
    let demo = at(now());
    assert_eq!(demo.brands[0].name, "Luxe Watches");
    assert_eq!(demo.brands[0].domain, "luxewatches.com");
    let published = [
        (
            "Royal Oak Chronograph 42mm",
            "wfPHybaFV3_a",
            7,
            "Switzerland",
            "New York",
        ),
        (
            "Le Classique Tote - Noir",
            "pOszdB-1n6IC",
            6,
            "Florence",
            "Madison Avenue",
        ),
        (
            "Oud Royale Eau de Parfum",
            "27dEHQymVRMl",
            4,
            "Grasse",
            "Dubai",
        ),
        (
            "Nautilus Travel Time 40mm",
            "FshGQLRNsr4p",
            6,
            "Le Locle",
            "Tokyo",
        ),
        (
            "Aviator Titanium Polarized",
            "IebJZgMHdD-h",
            4,
            "Belluno",
            "Beverly Hills",
        ),
    ];
    assert_eq!(
        demo.products[0].id.as_str(),
        "e084595c97320cfcc85309943f345760"
    );
    for (product, (name, code, events, from, to)) in demo.products.iter().zip(published) {
        assert_eq!(
            (
                product.details.name.as_str(),
                product.code.as_str(),
                product.events.len()
            ),
            (name, code, events)
        );
        assert!(
            product.events[0]
                .location
                .as_deref()
                .unwrap()
                .contains(from),
            "{name}"
        );
        assert!(
            product
                .events
                .last()
                .unwrap()
                .location
                .as_deref()
                .unwrap()
                .contains(to),
            "{name}"
        );
        let verdict = verdict(&demo, product);
        assert!(
            verdict.authentic && verdict.warnings.is_empty(),
            "{name}: {:?}",
            verdict.warnings
        );
    }
}

#[test]
fn the_last_product_is_genuine_but_recalled() {
    let demo = at(now());
    let recalled = demo.products.last().unwrap();
    let verdict = verdict(&demo, recalled);
    assert!(verdict.authentic);
    assert_eq!(verdict.chain.sealed_status, Some(Status::Recalled));
    assert!(
        verdict.warnings[0].contains("recall") && verdict.warnings[0].contains("allergen"),
        "{:?}",
        verdict.warnings
    );
}

#[test]
fn every_row_is_complete_and_told_apart() {
    let demo = at(now());
    assert_eq!(
        (demo.brands.len(), demo.products.len()),
        (HOUSES.len(), PRODUCTS.len()),
        "no id without the form of one"
    );
    let ids: std::collections::BTreeSet<_> = demo
        .products
        .iter()
        .map(|product| product.id.as_str())
        .collect();
    let codes: std::collections::BTreeSet<_> = demo
        .products
        .iter()
        .map(|product| product.code.as_str())
        .collect();
    assert_eq!((ids.len(), codes.len()), (PRODUCTS.len(), PRODUCTS.len()));
}

#[test]
fn times_rise_and_end_before_now() {
    let demo = at(now());
    for product in &demo.products {
        let brand = demo
            .brands
            .iter()
            .find(|brand| brand.id == product.brand)
            .unwrap();
        let events = product.events.iter().map(|event| event.timestamp);
        let scans = product.scans.iter().map(|scan| scan.timestamp);
        let mut times = vec![brand.created_at];
        times.extend(events.chain(scans));
        times.push(now());
        assert!(times.is_sorted_by(|a, b| a < b), "{}", product.details.name);
        if let Some(claim) = &product.claim {
            assert!(claim.claimed_at > product.scans[0].timestamp && claim.claimed_at < now());
        }
    }
}

#[test]
fn no_rule_fires_on_the_demonstration() {
    for row in PRODUCTS {
        for pair in row.journey.windows(2) {
            assert!(
                pair[0].hours_ago - pair[1].hours_ago <= 72,
                "{}: a gap in the chain",
                row.name
            );
        }
        for (from, ..) in row.scans {
            let day = row
                .scans
                .iter()
                .filter(|(hours, ..)| (from - 24..=*from).contains(hours));
            let countries: std::collections::BTreeSet<_> =
                day.map(|(_, country, ..)| country).collect();
            assert!(countries.len() < 3, "{}", row.name);
        }
        assert!(
            row.scans.iter().all(|(hours, ..)| *hours < 7 * 24),
            "within the week that charts show"
        );
    }
}
