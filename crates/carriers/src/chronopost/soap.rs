//! SOAP 1.1 envelopes: only the operation's element has a prefix, everything in it has none.
//!
//! Owns the form of requests and the first reading of answers: what is no SOAP answer at all, what
//! a fault means, and which part of an answer carries the result.

pub(super) use crate::wire::body::Stake;
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method,
    wire::{
        body,
        xml::{self, Element, Writer},
    },
};

use super::INFO;

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// One of the carrier's services.
pub(super) struct Service {
    path: &'static str,
    namespace: &'static str,
}

pub(super) const SHIPPING: Service = Service {
    path: "/shipping-cxf/ShippingServiceWS",
    namespace: "http://cxf.shipping.soap.chronopost.fr/",
};
pub(super) const TRACKING: Service = Service {
    path: "/tracking-cxf/TrackingServiceWS",
    namespace: "http://cxf.tracking.soap.chronopost.fr/",
};
pub(super) const QUICKCOST: Service = Service {
    path: "/quickcost-cxf/QuickcostServiceWS",
    namespace: "http://cxf.quickcost.soap.chronopost.fr/",
};
pub(super) const POINTS: Service = Service {
    path: "/recherchebt-ws-cxf/PointRelaisServiceWS",
    namespace: "http://cxf.rechercheBt.soap.chronopost.fr/",
};

/// A request of one operation. GET exists too, but would put passwords and numbers into the logs
/// of whoever stands between.
pub(super) fn request(
    call: &Call<'_>,
    service: &Service,
    operation: &str,
    inside: impl FnOnce(&mut Writer),
) -> HttpRequest {
    let Service { path, namespace } = service;
    let mut writer = Writer::default();
    let envelope =
        format!("soapenv:Envelope xmlns:soapenv=\"{ENVELOPE}\" xmlns:cxf=\"{namespace}\"");
    writer.nest(&envelope, |w| {
        w.nest("soapenv:Body", |w| {
            w.nest(&format!("cxf:{operation}"), inside);
        });
    });
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", writer.finish());
    let host = call.account.host(&INFO, "api");
    HttpRequest::new(Method::Post, format!("{host}{path}"))
        .header("soapaction", "\"\"")
        .body("text/xml; charset=utf-8", body)
}

/// The two elements that most operations begin with.
pub(super) fn credentials(call: &Call<'_>, writer: &mut Writer) {
    let field = |name| call.account.field(name).unwrap_or_default();
    writer.leaf("accountNumber", field("account_number")).leaf("password", field("password"));
}

/// The text of an answer, once its status and media type say that it is one of the service.
///
/// # Errors
/// By the status; for orders only a documented turning away is `Later`.
pub(super) fn text<'a>(
    response: &'a HttpResponse,
    stake: Stake,
) -> Result<std::borrow::Cow<'a, str>, CarrierError> {
    let status = response.status;
    let code = status.to_string();
    let later = || CarrierError::Later {
        code: status.to_string(),
        retry_after: body::retry_after(response),
    };
    match status {
        200 => {}
        401 | 403 => return Err(CarrierError::Unauthorised { code }),
        429 => return Err(later()),
        // A fault may say more than the status.
        500 if is_xml(response) => {}
        500..=599 if stake == Stake::Nothing => return Err(later()),
        _ => return Err(CarrierError::garbled(format!("HTTP {status}"))),
    }
    if !is_xml(response) {
        return Err(CarrierError::garbled("no XML by its content type"));
    }
    Ok(body::text(&response.body))
}

fn is_xml(response: &HttpResponse) -> bool {
    let kind = response.header("content-type").map(body::media_type).unwrap_or_default();
    kind.ends_with("/xml") || kind.ends_with("+xml")
}

/// The `return` element of the answer to `operation`.
///
/// # Errors
/// A fault of the request is `Refused`: the service did not understand it and did nothing. Any
/// other fault, and anything that is no answer to that operation, leaves open what happened.
pub(super) fn result(
    response: &HttpResponse,
    operation: &str,
    stake: Stake,
) -> Result<Element, CarrierError> {
    let text = text(response, stake)?;
    let mut root = xml::parse(&text)?;
    let body = root.children.iter_mut().find(|child| child.name == "Body");
    let Some(body) = body.filter(|_| root.name == "Envelope") else {
        return Err(CarrierError::garbled("no SOAP envelope"));
    };
    let Some(answer) = body.children.first_mut() else {
        return Err(CarrierError::garbled("an empty SOAP body"));
    };
    if answer.name == "Fault" {
        return Err(fault(
            answer.get("faultcode").unwrap_or_default(),
            answer.get("faultstring").unwrap_or_default(),
            stake,
        ));
    }
    if response.status != 200 {
        return Err(CarrierError::garbled(format!("HTTP {} without a fault", response.status)));
    }
    if answer.name.strip_suffix("Response") != Some(operation) {
        return Err(CarrierError::garbled("the answer to another operation"));
    }
    let found = answer.children.iter_mut().find(|child| child.name == "return");
    found.map(std::mem::take).ok_or_else(|| CarrierError::garbled("an answer without a result"))
}

/// What a fault means. `Client` faults are those of the request's form.
pub(super) fn fault(code: &str, words: &str, stake: Stake) -> CarrierError {
    let code = code.rsplit(':').next().unwrap_or_default().to_owned();
    match (code.as_str(), stake) {
        ("Client", _) => CarrierError::Refused { code, message: words.to_owned() },
        (_, Stake::Nothing) => CarrierError::Later { code, retry_after: None },
        (_, Stake::Money) => CarrierError::garbled("a fault of the service"),
    }
}

/// The code of a result, by the name its service gives it.
///
/// # Errors
/// `Garbled` when there is none: a result without a code says nothing.
pub(super) fn code(result: &Element, name: &str) -> Result<i64, CarrierError> {
    let code = result.get(name).and_then(|text| text.parse().ok());
    code.ok_or_else(|| CarrierError::garbled(format!("a result without {name}")))
}

/// A refusal with the carrier's words.
pub(super) fn refused(code: i64, words: Option<&str>) -> CarrierError {
    CarrierError::Refused { code: code.to_string(), message: words.unwrap_or_default().to_owned() }
}
