//! What came and belongs to no open return: recorded, matched, settled by a person.

use colibri_events::returns::v1::{
    GetOrphanRequest, ListOrphansRequest, ListOrphansResponse, MatchOrphanRequest, Orphan,
    OrphanClue, OrphanEnd, OrphanFound, OrphanItem, OrphanMove, OrphanWhy, RecordOrphanRequest,
    orphan_clue::By,
};
use colibri_events::vault::v1::Field;
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_returns_rules::orphan::{End, Found};
use colibri_types::{OrderId, OrphanId, ParcelId, ReturnId, SiteId, TenantId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Who, checks};
use crate::{
    Returns,
    domain::words::{timestamp, word},
    error::{NO_ORPHAN, OPEN_RETURN, PAGE, REQUEST_ID, fault, field, refused},
    open,
    store::{cases, orphans, parcels, rest, sales},
    vault,
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "orphan";
/// Articles of one orphan.
const ITEMS_MAX: usize = 100;
/// Units of one article: a pallet.
const UNITS_MAX: u32 = 10_000;
/// Longest SKU.
const SKU_MAX: usize = 100;
/// Orphans of a page when nobody says, and at most.
const PAGE_SIZE: (u32, u32) = (50, 500);

/// Where something may belong.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    parcel: Option<Uuid>,
    order: Option<Uuid>,
    return_id: Option<Uuid>,
}

/// An id of an orphan.
pub fn orphan_id(text: &str) -> Result<OrphanId, Fault> {
    text.parse().map_err(|_| fault(NO_ORPHAN))
}

/// Records what came.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0007`, `RET0017`, `RET0021`.
pub async fn record(
    shell: &Shell<Returns>,
    who: &Who,
    request: RecordOrphanRequest,
) -> Result<Orphan, Fault> {
    checks::request_id(&request.request_id)?;
    let items = items(&request)?;
    let site = match request.site_id.as_str() {
        "" => None,
        text => {
            let id: Result<SiteId, _> = text.parse();
            Some(id.map_err(|_| field("site_id", "MALFORMED", "an id of a site"))?.to_uuid())
        }
    };
    let place = look_up(shell, who.tenant, request.clue.as_ref()).await?;
    // Without numbers, whose digest could be guessed back.
    let bare = RecordOrphanRequest { clue: None, ..request.clone() };
    let mark = checks::fingerprint(&bare);
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    if let Some((known, resource)) =
        rest::earlier(cx.db(), tenant, ROUTE, &request.request_id).await?
    {
        cx.rollback().await;
        if known != mark {
            return Err(fault(REQUEST_ID).field("request_id", "TAKEN", "used with other content"));
        }
        return one(shell, who.tenant, orphan_id(&resource)?).await;
    }
    let mut open_return = None;
    if let Some(id) = place.return_id {
        let row = cases::find(cx.db(), tenant, id).await?;
        open_return = row.filter(|row| matches!(row.state.as_str(), "open" | "waiting"));
    }
    if let Some(row) = open_return {
        // Its units are counted there: here they would be in two places.
        let id = ReturnId::from_uuid(row.return_id).to_string();
        return Err(fault(OPEN_RETURN).field("clue", "OPEN_RETURN", &id));
    }
    let id = OrphanId::generate();
    let route = (ROUTE, request.request_id.as_str());
    if !rest::note(cx.db(), tenant, route, &mark, &id.to_string()).await? {
        cx.rollback().await;
        return Err(Fault::retry("another call with this request id is on its way"));
    }
    let new = New {
        id,
        why: "unknown_parcel",
        place: (place.parcel, place.order, None),
        site,
        weight_g: i32::try_from(request.weight_g).ok().filter(|grams| *grams > 0),
    };
    insert(&mut cx, who.tenant, new, &items).await?;
    cx.commit().await?;
    one(shell, who.tenant, id).await
}

fn items(request: &RecordOrphanRequest) -> Result<Vec<(String, Found)>, Fault> {
    if request.items.is_empty() || request.items.len() > ITEMS_MAX {
        return Err(field("items", "COUNT", "1 to 100 articles"));
    }
    let mut items = Vec::with_capacity(request.items.len());
    for (at, item) in request.items.iter().enumerate() {
        if item.units > UNITS_MAX {
            return Err(field(format!("items[{at}].units"), "RANGE", "at most 10 000 units"));
        }
        sku(&format!("items[{at}].sku"), &item.sku)?;
        let found = Found::new(item.units);
        let found = found.map_err(|refusal| refused(refusal, format!("items[{at}].units")))?;
        items.push((item.sku.clone(), found));
    }
    Ok(items)
}

/// An article; nothing personal is a SKU.
pub fn sku(path: &str, text: &str) -> Result<(), Fault> {
    let fine = text.len() <= SKU_MAX && !text.chars().any(char::is_control);
    if fine { Ok(()) } else { Err(field(path, "LENGTH", "at most 100 characters")) }
}

/// A new orphan.
pub struct New {
    /// Its id.
    pub id: OrphanId,
    /// Why nobody awaited it.
    pub why: &'static str,
    /// Parcel, order, and the return it was found in.
    pub place: (Option<Uuid>, Option<Uuid>, Option<Uuid>),
    /// Where it lies.
    pub site: Option<Uuid>,
    /// As it came, in grams.
    pub weight_g: Option<i32>,
}

/// Writes it down and tells it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    cx: &mut Cx<Returns>,
    tenant: TenantId,
    new: New,
    items: &[(String, Found)],
) -> Result<(), Fault> {
    let now = cx.now();
    let state = cx.state();
    let rules = open::rules(cx.db(), &state, tenant.to_uuid()).await?;
    let (parcel_id, order_id, return_id) = new.place;
    let row = orphans::Orphan {
        orphan_id: new.id.to_uuid(),
        ord: 0,
        why: new.why.to_owned(),
        settled: false,
        parcel_id,
        order_id,
        return_id,
        site_id: new.site,
        weight_g: new.weight_g,
        found_at: now,
        keep_until: now + Duration::days(i64::from(rules.settings.orphan_days)),
    };
    orphans::insert(cx.db(), tenant.to_uuid(), &row, items).await?;
    let event = OrphanFound {
        orphan_id: new.id.to_string(),
        tenant_id: tenant.to_string(),
        why: why(new.why).into(),
        order_id: text(order_id, |id| OrderId::from_uuid(id).to_string()),
        return_id: text(return_id, |id| ReturnId::from_uuid(id).to_string()),
        site_id: text(new.site, |id| SiteId::from_uuid(id).to_string()),
        units: items.iter().map(|(_, found)| found.units()).sum(),
        at: Some(timestamp(now)),
    };
    cx.publish(&event, "found");
    Ok(())
}

fn text(id: Option<Uuid>, show: impl Fn(Uuid) -> String) -> String {
    id.map(show).unwrap_or_default()
}

fn why(word: &str) -> OrphanWhy {
    match word {
        "wrong_goods" => OrphanWhy::WrongGoods,
        "surplus" => OrphanWhy::Surplus,
        _ => OrphanWhy::UnknownParcel,
    }
}

/// The wire's word for an end.
pub const fn end(end: End) -> OrphanEnd {
    match end {
        End::Matched => OrphanEnd::Matched,
        End::SentBack => OrphanEnd::SentBack,
        End::HandedOver => OrphanEnd::HandedOver,
        End::Recycled => OrphanEnd::Recycled,
    }
}

/// What a number leads to. One that leads nowhere is no error: that is why it is an orphan.
async fn look_up(
    shell: &Shell<Returns>,
    tenant: TenantId,
    clue: Option<&OrphanClue>,
) -> Result<Place, Fault> {
    let peers = &shell.state.peers;
    let Some(by) = clue.and_then(|clue| clue.by.as_ref()) else { return Ok(Place::default()) };
    let mut place = Place::default();
    let mut subject = None;
    match by {
        By::TrackingNumber(number) => {
            checks::text("clue.tracking_number", number, 60)?;
            let found = vault::find_by(peers, tenant, Field::TrackingNumber, number).await?;
            place.parcel = found.parse::<ParcelId>().ok().map(ParcelId::to_uuid);
        }
        By::OrderNumber(number) => {
            checks::text("clue.order_number", number, 100)?;
            let found = vault::find_by(peers, tenant, Field::OrderNumber, number).await?;
            subject = found.parse::<colibri_types::SubjectRef>().ok();
        }
        By::OrderId(id) => {
            let id: Result<OrderId, _> = id.parse();
            let id = id.map_err(|_| field("clue.order_id", "MALFORMED", "an id of an order"))?;
            place.order = Some(id.to_uuid());
        }
    }
    let mut cx = shell.begin(tenant).await?;
    let tenant = tenant.to_uuid();
    if let Some(id) = place.parcel {
        let parcel = parcels::find(cx.db(), tenant, id).await?;
        place.return_id = parcel.as_ref().and_then(|parcel| parcel.return_id);
        place.order = parcel.and_then(|parcel| parcel.order_id);
        if let (None, Some(id)) = (place.order, place.return_id) {
            place.order = cases::order_of(cx.db(), tenant, id).await?;
        }
    }
    if let Some(subject) = subject {
        place.order = sales::of_subject(cx.db(), tenant, subject.0).await?;
    }
    if let Some(order) = place.order {
        // Another tenant's order is nobody's.
        place.order = sales::find(cx.db(), tenant, order).await?.map(|sale| sale.order_id);
    }
    cx.rollback().await;
    Ok(place)
}

/// Looks where an orphan belongs. Nothing of it moves.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0017`, `RET0020`.
pub async fn match_to(
    shell: &Shell<Returns>,
    who: &Who,
    request: MatchOrphanRequest,
) -> Result<Orphan, Fault> {
    let id = orphan_id(&request.orphan_id)?;
    let place = look_up(shell, who.tenant, request.clue.as_ref()).await?;
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let known = orphans::find(cx.db(), tenant, id.to_uuid(), true).await?;
    known.ok_or_else(|| fault(NO_ORPHAN))?;
    if place.order.is_none() && place.parcel.is_none() {
        return Err(field("clue", "UNKNOWN", "it leads to no parcel and no order"));
    }
    orphans::matched(cx.db(), tenant, id.to_uuid(), (place.parcel, place.order)).await?;
    cx.commit().await?;
    one(shell, who.tenant, id).await
}

/// An orphan.
///
/// # Errors
/// [`Fault::Reject`] `RET0020`.
pub async fn get(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetOrphanRequest,
) -> Result<Orphan, Fault> {
    one(shell, who.tenant, orphan_id(&request.orphan_id)?).await
}

/// An orphan as it is now.
///
/// # Errors
/// [`Fault::Reject`] `RET0020`.
pub async fn one(shell: &Shell<Returns>, tenant: TenantId, id: OrphanId) -> Result<Orphan, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let row = orphans::find(cx.db(), tenant.to_uuid(), id.to_uuid(), false).await?;
    let row = row.ok_or_else(|| fault(NO_ORPHAN))?;
    let shown = show(&mut cx, tenant, vec![row]).await?.pop();
    cx.rollback().await;
    shown.ok_or_else(|| fault(NO_ORPHAN))
}

/// Orphans, newest first.
///
/// # Errors
/// [`Fault::Reject`] `RET0016`.
pub async fn list(
    shell: &Shell<Returns>,
    who: &Who,
    request: ListOrphansRequest,
) -> Result<ListOrphansResponse, Fault> {
    let before = match request.page.as_str() {
        "" => None,
        page => Some(i64::from_str_radix(page, 16).map_err(|_| fault(PAGE))?),
    };
    let limit = match request.limit {
        0 => PAGE_SIZE.0,
        limit => limit.min(PAGE_SIZE.1),
    };
    let wanted = ((!request.all).then_some(false), before);
    let mut cx = shell.begin(who.tenant).await?;
    // One more than asked: whether there is a next page.
    let rows = orphans::page(cx.db(), who.tenant.to_uuid(), wanted, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    let rows: Vec<_> = rows.into_iter().take(limit).collect();
    let next_page =
        rows.last().filter(|_| more).map(|row| format!("{:x}", row.ord)).unwrap_or_default();
    let orphans = show(&mut cx, who.tenant, rows).await?;
    cx.rollback().await;
    Ok(ListOrphansResponse { orphans, next_page })
}

async fn show(
    cx: &mut Cx<Returns>,
    tenant: TenantId,
    rows: Vec<orphans::Orphan>,
) -> Result<Vec<Orphan>, Fault> {
    let tenant = tenant.to_uuid();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.orphan_id).collect();
    let orders: Vec<Uuid> = rows.iter().filter_map(|row| row.order_id).collect();
    let items = orphans::items(cx.db(), tenant, &ids).await?;
    let moves = orphans::moves(cx.db(), tenant, &ids).await?;
    let candidates = orphans::candidates(cx.db(), tenant, &orders).await?;
    let shown = rows.into_iter().map(|row| {
        let id = row.orphan_id;
        let of_order = candidates.iter().filter(|(order, _)| Some(*order) == row.order_id);
        Orphan {
            orphan_id: OrphanId::from_uuid(id).to_string(),
            why: why(&row.why).into(),
            settled: row.settled,
            parcel_id: text(row.parcel_id, |id| ParcelId::from_uuid(id).to_string()),
            order_id: text(row.order_id, |id| OrderId::from_uuid(id).to_string()),
            found_in: text(row.return_id, |id| ReturnId::from_uuid(id).to_string()),
            site_id: text(row.site_id, |id| SiteId::from_uuid(id).to_string()),
            weight_g: row.weight_g.and_then(|grams| u32::try_from(grams).ok()).unwrap_or_default(),
            found_at: Some(timestamp(row.found_at)),
            keep_until: Some(timestamp(row.keep_until)),
            return_ids: of_order.map(|(_, id)| ReturnId::from_uuid(*id).to_string()).collect(),
            items: items.iter().filter(|item| item.orphan_id == id).map(item).collect(),
            moves: moves.iter().filter(|gone| gone.orphan_id == id).map(moved).collect(),
        }
    });
    Ok(shown.collect())
}

fn item(item: &orphans::Item) -> OrphanItem {
    OrphanItem {
        item: u32::try_from(item.number).unwrap_or_default(),
        sku: item.sku.clone(),
        units: item.found.units(),
        held: item.found.held(),
    }
}

fn moved(gone: &orphans::Move) -> OrphanMove {
    let number = |n: i32| u32::try_from(n).unwrap_or_default();
    let way = End::ALL.into_iter().find(|end| word(end) == gone.way);
    OrphanMove {
        item: number(i32::from(gone.item)),
        units: number(gone.units),
        end: way.map_or(OrphanEnd::Unspecified, end).into(),
        return_id: text(gone.return_id, |id| ReturnId::from_uuid(id).to_string()),
        line: gone.line.map(number).unwrap_or_default(),
        reason: gone.reason.clone(),
        at: Some(timestamp(gone.at)),
    }
}

/// Whether an orphan was kept for as long as the tenant keeps lost things.
pub fn waited(row: &orphans::Orphan, now: OffsetDateTime) -> bool {
    now >= row.keep_until
}
