//! Finding an order: one answer for whatever is wrong, and few tries.

use axum::{body::Body, response::Response};
use colibri_events::returns::v1::EligibleRequest;

use super::{
    failure::Failure,
    form::Form,
    session::{Session, Who},
    view::{
        Wrong,
        find::{self, Notice},
    },
    visit::{Visit, page as answer, status_of},
};

/// Longest order number, e-mail and postcode that can be of anybody, in characters.
const LONGEST: [usize; 3] = [100, 254, 16];

/// The empty form.
pub(super) fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let notice = match Form::of_query(visit.parts.uri.query())?.text("notice") {
        "over" => Notice::Over,
        "left" => Notice::Left,
        _ => Notice::None,
    };
    let text = find::page(&visit.frame(), &Who::default(), notice, &[]);
    Ok(answer(status_of(&[]), text))
}

/// Looks the order up.
pub(super) async fn found(visit: &mut Visit<'_>, body: Body) -> Result<Response, Failure> {
    let form = visit.form(body).await?;
    let who = Who {
        number: form.text("number").to_owned(),
        email: form.text("email").to_owned(),
        postcode: form.text("postcode").to_owned(),
    };
    let wrong = check(visit, &who);
    if !wrong.is_empty() {
        return Ok(again(visit, &who, &wrong));
    }
    visit.limit(&visit.app.portal.addresses, visit.address())?;
    // As the vault compares them: other spellings of a number are the same order.
    let number: String =
        who.number.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    visit.limit(&visit.app.portal.orders, (visit.tenant, number))?;
    let asked = EligibleRequest { order: who.order(), ..EligibleRequest::default() };
    match visit.returns().eligible(asked).await.map_err(Failure::from) {
        Ok(_) => {
            // A new name: whoever knew the one before knows nothing.
            visit.session = Some(Session::begin(Some(who))?);
            Ok(visit.to("/order"))
        }
        Err(Failure::Refused(_)) => {
            let wrong = [Wrong::at("number", visit.words.find_nothing)];
            Ok(again(visit, &who, &wrong))
        }
        Err(failure) => Err(failure),
    }
}

fn again(visit: &Visit<'_>, who: &Who, wrong: &[Wrong]) -> Response {
    answer(status_of(wrong), find::page(&visit.frame(), who, Notice::None, wrong))
}

fn check(visit: &Visit<'_>, who: &Who) -> Vec<Wrong> {
    let w = visit.words;
    let mut wrong = Vec::new();
    if who.number.is_empty() {
        wrong.push(Wrong::at("number", w.find_number_missing));
    }
    match (who.email.is_empty(), who.postcode.is_empty()) {
        (true, true) => wrong.push(Wrong::at("email", w.find_either_missing)),
        (false, false) => wrong.push(Wrong::at("postcode", w.find_both)),
        _ => {}
    }
    let lengths = [&who.number, &who.email, &who.postcode].map(|text| text.chars().count());
    if wrong.is_empty() && lengths.iter().zip(LONGEST).any(|(length, most)| *length > most) {
        wrong.push(Wrong::at("number", w.find_nothing));
    }
    wrong
}

/// Ends the visit.
pub(super) async fn leave(visit: &mut Visit<'_>, body: Body) -> Result<Response, Failure> {
    visit.form(body).await?;
    visit.ends = true;
    Ok(visit.to("?notice=left"))
}
