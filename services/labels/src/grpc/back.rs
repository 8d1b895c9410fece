//! `PurchaseReturn`: a label for the way back of what was bought.

use colibri_carriers::OptionKind;
use colibri_events::{
    labels::v1::{PurchaseReturnRequest, Shipment as Shown},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, ShipmentId, TenantId};
use sqlx::PgConnection;

use super::{
    ask::{bad, site_id},
    begin::begin_and_wait,
    buy::outcome,
    check,
    once::Once,
    shipment_id, unknown, wait,
};
use crate::{
    Labels,
    domain::{
        Declared, Facts, Shipment, State,
        back::{self, Wrong},
        options,
    },
    error::codes,
    intents::record::timestamp,
    store::{
        reference::{self, Site},
        shipments,
    },
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "return";

/// Buys, or answers what an earlier call with this request id bought.
pub async fn purchase(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: PurchaseReturnRequest,
) -> Result<Shown, Fault> {
    check::request_id(&request.request_id)?;
    check::back(&request.parcels, request.drop_off.as_ref())?;
    // A point that is chosen while a lost answer is asked for again makes it no other purchase.
    let bare =
        PurchaseReturnRequest { request_id: String::new(), drop_off: None, ..request.clone() };
    let once = Once::new(ROUTE, &request.request_id, &bare);
    let outbound = shipment_id(&request.shipment_id)?;
    let mut cx = shell.begin(tenant).await?;
    let known: Option<ShipmentId> = once.earlier(&mut cx, tenant).await?;
    let found = match known {
        Some(_) => None,
        None => {
            let locked = shipments::lock_one(cx.db(), outbound, tenant).await?;
            Some(locked.ok_or_else(unknown)?)
        }
    };
    cx.rollback().await;
    let id = match (known, found) {
        (Some(known), _) => known,
        (None, Some(found)) => {
            let facts = facts(shell, tenant, &request, outbound, found).await?;
            begin_and_wait(shell, tenant, &once, facts, None).await?
        }
        (None, None) => return Err(unknown()),
    };
    outcome(wait::settled(shell, tenant, id).await?)
}

/// What went out, turned round.
async fn facts(
    shell: &Shell<Labels>,
    tenant: TenantId,
    asked: &PurchaseReturnRequest,
    outbound: ShipmentId,
    found: Shipment,
) -> Result<Facts, Fault> {
    let went = found.facts.request.as_ref().and_then(|out| found.facts.ready(out.version)).cloned();
    let (Some(out), Some(by)) = (found.facts.request, found.facts.offer) else {
        return Err(Fault::failed_precondition(codes::STATE, "nothing was bought"));
    };
    if found.state != State::Bought || out.way_back {
        let text = "only a bought shipment that went out has a way back";
        return Err(Fault::failed_precondition(codes::STATE, text));
    }
    let (site, account) = references(shell, tenant, asked, &out, &by).await?;
    let carrier = colibri_carriers::by_id(&account.1)
        .ok_or_else(|| bad("account_id", "UNKNOWN", "its carrier is not installed here"))?;
    if options::seller(carrier, true).is_none() {
        let text = format!("{} sells no labels for the way back here", carrier.info().name);
        return Err(Fault::failed_precondition(codes::NOT_OFFERED, text));
    }
    let (from, to) = (out.country.parse().ok(), site.country.parse().ok());
    let service = match asked.service.as_str() {
        "" => carrier.service_back(&by.service, from, to).to_owned(),
        named => named.to_owned(),
    };
    if !carrier.info().services.iter().any(|(code, _)| *code == service) {
        return Err(bad("service", "UNKNOWN", "no service of this carrier"));
    }
    let parcels = if asked.parcels.is_empty() { out.parcels } else { asked.parcels.clone() };
    let home = site.country == out.origin_country;
    let declared = went.map(|went| back::declaration(&went, &asked.contents, parcels.len(), home));
    let declared = declared.transpose().map_err(not_sent)?;
    let drop_off = asked.drop_off.clone().filter(|_| carrier.names_drop_off());
    let named = drop_off.iter().map(|_| OptionKind::ServicePoint.as_str().to_owned());
    let at = Some(timestamp(shell.host.clock.now()));
    let request = FulfilmentRequested {
        tenant_id: tenant.to_string(),
        site_id: site.site_id.to_string(),
        origin_country: out.country,
        subject_ref: out.subject_ref,
        country: site.country,
        parcels,
        value: out.value,
        version: 1,
        at,
        options: named.collect(),
        service_point: drop_off,
        way_back: true,
        outbound_shipment_id: outbound.to_string(),
        ..FulfilmentRequested::default()
    };
    let offer = OfferChosen {
        tenant_id: tenant.to_string(),
        carrier: account.1,
        service,
        account_id: account.0.to_string(),
        version: 1,
        at,
        ..OfferChosen::default()
    };
    let facts = Facts::of_request(request).join(Facts::of_offer(offer));
    Ok(match declared {
        Some(ready) => facts.join(Facts::of_declaration(Declared::Ready(Box::new(ready)))),
        None => facts,
    })
}

/// Contents that did not go out, by the entry at fault.
fn not_sent(wrong: Wrong) -> Fault {
    let (field, code) = match wrong {
        Wrong::Sku(at) => (format!("contents[{at}].sku"), "UNKNOWN"),
        Wrong::Quantity(at) => (format!("contents[{at}].quantity"), "RANGE"),
        Wrong::Parcel(at) => (format!("contents[{at}].parcel"), "UNKNOWN"),
        Wrong::Untold => ("contents".to_owned(), "MISSING"),
    };
    let text = wrong.to_string();
    Fault::reject(codes::NOT_SENT, text.clone()).field(field, code, text)
}

/// Counts what comes back by this label with what comes back by others, under the lock of what went
/// out: of two that ask at once the second sees the first.
///
/// # Errors
/// [`Fault::Reject`] `LBL0022` when together they carry more than went out.
pub async fn counted(
    db: &mut PgConnection,
    own: &Shipment,
    outbound: ShipmentId,
) -> Result<(), Fault> {
    let tenant = own.tenant_id;
    let went = shipments::lock_one(db, outbound, tenant).await?.ok_or_else(unknown)?;
    let version = went.facts.request.as_ref().map(|out| out.version).unwrap_or_default();
    let (Some(out), Some(back)) = (went.facts.ready(version), own.facts.ready(own_version(own)))
    else {
        return Ok(());
    };
    let others = shipments::ways_back(db, outbound, tenant).await?;
    let others = others.iter().filter_map(|one| one.facts.ready(own_version(one)));
    match back::too_many(out, others.chain([back])) {
        None => Ok(()),
        Some(_) => {
            let text = "with what comes back under other labels it is more than went out";
            Err(Fault::reject(codes::NOT_SENT, text).field("contents", "RANGE", text))
        }
    }
}

fn own_version(shipment: &Shipment) -> u64 {
    shipment.facts.request.as_ref().map(|request| request.version).unwrap_or_default()
}

/// Where it goes, and by which account: as told, else as it went out.
async fn references(
    shell: &Shell<Labels>,
    tenant: TenantId,
    asked: &PurchaseReturnRequest,
    out: &FulfilmentRequested,
    by: &OfferChosen,
) -> Result<(Site, (AccountId, String)), Fault> {
    let site = if asked.site_id.is_empty() { &out.site_id } else { &asked.site_id };
    let account = if asked.account_id.is_empty() { &by.account_id } else { &asked.account_id };
    let site = site_id(site)?;
    let account: AccountId =
        account.parse().map_err(|_| bad("account_id", "MALFORMED", "an id of an account"))?;
    let mut cx = shell.begin(tenant).await?;
    let found = reference::find_site(cx.db(), site, tenant).await?;
    let facts = reference::find_account(cx.db(), account, tenant).await?;
    cx.rollback().await;
    let found = found.ok_or_else(|| bad("site_id", "UNKNOWN", "no such site of this tenant"))?;
    let facts = facts.ok_or_else(|| bad("account_id", "UNKNOWN", "no such carrier account"))?;
    Ok((found, (account, facts.carrier)))
}
