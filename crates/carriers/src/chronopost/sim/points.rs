//! Pickup points that follow from the seed and the postcode.

use super::{let_in, soap, text};
use crate::{
    sim::luck,
    wire::xml::{Element, Writer},
};

/// Points around any postcode.
const AROUND: u64 = 18;

pub(super) fn search(seed: u64, body: &Element) -> String {
    let error = |code, words: &str| soap::error("errorCode", code, words);
    if !let_in(text(body, "accountNumber"), text(body, "password")) {
        return error(1500, "Account or password unknown");
    }
    for name in ["zipCode", "city", "countryCode", "type", "productCode", "service"] {
        if text(body, name).is_empty() {
            return error(301, "A value is missing");
        }
    }
    let (country, postcode) = (text(body, "countryCode"), text(body, "zipCode"));
    if country == "FR" && postcode.len() != 5 {
        return error(302, "Wrong postcode");
    }
    if !french_date(text(body, "shippingDate")) {
        return error(306, "Wrong date");
    }
    if text(body, "holidayTolerant") != "1" {
        return error(317, "holidayTolerant must be 1");
    }
    let number = |name, default: u64| match text(body, name) {
        "" => Some(default),
        text => text.parse().ok(),
    };
    let limits = (number("maxPointChronopost", 5), number("maxDistanceSearch", 10));
    let (Some(limit), Some(distance)) = limits else {
        return error(309, "Not a number");
    };
    if distance > 40 {
        return error(319, "Too far");
    }
    if limit > 25 {
        return error(320, "More than 25 points");
    }
    if number("weight", 0).is_none_or(|grams| grams > 30_000) {
        return error(321, "Wrong weight");
    }
    let shops_only = text(body, "type") == "C";
    let mut w = Writer::default();
    w.leaf("errorCode", "0").leaf("errorMessage", "").leaf("qualiteReponse", "2");
    let draw = |at: u64, what: u64| luck::draw(seed, postcode, at * 10 + what);
    // Lockers at every sixth place, which a search for shops passes over; the order of the answer
    // is not that of distance.
    let all = (0..AROUND).filter(|at| !(shops_only && at % 6 == 5));
    let mut near: Vec<(u64, u64)> =
        all.map(|at| (150 + draw(at, 0) % (distance * 1_000), at)).collect();
    near.sort_unstable();
    near.truncate(usize::try_from(limit).unwrap_or_default());
    let first = 1.min(near.len());
    near.rotate_left(first);
    for (metres, at) in near {
        w.nest("listePointRelais", |w| {
            point(w, body, at, metres, draw(at, 1));
        });
    }
    w.finish()
}

fn point(w: &mut Writer, body: &Element, at: u64, metres: u64, luck: u64) {
    let country = text(body, "countryCode");
    let id = match country {
        "FR" => format!("{:04}{}", luck % 10_000, char::from(b'A' + (at % 26) as u8)),
        country => format!("{country}{:05}", luck % 100_000),
    };
    let locker = at % 6 == 5;
    w.leaf("accesPersonneMobiliteReduite", "true").leaf("actif", "true");
    w.leaf("adresse1", &format!("{} rue des Relais", at + 1)).leaf("adresse2", "");
    w.leaf("codePays", country).leaf("codePostal", text(body, "zipCode"));
    w.leaf("coordGeolocalisationLatitude", &format!("48.1{:05}", luck % 100_000));
    w.leaf("coordGeolocalisationLongitude", &format!("-1.6{:05}", luck / 7 % 100_000));
    w.leaf("distanceEnMetre", &metres.to_string()).leaf("identifiant", &id);
    if !locker {
        for day in 1..=6 {
            w.nest("listeHoraireOuverture", |w| hours(w, day));
        }
        // A place without hours on Sunday is told with two empty spans.
        w.nest("listeHoraireOuverture", |w| {
            w.leaf("horairesAsString", "00:00-00:00 00:00-00:00").leaf("jour", "7");
        });
    }
    if luck.is_multiple_of(5) {
        w.nest("listePeriodeFermeture", |w| {
            w.leaf("calendarDeDebut", "2026-12-24T00:00:00+01:00");
            w.leaf("calendarDeFin", "2026-12-27T00:00:00+01:00").leaf("numero", "1");
        });
    }
    let name = if locker { "Consigne Exemple" } else { "Relais Exemple" };
    w.leaf("localite", text(body, "city")).leaf("nom", &format!("{name} {}", at + 1));
    w.leaf("poidsMaxi", "20").leaf("typeDePoint", "P");
}

fn hours(w: &mut Writer, day: u8) {
    let spans: &[(&str, &str)] =
        if day == 6 { &[("09:00", "12:30")] } else { &[("08:30", "12:00"), ("14:00", "19:00")] };
    let written: Vec<String> = spans.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    w.leaf("horairesAsString", &written.join(" ")).leaf("jour", &day.to_string());
    for (from, to) in spans {
        w.nest("listeHoraireOuverture", |w| {
            w.leaf("debut", from).leaf("fin", to);
        });
    }
}

fn french_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [d, m, y] if d.len() == 2 && m.len() == 2 && y.len() == 4)
        && parts.iter().all(digits)
}
