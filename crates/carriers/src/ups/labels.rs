//! Buying: Ship v2409, there and on the way back.
//!
//! Our attempt reference is the first `ReferenceNumber`, which label recovery and track by
//! reference search; UPS takes it at shipment level, and at package level only inside the US and
//! inside Puerto Rico. UPS does not deduplicate on it.

use colibri_types::{Currency, Money};
use time::Date;

use super::{
    Ups,
    common::{self, Stake},
    files, lookup,
    order::{self, Way},
    wire::{Charge, PackageResults, ShipmentResults, ShippingBody},
    wire_ship::{Request, ShipBody, TransactionReference},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Method, Purchase,
    Rejection, Shipment, Step,
};

/// Labels for the way back: the sender is the customer, who prints the label.
#[derive(Debug, Clone, Copy)]
pub(super) struct Returns;

pub(super) static RETURNS: Returns = Returns;

fn ask(call: &Call<'_>, shipment: &Shipment, way: Way) -> Result<HttpRequest, Rejection> {
    let shipper = super::shipper_number(call.account)
        .map_err(|error| Rejection::new("account.shipper_number", error.reason))?;
    let body = ShipBody { shipment_request: order::write(call, shipment, shipper, way)? };
    Ok(common::body(common::call(call, Method::Post, "/api/shipments/v2409/ship"), &body))
}

impl Labels for Returns {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        ask(call, shipment, Way::Back)
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        Labels::response(&Ups, response, shipment)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        Ups.label_request(call, tracking_number)
    }
}

impl Labels for Ups {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        ask(call, shipment, Way::There)
    }

    /// Reads the answer to the purchase, and the answer to [`Labels::label_request`], whose
    /// purchase holds the asked label only.
    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Money));
        }
        let text = common::text(&response.body);
        let body: ShippingBody<'_> = common::json(&text)?;
        if let Some(recovery) = body.label_recovery_response.get() {
            let purchase = lookup::recovered(recovery, shipment.format);
            return purchase.map(Step::Done).ok_or_else(|| CarrierError::garbled("no label"));
        }
        let results = body.shipment_response.get().and_then(|answer| answer.shipment_results.get());
        let results = results.ok_or_else(|| CarrierError::garbled("no ShipmentResults"))?;
        purchase(results, shipment).map(Step::Done)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        Some(lookup::by_number(call, tracking_number, LabelFormat::Zpl))
    }
}

fn purchase(results: &ShipmentResults<'_>, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    let packages = &results.package_results.0;
    if packages.len() != shipment.parcels.len() {
        let (got, asked) = (packages.len(), shipment.parcels.len());
        return Err(CarrierError::garbled(format!("{got} packages for {asked} parcels")));
    }
    let labels: Option<Vec<Label>> =
        packages.iter().map(|package| label(package, shipment.format)).collect();
    let labels = labels.ok_or_else(|| CarrierError::garbled("a package without a number"))?;
    let first = labels.first().map(|label| label.tracking_number.clone());
    let shipment_number = results.shipment_identification_number.owned().or(first);
    let negotiated = results.negotiated_rate_charges.get().and_then(|all| all.total_charge.get());
    let published = results.shipment_charges.get().and_then(|all| all.total_charges.get());
    Ok(Purchase {
        shipment_number: shipment_number.unwrap_or_default(),
        labels,
        charge: negotiated.and_then(money).or_else(|| published.and_then(money)),
    })
}

pub(super) fn money(charge: &Charge<'_>) -> Option<Money> {
    let currency: Currency = charge.currency_code.get()?.parse().ok()?;
    Money::parse(charge.monetary_value.get()?, currency).ok()
}

fn label(package: &PackageResults<'_>, asked: LabelFormat) -> Option<Label> {
    let image = package.shipping_label.get();
    let file = image.and_then(|image| files::file(image.graphic_image.get()));
    Some(Label::of(package.tracking_number.owned()?, file, asked))
}

/// `YYYYMMDD`.
pub(super) fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

/// The envelope of a request. The reference comes back in the answer.
pub(super) fn request<'a>(
    context: &'a str,
    option: Option<&'static str>,
    sub_version: Option<&'static str>,
) -> Request<'a> {
    Request {
        request_option: option,
        sub_version,
        transaction_reference: TransactionReference { customer_context: context },
    }
}

#[cfg(test)]
#[path = "labels_tests.rs"]
mod tests;
