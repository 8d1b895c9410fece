//! Finding a purchase whose answer was lost, by our reference.
//!
//! Two questions: `tracking/parcels` around today, and, when that lists nothing, the labels again
//! by the reference. Both, because GLS also writes that a search finds only what an end of day has
//! sent. The search answers with a list, so that a no can only be the second question's; only a no
//! that says "not found" counts.

use time::Duration;

use super::{
    Gls,
    common::{self, Stake, day_at},
    labels,
    wire::FindParcels,
    wire_in::{FoundBody, UnitItem},
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, Lookup, Purchase, Shipment, Step,
};

/// Until a purchase can be searched. Not documented: a first value of ours.
const SETTLE: Duration = Duration::seconds(60);

impl Lookup for Gls {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        let today = day_at(call.now, shipment.sender.country);
        let body = FindParcels {
            shipment_reference: &shipment.attempt_ref,
            // A day more on both sides: a purchase may have been made before midnight.
            date_from: today.previous_day().unwrap_or(today).to_string(),
            date_to: today.next_day().unwrap_or(today).to_string(),
        };
        common::shipit_with(call, "/tracking/parcels", &body)
    }

    fn response(
        &self,
        call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        if !common::is_success(response) {
            return match common::failure(response, Stake::Nothing) {
                CarrierError::Refused { code, message } if none_found(&code, &message) => {
                    Ok(Step::Done(Found::Nothing))
                }
                CarrierError::Refused { code, .. } => {
                    Ok(Step::Done(Found::Unclear(format!("GLS refused the question with {code}"))))
                }
                other => Err(other),
            };
        }
        let text = common::text(&response.body);
        let body: FoundBody<'_> = common::json(&text)?;
        if let Some(created) = body.created_shipment.get() {
            let found = created.parcel_data.0.len();
            let purchase = labels::purchase(created, shipment);
            return Ok(Step::Done(match purchase {
                Some(purchase) if found == shipment.parcels.len() => {
                    Found::Purchase(Box::new(purchase))
                }
                _ => mismatch(found, shipment),
            }));
        }
        let Some(items) = body.unit_items else {
            return Err(CarrierError::garbled("neither UnitItems nor CreatedShipment"));
        };
        if items.0.is_empty() {
            return Ok(Step::Next(labels::again_by_reference(call, shipment)));
        }
        Ok(Step::Done(listed(&items.0, shipment)))
    }
}

/// GLS's documents name no code for an unknown reference: its words must say it.
fn none_found(code: &str, message: &str) -> bool {
    let words = format!("{code} {message}").to_ascii_lowercase().replace('_', " ");
    words.contains("not found") || (words.contains("no ") && words.contains("found"))
}

fn mismatch(found: usize, shipment: &Shipment) -> Found {
    let asked = shipment.parcels.len();
    Found::Unclear(format!("{found} parcels under the reference of {asked}"))
}

/// Parcels known by their numbers only; each label can be asked for by its number.
fn listed(items: &[UnitItem<'_>], shipment: &Shipment) -> Found {
    let mut parcels = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let place = labels::place(&item.shipment_unit_reference, shipment).unwrap_or(position);
        match (item.parcel_number.owned(), item.track_id.owned()) {
            (Some(number), Some(id)) => parcels.push((place, id, number)),
            _ => return Found::Unclear("a parcel without its numbers".to_owned()),
        }
    }
    if parcels.len() != shipment.parcels.len() {
        return mismatch(parcels.len(), shipment);
    }
    parcels.sort();
    let ids: Vec<&str> = parcels.iter().map(|(_, id, _)| id.as_str()).collect();
    let shipment_number = ids.join(",");
    let label = |tracking_number| Label {
        tracking_number,
        format: shipment.format,
        data: bytes::Bytes::new(),
    };
    let labels = parcels.into_iter().map(|(.., number)| label(number)).collect();
    Found::Purchase(Box::new(Purchase { shipment_number, labels, charge: None }))
}
