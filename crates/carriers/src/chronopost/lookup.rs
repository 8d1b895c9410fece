//! Finding a purchase whose answer was lost, by our reference.
//!
//! `trackWithSenderRef` answers with at most ten parcels; for larger shipments `trackSearch` asks
//! for the parcels of some days with that reference. Labels are not found again. The carrier sells
//! a second shipment under the same reference without a word, so any other count than was asked for
//! is in doubt.

use bytes::Bytes;
use time::Duration;

use super::{
    Chronopost,
    shipment::french_day,
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, Lookup, Purchase, Shipment, Step,
    wire::xml::Element,
};

const FEW: &str = "trackWithSenderRef";
const MANY: &str = "trackSearch";
/// Most parcels that the first of these answers with.
const FEW_MAX: usize = 10;
/// Until a purchase is known to tracking: minutes, by experience; half an hour is safe.
const SETTLE: Duration = Duration::minutes(30);

impl Lookup for Chronopost {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        let reference = &shipment.attempt_ref;
        if shipment.parcels.len() <= FEW_MAX {
            return soap::request(call, &soap::TRACKING, FEW, |w| {
                soap::credentials(call, w);
                w.leaf("language", "fr_FR").leaf("sendersRef", reference);
            });
        }
        // One day more on both sides, since the carrier's day is not stated.
        let today = call.now.date();
        let (from, to) = (today.min(shipment.ship_date), today.max(shipment.ship_date));
        let from = french_day(from.previous_day().unwrap_or(from)).unwrap_or_default();
        let to = french_day(to.next_day().unwrap_or(to)).unwrap_or_default();
        soap::request(call, &soap::TRACKING, MANY, |w| {
            soap::credentials(call, w);
            w.leaf("language", "fr_FR").leaf("dateDeposit", &from).leaf("dateEndDeposit", &to);
            w.leaf("parcelState", "ANY").leaf("sendersRef", reference).leaf("serviceCode", "ALL");
        })
    }

    fn response(
        &self,
        _call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        let few = shipment.parcels.len() <= FEW_MAX;
        let operation = if few { FEW } else { MANY };
        let result = soap::result(response, operation, Stake::Nothing)?;
        let code = soap::code(&result, "errorCode")?;
        Ok(Step::Done(match code {
            0 => found(&result, shipment),
            // The codes of these operations are not documented: none of them proves anything.
            _ => Found::Unclear(format!("the question was answered with {code}")),
        }))
    }
}

fn found(result: &Element, shipment: &Shipment) -> Found {
    let parcels = result.all("listParcel").chain(result.all("listInfosPOD"));
    let ours = |parcel: &&Element| {
        let reference = parcel.get("shipperRef");
        reference.is_none_or(|reference| reference == shipment.attempt_ref)
    };
    let parcels: Vec<&Element> = parcels.filter(ours).collect();
    let mut numbers: Vec<String> =
        parcels.iter().filter_map(|p| p.get("skybillNumber")).map(str::to_owned).collect();
    if numbers.len() != parcels.len() {
        return Found::Unclear("a parcel without a number".to_owned());
    }
    // Numbers are given upwards inside a shipment: the lowest is the first parcel's.
    numbers.sort();
    numbers.dedup();
    let (count, wanted) = (numbers.len(), shipment.parcels.len());
    match numbers.first() {
        None => Found::Nothing,
        Some(first) if count == wanted => {
            let label = |tracking_number: &String| Label {
                tracking_number: tracking_number.clone(),
                format: shipment.format,
                data: Bytes::new(),
            };
            let labels = numbers.iter().map(label).collect();
            let shipment_number = first.clone();
            Found::Purchase(Box::new(Purchase { shipment_number, labels, charge: None }))
        }
        Some(_) => Found::Unclear(format!("{count} parcels under the reference of {wanted}")),
    }
}
