//! When parcels leave, by the sender's clock and as MyDHL writes it.

use time::{Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::customs;
use crate::{Contact, Location, Rejection, Shipment, wire::zone};

/// DHL takes today and up to ten days ahead.
const DAYS_AHEAD_MAX: i64 = 10;

/// The zone of a contact's country, where it has one; else UTC, stated as such.
pub(super) fn offset(contact: &Contact, local: PrimitiveDateTime) -> UtcOffset {
    let place = Location {
        country: contact.country,
        postcode: Some(contact.postcode.clone()),
        ..Location::default()
    };
    zone::of(&place).map_or(UtcOffset::UTC, |zone| zone.offset(local))
}

/// `2026-11-20T17:00:00GMT+01:00`.
pub(super) fn moment(local: PrimitiveDateTime, offset: UtcOffset) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!(
        "{}T{:02}:{:02}:{:02}GMT{sign}{:02}:{:02}",
        customs::day(local.date()),
        local.hour(),
        local.minute(),
        local.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    )
}

/// When the parcels leave: the end of the day's work, or now when that is past.
pub(super) fn planned(now: OffsetDateTime, shipment: &Shipment) -> Result<String, Rejection> {
    let evening = Time::from_hms(17, 0, 0).unwrap_or(Time::MIDNIGHT);
    let local = PrimitiveDateTime::new(shipment.ship_date, evening);
    let offset = offset(&shipment.sender, local);
    let here = now.to_offset(offset);
    let ahead = (shipment.ship_date - here.date()).whole_days();
    // In a country of several zones the day may have ended in UTC while it goes on there.
    let earliest = if offset == UtcOffset::UTC { -1 } else { 0 };
    if !(earliest..=DAYS_AHEAD_MAX).contains(&ahead) {
        return Err(Rejection::new("ship_date", "today or up to ten days ahead"));
    }
    // DHL refuses what is past: a few minutes for the way of the call.
    let soon = here + Duration::minutes(10);
    let soon = PrimitiveDateTime::new(soon.date(), soon.time());
    Ok(moment(local.max(soon), offset))
}
