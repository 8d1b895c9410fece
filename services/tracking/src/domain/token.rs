//! A carrier's words and places as keyed tokens.
//!
//! The fold needs to know whether two wordings or two towns are the same, never what they are. A
//! token answers that within one parcel and nothing else: the parcel is part of it, so that a
//! copy of the database does not tell which parcels went to the same town.

use aws_lc_rs::{digest, hmac};
use colibri_carriers::{Location, Scan};
use uuid::Uuid;

/// What a scan's words and place were, before they are sealed. `Debug` prints neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// The carrier's own wording; empty when it gave none.
    pub text: String,
    /// The place as given; empty when it gave none.
    pub place: String,
}

impl Words {
    /// Nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.place.is_empty()
    }
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(..)")
    }
}

/// Bytes of a token that are kept: two of a parcel's few hundred texts collide never.
const KEPT: usize = 16;
/// Longest code taken as it is; carriers' codes are far shorter, free text is not.
const CODE_MAX: usize = 48;

/// Makes tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens(hmac::Key);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// With the service's key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The scan without words and place, and these.
    #[must_use]
    pub fn hide(&self, parcel: Uuid, scan: &Scan) -> (Scan, Words) {
        let place = &scan.location;
        let words = Words { text: scan.description.trim().to_owned(), place: given(place) };
        let token = |kind, text: &str| self.token(parcel, kind, &plain(text));
        let area = match (&place.postcode, &place.subdivision) {
            (None, None) => None,
            (code, part) => {
                let text = |part: &Option<String>| match part {
                    Some(text) => format!("+{}", plain(text)),
                    None => String::new(),
                };
                Some(self.token(parcel, "area", &format!("{}\n{}", text(code), text(part))))
            }
        };
        let description = match plain(&scan.description).as_str() {
            "" => String::new(),
            text => self.token(parcel, "words", text),
        };
        let hidden = Scan {
            code: self.code(parcel, &scan.code),
            description,
            location: Location {
                city: place.city.as_deref().map(|city| token("city", city)),
                postcode: area,
                subdivision: None,
                country: place.country,
            },
            ..scan.clone()
        };
        (hidden, words)
    }

    /// A code is kept raw; what cannot be one may be free text that names somebody.
    fn code(&self, parcel: Uuid, code: &str) -> String {
        let code = code.trim();
        let plain = code.len() <= CODE_MAX && code.bytes().all(|b| b.is_ascii_graphic());
        if plain { code.to_owned() } else { format!("?{}", self.token(parcel, "code", code)) }
    }

    /// Fingerprint of a webhook's raw body: a replay is known by it.
    #[must_use]
    pub fn body(&self, account: Uuid, body: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"webhook\n");
        context.update(account.as_bytes());
        context.update(body);
        context.sign().as_ref().to_vec()
    }

    fn token(&self, parcel: Uuid, kind: &str, text: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(kind.as_bytes());
        context.update(b"\n");
        context.update(parcel.as_bytes());
        context.update(text.as_bytes());
        hex(context.sign().as_ref().get(..KEPT).unwrap_or_default())
    }
}

/// The place as a person reads it, without the country, which is not sealed.
fn given(place: &Location) -> String {
    Location { country: None, ..place.clone() }.text().unwrap_or_default()
}

/// Lower case, single spaces: push and poll differ in such things only.
fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Identity of a fact within its parcel: code, words, minute and place of a hidden scan. What else
/// a scan tells (offset, seconds, list position) does not make it another fact.
#[must_use]
pub fn dedupe(hidden: &Scan) -> [u8; 32] {
    let minute = hidden.time.map(|time| {
        let local = time.local;
        let clock = local.time();
        let day = time.precision == colibri_types::Precision::Day;
        format!("{} {:02}:{:02} {day}", local.date(), clock.hour(), clock.minute())
    });
    let place = &hidden.location;
    let country = place.country.map(|country| country.to_string());
    let parts = [
        Some(&hidden.code),
        Some(&hidden.description),
        minute.as_ref(),
        country.as_ref(),
        place.city.as_ref(),
        place.postcode.as_ref(),
    ];
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        // Each part says whether it is there: absent and empty differ.
        context.update(if part.is_some() { b"\n+" } else { b"\n-" });
        context.update(part.map(String::as_bytes).unwrap_or_default());
    }
    let mut id = [0; 32];
    id.copy_from_slice(context.finish().as_ref());
    id
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |d| char::from(*d));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
