//! Buying labels: `shippingMultiParcelV5`, for the way out and the way back.
//!
//! Owns the reading of the answer, above all whether something was bought. The carrier may have
//! allocated numbers before it failed, so that a system error is in doubt and not a no; documented
//! refusals of a value are a no.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;

use super::{
    numbers,
    shipment::{self, OPERATION, Way},
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Purchase, Rejection,
    Shipment, Step, wire::xml::Element,
};

/// Longest letter number that is believed; real ones have 13 or 14 characters.
const NUMBER_MAX: usize = 20;

/// Labels of one way.
pub(super) struct Shipping(Way);

pub(super) const OUTBOUND: Shipping = Shipping(Way::Out);
pub(super) const RETURN: Shipping = Shipping(Way::Back);

impl Labels for Shipping {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let order = shipment::order(call, shipment, self.0)?;
        Ok(shipment::request(call, &order))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        let result = soap::result(response, OPERATION, Stake::Money)?;
        let code = soap::code(&result, "errorCode")?;
        let sold: Vec<&Element> = result.all("resultMultiParcelValue").collect();
        let numbers: Vec<String> = sold.iter().filter_map(|parcel| number(parcel)).collect();
        if code != 0 {
            return Err(refusal(code, result.get("errorMessage"), numbers.is_empty()));
        }
        if numbers.len() != shipment.parcels.len() || sold.len() != numbers.len() {
            return Err(CarrierError::garbled("not one number for each parcel"));
        }
        let label = |(tracking_number, parcel): (String, &&Element)| {
            let (format, data) = file(parcel, shipment.format);
            Label { tracking_number, format, data }
        };
        let labels: Vec<Label> = numbers.into_iter().zip(&sold).map(label).collect();
        let first = labels.first().map(|label| label.tracking_number.clone());
        let shipment_number = first.ok_or_else(|| CarrierError::garbled("no parcel"))?;
        Ok(Step::Done(Purchase { shipment_number, labels, charge: None }))
    }
}

/// The letter number; where only the Geopost number is told, the one inside it.
fn number(parcel: &Element) -> Option<String> {
    let plain = |text: &&str| {
        text.len() <= NUMBER_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let letter = parcel.get("skybillNumber").filter(plain).map(str::to_owned);
    letter.or_else(|| numbers::letter_of(parcel.get("geoPostNumeroColis")?))
}

/// What a code of the shipping service means for a purchase.
fn refusal(code: i64, words: Option<&str>, nothing: bool) -> CarrierError {
    let message = words.unwrap_or_default().to_ascii_lowercase();
    // 33 is any invalid value, a password among them.
    let password = message.contains("password") || message.contains("accescolis");
    match code {
        _ if !nothing => CarrierError::garbled("an error beside a number"),
        30 => CarrierError::Unauthorised { code: code.to_string() },
        33 if password => CarrierError::Unauthorised { code: code.to_string() },
        31..=35 | 38 => soap::refused(code, words),
        // 1, 29, 36, 37 are failures inside the carrier, others are not documented.
        _ => CarrierError::garbled(format!("system error {code}")),
    }
}

/// The file and what it is by its own bytes; empty when it is none of a printable kind.
fn file(parcel: &Element, wanted: LabelFormat) -> (LabelFormat, Bytes) {
    let text = parcel.get("pdfEtiquette").unwrap_or_default();
    let text: String = text.split_ascii_whitespace().collect();
    let data = BASE64.decode(text).unwrap_or_default();
    match LabelFormat::of_bytes(&data) {
        Some(format) => (format, data.into()),
        None => (wanted, Bytes::new()),
    }
}
