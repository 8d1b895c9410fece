//! Requests, byte for byte.

use colibri_types::{Currency, Money};
use time::macros::{date, time};

use super::*;
use crate::{
    Auth, Carrier, Check, DeliveryOption, HttpRequest, Labels, Lookup, Pickup, PickupCancellation,
    PickupRequest, Pickups, PointSearch, Polling, Purchase, Rates, ServicePoints, Voids,
    fedex::{CARRIER, labels::RETURNS},
};

fn buy(shipment: &Shipment) -> HttpRequest {
    with_call(|call| Labels::request(&CARRIER, call, shipment)).unwrap()
}

#[test]
fn purchases_are_written_as_documented() {
    let mut signed = union_lane();
    signed.options = vec![
        DeliveryOption::Signature,
        DeliveryOption::Saturday,
        DeliveryOption::Insurance(Money::new(5_000, Currency::EUR)),
        DeliveryOption::ServicePoint {
            id: "ZZFB".into(),
            address: Some(Box::new(contact("", "Kiosk", "1 Probegasse", "Berlin", "10115", "DE"))),
        },
    ];
    signed.format = LabelFormat::Pdf;
    let mut cash = shipment(portland(), springfield(), "FEDEX_GROUND", 1);
    cash.options = vec![DeliveryOption::CashOnDelivery(Money::new(2_599, Currency::USD))];
    cash.format = LabelFormat::Png;
    for (case, shipment) in [
        ("buy_one", union_lane()),
        ("buy_two", shipment(lyon(), berlin(), "FEDEX_REGIONAL_ECONOMY", 2)),
        ("buy_customs", customs_lane()),
        ("buy_options", signed),
        ("buy_cash", cash),
    ] {
        FIXTURES.assert_request(case, &buy(&shipment));
    }
}

#[test]
fn returns_and_checks_are_written_as_documented() {
    let mut back = union_lane();
    std::mem::swap(&mut back.sender, &mut back.recipient);
    let request = with_call(|call| Labels::request(&RETURNS, call, &back)).unwrap();
    FIXTURES.assert_request("return_bought", &request);
    let request = with_call(|call| Check::request(&CARRIER, call, &union_lane())).unwrap();
    FIXTURES.assert_request("check_fine", &request);
    assert_eq!(request.body, buy(&union_lane()).body, "the check is of what would be bought");
}

#[test]
fn what_comes_back_says_by_what_it_went_out() {
    let mut back = customs_lane();
    std::mem::swap(&mut back.sender, &mut back.recipient);
    let customs = back.customs.as_mut().unwrap();
    (customs.reason, customs.went_out_by) = (ExportReason::Return, "shipment shp_7".into());
    let request = with_call(|call| Labels::request(&RETURNS, call, &back)).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let detail = &body["requestedShipment"]["customsClearanceDetail"];
    let invoice = &detail["commercialInvoice"];
    assert_eq!(invoice["shipmentPurpose"], "NOT_SOLD");
    assert_eq!(invoice["comments"][0], "Returned goods, sent out by shipment shp_7");
    assert_eq!(detail["commodities"][0]["countryOfManufacture"], "FR");
}

#[test]
fn questions_are_written_as_documented() {
    let bought = Purchase { shipment_number: "123456789012".into(), labels: vec![], charge: None };
    let void = with_call(|call| Voids::request(&CARRIER, call, &bought)).unwrap();
    FIXTURES.assert_request("void_done", &void);
    let rates = with_call(|call| Rates::request(&CARRIER, call, &union_lane())).unwrap();
    FIXTURES.assert_request("rates_told", &rates);
    let every = Shipment { service: String::new(), ..union_lane() };
    let rates = with_call(|call| Rates::request(&CARRIER, call, &every)).unwrap();
    FIXTURES.assert_request("rates_none", &rates);
    let found = with_call(|call| Lookup::request(&CARRIER, call, &union_lane()));
    FIXTURES.assert_request("lookup_found", &found);
    let numbers = ["123456789012".to_owned(), "000000000000".to_owned()];
    let track = with_call(|call| Polling::request(&CARRIER, call, &numbers));
    FIXTURES.assert_request("track_mixed", &track);
    let near = PointSearch {
        near: berlin(),
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(2_400),
        service: String::new(),
        limit: 5,
    };
    let points = with_call(|call| ServicePoints::request(&CARRIER, call, &near)).unwrap();
    FIXTURES.assert_request("points_told", &points);
}

#[test]
fn collections_are_written_as_documented() {
    let wanted = PickupRequest {
        reference: "PICKUP1".into(),
        address: lyon(),
        date: date!(2026 - 11 - 20),
        ready: time!(14:00),
        close: time!(18:00),
        service: "FEDEX_INTERNATIONAL_PRIORITY".into(),
        destination: country("DE"),
        parcels: 3,
        weight: Grams(7_200),
        tracking_numbers: vec![],
        instructions: "Quai 3, sonner deux fois et attendre le gardien au fond de la cour".into(),
    };
    let request = with_call(|call| Pickups::request(&CARRIER, call, &wanted)).unwrap();
    FIXTURES.assert_request("pickup_booked", &request);
    let booked = Pickup {
        confirmation: "3001".into(),
        date: date!(2026 - 11 - 20),
        location: "LYSA".into(),
        service: wanted.service,
    };
    let request = with_call(|call| PickupCancellation::request(&CARRIER, call, &booked));
    FIXTURES.assert_request("unbook_done", &request);
}

#[test]
fn tokens_are_asked_for_in_the_body() {
    let Auth::Token(request) = CARRIER.auth(&account()).unwrap() else { panic!("a token") };
    FIXTURES.assert_request("token", &request);
    for (field, value) in [
        ("client_id", ""),
        ("client_secret", ""),
        ("account_number", ""),
        ("account_number", "12345678"),
        ("account_number", "12345678X"),
        ("pickup_type", "BY_BIKE"),
    ] {
        let mut account = account();
        account.fields.insert(field.into(), SecretString::from(value));
        assert_eq!(CARRIER.auth(&account).unwrap_err().field, field, "{value}");
    }
}
