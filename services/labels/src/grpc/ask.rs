//! Questions to carriers: points, prices, checks. Without effect, so they are asked at once, with
//! no transaction open, through the egress limits; nothing of the answer is kept.

use std::{sync::Arc, time::Duration};

use colibri_carrier_client::{AccountHandle, CallError};
use colibri_carriers::{Call, Contact, HttpRequest, HttpResponse, Rejection, Step};
use colibri_events::{
    labels::v1::{PurchaseRequest, Wishes},
    types::v1::{Address, Date as WireDate, Money, Parcel},
    vault::v1::Flow,
};
use colibri_kit::{fault::Fault, intent, rpc, service::Shell};
use colibri_types::{AccountId, ShipmentId, SiteId, TenantId};
use colibri_vault_client::ADDRESS;
use time::{Date, Month};
use uuid::Uuid;

use super::{buy, check};
use crate::{
    Labels,
    domain::{
        build::{self, Parts, Words},
        options,
    },
    error::{codes, gone},
    store::reference,
};

/// Kept of the caller's time for the way back.
const RESERVE: Duration = Duration::from_millis(200);

/// A field that cannot be taken.
pub fn bad(field: &str, code: &str, text: &str) -> Fault {
    Fault::reject(codes::FIELD, "the request has fields that cannot be taken")
        .field(field, code, text)
}

/// The carrier has no such call.
pub fn not_offered(handle: &AccountHandle) -> Fault {
    let name = handle.carrier.info().name;
    Fault::failed_precondition(codes::NOT_OFFERED, format!("{name} does not offer it here"))
}

/// Opens an account of the tenant.
pub async fn account(
    shell: &Shell<Labels>,
    tenant: TenantId,
    account_id: &str,
) -> Result<Arc<AccountHandle>, Fault> {
    let account: AccountId =
        account_id.parse().map_err(|_| bad("account_id", "MALFORMED", "an id of an account"))?;
    let mut cx = shell.begin(tenant).await?;
    let facts = reference::find_account(cx.db(), account, tenant).await?;
    cx.rollback().await;
    let facts = facts.ok_or_else(|| bad("account_id", "UNKNOWN", "no such carrier account"))?;
    shell.state.carriers.account_of(&facts).await.map_err(|error| {
        let text = colibri_kit::fault::chain(&error);
        if error.clears_by_itself() {
            Fault::retry(text)
        } else {
            Fault::failed_precondition(codes::ACCOUNT, text)
        }
    })
}

/// The address of a site, opened to be told to a carrier.
pub async fn site(state: &Labels, tenant: TenantId, address_ref: &str) -> Result<Contact, Fault> {
    if let Some(kept) = state.sites.get(tenant, address_ref) {
        return Ok(kept);
    }
    let refs = [address_ref.to_owned()];
    let opened = state.vault.reveal(tenant, Flow::SiteTell, ADDRESS, refs).await?;
    let contact = build::contact(opened.record(address_ref)?.ok_or_else(gone)?);
    state.sites.keep(tenant, address_ref, contact.clone());
    Ok(contact)
}

/// Asks until there is an answer; no longer than the caller waits.
pub async fn ask<T, B, R>(
    shell: &Shell<Labels>,
    handle: &AccountHandle,
    build: B,
    read: R,
) -> Result<T, CallError>
where
    B: Fn(&Call<'_>) -> Result<HttpRequest, Rejection> + Send + Sync,
    R: Fn(&Call<'_>, &HttpResponse) -> Result<Step<T>, colibri_carriers::CarrierError>
        + Send
        + Sync,
{
    let state = &shell.state;
    let most = state.config.call_timeout();
    let left = rpc::deadline().map_or(most, |left| left.saturating_sub(RESERVE));
    let first = state.carriers.first(handle, &build).await?;
    state.carriers.ask(handle, first, &build, &read, most.min(left)).await
}

/// A question that came to nothing.
pub fn unanswered(error: CallError) -> Fault {
    match error {
        CallError::Rejected(no) => bad(no.field, "NOT_ACCEPTED", &no.reason),
        CallError::Refused { code } => {
            let text = format!("refused by the carrier ({code})");
            Fault::failed_precondition(codes::REFUSED, text)
        }
        CallError::Unauthorised { code } => {
            let text = format!("the carrier does not accept the credentials ({code})");
            Fault::failed_precondition(codes::ACCOUNT, text)
        }
        CallError::NotSent { reason, .. } => Fault::unavailable(codes::BUSY, reason),
        CallError::Later { code, .. } => {
            Fault::unavailable(codes::BUSY, format!("the carrier is busy ({code})"))
        }
        CallError::Unclear { .. } => {
            Fault::unavailable(codes::BUSY, "the carrier gave no answer that can be read")
        }
    }
}

/// A shipment that is only asked about.
pub struct Question<'a> {
    /// Where it would leave.
    pub site_id: &'a str,
    /// By whom.
    pub account_id: &'a str,
    /// Empty: any, where the carrier can say.
    pub service: &'a str,
    /// Where it would go, in clear; kept nowhere.
    pub recipient: Option<&'a Address>,
    /// What would go.
    pub parcels: &'a [Parcel],
    /// How.
    pub wishes: Option<&'a Wishes>,
}

/// The account and the shipment of a question.
pub async fn shipment(
    shell: &Shell<Labels>,
    tenant: TenantId,
    question: &Question<'_>,
) -> Result<(Arc<AccountHandle>, colibri_carriers::Shipment), Fault> {
    let as_purchase = PurchaseRequest {
        request_id: "question".to_owned(),
        site_id: question.site_id.to_owned(),
        account_id: question.account_id.to_owned(),
        // The form wants one; whether the carrier does is its own matter.
        service: if question.service.is_empty() { "any" } else { question.service }.to_owned(),
        recipient: question.recipient.cloned(),
        parcels: question.parcels.to_vec(),
        wishes: question.wishes.cloned(),
        ..PurchaseRequest::default()
    };
    let checked = check::purchase(&as_purchase)?;
    let mut cx = shell.begin(tenant).await?;
    let found = reference::find_site(cx.db(), checked.site_id, tenant).await?;
    cx.rollback().await;
    let found = found.ok_or_else(|| bad("site_id", "UNKNOWN", "no such site of this tenant"))?;
    let handle = account(shell, tenant, question.account_id).await?;
    let info = handle.carrier.info();
    let known = question.service.is_empty()
        || info.services.iter().any(|(code, _)| *code == question.service);
    if !known {
        return Err(bad("service", "UNKNOWN", "no service of this carrier"));
    }
    let sender = site(&shell.state, tenant, &found.address_ref).await?;
    let carrier = info.id.to_owned();
    let facts = buy::facts(shell, &as_purchase, &checked, found, carrier, String::new());
    let (Some(request), Some(mut offer)) = (facts.request, facts.offer) else {
        return Err(Fault::bug("a purchase of no facts"));
    };
    question.service.clone_into(&mut offer.service);
    let config = &shell.state.config;
    let parts = Parts {
        request: &request,
        offer: &offer,
        declared: None,
        shipment_id: ShipmentId::generate(),
        attempt_ref: intent::reference(Uuid::now_v7()),
        format: build::format(config.format_of(info.id), info.formats)
            .ok_or_else(|| Fault::bug("a carrier of labels without formats"))?,
        now: shell.state.carriers.now(),
        goods: &config.goods,
        sides: config.box_mm.0,
    };
    let safe_place = question.wishes.map(|wishes| wishes.safe_place.clone()).unwrap_or_default();
    let words = Words { safe_place, ..Words::default() };
    let recipient = contact(question.recipient.unwrap_or(&Address::default()));
    let built = build::shipment(&parts, sender, recipient, words)
        .and_then(|shipment| options::sold(info, &shipment.options).map(|()| shipment));
    let built = built.map_err(|no| bad(no.field, "NOT_ACCEPTED", &no.reason))?;
    Ok((handle, built))
}

/// An address as a caller tells it.
pub fn contact(address: &Address) -> Contact {
    let lines = address.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    Contact {
        name: address.name.clone(),
        company: address.company.clone(),
        lines: lines.map(str::to_owned).collect(),
        city: address.city.clone(),
        postcode: address.postcode.clone(),
        subdivision: address.subdivision.clone(),
        country: address.country.parse().ok(),
        phone: address.phone.clone(),
        email: address.email.clone(),
    }
}

/// A calendar day of the wire.
pub fn day(date: &WireDate, field: &str) -> Result<Date, Fault> {
    let parts = (u8::try_from(date.month).ok(), u8::try_from(date.day).ok());
    let read = match parts {
        (Some(month), Some(day)) => Month::try_from(month)
            .ok()
            .and_then(|month| Date::from_calendar_date(date.year, month, day).ok()),
        _ => None,
    };
    let read = read.filter(|date| (2000..=2100).contains(&date.year()));
    read.ok_or_else(|| bad(field, "MALFORMED", "a day of the years 2000 to 2100"))
}

/// A calendar day for the wire.
pub fn wire_day(date: Date) -> WireDate {
    let (year, month, day) = date.to_calendar_date();
    WireDate { year, month: u8::from(month).into(), day: day.into() }
}

/// An amount for the wire.
pub fn wire_money(money: colibri_types::Money) -> Money {
    Money { amount_minor: money.amount_minor, currency: money.currency.to_string() }
}

/// The id of a site.
pub fn site_id(text: &str) -> Result<SiteId, Fault> {
    text.parse().map_err(|_| bad("site_id", "MALFORMED", "an id of a site"))
}
