//! M3 to M6, M9, M10: instructions, what the payment side says of them, and what others pay.

use super::{
    Case,
    change::{Change, Proposal},
    command::{Action, Actor, Command, Flag, Scope},
    decide::{Answer, money_moves, ordered, person},
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
            Ok(vec![answered])
        }
        (Triggered | InDoubt, Refused) => {
            answers(command)?;
            let proposal = Proposal::OtherMethod(scope, number);
            Ok(vec![answered, Change::Proposed { proposal }])
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

/// Only an answer or a person settles an instruction; never an assumption.
const fn answers(command: &Command) -> Result<(), Refusal> {
    match command.by {
        Actor::Provider | Actor::Channel | Actor::Person(_) => Ok(()),
        _ => Err(Refusal::PersonRequired),
    }
}

/// M9. Somebody else paid: it is taken from what we would have paid, and what is over is shown.
fn elsewhere(case: &Case, scope: Scope, amount: i64) -> Answer {
    if amount <= 0 {
        return Err(Refusal::Nothing);
    }
    ordered(case)?;
    let ledger = ledger(case, scope)?;
    let (mut left, mut changes) = (amount, Vec::new());
    for from in [Bucket::Pending, Bucket::Due, Bucket::Reversed, Bucket::Denied] {
        for outcome in [Outcome::Refund, Outcome::Credit, Outcome::Exchange] {
            let amount = left.min(ledger.in_bucket(outcome, from));
            if amount > 0 {
                let to = Bucket::Elsewhere;
                changes.push(Change::Shifted { scope, outcome, from, to, amount });
            }
            left -= amount;
        }
    }
    left -= fund_new(case, scope, ledger, left, &mut changes);
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
