#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod fuzz;
mod limits;
mod readers;
mod simulated;
mod table;
mod writers;

use colibri_types::{Country, Currency, Dimensions, Grams, Millimetres, Money};
use secrecy::SecretString;
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};

use crate::{
    Account, Call, Contact, Customs, ExportReason, HttpRequest, HttpResponse, Incoterm, Item,
    LabelFormat, Parcel, Shipment, Token, fixtures::Fixtures,
};

const FIXTURES: Fixtures = Fixtures("fedex");
const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

fn account() -> Account {
    let fields = [
        ("client_id", "example-client"),
        ("client_secret", "example secret+1"),
        ("account_number", "123456789"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), SecretString::from(value)));
    Account { fields: fields.into(), ..Account::default() }
}

/// Runs something with a call at [`NOW`].
fn with_call<T>(run: impl FnOnce(&Call<'_>) -> T) -> T {
    let account = account();
    let token = Token { value: SecretString::from("token-1"), valid_for: Duration::hours(1) };
    run(&Call { account: &account, token: Some(&token), now: NOW, call_id: "call-1" })
}

fn country(code: &str) -> Option<Country> {
    Some(code.parse().unwrap())
}

fn contact(name: &str, company: &str, line: &str, city: &str, code: &str, land: &str) -> Contact {
    Contact {
        name: name.into(),
        company: company.into(),
        lines: vec![line.into()],
        city: city.into(),
        postcode: code.into(),
        country: country(land),
        phone: "+33 4 65 71 00 01".into(),
        ..Contact::default()
    }
}

fn lyon() -> Contact {
    contact("Expéditions", "Atelier Exemple", "12 rue du Modèle", "Lyon", "69002", "FR")
}

fn berlin() -> Contact {
    let mut berlin = contact("Kira Beispiel", "", "Musterstraße 5", "Berlin", "10115", "DE");
    berlin.email = "kira@beispiel.example".into();
    berlin
}

fn american(name: &str, line: &str, city: &str, code: &str, state: &str) -> Contact {
    let mut contact = contact(name, "Sample Supply", line, city, code, "US");
    contact.subdivision = state.into();
    contact.phone = "+1 217 555 0100".into();
    contact
}

fn springfield() -> Contact {
    american("Robin Example", "1 Sample Street", "Springfield", "62701", "IL")
}

fn portland() -> Contact {
    american("Jo Sample", "100 Example Ave", "Portland", "97201-0001", "OR")
}

fn parcel() -> Parcel {
    let side = Millimetres;
    Parcel {
        parcel_id: "pcl_1".into(),
        weight: Grams(2_400),
        dimensions: Some(Dimensions { length: side(300), width: side(201), height: side(150) }),
        items: vec![Item {
            sku: "CUP-6".into(),
            description: "Ceramic cups, glazed".into(),
            quantity: 4,
            weight: Grams(500),
            value: Money::new(2_050, Currency::EUR),
            hs_code: Some("691200".into()),
            origin: country("FR"),
        }],
    }
}

fn shipment(sender: Contact, recipient: Contact, service: &str, parcels: usize) -> Shipment {
    Shipment {
        attempt_ref: "COL202611200001".into(),
        order_number: "ORDER-77".into(),
        service: service.into(),
        ship_date: date!(2026 - 11 - 20),
        sender,
        recipient,
        parcels: vec![parcel(); parcels],
        format: LabelFormat::Zpl,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

fn union_lane() -> Shipment {
    shipment(lyon(), berlin(), "FEDEX_INTERNATIONAL_PRIORITY", 1)
}

fn customs_lane() -> Shipment {
    let mut shipment = shipment(lyon(), springfield(), "FEDEX_INTERNATIONAL_PRIORITY", 1);
    shipment.incoterm = Some(Incoterm::Ddp);
    shipment.customs = Some(Customs {
        invoice_number: "INV-2026-77".into(),
        invoice_date: date!(2026 - 11 - 20),
        reason: ExportReason::Sale,
        sender_eori: "FR12345678900011".into(),
        sender_vat: "FR 12 345678900".into(),
        ioss: String::new(),
        recipient_tax_id: "000000000".into(),
        freight: Some(Money::new(990, Currency::EUR)),
        went_out_by: String::new(),
    });
    shipment
}
