//! Buying: `POST /shipments`, there and back; the same call checks without buying.
//!
//! Our attempt reference is the first of the customer references, type `CU`, which tracking
//! searches. DHL does not deduplicate on it.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;

use super::{
    DhlExpress,
    common::{self, Stake},
    order::{self, Way},
    wire::{Bought, Document, Ship},
};
use crate::{
    AccountCheck, Call, CarrierError, Check, HttpRequest, HttpResponse, Label, Labels, Method,
    Purchase, Rejection, Shipment, Step,
};

/// Prices come in up to three currencies; this one is billed.
pub(super) const BILLED: &str = "BILLC";

/// Labels for the way back: import shipments that the account pays for.
pub(super) struct Returns;

fn request(
    call: &Call<'_>,
    shipment: &Shipment,
    way: Way,
    check_only: bool,
) -> Result<HttpRequest, Rejection> {
    let body = order::order(call, shipment, way)?;
    // A lane without paperless trade is refused rather than sent without papers.
    let path = format!(
        "/shipments?strictValidation=false&bypassPLTError=false&validateDataOnly={check_only}"
    );
    Ok(common::body(common::call(call, Method::Post, &path), &body))
}

impl Labels for DhlExpress {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        request(call, shipment, Way::There, false)
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        bought(response, shipment).map(Step::Done)
    }
}

impl Labels for Returns {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        request(call, shipment, Way::Back, false)
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        bought(response, shipment).map(Step::Done)
    }
}

impl Check for DhlExpress {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        request(call, shipment, Way::There, true)
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        // What a success holds is not documented, but it is JSON.
        common::json::<Ship<'_>>(&common::text(&response.body)).map(|_| Step::Done(()))
    }
}

impl AccountCheck for DhlExpress {
    /// Asks whether DHL collects in Bonn: free, and answered to known users only.
    fn request(&self, call: &Call<'_>) -> HttpRequest {
        let path = "/address-validate?type=pickup&countryCode=DE&postalCode=53113&cityName=Bonn";
        common::call(call, Method::Get, path)
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        common::json::<Ship<'_>>(&common::text(&response.body)).map(|_| ())
    }

    /// Unified tracking has a key of its own: a number that nobody has is asked for with it.
    fn second(&self, call: &Call<'_>) -> Option<HttpRequest> {
        call.account.field("unified_key")?;
        let path = format!("/track/shipments?trackingNumber={UNSOLD}");
        Some(common::unified(call, Method::Get, &path))
    }

    fn second_response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        match response.status {
            // Known to it, or not: the key was taken.
            200 | 404 => common::json::<Ship<'_>>(&common::text(&response.body)).map(|_| ()),
            _ => Err(common::failure(response, Stake::Nothing)),
        }
    }
}

/// A number of no division, ten digits whose last does not fit.
const UNSOLD: &str = "0000000001";

fn bought(response: &HttpResponse, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    if !common::is_success(response) {
        return Err(common::failure(response, Stake::Money));
    }
    let text = common::text(&response.body);
    let body: Bought<'_> = common::json(&text)?;
    let waybill = body.shipment_tracking_number.owned();
    let waybill = waybill.ok_or_else(|| CarrierError::garbled("no shipmentTrackingNumber"))?;
    let labels = labels(&body, &waybill, shipment)?;
    let charges = &body.shipment_charges.0;
    let billed = charges.iter().find(|price| price.currency_type.get() == Some(BILLED));
    let charge = billed.and_then(|p| common::money(p.price.get(), p.price_currency.get()));
    Ok(Purchase {
        shipment_number: waybill,
        labels,
        // Zero stands for a price that could not be computed.
        charge: charge.filter(|charge| charge.amount_minor > 0),
    })
}

/// One label per parcel: the waybill for one, the piece numbers for several.
fn labels(
    body: &Bought<'_>,
    waybill: &str,
    shipment: &Shipment,
) -> Result<Vec<Label>, CarrierError> {
    let is_label = |document: &&Document<'_>| {
        document.type_code.get().is_some_and(|kind| kind.eq_ignore_ascii_case("label"))
    };
    let files: Vec<&Document<'_>> = body.documents.0.iter().filter(is_label).collect();
    let label = |number: &str, document: Option<&Document<'_>>| {
        Label::of(number.to_owned(), document.map(file), shipment.format)
    };
    if shipment.parcels.len() == 1 {
        return Ok(vec![label(waybill, files.first().copied())]);
    }
    let (got, asked) = (body.packages.0.len(), shipment.parcels.len());
    if got != asked {
        return Err(CarrierError::garbled(format!("{got} packages for {asked} parcels")));
    }
    let split = files.len() == asked;
    let each = body.packages.0.iter().enumerate().map(|(index, package)| {
        let place = (index + 1).to_string();
        let place = package.reference_number.get().unwrap_or(&place);
        let own = files.iter().find(|file| file.package_reference_number.get() == Some(place));
        // Not split: the first label's file holds them all.
        let shared = || files.get(index).filter(|_| split || index == 0);
        let file = own.or_else(shared).copied();
        package.tracking_number.get().map(|number| label(number, file))
    });
    let all: Option<Vec<Label>> = each.collect();
    all.ok_or_else(|| CarrierError::garbled("a package without a number"))
}

/// The file; empty when it cannot be read, because the number is bought all the same.
fn file(document: &Document<'_>) -> Bytes {
    let content = document.content.get().unwrap_or_default();
    BASE64.decode(content).map(Bytes::from).unwrap_or_default()
}
