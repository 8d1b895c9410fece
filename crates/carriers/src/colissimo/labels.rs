//! Buying a label: `generateLabel` of Colissimo SLS 2.0.
//!
//! Owns the reading of the answer, above all whether something was bought. A number in a whole
//! JSON part means yes, even when the file behind it was cut on the way: the label can be asked
//! for again. Only a documented refusal means no. Everything else stays in doubt.

use std::borrow::Cow;

use super::{
    INFO, multipart,
    shipment::{self, Way},
    wire::{GetLabel, JsonInfos, LabelResponse, Message},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Method, Purchase,
    Rejection, Shipment, Step,
    wire::body::{self, media_type, text},
};

/// Path of the operations below the host.
const SERVICE: &str = "/sls-ws/SlsServiceWSRest/2.0/";
pub(super) const JSON: &str = "application/json;charset=UTF-8";
/// Longest parcel number that is believed; real ones have 11 to 15 characters.
const NUMBER_MAX: usize = 35;

/// Colissimo SLS, but for its labels.
pub(super) struct Sls;

/// Labels of Colissimo SLS, of one way.
pub(super) struct Parcels(Way);

/// Labels from the merchant.
pub(super) const OUT: Parcels = Parcels(Way::Out);

/// Labels for the way back: the customer is the sender, the merchant's company the addressee.
pub(super) const BACK: Parcels = Parcels(Way::Back);

impl Labels for Parcels {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        generate(call, shipment, self.0, "generateLabel")
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

/// `generateLabel`, or `checkGenerateLabel`, which takes the same.
pub(super) fn generate(
    call: &Call<'_>,
    shipment: &Shipment,
    way: Way,
    name: &str,
) -> Result<HttpRequest, Rejection> {
    let body = shipment::body(call, shipment, way)?;
    let body = serde_json::to_vec(&body).map_err(|_| {
        // Unreachable by the types above, and yet no reason to send half a request.
        Rejection::new("parcels", "cannot be written as JSON")
    })?;
    Ok(operation(call, name, "multipart/mixed").body(JSON, body))
}

fn again(call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
    let contract = call.account.field("contract_number")?;
    let output_printing_type = shipment::printing_type(LabelFormat::Pdf, false).ok()?;
    let body = GetLabel { parcel_number: tracking_number, output_printing_type };
    let body = serde_json::to_vec(&body).ok()?;
    let request = operation(call, "getLabel", "multipart/mixed");
    Some(request.header("accountnumber", contract).body(JSON, body))
}

/// An answer taken apart: the JSON that every answer has, and the files beside it.
pub(super) struct Opened<'a> {
    pub infos: Cow<'a, str>,
    pub parts: Vec<multipart::Part<'a>>,
}

/// Takes an answer of SLS apart, after what its status says.
pub(super) fn opened(response: &HttpResponse) -> Result<Opened<'_>, CarrierError> {
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
        "application/json" => Ok(Opened { infos: body::text(&response.body), parts: Vec::new() }),
        kind if kind.starts_with("multipart/") => from_parts(&response.body, content_type),
        _ => Err(CarrierError::garbled("neither multipart nor JSON")),
    }
}

fn bought(response: &HttpResponse, shipment: &Shipment) -> Result<Step<Purchase>, CarrierError> {
    let opened = opened(response)?;
    let label = opened.parts.iter().find(|part| part.id.eq_ignore_ascii_case("label"));
    let label = label.filter(|part| part.whole).map(|part| part.body);
    purchase(&opened.infos, label, shipment, response.status)
}

/// An answer that holds messages only: a yes, or the first error.
pub(super) fn messages(response: &HttpResponse) -> Result<(), CarrierError> {
    let opened = opened(response)?;
    let infos: JsonInfos<'_> = serde_json::from_str(&opened.infos)
        .map_err(|_| CarrierError::garbled("jsonInfos is not whole JSON"))?;
    let error = infos.messages.iter().find(|m| m.kind.eq_ignore_ascii_case("ERROR"));
    match error {
        Some(error) => Err(refused(error)),
        None if response.status == 200 && !infos.messages.is_empty() => Ok(()),
        None => Err(CarrierError::garbled("no messages")),
    }
}

/// A question that costs nothing: what failed behind it may be asked again.
pub(super) fn free(response: &HttpResponse, error: CarrierError) -> CarrierError {
    match error {
        CarrierError::Garbled { .. } if response.status >= 500 => CarrierError::Later {
            code: response.status.to_string(),
            retry_after: body::retry_after(response),
        },
        other => other,
    }
}

/// An operation of SLS.
pub(super) fn operation(call: &Call<'_>, name: &str, accept: &str) -> HttpRequest {
    let host = call.account.host(&INFO, "colissimo");
    HttpRequest::new(Method::Post, format!("{host}{SERVICE}{name}"))
        .header("apikey", call.account.field("api_key").unwrap_or_default())
        .header("accept", accept)
}

fn from_parts<'a>(body: &'a [u8], content_type: &str) -> Result<Opened<'a>, CarrierError> {
    let boundary = multipart::boundary(content_type, body)
        .ok_or_else(|| CarrierError::garbled("a multipart without boundary"))?;
    let parts = multipart::parts(body, boundary);
    let is_json = |part: &&multipart::Part<'_>| media_type(&part.content_type).contains("json");
    let infos = parts
        .iter()
        .find(|part| part.id.eq_ignore_ascii_case("jsonInfos"))
        .or_else(|| parts.iter().find(is_json))
        .ok_or_else(|| CarrierError::garbled("a multipart without jsonInfos"))?;
    Ok(Opened { infos: text(infos.body), parts })
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
            Ok(Step::Done(sold(number, label, shipment.format)))
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

/// The purchase; without a file when what came is none of a printable kind. A label asked for
/// again comes as PDF whatever was asked first.
fn sold(number: String, file: Option<&[u8]>, wanted: LabelFormat) -> Purchase {
    let known = file.and_then(|file| Some((LabelFormat::of_bytes(file)?, file)));
    let (format, data) = known.unwrap_or((wanted, &[]));
    let label = Label { tracking_number: number.clone(), format, data: data.to_vec().into() };
    Purchase { shipment_number: number, labels: vec![label], charge: None }
}
