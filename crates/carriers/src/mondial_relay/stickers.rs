//! PDF labels by API 1: `WSI2_CreationEtiquette`, and `WSI3_GetEtiquettes` to print again.

use super::{
    INFO,
    address::Party,
    phone,
    shipment::Plan,
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Method, Purchase, Step,
    wire::{body, xml::Element},
};

/// Sells a shipment and gives its number.
pub(super) const CREATE: &str = "WSI2_CreationEtiquette";
/// Tells where the files of sold shipments lie.
const AGAIN: &str = "WSI3_GetEtiquettes";
/// Least weight that the pattern of three digits can say, in grams.
const WEIGHT_MIN_G: u32 = 100;
/// Languages of addressees that the carrier writes to; others are written to in English.
const LANGUAGES: &[(&str, &str)] = &[
    ("FR", "FR"),
    ("BE", "FR"),
    ("LU", "FR"),
    ("ES", "ES"),
    ("NL", "NL"),
    ("PT", "PT"),
    ("IT", "IT"),
    ("DE", "DE"),
    ("AT", "DE"),
];

/// The purchase request; the order of fields is that of the WSDL.
pub(super) fn request(call: &Call<'_>, plan: &Plan) -> HttpRequest {
    let weight = plan.weight_g.max(WEIGHT_MIN_G).to_string();
    let developed = plan.sides_cm.map(|sides| sides.iter().sum::<u32>().to_string());
    let cash = plan.cash_cents.unwrap_or_default().to_string();
    let insured = plan.insurance.map(|(_, cents)| cents.to_string()).unwrap_or_default();
    let level = plan.insurance.map(|(level, _)| level.to_string()).unwrap_or_default();
    let currency = |amount: bool| if amount { "EUR" } else { "" };
    let (from, to) = (&plan.sender, &plan.recipient);
    let dropped = plan.collection == "REL";
    let point = plan.point.as_deref().unwrap_or_default();
    let (from_phone, to_phone) = (phone::api_1(&from.phone), phone::api_1(&to.phone));
    let mut fields = vec![
        ("ModeCol", plan.collection),
        ("ModeLiv", plan.delivery),
        ("NDossier", plan.order.as_str()),
        ("NClient", plan.customer.as_str()),
    ];
    fields.extend(party(SENDER, from, &from_phone));
    fields.extend(party(RECIPIENT, to, &to_phone));
    fields.extend([
        ("Poids", weight.as_str()),
        ("Longueur", developed.as_deref().unwrap_or_default()),
        ("NbColis", "1"),
        ("CRT_Valeur", cash.as_str()),
        ("CRT_Devise", currency(plan.cash_cents.is_some())),
        ("Exp_Valeur", insured.as_str()),
        ("Exp_Devise", currency(plan.insurance.is_some())),
        ("COL_Rel_Pays", if dropped { from.country.as_str() } else { "" }),
        ("COL_Rel", if dropped { plan.entry.as_deref().unwrap_or("AUTO") } else { "" }),
        ("LIV_Rel_Pays", if point.is_empty() { "" } else { to.country.as_str() }),
        ("LIV_Rel", point),
        ("Assurance", level.as_str()),
    ]);
    soap::request(call, CREATE, &fields)
}

type Names = [&'static str; 10];

const SENDER: Names = [
    "Expe_Langage",
    "Expe_Ad1",
    "Expe_Ad2",
    "Expe_Ad3",
    "Expe_Ad4",
    "Expe_Ville",
    "Expe_CP",
    "Expe_Pays",
    "Expe_Tel1",
    "Expe_Mail",
];
const RECIPIENT: Names = [
    "Dest_Langage",
    "Dest_Ad1",
    "Dest_Ad2",
    "Dest_Ad3",
    "Dest_Ad4",
    "Dest_Ville",
    "Dest_CP",
    "Dest_Pays",
    "Dest_Tel1",
    "Dest_Mail",
];

fn party<'a>(
    names: Names,
    party: &'a Party,
    phone: &'a str,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let language = LANGUAGES.iter().find(|(country, _)| *country == party.country);
    let values = [
        language.map_or("EN", |(_, language)| language),
        &party.name,
        &party.name_2,
        &party.street,
        &party.extra,
        &party.city,
        &party.postcode,
        &party.country,
        phone,
        &party.email,
    ];
    names.into_iter().zip(values)
}

/// Reads `WSI2_CreationEtiquetteResult`.
///
/// # Errors
/// As for purchases: what is neither a number nor a documented refusal is in doubt.
pub(super) fn bought(result: &Element, wanted: LabelFormat) -> Result<Purchase, CarrierError> {
    let stat = result.get("STAT").unwrap_or_default();
    let number = result.get("ExpeditionNum").filter(|number| is_number(number));
    match (stat, number) {
        // 60: something about the printed text, which blocks nothing.
        ("0" | "60", Some(number)) => Ok(without_file(number, wanted)),
        (_, Some(_)) => Err(CarrierError::garbled("an error beside a shipment number")),
        ("0" | "60", None) => Err(CarrierError::garbled("success without a shipment number")),
        (stat, None) => Err(soap::failure(stat, Stake::Money)),
    }
}

/// Eight digits: numbers have no check digit.
pub(super) fn is_number(number: &str) -> bool {
    number.len() == 8 && number.bytes().all(|b| b.is_ascii_digit())
}

/// A sold shipment whose file is to be asked for.
pub(super) fn without_file(number: &str, format: LabelFormat) -> Purchase {
    one(number, format, bytes::Bytes::new())
}

/// A sold shipment of one parcel.
pub(super) fn one(number: &str, format: LabelFormat, data: bytes::Bytes) -> Purchase {
    let label = Label { tracking_number: number.to_owned(), format, data };
    Purchase { shipment_number: number.to_owned(), labels: vec![label], charge: None }
}

/// Asks where the file of a sold shipment lies.
pub(super) fn again(call: &Call<'_>, number: &str) -> Option<HttpRequest> {
    let fields = [("Expeditions", number), ("Langue", "FR")];
    is_number(number).then(|| soap::request(call, AGAIN, &fields))
}

/// Reads where the file lies, then the file.
///
/// # Errors
/// [`CarrierError`] when there is none; nothing is ever bought here.
pub(super) fn file(
    call: &Call<'_>,
    response: &HttpResponse,
    number: &str,
) -> Result<Step<Purchase>, CarrierError> {
    let kind = body::media_type(response.header("content-type").unwrap_or_default());
    let body = &response.body;
    if response.status == 200 && (body.starts_with(b"%PDF-") || kind == "application/pdf") {
        let whole = body.starts_with(b"%PDF-") && body.trim_ascii_end().ends_with(b"%%EOF");
        return match whole {
            true => Ok(Step::Done(one(number, LabelFormat::Pdf, body.clone()))),
            false => Err(CarrierError::garbled("a PDF without its head or end")),
        };
    }
    let result = soap::result(response, AGAIN, Stake::Nothing)?;
    match result.get("STAT").unwrap_or_default() {
        "0" => {}
        stat => return Err(soap::failure(stat, Stake::Nothing)),
    }
    let url = ["URL_PDF_10x15", "URL_PDF_A5", "URL_PDF_A4"];
    let url = url.into_iter().find_map(|name| result.get(name));
    let path = url.and_then(path).ok_or_else(|| CarrierError::garbled("no address of a file"))?;
    let url = format!("{}{path}", call.account.host(&INFO, "files"));
    Ok(Step::Next(HttpRequest::new(Method::Get, url).header("accept", "application/pdf")))
}

/// Addresses are relative to the carrier's site. One that leads elsewhere is not followed.
fn path(url: &str) -> Option<&str> {
    let production = INFO.hosts.iter().find(|(name, _)| *name == "files").map(|(_, url)| *url);
    let path = url.strip_prefix(production?).unwrap_or(url);
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#');
    (plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}
