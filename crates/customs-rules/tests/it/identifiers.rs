//! Every number of the test vectors, and what must hold for any text.
use colibri_customs_rules::identifiers::{
    Checked, CodeLevel, Fault, Grade, OneStopShop, SsccIssuer, SsccIssuerError, eori, gtin,
    one_stop_shop, s10, sscc, tariff_code, vat,
};
use proptest::prelude::*;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../data/identifier_vectors.json")).unwrap()
}

fn each(vectors: &Value, path: &str) -> Vec<String> {
    let list = vectors.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("{path}"));
    assert!(!list.is_empty(), "{path}");
    list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn fault(checked: &Checked) -> Option<Fault> {
    match &checked.grade {
        Grade::Invalid { fault } => Some(*fault),
        _ => None,
    }
}

#[test]
fn check_digits_and_shapes_are_told_apart() {
    let vectors = vectors();
    type Check = fn(&str) -> Checked;
    for (kind, check) in [("gtin", gtin as Check), ("sscc", sscc), ("s10", s10)] {
        for number in each(&vectors, &format!("/{kind}/valid")) {
            assert!(!check(&number).is_invalid(), "{kind} {number}: {:?}", check(&number));
        }
        for number in each(&vectors, &format!("/{kind}/wrong_check")) {
            assert_eq!(fault(&check(&number)), Some(Fault::CheckDigit), "{kind} {number}");
        }
        for number in each(&vectors, &format!("/{kind}/wrong_shape")) {
            // An application identifier is stripped; what is under it is a good number.
            let stripped = number.starts_with("(00)");
            assert_eq!(check(&number).is_invalid(), !stripped, "{kind} {number}");
        }
    }
    for number in each(&vectors, "/gtin/valid_but_not_global") {
        assert!(matches!(gtin(&number).grade, Grade::Suspect { .. }), "{number}");
    }
}

#[test]
fn schemes_and_traders() {
    let vectors = vectors();
    for number in each(&vectors, "/ioss/well_formed") {
        assert!(one_stop_shop(&number, OneStopShop::Import).is_well_formed(), "{number}");
    }
    for number in each(&vectors, "/ioss/malformed") {
        assert!(one_stop_shop(&number, OneStopShop::Import).is_invalid(), "{number}");
    }
    for number in each(&vectors, "/ioss/non_union_well_formed") {
        assert!(one_stop_shop(&number, OneStopShop::NonUnion).is_well_formed(), "{number}");
    }
    let intermediary = one_stop_shop("IN2760000000", OneStopShop::Import);
    assert_eq!(fault(&intermediary), Some(Fault::Kind));
    for number in each(&vectors, "/eori/well_formed") {
        assert!(eori(&number).is_well_formed(), "{number}: {:?}", eori(&number));
    }
    for number in each(&vectors, "/eori/malformed") {
        assert!(eori(&number).is_invalid(), "{number}");
    }
    for row in vectors["eori"]["repairable"].as_array().unwrap() {
        let checked = eori(row["seen"].as_str().unwrap());
        assert_eq!(checked.normalised, row["normalised"].as_str().unwrap());
        assert!(!checked.is_invalid());
    }
}

#[test]
fn vat_numbers_of_thirty_states() {
    let vectors = vectors();
    let states = vectors["vat"].as_object().unwrap();
    assert_eq!(states.len(), 30);
    for (state, row) in states {
        let valid = vat(row["valid"].as_str().unwrap());
        assert!(valid.is_well_formed(), "{state} {valid:?}");
        let wrong = vat(row["wrong_check"].as_str().unwrap());
        assert_eq!(fault(&wrong), Some(Fault::CheckDigit), "{state} {wrong:?}");
    }
    assert_eq!(fault(&vat("US123456789")), Some(Fault::Prefix));
    assert_eq!(fault(&vat("FR1112345678")), Some(Fault::Shape));
    assert!(vat("XI123456727").is_well_formed() && vat("987 650 001 MVA").is_well_formed());
    assert!(vat("ESX1234567L").is_well_formed() && vat("ES12345678Z").is_well_formed());
}

#[test]
fn codes_are_cut_and_never_lengthened() {
    let vectors = vectors();
    let exists = |code: &str| !matches!(code, "610930" | "770100");
    for code in each(&vectors, "/hs/valid_hs6_2022") {
        assert_eq!(tariff_code(&code, exists).unwrap().level, CodeLevel::Hs6, "{code}");
    }
    for path in ["/hs/well_formed_but_absent", "/hs/not_for_declarations"] {
        for code in each(&vectors, path) {
            let refused = tariff_code(&code, exists).unwrap_err();
            assert_eq!(fault(&refused), Some(Fault::Unknown), "{code}");
        }
    }
    for code in each(&vectors, "/hs/malformed") {
        assert_eq!(fault(&tariff_code(&code, exists).unwrap_err()), Some(Fault::Shape), "{code}");
    }
    for row in vectors["hs"]["leading_zero_lost"].as_array().unwrap() {
        let doubt = tariff_code(row["seen"].as_str().unwrap(), exists).unwrap_err();
        assert_eq!(doubt.normalised, row["candidate"].as_str().unwrap());
        assert!(matches!(doubt.grade, Grade::Suspect { .. }));
    }
    let code = tariff_code("6109.10", exists).unwrap();
    assert_eq!((code.at(CodeLevel::Hs6), code.at(CodeLevel::Cn8)), (Some("610910"), None));
    let ten = tariff_code("6109 10 00 12", exists).unwrap();
    assert_eq!(
        (ten.at(CodeLevel::Hs6), ten.at(CodeLevel::Cn8)),
        (Some("610910"), Some("61091000"))
    );
}

#[test]
fn issuers_say_when_they_have_no_more_numbers() {
    let issuer = SsccIssuer::new(3, "9521234000").unwrap();
    assert_eq!(issuer.number(999_999).map(|number| number.len()), Ok(18));
    assert_eq!(issuer.number(1_000_000), Err(SsccIssuerError::Exhausted));
    assert_eq!(SsccIssuer::new(10, "9521234"), Err(SsccIssuerError::Extension));
    for prefix in ["952123", "95212340001", "952123A"] {
        assert_eq!(SsccIssuer::new(0, prefix), Err(SsccIssuerError::Prefix), "{prefix}");
    }
}

proptest! {
    #[test]
    fn issued_numbers_pass_and_no_two_are_the_same(
        extension in 0_u32..10,
        prefix in "[0-9]{7,10}",
        first in 0_u64..500_000,
        second in 0_u64..500_000,
    ) {
        let issuer = SsccIssuer::new(extension, &prefix).unwrap();
        let (one, two) = (issuer.number(first).unwrap(), issuer.number(second).unwrap());
        prop_assert!(sscc(&one).is_well_formed(), "{}", one);
        prop_assert_eq!(one == two, first == second);
    }

    #[test]
    fn one_wrong_digit_is_always_noticed(body in "[0-9]{17}", at in 0_usize..18, step in 1_u32..10) {
        let issuer = SsccIssuer::new(1, &body[..7]).unwrap();
        let number = issuer.number(body[7..13].parse().unwrap()).unwrap();
        let mut digits: Vec<u32> = number.chars().map(|c| c.to_digit(10).unwrap()).collect();
        digits[at] = (digits[at] + step) % 10;
        let wrong: String = digits.iter().map(u32::to_string).collect();
        prop_assert_eq!(fault(&sscc(&wrong)), Some(Fault::CheckDigit));
    }

    #[test]
    fn any_text_is_checked_without_a_panic(
        text in "\\PC{0,24}",
        state in "(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|GB|XI|CHE|NO|IM|EU)",
        body in "[0-9A-ZÉ]{0,14}",
    ) {
        for text in [text.clone(), format!("{state}{body}"), format!("{state}{text}")] {
            let _ = (vat(&text), eori(&text), gtin(&text), sscc(&text), s10(&text));
            let _ = (one_stop_shop(&text, OneStopShop::Import), tariff_code(&text, |_| true));
        }
    }
}
