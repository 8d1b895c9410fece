#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod fixtures;
mod labels;
mod others;
mod push;
mod round_trip;
mod sim;
mod tracking;

use colibri_types::{Currency, Dimensions, Grams, Millimetres, Money};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use crate::{
    Account, Call, Contact, Customs, ExportReason, HttpRequest, HttpResponse, Incoterm, Item,
    LabelFormat, Parcel, Shipment, fixtures::Fixtures,
};

pub(super) const FIXTURES: Fixtures = Fixtures("dhl_express");
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

pub(super) fn account() -> Account {
    let fields = super::INFO.account_fields.iter();
    let fields = fields.map(|field| (field.name.to_owned(), field.example.to_owned().into()));
    Account { fields: fields.collect(), ..Account::default() }
}

pub(super) fn call(account: &Account) -> Call<'_> {
    Call { account, token: None, now: NOW, call_id: "call-1" }
}

pub(super) fn contact(country: &str) -> Contact {
    let (name, company, line, city, postcode, phone) = match country {
        "FR" => (
            "Camille Modèle",
            "Atelier Exemple",
            "12 rue du Modèle",
            "Lyon",
            "69002",
            "+33465710001",
        ),
        "DE" => ("Kira Beispiel", "", "Musterweg 5", "Berlin", "10115", "+493023125002"),
        "CH" => ("Kim Muster", "Muster AG", "Probegasse 3", "Zürich", "8001", "+41440000004"),
        "US" => ("Jo Sample", "", "100 Example Ave", "Portland", "97201", "+15035550100"),
        other => panic!("no contact in {other}"),
    };
    Contact {
        name: name.into(),
        company: company.into(),
        lines: vec![line.into()],
        city: city.into(),
        postcode: postcode.into(),
        subdivision: if country == "US" { "OR".into() } else { String::new() },
        country: Some(country.parse().unwrap()),
        phone: phone.into(),
        email: "someone@example.org".into(),
    }
}

pub(super) fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

pub(super) fn cups() -> Item {
    Item {
        sku: "CUP".into(),
        description: "Ceramic cups, glazed".into(),
        quantity: 4,
        weight: Grams(500),
        value: eur(2_050),
        hs_code: Some("691200".into()),
        origin: Some("FR".parse().unwrap()),
    }
}

pub(super) fn parcel() -> Parcel {
    Parcel {
        parcel_id: "parcel-1".into(),
        weight: Grams(2_400),
        dimensions: Some(Dimensions {
            length: Millimetres(305),
            width: Millimetres(200),
            height: Millimetres(150),
        }),
        items: vec![cups()],
    }
}

pub(super) fn customs() -> Customs {
    Customs {
        invoice_number: "F-2026-118".into(),
        invoice_date: date!(2026 - 11 - 20),
        reason: ExportReason::Sale,
        sender_eori: "FR00000000000000".into(),
        sender_vat: "FR00000000000".into(),
        ioss: "IM2500000017".into(),
        recipient_tax_id: String::new(),
        freight: Some(eur(890)),
        went_out_by: String::new(),
    }
}

/// A parcel by a product that fits the lane.
pub(super) fn shipment(from: &str, to: &str) -> Shipment {
    let (service, border) = match (from, to) {
        (from, to) if from == to => ("N", false),
        ("FR" | "DE", "FR" | "DE") => ("U", false),
        _ => ("P", true),
    };
    Shipment {
        attempt_ref: "ATT0000000001".into(),
        order_number: "ORDER-77".into(),
        service: service.into(),
        ship_date: date!(2026 - 11 - 20),
        sender: contact(from),
        recipient: contact(to),
        parcels: vec![parcel()],
        format: LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: border.then_some(Incoterm::Dap),
        customs: border.then(customs),
    }
}

pub(super) fn answer(status: u16, body: &str) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpResponse { status, headers, body: body.to_owned().into() }
}

pub(super) fn body(request: &HttpRequest) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}
