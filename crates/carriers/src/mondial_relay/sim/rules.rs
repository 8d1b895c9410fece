//! What `WSI2_CreationEtiquette` refuses, with its `STAT`.

use super::soap::Fields;

const COUNTRIES: &str = "FR BE LU NL ES PT IT PL DE AT IE";

/// All characters are of the set, and there are so many of them.
fn of(text: &str, sizes: std::ops::RangeInclusive<usize>, more: &str) -> bool {
    let fine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || more.contains(c);
    sizes.contains(&text.chars().count()) && text.chars().all(fine)
}

fn digits(text: &str, sizes: std::ops::RangeInclusive<usize>) -> bool {
    sizes.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// The `STAT` of the first fault; `None` when it would be sold.
pub(super) fn check(fields: &Fields<'_>) -> Option<&'static str> {
    let get = |name| fields.get(name);
    let (collection, delivery) = (get("ModeCol"), get("ModeLiv"));
    if !["CCC", "CDR", "CDS", "REL"].contains(&collection) {
        return Some("27");
    }
    let modes = ["LCC", "LD1", "LDS", "24R", "24L", "24X", "ESP", "DRI", "HOM"];
    if !modes.contains(&delivery) {
        return Some("28");
    }
    if !of(get("NDossier"), 0..=15, "_- ") {
        return Some("5");
    }
    if !of(get("NClient"), 0..=9, "") {
        return Some("7");
    }
    party(fields, "Expe")
        .or_else(|| party(fields, "Dest"))
        .or_else(|| parcel(fields))
        .or_else(|| relays(fields, collection, matches!(delivery, "24R" | "24L" | "24X" | "DRI")))
}

fn party(fields: &Fields<'_>, side: &str) -> Option<&'static str> {
    let get = |name: &str| fields.get(&format!("{side}_{name}"));
    let line = |name, least| of(get(name), least..=32, "_-'., /");
    let french = get("Pays") == "FR";
    let letters = |c: char| c.is_ascii_uppercase() || "_-' ".contains(c);
    let city = get("Ville");
    let phone = get("Tel1");
    let number = phone.strip_prefix("+33").or(phone.strip_prefix("0033"));
    let number = number.or(phone.strip_prefix('0')).unwrap_or(phone);
    let phone_fine = match french {
        true => digits(number, 9..=9) && number.len() < phone.len(),
        false => digits(phone.trim_start_matches('+'), 6..=15),
    };
    let mail = get("Mail");
    let checks = [
        (get("Langage").len() == 2, "74"),
        (line("Ad1", 2), "30"),
        (line("Ad2", 0), "31"),
        (line("Ad3", 2), "33"),
        (line("Ad4", 0), "34"),
        ((2..=26).contains(&city.len()) && city.chars().all(letters), "35"),
        (!french || digits(get("CP"), 5..=5), "36"),
        (COUNTRIES.split(' ').any(|code| code == get("Pays")), "37"),
        (phone_fine || (side == "Dest" && phone.is_empty()), "38"),
        (mail.is_empty() || ((7..=70).contains(&mail.len()) && mail.contains('@')), "39"),
    ];
    checks.into_iter().find(|(fine, _)| !fine).map(|(_, stat)| stat)
}

fn parcel(fields: &Fields<'_>) -> Option<&'static str> {
    let get = |name: &str| fields.get(name);
    let money = |name: &str| digits(get(name), 1..=7);
    let level = get("Assurance");
    let checks = [
        (digits(get("Poids"), 3..=7), "20"),
        (digits(get("Longueur"), 0..=3), "21"),
        (digits(get("NbColis"), 1..=2) && get("NbColis") != "0", "47"),
        (money("CRT_Valeur"), "42"),
        (get("CRT_Valeur") == "0" || get("CRT_Devise") == "EUR", "43"),
        (get("Exp_Valeur").is_empty() || money("Exp_Valeur"), "44"),
        (get("Exp_Valeur").is_empty() || get("Exp_Devise") == "EUR", "45"),
        (level.is_empty() || ["0", "1", "2", "3", "4", "5"].contains(&level), "63"),
        (get("Instructions").len() <= 31, "62"),
    ];
    checks.into_iter().find(|(fine, _)| !fine).map(|(_, stat)| stat)
}

fn relays(fields: &Fields<'_>, collection: &str, to_relay: bool) -> Option<&'static str> {
    let get = |name| fields.get(name);
    let entry = get("COL_Rel");
    if collection == "REL" {
        if entry != "AUTO" && !digits(entry, 6..=6) {
            return Some("11");
        }
        if get("COL_Rel_Pays").len() != 2 {
            return Some("12");
        }
    }
    if !to_relay {
        return None;
    }
    let exit = get("LIV_Rel");
    if !digits(exit, 6..=6) || exit == "000000" {
        return Some("14");
    }
    if get("LIV_Rel_Pays").len() != 2 {
        return Some("15");
    }
    if get("LIV_Rel_Pays") != get("Dest_Pays") {
        return Some("92");
    }
    if get("NbColis") != "1" {
        return Some("48");
    }
    exit.ends_with("999").then_some("93")
}
