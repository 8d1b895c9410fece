//! A purchase without an order: what an internal system asks for.

use aws_lc_rs::digest;
use colibri_events::{
    labels::v1::{PurchaseRequest, Shipment as Shown, ShipmentState},
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
use prost::Message as _;
use sqlx::Row as _;

use super::{
    check::{self, Checked},
    wait,
};
use crate::{
    Labels,
    domain::Facts,
    error::{codes, peer},
    handlers::intend,
    intents::record::timestamp,
    store::{
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
    let fingerprint = fingerprint(&request);
    let mut cx = shell.begin(tenant).await?;
    let known = earlier(&mut cx, tenant, &request.request_id, &fingerprint).await?;
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
            let shipment_id = ShipmentId::generate();
            let waiter = shell.state.waiters.join(shipment_id);
            let news = waiter.woken();
            tokio::pin!(news);
            // Before the shipment is there: what happens to it is not missed.
            news.as_mut().enable();
            let request_id = &request.request_id;
            let own = begin(shell, tenant, shipment_id, request_id, &fingerprint, facts).await?;
            if own == shipment_id {
                wait::first_news(news).await;
            }
            own
        }
    };
    outcome(wait::settled(shell, tenant, shipment_id).await?)
}

/// A refusal is an error of the call; everything else is told by the state.
fn outcome(shipment: Shown) -> Result<Shown, Fault> {
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

/// What must be the same when a request id comes again: everything but the person. A digest of a
/// name or a street could be guessed back.
fn fingerprint(request: &PurchaseRequest) -> Vec<u8> {
    let bare = PurchaseRequest {
        request_id: String::new(),
        recipient: request
            .recipient
            .as_ref()
            .map(|to| Address { country: to.country.clone(), ..Address::default() }),
        order_number: String::new(),
        ..request.clone()
    };
    digest::digest(&digest::SHA256, &bare.encode_to_vec()).as_ref().to_vec()
}

async fn earlier(
    cx: &mut Cx<Labels>,
    tenant: TenantId,
    request_id: &str,
    fingerprint: &[u8],
) -> Result<Option<ShipmentId>, Fault> {
    let row = sqlx::query(
        "select fingerprint, resource from labels.idempotency
          where tenant_id = $1 and route = $2 and key = $3",
    )
    .bind(tenant.to_uuid())
    .bind(ROUTE)
    .bind(request_id)
    .fetch_optional(cx.db())
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if row.try_get::<Vec<u8>, _>("fingerprint")? != fingerprint {
        let text = "the request id belongs to another purchase";
        let fault = Fault::already_exists(codes::REQUEST_ID, text);
        return Err(fault.field("request_id", "TAKEN", "used with other content"));
    }
    let resource: String = row.try_get("resource")?;
    resource.parse().map(Some).map_err(Fault::bug)
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
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.trim().is_empty());
    let record = Record {
        external_key: format!("label:{}", request.request_id),
        fields: fields.map(|(field, value)| FieldValue { field: field.into(), value }).collect(),
        ..Record::default()
    };
    let refs = shell.state.vault.put(tenant, &[record]).await.map_err(|error| {
        match error.reason.as_deref() {
            Some("VLT0001" | "VLT0002") => Fault::reject(
                codes::FIELD,
                "the recipient cannot be kept",
            )
            .field("recipient", "NOT_ACCEPTED", "too long"),
            _ => peer(&error),
        }
    })?;
    refs.into_iter().next().ok_or_else(|| Fault::bug("the vault answered no ref"))
}

/// The two facts that an order and an offer would have told.
fn facts(
    shell: &Shell<Labels>,
    request: &PurchaseRequest,
    checked: &Checked,
    site: Site,
    carrier: String,
    subject_ref: String,
) -> Facts {
    let at = Some(timestamp(shell.host.clock.now()));
    let asked = FulfilmentRequested {
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

/// Shipment, intent and idempotency row in one transaction; of two calls with one request id the
/// faster one's shipment.
async fn begin(
    shell: &Shell<Labels>,
    tenant: TenantId,
    shipment_id: ShipmentId,
    request_id: &str,
    fingerprint: &[u8],
    facts: Facts,
) -> Result<ShipmentId, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let made = sqlx::query(
        "insert into labels.idempotency (tenant_id, route, key, fingerprint, resource)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(ROUTE)
    .bind(request_id)
    .bind(fingerprint)
    .bind(shipment_id.to_string())
    .execute(cx.db())
    .await?;
    if made.rows_affected() == 0 {
        let known = earlier(&mut cx, tenant, request_id, fingerprint).await?;
        cx.rollback().await;
        return known.ok_or_else(|| Fault::retry("another call with this id is on its way"));
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
    cx.commit().await?;
    Ok(shipment_id)
}
