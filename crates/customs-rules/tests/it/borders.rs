//! Records for both sides of a border: low-value import and export.
use colibri_customs_rules::{
    assess::Shipped,
    consignment::Scheme,
    declare::{ELEMENTS, Export, LowValue, LowValueOutcome, Parcel, exports},
};
use time::macros::date;

use crate::{
    common::dec,
    declare::{fields, parcel, prepared},
};

fn low_value(parcel: &Parcel) -> LowValue {
    match prepared(parcel).unwrap_or_else(|m| panic!("{m:?}")).low_value {
        LowValueOutcome::Record(record) => *record,
        LowValueOutcome::NotDue { reason } => panic!("{reason}"),
    }
}

/// A sale into the Union under the one-stop shop.
fn into_the_union(value: &str) -> Parcel {
    let mut parcel = parcel("CN", "FR", value);
    (parcel.seller.eori, parcel.seller.country) = (String::new(), "CN".parse().ok());
    parcel.consignment.scheme = Some(Scheme::Ioss);
    parcel.facts.scheme_id = "IM2500000017".to_owned();
    parcel
}

#[test]
fn codes_of_the_low_value_declaration_follow_scheme_and_day() {
    let codes = |scheme, day| {
        let mut parcel = into_the_union("38");
        parcel.consignment.scheme = Some(scheme);
        parcel.consignment.date = day;
        low_value(&parcel).additional_procedures
    };
    let (before, after) = (date!(2026 - 06 - 30), date!(2026 - 07 - 01));
    assert_eq!(codes(Scheme::Ioss, before), ["C07", "F48"]);
    assert_eq!(codes(Scheme::Ioss, after), ["F48"]);
    assert_eq!(codes(Scheme::SpecialArrangement, before), ["C07", "F49"]);
    assert_eq!(codes(Scheme::SpecialArrangement, after), ["F49"]);
    assert_eq!(codes(Scheme::StandardVat, before), ["C07"]);
    assert_eq!(codes(Scheme::StandardVat, after), ["F53"]);
}

#[test]
fn the_low_value_declaration_says_what_the_other_records_say() {
    let parcel = into_the_union("150");
    let record = low_value(&parcel);
    assert_eq!(record.lines[0].intrinsic_value.unwrap().amount, dec("150.00"));
    assert_eq!((record.lines[0].commodity_code.as_str(), record.packages), ("610910", 1));
    let fiscal = record.fiscal_reference.clone().unwrap();
    assert_eq!((fiscal.role, fiscal.number.as_str()), ("FR5", "IM2500000017"));
    let json = serde_json::to_value(&record).unwrap();
    for (field, ..) in ELEMENTS.iter().filter(|(field, ..)| !field.contains("postal_value")) {
        let found = match field.strip_prefix("lines.") {
            Some(field) => json["lines"][0].get(field),
            None => json.get(field),
        };
        assert!(found.is_some(), "{field}");
    }
    let over = prepared(&into_the_union("150.01")).unwrap().low_value;
    assert!(matches!(over, LowValueOutcome::NotDue { reason } if reason.contains("full")));
    let mut nameless = into_the_union("38");
    nameless.consignment.lines[0].product_ids.merchant.clear();
    assert!(fields(&nameless).contains(&"product_ids.merchant".to_owned()));
    let mut schemeless = into_the_union("38");
    schemeless.consignment.scheme = None;
    assert!(fields(&schemeless).contains(&"scheme".to_owned()));
}

fn exported(from: &str, values: &[(&str, &str)]) -> Vec<Export> {
    let shipped = Shipped::read().unwrap();
    let parcels: Vec<Parcel> = values
        .iter()
        .map(|(buyer, value)| {
            let mut parcel = parcel(from, "CH", value);
            parcel.buyer.name = (*buyer).to_owned();
            parcel.consignment.lines[0].code = "61091000".to_owned();
            parcel
        })
        .collect();
    exports(&parcels, shipped.world())
}

#[test]
fn two_parcels_of_one_day_to_one_consignee_count_together_where_the_rule_says_so() {
    let two = exported("DE", &[("Pat Example", "600"), ("pat  EXAMPLE", "600")]);
    let [Export::Due(record)] = two.as_slice() else { panic!("{two:?}") };
    assert_eq!(record.rule, "de-export-same-day");
    assert_eq!((record.item_ids.len(), record.lines.len()), (2, 2));
    assert_eq!(record.total.amount, dec("1200.00"));
    let two = exported("DE", &[("Pat Example", "600"), ("Sam Example", "600")]);
    assert!(
        two.iter().all(|e| matches!(e, Export::NotDue { rule, .. } if rule.starts_with("de-")))
    );
    let two = exported("FR", &[("Pat Example", "600"), ("Pat Example", "600")]);
    let rule = "eu-export-postal";
    assert!(two.iter().all(|e| matches!(e, Export::NotDue { rule: r, .. } if r == rule)));
    let one = exported("FR", &[("Pat Example", "1000"), ("Pat Example", "1000.01")]);
    assert!(matches!(one.as_slice(), [Export::NotDue { .. }, Export::Due(_)]), "{one:?}");
    let unknown = exported("JP", &[("Pat Example", "5000")]);
    assert!(matches!(unknown.as_slice(), [Export::NotCovered { .. }]));
}

#[test]
fn an_export_declaration_names_what_it_lacks() {
    let shipped = Shipped::read().unwrap();
    let mut short = parcel("FR", "CH", "2000");
    short.seller.eori.clear();
    let answer = exports(&[short], shipped.world());
    let [Export::Unknown { missing, .. }] = answer.as_slice() else { panic!("{answer:?}") };
    let named: Vec<&str> = missing.iter().map(|m| m.field.as_str()).collect();
    assert_eq!(named, ["seller.eori", "code"]);
}
