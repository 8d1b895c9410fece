//! Returns, checks, the account, letter boxes, slips and points.

use colibri_types::{Currency, Money};
use time::macros::{date, time};

use super::*;
use crate::{
    Carrier, CarrierError, Customs, ExportReason, Item, ManifestRequest, PickupRequest,
    PointSearch, Step, colissimo::CARRIER,
};

fn back() -> Shipment {
    let there = shipment();
    let (sender, recipient) = (there.recipient.clone(), there.sender.clone());
    Shipment { service: "CORE".to_owned(), sender, recipient, ..there }
}

fn from_zurich() -> Shipment {
    let mut back = Shipment { service: "CORI".to_owned(), ..back() };
    back.sender.country = "CH".parse().ok();
    back.sender.postcode = "8001".to_owned();
    back.parcels[0].items = vec![Item {
        sku: "TASSE-1".to_owned(),
        description: "Stoneware cup".to_owned(),
        quantity: 2,
        weight: Grams(400),
        value: Money::new(1_250, Currency::EUR),
        hs_code: Some("691200".to_owned()),
        origin: Some("FR".parse().unwrap()),
    }];
    back.customs = Some(Customs {
        invoice_number: "INV-77".to_owned(),
        invoice_date: date!(2026 - 11 - 01),
        reason: ExportReason::Return,
        sender_eori: "FR00000000000017".to_owned(),
        sender_vat: String::new(),
        ioss: String::new(),
        recipient_tax_id: "TAX-1".to_owned(),
        freight: Some(Money::new(650, Currency::EUR)),
        went_out_by: String::new(),
    });
    back
}

#[test]
fn returns_are_core_within_france_and_cori_from_elsewhere() {
    let returns = CARRIER.returns().unwrap();
    let account = account();
    let call = call(&account);
    assert!(returns.request(&call, &back()).is_ok());
    let body = returns.request(&call, &from_zurich()).unwrap().body;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let declared = &body["letter"]["customsDeclarations"];
    assert_eq!(body["letter"]["service"]["totalAmount"], 650);
    assert_eq!(declared["contents"]["category"]["value"], 6);
    assert_eq!(declared["contents"]["original"][0]["originalInvoiceNumber"], "INV-77");
    assert_eq!(declared["contents"]["article"][0]["originalIdent"], "A");
    assert_eq!(declared["importersReference"], "TAX-1");
    assert_eq!(declared.get("comments"), None);
    let mut linked = from_zurich();
    let customs = linked.customs.as_mut().unwrap();
    (customs.reason, customs.went_out_by) = (ExportReason::Return, "shipment shp_7".into());
    let linked = returns.request(&call, &linked).unwrap().body;
    let linked: serde_json::Value = serde_json::from_slice(&linked).unwrap();
    let comments = &linked["letter"]["customsDeclarations"]["comments"];
    assert_eq!(comments, "Returned goods, sent out by shipment shp_7");
    assert_eq!(body["fields"]["field"][1]["key"], "EORI");
    type Change = fn(&mut Shipment);
    let changes: &[(&str, Change)] = &[
        ("service", |s| s.service = "CORE".to_owned()),
        ("service", |s| s.service = "DOM".to_owned()),
        ("recipient.country", |s| s.recipient.country = "BE".parse().ok()),
        ("recipient.company", |s| s.recipient.company.clear()),
        ("customs", |s| {
            s.customs = None;
        }),
        ("customs.freight", |s| {
            s.customs.as_mut().unwrap().freight = Some(Money::new(1, Currency::USD));
        }),
        ("customs.invoice_number", |s| {
            s.customs.as_mut().unwrap().invoice_number.clear();
        }),
        ("parcels.items.sku", |s| s.parcels[0].items[0].sku.clear()),
    ];
    for (field, change) in changes {
        let mut changed = from_zurich();
        change(&mut changed);
        assert_eq!(returns.request(&call, &changed).expect_err(field).field, *field);
    }
    let Ok(Step::Done(bought)) = returns.response(&FIXTURES.response("label_accepted"), &back())
    else {
        panic!("bought")
    };
    assert_eq!(bought.labels.len(), 1);
    assert!(returns.response(&FIXTURES.response("refused_json"), &back()).is_err());
}

#[test]
fn a_check_and_an_account_are_answered_by_messages() {
    let account = account();
    let check = CARRIER.check().unwrap();
    FIXTURES.assert_request(
        "extra_check_accepted",
        &check.request(&call(&account), &shipment()).unwrap(),
    );
    assert!(matches!(
        check.response(&FIXTURES.response("extra_check_accepted")),
        Ok(Step::Done(()))
    ));
    let no = check.response(&FIXTURES.response("extra_check_refused")).map(|_| ()).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { ref code, .. } if code == "30109"), "{no:?}");
    let later = check.response(&FIXTURES.response("gateway_504")).map(|_| ()).unwrap_err();
    assert!(matches!(later, CarrierError::Later { .. }), "{later:?}");
    let proof = CARRIER.account_check().unwrap();
    FIXTURES.assert_request("extra_account_refused", &proof.request(&call(&account)));
    proof.response(&FIXTURES.response("extra_check_accepted")).unwrap();
    let no = proof.response(&FIXTURES.response("extra_account_refused")).unwrap_err();
    assert!(matches!(no, CarrierError::Unauthorised { .. }), "{no:?}");
}

#[test]
fn a_return_is_fetched_from_a_letter_box() {
    let account = account();
    let pickups = CARRIER.pickups().unwrap();
    let wanted = PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: shipment().recipient,
        date: date!(2026 - 11 - 24),
        ready: time!(08:00),
        close: time!(18:00),
        service: "CORE".to_owned(),
        destination: None,
        parcels: 1,
        weight: Grams(1_250),
        tracking_numbers: vec!["8R00000001236".to_owned()],
        instructions: String::new(),
    };
    FIXTURES.assert_request(
        "extra_letter_box_refused",
        &pickups.request(&call(&account), &wanted).unwrap(),
    );
    let Ok(Step::Done(pickup)) =
        pickups.response(&FIXTURES.response("extra_check_accepted"), &wanted)
    else {
        panic!("planned")
    };
    assert_eq!((pickup.confirmation.as_str(), pickup.date), ("8R00000001236", wanted.date));
    let no = pickups
        .response(&FIXTURES.response("extra_letter_box_refused"), &wanted)
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(no, CarrierError::Refused { .. }), "{no:?}");
    let outbound = vec!["6A00000001236".to_owned()];
    let other = PickupRequest { tracking_numbers: outbound, ..wanted.clone() };
    let rejection = pickups.request(&call(&account), &other).unwrap_err();
    assert_eq!(rejection.field, "tracking_numbers");
    let today = PickupRequest { date: NOW.date(), ..wanted };
    assert_eq!(pickups.request(&call(&account), &today).unwrap_err().field, "date");
}

#[test]
fn a_slip_has_its_number_and_its_paper() {
    let account = account();
    let manifests = CARRIER.manifests().unwrap();
    let day = ManifestRequest {
        reference: "M1".to_owned(),
        site: shipment().sender,
        date: NOW.date(),
        tracking_numbers: vec!["6A00000001236".to_owned()],
    };
    FIXTURES.assert_request("extra_slip_made", &manifests.request(&call(&account), &day).unwrap());
    let Ok(Step::Done(slip)) = manifests.response(&FIXTURES.response("extra_slip_made")) else {
        panic!("a slip")
    };
    assert_eq!(slip.number, "12345");
    assert!(slip.document.is_some_and(|(_, file)| file.starts_with(b"%PDF-")));
    let no = manifests.response(&FIXTURES.response("extra_slip_refused")).map(|_| ()).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { ref code, .. } if code == "50031"), "{no:?}");
}

#[test]
fn points_are_near_first_with_their_hours() {
    let account = account();
    let points = CARRIER.service_points().unwrap();
    let search = PointSearch {
        near: shipment().recipient,
        ship_date: NOW.date(),
        weight: Grams(1_250),
        service: String::new(),
        limit: 5,
    };
    FIXTURES
        .assert_request("extra_points_found", &points.request(&call(&account), &search).unwrap());
    let found = points.response(&FIXTURES.response("extra_points_found")).unwrap();
    let [near, far] = found.as_slice() else { panic!("{}", found.len()) };
    assert_eq!((near.id.as_str(), near.locker, near.hours.is_none()), ("654321", true, true));
    assert_eq!((far.distance_m, far.weight_max), (Some(870), Some(Grams(20_000))));
    assert_eq!(far.position, Some((48_109_940, -1_679_180)));
    let hours = far.hours.as_ref().unwrap();
    assert_eq!(hours[0], [(time!(09:00), time!(12:00)), (time!(14:00), time!(19:00))]);
    assert!(hours[6].is_empty());
    assert_eq!(far.closures, [(date!(2026 - 12 - 24), date!(2026 - 12 - 27))]);
    let no = points.response(&FIXTURES.response("extra_points_refused")).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { ref code, .. } if code == "124"), "{no:?}");
}
