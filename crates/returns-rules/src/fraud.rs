//! Signals that something may be wrong, each with its evidence and its innocent causes.
//!
//! No signal, and no sum of signals, refuses or reduces a refund: the strongest answer there is, is
//! a person. Deliberately absent: identity. What needs it is computed where identity is kept, and
//! comes here as a code.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::policy::Trigger;

/// How much a signal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Often innocent.
    Weak,
    /// Worth a look.
    Medium,
    /// Seldom innocent.
    Strong,
}

/// The most that signals can do, in rising order. There is no refusal among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing.
    None,
    /// A photo is asked for.
    AskPhoto,
    /// Money after the goods were counted.
    AfterReceipt,
    /// Money after the goods were graded.
    AfterInspection,
    /// A person looks, with the evidence.
    Person,
}

impl Step {
    /// Where goods must be at the earliest. The legal clock runs all the same.
    #[must_use]
    pub fn trigger(self, policy: Trigger) -> Trigger {
        match self {
            Self::None | Self::AskPhoto => policy,
            Self::AfterReceipt => policy.max(Trigger::OnReceipt),
            Self::AfterInspection => policy.max(Trigger::OnInspection),
            Self::Person => Trigger::Manual,
        }
    }
}

/// What a code means, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// In one sentence.
    pub signal: String,
    /// What is shown.
    pub evidence: String,
    /// What else it may be.
    pub innocent: Vec<String>,
    /// How much it says.
    pub strength: Strength,
    /// The most it does by itself.
    pub step: Step,
    /// Days until it is forgotten.
    pub days: u16,
    /// It is about our own process, and never about a buyer.
    #[serde(default)]
    pub ours: bool,
}

static TABLE: LazyLock<BTreeMap<String, Meaning>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/signals.json")).unwrap_or_default()
});

/// All codes.
#[must_use]
pub fn all() -> &'static BTreeMap<String, Meaning> {
    &TABLE
}

/// A signal that was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// `F01` to `F16`.
    pub code: String,
    /// When.
    pub at: OffsetDateTime,
    /// What was measured, in the units its name says; never a person's data.
    pub evidence: BTreeMap<String, i64>,
    /// An error of ours, of a lane or of a depot explains it.
    pub explained: bool,
}

/// How often a signal was right, by persons' decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// Adverse decisions in which it played a part.
    pub adverse: u32,
    /// Of those, confirmed.
    pub confirmed: u32,
    /// Of those, overturned: false accusations.
    pub overturned: u32,
}

/// Cases after which a signal is judged.
const JUDGED_AFTER: u32 = 200;

impl Record {
    /// Right in at least half of the cases, or not judged yet.
    #[must_use]
    pub const fn keeps_effect(&self) -> bool {
        self.adverse < JUDGED_AFTER || self.confirmed * 2 >= self.adverse
    }

    /// False accusations in thousandths of adverse decisions.
    #[must_use]
    pub fn false_accusation(&self) -> Option<u64> {
        (self.adverse > 0).then(|| u64::from(self.overturned) * 1_000 / u64::from(self.adverse))
    }
}

/// What follows from signals, and which of them it follows from.
#[must_use]
pub fn step<'a>(
    signals: &'a [Signal],
    records: &BTreeMap<String, Record>,
    now: OffsetDateTime,
) -> (Step, Vec<&'a Signal>) {
    let counts = |signal: &&Signal| {
        let Some(meaning) = TABLE.get(&signal.code) else { return false };
        let record = records.get(&signal.code).copied().unwrap_or_default();
        let lasts = now - signal.at <= Duration::days(i64::from(meaning.days));
        lasts && !signal.explained && !meaning.ours && record.keeps_effect()
    };
    let live: Vec<&Signal> = signals.iter().filter(counts).collect();
    let steps = live.iter().filter_map(|signal| TABLE.get(&signal.code)).map(|known| known.step);
    let most = steps.max().unwrap_or(Step::None);
    // Two strong ones ask a person; they add up to nothing more than that.
    let strong = |signal: &&&Signal| {
        TABLE.get(&signal.code).is_some_and(|known| known.strength == Strength::Strong)
    };
    let most = if live.iter().filter(strong).count() >= 2 { Step::Person } else { most };
    (most, live)
}

fn raised<const N: usize>(code: &str, at: OffsetDateTime, seen: [(&str, i64); N]) -> Signal {
    let evidence = seen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Signal { code: code.to_owned(), at, evidence, explained: false }
}

/// Limits of the measured signals, as data of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Weight that may be missing, in grams.
    pub weight_grams: i64,
    /// Weight that may be missing, in hundredths of what was expected.
    pub weight_percent: i64,
    /// Days after which a claimed drop-off should have been seen.
    pub unseen_days: i64,
    /// Orders a buyer has before their share says anything.
    pub orders_min: i64,
    /// Value from which something without a return is worth a look, in minor units.
    #[serde(default = "orphan_minor")]
    pub orphan_minor: i64,
    /// Hours by which a scan may be stated before its return was asked for, or after it was told. A
    /// wrong time zone is never more than a day.
    #[serde(default = "clock_hours")]
    pub clock_hours: i64,
    /// Units that somebody, and all others, have graded before their shares are compared.
    #[serde(default = "graded_min")]
    pub graded_min: i64,
    /// Difference between the shares of low grades that is worth a look, in thousandths of units.
    #[serde(default = "drift_per_mille")]
    pub drift_per_mille: i64,
}

const fn clock_hours() -> i64 {
    24
}

const fn graded_min() -> i64 {
    50
}

const fn drift_per_mille() -> i64 {
    200
}

const fn orphan_minor() -> i64 {
    20_000
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            weight_grams: 100,
            weight_percent: 10,
            unseen_days: 5,
            orders_min: 10,
            orphan_minor: orphan_minor(),
            clock_hours: clock_hours(),
            graded_min: graded_min(),
            drift_per_mille: drift_per_mille(),
        }
    }
}

impl Limits {
    /// F01: far lighter than it should be. Both weights in grams.
    #[must_use]
    pub fn weight(&self, expected: i64, measured: i64, at: OffsetDateTime) -> Option<Signal> {
        let missing = expected - measured;
        let most = self.weight_grams.max(expected * self.weight_percent / 100);
        let seen = [("expected_grams", expected), ("measured_grams", measured)];
        (missing > most).then(|| raised("F01", at, seen))
    }

    /// F09: something of high value came without its return. In minor units.
    #[must_use]
    pub fn orphan(&self, value: i64, at: OffsetDateTime) -> Option<Signal> {
        let seen = [("value_minor", value), ("limit_minor", self.orphan_minor)];
        (value >= self.orphan_minor).then(|| raised("F09", at, seen))
    }

    /// F13: handed in, says the buyer; nobody has seen it since.
    #[must_use]
    pub fn unseen(
        &self,
        claimed: OffsetDateTime,
        receipt: bool,
        scanned: bool,
        now: OffsetDateTime,
    ) -> Option<Signal> {
        let days = (now - claimed).whole_days();
        let nothing = !receipt && !scanned && days >= self.unseen_days;
        nothing.then(|| raised("F13", now, [("days", days)]))
    }

    /// F14: a carrier states a scan long before the return was asked for, or in the future: `ahead`
    /// seconds after the moment at which it was told. Without a known offset it says nothing.
    #[must_use]
    pub fn clock(
        &self,
        asked: OffsetDateTime,
        stated: Option<OffsetDateTime>,
        ahead: Option<i64>,
        at: OffsetDateTime,
    ) -> Option<Signal> {
        let before = stated.map_or(0, |stated| (asked - stated).whole_hours());
        let ahead = ahead.map_or(0, |seconds| seconds / 3_600);
        let seen = [("hours_before_request", before.max(0)), ("hours_ahead", ahead.max(0))];
        (before > self.clock_hours || ahead > self.clock_hours).then(|| raised("F14", at, seen))
    }

    /// F16: somebody grades otherwise than all others: units and low ones of both. About our own
    /// work, so nothing of a buyer follows from it.
    #[must_use]
    pub const fn drifts(&self, own: (i64, i64), peers: (i64, i64)) -> bool {
        if own.0 < self.graded_min || peers.0 < self.graded_min || self.graded_min <= 0 {
            return false;
        }
        let difference = own.1 * 1_000 / own.0 - peers.1 * 1_000 / peers.0;
        difference.abs() > self.drift_per_mille
    }

    /// F11: a share of returns above what 99 of 100 peers have, in thousandths of units.
    #[must_use]
    pub fn share(
        &self,
        returned: i64,
        bought: i64,
        orders: i64,
        peers_p99: i64,
        at: OffsetDateTime,
    ) -> Option<Signal> {
        let enough = orders >= self.orders_min && bought > 0;
        let share = enough.then(|| returned * 1_000 / bought)?;
        let seen = [("share_per_mille", share), ("peers_p99_per_mille", peers_p99)];
        (share > peers_p99).then(|| raised("F11", at, seen))
    }
}

/// F04: use beyond trying, of units that come back unused by the buyer's word. What the merchant or
/// a carrier is said to have done wrong says nothing about use.
#[must_use]
pub fn worn(units: u32, used: bool, choice: bool, at: OffsetDateTime) -> Option<Signal> {
    (used && choice).then(|| raised("F04", at, [("units", i64::from(units))]))
}

/// F13: paid back before anything came, and nobody has seen it when the last day is over. In
/// minor units.
#[must_use]
pub fn unsent(exposure: i64, last_day: OffsetDateTime, now: OffsetDateTime) -> Option<Signal> {
    let days = (now - last_day).whole_days();
    let over = exposure > 0 && now > last_day;
    over.then(|| raised("F13", now, [("exposure_minor", exposure), ("days_over", days)]))
}

/// F03: another serial number than the one shipped. A missing one says nothing.
#[must_use]
pub fn serial(shipped: Option<&str>, found: Option<&str>, at: OffsetDateTime) -> Option<Signal> {
    let plain = |serial: &str| {
        let kept = serial.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_uppercase).collect::<String>()
    };
    let (shipped, found) = (plain(shipped?), plain(found?));
    (shipped != found).then(|| raised("F03", at, []))
}

/// F10: paid or asked back by more than one way.
#[must_use]
pub fn asked_twice(ways: i64, at: OffsetDateTime) -> Option<Signal> {
    (ways > 1).then(|| raised("F10", at, [("ways", ways)]))
}
