//! Public codes of the shell, and the one place where errors of the domain become faults.

use colibri_kit::fault::Fault;

use crate::domain::{Code, ParseTariffError, RateError};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// Every code of the shell. PRC0001 to PRC0099 are the domain's.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

codes! {
    /// A field of a request or event does not say what it should.
    FIELD = "PRC0101";
    /// An option nobody here knows.
    OPTION = "PRC0102";
    /// No decision about that shipment is known.
    SHIPMENT_UNKNOWN = "PRC0103";
    /// The tenant has no enabled carrier account that may ship from the origin.
    NO_ACCOUNT = "PRC0104";
    /// The tenant has no tariff for parcels from the origin.
    NO_TARIFF = "PRC0105";
    /// The tenant's selection rules cannot be read.
    RULES_UNREADABLE = "PRC0106";
    /// That version of the tariff exists with other content.
    TARIFF_VERSION = "PRC0107";
}

/// Most problems of a tariff named in one answer: enough to repair it in one go, little enough to
/// read.
const PROBLEMS_MAX: usize = 50;

impl From<ParseTariffError> for Fault {
    fn from(error: ParseTariffError) -> Self {
        let code = error.code().as_str();
        match &error {
            ParseTariffError::Unreadable { reason } => {
                let text = "the tariff cannot be read";
                Self::reject(code, text).field("toml", code, reason)
            }
            ParseTariffError::Invalid { problems } => {
                let text = format!("{} problems in the tariff", problems.len());
                problems.iter().take(PROBLEMS_MAX).fold(Self::reject(code, text), |fault, p| {
                    fault.field(format!("toml.{}", p.path), p.code.as_str(), &p.reason)
                })
            }
        }
    }
}

/// The field of a request that a code is about; empty for the whole.
#[must_use]
pub const fn field_of(code: Code) -> &'static str {
    match code {
        Code::RequestParcels => "parcels",
        Code::RequestShipDate => "ship_date",
        Code::RequestPostcode => "postcode_zone",
        Code::RequestValue => "value",
        _ => "",
    }
}

impl From<RateError> for Fault {
    fn from(error: RateError) -> Self {
        match error {
            RateError::Request { code, reason } => {
                let fault = Self::reject(code.as_str(), reason.clone());
                fault.field(field_of(code), code.as_str(), reason)
            }
            // The key of the table forbids it.
            duplicate @ RateError::Duplicate { .. } => Self::bug(duplicate),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;
    use crate::domain::Tariff;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let pages: BTreeSet<String> = fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .filter(|name| name.starts_with("PRC") && !name.starts_with("PRC00"))
            .collect();
        let codes: BTreeSet<String> = ALL.iter().map(|code| (*code).to_owned()).collect();
        assert_eq!(codes, pages);
        for code in &codes {
            let text = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
            assert!(text.starts_with(&format!("# {code}")), "{code}");
            for part in ["## Meaning", "## Cause", "## What to do"] {
                assert!(text.contains(part), "{code} lacks {part}");
            }
        }
    }

    #[test]
    fn a_tariff_s_problems_become_fields() {
        let (_, text) = crate::domain::DEMO.first().unwrap();
        let broken = text.replace("weight_step_g = 1\n", "weight_step_g = 0\n");
        assert_ne!(&broken, text);
        match Fault::from(Tariff::from_toml(&broken).unwrap_err()) {
            Fault::Reject { code, fields, .. } => {
                assert_eq!(code, Code::TariffLimits.as_str());
                assert_eq!(fields.first().unwrap().field, "toml.weight_step_g");
            }
            other => panic!("{other}"),
        }
        match Fault::from(Tariff::from_toml("id = ").unwrap_err()) {
            Fault::Reject { code, fields, .. } => {
                assert_eq!((code, fields.len()), (Code::TariffUnreadable.as_str(), 1));
                assert_eq!(fields.first().unwrap().field, "toml");
            }
            other => panic!("{other}"),
        }
    }
}
