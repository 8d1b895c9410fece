//! A purchase without an order: what an internal system asks for.

use colibri_carriers::OptionKind;
use colibri_events::{
    labels::v1::{PurchaseRequest, Shipment as Shown, ShipmentState, Wishes},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
    types::v1::Address,
    vault::v1::{Field, FieldValue, Record},
};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::{ShipmentId, TenantId};
use colibri_vault_client::{codes as vault, refusal};

use super::{
    check::{self, Checked},
    once::Once,
    wait,
};
use crate::{
    Labels,
    domain::Facts,
    error::codes,
    handlers::intend,
    intents::record::timestamp,
    store::{
        errands,
        reference::{self, Site},
        shipments::{self, Key},
    },
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "purchase";

/// Buys, or answers what an earlier call with this request id bought.
pub async fn purchase(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: PurchaseRequest,
) -> Result<Shown, Fault> {
    let checked = check::purchase(&request)?;
    let once = Once::new(ROUTE, &request.request_id, &bare(&request));
    let mut cx = shell.begin(tenant).await?;
    let known = once.earlier(&mut cx, tenant).await?;
    let shipment_id = match known {
        Some(shipment_id) => {
            cx.rollback().await;
            shipment_id
        }
        None => {
            let (site, carrier) = references(&mut cx, tenant, &checked, &request).await?;
            cx.rollback().await;
            let subject_ref = put_recipient(shell, tenant, &request).await?;
            let facts = facts(shell, &request, &checked, site, carrier, subject_ref);
            begin_and_wait(shell, tenant, &once, facts).await?
        }
    };
    outcome(wait::settled(shell, tenant, shipment_id).await?)
}

/// Begins, and waits for the first news.
pub(super) async fn begin_and_wait(
    shell: &Shell<Labels>,
    tenant: TenantId,
    once: &Once,
    facts: Facts,
) -> Result<ShipmentId, Fault> {
    let shipment_id = ShipmentId::generate();
    let waiter = shell.state.waiters.join(shipment_id);
    let news = waiter.woken();
    tokio::pin!(news);
    // Before the shipment is there: what happens to it is not missed.
    news.as_mut().enable();
    let own = begin(shell, tenant, shipment_id, once, facts).await?;
    if own == shipment_id {
        wait::first_news(news).await;
    }
    Ok(own)
}

/// A refusal is an error of the call; everything else is told by the state.
pub(super) fn outcome(shipment: Shown) -> Result<Shown, Fault> {
    if shipment.state() != ShipmentState::Refused {
        return Ok(shipment);
    }
    let known = codes::ALL.iter().find(|(code, _)| *code == shipment.code);
    let Some((code, meaning)) = known else {
        return Ok(shipment);
    };
    let text = match shipment.carrier_code.as_str() {
        "" => (*meaning).to_owned(),
        carrier => format!("{meaning} ({carrier})"),
    };
    let fault = Fault::failed_precondition(code, text);
    Err(match shipment.field.as_str() {
        "" => fault,
        field => fault.field(field, "NOT_ACCEPTED", "the carrier cannot take it"),
    })
}

/// What must be the same when a request id comes again: everything but the person.
fn bare(request: &PurchaseRequest) -> PurchaseRequest {
    PurchaseRequest {
        request_id: String::new(),
        recipient: request
            .recipient
            .as_ref()
            .map(|to| Address { country: to.country.clone(), ..Address::default() }),
        order_number: String::new(),
        wishes: request
            .wishes
            .as_ref()
            .map(|wishes| Wishes { safe_place: String::new(), ..wishes.clone() }),
        ..request.clone()
    }
}

/// Site and carrier of the purchase, both the tenant's own.
async fn references(
    cx: &mut Cx<Labels>,
    tenant: TenantId,
    checked: &Checked,
    request: &PurchaseRequest,
) -> Result<(Site, String), Fault> {
    let no = |field: &'static str, text: &'static str| {
        Fault::reject(codes::FIELD, text).field(field, "UNKNOWN", text)
    };
    let site = reference::find_site(cx.db(), checked.site_id, tenant).await?;
    let site = site.ok_or_else(|| no("site_id", "no such site of this tenant"))?;
    let account = reference::find_account(cx.db(), checked.account_id, tenant).await?;
    let account = account.ok_or_else(|| no("account_id", "no such carrier account"))?;
    let carrier = colibri_carriers::by_id(&account.carrier)
        .ok_or_else(|| no("account_id", "its carrier is not installed here"))?;
    let services = carrier.info().services;
    if !services.iter().any(|(code, _)| *code == request.service) {
        return Err(no("service", "no service of this carrier"));
    }
    Ok((site, account.carrier))
}

async fn put_recipient(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: &PurchaseRequest,
) -> Result<String, Fault> {
    let to = request.recipient.clone().unwrap_or_default();
    let fields = [
        (Field::Name, to.name),
        (Field::Company, to.company),
        (Field::Street, to.lines.join("\n")),
        (Field::City, to.city),
        (Field::Postcode, to.postcode),
        (Field::Subdivision, to.subdivision),
        (Field::Country, to.country),
        (Field::Phone, to.phone),
        (Field::Email, to.email),
        (Field::OrderNumber, request.order_number.clone()),
        (Field::SafePlace, request.wishes.clone().unwrap_or_default().safe_place),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let record = Record {
        external_key: format!("label:{}", request.request_id),
        fields: fields.map(|(field, value)| FieldValue { field: field.into(), value }).collect(),
        ..Record::default()
    };
    let refs = shell.state.vault.put(tenant, &[record]).await.map_err(|status| {
        match refusal(&status).as_deref() {
            Some(vault::FIELD | vault::SIZE) => Fault::reject(
                codes::FIELD,
                "the recipient cannot be kept",
            )
            .field("recipient", "NOT_ACCEPTED", "too long"),
            _ => status.into(),
        }
    })?;
    refs.into_iter().next().ok_or_else(|| Fault::bug("the vault answered no ref"))
}

/// The two facts that an order and an offer would have told.
pub(super) fn facts(
    shell: &Shell<Labels>,
    request: &PurchaseRequest,
    checked: &Checked,
    site: Site,
    carrier: String,
    subject_ref: String,
) -> Facts {
    let at = Some(timestamp(shell.host.clock.now()));
    let wishes = request.wishes.clone().unwrap_or_default();
    let asked = FulfilmentRequested {
        options: words(&wishes),
        insured_value: wishes.insured_value,
        cash_on_delivery: wishes.cash_on_delivery,
        service_point: wishes.service_point,
        tenant_id: site.tenant_id.to_string(),
        site_id: site.site_id.to_string(),
        origin_country: site.country,
        subject_ref,
        country: checked.country.to_string(),
        parcels: request.parcels.clone(),
        version: 1,
        at,
        ..FulfilmentRequested::default()
    };
    let offer = OfferChosen {
        tenant_id: site.tenant_id.to_string(),
        carrier,
        service: request.service.clone(),
        account_id: checked.account_id.to_string(),
        version: 1,
        at,
        ..OfferChosen::default()
    };
    Facts::of_request(asked).join(Facts::of_offer(offer))
}

/// The options of a purchase by their words.
fn words(wishes: &Wishes) -> Vec<String> {
    let asked = [
        (OptionKind::Signature, wishes.signature),
        (OptionKind::Saturday, wishes.saturday),
        (OptionKind::Insurance, wishes.insured_value.is_some()),
        (OptionKind::CashOnDelivery, wishes.cash_on_delivery.is_some()),
        (OptionKind::ServicePoint, wishes.service_point.is_some()),
        (OptionKind::SafePlace, !wishes.safe_place.is_empty()),
    ];
    let asked = asked.into_iter().filter(|(_, asked)| *asked);
    asked.map(|(kind, _)| kind.as_str().to_owned()).collect()
}

/// Shipment, intent and idempotency row in one transaction; of two calls with one request id the
/// faster one's shipment.
async fn begin(
    shell: &Shell<Labels>,
    tenant: TenantId,
    shipment_id: ShipmentId,
    once: &Once,
    facts: Facts,
) -> Result<ShipmentId, Fault> {
    let mut cx = shell.begin(tenant).await?;
    if !once.note(&mut cx, tenant, &shipment_id.to_string()).await? {
        return once.faster(cx, tenant).await;
    }
    let key = Key { shipment_id, tenant_id: tenant, order_id: None };
    let now = cx.now();
    let mut locked = shipments::lock(cx.db(), &[key], now).await?;
    let mut shipment = locked.pop().ok_or_else(|| Fault::bug("a shipment was not made"))?;
    let with_id = |mut facts: Facts| {
        let id = shipment_id.to_string();
        if let Some(request) = &mut facts.request {
            request.shipment_id.clone_from(&id);
        }
        if let Some(offer) = &mut facts.offer {
            offer.shipment_id = id;
        }
        facts
    };
    shipment.hear(with_id(facts));
    if let Some(work) = shipment.advance() {
        intend(&mut cx, &shipment, work);
    }
    shipments::save(cx.db(), &[&shipment], now).await?;
    let outbound = shipment.facts.request.as_ref().map(|r| r.outbound_shipment_id.parse());
    if let Some(Ok(outbound)) = outbound {
        errands::note_way_back(cx.db(), tenant, shipment_id, outbound).await?;
    }
    cx.commit().await?;
    Ok(shipment_id)
}
