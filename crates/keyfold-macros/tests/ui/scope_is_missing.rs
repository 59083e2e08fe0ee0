//! What belongs to a tenant is reached through a handle of that tenant, and there is no way round it.
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns,
        scopes(tenant = "TENANT#{TenantId}", capsule = "{tenant}#CAPSULE#{CapsuleId}"))]
struct Crm<S = NoScope> {
    invoices: Repo<Invoice, S>,
    leads: Repo<Lead, S>,
    plans: Repo<Plan, S>,
}

#[derive(Clone, KeyPart, Serialize, Deserialize)]
struct TenantId(String);

#[derive(Clone, KeyPart, Serialize, Deserialize)]
struct CapsuleId(String);

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{tenant}#INVOICES", sk = "INVOICE#{number}")]
struct Invoice {
    number: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[key(pk = "{capsule}", sk = "LEAD#{id}")]
struct Lead {
    id: u32,
    #[scope]
    capsule: CapsuleId,
    score: u32,
}

#[derive(Entity, Serialize, Deserialize)]
#[entity(global)]
#[key(pk = "PLANS", sk = "PLAN#{code}")]
struct Plan {
    code: String,
}

#[derive(ItemCollection)]
#[collection(Lead)]
struct Whole {
    #[many]
    leads: Vec<Lead>,
}

#[access_patterns]
impl<S> Crm<S> {
    #[query(Lead)]
    fn leads(&self) -> Pages<Lead>;

    #[query(Whole)]
    fn whole(&self) -> Collect<Whole>;

    #[query(Plan)]
    fn plans(&self) -> Pages<Plan>;
}

fn served(crm: &Crm, tenant: TenantId, capsule: CapsuleId) {
    let _ = crm.plans.find("pro");
    let _ = crm.plans();
    let tenant = crm.tenant(tenant);
    let _ = tenant.invoices.get(&1);
    let capsule = tenant.capsule(capsule);
    let _ = capsule.invoices.get(&1);
    let _ = capsule.leads.get(&1);
    let _ = capsule.leads();
}

fn without_a_tenant(crm: &Crm, invoice: Invoice) {
    let _ = crm.invoices.get(&1);
    let _ = crm.invoices.find(&1);
    let _ = crm.invoices.exists(&1);
    let _ = crm.invoices.delete(&1);
    let _ = crm.invoices.patch(&1);
    let _ = crm.invoices.edit(&invoice);
    let _ = crm.invoices.batch_get([InvoiceKey { number: 1 }]);
    let _ = crm.invoices.batch_delete([InvoiceKey { number: 1 }]);
    let _ = crm.invoices.create(invoice);
}

fn a_transaction_without_a_tenant(crm: &Crm, invoice: Invoice) {
    let _ = crm.transact().create(invoice);
}

fn patterns_without_a_capsule(crm: &Crm, tenant: TenantId) {
    let _ = crm.leads();
    let _ = crm.tenant(tenant).leads();
    let _ = crm.whole();
}

fn a_tenant_is_no_capsule(crm: &Crm, tenant: TenantId) {
    let _ = crm.tenant(tenant).leads.get(&1);
}

fn a_capsule_lies_in_a_tenant(crm: &Crm, capsule: CapsuleId) {
    let _ = crm.capsule(capsule);
}

fn a_capsule_is_no_tenant(crm: &Crm, capsule: CapsuleId) {
    let _ = crm.tenant(capsule);
}

fn handles_have_their_scope_in_their_type(crm: &Crm) {
    fn wants(_: &Crm<CrmTenant>) {}
    wants(crm);
}

fn a_handle_of_a_tenant_begins_without_one() {
    let client = keyfold::embedded::memory().client();
    let _ = Crm::<CrmTenant>::builder(client).build();
}

fn a_repository_of_a_tenant_is_no_other(crm: Crm) {
    let _ = Crm::<CrmTenant> { invoices: crm.invoices, leads: crm.leads, plans: crm.plans };
}

fn the_scope_of_an_item_is_fixed(crm: &Crm<CrmCapsule>, capsule: CapsuleId) {
    let _ = crm.leads.patch(&1).capsule(capsule);
}

fn keys_have_no_place_for_another(capsule: CapsuleId) {
    let _ = LeadKey { id: 1, capsule };
}

fn code_over_any_scope_says_what_it_needs<S: keyfold::Scope>(crm: &Crm<S>) {
    let _ = crm.leads();
}

fn main() {}
