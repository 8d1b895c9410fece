//! What must hold, from a book of its own: it sees commands that were taken and asks the case for
//! its counters, and never uses the rules that decided.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    case::{Action, Case, Scope},
    goods::{Disposition, Extra, Grade, Place, Spot},
    money::{Bucket, Ledger, Outcome, State},
};
use time::{Duration, OffsetDateTime};

use super::{sim::Provider, swaps::Swaps};

/// What was taken, by line or by money.
#[derive(Debug, Default)]
pub struct Book {
    advised: BTreeMap<u16, i64>,
    bench: BTreeMap<u16, i64>,
    foreign: BTreeMap<u16, i64>,
    graded: BTreeMap<(u16, Grade), i64>,
    disposed: BTreeMap<(u16, Grade, Disposition), i64>,
    bookings: usize,
    pub swaps: Swaps,
    pub elsewhere: BTreeMap<Scope, i64>,
    informed: Option<OffsetDateTime>,
}

pub fn account(scope: Scope) -> u32 {
    match scope {
        Scope::Line(line) => u32::from(line),
        Scope::Delivery => 1_000_000,
    }
}

pub fn scope(account: u32) -> Scope {
    u16::try_from(account).map_or(Scope::Delivery, Scope::Line)
}

impl Book {
    /// Notes a command that was taken for the first time.
    pub fn note(&mut self, at: OffsetDateTime, action: &Action) {
        match *action {
            Action::Advise { line, units } => self.announce(line, units, at),
            Action::ReturnToSender { ref contents, .. } => {
                contents.iter().for_each(|(line, units)| self.announce(*line, *units, at));
            }
            Action::Receive { line, units, .. } => {
                *self.bench.entry(line).or_default() += i64::from(units);
            }
            Action::ReceiveForeign { line, units } => {
                *self.foreign.entry(line).or_default() += i64::from(units);
            }
            Action::Inspect { line, grade, units } => {
                *self.graded.entry((line, grade)).or_default() += i64::from(units);
            }
            Action::Dispose { line, grade, disposition, units, .. } => {
                let gone = self.disposed.entry((line, grade, disposition)).or_default();
                *gone += i64::from(units);
                let restock = [Disposition::Restock, Disposition::RestockOpenBox];
                self.bookings += usize::from(restock.contains(&disposition));
            }
            Action::Correct { line, from, to, units, .. } => self.correct(line, from, to, units),
            Action::Elsewhere { scope, amount } => {
                *self.elsewhere.entry(scope).or_default() += amount;
            }
            _ => {}
        }
    }

    /// An orphan is announced by whoever finds it.
    pub fn announce(&mut self, line: u16, units: u32, at: OffsetDateTime) {
        *self.advised.entry(line).or_default() += i64::from(units);
        self.informed = self.informed.or(Some(at));
    }

    fn correct(&mut self, line: u16, from: Spot, to: Place, units: u32) {
        let units = i64::from(units);
        if let Spot::Disposed(grade, disposition) = from {
            *self.disposed.entry((line, grade, disposition)).or_default() -= units;
        }
        if let (Spot::Graded(grade) | Spot::Disposed(grade, _), true) =
            (from, to != Place::Inspected)
        {
            *self.graded.entry((line, grade)).or_default() -= units;
        }
        let was = matches!(from.place(), Place::Received | Place::Inspected | Place::Disposed);
        if was && !matches!(to, Place::Received | Place::Inspected) {
            *self.bench.entry(line).or_default() -= units;
        }
    }

    /// Every law, after each step.
    pub fn check(
        &self,
        case: &Case,
        provider: &Provider,
        now: OffsetDateTime,
    ) -> Result<(), String> {
        self.goods(case)?;
        self.money(case, provider)?;
        self.swaps.check(case)?;
        if case.is_closed() {
            closed(case)?;
        }
        if case.is_orphan() {
            orphan(case, provider)?;
        }
        self.clock(case, now)
    }

    fn goods(&self, case: &Case) -> Result<(), String> {
        let count = |units: u32| i64::from(units);
        for (number, line) in case.lines() {
            let custody = line.custody();
            let of = |book: &BTreeMap<u16, i64>| book.get(number).copied().unwrap_or_default();
            let places: i64 = Place::ALL.iter().map(|place| count(custody.at(*place))).sum();
            let advised = count(custody.advised());
            law(places == advised, "units are in exactly one place")?;
            law(advised == of(&self.advised), "advised is what was announced")?;
            let bench = count(custody.received_so_far()) + count(custody.extra(Extra::Surplus));
            law(bench == of(&self.bench), "received is what was counted")?;
            let foreign = count(custody.extra(Extra::Foreign));
            law(foreign == of(&self.foreign), "foreign is what was counted as foreign")?;
            let mut all = 0;
            for grade in Grade::ALL {
                let known = self.graded.get(&(*number, grade)).copied().unwrap_or_default();
                law(count(custody.graded(grade)) == known, "graded is what was graded")?;
                all += known;
                for disposition in Disposition::ALL {
                    let key = (*number, grade, disposition);
                    let known = self.disposed.get(&key).copied().unwrap_or_default();
                    let there = count(custody.disposed_of(grade, disposition));
                    law(there == known, "disposed is what was disposed")?;
                }
            }
            let seen = custody.at(Place::Inspected) + custody.at(Place::Disposed);
            law(all == count(seen), "graded = inspected + disposed")?;
            if let Some(facts) = case.order().and_then(|order| order.lines.get(number)) {
                let most = facts.shipped - facts.elsewhere;
                law(custody.standing() <= most, "no more is announced than was shipped")?;
            }
        }
        law(case.stock().len() == self.bookings, "one booking for each restock")
    }

    fn money(&self, case: &Case, provider: &Provider) -> Result<(), String> {
        for reference in provider.references() {
            let ledger = case.ledger(scope(reference.0));
            let known = ledger.and_then(|ledger| ledger.instructions().get(&reference.1));
            let known = known.ok_or("money moved without an instruction")?;
            let (times, amount) = provider.paid(reference);
            law(times <= 1, "an instruction is paid at most once")?;
            law(amount == known.amount, "what is paid is what was instructed")?;
            law(known.sent, "what is paid was marked before")?;
            law(known.state != State::Refused, "what is refused is not paid")?;
        }
        let mut gone = 0;
        for (scope, ledger) in case.ledgers() {
            let paid = paid_for(case, scope);
            let spent = self.swaps.spent(scope);
            let out = provider.net(account(scope));
            law(out + spent <= paid, "not more goes out than was paid for it")?;
            let due = ledger.total(Bucket::Due);
            gone += (out + spent).max(granted(case, scope, ledger, spent + due)?);
            balance(case, scope, ledger)?;
            let outside = self.elsewhere.get(&scope).copied().unwrap_or_default();
            let seen = ledger.total(Bucket::Elsewhere) + ledger.excess();
            law(seen == outside, "what others paid is all counted")?;
            for (number, known) in ledger.instructions() {
                let (_, amount) = provider.paid((account(scope), *number));
                let settled = known.state == State::Refunded;
                law(!settled || amount == known.amount, "refunded is what the provider paid")?;
            }
        }
        if let Some(order) = case.order() {
            law(gone + order.paid_back <= order.paid, "refunds of an order are at most its price")?;
        }
        Ok(())
    }

    fn clock(&self, case: &Case, now: OffsetDateTime) -> Result<(), String> {
        let (Some(days), Some(informed)) = (case.terms().legal_days, self.informed) else {
            return Ok(());
        };
        if now < informed + Duration::days(i64::from(days)) || case.is_orphan() {
            return Ok(());
        }
        for line in case.lines().values() {
            let custody = line.custody();
            let here = custody.received_so_far();
            let ledger = line.ledger();
            let open = ledger.total(Bucket::Pending) + ledger.total(Bucket::Due);
            let owed = here > ledger.allocated() || (here == ledger.allocated() && open > 0);
            let told = case.refund_clock(now).and_then(|clock| clock.alert(now)).is_some();
            law(!owed || here == 0 || told, "the legal date is never crossed without an alert")?;
        }
        Ok(())
    }

    /// When nothing is open any more, both ledgers say the same.
    pub fn balance(case: &Case, provider: &Provider) -> Result<(), String> {
        for (scope, ledger) in case.ledgers() {
            let open = ledger.ordered(State::Triggered) + ledger.ordered(State::InDoubt);
            law(open == 0, "every instruction was settled")?;
            let ours = ledger.ordered(State::Refunded);
            law(ours == provider.net(account(scope)), "the balance closes against the provider")?;
        }
        Ok(())
    }
}

/// What others paid is taken from what we still owe, and only what is over is paid twice: by the
/// counters before and after, and nothing of how it was decided.
pub fn once(before: &Case, after: &Case, action: &Action) -> Result<(), String> {
    let Action::Elsewhere { scope, amount } = *action else { return Ok(()) };
    let (Some(old), Some(new)) = (before.ledger(scope), after.ledger(scope)) else {
        return Err("money was paid for what is not there".to_owned());
    };
    let open = [Bucket::Pending, Bucket::Due, Bucket::Reversed, Bucket::Denied];
    let lies: i64 = open.iter().map(|bucket| old.total(*bucket)).sum();
    let waits = old.instructions().values();
    let waits = waits.filter(|known| known.state == State::Triggered && !known.sent);
    let owed = lies + waits.map(|known| known.amount).sum::<i64>();
    let over = new.excess() - old.excess();
    law(over <= (amount - owed).max(0), "what others paid is not owed a second time")
}

pub fn law(holds: bool, law: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(law.to_owned()) }
}

/// Paid for what this return may pay back, from the order and nothing else.
pub fn paid_for(case: &Case, scope: Scope) -> i64 {
    let Some(order) = case.order() else { return 0 };
    match scope {
        Scope::Delivery => order.delivery,
        Scope::Line(line) => order.lines.get(&line).map_or(0, |facts| {
            let shipped = i64::from(facts.shipped);
            let (each, rest) = (facts.paid / shipped, facts.paid % shipped);
            let others = i64::from(facts.elsewhere);
            facts.paid - others * each - others.min(rest)
        }),
    }
}

/// What we have decided to pay, for units that may be paid.
fn granted(case: &Case, scope: Scope, ledger: &Ledger, decided: i64) -> Result<i64, String> {
    let held = [State::Triggered, State::InDoubt, State::Refunded];
    let all = decided + held.iter().map(|state| ledger.ordered(*state)).sum::<i64>();
    let units = match scope {
        Scope::Delivery => 1,
        Scope::Line(line) => {
            let custody = case.lines()[&line].custody();
            custody.standing() - custody.disposed(Disposition::ReturnedToBuyer)
        }
    };
    law(all <= ledger.value_of(units), "no more is granted than the units were paid with")?;
    Ok(all)
}

/// Units fund one outcome each, and their value lies somewhere, once.
fn balance(case: &Case, scope: Scope, ledger: &Ledger) -> Result<(), String> {
    let funded: u32 = Outcome::ALL.iter().map(|outcome| ledger.funded(*outcome)).sum();
    law(funded == ledger.allocated(), "one unit funds one outcome")?;
    if let Scope::Line(line) = scope {
        let standing = case.lines()[&line].custody().standing();
        law(funded <= standing, "only units that stand fund something")?;
    }
    let lies: i64 = Bucket::ALL.iter().map(|bucket| ledger.total(*bucket)).sum();
    let held = [State::Triggered, State::InDoubt, State::Refunded];
    let sum = lies + held.iter().map(|state| ledger.ordered(*state)).sum::<i64>();
    let most = ledger.value_of(funded);
    let cents = i64::from(funded);
    law(sum <= most && sum >= most - cents, "the value of the units lies somewhere, once")?;
    let negative = Outcome::ALL
        .iter()
        .any(|outcome| Bucket::ALL.iter().any(|bucket| ledger.in_bucket(*outcome, *bucket) < 0));
    law(!negative, "no amount is negative")
}

fn closed(case: &Case) -> Result<(), String> {
    for line in case.lines().values() {
        let ends = [Place::Disposed, Place::NotReturned, Place::Lost, Place::Cancelled];
        let there: u32 = ends.iter().map(|place| line.custody().at(*place)).sum();
        law(there == line.custody().advised(), "closed: every unit is at an end")?;
    }
    for (_, ledger) in case.ledgers() {
        let open = [Bucket::Pending, Bucket::Due, Bucket::Reversed];
        let amounts: i64 = open.iter().map(|bucket| ledger.total(*bucket)).sum();
        let calls = ledger.ordered(State::Triggered) + ledger.ordered(State::InDoubt);
        law(amounts + calls == 0, "closed: every amount is at an end")?;
    }
    Ok(())
}

fn orphan(case: &Case, provider: &Provider) -> Result<(), String> {
    let gone = case.lines().values().any(|line| line.custody().at(Place::Disposed) > 0);
    let money = case.ledgers().any(|(_, ledger)| ledger.allocated() > 0);
    let quiet = !gone && !money && case.stock().is_empty();
    law(quiet && provider.references().next().is_none(), "an orphan triggers nothing")
}
