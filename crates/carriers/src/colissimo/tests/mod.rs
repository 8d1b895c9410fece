#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod extras;
mod labels;
mod round_trip;
mod tracking;

use colibri_types::{Dimensions, Grams, Millimetres};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use crate::{
    Account, Call, Contact, HttpRequest, HttpResponse, LabelFormat, Parcel, Shipment,
    fixtures::Fixtures,
};

pub(super) const FIXTURES: Fixtures = Fixtures("colissimo");
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 14:00 UTC);

pub(super) fn account() -> Account {
    let fields = [
        ("api_key", "invented-sls-key"),
        ("suivi_key", "invented-okapi-key"),
        ("contract_number", "000000"),
        ("commercial_name", "Atelier Exemple"),
        ("declared_freight_cents", "890"),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned().into()));
    Account { fields: fields.into(), hosts: Default::default() }
}

pub(super) fn call(account: &Account) -> Call<'_> {
    Call { account, token: None, now: NOW, call_id: "call-1" }
}

pub(super) fn shipment() -> Shipment {
    let country = Some("FR".parse().unwrap());
    Shipment {
        attempt_ref: "ATT0000000001".to_owned(),
        order_number: "COM-77".to_owned(),
        service: "DOS".to_owned(),
        ship_date: date!(2026 - 11 - 20),
        sender: Contact {
            name: "Service Expédition".to_owned(),
            company: "Atelier Exemple".to_owned(),
            lines: vec!["12 rue du Modèle".to_owned()],
            city: "LYON".to_owned(),
            postcode: "69002".to_owned(),
            country,
            ..Contact::default()
        },
        recipient: Contact {
            name: "Alix Exemple".to_owned(),
            lines: vec!["3 impasse Fictive".to_owned(), "Bâtiment B".to_owned()],
            city: "RENNES".to_owned(),
            postcode: "35000".to_owned(),
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
