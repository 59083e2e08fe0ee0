//! Carrying a table of the first `GenuProof` over.

use genuproof::domain::chain::Unsealed;
use genuproof::domain::crypto::sha256;
use genuproof::domain::ids::BrandId;
use genuproof::domain::ids::Form as _;
use genuproof::domain::ids::Ref;
use genuproof::domain::input::Target;
use genuproof::store::Store;
use genuproof::{doctor, import};
use serde_json::json;

use crate::legacy::{legacy, product};
use crate::world::*;

const BRAND: &str = "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";

#[tokio::test]
async fn a_table_of_the_first_one_is_carried_over_verified_sealed_and_without_addresses() {
    let old = legacy(Unsealed::Never).await;
    let key = "aik_fedcba98765432100123456789abcdef";
    for item in [
        json!({"PK": format!("PRODUCT#{}", product()), "SK": "SCAN#2026-03-03T10:00:00.000Z", "productId": product().as_str(),
            "timestamp": "2026-03-03T10:00:00.000Z", "ip": "203.0.113.7", "country": "FR", "city": "Lyon", "userAgent": "x", "result": "authentic"}),
        json!({"PK": format!("PRODUCT#{}", product()), "SK": "CLAIM", "productId": product().as_str(), "consumerName": "Jane",
            "email": null, "fingerprint": "d6daa544a5a6f34a4b443a68c16c4d09e538d2e0336fc24a76170a10c014081e",
            "claimedAt": "2026-06-03T10:00:00.000Z", "ip": "203.0.113.7"}),
        json!({"PK": format!("THREAT#{BRAND}"), "SK": "ALERT#2026-03-03T10:00:00.000Z", "brandId": BRAND, "type": "geographic_anomaly",
            "severity": "high", "productId": product().as_str(), "details": "FR", "timestamp": "2026-03-03T10:00:00.000Z", "resolved": false}),
        json!({"PK": "OPS_LOG", "SK": "2026-03-03T10:00:00.000Z", "agent": "threat_detector", "brandId": BRAND, "timestamp": "2026-03-03T10:00:00.000Z"}),
        json!({"PK": format!("BRAND#{BRAND}"), "SK": "INTEGRATION#one", "id": "one", "brandId": BRAND, "type": "fedex", "ingestKey": key,
            "active": true, "config": {}, "createdAt": "2026-03-03T10:00:00.000Z", "lastEvent": null, "eventCount": 0}),
        json!({"PK": "AUDIT_LOG", "SK": "2026-03-03T10:00:00.000Z"}),
    ] {
        old.put(item_of(item.as_object().unwrap())).await;
    }
    let new = world().await;
    new.clock.set("2026-07-01T00:00:00.000Z");
    let into = Store::new(
        new.store.table().clone(),
        signer(),
        import::until_now(new.store.now()),
    );
    let carry = async || {
        import::import(&old.client, TABLE, &new.client, TABLE, &into, 1_825)
            .await
            .unwrap()
    };
    let done = carry().await;
    assert_eq!(done.sealed, 1, "{done:?}");
    assert_eq!(
        done.left,
        ["1 items of a kind that is not known (AUDIT_LOG) are not carried"]
    );
    let again = carry().await;
    assert_eq!(
        (again.written, again.sealed, again.made),
        (0, 0, 0),
        "{again:?}"
    );
    assert_eq!(again.there, done.written);

    let target = Target::Product(Ref::Named(product()));
    let looked = new
        .store
        .verify(&target, caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert!(looked.verdict.authentic, "{:?}", looked.verdict);
    let brand = BrandId::parse(BRAND).unwrap();
    assert_eq!(new.store.alerts(&brand, 10).await.unwrap().len(), 1);
    assert_eq!(
        new.store.ops_of_brand(&brand, 365, 10).await.unwrap().len(),
        1
    );
    assert!(new.store.integration_of_key(key).await.unwrap().is_some());
    let everything = new.everything().await;
    let said = format!("{everything:?}");
    assert!(!said.contains("203.0.113.7") && !said.contains(&key[8..]));
    let claim = new
        .get(&format!("PRODUCT#{}", product()), "CLAIM")
        .await
        .unwrap();
    assert!(claim.contains_key("ttl"));
    let found = doctor::examine(&new.client, TABLE, &new.store)
        .await
        .unwrap();
    assert_eq!(found.findings, []);
    // The chain goes on, and what was registered there is not registered again.
    let owner = new.store.brand(&brand).await.unwrap().unwrap().brand;
    assert!(
        new.store
            .register(&owner, details("Plain", None), false)
            .await
            .is_err()
    );
    assert!(everything.contains_key(&format!("UNIQUE#{BRAND}#{} NAME", sha256("Plain"))));
}

#[tokio::test]
async fn a_product_that_was_tampered_with_is_carried_and_named_and_gets_no_seal() {
    let old = legacy(Unsealed::Never).await;
    let mut event = old.events(&product()).await.remove(1);
    event.insert("actor".to_owned(), text("Somebody else"));
    old.put(event).await;
    let new = world().await;
    new.clock.set("2026-07-01T00:00:00.000Z");
    let into = Store::new(
        new.store.table().clone(),
        signer(),
        import::until_now(new.store.now()),
    );
    let done = import::import(&old.client, TABLE, &new.client, TABLE, &into, 1_825)
        .await
        .unwrap();
    assert_eq!(done.sealed, 0);
    assert!(
        done.left
            .iter()
            .any(|left| left.contains("does not verify")),
        "{done:?}"
    );
    let target = Target::Product(Ref::Named(product()));
    let looked = new
        .store
        .verify(&target, caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert!(!looked.verdict.authentic);
}
