//! Words of the rules on the wire and in tables, and keys of commands.

use aws_lc_rs::digest;
use colibri_events::returns::v1 as pb;
use colibri_returns_rules::{
    case::{Actor, LabelState, LineNo, Scope, Stock},
    goods::{Disposition, Grade},
    money::{Method, Outcome, State},
};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;

/// The word of a value whose serialised form is one.
#[must_use]
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Reads a word.
#[must_use]
pub fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// Reads a grade.
#[must_use]
pub fn grade(text: &str) -> Option<Grade> {
    parse(text)
}

/// Reads a disposition.
#[must_use]
pub fn disposition(text: &str) -> Option<Disposition> {
    parse(text)
}

/// An outcome on the wire.
#[must_use]
pub const fn outcome(outcome: Outcome) -> pb::Outcome {
    match outcome {
        Outcome::Refund => pb::Outcome::Refund,
        Outcome::Credit => pb::Outcome::Credit,
        Outcome::Exchange => pb::Outcome::Exchange,
        Outcome::Nothing => pb::Outcome::Unspecified,
    }
}

/// An outcome from the wire; a refund unless another is named.
#[must_use]
pub fn outcome_of(number: i32) -> Option<Outcome> {
    match pb::Outcome::try_from(number).ok()? {
        pb::Outcome::Unspecified | pb::Outcome::Refund => Some(Outcome::Refund),
        pb::Outcome::Credit => Some(Outcome::Credit),
        pb::Outcome::Exchange => Some(Outcome::Exchange),
    }
}

/// By which way an outcome is paid.
#[must_use]
pub const fn method(outcome: Outcome) -> Method {
    match outcome {
        Outcome::Credit => Method::StoreCredit,
        _ => Method::OriginalPayment,
    }
}

/// How far a label is.
#[must_use]
pub const fn label_state(state: LabelState) -> &'static str {
    match state {
        LabelState::Issued => "issued",
        LabelState::Dropped => "dropped",
        LabelState::Scanned => "scanned",
        LabelState::Arrived => "arrived",
        LabelState::Lost => "lost",
        LabelState::Voided => "voided",
    }
}

/// An answer of the owner of the stock.
#[must_use]
pub fn stock(text: &str) -> Option<Stock> {
    let known: Stock = parse(text)?;
    (known != Stock::Asked).then_some(known)
}

/// Where an instruction is.
#[must_use]
pub fn instruction_state(text: &str) -> Option<State> {
    match text {
        "refunded" => Some(State::Refunded),
        "refused" => Some(State::Refused),
        "reversed" => Some(State::Reversed),
        _ => None,
    }
}

/// A line's number on the wire: from 1; 0 is the delivery charge.
#[must_use]
pub const fn line_of(scope: Scope) -> u32 {
    match scope {
        Scope::Line(line) => line as u32,
        Scope::Delivery => 0,
    }
}

/// A scope from the wire.
#[must_use]
pub fn scope(line: u32) -> Option<Scope> {
    match LineNo::try_from(line).ok()? {
        0 => Some(Scope::Delivery),
        line => Some(Scope::Line(line)),
    }
}

/// A line from the wire.
#[must_use]
pub fn line(number: u32) -> Option<LineNo> {
    LineNo::try_from(number).ok().filter(|line| *line > 0)
}

/// Key of the command that follows from these words: the same words, the same command.
#[must_use]
pub fn key(words: &[&str]) -> u128 {
    let mut context = digest::Context::new(&digest::SHA256);
    for word in words {
        context.update(&u64::try_from(word.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(word.as_bytes());
    }
    let half = context.finish().as_ref().first_chunk::<16>().copied().unwrap_or_default();
    u128::from_be_bytes(half)
}

/// A person as the rules count them: the same caller, the same number.
#[must_use]
pub fn person(subject: &str) -> Actor {
    let bytes = key(&["person", subject]).to_be_bytes();
    let half = bytes.first_chunk::<8>().copied().unwrap_or_default();
    Actor::Person(u64::from_be_bytes(half))
}

/// An instant on the wire.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or_default();
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos }
}

/// An instant from the wire; None: absent or none.
#[must_use]
pub fn instant(at: Option<&prost_types::Timestamp>) -> Option<OffsetDateTime> {
    let at = at?;
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
}
