//! What the simulated shipping service refuses, with the codes of its documents.

use super::text;
use crate::wire::xml::Element;

/// A code and its words.
pub(super) type Fault = (i64, String);

/// Required elements of each structure.
const REQUIRED: &[(&str, &str)] = &[
    ("headerValue", "accountNumber idEmit"),
    (
        "shipperValue",
        "shipperAdress1 shipperCity shipperCivility shipperCountry shipperName shipperZipCode",
    ),
    (
        "customerValue",
        "customerAdress1 customerCity customerCivility customerCountry customerName \
         customerZipCode",
    ),
    ("recipientValue", "recipientAdress1 recipientCity recipientCountry recipientName"),
    (
        "skybillValue",
        "evtCode objectType productCode service shipDate shipHour weight weightUnit height length \
         width",
    ),
    ("skybillParamsValue", "mode"),
];

/// Longest texts, by the end of the element's name.
const LENGTHS: &[(&str, usize)] = &[
    ("Adress1", 38),
    ("Adress2", 38),
    ("Name", 100),
    ("Name2", 100),
    ("City", 50),
    ("ZipCode", 9),
    ("Email", 80),
    ("Phone", 17),
    ("MobilePhone", 17),
    ("shipperRef", 35),
    ("recipientRef", 35),
    ("customerSkybillNumber", 15),
    ("content1", 45),
    ("content2", 45),
    ("content3", 45),
    ("content4", 45),
    ("content5", 45),
];

/// Elements that are numbers.
const NUMBERS: &[&str] = &[
    "weight",
    "height",
    "length",
    "width",
    "shipHour",
    "codValue",
    "insuredValue",
    "customsValue",
    "bulkNumber",
    "skybillRank",
];

const MODES: &str = "PDF PPR SPD THE THE1015 Z2D ZPL300 THEPSG Z2DPSG ZPLPSG XML XML2D JSON SLT";
/// Products within mainland France.
const NATIONAL: &str = "00 01 02 09 16 20 58 75 76 77 78 80 86 93 1F 1G 1K 1M 1N 1O 1P 1S 1T 1U \
                        1V 1Y 2A 2B 2E 2F 2L 2M 2O 2P 2Q 2R 2S 3J 3K 3X 3Y 3Z 4I 4Q 4R 4S 4T 4U \
                        4V 4W 4X";
/// Products across a border, or overseas.
const FARTHER: &str = "17 37 3S 3T 44 49 4P";
/// Products that need the code of a relay in the reference of the addressee.
const RELAY: &str = "80 86 3K";

fn in_list(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// The first thing wrong with a purchase.
pub(super) fn check(body: &Element) -> Result<(), Fault> {
    for name in ["password", "modeRetour", "numberOfParcel", "version"] {
        filled(body, name)?;
    }
    for (structure, names) in REQUIRED {
        let mut all = body.all(structure).peekable();
        if all.peek().is_none() {
            return Err((31, format!("The structure {structure} is empty")));
        }
        for element in all {
            for name in names.split_ascii_whitespace() {
                filled(element, name)?;
            }
        }
    }
    leaves(body)?;
    counts(body)?;
    fixed(body)?;
    for skybill in body.all("skybillValue") {
        lane(body, skybill)?;
    }
    Ok(())
}

fn filled(element: &Element, name: &str) -> Result<(), Fault> {
    match text(element, name) {
        "" => Err((31, format!("The value {name} is empty"))),
        _ => Ok(()),
    }
}

fn leaves(element: &Element) -> Result<(), Fault> {
    for child in &element.children {
        let name = child.name.as_str();
        let limit = LENGTHS.iter().filter(|(end, _)| name.ends_with(end)).map(|(_, max)| *max);
        // The longest end decides, since one name can end another.
        let limit = limit.max().filter(|_| !name.ends_with("ContactName"));
        if limit.is_some_and(|max| child.text.chars().count() > max) {
            return Err((32, format!("The value {name} is too long")));
        }
        let number = NUMBERS.contains(&name) && child.children.is_empty();
        if number && child.text.parse::<f64>().is_err() {
            return Err((34, format!("The value {name} is not a number")));
        }
        if child.text.chars().any(|c| c > '\u{ff}') {
            return Err((33, format!("The value {name} is invalid")));
        }
        leaves(child)?;
    }
    Ok(())
}

fn counts(body: &Element) -> Result<(), Fault> {
    let Ok(count) = text(body, "numberOfParcel").parse::<usize>() else {
        return Err((34, "numberOfParcel is not a number".to_owned()));
    };
    let most = if body.child("esdValue").is_some() { 50 } else { 100 };
    if !(1..=most).contains(&count) {
        return Err((33, "Invalid numberOfParcel".to_owned()));
    }
    for structure in ["shipperValue", "recipientValue", "refValue", "skybillValue", "customsValue"]
    {
        let found = body.all(structure).count();
        if found > 1 && found != count {
            return Err((33, format!("Invalid number of {structure}")));
        }
    }
    if text(body, "multiParcel") == "Y" {
        let ranked = |s: &Element| s.get("bulkNumber").is_some() && s.get("skybillRank").is_some();
        if body.all("recipientValue").count() > 1 || !body.all("skybillValue").all(ranked) {
            return Err((33, "Invalid multiParcel".to_owned()));
        }
    }
    Ok(())
}

fn fixed(body: &Element) -> Result<(), Fault> {
    let invalid = |what: &str| Err((33, format!("Invalid {what}")));
    let param = |name| body.child("skybillParamsValue").map_or("", |params| text(params, name));
    if body.child("headerValue").map(|header| text(header, "idEmit")) != Some("CHRFR") {
        return invalid("idEmit");
    }
    if param("mode").split('|').any(|mode| !in_list(MODES, mode)) {
        return invalid("mode");
    }
    if !matches!(param("withReservation"), "" | "0" | "1" | "2") {
        return invalid("withReservation");
    }
    if !matches!(text(body, "modeRetour"), "1" | "2" | "3" | "4") {
        return invalid("modeRetour");
    }
    for (structure, name) in
        [("shipperValue", "shipperCivility"), ("customerValue", "customerCivility")]
    {
        if body.all(structure).any(|party| !matches!(text(party, name), "E" | "L" | "M")) {
            return invalid(name);
        }
    }
    for recipient in body.all("recipientValue") {
        if !matches!(text(recipient, "recipientPreAlert"), "" | "0" | "22") {
            return invalid("recipientPreAlert");
        }
    }
    for refs in body.all("refValue") {
        let relay = text(refs, "idRelais");
        let bytes = relay.as_bytes();
        let shaped = matches!(bytes, [a, b, c, d, e]
            if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) && e.is_ascii_alphabetic());
        if !relay.is_empty() && !shaped {
            return invalid("idRelais");
        }
    }
    Ok(())
}

fn lane(body: &Element, skybill: &Element) -> Result<(), Fault> {
    let invalid = |what: &str| Err((33, format!("Invalid {what}")));
    let product = match text(skybill, "productCode") {
        one if one.len() == 1 => format!("0{one}"),
        two => two.to_owned(),
    };
    if text(skybill, "evtCode") != "DC" {
        return invalid("evtCode");
    }
    if !matches!(text(skybill, "objectType"), "DOC" | "MAR") {
        return invalid("objectType");
    }
    let service = text(skybill, "service");
    if !matches!(service.len(), 1 | 3) || !service.bytes().all(|byte| byte.is_ascii_digit()) {
        return invalid("service");
    }
    let weight: f64 = text(skybill, "weight").parse().unwrap_or_default();
    if !(weight > 0.0 && weight <= 30.0) {
        return invalid("weight");
    }
    let (national, farther) = (in_list(NATIONAL, &product), in_list(FARTHER, &product));
    if !national && !farther {
        return invalid("productCode");
    }
    let recipient = body.child("recipientValue");
    let country = recipient.map_or("", |party| text(party, "recipientCountry"));
    let mainland = matches!(country, "FR" | "MC");
    if mainland && recipient.map_or(0, |party| text(party, "recipientZipCode").len()) != 5 {
        return Err((38, "The destination is forbidden".to_owned()));
    }
    let from_abroad = body
        .child("shipperValue")
        .is_some_and(|party| !matches!(text(party, "shipperCountry"), "FR" | "MC"));
    let back = product == "3T" && from_abroad;
    if (national && !mainland) || (farther && mainland && !back) || (service == "6" && !national) {
        return Err((35, "No service for this product, origin and destination".to_owned()));
    }
    let named = body.all("refValue").all(|refs| refs.get("recipientRef").is_some());
    if in_list(RELAY, &product) && !named {
        return invalid("recipientRef");
    }
    Ok(())
}
