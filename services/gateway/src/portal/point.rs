//! The point where a parcel is dropped off, where the label names it: chosen before the label is bought.

use axum::response::Response;
use colibri_events::{
    accounts::v1::{ListCarrierAccountsRequest, accounts_service_client::AccountsServiceClient},
    labels::v1::{
        FindServicePointsRequest, FoundPoint, GetRequest, get_request::By,
        labels_service_client::LabelsServiceClient,
    },
    types::v1::{Address, ServicePoint},
};

use super::{
    choice::{Choice, Way},
    failure::Failure,
    form::Form,
    view::{Wrong, point as view},
    visit::{Visit, page, status_of},
};

/// Points that are shown: what fits on a few phone screens.
const POINTS: u32 = 8;
/// Characters of a postcode and of a town.
const POSTCODE_MAX: usize = 16;
const CITY_MAX: usize = 50;

/// A point as a form carries it.
pub(crate) fn carried(point: &ServicePoint) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.append_pair("id", &point.id).append_pair("name", &point.name);
    for line in &point.lines {
        text.append_pair("line", line);
    }
    text.append_pair("postcode", &point.postcode).append_pair("city", &point.city);
    text.append_pair("country", &point.country);
    text.finish()
}

/// The point that fields tell; `None`: none. Never believed: returns looks at it.
pub(crate) fn of_fields(form: &Form) -> Option<ServicePoint> {
    let text = |name: &str| form.text(name).to_owned();
    let point = ServicePoint {
        id: text("id"),
        name: text("name"),
        lines: form.all("line").map(str::to_owned).collect(),
        postcode: text("postcode"),
        city: text("city"),
        country: text("country"),
    };
    (!point.id.is_empty()).then_some(point)
}

/// The point that a form carries in one field.
pub(crate) fn of(form: &Form) -> Option<ServicePoint> {
    of_fields(&Form::of_query(Some(form.text("point"))).ok()?)
}

/// Asks for the point where it has to be known before the label is bought; `None`: it has not, or it is
/// chosen, or the visitor goes on without.
pub(super) async fn ask(
    visit: &Visit<'_>,
    choice: &Choice,
    form: &Form,
    request_id: &str,
) -> Result<Option<Response>, Failure> {
    let labelled = matches!(choice.way, Some(Way::Label | Way::Code)) && choice.travels();
    let searching = !form.text("find").is_empty();
    let over = choice.point.is_some() || !form.text("later").is_empty();
    if !labelled || (over && !searching) {
        return Ok(None);
    }
    let Some(carrier) = carrier(visit, choice).await else { return Ok(None) };
    if !colibri_carriers::by_id(&carrier).is_some_and(names_points) {
        return Ok(None);
    }
    let postcode = form.text("near").to_owned();
    let mut asked = view::Asked { postcode, city: form.text("town").to_owned(), found: None };
    let mut wrong = Vec::new();
    let w = visit.words;
    if searching {
        let fields = [
            ("near", &asked.postcode, POSTCODE_MAX, w.points_missing),
            ("town", &asked.city, CITY_MAX, w.city_missing),
        ];
        let bad = |text: &str, most| text.is_empty() || text.chars().count() > most;
        let bad = fields.into_iter().filter(|(_, text, most, _)| bad(text, *most));
        wrong.extend(bad.map(|(field, _, _, missing)| Wrong::at(field, missing)));
        if wrong.is_empty() {
            visit.limit(&visit.app.portal.dear, visit.address())?;
            let place = Address {
                postcode: asked.postcode.clone(),
                city: asked.city.clone(),
                country: choice.known.country.clone(),
                ..Address::default()
            };
            asked.found = Some(near(visit, &carrier, place).await?.unwrap_or_default());
        }
    } else if !form.text("chosen").is_empty() {
        wrong.push(Wrong::at("near", w.point_missing));
    } else if let Ok(who) = visit.who() {
        asked.postcode = who.postcode.clone();
    }
    // A point that was marked before the search is not carried on beside the one that is chosen now.
    let open = Choice { point: None, ..choice.clone() };
    let text = view::page(&visit.frame(), &open, request_id, &asked, &wrong);
    Ok(Some(page(status_of(&wrong), text)))
}

/// Does the carrier tell its points, and name one on labels of the way back?
pub(crate) fn names_points(carrier: &dyn colibri_carriers::Carrier) -> bool {
    carrier.names_drop_off() && carrier.service_points().is_some()
}

/// By whom it comes back; `None`: nobody can say now, and the label is asked for without a point.
async fn carrier(visit: &Visit<'_>, choice: &Choice) -> Option<String> {
    let peers = &visit.app.host.peers;
    let own = choice.known.return_account_id.as_str();
    if own.is_empty() {
        let by = Some(By::OrderId(choice.known.order_id.clone()));
        let mut labels = LabelsServiceClient::new(peers.to("labels", visit.tenant));
        let found = labels.get(GetRequest { by, reveal: false }).await.ok()?;
        return Some(found.into_inner().carrier);
    }
    let mut accounts = AccountsServiceClient::new(peers.to("accounts", visit.tenant));
    let known = accounts.list_carrier_accounts(ListCarrierAccountsRequest::default()).await.ok()?;
    let known = known.into_inner().accounts.into_iter().find(|one| one.account_id == own);
    known.map(|one| one.carrier)
}

/// `None`: the carrier does not tell.
pub(super) async fn near(
    visit: &Visit<'_>,
    carrier: &str,
    place: Address,
) -> Result<Option<Vec<FoundPoint>>, Failure> {
    let peers = &visit.app.host.peers;
    let mut accounts = AccountsServiceClient::new(peers.to("accounts", visit.tenant));
    let known = accounts.list_carrier_accounts(ListCarrierAccountsRequest::default()).await?;
    let known = known.into_inner().accounts;
    let account = known.into_iter().find(|one| one.carrier == carrier && !one.disabled);
    let Some(account) = account else { return Ok(None) };
    let asked = FindServicePointsRequest {
        account_id: account.account_id,
        near: Some(place),
        limit: POINTS,
        ..FindServicePointsRequest::default()
    };
    let mut labels = LabelsServiceClient::new(peers.to("labels", visit.tenant));
    match labels.find_service_points(asked).await.map_err(Failure::from) {
        Ok(answer) => Ok(Some(answer.into_inner().points)),
        // It has none to offer, or not for what was typed.
        Err(Failure::Refused(_) | Failure::Bug(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}
