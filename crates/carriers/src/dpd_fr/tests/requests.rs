//! Requests to the byte.

use colibri_types::{Currency, Money};

use super::*;

#[test]
fn purchases_are_written_to_the_byte() {
    let account = account();
    let call = call(&account);
    let labels = CARRIER.labels().unwrap();
    let insured = DeliveryOption::Insurance(Money::new(15_001, Currency::EUR));
    let mut relais = relais();
    relais.options.push(insured);
    let mut abroad = shipment();
    abroad.recipient.country = "DE".parse().ok();
    abroad.recipient.postcode = "10115".to_owned();
    abroad.format = LabelFormat::Png;
    for (case, shipment) in [
        ("buy_classic", shipment()),
        ("buy_predict", by("PREDICT")),
        ("buy_relais", relais),
        ("buy_several", several(2)),
        ("buy_abroad", abroad),
    ] {
        FIXTURES.assert_request(case, &labels.request(&call, &shipment).unwrap());
    }
    let returns = CARRIER.returns().unwrap();
    FIXTURES.assert_request("buy_retour", &returns.request(&call, &retour()).unwrap());
    let again = labels.label_request(&call, "10999000000123").unwrap();
    FIXTURES.assert_request("buy_label_again", &again);
}

#[test]
fn questions_are_written_to_the_byte() {
    let account = account();
    let call = call(&account);
    let void = CARRIER.voids().unwrap().request(&call, &purchase()).unwrap();
    FIXTURES.assert_request("void_done", &void);
    let lookup = CARRIER.lookup().unwrap();
    FIXTURES.assert_request("lookup_listed", &lookup.request(&call, &shipment()));
    let numbers = ["10999 0000 00123".to_owned()];
    FIXTURES.assert_request("scans_several", &CARRIER.polling().unwrap().request(&call, &numbers));
    let pickups = CARRIER.pickups().unwrap();
    FIXTURES.assert_request("pickup_booked", &pickups.request(&call, &pickup()).unwrap());
    let points = CARRIER.service_points().unwrap();
    FIXTURES.assert_request("points_found", &points.request(&call, &search()).unwrap());
    let check = CARRIER.account_check().unwrap();
    FIXTURES.assert_request("account_works", &check.request(&call));
    let empty = FIXTURES.response("lookup_not_listed");
    match lookup.response(&call, &empty, &shipment()).unwrap() {
        Step::Next(second) => FIXTURES.assert_request("lookup_traced", &second),
        Step::Done(found) => panic!("{found:?}"),
    }
}

#[test]
fn a_base_with_the_service_in_it_is_taken_whole() {
    let mut account = account();
    let whole = "https://test.example/eprintwebservice/eprintwebservice.asmx";
    account.hosts.insert("eprint".to_owned(), whole.to_owned());
    account.hosts.insert("webtrace".to_owned(), "http://127.0.0.1:9/".to_owned());
    let call = call(&account);
    let request = CARRIER.labels().unwrap().request(&call, &shipment()).unwrap();
    assert_eq!(request.url, whole);
    let poll = CARRIER.polling().unwrap().request(&call, &["10999000000123".to_owned()]);
    assert_eq!(poll.url, "http://127.0.0.1:9/trace-service/Webtrace_Service.asmx");
}

#[test]
fn another_source_of_a_number_is_repeated_in_the_void() {
    let account = account();
    let mut bought = purchase();
    bought.shipment_number = "3:10999000000123".to_owned();
    let request = CARRIER.voids().unwrap().request(&call(&account), &bought).unwrap();
    let body = std::str::from_utf8(&request.body).unwrap();
    assert!(body.contains("<BarcodeSource>3</BarcodeSource><BarcodeId>10999000000123<"), "{body}");
    for strange in ["", "1", "x:10999000000123", "10999-000-123", ":10999000000123"] {
        bought.shipment_number = strange.to_owned();
        let rejected = CARRIER.voids().unwrap().request(&call(&account), &bought);
        assert_eq!(rejected.unwrap_err().field, "shipment_number", "{strange}");
    }
}
