#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod extras;
mod labels;
mod round_trip;
mod tracking;

use colibri_types::{Country, Currency, Dimensions, Grams, Millimetres, Money};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};

use crate::{
    Account, Call, Contact, Customs, ExportReason, Incoterm, Item, LabelFormat, Parcel, Shipment,
    Token, fixtures::Fixtures,
};

pub(super) const FIXTURES: Fixtures = Fixtures("gls");
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);

pub(super) fn account() -> Account {
    let fields = [
        ("client_id", "example-client"),
        ("client_secret", "example-secret"),
        ("contact_id", "250abcDEF1"),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned().into()));
    Account { fields: fields.into(), hosts: Default::default() }
}

/// Runs something with a call at [`NOW`].
pub(super) fn with_call<T>(run: impl FnOnce(&Call<'_>) -> T) -> T {
    let account = account();
    let token =
        Token { value: "invented-token-1".to_owned().into(), valid_for: Duration::hours(4) };
    run(&Call { account: &account, token: Some(&token), now: NOW, call_id: "call-1" })
}

pub(super) fn lyon() -> Contact {
    Contact {
        name: "Service Expédition".to_owned(),
        company: "Atelier Exemple".to_owned(),
        lines: vec!["12 rue du Modèle".to_owned()],
        city: "Lyon".to_owned(),
        postcode: "69002".to_owned(),
        country: Some(Country::FR),
        phone: "04 65 71 00 01".to_owned(),
        email: "depart@atelier.example".to_owned(),
        ..Contact::default()
    }
}

pub(super) fn berlin() -> Contact {
    Contact {
        name: "Kira Beispiel".to_owned(),
        lines: vec!["Musterweg 5".to_owned(), "Hinterhaus".to_owned()],
        city: "Berlin".to_owned(),
        postcode: "10115".to_owned(),
        country: Some(Country::DE),
        phone: "+49 30 23125002".to_owned(),
        email: "kira@example.net".to_owned(),
        ..Contact::default()
    }
}

pub(super) fn shipment(parcels: usize) -> Shipment {
    let parcel = Parcel {
        parcel_id: "pcl-1".to_owned(),
        weight: Grams(1_251),
        dimensions: Some(Dimensions {
            length: Millimetres(300),
            width: Millimetres(201),
            height: Millimetres(150),
        }),
        items: Vec::new(),
    };
    Shipment {
        attempt_ref: "ATT0000000001".to_owned(),
        order_number: "ORDER-77".to_owned(),
        service: "PARCEL".to_owned(),
        ship_date: date!(2026 - 11 - 20),
        sender: lyon(),
        recipient: berlin(),
        parcels: vec![parcel; parcels],
        format: LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

/// To Zürich, with all that a border wants.
pub(super) fn across_a_border() -> Shipment {
    let mut shipment = shipment(1);
    shipment.recipient.city = "Zürich".to_owned();
    shipment.recipient.postcode = "8001".to_owned();
    shipment.recipient.country = "CH".parse().ok();
    shipment.incoterm = Some(Incoterm::Dap);
    shipment.parcels[0].items = vec![Item {
        sku: "CUP-6".to_owned(),
        description: "Ceramic cups".to_owned(),
        quantity: 2,
        weight: Grams(500),
        value: Money::new(2_450, Currency::EUR),
        hs_code: Some("691200".to_owned()),
        origin: Some(Country::FR),
    }];
    shipment.customs = Some(Customs {
        invoice_number: "INV-77".to_owned(),
        invoice_date: date!(2026 - 11 - 20),
        reason: ExportReason::Sale,
        sender_eori: String::new(),
        sender_vat: String::new(),
        ioss: String::new(),
        recipient_tax_id: String::new(),
        freight: None,
        went_out_by: String::new(),
    });
    shipment
}
