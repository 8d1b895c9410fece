//! Everything once more, with who pays and what the law gives, before it is sent.

use colibri_events::returns::v1::Outcome;
use maud::{Markup, html};

use super::{Frame, Switch, Wrong, amount, choose::title, day, details::carried, money, step};
use crate::portal::{
    choice::{Choice, Chosen, Door, Way, outcome_code},
    point::carried as carried_point,
    words::{fill, humanised},
};

/// The page. `request_id` makes a second press of the button the same request.
pub(crate) fn page(frame: &Frame, choice: &Choice, request_id: &str, wrong: &[Wrong]) -> String {
    let w = frame.words;
    let withdraw = choice.door == Door::Withdraw;
    let body = html! {
        (step(w, 3))
        div #all tabindex="-1" {
            @for one in &choice.chosen { (line(frame, choice, one)) }
            @if choice.labels() > 1 {
                dl { dt { (w.parcels) } dd { (choice.labels()) } }
            }
            @if let Some(point) = &choice.point {
                dl { dt { (w.point_chosen) } dd { (point.name) br; (point.postcode) " " (point.city) } }
            }
            @if !choice.note.is_empty() { dl { dt { (w.note_label) } dd { (choice.note) } } }
        }
        section aria-labelledby="pays" {
            h2 #pays { (w.pays_title) }
            p { (pays(frame, choice)) }
            @for (fee, article) in fees(choice) {
                p { (fill(w.fee, &[("{amount}", &money(frame.lang, &fee)), ("{item}", &article)])) }
            }
            p { (w.refund_sum) " " strong { (refund(frame, choice)) } }
            @if choice.chosen.iter().any(|one| one.outcome == Some(Outcome::Exchange)) {
                p { (w.exchange_terms) }
            }
            @if choice.chosen.iter().any(|one| one.line.waits_for_operator) { p { (w.waits) } }
        }
        section.law aria-labelledby="law" {
            h2 #law { (w.law_title) }
            (law(frame, choice))
        }
        form #form method="post" action=(frame.to("/confirm")) {
            (frame.proof())
            (carried(choice))
            (told(choice))
            input type="hidden" name="request_id" value=(request_id);
            // In the other language nobody is asked again who went on without a point.
            input type="hidden" name="later" value="1";
            div.row {
                button.main { @if withdraw { (w.confirm_withdraw) } @else { (w.confirm) } }
                button.second formaction=(frame.to("/review")) name="change" value="1" {
                    (w.change)
                }
            }
        }
    };
    let title = if withdraw { w.review_withdraw_title } else { w.review_title };
    frame.page(title, &Switch::Form("/review"), wrong, &body)
}

/// What was told on the page before, carried on.
pub(super) fn told(choice: &Choice) -> Markup {
    html! {
        @for one in &choice.chosen {
            @let number = one.line.line;
            @if let Some(outcome) = one.outcome {
                input type="hidden" name={ "outcome-" (number) } value=(outcome_code(outcome));
            }
            @if one.keep { input type="hidden" name={ "keep-" (number) } value="1"; }
            @for (question, text) in &one.answers {
                input type="hidden" name={ "answer-" (number) "-" (question) } value=(text);
            }
        }
        @if let Some(way) = choice.way { input type="hidden" name="way" value=(way.code()); }
        input type="hidden" name="parcels" value=(choice.parcels.unwrap_or(1));
        input type="hidden" name="note" value=(choice.note);
        @if let Some(point) = &choice.point {
            input type="hidden" name="point" value=(carried_point(point));
        }
    }
}

fn line(frame: &Frame, choice: &Choice, one: &Chosen) -> Markup {
    let w = frame.words;
    let outcome = one.outcome.map(outcome_code).and_then(|code| w.code("outcome", code));
    html! {
        section.item {
            h2 { (title(&one.line)) "\u{a0}×\u{a0}" (one.units) }
            dl {
                @if choice.door == Door::Return {
                    dt { (w.reason) }
                    dd { (w.code("reason", &one.reason).unwrap_or(&one.reason)) }
                }
                @if let Some(outcome) = outcome { dt { (w.outcome) } dd { (outcome) } }
                @for (question, text) in &one.answers {
                    dt { @match w.code("question", question) {
                        Some(known) => (known),
                        None => (humanised(question)),
                    } }
                    dd { (text) }
                }
                @if !one.photos.is_empty() { dt { (w.photos) } dd { (one.photos.len()) } }
                dt { (w.way) }
                dd { @if one.keep { (w.keep_short) } @else { @match choice.way {
                    Some(Way::Code) => (w.way_code),
                    Some(Way::Own) => (w.way_own),
                    _ => (w.way_label),
                } } }
            }
        }
    }
}

/// Who pays the way back.
fn pays(frame: &Frame, choice: &Choice) -> String {
    let w = frame.words;
    let sent = || choice.chosen.iter().filter(|one| !one.keep);
    let buyer: Vec<&str> =
        sent().filter(|one| one.line.buyer_pays_return).map(|one| title(&one.line)).collect();
    match (sent().count(), buyer.len()) {
        (0, _) => w.pays_nobody.to_owned(),
        (_, 0) => w.pays_shop.to_owned(),
        (all, some) if all == some => w.pays_buyer.to_owned(),
        _ => fill(w.pays_some, &[("{items}", &buyer.join(", "))]),
    }
}

fn fees(choice: &Choice) -> Vec<(colibri_events::types::v1::Money, String)> {
    let fee = |one: &Chosen| one.line.fee.clone().map(|fee| (fee, title(&one.line).to_owned()));
    choice.chosen.iter().filter_map(fee).collect()
}

/// Of the articles; charges are counted when the goods are back.
fn refund(frame: &Frame, choice: &Choice) -> String {
    let worth = |one: &Chosen| {
        let price = one.line.unit_price.as_ref()?.amount_minor;
        price.checked_mul(i64::from(one.units))
    };
    let sum: i64 = choice.chosen.iter().filter_map(worth).sum();
    amount(frame.lang, sum, &choice.known.currency)
}

fn law(frame: &Frame, choice: &Choice) -> Markup {
    let w = frame.words;
    let until = choice.known.withdraw_until.as_ref().map(|until| day(w, until.seconds));
    html! {
        @match (choice.known.withdrawal_open, until) {
            (true, Some(until)) => {
                p { (fill(w.law_open, &[("{day}", &until)])) }
                p { (w.law_effects) }
                @if choice.door == Door::Return {
                    p { a href=(frame.to("/items?door=withdraw")) { (w.law_link) } }
                }
            }
            (true, None) => { p { (w.law_open_undated) } p { (w.law_effects) } }
            (false, Some(until)) => p { (fill(w.law_over, &[("{day}", &until)])) }
            (false, None) => p { (w.law_none) }
        }
        p { (w.law_faults) }
    }
}
