#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod noise;
mod requests;
mod round_trip;
mod simulator;

use colibri_types::{Currency, Dimensions, Grams, Millimetres, Money};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

use crate::{
    Account, Call, Contact, Customs, DeliveryOption, ExportReason, HttpRequest, HttpResponse,
    Incoterm, Item, LabelFormat, Parcel, Shipment, fixtures::Fixtures, sim::SimRequest,
};

pub(super) const FIXTURES: Fixtures = Fixtures("chronopost");
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);

pub(super) fn account() -> Account {
    let fields = [("account_number", "99999999"), ("password", "999999"), ("sub_account", "7")];
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
        service: "01".to_owned(),
        ship_date: date!(2026 - 11 - 20),
        sender: Contact {
            name: "Service Expédition".to_owned(),
            company: "Atelier Exemple & Fils".to_owned(),
            lines: vec!["12 rue du Modèle".to_owned()],
            city: "LYON".to_owned(),
            postcode: "69002".to_owned(),
            country,
            phone: "+33 4 72 00 00 01".to_owned(),
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
        parcels: vec![parcel()],
        format: LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

fn parcel() -> Parcel {
    Parcel {
        parcel_id: "pcl-1".to_owned(),
        weight: Grams(1_251),
        dimensions: Some(Dimensions {
            length: Millimetres(300),
            width: Millimetres(201),
            height: Millimetres(150),
        }),
        items: Vec::new(),
    }
}

/// To a pickup point, on a Saturday.
pub(super) fn to_point() -> Shipment {
    let address = Contact {
        company: "Relais Exemple".to_owned(),
        lines: vec!["1 rue des Relais".to_owned()],
        city: "RENNES".to_owned(),
        postcode: "35000".to_owned(),
        country: Some("FR".parse().unwrap()),
        ..Contact::default()
    };
    let point =
        DeliveryOption::ServicePoint { id: "1234A".to_owned(), address: Some(address.into()) };
    let options = vec![point, DeliveryOption::Saturday];
    Shipment { service: "86".to_owned(), options, ..shipment() }
}

/// Two sorts of goods to Switzerland.
pub(super) fn behind_a_border() -> Shipment {
    let item = |description: &str, quantity, cents| Item {
        sku: "TASSE-1".to_owned(),
        description: description.to_owned(),
        quantity,
        weight: Grams(300),
        value: Money::new(cents, Currency::EUR),
        hs_code: Some("691200".to_owned()),
        origin: Some("FR".parse().unwrap()),
    };
    let mut shipment = Shipment { service: "17".to_owned(), ..shipment() };
    shipment.recipient.country = Some("CH".parse().unwrap());
    shipment.recipient.city = "LAUSANNE".to_owned();
    shipment.recipient.postcode = "1000".to_owned();
    shipment.recipient.phone = "+41 78 000 00 03".to_owned();
    shipment.parcels[0].items =
        vec![item("Stoneware cup, 2 handles", 2, 1_250), item("Tray", 1, 899)];
    shipment.incoterm = Some(Incoterm::Ddp);
    shipment.customs = Some(Customs {
        invoice_number: "F-1".to_owned(),
        invoice_date: date!(2026 - 11 - 19),
        reason: ExportReason::Sale,
        sender_eori: "FR00000000000001".to_owned(),
        sender_vat: "FR00000000001".to_owned(),
        ioss: String::new(),
        recipient_tax_id: String::new(),
        freight: None,
        went_out_by: String::new(),
    });
    shipment
}

/// The customer sends back what came.
pub(super) fn back() -> Shipment {
    let mut shipment = Shipment { service: "4T".to_owned(), ..shipment() };
    std::mem::swap(&mut shipment.sender, &mut shipment.recipient);
    shipment
}
