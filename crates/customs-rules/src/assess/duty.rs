//! Duties: fixed ones, those of the rules, those of the tariff.

use std::collections::BTreeSet;

use colibri_types::Currency;
use rust_decimal::Decimal;

use super::{FigureKind, Run, result::Entry};
use crate::{
    consignment::{Dataset, Line, Scheme},
    place,
    rules::{Effect, Rule},
    tariff::{Base, Expression, Measure, MeasureKind, Quantities},
};

/// Source of the measures that come with the product to try things out.
const SAMPLE: &str = "sample";

impl<'a> Run<'a> {
    pub(super) fn duties(&mut self, relieved: bool) {
        if relieved {
            return;
        }
        let replaced = self.fixed_per_line();
        let lines: Vec<usize> = (0..self.parcel.lines.len()).collect();
        for at in lines {
            if !replaced.contains(&at) {
                self.line(at);
            }
            self.layers(at);
        }
        self.deductions();
    }

    /// Rules of ad valorem duties that hold for a line.
    fn ad_valorem(&self, line: &Line, base: bool) -> Vec<&'a Rule> {
        let chapter = line.code.get(..2).and_then(|two| two.parse::<u8>().ok());
        let rules = self.rules.iter().copied().filter(|rule| {
            let kind = match &rule.effect {
                Effect::AdValorem { replaces_tariff, .. } => *replaces_tariff == base,
                _ => false,
            };
            let goods = rule.when.chapters.is_none_or(|(first, last)| {
                chapter.is_some_and(|chapter| (first..=last).contains(&chapter))
            });
            kind && goods && self.holds(rule, self.scheme).is_ok()
        });
        rules.collect()
    }

    /// A fixed duty for each line of the declaration; the lines it stands in for.
    fn fixed_per_line(&mut self) -> BTreeSet<usize> {
        let mut replaced = BTreeSet::new();
        for &rule in &self.rules.clone() {
            let Effect::DutyPerLine { amount, currency } = rule.effect else { continue };
            if let Err(reason) = self.holds(rule, self.scheme) {
                self.book.refused(rule, reason);
                continue;
            }
            let Some(each) = self.convert(amount, currency) else {
                self.book.missing(None, "currency", "no exchange rate for a fixed duty");
                continue;
            };
            self.book.used(rule, "a fixed duty for each line of the declaration");
            let mut seen: Vec<(String, String, Option<String>)> = Vec::new();
            for (at, line) in self.parcel.lines.iter().enumerate() {
                // In a full declaration outside the scheme a preference takes the tariff's rate.
                let full = self.parcel.dataset == Some(Dataset::H1);
                if line.preference && full && self.scheme != Some(Scheme::Ioss) {
                    continue;
                }
                replaced.insert(at);
                let key = self.declaration_key(line);
                if seen.contains(&key) {
                    continue;
                }
                seen.push(key);
                self.book.enter(Entry {
                    kind: FigureKind::Duty,
                    line: Some(line.no),
                    rule: rule.id.clone(),
                    words: format!("{amount} {currency} for the line of the declaration"),
                    heading: String::new(),
                    base: None,
                    amount: each,
                });
            }
        }
        replaced
    }

    /// Goods with the same key may stand on one line of the declaration.
    pub(super) fn declaration_key(&self, line: &Line) -> (String, String, Option<String>) {
        let digits = if self.parcel.dataset == Some(Dataset::H1) { 10 } else { 6 };
        let code = line.code.get(..digits).unwrap_or(&line.code).to_owned();
        let words = line.description.to_lowercase();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        (code, words, line.origin.map(|origin| origin.to_string()))
    }

    /// The base duty of a line, and what comes on top of it in the tariff.
    fn line(&mut self, at: usize) {
        let Some(line) = self.parcel.lines.get(at) else { return };
        if let Some(rule) = self.ad_valorem(line, true).first() {
            self.by_rate(at, rule);
            return;
        }
        if line.code.is_empty() {
            self.book.missing(Some(line.no), "code", "no tariff code");
            return;
        }
        let choice = self.rules.iter().find_map(|rule| match &rule.effect {
            Effect::ThreePercent { near, far } => Some((*rule, near.clone(), far.clone())),
            _ => None,
        });
        let entries = match choice {
            None => self.tariff_duties(at, self.profile.tariff),
            Some((rule, near, far)) => self.nearer(at, rule, &near, &far),
        };
        for entry in entries.unwrap_or_default() {
            self.book.enter(entry);
        }
    }

    /// Of two tariffs: the near one while the duties differ by no more than three per cent of the
    /// value, that limit rounded to the penny.
    fn nearer(&mut self, at: usize, rule: &Rule, near: &str, far: &str) -> Option<Vec<Entry>> {
        let value = self.values.lines.get(at)?.customs;
        let (near_duties, far_duties) =
            (self.tariff_duties(at, near)?, self.tariff_duties(at, far)?);
        let sum = |entries: &[Entry]| entries.iter().map(|e| e.amount).sum::<Decimal>();
        let limit = (value * Decimal::new(3, 2))
            .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        let close = (sum(&near_duties) - sum(&far_duties)).abs() <= limit;
        let taken = if close { near } else { far };
        self.book.used(rule, format!("the duties of the tariff {taken}"));
        Some(if close { near_duties } else { far_duties })
    }

    /// Duties of a line by a tariff; `None` when one cannot be computed, which is then said.
    fn tariff_duties(&mut self, at: usize, tariff: &str) -> Option<Vec<Entry>> {
        let (world, parcel) = (self.world, self.parcel);
        let line = parcel.lines.get(at)?;
        let origin = line.origin.as_ref().map(|origin| origin.as_str());
        if let Some(stated) = line.duty.as_deref().and_then(|text| Expression::parse(text).ok()) {
            let entry = self.measure(at, &Measure::stated(stated))?;
            return Some(vec![entry]);
        }
        let found = world.tariff.base(tariff, &line.code, origin, line.preference, parcel.date);
        let measure = match found {
            Base::One(measure) => measure,
            Base::Missing => {
                let reason = format!("no duty rate of the tariff {tariff} is loaded for the code");
                self.book.missing(Some(line.no), "code", reason);
                return None;
            }
            Base::Ambiguous => {
                let reason = "the rates below the code differ: more digits are needed";
                self.book.missing(Some(line.no), "code", reason);
                return None;
            }
        };
        let mut entries = vec![self.measure(at, measure)?];
        for measure in world.tariff.on_top(tariff, &line.code, origin, parcel.date) {
            // Under a preference for the origin a safeguard still counts; only a quota ends it, and
            // quotas are not claimed here.
            entries.push(self.measure(at, measure)?);
        }
        Some(entries)
    }

    fn measure(&mut self, at: usize, measure: &Measure) -> Option<Entry> {
        let (line, values) = (self.parcel.lines.get(at)?, self.values.lines.get(at)?);
        let quantities = Quantities {
            value: values.customs,
            net_kg: line.net_kg,
            items: Decimal::from(line.quantity),
            litres: line.litres,
        };
        let convert = |amount: Decimal, currency: Currency| {
            self.rate(currency).and_then(|used| amount.checked_mul(used.rate))
        };
        let kind = match measure.kind {
            MeasureKind::Excise => FigureKind::Excise,
            _ => FigureKind::Duty,
        };
        let due = measure.expression.evaluate(&quantities, &convert);
        if measure.source == SAMPLE {
            self.book.doubt("tariff", "duty rates of the sample, not of the authority");
        }
        match due {
            Ok(amount) => Some(Entry {
                kind,
                line: Some(line.no),
                rule: measure.id.clone(),
                words: format!("{} {}", measure.kind.as_str(), measure.expression),
                heading: measure.heading.clone(),
                base: Some(values.customs),
                amount,
            }),
            Err(missing) => {
                let reason = missing.to_string();
                self.book.missing(Some(line.no), "duty", reason);
                None
            }
        }
    }

    /// A duty of a rule, by its rate for the origin.
    fn by_rate(&mut self, at: usize, rule: &Rule) {
        let Effect::AdValorem { rate, rates, heading, .. } = &rule.effect else { return };
        let (Some(line), Some(values)) = (self.parcel.lines.get(at), self.values.lines.get(at))
        else {
            return;
        };
        let rate = match (rate, rates.is_empty()) {
            (Some(rate), _) => Some(Some(*rate)),
            (None, true) => None,
            (None, false) => {
                let Some(origin) = line.origin.as_ref().map(|origin| origin.as_str()) else {
                    let reason = "the country of origin is needed";
                    self.book.missing(Some(line.no), "origin", reason);
                    return;
                };
                let group = if place::in_union(origin) { rates.get("EU") } else { None };
                rates.get(origin).or(group).copied()
            }
        };
        match rate {
            Some(Some(rate)) => {
                self.book.used(rule, "a duty by rate");
                self.book.enter(Entry {
                    kind: FigureKind::Duty,
                    line: Some(line.no),
                    rule: rule.id.clone(),
                    words: format!("{} %", (rate * Decimal::ONE_HUNDRED).normalize()),
                    heading: heading.clone(),
                    base: Some(values.customs),
                    amount: values.customs * rate,
                });
            }
            Some(None) => {
                let reason = format!("the rate of {} for this origin is not known", rule.id);
                self.book.missing(Some(line.no), "origin", reason);
            }
            None => self.book.refused(rule, "not for this origin".to_owned()),
        }
    }

    /// Duties of rules on top of the base.
    fn layers(&mut self, at: usize) {
        let Some(line) = self.parcel.lines.get(at) else { return };
        for rule in self.ad_valorem(line, false) {
            self.by_rate(at, rule);
        }
    }

    /// Deductions of base rules, once per parcel and never below zero.
    fn deductions(&mut self) {
        for &rule in &self.rules.clone() {
            let Effect::AdValorem { deduction: Some(amount), currency, .. } = &rule.effect else {
                continue;
            };
            if self.holds(rule, self.scheme).is_err() {
                continue;
            }
            let currency = currency.unwrap_or(self.profile.currency);
            let Some(amount) = self.convert(*amount, currency) else {
                self.book.missing(None, "currency", "no exchange rate for a deduction");
                continue;
            };
            let due = self.book.sum(FigureKind::Duty);
            self.book.enter(Entry {
                kind: FigureKind::Duty,
                line: None,
                rule: rule.id.clone(),
                words: "deduction".to_owned(),
                heading: String::new(),
                base: None,
                amount: -amount.min(due),
            });
        }
    }
}
