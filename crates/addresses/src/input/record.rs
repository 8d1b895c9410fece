//! From the keys and values of one record to an address, and to its verdict.

use super::keys::{self, Target};
use super::{LineVerdict, VALUE_BYTES_MAX};
use crate::text::fold;
use crate::{Address, Code, Notice, NoticeCode, Problem, check};

/// A value as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Absent,
    Text(String),
    Texts(Vec<String>),
    /// Cannot be text; says what it is.
    Wrong(&'static str),
}

struct Entry {
    target: Target,
    rank: usize,
    value: Value,
}

/// Checks one record.
pub fn verdict(
    record: usize,
    line: Option<usize>,
    pairs: impl IntoIterator<Item = (String, Value)>,
) -> LineVerdict {
    let mut entries: Vec<Entry> = pairs
        .into_iter()
        .filter_map(|(key, value)| {
            let (target, rank) = keys::target(&key)?;
            Some(Entry { target, rank, value })
        })
        .collect();
    entries.sort_by_key(|e| e.rank);
    if entries.is_empty() {
        let reason = "no known address field in the record: expected names such as name, address1, \
                      city, postcode, country";
        let code = Code::RecordUnreadable;
        return LineVerdict::unreadable(record, line, code, reason.to_owned());
    }
    let mut problems = wrong_types(&entries);
    let conflicts = conflicts(&entries);
    let checked = check(&address(&entries));
    // A value of a wrong type is also missing; saying it once is enough.
    let said: Vec<String> = problems.iter().map(|p| p.field.clone()).collect();
    problems.extend(checked.problems.into_iter().filter(|p| !said.contains(&p.field)));
    let mut notices = checked.notices;
    notices.extend(conflicts);
    LineVerdict {
        record,
        line,
        valid: problems.is_empty(),
        normalised: Some(checked.normalised),
        problems,
        notices,
    }
}

const fn field(target: Target) -> &'static str {
    match target {
        Target::Name | Target::FirstName | Target::LastName => "name",
        Target::Company => "company",
        Target::Line(_) | Target::HouseNumber => "lines",
        Target::City => "city",
        Target::Postcode => "postcode",
        Target::Subdivision => "subdivision",
        Target::Country => "country",
        Target::Phone => "phone",
        Target::Email => "email",
    }
}

fn wrong_types(entries: &[Entry]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for entry in entries {
        let reason = match &entry.value {
            Value::Wrong(what) => {
                format!("the value is {what}: expected a text, such as \"Paris\"")
            }
            Value::Text(t) if t.len() > VALUE_BYTES_MAX => {
                format!("the value is larger than {VALUE_BYTES_MAX} bytes: no address is")
            }
            Value::Texts(_) if !matches!(entry.target, Target::Line(0)) => {
                "the value is a list: expected a text, such as \"Paris\"".to_owned()
            }
            _ => continue,
        };
        let field = field(entry.target);
        if problems.iter().all(|p| p.field != field) {
            problems.push(Problem::new(Code::WrongType, field, reason));
        }
    }
    problems
}

/// Two columns of one meaning that say different things. Codes beside names are no conflict.
fn conflicts(entries: &[Entry]) -> Vec<Notice> {
    [Target::Postcode, Target::City]
        .into_iter()
        .filter_map(|target| {
            let mut values: Vec<String> =
                texts(entries, target).map(fold).filter(|v| !v.is_empty()).collect();
            values.dedup();
            let detail = "two columns of this meaning differ; the more specific one was taken";
            let code = NoticeCode::ConflictingColumns;
            (values.len() > 1).then(|| Notice::new(code, field(target), detail))
        })
        .collect()
}

fn texts(entries: &[Entry], target: Target) -> impl Iterator<Item = &str> {
    entries.iter().filter(move |e| e.target == target).filter_map(|e| match &e.value {
        Value::Text(t) if !t.trim().is_empty() && t.len() <= VALUE_BYTES_MAX => Some(t.as_str()),
        _ => None,
    })
}

fn address(entries: &[Entry]) -> Address {
    let first = |target| texts(entries, target).next().map(str::to_owned);
    let joined = [first(Target::FirstName), first(Target::LastName)];
    let joined = joined.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let country = first(Target::Country).unwrap_or_default();
    Address {
        // A name with an owner (`Shipping Name`) is better than parts, parts than a bare name,
        // which in shop exports is the order's.
        name: owned_name(entries)
            .or(Some(joined).filter(|j| !j.is_empty()))
            .or(first(Target::Name)),
        company: first(Target::Company),
        lines: lines(entries, &country),
        city: first(Target::City),
        postcode: first(Target::Postcode),
        subdivision: first(Target::Subdivision),
        country,
        phone: first(Target::Phone),
        email: first(Target::Email),
    }
}

fn owned_name(entries: &[Entry]) -> Option<String> {
    let best = entries.iter().find(|e| e.target == Target::Name)?;
    match &best.value {
        Value::Text(t) if best.rank < keys::BARE && !t.trim().is_empty() => Some(t.clone()),
        _ => None,
    }
}

fn lines(entries: &[Entry], country: &str) -> Vec<String> {
    let list = entries.iter().find_map(|e| match &e.value {
        Value::Texts(list) if matches!(e.target, Target::Line(0)) => Some(list.clone()),
        _ => None,
    });
    let mut lines = list.unwrap_or_else(|| {
        (0..4).filter_map(|i| texts(entries, Target::Line(i)).next().map(str::to_owned)).collect()
    });
    let number = texts(entries, Target::HouseNumber).next().map(str::trim);
    if let (Some(street), Some(number)) = (lines.first_mut(), number) {
        let street_text = street.trim();
        *street = if number_first(country) {
            format!("{number} {street_text}")
        } else {
            format!("{street_text} {number}")
        };
    }
    lines
}

/// Countries that write the house number before the street.
fn number_first(country: &str) -> bool {
    const FIRST: &[&str] = &[
        "AU", "CA", "FR", "GB", "GF", "GP", "HK", "IE", "IN", "JE", "GG", "IM", "LU", "MA", "MC",
        "MQ", "MY", "NZ", "PH", "RE", "SG", "TN", "US", "YT", "ZA",
    ];
    crate::country(country).is_some_and(|c| FIRST.contains(&c.alpha2.as_str()))
}
