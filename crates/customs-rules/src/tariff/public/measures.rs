//! Measures by type, as the British and the European tariff publish them: both stem from TARIC and
//! number their types alike.

use time::{Date, Duration, macros::date};

use super::{Areas, Imported, Published, duty_text};
use crate::tariff::{Expression, LoadError, Measure, MeasureKind, Tariff};

/// Every country.
const ERGA_OMNES: &str = "1011";
/// The European Union as a group.
const UNION: &str = "1013";

/// What a type of measure is for this product.
enum Type {
    Duty(MeasureKind),
    /// A duty that holds only for whoever meets conditions that a parcel does not state.
    Conditional(&'static str),
    Other,
}

fn type_of(id: &str) -> Type {
    match id {
        "103" => Type::Duty(MeasureKind::ThirdCountry),
        "106" | "142" => Type::Duty(MeasureKind::Preference),
        "112" => Type::Duty(MeasureKind::Suspension),
        "551" | "552" | "553" | "554" => Type::Duty(MeasureKind::AntiDumping),
        "695" => Type::Duty(MeasureKind::Additional),
        "696" => Type::Duty(MeasureKind::Safeguard),
        "306" => Type::Duty(MeasureKind::Excise),
        "105" | "115" | "117" | "119" | "145" => Type::Conditional("duty under authorised use"),
        "122" | "123" | "143" | "146" | "147" => Type::Conditional("quota"),
        "141" => Type::Conditional("preferential suspension"),
        _ => Type::Other,
    }
}

/// Columns: code, type, what the type is, additional code, duty, from, to, area, excepted, order
/// number, legal base.
const UK: [&str; 11] = [
    "commodity__code",
    "measure__type__id",
    "measure__type__description",
    "measure__additional_code__code",
    "measure__duty_expression",
    "measure__effective_start_date",
    "measure__effective_end_date",
    "measure__geographical_area__id",
    "measure__excluded_geographical_areas__ids",
    "measure__quota__order_number",
    "measure__regulation__id",
];
const TARIC: [&str; 11] = [
    "Goods code",
    "Meas. type code",
    "Measure type",
    "Add code",
    "Duty",
    "Start date",
    "End date",
    "Origin code",
    "Excluded country code",
    "Order No.",
    "Legal base",
];
/// Without these nothing can be said.
const NEEDED: [usize; 4] = [0, 1, 4, 7];

fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let most = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| header.bytes().filter(|byte| byte == separator).count());
    most.unwrap_or(b',')
}

pub(super) fn read(
    tariff: &mut Tariff,
    form: Published,
    text: &str,
    areas: &Areas,
    name: &str,
    report: &mut Imported,
) {
    let columns = if form == Published::UkMeasures { &UK } else { &TARIC };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        report.refuse(1, "no table");
        return;
    };
    let places = columns.map(|column| header.iter().position(|cell| cell.trim() == column));
    if let Some(missing) = NEEDED.iter().find(|at| places.get(**at).copied().flatten().is_none()) {
        let column = columns.get(*missing).copied().unwrap_or_default();
        report.refuse(1, format!("the column {column} is missing"));
        return;
    }
    for (at, row) in reader.records().enumerate() {
        let line = at + 2;
        let Ok(row) = row else {
            report.refuse(line, "no row of a table");
            continue;
        };
        report.rows += 1;
        let cell = |column: usize| {
            let place = places.get(column).copied().flatten();
            place.and_then(|place| row.get(place)).unwrap_or_default().trim()
        };
        let row = Row { cell: &cell, line, form, name };
        if let Err(reason) = row.load(tariff, areas, report) {
            report.refuse(line, reason);
        }
    }
}

struct Row<'a> {
    cell: &'a dyn Fn(usize) -> &'a str,
    line: usize,
    form: Published,
    name: &'a str,
}

impl Row<'_> {
    fn load(
        &self,
        tariff: &mut Tariff,
        areas: &Areas,
        report: &mut Imported,
    ) -> Result<(), String> {
        let cell = self.cell;
        let kind = match type_of(cell(1)) {
            Type::Duty(kind) => kind,
            Type::Conditional(what) => {
                report.pass(what);
                return Ok(());
            }
            Type::Other => {
                let what = if cell(2).is_empty() { "unnamed type" } else { cell(2) };
                report.pass(what);
                return Ok(());
            }
        };
        if !cell(9).is_empty() {
            report.pass("quota");
            return Ok(());
        }
        let code = code(cell(0))?;
        let (from, to) = (day(cell(5))?, day(cell(6))?);
        let (expression, mut unread) = self.expression(kind);
        let except: Vec<String> = cell(8)
            .split(['|', ','])
            .map(str::trim)
            .filter(|area| !area.is_empty())
            .flat_map(|area| match areas.of(area) {
                Some(members) => members.to_vec(),
                None => vec![area.to_owned()],
            })
            .collect();
        let origins: Vec<Option<String>> = match cell(7) {
            ERGA_OMNES => vec![None],
            UNION => vec![Some("EU".to_owned())],
            country if country.len() == 2 => vec![Some(country.to_owned())],
            group => match areas.of(group) {
                Some(members) => {
                    let taken = members.iter().filter(|member| !except.contains(member));
                    taken.map(|member| Some(member.clone())).collect()
                }
                // A preference that is not loaded costs whoever claims it; a duty on top that is
                // not loaded would be a zero that nobody said.
                None if !kind.on_top() => {
                    return Err(format!("the countries of the group {group} are not loaded"));
                }
                None => {
                    unread = Some(format!("the countries of the group {group} are not loaded"));
                    vec![None]
                }
            },
        };
        if kind == MeasureKind::Preference && origins.contains(&None) {
            return Err("a preference needs an origin".to_owned());
        }
        let expression = match &unread {
            Some(reason) if !matches!(expression, Expression::Unread(_)) => {
                Expression::Unread(format!("{expression}: {reason}"))
            }
            _ => expression,
        };
        for origin in origins {
            let measure = Measure {
                kind,
                origin,
                except: except.clone(),
                expression: expression.clone(),
                from,
                to,
                heading: String::new(),
                id: format!("{}:{}", self.name, self.line),
                source: format!("{} {}", self.name, cell(10)).trim().to_owned(),
            };
            tariff.insert(self.form.territory(), &code, measure);
            report.loaded += usize::from(unread.is_none());
        }
        if let Some(reason) = unread {
            report.unread.push(LoadError { line: self.line, reason });
        }
        Ok(())
    }

    /// The duty, and why it cannot be computed.
    fn expression(&self, kind: MeasureKind) -> (Expression, Option<String>) {
        let cell = self.cell;
        let text = cell(4);
        if !cell(3).is_empty() {
            let words = format!("{text} with the additional code {}", cell(3));
            let reason = "the duty depends on an additional code, often the maker";
            return (Expression::Unread(words), Some(reason.to_owned()));
        }
        match duty_text::read(text) {
            Some(expression) => (expression, None),
            None => {
                let words = if text.is_empty() { "no duty is written" } else { text };
                let reason = format!("the {} is not counted with: {words}", kind.as_str());
                (Expression::Unread(words.to_owned()), Some(reason))
            }
        }
    }
}

/// Digits that every code below has: pairs of noughts at the end stand for all of them.
fn code(text: &str) -> Result<String, String> {
    // The European sheet writes a suffix of two digits behind a blank.
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let mut digits = digits.replace('.', "");
    if digits.len() != 10 || text.len() > digits.len() + 6 {
        return Err("a code has ten digits".to_owned());
    }
    while digits.len() > 2 && digits.ends_with("00") {
        digits.truncate(digits.len() - 2);
    }
    Ok(digits)
}

/// `2026-11-20`, `20-11-2026`, `20/11/2026`, or a spreadsheet's number of a day.
fn day(text: &str) -> Result<Option<Date>, String> {
    let text = text.split(['T', ' ']).next().unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(day) = crate::day::parse(text) {
        return Ok(Some(day));
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let turned = match parts.as_slice() {
        [day, month, year] => crate::day::parse(&format!("{year}-{month:0>2}-{day:0>2}")),
        [serial] => serial
            .parse::<u16>()
            .ok()
            .and_then(|days| date!(1899 - 12 - 30).checked_add(Duration::days(days.into()))),
        _ => None,
    };
    turned.map(Some).ok_or_else(|| format!("`{text}` is no day"))
}
