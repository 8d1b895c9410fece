//! Buying a label: `generateLabel` of Colissimo SLS 2.0.
//!
//! Owns the reading of the answer, above all whether something was bought. A number in a whole
//! JSON part means yes, even when the file behind it was cut on the way: the label can be asked
//! for again. Only a documented refusal means no. Everything else stays in doubt.

use super::{
    INFO, multipart, shipment,
    wire::{GetLabel, JsonInfos, LabelResponse, Message},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Method, Purchase,
    Rejection, Shipment, Step, wire::body,
};

/// Path of the operations below the host.
const SERVICE: &str = "/sls-ws/SlsServiceWSRest/2.0/";
const JSON: &str = "application/json;charset=UTF-8";
/// Longest parcel number that is believed; real ones have 11 to 15 characters.
const NUMBER_MAX: usize = 35;

/// Labels of Colissimo SLS.
pub(super) struct Sls;

impl Labels for Sls {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let body = shipment::body(call, shipment)?;
        let body = serde_json::to_vec(&body).map_err(|_| {
            // Unreachable by the types above, and yet no reason to send half a request.
            Rejection::new("parcels", "cannot be written as JSON")
        })?;
        Ok(operation(call, "generateLabel").body(JSON, body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        let status = response.status;
        let code = status.to_string();
        match status {
            200 | 400 => {}
            401 | 403 => return Err(CarrierError::Unauthorised { code }),
            // The carrier could not parse the request, hence did nothing.
            422 => {
                let message = "the carrier could not read the request".to_owned();
                return Err(CarrierError::Refused { code, message });
            }
            // Turned away before the service read anything.
            429 => {
                return Err(CarrierError::Later { code, retry_after: body::retry_after(response) });
            }
            _ => return Err(CarrierError::garbled(format!("HTTP {status}"))),
        }
        let content_type = response.header("content-type").unwrap_or_default();
        match body::media_type(content_type).as_str() {
            "application/json" => {
                let infos = body::text(&response.body);
                purchase(&infos, None, shipment, status)
            }
            kind if kind.starts_with("multipart/") => {
                from_parts(&response.body, content_type, shipment, status)
            }
            _ => Err(CarrierError::garbled("neither multipart nor JSON")),
        }
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        let contract = call.account.field("contract_number")?;
        let output_printing_type = shipment::printing_type(LabelFormat::Pdf, false).ok()?;
        let body = GetLabel { parcel_number: tracking_number, output_printing_type };
        let body = serde_json::to_vec(&body).ok()?;
        Some(operation(call, "getLabel").header("accountnumber", contract).body(JSON, body))
    }
}

fn operation(call: &Call<'_>, name: &str) -> HttpRequest {
    let host = call.account.host(&INFO, "colissimo");
    HttpRequest::new(Method::Post, format!("{host}{SERVICE}{name}"))
        .header("apikey", call.account.field("api_key").unwrap_or_default())
        .header("accept", "multipart/mixed")
}

fn from_parts(
    body: &[u8],
    content_type: &str,
    shipment: &Shipment,
    status: u16,
) -> Result<Step<Purchase>, CarrierError> {
    let boundary = multipart::boundary(content_type, body)
        .ok_or_else(|| CarrierError::garbled("a multipart without boundary"))?;
    let parts = multipart::parts(body, boundary);
    let by_id = |id: &str| parts.iter().find(|part| part.id.eq_ignore_ascii_case(id));
    let is_json =
        |part: &&multipart::Part<'_>| body::media_type(&part.content_type).contains("json");
    let infos = by_id("jsonInfos")
        .or_else(|| parts.iter().find(is_json))
        .ok_or_else(|| CarrierError::garbled("a multipart without jsonInfos"))?;
    let label = by_id("label").filter(|part| part.whole).map(|part| part.body);
    purchase(&body::text(infos.body), label, shipment, status)
}

/// Reads the JSON part, and puts the file beside the number.
fn purchase(
    infos: &str,
    label: Option<&[u8]>,
    shipment: &Shipment,
    status: u16,
) -> Result<Step<Purchase>, CarrierError> {
    let infos: JsonInfos<'_> = serde_json::from_str(infos)
        .map_err(|_| CarrierError::garbled("jsonInfos is not whole JSON"))?;
    let number = number(&infos);
    let error = infos.messages.iter().find(|m| m.kind.eq_ignore_ascii_case("ERROR"));
    match (error, number) {
        (Some(error), None) => Err(refused(error)),
        (Some(_), Some(_)) => Err(CarrierError::garbled("an error beside a parcel number")),
        (None, Some(number)) if status == 200 => {
            Ok(Step::Done(bought(number, label, shipment.format)))
        }
        (None, _) => Err(CarrierError::garbled("neither a parcel number nor an error")),
    }
}

fn number(infos: &JsonInfos<'_>) -> Option<String> {
    let of = |response: &Option<LabelResponse<'_>>| {
        let number = response.as_ref()?.parcel_number.to_string();
        (!number.is_empty() && number.len() <= NUMBER_MAX).then_some(number)
    };
    let number = of(&infos.label).or_else(|| of(&infos.label_xml))?;
    number.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(number)
}

fn refused(error: &Message<'_>) -> CarrierError {
    let code = error.id.to_string();
    match code.as_str() {
        // Login or password wrong.
        "30000" => CarrierError::Unauthorised { code },
        _ => CarrierError::Refused { code, message: error.message_content.to_string() },
    }
}

/// The purchase; without a file when what came is none of a printable kind.
fn bought(number: String, file: Option<&[u8]>, wanted: LabelFormat) -> Purchase {
    let known = file.and_then(|file| Some((kind(file)?, file)));
    let (format, data) = known.unwrap_or((wanted, &[]));
    let label = Label { tracking_number: number.clone(), format, data: data.to_vec().into() };
    Purchase { shipment_number: number, labels: vec![label], charge: None }
}

/// What a file is, by its own bytes: a label asked for again comes as PDF whatever was asked first.
fn kind(file: &[u8]) -> Option<LabelFormat> {
    let starts = |magic: &[u8]| file.windows(magic.len()).take(1024).any(|part| part == magic);
    if file.starts_with(b"%PDF-") {
        Some(LabelFormat::Pdf)
    } else if starts(b"^XA") {
        Some(LabelFormat::Zpl)
    } else {
        None
    }
}
