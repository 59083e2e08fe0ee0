//! Claims, disputes, transfers and recalls: of several at once exactly one wins.

use genuproof::domain::dispute::DisputeStatus;
use genuproof::domain::event::EventKind;
use genuproof::domain::verdict::Caller;
use genuproof::store::{
    AppendError, ClaimError, DisputeError, DisputeId, NewClaim, NewDispute, Recall, Ruling,
    RulingError, Transfer,
};
use genuproof::table::Product;
use tokio::task::JoinSet;

use crate::world::*;

const OTHER: Caller<'static> = Caller {
    address: "198.51.100.9",
    user_agent: Some("Other"),
};

fn named(name: &str) -> NewClaim {
    NewClaim {
        consumer_name: Some(name.to_owned()),
        email: Some("jane@mail.example".to_owned()),
    }
}

fn ruling(status: DisputeStatus) -> Ruling {
    Ruling {
        status,
        by: "Maison".to_owned(),
        note: None,
    }
}

fn recall() -> Recall {
    Recall {
        reason: "Water".to_owned(),
        issued_by: None,
    }
}

impl World {
    async fn claimed_by(&self, product: &Product) -> Option<String> {
        let claim = self.store.claim(&product.id).await.unwrap();
        claim.map(|claim| claim.consumer_name.text().unwrap().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_claims_at_once_one_wins_and_the_others_are_told_when() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        // Two processes.
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            world.elsewhere()
        };
        let id = product.id.clone();
        tasks.spawn(async move {
            store
                .claim_product(&id, named(&number.to_string()), caller())
                .await
        });
    }
    let (mut won, mut lost) = (0, 0);
    for result in tasks.join_all().await {
        match result {
            Ok(_) => won += 1,
            Err(ClaimError::Claimed { at }) => {
                assert_eq!(at.as_deref(), Some("2026-03-01T09:30:00.000Z"));
                lost += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((won, lost), (1, 19));
    let meta = world.meta(&product.id).await;
    assert_eq!(meta["claimed"].as_bool(), Ok(&true));
    assert_eq!(
        meta["claimedAt"].as_s().unwrap(),
        "2026-03-01T09:30:00.000Z"
    );
}

#[tokio::test]
async fn a_claim_has_the_attributes_that_others_read_and_no_address() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world
        .store
        .claim_product(&product.id, named("Jane"), caller())
        .await
        .unwrap();
    let claim = world
        .get(&format!("PRODUCT#{}", product.id), "CLAIM")
        .await
        .unwrap();
    let claim = typed(&claim);
    let names: Vec<_> = claim.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "PK",
            "SK",
            "claimedAt",
            "consumerName",
            "email",
            "fingerprint",
            "productId",
            "ttl"
        ]
    );
    assert_eq!(claim["consumerName"]["S"], "Jane");
    assert_eq!(
        claim["email"]["S"],
        "8dfcb1c8ef9a08d3297388d9065856e9606d364297669939b9d6ce3b4387fc1e"
    );
    assert_eq!(
        claim["fingerprint"]["S"],
        "18ad2262757eccf5ff29f5e01d05f27b373e28fe264754cf4f11b8088ac41c1b"
    );
    // 2026-03-01T09:30:00Z and 1,825 days.
    assert_eq!(
        claim["ttl"]["N"],
        (1_772_357_400_u64 + 1_825 * 86_400).to_string()
    );
    assert!(!claim.to_string().contains(ADDRESS));
}

#[tokio::test]
async fn a_claim_whose_time_is_over_is_none_and_another_takes_its_place() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let store = world.store.clone().claims_for_days(1);
    store
        .claim_product(&product.id, named("Jane"), caller())
        .await
        .unwrap();
    world.clock.set("2026-03-02T09:29:59.999Z");
    assert_eq!(world.claimed_by(&product).await.as_deref(), Some("Jane"));
    assert!(world.scan(&product).await.verdict.claim.claimed);
    world.clock.set("2026-03-02T09:30:00.000Z");
    assert_eq!(
        world.claimed_by(&product).await,
        None,
        "it still lies there"
    );
    assert!(!world.scan(&product).await.verdict.claim.claimed);
    store
        .claim_product(&product.id, named("Ada"), OTHER)
        .await
        .unwrap();
    assert_eq!(world.claimed_by(&product).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn an_open_dispute_keeps_its_claim() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let store = world.store.clone().claims_for_days(1);
    store
        .claim_product(&product.id, named("Jane"), caller())
        .await
        .unwrap();
    let dispute = store
        .dispute_claim(&product.id, &NewDispute::default(), OTHER)
        .await
        .unwrap();
    world.clock.set("2026-04-01T00:00:00.000Z");
    assert_eq!(world.claimed_by(&product).await.as_deref(), Some("Jane"));
    let id = DisputeId::of(&dispute);
    store
        .rule(&product.id, &id, &ruling(DisputeStatus::ResolvedOriginal))
        .await
        .unwrap();
    assert_eq!(
        world.claimed_by(&product).await,
        None,
        "its time was over long ago"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disputes_at_once_are_all_kept_and_counted() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let nothing = world
        .store
        .dispute_claim(&product.id, &NewDispute::default(), OTHER)
        .await;
    assert!(matches!(nothing, Err(DisputeError::NoClaim)));
    world
        .store
        .claim_product(&product.id, named("Jane"), caller())
        .await
        .unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            world.elsewhere()
        };
        let id = product.id.clone();
        tasks.spawn(async move {
            let dispute = store
                .dispute_claim(&id, &NewDispute::default(), OTHER)
                .await
                .unwrap();
            DisputeId::of(&dispute).to_string()
        });
    }
    let ids: std::collections::BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 12);
    let claim = world
        .get(&format!("PRODUCT#{}", product.id), "CLAIM")
        .await
        .unwrap();
    assert_eq!(claim["disputed"].as_bool(), Ok(&true));
    assert_eq!(count_in(&claim, "disputeCount"), 12);
    assert!(claim.contains_key("disputedAt") && !claim.contains_key("ttl"));
    let listed = world.store.disputes(&product.id).await.unwrap();
    assert_eq!(listed.len(), 12);
    let original = listed[0].original_claim.here().unwrap();
    assert_eq!(original["claimedBy"], "Jane");
    assert_eq!(original["claimedAt"], "2026-03-01T09:30:00.000Z");
    assert!(
        world.look(&product).await.verdict.authentic,
        "disputes are no part of the record"
    );
}

#[tokio::test]
async fn a_dispute_is_decided_once_and_the_claim_follows() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world
        .store
        .claim_product(&product.id, named("Jane"), caller())
        .await
        .unwrap();
    let new = NewDispute {
        consumer_name: Some("Ada".to_owned()),
        ..NewDispute::default()
    };
    let first = world
        .store
        .dispute_claim(&product.id, &new, OTHER)
        .await
        .unwrap();
    let second = world
        .store
        .dispute_claim(&product.id, &NewDispute::default(), caller())
        .await
        .unwrap();
    let disputed = async || {
        let claim = world.store.claim(&product.id).await.unwrap().unwrap();
        claim.disputed.here() == Some(&true)
    };
    let rule =
        async |id: &DisputeId, status| world.store.rule(&product.id, id, &ruling(status)).await;
    let (first, second) = (DisputeId::of(&first), DisputeId::of(&second));
    rule(&first, DisputeStatus::Investigating).await.unwrap();
    assert!(disputed().await);
    rule(&first, DisputeStatus::ResolvedDisputant)
        .await
        .unwrap();
    assert_eq!(world.claimed_by(&product).await.as_deref(), Some("Ada"));
    assert!(disputed().await, "the second one is open");
    let mine = world
        .store
        .verify(&code_of(&product), OTHER, Some(&place()))
        .await
        .unwrap()
        .unwrap();
    assert!(
        mine.verdict.claim.is_claimant,
        "it is the disputant's device's now"
    );
    rule(&second, DisputeStatus::ResolvedOriginal)
        .await
        .unwrap();
    assert!(!disputed().await);
    let claim = world
        .get(&format!("PRODUCT#{}", product.id), "CLAIM")
        .await
        .unwrap();
    assert!(claim.contains_key("ttl"), "it expires again");
    let again = rule(&first, DisputeStatus::ResolvedOriginal).await;
    assert!(matches!(again, Err(RulingError::NotFrom { .. })));
    let unknown = DisputeId::parse("2026-03-01T09:30:00.000Z~00").unwrap();
    let unknown = rule(&unknown, DisputeStatus::ResolvedOriginal).await;
    assert!(matches!(unknown, Err(RulingError::Unknown)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_recalls_at_once_one_is_and_there_is_one_event() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            world.elsewhere()
        };
        let id = product.id.clone();
        tasks.spawn(async move { store.recall(&id, recall()).await });
    }
    let results = tasks.join_all().await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    let lost = results
        .iter()
        .filter(|result| matches!(result, Err(AppendError::AlreadyRecalled)))
        .count();
    assert_eq!((won, lost), (1, 9));
    let recalls: Vec<_> = world
        .events(&product.id)
        .await
        .into_iter()
        .filter(|event| event["type"].as_s().unwrap() == "recalled")
        .collect();
    assert_eq!(recalls.len(), 1);
    assert_eq!(recalls[0]["actor"].as_s().unwrap(), "System");
    let transfer = Transfer {
        new_owner: "Ada".to_owned(),
        location: None,
        reason: None,
    };
    let refused = world.store.transfer(&product.id, &transfer).await;
    assert!(matches!(refused, Err(AppendError::Recalled)));
    assert!(world.look(&product).await.verdict.authentic);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_transfer_names_the_owner_before_and_all_of_several_at_once_are_in_the_chain() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let (store, id) = (world.store.clone(), product.id.clone());
        tasks.spawn(async move {
            let transfer = Transfer {
                new_owner: format!("Owner {number}"),
                location: None,
                reason: None,
            };
            store.transfer(&id, &transfer).await.unwrap();
        });
    }
    tasks.join_all().await;
    let chain = world.store.chain(&product.id).await.unwrap().unwrap();
    assert!(chain.is_valid);
    let mut owner = "Maison".to_owned();
    let transfers = chain
        .events
        .iter()
        .filter(|event| event.kind.text() == Some(EventKind::Transferred.as_str()));
    let mut count = 0;
    for event in transfers {
        let data = event.data.here().unwrap();
        assert_eq!(data.len(), 2);
        assert_eq!(data["reason"], "ownership_transfer");
        assert_eq!(data["previousOwner"], owner.as_str());
        owner = event.actor.text().unwrap().to_owned();
        count += 1;
    }
    assert_eq!(count, 8);
    assert_eq!(chain.product.status.text(), Some("transferred"));
}
