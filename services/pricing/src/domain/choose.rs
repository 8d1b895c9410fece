//! Choosing one offer, and saying why.
//!
//! Owns comparison: the tenant's rules, one currency, the wanted date, and an order without
//! ties. Deliberately never picks an arbitrary carrier: where nothing fits, it holds.

use std::{cmp::Ordering, collections::BTreeMap};

use colibri_types::Currency;
use rust_decimal::Decimal;

use super::{
    choice::{
        Candidate, Choice, Compared, DecidedBy, LatePolicy, Outcome, Preference, SelectionRules,
        Standing,
    },
    code::Code,
    exact::{Day, Exact},
    fx::{self, FxTable},
    quote::{Quote, Rating, TariffRef},
};

/// Takes the cheapest quote that meets the wanted date, by the tenant's rules.
///
/// Ties go to the earlier latest delivery, then to carrier, service and tariff by name. Only
/// quotes are looked at, so a refused candidate cannot be taken.
#[must_use]
pub fn choose(
    rating: &Rating,
    wanted: Option<Day>,
    rules: &SelectionRules,
    fx: Option<&FxTable>,
) -> Choice {
    let fx = fx.filter(|table| table.usable_on(Day(rating.rated_at.date())));
    let mut eliminated: Vec<(&Quote, Option<Compared>, Elimination)> = Vec::new();
    let mut allowed = Vec::new();
    for quote in &rating.quotes {
        match permitted(quote, rules) {
            Ok(()) => allowed.push(quote),
            Err(why) => eliminated.push((quote, None, why)),
        }
    }
    let scale = Scale::new(&allowed, rules, fx);
    let mut compared = Vec::new();
    for quote in allowed.iter().copied() {
        match scale.compare(quote, rules) {
            Ok(price) => compared.push((quote, price)),
            Err(why) => eliminated.push((quote, None, why)),
        }
    }
    let (mut pool, late): (Vec<_>, Vec<_>) =
        compared.iter().cloned().partition(|(quote, _)| in_time(quote, wanted).is_ok());
    let flagged = pool.is_empty() && rules.when_late == LatePolicy::CheapestLate;
    if flagged {
        pool = late;
    } else {
        for (quote, price) in late {
            if let Err(why) = in_time(quote, wanted) {
                eliminated.push((quote, Some(price), why));
            }
        }
    }
    pool.sort_by(|one, other| order(one, other).0);
    let outcome = match pool.first() {
        Some(_) => won(&pool, flagged, wanted),
        None => held(rating, allowed.is_empty(), compared.is_empty(), wanted),
    };
    Choice { outcome, candidates: standings(&pool, eliminated) }
}

type Elimination = (Code, String);

fn permitted(quote: &Quote, rules: &SelectionRules) -> Result<(), Elimination> {
    let carrier = &quote.carrier;
    if rules.deny_carriers.contains(carrier) {
        return Err((Code::CarrierDenied, format!("the rules deny {carrier}")));
    }
    match &rules.allow_carriers {
        Some(allowed) if !allowed.contains(carrier) => {
            let text = format!("the rules do not list {carrier}");
            Err((Code::CarrierNotAllowed, text))
        }
        _ => Ok(()),
    }
}

fn in_time(quote: &Quote, wanted: Option<Day>) -> Result<(), Elimination> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    match &quote.transit {
        Some(transit) if transit.latest <= wanted => Ok(()),
        Some(transit) => {
            let text = format!("delivered by {}, wanted by {wanted}", transit.latest);
            Err((Code::TooLate, text))
        }
        None => {
            let text = format!("no delivery date is promised, wanted by {wanted}");
            Err((Code::DeliveryUnknown, text))
        }
    }
}

/// The common measure of prices.
struct Scale<'a> {
    currency: Currency,
    fx: Option<&'a FxTable>,
}

impl<'a> Scale<'a> {
    /// The rules' currency; but prices that share another one need no rate to be compared,
    /// unless a preference, which is in the rules' currency, has to be taken off.
    fn new(quotes: &[&Quote], rules: &SelectionRules, fx: Option<&'a FxTable>) -> Self {
        let preferred = |quote: &&Quote| rules.prefer.iter().any(|p| applies(p, quote));
        let currency = shared(quotes).filter(|_| !quotes.iter().any(preferred));
        Self { currency: currency.unwrap_or(rules.currency), fx }
    }

    fn compare(&self, quote: &Quote, rules: &SelectionRules) -> Result<Compared, Elimination> {
        let from = quote.total.currency;
        let to = self.currency;
        let fail = || {
            let text = format!("no usable rate from {from} to {to}");
            (Code::NotComparable, text)
        };
        // The table was filtered by age before: its own day is always usable.
        let day = self.fx.map_or(quote.valid_to, |table| table.date);
        let price = fx::convert(self.fx, day, quote.total, to).ok_or_else(fail)?;
        let mut bonus = Decimal::ZERO;
        for preference in rules.prefer.iter().filter(|p| applies(p, quote)) {
            bonus = bonus.checked_add(preference.bonus.0).ok_or_else(fail)?;
        }
        let effective = price.amount.checked_sub(bonus).ok_or_else(fail)?;
        Ok(Compared {
            currency: to,
            rate: Exact::new(price.rate),
            amount: Exact::new(price.amount),
            bonus: Exact::new(bonus),
            effective: Exact::new(effective),
        })
    }
}

fn shared(quotes: &[&Quote]) -> Option<Currency> {
    let first = quotes.first()?.total.currency;
    let same = quotes.iter().all(|quote| quote.total.currency == first);
    same.then_some(first)
}

fn applies(preference: &Preference, quote: &Quote) -> bool {
    let service = preference.service.as_ref();
    preference.carrier == quote.carrier && service.is_none_or(|s| *s == quote.service)
}

type Priced<'a> = (&'a Quote, Compared);

/// The total order of quotes and what decided it.
fn order(one: &Priced<'_>, other: &Priced<'_>) -> (Ordering, DecidedBy) {
    let price = one.1.effective.cmp(&other.1.effective);
    if price != Ordering::Equal {
        return (price, DecidedBy::Price);
    }
    // A date beats no date.
    let date = |priced: &Priced<'_>| {
        let latest = priced.0.transit.as_ref().map(|transit| transit.latest);
        (latest.is_none(), latest)
    };
    let delivery = date(one).cmp(&date(other));
    if delivery != Ordering::Equal {
        return (delivery, DecidedBy::Delivery);
    }
    (name(one.0).cmp(&name(other.0)), DecidedBy::Name)
}

fn name(quote: &Quote) -> (&str, &str, &TariffRef) {
    (&quote.carrier, &quote.service, &quote.tariff)
}

fn won(pool: &[Priced<'_>], late: bool, wanted: Option<Day>) -> Outcome {
    let Some((winner, rest)) = pool.split_first() else {
        return held_with(Code::HeldNoOffer, "nothing to choose from".to_owned());
    };
    let next = rest.first();
    let decided_by = next.map_or(DecidedBy::OnlyCandidate, |next| order(winner, next).1);
    let how = match decided_by {
        DecidedBy::OnlyCandidate => "the only offer",
        DecidedBy::Price => "the cheapest offer",
        DecidedBy::Delivery => "the earliest of the cheapest offers",
        DecidedBy::Name => "the first by name of equal offers",
    };
    let quote = winner.0;
    let when = match (wanted, late) {
        (None, _) => String::new(),
        (Some(day), false) => format!(" in time for {day}"),
        (Some(day), true) => format!("; none is known to arrive by {day}"),
    };
    Outcome::Chosen {
        carrier: quote.carrier.clone(),
        service: quote.service.clone(),
        tariff: quote.tariff.clone(),
        total: quote.total,
        latest: quote.transit.as_ref().map(|transit| transit.latest),
        late,
        decided_by,
        reason: format!("{how}{when}"),
    }
}

fn held(rating: &Rating, none_allowed: bool, none_compared: bool, wanted: Option<Day>) -> Outcome {
    if rating.quotes.is_empty() {
        let mut counts: BTreeMap<Code, u32> = BTreeMap::new();
        for refused in &rating.refused {
            *counts.entry(refused.code).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(c, n)| format!("{n} × {c}")).collect();
        let text = match counts.is_empty() {
            true => "there is no tariff".to_owned(),
            false => format!("no tariff gave a price: {}", counts.join(", ")),
        };
        return held_with(Code::HeldNoOffer, text);
    }
    if none_allowed {
        let text = "the rules leave no carrier that gave a price";
        return held_with(Code::HeldNoneAllowed, text.to_owned());
    }
    if none_compared {
        let text = "no price can be converted for the comparison";
        return held_with(Code::HeldNotComparable, text.to_owned());
    }
    let day = wanted.map_or_else(String::new, |day| format!(" by {day}"));
    held_with(Code::HeldNoneInTime, format!("no offer is known to arrive{day}"))
}

fn held_with(code: Code, reason: String) -> Outcome {
    Outcome::Held { code, reason }
}

fn standings(
    pool: &[Priced<'_>],
    mut eliminated: Vec<(&Quote, Option<Compared>, Elimination)>,
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (rank, priced) in (1..).zip(pool) {
        let standing = match pool.first() {
            Some(winner) if rank > 1 => Standing::Lost { rank, by: order(winner, priced).1 },
            _ => Standing::Won,
        };
        candidates.push(candidate(priced.0, Some(priced.1.clone()), standing));
    }
    eliminated.sort_by(|one, other| name(one.0).cmp(&name(other.0)));
    for (quote, compared, (code, reason)) in eliminated {
        let standing = Standing::Eliminated { code, reason };
        candidates.push(candidate(quote, compared, standing));
    }
    candidates
}

fn candidate(quote: &Quote, compared: Option<Compared>, standing: Standing) -> Candidate {
    Candidate {
        carrier: quote.carrier.clone(),
        service: quote.service.clone(),
        tariff: quote.tariff.clone(),
        total: quote.total,
        latest: quote.transit.as_ref().map(|transit| transit.latest),
        compared,
        standing,
    }
}
