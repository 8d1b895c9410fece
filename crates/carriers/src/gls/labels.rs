//! Buying: `ShipIT` `shipments`, and the label again: `shipments/reprintparcel`.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use serde_json::Value;

use super::{
    common::{self, Stake, day_at},
    order::{self, Way, unit_reference},
    services,
    wire::{PrintingOptions, Reprint, ReturnOptions, ShipmentBody},
    wire_in::{CreatedBody, CreatedShipment},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Purchase, Rejection,
    Shipment, Step,
};

/// Labels of one way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parcels(Way);

/// Labels from the merchant.
pub(super) const OUT: Parcels = Parcels(Way::Out);

/// Labels for the way back: the customer is the sender. Printed by the customer, or fetched by GLS
/// with a label of its own (`PICK_RETURN`).
pub(super) const BACK: Parcels = Parcels(Way::Back);

impl Labels for Parcels {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        buy(call, shipment, self.0)
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        bought(response, shipment)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        again(call, tracking_number)
    }
}

fn buy(call: &Call<'_>, shipment: &Shipment, way: Way) -> Result<HttpRequest, Rejection> {
    let body = ShipmentBody {
        shipment: order::order(call, shipment, way)?,
        printing_options: Some(printing(shipment.format)),
        return_options: Some(ReturnOptions { return_print_data: true, return_routing_info: false }),
    };
    Ok(common::shipit_with(call, "/shipments", &body))
}

const fn printing(format: LabelFormat) -> PrintingOptions {
    PrintingOptions { return_labels: order::printing(format) }
}

/// The label of one parcel once more, as PDF.
fn again(call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
    let digits = !tracking_number.is_empty() && tracking_number.bytes().all(|b| b.is_ascii_digit());
    let body = Reprint {
        // A number in JSON has no leading zeros.
        parcel_number: Some(services::number(tracking_number).filter(|_| digits)?),
        shipment_reference: None,
        // GLS wants the day of the purchase: this is asked right after it.
        creation_date: day_at(call.now, Some(colibri_types::Country::FR)).to_string(),
        printing_options: printing(LabelFormat::Pdf),
    };
    Some(common::shipit_with(call, "/shipments/reprintparcel", &body))
}

/// All labels of a shipment once more.
pub(super) fn again_by_reference(call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
    let body = Reprint {
        parcel_number: None,
        shipment_reference: Some(&shipment.attempt_ref),
        creation_date: day_at(call.now, shipment.sender.country).to_string(),
        printing_options: printing(shipment.format),
    };
    common::shipit_with(call, "/shipments/reprintparcel", &body)
}

/// Reads the answer to a purchase, and to [`again`] for a shipment of one parcel: of several, the
/// two answers cannot be told apart, and an incomplete purchase must stay in doubt.
fn bought(response: &HttpResponse, shipment: &Shipment) -> Result<Step<Purchase>, CarrierError> {
    if !common::is_success(response) {
        return Err(common::failure(response, Stake::Money));
    }
    let text = common::text(&response.body);
    let body: CreatedBody<'_> = common::json(&text)?;
    let created = body.created_shipment.get();
    let created = created.ok_or_else(|| CarrierError::garbled("no CreatedShipment"))?;
    let parcels = created.parcel_data.0.len();
    let asked = shipment.parcels.len();
    if parcels != asked {
        let reason = format!("{parcels} parcels for {asked}");
        return Err(CarrierError::garbled(reason));
    }
    purchase(created, shipment)
        .map(Step::Done)
        .ok_or_else(|| CarrierError::garbled("a parcel without a number"))
}

/// The first text of a list, or the text itself.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => Vec::new(),
    }
}

/// Parcels in the order of ours: by their references, which GLS gives back, else as they come.
pub(super) fn purchase(created: &CreatedShipment<'_>, shipment: &Shipment) -> Option<Purchase> {
    let files = files(created);
    let mut parcels = Vec::new();
    for (position, data) in created.parcel_data.0.iter().enumerate() {
        let file = files.get(position).cloned().flatten();
        let tracking_number = data.parcel_number.owned()?;
        let place = place(&data.shipment_unit_reference, shipment).unwrap_or(position);
        let track_id = data.track_id.owned().unwrap_or_default();
        parcels.push((place, track_id, Label::of(tracking_number, file, shipment.format)));
    }
    parcels.sort_by_key(|(place, ..)| *place);
    let ids: Vec<&str> = parcels.iter().map(|(_, id, _)| id.as_str()).collect();
    let shipment_number = match ids.iter().all(|id| !id.is_empty()) {
        true => ids.join(","),
        false => parcels.first()?.2.tracking_number.clone(),
    };
    let labels = parcels.into_iter().map(|(.., label)| label).collect();
    Some(Purchase { shipment_number, labels, charge: None })
}

/// The place of a parcel among ours, by the reference that came back.
pub(super) fn place(references: &Value, shipment: &Shipment) -> Option<usize> {
    let told = texts(references);
    (0..shipment.parcels.len()).find(|index| {
        let ours = unit_reference(&shipment.attempt_ref, *index);
        told.iter().any(|text| *text == ours)
    })
}

/// Files by parcel: GLS gives one for each, or one for all, which then goes with the first.
fn files(created: &CreatedShipment<'_>) -> Vec<Option<Bytes>> {
    let mut all = Vec::new();
    for print in &created.print_data.0 {
        for text in texts(&print.data) {
            let bytes = BASE64.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty());
            all.push(bytes.map(Bytes::from));
        }
    }
    // Any other number of files cannot be told apart: each label can be asked for alone.
    let parcels = created.parcel_data.0.len();
    if all.len() == parcels || all.len() == 1 { all } else { Vec::new() }
}
