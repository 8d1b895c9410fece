//! The corrections that are safe to make without asking. Applying them twice changes nothing.

use crate::content::{self, Fault};
use crate::country::Country;
use crate::format::{Format, Part, format};
use crate::text::{Changes, clean};
use crate::{Address, Notice, NoticeCode, postcode, subdivision};

/// Countries whose towns and subdivisions share names so that the one gives the other away.
const CITY_NAMES_SUBDIVISION: &[&str] = &["AE", "HK", "CN", "KR", "TW", "CO"];

/// The corrected address and what was corrected.
pub fn normalise(address: &Address) -> (Address, Vec<Notice>) {
    let mut notices = Vec::new();
    let mut result = Address {
        name: text("name", address.name.as_deref(), &mut notices),
        company: text("company", address.company.as_deref(), &mut notices),
        lines: lines(&address.lines, &mut notices),
        city: text("city", address.city.as_deref(), &mut notices),
        postcode: text("postcode", address.postcode.as_deref(), &mut notices),
        subdivision: text("subdivision", address.subdivision.as_deref(), &mut notices),
        country: text("country", Some(&address.country), &mut notices).unwrap_or_default(),
        phone: text("phone", address.phone.as_deref(), &mut notices),
        email: text("email", address.email.as_deref(), &mut notices),
    };
    drop_fillers(&mut result, &mut notices);
    if let Some(country) = resolve_country(&mut result, &mut notices)
        && let Some(rules) = format(&country.alpha2)
    {
        resolve_postcode(country, rules, &mut result, &mut notices);
        resolve_subdivision(country, rules, &mut result, &mut notices);
    }
    (result, notices)
}

fn text(field: &str, value: Option<&str>, notices: &mut Vec<Notice>) -> Option<String> {
    let (cleaned, changes) = clean(value?);
    report(field, changes, notices);
    Some(cleaned).filter(|c| !c.is_empty())
}

fn report(field: &str, changes: Changes, notices: &mut Vec<Notice>) {
    let mut add = |made: bool, code: NoticeCode, detail: &str| {
        if made {
            notices.push(Notice::new(code, field, detail));
        }
    };
    add(changes.spaces, NoticeCode::Trimmed, "superfluous spaces were removed");
    add(changes.composed, NoticeCode::Composed, "accents were joined with their letters");
    add(
        changes.invisible,
        NoticeCode::InvisibleRemoved,
        "characters that cannot be printed were removed",
    );
    add(changes.digits, NoticeCode::DigitsNormalised, "digits were written as 0 to 9");
}

fn lines(given: &[String], notices: &mut Vec<Notice>) -> Vec<String> {
    let mut result: Vec<String> = Vec::new();
    for line in given {
        let parts: Vec<&str> =
            line.split(['\n', '\r', '\u{0B}', '\u{0C}', '\u{2028}', '\u{2029}']).collect();
        let full = parts.iter().filter(|p| !p.trim().is_empty()).count();
        let field = format!("lines/{}", result.len());
        match (parts.len(), full) {
            (1, _) => {}
            (_, 0 | 1) => notices.push(spaces_removed(&field)),
            _ => {
                let detail = "a line with line breaks became several lines";
                notices.push(Notice::new(NoticeCode::LineSplit, field, detail));
            }
        }
        for part in parts {
            let field = format!("lines/{}", result.len());
            result.extend(text(&field, Some(part), notices));
        }
    }
    // Fillers in lines beside a real one only fill the form; alone they are for the judge.
    let is_filler = |l: &String| content::fault(l, false) == Some(Fault::Placeholder);
    let real = result.iter().filter(|l| !is_filler(l)).count();
    let before = result.len();
    if real > 0 {
        result.retain(|l| !is_filler(l));
    } else {
        result.truncate(1);
    }
    if result.len() != before {
        notices.push(filler_removed("lines"));
    }
    result
}

fn spaces_removed(field: &str) -> Notice {
    Notice::new(NoticeCode::Trimmed, field, "superfluous spaces were removed")
}

fn filler_removed(field: &str) -> Notice {
    Notice::new(NoticeCode::PlaceholderRemoved, field, "a filler that says nothing was removed")
}

/// Fillers in fields that may be empty. A filler in a needed field is the judge's.
fn drop_fillers(address: &mut Address, notices: &mut Vec<Notice>) {
    let optional = [
        ("company", &mut address.company),
        ("subdivision", &mut address.subdivision),
        ("phone", &mut address.phone),
        ("email", &mut address.email),
    ];
    for (field, value) in optional {
        if value.as_deref().and_then(|v| content::fault(v, false)) == Some(Fault::Placeholder) {
            *value = None;
            notices.push(filler_removed(field));
        }
    }
}

fn resolve_country(address: &mut Address, notices: &mut Vec<Notice>) -> Option<&'static Country> {
    let country = crate::country(&address.country)?;
    if address.country != country.alpha2 {
        let detail = format!("the country was turned into its code {}", country.alpha2);
        notices.push(Notice::new(NoticeCode::CountryResolved, "country", detail));
        address.country.clone_from(&country.alpha2);
    }
    Some(country)
}

fn resolve_postcode(
    country: &Country,
    rules: &Format,
    address: &mut Address,
    notices: &mut Vec<Notice>,
) {
    let Some(given) = address.postcode.take() else {
        return;
    };
    let is_filler = |text: &str| {
        postcode::is_filler(text) || content::fault(text, false) == Some(Fault::Placeholder)
    };
    let filler = is_filler(&given);
    if filler && !rules.requires(Part::Postcode) {
        notices.push(filler_removed("postcode"));
        return;
    }
    // Where we know no form there is nothing to bring it into.
    if !rules.has_postcodes() || filler {
        address.postcode = Some(given);
        return;
    }
    let (result, made) = postcode::normalise(country, rules, &given);
    // Full-width fillers (`ｎ／ａ`) show themselves only now.
    if is_filler(&result) && !rules.requires(Part::Postcode) {
        notices.push(filler_removed("postcode"));
        return;
    }
    for code in made {
        let detail = match code {
            NoticeCode::DigitsNormalised => "digits were written as 0 to 9",
            NoticeCode::PostcodeUppercased => "letters were written as capitals",
            NoticeCode::PostcodePrefixRemoved => "the country code in front was removed",
            _ => "the postcode was written in its country's form",
        };
        notices.push(Notice::new(code, "postcode", detail));
    }
    address.postcode = Some(result);
}

fn resolve_subdivision(
    country: &Country,
    rules: &Format,
    address: &mut Address,
    notices: &mut Vec<Notice>,
) {
    let word = rules.subdivision_word;
    if let Some(given) = &address.subdivision {
        if let Some(found) = subdivision::resolve_subdivision(&country.alpha2, given)
            && *given != found.code
        {
            let detail = format!("the {word} was turned into its code {}", found.code);
            notices.push(Notice::new(NoticeCode::SubdivisionResolved, "subdivision", detail));
            address.subdivision = Some(found.code.clone());
        }
        return;
    }
    let alike = CITY_NAMES_SUBDIVISION.contains(&country.alpha2.as_str());
    let city = address.city.as_deref().filter(|_| alike && rules.requires(Part::Subdivision));
    let found = city.and_then(|c| subdivision::resolve_subdivision(&country.alpha2, c));
    if let Some(found) = found {
        let detail = format!("the {word} {} was taken from the town of its name", found.code);
        notices.push(Notice::new(NoticeCode::SubdivisionFromCity, "subdivision", detail));
        address.subdivision = Some(found.code.clone());
    }
}
