//! Papers and records of a parcel.
use colibri_customs_rules::{
    assess::{Missing, Shipped},
    consignment::{Channel, Extra, Flow, Scheme, Terms},
    declare::{
        AdvanceRecord, Amount, Category, Declaration, Facts, Form, InvoiceFacts, LineFacts,
        LowValueOutcome, Outbound, Parcel, Party, PersonKind, PostalProduct, SdrRate, SdrRates,
        SdrValue, advance_record, check, postal_form, prepare,
    },
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use time::macros::date;

use crate::common::{dec, parcel as consignment};

fn party(name: &str, country: &str) -> Party {
    Party {
        name: name.to_owned(),
        lines: vec!["1 rue de l'Exemple".to_owned()],
        postcode: "00000".to_owned(),
        city: "Villexemple".to_owned(),
        country: country.parse().ok(),
        phone: "+33000000000".to_owned(),
        email: "shop@example.org".to_owned(),
        ..Party::default()
    }
}

/// A letter of 420 g posted on 23 November 2026, from a firm to a person.
pub(super) fn parcel(from: &str, to: &str, value: &str) -> Parcel {
    let mut way = consignment(from, to, "EUR");
    way.channel = Channel::Post;
    way.lines[0].value = dec(value);
    let seller = Party {
        person_type: Some(PersonKind::Legal),
        eori: "FR00000000000000".to_owned(),
        ..party("Atelier Exemple", from)
    };
    Parcel {
        consignment: way,
        seller,
        buyer: party("Pat Example", to),
        shipper: None,
        ship_to: None,
        importer: None,
        facts: Facts {
            item_id: "LX100000025FR".to_owned(),
            service: "post-tracked".to_owned(),
            product: Some(PostalProduct::Letter),
            operator: "Poste Exemple".to_owned(),
            posting_date: Some(date!(2026 - 11 - 23)),
            gross_kg: Some(dec("0.42")),
            postage: Some(Amount::new(dec("9"), "EUR".parse().unwrap())),
            invoice: Some(InvoiceFacts {
                number: "INV-1".to_owned(),
                date: date!(2026 - 11 - 22),
                payment: String::new(),
            }),
            ..Facts::default()
        },
    }
}

pub(super) fn prepared(parcel: &Parcel) -> Result<Declaration, Vec<Missing>> {
    let shipped = Shipped::read().unwrap();
    prepare(parcel, shipped.world(), &SdrRates::shipped().unwrap())
}

pub(super) fn fields(parcel: &Parcel) -> Vec<String> {
    prepared(parcel).unwrap_err().into_iter().map(|missing| missing.field).collect()
}

#[test]
fn sdr_1_and_its_neighbours_choose_the_form() {
    use PostalProduct::{Ems, Letter, Parcel};
    use SdrValue::{Converted, Stated, Unknown};
    for (product, value, kg, controlled, lines, wanted) in [
        // SDR-1 of the worked examples.
        (Letter, Stated(dec("300.00")), "0.5", false, 1, Form::Cn22),
        (Letter, Stated(dec("300.01")), "0.5", false, 1, Form::Cn23),
        (Letter, Stated(dec("300")), "2.000", false, 4, Form::Cn22),
        (Letter, Stated(dec("300")), "2.001", false, 1, Form::Cn23),
        (Letter, Converted(dec("294")), "0.5", false, 1, Form::Cn22),
        (Letter, Converted(dec("294.01")), "0.5", false, 1, Form::Cn23),
        (Letter, Unknown, "0.5", false, 1, Form::Cn23),
        (Letter, Stated(dec("10")), "0.5", true, 1, Form::Cn23),
        (Letter, Stated(dec("10")), "0.5", false, 5, Form::Cn23),
        (Parcel, Stated(dec("10")), "0.5", false, 1, Form::Cn23),
        (Ems, Stated(dec("10")), "0.5", false, 1, Form::Cn23),
    ] {
        let (form, reason) = postal_form(product, value, dec(kg), controlled, lines);
        assert_eq!(form, wanted, "{product:?} {value:?} {kg} {lines}: {reason}");
    }
}

#[test]
fn values_are_converted_with_the_last_figure_before_the_day() {
    let shipped = Shipped::read().unwrap();
    let euro = "EUR".parse().unwrap();
    let mut rates = SdrRates::shipped().unwrap();
    let on = |rates: &SdrRates, day| {
        rates.convert(dec("350.01"), euro, day, &shipped.fx).map(|(value, _)| value.round_dp(4))
    };
    assert_eq!(on(&rates, date!(2026 - 11 - 23)), Some(dec("300.0000")));
    assert_eq!(on(&rates, date!(2026 - 04 - 14)), None);
    assert_eq!(on(&rates, date!(2027 - 05 - 01)), None);
    rates.insert(SdrRate {
        date: date!(2026 - 11 - 20),
        currency: euro,
        per_sdr: dec("1.2"),
        source: "test".to_owned(),
    });
    assert_eq!(on(&rates, date!(2026 - 11 - 23)), Some(dec("291.675")));
    assert!(SdrRates::read("date,currency,per_sdr,status,source\n2026-01-01,EUR,0,x,y").is_err());
}

#[test]
fn papers_follow_channel_reason_and_border() {
    use Form::{Cn22, Cn23, CommercialInvoice, ProFormaInvoice, ReturnInvoice};
    let of = |change: &dyn Fn(&mut Parcel)| {
        let mut parcel = parcel("FR", "GB", "38");
        change(&mut parcel);
        prepared(&parcel).unwrap_or_else(|missing| panic!("{missing:?}")).choice.forms
    };
    assert_eq!(of(&|_| ()), [Cn22]);
    assert_eq!(of(&|p| p.consignment.lines[0].value = dec("360")), [Cn23, CommercialInvoice]);
    // EUR 345 are SDR 295.71: within two per cent.
    assert_eq!(of(&|p| p.consignment.lines[0].value = dec("345")), [Cn23, CommercialInvoice]);
    assert_eq!(of(&|p| p.facts.value_sdr = Some(dec("295.71"))), [Cn22]);
    assert_eq!(of(&|p| p.facts.form = Some(Cn23)), [Cn23, CommercialInvoice]);
    let express = |flow: Flow| {
        of(&|p: &mut Parcel| {
            p.consignment.channel = Channel::Express;
            p.consignment.flow = flow;
            p.facts.outbound = Some(Outbound {
                item_id: "LX100000025FR".to_owned(),
                declaration_kind: "MRN".to_owned(),
                declaration: "26FRX".to_owned(),
                date: None,
            });
        })
    };
    assert_eq!(express(Flow::B2c), [CommercialInvoice]);
    assert_eq!(express(Flow::Sample), [ProFormaInvoice]);
    assert_eq!(express(Flow::Return), [ReturnInvoice]);
    assert_eq!(of(&|p| p.consignment.flow = Flow::Documents), []);
}

#[test]
fn nothing_is_made_inside_one_territory_and_papers_where_only_taxes_differ() {
    let inside = prepared(&parcel("FR", "DE", "38")).unwrap();
    assert!(inside.choice.forms.is_empty() && inside.advance.is_none());
    let mut canaries = parcel("FR", "ES", "38");
    canaries.consignment.to.postcode = "35001".to_owned();
    let canaries = prepared(&canaries).unwrap();
    assert_eq!(canaries.choice.forms, [Form::Cn22]);
    assert!(matches!(canaries.low_value, LowValueOutcome::NotDue { .. }));
}

#[test]
fn a_form_that_is_not_allowed_is_refused_and_the_other_offered() {
    let mut heavy = parcel("FR", "GB", "38");
    heavy.facts.gross_kg = Some(dec("2.001"));
    heavy.facts.form = Some(Form::Cn22);
    let missing = prepared(&heavy).unwrap_err();
    assert_eq!(missing[0].field, "facts.form");
    assert!(missing[0].reason.contains("CN23 is"), "{}", missing[0].reason);
}

/// The example of the reference, as it must come out.
const RECORD: &str = r#"{
  "item_id": "LX100000025FR", "service": "post-tracked", "posting_date": "2026-11-23",
  "category": "SaleOfGoods", "gross_mass_kg": "0.420", "pieces": 1,
  "postage": {"amount": "9.00", "currency": "EUR"},
  "sender": {"name": "Atelier Exemple", "person_type": "legal", "eori": "FR00000000000000",
    "address": {"lines": ["1 rue de l'Exemple"], "postcode": "00000", "city": "Villexemple",
      "country": "FR"},
    "email": "shop@example.org", "phone": "+33000000000"},
  "addressee": {"name": "Pat Example", "person_type": "natural",
    "address": {"lines": ["2 Sample Road"], "postcode": "AA1 1AA", "city": "Sampleton",
      "country": "GB"},
    "email": "pat@example.com", "phone": "+440000000000"},
  "scheme": {"scheme": "SupplyVat", "scheme_id": "GB123456727", "incoterm": "DDP",
    "payer": "sender"},
  "lines": [
    {"no": 1, "description": "Men's cotton T-shirt, knitted", "quantity": "2", "unit": "PCE",
     "net_mass_kg": "0.300", "value": {"amount": "38.00", "currency": "EUR"},
     "hs": {"code": "610910", "level": 6, "version": "HS2022"}, "origin": "PT",
     "product_ids": {"merchant": "TS-COT-M-01", "gtin": "9521234543213"}}
  ],
  "totals": {"value": {"amount": "38.00", "currency": "EUR"}, "net_mass_kg": "0.300",
    "transport_cost": {"amount": "9.00", "currency": "EUR"}},
  "documents": [{"type": "invoice", "number": "INV-1", "date": "2026-11-22"}]
}"#;

fn to_great_britain() -> Parcel {
    let mut parcel = parcel("FR", "GB", "38");
    parcel.buyer = Party {
        name: "Pat Example".to_owned(),
        person_type: Some(PersonKind::Natural),
        lines: vec!["2 Sample Road".to_owned()],
        postcode: "AA1 1AA".to_owned(),
        city: "Sampleton".to_owned(),
        country: "GB".parse().ok(),
        phone: "+440000000000".to_owned(),
        email: "pat@example.com".to_owned(),
        ..Party::default()
    };
    parcel.facts.scheme_id = "GB123456727".to_owned();
    let way = &mut parcel.consignment;
    (way.scheme, way.terms) = (Some(Scheme::SupplyVat), Terms::Ddp);
    way.freight = Some(Extra { amount: dec("9"), shown_separately: true });
    let line = &mut way.lines[0];
    line.description = "Men's cotton T-shirt, knitted".to_owned();
    (line.quantity, line.net_kg, line.origin) = (2, Some(dec("0.3")), "PT".parse().ok());
    line.product_ids.merchant = "TS-COT-M-01".to_owned();
    line.product_ids.gtin = "9521234543213".to_owned();
    parcel
}

#[test]
fn the_record_sent_ahead_has_the_shape_of_the_reference() {
    let made = prepared(&to_great_britain()).unwrap().advance.unwrap();
    let wanted: serde_json::Value = serde_json::from_str(RECORD).unwrap();
    assert_eq!(serde_json::to_value(&made).unwrap(), wanted);
    let read: AdvanceRecord = serde_json::from_str(RECORD).unwrap();
    assert_eq!(read, made);
}

#[test]
fn every_field_that_is_missing_is_named() {
    type Change = fn(&mut Parcel);
    let changes: &[(&str, Change)] = &[
        ("facts.item_id", |p| p.facts.item_id.clear()),
        ("facts.item_id", |p| p.facts.item_id = "LX100000026FR".to_owned()),
        ("facts.service", |p| p.facts.service.clear()),
        ("facts.posting_date", |p| p.facts.posting_date = None),
        ("facts.gross_kg", |p| p.facts.gross_kg = None),
        ("facts.product", |p| p.facts.product = None),
        ("facts.operator", |p| p.facts.operator.clear()),
        ("facts.pieces", |p| p.facts.pieces = Some(0)),
        ("facts.explanation", |p| p.facts.category = Some(Category::Other)),
        ("facts.scheme_id", |p| p.facts.scheme_id.clear()),
        ("facts.scheme_id", |p| p.facts.scheme_id = "GB123456728".to_owned()),
        ("seller.name", |p| p.seller.name.clear()),
        ("seller.lines", |p| p.seller.lines.clear()),
        ("seller.city", |p| p.seller.city.clear()),
        ("seller.country", |p| p.seller.country = None),
        ("seller.eori", |p| p.seller.eori.clear()),
        ("seller.phone", |p| p.seller.phone = "0033 1".to_owned()),
        ("buyer.email", |p| p.buyer.email = "pat".to_owned()),
        ("buyer.phone", |p| (p.buyer.phone, p.buyer.email) = (String::new(), String::new())),
        ("code", |p| p.consignment.lines[0].code.clear()),
        ("origin", |p| p.consignment.lines[0].origin = None),
        ("net_kg", |p| p.consignment.lines[0].net_kg = None),
        ("description", |p| p.consignment.lines[0].description = "棉质T恤".to_owned()),
        ("product_ids.gtin", |p| p.consignment.lines[0].product_ids.gtin = "1".to_owned()),
        ("facts.outbound", |p| p.consignment.flow = Flow::Return),
        ("facts.incoterm", |p| p.facts.incoterm = "DDU".to_owned()),
        ("facts.incoterm", |p| p.facts.incoterm = "DAP".to_owned()),
        ("facts.category", |p| p.facts.category = Some(Category::Gift)),
        ("buyer.country", |p| p.buyer.country = "FR".parse().ok()),
        ("facts.gross_kg", |p| p.facts.gross_kg = Some(dec("0.29"))),
        ("value", |p| p.consignment.lines[0].value = dec("38.001")),
        ("value", |p| p.consignment.lines[0].value = Decimal::ZERO),
        ("facts.lines", |p| drop(p.facts.lines.insert(7, LineFacts::default()))),
        ("description", |p| {
            p.consignment.lines[0].description = "T-shirt, no commercial value".to_owned();
        }),
    ];
    assert!(prepared(&to_great_britain()).is_ok());
    for (wanted, change) in changes {
        let mut parcel = to_great_britain();
        change(&mut parcel);
        let named = fields(&parcel);
        assert!(named.contains(&(*wanted).to_owned()), "{wanted} is not in {named:?}");
    }
    let mut brazil = parcel("FR", "BR", "38");
    brazil.buyer.country = "BR".parse().ok();
    assert!(fields(&brazil).contains(&"buyer.importer_reference".to_owned()));
}

#[test]
fn a_unit_value_in_place_of_a_line_value_is_found() {
    let mut parcel = to_great_britain();
    parcel.consignment.lines[0].quantity = 3;
    let facts = LineFacts { unit_value: Some(dec("9.99")), ..LineFacts::default() };
    parcel.facts.lines.insert(1, facts);
    parcel.consignment.lines[0].value = dec("29.97");
    assert!(prepared(&parcel).is_ok());
    parcel.consignment.lines[0].value = dec("9.99");
    assert!(fields(&parcel).contains(&"value".to_owned()));
}

#[test]
fn sums_are_the_same_everywhere_and_a_discount_is_spread() {
    let mut parcel = to_great_britain();
    let mut second = parcel.consignment.lines[0].clone();
    (second.no, second.value, second.net_kg) = (2, dec("10.01"), Some(dec("0.05")));
    parcel.consignment.lines.push(second);
    parcel.consignment.discount = dec("5");
    parcel.facts.other_charges = Some(dec("1.5"));
    let made = prepared(&parcel).unwrap();
    let sums = &made.sums;
    assert_eq!((sums.invoiced, sums.goods, sums.grand), (dec("48.01"), dec("43.01"), dec("53.51")));
    let record = made.advance.unwrap();
    assert_eq!(record.totals.value.amount, sums.goods);
    let lines: Vec<Decimal> = record.lines.iter().map(|line| line.value.amount).collect();
    assert_eq!(lines, [dec("34.04"), dec("8.97")]);
}

#[test]
fn a_parcel_reads_from_json_and_refuses_fields_that_nobody_knows() {
    let parcel = to_great_britain();
    let json = serde_json::to_string(&parcel).unwrap();
    assert_eq!(serde_json::from_str::<Parcel>(&json).unwrap(), parcel);
    let wrong = json.replace("\"item_id\"", "\"item_idd\"");
    assert!(serde_json::from_str::<Parcel>(&wrong).unwrap_err().to_string().contains("item_idd"));
    assert!(!format!("{parcel:?}").contains("Pat Example"), "names are not for logs");
}

proptest! {
    /// Whatever is sold and taken off, papers and records agree to the cent.
    #[test]
    fn records_add_up(minor in prop::collection::vec(1_000_i64..100_000, 1..6), off in 0_i64..900) {
        let mut parcel = to_great_britain();
        let line = parcel.consignment.lines[0].clone();
        parcel.consignment.lines = (1..).zip(&minor).map(|(no, minor)| {
            let mut line = line.clone();
            (line.no, line.value, line.net_kg) = (no, Decimal::new(*minor, 2), Some(dec("0.05")));
            line
        }).collect();
        parcel.consignment.discount = Decimal::new(off, 2);
        let sums = check(&parcel).unwrap();
        let record = advance_record(&parcel, &sums).unwrap();
        let lines: Decimal = record.lines.iter().map(|line| line.value.amount).sum();
        prop_assert_eq!(lines, sums.goods);
        prop_assert_eq!(record.totals.value.amount, sums.goods);
        prop_assert_eq!(sums.invoiced - sums.discount, sums.goods);
    }
}
