//! Pages for what cannot be shown.

use maud::html;

use super::{Frame, Switch};

/// A page with one thing to say and a way on.
pub(crate) fn page(frame: &Frame, title: &str, text: &str, code: Option<&str>) -> String {
    let w = frame.words;
    let body = html! {
        p { (text) }
        @if let Some(code) = code { p.hint { (w.error_code) " " span.code { (code) } } }
        p { a.main href=(frame.to("")) { (w.start_again) } }
    };
    frame.page(title, &Switch::Link(String::new()), &[], &body)
}
