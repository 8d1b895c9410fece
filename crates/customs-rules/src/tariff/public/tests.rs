#![allow(clippy::unwrap_used, reason = "tests")]
use rust_decimal::Decimal;
use time::macros::date;

use super::{Areas, Published, duty_text};
use crate::tariff::{Base, Expression, Tariff};

#[test]
fn duties_are_read_as_tariffs_write_them() {
    for (text, wanted) in [
        ("12.000 %", "12 %"),
        ("0.00%", "0 %"),
        ("Free", "0 %"),
        ("12.800 % + 176.800 EUR DTN", "12.8 % + 176.800 EUR/100kg"),
        ("10.00% MIN 1.600 EUR / 100 kg", "10 % MIN 1.600 EUR/100kg"),
        ("£144.10 / 1000 kg", "144.10 GBP/t"),
        ("GBP 25.00 / hl", "25.00 GBP/hl"),
        ("0.500 EUR NAR", "0.500 EUR/item"),
        ("4.4¢/kg", "0.044 USD/kg"),
        ("$1.035/kg + 17%", "1.035 USD/kg + 17 %"),
        ("1.4 cents each", "0.014 USD/item"),
        ("18.000 % MAX 0.300 EUR KGM", "18 % MAX 0.300 EUR/kg"),
    ] {
        let found = duty_text::read(text).map(|duty| duty.to_string());
        assert_eq!(found.as_deref(), Some(wanted), "{text}");
        assert!(Expression::parse(wanted).is_ok(), "{wanted}");
    }
    for text in [
        "",
        "9.000 % + EA MAX 18.700 % +AD S/Z",
        "Cond: A cert: D-008 (01):0.000 %",
        "The rate applicable to the article",
        "35.100 EUR DTN G",
        "4.4¢/pf.liter",
        "1.035",
        "NAR",
        "-3 %",
        "3 % +",
    ] {
        assert_eq!(duty_text::read(text), None, "{text}");
    }
}

const UK: &str = "\
commodity__code,measure__type__id,measure__type__description,measure__additional_code__code,\
measure__duty_expression,measure__effective_start_date,measure__effective_end_date,\
measure__geographical_area__id,measure__excluded_geographical_areas__ids,\
measure__quota__order_number,measure__regulation__id
6109100000,103,Third country duty,,12.00%,2021-01-01,,1011,,,C1
6109100000,142,Tariff preference,,0.00%,2021-01-01,2026-12-31,JP,,,P1
6109100000,142,Tariff preference,,0.00%,2021-01-01,,2020,BD,,P2
6109100000,142,Tariff preference,,9.60%,2021-01-01,,2005,,,P3
6109100010,552,Definitive anti-dumping duty,B999,40.00%,2021-01-01,,CN,,,D1
7318000000,695,Additional duties,,35.00%,2022-07-20,,1008,,,A1
7318155200,103,Third country duty,,2.70%,2021-01-01,,1011,RU|BY,,C2
7318155200,305,Value added tax,,20.00%,2021-01-01,,1011,,,V1
7318155200,122,Non preferential tariff quota,,0.00%,2021-01-01,,1011,,058001,Q1
7318,103,Third country duty,,1%,2021-01-01,,1011,,,C3
7318160000,103,Third country duty,,See notes,2021-01-01,,1011,,,C4
7318170000,103,Third country duty,,1%,soon,,1011,,,C5
";

fn areas() -> Areas {
    Areas::read("group,country\n2020,BD\n2020,KH\n")
}

#[test]
fn british_measures_are_loaded_or_named() {
    let mut tariff = Tariff::default();
    let report = tariff.import(Published::UkMeasures, UK, &areas(), "uk-v4");
    assert_eq!((report.rows, report.loaded, tariff.version.as_str()), (12, 4, "uk-v4"));
    let lines = |all: &[crate::tariff::LoadError]| all.iter().map(|e| e.line).collect::<Vec<_>>();
    assert_eq!((lines(&report.unread), lines(&report.refused)), (vec![6, 7, 12], vec![5, 11, 13]));
    assert_eq!(report.other.get("quota"), Some(&1));
    assert_eq!(report.other.get("Value added tax"), Some(&1));

    let day = date!(2026 - 11 - 20);
    let rate = |code: &str, origin: &str, claims: bool, day| match tariff.base(
        "UK",
        code,
        Some(origin),
        claims,
        day,
    ) {
        Base::One(measure) => measure.expression.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(rate("6109100010", "CN", false, day), "12 %");
    assert_eq!(rate("6109100010", "JP", true, day), "0 %");
    assert_eq!(rate("6109100010", "JP", true, date!(2027 - 01 - 01)), "12 %");
    assert_eq!(rate("6109100010", "KH", true, day), "0 %");
    // Left out of its group by name.
    assert_eq!(rate("6109100010", "BD", true, day), "12 %");
    // Left out of the duty for all: nothing is loaded, which is no zero.
    assert_eq!(rate("7318155200", "RU", false, day), "Missing");
    assert_eq!(rate("7318155200", "DE", false, day), "2.7 %");
    assert_eq!(rate("7318160000", "DE", false, day), "? See notes");
    assert_eq!(rate("7318170000", "DE", false, day), "Missing");
    // A duty on top that cannot be counted stands there all the same.
    let top = tariff.on_top("UK", "6109100010", Some("CN"), day);
    assert!(matches!(top.as_slice(), [one] if matches!(one.expression, Expression::Unread(_))));
    assert_eq!(tariff.on_top("UK", "7318155200", Some("DE"), day).len(), 1);
}

#[test]
fn european_sheets_are_read_with_their_own_columns() {
    let sheet = "\
Goods code\tAdd code\tOrder No.\tStart date\tEnd date\tRED_IND\tOrigin\t Measure type\tLegal base\tDuty\tOrigin code\t Meas. type code
0201100021 80\t\t\t01-07-2021\t31-12-2026\t\tERGA OMNES\tThird country duty\tR1\t12.800 % + 176.800 EUR DTN\t1011\t103
8507600000\t\t\t44378\t\t\tChina\tDefinitive\tR2\t9.000 % + EA\tCN\t552
8507600000\t\t\t2021-07-01\t\t\tTurkey\tCustoms Union Duty\tR3\t0.000 %\tTR\t106
";
    let mut tariff = Tariff::default();
    let report = tariff.import(Published::EuTaric, sheet, &Areas::default(), "taric");
    assert_eq!((report.rows, report.loaded, report.unread.len()), (3, 2, 1), "{report:?}");
    assert_eq!(report.refused, []);
    let beef = |day| tariff.base("EU", "0201100021", Some("BR"), false, day);
    assert!(matches!(beef(date!(2026 - 12 - 31)), Base::One(_)));
    assert!(matches!(beef(date!(2027 - 01 - 01)), Base::Missing));
    let found = tariff.base("EU", "8507600090", Some("TR"), true, date!(2021 - 07 - 01));
    assert!(matches!(found, Base::One(m) if m.expression == Expression::AdValorem(Decimal::ZERO)));
    let broken = tariff.import(Published::EuTaric, "Goods code,Duty\n", &Areas::default(), "x");
    assert_eq!(broken.refused.len(), 1);
}

#[test]
fn american_rates_stand_at_eight_digits() {
    let table = "\
HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty,Quota Quantity,Additional Duties
6109,0,T-shirts,,,,,,
6109.10.00,1,Of cotton,\"[\"\"doz.\"\",\"\"kg\"\"]\",16.5%,\"Free (AU,BH,E*,S) 2% (KR)\",90%,,
6109.10.00.04,2,Men,\"[\"\"doz.\"\"]\",,,,,
,1,Other:,,,,,,
2203.00.00,1,Beer,,Free,,13.2¢/liter,,
2208.30.30,1,Whisky,,,,,,
9903.05.20,0,Layer,,The duty provided,,,,
0000,0,odd,,1%,,2%,,
61,0,short,,1%,,2%,,
8517.62.00,1,Sets,,See note 4,,35%,,
";
    let mut tariff = Tariff::default();
    let report = tariff.import(Published::UsHtsCsv, table, &Areas::default(), "hts");
    assert_eq!(report.rows, 10);
    assert_eq!(report.refused.iter().map(|e| e.line).collect::<Vec<_>>(), [7, 10]);
    assert_eq!(report.unread.len(), 1);
    assert_eq!(report.other.get("special programme E*"), Some(&1));
    let day = date!(2026 - 11 - 20);
    let rate = |code: &str, origin: &str, claims: bool| match tariff.base(
        "US",
        code,
        Some(origin),
        claims,
        day,
    ) {
        Base::One(measure) => measure.expression.to_string(),
        other => format!("{other:?}"),
    };
    for (code, origin, claims, wanted) in [
        ("6109100004", "FR", false, "16.5 %"),
        ("6109100004", "FR", true, "16.5 %"),
        ("6109100004", "MX", true, "0 %"),
        ("6109100004", "MX", false, "16.5 %"),
        ("6109100004", "KR", true, "2 %"),
        ("6109100004", "RU", false, "90 %"),
        ("2203000030", "CU", false, "0.132 USD/l"),
        ("2208303000", "GB", false, "Missing"),
        ("8517620000", "GB", false, "? See note 4"),
    ] {
        assert_eq!(rate(code, origin, claims), wanted, "{code} {origin} {claims}");
    }
    let json = r#"[{"htsno":"6109.10.00","indent":"1","general":"16.5%","special":"Free (AU)","other":"90%","superior":null}]"#;
    let mut other = Tariff::default();
    assert_eq!(other.import(Published::UsHtsJson, json, &Areas::default(), "hts").loaded, 6);
    let broken = other.import(Published::UsHtsJson, "{}", &Areas::default(), "hts");
    assert_eq!((broken.rows, broken.refused.len()), (0, 1));
}

#[test]
fn what_is_imported_is_written_and_loaded_again() {
    let mut tariff = Tariff::default();
    tariff.import(Published::UkMeasures, UK, &areas(), "uk");
    let table = tariff.table();
    let mut again = Tariff::default();
    let report = again.load(&table, '\t', "again");
    assert_eq!((report.loaded, report.refused.as_slice()), (tariff.len(), &[][..]));
    assert_eq!(again.table(), table);
    for form in Published::ALL {
        assert_eq!(form.as_str().parse(), Ok(form));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_an_import(text in "[0-9a-zA-Z_ ,;%/+¢$£.\\n\\t\"-]{0,200}") {
        for form in Published::ALL {
            let _ = Tariff::default().import(form, &text, &Areas::default(), "x");
            let with = format!("{}\n{text}", UK.lines().next().unwrap());
            let _ = Tariff::default().import(form, &with, &Areas::default(), "x");
        }
        if let Some(duty) = duty_text::read(&text) {
            proptest::prop_assert!(Expression::parse(&duty.to_string()).is_ok());
        }
    }
}
