//! What is written, and what is rejected before it is.

use time::macros::{date, time};

use super::*;
use crate::{Carrier, PickupRequest, PointSearch, Purchase, Rejection, chronopost::CARRIER};

fn request(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    CARRIER.labels().unwrap().request(&call(&account()), shipment)
}

fn pickup() -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: shipment().sender,
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:30),
        service: "01".to_owned(),
        destination: None,
        parcels: 3,
        weight: Grams(4_200),
        tracking_numbers: Vec::new(),
        instructions: "Quai 3".to_owned(),
    }
}

fn search() -> PointSearch {
    PointSearch {
        near: shipment().recipient,
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1_250),
        service: String::new(),
        limit: 50,
    }
}

fn purchase(numbers: &[&str]) -> Purchase {
    let label = |number: &&str| crate::Label {
        tracking_number: (*number).to_owned(),
        format: LabelFormat::Pdf,
        data: Default::default(),
    };
    let labels = numbers.iter().map(label).collect();
    Purchase { shipment_number: numbers[0].to_owned(), labels, charge: None }
}

#[test]
fn purchases_are_written_to_the_byte() {
    FIXTURES.assert_request("label_accepted", &request(&shipment()).unwrap());
    FIXTURES.assert_request("buy_to_point", &request(&to_point()).unwrap());
    FIXTURES.assert_request("buy_behind_a_border", &request(&behind_a_border()).unwrap());
    let mut several = Shipment { format: LabelFormat::Zpl, ..shipment() };
    several.parcels.push(Parcel { weight: Grams(500), dimensions: None, ..parcel() });
    FIXTURES.assert_request("buy_two", &request(&several).unwrap());
    let cash = DeliveryOption::CashOnDelivery(Money::new(4_990, Currency::EUR));
    let insured = DeliveryOption::Insurance(Money::new(8_920, Currency::EUR));
    let options = vec![cash, insured, DeliveryOption::Saturday];
    FIXTURES
        .assert_request("buy_with_values", &request(&Shipment { options, ..shipment() }).unwrap());
    let returns = CARRIER.returns().unwrap();
    FIXTURES.assert_request("buy_back", &returns.request(&call(&account()), &back()).unwrap());
}

#[test]
fn questions_are_written_to_the_byte() {
    let account = account();
    let call = call(&account);
    let voids = CARRIER.voids().unwrap();
    let one = purchase(&["XN123456785FR"]);
    FIXTURES.assert_request("void_accepted", &voids.request(&call, &one).unwrap());
    let two = purchase(&["XN123456785FR", "XY000000120FR"]);
    FIXTURES.assert_request("void_list_accepted", &voids.request(&call, &two).unwrap());
    let lookup = CARRIER.lookup().unwrap();
    FIXTURES.assert_request("lookup_found", &lookup.request(&call, &shipment()));
    let many = Shipment { parcels: vec![parcel(); 11], ..shipment() };
    FIXTURES.assert_request("lookup_many", &lookup.request(&call, &many));
    let polling = CARRIER.polling().unwrap();
    FIXTURES.assert_request(
        "track_in_transit",
        &polling.request(&call, &["XN1234567852486".to_owned()]),
    );
    let rates = CARRIER.rates().unwrap();
    FIXTURES.assert_request("rates_one", &rates.request(&call, &shipment()).unwrap());
    let every = Shipment { service: String::new(), ..shipment() };
    FIXTURES.assert_request("products_all", &rates.request(&call, &every).unwrap());
    let dates = rates.delivery_dates().unwrap();
    FIXTURES.assert_request("date_told", &dates.request(&call, &shipment()).unwrap());
    FIXTURES.assert_request("account_check", &CARRIER.account_check().unwrap().request(&call));
    let pickups = CARRIER.pickups().unwrap();
    FIXTURES.assert_request("pickup_booked", &pickups.request(&call, &pickup()).unwrap());
    let booked = crate::Pickup {
        confirmation: "6912345678".to_owned(),
        date: date!(2026 - 11 - 23),
        location: String::new(),
        service: String::new(),
    };
    let off = pickups.cancellation().unwrap();
    FIXTURES.assert_request("off_accepted", &off.request(&call, &booked));
    let points = CARRIER.service_points().unwrap();
    FIXTURES.assert_request("points_found", &points.request(&call, &search()).unwrap());
}

#[test]
fn prices_abroad_are_asked_by_country_and_overseas_by_postcode() {
    let (account, rates) = (account(), CARRIER.rates().unwrap());
    let body = |shipment: &Shipment| {
        let request = rates.request(&call(&account), shipment).unwrap();
        String::from_utf8(request.body.to_vec()).unwrap()
    };
    assert!(body(&behind_a_border()).contains("<arrCode>CH</arrCode>"));
    let mut overseas = Shipment { service: "17".to_owned(), ..shipment() };
    overseas.recipient.postcode = "97400".to_owned();
    assert!(body(&overseas).contains("<arrCode>97400</arrCode>"));
}

type Change = fn(&mut Shipment);

/// Fields that are rejected by the change, on the base of each list.
fn rejected(base: &Shipment, way: &dyn crate::Labels, changes: &[(&str, Change)]) {
    let account = account();
    way.request(&call(&account), base).expect("the base is good");
    for (field, change) in changes {
        let mut changed = base.clone();
        change(&mut changed);
        let rejection = way.request(&call(&account), &changed).expect_err(field);
        assert_eq!(rejection.field, *field, "{rejection}");
    }
}

fn option(shipment: &mut Shipment, option: DeliveryOption) {
    shipment.options = vec![option];
}

const EURO: Money = Money::new(100, Currency::EUR);

#[test]
fn limits_within_france() {
    rejected(
        &shipment(),
        CARRIER.labels().unwrap(),
        &[
            ("parcels", |s| s.parcels.clear()),
            ("parcels", |s| s.parcels = vec![parcel(); 101]),
            ("parcels.weight", |s| s.parcels[0].weight = Grams(0)),
            ("parcels.weight", |s| s.parcels[0].weight = Grams(30_001)),
            ("parcels.dimensions", |s| {
                s.parcels[0].dimensions.as_mut().unwrap().length = Millimetres(1_501);
            }),
            ("parcels.dimensions", |s| {
                let size = s.parcels[0].dimensions.as_mut().unwrap();
                (size.length, size.width) = (Millimetres(1_400), Millimetres(700));
            }),
            ("service", |s| s.service = "ZZ".to_owned()),
            ("service", |s| s.service = "4T".to_owned()),
            ("format", |s| s.format = LabelFormat::Png),
            ("ship_date", |s| s.ship_date = date!(2026 - 11 - 19)),
            ("attempt_ref", |s| s.attempt_ref.clear()),
            ("sender.country", |s| s.sender.country = "DE".parse().ok()),
            ("recipient.country", |s| s.recipient.country = "DE".parse().ok()),
            ("recipient.country", |s| s.recipient.country = None),
            ("recipient.country", |s| s.recipient.postcode = "97400".to_owned()),
            ("recipient.country", |s| s.service = "17".to_owned()),
            ("recipient.country", |s| s.service = "44".to_owned()),
            ("recipient.country", |s| s.service = "4P".to_owned()),
            ("recipient.postcode", |s| s.recipient.postcode = "3500".to_owned()),
            ("recipient.city", |s| s.recipient.city = "A".repeat(51)),
            ("recipient.lines", |s| s.recipient.lines = vec!["A".repeat(39)]),
            ("recipient.lines", |s| s.recipient.lines = vec!["mot ".repeat(20)]),
            ("recipient.lines", |s| s.recipient.lines.clear()),
            ("recipient.name", |s| s.recipient.name.clear()),
            ("recipient.name", |s| s.recipient.name = "\u{674e}\u{56db}".to_owned()),
            ("recipient.name", |s| s.recipient.name = "A".repeat(101)),
            ("recipient.email", |s| s.recipient.email = "a".repeat(81)),
            ("recipient.phone", |s| s.recipient.phone = "1".repeat(18)),
            ("options", |s| option(s, DeliveryOption::Signature)),
            ("options", |s| option(s, DeliveryOption::SafePlace("x".to_owned()))),
            ("options", |s| option(s, DeliveryOption::Insurance(Money::new(0, Currency::EUR)))),
            ("options", |s| option(s, DeliveryOption::Insurance(Money::new(1, Currency::USD)))),
            ("options", |s| {
                option(s, DeliveryOption::CashOnDelivery(EURO));
                s.parcels.push(parcel());
            }),
            ("options", |s| {
                option(s, DeliveryOption::ServicePoint { id: "1234A".to_owned(), address: None });
            }),
            ("options", |s| s.service = "86".to_owned()),
        ],
    );
}

#[test]
fn limits_of_points() {
    rejected(
        &to_point(),
        CARRIER.labels().unwrap(),
        &[
            ("parcels.weight", |s| s.parcels[0].weight = Grams(20_001)),
            ("recipient.email", |s| s.recipient.email.clear()),
            ("recipient.phone", |s| s.recipient.phone = "0299000001".to_owned()),
            ("options", |s| s.options.push(DeliveryOption::CashOnDelivery(EURO))),
            ("options", |s| {
                option(s, DeliveryOption::ServicePoint { id: "1234A".to_owned(), address: None });
            }),
            ("options", |s| {
                let address = Some(Box::new(s.sender.clone()));
                option(s, DeliveryOption::ServicePoint { id: "012345".to_owned(), address });
            }),
            ("options", |s| {
                let country = "BE".parse().ok();
                let address = Some(Box::new(Contact { country, ..s.sender.clone() }));
                option(s, DeliveryOption::ServicePoint { id: "1234A".to_owned(), address });
            }),
        ],
    );
}

#[test]
fn what_customs_demand() {
    rejected(
        &behind_a_border(),
        CARRIER.labels().unwrap(),
        &[
            ("incoterm", |s| s.incoterm = None),
            ("parcels.items", |s| s.parcels[0].items.clear()),
            ("parcels.items", |s| s.parcels[0].items = vec![s.parcels[0].items[0].clone(); 101]),
            ("parcels.items.description", |s| s.parcels[0].items[1].description.clear()),
            ("parcels.items.hs_code", |s| s.parcels[0].items[1].hs_code = None),
            ("parcels.items.hs_code", |s| {
                s.parcels[0].items[0].hs_code = Some("69AB00".to_owned())
            }),
            ("parcels.items.origin", |s| s.parcels[0].items[1].origin = None),
            ("parcels.items.quantity", |s| s.parcels[0].items[1].quantity = 0),
            ("parcels.items.value", |s| s.parcels[0].items[1].value.currency = Currency::USD),
            ("parcels.items.value", |s| s.parcels[0].items[1].value.amount_minor = 0),
            ("parcels.items.value", |s| s.parcels[0].items[1].value.amount_minor = i64::MAX),
            ("options", |s| option(s, DeliveryOption::Saturday)),
        ],
    );
    let mut papers = behind_a_border();
    papers.parcels[0].items.clear();
    papers.customs.as_mut().unwrap().reason = ExportReason::Documents;
    let body = request(&papers).unwrap().body;
    let body = std::str::from_utf8(&body).unwrap();
    assert!(body.contains("<objectType>DOC</objectType>") && !body.contains("<customsValue>"));
}

#[test]
fn limits_of_returns() {
    rejected(
        &back(),
        CARRIER.returns().unwrap(),
        &[
            ("service", |s| s.service = "01".to_owned()),
            ("parcels", |s| s.parcels.push(parcel())),
            ("sender.country", |s| s.sender.country = "US".parse().ok()),
            ("sender.country", |s| s.service = "3T".to_owned()),
        ],
    );
    let mut europe = back();
    europe.service = "3T".to_owned();
    europe.sender.country = "BE".parse().ok();
    europe.sender.postcode = "1000".to_owned();
    assert!(CARRIER.returns().unwrap().request(&call(&account()), &europe).is_ok());
}

#[test]
fn limits_of_collections_and_searches() {
    let account = account();
    let pickups = CARRIER.pickups().unwrap();
    type Change = fn(&mut PickupRequest);
    let changes: &[(&str, Change)] = &[
        ("address.country", |p| p.address.country = "DE".parse().ok()),
        ("address.postcode", |p| p.address.postcode.clear()),
        ("close", |p| p.close = p.ready),
        ("date", |p| p.date = date!(2026 - 11 - 19)),
        ("parcels", |p| p.parcels = 51),
        ("reference", |p| p.reference.clear()),
        ("instructions", |p| p.instructions = "a".repeat(77)),
    ];
    for (field, change) in changes {
        let mut changed = pickup();
        change(&mut changed);
        assert_eq!(pickups.request(&call(&account), &changed).unwrap_err().field, *field);
    }
    let points = CARRIER.service_points().unwrap();
    let near = Contact { city: String::new(), ..search().near };
    let nowhere = PointSearch { near, ..search() };
    assert_eq!(points.request(&call(&account), &nowhere).unwrap_err().field, "near.city");
    let door = PointSearch { service: "01".to_owned(), ..search() };
    assert_eq!(points.request(&call(&account), &door).unwrap_err().field, "service");
}

#[test]
fn addresses_are_wrapped_and_respelled() {
    let mut shipment = shipment();
    shipment.recipient.name = "Łucja Œuvré".to_owned();
    shipment.recipient.lines =
        ["Résidence des Platanes", "Escalier C, code 1234", "3 impasse Fictive"]
            .map(str::to_owned)
            .to_vec();
    let body = request(&shipment).unwrap().body;
    let body = std::str::from_utf8(&body).unwrap();
    for part in [
        "<recipientAdress1>Résidence des Platanes Escalier C,<",
        "<recipientAdress2>code 1234 3 impasse Fictive<",
        "<recipientName>Lucja Oeuvré<",
    ] {
        assert!(body.contains(part), "{part} {body}");
    }
}
