//! What is rejected before any call, by the field's name.

use colibri_types::{Currency, Money};

use super::*;
use crate::Rejection;

type Change = fn(&mut Shipment);

/// A field, and what takes it beyond its limit.
type Limit<T> = (&'static str, fn(&mut T));

fn euros(cents: i64) -> DeliveryOption {
    DeliveryOption::Insurance(Money::new(cents, Currency::EUR))
}

fn asked(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    CARRIER.labels().unwrap().request(&call(&account()), shipment)
}

const CLASSIC: &[(&str, Change)] = &[
    ("parcels", |s| s.parcels.clear()),
    ("parcels", |s| s.parcels = vec![s.parcels[0].clone(); 100]),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(0)),
    ("parcels.weight", |s| s.parcels[0].weight = Grams(31_501)),
    ("parcels.dimensions", |s| {
        s.parcels[0].dimensions.as_mut().unwrap().length = Millimetres(2_001);
    }),
    ("parcels.dimensions", |s| {
        s.parcels[0].dimensions.as_mut().unwrap().height = Millimetres(0);
    }),
    ("service", |s| s.service = "EXPRESS".to_owned()),
    ("service", |s| s.service.clear()),
    ("service", |s| s.service = "RETOUR".to_owned()),
    ("ship_date", |s| s.ship_date = date!(2026 - 11 - 19)),
    ("attempt_ref", |s| s.attempt_ref.clear()),
    ("attempt_ref", |s| s.attempt_ref = "A".repeat(36)),
    ("format", |s| s.format = LabelFormat::Gif),
    ("sender.country", |s| s.sender.country = "BE".parse().ok()),
    ("sender.country", |s| s.sender.postcode = "97400".to_owned()),
    ("sender.name", |s| {
        s.sender.company.clear();
        s.sender.name.clear();
    }),
    ("recipient.country", |s| s.recipient.country = None),
    ("recipient.country", |s| s.recipient.country = "CH".parse().ok()),
    ("recipient.country", |s| s.recipient.postcode = "97110".to_owned()),
    ("recipient.country", |s| {
        s.recipient.country = "ES".parse().ok();
        s.recipient.postcode = "35001".to_owned();
    }),
    ("recipient.name", |s| s.recipient.name = "A".repeat(36)),
    ("recipient.name", |s| s.recipient.name = "山田".to_owned()),
    ("recipient.company", |s| s.recipient.company = "A".repeat(36)),
    ("recipient.lines", |s| s.recipient.lines.clear()),
    ("recipient.lines", |s| s.recipient.lines[0] = "A".repeat(71)),
    ("recipient.lines", |s| s.recipient.lines[1] = "A".repeat(36)),
    ("recipient.lines", |s| s.recipient.lines = vec!["A".to_owned(); 4]),
    ("recipient.city", |s| s.recipient.city.clear()),
    ("recipient.postcode", |s| s.recipient.postcode = "3500".to_owned()),
    ("recipient.postcode", |s| s.recipient.postcode.clear()),
    ("recipient.phone", |s| s.recipient.phone = "1".repeat(31)),
    ("recipient.email", |s| s.recipient.email = "nobody".to_owned()),
    ("options", |s| s.options = vec![DeliveryOption::Signature]),
    ("options", |s| s.options = vec![euros(0)]),
    ("options", |s| {
        s.options = vec![DeliveryOption::Insurance(Money::new(1_000, Currency::USD))];
    }),
    ("options", |s| s.options = relais().options),
    ("options", |s| {
        s.parcels = several(2).parcels;
        s.options = vec![euros(1_000)];
    }),
];

#[test]
fn limits_are_kept_with_their_field() {
    assert!(asked(&shipment()).is_ok());
    for (index, (field, change)) in CLASSIC.iter().enumerate() {
        let mut shipment = shipment();
        change(&mut shipment);
        let rejection = asked(&shipment).expect_err(field);
        assert_eq!(rejection.field, *field, "{index}: {rejection}");
        assert!(!rejection.reason.contains("AAA"), "{index} quotes the value");
    }
    let fits: [Change; 6] = [
        |s| s.parcels[0].weight = Grams(31_500),
        |s| s.parcels = vec![s.parcels[0].clone(); 99],
        |s| s.recipient.name = "Łukasz Ø. Straße".to_owned(),
        |s| s.recipient.postcode = "20000".to_owned(),
        |s| s.recipient.country = "DE".parse().ok(),
        |s| s.options = vec![euros(10_000)],
    ];
    for (index, change) in fits.iter().enumerate() {
        let mut shipment = shipment();
        change(&mut shipment);
        assert!(asked(&shipment).is_ok(), "{index}: {:?}", asked(&shipment));
    }
}

#[test]
fn each_product_has_its_own_demands() {
    let mut predict = by("PREDICT");
    assert!(asked(&predict).is_ok());
    for phone in ["", "02 99 00 00 03", "+33 1 99 00 00 03"] {
        predict.recipient.phone = phone.to_owned();
        assert_eq!(asked(&predict).unwrap_err().field, "recipient.phone", "{phone}");
    }
    let mut relais = relais();
    assert!(asked(&relais).is_ok());
    for id in ["", "P1234", "12345", "P123456", "Q12345", "P12a45"] {
        let id = id.to_owned();
        relais.options = vec![DeliveryOption::ServicePoint { id, address: None }];
        assert_eq!(asked(&relais).unwrap_err().field, "options");
    }
    relais.options.clear();
    assert_eq!(asked(&relais).unwrap_err().field, "options");
    let heavy = |mut shipment: Shipment| {
        shipment.parcels[0].weight = Grams(20_001);
        shipment
    };
    assert_eq!(asked(&heavy(super::relais())).unwrap_err().field, "parcels.weight");
    let mut two = by("PREDICT");
    two.parcels = several(2).parcels;
    assert_eq!(asked(&two).unwrap_err().field, "parcels");
}

#[test]
fn returns_are_sold_as_such_and_within_france() {
    let account = account();
    let ask = |shipment: &Shipment| CARRIER.returns().unwrap().request(&call(&account), shipment);
    assert!(ask(&retour()).is_ok());
    assert_eq!(ask(&shipment()).unwrap_err().field, "service");
    let mut from_abroad = retour();
    from_abroad.sender.country = "DE".parse().ok();
    assert_eq!(ask(&from_abroad).unwrap_err().field, "sender.country");
}

#[test]
fn several_parcels_are_voided_one_by_one() {
    let account = account();
    let voids = CARRIER.voids().unwrap();
    let mut bought = purchase();
    bought.labels.push(bought.labels[0].clone());
    bought.labels[1].tracking_number = "10999000000124".to_owned();
    let whole = voids.request(&call(&account), &bought);
    assert_eq!(whole.unwrap_err().field, "labels");
    bought.shipment_number = "3:10999000000999".to_owned();
    let parts = voids.parts(&bought);
    let numbers: Vec<&str> = parts.iter().map(|part| part.shipment_number.as_str()).collect();
    assert_eq!(numbers, ["3:10999000000123", "3:10999000000124"]);
    assert!(parts.iter().all(|part| voids.request(&call(&account), part).is_ok()));
}

#[test]
fn pickups_and_searches_have_limits() {
    let account = account();
    let call = call(&account);
    let pickups: [Limit<PickupRequest>; 7] = [
        ("date", |p| p.date = date!(2026 - 11 - 19)),
        ("close", |p| p.close = p.ready),
        ("tracking_numbers", |p| p.tracking_numbers.clear()),
        ("tracking_numbers", |p| p.tracking_numbers = vec!["?".to_owned()]),
        ("address.country", |p| p.address.country = "BE".parse().ok()),
        ("address.city", |p| p.address.city.clear()),
        ("instructions", |p| p.instructions = "A".repeat(36)),
    ];
    for (field, change) in pickups {
        let mut pickup = pickup();
        change(&mut pickup);
        let rejection = CARRIER.pickups().unwrap().request(&call, &pickup).unwrap_err();
        assert_eq!(rejection.field, field, "{rejection}");
    }
    let searches: [Limit<PointSearch>; 6] = [
        ("service", |s| s.service = "CLASSIC".to_owned()),
        ("near.country", |s| s.near.country = None),
        ("near.country", |s| s.near.country = "BE".parse().ok()),
        ("near.postcode", |s| s.near.postcode = "3500".to_owned()),
        ("near.city", |s| s.near.city = " ".to_owned()),
        ("weight", |s| s.weight = Grams(20_001)),
    ];
    for (field, change) in searches {
        let mut search = search();
        change(&mut search);
        let rejection = CARRIER.service_points().unwrap().request(&call, &search).unwrap_err();
        assert_eq!(rejection.field, field, "{rejection}");
    }
    let mut keyless = super::account();
    keyless.fields.remove("pudo_key");
    let call = super::call(&keyless);
    let rejection = CARRIER.service_points().unwrap().request(&call, &search()).unwrap_err();
    assert_eq!(rejection.field, "account.pudo_key");
}

#[test]
fn accounts_have_numbers_where_the_service_reads_integers() {
    for (field, value) in
        [("center_number", "1234"), ("center_number", "A7"), ("customer_number", "12345678901")]
    {
        let mut account = account();
        account.fields.insert(field.to_owned(), value.to_owned().into());
        assert_eq!(CARRIER.auth(&account).unwrap_err().field, field, "{value}");
    }
}
