#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod limits;
mod noise;
mod requests;
mod round_trip;
mod scans;

use colibri_types::{Dimensions, Grams, Millimetres};
use serde_json::{Value, json};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use super::CARRIER;
use crate::{
    Account, Call, Carrier, CarrierError, Contact, DeliveryOption, Found, HttpRequest,
    HttpResponse, LabelFormat, Parcel, PickupRequest, PointSearch, Purchase, Shipment, Step,
    fixtures::Fixtures,
};

const FIXTURES: Fixtures = Fixtures("dpd_fr");
const NOW: OffsetDateTime = datetime!(2026-11-20 14:00 UTC);

fn account() -> Account {
    let fields = CARRIER.info().account_fields.iter();
    let fields = fields.map(|field| (field.name.to_owned(), field.example.to_owned().into()));
    Account { fields: fields.collect(), hosts: Default::default() }
}

fn call(account: &Account) -> Call<'_> {
    Call { account, token: None, now: NOW, call_id: "call-1" }
}

fn contact(name: &str, street: &str, city: &str, postcode: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        lines: vec![street.to_owned()],
        city: city.to_owned(),
        postcode: postcode.to_owned(),
        country: Some("FR".parse().unwrap()),
        ..Contact::default()
    }
}

fn merchant() -> Contact {
    let company = "Atelier Exemple & Cie".to_owned();
    Contact { company, ..contact("Camille Modèle", "12 rue du Modèle", "LYON", "69002") }
}

fn customer() -> Contact {
    let lines = vec!["3 impasse Fictive".to_owned(), "Bâtiment B".to_owned()];
    Contact {
        lines,
        phone: "+33 6 39 98 00 03".to_owned(),
        email: "alix@example.org".to_owned(),
        ..contact("Alix Exemple", "", "RENNES", "35000")
    }
}

fn shipment() -> Shipment {
    Shipment {
        attempt_ref: "ATT0000000001".to_owned(),
        order_number: "COM-77".to_owned(),
        service: "CLASSIC".to_owned(),
        ship_date: date!(2026 - 11 - 20),
        sender: merchant(),
        recipient: customer(),
        parcels: vec![Parcel {
            parcel_id: "pcl-1".to_owned(),
            weight: Grams(1_251),
            dimensions: Some(Dimensions {
                length: Millimetres(300),
                width: Millimetres(201),
                height: Millimetres(150),
            }),
            items: Vec::new(),
        }],
        format: LabelFormat::Zpl,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

fn by(service: &str) -> Shipment {
    Shipment { service: service.to_owned(), ..shipment() }
}

fn relais() -> Shipment {
    let point = DeliveryOption::ServicePoint { id: "P12345".to_owned(), address: None };
    Shipment { options: vec![point], ..by("RELAIS") }
}

fn retour() -> Shipment {
    Shipment { sender: customer(), recipient: merchant(), ..by("RETOUR") }
}

fn several(count: usize) -> Shipment {
    let base = shipment();
    Shipment { parcels: vec![base.parcels[0].clone(); count], ..base }
}

fn pickup() -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: merchant(),
        date: date!(2026 - 11 - 23),
        ready: time::macros::time!(14:00),
        close: time::macros::time!(18:00),
        service: "CLASSIC".to_owned(),
        destination: None,
        parcels: 1,
        weight: Grams(1_251),
        tracking_numbers: vec!["10999000000123".to_owned()],
        instructions: "Quai 3".to_owned(),
    }
}

fn search() -> PointSearch {
    PointSearch {
        near: customer(),
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1_251),
        service: String::new(),
        limit: 5,
    }
}

fn purchase() -> Purchase {
    let label = crate::Label {
        tracking_number: "10999000000123".to_owned(),
        format: LabelFormat::Pdf,
        data: Default::default(),
    };
    Purchase { shipment_number: "10999000000123".to_owned(), labels: vec![label], charge: None }
}

fn assert_told(case: &str, told: &Value) {
    assert_eq!(told, &FIXTURES.expected(case), "{case}");
}

fn error(error: &CarrierError) -> Value {
    let class = match error {
        CarrierError::Refused { .. } => "refused",
        CarrierError::Later { .. } => "later",
        CarrierError::Unauthorised { .. } => "unauthorised",
        CarrierError::Garbled { .. } => "garbled",
    };
    json!({ "error": class, "text": error.to_string() })
}

fn bought(purchase: &Purchase) -> Value {
    let label = |label: &crate::Label| {
        let (number, format) = (&label.tracking_number, format!("{:?}", label.format));
        json!({ "number": number, "format": format, "bytes": label.data.len() })
    };
    let labels: Vec<Value> = purchase.labels.iter().map(label).collect();
    json!({ "shipment": purchase.shipment_number, "labels": labels })
}

fn found(step: &Step<Found>) -> Value {
    match step {
        Step::Next(request) => json!({ "next": request.header_named("soapaction") }),
        Step::Done(Found::Purchase(purchase)) => bought(purchase),
        Step::Done(Found::Nothing) => json!("nothing"),
        Step::Done(Found::Unclear(why)) => json!({ "unclear": why }),
    }
}

impl HttpRequest {
    fn header_named(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
