//! Labels for thermal printers (ZPL, IPL) by API 2 ("Connect"): one shipment per request, the label
//! in the answer.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    INFO, account,
    address::Party,
    shipment::Plan,
    stickers::{is_number, one, without_file},
};
use crate::{
    Call, CarrierError, HttpRequest, LabelFormat, Method, Purchase, Rejection,
    wire::xml::{Element, Writer},
};

const PATH: &str = "/api/shipment";
const OPEN: &str = "ShipmentCreationRequest \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
    xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"http://www.example.org/Request\"";
/// Largest label program that is believed, in bytes: real ones have some thousand.
const PROGRAM_MAX: usize = 1 << 20;

/// The purchase request.
///
/// # Errors
/// [`Rejection`] when the account has no login for this interface.
pub(super) fn request(
    call: &Call<'_>,
    plan: &Plan,
    format: LabelFormat,
) -> Result<HttpRequest, Rejection> {
    let (login, password) = account::connect(call.account).ok_or_else(|| {
        Rejection::new("format", "ZPL and IPL need the account's login and password of API 2")
    })?;
    let customer = account::customer_id(call.account).unwrap_or_default();
    let mut out = Writer::default();
    out.nest(OPEN, |out| {
        out.nest("Context", |out| {
            out.leaf("Login", login).leaf("Password", password).leaf("CustomerId", &customer);
            out.leaf("Culture", "fr-FR").leaf("VersionAPI", "1.0");
        });
        out.nest("OutputOptions", |out| {
            let (paper, kind) = match format {
                LabelFormat::Ipl => ("Generic_IPL_10x15_204dpi", "IplCode"),
                _ => ("Generic_ZPL_10x15_200dpi", "ZplCode"),
            };
            out.leaf("OutputFormat", paper).leaf("OutputType", kind);
        });
        out.nest("ShipmentsList", |out| {
            out.nest("Shipment", |out| shipment(out, plan));
        });
    });
    let host = call.account.host(&INFO, "connect");
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", out.finish());
    // Without this `Accept` the answer is JSON with the names of a program's fields.
    Ok(HttpRequest::new(Method::Post, format!("{host}{PATH}"))
        .header("accept", "application/xml")
        .body("text/xml", text))
}

fn shipment(out: &mut Writer, plan: &Plan) {
    out.leaf("OrderNo", &plan.order).some("CustomerNo", &plan.customer).leaf("ParcelCount", "1");
    if let Some((level, cents)) = plan.insurance {
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        empty(out, &format!("ShipmentValue Currency=\"EUR\" Amount=\"{amount}\""));
        out.nest("Options", |out| empty(out, &format!("Option Key=\"ASS\" Value=\"{level}\"")));
    }
    let country = &plan.recipient.country;
    let point = plan.point.as_ref().map(|point| format!("{country}-{point}")).unwrap_or_default();
    empty(out, &format!("DeliveryMode Mode=\"{}\" Location=\"{point}\"", plan.delivery));
    let entry = plan.entry.as_ref().map(|entry| format!("{}-{entry}", plan.sender.country));
    let dropped = match plan.collection {
        "REL" => entry.as_deref().unwrap_or("Auto"),
        _ => "",
    };
    empty(out, &format!("CollectionMode Mode=\"{}\" Location=\"{dropped}\"", plan.collection));
    out.nest("Parcels", |out| {
        out.nest("Parcel", |out| {
            out.some("Content", &plan.content);
            let sides = plan.sides_cm.into_iter().flatten();
            for (name, side) in ["Length", "Width", "Depth"].into_iter().zip(sides) {
                empty(out, &format!("{name} Value=\"{side}\" Unit=\"cm\""));
            }
            empty(out, &format!("Weight Value=\"{}\" Unit=\"gr\"", plan.weight_g));
        });
    });
    out.leaf("DeliveryInstruction", "");
    out.nest("Sender", |out| address(out, &plan.sender));
    out.nest("Recipient", |out| address(out, &plan.recipient));
}

/// An element of attributes only. The values are codes and numbers of ours.
fn empty(out: &mut Writer, name: &str) {
    out.nest(name, |_| {});
}

fn address(out: &mut Writer, party: &Party) {
    out.nest("Address", |out| {
        out.leaf("Title", "").leaf("Firstname", "").leaf("Lastname", "");
        out.leaf("Streetname", &party.street).leaf("HouseNo", "");
        out.leaf("CountryCode", &party.country).leaf("PostCode", &party.postcode);
        // Which word of a name is the family name cannot be known: the name line takes it whole.
        out.leaf("City", &party.city).leaf("AddressAdd1", &party.name);
        out.leaf("AddressAdd2", &party.name_2).leaf("AddressAdd3", &party.extra);
        out.leaf("PhoneNo", &party.phone).leaf("MobileNo", "").leaf("Email", &party.email);
    });
}

/// Reads `ShipmentCreationResponse`.
///
/// # Errors
/// As for purchases: what is neither a number nor a documented refusal is in doubt.
pub(super) fn bought(root: &Element, wanted: LabelFormat) -> Result<Purchase, CarrierError> {
    let shipments = root.child("ShipmentsList");
    let mut shipments = shipments.into_iter().flat_map(|list| list.all("Shipment"));
    let shipment = shipments.next();
    let number = shipment.and_then(|shipment| shipment.attribute("ShipmentNumber"));
    let number = number.filter(|number| is_number(number));
    let statuses = root.child("StatusList").map(|list| list.children.as_slice());
    let error = statuses.unwrap_or_default().iter().find(|status| {
        let level = status.attribute("Level").unwrap_or_default();
        level.eq_ignore_ascii_case("Error") || level.eq_ignore_ascii_case("Critical Error")
    });
    match (error, number, shipments.next()) {
        (_, _, Some(_)) => Err(CarrierError::garbled("several shipments for one asked")),
        (Some(error), None, None) => Err(failure(error)),
        (Some(_), Some(_), None) => Err(CarrierError::garbled("an error beside a shipment number")),
        (None, None, None) => Err(CarrierError::garbled("neither a shipment number nor an error")),
        (None, Some(number), None) => Ok(with_program(number, shipment, wanted)),
    }
}

fn with_program(number: &str, shipment: Option<&Element>, wanted: LabelFormat) -> Purchase {
    let label = shipment.and_then(|shipment| shipment.child("LabelList")?.child("Label"));
    let program =
        label.and_then(|label| label.get("Output")).and_then(|text| program(text, wanted));
    match program {
        Some(program) => one(number, wanted, program.into()),
        None => without_file(number, wanted),
    }
}

/// The label program of the wanted language: base64 by the document, plain in other accounts of it.
fn program(text: &str, wanted: LabelFormat) -> Option<Vec<u8>> {
    let program = match text.starts_with("^XA") {
        true => text.as_bytes().to_vec(),
        false => {
            let packed: String = text.split_whitespace().collect();
            STANDARD.decode(packed).ok()?
        }
    };
    let start = program.trim_ascii_start();
    let zpl = start.starts_with(b"^XA") && start.trim_ascii_end().ends_with(b"^XZ");
    let whole = match wanted {
        LabelFormat::Zpl => zpl,
        other => LabelFormat::of_bytes(start) == Some(other),
    };
    (whole && program.len() <= PROGRAM_MAX).then(|| start.to_vec())
}

/// What an error of API 2 means. The document promises that an error creates nothing; codes that
/// speak of the system or of the label are not believed in that, since they come late.
fn failure(status: &Element) -> CarrierError {
    let code = status.attribute("Code").unwrap_or_default().to_owned();
    let message = status.attribute("Message").unwrap_or_default().to_owned();
    let critical = status.attribute("Level").is_some_and(|level| level.len() > "Error".len());
    match code.as_str() {
        // Login, password, customer id, rights, configuration.
        "10000" | "10001" | "10002" | "10005" | "10066" | "10067" => {
            CarrierError::Unauthorised { code }
        }
        // System, label, partner's barcode, file.
        "-1" | "99999" | "10060" | "10068" | "10078" | "10080" | "10081" => {
            CarrierError::garbled("an error of the system after a purchase")
        }
        "10003" | "10004" | "10006" | "10007" => CarrierError::Refused { code, message },
        _ if critical => CarrierError::garbled("a critical error that is not documented"),
        _ => CarrierError::Refused { code, message },
    }
}
