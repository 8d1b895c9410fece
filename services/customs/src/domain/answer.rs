//! Assessments and suggestions on the wire.

use colibri_customs_rules::{
    assess::{Assessment, FigureKind, Missing, Outcome, State, Totals},
    fx::FxUsed,
};
use colibri_events::{customs::v1 as pb, types::v1 as wire};
use colibri_types::Money;

use super::question::date;
use crate::error::{self, finding};

/// An amount on the wire.
#[must_use]
pub fn money(money: Money) -> wire::Money {
    wire::Money { amount_minor: money.amount_minor, currency: money.currency.to_string() }
}

fn totals(totals: &Totals) -> pb::Totals {
    pb::Totals {
        duty: Some(money(totals.duty)),
        tax: Some(money(totals.tax)),
        fees: Some(money(totals.fees)),
        charges: Some(money(totals.charges)),
        tax_at_sale: Some(money(totals.tax_at_sale)),
    }
}

const fn kind(kind: FigureKind) -> &'static str {
    match kind {
        FigureKind::Duty => "duty",
        FigureKind::Excise => "excise",
        FigureKind::Tax => "tax",
        FigureKind::TaxAtSale => "tax_at_sale",
        FigureKind::Fee => "fee",
        FigureKind::CarrierFee => "carrier_fee",
    }
}

const fn state(state: State) -> &'static str {
    match state {
        State::NoBorder => "no_border",
        State::Computed => "computed",
        State::Estimate => "estimate",
        State::CannotBeComputed => "cannot_be_computed",
    }
}

fn lack(missing: &Missing) -> pb::Lack {
    pb::Lack {
        line: missing.line.unwrap_or_default(),
        field: missing.field.clone(),
        reason: missing.reason.clone(),
    }
}

fn exchange(used: &FxUsed) -> pb::ExchangeRate {
    pb::ExchangeRate {
        from: used.from.to_string(),
        to: used.to.to_string(),
        rate: used.rate.to_string(),
        published: Some(date(used.published)),
        source: used.source.clone(),
    }
}

/// Ids of the rules and measures that made a figure or shaped one, each once.
#[must_use]
pub fn rules(found: &Assessment) -> Vec<String> {
    let used = found.trace.iter().filter(|trace| trace.outcome == Outcome::Used);
    let made = found.figures.iter().map(|figure| &figure.rule);
    let mut rules: Vec<String> = Vec::new();
    for rule in used.map(|trace| &trace.rule).chain(made) {
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    rules
}

/// An assessment on the wire; without its trace of rules where nobody asked for it.
#[must_use]
pub fn assessment(found: &Assessment, with_trace: bool) -> pb::Assessment {
    let figures = found.figures.iter().map(|figure| pb::Figure {
        kind: kind(figure.kind).to_owned(),
        line: figure.line.unwrap_or_default(),
        rule: figure.rule.clone(),
        words: figure.words.clone(),
        heading: figure.heading.clone(),
        base: figure.base.map(|base| base.to_string()).unwrap_or_default(),
        exact: figure.exact.to_string(),
        shown: Some(money(figure.shown)),
    });
    let trace = found.trace.iter().filter(|_| with_trace).map(|trace| pb::RuleTrace {
        rule: trace.rule.clone(),
        used: trace.outcome == Outcome::Used,
        reason: trace.reason.clone(),
        source: trace.source.clone(),
    });
    let computed = found.state != State::CannotBeComputed;
    let totals_seller = found.totals_seller.as_ref().filter(|_| computed);
    pb::Assessment {
        state: state(found.state).to_owned(),
        customs_border: found.customs_border,
        tax_border: found.tax_border,
        totals: computed.then(|| totals(&found.totals)),
        totals_seller: totals_seller.map(totals),
        figures: figures.collect(),
        missing: found.missing.iter().map(lack).collect(),
        doubts: found.doubts.iter().map(lack).collect(),
        trace: trace.collect(),
        rules: rules(found),
        exchange: found.exchange.iter().map(exchange).collect(),
        rules_version: found.rules_version.clone(),
        tariff_version: found.tariff_version.clone(),
    }
}

/// Faults of a question, by their fields on the wire.
#[must_use]
pub fn faults(missing: &[Missing]) -> Vec<pb::Finding> {
    let one = |missing: &Missing| {
        let field = match (missing.line, missing.field.as_str()) {
            (Some(no), "net_kg") => format!("lines[{}].net_weight_g", no.saturating_sub(1)),
            (Some(no), field) => format!("lines[{}].{field}", no.saturating_sub(1)),
            (None, field) => field.to_owned(),
        };
        finding(error::FIELD, field, missing.reason.clone())
    };
    missing.iter().map(one).collect()
}
