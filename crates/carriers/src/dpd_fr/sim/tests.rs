//! The simulated services' own rules, from raw requests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use time::macros::datetime;

use super::*;
use crate::{sim::ScanFaults, wire::xml};

const NOW: OffsetDateTime = datetime!(2026-11-20 14:00 UTC);
const CREATE: &str = "CreateShipmentWithLabelsBc";

fn sim() -> DpdFrSim {
    DpdFrSim::new(SimOptions { seed: 1, faults: ScanFaults::default() })
}

fn post(operation: &str, namespace: &str, inside: &str) -> SimRequest {
    let body = format!(
        "<Envelope><Header><UserCredentials xmlns=\"{namespace}\"><userid>demo</userid>\
         <password>demo</password></UserCredentials></Header><Body>\
         <{operation} xmlns=\"{namespace}\">{inside}</{operation}></Body></Envelope>"
    );
    SimRequest {
        method: Method::Post,
        path: "/dpd-eprintwebservice/eprintwebservice.asmx".to_owned(),
        query: String::new(),
        headers: vec![("soapaction".to_owned(), format!("\"{}/{operation}\"", soap::EPRINT))],
        body: body.into(),
        now: NOW,
    }
}

fn order(services: &str, weight: &str) -> String {
    let address = |name: &str, postcode: &str| {
        format!(
            "<countryPrefix>FR</countryPrefix><zipCode>{postcode}</zipCode><city>VILLE</city>\
             <street>1 rue Fictive</street><name>{name}</name>"
        )
    };
    format!(
        "<request><receiveraddress>{}</receiveraddress><shipperaddress>{}</shipperaddress>\
         <customer_countrycode>250</customer_countrycode>\
         <customer_centernumber>77</customer_centernumber>\
         <customer_number>99999</customer_number><shippingdate>20/11/2026</shippingdate>{services}\
         <weight>{weight}</weight><referencenumber>R1</referencenumber>\
         <labelType><type>ZPL</type></labelType></request>",
        address("Alix Exemple", "35000"),
        address("Atelier Exemple", "69002"),
    )
}

fn id(answer: &HttpResponse) -> String {
    let root = xml::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    root.find("ErrorId").map(|id| id.text.clone()).unwrap_or_default()
}

#[test]
fn a_slash_too_many_is_a_fault_without_an_id() {
    let sold = sim().answer(&post(CREATE, soap::EPRINT, &order("", "1.25")));
    assert_eq!(sold.status, 200, "{:?}", sold.body);
    let refused = sim().answer(&post(CREATE, soap::WEBTRACE, &order("", "1.25")));
    assert_eq!((refused.status, id(&refused)), (500, String::new()));
}

#[test]
fn refusals_are_stated_by_their_ids() {
    let contact = "<services><contact><type>Predict</type></contact></services>";
    let shop = "<services><parcelshop><shopaddress><shopid>7</shopid></shopaddress></parcelshop>\
                </services>";
    let swiss = order("", "1").replacen(">FR<", ">ZZ<", 1);
    let misplaced = order("", "1").replacen("<weight>1</weight>", "", 1).replacen(
        "<receiveraddress>",
        "<weight>1</weight><receiveraddress>",
        1,
    );
    for (order, expected) in [
        (order("", "31.51"), "InvalidWeight"),
        (order("", "0"), "InvalidWeight"),
        (order(contact, "1"), "InvalidInput"),
        (order(shop, "1"), "InvalidInput"),
        (swiss, "InvalidCountryPrefix"),
        (misplaced, "InvalidInput"),
        (order("", "1").replace(">250<", ">276<"), "PermissionDenied"),
        (order("", "1").replace(">ZPL<", ">DOCX<"), ""),
    ] {
        let mut sim = sim();
        let answer = sim.answer(&post(CREATE, soap::EPRINT, &order));
        assert_eq!((answer.status, id(&answer).as_str()), (500, expected));
        assert!(sim.ledger().is_empty());
    }
}

#[test]
fn a_prepared_return_comes_as_a_second_shipment_and_label() {
    let reverse = "<services><reverse><expireOffset>30</expireOffset><type>Prepared</type>\
                   </reverse></services>";
    let mut sim = sim();
    let answer = sim.answer(&post(CREATE, soap::EPRINT, &order(reverse, "1")));
    let root = xml::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    let kinds: Vec<String> = root
        .find("shipments")
        .unwrap()
        .all("ShipmentBc")
        .map(|bc| bc.get("Type").unwrap_or_default().to_owned())
        .collect();
    assert_eq!(kinds, ["EPRINT", "REVERSE"]);
    assert_eq!(root.find("labels").unwrap().all("Label").count(), 2);
    assert_eq!(sim.ledger().len(), 1);
}

#[test]
fn numbers_and_routing_have_the_documented_form() {
    let mut sim = sim();
    let answer = sim.answer(&post(CREATE, soap::EPRINT, &order("", "1")));
    let root = xml::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    let text = |name: &str| root.find(name).unwrap().text.clone();
    let (number, routing) = (text("BarcodeId"), text("BarCode"));
    assert!(number.len() == 14 && number.starts_with("10999"), "{number}");
    assert_eq!(routing, format!("%0035000{number}327250"));
}

#[test]
fn the_relay_search_wants_every_parameter_by_name() {
    let get = |query: &str| SimRequest {
        method: Method::Get,
        path: "/mypudo/mypudo.asmx/GetPudoList".to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Default::default(),
        now: NOW,
    };
    let all = "carrier=EXA&key=k&address=&zipCode=35000&city=RENNES&countrycode=FR&requestID=1\
               &date_from=20/11/2026&max_pudo_number=4&max_distance_search=&weight=&category=\
               &holiday_tolerant=";
    let mut sim = sim();
    assert_eq!(sim.answer(&get(all)).status, 200);
    assert_eq!(sim.answer(&get(&all.replace("&weight=", ""))).status, 500);
    for (query, code) in [
        (all.replace("RENNES", ""), "312"),
        (all.replace("key=k", "key=wrong"), "101"),
        (all.replace("35000", ""), "311"),
    ] {
        let answer = sim.answer(&get(&query));
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(answer.status == 200 && text.contains(&format!("code=\"{code}\"")), "{text}");
    }
}
