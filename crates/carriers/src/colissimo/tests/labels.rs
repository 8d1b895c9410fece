use colibri_types::{Currency, Money};
use proptest::prelude::*;
use serde_json::json;
use time::macros::date;

use super::*;
use crate::{
    Carrier, CarrierError, DeliveryOption, Incoterm, Item, Purchase, Step,
    colissimo::{CARRIER, multipart},
};

fn request(shipment: &Shipment) -> Result<HttpRequest, crate::Rejection> {
    CARRIER.labels().unwrap().request(&call(&account()), shipment)
}

fn read(response: &HttpResponse) -> Result<Step<Purchase>, CarrierError> {
    CARRIER.labels().unwrap().response(response, &shipment())
}

fn item() -> Item {
    Item {
        sku: "TASSE-1".to_owned(),
        description: "Stoneware cup".to_owned(),
        quantity: 2,
        weight: Grams(400),
        value: Money::new(1_250, Currency::EUR),
        hs_code: Some("691200".to_owned()),
        origin: Some("FR".parse().unwrap()),
    }
}

fn overseas() -> Shipment {
    let mut shipment = Shipment { service: "COM".to_owned(), ..shipment() };
    shipment.recipient.postcode = "97400".to_owned();
    shipment.recipient.city = "SAINT-DENIS".to_owned();
    shipment.parcels[0].items = vec![item()];
    shipment.format = LabelFormat::Zpl;
    shipment
}

fn pickup_point() -> Shipment {
    let options = vec![
        DeliveryOption::ServicePoint { id: "012345".to_owned(), address: None },
        DeliveryOption::Insurance(Money::new(15_001, Currency::EUR)),
    ];
    Shipment { service: "HD".to_owned(), options, ..shipment() }
}

#[test]
fn requests_are_written_to_the_byte() {
    FIXTURES.assert_request("label_accepted", &request(&shipment()).unwrap());
    FIXTURES.assert_request("buy_overseas", &request(&overseas()).unwrap());
    FIXTURES.assert_request("buy_pickup_point", &request(&pickup_point()).unwrap());
    let again = CARRIER.labels().unwrap().label_request(&call(&account()), "6A00000001236");
    FIXTURES.assert_request("label_again", &again.unwrap());
}

#[test]
fn a_label_can_be_asked_for_again_only_with_a_contract_number() {
    let mut account = account();
    account.fields.remove("contract_number");
    let labels = CARRIER.labels().unwrap();
    assert!(labels.label_request(&call(&account), "6A00000001236").is_none());
}

#[test]
fn answers_are_read_as_bought_refused_or_in_doubt() {
    let others = [FIXTURES.cases("suivi_"), FIXTURES.cases("extra_")].concat();
    let cases: Vec<String> =
        FIXTURES.cases("").into_iter().filter(|case| !others.contains(case)).collect();
    let mut seen = 0;
    for case in cases {
        seen += 1;
        let told = match read(&FIXTURES.response(&case)) {
            Ok(Step::Done(purchase)) => {
                assert_eq!(purchase.labels.len(), 1);
                let label = &purchase.labels[0];
                assert_eq!(purchase.shipment_number, label.tracking_number);
                json!({
                    "number": label.tracking_number,
                    "format": format!("{:?}", label.format),
                    "bytes": label.data.len(),
                })
            }
            Ok(Step::Next(_)) => panic!("{case}: one call buys"),
            Err(error) => json!({ "error": error.to_string() }),
        };
        assert_eq!(told, FIXTURES.expected(&case), "{case}");
    }
    assert!(seen >= 24, "{seen}");
}

#[test]
fn the_file_is_kept_byte_for_byte() {
    let Ok(Step::Done(purchase)) = read(&FIXTURES.response("label_accepted")) else {
        panic!("bought")
    };
    let data = &purchase.labels[0].data;
    assert!(data.starts_with(b"%PDF-1.4\r\n--\r\n") && data.ends_with(b"%%EOF\r\n"));
}

#[test]
fn a_retry_after_is_passed_on() {
    let Err(CarrierError::Later { retry_after, .. }) = read(&FIXTURES.response("busy")) else {
        panic!("busy")
    };
    assert_eq!(retry_after.unwrap().as_secs(), 30);
}

type Change = fn(&mut Shipment);

const DOMESTIC: &[(&str, Change)] = &[
    ("parcels", |s| s.parcels.push(s.parcels[0].clone())),
    ("parcels", |s| s.parcels.clear()),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(30_001)),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(0)),
    ("parcels.dimensions", |s| {
        s.parcels[0].dimensions.as_mut().unwrap().length = Millimetres(2_001);
    }),
    ("service", |s| s.service = "DHL".to_owned()),
    ("format", |s| s.format = LabelFormat::Png),
    ("ship_date", |s| s.ship_date = date!(2026 - 11 - 19)),
    ("attempt_ref", |s| s.attempt_ref.clear()),
    ("sender.country", |s| s.sender.country = "DE".parse().ok()),
    ("recipient.country", |s| s.recipient.country = None),
    ("recipient.country", |s| s.recipient.postcode = "97400".to_owned()),
    ("recipient.postcode", |s| s.recipient.postcode = "3500".to_owned()),
    ("recipient.postcode", |s| s.recipient.postcode.clear()),
    ("recipient.city", |s| s.recipient.city = "A".repeat(36)),
    ("recipient.lines", |s| s.recipient.lines = vec!["A".repeat(36)]),
    ("recipient.lines", |s| s.recipient.lines = vec![" ".to_owned()]),
    ("recipient.lines", |s| s.recipient.lines = vec!["A".to_owned(); 4]),
    ("recipient.name", |s| s.recipient.name.clear()),
    ("recipient.name", |s| s.recipient.name = "A".repeat(36)),
    ("recipient.name", |s| s.recipient.name = "\u{674e}\u{56db}".to_owned()),
    ("recipient.company", |s| s.recipient.company = "A".repeat(36)),
    ("recipient.company", |s| s.service = "CORE".to_owned()),
    ("recipient.email", |s| s.recipient.email = "a".repeat(81)),
    ("recipient.phone", |s| s.recipient.phone = "0612345678".to_owned()),
    ("recipient.phone", |s| s.recipient.phone = "0".repeat(16)),
    ("options", |s| s.options = vec![DeliveryOption::Saturday]),
    ("options", |s| {
        s.options = vec![DeliveryOption::ServicePoint { id: "012345".to_owned(), address: None }]
    }),
    ("options", |s| {
        let value = Money::new(500_001, Currency::EUR);
        s.options = vec![DeliveryOption::Insurance(value)];
    }),
];

#[test]
fn limits_are_known_before_any_call() {
    let away: &[(&str, Change)] = &[
        ("recipient.country", |s| s.recipient.postcode = "35000".to_owned()),
        ("parcels.items", |s| s.parcels[0].items.clear()),
        ("parcels.items", |s| s.parcels[0].items = vec![item(); 101]),
        ("parcels.items.hs_code", |s| s.parcels[0].items[0].hs_code = Some("6912".to_owned())),
        ("parcels.items.origin", |s| s.parcels[0].items[0].origin = None),
        ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 0),
        ("parcels.items.description", |s| s.parcels[0].items[0].description = "A".repeat(65)),
        ("parcels.items.value", |s| {
            let other = Money::new(1, Currency::USD);
            s.parcels[0].items.push(Item { value: other, ..item() });
        }),
        ("parcels.items.value", |s| {
            s.parcels[0].items[0].value = Money::new(1, "PLN".parse().unwrap());
        }),
        ("recipient.phone", |s| {
            s.incoterm = Some(Incoterm::Ddp);
            s.recipient.phone.clear();
        }),
    ];
    let point: &[(&str, Change)] = &[
        ("options", |s| s.options.clear()),
        ("options", |s| {
            s.options = vec![DeliveryOption::ServicePoint { id: "12345".to_owned(), address: None }]
        }),
        ("recipient.email", |s| s.recipient.email.clear()),
        ("recipient.phone", |s| s.recipient.phone = "02 99 00 00 00".to_owned()),
    ];
    for (base, changes) in [(shipment(), DOMESTIC), (overseas(), away), (pickup_point(), point)] {
        assert!(request(&base).is_ok());
        for (field, change) in changes {
            let mut changed = base.clone();
            change(&mut changed);
            let rejection = request(&changed).expect_err(field);
            assert_eq!(rejection.field, *field, "{rejection}");
        }
    }
}

#[test]
fn what_latin_1_lacks_is_respelled_and_long_names_are_split() {
    let mut shipment = shipment();
    shipment.recipient.name =
        "Ana\u{ef}s-Marie-Charlotte de la Fontaine-au-Bois Exemple".to_owned();
    shipment.recipient.lines =
        vec!["1 rue du C\u{153}ur \u{2013} \u{141}\u{f3}d\u{17a}".to_owned()];
    let body = request(&shipment).unwrap().body;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let address = &body["letter"]["addressee"]["address"];
    assert_eq!(address["line2"], "1 rue du Coeur - L\u{f3}dz");
    assert_eq!(address["firstName"], "Ana\u{ef}s-Marie-Charlotte");
    assert_eq!(address["lastName"], "de la Fontaine-au-Bois Exemple");
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic_and_none_are_a_purchase(
        body in prop::collection::vec(any::<u8>(), 0..300), status in any::<u16>(),
    ) {
        let kind = ("content-type".to_owned(), "multipart/mixed; boundary=b".to_owned());
        let response = HttpResponse { status, headers: vec![kind], body: body.into() };
        prop_assert!(read(&response).is_err());
    }

    #[test]
    fn a_cut_answer_never_has_a_cut_file_and_never_says_no(cut in any::<prop::sample::Index>()) {
        for case in ["label_accepted", "label_part_first"] {
            let whole = FIXTURES.response(case);
            let Ok(Step::Done(purchase)) = read(&whole) else { panic!("bought") };
            let body = whole.body.slice(..cut.index(whole.body.len()));
            match read(&HttpResponse { body, ..whole }) {
                Ok(Step::Done(cut)) => {
                    let (cut, full) = (&cut.labels[0].data, &purchase.labels[0].data);
                    prop_assert!(cut.is_empty() || cut == full);
                }
                other => {
                    let doubt = matches!(other, Err(CarrierError::Garbled { .. }));
                    prop_assert!(doubt);
                }
            }
        }
    }

    #[test]
    fn parts_come_back_as_they_went_in(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..5),
    ) {
        let mut written = Vec::new();
        for body in &bodies {
            written.extend_from_slice(b"--bnd-7f\r\nContent-ID: <x>\r\n\r\n");
            written.extend_from_slice(body);
            written.extend_from_slice(b"\r\n");
        }
        written.extend_from_slice(b"--bnd-7f--");
        let parts = multipart::parts(&written, "bnd-7f");
        let read: Vec<&[u8]> = parts.iter().map(|part| part.body).collect();
        prop_assert_eq!(read, bodies.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert!(parts.iter().all(|part| part.whole && part.id == "x"));
    }
}
