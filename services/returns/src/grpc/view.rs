//! Returns as callers see them.

use std::collections::BTreeMap;

use colibri_events::returns::v1::{
    Booking, EvidenceItem, Funds, Goods, Graded, Instruction, LineUnits, PaidElsewhere, Return,
    ReturnParcel, ReturnState, ReturnedLine, Signal, WayBack as WireWay,
};
use colibri_returns_rules::{
    case::{Case, Line, LineNo, Scope},
    custody::Custody,
    fraud,
    goods::{Extra, Grade, Place},
    money::{Bucket, Ledger, State},
};
use colibri_types::{DocumentId, OrderId, ParcelId, ReturnId, ShipmentId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::exchange;
use crate::{
    domain::{
        about::WayBack,
        words::{self, label_state, line_of, timestamp, word},
    },
    store::{cases::Row, exchanges, labels::Label, parcels::Parcel, quality, rest},
};

/// Everything beside the row and the case.
pub struct Parts<'a> {
    /// Labels.
    pub labels: &'a [Label],
    /// Parcels of the way back.
    pub parcels: &'a [Parcel],
    /// Signals.
    pub signals: &'a [rest::SignalRow],
    /// Replacements.
    pub swaps: &'a [exchanges::Wanted],
    /// Keys of refunds: return, line, number.
    pub keys: &'a BTreeMap<(Uuid, i32, i32), String>,
    /// What others have paid back.
    pub elsewhere: &'a [quality::Elsewhere],
    /// Photos of the order.
    pub photos: &'a [rest::Photo],
}

/// Adds the places of a line; whether each unit is in exactly one.
pub fn add_goods(goods: &mut Goods, custody: &Custody) -> bool {
    let at = |place| custody.at(place);
    goods.advised += custody.advised();
    goods.at_buyer += at(Place::AtBuyer);
    goods.dropped += at(Place::Dropped);
    goods.in_transit += at(Place::InTransit);
    goods.arrived += at(Place::Arrived);
    goods.received += at(Place::Received);
    goods.inspected += at(Place::Inspected);
    goods.disposed += at(Place::Disposed);
    goods.not_returned += at(Place::NotReturned);
    goods.lost += at(Place::Lost);
    goods.cancelled += at(Place::Cancelled);
    goods.surplus += custody.extra(Extra::Surplus);
    goods.foreign += custody.extra(Extra::Foreign);
    Place::ALL.iter().map(|place| custody.at(*place)).sum::<u32>() == custody.advised()
}

/// Adds the places of a ledger; whether each amount is in exactly one.
pub fn add_funds(funds: &mut Funds, ledger: &Ledger) -> bool {
    let total = |bucket| ledger.total(bucket);
    // An instruction that was refused or reversed has given its amount back to a bucket.
    let parts = [
        total(Bucket::Pending),
        total(Bucket::Due),
        ledger.ordered(State::Triggered),
        ledger.ordered(State::InDoubt),
        ledger.ordered(State::Refunded),
        total(Bucket::Elsewhere),
        total(Bucket::Denied),
        total(Bucket::Fees),
        total(Bucket::Spent),
        total(Bucket::Reversed),
        total(Bucket::Settled) + total(Bucket::Void),
    ];
    let value = ledger.value_of(ledger.allocated());
    let fields = [
        &mut funds.pending_minor,
        &mut funds.due_minor,
        &mut funds.ordered_minor,
        &mut funds.in_doubt_minor,
        &mut funds.refunded_minor,
        &mut funds.elsewhere_minor,
        &mut funds.denied_minor,
        &mut funds.fees_minor,
        &mut funds.spent_minor,
        &mut funds.reversed_minor,
        &mut funds.other_minor,
    ];
    for (field, part) in fields.into_iter().zip(parts) {
        *field += part;
    }
    let sum: i64 = parts.iter().sum();
    funds.value_minor += sum;
    // Units do not all have the same value to the last cent: the sum of those that fund something
    // lies between the least and the most that so many units have.
    sum.abs_diff(value) <= u64::from(ledger.allocated())
}

/// A return as it is shown, without anybody's words.
pub fn show(row: &Row, case: &Case, parts: &Parts<'_>, now: OffsetDateTime) -> Return {
    let about = &row.about.0;
    let state = match row.state.as_str() {
        "waiting" => ReturnState::Waiting,
        "rejected" => ReturnState::Rejected,
        "closed" => ReturnState::Closed,
        _ => ReturnState::Open,
    };
    let mut delivery = Funds::default();
    if let Some(ledger) = case.ledger(Scope::Delivery) {
        add_funds(&mut delivery, ledger);
    }
    let photos = parts.photos.iter().filter(|photo| photo.return_id == Some(row.return_id));
    let photos: Vec<String> =
        photos.map(|photo| DocumentId::from_uuid(photo.document_id).to_string()).collect();
    let mut lines: Vec<ReturnedLine> = case
        .lines()
        .iter()
        .filter(|(number, line)| line.custody().advised() > 0 || about.lines.contains_key(number))
        .map(|(number, line)| returned(row, *number, line))
        .collect();
    if let Some(first) = lines.first_mut() {
        first.photo_ids = photos;
    }
    let due = case.refund_clock(now).and_then(|clock| clock.due_by);
    Return {
        return_id: ReturnId::from_uuid(row.return_id).to_string(),
        order_id: OrderId::from_uuid(row.order_id).to_string(),
        state: state.into(),
        lines,
        delivery: Some(delivery),
        parcels: parcels(row, case, parts, now),
        refunds: refunds(row, case, parts),
        exchanges: exchange::show(row.return_id, case, parts.swaps),
        paid_elsewhere: elsewhere(row, parts),
        bookings: case
            .stock()
            .iter()
            .map(|(number, known)| Booking { number: *number, state: word(known) })
            .collect(),
        signals: parts
            .signals
            .iter()
            .filter(|signal| signal.return_id == row.return_id)
            .map(signal)
            .collect(),
        flags: case.flags().iter().map(word).collect(),
        attention: row.attention.clone(),
        currency: about.currency.to_string(),
        requested_at: Some(timestamp(row.requested_at)),
        send_until: Some(timestamp(row.terms.expires_at)),
        refund_due_by: due.map(timestamp),
        version: u64::try_from(row.version).unwrap_or_default(),
        decision: row.decision.clone().unwrap_or_default(),
        way_back: match about.way_back {
            WayBack::Label => WireWay::Label.into(),
            WayBack::Code => WireWay::Code.into(),
            WayBack::Own => WireWay::Own.into(),
        },
        withdrawal: about.withdrawal,
        country: about.country.clone(),
        cross_border: about.cross_border,
        declaration_id: about.declaration_id.clone(),
        drop_off: about.drop_off.clone().map(Into::into),
        ..Return::default()
    }
}

fn returned(row: &Row, number: LineNo, line: &Line) -> ReturnedLine {
    let about = &row.about.0;
    let asked = about.lines.get(&number);
    let custody = line.custody();
    let (mut goods, mut funds) = (Goods::default(), Funds::default());
    add_goods(&mut goods, custody);
    add_funds(&mut funds, line.ledger());
    let grades = Grade::ALL.into_iter().filter(|grade| custody.inspected(*grade) > 0);
    ReturnedLine {
        line: u32::from(number),
        sku: about.sku(number).to_owned(),
        units: asked.map_or(0, |asked| asked.units),
        reason: asked.map(|asked| asked.reason.clone()).unwrap_or_default(),
        outcome: words::outcome(about.outcome(number)).into(),
        basis: asked.map(|asked| word(&asked.basis)).unwrap_or_default(),
        goods: Some(goods),
        funds: Some(funds),
        grades: grades
            .map(|grade| Graded {
                grade: word(&grade),
                units: custody.inspected(grade),
                held: custody.held(grade),
            })
            .collect(),
        ..ReturnedLine::default()
    }
}

fn parcels(row: &Row, case: &Case, parts: &Parts<'_>, now: OffsetDateTime) -> Vec<ReturnParcel> {
    let labels = parts.labels.iter().filter(|label| label.return_id == row.return_id);
    let show = |label: &Label| {
        let number = u16::try_from(label.number).unwrap_or_default();
        let state = match (case.label(number), &label.refused) {
            (Some(state), _) => label_state(state),
            (None, Some(_)) => "refused",
            // Bought when the return was over.
            (None, None) if label.shipment_id.is_some() => "voided",
            (None, None) => "wanted",
        };
        let of = |parcel: &&Parcel| {
            parcel.return_id == Some(row.return_id) && parcel.label == Some(label.number)
        };
        let usable = state == "issued"
            && label.used_at.is_none()
            && label.code_until.is_some_and(|until| now <= until);
        ReturnParcel {
            label: u32::from(number),
            shipment_id: label
                .shipment_id
                .map(|id| ShipmentId::from_uuid(id).to_string())
                .unwrap_or_default(),
            parcel_ids: parts
                .parcels
                .iter()
                .filter(of)
                .map(|parcel| ParcelId::from_uuid(parcel.parcel_id).to_string())
                .collect(),
            carrier: label.carrier.clone(),
            state: state.to_owned(),
            code: label.code.clone().filter(|_| usable).unwrap_or_default(),
            code_until: label.code_until.map(timestamp),
            contents: label
                .contents
                .0
                .iter()
                .map(|(line, units)| LineUnits { line: u32::from(*line), units: *units })
                .collect(),
            refused: label.refused.clone().unwrap_or_default(),
            void: match (label.voided_at, &label.void_refused) {
                (Some(_), _) => "voided".to_owned(),
                (None, Some(_)) => "refused".to_owned(),
                (None, None) if state == "voided" => "wanted".to_owned(),
                (None, None) => String::new(),
            },
            void_refused: label.void_refused.clone().unwrap_or_default(),
        }
    };
    labels.map(show).collect()
}

fn refunds(row: &Row, case: &Case, parts: &Parts<'_>) -> Vec<Instruction> {
    let mut all = Vec::new();
    for (scope, ledger) in case.ledgers() {
        for (number, known) in ledger.instructions() {
            let line = line_of(scope);
            let place = (
                row.return_id,
                i32::try_from(line).unwrap_or_default(),
                i32::try_from(*number).unwrap_or_default(),
            );
            all.push(Instruction {
                line,
                number: *number,
                key: parts.keys.get(&place).cloned().unwrap_or_default(),
                amount_minor: known.amount,
                outcome: words::outcome(known.outcome).into(),
                state: word(&known.state),
            });
        }
    }
    all
}

fn elsewhere(row: &Row, parts: &Parts<'_>) -> Vec<PaidElsewhere> {
    let mine = parts.elsewhere.iter().filter(|known| known.return_id == row.return_id);
    let show = |known: &quality::Elsewhere| PaidElsewhere {
        line: u32::try_from(known.line).unwrap_or_default(),
        amount_minor: known.amount_minor,
        origin: known.origin.clone(),
        at: Some(timestamp(known.at)),
    };
    mine.map(show).collect()
}

fn signal(row: &rest::SignalRow) -> Signal {
    let meaning = fraud::all().get(&row.code);
    let evidence = row.evidence.0.iter();
    Signal {
        code: row.code.clone(),
        strength: meaning.map(|known| word(&known.strength)).unwrap_or_default(),
        step: meaning.map(|known| word(&known.step)).unwrap_or_default(),
        evidence: evidence
            .map(|(name, value)| EvidenceItem { name: name.clone(), value: *value })
            .collect(),
        innocent: meaning.map(|known| known.innocent.clone()).unwrap_or_default(),
        at: Some(timestamp(row.at)),
        settled: row.settled.clone().unwrap_or_default(),
    }
}
