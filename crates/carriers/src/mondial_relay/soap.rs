//! API 1: signed SOAP calls, and what `STAT` means.

use md5::{Digest, Md5};

use super::{INFO, account};
pub(super) use crate::wire::body::Stake;
use crate::{
    Account, Call, CarrierError, HttpRequest, HttpResponse, Method,
    wire::{
        body,
        xml::{self, Element, Writer},
    },
};

const NAMESPACE: &str = "http://www.mondialrelay.fr/webservice/";
const PATH: &str = "/Web_Services.asmx";

/// A call of an operation; `fields` are in the order of the WSDL, which the signature follows.
/// Empty ones are left out, since they add nothing to it.
pub(super) fn request(call: &Call<'_>, operation: &str, fields: &[(&str, &str)]) -> HttpRequest {
    let brand = account::brand(call.account).unwrap_or_default();
    let security = signature(call.account, &brand, fields);
    let mut body = Writer::default();
    body.nest("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |out| {
        out.nest("soap:Body", |out| {
            out.nest(&format!("{operation} xmlns=\"{NAMESPACE}\""), |out| {
                out.leaf("Enseigne", &brand);
                for (name, value) in fields {
                    out.some(name, value);
                }
                out.leaf("Security", &security);
            });
        });
    });
    let host = call.account.host(&INFO, "api");
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", body.finish());
    HttpRequest::new(Method::Post, format!("{host}{PATH}"))
        .header("soapaction", format!("\"{NAMESPACE}{operation}\""))
        .header("accept", "text/xml")
        .body("text/xml; charset=utf-8", text)
}

/// Upper-case MD5 over the values in order, then the key, in ISO-8859-1.
fn signature(account: &Account, brand: &str, fields: &[(&str, &str)]) -> String {
    let mut hash = Md5::new();
    hash.update(latin1(brand));
    for (_, value) in fields {
        hash.update(latin1(value));
    }
    hash.update(latin1(account.field("private_key").unwrap_or_default()));
    hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect()
}

/// All values are ASCII by the checks before; a key may hold more.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// The answer's body as text, when the transport says that it is XML.
///
/// # Errors
/// By the HTTP status and the content type.
pub(super) fn text(
    response: &HttpResponse,
    stake: Stake,
) -> Result<std::borrow::Cow<'_, str>, CarrierError> {
    let status = response.status;
    let code = status.to_string();
    match (status, stake) {
        (200, _) => {}
        (401 | 403, _) => return Err(CarrierError::Unauthorised { code }),
        // Turned away before the service read anything.
        (429, _) => {
            return Err(CarrierError::Later { code, retry_after: body::retry_after(response) });
        }
        (400 | 415, _) => {
            let message = "the carrier could not read the request".to_owned();
            return Err(CarrierError::Refused { code, message });
        }
        (500.., Stake::Nothing) => {
            return Err(CarrierError::Later { code, retry_after: body::retry_after(response) });
        }
        _ => return Err(CarrierError::garbled(format!("HTTP {status}"))),
    }
    let kind = body::media_type(response.header("content-type").unwrap_or_default());
    match kind.as_str() {
        "text/xml" | "application/xml" | "application/soap+xml" => Ok(body::text(&response.body)),
        _ => Err(CarrierError::garbled("no XML by its content type")),
    }
}

/// The element `<operation>Result` of an answer.
///
/// # Errors
/// As [`text`], and `Garbled` when it is not there whole.
pub(super) fn result(
    response: &HttpResponse,
    operation: &str,
    stake: Stake,
) -> Result<Element, CarrierError> {
    let root = xml::parse(&text(response, stake)?)?;
    let name = format!("{operation}Result");
    root.find(&name).cloned().ok_or_else(|| CarrierError::garbled(format!("no {name}")))
}

/// What a `STAT` other than success means.
pub(super) fn failure(stat: &str, stake: Stake) -> CarrierError {
    let code = stat.to_owned();
    let Some(meaning) = meaning(stat) else {
        return CarrierError::garbled("a STAT that is not documented");
    };
    match (stat, stake) {
        ("1" | "2" | "3" | "8" | "95" | "96" | "97", _) => CarrierError::Unauthorised { code },
        ("99", Stake::Nothing) => CarrierError::Later { code, retry_after: None },
        // A failure of the service itself: what it did before, nobody knows.
        ("99", Stake::Money) => CarrierError::garbled("STAT 99 after a purchase"),
        _ => CarrierError::Refused { code, message: meaning.to_owned() },
    }
}

/// The documented errors in our words. Not here: success, tracking states, unused numbers.
fn meaning(stat: &str) -> Option<&'static str> {
    Some(match stat {
        "1" => "the brand code is invalid",
        "2" => "the brand code is empty or unknown",
        "3" => "the account number is invalid",
        "5" => "the order number is invalid",
        "7" => "the customer number is invalid",
        "8" => "the password or hash is invalid",
        "9" => "the city is unknown or not unique",
        "10" => "the kind of collection is invalid",
        "11" => "the relay of collection is invalid",
        "12" => "the country of the relay of collection is invalid",
        "13" => "the kind of delivery is invalid",
        "14" => "the relay of delivery is invalid",
        "15" => "the country of the relay of delivery is invalid",
        "20" => "the weight is invalid",
        "21" => "the developed length is invalid",
        "22" => "the size is invalid",
        "24" => "the shipment number is invalid",
        "25" => "there is not enough credit",
        "26" => "the mounting time is invalid",
        "27" | "28" | "29" => "the mode of collection or delivery is invalid",
        "30" => "the first address line (name) is invalid",
        "31" => "the second address line (name) is invalid",
        "33" => "the third address line (street) is invalid",
        "34" => "the fourth address line (street) is invalid",
        "35" => "the city is invalid",
        "36" => "the postcode is invalid",
        "37" => "the country is invalid",
        "38" => "the phone number is invalid",
        "39" => "the e-mail address is invalid",
        "40" => "a parameter is missing",
        "42" => "the cash on delivery is invalid",
        "43" => "the currency of the cash on delivery is invalid",
        "44" => "the declared value is invalid",
        "45" => "the currency of the declared value is invalid",
        "46" => "the range of shipment numbers is exhausted",
        "47" => "the number of parcels is invalid",
        "48" => "several parcels cannot go to a relay",
        "49" => "the action is invalid",
        "61" => "the notice is invalid",
        "62" => "the instructions are invalid",
        "63" => "the insurance is invalid",
        "64" => "the mounting is invalid",
        "65" => "the appointment is invalid",
        "66" => "the take-back is invalid",
        "67" => "the latitude is invalid",
        "68" => "the longitude is invalid",
        "69" => "the brand code is invalid here",
        "70" => "the relay number is invalid",
        "71" => "the kind of shop is invalid",
        "74" => "the language is invalid",
        "78" => "the country of collection is not served",
        "79" => "the country of delivery is not served",
        "92" => "the relay is in another country than the recipient, or the credit is too low",
        "93" => "the sorting plan has no way there: relay closed or postcode unknown",
        "95" => "the account is not activated",
        "96" => "the kind of account is wrong",
        "97" => "the signature is wrong",
        "98" => "the parameters are wrong",
        "99" => "the service failed",
        _ => return None,
    })
}
