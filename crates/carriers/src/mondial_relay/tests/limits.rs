//! What is known before any call.

use proptest::prelude::*;
use time::macros::date;

use super::*;
use crate::{AccountError, wire::xml};

type Change = fn(&mut Shipment);

fn to(country: &str, postcode: &str, city: &str) -> Shipment {
    let mut shipment = shipment();
    shipment.recipient.country = country.parse().ok();
    shipment.recipient.postcode = postcode.to_owned();
    shipment.recipient.city = city.to_owned();
    shipment.recipient.phone = "+48 22 123 45 06".to_owned();
    shipment
}

fn option(shipment: &mut Shipment, option: DeliveryOption) {
    shipment.options.push(option);
}

fn point(id: &str) -> DeliveryOption {
    DeliveryOption::ServicePoint { id: id.to_owned(), address: None }
}

const DOOR: &[(&str, Change)] = &[
    ("parcels", |s| s.parcels.push(s.parcels[0].clone())),
    ("parcels", |s| s.parcels.clear()),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(9)),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(30_001)),
    ("parcels.dimensions", |s| {
        s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(2_001);
    }),
    ("parcels.dimensions", |s| s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(0)),
    ("service", |s| s.service = "XOH".to_owned()),
    ("service", |s| s.service = "LCC".to_owned()),
    ("service", |s| s.service.clear()),
    ("format", |s| s.format = LabelFormat::Png),
    ("format", |s| {
        s.service = "LD1".to_owned();
        s.format = LabelFormat::Zpl;
    }),
    ("attempt_ref", |s| s.attempt_ref.clear()),
    ("attempt_ref", |s| s.attempt_ref = "A".repeat(25)),
    ("attempt_ref", |s| s.attempt_ref = "a1".to_owned()),
    ("sender.country", |s| s.sender.country = "DE".parse().ok()),
    ("sender.country", |s| s.sender.postcode = "97400".to_owned()),
    ("sender.phone", |s| s.sender.phone.clear()),
    ("sender.name", |s| s.sender.name = "A".repeat(33)),
    ("recipient.country", |s| s.recipient.country = None),
    ("recipient.country", |s| s.recipient.country = "CH".parse().ok()),
    ("recipient.country", |s| s.recipient.postcode = "97400".to_owned()),
    ("recipient.postcode", |s| s.recipient.postcode = "4200".to_owned()),
    ("recipient.postcode", |s| s.recipient.postcode.clear()),
    ("recipient.city", |s| s.recipient.city = "A".repeat(27)),
    ("recipient.city", |s| s.recipient.city = "75".to_owned()),
    ("recipient.lines", |s| s.recipient.lines = vec!["A".repeat(33)]),
    ("recipient.lines", |s| s.recipient.lines = vec!["A".repeat(20); 3]),
    ("recipient.lines", |s| s.recipient.lines = vec![" ".to_owned()]),
    ("recipient.name", |s| s.recipient.name.clear()),
    ("recipient.name", |s| s.recipient.name = "A".repeat(33)),
    ("recipient.name", |s| s.recipient.name = "\u{674e}\u{56db}".to_owned()),
    ("recipient.company", |s| s.recipient.company = "A".repeat(33)),
    ("recipient.email", |s| s.recipient.email = "alix+colis@example.org".to_owned()),
    ("recipient.email", |s| s.recipient.email = format!("{}@example.org", "a".repeat(60))),
    ("recipient.phone", |s| s.recipient.phone.clear()),
    ("recipient.phone", |s| s.recipient.phone = "06 39".to_owned()),
    ("options", |s| option(s, DeliveryOption::Signature)),
    ("options", |s| option(s, DeliveryOption::Saturday)),
    ("options", |s| option(s, point("042001"))),
    ("options", |s| option(s, DeliveryOption::Insurance(euros(50_001)))),
    ("options", |s| option(s, DeliveryOption::Insurance(euros(0)))),
    ("options", |s| option(s, DeliveryOption::Insurance(Money::new(100, Currency::USD)))),
    ("options", |s| option(s, DeliveryOption::CashOnDelivery(euros(10_000_000)))),
    ("options", |s| {
        s.format = LabelFormat::Zpl;
        option(s, DeliveryOption::CashOnDelivery(euros(100)));
    }),
];

const RELAY: &[(&str, Change)] = &[
    ("options", |s| s.options.clear()),
    ("options", |s| s.options = vec![point("42001")]),
    ("options", |s| s.options = vec![point("BE-042001")]),
    ("recipient.country", |s| s.recipient.country = "DE".parse().ok()),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(30_001)),
];

const POLAND: &[(&str, Change)] = &[
    ("parcels.dimensions", |s| s.parcels[0].dimensions = None),
    ("parcels.dimensions", |s| {
        s.parcels[0].dimensions.as_mut().unwrap().height = Millimetres(391);
        s.parcels[0].dimensions.as_mut().unwrap().length = Millimetres(392);
    }),
    ("recipient.postcode", |s| s.recipient.postcode = "00001".to_owned()),
    ("recipient.phone", |s| s.recipient.phone.clear()),
];

#[test]
fn limits_are_known_before_any_call() {
    let poland = to("PL", "00-001", "Warszawa");
    for (base, changes) in [(shipment(), DOOR), (to_relay(), RELAY), (poland, POLAND)] {
        assert!(request(&base).is_ok(), "{:?}", request(&base));
        for (at, (field, change)) in changes.iter().enumerate() {
            let mut changed = base.clone();
            change(&mut changed);
            let rejection = request(&changed).expect_err(&format!("{field} {at}"));
            assert_eq!(rejection.field, *field, "{at}: {rejection}");
            assert!(!rejection.reason.contains("AAAA"), "{rejection}");
        }
    }
}

#[test]
fn countries_have_their_postcodes() {
    for (country, postcode, fine) in [
        ("BE", "1000", true),
        ("BE", "B-1000", false),
        ("BE", "BE-1000", true),
        ("LU", "L-1111", true),
        ("NL", "1012 ab", true),
        ("NL", "1012", false),
        ("PT", "1000-001", true),
        ("ES", "28001", true),
        ("ES", "35001", false),
        ("IT", "23041", false),
        ("IE", "D02 X285", true),
        ("DE", "1011", false),
    ] {
        let result = request(&to(country, postcode, "Exemple"));
        assert_eq!(result.is_ok(), fine, "{country} {postcode} {result:?}");
    }
}

fn written(shipment: &Shipment, name: &str) -> String {
    let body = request(shipment).unwrap().body;
    let root = xml::parse(std::str::from_utf8(&body).unwrap()).unwrap();
    root.find(name).map(|found| found.text.clone()).unwrap_or_default()
}

#[test]
fn long_names_and_streets_are_cut_between_words() {
    let mut shipment = shipment();
    shipment.recipient.name = "Anaïs-Marie-Charlotte de la Fontaine-au-Bois Exemple".to_owned();
    shipment.recipient.lines = vec!["128 avenue du Général-Imaginaire résidence Œuvre".to_owned()];
    assert_eq!(written(&shipment, "Dest_Ad1"), "ANAIS-MARIE-CHARLOTTE DE LA");
    assert_eq!(written(&shipment, "Dest_Ad2"), "FONTAINE-AU-BOIS EXEMPLE");
    assert_eq!(written(&shipment, "Dest_Ad3"), "128 AVENUE DU GENERAL-IMAGINAIRE");
    assert_eq!(written(&shipment, "Dest_Ad4"), "RESIDENCE OEUVRE");
}

#[test]
fn light_parcels_weigh_what_the_pattern_can_say() {
    let mut light = shipment();
    light.parcels[0].weight = Grams(40);
    assert_eq!(written(&light, "Poids"), "100");
    light.format = LabelFormat::Zpl;
    let body = request(&light).unwrap().body;
    assert!(String::from_utf8_lossy(&body).contains("<Weight Value=\"40\" Unit=\"gr\">"));
}

#[test]
fn a_relay_may_be_named_with_its_country() {
    for id in ["042001", "FR042001", "FR-042001"] {
        let shipment = Shipment { options: vec![point(id)], ..to_relay() };
        assert_eq!(written(&shipment, "LIV_Rel"), "042001");
    }
}

#[test]
fn insurance_takes_the_lowest_level_that_covers() {
    for (cents, level) in [(1, "1"), (5_000, "1"), (5_001, "2"), (50_000, "5")] {
        let mut insured = shipment();
        option(&mut insured, DeliveryOption::Insurance(euros(cents)));
        assert_eq!(written(&insured, "Assurance"), level, "{cents}");
    }
    let mut account = account();
    account.fields.remove("insurance_ceilings_cents");
    let mut insured = shipment();
    option(&mut insured, DeliveryOption::Insurance(euros(1)));
    let rejection = CARRIER.labels().unwrap().request(&call(&account), &insured).unwrap_err();
    assert_eq!(rejection.field, "options");
}

#[test]
fn returns_go_back_to_the_merchant_by_a_relay() {
    let returns = CARRIER.returns().unwrap();
    let account = account();
    let mut other = back();
    other.service = "24R".to_owned();
    assert_eq!(returns.request(&call(&account), &other).unwrap_err().field, "service");
    let mut foreign = back();
    foreign.sender.country = "BE".parse().ok();
    foreign.sender.postcode = "1000".to_owned();
    foreign.ship_date = date!(2026 - 12 - 24);
    assert!(returns.request(&call(&account), &foreign).is_ok());
    foreign.sender.country = "CH".parse().ok();
    assert_eq!(returns.request(&call(&account), &foreign).unwrap_err().field, "sender.country");
}

#[test]
fn a_return_may_name_the_relay_where_it_is_dropped_off() {
    let returns = CARRIER.returns().unwrap();
    let account = account();
    let named = |format, id: &str| {
        let mut back = Shipment { format, ..back() };
        let id = id.to_owned();
        back.options.push(DeliveryOption::ServicePoint { id, address: None });
        returns.request(&call(&account), &back)
    };
    for (format, relay) in [
        (LabelFormat::Pdf, "<COL_Rel>066974</COL_Rel>"),
        (LabelFormat::Zpl, "Mode=\"REL\" Location=\"FR-066974\""),
    ] {
        let body = named(format, "FR-066974").unwrap().body;
        assert!(String::from_utf8_lossy(&body).contains(relay), "{relay}");
        let anywhere = Shipment { format, ..back() };
        let body = returns.request(&call(&account), &anywhere).unwrap().body;
        let body = String::from_utf8_lossy(&body).to_lowercase();
        assert!(body.contains("auto") && !body.contains("066974"));
    }
    assert_eq!(named(LabelFormat::Pdf, "BE-066974").unwrap_err().field, "options");
}

#[test]
fn accounts_are_checked_by_field() {
    let refused = |name: &str, value: &str| -> AccountError {
        CARRIER.auth(&with_field(name, value)).unwrap_err()
    };
    for (name, value) in [
        ("brand", "zzcolibr"),
        ("brand", "ZZCOLIBRI"),
        ("brand", "Z"),
        ("collection_mode", "CDR"),
        ("insurance_ceilings_cents", "1,2,3"),
        ("insurance_ceilings_cents", "5,4,3,2,1"),
        ("connect_password", ""),
    ] {
        assert_eq!(refused(name, value).field, name, "{value}");
    }
    let mut printed_only = account();
    printed_only.fields.retain(|name, _| !name.starts_with("connect_"));
    assert!(CARRIER.auth(&printed_only).is_ok());
    let labels = CARRIER.labels().unwrap();
    assert!(labels.request(&call(&printed_only), &shipment()).is_ok());
    let thermal = Shipment { format: LabelFormat::Zpl, ..shipment() };
    assert_eq!(labels.request(&call(&printed_only), &thermal).unwrap_err().field, "format");
}

#[test]
fn a_short_brand_is_filled_with_spaces() {
    let account = with_field("brand", "BDTEST");
    let request = CARRIER.labels().unwrap().request(&call(&account), &shipment()).unwrap();
    assert!(String::from_utf8_lossy(&request.body).contains("<Enseigne>BDTEST  </Enseigne>"));
}

proptest! {
    /// Whatever people type, the request keeps to the carrier's patterns or is rejected.
    #[test]
    fn what_is_sent_fits_the_patterns(
        name in "\\PC{0,40}", line in "\\PC{0,40}", city in "\\PC{0,30}", phone in "\\PC{0,20}",
        email in "\\PC{0,20}", thermal in any::<bool>(),
    ) {
        let mut shipment = shipment();
        shipment.recipient.name = name;
        shipment.recipient.lines.push(line);
        shipment.recipient.city = city;
        shipment.recipient.phone = phone;
        shipment.recipient.email = email;
        if thermal {
            shipment.format = LabelFormat::Zpl;
        }
        if let Ok(request) = request(&shipment) {
            let root = xml::parse(std::str::from_utf8(&request.body).unwrap()).unwrap();
            let fine = |text: &str, max: usize| {
                text.len() <= max && text.chars().all(|c| {
                    c.is_ascii_uppercase() || c.is_ascii_digit() || "_-'., /".contains(c)
                })
            };
            let names: [(&str, usize); 5] = match thermal {
                false => [("Dest_Ad1", 32), ("Dest_Ad2", 32), ("Dest_Ad3", 32), ("Dest_Ad4", 32),
                    ("Dest_Ville", 26)],
                true => [("AddressAdd1", 30), ("AddressAdd2", 30), ("Streetname", 40),
                    ("AddressAdd3", 30), ("City", 30)],
            };
            let side = root.find("Recipient").unwrap_or(&root);
            for (name, max) in names {
                let text = side.find(name).map(|found| found.text.as_str()).unwrap_or_default();
                prop_assert!(fine(text, max), "{} {}", name, text);
            }
        }
    }
}
