//! Where it is dropped off, before the label that names the point is bought.

use colibri_events::labels::v1::FoundPoint;
use maud::{Markup, html};

use super::{
    Frame, Switch, Wrong, beside, described, details::carried, invalid, review::told, step,
};
use crate::portal::{choice::Choice, point::carried as carried_point, words::fill};

/// What was asked for.
pub(crate) struct Asked {
    /// As they were typed.
    pub(crate) postcode: String,
    pub(crate) city: String,
    /// Nearest first; `None`: nobody asked yet.
    pub(crate) found: Option<Vec<FoundPoint>>,
}

/// The page.
pub(crate) fn page(
    frame: &Frame,
    choice: &Choice,
    request_id: &str,
    asked: &Asked,
    wrong: &[Wrong],
) -> String {
    let w = frame.words;
    let found = asked.found.as_deref();
    let body = html! {
        (step(w, 2))
        p { (w.point_text) }
        form #form method="post" action=(frame.to("/review")) novalidate {
            (frame.proof())
            (carried(choice))
            (told(choice))
            input type="hidden" name="request_id" value=(request_id);
            (search(frame, asked, wrong))
            @match found {
                None => {}
                Some([]) => p role="status" { (w.points_none) },
                Some(found) => (points(frame, found)),
            }
            div.row {
                @if found.is_some_and(|found| !found.is_empty()) {
                    button.main name="chosen" value="1" { (w.go_on) }
                }
                button.second name="later" value="1" { (w.point_later) }
                button.second name="change" value="1" { (w.change) }
            }
        }
    };
    frame.page(w.point_title, &Switch::Form("/review"), wrong, &body)
}

fn search(frame: &Frame, asked: &Asked, wrong: &[Wrong]) -> Markup {
    let w = frame.words;
    html! {
        div.field {
            label for="near" { (w.points_near) }
            (beside(wrong, "near"))
            input.short #near name="near" value=(asked.postcode) maxlength="16"
                autocomplete="postal-code" aria-describedby=[described(wrong, "near", false)]
                aria-invalid=[invalid(wrong, "near")];
        }
        div.field {
            label for="town" { (w.points_city) }
            (beside(wrong, "town"))
            input #town name="town" value=(asked.city) maxlength="50"
                autocomplete="address-level2" aria-describedby=[described(wrong, "town", false)]
                aria-invalid=[invalid(wrong, "town")];
        }
        button.second name="find" value="1" { (w.points_button) }
    }
}

fn points(frame: &Frame, found: &[FoundPoint]) -> Markup {
    let w = frame.words;
    let named = found.iter().filter_map(|one| Some((one, one.point.as_ref()?)));
    html! {
        fieldset.item {
            legend { (w.point_choose) }
            @for (at, (one, point)) in named.enumerate() {
                @let id = format!("point-{at}");
                div.tick {
                    input type="radio" id=(id) name="point" value=(carried_point(point))
                        aria-describedby={ (id) "-hint" };
                    label for=(id) { (point.name) }
                    p.hint id={ (id) "-hint" } {
                        @for line in &point.lines { (line) ", " }
                        (point.postcode) " " (point.city)
                        @if let Some(metres) = one.distance_m {
                            br; (fill(w.points_distance, &[("{metres}", &metres.to_string())]))
                        }
                    }
                }
            }
        }
    }
}
