#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use colibri_types::{Currency, Money};
use serde_json::Value;

use crate::{
    CarrierError, Contact, Customs, DeliveryOption, ExportReason, HttpRequest, Labels, Rejection,
    Shipment, Step,
    ups::{
        Ups,
        labels::RETURNS,
        testing::{albany, answer, berlin, lyon, portland, shipment, with_call, zurich},
    },
};

fn there(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    with_call(|call| Labels::request(&Ups, call, shipment))
}

fn back(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    with_call(|call| RETURNS.request(call, shipment))
}

fn sent(request: Result<HttpRequest, Rejection>) -> Value {
    let body: Value = serde_json::from_slice(&request.unwrap().body).unwrap();
    body["ShipmentRequest"]["Shipment"].clone()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn shop() -> Contact {
    Contact {
        company: "Kiosk am Muster".into(),
        lines: vec!["Musterweg 9".into()],
        city: "Berlin".into(),
        postcode: "10115".into(),
        country: "DE".parse().ok(),
        ..Contact::default()
    }
}

fn to_shop() -> DeliveryOption {
    DeliveryOption::ServicePoint { id: "U12345678".into(), address: Some(Box::new(shop())) }
}

fn canada() -> Contact {
    Contact {
        city: "Ottawa".into(),
        subdivision: "ON".into(),
        postcode: "K1A 0B1".into(),
        country: "CA".parse().ok(),
        phone: "613 555 0100".into(),
        ..albany()
    }
}

fn bought(service: &str, sender: Contact, recipient: Contact) -> Shipment {
    Shipment { service: service.into(), ..shipment(sender, recipient, 1) }
}

#[test]
fn requests_are_written_byte_by_byte_as_documented() {
    let mut point = bought("11", lyon(), berlin());
    point.options = vec![to_shop(), DeliveryOption::CashOnDelivery(eur(4_900))];
    let mut shop_to_shop = bought("70", lyon(), berlin());
    shop_to_shop.options = vec![to_shop()];
    let mut imported = bought("65", zurich(), Contact { company: String::new(), ..lyon() });
    imported.customs = Some(Customs {
        ioss: "IM2500000017".into(),
        recipient_tax_id: "FR77 000 000 077".into(),
        freight: Some(eur(790)),
        reason: ExportReason::Sample,
        ..imported.customs.unwrap()
    });
    for (name, request, fixture) in [
        ("point", there(&point), include_str!("fixtures/ship-access-point/request.json")),
        ("economy", there(&shop_to_shop), include_str!("fixtures/ship-economy/request.json")),
        ("imported", there(&imported), include_str!("fixtures/ship-ch-fr-ioss/request.json")),
        (
            "return",
            back(&bought("11", berlin(), lyon())),
            include_str!("fixtures/return-de-fr/request.json"),
        ),
    ] {
        let body = request.unwrap().body;
        assert_eq!(std::str::from_utf8(&body).unwrap(), fixture.trim_end(), "{name}");
    }
}

#[test]
fn return_labels_are_read_and_refusals_too() {
    let wanted = bought("11", berlin(), lyon());
    let accepted = include_str!("fixtures/return-de-fr/response.json");
    let Ok(Step::Done(purchase)) = RETURNS.response(&answer(200, accepted), &wanted) else {
        panic!("a return label")
    };
    assert_eq!(purchase.labels[0].tracking_number, "1ZA1B2C30310000039");
    assert!(purchase.labels[0].data.starts_with(b"^XA"));
    let refused = include_str!("fixtures/return-refused/response.json");
    let read = RETURNS.response(&answer(400, refused), &wanted);
    assert!(matches!(read, Err(CarrierError::Refused { code, .. }) if code == "120381"));
    assert!(matches!(
        RETURNS.response(&answer(502, ""), &wanted),
        Err(CarrierError::Garbled { .. })
    ));
    let again = with_call(|call| RETURNS.label_request(call, "1ZA1B2C30310000039"));
    assert!(again.is_some());
}

#[test]
fn the_account_stays_the_shipper_of_what_comes_back() {
    let order = sent(back(&bought("11", berlin(), lyon())));
    assert_eq!(order["ReturnService"]["Code"], "9");
    assert_eq!(order["Shipper"]["ShipperNumber"], "A1B2C3");
    assert_eq!(order["Shipper"]["Name"], "Atelier Exemple");
    assert_eq!(order["ShipTo"]["Name"], "Atelier Exemple");
    assert_eq!(order["ShipFrom"]["Name"], "Kira Beispiel");
    assert_eq!(order["Package"][0]["Description"], "Ceramic cups");
    let mut unknown = bought("11", berlin(), lyon());
    unknown.parcels[0].items.clear();
    assert_eq!(sent(back(&unknown))["Package"][0]["Description"], "Returned goods");
    let across = sent(back(&bought("11", zurich(), lyon())));
    assert_eq!(across["ShipmentServiceOptions"]["InternationalForms"]["FormType"][0], "05");
    let mut linked = bought("11", zurich(), lyon());
    let customs = linked.customs.as_mut().unwrap();
    (customs.reason, customs.went_out_by) = (ExportReason::Return, "shipment shp_7".into());
    let linked = sent(back(&linked));
    let forms = &linked["ShipmentServiceOptions"]["InternationalForms"];
    assert_eq!(forms["ReasonForExport"], "RETURN");
    assert_eq!(forms["DeclarationStatement"], "Returned goods, sent out by shipment shp_7");
    assert_eq!(forms["Product"][0]["OriginCountryCode"], "FR");
}

#[test]
fn the_way_back_has_limits_of_its_own() {
    type Change = fn(&mut Shipment);
    let cases: &[(&str, Change)] = &[
        ("service", |s| s.service = "70".into()),
        ("parcels", |s| s.parcels = vec![s.parcels[0].clone(); 21]),
        ("options", |s| s.options = vec![DeliveryOption::Signature]),
        ("options", |s| s.options = vec![to_shop()]),
        ("options", |s| s.options = vec![DeliveryOption::CashOnDelivery(eur(100))]),
    ];
    for (field, change) in cases {
        let mut wanted = bought("11", berlin(), lyon());
        change(&mut wanted);
        assert_eq!(back(&wanted).unwrap_err().field, *field);
    }
    let mut american = bought("03", albany(), portland());
    assert!(back(&american).is_ok());
    american.parcels = vec![american.parcels[0].clone(); 2];
    assert_eq!(back(&american).unwrap_err().field, "parcels");
    american.parcels.truncate(1);
    for never in ["13", "59"] {
        american.service = never.into();
        assert_eq!(back(&american).unwrap_err().field, "service");
    }
}

#[test]
fn points_need_their_id_and_address() {
    let point = |id: &str, address: Option<Contact>| {
        let mut wanted = bought("11", lyon(), berlin());
        let (id, address) = (id.to_owned(), address.map(Box::new));
        wanted.options = vec![DeliveryOption::ServicePoint { id, address }];
        there(&wanted)
    };
    assert!(point("U12345678", Some(shop())).is_ok());
    let nameless = Contact { company: String::new(), ..shop() };
    let nowhere = Contact { lines: Vec::new(), ..shop() };
    for (id, address) in [
        ("", Some(shop())),
        ("U1234567", Some(shop())),
        ("U1234567-", Some(shop())),
        ("U12345678", None),
        ("U12345678", Some(nameless)),
        ("U12345678", Some(nowhere)),
    ] {
        assert_eq!(point(id, address).unwrap_err().field, "options", "{id}");
    }
    let mut twice = bought("11", lyon(), berlin());
    twice.options = vec![to_shop(), to_shop()];
    assert_eq!(there(&twice).unwrap_err().field, "options");
    twice.options = vec![DeliveryOption::SafePlace("behind the gate".into())];
    assert_eq!(there(&twice).unwrap_err().field, "options");
}

#[test]
fn money_on_delivery_goes_where_the_lane_has_it() {
    let ask = |service: &str, from: Contact, to: Contact, at_shop: bool, minor| {
        let mut wanted = bought(service, from, to);
        wanted.options = vec![DeliveryOption::CashOnDelivery(eur(minor))];
        wanted.options.extend(at_shop.then(to_shop));
        there(&wanted)
    };
    for (from, to, service, at_shop, pointer) in [
        (lyon(), berlin(), "11", false, "/ShipmentServiceOptions/COD/CODAmount/MonetaryValue"),
        (lyon(), berlin(), "11", true, "/ShipmentServiceOptions/AccessPointCOD/MonetaryValue"),
        (
            portland(),
            albany(),
            "03",
            false,
            "/Package/0/PackageServiceOptions/COD/CODAmount/MonetaryValue",
        ),
        (
            portland(),
            albany(),
            "03",
            true,
            "/Package/0/PackageServiceOptions/AccessPointCOD/MonetaryValue",
        ),
        (
            canada(),
            portland(),
            "11",
            false,
            "/Package/0/PackageServiceOptions/COD/CODAmount/MonetaryValue",
        ),
    ] {
        let order = sent(ask(service, from, to, at_shop, 4_900));
        assert_eq!(order.pointer(pointer), Some(&Value::from("49.00")), "{pointer}");
        let text = order.to_string();
        assert_eq!(text.matches("COD\"").count(), 1, "{text}");
    }
    for refused in [
        ask("65", zurich(), lyon(), false, 4_900),
        ask("11", lyon(), zurich(), true, 4_900),
        ask("11", canada(), portland(), true, 4_900),
        ask("70", lyon(), berlin(), true, 4_900),
        ask("11", lyon(), berlin(), false, 0),
        ask("11", lyon(), berlin(), false, 10_000_000),
        ask("03", portland(), albany(), false, 5_000_001),
    ] {
        assert_eq!(refused.unwrap_err().field, "options");
    }
}

#[test]
fn customs_want_the_invoice_and_take_tax_numbers() {
    type Change = fn(&mut Customs);
    let across = |change: Change| {
        let mut wanted = bought("11", lyon(), zurich());
        change(wanted.customs.as_mut().unwrap());
        there(&wanted)
    };
    let cases: &[(&str, Change)] = &[
        ("customs.invoice_number", |c| c.invoice_number = " ".into()),
        ("customs.invoice_number", |c| c.invoice_number = "F".repeat(36)),
        ("customs.freight", |c| c.freight = Some(Money::new(1, Currency::USD))),
        ("customs.freight", |c| c.freight = Some(eur(-1))),
        ("customs.sender_eori", |c| c.sender_eori = "1".repeat(36)),
        ("customs.sender_vat", |c| c.sender_vat = "é".into()),
        ("customs.ioss", |c| c.ioss = "1".repeat(36)),
        ("customs.recipient_tax_id", |c| c.recipient_tax_id = "1".repeat(36)),
    ];
    for (field, change) in cases {
        assert_eq!(across(*change).unwrap_err().field, *field);
    }
    let mut nothing = bought("11", lyon(), zurich());
    nothing.customs = None;
    assert_eq!(there(&nothing).unwrap_err().field, "customs");
    // An island outside the tax territory of its own country is behind a border too.
    let reunion = Contact { postcode: "97400".into(), city: "Saint-Denis".into(), ..lyon() };
    nothing.recipient = reunion;
    assert_eq!(there(&nothing).unwrap_err().field, "customs");
    let numbers = sent(across(|_| ()));
    let agent = "/GlobalTaxInformation/AgentTaxIdentificationNumber/0";
    let agent = numbers.pointer(agent).unwrap();
    assert_eq!(agent["AgentRole"], "20");
    assert_eq!(agent["TaxIdentificationNumber"][0]["IDNumberPurposeCode"], "02");
    assert_eq!(agent["TaxIdentificationNumber"][1]["IDNumberTypeCode"], "1002");
    for (number, kind) in [("IM2500000017", "0356"), ("VOEC2000001", "0357"), ("X1", "0000")] {
        let mut wanted = bought("11", lyon(), zurich());
        wanted.customs.as_mut().unwrap().ioss = number.into();
        let vendor = sent(there(&wanted))["ShipFrom"]["VendorInfo"].clone();
        assert_eq!(vendor["VendorCollectIDTypeCode"], kind, "{number}");
    }
}

#[test]
fn papers_alone_carry_a_mark_and_no_invoice() {
    let papers = |from: Contact, to: Contact, service: &str| {
        let mut wanted = bought(service, from, to);
        wanted.customs.as_mut().unwrap().reason = ExportReason::Documents;
        there(&wanted)
    };
    let order = sent(papers(lyon(), zurich(), "65"));
    assert_eq!(order["DocumentsOnlyIndicator"], "");
    assert!(order.pointer("/ShipmentServiceOptions/InternationalForms").is_none());
    for (from, to) in [(portland(), lyon()), (lyon(), canada())] {
        let refused = papers(from, to, "65").unwrap_err();
        assert_eq!(refused.field, "customs.reason");
    }
}
