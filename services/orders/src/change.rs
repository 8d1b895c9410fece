//! What people and channels do to an order that is here: hold, release, amend, cancel.

use colibri_events::{
    orders::v1::{AmendRequest, Explanation},
    vault::v1::Record,
};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::{OrderId, SubjectRef, TenantId};
use time::OffsetDateTime;

use crate::{
    Orders,
    domain::{
        facts::{self, Facts, Reason, Site, State},
        holds::{self, Checked},
        intake::{self, Destination},
        lifecycle::{self, Action, Step},
        person::Person,
        structure::Problems,
    },
    error,
    events::{self, Change},
    sites, store,
    store::{Stored, channel::Delivery},
    vault,
};

/// Looks at an order that others keep changing.
const LOST_MAX: usize = 8;

/// Whether the action is to be done; `false`: it is so already.
fn go(order: &Stored, action: Action) -> Result<bool, Fault> {
    match lifecycle::step(order.state, order.labelled, action) {
        Step::Go => Ok(true),
        Step::Unchanged => Ok(false),
        Step::Refused(why) => Err(Fault::failed_precondition(error::STATE, why)),
    }
}

async fn lock(cx: &mut Cx<Orders>, tenant: TenantId, id: OrderId) -> Result<Stored, Fault> {
    store::lock(cx.db(), tenant, id).await?.ok_or_else(error::unknown)
}

/// Writes a locked order as it is from now on, and tells it.
async fn save(
    mut cx: Cx<Orders>,
    tenant: TenantId,
    mut order: Stored,
    change: Change,
    checked: Option<&Checked>,
) -> Result<Stored, Fault> {
    order.version += 1;
    let now = cx.now();
    let written = store::update(cx.db(), tenant, std::slice::from_ref(&order), now).await?;
    if written.is_empty() {
        return Err(Fault::bug("a locked order changed"));
    }
    events::announce(&mut cx, tenant, &order, change, checked);
    cx.commit().await?;
    Ok(order)
}

/// Holds an order until somebody releases it.
///
/// # Errors
/// `ORD0004`, `ORD0005`.
pub async fn hold(shell: &Shell<Orders>, tenant: TenantId, id: OrderId) -> Result<Stored, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let mut order = lock(&mut cx, tenant, id).await?;
    let held = order.reasons.iter().any(|reason| reason.code == holds::MANUAL);
    if !go(&order, Action::Hold)? || held {
        cx.rollback().await;
        return Ok(order);
    }
    order.state = State::Held;
    order.reasons.push(Reason::new(holds::MANUAL, ""));
    save(cx, tenant, order, Change::Held, None).await
}

/// Checks a held order again and lets it go, when nothing fails that nobody takes responsibility
/// for.
///
/// # Errors
/// `ORD0004`, `ORD0005`, `ORD0009` for a code that nobody may overrule.
pub async fn release(
    shell: &Shell<Orders>,
    tenant: TenantId,
    id: OrderId,
    overrule: &[String],
) -> Result<Stored, Fault> {
    if let Some(code) = overrule.iter().position(|code| !holds::overrulable(code)) {
        let field = format!("overrule[{code}]");
        return Err(error::request(&field, "is no code that a person may overrule"));
    }
    let order = find(shell, tenant, id).await?;
    let sites = sites_of(shell, tenant, order.facts.as_ref()).await?;
    let mut cx = shell.begin(tenant).await?;
    let mut order = lock(&mut cx, tenant, id).await?;
    if !go(&order, Action::Release)? {
        cx.rollback().await;
        return Ok(order);
    }
    let facts = order.facts.as_ref().ok_or_else(|| Fault::bug("a held order without facts"))?;
    let mut checked = holds::check(facts, &of_address(&order), &sites, &shell.state.rules);
    let mut overruled = order.overruled.clone();
    overruled.extend(overrule.iter().cloned());
    overruled.sort_unstable();
    overruled.dedup();
    checked.reasons.retain(|reason| !overruled.contains(&reason.code));
    let same = checked.reasons == order.reasons && overruled == order.overruled;
    if same {
        cx.rollback().await;
        return Ok(order);
    }
    order.overruled = overruled;
    settle(&mut order, &checked);
    save(cx, tenant, order, Change::Released, Some(&checked)).await
}

/// State, site and shipment follow from what the checks found.
fn settle(order: &mut Stored, checked: &Checked) {
    order.reasons.clone_from(&checked.reasons);
    order.site = checked.site.as_ref().map(|site| site.site_id);
    if checked.reasons.is_empty() {
        order.state = State::Accepted;
        order.shipment = order.shipment.or(Some(facts::shipment_id(order.order_id)));
    } else {
        order.state = State::Held;
    }
}

/// The problems of its address, found when it came: the address has not changed since.
fn of_address(order: &Stored) -> Vec<Reason> {
    order.reasons.iter().filter(|reason| reason.code.starts_with("ADR")).cloned().collect()
}

/// One order.
///
/// # Errors
/// `ORD0004`.
pub async fn find(shell: &Shell<Orders>, tenant: TenantId, id: OrderId) -> Result<Stored, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let found = store::find(cx.db(), tenant, &[id]).await?;
    cx.rollback().await;
    found.into_iter().next().ok_or_else(error::unknown)
}

async fn sites_of(
    shell: &Shell<Orders>,
    tenant: TenantId,
    facts: Option<&Facts>,
) -> Result<Vec<Site>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let sites = store::site::of_tenant(cx.db(), tenant).await?;
    cx.rollback().await;
    let code = facts.map(|facts| facts.site_code.as_str()).unwrap_or_default();
    let known = sites.iter().any(|site| code.is_empty() || site.code == code);
    if known {
        return Ok(sites);
    }
    Ok(sites::ask(shell, tenant).await?.unwrap_or(sites))
}

/// Replaces parts of a held order and checks it again.
///
/// # Errors
/// `ORD0001` with fields, `ORD0004`, `ORD0005`, `ORD0009` when nothing is to be replaced.
pub async fn amend(
    shell: &Shell<Orders>,
    tenant: TenantId,
    id: OrderId,
    request: AmendRequest,
) -> Result<(Stored, Vec<Explanation>), Fault> {
    if request.ship_to.is_none() && request.lines.is_empty() && request.parcels.is_empty() {
        return Err(error::request("ship_to", "nothing is to be replaced"));
    }
    for _ in 0..LOST_MAX {
        if let Some(done) = try_amend(shell, tenant, id, request.clone()).await? {
            return Ok(done);
        }
    }
    Err(Fault::retry("others keep changing this order"))
}

async fn try_amend(
    shell: &Shell<Orders>,
    tenant: TenantId,
    id: OrderId,
    request: AmendRequest,
) -> Result<Option<(Stored, Vec<Explanation>)>, Fault> {
    let mut order = find(shell, tenant, id).await?;
    go(&order, Action::Amend)?;
    let mut address = of_address(&order);
    let facts = order.facts.as_mut().ok_or_else(|| Fault::bug("a held order without facts"))?;
    let destination = replace(facts, request)?;
    let mut found = Vec::new();
    if let Some(destination) = destination {
        address = intake::reasons(&destination.found);
        found = destination.found;
        order.subject = Some(reseal(shell, tenant, &order, destination.address).await?);
    }
    let sites = sites_of(shell, tenant, order.facts.as_ref()).await?;
    let facts = order.facts.as_ref().ok_or_else(|| Fault::bug("a held order without facts"))?;
    let mut checked = holds::check(facts, &address, &sites, &shell.state.rules);
    let manual = |reason: &&Reason| reason.code == holds::MANUAL;
    checked.reasons.extend(order.reasons.iter().find(manual).cloned());
    order.overruled.clear();
    settle(&mut order, &checked);
    order.version += 1;
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let written = store::update(cx.db(), tenant, std::slice::from_ref(&order), now).await?;
    if written.is_empty() {
        cx.rollback().await;
        return Ok(None);
    }
    events::announce(&mut cx, tenant, &order, Change::Amended, Some(&checked));
    cx.commit().await?;
    Ok(Some((order, found)))
}

/// Puts what is given in the place of what was told.
fn replace(facts: &mut Facts, request: AmendRequest) -> Result<Option<Destination>, Fault> {
    let mut problems = Problems::default();
    if !request.lines.is_empty() {
        (facts.lines, facts.total_minor) = problems.lines(request.lines, facts.currency);
    }
    if !request.parcels.is_empty() {
        facts.parcels = problems.parcels(request.parcels);
    }
    let address = request.ship_to;
    let destination = address.and_then(|address| intake::destination(address, &mut problems));
    if let Some(destination) = &destination {
        let place = &destination.place;
        (facts.country, facts.residential) = (place.country, place.residential);
        facts.zone.clone_from(&place.zone);
    }
    problems.none(destination).map_err(|reasons| {
        let fault = Fault::reject(error::FIELD, "a field is wrong");
        reasons.into_iter().fold(fault, |fault, r| fault.field(r.field, r.code, r.detail))
    })
}

/// Seals the person with another address. Note and number stay as they were.
async fn reseal(
    shell: &Shell<Orders>,
    tenant: TenantId,
    order: &Stored,
    address: colibri_addresses::Address,
) -> Result<SubjectRef, Fault> {
    let peers = &shell.host.peers;
    let known = match order.subject {
        Some(subject) => vault::open(peers, tenant, subject).await?.unwrap_or_default(),
        None => Person::default(),
    };
    let person = Person { address: Some(address), ..known };
    let key = person.external_key(&shell.state.key, &order.channel, &order.external_id);
    let record = Record { external_key: key, fields: person.to_fields(), ..Record::default() };
    let refs = vault::put(peers, tenant, vec![record]).await?;
    refs.into_iter().next().ok_or_else(|| Fault::bug("no reference of one record"))
}

/// Cancels for a person.
///
/// # Errors
/// `ORD0004`.
pub async fn cancel(shell: &Shell<Orders>, tenant: TenantId, id: OrderId) -> Result<Stored, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let mut order = lock(&mut cx, tenant, id).await?;
    if !go(&order, Action::Cancel)? {
        cx.rollback().await;
        return Ok(order);
    }
    order.state = State::Cancelled;
    order.reasons.clear();
    save(cx, tenant, order, Change::Cancelled, None).await
}

/// An order that its channel cancelled.
#[derive(Debug)]
pub struct Gone<'a> {
    /// Name of the channel here.
    pub channel: &'a str,
    /// Id there.
    pub external_id: &'a str,
    /// The channel's version.
    pub updated_at: Option<OffsetDateTime>,
}

/// What became of a cancellation.
#[derive(Debug)]
pub enum Ended {
    /// The delivery was known.
    KnownDelivery,
    /// What is known is newer, or cancelled already.
    Unchanged(Stored),
    /// Cancelled.
    Done(Stored),
}

/// Cancels for the channel. An order that has not come yet is noted as cancelled: channels do not
/// promise an order of deliveries, and a late one must not ship.
///
/// # Errors
/// [`Fault::Retry`] while the database is away.
pub async fn gone(
    shell: &Shell<Orders>,
    tenant: TenantId,
    gone: &Gone<'_>,
    delivery: &Delivery,
) -> Result<Ended, Fault> {
    let id = facts::order_id(tenant, gone.channel, gone.external_id);
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    if !store::channel::note(cx.db(), tenant, delivery, now).await? {
        cx.rollback().await;
        return Ok(Ended::KnownDelivery);
    }
    let mark = mark(id, gone, now);
    let new = store::insert(cx.db(), tenant, std::slice::from_ref(&mark)).await?;
    if !new.is_empty() {
        cx.commit().await?;
        return Ok(Ended::Done(mark));
    }
    let mut order = lock(&mut cx, tenant, id).await?;
    let older = matches!((gone.updated_at, order.updated_at), (Some(new), Some(old)) if new < old);
    if older || !go(&order, Action::Cancel)? {
        cx.commit().await?;
        return Ok(Ended::Unchanged(order));
    }
    order.state = State::Cancelled;
    order.reasons.clear();
    order.updated_at = gone.updated_at.or(order.updated_at);
    save(cx, tenant, order, Change::Cancelled, None).await.map(Ended::Done)
}

/// The mark of an order of which only the end is known.
fn mark(order_id: OrderId, gone: &Gone<'_>, now: OffsetDateTime) -> Stored {
    Stored {
        order_id,
        channel: gone.channel.to_owned(),
        external_id: gone.external_id.to_owned(),
        state: State::Cancelled,
        version: 1,
        reasons: Vec::new(),
        overruled: Vec::new(),
        facts: None,
        subject: None,
        site: None,
        shipment: None,
        fingerprint: Vec::new(),
        updated_at: gone.updated_at,
        received_at: now,
        labelled: false,
    }
}
