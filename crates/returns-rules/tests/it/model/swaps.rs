//! Exchanges on the walks: random words for them, and a book of what left and what was collected.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    case::{Action, Case, Change, Scope},
    exchange::{Difference, Event, Exchange, Mode},
    money::{Bucket, Outcome},
};
use rand::{Rng, rngs::StdRng};
use time::{Duration, OffsetDateTime};

use super::{check::law, words};

const MODES: [Mode; 4] =
    [Mode::AfterInspection, Mode::AfterReceipt, Mode::AfterScan, Mode::Advance];

/// What may happen to an exchange.
pub fn any(rng: &mut StdRng, case: &Case, now: OffsetDateTime) -> Action {
    let number = rng.random_range(1..4);
    let known = case.exchanges().get(&number);
    match rng.random_range(0..20) {
        0..6 => {
            let line = words::any(rng, &[1, 1, 2]);
            let units = rng.random_range(0..3);
            let worth = case.lines().get(&line).map_or(0, |line| line.ledger().value_of(units));
            let price = match rng.random_range(0..4) {
                0 => worth,
                1 => worth / 2,
                2 => worth + 700,
                _ => rng.random_range(0..20_000),
            };
            Action::Exchange { number, line, units, price, mode: words::any(rng, &MODES) }
        }
        6..16 => {
            let until = now + Duration::hours(rng.random_range(1..100));
            let covered = rng.random_bool(0.7);
            let all = [
                Event::Reserved(until),
                Event::Reserved(until),
                Event::Confirmed,
                Event::Confirmed,
                Event::SentInAdvance { covered },
                Event::Fulfilled,
                Event::Fulfilled,
                Event::Converted,
                Event::Overdue,
            ];
            Action::ExchangeStep { number, event: words::any(rng, &all) }
        }
        _ => {
            let exact = known.map_or(0, |link| link.above());
            let amount = if rng.random_bool(0.9) { exact } else { exact + 1 };
            let all =
                [Difference::Paid, Difference::Paid, Difference::Waived, Difference::Returned];
            Action::Difference { number, amount, is: words::any(rng, &all) }
        }
    }
}

/// What a diligent person does with exchanges that are open.
pub fn finish(case: &Case) -> Vec<Action> {
    let mut all = Vec::new();
    for (number, link) in case.exchanges() {
        let number = *number;
        if link.lives() && !link.is_sent() {
            all.push(Action::ExchangeStep { number, event: Event::Converted });
        }
        if link.is_sent() {
            all.push(Action::ExchangeStep { number, event: Event::Fulfilled });
        }
        let (amount, is) = (link.above(), Difference::Returned);
        all.push(Action::Difference { number, amount, is });
    }
    all
}

#[derive(Debug)]
struct Swap {
    line: u16,
    units: u32,
    value: i64,
    price: i64,
    sent: bool,
    given_up: bool,
    waived: bool,
    collected: i64,
    spent: i64,
}

/// What was taken of exchanges.
#[derive(Debug, Default)]
pub struct Swaps(BTreeMap<u32, Swap>);

impl Swaps {
    /// Notes a command that was taken for the first time.
    pub fn note(&mut self, action: &Action, changes: &[Change]) {
        match *action {
            Action::Exchange { number, line, units, price, .. } => {
                let value = changes.iter().find_map(|change| match change {
                    Change::Exchanged { link, .. } => Some(link.value),
                    _ => None,
                });
                let swap = Swap {
                    line,
                    units,
                    value: value.unwrap_or_default(),
                    price,
                    sent: false,
                    given_up: false,
                    waived: false,
                    collected: 0,
                    spent: 0,
                };
                self.0.insert(number, swap);
            }
            Action::ExchangeStep { number, event } => {
                let Some(swap) = self.0.get_mut(&number) else { return };
                let leaves = matches!(event, Event::SentInAdvance { .. } | Event::Fulfilled);
                if leaves && !swap.sent && !swap.given_up {
                    swap.sent = true;
                    swap.spent = swap.price.min(swap.value);
                }
                swap.given_up |= event == Event::Converted && !swap.sent;
            }
            Action::Difference { number, amount, is } => {
                let Some(swap) = self.0.get_mut(&number) else { return };
                let told = changes.len() > 1;
                match is {
                    Difference::Paid if told => swap.collected += amount,
                    Difference::Returned if told => swap.collected -= amount,
                    Difference::Waived => swap.waived = true,
                    _ => {}
                }
            }
            // Paid by somebody else: what has not left does not leave.
            Action::Elsewhere { .. } => {
                for change in changes {
                    let Change::Exchanged { number, link } = change else { continue };
                    if let Some(swap) = self.0.get_mut(number) {
                        swap.given_up |= link.state == Exchange::ConvertedToRefund && !swap.sent;
                    }
                }
            }
            _ => {}
        }
    }

    /// Value that replacements of a line took.
    pub fn spent(&self, scope: Scope) -> i64 {
        let of = self.0.values().filter(|swap| scope == Scope::Line(swap.line));
        of.map(|swap| swap.spent).sum()
    }

    /// The laws of exchanges.
    pub fn check(&self, case: &Case) -> Result<(), String> {
        for (number, line) in case.lines() {
            let mine = || self.0.values().filter(move |swap| swap.line == *number);
            let lives: u32 = mine().filter(|swap| !swap.given_up).map(|swap| swap.units).sum();
            let funded = line.ledger().funded(Outcome::Exchange);
            law(lives <= funded, "a unit is in one exchange, and is not paid back as well")?;
            let spent = line.ledger().total(Bucket::Spent);
            law(spent == self.spent(Scope::Line(*number)), "spent is what replacements cost")?;
            if let Some(facts) = case.order().and_then(|order| order.lines.get(number)) {
                let worth = |units: u32| facts.paid * i64::from(units) / i64::from(facts.shipped);
                let near =
                    |swap: &Swap| (swap.value - worth(swap.units)).abs() <= i64::from(swap.units);
                law(mine().all(near), "units are worth what was paid for them")?;
            }
        }
        for (number, swap) in &self.0 {
            let link = case.exchanges().get(number).ok_or("an exchange is gone")?;
            law(link.is_sent() == swap.sent, "sent is what was sent")?;
            let above = (swap.price - swap.value).max(0);
            let even = swap.collected == above || (swap.waived && swap.collected == 0);
            law(!swap.sent || even, "what left was paid for, to the cent")?;
            let owed = link.difference == Difference::Owed;
            let kept = swap.collected != 0 && swap.given_up;
            law(owed == kept, "what was collected for nothing is owed")?;
            let done = matches!(link.state, Exchange::Completed | Exchange::ConvertedToRefund);
            law(!case.is_closed() || (done && !owed), "closed: every exchange is at its end")?;
        }
        Ok(())
    }
}
