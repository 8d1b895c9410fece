//! The way out: policy, budget, journal, in the transaction of the reading.

use colibri_kit::{auth::Caller, fault::Fault, service::Cx};
use colibri_types::TenantId;

use crate::{
    Vault,
    domain::{
        budget::Bucket,
        policy::{self, Denied, FieldSet},
    },
    store::{self, Access, JournalRow},
};

/// Who wants to open what, already looked up in the register.
pub struct Gate {
    tenant: TenantId,
    actor: String,
    service: Option<String>,
    flow: &'static str,
    fields: FieldSet,
    verdict: Result<(), Denied>,
}

impl Gate {
    /// Asks the register.
    pub fn new(caller: &Caller, tenant: TenantId, flow: i32, fields: Option<FieldSet>) -> Self {
        let service = caller.service.clone();
        let wanted = fields.unwrap_or_default();
        let verdict = policy::admit(flow, service.as_deref(), wanted).map(drop);
        Self {
            tenant,
            actor: service.clone().unwrap_or_else(|| caller.subject.clone()),
            service,
            flow: colibri_events::flow(flow).map_or("", |entry| entry.name),
            fields: wanted,
            verdict,
        }
    }

    /// The verdict of the register.
    pub const fn verdict(&self) -> Result<(), Denied> {
        self.verdict
    }

    /// What may be opened.
    pub const fn fields(&self) -> FieldSet {
        self.fields
    }

    fn access(&self) -> Access<'_> {
        Access { tenant: self.tenant.to_uuid(), actor: &self.actor, flow: self.flow }
    }

    /// Writes denials down and nothing else.
    pub async fn note(&self, cx: &mut Cx<Vault>, rows: &JournalRow) -> Result<(), Fault> {
        let now = cx.now();
        store::journal(cx.db(), self.access(), self.fields.to_i32(), rows, now).await?;
        let service = self.service.as_deref().unwrap_or("client");
        let denied = rows.denied.first().copied().unwrap_or_default();
        tracing::warn!(
            actor = service,
            flow = self.flow,
            denied,
            count = rows.items.len(),
            "denied {denied} to {service}"
        );
        Ok(())
    }

    /// Locks the budget: how many of `wanted` may be opened. Last before the journal, so that
    /// calls of one flow wait for each other as shortly as possible.
    pub async fn budget(&self, cx: &mut Cx<Vault>, wanted: u32) -> Result<(Bucket, u32), Fault> {
        let rule = cx.state().config.budget.rule(self.flow);
        let now = cx.now();
        let found = match store::bucket(cx.db(), self.access()).await? {
            Some(found) => found,
            None => {
                let persons = store::total_persons(cx.db(), self.access().tenant).await?;
                let first = Bucket::new(now, persons, rule);
                store::open_bucket(cx.db(), self.access(), first).await?;
                let found = store::bucket(cx.db(), self.access()).await?;
                found.ok_or_else(|| Fault::bug("a budget vanished"))?
            }
        };
        let (bucket, persons) = found;
        Ok(bucket.refill(now, persons, rule).take(wanted))
    }

    /// Writes budget and journal; after the commit the caller may answer.
    pub async fn pass(
        &self,
        cx: &mut Cx<Vault>,
        bucket: Bucket,
        rows: &JournalRow,
    ) -> Result<(), Fault> {
        let now = cx.now();
        let spent = rows.denied.iter().filter(|d| **d == Denied::Budget.code()).count();
        if spent > 0 {
            let (actor, flow) = (&self.actor, self.flow);
            // Work waits until the budget refills: somebody should look, nothing is broken.
            tracing::warn!(%actor, flow, count = spent, "budget of {flow} is spent by {actor}");
        }
        let fields = self.fields.to_i32();
        store::charge(cx.db(), self.access(), bucket, fields, rows, now).await?;
        Ok(())
    }
}
