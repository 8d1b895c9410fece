//! What follows from the reasons: questions, photos, what the visitor would like, the way back.

use colibri_events::returns::v1::Outcome;
use maud::{Markup, html};

use super::{Frame, Switch, Wrong, beside, choose::title, described, invalid, step, swap::wish};
use crate::portal::{
    choice::{Choice, Chosen, Door, Proof, Way, outcome_code},
    words::{fill, humanised},
};

/// What a link of the other language repeats: reasons and quantities, which are nobody's secret.
pub(crate) fn query(choice: &Choice) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("door", choice.door.code());
    for one in &choice.chosen {
        query.append_pair(&format!("units-{}", one.line.line), &one.units.to_string());
        if !one.reason.is_empty() {
            query.append_pair(&format!("reason-{}", one.line.line), &one.reason);
        }
    }
    query.finish()
}

/// Door, quantities and reasons, carried in a form.
pub(crate) fn carried(choice: &Choice) -> Markup {
    html! {
        input type="hidden" name="door" value=(choice.door.code());
        @for one in &choice.chosen {
            input type="hidden" name={ "units-" (one.line.line) } value=(one.units);
            @if !one.reason.is_empty() {
                input type="hidden" name={ "reason-" (one.line.line) } value=(one.reason);
            }
            @for photo in &one.photos {
                input type="hidden" name={ "photo-" (one.line.line) } value=(photo);
            }
        }
    }
}

/// The page. `sent`: it answers a form, so the other language needs the form again.
pub(crate) fn page(frame: &Frame, choice: &Choice, sent: bool, wrong: &[Wrong]) -> String {
    let w = frame.words;
    let query = query(choice);
    let body = html! {
        (step(w, 2))
        form #form method="post" enctype="multipart/form-data" action=(frame.to("/review"))
            novalidate {
            (frame.proof())
            (carried(choice))
            @for one in &choice.chosen { (line(frame, choice.door, one, wrong)) }
            (ways(frame, choice, wrong))
            (parcels(frame, choice, wrong))
            div.field {
                label for="note" { (w.note) }
                p.hint #note-hint { (w.note_hint) }
                (beside(wrong, "note"))
                textarea #note name="note" rows="3" maxlength="1000"
                    aria-describedby=[described(wrong, "note", true)] { (choice.note) }
            }
            div.row {
                button.main { (w.go_on) }
                a href=(frame.to(&format!("/items?{query}"))) { (w.back) }
            }
        }
    };
    let switch = match sent {
        true => Switch::Form("/review"),
        false => Switch::Link(format!("/details?{query}")),
    };
    frame.page(w.details_title, &switch, wrong, &body)
}

fn line(frame: &Frame, door: Door, one: &Chosen, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let number = one.line.line;
    let reason = w.code("reason", &one.reason);
    html! {
        fieldset.item {
            legend { (title(&one.line)) "\u{a0}×\u{a0}" (one.units) }
            @if let Some(reason) = reason { p.facts { (reason) } }
            @if door == Door::Return {
                (outcomes(frame, one, wrong))
                (wish(frame, one, wrong))
                @for question in &one.line.questions { (question_of(frame, one, question, wrong)) }
                @if Proof::of(&one.line) != Proof::None { (photos(frame, one, wrong)) }
                @if one.line.keep {
                    div.tick {
                        input type="checkbox" id={ "keep-" (number) } name={ "keep-" (number) }
                            value="1" checked[one.keep];
                        label for={ "keep-" (number) } { (w.keep) }
                    }
                }
            }
        }
    }
}

fn outcomes(frame: &Frame, one: &Chosen, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let name = format!("outcome-{}", one.line.line);
    let offered: Vec<Outcome> = one.line.outcomes().collect();
    html! {
        @if offered.len() > 1 {
            fieldset.inner {
                legend { (w.outcome) }
                (beside(wrong, &name))
                @for (at, outcome) in offered.iter().enumerate() {
                    @let code = outcome_code(*outcome);
                    // The first one has the id that an error leads to.
                    @let id = if at == 0 { name.clone() } else { format!("{name}-{code}") };
                    div.tick {
                        input type="radio" id=(id) name=(name) value=(code)
                            checked[one.outcome == Some(*outcome)]
                            aria-describedby=[described(wrong, &name, false)];
                        label for=(id) { (w.code("outcome", code).unwrap_or(code)) }
                    }
                }
            }
        }
    }
}

fn question_of(frame: &Frame, one: &Chosen, question: &str, wrong: &[Wrong]) -> Markup {
    let id = format!("answer-{}-{question}", one.line.line);
    let known = frame.words.code("question", question).map(str::to_owned);
    html! {
        div.field {
            label for=(id) { (known.unwrap_or_else(|| humanised(question))) }
            (beside(wrong, &id))
            textarea id=(id) name=(id) rows="2" maxlength="500"
                aria-describedby=[described(wrong, &id, false)]
                aria-invalid=[invalid(wrong, &id)] { (one.answer(question)) }
        }
    }
}

fn photos(frame: &Frame, one: &Chosen, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let id = format!("photos-{}", one.line.line);
    html! {
        div.field {
            label for=(id) {
                @if Proof::of(&one.line) == Proof::Needed { (w.photos_needed) }
                @else { (w.photos_optional) }
            }
            p.hint id={ (id) "-hint" } { (w.photos_hint) }
            @if !one.photos.is_empty() {
                p.done { (w.photos_there) " " (one.photos.len()) }
            }
            (beside(wrong, &id))
            input type="file" id=(id) name=(id) multiple accept="image/jpeg,image/png"
                aria-describedby=[described(wrong, &id, true)] aria-invalid=[invalid(wrong, &id)];
        }
    }
}

fn ways(frame: &Frame, choice: &Choice, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    html! {
        fieldset.item {
            legend { (w.way) }
            (beside(wrong, "way"))
            @for (at, (way, label, hint)) in [
                (Way::Label, w.way_label, w.way_label_hint),
                (Way::Code, w.way_code, w.way_code_hint),
                (Way::Own, w.way_own, w.way_own_hint),
            ].into_iter().enumerate() {
                @let id = if at == 0 { "way".to_owned() } else { format!("way-{}", way.code()) };
                div.tick {
                    input type="radio" id=(id) name="way" value=(way.code())
                        checked[choice.way == Some(way)] aria-describedby={ (id) "-hint" };
                    label for=(id) { (label) }
                    p.hint id={ (id) "-hint" } { (hint) }
                }
            }
        }
    }
}

/// Into how many parcels it goes, where there is something to divide.
fn parcels(frame: &Frame, choice: &Choice, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    let most = choice.parcels_max();
    html! {
        @if most > 1 {
            div.field {
                label for="parcels" { (w.parcels) }
                p.hint #parcels-hint {
                    (fill(w.parcels_hint, &[("{most}", &most.to_string())]))
                }
                (beside(wrong, "parcels"))
                input.short #parcels type="number" name="parcels" min="1" max=(most)
                    inputmode="numeric" value=(choice.parcels.unwrap_or(1))
                    aria-describedby=[described(wrong, "parcels", true)]
                    aria-invalid=[invalid(wrong, "parcels")];
            }
        }
    }
}
