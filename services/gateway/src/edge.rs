//! Around every request: its id, its trace, its time, its line in the log, what all answers bear.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, on},
};
use colibri_kit::{
    rpc::{self, REQUEST_ID_HEADER},
    telemetry::{metrics, trace},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tracing::Instrument as _;

use crate::{
    answer::{Acting, nothing_here, serve},
    app::App,
    error,
    input::query,
    portal,
    problem::Problem,
    routes::Verb,
};

/// All routes of the table.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for operation in &app.operations {
        let filter = match operation.route.verb {
            // With HEAD, which is GET without the body.
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
        };
        let (app, bound) = (app.clone(), operation.clone());
        let answer = move |path: Result<RawPathParams, RawPathParamsRejection>,
                           request: Request| {
            let (app, bound) = (app.clone(), bound.clone());
            async move {
                let Ok(path) = path else {
                    let problem = query::wrong("*", "MALFORMED", "the path is no text");
                    return problem.answer(app.base(), false);
                };
                let path = path.iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
                let path = path.collect();
                serve(app, bound, path, request).await
            }
        };
        router = router.route(operation.route.path, on(filter, answer));
    }
    router = router.merge(portal::router(&app));
    let (lost, refused) = (app.clone(), app.clone());
    router
        .fallback(move || async move { nothing_here().answer(lost.base(), false) })
        .method_not_allowed_fallback(move || async move {
            let text = "this address does not take this method";
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, error::METHOD, text);
            problem.answer(refused.base(), false)
        })
        .layer(middleware::from_fn_with_state(app, around))
}

async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    // The template: what stands in its braces names people's parcels.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let method = method(request.method());
    let span = tracing::info_span!(
        "http",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        request_id = id,
    );
    trace::set_parent_http(&span, request.headers());
    let begun = Instant::now();
    let time = app.config.request_timeout();
    let answered = async {
        let mut response = rpc::within(id.clone(), time, next.run(request)).await;
        dress(&mut response, &id);
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        let tenant = response.extensions().get::<Acting>().map(|acting| acting.0.to_string());
        let tenant = tenant.unwrap_or_default();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(method, route, status, duration_ms, tenant, "{method} {route}: {status}");
        let text = status.to_string();
        let labels = [("method", method), ("route", route.as_str()), ("status", text.as_str())];
        metrics::histogram("colibri_gateway_seconds", &labels).observe(took);
        response
    };
    answered.instrument(span).await
}

/// Headers of every answer.
fn dress(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID_HEADER, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
}

/// One of few words: metrics must not grow with what callers invent.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The caller's id when it looks like one (it goes to logs), else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID_HEADER).and_then(|value| value.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    given
        .filter(|id| (8..=64).contains(&id.len()) && id.chars().all(plain))
        .map_or_else(|| ulid::Ulid::new().to_string(), str::to_owned)
}
