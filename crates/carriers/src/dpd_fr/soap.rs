//! Envelopes out, answers and faults in: what EPrint and Webtrace share.

use super::INFO;
pub(super) use crate::wire::body::Stake;
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method,
    wire::{
        body,
        xml::{self, Element, Writer},
    },
};

/// Customer country of every contract with DPD France: ISO 3166-1 numeric.
const FRANCE: &str = "250";

/// One of the two SOAP services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Eprint,
    Webtrace,
}

impl Service {
    /// They differ by one slash, and both refuse the other's.
    const fn namespace(self) -> &'static str {
        match self {
            Self::Eprint => "http://www.cargonet.software",
            Self::Webtrace => "http://www.cargonet.software/",
        }
    }

    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Eprint => ("eprint", "/dpd-eprintwebservice/eprintwebservice.asmx"),
            Self::Webtrace => ("webtrace", "/trace-service/Webtrace_Service.asmx"),
        }
    }
}

/// Base of a service: the account's own URL whole when it names the service, else host and path.
pub(super) fn url(call: &Call<'_>, host: &str, path: &str) -> String {
    let base = call.account.host(&INFO, host);
    if base.ends_with(".asmx") { base.to_owned() } else { format!("{base}{path}") }
}

/// A call of `operation`, with what `inside` writes as its content.
pub(super) fn request(
    call: &Call<'_>,
    service: Service,
    operation: &str,
    inside: impl FnOnce(&mut Writer),
) -> HttpRequest {
    let namespace = service.namespace();
    let of_account = |field| call.account.field(field).unwrap_or_default();
    let mut writer = Writer::default();
    let envelope = "soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"";
    writer.nest(envelope, |envelope| {
        envelope.nest("soap:Header", |header| {
            header.nest(&format!("UserCredentials xmlns=\"{namespace}\""), |credentials| {
                credentials.leaf("userid", of_account("userid"));
                credentials.leaf("password", of_account("password"));
            });
        });
        envelope.nest("soap:Body", |body| {
            body.nest(&format!("{operation} xmlns=\"{namespace}\""), inside);
        });
    });
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", writer.finish());
    let (host, path) = service.place();
    let action = format!("\"http://www.cargonet.software/{operation}\"");
    HttpRequest::new(Method::Post, url(call, host, path))
        .header("soapaction", action)
        .header("accept", "text/xml")
        .body("text/xml; charset=utf-8", text)
}

/// The customer, as an element of the given name.
pub(super) fn customer(call: &Call<'_>, name: &str, writer: &mut Writer) {
    let (center, number) = contract(call);
    writer.nest(name, |customer| {
        customer.leaf("centernumber", &center).leaf("number", &number).leaf("countrycode", FRANCE);
    });
}

/// The customer, spread over three elements as creating operations want it.
pub(super) fn flat_customer(call: &Call<'_>, writer: &mut Writer) {
    let (center, number) = contract(call);
    writer
        .leaf("customer_countrycode", FRANCE)
        .leaf("customer_centernumber", &center)
        .leaf("customer_number", &number);
}

/// Agency and number, which the service reads as integers.
fn contract(call: &Call<'_>) -> (String, String) {
    let integer = |field| {
        let digits = call.account.field(field).unwrap_or_default().trim_start_matches('0');
        if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
    };
    (integer("center_number"), integer("customer_number"))
}

/// The content of the answer's body: `<..Response>` of the operation that was called.
///
/// # Errors
/// `Refused` and `Unauthorised` when the answer states an error by its id; otherwise what the stake
/// allows: a question is asked again, a purchase is in doubt.
pub(super) fn answer(response: &HttpResponse, stake: Stake) -> Result<Element, CarrierError> {
    gate(response, stake)?;
    let content_type = response.header("content-type").unwrap_or_default();
    if !body::media_type(content_type).ends_with("xml") {
        return Err(technical(response, stake, "no XML"));
    }
    let text = body::text(&response.body);
    let root = match xml::parse(&text) {
        Ok(root) => root,
        Err(_) if response.status == 500 => return Err(technical(response, stake, "no XML")),
        Err(error) => return Err(error),
    };
    let stated = root.find("Error").filter(|error| error.get("ErrorId").is_some());
    if let Some(error) = stated {
        return Err(refusal(error, &root, stake));
    }
    if response.status == 500 || root.find("Fault").is_some() {
        return Err(technical(response, stake, "a fault without an error id"));
    }
    let body = root.children.into_iter().find(|child| child.name == "Body");
    let content = body.and_then(|body| body.children.into_iter().next());
    content
        .filter(|content| root.name == "Envelope" && content.name.ends_with("Response"))
        .ok_or_else(|| CarrierError::garbled("an envelope without an answer"))
}

/// What the status alone decides.
fn gate(response: &HttpResponse, stake: Stake) -> Result<(), CarrierError> {
    let code = response.status.to_string();
    match response.status {
        // 500 carries refusals: it is read.
        200 | 500 => Ok(()),
        401 | 403 => Err(CarrierError::Unauthorised { code }),
        // Turned away before the service read anything.
        429 => Err(CarrierError::Later { code, retry_after: body::retry_after(response) }),
        // The web server found no service, or no request that it would hand on.
        400 | 404 | 405 | 411 | 413 | 415 => {
            let message = "the web server did not take the request".to_owned();
            Err(CarrierError::Refused { code, message })
        }
        501..=599 => Err(technical(response, stake, "a gateway's answer")),
        status => Err(CarrierError::garbled(format!("HTTP {status}"))),
    }
}

fn technical(response: &HttpResponse, stake: Stake, what: &str) -> CarrierError {
    let status = response.status;
    match stake {
        Stake::Nothing if status >= 500 => CarrierError::Later {
            code: status.to_string(),
            retry_after: body::retry_after(response),
        },
        _ => CarrierError::garbled(format!("HTTP {status}, {what}")),
    }
}

fn refusal(error: &Element, root: &Element, stake: Stake) -> CarrierError {
    if stake == Stake::Money && root.find("BarcodeId").is_some() {
        return CarrierError::garbled("an error beside a parcel number");
    }
    let code = error.get("ErrorId").unwrap_or_default().to_owned();
    match code.as_str() {
        "PermissionDenied" | "IpPermissionDenied" => CarrierError::Unauthorised { code },
        _ => {
            let message = error.get("ErrorMessage").unwrap_or_default().to_owned();
            CarrierError::Refused { code, message }
        }
    }
}
