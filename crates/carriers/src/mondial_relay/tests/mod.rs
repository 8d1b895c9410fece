#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod labels;
mod limits;
mod points;
mod round_trip;
mod tracking;

use colibri_types::{Currency, Dimensions, Grams, Millimetres, Money};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use super::CARRIER;
use crate::{
    Account, Call, Carrier, Contact, DeliveryOption, HttpRequest, HttpResponse, LabelFormat,
    Parcel, Rejection, Shipment, fixtures::Fixtures,
};

pub(super) const FIXTURES: Fixtures = Fixtures("mondial_relay");
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 14:00 UTC);
pub(super) const KEY: &str = "CleInventee1";

pub(super) fn account() -> Account {
    let fields = CARRIER.info().account_fields.iter();
    let fields = fields.map(|field| (field.name.to_owned(), field.example.to_owned().into()));
    Account { fields: fields.collect(), hosts: Default::default() }
}

pub(super) fn with_field(name: &str, value: &str) -> Account {
    let mut account = account();
    account.fields.insert(name.to_owned(), value.to_owned().into());
    account
}

pub(super) fn call(account: &Account) -> Call<'_> {
    Call { account, token: None, now: NOW, call_id: "call-1" }
}

pub(super) fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

/// To a door in Rennes, printed.
pub(super) fn shipment() -> Shipment {
    let country = Some("FR".parse().unwrap());
    Shipment {
        attempt_ref: "ATT00000000000000001".to_owned(),
        order_number: "COM-77".to_owned(),
        service: "HOM".to_owned(),
        ship_date: date!(2026 - 11 - 21),
        sender: Contact {
            name: "Service Expédition".to_owned(),
            company: "Atelier Exemple & Cie".to_owned(),
            lines: vec!["12 rue du Modèle".to_owned()],
            city: "Lyon 2".to_owned(),
            postcode: "69002".to_owned(),
            country,
            phone: "04 65 71 00 01".to_owned(),
            email: "expedition@example.org".to_owned(),
            ..Contact::default()
        },
        recipient: Contact {
            name: "Alix Exemple".to_owned(),
            lines: vec!["3 impasse Fictive".to_owned(), "Bâtiment B".to_owned()],
            city: "Saint-Étienne".to_owned(),
            postcode: "42000".to_owned(),
            country,
            phone: "+33 6 39 98 00 03".to_owned(),
            email: "alix@example.org".to_owned(),
            ..Contact::default()
        },
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
        format: LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

pub(super) fn to_relay() -> Shipment {
    let point = DeliveryOption::ServicePoint { id: "042001".to_owned(), address: None };
    Shipment { service: "24R".to_owned(), options: vec![point], ..shipment() }
}

pub(super) fn back() -> Shipment {
    let mut shipment = Shipment { service: "LCC".to_owned(), ..shipment() };
    std::mem::swap(&mut shipment.sender, &mut shipment.recipient);
    shipment
}

pub(super) fn request(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    CARRIER.labels().unwrap().request(&call(&account()), shipment)
}
