//! The first page: which order.

use maud::{Markup, html};

use super::{Frame, Switch, Wrong, beside, described, invalid};
use crate::portal::session::Who;

/// What the page has to say besides its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nothing.
    None,
    /// The visit was over.
    Over,
    /// The visitor has left.
    Left,
}

/// The page.
pub(crate) fn page(frame: &Frame, who: &Who, notice: Notice, wrong: &[Wrong]) -> String {
    let w = frame.words;
    let told = match notice {
        Notice::None => None,
        Notice::Over => Some(w.notice_over),
        Notice::Left => Some(w.notice_left),
    };
    let body = html! {
        @if let Some(told) = told { p.notice role="status" { (told) } }
        p { (w.find_intro) }
        form method="post" action=(frame.to("")) novalidate {
            (frame.proof())
            (field(wrong, ("number", w.number, Some(w.number_hint)), |id| html! {
                input #number name="number" value=(who.number) maxlength="100" required
                    autocomplete="off" spellcheck="false" autocapitalize="characters"
                    aria-describedby=[described(wrong, id, true)] aria-invalid=[invalid(wrong, id)];
            }))
            fieldset aria-describedby="either-hint" {
                legend { (w.either) }
                p.hint #either-hint { (w.either_hint) }
                (field(wrong, ("email", w.email, None), |id| html! {
                    input #email name="email" type="email" value=(who.email) maxlength="254"
                        autocomplete="email" spellcheck="false"
                        aria-describedby=[described(wrong, id, false)]
                        aria-invalid=[invalid(wrong, id)];
                }))
                (field(wrong, ("postcode", w.postcode, None), |id| html! {
                    input #postcode .short name="postcode" value=(who.postcode) maxlength="16"
                        autocomplete="postal-code" spellcheck="false"
                        aria-describedby=[described(wrong, id, false)]
                        aria-invalid=[invalid(wrong, id)];
                }))
            }
            button.main { (w.find_button) }
        }
    };
    frame.page(w.find_title, &Switch::Link(String::new()), wrong, &body)
}

fn field(
    wrong: &[Wrong],
    (id, label, hint): (&str, &str, Option<&str>),
    input: impl Fn(&str) -> Markup,
) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
            (beside(wrong, id))
            (input(id))
        }
    }
}
