//! Surcharges: when they are due and how much they are.

use colibri_types::Money;

use super::support::*;
use crate::domain::{Code, NoteCode, ShipOption, Tariff, rate};

fn insured() -> Tariff {
    tariff(|sheet| {
        sheet.limits.insured_value_max = Some("5000".parse().unwrap());
        sheet.surcharges = vec![surcharge(
            "code = 'insurance'\nlabel = 'Insurance'\nper = 'shipment'\nfuel = false\n\
             charge = { kind = 'percent', percent = '1', of = 'value', free_up_to = '100', \
             at_least = '3' }\nwhen = [{ kind = 'option', option = 'insurance' }]",
        )];
    })
}

#[test]
fn insurance_is_a_share_of_the_value_above_what_is_free_with_a_least_amount() {
    let tariff = insured();
    let plain = request(500);
    assert_eq!(lines(&quote(&tariff, &plain)), [("base", 500)]);
    let wanted = with_option(plain, ShipOption::Insurance);
    assert_eq!(refusal(&tariff, &wanted), Code::ValueMissing);
    for (value, currency, insurance) in [
        (10_000, "EUR", None),
        (10_001, "EUR", Some(300)),
        (40_000, "EUR", Some(300)),
        (50_000, "EUR", Some(400)),
        (500_000, "EUR", Some(4900)),
        // 800 GBP are 1000 EUR.
        (80_000, "GBP", Some(900)),
    ] {
        let mut request = wanted.clone();
        request.value = Some(Money::new(value, currency.parse().unwrap()));
        let quote = quote(&tariff, &request);
        let line = lines(&quote).get(1).map(|line| line.1);
        assert_eq!(line, insurance, "{value} {currency}");
        let converted = quote.notes.iter().any(|n| n.code == NoteCode::ValueConverted);
        assert_eq!(converted, currency != "EUR");
    }
    for (value, currency, code) in
        [(500_001, "EUR", Code::ValueTooHigh), (1, "JPY", Code::ValueCurrency)]
    {
        let mut request = wanted.clone();
        request.value = Some(Money::new(value, currency.parse().unwrap()));
        assert_eq!(refusal(&tariff, &request), code);
    }
}

#[test]
fn surcharges_by_parcel_count_those_that_exceed_a_measure() {
    let tariff = tariff(|sheet| {
        sheet.surcharges = ["parcel", "shipment"]
            .map(|per| {
                surcharge(&format!(
                    "code = 'big_{per}'\nlabel = 'Big'\nper = '{per}'\nfuel = false\n\
                     charge = {{ kind = 'fixed', amount = '2' }}\n\
                     when = [{{ kind = 'parcel', weight_g_over = 900, length_mm_over = 500 }}]",
                ))
            })
            .into();
    });
    for (parcels, expected) in [
        (vec![sized(900, [500, 1, 1])], 0),
        (vec![sized(901, [500, 1, 1])], 2),
        (vec![sized(900, [1, 501, 1])], 2),
        (vec![sized(901, [501, 1, 1]), sized(1, [600, 1, 1]), parcel(1)], 3),
    ] {
        let mut request = request(1);
        request.parcels = parcels.clone();
        let quote = quote(&tariff, &request);
        let extra = quote.lines.iter().filter(|line| line.code != "base");
        assert_eq!(extra.count(), expected, "{parcels:?}");
    }
}

#[test]
fn conditions_on_place_home_and_season_hold_together() {
    let tariff = tariff(|sheet| {
        sheet.surcharges = vec![surcharge(
            "code = 'far'\nlabel = 'Far'\nper = 'shipment'\nfuel = false\nfrom = '2026-06-02'\n\
             charge = { kind = 'fixed', amount = '2' }\nwhen = [\
             { kind = 'area', areas = [{ country = 'FR', prefixes = ['05', '20#'] }] },\
             { kind = 'residential' }, { kind = 'zone', zones = ['home'] },\
             { kind = 'period', dates = [{ from = '2026-06-01', to = '2026-06-03' }] }]",
        )];
    });
    for (postcode, home, ship, due) in [
        ("05100", Some(true), "2026-06-02", true),
        ("05100", Some(true), "2026-06-03", true),
        ("05100", Some(true), "2026-06-01", false),
        ("05100", Some(true), "2026-06-04", false),
        ("05100", Some(false), "2026-06-02", false),
        ("05100", None, "2026-06-02", false),
        ("20100", Some(true), "2026-06-02", true),
        ("75001", Some(true), "2026-06-02", false),
        ("", Some(true), "2026-06-02", false),
    ] {
        let mut request = request(500);
        request.destination = place("FR", postcode);
        request.residential = home;
        request.ship_date = day(ship);
        let quote = quote(&tariff, &request);
        let found = quote.lines.iter().any(|line| line.code == "far");
        assert_eq!(found, due, "{postcode} {home:?} {ship}");
        let codes: Vec<_> = quote.notes.iter().map(|note| note.code).collect();
        let unknown = match (postcode, home) {
            (_, None) => vec![NoteCode::ResidentialUnknown],
            ("", _) => vec![NoteCode::PostcodeUnknown],
            _ => vec![],
        };
        assert_eq!(codes, unknown, "{postcode} {home:?} {ship}");
    }
}

#[test]
fn a_surcharge_is_due_on_its_first_and_last_day() {
    let tariff = tariff(|sheet| {
        sheet.surcharges = vec![surcharge(
            "code = 'fair'\nlabel = 'Fair'\nper = 'shipment'\nfuel = false\n\
             from = '2026-06-02'\nto = '2026-06-03'\ncharge = { kind = 'fixed', amount = '1' }",
        )];
    });
    for (ship, due) in
        [("2026-06-01", false), ("2026-06-02", true), ("2026-06-03", true), ("2026-06-04", false)]
    {
        let mut request = request(500);
        request.ship_date = day(ship);
        assert_eq!(lines(&quote(&tariff, &request)).len() == 2, due, "{ship}");
    }
}

#[test]
fn a_value_is_converted_at_rates_fresh_on_the_day_of_the_question() {
    let tariff = insured();
    let mut later = with_option(request(500), ShipOption::Insurance);
    later.value = Some(Money::new(80_000, "GBP".parse().unwrap()));
    later.ship_date = day("2026-06-20");
    for (now, known) in
        [(NOW, true), (NOW + time::Duration::days(4), true), (NOW + time::Duration::days(5), false)]
    {
        let fx = rates();
        let rating = rate(std::slice::from_ref(&tariff), &later, Some(&fx), now).unwrap();
        assert_eq!(rating.quotes.len() == 1, known, "{now}");
    }
}
