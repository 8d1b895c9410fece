//! How often to ask each carrier, from data: how much the news of a class of events matters, how
//! late it may be, how many parcels travel, and what the carrier bears.
//!
//! Where all that is more than the carrier bears, what matters least is asked for less.

use std::collections::BTreeMap;

use colibri_carriers::Quota;
use serde::Deserialize;

use super::{budget::Share, schedule::Pace};

/// Seconds of a day: nothing that is followed is asked for less often.
const DAY_S: u32 = 86_400;
/// Shortest interval, seconds.
const SHORTEST_S: u32 = 60;

/// What news are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as the intervals of section `[tracking.poll]`")]
pub enum Class {
    Created,
    Moving,
    Delayed,
    OutForDelivery,
    PickupPoint,
    Exception,
    Ended,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Moving,
        Self::Delayed,
        Self::OutForDelivery,
        Self::PickupPoint,
        Self::Exception,
        Self::Ended,
    ];

    const fn interval(self, pace: &mut Pace) -> &mut u32 {
        match self {
            Self::Created => &mut pace.created_s,
            Self::Moving => &mut pace.moving_s,
            Self::Delayed => &mut pace.delayed_s,
            Self::OutForDelivery => &mut pace.out_for_delivery_s,
            Self::PickupPoint => &mut pace.pickup_point_s,
            Self::Exception => &mut pace.exception_s,
            Self::Ended => &mut pace.ended_s,
        }
    }
}

/// How much it matters that news come in time. Declared by rank: the least is stretched first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// Nobody waits for it.
    Low,
    /// Somebody works with it the same day.
    Normal,
    /// People stand at the door.
    High,
}

/// A row about a class of events: section `[tracking.watch.classes]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// How much it matters.
    pub criticality: Criticality,
    /// Per cent of the parcels that are followed.
    pub percent: u32,
}

/// What is known of one carrier: section `[tracking.watch.carriers.<id>]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarrierRow {
    /// Parcels of one account that are followed at a time; absent: few enough.
    pub volume: Option<u32>,
    /// Wanted mean age of news, seconds, by class; absent: half the interval of `[tracking.poll]`.
    pub latency_s: BTreeMap<Class, u32>,
    /// Per cent of what the carrier bears; absent: as for every carrier.
    pub budget_percent: Option<u32>,
    /// Questions about parcels a day, where the contract raised the carrier's quota.
    pub calls_a_day: Option<u32>,
}

/// The table: section `[tracking.watch]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Watch {
    pub budget_percent: u32,
    pub classes: BTreeMap<Class, Row>,
    pub carriers: BTreeMap<String, CarrierRow>,
}

impl Watch {
    /// A carrier's quota of a day as this account's contract has it.
    #[must_use]
    pub fn quota(&self, carrier: &str, published: Quota) -> Quota {
        let raised = self.carriers.get(carrier).and_then(|row| row.calls_a_day);
        match raised.filter(|_| published.seconds == DAY_S) {
            Some(calls) => Quota { calls, ..published },
            None => published,
        }
    }

    /// The first rule between values that is broken.
    #[must_use]
    pub fn broken(&self) -> Option<&'static str> {
        let carriers = self.carriers.values();
        let percents = carriers.filter_map(|row| row.budget_percent).chain([self.budget_percent]);
        let sum: u32 = self.classes.values().map(|row| row.percent).sum();
        let rules = [
            (percents.into_iter().all(|p| (1..=90).contains(&p)), "budget_percent is 1 to 90"),
            (Class::ALL.iter().all(|c| self.classes.contains_key(c)), "watch.classes has all"),
            (sum == 100, "the per cents of watch.classes make 100"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }
}

/// What a connector can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ability {
    /// Id.
    pub carrier: &'static str,
    /// What one account may call in a second.
    pub calls_per_second: u16,
    /// Numbers in one question; 0: it answers none.
    pub batch_max: usize,
}

/// Intervals and budgets by carrier.
#[derive(Debug, Clone)]
pub struct Plan {
    any: Pace,
    carriers: BTreeMap<&'static str, (Pace, Ability, Share)>,
}

impl Plan {
    /// From the tables and what connectors can do.
    #[must_use]
    pub fn new(pace: Pace, watch: &Watch, abilities: impl IntoIterator<Item = Ability>) -> Self {
        let none = CarrierRow::default();
        let of = |ability: Ability| {
            let row = watch.carriers.get(ability.carrier).unwrap_or(&none);
            let percent = row.budget_percent.unwrap_or(watch.budget_percent);
            let calls_per_second = ability.calls_per_second;
            let share = Share { calls_per_second, percent, quota: None };
            (ability.carrier, (derive(pace, watch, row, ability, share), ability, share))
        };
        Self { any: pace, carriers: abilities.into_iter().map(of).collect() }
    }

    /// Intervals for parcels of this carrier.
    #[must_use]
    pub fn of(&self, carrier: &str) -> &Pace {
        self.carriers.get(carrier).map_or(&self.any, |(pace, _, _)| pace)
    }

    /// What asking an account of this carrier may take.
    #[must_use]
    pub fn share(&self, carrier: &str) -> Share {
        let polite = Share { calls_per_second: 1, percent: 50, quota: None };
        self.carriers.get(carrier).map_or(polite, |(_, _, share)| *share)
    }

    /// Parcels that each carrier's accounts can be asked for within so many seconds.
    pub fn rooms(&self, seconds: u64) -> impl Iterator<Item = (&'static str, u64)> {
        self.carriers.values().map(move |(_, ability, share)| {
            let every = u64::try_from(share.every().whole_microseconds()).unwrap_or(u64::MAX);
            let calls = seconds.saturating_mul(1_000_000) / every.max(1);
            let batch = u64::try_from(ability.batch_max.max(1)).unwrap_or(1);
            (ability.carrier, calls.saturating_mul(batch).max(1))
        })
    }
}

/// Questions a day for a thousand parcels of this class, times a hundred.
fn demand(percent: u32, interval_s: u32) -> u64 {
    u64::from(percent) * u64::from(DAY_S) * 1_000 / u64::from(interval_s.max(1))
}

fn derive(mut pace: Pace, watch: &Watch, row: &CarrierRow, ability: Ability, share: Share) -> Pace {
    for (class, latency) in &row.latency_s {
        // News are on the average half an interval old when they are asked for.
        *class.interval(&mut pace) = latency.saturating_mul(2).clamp(SHORTEST_S, DAY_S);
    }
    let Some(volume) = row.volume.filter(|volume| *volume > 0) else {
        return pace;
    };
    let calls_a_day = u64::from(DAY_S) * 1_000_000
        / u64::try_from(share.every().whole_microseconds()).unwrap_or(u64::MAX).max(1);
    let questions =
        calls_a_day.saturating_mul(u64::try_from(ability.batch_max.max(1)).unwrap_or(1));
    // In the unit of `demand`.
    let bearable = questions.saturating_mul(100_000) / u64::from(volume);
    for rank in [Criticality::Low, Criticality::Normal, Criticality::High] {
        let (mut here, mut others) = (0, 0);
        for (class, row) in &watch.classes {
            let asked = demand(row.percent, *class.interval(&mut pace));
            *(if row.criticality == rank { &mut here } else { &mut others }) += asked;
        }
        if here + others <= bearable {
            break;
        }
        let left = bearable.saturating_sub(others).max(1);
        for (class, _) in watch.classes.iter().filter(|(_, row)| row.criticality == rank) {
            let interval = class.interval(&mut pace);
            let stretched = u64::from(*interval).saturating_mul(here).div_ceil(left);
            *interval = u32::try_from(stretched).unwrap_or(DAY_S).min(DAY_S.max(*interval));
        }
    }
    pace
}

#[cfg(test)]
mod tests;
