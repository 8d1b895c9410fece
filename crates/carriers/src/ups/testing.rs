//! Invented parties and answers for the tests of this folder.
#![allow(clippy::unwrap_used, reason = "tests")]

use colibri_types::{Country, Currency, Dimensions, Grams, Millimetres, Money};
use secrecy::SecretString;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    Account, Call, Contact, Customs, ExportReason, HttpResponse, Incoterm, Item, LabelFormat,
    Parcel, Shipment, Token,
};

pub const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

pub fn account() -> Account {
    let fields = [
        ("client_id", "example-client"),
        ("client_secret", "example-secret"),
        ("shipper_number", "A1B2C3"),
        ("webhook_secret", "hook-credential"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), SecretString::from(value)));
    Account { fields: fields.into(), ..Account::default() }
}

pub fn token() -> Token {
    Token { value: SecretString::from("token-1"), valid_for: Duration::hours(4) }
}

/// Runs something with a call at [`NOW`].
pub fn with_call<T>(run: impl FnOnce(&Call<'_>) -> T) -> T {
    let (account, token) = (account(), token());
    run(&Call { account: &account, token: Some(&token), now: NOW, call_id: "call-1" })
}

pub fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body: body.to_owned().into() }
}

fn country(code: &str) -> Option<Country> {
    Some(code.parse().unwrap())
}

pub fn lyon() -> Contact {
    Contact {
        name: "Expéditions".into(),
        company: "Atelier Exemple".into(),
        lines: vec!["12 rue du Modèle".into()],
        city: "Lyon".into(),
        postcode: "69002".into(),
        country: country("FR"),
        phone: "04 65 71 00 01".into(),
        email: "depart@atelier.example".into(),
        ..Contact::default()
    }
}

pub fn berlin() -> Contact {
    Contact {
        name: "Kira Beispiel".into(),
        lines: vec!["Musterweg 5".into()],
        city: "Berlin".into(),
        postcode: "10115".into(),
        country: country("DE"),
        phone: "+49 30 23125002".into(),
        ..Contact::default()
    }
}

pub fn zurich() -> Contact {
    Contact {
        name: "Reto Muster".into(),
        company: "Muster Keramik AG".into(),
        lines: vec!["Probegasse 3".into(), "2. Stock".into()],
        city: "Zürich".into(),
        postcode: "8001".into(),
        country: country("CH"),
        phone: "+41 44 668 18 00".into(),
        ..Contact::default()
    }
}

pub fn portland() -> Contact {
    Contact {
        name: "Jo Sample".into(),
        company: "Sample Supply".into(),
        lines: vec!["100 Example Ave".into()],
        city: "Portland".into(),
        postcode: "97201-0001".into(),
        subdivision: "OR".into(),
        country: country("US"),
        phone: "+1 503 555 0100".into(),
        ..Contact::default()
    }
}

pub fn albany() -> Contact {
    Contact {
        name: "Max Specimen".into(),
        lines: vec!["7 Specimen St".into()],
        city: "Albany".into(),
        postcode: "12207".into(),
        subdivision: "NY".into(),
        country: country("US"),
        ..Contact::default()
    }
}

pub fn cups() -> Item {
    Item {
        sku: "CUP-6".into(),
        description: "Ceramic cups".into(),
        quantity: 2,
        weight: Grams(900),
        value: Money::new(2_450, Currency::EUR),
        hs_code: Some("691200".into()),
        origin: country("FR"),
    }
}

pub fn parcel() -> Parcel {
    let side = Millimetres;
    Parcel {
        parcel_id: "pcl_1".into(),
        weight: Grams(2_400),
        dimensions: Some(Dimensions { length: side(300), width: side(200), height: side(150) }),
        items: vec![cups()],
    }
}

pub fn shipment(sender: Contact, recipient: Contact, parcels: usize) -> Shipment {
    Shipment {
        attempt_ref: "COL202611200001".into(),
        order_number: "ORDER-77".into(),
        service: "11".into(),
        ship_date: NOW.date(),
        sender,
        recipient,
        parcels: vec![parcel(); parcels],
        format: LabelFormat::Zpl,
        options: Vec::new(),
        incoterm: Some(Incoterm::Ddp),
        customs: Some(Customs {
            invoice_number: "FA-2026-0077".into(),
            invoice_date: NOW.date(),
            reason: ExportReason::Sale,
            sender_eori: "FR12345678900012".into(),
            sender_vat: "FR40123456789".into(),
            ioss: String::new(),
            recipient_tax_id: String::new(),
            freight: None,
            went_out_by: String::new(),
        }),
    }
}
