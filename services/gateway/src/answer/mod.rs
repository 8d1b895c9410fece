//! From a request to its answer: who asks, may they, what do they ask, and what came of it.

mod hook;
mod label;
mod message;
mod place;
mod stream;
mod submitted;
mod token;

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{extract::Request, response::Response};
use colibri_kit::{
    auth::{Caller, bearer},
    fault::{Fault, codes},
    rpc::Peer,
};
use colibri_types::TenantId;
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use prost_reflect::DynamicMessage;
use tonic::Code;

use crate::{
    app::App,
    call,
    codec::{self, Json},
    contract::{Method, Operation},
    error,
    input::{body::Pace, head, query},
    openapi, pages,
    problem::Problem,
    routes::Answer,
};

/// Media type of ordinary answers.
const JSON: &str = "application/json";

/// The tenant a request was for, noted on its answer for the access log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acting(pub(crate) TenantId);

/// Fields of the path, by their names in the template.
pub(crate) type Path = Vec<(String, String)>;

/// Answers one request, whatever happens.
pub(crate) async fn serve(
    app: Arc<App>,
    operation: Arc<Operation>,
    path: Path,
    request: Request,
) -> Response {
    let keyed = operation.route.keyed;
    let work = AssertUnwindSafe(work(&app, &operation, path, request)).catch_unwind();
    let result = match tokio::time::timeout(app.config.request_timeout(), work).await {
        Ok(Ok(result)) => result,
        // The hook has logged the place.
        Ok(Err(_)) => Err(Problem::bug("a handler panicked")),
        Err(_) => {
            let late = "the request took too long";
            Err(Fault::reject_as(Code::DeadlineExceeded, codes::DEADLINE, late).into())
        }
    };
    result.unwrap_or_else(|problem| problem.answer(app.base(), keyed))
}

async fn work(
    app: &App,
    operation: &Operation,
    path: Path,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    head::check(&parts.uri, &parts.headers)?;
    let _place = app.limits.request()?;
    match (operation.route.answer, &operation.method) {
        (Answer::Health, _) => Ok(Response::new("ok\n".into())),
        (Answer::Page, _) => page(&path),
        (Answer::Document, _) => document(app),
        (Answer::Token, Some(method)) => token::issue(app, operation, method, &parts, body).await,
        (Answer::Accepted, Some(method)) => {
            hook::deliver(app, operation, method, &path, &parts, body).await
        }
        (_, Some(method)) => {
            let caller = admit(app, method, &parts.headers).await?;
            let tenant = caller.tenant()?;
            let asked = Asked { app, operation, method, caller: &caller, parts: &parts };
            let keyed = operation.route.keyed;
            let answered = asked.answered(&path, body).await;
            let mut response = answered.unwrap_or_else(|p| p.answer(app.base(), keyed));
            response.extensions_mut().insert(Acting(tenant));
            Ok(response)
        }
        (_, None) => Err(Problem::bug("a route without a method")),
    }
}

/// Who calls; refused unless they hold a scope of the method and act for a tenant. Nothing the
/// request names is looked at before.
async fn admit(app: &App, method: &Method, headers: &HeaderMap) -> Result<Arc<Caller>, Problem> {
    let token = bearer(headers).map_err(Fault::from)?;
    let caller = app.host.verifier.verify(token).await.map_err(Fault::from)?;
    if caller.service.is_some() {
        // Services talk gRPC. One of their tokens out here was taken from them.
        tracing::warn!(service = caller.subject, "a service's token was shown to the edge");
        let text = "the token is not accepted here";
        return Err(Fault::unauthenticated(codes::TOKEN_REFUSED, text).into());
    }
    let held = method.policy.scopes.iter().any(|scope| caller.holds(scope));
    if let (false, [first, ..]) = (held, method.policy.scopes) {
        caller.require(first)?;
    }
    let tenant = caller.tenant()?;
    app.limits.callers.check((tenant, &caller.subject))?;
    Ok(caller)
}

/// A request that was let in.
struct Asked<'r> {
    app: &'r App,
    operation: &'r Operation,
    method: &'r Method,
    caller: &'r Caller,
    parts: &'r Parts,
}

impl Asked<'_> {
    async fn answered(&self, path: &Path, body: axum::body::Body) -> Result<Response, Problem> {
        let route = self.operation.route;
        match route.answer {
            Answer::Label => {}
            Answer::Events => head::must_accept(&self.parts.headers, stream::MEDIA)?,
            _ => head::must_accept(&self.parts.headers, JSON)?,
        }
        let query = query::read(&self.parts.uri, route.query_names())?;
        if let Some(scope) = route.reveal
            && query.iter().any(|(name, value)| *name == "reveal" && value == "true")
        {
            self.caller.require(scope)?;
        }
        let message = self.message(path, &query, body).await?;
        let answered = self.reply(message, &query).await;
        answered.map_err(|problem| problem.relocate(|field| place::of(route, field)))
    }

    async fn reply(
        &self,
        message: DynamicMessage,
        query: &[(&'static str, String)],
    ) -> Result<Response, Problem> {
        match self.operation.route.answer {
            Answer::Label => label::answer(self, message).await,
            Answer::Events => stream::answer(self, &message).await,
            Answer::Submitted => submitted::answer(&self.call(&message).await?),
            Answer::Message(status) => self.told(status, &self.call(&message).await?, query),
            _ => Err(Problem::bug("an answer that needs no caller")),
        }
    }

    fn peer(&self) -> Peer {
        self.app.host.peers.to(&self.method.service, self.caller.tenant)
    }

    async fn call(&self, message: &DynamicMessage) -> Result<DynamicMessage, Problem> {
        call::unary(self.peer(), self.method, message, self.app.config.request_timeout()).await
    }

    /// A message as JSON, with a link to the next page where there is one.
    fn told(
        &self,
        status: u16,
        message: &DynamicMessage,
        query: &[(&'static str, String)],
    ) -> Result<Response, Problem> {
        let status = StatusCode::from_u16(status).map_err(Problem::bug)?;
        let mut response = json(status, &Json::without(message, KNOWN_REQUEST))?;
        if codec::flag_of(message, KNOWN_REQUEST) {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        let next = codec::text_of(message, "next_page");
        if !next.is_empty() {
            let path = format!("{}{}", self.app.base(), self.parts.uri.path());
            let link = query::page_link(&path, query, &next);
            let link = HeaderValue::try_from(link).map_err(Problem::bug)?;
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }
}

/// Field of answers that says that the request id was known; told in a header.
pub(crate) const KNOWN_REQUEST: &str = "known_request";

/// Header that says that the answer is that of an earlier request.
pub(crate) const REPLAYED: http::HeaderName = http::HeaderName::from_static("idempotency-replayed");

fn json(status: StatusCode, body: &impl serde::Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::bug)?;
    Ok(with_type(status, JSON, body.into()))
}

fn with_type(status: StatusCode, media: &'static str, body: axum::body::Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// `GTW0001`.
pub(crate) fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, error::NO_PATH, "there is nothing at this address")
}

fn page(path: &Path) -> Result<Response, Problem> {
    let code = path.first().map(|(_, code)| code.as_str()).unwrap_or_default();
    let text = pages::page(code).ok_or_else(nothing_here)?;
    Ok(public(with_type(StatusCode::OK, "text/markdown; charset=utf-8", text.into())))
}

fn document(app: &App) -> Result<Response, Problem> {
    if app.document.get().is_none() {
        let document = openapi::document(&app.operations, app.base());
        let text = serde_json::to_vec(&document).map_err(Problem::bug)?;
        // Somebody else may have been first: with the same text.
        let _ = app.document.set(text.into());
    }
    let text = app.document.get().cloned().unwrap_or_default();
    Ok(public(with_type(StatusCode::OK, JSON, text.into())))
}

/// An hour: it changes with releases only.
fn public(mut response: Response) -> Response {
    let value = HeaderValue::from_static("public, max-age=3600");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// How slowly bodies may come.
pub(crate) fn pace(app: &App) -> Pace {
    Pace { grace: app.config.body_grace(), bytes_per_s_min: app.config.body_bytes_per_s_min }
}
