//! Reading and checking tariffs.

use super::support::*;
use crate::domain::{Code, ParseTariffError, Tariff};

/// Every problem of the plain tariff with one piece of text replaced, in order, each once.
fn problems(from: &str, to: &str) -> Vec<Code> {
    assert!(PLAIN.contains(from), "{from}");
    let text = PLAIN.replacen(from, to, 1);
    match Tariff::from_toml(&text) {
        Ok(_) => Vec::new(),
        Err(ParseTariffError::Unreadable { .. }) => vec![Code::TariffUnreadable],
        Err(ParseTariffError::Invalid { problems }) => {
            let mut codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
            codes.dedup();
            codes
        }
    }
}

#[test]
fn each_thing_wrong_has_its_code() {
    use Code::*;
    for (from, to, code) in [
        ("version = 1", "version = 1\nunknown = 1", TariffUnreadable),
        ("price = \"5.00\"", "price = 5.00", TariffUnreadable),
        ("price = \"5.00\"", "price = 5", TariffUnreadable),
        ("price = \"5.00\"", "price = \"5,00\"", TariffUnreadable),
        ("price = \"5.00\"", "price = \"5.00\", free = true", TariffUnreadable),
        ("\"EUR\"", "\"ECU\"", TariffUnreadable),
        ("\"FR\"", "\"FX\"", TariffUnreadable),
        ("\"2026-01-01\"", "2026-01-01", TariffUnreadable),
        ("\"16:00\"", "\"24:00\"", TariffUnreadable),
        ("\"16:00\"", "\"4:00\"", TariffUnreadable),
        ("\"half_up\"", "\"nearest\"", TariffUnreadable),
        ("id = \"plain\"", "id = \"Plain Tariff\"", TariffIdentity),
        ("id = \"plain\"", "id = \"\"", TariffIdentity),
        ("version = 1", "version = 0", TariffIdentity),
        ("service = \"S1\"", "service = \"S 1\"", TariffIdentity),
        ("label = \"Plain\"", "label = \" \"", TariffIdentity),
        ("\"2026-01-01\"", "\"2027-01-01\"", TariffDates),
        ("\"2026-01-01\"", "\"1026-01-01\"", TariffDates),
        ("countries = [\"BE\"]", "", TariffZones),
        ("zones.near", "zones.'near us'", TariffZones),
        ("[\"BE\"]", "[\"BE\", \"FR\"]", TariffAmbiguous),
        ("to_g = 5000", "to_g = 1000", TariffBreaks),
        ("to_g = 1000", "to_g = 0", TariffBreaks),
        ("step_g = 1000", "step_g = 0", TariffBreaks),
        ("[{ to_g = 30000, price = \"12.00\" }]", "[]", TariffBreaks),
        ("\"5.00\"", "\"-5.00\"", TariffAmount),
        ("\"5.00\"", "\"5.00001\"", TariffAmount),
        ("\"5.00\"", "\"1000000.01\"", TariffAmount),
        ("step_minor = 1", "step_minor = 0", TariffAmount),
        ("version = 1", "version = 1\ndiscount_percent = \"101\"", TariffAmount),
        ("weight_step_g = 1", "weight_step_g = 0", TariffLimits),
        ("days_max = 2", "days_max = 0", TariffTransit),
        ("days_max = 2", "days_max = 91", TariffTransit),
        ("collection_days = [\"mon\", ", "collection_days = [\"fri\", ", TariffTransit),
    ] {
        assert_eq!(problems(from, to), [code], "{from} -> {to}");
    }
}

#[test]
fn lists_and_surcharges_are_checked_as_a_whole() {
    use Code::*;
    let surcharge = |head: &str, when: &str| {
        format!("{PLAIN}\n[[surcharges]]\nlabel = 'X'\nfuel = false\n{head}\nwhen = [{when}]\n")
    };
    let fixed = "per = 'parcel'\ncharge = { kind = 'fixed', amount = '1' }\n";
    let percent = "charge = { kind = 'percent', percent = '1', of = 'value' }\ncode = 'x'\n";
    let named = |code: &str| format!("{fixed}code = '{code}'");
    for (text, code) in [
        (surcharge(&named("x"), ""), None),
        (surcharge(&named("fuel"), ""), Some(TariffSurcharge)),
        (surcharge(&named("X"), ""), Some(TariffSurcharge)),
        (surcharge(&format!("{percent}per = 'shipment'"), ""), None),
        (surcharge(&format!("{percent}per = 'parcel'"), ""), Some(TariffSurcharge)),
        (surcharge(&named("x"), "{ kind = 'area', areas = [] }"), Some(TariffSurcharge)),
        (surcharge(&named("x"), "{ kind = 'zone', zones = ['far'] }"), Some(TariffSurcharge)),
        (surcharge(&named("x"), "{ kind = 'parcel' }"), Some(TariffSurcharge)),
        (surcharge(&named("x"), "{ kind = 'parcel', width_mm_over = 0 }"), Some(TariffSurcharge)),
        (surcharge(&named("x"), "{ kind = 'period', dates = [] }"), Some(TariffSurcharge)),
        (
            surcharge(&named("x"), "{ kind = 'option', option = 'cash_on_delivery' }"),
            Some(TariffSurcharge),
        ),
        (surcharge(&named("x"), "{ kind = 'moon' }"), Some(TariffUnreadable)),
        (
            surcharge(&named("x"), "{ kind = 'zone', zones = ['home'], cities = [] }"),
            Some(TariffUnreadable),
        ),
        (
            surcharge(&named("x"), "") + &surcharge(&named("x"), "").replacen(PLAIN, "", 1),
            Some(TariffSurcharge),
        ),
        (
            surcharge(&format!("{}\nto = '2026-06-01'", named("x")), "")
                + &surcharge(&format!("{}\nfrom = '2026-06-02'", named("x")), "")
                    .replacen(PLAIN, "", 1),
            None,
        ),
        (surcharge(&format!("{}\nto = '2025-06-01'", named("x")), ""), Some(TariffDates)),
    ] {
        let found = Tariff::from_toml(&text).err().map(|error| error.code());
        assert_eq!(found, code, "{}", text.replacen(PLAIN, "", 1));
    }
}

#[test]
fn fuel_periods_may_touch_and_not_overlap() {
    for (second, code) in [("2026-03-31", Some(Code::TariffFuel)), ("2026-04-01", None)] {
        let fuel = format!(
            "fuel = [{{ from = \"{second}\", to = \"2026-06-30\", percent = \"2\" }}, \
             {{ from = \"2026-01-01\", to = \"2026-03-31\", percent = \"1\" }}]\nversion = 1"
        );
        let codes = problems("version = 1", &fuel);
        assert_eq!(codes.first().copied(), code, "{second}");
    }
}

#[test]
fn every_problem_is_listed_with_its_path() {
    let text = PLAIN.replacen("\"5.00\"", "\"-1\"", 1).replacen("to_g = 5000", "to_g = 500", 1);
    let error = Tariff::from_toml(&text).unwrap_err().to_string();
    assert!(error.contains("PRC0008 zones.home.breaks[0].price"), "{error}");
    assert!(error.contains("PRC0007 zones.home.breaks[1]"), "{error}");
}

#[test]
fn json_and_toml_give_the_same_tariff() {
    let tariff = tariff(|_| {});
    let json = serde_json::to_string(&tariff).unwrap();
    assert_eq!(Tariff::from_json(&json).unwrap(), tariff);
    let toml = toml::to_string(tariff.sheet()).unwrap();
    assert_eq!(Tariff::from_toml(&toml).unwrap(), tariff);
}

#[test]
fn an_endless_text_is_refused_before_it_is_read() {
    let text = "#".repeat(4 * 1024 * 1024 + 1);
    let error = Tariff::from_toml(&text).unwrap_err();
    assert_eq!(error.code(), Code::TariffUnreadable);
    let nested = format!("a = {}", "[".repeat(100_000));
    assert!(Tariff::from_toml(&nested).is_err());
    let nested = "[".repeat(100_000);
    assert!(Tariff::from_json(&nested).is_err());
}
