//! Buying, both ways; what is rejected before a call; what an answer means.

use colibri_types::{Country, Currency, Grams, Millimetres, Money};
use proptest::prelude::*;

use super::{FIXTURES, across_a_border, berlin, lyon, shipment, with_call};
use crate::{
    Auth, Carrier, CarrierError, DeliveryOption, HttpResponse, LabelFormat, Labels, Purchase,
    Rejection, Shipment, Step,
    gls::{
        CARRIER,
        labels::{BACK, OUT},
    },
};

fn rejected(shipment: &Shipment) -> Rejection {
    with_call(|call| OUT.request(call, shipment)).unwrap_err()
}

fn bought(case: &str, shipment: &Shipment) -> Purchase {
    match OUT.response(&FIXTURES.response(case), shipment) {
        Ok(Step::Done(purchase)) => purchase,
        other => panic!("{case}: {other:?}"),
    }
}

fn refused(case: &str) -> CarrierError {
    OUT.response(&FIXTURES.response(case), &shipment(1)).map(|_| ()).unwrap_err()
}

fn sent(shipment: &Shipment) -> serde_json::Value {
    let request = with_call(|call| OUT.request(call, shipment)).unwrap();
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn a_token_is_asked_for_and_read() {
    let account = super::account();
    let Ok(Auth::Token(request)) = CARRIER.auth(&account) else { panic!("a token") };
    FIXTURES.assert_request("token", &request);
    let token = CARRIER.token(&FIXTURES.response("token")).unwrap();
    assert_eq!(token.valid_for.whole_seconds(), 14_400);
    let no = CARRIER.token(&FIXTURES.response("token_refused")).unwrap_err();
    assert_eq!(no, CarrierError::Unauthorised { code: "400".to_owned() });
}

#[test]
fn requests_are_written_as_documented() {
    let plain = shipment(1);
    let mut two = shipment(2);
    two.format = LabelFormat::Zpl;
    two.parcels[1].weight = Grams(40);
    let mut options = shipment(1);
    options.recipient.country = Some(Country::FR);
    options.recipient.postcode = "35000".to_owned();
    options.options = vec![
        DeliveryOption::ServicePoint { id: "GLS_FR-2503500001".to_owned(), address: None },
        DeliveryOption::Insurance(Money::new(25_050, Currency::EUR)),
        DeliveryOption::CashOnDelivery(Money::new(7_550, Currency::EUR)),
    ];
    for (case, shipment) in [
        ("buy", plain.clone()),
        ("buy_two", two),
        ("buy_options", options),
        ("buy_customs", across_a_border()),
    ] {
        FIXTURES.assert_request(case, &with_call(|call| OUT.request(call, &shipment)).unwrap());
    }
    let again = with_call(|call| OUT.label_request(call, "90000000017")).unwrap();
    FIXTURES.assert_request("again", &again);
    let mut back = Shipment { sender: berlin(), recipient: lyon(), ..plain };
    FIXTURES
        .assert_request("return_printed", &with_call(|call| BACK.request(call, &back)).unwrap());
    back.service = "PICK_RETURN".to_owned();
    back.ship_date = back.ship_date.next_day().unwrap();
    FIXTURES
        .assert_request("return_fetched", &with_call(|call| BACK.request(call, &back)).unwrap());
}

#[test]
fn labels_come_in_our_order_and_with_their_own_file() {
    let one = bought("buy", &shipment(1));
    assert_eq!(one.shipment_number, "ZA00AB12");
    assert_eq!(one.labels[0].tracking_number, "90000000017");
    assert!(one.labels[0].data.starts_with(b"%PDF-") && one.charge.is_none());
    let two = bought("buy_two", &shipment(2));
    assert_eq!(two.shipment_number, "ZA00AB13,ZA00AB14");
    let numbers: Vec<_> = two.labels.iter().map(|label| label.tracking_number.as_str()).collect();
    assert_eq!(numbers, ["90000000024", "90000000025"]);
    assert!(two.labels[0].data.starts_with(b"^XA first"));
    assert_eq!(two.labels[1].format, LabelFormat::Zpl);
    let whole = bought("buy_two_one_file", &shipment(2));
    assert!(whole.labels[0].data.starts_with(b"%PDF-1.4 both") && whole.labels[1].data.is_empty());
}

#[test]
fn a_return_is_bought_printed_or_fetched() {
    let back = Shipment { sender: berlin(), recipient: lyon(), ..shipment(1) };
    for (case, has_file) in [("return_printed", true), ("return_fetched", false)] {
        let Ok(Step::Done(purchase)) = BACK.response(&FIXTURES.response(case), &back) else {
            panic!("{case}")
        };
        assert_eq!(purchase.labels.len(), 1);
        assert_eq!(!purchase.labels[0].data.is_empty(), has_file, "{case}");
    }
    let no = BACK.response(&FIXTURES.response("return_refused"), &back).map(|_| ()).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { .. }), "{no:?}");
}

#[test]
fn refusals_are_told_apart_from_doubt() {
    let CarrierError::Refused { code, message } = refused("buy_refused") else {
        panic!("a refusal")
    };
    assert_eq!(code, "INVALID_FIELD_VALUE");
    assert!(message.ends_with("Shipment.Product"), "{message}");
    assert!(matches!(refused("buy_refused_500"), CarrierError::Refused { .. }));
    for case in ["buy_failed_500", "buy_media_type", "gateway_html"] {
        assert!(matches!(refused(case), CarrierError::Garbled { .. }), "{case}");
    }
    let expired = CarrierError::Unauthorised { code: "steps.jwt.TokenExpired".to_owned() };
    assert_eq!(refused("gateway_expired"), expired);
    let quota = "policies.ratelimit.QuotaViolation".to_owned();
    assert_eq!(refused("gateway_quota"), CarrierError::Later { code: quota, retry_after: None });
    let fewer = OUT.response(&FIXTURES.response("buy"), &shipment(3)).map(|_| ()).unwrap_err();
    assert!(matches!(fewer, CarrierError::Garbled { .. }), "{fewer:?}");
}

#[test]
fn limits_are_rejected_by_name() {
    type Change = fn(&mut Shipment);
    let changes: &[(&str, Change)] = &[
        ("attempt_ref", |s| s.attempt_ref = "A B".to_owned()),
        ("service", |s| s.service = "PICK_RETURN".to_owned()),
        ("ship_date", |s| s.ship_date += time::Duration::days(20)),
        ("ship_date", |s| s.ship_date -= time::Duration::days(3)),
        ("parcels.weight", |s| s.parcels[0].weight = Grams(31_501)),
        ("parcels.dimensions", |s| {
            let sides = s.parcels[0].dimensions.as_mut().unwrap();
            (sides.width, sides.height) = (Millimetres(1_300), Millimetres(600));
        }),
        ("recipient.postcode", |s| s.recipient.postcode = "1011".to_owned()),
        ("recipient.postcode", |s| s.recipient.postcode.clear()),
        ("recipient.city", |s| s.recipient.city = "北京".to_owned()),
        ("recipient.name", |s| s.recipient.name.clear()),
        ("recipient.lines", |s| s.recipient.lines = vec!["Allée ".repeat(9)]),
        ("recipient.lines", |s| {
            s.recipient.lines = ["1 rue", "Bâtiment", "Escalier"].map(|l| l.repeat(4)).to_vec();
            s.recipient.company = "Une Société".to_owned();
        }),
        ("recipient.phone", |s| s.recipient.phone = "1".repeat(36)),
        ("recipient.email", |s| {
            s.service = "PARCEL_FLEX".to_owned();
            s.recipient.email = "nobody".to_owned();
        }),
        ("sender.country", |s| s.sender.country = Some(Country::ES)),
    ];
    for (field, change) in changes {
        let mut shipment = shipment(1);
        change(&mut shipment);
        let rejection = rejected(&shipment);
        assert_eq!(rejection.field, *field, "{rejection}");
    }
}

#[test]
fn a_border_wants_its_facts() {
    type Change = fn(&mut Shipment);
    let changes: &[(&str, Change)] = &[
        ("customs", |s| s.customs = None),
        ("incoterm", |s| s.incoterm = None),
        ("parcels.items", |s| s.parcels[0].items.clear()),
    ];
    for (field, change) in changes {
        let mut shipment = across_a_border();
        change(&mut shipment);
        assert_eq!(rejected(&shipment).field, *field);
    }
    assert_eq!(sent(&across_a_border())["Shipment"]["IncotermCode"], "20");
    assert!(sent(&shipment(1))["Shipment"].get("IncotermCode").is_none());
}

#[test]
fn options_become_services_or_are_refused_together() {
    let money = Money::new(5_000, Currency::EUR);
    let shop = DeliveryOption::ServicePoint { id: "GLS_DE-2761000001".to_owned(), address: None };
    let place = DeliveryOption::SafePlace("Garage".to_owned());
    let with = |service: &str, options: &[DeliveryOption]| {
        let service = service.to_owned();
        Shipment { service, options: options.to_vec(), ..shipment(1) }
    };
    let name = |shipment: &Shipment| {
        let body = sent(shipment);
        let service = body["Shipment"]["Service"][0].as_object().unwrap().values().next().cloned();
        service.unwrap()["ServiceName"].as_str().unwrap().to_owned()
    };
    use DeliveryOption::{CashOnDelivery, Insurance, Saturday, Signature};
    for (service, options, expected) in [
        ("PARCEL_FLEX", vec![], "service_flexdelivery"),
        ("PARCEL_24", vec![], "service_guaranteed24"),
        ("EXPRESS_0900", vec![], "service_0900"),
        ("EXPRESS_0900", vec![Saturday], "service_saturday_0900"),
        ("EXPRESS", vec![Saturday], "service_saturday_1200"),
        ("PARCEL", vec![Saturday], "service_Saturday"),
        ("PARCEL", vec![Signature], "service_signature"),
        ("PARCEL", vec![shop.clone()], "service_shopdelivery"),
        ("PARCEL", vec![place.clone()], "service_deposit"),
    ] {
        assert_eq!(name(&with(service, &options)), expected);
    }
    for (service, options) in [
        ("PARCEL_FLEX", vec![Signature]),
        ("PARCEL_FLEX", vec![Saturday]),
        ("PARCEL", vec![place.clone(), Signature]),
        ("PARCEL", vec![place, CashOnDelivery(money)]),
        ("PARCEL", vec![shop.clone(), Saturday]),
        ("EXPRESS", vec![shop]),
        ("EXPRESS_0800", vec![Saturday]),
        ("PARCEL", vec![Insurance(Money::new(0, Currency::EUR))]),
        ("PARCEL", vec![DeliveryOption::SafePlace("x".repeat(61))]),
    ] {
        assert_eq!(rejected(&with(service, &options)).field, "options", "{service} {options:?}");
    }
    let mut two = shipment(2);
    two.options = vec![Insurance(money)];
    assert_eq!(rejected(&two).field, "options");
}

#[test]
fn text_is_written_as_gls_prints_it() {
    let mut odd = shipment(1);
    odd.recipient.name = "Łukasz {\"Przykład\"}; z bardzo długą nazwą firmy i dodatkiem".to_owned();
    odd.recipient.city = "Łódź, (Polesie)".to_owned();
    let address = &sent(&odd)["Shipment"]["Consignee"]["Address"];
    assert_eq!(address["Name1"], "Łukasz Przykład z bardzo długą nazwą");
    assert_eq!(address["City"], "Łódź Polesie");
    assert_eq!(address["Name2"], "Hinterhaus");
}

proptest! {
    #[test]
    fn no_answer_to_a_purchase_panics(
        status in prop::sample::select(vec![200_u16, 400, 500]),
        number in "[\\PC]{0,12}", files in 0..4_usize, parcels in 0..4_usize,
    ) {
        let parcel = serde_json::json!({ "ParcelNumber": number, "ShipmentUnitReference": number });
        let print = serde_json::json!({ "Data": [number], "LabelFormat": number });
        let body = serde_json::json!({ "CreatedShipment": {
            "ParcelData": vec![parcel; parcels], "PrintData": vec![print; files] } });
        let answer = HttpResponse { status, headers: Vec::new(), body: body.to_string().into() };
        for asked in 1..3 {
            if let Ok(Step::Done(purchase)) = OUT.response(&answer, &shipment(asked)) {
                prop_assert_eq!(purchase.labels.len(), asked);
                prop_assert!(purchase.labels.iter().all(|label| !label.tracking_number.is_empty()));
            }
        }
    }

    #[test]
    fn no_contact_panics_and_every_line_fits(
        name in "\\PC{0,80}", line in "\\PC{0,60}", city in "\\PC{0,50}", code in "\\PC{0,12}",
    ) {
        let mut shipment = shipment(1);
        shipment.recipient.name = name;
        shipment.recipient.lines = vec![line];
        shipment.recipient.city = city;
        shipment.recipient.postcode = code;
        if let Ok(request) = with_call(|call| OUT.request(call, &shipment)) {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            let address = &body["Shipment"]["Consignee"]["Address"];
            for part in ["Name1", "Street", "City"] {
                let text = address[part].as_str().unwrap();
                prop_assert!((1..=40).contains(&text.chars().count()));
                let signs = ['"', ';', '|', '{', '}', ',', '(', ')', '\\'];
                prop_assert!(!text.contains(signs));
            }
        }
    }
}
