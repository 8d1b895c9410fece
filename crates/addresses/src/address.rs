//! The address as it is exchanged: plain optional text, no rule attached.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a parcel goes or comes from. Personal data except `country`: keep it in the vault.
///
/// `None` means "not given"; an empty text is turned into `None` by [`crate::check`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Person who receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Organisation, when the place is a business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Street, number, complement: in the order in which they are printed.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Town or post town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postcode in the country's own form once normalised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// State, province, county...: the part of ISO 3166-2 after the hyphen once normalised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// ISO 3166-1 alpha-2 once normalised.
    pub country: String,
    /// Free form; never changed beyond spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Free form; never changed beyond spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Address {
    /// The optional single-text fields with their public names, in the order of reports.
    pub(crate) fn texts(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("name", self.name.as_deref()),
            ("company", self.company.as_deref()),
            ("city", self.city.as_deref()),
            ("postcode", self.postcode.as_deref()),
            ("subdivision", self.subdivision.as_deref()),
            ("phone", self.phone.as_deref()),
            ("email", self.email.as_deref()),
        ]
    }
}

/// Prints the country (only when it is a known code) and which fields are present, no content.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An unresolved country may hold anything, a name in the wrong column for instance.
        let country = crate::country(&self.country).map_or("?", |c| c.alpha2.as_str());
        let present: Vec<&str> =
            self.texts().into_iter().filter(|(_, v)| v.is_some()).map(|(n, _)| n).collect();
        f.debug_struct("Address")
            .field("country", &country)
            .field("present", &present)
            .field("lines", &self.lines.len())
            .finish()
    }
}
