//! One random walk: a case, its workers, the provider, and everything that goes wrong.

mod evening;
mod nobodys;

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Change, Command, Order, Scope, apply, decide},
    money::{Instruction, State},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use time::{Duration, OffsetDateTime};

use super::{
    check::{Book, account, law, once, paid_for, scope},
    faults::{Fault, ruled},
    figures::Figures,
    finish,
    lost::Lost,
    sim::{Answer, Provider, Word},
    tally::Tally,
    words,
};

/// Steps of one case, long enough for several parcels and refunds.
const STEPS_OF_A_CASE: u64 = 120;

struct Walk<'a> {
    case: Case,
    order: Order,
    book: Book,
    provider: Provider,
    rng: StdRng,
    now: OffsetDateTime,
    fault: Option<Fault>,
    next_key: u128,
    past: Vec<Command>,
    late: Vec<Command>,
    lost: Lost,
    figures: Figures,
    tally: &'a mut Tally,
}

/// Walks until a law is broken or the steps are done.
pub fn campaign(
    seed: u64,
    steps: u64,
    fault: Option<Fault>,
    tally: &mut Tally,
) -> Option<(u64, String)> {
    let mut number = seed << 32;
    while tally.steps < steps {
        tally.cases += 1;
        number += 1;
        let mut walk = Walk::new(number, fault, tally);
        if let Err(broken) = walk.run() {
            return Some((walk.tally.steps, format!("{broken} (case {number})")));
        }
    }
    None
}

impl<'a> Walk<'a> {
    fn new(seed: u64, fault: Option<Fault>, tally: &'a mut Tally) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let order = words::order(&mut rng);
        let orphan = rng.random_bool(0.15);
        let known = (!orphan).then(|| order.clone());
        let case = Case::new(words::terms(&mut rng, now), known);
        Self {
            case,
            order,
            book: Book::default(),
            provider: Provider::default(),
            rng,
            now,
            fault,
            next_key: 0,
            past: Vec::new(),
            late: Vec::new(),
            lost: Lost::default(),
            figures: Figures::default(),
            tally,
        }
    }

    fn run(&mut self) -> Result<(), String> {
        let diligent = self.rng.random_range(STEPS_OF_A_CASE / 4..STEPS_OF_A_CASE * 2);
        for step in 0..STEPS_OF_A_CASE {
            if step == diligent {
                self.finish()?;
            }
            self.tally.steps += 1;
            self.step()?;
            self.book.check(&self.case, &self.provider, self.now)?;
            self.lost.check()?;
        }
        self.check_figures()?;
        let (found, adopted) = self.lost.tally();
        self.tally.found += found;
        self.tally.adopted += adopted;
        self.settle_all()?;
        self.book.check(&self.case, &self.provider, self.now)?;
        Book::balance(&self.case, &self.provider)
    }

    fn step(&mut self) -> Result<(), String> {
        match self.rng.random_range(0..100) {
            0..3 => self.lost(),
            3..40 => self.new_command(Self::goods),
            40..65 => self.new_command(Self::money),
            65..68 => self.new_command(|walk| words::whole(&mut walk.rng, &walk.order)),
            68..75 => self.again(),
            75..79 => self.late_one(),
            79..89 => self.work(),
            89..93 => self.hear(),
            93..96 => self.ask(),
            96..98 => {
                self.provider.tick(&mut self.rng);
                Ok(())
            }
            _ => {
                let hours = self.rng.random_range(1..100);
                self.now += Duration::hours(hours);
                Ok(())
            }
        }
    }

    fn command(&mut self, by: Actor, action: Action) -> Command {
        self.next_key += 1;
        Command { key: self.next_key, at: self.now, by, action }
    }

    fn goods(&mut self) -> Action {
        words::goods(&mut self.rng, &self.case)
    }

    fn money(&mut self) -> Action {
        words::money(&mut self.rng, &self.case, self.now)
    }

    /// Often looks for something that leads on, else takes whatever comes.
    fn new_command(&mut self, next: impl Fn(&mut Self) -> Action) -> Result<(), String> {
        let tries = if self.rng.random_bool(0.75) { 12 } else { 1 };
        let mut command = self.command(Actor::Policy, Action::Agree);
        for _ in 0..tries {
            command.action = next(self);
            command.by = words::actor(&mut self.rng);
            if decide(&self.case, &command).is_ok_and(|changes| changes.len() > 1) {
                break;
            }
        }
        if self.rng.random_bool(0.05) {
            self.late.push(command);
            return Ok(());
        }
        self.take(command).map(|_| ())
    }

    /// The same command again, or the same fact under a new key, or a key for something else.
    fn again(&mut self) -> Result<(), String> {
        if self.past.is_empty() {
            return Ok(());
        }
        let at = self.rng.random_range(0..self.past.len());
        let mut command = self.past[at].clone();
        match self.rng.random_range(0..4) {
            0 => {
                command = self.command(command.by, command.action);
                self.take(command).map(|_| ())
            }
            1 => {
                command.action = Action::Agree;
                self.take(command).map(|_| ())
            }
            _ => {
                self.tally.repeated += 1;
                self.take(command).map(|_| ())
            }
        }
    }

    fn late_one(&mut self) -> Result<(), String> {
        if self.late.is_empty() {
            return Ok(());
        }
        let at = self.rng.random_range(0..self.late.len());
        let command = self.late.swap_remove(at);
        self.take(command).map(|_| ())
    }

    /// Decides and commits, as one transaction; sometimes the process dies before it.
    fn take(&mut self, command: Command) -> Result<bool, String> {
        let fresh = u128::MAX - u128::from(self.tally.steps) * 64 - self.next_key;
        let decided = ruled(self.fault, &self.case, &command, fresh);
        let changes = match decided {
            Ok(changes) => changes,
            Err(Refusal::Inconsistent) => return Err(format!("inconsistent: {command:?}")),
            Err(refusal) => {
                *self.tally.refused.entry(refusal).or_default() += 1;
                return Ok(false);
            }
        };
        if self.rng.random_bool(0.01) {
            self.tally.crashes += 1;
            return Ok(false);
        }
        let new = !self.past.iter().any(|past| past.key == command.key);
        law(new || self.fault.is_some() || changes.is_empty(), "once taken, nothing follows")?;
        let before = self.case.clone();
        for change in &changes {
            self.tally.closed += u64::from(*change == Change::Closed);
            self.tally.reopened += u64::from(*change == Change::Reopened);
            apply(&mut self.case, change).map_err(|broken| format!("{broken}: {change:?}"))?;
        }
        self.figures.note((&before, &self.case), command.at, &changes)?;
        if !changes.is_empty() {
            once(&before, &self.case, &command.action)?;
        }
        if new {
            self.tally.taken += 1;
            self.note(&command, &changes);
            self.past.push(command);
        }
        Ok(true)
    }

    fn note(&mut self, command: &Command, changes: &[Change]) {
        let orphan = changes.iter().any(|change| matches!(change, Change::Advised { .. }));
        if let (Action::Receive { line, units, .. }, true) = (&command.action, orphan) {
            self.book.announce(*line, *units, command.at);
        }
        self.book.note(command.at, &command.action);
        self.book.swaps.note(&command.action, changes);
    }

    fn dies(&mut self) -> bool {
        let dies = self.rng.random_bool(0.12);
        self.tally.crashes += u64::from(dies);
        dies
    }

    fn instruction(&self, scope: Scope, number: u32) -> Option<Instruction> {
        self.case.ledger(scope)?.instructions().get(&number).copied()
    }

    fn open(&self) -> Vec<(Scope, u32)> {
        let mut all = Vec::new();
        for (scope, ledger) in self.case.ledgers() {
            let open = ledger.instructions().iter().filter(|(_, known)| known.state.is_open());
            all.extend(open.map(|(number, _)| (scope, *number)));
        }
        all
    }

    /// A worker takes an instruction; or finds one that a dead worker had taken.
    fn work(&mut self) -> Result<(), String> {
        if self.fault == Some(Fault::NoInstructionRow) {
            self.work_from_memory();
        }
        let open = self.open();
        if open.is_empty() {
            return Ok(());
        }
        let (scope, number) = open[self.rng.random_range(0..open.len())];
        let Some(known) = self.instruction(scope, number) else { return Ok(()) };
        let again = self.fault == Some(Fault::CalledAgain);
        if known.state == State::InDoubt && !again {
            return Ok(());
        }
        if known.sent && !again {
            let state = State::InDoubt;
            self.tally.in_doubt += 1;
            let doubt = self.command(Actor::Policy, Action::Observe { scope, number, state });
            return self.take(doubt).map(|_| ());
        }
        self.call(scope, number, known.amount)
    }

    fn call(&mut self, scope: Scope, number: u32, amount: i64) -> Result<(), String> {
        let send = self.command(Actor::Policy, Action::Send { scope, number });
        let sent = self.take(send)?;
        let again = self.fault == Some(Fault::CalledAgain);
        if self.dies() || (!sent && !again) {
            return Ok(());
        }
        let gone = self.provider.net(account(scope));
        let others = self.book.elsewhere.get(&scope).copied().unwrap_or_default();
        let spent = self.book.swaps.spent(scope);
        let paid = paid_for(&self.case, scope);
        law(gone + others + spent + amount <= paid, "nothing is called above what is left")?;
        self.tally.calls += 1;
        let answer = self.provider.pay(&mut self.rng, (account(scope), number), amount);
        if self.dies() {
            return Ok(());
        }
        let state = match answer {
            Answer::Paid => State::Refunded,
            Answer::Refused => State::Refused,
            Answer::Nothing => State::InDoubt,
        };
        self.tally.in_doubt += u64::from(state == State::InDoubt);
        let by = if state == State::InDoubt { Actor::Policy } else { Actor::Provider };
        let answer = self.command(by, Action::Observe { scope, number, state });
        self.take(answer).map(|_| ())
    }

    /// The spoiled worker that calls from memory.
    fn work_from_memory(&mut self) {
        let asked = self.past.iter().rev().find_map(|past| match past.action {
            Action::Trigger { scope, number, amount, .. } => Some((scope, number, amount)),
            _ => None,
        });
        if let Some((scope, number, amount)) = asked {
            self.provider.pay(&mut self.rng, (account(scope), number), amount);
        }
    }

    fn observe(&mut self, by: Actor, reference: (u32, u32), word: Word) -> Result<(), String> {
        let state = match word {
            Word::Paid => State::Refunded,
            Word::Refused => State::Refused,
            Word::TakenBack => State::Reversed,
        };
        self.tally.reversals += u64::from(state == State::Reversed);
        let (scope, number) = (scope(reference.0), reference.1);
        let said = self.command(by, Action::Observe { scope, number, state });
        self.take(said).map(|_| ())
    }

    /// The provider says something by itself.
    fn hear(&mut self) -> Result<(), String> {
        match self.provider.word(&mut self.rng) {
            Some((reference, word)) => self.observe(Actor::Provider, reference, word),
            None => Ok(()),
        }
    }

    /// The resolver asks; sometimes it gets no answer either.
    fn ask(&mut self) -> Result<(), String> {
        let open = self.open();
        if open.is_empty() || self.rng.random_bool(0.3) {
            return Ok(());
        }
        let (scope, number) = open[self.rng.random_range(0..open.len())];
        let reference = (account(scope), number);
        match self.provider.query(reference) {
            Some(word) => self.observe(Actor::Provider, reference, word),
            None => Ok(()),
        }
    }

    /// A diligent person brings the case to its end; what comes after that reopens it.
    fn finish(&mut self) -> Result<(), String> {
        self.now = self.now.max(self.case.terms().expires_at + Duration::hours(1));
        for _ in 0..5 {
            self.settle_all()?;
            for action in finish::next(&self.case, &self.order, self.now) {
                let command = self.command(Actor::Person(5), action);
                self.take(command)?;
                self.book.check(&self.case, &self.provider, self.now)?;
            }
        }
        Ok(())
    }
}
