//! A return: where the goods are, where the money is, and what to do next.

use std::collections::BTreeMap;

use colibri_events::{
    labels::v1::FoundPoint,
    returns::v1::{Funds, Goods, Return, ReturnParcel, ReturnState},
};
use maud::{Markup, html};

use super::{
    Frame, Switch, Wrong, amount, beside, choose::short, day, described, invalid, moment, swap,
};
use crate::portal::{point::names_points, qr, words::fill};

/// What is shown.
pub(crate) struct Shown<'s> {
    /// The return.
    pub(crate) found: &'s Return,
    /// What articles are called, by line; empty for whoever only has the link.
    pub(crate) names: BTreeMap<u32, String>,
    /// The postcode that the visitor told to be known; drop-off points are looked for near it.
    pub(crate) postcode: String,
    /// The word of the link to follow it; empty for whoever came by it.
    pub(crate) follow: String,
    /// It was just asked for.
    pub(crate) new: bool,
    /// Places to drop off, near what was asked.
    pub(crate) points: Option<Points<'s>>,
}

/// Places to drop off.
pub(crate) struct Points<'s> {
    /// The parcel they were asked for.
    pub(crate) label: u32,
    /// As they were typed.
    pub(crate) postcode: String,
    pub(crate) city: String,
    /// Nearest first; `None`: the carrier tells none.
    pub(crate) found: Option<&'s [FoundPoint]>,
}

/// The page of the visitor who said who they are, or of the link.
pub(crate) fn page(frame: &Frame, shown: &Shown<'_>, wrong: &[Wrong]) -> String {
    let w = frame.words;
    let found = shown.found;
    let own = !shown.follow.is_empty();
    let point_chosen = found.drop_off.as_ref().filter(|_| own && waits_to_be_sent(found));
    let body = html! {
        @if shown.new { p.notice role="status" { @match found.withdrawal {
            true => (w.new_withdrawal),
            false => (w.new_return),
        } } }
        dl.facts {
            dt { (w.return_number) } dd { span.code { (short(&found.return_id)) } }
            @if let Some(at) = &found.requested_at {
                dt { (w.asked_on) } dd { (moment(w, at.seconds)) }
            }
            dt { (w.state) } dd { strong { (state(frame, found)) } }
            @if let Some(until) = found.send_until.as_ref().filter(|_| waits_to_be_sent(found)) {
                dt { (w.send_until) } dd { (day(w, until.seconds)) }
            }
            @if let Some(point) = point_chosen {
                dt { (w.point_chosen) }
                dd {
                    strong { (point.name) } br;
                    @for line in &point.lines { (line) br; }
                    (point.postcode) " " (point.city)
                    @if !found.parcels.iter().any(named) { p.hint { (w.point_other) } }
                }
            }
            @if let Some(due) = &found.refund_due_by {
                dt { (w.due_by) } dd { (day(w, due.seconds)) }
            }
        }
        @if own {
            p { a href=(frame.to(&format!("/returns/{}/confirmation", found.return_id))) download {
                (w.receipt_link) } }
        }
        @if !found.decision.is_empty() {
            p { (w.code("not_offered", &found.decision).unwrap_or(w.not_offered_other)) }
        }
        @if own && found.state() != ReturnState::Rejected {
            @for parcel in &found.parcels { (parcel_of(frame, shown, parcel, wrong)) }
        }
        (swap::section(frame, found, |line| shown.names.get(&line).cloned()))
        section aria-labelledby="rails" {
            h2 #rails { (w.rails_title) }
            p { (w.rails_text) }
            div.rails {
                div { h3 { (w.goods) } (goods(frame, shown)) }
                div { h3 { (w.money) } (money(frame, found)) }
            }
        }
        @if own { (afterwards(frame, shown)) }
    };
    let switch = match (own, &shown.points) {
        (true, Some(_)) => Switch::Link(format!("/returns/{}", found.return_id)),
        (true, None) => Switch::Link(format!("/returns/{}", found.return_id)),
        (false, _) => Switch::Link(String::new()),
    };
    let title = if shown.new { w.confirmed_title } else { w.status_title };
    frame.page(title, &switch, wrong, &body)
}

/// The page of the link, which stays at its own address in the other language.
pub(crate) fn followed(frame: &Frame, found: &Return, token: &str) -> String {
    let names = BTreeMap::new();
    let (postcode, follow) = (String::new(), String::new());
    let shown = Shown { found, names, postcode, follow, new: false, points: None };
    let page = page(frame, &shown, &[]);
    let (from, to) = (
        super::address(frame.tenant, frame.lang.other(), ""),
        super::address(frame.tenant, frame.lang.other(), &format!("/follow/{token}")),
    );
    page.replacen(&format!("href=\"{from}\""), &format!("href=\"{to}\""), 1)
}

fn state<'w>(frame: &'w Frame, found: &Return) -> &'w str {
    let w = frame.words;
    match found.state() {
        ReturnState::Waiting => w.state_waiting,
        ReturnState::Rejected => w.state_rejected,
        ReturnState::Closed => w.state_closed,
        ReturnState::Open | ReturnState::Unspecified => w.state_open,
    }
}

/// Does the label of the parcel name the point?
fn named(parcel: &ReturnParcel) -> bool {
    colibri_carriers::by_id(&parcel.carrier).is_some_and(names_points)
}

fn waits_to_be_sent(found: &Return) -> bool {
    found.lines.iter().any(|line| line.goods.as_ref().is_some_and(|goods| goods.at_buyer > 0))
}

fn parcel_of(frame: &Frame, shown: &Shown<'_>, parcel: &ReturnParcel, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let ready = !parcel.parcel_ids.is_empty() && matches!(parcel.state.as_str(), "issued" | "");
    let place = format!("/returns/{}", shown.found.return_id);
    let title = fill(w.parcel, &[("{number}", &parcel.label.to_string())]);
    let carrier = colibri_carriers::by_id(&parcel.carrier).map(|carrier| carrier.info().name);
    html! {
        section.item aria-label=(title) {
            h2 { (title) }
            p { (w.code("parcel", &parcel.state).unwrap_or(w.parcel_other)) }
            @if let Some(carrier) = carrier { p { (fill(w.carrier, &[("{name}", carrier)])) } }
            @if parcel.state == "wanted" {
                p { a.main href=(frame.to(&place)) { (w.look_again) } }
            }
            @if ready {
                p { a.main href=(frame.to(&format!("{place}/label/{}", parcel.label))) download {
                    (w.label_download) } }
                @if !shown.found.declaration_id.is_empty() {
                    p { a href=(frame.to(&format!("{place}/customs/{}", parcel.label))) download {
                        (w.paper_download) } }
                    p.hint { (w.paper_text) }
                }
                @if !parcel.code.is_empty() { (code(frame, parcel)) }
                (points(frame, shown, parcel, wrong))
            }
        }
    }
}

fn code(frame: &Frame, parcel: &ReturnParcel) -> Markup {
    let w = frame.words;
    html! {
        div.qr {
            @if let Some(qr) = qr::path(&parcel.code) {
                svg role="img" aria-label=(w.qr_name) viewBox={ "0 0 " (qr.side) " " (qr.side) }
                    shape-rendering="crispEdges" {
                    rect width=(qr.side) height=(qr.side) fill="#fff" {}
                    path d=(qr.path) fill="#000" {}
                }
            }
            div {
                p { (w.qr_text) }
                p { (w.qr_code) br; span.code { (parcel.code) } }
                @if let Some(until) = &parcel.code_until {
                    p { (fill(w.qr_until, &[("{day}", &day(w, until.seconds))])) }
                }
            }
        }
    }
}

fn points(frame: &Frame, shown: &Shown<'_>, parcel: &ReturnParcel, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let carrier = colibri_carriers::by_id(&parcel.carrier);
    if carrier.and_then(|carrier| carrier.service_points()).is_none() {
        return html! {};
    }
    // The label names the point that was chosen before it was bought.
    if carrier.is_some_and(names_points) && shown.found.drop_off.is_some() {
        return html! {};
    }
    let id = format!("near-{}", parcel.label);
    let asked = shown.points.as_ref().filter(|points| points.label == parcel.label);
    let postcode = asked.map_or(shown.postcode.as_str(), |points| points.postcode.as_str());
    let city = asked.map(|points| points.city.as_str()).unwrap_or_default();
    let town = format!("town-{}", parcel.label);
    let place = format!("/returns/{}/points", shown.found.return_id);
    html! {
        form method="post" action={ (frame.to(&place)) "#" (id) "-found" } novalidate {
            (frame.proof())
            input type="hidden" name="label" value=(parcel.label);
            div.field {
                label for=(id) { (w.points_near) }
                (beside(wrong, &id))
                input.short id=(id) name="postcode" value=(postcode) maxlength="16"
                    autocomplete="postal-code" aria-describedby=[described(wrong, &id, false)]
                    aria-invalid=[invalid(wrong, &id)];
            }
            div.field {
                label for=(town) { (w.points_city) }
                (beside(wrong, &town))
                input id=(town) name="city" value=(city) maxlength="50"
                    autocomplete="address-level2" aria-describedby=[described(wrong, &town, false)]
                    aria-invalid=[invalid(wrong, &town)];
            }
            button.second { (w.points_button) }
        }
        div id={ (id) "-found" } {
            @match asked.filter(|_| wrong.is_empty()).map(|points| points.found) {
                None => {}
                Some(None) => p role="status" { (w.points_unknown) }
                Some(Some([])) => p role="status" { (w.points_none) }
                Some(Some(found)) => ul.points {
                    @for one in found { (point(frame, &shown.found.return_id, one)) }
                }
            }
        }
    }
}

fn point(frame: &Frame, id: &str, found: &FoundPoint) -> Markup {
    let w = frame.words;
    let Some(point) = &found.point else { return html! {} };
    html! {
        li {
            strong { (point.name) } br;
            @for line in &point.lines { (line) br; }
            (point.postcode) " " (point.city)
            @if let Some(metres) = found.distance_m {
                br; (fill(w.points_distance, &[("{metres}", &metres.to_string())]))
            }
            @if found.hours_known && !found.hours.is_empty() {
                details {
                    summary { (w.points_hours) " " span.unseen { (point.name) } }
                    ul { @for hours in &found.hours {
                        @let at = usize::try_from(hours.weekday).unwrap_or(0).saturating_sub(1);
                        li { (w.weekdays.get(at).copied().unwrap_or_default()) " "
                            (hours.from) "–" (hours.to) }
                    } }
                }
            }
            form method="post" action=(frame.to(&format!("/returns/{id}/point"))) {
                (frame.proof())
                input type="hidden" name="id" value=(point.id);
                input type="hidden" name="name" value=(point.name);
                @for line in &point.lines { input type="hidden" name="line" value=(line); }
                input type="hidden" name="postcode" value=(point.postcode);
                input type="hidden" name="city" value=(point.city);
                input type="hidden" name="country" value=(point.country);
                button.second { (w.point_choose) span.unseen { (w.colon) (point.name) } }
            }
        }
    }
}

/// Units by where they are, only places where some are.
fn goods(frame: &Frame, shown: &Shown<'_>) -> Markup {
    let w = frame.words;
    html! {
        @for line in &shown.found.lines {
            p.sub { (shown.names.get(&line.line).unwrap_or(&line.sku)) "\u{a0}×\u{a0}" (line.units) }
            ul.rail {
                @for (code, units) in places(line.goods.as_ref()) {
                    li { (w.code("goods", code).unwrap_or(code)) (w.colon) strong { (units) } }
                }
            }
        }
    }
}

fn places(goods: Option<&Goods>) -> Vec<(&'static str, u32)> {
    let goods = goods.copied().unwrap_or_default();
    let all = [
        ("at_buyer", goods.at_buyer),
        ("dropped", goods.dropped),
        ("in_transit", goods.in_transit),
        ("arrived", goods.arrived),
        ("received", goods.received),
        ("inspected", goods.inspected),
        ("disposed", goods.disposed),
        ("not_returned", goods.not_returned),
        ("lost", goods.lost),
        ("cancelled", goods.cancelled),
    ];
    all.into_iter().filter(|(_, units)| *units > 0).collect()
}

fn money(frame: &Frame, found: &Return) -> Markup {
    let w = frame.words;
    let mut sums: Vec<(&str, i64)> = Vec::new();
    let ledgers = found.lines.iter().filter_map(|line| line.funds.as_ref());
    for funds in ledgers.chain(&found.delivery) {
        for (code, minor) in amounts(funds) {
            match sums.iter_mut().find(|(known, _)| *known == code) {
                Some((_, sum)) => *sum = sum.saturating_add(minor),
                None => sums.push((code, minor)),
            }
        }
    }
    html! {
        ul.rail {
            @for (code, minor) in sums.iter().filter(|(_, minor)| *minor != 0) {
                li { (w.code("money", code).unwrap_or(code)) (w.colon)
                    strong { (amount(frame.lang, *minor, &found.currency)) } }
            }
        }
    }
}

/// Amounts by where they lie, as a buyer needs them.
fn amounts(funds: &Funds) -> [(&'static str, i64); 7] {
    [
        ("pending", funds.pending_minor),
        ("due", funds.due_minor),
        ("ordered", funds.ordered_minor.saturating_add(funds.in_doubt_minor)),
        ("refunded", funds.refunded_minor.saturating_add(funds.elsewhere_minor)),
        ("denied", funds.denied_minor),
        ("fees", funds.fees_minor),
        ("spent", funds.spent_minor),
    ]
}

fn afterwards(frame: &Frame, shown: &Shown<'_>) -> Markup {
    let w = frame.words;
    let found = shown.found;
    let place = format!("/returns/{}", found.return_id);
    let open = matches!(found.state(), ReturnState::Open | ReturnState::Waiting);
    html! {
        section aria-labelledby="keep" {
            h2 #keep { (w.follow_title) }
            p { (w.follow_text) }
            p { a href=(frame.to(&format!("/follow/{}", shown.follow))) { (w.follow_link) } }
        }
        @if open && waits_to_be_sent(found) {
            section aria-labelledby="cancel" {
                h2 #cancel { (w.cancel_title) }
                p { (w.cancel_text) }
                form method="post" action=(frame.to(&format!("{place}/cancel"))) {
                    (frame.proof())
                    button.second { (w.cancel_button) }
                }
            }
        }
        p { a href=(frame.to("/order")) { (w.back_to_order) } }
    }
}
