//! What a change of the design means for stored items.

use keyfold_export::diff::{Phase, Survival, diff};
use keyfold_model::TableModel;
use serde_json::{Value, json};

use crate::{genuproof, read};

/// The design with something changed in its file.
fn with(change: impl FnOnce(&mut Value)) -> TableModel<'static> {
    let mut file = serde_json::to_value(genuproof()).unwrap();
    change(&mut file);
    serde_json::from_value(file).unwrap()
}

fn entity<'v>(file: &'v mut Value, name: &str) -> &'v mut Value {
    let entities = file["entities"].as_array_mut().unwrap();
    entities
        .iter_mut()
        .find(|entity| entity["name"] == name)
        .unwrap()
}

fn field<'v>(file: &'v mut Value, of: &str, name: &str) -> &'v mut Value {
    let fields = entity(file, of)["fields"].as_array_mut().unwrap();
    fields
        .iter_mut()
        .find(|field| field["name"] == name)
        .unwrap()
}

fn remove(list: &mut Value, is: impl Fn(&Value) -> bool) {
    list.as_array_mut().unwrap().retain(|entry| !is(entry));
}

/// What the only change says, and how bad it is.
fn check(change: impl FnOnce(&mut Value), says: &str, survival: Survival) {
    let diff = diff(&genuproof(), &with(change));
    let found = diff
        .changes
        .iter()
        .find(|change| format!("{}: {}", change.of, change.what).contains(says));
    let found = found.unwrap_or_else(|| panic!("no `{says}` in {:#?}", diff.changes));
    assert_eq!(found.survival, survival, "{found:#?}");
    assert_eq!(
        diff.survival, survival,
        "nothing else is worse: {:#?}",
        diff.changes
    );
    assert_eq!(diff.is_safe(), survival == Survival::Survive);
    if survival >= Survival::Backfill && survival != Survival::Unsure {
        assert!(
            found.steps.iter().any(|step| step.phase == Phase::Backfill),
            "{found:#?}"
        );
    }
    let text = diff.to_string();
    assert!(text.contains("Genuproof: "), "{text}");
}

#[test]
fn the_same_design_is_no_change() {
    let same = diff(&genuproof(), &genuproof());
    assert!(same.is_safe() && same.changes.is_empty());
    assert_eq!(
        same.to_string(),
        "Genuproof: nothing changed that stored items or requests would show\n"
    );
    // Order and documentation are nobody's concern.
    let other = with(|file| {
        file["entities"].as_array_mut().unwrap().reverse();
        entity(file, "Brand")["doc"] = json!("Another text.");
        entity(file, "Brand")["fields"]
            .as_array_mut()
            .unwrap()
            .reverse();
    });
    assert_eq!(diff(&genuproof(), &other).changes, []);
}

#[test]
fn changes_of_the_table() {
    check(
        |file| file["sk"]["name"] = json!("sort"),
        "key PK (S), SK (S) → PK (S), sort (S)",
        Survival::Lost,
    );
    check(
        |file| file["sk"]["type"] = json!("N"),
        "SK (N)",
        Survival::Lost,
    );
    check(
        |file| file["ttl"] = json!("expires"),
        "time to live `ttl` → `expires`",
        Survival::Backfill,
    );
    check(
        |file| file["tag"] = json!("kind"),
        "named in `kind`",
        Survival::Survive,
    );
    check(
        |file| file["stream"] = json!("KEYS_ONLY"),
        "stream NEW_AND_OLD_IMAGES → KEYS_ONLY",
        Survival::Survive,
    );
    check(
        |file| file["stream"] = Value::Null,
        "stream NEW_AND_OLD_IMAGES off",
        Survival::Survive,
    );
}

#[test]
fn changes_of_indexes() {
    let index = json!({ "id": "Gsi2", "name": "GSI2", "pk": { "name": "G2", "type": "S" }, "sk": null, "projection": "all" });
    check(
        |file| file["indexes"].as_array_mut().unwrap().push(index.clone()),
        "index GSI2: added",
        Survival::Survive,
    );
    let mut local = index.clone();
    local["local"] = json!(true);
    check(
        |file| file["indexes"].as_array_mut().unwrap().push(local),
        "index GSI2: added",
        Survival::Lost,
    );
    check(
        |file| file["indexes"][0]["projection"] = json!("keys"),
        "holds keys alone, held every attribute",
        Survival::Survive,
    );
    check(
        |file| file["indexes"][0]["pk"]["name"] = json!("G1PK"),
        "key GSI1PK (S), GSI1SK (S) → G1PK",
        Survival::Backfill,
    );
    check(
        |file| file["indexes"][0]["name"] = json!("main"),
        "index main: added",
        Survival::Survive,
    );
    let narrow = with(|file| file["indexes"][0]["projection"] = json!({ "include": ["name"] }));
    let back = diff(&narrow, &genuproof());
    assert_eq!(back.survival, Survival::Backfill, "{back}");
}

#[test]
fn changes_of_entities() {
    check(
        |file| remove(&mut file["entities"], |entity| entity["name"] == "Claim"),
        "entity Claim: removed",
        Survival::Lost,
    );
    let without = with(|file| remove(&mut file["entities"], |entity| entity["name"] == "Claim"));
    let added = diff(&without, &genuproof());
    assert!(added.is_safe(), "{added}");
    assert!(
        added
            .to_string()
            .contains("added at PRODUCT#{product} / CLAIM")
    );

    let rename = |file: &mut Value| entity(file, "SkuClaim")["name"] = json!("SkuTaken");
    check(
        rename,
        "entity SkuTaken: renamed from `SkuClaim`",
        Survival::Survive,
    );
    let tagged = |name: &str| {
        with(|file| {
            file["tag"] = json!("kind");
            entity(file, "SkuClaim")["name"] = json!(name);
        })
    };
    let renamed = diff(&tagged("SkuClaim"), &tagged("SkuTaken"));
    assert_eq!(
        renamed.survival,
        Survival::Lost,
        "items say who they are: {renamed}"
    );

    // Another entity where one was: the items that are there are not its own.
    let replaced = |file: &mut Value| {
        let claim = entity(file, "Claim");
        claim["name"] = json!("Dispute");
        claim["key"]["sk"]["segments"] = json!([{ "literal": "CLA", "part": { "field": "product", "shape": { "form": "any", "ordered": true, "kind": "text" } } }]);
        claim["key"]["sk"]["text"] = json!("CLA{product}");
    };
    check(replaced, "entity Dispute: added", Survival::Lost);
    let text = diff(&genuproof(), &with(replaced)).to_string();
    assert!(
        text.contains("meet those of stored `Claim` items"),
        "{text}"
    );
}

#[test]
fn changes_of_keys() {
    let sk = |text: &str, segments: Value| {
        let text = text.to_owned();
        move |file: &mut Value| {
            entity(file, "Scan")["key"]["sk"] = json!({ "text": text, "segments": segments });
        }
    };
    let stored = with(|_| {});
    let scan = stored.entity("Scan").unwrap().key.sk.as_ref().unwrap();
    let own = serde_json::to_value(&scan.segments).unwrap();

    let mut renamed = own.clone();
    renamed[0]["literal"] = json!("SEEN");
    check(
        sk("SEEN#{at}[#{suffix}]", renamed),
        "key PRODUCT#{product} / SCAN#{at}[#{suffix}] → PRODUCT#{product} / SEEN",
        Survival::Lost,
    );
    let mut desc = own.clone();
    desc[1]["part"]["modifier"] = json!("desc");
    check(
        sk("SCAN#{at:desc}[#{suffix}]", desc),
        "SCAN#{at:desc}",
        Survival::Lost,
    );
    let without_tail = json!([own[0], own[1]]);
    check(
        sk("SCAN#{at}", without_tail),
        "→ PRODUCT#{product} / SCAN#{at}",
        Survival::Lost,
    );
    let mut free = own.clone();
    free[1]["part"]["shape"] = json!({ "form": "any", "ordered": true, "kind": "text" });
    let unsure = diff(&stored, &with(sk("SCAN#{at}[#{suffix}]", free)));
    assert_eq!(unsure.survival, Survival::Unsure, "{unsure}");

    // A tail that is new is absent on what is stored.
    let short = with(sk("SCAN#{at}", json!([own[0], own[1]])));
    let longer = diff(&short, &stored);
    assert!(longer.is_safe(), "{longer}");

    // The same field under another name in Rust writes the same keys.
    let rename = |file: &mut Value| {
        let claim = entity(file, "Claim");
        claim["key"]["pk"]["text"] = json!("PRODUCT#{of}");
        claim["key"]["pk"]["segments"][1]["part"]["field"] = json!("of");
        claim["fields"][0]["name"] = json!("of");
    };
    check(
        rename,
        "key PRODUCT#{product} / CLAIM → PRODUCT#{of} / CLAIM",
        Survival::Survive,
    );
}

#[test]
fn changes_of_keys_in_indexes() {
    check(
        |file| {
            let key = entity(file, "Brand")["indexes"][0].clone();
            entity(file, "HashLookup")["indexes"] = json!([key]);
            let pk = entity(file, "HashLookup")["key"]["pk"].clone();
            entity(file, "HashLookup")["indexes"][0]["pk"] = pk;
        },
        "in index GSI1 by HASH#{hash} / PROFILE",
        Survival::Backfill,
    );
    check(
        |file| entity(file, "CodeLookup")["indexes"] = json!([]),
        "no longer in index GSI1",
        Survival::Backfill,
    );
    check(
        |file| {
            let sk = &mut entity(file, "CodeLookup")["indexes"][0]["sk"];
            *sk = json!({ "text": "CODE", "segments": [{ "literal": "CODE" }] });
        },
        "in index GSI1, key VERIFY#{code} / META → VERIFY#{code} / CODE",
        Survival::Backfill,
    );
}

#[test]
fn changes_of_fields() {
    let plain = json!({ "name": "note", "attribute": "note", "type": "String" });
    check(
        |file| {
            entity(file, "Brand")["fields"]
                .as_array_mut()
                .unwrap()
                .push(plain);
        },
        "`note: String` added",
        Survival::Lost,
    );
    let lenient = json!({ "name": "note", "attribute": "note", "type": "Option<String>", "optional": true, "when_absent": "default" });
    check(
        |file| {
            entity(file, "Brand")["fields"]
                .as_array_mut()
                .unwrap()
                .push(lenient);
        },
        "`note: Option<String>` added",
        Survival::Survive,
    );
    check(
        |file| {
            remove(&mut entity(file, "Brand")["fields"], |field| {
                field["name"] == "industry"
            });
        },
        "`industry` removed",
        Survival::Survive,
    );
    check(
        |file| field(file, "Brand", "industry")["attribute"] = json!("sector"),
        "`industry` is stored as `sector`, was `industry`",
        Survival::Lost,
    );
    check(
        |file| field(file, "Brand", "logo_url")["attribute"] = json!("logo"),
        "stored as `logo`, was `logoUrl`",
        Survival::Backfill,
    );
    check(
        |file| field(file, "Brand", "scan_count")["type"] = json!("u128"),
        "`scanCount` is `u128`, was `u64`",
        Survival::Survive,
    );
    check(
        |file| field(file, "Brand", "scan_count")["type"] = json!("u32"),
        "`scanCount` is `u32`",
        Survival::Unsure,
    );
    check(
        |file| field(file, "Brand", "scan_count")["type"] = json!("String"),
        "`scanCount` is `String`",
        Survival::Lost,
    );
    check(
        |file| field(file, "Brand", "plan")["type"] = json!("Plan"),
        "`plan` is `Plan`",
        Survival::Unsure,
    );
    check(
        |file| {
            let field = field(file, "Brand", "plan");
            field["type"] = json!("Option<String>");
            field["optional"] = json!(true);
            field["when_absent"] = json!("default");
        },
        "`plan` may be absent, and could not be",
        Survival::Survive,
    );
    check(
        |file| {
            let field = field(file, "Brand", "logo_url");
            field["type"] = json!("String");
            field["optional"] = json!(false);
            field["when_absent"] = json!("error");
        },
        "`logoUrl` is required",
        Survival::Lost,
    );
    check(
        |file| field(file, "Brand", "name")["role"] = json!("version"),
        "`name` is the version, was a plain field",
        Survival::Survive,
    );
    check(
        |file| field(file, "Brand", "name")["key_only"] = json!(true),
        "`name` is in the key alone",
        Survival::Survive,
    );
}

#[test]
fn changes_of_what_is_kept() {
    check(
        |file| {
            entity(file, "Brand")["kept"].as_array_mut().unwrap().push(json!({ "kind": "unique", "name": "Domain", "entity": "NameClaim", "fields": [["brand", "id"], ["name_hash", "domain"]] }));
        },
        "entity Brand: unique Domain added",
        Survival::Backfill,
    );
    check(
        |file| entity(file, "Brand")["kept"] = json!([]),
        "no longer mirrored in BrandListing",
        Survival::Survive,
    );
    check(
        |file| {
            remove(&mut entity(file, "Brand")["kept"][0]["fields"], |pair| {
                pair[0] == "plan"
            });
        },
        "mirror BrandListing changed",
        Survival::Backfill,
    );
}

#[test]
fn changes_of_patterns() {
    let patterns = |file: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(file["patterns"][0]["patterns"].as_array_mut().unwrap());
    };
    check(
        |file| patterns(file, &|all| drop(all.remove(0))),
        "pattern all-brands: removed",
        Survival::Survive,
    );
    check(
        |file| {
            patterns(file, &|all| {
                let mut another = all[0].clone();
                another["id"] = json!("oldest-brands");
                another["newest_first"] = json!(false);
                all.push(another);
            });
        },
        "pattern oldest-brands: added: pages of BrandListing, 100 a page; table: PK = BRAND_INDEX",
        Survival::Survive,
    );
    check(
        |file| patterns(file, &|all| all[0]["page"] = json!(20)),
        "100 a page → pages of BrandListing, newest first, 20 a page",
        Survival::Survive,
    );
}

#[test]
fn a_difference_reads_well() {
    let new = with(|file| {
        file["stream"] = json!("NEW_IMAGE");
        let claim = entity(file, "Claim");
        claim["key"]["sk"] = json!({ "text": "OWNER", "segments": [{ "literal": "OWNER" }] });
        claim["fields"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "name": "phone", "attribute": "phone", "type": "String" }));
        field(file, "Brand", "plan")["type"] = json!("Plan");
        entity(file, "CodeLookup")["indexes"] = json!([]);
        file["patterns"][0]["patterns"][0]["page"] = json!(20);
    });
    let diff = diff(&genuproof(), &new);
    insta::assert_snapshot!("genuproof.diff", diff.to_string());
    insta::assert_snapshot!(
        "genuproof.diff.json",
        serde_json::to_string_pretty(&diff).unwrap()
    );
}

#[test]
fn any_two_designs_can_be_compared() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let awkward = read(folder.join("awkward.model.json"));
    for (old, new) in [(genuproof(), awkward.clone()), (awkward, genuproof())] {
        let diff = diff(&old, &new);
        assert_eq!(diff.survival, Survival::Lost);
        assert!(diff.to_string().ends_with('\n'));
    }
}
