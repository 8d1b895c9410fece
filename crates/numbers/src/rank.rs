//! Which candidate comes first.

use crate::{Candidate, Check, Hints};

/// The carrier of ours that a format belongs to.
pub(crate) fn carrier_of(format: &str, number: &str) -> Option<&'static str> {
    let lettered = || number.chars().any(|c| c.is_ascii_alphabetic());
    Some(match format {
        "ups" | "ups_waybill" => "ups",
        "colissimo_13" => "colissimo",
        // Colissimo's international parcels carry numbers of the French post; those that begin
        // with E (express) or X are Chronopost's.
        "s10" if number.ends_with("FR") && !express(number) => "colissimo",
        "chronopost_letter" => "chronopost",
        // The same network: Chronopost's numbers have letters inside, DPD's only digits.
        "geopost_15" if number.starts_with(|c: char| c.is_ascii_alphabetic()) => "chronopost",
        "geopost_28" if number.chars().skip(7).take(2).all(|c| c.is_ascii_alphabetic()) => {
            "chronopost"
        }
        "geopost_15" | "geopost_28" | "dpd" | "dpd_14" | "dpd_fr_14" => "dpd_fr",
        "mondial_relay_8" => "mondial_relay",
        "gls_11" | "gls_track_id" if !lettered() || number.len() == 8 => "gls",
        "dhl_express" | "dhl_express_piece_id" | "dhl_piece_long" => "dhl_express",
        _ if format.starts_with("fedex") => "fedex",
        _ => return None,
    })
}

fn express(number: &str) -> bool {
    number.starts_with(['E', 'X'])
}

/// A right check digit says most; then the asker's own contracts; then how particular the shape is.
pub(crate) fn scored(mut candidate: Candidate, number: &str, hints: Hints<'_>) -> Candidate {
    let mut score = match candidate.check {
        Check::Passed => 60,
        Check::None => 20,
        Check::Failed => 0,
    };
    // One digit in ten passes by chance, so long numbers and letters say more than a check digit.
    let letters = number.chars().filter(char::is_ascii_alphabetic).count();
    score += i32::try_from(letters.min(4)).unwrap_or_default() * 5;
    score += i32::try_from(number.len().min(30)).unwrap_or_default() / 3;
    score += 8 * i32::try_from(candidate.details.len().min(2)).unwrap_or_default();
    score -= if candidate.inferred { 5 } else { 0 };
    // Anything of eight characters has this shape.
    score -= if candidate.format == "gls_track_id" { 15 } else { 0 };
    // The French post numbers other parcels than express ones in the same way; the first letter
    // orders the two and rules neither out.
    let post = candidate.format == "s10" && number.ends_with("FR") && express(number);
    let chronopost = candidate.format == "chronopost_letter" && !express(number);
    score -= if post || chronopost { 25 } else { 0 };
    if candidate.carrier.is_some_and(|carrier| hints.carriers.contains(&carrier)) {
        score += 30;
    }
    if candidate.carrier.is_some_and(|carrier| hints.country.is_some_and(|c| home(carrier, c))) {
        score += 10;
    }
    candidate.score = score;
    candidate
}

/// Does the carrier mostly serve that country?
fn home(carrier: &str, country: &str) -> bool {
    match carrier {
        "colissimo" | "chronopost" | "dpd_fr" | "mondial_relay" => country == "FR",
        _ => false,
    }
}
