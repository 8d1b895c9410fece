//! What a direct purchase must have. What only the carrier can judge is left to it.

use colibri_events::{
    labels::v1::PurchaseRequest,
    types::v1::{Money, Parcel, ServicePoint},
};
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, Country, Grams, SiteId};

use crate::{domain::build::money, error::codes};

/// Longest request id: a proto limit, and an index key.
const REQUEST_ID_MAX: usize = 100;
/// Longest line of an address: far beyond what carriers print, short enough for the vault.
const TEXT_MAX: usize = 200;
/// Lines of a street; carriers print three.
const LINES_MAX: usize = 3;
/// Longest id of a pickup point: carriers' have up to 20.
const POINT_ID_MAX: usize = 50;
/// Parcels of one shipment.
const PARCELS_MAX: usize = 50;

/// A purchase whose form is right.
#[derive(Debug)]
pub struct Checked {
    /// Where it leaves.
    pub site_id: SiteId,
    /// Who carries it.
    pub account_id: AccountId,
    /// Where it goes.
    pub country: Country,
}

struct Findings(Fault, bool);

impl Findings {
    fn add(&mut self, field: impl Into<String>, code: &str, text: &str) {
        let none = Fault::reject(codes::FIELD, "");
        self.0 = std::mem::replace(&mut self.0, none).field(field, code, text);
        self.1 = true;
    }

    fn text(&mut self, field: &str, text: &str, required: bool) {
        if text.chars().count() > TEXT_MAX {
            self.add(field, "TOO_LONG", "at most 200 characters");
        } else if text.chars().any(char::is_control) {
            self.add(field, "CONTROL_CHARACTER", "printable characters only");
        } else if required && text.trim().is_empty() {
            self.add(field, "MISSING", "is required");
        }
    }
}

/// Checks the form.
///
/// # Errors
/// [`Fault::Reject`] `LBL0002` with every field at fault.
pub fn purchase(request: &PurchaseRequest) -> Result<Checked, Fault> {
    let fault = Fault::reject(codes::FIELD, "the purchase has fields that cannot be taken");
    let mut findings = Findings(fault, false);
    let length = request.request_id.chars().count();
    if !(1..=REQUEST_ID_MAX).contains(&length) {
        findings.add("request_id", "LENGTH", "1 to 100 characters");
    }
    findings.text("request_id", &request.request_id, true);
    let site_id = request.site_id.parse::<SiteId>().ok();
    if site_id.is_none() {
        findings.add("site_id", "MALFORMED", "an id of a site");
    }
    let account_id = request.account_id.parse::<AccountId>().ok();
    if account_id.is_none() {
        findings.add("account_id", "MALFORMED", "an id of a carrier account");
    }
    findings.text("service", &request.service, true);
    findings.text("order_number", &request.order_number, false);
    let country = recipient(request, &mut findings);
    wishes(request, &mut findings);
    if !(1..=PARCELS_MAX).contains(&request.parcels.len()) {
        findings.add("parcels", "COUNT", "1 to 50 parcels");
    }
    for (at, parcel) in request.parcels.iter().enumerate().take(PARCELS_MAX) {
        sizes(at, parcel, &mut findings);
    }
    match (findings, site_id, account_id, country) {
        (Findings(_, false), Some(site_id), Some(account_id), Some(country)) => {
            Ok(Checked { site_id, account_id, country })
        }
        (Findings(fault, _), ..) => Err(fault),
    }
}

/// The id of a request that may be repeated.
///
/// # Errors
/// [`Fault::Reject`] `LBL0002`.
pub fn request_id(text: &str) -> Result<(), Fault> {
    let length = (1..=REQUEST_ID_MAX).contains(&text.chars().count());
    if length && !text.trim().is_empty() && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let fault = Fault::reject(codes::FIELD, "the request has fields that cannot be taken");
    Err(fault.field("request_id", "LENGTH", "1 to 100 printable characters"))
}

/// Boxes and point of a way back, where any are told.
///
/// # Errors
/// [`Fault::Reject`] `LBL0002` with every field at fault.
pub fn back(parcels: &[Parcel], drop_off: Option<&ServicePoint>) -> Result<(), Fault> {
    let fault = Fault::reject(codes::FIELD, "the request has fields that cannot be taken");
    let mut findings = Findings(fault, false);
    if parcels.len() > PARCELS_MAX {
        findings.add("parcels", "COUNT", "at most 50 parcels");
    }
    for (at, parcel) in parcels.iter().enumerate().take(PARCELS_MAX) {
        sizes(at, parcel, &mut findings);
    }
    if let Some(point) = drop_off {
        point_at("drop_off", point, &mut findings);
    }
    if findings.1 { Err(findings.0) } else { Ok(()) }
}

fn recipient(request: &PurchaseRequest, findings: &mut Findings) -> Option<Country> {
    let Some(to) = &request.recipient else {
        findings.add("recipient", "MISSING", "is required");
        return None;
    };
    if to.name.trim().is_empty() && to.company.trim().is_empty() {
        findings.add("recipient.name", "MISSING", "a name or a company");
    }
    let optional = [
        ("recipient.name", &to.name),
        ("recipient.company", &to.company),
        ("recipient.postcode", &to.postcode),
        ("recipient.subdivision", &to.subdivision),
        ("recipient.phone", &to.phone),
        ("recipient.email", &to.email),
    ];
    for (field, text) in optional {
        findings.text(field, text, false);
    }
    findings.text("recipient.city", &to.city, true);
    if !(1..=LINES_MAX).contains(&to.lines.len()) {
        findings.add("recipient.lines", "COUNT", "1 to 3 lines");
    }
    for (at, line) in to.lines.iter().enumerate().take(LINES_MAX) {
        findings.text(&format!("recipient.lines[{at}]"), line, at == 0);
    }
    let country = to.country.parse::<Country>().ok();
    if country.is_none() {
        findings.add("recipient.country", "UNKNOWN", "ISO 3166-1 alpha-2 in upper case");
    }
    country
}

fn wishes(request: &PurchaseRequest, findings: &mut Findings) {
    let Some(wishes) = &request.wishes else {
        return;
    };
    let amounts = [
        ("wishes.insured_value", &wishes.insured_value),
        ("wishes.cash_on_delivery", &wishes.cash_on_delivery),
    ];
    for (field, amount) in amounts {
        let wrong = |amount: &Money| amount.amount_minor <= 0 || money(amount).is_none();
        if amount.as_ref().is_some_and(wrong) {
            findings.add(field, "MALFORMED", "a positive amount of an ISO 4217 currency");
        }
    }
    if let Some(point) = &wishes.service_point {
        point_at("wishes.service_point", point, findings);
    }
    findings.text("wishes.safe_place", &wishes.safe_place, false);
}

fn point_at(path: &str, point: &ServicePoint, findings: &mut Findings) {
    if !(1..=POINT_ID_MAX).contains(&point.id.chars().count()) {
        findings.add(format!("{path}.id"), "LENGTH", "1 to 50 characters");
    }
    let texts = point.lines.iter().chain([&point.id, &point.name, &point.city]);
    for text in texts.chain([&point.postcode, &point.country]) {
        findings.text(path, text, false);
    }
    if point.lines.len() > LINES_MAX {
        findings.add(format!("{path}.lines"), "COUNT", "at most 3 lines");
    }
}

fn sizes(at: usize, parcel: &Parcel, findings: &mut Findings) {
    if !(1..=Grams::MAX.0).contains(&parcel.weight_g) {
        findings.add(format!("parcels[{at}].weight_g"), "RANGE", "1 to 1 000 000 g");
    }
    let sides = [parcel.length_mm, parcel.width_mm, parcel.height_mm];
    if sides.contains(&0) && sides != [0; 3] {
        findings.add(format!("parcels[{at}].length_mm"), "RANGE", "all three sides or none");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use colibri_events::{labels::v1::Wishes, types::v1::Address};

    use super::*;

    fn good() -> PurchaseRequest {
        PurchaseRequest {
            request_id: "r1".into(),
            site_id: SiteId::generate().to_string(),
            account_id: AccountId::generate().to_string(),
            service: "DOM".into(),
            recipient: Some(Address {
                name: "Camille Exemple".into(),
                lines: vec!["3 allée des Essais".into()],
                city: "Lyon".into(),
                postcode: "69002".into(),
                country: "FR".into(),
                ..Default::default()
            }),
            parcels: vec![Parcel { weight_g: 500, ..Default::default() }],
            ..Default::default()
        }
    }

    fn fields(request: &PurchaseRequest) -> Vec<String> {
        match purchase(request) {
            Ok(_) => Vec::new(),
            Err(Fault::Reject { fields, .. }) => fields.into_iter().map(|f| f.field).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_whole_purchase_passes_and_each_broken_field_is_named() {
        assert_eq!(fields(&good()), Vec::<String>::new());
        type Break = fn(&mut PurchaseRequest);
        let cases: &[(&str, Break)] = &[
            ("request_id", |r| r.request_id = "x".repeat(101)),
            ("site_id", |r| r.site_id = "sit_1".into()),
            ("account_id", |r| r.account_id = String::new()),
            ("service", |r| r.service = " ".into()),
            ("recipient", |r| r.recipient = None),
            ("recipient.name", |r| r.recipient.as_mut().unwrap().name = String::new()),
            ("recipient.country", |r| r.recipient.as_mut().unwrap().country = "fr".into()),
            ("recipient.lines", |r| r.recipient.as_mut().unwrap().lines.clear()),
            ("recipient.lines[0]", |r| r.recipient.as_mut().unwrap().lines = vec!["a\u{0}".into()]),
            ("recipient.city", |r| r.recipient.as_mut().unwrap().city = String::new()),
            ("parcels", |r| r.parcels.clear()),
            ("parcels[0].weight_g", |r| r.parcels = vec![Parcel::default()]),
            ("wishes.cash_on_delivery", |r| {
                let collected = Some(Money { amount_minor: 0, currency: "EUR".into() });
                r.wishes = Some(Wishes { cash_on_delivery: collected, ..Default::default() });
            }),
            ("wishes.service_point.id", |r| {
                let point = Some(ServicePoint::default());
                r.wishes = Some(Wishes { service_point: point, ..Default::default() });
            }),
            ("parcels[0].length_mm", |r| r.parcels.iter_mut().for_each(|p| p.width_mm = 5)),
        ];
        for (field, spoil) in cases {
            let mut request = good();
            spoil(&mut request);
            assert_eq!(fields(&request), [*field]);
        }
    }

    #[test]
    fn no_finding_repeats_what_stood_in_the_field() {
        let mut request = good();
        request.recipient.as_mut().unwrap().name = "Canari\u{7}".into();
        let fault = purchase(&request).unwrap_err();
        assert!(!format!("{fault:?}").contains("Canari"));
    }
}
