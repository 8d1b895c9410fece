//! From rows to what a carrier is asked.

use colibri_carriers::{Contact, ManifestRequest, Pickup as Confirmed, PickupRequest};
use colibri_events::{
    labels::v1::{BookPickupRequest, Manifest, Pickup},
    vault::v1::Field,
};
use colibri_kit::fault::Fault;
use colibri_types::{Grams, ParcelId, ShipmentId};
use colibri_vault_client::{Opened, value};
use prost::Message as _;
use sqlx::PgConnection;
use time::Time;

use super::errand::Job;
use crate::{
    grpc::ask,
    store::errands::{self, Errand, Kind},
};

/// Parcels that an errand names.
pub async fn parcels(db: &mut PgConnection, row: &Errand) -> Result<Vec<ParcelId>, Fault> {
    match row.kind {
        Kind::Pickup => {
            let asked = BookPickupRequest::decode(row.asked.as_slice()).map_err(Fault::bug)?;
            let ids: Vec<ShipmentId> =
                asked.shipment_ids.iter().filter_map(|id| id.parse().ok()).collect();
            errands::parcels_of(db, row.tenant_id, &ids).await
        }
        Kind::Manifest => {
            let shown = Manifest::decode(row.shown.as_slice()).map_err(Fault::bug)?;
            Ok(shown.parcel_ids.iter().filter_map(|id| id.parse().ok()).collect())
        }
    }
}

/// Their numbers, in order; a parcel whose person is erased has none any more and is left out.
pub fn numbers(parcels: &[ParcelId], opened: &Opened) -> Result<Vec<String>, Fault> {
    let mut numbers = Vec::with_capacity(parcels.len());
    for parcel in parcels {
        let fields = opened.record(&parcel.to_string())?.unwrap_or_default();
        numbers.extend(value(fields, Field::TrackingNumber).map(str::to_owned));
    }
    Ok(numbers)
}

/// The job of a row that is not done yet.
pub fn job(
    row: &Errand,
    reference: String,
    site: Contact,
    tracking_numbers: Vec<String>,
) -> Result<Job, Fault> {
    if row.kind == Kind::Manifest {
        let date = row.day;
        return Ok(Job::Close(ManifestRequest { reference, site, date, tracking_numbers }));
    }
    let asked = BookPickupRequest::decode(row.asked.as_slice()).map_err(Fault::bug)?;
    Ok(Job::Book(PickupRequest {
        reference,
        address: site,
        date: row.day,
        ready: clock(&asked.ready).ok_or_else(|| Fault::bug("ready: no time"))?,
        close: clock(&asked.close).ok_or_else(|| Fault::bug("close: no time"))?,
        service: asked.service,
        destination: asked.destination_country.parse().ok(),
        parcels: asked.parcels,
        weight: Grams(asked.weight_g),
        tracking_numbers,
        instructions: asked.instructions,
    }))
}

/// What the carrier confirmed, as a cancellation repeats it.
pub fn confirmed(row: &Errand) -> Result<Confirmed, Fault> {
    let asked = BookPickupRequest::decode(row.asked.as_slice()).map_err(Fault::bug)?;
    let shown = Pickup::decode(row.shown.as_slice()).map_err(Fault::bug)?;
    let date = match &shown.day {
        Some(day) => ask::day(day, "day")?,
        None => row.day,
    };
    let location = row.location.clone();
    Ok(Confirmed { confirmation: shown.confirmation, date, location, service: asked.service })
}

/// `14:05` as a time.
pub fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(hour) && digits(minute)) {
        return None;
    }
    Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        assert_eq!(clock("14:05"), Time::from_hms(14, 5, 0).ok());
        for wrong in ["", "14", "9:00", "24:00", "12:60", "1 :00", "12:5x", "+1:00"] {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }
}
