//! The two languages, and which one a visitor likes.

use http::{HeaderMap, header};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lang {
    /// French.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// As in addresses and in the attribute `lang`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of an address.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        [Self::Fr, Self::En].into_iter().find(|lang| lang.code() == code)
    }

    /// The one to switch to.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Fr => Self::En,
            Self::En => Self::Fr,
        }
    }

    /// What the browser says its person reads; English where it says neither.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
        let mut best = (0, Self::En);
        for range in ranges.take(32) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
            if let Some(lang) = Self::of_code(&primary).filter(|_| quality > best.0) {
                best = (quality, lang);
            }
        }
        best.1
    }
}

/// `0.8` as 800; what is no number counts as nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: u32 = format!("{fraction:0<3}").get(..3).unwrap_or("0").parse().unwrap_or(0);
    whole.parse::<u32>().unwrap_or(0).min(1) * 1000 + fraction.min(999)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_dearest_known_language_is_taken() {
        let cases = [
            ("fr", Lang::Fr),
            ("fr-CA,en;q=0.8", Lang::Fr),
            ("de,en;q=0.5,fr;q=0.7", Lang::Fr),
            ("en-GB, fr;q=0.9", Lang::En),
            ("fr;q=0", Lang::En),
            ("nl", Lang::En),
            (";;q=x,,", Lang::En),
        ];
        for (text, wanted) in cases {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, text.parse().unwrap())]);
            assert_eq!(Lang::accepted(&headers), wanted, "{text}");
        }
        assert_eq!(Lang::accepted(&HeaderMap::new()), Lang::En);
    }
}
