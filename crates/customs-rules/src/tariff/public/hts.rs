//! The tariff of the United States: rates stand at eight digits, ten-digit codes have them from
//! there; countries without normal relations pay the second column.

use serde_json::Value;

use super::{Imported, duty_text};
use crate::tariff::{Expression, LoadError, Measure, MeasureKind, Tariff};

/// General note 3(b): countries whose goods pay the rates of column 2.
const COLUMN_TWO: [&str; 4] = ["BY", "CU", "KP", "RU"];

/// Programmes of the special column that are agreements with countries, and those countries.
const PROGRAMMES: &[(&str, &[&str])] = &[
    ("AU", &["AU"]),
    ("BH", &["BH"]),
    ("CL", &["CL"]),
    ("CO", &["CO"]),
    ("IL", &["IL"]),
    ("JO", &["JO"]),
    ("JP", &["JP"]),
    ("KR", &["KR"]),
    ("MA", &["MA"]),
    ("OM", &["OM"]),
    ("P", &["CR", "DO", "GT", "HN", "NI", "SV"]),
    ("PA", &["PA"]),
    ("PE", &["PE"]),
    ("S", &["CA", "MX"]),
    ("S+", &["CA", "MX"]),
    ("SG", &["SG"]),
];

struct Row<'a> {
    line: usize,
    code: &'a str,
    general: &'a str,
    special: &'a str,
    other: &'a str,
}

pub(super) fn csv(tariff: &mut Tariff, text: &str, name: &str, report: &mut Imported) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        report.refuse(1, "no table");
        return;
    };
    let names =
        ["HTS Number", "General Rate of Duty", "Special Rate of Duty", "Column 2 Rate of Duty"];
    let places = names.map(|column| header.iter().position(|cell| cell.trim() == column));
    for (place, column) in places.iter().zip(names) {
        if place.is_none() {
            report.refuse(1, format!("the column {column} is missing"));
            return;
        }
    }
    for (at, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            report.refuse(at + 2, "no row of a table");
            continue;
        };
        let [code, general, special, other] =
            places.map(|place| place.and_then(|at| row.get(at)).unwrap_or_default().trim());
        load(tariff, &Row { line: at + 2, code, general, special, other }, name, report);
    }
}

pub(super) fn json(tariff: &mut Tariff, text: &str, name: &str, report: &mut Imported) {
    let Ok(Value::Array(rows)) = serde_json::from_str::<Value>(text) else {
        report.refuse(1, "no list of rows");
        return;
    };
    for (at, row) in rows.iter().enumerate() {
        let [code, general, special, other] = ["htsno", "general", "special", "other"]
            .map(|key| row.get(key).and_then(Value::as_str).unwrap_or_default().trim());
        load(tariff, &Row { line: at + 1, code, general, special, other }, name, report);
    }
}

fn load(tariff: &mut Tariff, row: &Row<'_>, name: &str, report: &mut Imported) {
    report.rows += 1;
    if row.code.is_empty() {
        report.pass("text above codes");
        return;
    }
    let code: String = row.code.chars().filter(char::is_ascii_digit).collect();
    if !matches!(code.len(), 4 | 6 | 8 | 10) {
        report.refuse(row.line, "a code has 4, 6, 8 or 10 digits");
        return;
    }
    if code.starts_with("99") || code.starts_with("98") {
        report.pass("chapters 98 and 99: they come with rules, not with codes");
        return;
    }
    if row.general.is_empty() && row.other.is_empty() {
        match code.len() {
            8 => report.refuse(row.line, "no rate is written: goods of that code have none"),
            _ => report.pass("codes with the rate of another level"),
        }
        return;
    }
    let mut put = |kind, origin: Option<&str>, text: &str, report: &mut Imported| {
        let read = duty_text::read(text);
        if read.is_none() {
            let words = if text.is_empty() { "no rate" } else { text };
            let origin = origin.unwrap_or("every origin");
            let reason = format!("the rate for {origin} is not counted with: {words}");
            report.unread.push(LoadError { line: row.line, reason });
        } else {
            report.loaded += 1;
        }
        let measure = Measure {
            kind,
            origin: origin.map(str::to_owned),
            except: Vec::new(),
            expression: read.unwrap_or_else(|| Expression::Unread(text.to_owned())),
            from: None,
            to: None,
            heading: String::new(),
            id: format!("{name}:{}", row.line),
            source: name.to_owned(),
        };
        tariff.insert("US", &code, measure);
    };
    // The rate of an origin goes before the rate of all, which is found first otherwise.
    for origin in COLUMN_TWO {
        put(MeasureKind::ThirdCountry, Some(origin), row.other, report);
    }
    put(MeasureKind::ThirdCountry, None, row.general, report);
    for (rate, programme) in special(row.special) {
        match PROGRAMMES.iter().find(|(known, _)| *known == programme) {
            Some((_, countries)) => {
                for country in *countries {
                    put(MeasureKind::Preference, Some(country), rate, report);
                }
            }
            None => report.pass(format!("special programme {programme}")),
        }
    }
}

/// `Free (A+,AU,BH) 4.4% (KR)`: a rate and the programmes it is for.
fn special(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for part in text.split(')') {
        if let Some((rate, programmes)) = part.split_once('(') {
            let all = programmes.split(',').map(str::trim).filter(|word| !word.is_empty());
            found.extend(all.map(|programme| (rate.trim(), programme)));
        }
    }
    found
}
