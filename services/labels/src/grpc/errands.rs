//! `BookPickup`, `CancelPickup`, `ListPickups`, and `SettleErrand`.

use colibri_events::labels::v1::{
    BookPickupRequest, CancelPickupRequest, ErrandState, ListPickupsRequest, ListPickupsResponse,
    Pickup, SettleErrandRequest, SettleErrandResponse, settle_errand_request::Decision,
};
use colibri_kit::{
    fault::Fault,
    intent::{self, IntentState, NewIntent},
    service::{Cx, Shell},
};
use colibri_types::{AccountId, Country, ManifestId, PickupId, SiteId, TenantId};
use prost::Message as _;
use tracing::info;
use uuid::Uuid;

use super::{
    ask::{self, bad, site_id, wire_day},
    check,
    once::Once,
    wait,
};
use crate::{
    Labels,
    error::codes,
    intents::{
        self, errand,
        errand_build::clock,
        errand_record::{self, Change},
    },
    store::{
        errands::{self, Errand, Kind},
        reference,
    },
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "pickup";
/// Most parcels of a collection: more is a truck that is agreed on otherwise.
const PARCELS_MAX: u32 = 10_000;
/// Heaviest collection, grams: 20 t.
const WEIGHT_MAX_G: u32 = 20_000_000;
/// Longest word for the driver.
const INSTRUCTIONS_MAX: usize = 100;
/// Shipments that a collection names.
const SHIPMENTS_MAX: usize = 100;
/// Collections on a page when nobody says, and at most.
const PAGE: i64 = 50;
const PAGE_MAX: i64 = 500;
/// Longest reason, and longest number of a carrier.
const REASON_MAX: usize = 500;
const NUMBER_MAX: usize = 50;

pub fn unknown() -> Fault {
    Fault::not_found(codes::NO_ERRAND, "no such collection or manifest")
}

/// Site and account of an errand, both the tenant's own.
pub async fn references(
    shell: &Shell<Labels>,
    tenant: TenantId,
    (site, account): (&str, &str),
) -> Result<(SiteId, AccountId, String), Fault> {
    let site = site_id(site)?;
    let account: AccountId =
        account.parse().map_err(|_| bad("account_id", "MALFORMED", "an id of an account"))?;
    let mut cx = shell.begin(tenant).await?;
    let known = reference::find_site(cx.db(), site, tenant).await?;
    let facts = reference::find_account(cx.db(), account, tenant).await?;
    cx.rollback().await;
    known.ok_or_else(|| bad("site_id", "UNKNOWN", "no such site of this tenant"))?;
    let facts = facts.ok_or_else(|| bad("account_id", "UNKNOWN", "no such carrier account"))?;
    Ok((site, account, facts.carrier))
}

pub fn not_offered(carrier: &str) -> Fault {
    Fault::failed_precondition(codes::NOT_OFFERED, format!("{carrier} does not offer it here"))
}

pub fn intend(cx: &mut Cx<Labels>, errand: &Errand, what: &str) {
    cx.intend(NewIntent {
        tenant_id: errand.tenant_id.to_uuid(),
        kind: intents::ERRAND,
        key: errand.errand_id.to_string(),
        lane: errand.account_id.to_string(),
        // A cancellation that was refused may be asked for again; the row's state keeps it single.
        dedupe: format!("{}:{what}:{}", errand.errand_id, Uuid::now_v7()),
        request: what.to_owned().into(),
        not_before: None,
    });
}

fn check_booking(request: &BookPickupRequest) -> Result<(), Fault> {
    check::request_id(&request.request_id)?;
    let (ready, close) = (clock(&request.ready), clock(&request.close));
    if ready.is_none() {
        return Err(bad("ready", "MALFORMED", "a time such as 14:00"));
    }
    if close.is_none() || close <= ready {
        return Err(bad("close", "MALFORMED", "a time after `ready`, such as 18:00"));
    }
    if !(1..=PARCELS_MAX).contains(&request.parcels) {
        return Err(bad("parcels", "RANGE", "1 to 10 000"));
    }
    if !(1..=WEIGHT_MAX_G).contains(&request.weight_g) {
        return Err(bad("weight_g", "RANGE", "1 to 20 000 000 g"));
    }
    let words = [("service", &request.service), ("instructions", &request.instructions)];
    for (field, text) in words {
        if text.chars().count() > INSTRUCTIONS_MAX || text.chars().any(char::is_control) {
            return Err(bad(field, "MALFORMED", "up to 100 printable characters"));
        }
    }
    let country = &request.destination_country;
    if !country.is_empty() && country.parse::<Country>().is_err() {
        return Err(bad("destination_country", "UNKNOWN", "ISO 3166-1 alpha-2 in upper case"));
    }
    if request.shipment_ids.len() > SHIPMENTS_MAX {
        return Err(bad("shipment_ids", "COUNT", "at most 100"));
    }
    for id in &request.shipment_ids {
        super::shipment_id(id)?;
    }
    Ok(())
}

/// Books, or answers what an earlier call with this request id booked.
pub async fn book(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: BookPickupRequest,
) -> Result<Pickup, Fault> {
    check_booking(&request)?;
    let day = request.day.as_ref().ok_or_else(|| bad("day", "MISSING", "is required"))?;
    let day = ask::day(day, "day")?;
    let bare = BookPickupRequest { request_id: String::new(), ..request.clone() };
    let once = Once::new(ROUTE, &request.request_id, &bare);
    let mut cx = shell.begin(tenant).await?;
    let known: Option<PickupId> = once.earlier(&mut cx, tenant).await?;
    cx.rollback().await;
    let id = match known {
        Some(id) => id,
        None => {
            let names = (request.site_id.as_str(), request.account_id.as_str());
            let (site_id, account_id, carrier) = references(shell, tenant, names).await?;
            let connector = colibri_carriers::by_id(&carrier);
            if connector.is_none_or(|connector| connector.pickups().is_none()) {
                return Err(not_offered(&carrier));
            }
            let id = PickupId::generate();
            let shown = Pickup {
                pickup_id: id.to_string(),
                site_id: site_id.to_string(),
                account_id: account_id.to_string(),
                carrier: carrier.clone(),
                day: Some(wire_day(day)),
                ready: request.ready.clone(),
                close: request.close.clone(),
                parcels: request.parcels,
                weight_g: request.weight_g,
                ..Pickup::default()
            };
            let errand = Errand {
                errand_id: id.to_uuid(),
                tenant_id: tenant,
                kind: Kind::Pickup,
                state: ErrandState::Asking,
                site_id,
                account_id,
                carrier,
                day,
                asked: bare.encode_to_vec(),
                shown: shown.encode_to_vec(),
                location: String::new(),
            };
            begin(shell, &once, id, &errand).await?
        }
    };
    pickup(&wait::errand(shell, tenant, id.to_uuid()).await?.ok_or_else(unknown)?)
}

async fn begin(
    shell: &Shell<Labels>,
    once: &Once,
    id: PickupId,
    errand: &Errand,
) -> Result<PickupId, Fault> {
    let mut cx = shell.begin(errand.tenant_id).await?;
    if !once.note(&mut cx, errand.tenant_id, &id.to_string()).await? {
        return once.faster(cx, errand.tenant_id).await;
    }
    let now = cx.now();
    errands::insert(cx.db(), errand, now).await?;
    intend(&mut cx, errand, errand::ASK);
    cx.commit().await?;
    Ok(id)
}

/// A collection as shown.
fn pickup(row: &Errand) -> Result<Pickup, Fault> {
    let shown = Pickup::decode(row.shown.as_slice()).map_err(Fault::bug)?;
    Ok(Pickup { state: row.state.into(), ..shown })
}

/// Calls a collection off, and waits for the carrier's word.
pub async fn cancel(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: CancelPickupRequest,
) -> Result<Pickup, Fault> {
    let id: PickupId = request.pickup_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let row = errands::lock(cx.db(), id.to_uuid(), tenant).await?;
    let mut row = row.filter(|row| row.kind == Kind::Pickup).ok_or_else(unknown)?;
    match row.state {
        ErrandState::Done => {
            let connector = colibri_carriers::by_id(&row.carrier);
            let cancels = connector.and_then(|c| c.pickups()).and_then(|p| p.cancellation());
            if cancels.is_none() {
                return Err(not_offered(&row.carrier));
            }
            let mut shown = pickup(&row)?;
            (shown.code, shown.carrier_code) = (String::new(), String::new());
            (row.state, row.shown) = (ErrandState::Cancelling, shown.encode_to_vec());
            intend(&mut cx, &row, errand::CANCEL);
            let now = cx.now();
            errands::save(cx.db(), &row, now).await?;
            cx.commit().await?;
        }
        ErrandState::Cancelling | ErrandState::Cancelled => cx.rollback().await,
        _ => {
            let text = "only a booked collection can be called off";
            return Err(Fault::failed_precondition(codes::STATE, text));
        }
    }
    pickup(&wait::errand(shell, tenant, id.to_uuid()).await?.ok_or_else(unknown)?)
}

pub async fn list(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: ListPickupsRequest,
) -> Result<ListPickupsResponse, Fault> {
    let asked = (request.state(), request.limit, request.page.as_str());
    let (rows, next_page) = page(shell, tenant, Kind::Pickup, asked).await?;
    let pickups = rows.iter().map(pickup).collect::<Result<_, _>>()?;
    Ok(ListPickupsResponse { pickups, next_page })
}

/// A page of one kind, newest first, and the name of the next.
pub async fn page(
    shell: &Shell<Labels>,
    tenant: TenantId,
    kind: Kind,
    (state, limit, page): (ErrandState, u32, &str),
) -> Result<(Vec<Errand>, String), Fault> {
    let before = match page {
        "" => None,
        page => Some(page.parse().map_err(|_| bad("page", "MALFORMED", "not of this list"))?),
    };
    let limit = match i64::from(limit) {
        0 => PAGE,
        limit if limit <= PAGE_MAX => limit,
        _ => return Err(bad("limit", "RANGE", "at most 500")),
    };
    let mut cx = shell.begin(tenant).await?;
    let mut rows = errands::page(cx.db(), tenant, kind, state, before, limit + 1).await?;
    cx.rollback().await;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > limit);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|(ord, _)| ord.to_string());
    Ok((rows.into_iter().map(|(_, row)| row).collect(), next.unwrap_or_default()))
}

/// Takes a person's decision about an errand in doubt, and writes it down.
pub async fn settle(
    shell: &Shell<Labels>,
    tenant: TenantId,
    actor: &str,
    request: SettleErrandRequest,
) -> Result<SettleErrandResponse, Fault> {
    let pickup = request.errand_id.parse::<PickupId>().ok().map(PickupId::to_uuid);
    let manifest = request.errand_id.parse::<ManifestId>().ok().map(ManifestId::to_uuid);
    let id = pickup.or(manifest).ok_or_else(unknown)?;
    if !(1..=REASON_MAX).contains(&request.reason.trim().chars().count()) {
        return Err(bad("reason", "LENGTH", "who checked what, 1 to 500 characters"));
    }
    let decision = request.decision.as_ref();
    let (state, number) = match decision {
        Some(Decision::HappenedAs(number)) => (ErrandState::Done, number.as_str()),
        Some(Decision::NotHappened(true)) => (ErrandState::Refused, ""),
        _ => return Err(bad("decision", "MISSING", "happened_as or not_happened")),
    };
    if number.len() > NUMBER_MAX || !number.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(bad("happened_as", "MALFORMED", "up to 50 printable characters"));
    }
    let mut cx = shell.begin(tenant).await?;
    let row = errands::lock(cx.db(), id, tenant).await?.ok_or_else(unknown)?;
    let none = || Fault::failed_precondition(codes::NOT_IN_DOUBT, "it is not in doubt");
    if row.state != ErrandState::InDoubt {
        return Err(none());
    }
    let to = if state == ErrandState::Done { IntentState::Done } else { IntentState::Failed };
    let reason = request.reason.trim();
    let evidence = serde_json::json!({ "settled_by": actor, "reason": reason });
    let (kind, key) = (intents::ERRAND, id.to_string());
    if !intent::settle_in_doubt(cx.db(), "labels", kind, &key, to, &evidence).await? {
        return Err(none());
    }
    let code = if state == ErrandState::Done { "" } else { codes::CLOSED };
    let change = Change { state, code, ..Change::default() };
    let row = errand_record::apply_to(
        &mut cx,
        tenant,
        id,
        (&change, ""),
        |pickup| number.clone_into(&mut pickup.confirmation),
        |manifest| number.clone_into(&mut manifest.number),
    )
    .await?;
    match row.filter(|row| row.kind == Kind::Manifest) {
        Some(row) if state == ErrandState::Done => errand_record::tell_closed(&mut cx, &row)?,
        Some(row) => errands::free_parcels(cx.db(), row.errand_id).await?,
        None => {}
    }
    cx.commit().await?;
    info!(errand = %id, "doubt about errand {id} settled by a person: {}", state.as_str_name());
    Ok(SettleErrandResponse { state: state.into() })
}
