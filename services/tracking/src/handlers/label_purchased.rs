use std::collections::{BTreeMap, HashSet};

use colibri_events::labels::v1::LabelPurchased;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{AccountId, OrderId, ParcelId, ShipmentId, SubjectRef, TenantId};
use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;

use crate::{
    Tracking,
    domain::state::State,
    error::malformed,
    ingest,
    intents::subscribe,
    store::{
        alerts,
        parcels::{self, Parcel},
    },
};

/// Watches every purchased parcel, and asks its carrier for pushes where it offers them. A slice,
/// so 500 labels are one statement. Idempotent on `parcel_id`.
///
/// # Errors
/// [`Fault::Reject`] `TRK0006` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn label_purchased(
    cx: &mut Cx<Tracking>,
    events: &[LabelPurchased],
) -> Result<(), Fault> {
    let (now, state) = (cx.now(), cx.state());
    // By id: one row per parcel, in the order in which everybody locks.
    let mut bought: BTreeMap<Uuid, Parcel> = BTreeMap::new();
    for event in events {
        let mut parcel = read(event, now)?;
        if ingest::can_poll(&parcel.carrier) {
            let wait = state.plan.of(&parcel.carrier).next(&parcel.situation(now));
            parcel.next_poll_at = wait.map(|wait| now.saturating_add(wait));
        }
        bought.entry(parcel.parcel_id).or_insert(parcel);
    }
    let bought: Vec<Parcel> = bought.into_values().collect();
    let new: HashSet<Uuid> = parcels::watch(cx.db(), &bought).await?.into_iter().collect();
    let new = bought.iter().filter(|parcel| new.contains(&parcel.parcel_id));
    let looks: Vec<alerts::Look> = new.clone().map(|parcel| state.look(parcel, now)).collect();
    alerts::look(cx.db(), &looks).await?;
    if !state.config.public_url.is_empty() {
        subscribe::ask(cx, new);
    }
    Ok(())
}

fn read(event: &LabelPurchased, now: OffsetDateTime) -> Result<Parcel, Fault> {
    let parcel: ParcelId = event.parcel_id.parse().map_err(|_| malformed("parcel_id"))?;
    let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
    let shipment: ShipmentId = event.shipment_id.parse().map_err(|_| malformed("shipment_id"))?;
    let account: AccountId = event.account_id.parse().map_err(|_| malformed("account_id"))?;
    let subject: SubjectRef = event.subject_ref.parse().map_err(|_| malformed("subject_ref"))?;
    let order = match event.order_id.as_str() {
        "" => None,
        text => Some(text.parse::<OrderId>().map_err(|_| malformed("order_id"))?.to_uuid()),
    };
    let purchased_at = event.purchased_at.as_ref().ok_or_else(|| malformed("purchased_at"))?;
    let purchased_at = OffsetDateTime::from_unix_timestamp(purchased_at.seconds)
        .map_err(|_| malformed("purchased_at"))?;
    let asked_at =
        event.asked_at.as_ref().map(|at| OffsetDateTime::from_unix_timestamp(at.seconds));
    let asked_at = asked_at.transpose().map_err(|_| malformed("asked_at"))?;
    let promised = match &event.promised_latest {
        None => None,
        Some(date) => Some(day(date).ok_or_else(|| malformed("promised_latest"))?),
    };
    Ok(Parcel {
        parcel_id: parcel.to_uuid(),
        tenant_id: tenant.to_uuid(),
        shipment_id: shipment.to_uuid(),
        order_id: order,
        account_id: account.to_uuid(),
        carrier: event.carrier.clone(),
        subject_ref: subject.0,
        origin: event.origin_country.clone(),
        destination: event.country.clone(),
        purchased_at,
        asked_at,
        promised,
        voided: false,
        state: State::default(),
        version: 1,
        changed_at: now,
        state_at: now,
        news_at: now,
        next_poll_at: None,
        polls: 0,
        misses: 0,
        pushed_until: None,
        alerts: 0,
    })
}

fn day(date: &colibri_events::types::v1::Date) -> Option<Date> {
    let month = Month::try_from(u8::try_from(date.month).ok()?).ok()?;
    Date::from_calendar_date(date.year, month, u8::try_from(date.day).ok()?).ok()
}
