//! Which zone a place belongs to.
//!
//! Owns precedence: the most precise claim wins, and two claims of equal precision on one place
//! by different zones are found when the tariff is checked, so the answer never depends on order.
//! Precision rises from the rest of the world over the country to longer beginnings of postcodes;
//! at equal length a range is finer than a prefix, and a prefix with a digit finer than without.

use std::collections::BTreeMap;

use colibri_types::Country;

use super::{
    code::Code,
    sheet::{Area, PostcodeRange},
    tariff::Problem,
};

/// Longest pattern: no country's postcode has more letters and digits.
const PATTERN_CHARS_MAX: usize = 10;

/// Places and what they stand for: a zone, a refusal, a surcharge.
#[derive(Debug, Clone, Default)]
pub(super) struct Index<T> {
    countries: BTreeMap<Country, Claims<T>>,
    rest: Option<T>,
}

#[derive(Debug, Clone)]
struct Claims<T> {
    whole: Option<T>,
    prefixes: BTreeMap<String, T>,
    digits: BTreeMap<String, T>,
    ranges: Vec<(PostcodeRange, T)>,
}

impl<T> Default for Claims<T> {
    fn default() -> Self {
        Self { whole: None, prefixes: BTreeMap::new(), digits: BTreeMap::new(), ranges: Vec::new() }
    }
}

/// What is known about a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a, T> {
    /// It belongs here.
    Here(&'a T),
    /// It depends on a postcode, which is missing.
    NeedsPostcode,
    /// Nothing claims it.
    Nowhere,
}

impl<T: PartialEq + Clone> Index<T> {
    /// Claims every country that nothing else claims. `false` when somebody else has.
    pub(super) fn claim_rest(&mut self, target: T) -> bool {
        match &self.rest {
            Some(other) => *other == target,
            None => {
                self.rest = Some(target);
                true
            }
        }
    }

    /// Claims a place; problems are added with their path.
    pub(super) fn claim(&mut self, area: &Area, target: &T, path: &str, out: &mut Vec<Problem>) {
        let claims = self.countries.entry(area.country).or_default();
        let country = area.country;
        let mut ambiguous = |what: &str| {
            let text = format!("{country} {what} is claimed twice with equal precision");
            out.push(Problem::new(Code::TariffAmbiguous, path, text));
        };
        if area.prefixes.is_empty() && area.ranges.is_empty() {
            match &claims.whole {
                Some(other) if other != target => ambiguous("as a whole"),
                _ => claims.whole = Some(target.clone()),
            }
        }
        let mut malformed = Vec::new();
        for prefix in &area.prefixes {
            let (text, table) = match prefix.strip_suffix('#') {
                Some(text) => (text, &mut claims.digits),
                None => (prefix.as_str(), &mut claims.prefixes),
            };
            if !well_formed(text) {
                malformed.push(format!("`{prefix}` is no beginning of a postcode"));
                continue;
            }
            let before = table.insert(text.to_owned(), target.clone());
            if before.is_some_and(|other| other != *target) {
                ambiguous(prefix);
            }
        }
        for range in &area.ranges {
            let fine = well_formed(&range.from)
                && well_formed(&range.to)
                && range.from.len() == range.to.len()
                && range.from <= range.to;
            if fine {
                claims.ranges.push((range.clone(), target.clone()));
            } else {
                malformed.push(format!(
                    "`{}` to `{}` is no rising range of equal lengths",
                    range.from, range.to
                ));
            }
        }
        for text in malformed {
            out.push(Problem::new(Code::TariffArea, path, text));
        }
    }

    /// Finds ranges of equal precision that overlap and stand for different things.
    pub(super) fn check_ranges(&self, path: &str, out: &mut Vec<Problem>) {
        for (country, claims) in &self.countries {
            let mut sorted: Vec<_> = claims.ranges.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| (a.score(), &a.from).cmp(&(b.score(), &b.from)));
            // Of the ranges passed, the one reaching furthest; enough, because two others that
            // overlap the next one would have overlapped each other.
            let mut furthest: Option<&(PostcodeRange, T)> = None;
            for next in sorted {
                let before = furthest.filter(|(range, _)| range.score() == next.0.score());
                let Some((range, target)) = before else {
                    furthest = Some(next);
                    continue;
                };
                let overlaps = next.0.from <= range.to || next.0.from.starts_with(&range.to);
                if overlaps && *target != next.1 {
                    let text = format!(
                        "{country} {} to {} and {} to {} overlap with equal precision",
                        range.from, range.to, next.0.from, next.0.to
                    );
                    out.push(Problem::new(Code::TariffAmbiguous, path, text));
                }
                if reach(&next.0.to) > reach(&range.to) {
                    furthest = Some(next);
                }
            }
        }
    }

    /// Where a place belongs. `postcode` holds upper-case letters and digits only.
    pub(super) fn find(&self, country: Country, postcode: Option<&str>) -> Found<'_, T> {
        let Some(claims) = self.countries.get(&country) else {
            return self.rest.as_ref().map_or(Found::Nowhere, Found::Here);
        };
        let depends =
            !claims.prefixes.is_empty() || !claims.digits.is_empty() || !claims.ranges.is_empty();
        let Some(postcode) = postcode else {
            let whole = claims.whole.as_ref().or(self.rest.as_ref());
            return match whole {
                _ if depends => Found::NeedsPostcode,
                Some(target) => Found::Here(target),
                None => Found::Nowhere,
            };
        };
        let best = claims.finest(postcode).or(claims.whole.as_ref());
        best.or(self.rest.as_ref()).map_or(Found::Nowhere, Found::Here)
    }
}

impl<T> Claims<T> {
    fn finest(&self, postcode: &str) -> Option<&T> {
        let mut best: Option<(usize, &T)> = None;
        let mut offer = |score: usize, target| {
            if best.is_none_or(|(other, _)| score > other) {
                best = Some((score, target));
            }
        };
        for length in 1..=postcode.len().min(PATTERN_CHARS_MAX) {
            let Some((start, rest)) = postcode.split_at_checked(length) else {
                continue;
            };
            if let Some(target) = self.prefixes.get(start) {
                offer(4 * length, target);
            }
            let digit = rest.starts_with(|c: char| c.is_ascii_digit());
            if let Some(target) = self.digits.get(start).filter(|_| digit) {
                offer(4 * length + 1, target);
            }
        }
        for (range, target) in &self.ranges {
            let start = postcode.get(..range.from.len());
            if start.is_some_and(|s| range.from.as_str() <= s && s <= range.to.as_str()) {
                offer(range.score(), target);
            }
        }
        best.map(|(_, target)| target)
    }
}

impl PostcodeRange {
    /// Precision: what both ends begin with, finer than a prefix of that length.
    fn score(&self) -> usize {
        let same = self.from.bytes().zip(self.to.bytes());
        4 * same.take_while(|(a, b)| a == b).count() + 2
    }
}

/// Sorts ends of ranges: a shorter end reaches further than a longer one that begins with it.
fn reach(to: &str) -> String {
    format!("{to}\u{7f}")
}

fn well_formed(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    !text.is_empty() && text.len() <= PATTERN_CHARS_MAX && text.bytes().all(plain)
}
