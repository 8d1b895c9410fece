//! The answer: figures with their rules, what is missing, and how it was found.

use colibri_types::{Currency, Money};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use time::Date;

use super::World;
use crate::{
    consignment::{Consignment, Scheme, Terms},
    fx::FxUsed,
    rules::{Rule, Status},
};

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// Customs duty.
    Duty,
    /// Excise.
    Excise,
    /// Tax at the border.
    Tax,
    /// Tax that the seller takes at the sale; nothing at the border.
    TaxAtSale,
    /// A fee of a state or union.
    Fee,
    /// A fee of the carrier.
    CarrierFee,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What it is.
    pub kind: FigureKind,
    /// The line it is of; `None`: the parcel.
    pub line: Option<u32>,
    /// The rule or tariff measure that made it.
    pub rule: String,
    /// How, in words.
    pub words: String,
    /// A heading to declare beside the code; empty for none.
    pub heading: String,
    /// What it was counted from, where it was.
    pub base: Option<Decimal>,
    /// In the destination's currency, unrounded.
    pub exact: Decimal,
    /// The same, rounded for showing; totals are rounded on their own.
    pub shown: Money,
}

/// Values of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineFigures {
    /// Its number.
    pub no: u32,
    /// Duties and excise of the line, unrounded, in the destination's currency.
    pub duty: Decimal,
}

/// A field without which there is no answer, or that makes it doubtful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The line; `None`: the parcel.
    pub line: Option<u32>,
    /// The field.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// How sure the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No border: nothing to declare, nothing due.
    NoBorder,
    /// All inputs were there.
    Computed,
    /// Something was assumed, and is named in the doubts.
    Estimate,
    /// Something is missing, and is named. The figures that are there are no total.
    CannotBeComputed,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It made or shaped a figure.
    Used,
    /// It was looked at and does not hold.
    Refused,
}

/// One rule that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Its id.
    pub rule: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, or for what.
    pub reason: String,
    /// How well the rule is known.
    pub status: Status,
    /// Where it was read.
    pub source: String,
}

/// Totals, each rounded once from its unrounded sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Duties and excise.
    pub duty: Money,
    /// Tax at the border.
    pub tax: Money,
    /// Fees of states, unions and the carrier.
    pub fees: Money,
    /// All that is due at the border.
    pub charges: Money,
    /// Tax taken at the sale.
    pub tax_at_sale: Money,
}

/// The answer. Its inputs and versions are all that is needed to find it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// How sure.
    pub state: State,
    /// The day it is for.
    #[serde(serialize_with = "crate::day::serialize")]
    pub date: Date,
    /// A customs border is crossed.
    pub customs_border: bool,
    /// A tax border is crossed.
    pub tax_border: bool,
    /// Who pays at the border.
    pub terms: Terms,
    /// The scheme that counts: the one asked for where it is allowed, or one that holds by itself.
    pub scheme: Option<Scheme>,
    /// In the destination's currency.
    pub totals: Totals,
    /// The same in the seller's; `None` without an exchange rate.
    pub totals_seller: Option<Totals>,
    /// Each figure.
    pub figures: Vec<Figure>,
    /// By line.
    pub lines: Vec<LineFigures>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// What was assumed.
    pub doubts: Vec<Missing>,
    /// Rules used and refused.
    pub trace: Vec<Trace>,
    /// Exchange rates used.
    pub exchange: Vec<FxUsed>,
    /// Versions of rules and tariff.
    pub rules_version: String,
    /// Empty when no tariff is loaded.
    pub tariff_version: String,
}

/// A figure as it is entered.
pub(super) struct Entry {
    pub kind: FigureKind,
    pub line: Option<u32>,
    pub rule: String,
    pub words: String,
    pub heading: String,
    pub base: Option<Decimal>,
    pub amount: Decimal,
}

/// Where a run writes down what it finds.
pub(super) struct Book {
    customs_border: bool,
    tax_border: bool,
    terms: Terms,
    pub scheme: Option<Scheme>,
    date: Date,
    seller: Currency,
    numbers: Vec<u32>,
    entries: Vec<Entry>,
    missing: Vec<Missing>,
    doubts: Vec<Missing>,
    trace: Vec<Trace>,
    exchange: Vec<FxUsed>,
    rules_version: String,
    tariff_version: String,
}

impl Book {
    pub(super) fn new(
        parcel: &Consignment,
        world: World<'_>,
        customs_border: bool,
        tax_border: bool,
    ) -> Self {
        Self {
            customs_border,
            tax_border,
            terms: parcel.terms,
            scheme: None,
            date: parcel.date,
            seller: parcel.currency,
            numbers: parcel.lines.iter().map(|line| line.no).collect(),
            entries: Vec::new(),
            missing: Vec::new(),
            doubts: Vec::new(),
            trace: Vec::new(),
            exchange: Vec::new(),
            rules_version: world.rules.version.clone(),
            tariff_version: world.tariff.version.clone(),
        }
    }

    pub(super) fn enter(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn missing(&mut self, line: Option<u32>, field: &str, reason: impl Into<String>) {
        let missing = Missing { line, field: field.to_owned(), reason: reason.into() };
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }

    pub(super) fn doubt(&mut self, field: &str, reason: &str) {
        let doubt = Missing { line: None, field: field.to_owned(), reason: reason.to_owned() };
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }

    pub(super) fn used(&mut self, rule: &Rule, reason: impl Into<String>) {
        self.look(rule, Outcome::Used, reason.into());
    }

    pub(super) fn refused(&mut self, rule: &Rule, reason: String) {
        self.look(rule, Outcome::Refused, reason);
    }

    fn look(&mut self, rule: &Rule, outcome: Outcome, reason: String) {
        if self.trace.iter().any(|trace| trace.rule == rule.id && trace.reason == reason) {
            return;
        }
        self.trace.push(Trace {
            rule: rule.id.clone(),
            outcome,
            reason,
            status: rule.status,
            source: rule.source.clone(),
        });
    }

    pub(super) fn exchange(&mut self, used: FxUsed) {
        if used.from != used.to && !self.exchange.contains(&used) {
            self.exchange.push(used);
        }
    }

    pub(super) fn sum(&self, kind: FigureKind) -> Decimal {
        self.entries.iter().filter(|entry| entry.kind == kind).map(|entry| entry.amount).sum()
    }

    /// Duties and excise of a line.
    pub(super) fn of_line(&self, no: u32) -> Decimal {
        self.duties(|entry| entry.line == Some(no))
    }

    /// Duties that belong to no line.
    pub(super) fn of_no_line(&self) -> Decimal {
        self.duties(|entry| entry.line.is_none())
    }

    fn duties(&self, of: impl Fn(&&Entry) -> bool) -> Decimal {
        let duty = |entry: &&Entry| matches!(entry.kind, FigureKind::Duty | FigureKind::Excise);
        self.entries.iter().filter(duty).filter(of).map(|entry| entry.amount).sum()
    }

    /// Closes the book. `back` turns an amount into the seller's currency.
    pub(super) fn finish(
        self,
        currency: Currency,
        back: impl Fn(Decimal) -> Option<Decimal>,
    ) -> Assessment {
        let state = if !self.missing.is_empty() {
            State::CannotBeComputed
        } else if !self.customs_border && !self.tax_border {
            State::NoBorder
        } else if !self.doubts.is_empty() {
            State::Estimate
        } else {
            State::Computed
        };
        let sums = Sums {
            duty: self.sum(FigureKind::Duty) + self.sum(FigureKind::Excise),
            tax: self.sum(FigureKind::Tax),
            fees: self.sum(FigureKind::Fee) + self.sum(FigureKind::CarrierFee),
            at_sale: self.sum(FigureKind::TaxAtSale),
        };
        let totals = sums.totals(currency, Some);
        let totals_seller = sums.totals(self.seller, back);
        let lines = self.numbers.iter();
        let lines = lines.map(|no| LineFigures { no: *no, duty: self.of_line(*no) }).collect();
        let figure = |entry: &Entry| Figure {
            kind: entry.kind,
            line: entry.line,
            rule: entry.rule.clone(),
            words: entry.words.clone(),
            heading: entry.heading.clone(),
            base: entry.base,
            exact: entry.amount,
            shown: round(entry.amount, currency),
        };
        Assessment {
            state,
            date: self.date,
            customs_border: self.customs_border,
            tax_border: self.tax_border,
            terms: self.terms,
            scheme: self.scheme,
            totals: totals.unwrap_or_else(|| Sums::default().zero(currency)),
            totals_seller,
            figures: self.entries.iter().map(figure).collect(),
            lines,
            missing: self.missing,
            doubts: self.doubts,
            trace: self.trace,
            exchange: self.exchange,
            rules_version: self.rules_version,
            tariff_version: self.tariff_version,
        }
    }
}

#[derive(Default)]
struct Sums {
    duty: Decimal,
    tax: Decimal,
    fees: Decimal,
    at_sale: Decimal,
}

impl Sums {
    fn totals(
        &self,
        currency: Currency,
        turn: impl Fn(Decimal) -> Option<Decimal>,
    ) -> Option<Totals> {
        let money = |amount: Decimal| turn(amount).map(|amount| round(amount, currency));
        Some(Totals {
            duty: money(self.duty)?,
            tax: money(self.tax)?,
            fees: money(self.fees)?,
            charges: money(self.duty + self.tax + self.fees)?,
            tax_at_sale: money(self.at_sale)?,
        })
    }

    fn zero(&self, currency: Currency) -> Totals {
        let zero = Money::new(0, currency);
        Totals { duty: zero, tax: zero, fees: zero, charges: zero, tax_at_sale: zero }
    }
}

/// Half up, to the smallest unit of the currency.
fn round(amount: Decimal, currency: Currency) -> Money {
    let rounded =
        amount.round_dp_with_strategy(currency.digits(), RoundingStrategy::MidpointAwayFromZero);
    // Values are limited so that every figure fits.
    Money::from_decimal(rounded, currency).unwrap_or(Money::new(i64::MAX, currency))
}
