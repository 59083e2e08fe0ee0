//! Scopes: each tenant's items lie apart, and no operation can be given another's.

use keyfold::prelude::*;
use keyfold::{KeyError, Scope};

#[expect(dead_code, reason = "claims are written by what they belong to")]
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "ttl", stream = new_and_old_images, patterns(leads, tenants),
        scopes(tenant = "TENANT#{TenantId}", capsule = "{tenant}#CAPSULE#{CapsuleId}"),
        index(Gsi1, pk = "GSI1PK", sk = "GSI1SK"))]
pub struct Crm<S = NoScope> {
    pub plans: Repo<Plan, S>,
    pub slugs: Repo<Slug, S>,
    pub settings: Repo<Settings, S>,
    pub accounts: Repo<Account, S>,
    pub leads: Repo<Lead, S>,
    pub activities: Repo<Activity, S>,
    pub emails: Repo<LeadEmail, S>,
}

#[derive(Debug, Clone, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
pub struct TenantId(String);

#[derive(Debug, Clone, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
pub struct CapsuleId(String);

fn tenant(name: &str) -> TenantId {
    TenantId(name.to_owned())
}

fn capsule(name: &str) -> CapsuleId {
    CapsuleId(name.to_owned())
}

/// Everybody's.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[entity(global)]
#[key(pk = "PLANS", sk = "PLAN#{code}")]
pub struct Plan {
    pub code: String,
}

/// A claim that no two tenants may hold.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[entity(global)]
#[key(pk = "SLUG#{slug}", sk = "CLAIM")]
pub struct Slug {
    pub slug: String,
}

/// A tenant has one.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "SETTINGS")]
#[unique(slug, item = Slug { slug })]
pub struct Settings {
    #[scope]
    #[key_only]
    pub tenant: TenantId,
    pub slug: String,
}

/// All accounts of a tenant lie in one partition, by capsule.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}", sk = "CAPSULE#{capsule:id}#ACCOUNT#{number}")]
pub struct Account {
    pub number: u16,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}#LEAD#{id}", sk = "META")]
#[index(Gsi1, pk = "{capsule}", sk = "LEAD#{score}#{id}")]
#[unique(email, item = LeadEmail { email, lead: id })]
pub struct Lead {
    pub id: u16,
    #[scope]
    pub tenant: TenantId,
    #[scope]
    pub capsule: CapsuleId,
    pub email: String,
    pub score: u16,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}#LEAD#{lead}", sk = "ACTIVITY#{no}")]
pub struct Activity {
    pub lead: u16,
    pub no: u16,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}#LEAD_EMAIL#{email}", sk = "CLAIM")]
pub struct LeadEmail {
    pub email: String,
    pub lead: u16,
}

#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Lead)]
pub struct LeadFile {
    #[one]
    pub lead: Lead,
    #[many]
    pub activities: Vec<Activity>,
}

#[access_patterns(group = leads)]
impl<S> Crm<S> {
    /// Leads of a capsule, best first.
    #[query(Lead, index = Gsi1, newest_first, page = 2)]
    pub fn leads(&self) -> Pages<Lead>;

    /// A lead with what was done.
    #[query(LeadFile)]
    pub fn lead_file(&self, id: &u16) -> Collect<LeadFile>;
}

#[access_patterns(group = tenants)]
impl<S> Crm<S> {
    /// Accounts of a capsule.
    #[query(Account)]
    pub fn accounts(&self) -> Pages<Account>;

    /// What is sold.
    #[query(Plan)]
    pub fn plans(&self) -> Pages<Plan>;
}

#[derive(Debug, View, Deserialize)]
#[view(Lead)]
struct Scored {
    score: u16,
}

async fn crm() -> Crm {
    let client = keyfold::embedded::memory().client();
    let db = Crm::builder(client)
        .cursor_secret("0123456789abcdef")
        .build();
    db.create_table().await.expect("created");
    db
}

fn lead(of: &str, within: &str, id: u16) -> Lead {
    Lead {
        id,
        tenant: tenant(of),
        capsule: capsule(within),
        email: format!("{id}@example.org"),
        score: id * 10,
    }
}

/// Code over any handle that serves leads.
async fn count<S: Scope>(crm: &Crm<S>) -> u64
where
    Lead: InScope<S>,
{
    crm.leads().count().await.expect("counted").items
}

#[tokio::test]
async fn each_tenants_items_lie_under_its_own_keys() {
    let db = crm().await;
    let (ada, bob) = (db.tenant(tenant("ada")), db.tenant(tenant("bob")));
    let (live, test) = (ada.capsule(capsule("live")), ada.capsule(capsule("test")));
    let other = bob.capsule(capsule("live"));
    for id in 1..=3 {
        live.leads
            .create(lead("ada", "live", id))
            .await
            .expect("created");
    }
    // The same identifiers and unique values again: other tenants and capsules do not meet them.
    test.leads
        .create(lead("ada", "test", 1))
        .await
        .expect("another capsule");
    other
        .leads
        .create(lead("bob", "live", 1))
        .await
        .expect("another tenant");
    let again = live
        .leads
        .create(Lead {
            id: 9,
            ..lead("ada", "live", 1)
        })
        .await;
    assert!(again.expect_err("its e-mail is taken").is_already_there());

    assert_eq!(
        (count(&live).await, count(&test).await, count(&other).await),
        (3, 1, 1)
    );
    let found = live.leads.get(&2).await.expect("there");
    assert_eq!(found.tenant, tenant("ada"));
    assert!(other.leads.find(&2).await.expect("asked").is_none());

    let request = live.leads.find(&2).request().expect("a request");
    let key = request.key.expect("a key");
    assert_eq!(
        key["PK"].as_s().map(String::as_str),
        Ok("TENANT#ada#CAPSULE#live#LEAD#00002")
    );
}

#[tokio::test]
async fn reads_of_every_kind_stay_within_the_scope() {
    let db = crm().await;
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    let prefix = db.tenant(tenant("ada")).capsule(capsule("live2"));
    for number in 1..=3 {
        let name = format!("a{number}");
        live.accounts
            .create(Account {
                number,
                name: name.clone(),
            })
            .await
            .expect("created");
        prefix
            .accounts
            .create(Account { number, name })
            .await
            .expect("created");
        live.leads
            .create(lead("ada", "live", number))
            .await
            .expect("created");
        live.activities
            .create(Activity {
                lead: 1,
                no: number,
            })
            .await
            .expect("created");
    }
    // In one partition with another capsule's, and read by a range of its own.
    let accounts = live.accounts().page().await.expect("a page");
    assert_eq!((accounts.items.len(), accounts.read), (3, 3));

    let file = live.lead_file(&1).get().await.expect("there");
    assert_eq!((file.lead.id, file.activities.len()), (1, 3));

    let views = live.leads().view::<Scored>().page().await.expect("a page");
    assert_eq!(
        views
            .items
            .iter()
            .map(|lead| lead.score)
            .collect::<Vec<_>>(),
        [30, 20]
    );

    let batch = live
        .leads
        .batch_get([1_u16, 2, 7].map(|id| LeadKey { id }))
        .await
        .expect("read");
    assert_eq!(batch.found.len(), 2);
    let batch = prefix
        .leads
        .batch_get([LeadKey { id: 1 }])
        .await
        .expect("read");
    assert!(batch.found.is_empty());

    // What is everybody's is served by every handle.
    db.plans
        .create(Plan { code: "pro".into() })
        .await
        .expect("created");
    assert_eq!(live.plans().page().await.expect("a page").items.len(), 1);
}

#[tokio::test]
async fn a_cursor_is_bound_to_its_tenant() {
    let db = crm().await;
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    let other = db.tenant(tenant("bob")).capsule(capsule("live"));
    for id in 1..=4 {
        live.leads
            .create(lead("ada", "live", id))
            .await
            .expect("created");
        other
            .leads
            .create(lead("bob", "live", id))
            .await
            .expect("created");
        db.plans
            .create(Plan {
                code: id.to_string(),
            })
            .await
            .expect("created");
    }
    let page = live.leads().page().await.expect("a page");
    let next = live
        .leads()
        .after(page.next.clone())
        .page()
        .await
        .expect("the next");
    assert_eq!(
        next.items.iter().map(|lead| lead.id).collect::<Vec<_>>(),
        [2, 1]
    );
    let refused = other
        .leads()
        .after(page.next)
        .page()
        .await
        .expect_err("another tenant's");
    assert!(refused.is_cursor_refused());

    let page = live.plans().page_size(1).page().await.expect("a page");
    let refused = other
        .plans()
        .after(page.next)
        .page()
        .await
        .expect_err("another tenant's");
    assert!(refused.is_cursor_refused());
}

#[tokio::test]
async fn an_item_of_another_tenant_is_refused_before_it_is_sent() {
    let db = crm().await;
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    let foreign = |error: WriteError| {
        assert!(error.to_string().starts_with("KF1019"), "{error}");
        matches!(error, WriteError::Key(KeyError::ForeignScope { scope, .. }) if scope == "tenant")
    };
    assert!(foreign(
        live.leads
            .create(lead("bob", "live", 1))
            .await
            .expect_err("another's")
    ));
    assert!(foreign(
        live.leads
            .put(lead("bob", "live", 1))
            .send()
            .await
            .expect_err("another's")
    ));
    let capsules = live
        .leads
        .create(lead("ada", "test", 1))
        .await
        .expect_err("another's");
    assert!(
        matches!(capsules, WriteError::Key(KeyError::ForeignScope { scope, .. }) if scope == "capsule")
    );

    let other = db.tenant(tenant("bob")).capsule(capsule("live"));
    other
        .leads
        .create(lead("bob", "live", 1))
        .await
        .expect("created");
    let loaded = other.leads.get(&1).await.expect("there");
    assert!(foreign(
        live.leads
            .edit(&loaded)
            .score(7_u16)
            .send()
            .await
            .expect_err("loaded elsewhere")
    ));
    let many = live
        .activities
        .batch_put([Activity { lead: 1, no: 1 }])
        .await
        .expect("its own");
    assert!(many.left.is_empty());
}

#[tokio::test]
async fn a_transaction_is_one_tenants() {
    let db = crm().await;
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    let other = db.tenant(tenant("bob")).capsule(capsule("live"));
    other
        .leads
        .create(lead("bob", "live", 1))
        .await
        .expect("created");
    let error = live
        .transact()
        .create(lead("ada", "live", 1))
        .apply(other.leads.delete(&1))
        .commit()
        .await
        .expect_err("two tenants");
    assert!(error.to_string().starts_with("KF1019"), "{error}");
    // Also where the handle itself has none yet.
    let error = db
        .transact()
        .apply(live.leads.delete(&1))
        .apply(other.leads.delete(&1))
        .commit()
        .await
        .expect_err("two tenants");
    assert!(error.to_string().starts_with("KF1019"), "{error}");
    assert_eq!((count(&live).await, count(&other).await), (0, 1));

    live.transact()
        .create(lead("ada", "live", 1))
        .create(Activity { lead: 1, no: 1 })
        .create(Plan { code: "pro".into() })
        .add(db.tenant(tenant("ada")).settings.create(Settings {
            tenant: tenant("ada"),
            slug: "ada".into(),
        }))
        .commit()
        .await
        .expect("one tenant's, and everybody's");
    assert_eq!(count(&live).await, 1);
}

#[tokio::test]
async fn a_unique_value_is_the_tenants_own_or_everybodys() {
    let db = crm().await;
    let settings = |of: &str| Settings {
        tenant: tenant(of),
        slug: "shop".into(),
    };
    let (ada, bob) = (db.tenant(tenant("ada")), db.tenant(tenant("bob")));
    ada.settings.create(settings("ada")).await.expect("created");
    let taken = bob
        .settings
        .create(settings("bob"))
        .await
        .expect_err("a slug is everybody's");
    assert!(taken.is_already_there());
    // Written into the key alone, and read back from it.
    assert_eq!(ada.settings.get(()).await.expect("there"), settings("ada"));
}

#[tokio::test]
async fn an_identifier_cannot_reach_over_its_segment() {
    let db = crm().await;
    let crafted = db.tenant(tenant("ada#CAPSULE#live")).capsule(capsule("x"));
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    live.leads
        .create(lead("ada", "live", 1))
        .await
        .expect("created");
    assert_eq!(count(&crafted).await, 0);
    let empty = db
        .tenant(tenant(""))
        .settings
        .find(())
        .await
        .expect_err("no tenant");
    assert!(empty.to_string().starts_with("KF1001"), "{empty}");
}

#[tokio::test]
async fn a_handle_put_together_by_hand_is_refused() {
    let db = crm().await;
    // Around the types, as far as one can get: the type says a capsule, and the handle was given none.
    let forged = <Crm<CrmCapsule> as Table>::from_core(Table::core(&db).clone());
    let error = forged.leads.find(&1).await.expect_err("no scope");
    assert!(error.to_string().starts_with("KF1018"), "{error}");
    let error = forged.leads().page().await.expect_err("no scope");
    assert!(error.to_string().starts_with("KF1018"), "{error}");
    let error = forged
        .leads
        .create(lead("ada", "live", 1))
        .await
        .expect_err("no scope");
    assert!(error.to_string().starts_with("KF1018"), "{error}");
}

#[tokio::test]
async fn a_change_says_whose_it_is() {
    use keyfold::{ChangeKind, RawChange, StreamView, TableChange};
    let db = crm().await;
    let live = db.tenant(tenant("ada")).capsule(capsule("live"));
    let keys = live
        .activities
        .find((&1, &1))
        .request()
        .expect("a request")
        .key
        .expect("a key");
    let mut raw = RawChange::new(
        ChangeKind::Inserted,
        keys.clone(),
        StreamView::NewAndOldImages,
    );
    let mut item = keys;
    for name in ["lead", "no"] {
        let one = aws_sdk_dynamodb::types::AttributeValue::N("1".into());
        item.insert(name.to_owned(), one);
    }
    raw.new = Some(item);
    let CrmChange::Activity(change) = CrmChange::of(raw) else {
        panic!("told by its key, of any tenant");
    };
    assert_eq!(change.scope.get::<TenantId>("tenant"), Some(tenant("ada")));
    assert_eq!(
        change.scope.get::<CapsuleId>("capsule"),
        Some(capsule("live"))
    );
}

#[test]
fn the_model_knows_its_scopes() {
    let model = <Crm as Table>::model();
    assert_eq!(keyfold::model::check::findings(model), Vec::<String>::new());
    let text = serde_json::to_string(model).expect("written");
    let read: keyfold::model::TableModel<'_> = serde_json::from_str(&text).expect("read");
    assert!(&read == model, "JSON keeps all of it");
    assert_eq!(
        read.scope("capsule").and_then(|scope| scope.parent()),
        Some("tenant")
    );
}
