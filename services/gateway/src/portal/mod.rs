//! The public pages of returns: find an order, choose, confirm, follow.
//!
//! Owns the pages, their words, and what a visitor carries between them. Deliberately does not:
//! keep anything, run scripts, decide what may be returned, or show more of a person than the
//! person told. Orders are found by the returns service, with one answer for whatever is wrong.

mod choice;
mod failure;
mod find;
mod form;
mod lang;
mod pick;
mod point;
mod qr;
mod receipt;
mod returns;
mod seal;
mod send;
mod session;
mod view;
mod visit;
mod words;

use std::{collections::BTreeMap, num::NonZeroU32, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::{Path, Request},
    response::Response,
    routing::{MethodFilter, get, on},
};
use colibri_kit::{fault::BoxError, service::Host};
use colibri_types::TenantId;
use futures::FutureExt as _;
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;

use self::{failure::Failure, lang::Lang, seal::Sealer, visit::Visit};
use crate::{
    answer::{Acting, nothing_here},
    app::App,
    config::Config,
    limits::Rates,
};

/// The only style sheet, so that no page needs a style of its own.
const STYLE: &str = include_str!("style.css");

/// Nothing but our own style, pictures and forms; no script at all, no frame around us.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Photos come in at once from so many visitors: 13 MiB each.
const UPLOADS: usize = 16;

/// What the portal has for itself.
pub(crate) struct Portal {
    pub(crate) sealer: Sealer,
    /// Tries to find an order, of an address.
    pub(crate) addresses: Rates,
    /// Tries to find one order.
    pub(crate) orders: Rates,
    /// Photos and questions to carriers, of an address.
    pub(crate) dear: Rates,
    /// Pages of an address.
    pub(crate) pages: Rates,
    /// Places for forms with photos.
    pub(crate) uploads: Semaphore,
}

impl Portal {
    /// With the limits and the key of the configuration.
    ///
    /// # Errors
    /// When there is no key.
    pub(crate) fn new(config: &Config, host: &Host) -> Result<Self, BoxError> {
        let window = config.portal_window();
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            sealer: Sealer::new(config, host)?,
            addresses: Rates::within(window, config.portal_address_tries),
            orders: Rates::within(window, config.portal_order_tries),
            dear: Rates::within(window, config.portal_address_tries),
            // A person opens a page in seconds, and a hundred people share an office's address.
            pages: Rates::new(number(20), number(200)),
            uploads: Semaphore::new(UPLOADS),
        })
    }
}

/// One page or action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Start,
    Find,
    Found,
    Order,
    Items,
    Details,
    Review,
    Confirm,
    Back,
    Status,
    Receipt,
    Label,
    Paper,
    Points,
    Point,
    Cancel,
    Follow,
    Leave,
    Elsewhere,
}

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;

/// Everything under `/portal`.
const ROUTES: &[(&str, &[(MethodFilter, Step)])] = &[
    ("", &[(GET, Step::Start)]),
    ("/{lang}", &[(GET, Step::Find), (POST, Step::Found)]),
    ("/{lang}/order", &[(GET, Step::Order)]),
    ("/{lang}/items", &[(GET, Step::Items)]),
    ("/{lang}/details", &[(GET, Step::Details)]),
    // Somebody who loads such an address again begins where nothing is lost.
    ("/{lang}/review", &[(GET, Step::Back), (POST, Step::Review)]),
    ("/{lang}/confirm", &[(GET, Step::Back), (POST, Step::Confirm)]),
    ("/{lang}/returns/{id}", &[(GET, Step::Status)]),
    ("/{lang}/returns/{id}/confirmation", &[(GET, Step::Receipt)]),
    ("/{lang}/returns/{id}/label/{label}", &[(GET, Step::Label)]),
    ("/{lang}/returns/{id}/customs/{label}", &[(GET, Step::Paper)]),
    ("/{lang}/returns/{id}/points", &[(GET, Step::Back), (POST, Step::Points)]),
    ("/{lang}/returns/{id}/point", &[(GET, Step::Back), (POST, Step::Point)]),
    ("/{lang}/returns/{id}/cancel", &[(GET, Step::Back), (POST, Step::Cancel)]),
    ("/{lang}/follow/{word}", &[(GET, Step::Follow)]),
    ("/{lang}/leave", &[(GET, Step::Back), (POST, Step::Leave)]),
    ("/{lang}/{*rest}", &[(GET, Step::Elsewhere)]),
];

/// The routes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new().route("/portal/style.css", get(style));
    for (path, steps) in ROUTES {
        for (filter, step) in *steps {
            let (app, step) = (app.clone(), *step);
            let answer = move |path: Path<BTreeMap<String, String>>, request: Request| {
                let app = app.clone();
                async move { serve(&app, step, path.0, request).await }
            };
            router = router.route(&format!("/portal/{{tenant}}{path}"), on(*filter, answer));
        }
    }
    router
}

async fn style() -> Response {
    let mut response = Response::new(STYLE.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

/// Answers one request, whatever happens.
async fn serve(
    app: &App,
    step: Step,
    path: BTreeMap<String, String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &str| path.get(name).map(String::as_str).unwrap_or_default();
    // One spelling of a tenant: the cookie is bound to it.
    let tenant = text("tenant").parse::<TenantId>().ok();
    let Some(tenant) = tenant.filter(|tenant| tenant.to_string() == text("tenant")) else {
        return dress(nothing_here().answer(app.base(), false));
    };
    let lang = Lang::of_code(text("lang"));
    if step == Step::Start {
        let to = view::address(tenant, Lang::accepted(&parts.headers), "");
        let mut response = dress(visit::to(&to));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
        return response;
    }
    let Some(known) = lang else {
        let lang = Lang::accepted(&parts.headers);
        let visit = Visit::new(app, tenant, lang, &parts);
        return finish(visit, Err(Failure::Nothing), tenant);
    };
    let mut visit = Visit::new(app, tenant, known, &parts);
    let work = AssertUnwindSafe(work(&mut visit, step, &path, body)).catch_unwind();
    let result = match tokio::time::timeout(app.config.request_timeout(), work).await {
        Ok(Ok(result)) => result,
        // The hook has logged the place.
        Ok(Err(_)) => Err(Failure::Bug("a page panicked".into())),
        Err(_) => Err(Failure::Away),
    };
    finish(visit, result, tenant)
}

fn finish(visit: Visit<'_>, result: Result<Response, Failure>, tenant: TenantId) -> Response {
    let response = result.unwrap_or_else(|failure| visit.failed(failure));
    let mut response = dress(visit.keep(response));
    response.extensions_mut().insert(Acting(tenant));
    response
}

async fn work(
    visit: &mut Visit<'_>,
    step: Step,
    path: &BTreeMap<String, String>,
    body: axum::body::Body,
) -> Result<Response, Failure> {
    let text = |name: &str| path.get(name).map(String::as_str).unwrap_or_default();
    visit.admit()?;
    let _place = visit.app.limits.request()?;
    match step {
        Step::Find => find::page(visit),
        Step::Found => find::found(visit, body).await,
        Step::Order => pick::order(visit).await,
        Step::Items => pick::items(visit).await,
        Step::Details => pick::details(visit).await,
        Step::Review => send::review(visit, body).await,
        Step::Confirm => send::confirm(visit, body).await,
        Step::Status => returns::status(visit, text("id")).await,
        Step::Receipt => returns::receipt(visit, text("id")).await,
        Step::Label => returns::label(visit, text("id"), text("label")).await,
        Step::Paper => returns::paper(visit, text("id"), text("label")).await,
        Step::Points => returns::points(visit, text("id"), body).await,
        Step::Point => returns::point(visit, text("id"), body).await,
        Step::Cancel => returns::cancel(visit, text("id"), body).await,
        Step::Follow => returns::follow(visit, text("word")).await,
        Step::Leave => find::leave(visit, body).await,
        Step::Back => Ok(visit.to("/order")),
        Step::Start | Step::Elsewhere => Err(Failure::Nothing),
    }
}

/// Headers of every page: nothing is stored, framed, sniffed or told to others.
fn dress(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if response.status() == StatusCode::OK && !response.headers().contains_key(header::VARY) {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("cookie"));
    }
    response
}
