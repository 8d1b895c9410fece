//! Collections at the shipper: `sporadiccollection`.
//!
//! GLS comes to the address of the contact id, gives no number and takes nothing back. It names
//! the day only, so the hours go to the driver as words.

use super::{
    Gls, address,
    common::{self, Stake, day_at},
    contact_id, services,
    wire::SporadicCollection,
    wire_in::CollectionBody,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, Pickup, PickupRequest, Pickups,
    Rejection, Step, wire::when,
};

/// `AdditionalInformation`. Not documented: room for a line.
const INFORMATION_MAX: usize = 120;
/// Parcels of one collection. Not documented: beyond, a lorry is ordered otherwise.
const PARCELS_MAX: u32 = 9_999;

impl Pickups for Gls {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let reject = |field, reason: &str| Err(Rejection::new(field, reason));
        let Some(country) = pickup.address.country else {
            return reject("address.country", "is missing");
        };
        if pickup.close <= pickup.ready {
            return reject("close", "later than the parcels are ready");
        }
        if pickup.date < day_at(call.now, Some(country)) {
            return reject("date", "today or later");
        }
        if pickup.parcels == 0 || pickup.parcels > PARCELS_MAX {
            return Err(Rejection::new("parcels", format!("1 to {PARCELS_MAX}")));
        }
        let unknown = || Rejection::new("service", "no GLS service of this connector");
        let product = match pickup.service.as_str() {
            "" => "PARCEL",
            code => services::product(code).ok_or_else(unknown)?.0,
        };
        let contact_id = contact_id(call.account)
            .map_err(|error| Rejection::new("account.contact_id", error.reason))?;
        let weight = services::number(&pickup.weight.to_kg_text());
        let words = address::printable(&pickup.instructions, "instructions")?;
        let (ready, close) = (pickup.ready, pickup.close);
        let information = format!(
            "{} {:02}:{:02}-{:02}:{:02} {words}",
            pickup.reference,
            ready.hour(),
            ready.minute(),
            close.hour(),
            close.minute(),
        );
        let body = SporadicCollection {
            contact_id,
            preferred_pick_up_date: pickup.date.to_string(),
            number_of_parcels: pickup.parcels,
            product,
            expected_total_weight: weight
                .ok_or_else(|| Rejection::new("weight", "is no number"))?,
            contains_haz_goods: false,
            additional_information: address::cut(information.trim_end(), INFORMATION_MAX),
        };
        Ok(common::shipit_with(call, "/sporadiccollection", &body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Money));
        }
        let text = common::text(&response.body);
        let body: CollectionBody<'_> = common::json(&text)?;
        let day = body.estimated_pick_up_date.get().and_then(|text| text.get(..10));
        let day = day.and_then(|text| when::iso(text, &Location::default()).0);
        let day = day.ok_or_else(|| CarrierError::garbled("no EstimatedPickUpDate"))?;
        Ok(Step::Done(Pickup {
            confirmation: pickup.reference.clone(),
            date: day.local.date(),
            location: String::new(),
            service: pickup.service.clone(),
        }))
    }
}
