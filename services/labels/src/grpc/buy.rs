//! A purchase without an order: what an internal system asks for.

use colibri_carrier_client::AccountFacts;
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
use colibri_types::TenantId;
use colibri_vault_client::{codes as vault, refusal};

use super::{
    begin::{AtHand, begin_and_wait},
    check::{self, Checked},
    once::Once,
    wait,
};
use crate::{
    Labels,
    domain::Facts,
    error::codes,
    intents::record::timestamp,
    store::reference::{self, Site},
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
            let (site, account) = references(&mut cx, tenant, &checked, &request).await?;
            cx.rollback().await;
            let (subject_ref, recipient) = put_recipient(shell, tenant, &request).await?;
            let carrier = account.carrier.clone();
            let facts = facts(shell, &request, &checked, site.clone(), carrier, subject_ref);
            let at_hand = AtHand { site, account, recipient };
            begin_and_wait(shell, tenant, &once, facts, Some(at_hand)).await?
        }
    };
    outcome(wait::settled(shell, tenant, shipment_id).await?)
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
        field => fault.field(field, "NOT_ACCEPTED", &shipment.reason),
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

/// Site and account of the purchase, both the tenant's own.
async fn references(
    cx: &mut Cx<Labels>,
    tenant: TenantId,
    checked: &Checked,
    request: &PurchaseRequest,
) -> Result<(Site, AccountFacts), Fault> {
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
    Ok((site, account))
}

/// The recipient's ref, and what was put.
async fn put_recipient(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: &PurchaseRequest,
) -> Result<(String, Vec<FieldValue>), Fault> {
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
    let refs = shell.state.vault.put(tenant, std::slice::from_ref(&record)).await;
    let refs = refs.map_err(|status| match refusal(&status).as_deref() {
        Some(vault::FIELD | vault::SIZE) => Fault::reject(
            codes::FIELD,
            "the recipient cannot be kept",
        )
        .field("recipient", "NOT_ACCEPTED", "too long"),
        _ => status.into(),
    })?;
    let subject_ref = refs.into_iter().next();
    Ok((subject_ref.ok_or_else(|| Fault::bug("the vault answered no ref"))?, record.fields))
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
