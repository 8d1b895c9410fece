//! Landed cost: duties, taxes and fees of a parcel, each with the rule that made it.
//!
//! Full precision runs through the whole chain; each total is rounded once, from its unrounded sum.
//! What cannot be known is said and never counted as zero.

mod duty;
mod fees;
mod result;
mod tax;
mod value;

use colibri_types::Currency;
use rust_decimal::Decimal;

pub use result::{
    Assessment, Figure, FigureKind, LineFigures, Missing, Outcome, State, Totals, Trace,
};
pub use value::{intrinsic_value, validate};

use crate::{
    consignment::{Consignment, Scheme},
    fx::{Fx, FxKind, FxUsed},
    place::Territory,
    rules::{Effect, Rule, Rules, Scope},
    tariff::Tariff,
    taxes::Taxes,
};
use result::Book;
use value::Values;

/// All that a figure may come from. A result names the versions it used.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Dated rules.
    pub rules: &'a Rules,
    /// Duty rates.
    pub tariff: &'a Tariff,
    /// Exchange rates.
    pub fx: &'a Fx,
    /// Tax rates.
    pub taxes: &'a Taxes,
}

/// What comes with the product: rules, tax rates and exchange rates; the tariff is a sample until
/// the operator loads one.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// Dated rules.
    pub rules: Rules,
    /// Duty rates.
    pub tariff: Tariff,
    /// Exchange rates of the European Central Bank.
    pub fx: Fx,
    /// Tax rates.
    pub taxes: Taxes,
}

/// Data that came with the product cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ShippedError {
    /// Rules.
    #[error(transparent)]
    Rules(#[from] crate::rules::RulesError),
    /// Exchange rates.
    #[error(transparent)]
    Fx(#[from] crate::fx::FxError),
    /// Tax rates.
    #[error(transparent)]
    Taxes(#[from] crate::taxes::TaxesError),
}

impl Shipped {
    /// Reads all of it.
    ///
    /// # Errors
    /// [`ShippedError`]; a test reads them.
    pub fn read() -> Result<Self, ShippedError> {
        let mut tariff = Tariff::default();
        tariff.load(include_str!("../../data/tariff_sample.csv"), ',', "sample");
        Ok(Self {
            rules: Rules::shipped()?,
            tariff,
            fx: Fx::read("European Central Bank", include_str!("../../data/fx_ecb.csv"))?,
            taxes: Taxes::shipped()?,
        })
    }

    /// As a world to ask about.
    #[must_use]
    pub const fn world(&self) -> World<'_> {
        World { rules: &self.rules, tariff: &self.tariff, fx: &self.fx, taxes: &self.taxes }
    }
}

/// How the destination counts: its profile rule, unpacked.
struct Profile<'a> {
    rule: &'a Rule,
    currency: Currency,
    tariff: &'a str,
    fx: FxKind,
}

/// One run over one parcel.
struct Run<'a> {
    world: World<'a>,
    parcel: &'a Consignment,
    to: &'a Territory,
    rules: Vec<&'a Rule>,
    profile: Profile<'a>,
    values: Values,
    scheme: Option<Scheme>,
    customs_border: bool,
    book: Book,
}

/// What a parcel costs at the border, or what must be known to say so.
///
/// # Errors
/// [`Missing`] fields of a question that makes no sense: no lines, no quantity, a value below zero.
pub fn assess(parcel: &Consignment, world: World<'_>) -> Result<Assessment, Vec<Missing>> {
    validate(parcel)?;
    let (from, to) = (Territory::of(&parcel.from), Territory::of(&parcel.to));
    let (customs_border, tax_border) = (from.customs_border(&to), from.tax_border(&to));
    let mut book = Book::new(parcel, world, customs_border, tax_border);
    if to.doubtful {
        book.doubt("to.postcode", "the postcode is shared with a special territory");
    }
    if !customs_border && !tax_border {
        return Ok(book.finish(parcel.currency, |_| None));
    }
    let rules = world.rules.of(&to, parcel.date);
    let Some(profile) = profile(&rules) else {
        book.missing(None, "to.country", "this destination is not covered");
        return Ok(book.finish(parcel.currency, |_| None));
    };
    let rate = world.fx.rate(parcel.currency, profile.currency, parcel.date, profile.fx);
    let Some(rate) = rate else {
        book.missing(None, "currency", "no exchange rate to the destination's currency");
        return Ok(book.finish(parcel.currency, |_| None));
    };
    let Some(values) = Values::of(parcel, rate.rate, &profile.rule.effect) else {
        book.missing(None, "value", "the value is too large to be counted");
        return Ok(book.finish(parcel.currency, |_| None));
    };
    book.exchange(rate.clone());
    book.used(profile.rule, "how the destination counts");
    let (scheme, to) = (None, &to);
    let mut run = Run { world, parcel, to, customs_border, rules, profile, values, scheme, book };
    run.go();
    let back = |amount: Decimal| amount.checked_div(rate.rate);
    let currency = run.profile.currency;
    Ok(run.book.finish(currency, back))
}

/// What the declaration itself needs on a day, whatever the figures: digits of codes, origins,
/// identifiers. Nothing at all where no rule of the destination asks for it.
#[must_use]
pub fn declaration_needs(parcel: &Consignment, world: World<'_>) -> Vec<Missing> {
    let to = Territory::of(&parcel.to);
    let rules = world.rules.of(&to, parcel.date);
    let digits = rules.iter().filter_map(|rule| match (&rule.effect, &rule.when) {
        (Effect::Needs { code_digits: Some(digits), origin, .. }, when) => {
            let here = when.channel.is_empty() || when.channel.contains(&parcel.channel);
            here.then_some((*digits, *origin))
        }
        _ => None,
    });
    let mut missing = Vec::new();
    for (digits, origin) in digits {
        for line in &parcel.lines {
            if line.code.len() < digits {
                let reason = format!("the tariff code needs {digits} digits");
                missing.push(Missing { line: Some(line.no), field: "code".to_owned(), reason });
            }
            if origin && line.origin.is_none() {
                let (field, reason) = ("origin", "the country of origin is needed");
                let (field, reason) = (field.to_owned(), reason.to_owned());
                missing.push(Missing { line: Some(line.no), field, reason });
            }
        }
    }
    missing
}

fn profile<'a>(rules: &[&'a Rule]) -> Option<Profile<'a>> {
    rules.iter().find_map(|&rule| match &rule.effect {
        Effect::Profile { currency, tariff, fx, .. } => {
            Some(Profile { rule, currency: *currency, tariff, fx: *fx })
        }
        _ => None,
    })
}

impl Run<'_> {
    fn go(&mut self) {
        self.scheme = self.choose_scheme();
        self.book.scheme = self.scheme;
        let relief = self.relief();
        self.needs();
        if self.customs_border {
            self.duties(relief.duty || self.no_duty());
        }
        self.fees(self.customs_border);
        self.taxes(relief.tax);
    }

    /// Amounts of another currency in the destination's.
    fn convert(&mut self, amount: Decimal, from: Currency) -> Option<Decimal> {
        let used = self.rate(from)?;
        let converted = amount.checked_mul(used.rate);
        self.book.exchange(used);
        converted
    }

    fn rate(&self, from: Currency) -> Option<FxUsed> {
        self.world.fx.rate(from, self.profile.currency, self.parcel.date, self.profile.fx)
    }

    /// Does a rule hold for the parcel? The reason when it does not.
    fn holds(&self, rule: &Rule, scheme: Option<Scheme>) -> Result<(), String> {
        let (when, parcel) = (&rule.when, self.parcel);
        let asked = |wanted: bool, is: bool, what: &str| match wanted && !is {
            true => Err(format!("not for this {what}")),
            false => Ok(()),
        };
        asked(!when.flow.is_empty(), when.flow.contains(&parcel.flow), "flow")?;
        asked(!when.channel.is_empty(), when.channel.contains(&parcel.channel), "channel")?;
        let chosen = scheme.unwrap_or(Scheme::Import);
        asked(!when.scheme.is_empty(), when.scheme.contains(&chosen), "scheme")?;
        let dataset = parcel.dataset.is_some_and(|dataset| when.dataset.contains(&dataset));
        asked(!when.dataset.is_empty(), dataset, "declaration")?;
        let from = parcel.from.country.as_str();
        let dispatched = when.dispatched_from.iter().any(|country| country == from);
        asked(!when.dispatched_from.is_empty(), dispatched, "country of dispatch")?;
        asked(when.no_excise, !parcel.lines.iter().any(|line| line.excise), "kind of goods")?;
        asked(when.into_eu_tax, self.to.eu_tax, "tax territory")?;
        asked(when.customs_border, self.customs_border, "border")?;
        let Some(test) = &when.value else { return Ok(()) };
        let rate = self.world.fx.rate(parcel.currency, test.currency, parcel.date, self.profile.fx);
        let Some(rate) = rate else {
            return Err(format!("no exchange rate to {}", test.currency));
        };
        let tested = match test.scope {
            Scope::Consignment => self.values.tested(test.with_freight),
            Scope::Item => self.values.dearest_item(parcel),
        };
        let tested = tested * rate.rate;
        match test.passes(tested) {
            true => Ok(()),
            false => {
                Err(format!("the value of {} {} is outside", tested.round_dp(2), test.currency))
            }
        }
    }

    /// The scheme that is asked for, where it is allowed, or one that holds by itself.
    fn choose_scheme(&mut self) -> Option<Scheme> {
        let mut allowed = None;
        for &rule in &self.rules.clone() {
            let Effect::Scheme { scheme, automatic, .. } = &rule.effect else { continue };
            let asked = self.parcel.scheme == Some(*scheme);
            if !asked && !automatic {
                continue;
            }
            match self.holds(rule, Some(*scheme)) {
                Ok(()) => {
                    self.book.used(rule, "the scheme");
                    allowed = Some(*scheme);
                    break;
                }
                Err(reason) => self.book.refused(rule, reason),
            }
        }
        match (allowed, self.parcel.scheme) {
            (Some(scheme), _) => Some(scheme),
            (None, Some(scheme)) if needs_rule(scheme) => {
                self.book.doubt("scheme", "the scheme is not allowed for this parcel");
                None
            }
            (None, asked) => asked,
        }
    }

    fn no_duty(&self) -> bool {
        self.rules.iter().any(|rule| match &rule.effect {
            Effect::Scheme { scheme, no_duty, .. } => Some(*scheme) == self.scheme && *no_duty,
            _ => false,
        })
    }

    fn relief(&mut self) -> Relief {
        let mut relief = Relief::default();
        for &rule in &self.rules.clone() {
            let Effect::Relief { duty, tax } = rule.effect else { continue };
            match self.holds(rule, self.scheme) {
                Ok(()) => {
                    self.book.used(rule, "nothing is levied");
                    relief.duty |= duty;
                    relief.tax |= tax;
                }
                Err(reason) => self.book.refused(rule, reason),
            }
        }
        relief
    }

    /// What the declaration needs and does not have.
    fn needs(&mut self) {
        let parcel = self.parcel;
        for &rule in &self.rules.clone() {
            let Effect::Needs { code_digits, origin, product_ids } = rule.effect else { continue };
            if self.holds(rule, self.scheme).is_err() {
                continue;
            }
            self.book.used(rule, "what the declaration needs");
            for line in &parcel.lines {
                if let Some(digits) = code_digits.filter(|digits| line.code.len() < *digits) {
                    let reason = match line.code.is_empty() {
                        true => format!("no tariff code; {digits} digits are needed"),
                        false => format!("the tariff code needs {digits} digits"),
                    };
                    self.book.missing(Some(line.no), "code", reason);
                }
                if origin && line.origin.is_none() {
                    self.book.missing(Some(line.no), "origin", "the country of origin is needed");
                }
                if product_ids && line.product_ids.merchant.is_empty() {
                    let reason = "the merchant's product id is needed";
                    self.book.missing(Some(line.no), "product_ids.merchant", reason);
                }
            }
        }
    }
}

#[derive(Default)]
struct Relief {
    duty: bool,
    tax: bool,
}

/// Schemes that exist only where a rule allows them; the others are the ordinary way.
const fn needs_rule(scheme: Scheme) -> bool {
    !matches!(scheme, Scheme::SpecialArrangement | Scheme::StandardVat | Scheme::Import)
}
