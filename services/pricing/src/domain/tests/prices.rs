//! Amounts: breaks, steps, sizes, surcharges, fuel, rounding.

use colibri_types::{Currency, Money};

use super::support::*;
use crate::domain::{
    Basis, Code, MultiParcel, NoteCode, PercentPeriod, RoundingMode, RoundingPer, Sheet,
    ShipOption, UnknownDimensions, Volumetric,
};

fn with_fuel(sheet: &mut Sheet, percent: &str) {
    sheet.fuel.push(PercentPeriod {
        from: day("2026-06-01"),
        to: day("2026-06-30"),
        percent: percent.parse().unwrap(),
    });
}

#[test]
fn breaks_include_their_weight_and_steps_bill_the_started_one() {
    let tariff = tariff(|_| {});
    for (weight_g, minor) in [
        (1, 500),
        (999, 500),
        (1000, 500),
        (1001, 800),
        (5000, 800),
        (5001, 2000),
        (30_000, 2000),
        (30_001, 2075),
        (31_000, 2075),
        (31_001, 2150),
    ] {
        let quote = quote(&tariff, &request(weight_g));
        assert_eq!(quote.total.amount_minor, minor, "{weight_g} g");
    }
}

#[test]
fn above_the_last_break_without_steps_there_is_no_price() {
    let tariff = tariff(|sheet| sheet.zones.get_mut("home").unwrap().above = None);
    assert_eq!(quote(&tariff, &request(30_000)).total.amount_minor, 2000);
    assert_eq!(refusal(&tariff, &request(30_001)), Code::AboveLastBreak);
}

#[test]
fn dates_are_included_at_both_ends() {
    let one_day = tariff(|sheet| {
        sheet.valid_from = day("2026-06-10");
        sheet.valid_to = day("2026-06-12");
    });
    for (ship, valid) in
        [("2026-06-09", false), ("2026-06-10", true), ("2026-06-12", true), ("2026-06-13", false)]
    {
        let mut request = request(500);
        request.ship_date = day(ship);
        let rating = rated(std::slice::from_ref(&one_day), &request);
        assert_eq!(rating.quotes.len(), usize::from(valid), "{ship}");
        let refused: Vec<_> = rating.refused.iter().map(|r| r.code).collect();
        let wanted = if valid { vec![] } else { vec![Code::NotValidOnDate] };
        assert_eq!(refused, wanted, "{ship}");
    }
}

#[test]
fn the_highest_version_in_force_gives_the_price() {
    let old = tariff(|_| {});
    let new = tariff(|sheet| {
        sheet.version = 2;
        sheet.valid_from = day("2026-06-02");
        sheet.discount_percent = Some("50".parse().unwrap());
    });
    let both = [new, old];
    let first = rated(&both, &request(500));
    assert_eq!(first.quotes.first().unwrap().tariff.version, 1);
    assert_eq!(first.refused.first().unwrap().code, Code::NotValidOnDate);
    let mut later = request(500);
    later.ship_date = day("2026-06-02");
    let second = rated(&both, &later);
    let quote = second.quotes.first().unwrap();
    assert_eq!((quote.tariff.version, quote.total.amount_minor), (2, 250));
    assert_eq!(second.refused.first().unwrap().code, Code::Superseded);
}

#[test]
fn size_counts_as_weight_by_the_divisor_and_rounds_up() {
    let tariff = tariff(|sheet| {
        sheet.weight_step_g = 500;
        sheet.volumetric = Some(Volumetric { divisor_cm3_per_kg: 5000, side_step_mm: 10 });
    });
    for (weight_g, sides, billable_g) in [
        (900, [100, 100, 100], 1000),
        (1000, [100, 100, 100], 1000),
        (1001, [100, 100, 100], 1500),
        // 50 × 40 × 30 cm are 60 000 cm³: 12 kg.
        (2000, [500, 400, 300], 12_000),
        (2000, [300, 400, 500], 12_000),
        // 491 mm count as 500 mm.
        (2000, [491, 400, 300], 12_000),
        // 51 cm: 12.24 kg, and the started half kilogram.
        (2000, [501, 400, 300], 12_500),
    ] {
        let mut request = request(weight_g);
        request.parcels = vec![sized(weight_g, sides)];
        let quote = quote(&tariff, &request);
        assert_eq!(quote.billable_g, [billable_g], "{weight_g} g {sides:?}");
    }
}

#[test]
fn an_unknown_size_is_refused_or_stated() {
    let refuse = tariff(|sheet| {
        sheet.limits.length_mm_max = Some(1000);
        sheet.unknown_dimensions = UnknownDimensions::Refuse;
    });
    assert_eq!(refusal(&refuse, &request(500)), Code::DimensionsMissing);
    let state = tariff(|sheet| sheet.limits.length_mm_max = Some(1000));
    let notes = quote(&state, &request(500)).notes;
    assert_eq!(notes.first().unwrap().code, NoteCode::SizeUnknown);
    // Where size does not matter nothing is said about it.
    assert_eq!(quote(&tariff(|_| {}), &request(500)).notes, []);
}

#[test]
fn parcels_are_priced_one_by_one_or_together() {
    let mut three = request(1);
    three.parcels = vec![parcel(900), parcel(900), parcel(4000)];
    let apart = quote(&tariff(|_| {}), &three);
    assert_eq!(lines(&apart), [("base", 500), ("base", 500), ("base", 800)]);
    let numbers: Vec<_> = apart.lines.iter().map(|line| line.parcel).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
    let together = tariff(|sheet| sheet.multi_parcel = MultiParcel::PerShipment);
    let together = quote(&together, &three);
    assert_eq!(lines(&together), [("base", 2000)]);
    let basis = Basis::Break { billable_g: 5800, to_g: 30_000 };
    assert_eq!(together.lines.first().unwrap().basis, basis);
}

#[test]
fn limits_hold_at_the_limit_and_not_beyond() {
    let limited = tariff(|sheet| {
        let limits = &mut sheet.limits;
        limits.parcel_weight_g_max = Some(10_000);
        limits.shipment_weight_g_max = Some(15_000);
        limits.length_mm_max = Some(1000);
        limits.length_and_girth_mm_max = Some(2000);
        limits.sides_sum_mm_max = Some(1500);
        limits.parcels_max = Some(2);
        limits.value_max = Some("500".parse().unwrap());
    });
    let check = |parcels: Vec<_>, value: i64| {
        let mut request = request(1);
        request.parcels = parcels;
        request.value = Some(Money::new(value, Currency::EUR));
        let rating = rated(std::slice::from_ref(&limited), &request);
        rating.refused.first().map(|refused| refused.code)
    };
    let small = |weight| sized(weight, [100, 100, 100]);
    for (parcels, value, code) in [
        (vec![small(10_000)], 0, None),
        (vec![small(10_001)], 0, Some(Code::TooHeavy)),
        (vec![small(10_000), small(5000)], 0, None),
        (vec![small(10_000), small(5001)], 0, Some(Code::TooHeavy)),
        (vec![small(1); 2], 0, None),
        (vec![small(1); 3], 0, Some(Code::TooManyParcels)),
        (vec![sized(1, [10, 1000, 10])], 0, None),
        (vec![sized(1, [10, 1001, 10])], 0, Some(Code::TooLarge)),
        // 1000 + 2 × (300 + 200) = 2000, sides 1500.
        (vec![sized(1, [300, 200, 1000])], 0, None),
        (vec![sized(1, [301, 200, 999])], 0, Some(Code::TooLarge)),
        (vec![sized(1, [500, 500, 500])], 0, Some(Code::TooLarge)),
        (vec![small(1)], 50_000, None),
        (vec![small(1)], 50_001, Some(Code::ValueTooHigh)),
    ] {
        assert_eq!(check(parcels.clone(), value), code, "{parcels:?} {value}");
    }
}

#[test]
fn discount_minimum_surcharges_and_fuel_build_on_each_other() {
    let tariff = tariff(|sheet| {
        sheet.discount_percent = Some("33.3".parse().unwrap());
        sheet.minimum = Some("4.00".parse().unwrap());
        with_fuel(sheet, "12.5");
        sheet.surcharges = vec![
            surcharge(
                "code = 'toll'\nlabel = 'Toll'\nper = 'shipment'\nfuel = true\n\
                 charge = { kind = 'fixed', amount = '0.30' }",
            ),
            surcharge(
                "code = 'paper'\nlabel = 'Paper'\nper = 'shipment'\nfuel = false\n\
                 charge = { kind = 'percent', percent = '1.5', of = 'freight' }",
            ),
        ];
    });
    let small = quote(&tariff, &request(500));
    let wanted = [
        ("base", 500),
        // 33.3 % of 5.00 is 1.665.
        ("discount", -167),
        ("minimum", 67),
        ("toll", 30),
        ("paper", 6),
        // 12.5 % of 4.30 is 0.5375.
        ("fuel", 54),
    ];
    assert_eq!(lines(&small), wanted);
    assert_eq!(small.total, Money::new(490, Currency::EUR));
    let fuel = small.lines.last().unwrap();
    assert_eq!(fuel.rate.to_string(), "12.5");
    assert_eq!(fuel.amount.0.normalize().to_string(), "0.5375");
    let amount = "4.30".parse().unwrap();
    assert_eq!(fuel.basis, Basis::Percent { amount });
}

#[test]
fn a_freight_that_reaches_the_minimum_is_left_alone() {
    for (minimum, wanted) in
        [("5.00", vec![("base", 500)]), ("5.01", vec![("base", 500), ("minimum", 1)])]
    {
        let tariff = tariff(|sheet| sheet.minimum = Some(minimum.parse().unwrap()));
        assert_eq!(lines(&quote(&tariff, &request(500))), wanted, "{minimum}");
    }
}

#[test]
fn a_day_without_a_fuel_percentage_has_no_price() {
    let tariff = tariff(|sheet| with_fuel(sheet, "12.5"));
    for (ship, known) in [("2026-06-01", true), ("2026-06-30", true), ("2026-07-01", false)] {
        let mut request = request(500);
        request.ship_date = day(ship);
        let rating = rated(std::slice::from_ref(&tariff), &request);
        let code = rating.refused.first().map(|refused| refused.code);
        assert_eq!(code, (!known).then_some(Code::FuelUnknown), "{ship}");
    }
}

#[test]
fn rounding_follows_the_tariff_and_lines_always_add_up() {
    use RoundingMode::{Down, HalfEven, HalfUp, Up};
    use RoundingPer::{Line, Total};
    for (mode, per, step, totals) in [
        // Three parcels of 5.005 each.
        (HalfUp, Line, 1, (503 - 2) * 3),
        (HalfEven, Line, 1, 500 * 3),
        (Up, Line, 1, 501 * 3),
        (Down, Line, 1, 500 * 3),
        (HalfUp, Total, 1, 1502),
        (HalfEven, Total, 1, 1502),
        (Up, Total, 1, 1502),
        (Down, Total, 1, 1501),
        (HalfUp, Line, 5, 500 * 3),
        (Up, Line, 5, 505 * 3),
        (HalfUp, Total, 5, 1500),
    ] {
        let tariff = tariff(|sheet| {
            sheet.rounding.mode = mode;
            sheet.rounding.per = per;
            sheet.rounding.step_minor = step;
            let home = sheet.zones.get_mut("home").unwrap();
            home.breaks.first_mut().unwrap().price = "5.005".parse().unwrap();
        });
        let mut request = request(1);
        request.parcels = vec![parcel(1); 3];
        let quote = quote(&tariff, &request);
        let what = format!("{mode:?} {per:?} {step}");
        assert_eq!(quote.total.amount_minor, totals, "{what}");
        let sum: i64 = quote.lines.iter().map(|l| l.rounded.amount_minor).sum();
        assert_eq!(sum, totals, "{what}");
    }
}

#[test]
fn options_must_be_offered_and_required_ones_wanted() {
    let plain = tariff(|_| {});
    let point = with_option(request(500), ShipOption::ServicePoint);
    assert_eq!(refusal(&plain, &point), Code::OptionUnsupported);
    let pickup = tariff(|sheet| {
        sheet.options = vec![ShipOption::ServicePoint];
        sheet.required_options = vec![ShipOption::ServicePoint];
    });
    assert_eq!(refusal(&pickup, &request(500)), Code::OptionRequired);
    assert_eq!(quote(&pickup, &point).total.amount_minor, 500);
}

#[test]
fn amounts_beyond_exact_computation_are_refused_and_never_rounded_away() {
    let tariff = tariff(|sheet| {
        sheet.volumetric = Some(Volumetric { divisor_cm3_per_kg: 1, side_step_mm: 1 });
        let above = sheet.zones.get_mut("home").unwrap().above.as_mut().unwrap();
        above.step_g = 1;
        above.price = "999999.9999".parse().unwrap();
        sheet.discount_percent = Some("33.3333".parse().unwrap());
    });
    let mut request = request(1);
    request.parcels = vec![sized(1, [100_000, 100_000, 100_000])];
    assert_eq!(refusal(&tariff, &request), Code::AmountOverflow);
}
