use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    CarrierError, Incoterm, Item, Labels, Purchase, Step,
    mondial_relay::soap,
    wire::xml::{self, Element},
};

fn labels() -> &'static dyn Labels {
    CARRIER.labels().unwrap()
}

fn read(response: &HttpResponse) -> Result<Step<Purchase>, CarrierError> {
    labels().response(response, &shipment())
}

fn tell(result: Result<Step<Purchase>, CarrierError>) -> Value {
    match result {
        Ok(Step::Done(purchase)) => {
            assert_eq!((purchase.labels.len(), purchase.charge), (1, None));
            let label = &purchase.labels[0];
            assert_eq!(purchase.shipment_number, label.tracking_number);
            json!({
                "number": label.tracking_number,
                "format": format!("{:?}", label.format),
                "bytes": label.data.len(),
            })
        }
        Ok(Step::Next(next)) => json!({ "next": format!("{} {}", next.method.as_str(), next.url) }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn security(request: &HttpRequest) -> String {
    let root = xml::parse(std::str::from_utf8(&request.body).unwrap()).unwrap();
    root.find("Security").unwrap().text.clone()
}

#[test]
fn signatures_are_those_of_the_worked_examples() {
    let account = account();
    let tracing = [("Expedition", "12345678"), ("Langue", "FR")];
    let request = soap::request(&call(&account), "WSI2_TracingColisDetaille", &tracing);
    assert_eq!(security(&request), "089A8AC1BA44120C4D6B73C3DF37C85F");
    let search = [
        ("Pays", "FR"),
        ("Ville", "RENNES"),
        ("CP", "35000"),
        ("Poids", "1250"),
        ("Action", "24R"),
        ("DelaiEnvoi", "0"),
        ("RayonRecherche", "20"),
        ("NombreResultats", "7"),
    ];
    let request = soap::request(&call(&account), "WSI4_PointRelais_Recherche", &search);
    assert_eq!(security(&request), "117EC4671DE847F2F91B90622BA83171");
    let plan = "REL 24R COL0001 C77 FR ATELIER_EXEMPLE 12_RUE_DU_MODELE LYON 69002 FR 0465710001 \
                expedition@example.org FR ALIX_EXEMPLE 3_IMPASSE_FICTIVE RENNES 35000 FR \
                0639980003 alix@example.org 1250 1 0 FR AUTO FR 035001";
    let values: Vec<String> = plan.split_whitespace().map(|v| v.replace('_', " ")).collect();
    let create: Vec<(&str, &str)> = values.iter().map(|value| ("x", value.as_str())).collect();
    let request = soap::request(&call(&account), "WSI2_CreationEtiquette", &create);
    assert_eq!(security(&request), "F62F381C60194524EFFE7DF41FF9A00B");
}

#[test]
fn requests_are_written_to_the_byte() {
    FIXTURES.assert_request("label_accepted", &request(&shipment()).unwrap());
    let mut insured = to_relay();
    insured.options.push(DeliveryOption::Insurance(euros(12_501)));
    insured.options.push(DeliveryOption::CashOnDelivery(euros(4_990)));
    FIXTURES.assert_request("label_relay_insured_cash", &request(&insured).unwrap());
    let returns = CARRIER.returns().unwrap();
    FIXTURES.assert_request("return_label", &returns.request(&call(&account()), &back()).unwrap());
    let again = labels().label_request(&call(&account()), "12345678").unwrap();
    FIXTURES.assert_request("file_address", &again);
    let mut thermal = to_relay();
    thermal.format = LabelFormat::Zpl;
    thermal.options.push(DeliveryOption::Insurance(euros(5_000)));
    thermal.parcels[0].items = vec![Item {
        sku: "TASSE-1".to_owned(),
        description: "Tasses en grès, émaillées à la main dans l'atelier".to_owned(),
        quantity: 2,
        weight: Grams(400),
        value: euros(1_250),
        hs_code: None,
        origin: None,
    }];
    FIXTURES.assert_request("connect_accepted", &request(&thermal).unwrap());
    let thermal = Shipment { format: LabelFormat::Zpl, ..back() };
    FIXTURES.assert_request("return_zpl", &returns.request(&call(&account()), &thermal).unwrap());
}

#[test]
fn answers_are_read_as_bought_refused_or_in_doubt() {
    let (one, two) = (FIXTURES.cases("label_"), FIXTURES.cases("connect_"));
    assert!(one.len() >= 17 && two.len() >= 16, "{} {}", one.len(), two.len());
    for case in one.into_iter().chain(two) {
        assert_eq!(tell(read(&FIXTURES.response(&case))), FIXTURES.expected(&case), "{case}");
    }
}

#[test]
fn a_file_is_fetched_in_two_steps_from_the_carriers_site_only() {
    for case in FIXTURES.cases("file_") {
        let answer = FIXTURES.response(&case);
        let (account, shipment) = (account(), shipment());
        let read = labels().label_response(&call(&account), &answer, &shipment, "12345678");
        assert_eq!(tell(read), FIXTURES.expected(&case), "{case}");
    }
    assert!(labels().label_request(&call(&account()), "6A00000001236").is_none());
    let mut own = account();
    own.hosts.insert("files".to_owned(), "http://127.0.0.1:9/".to_owned());
    let answer = FIXTURES.response("file_address");
    let next = labels().label_response(&call(&own), &answer, &shipment(), "12345678");
    let Ok(Step::Next(next)) = next else { panic!("{next:?}") };
    assert!(next.url.starts_with("http://127.0.0.1:9/ww2/PDF/"), "{}", next.url);
    assert!(next.headers.iter().all(|(name, _)| name == "accept"), "no credentials to a file");
}

#[test]
fn a_purchase_never_waits_for_its_file() {
    assert!(matches!(read(&FIXTURES.response("label_accepted")), Ok(Step::Done(_))));
}

fn field<'a>(root: &'a Element, name: &str) -> &'a str {
    root.find(name).map(|found| found.text.as_str()).unwrap_or_default()
}

#[test]
fn our_reference_is_whole_in_the_two_fields_that_people_see() {
    for (reference, order, customer) in [
        ("A", "A", ""),
        ("ATT0000000000AB", "ATT0000000000AB", ""),
        ("0123456789ABCDEFGHJK", "56789ABCDEFGHJK", "01234"),
    ] {
        let shipment = Shipment { attempt_ref: reference.to_owned(), ..shipment() };
        let root = xml::parse(std::str::from_utf8(&request(&shipment).unwrap().body).unwrap());
        let root = root.unwrap();
        assert_eq!((field(&root, "NDossier"), field(&root, "NClient")), (order, customer));
        let shipment = Shipment { format: LabelFormat::Zpl, ..shipment };
        let root = xml::parse(std::str::from_utf8(&request(&shipment).unwrap().body).unwrap());
        let root = root.unwrap();
        assert_eq!((field(&root, "OrderNo"), field(&root, "CustomerNo")), (order, customer));
    }
}

#[test]
fn incoterms_inside_the_union_change_nothing() {
    let with = Shipment { incoterm: Some(Incoterm::Ddp), ..shipment() };
    assert_eq!(request(&with).unwrap().body, request(&shipment()).unwrap().body);
}

#[test]
fn secrets_travel_only_where_they_must() {
    let printed = request(&shipment()).unwrap();
    let thermal = request(&Shipment { format: LabelFormat::Zpl, ..shipment() }).unwrap();
    let holds = |request: &HttpRequest, secret: &str| {
        String::from_utf8_lossy(&request.body).contains(secret) || request.url.contains(secret)
    };
    assert!(!holds(&printed, KEY) && !holds(&printed, "example-password"));
    assert!(!holds(&thermal, KEY) && holds(&thermal, "example-password"));
    assert!(thermal.headers.contains(&("accept".to_owned(), "application/xml".to_owned())));
    assert!(thermal.body.starts_with(b"<?xml"), "no byte order mark");
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic_and_none_are_a_purchase(
        body in prop::collection::vec(any::<u8>(), 0..300), status in any::<u16>(),
    ) {
        let kind = ("content-type".to_owned(), "text/xml".to_owned());
        let response = HttpResponse { status, headers: vec![kind], body: body.into() };
        prop_assert!(read(&response).is_err());
        let account = account();
        let call = call(&account);
        let file = labels().label_response(&call, &response, &shipment(), "12345678");
        prop_assert!(file.is_err());
    }

    #[test]
    fn half_an_answer_is_in_doubt(cut in any::<prop::sample::Index>()) {
        for case in ["label_accepted", "label_refused_street", "connect_accepted"] {
            let whole = FIXTURES.response(case);
            let length = whole.body.trim_ascii_end().len();
            let body = whole.body.slice(..cut.index(length));
            let read = read(&HttpResponse { body, ..whole });
            prop_assert!(matches!(read, Err(CarrierError::Garbled { .. })), "{}: {:?}", case, read);
        }
    }

    #[test]
    fn a_missing_or_strange_element_never_panics(
        case in prop::sample::select(vec!["label_accepted", "connect_accepted", "file_address"]),
        name in prop::sample::select(vec![
            "STAT", "ExpeditionNum", "URL_PDF_10x15", "ShipmentsList", "Shipment", "StatusList",
            "Output", "LabelList", "Label", "RawContent",
        ]),
        other in "[A-Za-z]{1,8}",
    ) {
        let whole = FIXTURES.response(case);
        let text = String::from_utf8(whole.body.to_vec()).unwrap();
        let text = text.replace(&format!("<{name}>"), &format!("<{other}>"));
        let text = text.replace(&format!("</{name}>"), &format!("</{other}>"));
        let answer = HttpResponse { body: text.into(), ..whole };
        let _ = read(&answer);
        let account = account();
        let _ = labels().label_response(&call(&account), &answer, &shipment(), "12345678");
    }
}
