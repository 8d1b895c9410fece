//! Replacements: what a visitor would like instead, and how far it is.

use colibri_events::returns::v1::{Exchange, Outcome, Return, ReturnState, ReturnedLine};
use maud::{Markup, html};

use super::{Frame, Wrong, amount, beside, day, described, invalid};
use crate::portal::choice::{Chosen, WISH};

/// The field of the wish, where an exchange is offered; without scripts it is always there.
pub(crate) fn wish(frame: &Frame, one: &Chosen, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let id = format!("answer-{}-{WISH}", one.line.line);
    html! {
        @if one.line.outcomes().any(|outcome| outcome == Outcome::Exchange) {
            div.field {
                label for=(id) { (w.wish) }
                p.hint id={ (id) "-hint" } { (w.wish_hint) }
                (beside(wrong, &id))
                textarea id=(id) name=(id) rows="2" maxlength="500"
                    aria-describedby=[described(wrong, &id, true)]
                    aria-invalid=[invalid(wrong, &id)] { (one.answer(WISH)) }
            }
        }
    }
}

/// Where the replacements of a return are. `name` answers what an article is called, for whoever
/// may know it.
pub(crate) fn section(
    frame: &Frame,
    found: &Return,
    name: impl Fn(u32) -> Option<String>,
) -> Markup {
    let w = frame.words;
    let lines: Vec<&ReturnedLine> =
        found.lines.iter().filter(|line| line.outcome() == Outcome::Exchange).collect();
    let open = matches!(found.state(), ReturnState::Open | ReturnState::Waiting);
    html! {
        @if !lines.is_empty() {
            section aria-labelledby="exchange" {
                h2 #exchange { (w.exchange_title) }
                @for line in lines {
                    @let units = unnamed(found, line);
                    @if let Some(name) = name(line.line) { p.sub { (name) } }
                    @if open && units > 0 {
                        ul.rail { li { strong { (units) } (w.colon)
                            (w.code("exchange", "asked").unwrap_or_default()) } }
                    }
                    @for swap in found.exchanges.iter().filter(|swap| swap.line == line.line) {
                        (one(frame, &found.currency, swap))
                    }
                }
            }
        }
    }
}

/// Units that nobody has named a replacement for, and for which one may still be named.
fn unnamed(found: &Return, line: &ReturnedLine) -> u32 {
    let named = found.exchanges.iter().filter(|swap| swap.line == line.line);
    let goods = line.goods.unwrap_or_default();
    let gone = goods.cancelled.saturating_add(goods.not_returned);
    let named: u32 = named.map(|swap| swap.units).sum();
    line.units.min(goods.advised.saturating_sub(gone)).saturating_sub(named)
}

fn one(frame: &Frame, currency: &str, swap: &Exchange) -> Markup {
    let w = frame.words;
    let state = w.code("exchange", &swap.state).unwrap_or(w.exchange_other);
    html! {
        ul.rail {
            li { strong { (swap.units) } (w.colon) (state)
                @if let Some(until) = &swap.reserved_until { " " (day(w, until.seconds)) } }
            @if let Some(code) = difference(swap) {
                li { (w.code("difference", code).unwrap_or(code))
                    @if swap.difference_minor != 0 {
                        (w.colon)
                        strong { (amount(frame.lang, swap.difference_minor.abs(), currency)) }
                    }
                }
            }
        }
    }
}

/// What the buyer has to know of the difference; nothing where the exchange has become a refund
/// and nothing is owed.
fn difference(swap: &Exchange) -> Option<&'static str> {
    match swap.difference.as_str() {
        "due" => Some("due"),
        "paid" => Some("paid"),
        "waived" => Some("waived"),
        "owed" => Some("owed"),
        "returned" => Some("returned"),
        _ if swap.state == "converted_to_refund" => None,
        _ if swap.difference_minor < 0 => Some("less"),
        _ => Some("same"),
    }
}
