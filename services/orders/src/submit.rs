//! Intake: whatever the door, one vault call and one transaction for a whole batch.
//!
//! An order that somebody else takes in or changes between our look and our write is looked at
//! again; the vault's record names its content, so nothing has to be undone.

use std::collections::{HashMap, HashSet};

use colibri_events::{orders::v1::SubmitResult, vault::v1::Record};
use colibri_kit::{
    crash_point,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::{OrderId, SubjectRef, TenantId};
use time::OffsetDateTime;

use crate::{
    Orders, answer,
    domain::{
        facts::{self, Reason, Site, State},
        holds::{self, Checked},
        intake::{self, Draft, Input},
    },
    error, events,
    events::Change,
    sites, store,
    store::{Stored, channel::Delivery, request::SubmitId},
    vault, view,
};

/// Orders of one call: what a transaction holds without making others wait.
pub const ORDERS_MAX: usize = 500;
/// Looks at an order that others keep changing; each lost look means that somebody else won.
const LOST_MAX: usize = 8;

/// Drafts with their place in the batch.
type Drafts = Vec<(usize, Draft)>;

/// How a batch came, and what is noted together with it.
#[derive(Debug, Clone, Copy)]
pub enum Door<'a> {
    /// Each order stands for itself.
    Plain,
    /// A call with an id of its own.
    Request(&'a SubmitId),
    /// A channel's delivery, of one order.
    Delivery(&'a Delivery),
}

/// The answer to a batch.
#[derive(Debug, Default)]
pub struct Submitted {
    /// In the order of the inputs.
    pub results: Vec<SubmitResult>,
    /// Delivery or request were known.
    pub known: bool,
}

/// What was found about the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    /// Not yet.
    No,
    /// With an earlier round of this call, or nothing is to be noted.
    Done,
    /// By an earlier call.
    Before,
}

/// Takes a batch in.
///
/// # Errors
/// `ORD0011`; [`Fault::Retry`] while the vault or the database is away: nothing is lost by sending
/// again.
pub async fn submit(
    shell: &Shell<Orders>,
    tenant: TenantId,
    inputs: Vec<Input>,
    door: Door<'_>,
) -> Result<Submitted, Fault> {
    let mut results: Vec<SubmitResult> = Vec::with_capacity(inputs.len());
    let mut pending: Drafts = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        results.push(SubmitResult::default());
        match intake::draft(tenant, input, &shell.state.key) {
            Ok(draft) => pending.push((index, draft)),
            Err(reasons) => put(&mut results, index, answer::refused(error::FIELD, reasons)),
        }
    }
    let mut lost = 0;
    let mut noted = match door {
        Door::Plain => Noted::Done,
        Door::Request(request) => known_request(shell, tenant, request).await?,
        Door::Delivery(_) => Noted::No,
    };
    while !pending.is_empty() {
        let (now, later) = first_of_each(std::mem::take(&mut pending));
        let before = now.len();
        let round = Round { shell, tenant, door, noted };
        let (again, after) = round.run(now, &mut results).await?;
        noted = match (door, after) {
            (Door::Delivery(_), Noted::Before) => {
                return Ok(Submitted { results, known: true });
            }
            // Another call with the same id was faster: look what it was about.
            (Door::Request(request), Noted::Before) if noted == Noted::No => {
                known_request(shell, tenant, request).await?
            }
            _ => after,
        };
        lost += usize::from(again.len() == before);
        if lost > LOST_MAX {
            return Err(Fault::retry("others keep changing these orders"));
        }
        pending = again;
        pending.extend(later);
    }
    if let (Door::Request(request), Noted::No) = (door, noted) {
        // All orders were known: perhaps by an equal call that ended since our first look.
        noted = known_request(shell, tenant, request).await?;
    }
    answer::count(&results);
    Ok(Submitted { results, known: noted == Noted::Before })
}

async fn known_request(
    shell: &Shell<Orders>,
    tenant: TenantId,
    request: &SubmitId,
) -> Result<Noted, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let known = store::request::find(cx.db(), tenant, &request.id).await?;
    cx.rollback().await;
    match known {
        None => Ok(Noted::No),
        Some(fingerprint) if fingerprint == request.fingerprint => Ok(Noted::Before),
        Some(_) => {
            let reason = "the request id was used for other orders";
            Err(Fault::already_exists(error::REQUEST_REUSED, reason))
        }
    }
}

/// The first draft of each order, and the rest, which must see what the first one did.
fn first_of_each(drafts: Drafts) -> (Drafts, Drafts) {
    let mut seen = HashSet::new();
    drafts.into_iter().partition(|(_, draft)| seen.insert(draft.order_id))
}

fn put(results: &mut [SubmitResult], index: usize, result: SubmitResult) {
    if let Some(place) = results.get_mut(index) {
        *place = result;
    }
}

/// What is to be written for a draft.
struct Plan {
    index: usize,
    draft: Draft,
    before: Option<Stored>,
    checked: Checked,
}

/// One look and one write.
struct Round<'a> {
    shell: &'a Shell<Orders>,
    tenant: TenantId,
    door: Door<'a>,
    noted: Noted,
}

impl Round<'_> {
    /// Answers the drafts that somebody else was faster with, and what is known about the door.
    async fn run(
        &self,
        drafts: Drafts,
        results: &mut [SubmitResult],
    ) -> Result<(Drafts, Noted), Fault> {
        let (known, sites) = look(self.shell, self.tenant, &drafts).await?;
        let (mut plans, mut newer) = (Vec::new(), Vec::new());
        for (index, draft) in drafts {
            let before = known.get(&draft.order_id);
            let answer = match before {
                // The answer to a repeated call: the order as it is now, whatever came since.
                Some(order) if self.noted == Noted::Before => Some(answer::replayed(order, &draft)),
                before => before.and_then(|order| answer::decide(&draft, order, &mut newer)),
            };
            if let Some(answer) = answer {
                put(results, index, answer);
                continue;
            }
            let checked = check(&draft, before, &sites, self.shell);
            plans.push(Plan { index, before: before.cloned(), draft, checked });
        }
        let subjects = seal(self.shell, self.tenant, &plans).await?;
        let delivery = matches!(self.door, Door::Delivery(_));
        if plans.is_empty() && newer.is_empty() && !delivery {
            return Ok((Vec::new(), self.noted));
        }
        let mut cx = self.shell.begin(self.tenant).await?;
        let noted = self.note(&mut cx, !plans.is_empty()).await?;
        if noted == Noted::Before && self.noted == Noted::No {
            cx.rollback().await;
            return Ok((plans.into_iter().map(|p| (p.index, p.draft)).collect(), noted));
        }
        store::touch(cx.db(), self.tenant, &newer).await?;
        let lost = write(&mut cx, self.tenant, plans, &subjects, results).await?;
        crash_point!("orders.in_tx");
        if delivery && !lost.is_empty() {
            // Delivery and order are noted together or not at all.
            cx.rollback().await;
            return Ok((lost, Noted::No));
        }
        cx.commit().await?;
        crash_point!("orders.committed");
        Ok((lost, noted))
    }

    /// Notes the door in the transaction of what it brought.
    async fn note(&self, cx: &mut Cx<Orders>, takes: bool) -> Result<Noted, Fault> {
        let now = cx.now();
        let new = match (self.door, self.noted) {
            (Door::Delivery(delivery), Noted::No) => {
                store::channel::note(cx.db(), self.tenant, delivery, now).await?
            }
            (Door::Request(request), Noted::No) if takes => {
                store::request::note(cx.db(), self.tenant, request, now).await?
            }
            (_, noted) => return Ok(noted),
        };
        Ok(if new { Noted::Done } else { Noted::Before })
    }
}

/// What is known of the drafts' orders, and the sites they may leave from.
async fn look(
    shell: &Shell<Orders>,
    tenant: TenantId,
    drafts: &[(usize, Draft)],
) -> Result<(HashMap<OrderId, Stored>, Vec<Site>), Fault> {
    let ids: Vec<OrderId> = drafts.iter().map(|(_, draft)| draft.order_id).collect();
    let mut cx = shell.begin(tenant).await?;
    let known = store::find(cx.db(), tenant, &ids).await?;
    let mut sites = store::site::of_tenant(cx.db(), tenant).await?;
    cx.rollback().await;
    let has = |code: &str| sites.iter().any(|site| site.code == code);
    let missing = |code: &str| if code.is_empty() { sites.is_empty() } else { !has(code) };
    if drafts.iter().any(|(_, draft)| missing(&draft.facts.site_code))
        && let Some(asked) = sites::ask(shell, tenant).await?
    {
        sites = asked;
    }
    Ok((known.into_iter().map(|order| (order.order_id, order)).collect(), sites))
}

fn check(draft: &Draft, before: Option<&Stored>, sites: &[Site], shell: &Shell<Orders>) -> Checked {
    let address = intake::reasons(&draft.address);
    let mut checked = holds::check(&draft.facts, &address, sites, &shell.state.rules);
    // What a person holds, a channel's new content does not release.
    let manual = |reason: &&Reason| reason.code == holds::MANUAL;
    let held = before.and_then(|order| order.reasons.iter().find(manual));
    checked.reasons.extend(held.cloned());
    checked
}

/// Seals the persons of all plans in one call.
async fn seal(
    shell: &Shell<Orders>,
    tenant: TenantId,
    plans: &[Plan],
) -> Result<Vec<SubjectRef>, Fault> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    crash_point!("orders.before_put");
    let record = |plan: &Plan| {
        let Draft { person, channel, external_id, .. } = &plan.draft;
        Record {
            external_key: person.external_key(&shell.state.key, channel, external_id),
            fields: person.to_fields(),
            ..Record::default()
        }
    };
    let records = plans.iter().map(record).collect();
    let subjects = vault::put(&shell.host.peers, tenant, records).await?;
    crash_point!("orders.after_put");
    Ok(subjects)
}

/// Writes the plans and their events; answers the drafts that somebody else was faster with.
async fn write(
    cx: &mut Cx<Orders>,
    tenant: TenantId,
    plans: Vec<Plan>,
    subjects: &[SubjectRef],
    results: &mut [SubmitResult],
) -> Result<Drafts, Fault> {
    let now = cx.now();
    let both = plans.iter().zip(subjects);
    let orders = both.map(|(plan, subject)| next(plan, *subject, now));
    let (new, changed): (Vec<Stored>, Vec<Stored>) = orders.partition(|order| order.version == 1);
    let mut done: HashSet<OrderId> = HashSet::new();
    done.extend(store::insert(cx.db(), tenant, &new).await?);
    done.extend(store::update(cx.db(), tenant, &changed, now).await?);
    let written = new.iter().chain(&changed).filter(|order| done.contains(&order.order_id));
    let written: HashMap<OrderId, &Stored> = written.map(|o| (o.order_id, o)).collect();
    let mut lost = Vec::new();
    for plan in plans {
        let Some(order) = written.get(&plan.draft.order_id) else {
            lost.push((plan.index, plan.draft));
            continue;
        };
        let change = if plan.before.is_none() { Change::New } else { Change::Amended };
        events::announce(cx, tenant, order, change, Some(&plan.checked));
        let result = SubmitResult {
            order_id: order.order_id.to_string(),
            state: order.state.to_proto().into(),
            reasons: view::explain(&order.reasons, &plan.draft.address),
            replayed: plan.before.is_some(),
            refused: String::new(),
        };
        put(results, plan.index, result);
    }
    Ok(lost)
}

/// The order as it is to be stored.
fn next(plan: &Plan, subject: SubjectRef, now: OffsetDateTime) -> Stored {
    let Plan { draft, before, checked, .. } = plan;
    let free = checked.reasons.is_empty();
    let asked_before = before.as_ref().and_then(|order| order.shipment);
    Stored {
        order_id: draft.order_id,
        channel: draft.channel.clone(),
        external_id: draft.external_id.clone(),
        state: if free { State::Accepted } else { State::Held },
        version: before.as_ref().map_or(1, |order| order.version + 1),
        reasons: checked.reasons.clone(),
        overruled: Vec::new(),
        facts: Some(draft.facts.clone()),
        subject: Some(subject),
        site: checked.site.as_ref().map(|site| site.site_id),
        shipment: asked_before.or_else(|| free.then(|| facts::shipment_id(draft.order_id))),
        fingerprint: draft.fingerprint.clone(),
        updated_at: draft.updated_at.or(before.as_ref().and_then(|order| order.updated_at)),
        received_at: before.as_ref().map_or(now, |order| order.received_at),
        labelled: false,
    }
}
