//! Observations: they change nothing and forbid nothing, but decide carrier, price or papers.

use crate::country::Country;
use crate::format::Format;
use crate::{Address, Notice, NoticeCode, contact, content, customs_territory, subdivision};

/// Countries where a street address without any number is rare enough to ask about.
const NUMBERED: &[&str] = &[
    "AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "HU", "IT", "LU", "NL", "NO",
    "NZ", "PL", "PT", "SE", "SK", "US",
];

/// Everything worth knowing about a normalised address.
pub fn observe(
    address: &Address,
    country: Option<&Country>,
    rules: Option<&Format>,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let (Some(country), Some(rules)) = (country, rules) {
        observe_place(address, country, rules, &mut notices);
    }
    observe_lines(address, &mut notices);
    observe_town(address, &mut notices);
    observe_people(address, &mut notices);
    notices
}

fn observe_place(address: &Address, country: &Country, rules: &Format, notices: &mut Vec<Notice>) {
    let postcode = address.postcode.as_deref();
    if postcode.is_some() && !rules.has_postcodes() {
        let detail = format!("no postcodes are known in {}; kept", country.in_sentence());
        notices.push(Notice::new(NoticeCode::PostcodeUnchecked, "postcode", detail));
    }
    if let Some(given) = address.subdivision.as_deref() {
        let listed = !subdivision::subdivisions(&country.alpha2).is_empty();
        let unknown = subdivision::resolve_subdivision(&country.alpha2, given).is_none();
        if unknown && (listed || rules.uses_subdivision) {
            let detail = format!("the {} is not in our list; kept", rules.subdivision_word);
            notices.push(Notice::new(NoticeCode::SubdivisionUnchecked, "subdivision", detail));
        }
    }
    // A malformed postcode places nothing.
    let valid = postcode.filter(|p| rules.matches(p));
    let Some(here) = customs_territory(&country.alpha2, valid) else {
        return;
    };
    if here.code != country.alpha2 {
        let detail = format!("the postcode lies in {} ({})", here.name, here.code);
        notices.push(Notice::new(NoticeCode::Territory, "postcode", detail));
    }
    if here.ambiguous {
        let note = here.note.unwrap_or_default();
        let detail = format!("the postcode may lie in a special customs territory: ask ({note})");
        notices.push(Notice::new(NoticeCode::SpecialTerritory, "postcode", detail));
    } else if here.special || here.eu_customs != here.eu_vat {
        let side = |inside: bool| if inside { "inside" } else { "outside" };
        let detail = format!(
            "{}: {} the EU customs territory, {} the EU VAT territory",
            here.name,
            side(here.eu_customs),
            side(here.eu_vat)
        );
        notices.push(Notice::new(NoticeCode::SpecialTerritory, "country", detail));
    }
}

fn observe_lines(address: &Address, notices: &mut Vec<Notice>) {
    let mut reachable_without_number = false;
    for (i, line) in address.lines.iter().enumerate() {
        let field = format!("lines/{i}");
        if content::is_po_box(line) {
            reachable_without_number = true;
            let detail = "a post office box: only postal operators deliver to it";
            notices.push(Notice::new(NoticeCode::PoBox, field.clone(), detail));
        }
        if content::is_locker(line) {
            reachable_without_number = true;
            notices.push(locker(address, field));
        }
    }
    let number = address.lines.iter().any(|l| l.chars().any(char::is_numeric));
    let asked = NUMBERED.contains(&address.country.as_str()) && !address.lines.is_empty();
    if asked && !number && !reachable_without_number {
        let detail = "no house number: some carriers refuse the parcel";
        notices.push(Notice::new(NoticeCode::HouseNumberMissing, "lines", detail));
    }
}

fn locker(address: &Address, field: String) -> Notice {
    // The German locker opens with the customer's number only; it may stand in any line.
    let texts = address.lines.iter().map(String::as_str);
    let numbered = texts
        .chain(address.name.as_deref())
        .chain(address.company.as_deref())
        .any(content::has_post_number);
    let detail = if address.country == "DE" && !numbered {
        "a parcel locker or counter; a Packstation also needs the recipient's post number of 6 \
         to 10 digits, none was found"
    } else {
        "a parcel locker or counter: only the network that runs it delivers to it"
    };
    Notice::new(NoticeCode::Locker, field, detail)
}

fn observe_town(address: &Address, notices: &mut Vec<Notice>) {
    let city = address.city.as_deref().unwrap_or_default();
    let postcode = address.postcode.as_deref().unwrap_or_default();
    let subdivision = address.subdivision.as_deref().unwrap_or_default();
    let forces = match address.country.as_str() {
        "US" => {
            matches!(subdivision, "AA" | "AE" | "AP")
                || content::has_word(city, &["apo", "fpo", "dpo"])
        }
        "GB" => postcode.starts_with("BFPO"),
        "FR" => postcode.starts_with("00") || content::has_word(city, &["armees"]),
        _ => false,
    };
    if forces {
        let detail = "a forces post office: postal operators only, with customs forms";
        notices.push(Notice::new(NoticeCode::Military, "postcode", detail));
    }
    let french = matches!(address.country.as_str(), "FR" | "MC");
    if french && content::has_word(city, &["cedex"]) {
        let detail = "business mail sorting: not a place where every carrier delivers parcels";
        notices.push(Notice::new(NoticeCode::Cedex, "city", detail));
    }
}

fn observe_people(address: &Address, notices: &mut Vec<Notice>) {
    if address.name.is_none() && address.company.is_none() {
        let detail = "neither a person nor a company is named";
        notices.push(Notice::new(NoticeCode::RecipientMissing, "name", detail));
    }
    if let Some(doubt) = address.phone.as_deref().and_then(contact::phone_doubt) {
        let detail = format!("the phone {doubt}");
        notices.push(Notice::new(NoticeCode::PhoneUnlikely, "phone", detail));
    }
    let lines = address.lines.iter().enumerate().map(|(i, l)| (format!("lines/{i}"), l.as_str()));
    let others = address.texts().into_iter().filter_map(|(n, v)| Some((n.to_owned(), v?)));
    for (field, _) in others.chain(lines).filter(|(_, v)| content::looks_garbled(v)) {
        let detail = "it looks as if the text was read in the wrong encoding";
        notices.push(Notice::new(NoticeCode::GarbledSuspected, field, detail));
    }
}
