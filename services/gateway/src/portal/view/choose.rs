//! The order with its two doors, and what of it comes back.

use colibri_events::returns::v1::{EligibleLine, EligibleResponse};
use maud::{Markup, html};

use super::{Frame, Switch, Wrong, beside, day, described, invalid, money, step};
use crate::portal::{
    choice::{Door, Picked, REASONS},
    words::fill,
};

/// The order: withdraw, return, or follow an earlier return.
pub(crate) fn order(frame: &Frame, number: &str, known: &EligibleResponse) -> String {
    let w = frame.words;
    let some = known.lines.iter().any(|line| line.not_offered.is_empty() && line.returnable > 0);
    let body = html! {
        p.facts { (w.number) (w.colon) strong { (number) } }
        @if !known.return_ids.is_empty() {
            section aria-labelledby="earlier" {
                h2 #earlier { (w.earlier_title) }
                ul.plain {
                    @for id in &known.return_ids {
                        li { a href=(frame.to(&format!("/returns/{id}"))) {
                            (w.earlier_link) " " span.code { (short(id)) } } }
                    }
                }
            }
        }
        @if known.withdrawal_open {
            section.door aria-labelledby="withdraw" {
                h2 #withdraw { (w.withdraw_title) }
                p {
                    (w.withdraw_text)
                    @if let Some(until) = &known.withdraw_until {
                        " " (fill(w.withdraw_until, &[("{day}", &day(w, until.seconds))]))
                    }
                }
                a.main href=(frame.to("/items?door=withdraw")) { (w.withdraw_link) }
            }
        }
        section.door aria-labelledby="return" {
            h2 #return { (w.return_title) }
            @if some {
                p { (w.return_text) }
                a.main href=(frame.to("/items?door=return")) { (w.return_link) }
            } @else {
                p { (w.nothing_returnable) }
                (table(frame, known))
            }
        }
    };
    frame.page(w.order_title, &Switch::Link("/order".to_owned()), &[], &body)
}

fn table(frame: &Frame, known: &EligibleResponse) -> Markup {
    html! {
        ul { @for line in &known.lines { li { (title(line)) (frame.words.colon) (why_not(frame, line)) } } }
    }
}

/// The end of an id, to tell returns apart.
pub(crate) fn short(id: &str) -> String {
    let from = id.len().saturating_sub(8);
    id.get(from..).unwrap_or(id).to_ascii_uppercase()
}

/// What an article is called.
pub(crate) fn title(line: &EligibleLine) -> &str {
    if line.name.is_empty() { &line.sku } else { &line.name }
}

fn why_not<'w>(frame: &'w Frame, line: &EligibleLine) -> &'w str {
    let code = if line.not_offered.is_empty() { "already_returned" } else { &line.not_offered };
    frame.words.code("not_offered", code).unwrap_or(frame.words.not_offered_other)
}

/// Which items, how many and why.
pub(crate) fn items(
    frame: &Frame,
    known: &EligibleResponse,
    (door, picked): (Door, &[Picked]),
    wrong: &[Wrong],
) -> String {
    let w = frame.words;
    let body = html! {
        (step(w, 1))
        p { @match door {
            Door::Withdraw => (w.items_withdraw_intro),
            Door::Return => (w.items_intro),
        } }
        form #form method="get" action=(frame.to("/details")) novalidate {
            input type="hidden" name="door" value=(door.code());
            div #lines .lines tabindex="-1" {
                @for line in &known.lines { (item(frame, line, door, picked, wrong)) }
            }
            @if known.lines.iter().any(|line| !line.not_offered.is_empty()) {
                p.hint { (w.law_faults) }
            }
            div.row {
                button.main { (w.go_on) }
                a href=(frame.to("/order")) { (w.back) }
            }
        }
    };
    let title = match door {
        Door::Withdraw => w.withdraw_items_title,
        Door::Return => w.items_title,
    };
    let place = format!("/items?door={}", door.code());
    frame.page(title, &Switch::Link(place), wrong, &body)
}

fn item(
    frame: &Frame,
    line: &EligibleLine,
    door: Door,
    picked: &[Picked],
    wrong: &[Wrong],
) -> Markup {
    let w = frame.words;
    let offered = line.not_offered.is_empty() && line.returnable > 0;
    let picked = picked.iter().find(|picked| picked.line == line.line);
    let units = picked.map_or(0, |picked| picked.units);
    let reason = picked.map(|picked| picked.reason.as_str()).unwrap_or_default();
    let (units_id, reason_id) = (format!("units-{}", line.line), format!("reason-{}", line.line));
    html! {
        fieldset.item {
            legend { (title(line)) }
            p.facts {
                @if let Some(price) = &line.unit_price { (money(frame.lang, price)) " · " }
                (fill(w.bought, &[("{units}", &line.bought.to_string())]))
                @if let Some(until) = line.ask_until.as_ref().filter(|_| offered) {
                    " · " (fill(w.ask_until, &[("{day}", &day(w, until.seconds))]))
                }
            }
            @if offered {
                div.field {
                    label for=(units_id) { (w.units) }
                    (beside(wrong, &units_id))
                    select.short id=(units_id) name=(units_id)
                        aria-describedby=[described(wrong, &units_id, false)]
                        aria-invalid=[invalid(wrong, &units_id)] {
                        @for n in 0..=line.returnable.min(999) {
                            option value=(n) selected[n == units] {
                                @if n == 0 { (w.units_none) } @else { (n) }
                            }
                        }
                    }
                }
                @if door == Door::Return {
                    div.field {
                        label for=(reason_id) { (w.reason) }
                        (beside(wrong, &reason_id))
                        select id=(reason_id) name=(reason_id)
                            aria-describedby=[described(wrong, &reason_id, false)]
                            aria-invalid=[invalid(wrong, &reason_id)] {
                            option value="" { (w.reason_choose) }
                            @for code in REASONS {
                                option value=(code) selected[*code == reason] {
                                    (w.code("reason", code).unwrap_or(code))
                                }
                            }
                        }
                    }
                }
            } @else {
                p.unavailable { (why_not(frame, line)) }
            }
        }
    }
}
