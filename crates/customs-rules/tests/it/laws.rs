//! What must hold for every parcel, and at every boundary.
use crate::common::{Land, dec, parcel};
use colibri_customs_rules::{
    assess::{FigureKind, Shipped, State, World, assess, validate},
    consignment::{Channel, Consignment, Extra, Flow, Scheme},
    rules::Rules,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use time::{Date, macros::date};

/// A world with a tariff for everybody and rates around every date that is asked for.
pub fn land() -> Land {
    let mut land = Land::new();
    for territory in ["EU", "UK", "US", "CH", "NO", "CA", "AU", "NZ"] {
        land.tariff(&format!("{territory},,third_country"), "4.7 % + 0.35 EUR/kg");
    }
    let days = [date!(2026 - 05 - 20), date!(2026 - 06 - 17), date!(2026 - 06 - 30)];
    for day in days.into_iter().chain([date!(2026 - 10 - 21), date!(2026 - 11 - 20)]) {
        for (code, rate) in [
            ("USD", "1.1172"),
            ("GBP", "0.8338"),
            ("CHF", "0.9194"),
            ("NOK", "10.312"),
            ("CAD", "1.5606"),
            ("AUD", "1.5904"),
            ("NZD", "1.9823"),
        ] {
            land.fx.insert(code.parse().unwrap(), day, dec(rate));
        }
    }
    land
}

fn duty_on(land: &Land, parcel: &Consignment, date: Date) -> (Vec<String>, String) {
    let found = land.assess(&Consignment { date, ..parcel.clone() });
    let rules = found.figures.iter().filter(|figure| figure.kind == FigureKind::Duty);
    let rules = rules.map(|figure| figure.rule.clone()).collect();
    (rules, found.totals.duty.to_decimal().to_string())
}

#[test]
fn first_and_last_days_are_included() {
    let mut land = land();
    land.fx.insert("USD".parse().unwrap(), date!(2028 - 06 - 21), dec("1.1"));
    let mut parcel = parcel("CN", "DE", "EUR");
    parcel.lines[0].net_kg = None;
    parcel.lines[0].code = "610910".to_owned();
    for (day, duty) in [
        (date!(2026 - 06 - 30), "0.00"),
        (date!(2026 - 07 - 01), "3.00"),
        (date!(2028 - 07 - 01), "3.00"),
    ] {
        assert_eq!(duty_on(&land, &parcel, day).1, duty, "{day}");
    }
    // The day after the fixed duty the tariff holds, and wants the net weight.
    let after = land.assess(&Consignment { date: date!(2028 - 07 - 02), ..parcel.clone() });
    assert_eq!(after.state, State::CannotBeComputed);
    assert!(after.missing.iter().any(|missing| missing.reason.contains("net weight")));
    let mut surcharge = crate::common::parcel("FR", "US", "EUR");
    surcharge.lines[0].origin = "FR".parse().ok();
    surcharge.lines[0].code = "6109100012".to_owned();
    for (day, due) in [
        (date!(2026 - 02 - 23), false),
        (date!(2026 - 02 - 24), true),
        (date!(2026 - 07 - 23), true),
        (date!(2026 - 07 - 24), false),
    ] {
        for back in 0..3 {
            let day = day.checked_sub(time::Duration::days(back)).unwrap();
            land.fx.insert("USD".parse().unwrap(), day, dec("1.1"));
        }
        let rules = duty_on(&land, &surcharge, day).0;
        assert_eq!(rules.contains(&"us-section-122".to_owned()), due, "{day} {rules:?}");
    }
}

#[test]
fn thresholds_are_exact() {
    let land = land();
    let fixed = |value: &str, hidden: bool| {
        let mut parcel = parcel("CN", "DE", "EUR");
        parcel.lines[0].value = dec(value);
        parcel.freight = Some(Extra { amount: dec("12"), shown_separately: !hidden });
        let found = land.assess(&parcel);
        found.figures.iter().any(|figure| figure.rule == "eu-duty-3-per-item")
    };
    assert!(fixed("150.00", false) && !fixed("150.01", false));
    // Carriage hidden in the price counts.
    assert!(fixed("138.00", true) && !fixed("138.01", true));
    let at_sale = |value: &str| {
        let mut parcel = parcel("FR", "GB", "GBP");
        parcel.lines[0].value = dec(value);
        !land.assess(&parcel).totals.tax_at_sale.to_decimal().is_zero()
    };
    assert!(at_sale("135.00") && !at_sale("135.01"));
    // Norway tests the single piece: two of 2,000 are two small ones.
    let voec = |value: &str, quantity: u32| {
        let mut parcel = parcel("FR", "NO", "NOK");
        parcel.scheme = Some(Scheme::Voec);
        (parcel.lines[0].value, parcel.lines[0].quantity) = (dec(value), quantity);
        !land.assess(&parcel).totals.tax_at_sale.to_decimal().is_zero()
    };
    assert!(voec("3000", 1) && !voec("3000.01", 1) && voec("4000", 2));
}

#[test]
fn a_scheme_that_is_not_allowed_is_not_used_and_is_said() {
    let land = land();
    let mut parcel = parcel("CN", "DE", "EUR");
    parcel.scheme = Some(Scheme::Ioss);
    parcel.lines[0].value = dec("160");
    let found = land.assess(&parcel);
    assert_eq!(found.state, State::Estimate);
    assert!(found.doubts.iter().any(|doubt| doubt.field == "scheme"));
    assert!(found.totals.tax_at_sale.to_decimal().is_zero());
    assert!(!found.totals.tax.to_decimal().is_zero());
    let refused = found.trace.iter().find(|trace| trace.rule == "eu-ioss").unwrap();
    assert!(refused.reason.contains("160"), "{}", refused.reason);
}

#[test]
fn lines_of_one_kind_share_the_fixed_duty() {
    let land = land();
    let mut parcel = parcel("CN", "FR", "EUR");
    parcel.date = date!(2026 - 07 - 01);
    let duty = |lines: &[(&str, &str)]| {
        let mut parcel = parcel.clone();
        let base = parcel.lines[0].clone();
        parcel.lines = lines
            .iter()
            .enumerate()
            .map(|(at, (code, description))| {
                let mut line = base.clone();
                line.no = u32::try_from(at).unwrap() + 1;
                (line.code, line.description) = ((*code).to_owned(), (*description).to_owned());
                line
            })
            .collect();
        land.assess(&parcel).totals.duty.to_decimal().to_string()
    };
    assert_eq!(duty(&[("620610", "Blouse, silk")]), "3.00");
    assert_eq!(
        duty(&[
            ("620610", "Blouse, silk"),
            ("620620", "Blouse, wool"),
            ("620620", "blouse,  WOOL")
        ]),
        "6.00"
    );
}

#[test]
fn unknown_rates_are_named_and_not_guessed() {
    let mut land = land();
    land.fx.insert("USD".parse().unwrap(), date!(2026 - 11 - 20), dec("1.1"));
    let mut parcel = parcel("FR", "US", "EUR");
    parcel.lines[0].code = "6109100012".to_owned();
    parcel.lines[0].origin = "FR".parse().ok();
    let found = land.assess(&parcel);
    assert_eq!(found.state, State::CannotBeComputed);
    assert!(found.missing[0].reason.contains("us-301-forced-labour"), "{:?}", found.missing);
    // A country outside the list bears no layer; one with a rate bears it beside the tariff.
    for (origin, layers) in [("TR", 0), ("GB", 1), ("BR", 2)] {
        parcel.lines[0].origin = origin.parse().ok();
        let found = land.assess(&parcel);
        let heads = found.figures.iter().filter(|figure| !figure.heading.is_empty()).count();
        assert_eq!((found.state, heads), (State::Computed, layers), "{origin}");
    }
    parcel.lines[0].code = "610910".to_owned();
    let found = land.assess(&parcel);
    assert!(found.missing[0].reason.contains("10 digits"), "{:?}", found.missing);
    // A code cut short has a rate only while all below it are the same.
    let mut parcel = crate::common::parcel("CN", "GB", "GBP");
    parcel.lines[0].value = dec("500");
    let mut land = Land::new();
    land.fx.insert("GBP".parse().unwrap(), date!(2026 - 10 - 21), dec("0.8338"));
    land.tariff("UK,6109100010,third_country", "12 %");
    assert_eq!(land.assess(&parcel).state, State::Computed);
    land.tariff("UK,6109100090,third_country", "10 %");
    let found = land.assess(&parcel);
    assert!(found.missing[0].reason.contains("more digits"), "{:?}", found.missing);
}

#[test]
fn questions_that_make_no_sense_name_every_field() {
    let fields = |change: fn(&mut Consignment)| {
        let mut parcel = parcel("FR", "GB", "EUR");
        change(&mut parcel);
        let faults = validate(&parcel).expect_err("no sense");
        faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    type Change = fn(&mut Consignment);
    let changes: &[(&str, Change)] = &[
        ("lines", |p| p.lines.clear()),
        ("lines", |p| p.lines = vec![p.lines[0].clone(); 1_000]),
        ("quantity", |p| p.lines[0].quantity = 0),
        ("value", |p| p.lines[0].value = Decimal::ZERO),
        ("value", |p| p.lines[0].value = dec("-1")),
        ("value", |p| p.lines[0].value = Decimal::MAX),
        ("net_kg", |p| p.lines[0].net_kg = Some(Decimal::ZERO)),
        ("code", |p| p.lines[0].code = "6109".to_owned()),
        ("code", |p| p.lines[0].code = "61091000101".to_owned()),
        ("code", |p| p.lines[0].code = "6109AB".to_owned()),
        ("description", |p| p.lines[0].description = "  ".to_owned()),
        ("discount", |p| p.discount = dec("40")),
        ("discount", |p| p.discount = dec("-1")),
        ("no", |p| p.lines.push(p.lines[0].clone())),
    ];
    for (field, change) in changes {
        assert!(fields(*change).contains(&(*field).to_owned()), "{field}: {:?}", fields(*change));
    }
}

#[test]
fn rules_are_data_with_a_source_each() {
    let rules = Rules::shipped().unwrap();
    assert!(rules.rules.len() >= 60);
    assert!(rules.rules.iter().all(|rule| !rule.source.is_empty() && !rule.text.is_empty()));
    let doubled = include_str!("../../data/rules.json").replacen("eu-ioss", "eu-profile", 1);
    assert!(Rules::read(&doubled).is_err());
    let mut switched = rules.clone();
    switched.switch("eu-duty-3-narrow-scope", true).unwrap();
    assert!(switched.switch("no such rule", true).is_err());
    let mut land = land();
    land.rules = switched;
    // The narrow reading stands in for the wide one: without the scheme there is no fixed duty.
    let found = land.assess(&parcel("CN", "FR", "EUR"));
    assert!(!found.figures.iter().any(|figure| figure.rule.starts_with("eu-duty-3")));
}

fn any_parcel() -> impl Strategy<Value = Consignment> {
    let line = (1_i64..400_000, 1_u32..50, 1_u32..9_000, 0_usize..4, 0_usize..3);
    let shape = (
        prop::collection::vec(line, 1..10),
        prop::sample::select(vec!["FR", "GB", "US", "CH", "NO", "CA", "AU", "NZ", "DE"]),
        prop::sample::select(vec![
            date!(2026 - 06 - 30),
            date!(2026 - 07 - 02),
            date!(2026 - 11 - 20),
        ]),
        0_i64..9_000,
        prop::sample::select(vec![Flow::B2c, Flow::B2b, Flow::Gift]),
        any::<bool>(),
    );
    shape.prop_map(|(lines, to, date, freight, flow, post)| {
        let mut parcel = parcel("CN", to, "EUR");
        let base = parcel.lines[0].clone();
        let codes = ["6109100012", "6206100000", "8518300000", "9503000000"];
        let origins = ["TR", "GB", "JP"];
        parcel.lines = lines
            .into_iter()
            .enumerate()
            .map(|(at, (cents, quantity, grams, code, origin))| {
                let mut line = base.clone();
                line.no = u32::try_from(at).unwrap() + 1;
                line.value = Decimal::new(cents, 2);
                line.quantity = quantity;
                line.net_kg = Some(Decimal::new(grams.into(), 3));
                line.code = codes[code].to_owned();
                line.origin = origins[origin].parse().ok();
                line
            })
            .collect();
        parcel.freight =
            Some(Extra { amount: Decimal::new(freight, 2), shown_separately: freight % 2 == 0 });
        (parcel.date, parcel.flow) = (date, flow);
        parcel.channel = if post { Channel::Post } else { Channel::Express };
        parcel.to.subdivision = "ON".to_owned();
        parcel
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn figures_are_sound(parcel in any_parcel(), turn in 0_usize..9) {
        let land = land();
        let found = land.assess(&parcel);
        // Nothing below zero, and totals are the rounded sums of unrounded figures.
        let sum = |kinds: &[FigureKind]| -> Decimal {
            found.figures.iter().filter(|f| kinds.contains(&f.kind)).map(|f| f.exact).sum()
        };
        prop_assert!(found.figures.iter().all(|figure| !figure.exact.is_sign_negative()));
        let half_up = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        let rounded = |amount: Decimal| amount.round_dp_with_strategy(2, half_up);
        use FigureKind as K;
        prop_assert_eq!(found.totals.duty.to_decimal(), rounded(sum(&[K::Duty, K::Excise])));
        let all = [K::Duty, K::Excise, K::Tax, K::Fee, K::CarrierFee];
        prop_assert_eq!(found.totals.charges.to_decimal(), rounded(sum(&all)));
        // The order of lines changes no total.
        let mut turned = parcel.clone();
        let length = turned.lines.len();
        turned.lines.rotate_left(turn % length);
        let turned = land.assess(&turned);
        prop_assert_eq!(&turned.totals, &found.totals);
        prop_assert_eq!(turned.state, found.state);
        // Every answer names its rules, and the same question has the same answer.
        prop_assert!(found.trace.iter().any(|trace| trace.reason == "how the destination counts"));
        prop_assert_eq!(land.assess(&parcel), found);
    }

    #[test]
    fn shares_sum_exactly(parcel in any_parcel()) {
        // Carriage is in the customs value of the European Union whole, however it is split.
        let land = land();
        let mut parcel = parcel;
        parcel.to.country = "DE".parse().unwrap();
        (parcel.flow, parcel.date) = (Flow::B2b, date!(2026 - 11 - 20));
        parcel.lines[0].value += dec("1000");
        let found = land.assess(&parcel);
        let bases: Decimal =
            found.figures.iter().filter(|f| f.kind == FigureKind::Duty).filter_map(|f| f.base).sum();
        let goods: Decimal = parcel.lines.iter().map(|line| line.value).sum();
        let freight = parcel.freight.as_ref().map(|extra| extra.amount).unwrap_or_default();
        prop_assert_eq!(bases, goods + freight);
    }

    #[test]
    fn any_question_is_answered_or_refused_without_a_panic(
        values in prop::collection::vec(any::<i64>(), 0..4),
        scale in 0_u32..28,
        code in "[0-9A-Z]{0,11}",
        quantity in any::<u32>(),
    ) {
        let land = land();
        let mut parcel = parcel("CN", "GB", "EUR");
        let base = parcel.lines[0].clone();
        parcel.lines = values.iter().enumerate().map(|(at, value)| {
            let mut line = base.clone();
            line.no = u32::try_from(at).unwrap();
            line.value = Decimal::new(*value, scale);
            line.code.clone_from(&code);
            line.quantity = quantity;
            line
        }).collect();
        let world = World {
            rules: &land.rules, tariff: &land.tariff, fx: &land.fx, taxes: &land.taxes,
        };
        let _ = assess(&parcel, world);
    }
}

#[test]
fn what_is_shipped_is_read_and_a_sample_is_called_one() {
    let shipped = Shipped::read().unwrap();
    assert!(shipped.tariff.len() >= 20);
    let mut parcel = parcel("CN", "GB", "EUR");
    parcel.date = date!(2026 - 10 - 20);
    parcel.lines[0].value = dec("400");
    let found = assess(&parcel, shipped.world()).unwrap();
    assert_eq!(found.state, State::Estimate);
    assert!(found.doubts[0].reason.contains("sample"), "{:?}", found.doubts);
    assert_eq!(found.exchange[0].source, "European Central Bank");
    // A rate that a broker stated is no estimate.
    parcel.lines[0].duty = Some("9 %".to_owned());
    let found = assess(&parcel, shipped.world()).unwrap();
    assert_eq!((found.state, found.figures[0].rule.as_str()), (State::Computed, "stated"));
}
