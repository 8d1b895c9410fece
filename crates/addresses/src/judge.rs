//! What is wrong with a normalised address, and what is worth knowing. Depends on nothing else,
//! so judging a normalised address again says the same.

use crate::areas::{Place, place};
use crate::content::{self, Fault};
use crate::country::Country;
use crate::format::{Format, Part, format};
use crate::{Address, Code, Notice, Problem, contact, postcode, subdivision};

mod observe;

/// 255 characters and 1,024 bytes: the widest field our database, our events and the carriers'
/// interfaces agree to take; a label prints 35 to 50 of them.
const CHARS_MAX: usize = 255;
const BYTES_MAX: usize = 1024;
/// 10 lines: twice what the fullest postal form of any country has.
const LINES_MAX: usize = 10;
/// 16 characters: half as much again as the longest postcode in use (Iran, 11).
const POSTCODE_CHARS_MAX: usize = 16;

/// Problems, then observations.
pub fn judge(address: &Address) -> (Vec<Problem>, Vec<Notice>) {
    let mut problems = Vec::new();
    let country = crate::country(&address.country);
    let rules = country.and_then(|c| format(&c.alpha2));
    judge_country(address, country, &mut problems);
    judge_texts(address, &mut problems);
    if let (Some(country), Some(rules)) = (country, rules) {
        judge_required(address, country, rules, &mut problems);
        judge_postcode(address, country, rules, &mut problems);
        judge_subdivision(address, country, rules, &mut problems);
    }
    judge_email(address, &mut problems);
    (problems, observe::observe(address, country, rules))
}

fn judge_country(address: &Address, country: Option<&Country>, problems: &mut Vec<Problem>) {
    if address.country.is_empty() {
        let reason = "the country is missing: expected an ISO 3166 code of 2 letters, such as FR";
        problems.push(Problem::new(Code::CountryMissing, "country", reason));
    } else if country.is_none() {
        let reason = "the country is not known: expected an ISO 3166 code of 2 letters, such as \
                      FR, or the country's name, such as France";
        problems.push(Problem::new(Code::CountryUnknown, "country", reason));
    }
}

/// Length and legibility of every field. Country, phone and e-mail have rules of their own.
fn judge_texts(address: &Address, problems: &mut Vec<Problem>) {
    for (field, value) in address.texts() {
        let Some(value) = value else { continue };
        if field != "phone" && field != "email" {
            judge_text(field, value, problems);
        } else if value.chars().count() > CHARS_MAX {
            problems.push(too_long(field, CHARS_MAX));
        }
    }
    for (i, line) in address.lines.iter().enumerate() {
        judge_text(&format!("lines/{i}"), line, problems);
    }
    if address.lines.len() > LINES_MAX {
        let reason = format!(
            "there are more than {LINES_MAX} lines: no label has room for them; join or drop some"
        );
        problems.push(Problem::new(Code::TooLong, "lines", reason));
    }
}

fn judge_text(field: &str, value: &str, problems: &mut Vec<Problem>) {
    let chars_max = if field == "postcode" { POSTCODE_CHARS_MAX } else { CHARS_MAX };
    if value.chars().count() > chars_max || value.len() > BYTES_MAX {
        problems.push(too_long(field, chars_max));
        return;
    }
    let (code, reason) = match content::fault(value, field == "city") {
        // A malformed postcode is told by its own rule, with the form that is expected.
        None | Some(Fault::NotText) if field == "postcode" => return,
        None => return,
        Some(Fault::Placeholder) => (
            Code::Placeholder,
            format!("{} is a filler such as `n/a` or `test`: write the real value", noun(field)),
        ),
        Some(Fault::NotText) if field == "city" => (
            Code::NotText,
            "the town has no letter in it: expected a name, such as Paris; perhaps the columns \
             are shifted"
                .to_owned(),
        ),
        Some(Fault::NotText) => (
            Code::NotText,
            format!("{} has neither letter nor digit: symbols cannot be delivered to", noun(field)),
        ),
        Some(Fault::Damaged) => (
            Code::Damaged,
            format!(
                "{} has characters that were destroyed on the way (shown as \u{FFFD} or boxes): \
                 send it again as UTF-8",
                noun(field)
            ),
        ),
    };
    problems.push(Problem::new(code, field, reason));
}

fn too_long(field: &str, chars_max: usize) -> Problem {
    let reason = format!(
        "{} is too long: at most {chars_max} characters and {BYTES_MAX} bytes, which is what \
         carriers' interfaces take; move a part to another line",
        noun(field)
    );
    Problem::new(Code::TooLong, field, reason)
}

/// The field in a sentence.
fn noun(field: &str) -> String {
    match field {
        "name" | "company" | "postcode" | "phone" => format!("the {field}"),
        "city" => "the town".to_owned(),
        "subdivision" => "the state, province or region".to_owned(),
        "email" => "the e-mail".to_owned(),
        _ => "the address line".to_owned(),
    }
}

fn judge_required(
    address: &Address,
    country: &Country,
    rules: &Format,
    problems: &mut Vec<Problem>,
) {
    let place = country.in_sentence();
    if rules.requires(Part::Street) && address.lines.is_empty() {
        let reason = "the street line is missing: expected street and house number, such as \
                      12 Example Street";
        problems.push(Problem::new(Code::StreetMissing, "lines", reason));
    }
    if rules.requires(Part::City) && address.city.is_none() {
        let reason = format!("the town is missing: an address in {place} needs one");
        problems.push(Problem::new(Code::CityMissing, "city", reason));
    }
    if rules.requires(Part::Postcode) && address.postcode.is_none() {
        let reason = format!(
            "the postcode is missing: an address in {place} needs one{}",
            expected(country, rules, ", ")
        );
        problems.push(Problem::new(Code::PostcodeMissing, "postcode", reason));
    }
    if rules.requires(Part::Subdivision) && address.subdivision.is_none() {
        let word = rules.subdivision_word;
        let reason = format!(
            "the {word} is missing: an address in {place} needs one{}{}",
            example_subdivision(country),
            suggestion(address, country)
        );
        problems.push(Problem::new(Code::SubdivisionMissing, "subdivision", reason));
    }
}

/// `<lead>5 digits, such as 75008`, as far as it is known.
fn expected(country: &Country, rules: &Format, lead: &str) -> String {
    let form = postcode::form(&country.alpha2, rules);
    match (form, postcode::example(country, rules)) {
        (Some(form), Some(example)) => format!("{lead}{form}, such as {example}"),
        (None, Some(example)) => format!("{lead}such as {example}"),
        _ => String::new(),
    }
}

fn example_subdivision(country: &Country) -> String {
    let preferred = match country.alpha2.as_str() {
        "US" => "CA",
        "CA" => "ON",
        "AU" => "NSW",
        "IT" => "RM",
        "ES" => "M",
        "BR" => "SP",
        "JP" => "13",
        _ => "",
    };
    let list = subdivision::subdivisions(&country.alpha2);
    let chosen = list.iter().find(|s| s.code == preferred).or_else(|| list.first());
    match chosen {
        Some(s) if s.code == s.name => format!(", such as {}", s.name),
        Some(s) => format!(", such as {} for {}", s.code, s.name),
        None => String::new(),
    }
}

/// What the postcode says about a subdivision that is missing or unknown.
fn suggestion(address: &Address, country: &Country) -> String {
    let Some(postcode) = &address.postcode else {
        return String::new();
    };
    match place(&country.alpha2, postcode) {
        Place::In { prefix, subdivisions: [only] } => {
            format!("; postcodes starting with {prefix} lie in {only}")
        }
        _ => String::new(),
    }
}

fn judge_postcode(
    address: &Address,
    country: &Country,
    rules: &Format,
    problems: &mut Vec<Problem>,
) {
    let Some(given) = address.postcode.as_deref() else {
        return;
    };
    // Already said: too long or a filler.
    if !rules.has_postcodes() || problems.iter().any(|p| p.field == "postcode") {
        return;
    }
    if postcode::is_filler(given) {
        let reason = format!(
            "the postcode is a filler: write the real one{}",
            expected(country, rules, ", ")
        );
        problems.push(Problem::new(Code::Placeholder, "postcode", reason));
    } else if !rules.matches(given) {
        let shown = if postcode::may_repeat(given) { format!(" `{given}`") } else { String::new() };
        let reason = format!(
            "postcode{shown} does not match {} form{}{}",
            country.possessive(),
            expected(country, rules, ": "),
            lost_zero(given, rules)
        );
        problems.push(Problem::new(Code::PostcodeInvalid, "postcode", reason));
    } else if place(&country.alpha2, given) == Place::Unassigned {
        let reason = format!(
            "the postcode has the right form, but no place in {} has one that starts like it{}",
            country.in_sentence(),
            expected(country, rules, ": expected ")
        );
        problems.push(Problem::new(Code::PostcodeUnassigned, "postcode", reason));
    }
}

/// Spreadsheets drop leading zeros: one digit short is worth a hint, never a correction.
fn lost_zero(given: &str, rules: &Format) -> String {
    let all_digits = given.chars().all(|c| c.is_ascii_digit());
    let padded = format!("0{given}");
    if all_digits && postcode::digits(rules) == Some(padded.len()) && rules.matches(&padded) {
        format!("; if a spreadsheet dropped a leading zero, write {padded}")
    } else {
        String::new()
    }
}

fn judge_subdivision(
    address: &Address,
    country: &Country,
    rules: &Format,
    problems: &mut Vec<Problem>,
) {
    let Some(given) = address.subdivision.as_deref() else {
        return;
    };
    if problems.iter().any(|p| p.field == "subdivision") {
        return;
    }
    let word = rules.subdivision_word;
    let Some(known) = subdivision::resolve_subdivision(&country.alpha2, given) else {
        if rules.requires(Part::Subdivision) && subdivision::is_complete(&country.alpha2) {
            let reason = format!(
                "the {word} is not one of {}: expected a code or a name{}{}",
                country.possessive(),
                example_subdivision(country),
                suggestion(address, country)
            );
            problems.push(Problem::new(Code::SubdivisionUnknown, "subdivision", reason));
        }
        return;
    };
    let postcode = address.postcode.as_deref().filter(|p| rules.matches(p));
    let Some(postcode) = postcode else { return };
    if let Place::In { prefix, subdivisions } = place(&country.alpha2, postcode)
        && !subdivisions.is_empty()
        && !subdivisions.contains(&known.code)
    {
        let reason = format!(
            "the {word} {} and the postcode contradict each other: postcodes starting with \
             {prefix} lie in {}; correct the one that is wrong",
            known.code,
            subdivisions.join(" or ")
        );
        problems.push(Problem::new(Code::SubdivisionMismatch, "subdivision", reason));
    }
}

fn judge_email(address: &Address, problems: &mut Vec<Problem>) {
    let Some(email) = address.email.as_deref() else {
        return;
    };
    if problems.iter().any(|p| p.field == "email") {
        return;
    }
    if let Some(fault) = contact::email_fault(email) {
        let reason = format!(
            "the e-mail cannot be one ({fault}): expected name@domain, such as a@example.com"
        );
        problems.push(Problem::new(Code::EmailInvalid, "email", reason));
    }
}
