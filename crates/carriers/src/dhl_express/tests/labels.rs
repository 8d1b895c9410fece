//! What is written, what is refused before a call, and what answers mean.

use colibri_types::{Grams, Millimetres};
use time::{Duration, macros::datetime};

use super::*;
use crate::{
    Carrier as _, CarrierError, DeliveryOption, Labels, Purchase, Step, dhl_express::CARRIER,
};

fn asked(shipment: &Shipment) -> Result<HttpRequest, crate::Rejection> {
    let account = account();
    Labels::request(&CARRIER, &call(&account), shipment)
}

fn read(status: u16, body: &str, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    match Labels::response(&CARRIER, &answer(status, body), shipment)? {
        Step::Done(purchase) => Ok(purchase),
        Step::Next(_) => panic!("one answer is enough"),
    }
}

#[test]
fn limits_name_their_field() {
    type Change = fn(&mut Shipment);
    let changes: &[(&str, Change)] = &[
        ("attempt_ref", |s| s.attempt_ref.clear()),
        ("attempt_ref", |s| s.attempt_ref = "A-1".into()),
        ("service", |s| s.service = "N".into()),
        ("service", |s| s.service = "U".into()),
        ("service", |s| s.service = "T".into()),
        ("format", |s| s.format = LabelFormat::Png),
        ("recipient.phone", |s| s.recipient.phone.clear()),
        ("recipient.name", |s| s.recipient.name = "山田".into()),
        ("recipient.postcode", |s| s.recipient.postcode = "1".repeat(13)),
        ("recipient.city", |s| s.recipient.city = "C".repeat(46)),
        ("recipient.lines", |s| s.recipient.lines = vec!["L".repeat(46)]),
        ("recipient.lines", |s| s.recipient.lines = vec!["L".into(); 4]),
        ("parcels.weight", |s| s.parcels[0].weight = Grams(70_001)),
        ("parcels.dimensions", |s| s.parcels[0].dimensions = None),
        ("parcels.dimensions", |s| {
            s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(3_001);
        }),
        ("ship_date", |s| s.ship_date -= Duration::days(1)),
        ("ship_date", |s| s.ship_date += Duration::days(11)),
        ("incoterm", |s| s.incoterm = None),
        ("customs", |s| s.customs = None),
        ("customs.invoice_number", |s| {
            s.customs.as_mut().unwrap().invoice_number.clear();
        }),
        ("customs.freight", |s| {
            s.customs.as_mut().unwrap().freight = Some(Money::new(1, "CHF".parse().unwrap()));
        }),
        ("parcels.items", |s| s.parcels[0].items.clear()),
        ("parcels.items.description", |s| s.parcels[0].items[0].description.clear()),
        ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 0),
        ("parcels.items.value", |s| s.parcels[0].items[0].value = eur(0)),
        ("parcels.items.value", |s| s.parcels[0].items[0].value = eur(i64::MAX)),
        ("parcels.items.weight", |s| s.parcels[0].items[0].weight = Grams(0)),
        ("parcels.items.origin", |s| s.parcels[0].items[0].origin = None),
        ("parcels.items.hs_code", |s| s.parcels[0].items[0].hs_code = Some("69.12".into())),
        ("options", |s| s.options = vec![DeliveryOption::CashOnDelivery(eur(100))]),
        ("options", |s| s.options = vec![DeliveryOption::Insurance(eur(0))]),
        ("options", |s| {
            s.options = vec![DeliveryOption::ServicePoint { id: "12345".into(), address: None }];
        }),
        ("options", |s| {
            s.options =
                vec![DeliveryOption::Signature, DeliveryOption::SafePlace("the shed".into())];
        }),
    ];
    assert!(asked(&shipment("FR", "CH")).is_ok());
    for (field, change) in changes {
        let mut shipment = shipment("FR", "CH");
        change(&mut shipment);
        let rejection = asked(&shipment).expect_err(field);
        assert_eq!(rejection.field, *field, "{rejection}");
    }
}

#[test]
fn each_product_goes_over_its_own_kind_of_border() {
    let lanes = [("FR", "FR"), ("FR", "DE"), ("FR", "CH")];
    let fits = |service: &str| -> Vec<bool> {
        let by = |(from, to): &(&str, &str)| Shipment {
            service: service.to_owned(),
            ..shipment(from, to)
        };
        lanes.iter().map(|lane| asked(&by(lane)).is_ok()).collect()
    };
    assert_eq!(fits("N"), [true, false, false]);
    assert_eq!(fits("U"), [false, true, false]);
    for goods in ["P", "E", "M", "Y", "H"] {
        assert_eq!(fits(goods), [false, false, true], "{goods}");
    }
    let mut papers = shipment("FR", "CH");
    papers.service = "D".into();
    papers.customs.as_mut().unwrap().reason = ExportReason::Documents;
    let request = asked(&papers).unwrap();
    assert_eq!(body(&request)["content"]["isCustomsDeclarable"], false);
    assert!(body(&request)["content"].get("exportDeclaration").is_none());
}

#[test]
fn what_comes_back_is_declared_as_a_return_with_its_way_out() {
    let mut back = shipment("CH", "FR");
    let customs = back.customs.as_mut().unwrap();
    (customs.reason, customs.went_out_by) = (ExportReason::Return, "shipment shp_7".into());
    let account = account();
    let request = CARRIER.returns().unwrap().request(&call(&account), &back).unwrap();
    let declared = &body(&request)["content"]["exportDeclaration"];
    assert_eq!(declared["exportReason"], "return");
    assert_eq!(declared["remarks"][0]["value"], "Returned goods, sent out by shipment shp_7");
    assert_eq!(declared["lineItems"][0]["exportReasonType"], "return");
    let sold = body(&asked(&shipment("FR", "CH")).unwrap());
    assert!(sold["content"]["exportDeclaration"].get("remarks").is_none());
}

#[test]
fn numbers_are_exact_and_the_moment_is_the_senders() {
    let body = body(&asked(&shipment("FR", "CH")).unwrap());
    assert_eq!(body["plannedShippingDateAndTime"], "2026-11-20T17:00:00GMT+01:00");
    let content = &body["content"];
    assert_eq!(content["packages"][0]["weight"].to_string(), "2.4");
    assert_eq!(content["packages"][0]["dimensions"]["length"].to_string(), "30.5");
    assert_eq!(content["declaredValue"].to_string(), "82");
    let line = &content["exportDeclaration"]["lineItems"][0];
    assert_eq!(line["price"].to_string(), "20.5");
    assert_eq!(line["weight"]["netValue"].to_string(), "2");
    let numbers = &body["customerDetails"]["shipperDetails"]["registrationNumbers"];
    assert_eq!(numbers[2]["typeCode"], "SDT");
    assert_eq!(numbers[2]["issuerCountryCode"], "FR");
}

#[test]
fn late_in_the_day_the_parcels_leave_at_once() {
    let account = account();
    for (now, expected) in [
        (datetime!(2026-11-20 17:30 UTC), Some("2026-11-20T18:40:00GMT+01:00")),
        (datetime!(2026-11-19 22:30 UTC), Some("2026-11-20T17:00:00GMT+01:00")),
        (datetime!(2026-11-20 23:30 UTC), None),
    ] {
        let call = Call { now, ..call(&account) };
        let request = Labels::request(&CARRIER, &call, &shipment("FR", "DE"));
        let told = request.ok().map(|request| body(&request)["plannedShippingDateAndTime"].clone());
        assert_eq!(told, expected.map(Into::into), "{now}");
    }
}

#[test]
fn options_are_really_sent() {
    let mut wanted = shipment("FR", "CH");
    wanted.incoterm = Some(Incoterm::Ddp);
    wanted.options = vec![
        DeliveryOption::Signature,
        DeliveryOption::Saturday,
        DeliveryOption::Insurance(eur(12_345)),
        DeliveryOption::ServicePoint { id: "ZRH001".into(), address: None },
    ];
    let sent = body(&asked(&wanted).unwrap());
    let codes: Vec<_> = sent["valueAddedServices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|extra| extra["serviceCode"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["SF", "AA", "II", "WY", "DD"]);
    assert_eq!(sent["valueAddedServices"][2]["value"].to_string(), "123.45");
    assert_eq!(sent["onDemandDelivery"]["servicePointId"], "ZRH001");
    assert_eq!(sent["accounts"][1]["typeCode"], "duties-taxes");
    wanted.options = vec![DeliveryOption::SafePlace("behind the green garden gate".into())];
    let sent = body(&asked(&wanted).unwrap());
    assert_eq!(sent["onDemandDelivery"]["location"], "behind the");
    assert_eq!(sent["onDemandDelivery"]["specialInstructions"], "behind the green garden gate");
}

#[test]
fn what_dhl_cannot_print_is_respelled() {
    let mut wanted = shipment("FR", "DE");
    wanted.recipient.name = "Łukasz Przykład".into();
    let sent = body(&asked(&wanted).unwrap());
    let person = &sent["customerDetails"]["receiverDetails"]["contactInformation"];
    assert_eq!(person["fullName"], "Lukasz Przyklad");
    assert_eq!(person["companyName"], "Lukasz Przyklad");
}

const TWO: &str = r#"{"shipmentTrackingNumber":"1234567891","packages":[
    {"referenceNumber":2,"trackingNumber":"JD014600000000000002"},
    {"referenceNumber":1,"trackingNumber":"JD014600000000000001"}],"documents":[DOCS]}"#;

#[test]
fn split_labels_find_their_pieces_and_one_file_goes_to_the_first() {
    let mut wanted = shipment("FR", "DE");
    wanted.parcels = vec![parcel(); 2];
    let split = r#"
        {"typeCode":"label","imageFormat":"PDF","content":"JVBERi0x","packageReferenceNumber":1},
        {"typeCode":"waybillDoc","imageFormat":"PDF","content":"WA=="},
        {"typeCode":"label","imageFormat":"PDF","content":"JVBERi0y","packageReferenceNumber":2}"#;
    let files = |docs: &str| -> Vec<(String, Vec<u8>)> {
        let purchase = read(201, &TWO.replace("DOCS", docs), &wanted).unwrap();
        assert_eq!(purchase.shipment_number, "1234567891");
        let labels = purchase.labels.into_iter();
        labels.map(|label| (label.tracking_number, label.data.to_vec())).collect()
    };
    let number = |n: u8| format!("JD01460000000000000{n}");
    assert_eq!(files(split), [(number(2), b"%PDF-2".to_vec()), (number(1), b"%PDF-1".to_vec())]);
    let whole = r#"{"typeCode":"label","imageFormat":"ZPL","content":"XlhBXlha"}"#;
    assert_eq!(files(whole), [(number(2), b"^XA^XZ".to_vec()), (number(1), Vec::new())]);
}

#[test]
fn refusals_and_doubts_are_told_apart() {
    let wanted = shipment("FR", "DE");
    let error = |status: u16, detail: &str| {
        let body = format!(r#"{{"title":"t","detail":"{detail}","status":"{status}"}}"#);
        read(status, &body, &wanted).unwrap_err()
    };
    let refused = error(400, "7005: The product is not sold. ");
    assert!(matches!(refused, CarrierError::Refused { code, .. } if code == "7005"));
    for (status, detail) in
        [(400, "999: x"), (400, "7008: unavailable"), (500, "7005: x"), (502, "x")]
    {
        assert!(matches!(error(status, detail), CarrierError::Garbled { .. }), "{status} {detail}");
    }
    let extra = error(400, "7008: The requested Special Service Code 'EE' is not available");
    assert!(matches!(extra, CarrierError::Refused { .. }));
    assert!(matches!(error(401, "x"), CarrierError::Unauthorised { .. }));
    assert!(matches!(error(400, "8003: account"), CarrierError::Unauthorised { .. }));
    assert!(matches!(error(429, "x"), CarrierError::Later { .. }));
    let several = r##"{"title":"t","detail":"Multiple problems found, see Additional Details",
        "additionalDetails":["#/a: required key [b] not found","7120: c"],"status":422}"##;
    let Err(CarrierError::Refused { code, message }) = read(422, several, &wanted) else {
        panic!("a definite no")
    };
    assert_eq!(code, "7120");
    assert!(message.contains("required key [b] not found; 7120: c"), "{message}");
}

#[test]
fn a_bought_number_survives_a_broken_label() {
    let wanted = shipment("FR", "DE");
    let body = r#"{"shipmentTrackingNumber":"1234567891","documents":[
        {"typeCode":"label","imageFormat":"PDF","content":"%%%"}],"shipmentCharges":[
        {"currencyType":"BASEC","priceCurrency":"USD","price":9},
        {"currencyType":"BILLC","priceCurrency":"EUR","price":38.6}]}"#;
    let purchase = read(201, body, &wanted).unwrap();
    assert_eq!(purchase.labels[0].tracking_number, "1234567891");
    assert!(purchase.labels[0].data.is_empty());
    assert_eq!(purchase.charge, Some(eur(3_860)));
}
