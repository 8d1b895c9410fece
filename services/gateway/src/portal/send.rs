//! Photos, answers and wishes; everything once more; and the request itself.

use axum::{body::Body, response::Response};
use colibri_events::returns::v1::{Outcome, PutPhotoRequest};

use super::{
    choice::{Choice, Proof, WISH, Way, request},
    failure::Failure,
    form::{File, Form},
    pick::{Again, choose},
    point,
    view::{Wrong, choose::title, details, review as view},
    visit::{Visit, page, status_of},
    words::fill,
};

/// Bytes of a photo, as returns takes them.
const PHOTO_MAX: usize = 2 << 20;
/// Photos of one line: far more than show a damage.
const PHOTOS_MAX: usize = 12;
/// Characters of an answer and of a note, as returns takes them.
const ANSWER_MAX: usize = 500;
const NOTE_MAX: usize = 1000;

/// Takes what was told, and shows everything once more; or what is to be put right.
pub(super) async fn review(visit: &Visit<'_>, body: Body) -> Result<Response, Failure> {
    visit.who()?;
    let place = visit.app.portal.uploads.try_acquire().map_err(|_| Failure::Away)?;
    let form = visit.form(body).await?;
    let mut choice = match choose(visit, &form).await? {
        Ok(choice) => choice,
        Err(again) => return Ok(again.page(visit)),
    };
    choice.read(&form);
    let mut wrong = photos(visit, &mut choice, &form.files).await?;
    drop(place);
    if !form.text("change").is_empty() {
        let text = details::page(&visit.frame(), &choice, true, &[]);
        return Ok(page(status_of(&[]), text));
    }
    wrong.extend(check(visit, &choice, &wrong));
    if !wrong.is_empty() {
        let text = details::page(&visit.frame(), &choice, true, &wrong);
        return Ok(page(status_of(&wrong), text));
    }
    let known = form.text("request_id");
    let request_id = match known.parse::<ulid::Ulid>() {
        Ok(known) => known.to_string(),
        Err(_) => ulid::Ulid::new().to_string(),
    };
    if let Some(page) = point::ask(visit, &choice, &form, &request_id).await? {
        return Ok(page);
    }
    let text = view::page(&visit.frame(), &choice, &request_id, &[]);
    Ok(page(status_of(&[]), text))
}

/// Seals photos; what is none is told beside its field.
async fn photos(
    visit: &Visit<'_>,
    choice: &mut Choice,
    files: &[File],
) -> Result<Vec<Wrong>, Failure> {
    let mut wrong: Vec<Wrong> = Vec::new();
    for file in files {
        let one = choice.chosen.iter_mut().find(|one| {
            file.field == format!("photos-{}", one.line.line) && Proof::of(&one.line) != Proof::None
        });
        let Some(one) = one else { return Err(Failure::Input) };
        let article = title(&one.line).to_owned();
        let refused = || Wrong::at(file.field.clone(), visit.words.photos_wrong).about(&article);
        if !looks_like_photo(&file.data) || one.photos.len() >= PHOTOS_MAX {
            wrong.push(refused());
            continue;
        }
        visit.limit(&visit.app.portal.dear, visit.address())?;
        let order = visit.who()?.order();
        let asked = PutPhotoRequest { order, data: file.data.clone() };
        match visit.returns().put_photo(asked).await.map_err(Failure::from) {
            Ok(answer) => one.photos.push(answer.into_inner().photo_id),
            Err(failure) if failure.reason() == Some("RET0004") => wrong.push(refused()),
            Err(failure) => return Err(failure),
        }
    }
    wrong.dedup();
    Ok(wrong)
}

/// By its first bytes, whatever its name says; returns looks at the rest.
fn looks_like_photo(data: &[u8]) -> bool {
    let known = [&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n"];
    data.len() <= PHOTO_MAX && known.iter().any(|head| data.starts_with(head))
}

/// What is missing, unless something at the same place is wrong already.
fn check(visit: &Visit<'_>, choice: &Choice, wrong: &[Wrong]) -> Vec<Wrong> {
    let w = visit.words;
    let mut more = Vec::new();
    for one in &choice.chosen {
        let number = one.line.line;
        let at = |id: String, text: &str| Wrong::at(id, text).about(title(&one.line));
        if one.outcome.is_none() {
            more.push(at(format!("outcome-{number}"), w.outcome_missing));
        }
        if one.outcome == Some(Outcome::Exchange) && one.answer(WISH).is_empty() {
            more.push(at(format!("answer-{number}-{WISH}"), w.wish_missing));
        }
        if one.answer(WISH).chars().count() > ANSWER_MAX {
            more.push(at(format!("answer-{number}-{WISH}"), w.answer_long));
        }
        for question in &one.line.questions {
            let id = format!("answer-{number}-{question}");
            match one.answer(question) {
                "" => more.push(at(id, w.answer_missing)),
                text if text.chars().count() > ANSWER_MAX => {
                    more.push(at(id, w.answer_long));
                }
                _ => {}
            }
        }
        let id = format!("photos-{number}");
        let told = wrong.iter().any(|known| known.id == id);
        if Proof::of(&one.line) == Proof::Needed && one.photos.is_empty() && !told {
            more.push(at(id, w.photos_missing));
        }
    }
    if choice.way.is_none() && choice.travels() {
        more.push(Wrong::at("way", w.way_missing));
    }
    if choice.parcels.is_none() && choice.way != Some(Way::Own) {
        let most = choice.parcels_max().to_string();
        more.push(Wrong::at("parcels", fill(w.parcels_wrong, &[("{most}", &most)])));
    }
    if choice.note.chars().count() > NOTE_MAX {
        more.push(Wrong::at("note", w.note_long));
    }
    more
}

/// Asks for the return. The same form sent twice is one return.
pub(super) async fn confirm(visit: &Visit<'_>, body: Body) -> Result<Response, Failure> {
    let who = visit.who()?;
    let form: Form = visit.form(body).await?;
    let request_id = form.text("request_id").parse::<ulid::Ulid>().map_err(|_| Failure::Input)?;
    let asked = request(&form, who, &request_id.to_string());
    match visit.returns().request(asked).await.map_err(Failure::from) {
        Ok(answer) => {
            let id = answer.into_inner().return_id;
            Ok(visit.to(&format!("/returns/{id}?new=1")))
        }
        Err(failure) if failure.reason() == Some("RET0001") => Err(Failure::Over),
        Err(Failure::Refused(_)) => match choose(visit, &form).await? {
            Ok(choice) => Ok(Again::refused(visit, choice).page(visit)),
            Err(again) => Ok(again.page(visit)),
        },
        Err(failure) => Err(failure),
    }
}
