//! M3 to M6, M9, M10: instructions, what the payment side says of them, and what others pay.

use super::{
    Case,
    change::{Change, Proposal},
    command::{Action, Actor, Command, Flag, Scope},
    decide::{Answer, money_moves, ordered, person},
    exchange,
    money::{ledger, within},
};
use crate::{
    Refusal,
    money::{Bucket, Instruction, Ledger, Method, Outcome, State},
};

pub(super) fn decide(case: &Case, command: &Command) -> Answer {
    match command.action {
        Action::Trigger { scope, number, outcome, amount, method } => {
            let (state, sent) = (State::Triggered, false);
            trigger(case, scope, number, Instruction { amount, outcome, method, state, sent })
        }
        Action::Send { scope, number } => send(case, scope, number),
        Action::Observe { scope, number, state } => observe(case, command, scope, number, state),
        Action::Elsewhere { scope, amount } => elsewhere(case, scope, amount),
        _ => Err(Refusal::NoWay),
    }
}

fn trigger(case: &Case, scope: Scope, number: u32, new: Instruction) -> Answer {
    money_moves(case)?;
    let ledger = ledger(case, scope)?;
    if let Some(known) = ledger.instructions().get(&number) {
        let same =
            (known.amount, known.outcome, known.method) == (new.amount, new.outcome, new.method);
        return if same { Ok(Vec::new()) } else { Err(Refusal::UnknownInstruction) };
    }
    if new.amount <= 0 {
        return Err(Refusal::Nothing);
    }
    if (new.outcome == Outcome::Credit) != (new.method == Method::StoreCredit) {
        return Err(Refusal::WithdrawalRight);
    }
    if ledger.in_doubt() {
        return Err(Refusal::RefundInDoubt);
    }
    if ledger.in_bucket(new.outcome, Bucket::Due) < new.amount {
        return Err(Refusal::RefundExceedsApproved);
    }
    // Due money is granted already: the sum must still hold, whatever happened since.
    within(case, scope, 0)?;
    Ok(vec![Change::Triggered { scope, number, instruction: new }])
}

fn known(case: &Case, scope: Scope, number: u32) -> Result<Instruction, Refusal> {
    let known = ledger(case, scope)?.instructions().get(&number).copied();
    known.ok_or(Refusal::UnknownInstruction)
}

fn send(case: &Case, scope: Scope, number: u32) -> Answer {
    let known = known(case, scope, number)?;
    if known.state != State::Triggered || known.sent {
        return Err(Refusal::InstructionPast);
    }
    money_moves(case)?;
    within(case, scope, 0)?;
    Ok(vec![Change::Sent { scope, number }])
}

fn observe(case: &Case, command: &Command, scope: Scope, number: u32, state: State) -> Answer {
    use State::{InDoubt, Refunded, Refused, Reversed, Triggered};
    let known = known(case, scope, number)?;
    let answered = Change::Answered { scope, number, state };
    match (known.state, state) {
        (old, new) if old == new => Ok(Vec::new()),
        (Triggered, InDoubt) if known.sent => Ok(vec![answered]),
        (Triggered, Refused) if !known.sent => {
            // Never called, so it is ours to take back; and a person's, not a rule's.
            person(command)?;
            let mut changes = vec![answered];
            changes.extend(covered(case, scope, &known)?);
            Ok(changes)
        }
        (Triggered | InDoubt, Refused) => {
            answers(command)?;
            let covered = covered(case, scope, &known)?;
            let proposal = Proposal::OtherMethod(scope, number);
            let other = covered.is_empty().then_some(Change::Proposed { proposal });
            Ok([answered].into_iter().chain(other).chain(covered).collect())
        }
        (Triggered | InDoubt, Refunded) => {
            answers(command)?;
            let proposal = Proposal::CreditNote(scope, known.amount);
            Ok(vec![answered, Change::Proposed { proposal }])
        }
        // A reversal may overtake the confirmation it takes back.
        (Triggered | InDoubt | Refunded, Reversed) => {
            answers(command)?;
            let proposal = Proposal::Recover(scope, known.amount);
            Ok(vec![answered, Change::Proposed { proposal }])
        }
        // Said to be refused, and paid all the same: like a payment by somebody else.
        (Refused, Refunded) => {
            answers(command)?;
            let mut changes = vec![Change::Answered { scope, number, state: State::PaidLate }];
            changes.extend(elsewhere(case, scope, known.amount)?);
            Ok(changes)
        }
        // Late words about what is settled are no news.
        (Refunded | Refused | Reversed | State::PaidLate, _) => Ok(Vec::new()),
        _ => Err(Refusal::InstructionPast),
    }
}

/// It was not paid by us after all: what others have paid above what was owed was owed by it.
fn covered(case: &Case, scope: Scope, known: &Instruction) -> Answer {
    let amount = ledger(case, scope)?.excess().min(known.amount);
    if amount <= 0 {
        return Ok(Vec::new());
    }
    let (outcome, from, to) = (known.outcome, Bucket::Due, Bucket::Elsewhere);
    let shifted = Change::Shifted { scope, outcome, from, to, amount };
    Ok(vec![shifted, Change::Exceeded { scope, amount: -amount }])
}

/// Only an answer or a person settles an instruction; never an assumption.
const fn answers(command: &Command) -> Result<(), Refusal> {
    match command.by {
        Actor::Provider | Actor::Channel | Actor::Person(_) => Ok(()),
        _ => Err(Refusal::PersonRequired),
    }
}

/// Where an amount lies that a payment by somebody else may settle.
const OPEN: [Bucket; 4] = [Bucket::Pending, Bucket::Due, Bucket::Reversed, Bucket::Denied];

/// M9. Somebody else paid: it is taken from what we would have paid, and what is over is shown.
fn elsewhere(case: &Case, scope: Scope, amount: i64) -> Answer {
    if amount <= 0 {
        return Err(Refusal::Nothing);
    }
    ordered(case)?;
    let mut ledger = ledger(case, scope)?.clone();
    let mut changes = make_room(case, scope, &mut ledger, amount)?;
    let mut left = amount;
    // What is to be a replacement comes last.
    for outcome in [Outcome::Refund, Outcome::Credit, Outcome::Exchange] {
        for from in OPEN {
            let amount = left.min(ledger.in_bucket(outcome, from));
            if amount > 0 {
                let to = Bucket::Elsewhere;
                changes.push(Change::Shifted { scope, outcome, from, to, amount });
            }
            left -= amount;
        }
    }
    left -= fund_new(case, scope, &ledger, left, &mut changes);
    if left > 0 {
        changes.push(Change::Exceeded { scope, amount: left });
        changes.push(Change::Proposed { proposal: Proposal::Recover(scope, left) });
    }
    let open = ledger.instructions().values().any(|known| known.state.is_open());
    if (open || left > 0) && !case.flags.contains(&Flag::DoubleRefundRisk) {
        changes.push(Change::Flagged { flag: Flag::DoubleRefundRisk, on: true });
    }
    Ok(changes)
}

/// Where more was paid than lies ready: what was ordered and never called is taken back, and
/// replacements that have not left are given up. Nobody is paid, or sent something, for it as well.
fn make_room(case: &Case, scope: Scope, ledger: &mut Ledger, amount: i64) -> Answer {
    let ready = |ledger: &Ledger| {
        let outcomes = [Outcome::Refund, Outcome::Credit].into_iter();
        let all = outcomes.flat_map(|outcome| OPEN.map(|bucket| (outcome, bucket)));
        all.map(|(outcome, bucket)| ledger.in_bucket(outcome, bucket)).sum::<i64>()
    };
    let waits = |(number, known): (&u32, &Instruction)| {
        (known.state == State::Triggered && !known.sent).then_some(*number)
    };
    let waiting: Vec<u32> = ledger.instructions().iter().filter_map(waits).collect();
    let mut changes = Vec::new();
    for number in waiting {
        if ready(ledger) >= amount {
            break;
        }
        let state = State::Refused;
        ledger.answered(number, state).map_err(|_| Refusal::Inconsistent)?;
        changes.push(Change::Answered { scope, number, state });
    }
    if let Scope::Line(line) = scope {
        changes.extend(exchange::give_up(case, line, ledger, |all| ready(all) < amount)?);
    }
    Ok(changes)
}

/// Units nobody has assessed are refunded by that payment: they can fund nothing else.
fn fund_new(
    case: &Case,
    scope: Scope,
    ledger: &Ledger,
    amount: i64,
    changes: &mut Vec<Change>,
) -> i64 {
    let standing = match scope {
        Scope::Line(line) => case.lines.get(&line).map_or(0, |line| line.custody().standing()),
        Scope::Delivery => 1,
    };
    let most = standing.saturating_sub(ledger.allocated());
    let mut units = 0;
    while units < most && ledger.next_units(None, units).unwrap_or(0) < amount {
        units += 1;
    }
    let Some(value) = ledger.next_units(None, units).filter(|_| units > 0 && amount > 0) else {
        return 0;
    };
    let (outcome, paid) = (Outcome::Refund, amount.min(value));
    changes.push(Change::Funded { scope, from: None, to: Some(outcome), units });
    let (from, to) = (Bucket::Pending, Bucket::Elsewhere);
    if paid > 0 {
        changes.push(Change::Shifted { scope, outcome, from, to, amount: paid });
    }
    paid
}
