//! A return: its state, its labels, places to drop it off, calling it off.

use std::collections::BTreeMap;

use axum::{body::Body, response::Response};
use colibri_events::{
    labels::v1::FoundPoint,
    returns::v1::{
        CancelRequest, ChooseDropOffRequest, GetCustomsPaperRequest, GetLabelRequest, GetRequest,
        Return,
    },
    types::v1::Address,
};
use http::{HeaderValue, StatusCode, header};

use super::{
    choice::Door,
    failure::Failure,
    form::Form,
    pick::eligible,
    point::{near, of_fields},
    receipt,
    session::{follow_token, followed},
    view::{
        Wrong, choose, message,
        status::{self as view, Points, Shown},
    },
    visit::{Visit, page, status_of},
};

/// Types of labels that are given out, and how their files end.
const TYPES: [(&str, &str); 4] = [
    ("application/pdf", "pdf"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("application/zpl", "zpl"),
];

/// A return of the visitor.
async fn own(visit: &Visit<'_>, id: &str) -> Result<Return, Failure> {
    let identity = Some(visit.who()?.identity());
    let asked = GetRequest { return_id: id.to_owned(), identity, reveal: false };
    Ok(visit.returns().get(asked).await?.into_inner())
}

/// What its articles are called.
async fn names(visit: &Visit<'_>) -> Result<BTreeMap<u32, String>, Failure> {
    let known = eligible(visit, Door::Return, "").await?;
    let name = |line: &_| choose::title(line).to_owned();
    Ok(known.lines.iter().map(|line| (line.line, name(line))).collect())
}

/// Places that were asked for: parcel, postcode, town, answer.
type Asked = (u32, String, String, Option<Vec<FoundPoint>>);

async fn shown(
    visit: &Visit<'_>,
    id: &str,
    new: bool,
    (points, wrong): (Option<Asked>, Vec<Wrong>),
) -> Result<Response, Failure> {
    let (found, names) = tokio::try_join!(own(visit, id), names(visit))?;
    let follow = follow_token(&visit.app.portal.sealer, visit.tenant, &found.return_id)?;
    let points = points.as_ref().map(|(label, postcode, city, found)| Points {
        label: *label,
        postcode: postcode.clone(),
        city: city.clone(),
        found: found.as_deref(),
    });
    let postcode = visit.who()?.postcode.clone();
    let shown = Shown { found: &found, names, postcode, follow, new, points };
    Ok(page(status_of(&wrong), view::page(&visit.frame(), &shown, &wrong)))
}

/// Where goods and money are.
pub(super) async fn status(visit: &Visit<'_>, id: &str) -> Result<Response, Failure> {
    let new = !Form::of_query(visit.parts.uri.query())?.text("new").is_empty();
    shown(visit, id, new, (None, Vec::new())).await
}

/// The same for whoever has the link: no label, no code, no name of an article.
pub(super) async fn follow(visit: &Visit<'_>, word: &str) -> Result<Response, Failure> {
    let id = followed(&visit.app.portal.sealer, visit.tenant, word).ok_or(Failure::Nothing)?;
    let asked = GetRequest { return_id: id, ..GetRequest::default() };
    let found = visit.returns().get(asked).await?.into_inner();
    Ok(page(status_of(&[]), view::followed(&visit.frame(), &found, word)))
}

/// What was declared and when, as a file to keep.
pub(super) async fn receipt(visit: &Visit<'_>, id: &str) -> Result<Response, Failure> {
    let (found, names) = tokio::try_join!(own(visit, id), names(visit))?;
    let file = receipt::pdf(&visit.frame(), visit.who()?, &found, &names);
    let name = format!("confirmation-{}.pdf", choose::short(&found.return_id));
    attached(file.into(), "application/pdf", &name)
}

/// A file that is saved, never shown in place.
fn attached(data: Body, media: &'static str, name: &str) -> Result<Response, Failure> {
    let mut response = Response::new(data);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let name = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let name = name.map_err(|cause| Failure::Bug(cause.into()))?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The label of a parcel, as a file to print.
pub(super) async fn label(visit: &Visit<'_>, id: &str, number: &str) -> Result<Response, Failure> {
    let label = number.parse().map_err(|_| Failure::Nothing)?;
    let ask = |media_type: &str| GetLabelRequest {
        return_id: id.to_owned(),
        label,
        identity: visit.who().ok().map(super::session::Who::identity),
        media_type: media_type.to_owned(),
    };
    visit.who()?;
    let found = match visit.returns().get_label(ask("application/pdf")).await {
        // Perhaps there is one of another type.
        Err(_) => visit.returns().get_label(ask("")).await,
        found => found,
    };
    let found = match found.map_err(Failure::from) {
        Ok(found) => found.into_inner(),
        Err(failure) if failure.reason() == Some("RET0009") => {
            let (w, code) = (visit.words, failure.reason());
            let text = message::page(&visit.frame(), w.no_label_title, w.no_label_text, code);
            return Ok(page(StatusCode::CONFLICT, text));
        }
        Err(failure) => return Err(failure),
    };
    let known = TYPES.iter().find(|(media, _)| *media == found.media_type);
    // A type we do not know is saved, never shown.
    let (media, ending) = known.copied().unwrap_or(("application/octet-stream", "bin"));
    attached(found.data.into(), media, &format!("label-{label}.{ending}"))
}

/// The customs paper of a parcel, as a file to print and sign.
pub(super) async fn paper(visit: &Visit<'_>, id: &str, number: &str) -> Result<Response, Failure> {
    let label = number.parse().map_err(|_| Failure::Nothing)?;
    let asked = GetCustomsPaperRequest {
        return_id: id.to_owned(),
        label,
        identity: Some(visit.who()?.identity()),
        media_type: String::new(),
    };
    let found = match visit.returns().get_customs_paper(asked).await.map_err(Failure::from) {
        Ok(found) => found.into_inner(),
        Err(failure) if matches!(failure.reason(), Some("RET0009" | "RET0022")) => {
            let (w, code) = (visit.words, failure.reason());
            let text = message::page(&visit.frame(), w.no_paper_title, w.no_paper_text, code);
            return Ok(page(StatusCode::CONFLICT, text));
        }
        Err(failure) => return Err(failure),
    };
    attached(found.data.into(), "application/pdf", &format!("customs-{label}.pdf"))
}

/// Places of the parcel's carrier near a postcode.
pub(super) async fn points(visit: &Visit<'_>, id: &str, body: Body) -> Result<Response, Failure> {
    let form = visit.form(body).await?;
    let label = form.number("label").ok_or(Failure::Input)?;
    let (postcode, city) = (form.text("postcode").to_owned(), form.text("city").to_owned());
    let w = visit.words;
    let fields = [("near", &postcode, 16, w.points_missing), ("town", &city, 50, w.city_missing)];
    let wrong: Vec<Wrong> = fields
        .into_iter()
        .filter(|(_, text, most, _)| text.is_empty() || text.chars().count() > *most)
        .map(|(field, _, _, missing)| Wrong::at(format!("{field}-{label}"), missing))
        .collect();
    if !wrong.is_empty() {
        let asked = Some((label, postcode, city, None));
        return shown(visit, id, false, (asked, wrong)).await;
    }
    visit.limit(&visit.app.portal.dear, visit.address())?;
    let found = own(visit, id).await?;
    let parcel = found.parcels.iter().find(|parcel| parcel.label == label);
    let carrier = parcel.map(|parcel| parcel.carrier.as_str()).ok_or(Failure::Nothing)?;
    let place = Address {
        postcode: postcode.clone(),
        city: city.clone(),
        country: found.country.clone(),
        ..Address::default()
    };
    let near = near(visit, carrier, place).await?;
    shown(visit, id, false, (Some((label, postcode, city, near)), Vec::new())).await
}

/// Keeps the point that was chosen among those shown.
pub(super) async fn point(visit: &Visit<'_>, id: &str, body: Body) -> Result<Response, Failure> {
    let form = visit.form(body).await?;
    let point = Some(of_fields(&form).ok_or(Failure::Input)?);
    let identity = Some(visit.who()?.identity());
    let asked = ChooseDropOffRequest { return_id: id.to_owned(), point, identity };
    match visit.returns().choose_drop_off(asked).await.map_err(Failure::from) {
        // Sent meanwhile, or not a point: the page says how things stand.
        Ok(_) | Err(Failure::Refused(_)) => Ok(visit.to(&format!("/returns/{id}"))),
        Err(failure) => Err(failure),
    }
}

/// Calls a return off.
pub(super) async fn cancel(visit: &Visit<'_>, id: &str, body: Body) -> Result<Response, Failure> {
    visit.form(body).await?;
    let identity = Some(visit.who()?.identity());
    let asked = CancelRequest { return_id: id.to_owned(), identity, buyer: true };
    match visit.returns().cancel(asked).await.map_err(Failure::from) {
        Ok(_) => Ok(visit.to(&format!("/returns/{id}"))),
        Err(failure) if failure.reason() == Some("RET0006") => {
            let wrong = vec![Wrong::at("main", visit.words.cancel_refused)];
            shown(visit, id, false, (None, wrong)).await
        }
        Err(failure) => Err(failure),
    }
}
