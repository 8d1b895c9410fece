//! The tenant's registrations, checked as numbers before they are kept. Whether a number is alive
//! is an authority's to say, and never asked on the road of a parcel.

use std::collections::BTreeSet;

use colibri_customs_rules::identifiers::{Checked, Grade, OneStopShop, eori, one_stop_shop, vat};
use colibri_events::customs::v1::{Finding, Profile};
use colibri_types::Country;

use crate::error::{self, finding};

/// Incoterms that parcels travel under.
const TERMS: [&str; 2] = ["DAP", "DDP"];
/// Characters of the signer, its place and the prefix of invoices.
const TEXT_MAX: usize = 60;

/// Checks a profile and normalises its numbers.
///
/// # Errors
/// Every field that cannot be right.
pub fn check(profile: Profile) -> Result<Profile, Vec<Finding>> {
    let mut profile = Profile { warnings: Vec::new(), version: 0, ..profile };
    let mut wrong = Vec::new();
    let mut number = |field: &str, text: &mut String, check: &dyn Fn(&str) -> Checked| {
        if text.trim().is_empty() {
            text.clear();
            return None;
        }
        let checked = check(text);
        let doubt = match &checked.grade {
            Grade::Invalid { fault } => {
                wrong.push(finding(error::PROFILE, field, fault.to_string()));
                None
            }
            Grade::Suspect { doubt } => Some(finding(error::PROFILE, field, *doubt)),
            Grade::WellFormed => None,
        };
        *text = checked.normalised;
        doubt
    };
    let doubts = [
        number("profile.eori", &mut profile.eori, &eori),
        number("profile.eori_gb", &mut profile.eori_gb, &eori),
        number("profile.vat", &mut profile.vat, &vat),
        number("profile.vat_gb", &mut profile.vat_gb, &vat),
        number("profile.ioss", &mut profile.ioss, &|text| one_stop_shop(text, OneStopShop::Import)),
    ];
    profile.warnings = doubts.into_iter().flatten().collect();
    let british = |text: &str| text.starts_with("GB") || text.starts_with("XI");
    let mut want = |holds: bool, field: &str, detail: &str| {
        if !holds {
            wrong.push(finding(error::PROFILE, field, detail));
        }
    };
    let (eu, gb) = (&profile.eori, &profile.eori_gb);
    want(eu.is_empty() || !british(eu), "profile.eori", "is a British number: use eori_gb");
    want(gb.is_empty() || british(gb), "profile.eori_gb", "begins with GB or XI");
    let vat_gb = &profile.vat_gb;
    want(vat_gb.is_empty() || british(vat_gb), "profile.vat_gb", "begins with GB or XI");
    let voec = profile.voec.trim();
    let digits = voec.strip_prefix("VOEC").unwrap_or(voec);
    let shape = digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit());
    want(voec.is_empty() || shape, "profile.voec", "is VOEC and seven digits");
    terms(&profile, &mut want);
    let texts = [
        ("profile.signer", &profile.signer),
        ("profile.signer_place", &profile.signer_place),
        ("profile.invoice_prefix", &profile.invoice_prefix),
    ];
    for (field, text) in texts {
        let good = text.chars().count() <= TEXT_MAX && !text.chars().any(char::is_control);
        want(good, field, "has at most 60 characters");
    }
    if wrong.is_empty() { Ok(profile) } else { Err(wrong) }
}

fn terms(profile: &Profile, want: &mut impl FnMut(bool, &str, &str)) {
    let known = |term: &str| TERMS.contains(&term);
    let reason = "is DAP or DDP";
    want(profile.incoterm.is_empty() || known(&profile.incoterm), "profile.incoterm", reason);
    let mut seen = BTreeSet::new();
    for (at, terms) in profile.destinations.iter().enumerate() {
        let field = |name: &str| format!("profile.destinations[{at}].{name}");
        want(known(&terms.incoterm), &field("incoterm"), reason);
        let country = terms.country.parse::<Country>().is_ok();
        want(country, &field("country"), "is no ISO 3166 country code");
        want(seen.insert(&terms.country), &field("country"), "stands there twice");
    }
}

/// Who pays at the border of a country: as its own entry says, else the general term, else the
/// receiver.
#[must_use]
pub fn incoterm<'a>(profile: &'a Profile, country: &str) -> &'a str {
    let own = profile.destinations.iter().find(|terms| terms.country == country);
    let own = own.map(|terms| terms.incoterm.as_str());
    own.or(Some(profile.incoterm.as_str())).filter(|term| !term.is_empty()).unwrap_or("DAP")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::customs::v1::DestinationTerms;

    use super::*;

    fn terms(country: &str, incoterm: &str) -> DestinationTerms {
        DestinationTerms { country: country.to_owned(), incoterm: incoterm.to_owned() }
    }

    #[test]
    fn numbers_are_normalised_and_wrong_ones_are_named() {
        let good = Profile {
            eori: "fr 12345678200010".to_owned(),
            vat_gb: "GB 123 4567 27".to_owned(),
            destinations: vec![terms("GB", "DDP")],
            ..Profile::default()
        };
        let kept = check(good.clone()).unwrap();
        assert_eq!((kept.eori.as_str(), kept.vat_gb.as_str()), ("FR12345678200010", "GB123456727"));
        assert_eq!((incoterm(&kept, "GB"), incoterm(&kept, "CH")), ("DDP", "DAP"));
        let bad = Profile {
            eori: "GB123456727000".to_owned(),
            vat_gb: "GB123456728".to_owned(),
            ioss: "IN2500000017".to_owned(),
            incoterm: "DDU".to_owned(),
            destinations: vec![terms("GB", "DDP"), terms("GB", "DAP"), terms("ZZ", "DAP")],
            ..good
        };
        let wrong = check(bad).unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|finding| finding.field.as_str()).collect();
        for field in ["profile.eori", "profile.vat_gb", "profile.ioss", "profile.incoterm"] {
            assert!(fields.contains(&field), "{field}: {fields:?}");
        }
        assert_eq!(fields.iter().filter(|f| f.ends_with(".country")).count(), 2);
    }
}
