//! Prices, pickups, points, checks: what is asked and how answers are read.

use colibri_types::Grams;
use time::macros::{date, time};

use super::*;
use crate::{
    AccountCheck, CarrierError, Check, Found, Lookup, Method, Pickup, PickupRequest, Pickups,
    PointSearch, Rates, ServicePoints, Step, dhl_express::CARRIER,
};

pub fn pickup() -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".into(),
        address: contact("FR"),
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:00),
        service: "U".into(),
        destination: Some("DE".parse().unwrap()),
        parcels: 2,
        weight: Grams(4_801),
        tracking_numbers: vec!["1234567891".into()],
        instructions: "Quai 3".into(),
    }
}

fn done<T>(step: Step<T>) -> T {
    match step {
        Step::Done(done) => done,
        Step::Next(_) => panic!("one answer is enough"),
    }
}

#[test]
fn the_billed_price_counts_and_zero_is_none() {
    let body = r#"{"products":[
        {"productCode":"U","productName":"WORLDWIDE","totalPrice":[
          {"currencyType":"PULCL","priceCurrency":"USD","price":41.2},
          {"currencyType":"BILLC","priceCurrency":"EUR","price":38.605}],
         "detailedPriceBreakdown":[
          {"currencyType":"PULCL","priceCurrency":"USD","breakdown":[{"name":"no","price":1}]},
          {"currencyType":"BILLC","priceCurrency":"EUR","breakdown":[
            {"name":"WORLDWIDE","price":32},{"name":"FUEL","serviceCode":"FF","price":6.61}]}],
         "deliveryCapabilities":{"estimatedDeliveryDateAndTime":"2026-11-23T23:59:00",
          "totalTransitDays":1}},
        {"productCode":"K","totalPrice":[{"currencyType":"BILLC","price":0}]},
        {"productCode":"U","totalPrice":[
          {"currencyType":"BILLC","priceCurrency":"EUR","price":99}]},
        "odd"]}"#;
    let mut wanted = shipment("FR", "DE");
    wanted.service.clear();
    let rates = done(Rates::response(&CARRIER, &answer(200, body), &wanted).unwrap());
    assert_eq!(rates.len(), 1);
    let rate = &rates[0];
    assert_eq!((rate.total, rate.transit_days), (eur(3_861), Some(1)));
    let charges: Vec<_> = rate.charges.iter().map(|c| (c.code.as_str(), c.amount)).collect();
    assert_eq!(charges, [("", eur(3_200)), ("FF", eur(661))]);
    assert_eq!(rate.delivery.unwrap().local_text(), "2026-11-23T23:59:00");
    assert!(rate.delivery.unwrap().offset.is_none());
    wanted.service = "W".into();
    assert!(done(Rates::response(&CARRIER, &answer(200, body), &wanted).unwrap()).is_empty());
    let none = r#"{"title":"Bad request","detail":"7005: not available","status":400}"#;
    assert!(done(Rates::response(&CARRIER, &answer(400, none), &wanted).unwrap()).is_empty());
    assert!(Rates::response(&CARRIER, &answer(200, "{}"), &wanted).is_err());
}

#[test]
fn one_piece_is_asked_by_query_and_several_by_body() {
    let account = account();
    let one = Rates::request(&CARRIER, &call(&account), &shipment("FR", "CH")).unwrap();
    assert_eq!(one.method, Method::Get);
    assert!(one.url.contains("&destinationCityName=Z%C3%BCrich&weight=2.4&length=30.5&"));
    assert!(one.url.contains("&isCustomsDeclarable=true&"));
    let mut two = shipment("FR", "CH");
    two.parcels.push(parcel());
    let several = Rates::request(&CARRIER, &call(&account), &two).unwrap();
    assert_eq!(several.method, Method::Post);
    let sent = body(&several);
    assert_eq!(sent["packages"].as_array().unwrap().len(), 2);
    assert_eq!(sent["monetaryAmount"][0]["value"].to_string(), "164");
    assert_eq!(sent["productCode"], "P");
}

#[test]
fn a_pickup_shares_its_weight_and_rejects_what_cannot_be() {
    let account = account();
    let asked = |pickup: &PickupRequest| Pickups::request(&CARRIER, &call(&account), pickup);
    let sent = body(&asked(&pickup()).unwrap());
    assert_eq!(sent["plannedPickupDateAndTime"], "2026-11-23T14:00:00GMT+01:00");
    assert_eq!(sent["closeTime"], "18:00");
    let goods = &sent["shipmentDetails"][0];
    assert_eq!(goods["packages"][1]["weight"].to_string(), "2.401");
    assert_eq!(goods["packages"][0]["dimensions"]["length"], 23);
    assert_eq!(goods["shipmentTrackingNumber"], "1234567891");
    assert!(sent["customerDetails"]["shipperDetails"].get("typeCode").is_none());
    type Change = fn(&mut PickupRequest);
    let changes: &[(&str, Change)] = &[
        ("address.phone", |p| p.address.phone.clear()),
        ("close", |p| p.close = p.ready),
        ("service", |p| p.service.clear()),
        ("parcels", |p| p.parcels = 0),
        ("weight", |p| p.weight = Grams(0)),
        ("date", |p| p.date = date!(2026 - 11 - 19)),
        ("date", |p| p.date = date!(2026 - 12 - 01)),
        ("instructions", |p| p.instructions = "word ".repeat(80)),
    ];
    for (field, change) in changes {
        let mut wrong = pickup();
        change(&mut wrong);
        assert_eq!(asked(&wrong).expect_err(field).field, *field);
    }
}

#[test]
fn the_confirmed_day_counts_and_doubt_stays_doubt() {
    let booked = r#"{"dispatchConfirmationNumbers":["LYS261124000001"],
        "nextPickupDate":"2026-11-24"}"#;
    let read = |status, body: &str| Pickups::response(&CARRIER, &answer(status, body), &pickup());
    let confirmed = done(read(201, booked).unwrap());
    let expected = Pickup {
        confirmation: "LYS261124000001".into(),
        date: date!(2026 - 11 - 24),
        location: "Atelier Exemple".into(),
        service: "U".into(),
    };
    assert_eq!(confirmed, expected);
    for (status, body) in [(201, "{}"), (500, "{}"), (201, "<html>"), (400, "<html>")] {
        let result = read(status, body);
        assert!(matches!(result, Err(CarrierError::Garbled { .. })), "{status} {body}");
    }
    let cancellation = Pickups::cancellation(&CARRIER).unwrap();
    let account = account();
    let request = cancellation.request(&call(&account), &confirmed);
    assert_eq!(request.method, Method::Delete);
    assert!(
        request.url.ends_with(
            "/pickups/LYS261124000001?requestorName=Atelier%20Exemple&reason=not%20needed"
        )
    );
    let gone = r#"{"title":"Pickup not found","detail":"not found","status":404}"#;
    assert!(matches!(cancellation.response(&answer(404, gone)), Err(CarrierError::Refused { .. })));
}

#[test]
fn points_come_nearest_first_with_hours_closures_and_limits() {
    let body = r#"{"servicePoints":[
        {"facilityId":"RNS002","localName":"Far","address":{"city":"RENNES","zipCode":"35000",
          "country":"FR"},"distance":"1.65 km"},
        {"facilityId":"RNS009","localName":"Gone","svpStatus":"I","address":{}},
        {"localName":"Nameless","address":{}}, 7,
        {"facilityId":"RNS001","servicePointName":"Near","servicePointType":"TWENTYFOURSEVEN",
          "address":{"addressLine1":"1 place Inventee","city":"RENNES","zipCode":"35000",
          "country":"FR"},"geoLocation":{"latitude":48.1173,"longitude":-1.6778},
          "distance":"0.42 km","openingHours":{"openingHours":[
            {"dayOfWeek":"SUNDAY","openingTime":"9:00 AM","closingTime":"12:30 PM"},
            {"dayOfWeek":"MONDAY","openingTime":"14:00","closingTime":"18:00"},
            {"dayOfWeek":"MONDAY","openingTime":"09:00","closingTime":"12:00"},
            {"dayOfWeek":"MONDAY","openingTime":"25:00","closingTime":"12:00"},
            {"dayOfWeek":"TUESDAY","openingTime":"00:00","closingTime":"24:00"}],
          "holidays":{"closed":[{"from":"7-4-2026","to":"8-4-2026"},{"from":"1-5-2026"},
            {"from":"x"}]}},
          "shipmentLimitationsByPiece":{"maxPieceWeight":{"value":25.5,"uom":"KG"}}}]}"#;
    let points = ServicePoints::response(&CARRIER, &answer(200, body)).unwrap();
    let ids: Vec<_> = points.iter().map(|point| point.id.as_str()).collect();
    assert_eq!(ids, ["RNS001", "RNS002"]);
    let near = &points[0];
    assert_eq!((near.distance_m, near.position), (Some(420), Some((48_117_300, -1_677_800))));
    assert_eq!(near.weight_max, Some(Grams(25_500)));
    assert!(near.locker);
    let hours = near.hours.as_ref().unwrap();
    assert_eq!(hours[0], [(time!(9:00), time!(12:00)), (time!(14:00), time!(18:00))]);
    assert_eq!(hours[1], [(time!(0:00), time!(23:59))]);
    assert_eq!(hours[6], [(time!(9:00), time!(12:30))]);
    assert_eq!(
        near.closures,
        [
            (date!(2026 - 04 - 07), date!(2026 - 04 - 08)),
            (date!(2026 - 05 - 01), date!(2026 - 05 - 01)),
        ]
    );
    assert!(points[1].hours.is_none());
}

#[test]
fn points_are_searched_around_an_address() {
    let account = account();
    let search = PointSearch {
        near: contact("FR"),
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1_250),
        service: String::new(),
        limit: 5,
    };
    let request = ServicePoints::request(&CARRIER, &call(&account), &search).unwrap();
    assert!(request.url.contains("/servicepoints?address=12%20rue%20du%20Mod%C3%A8le%2C%2069002"));
    assert!(request.url.contains("&servicePointResults=5&capability=86%2C87&weight=1.25&"));
    let none = PointSearch { limit: 0, ..search };
    let rejection = ServicePoints::request(&CARRIER, &call(&account), &none).unwrap_err();
    assert_eq!(rejection.field, "limit");
}

#[test]
fn checks_tell_the_reason() {
    let account = account();
    let request = Check::request(&CARRIER, &call(&account), &shipment("FR", "CH")).unwrap();
    assert!(request.url.ends_with("&validateDataOnly=true"));
    assert!(Check::response(&CARRIER, &answer(200, "{}")).is_ok());
    let no = r#"{"title":"Bad request","detail":"7147: description","status":400}"#;
    let refused = Check::response(&CARRIER, &answer(400, no));
    assert!(matches!(refused, Err(CarrierError::Refused { code, .. }) if code == "7147"));
    assert!(matches!(Check::response(&CARRIER, &answer(500, "")), Err(CarrierError::Later { .. })));
    assert!(matches!(
        AccountCheck::response(&CARRIER, &answer(401, "")),
        Err(CarrierError::Unauthorised { .. })
    ));
    assert!(AccountCheck::response(&CARRIER, &answer(200, "<html>")).is_err());
}

#[test]
fn a_lookup_finds_numbers_or_stays_in_doubt() {
    let account = account();
    let ask = |status, body: &str, parcels: usize| {
        let mut wanted = shipment("FR", "DE");
        wanted.parcels = vec![parcel(); parcels];
        Lookup::response(&CARRIER, &call(&account), &answer(status, body), &wanted).map(done)
    };
    let one = r#"{"shipments":[{"shipmentTrackingNumber":"1234567891","numberOfPieces":1}]}"#;
    let Ok(Found::Purchase(found)) = ask(200, one, 1) else { panic!("one") };
    assert_eq!(found.labels[0].tracking_number, "1234567891");
    assert!(found.labels[0].data.is_empty());
    let two = r#"{"shipments":[{"shipmentTrackingNumber":"1234567891","numberOfPieces":2,"pieces":[
        {"trackingNumber":"JD02"},{"trackingNumber":"JD01"}]}]}"#;
    let Ok(Found::Purchase(found)) = ask(200, two, 2) else { panic!("two") };
    assert_eq!(found.labels[0].tracking_number, "JD01");
    assert!(matches!(ask(200, two, 1), Ok(Found::Unclear(_))));
    assert!(matches!(ask(200, one, 2), Ok(Found::Unclear(_))));
    let twice = r#"{"shipments":[{"shipmentTrackingNumber":"1"},{"shipmentTrackingNumber":"2"}]}"#;
    assert!(matches!(ask(200, twice, 1), Ok(Found::Unclear(_))));
    let nothing = r#"{"title":"Not data found","status":"404",
        "detail":"No Shipments Found for ReferenceID | ATT0000000001"}"#;
    assert!(matches!(ask(404, nothing, 1), Ok(Found::Nothing)));
    for (status, body) in
        [(404, "<html>"), (200, "{}"), (200, r#"{"shipments":[]}"#), (500, nothing)]
    {
        assert!(ask(status, body, 1).is_err(), "{status} {body}");
    }
    let missing = r#"{"title":"Missing","detail":"Missing mandatory parameters","status":400}"#;
    assert!(matches!(ask(400, missing, 1), Ok(Found::Unclear(_))));
}
