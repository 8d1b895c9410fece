//! One request of a visitor: who they are, in which language, and how they are answered.

use std::net::{IpAddr, Ipv6Addr};

use axum::{body::Body, response::Response};
use colibri_events::returns::v1::returns_service_client::ReturnsServiceClient;
use colibri_kit::rpc::Peer;
use colibri_types::TenantId;
use http::{HeaderValue, StatusCode, header, request::Parts};

use super::{
    failure::Failure,
    form::Form,
    lang::Lang,
    session::{Session, Who},
    view::{Frame, address, message},
    words::{self, Words, fill},
};
use crate::{answer::pace, app::App, input::head, limits::Rates, server::From as PeerAddress};

/// Largest answer of a service, bytes: a label has at most 5 MiB.
const ANSWER_MAX: usize = 8 << 20;

/// A request.
pub(crate) struct Visit<'r> {
    pub(crate) app: &'r App,
    pub(crate) tenant: TenantId,
    pub(crate) lang: Lang,
    pub(crate) words: &'static Words,
    pub(crate) parts: &'r Parts,
    /// `None` when the machine gave no random bytes: then no form is accepted.
    pub(crate) session: Option<Session>,
    /// The visit ends with this answer.
    pub(crate) ends: bool,
}

impl<'r> Visit<'r> {
    /// Reads the cookie, or begins.
    pub(crate) fn new(app: &'r App, tenant: TenantId, lang: Lang, parts: &'r Parts) -> Self {
        let known = Session::of(&app.portal.sealer, tenant, &parts.headers);
        let session = known.or_else(|| Session::begin(None).ok());
        Self { app, tenant, lang, words: words::of(lang), parts, session, ends: false }
    }

    /// Limits of heads and of pages.
    ///
    /// # Errors
    /// [`Failure::Input`], [`Failure::TooMany`].
    pub(crate) fn admit(&self) -> Result<(), Failure> {
        head::check(&self.parts.uri, &self.parts.headers)?;
        self.limit(&self.app.portal.pages, self.address())
    }

    /// Counts one of these for somebody.
    ///
    /// # Errors
    /// [`Failure::TooMany`].
    pub(crate) fn limit(&self, rates: &Rates, of: impl std::hash::Hash) -> Result<(), Failure> {
        rates.wait(of).map_or(Ok(()), |wait| Err(Failure::TooMany(wait)))
    }

    /// Where the visitor is: an address, or the network of one person where those are many.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        let near = self.parts.extensions.get::<PeerAddress>().map(|from| from.0);
        let told = || {
            let all = self.parts.headers.get_all("x-forwarded-for").iter();
            // The last one is from our own proxy; whatever stands before, anybody may write.
            let last = all.filter_map(|value| value.to_str().ok()).next_back()?;
            last.rsplit(',').next()?.trim().parse().ok()
        };
        let from = if self.app.config.portal_forwarded_for { told().or(near) } else { near };
        from.map(|ip| match ip.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 => v4,
        })
    }

    /// Who they said they are.
    ///
    /// # Errors
    /// [`Failure::Over`] when they have not, or it was too long ago.
    pub(crate) fn who(&self) -> Result<&Who, Failure> {
        self.session.as_ref().and_then(|session| session.who.as_ref()).ok_or(Failure::Over)
    }

    /// The returns service, for this tenant.
    pub(crate) fn returns(&self) -> ReturnsServiceClient<Peer> {
        let peer = self.app.host.peers.to("returns", self.tenant);
        ReturnsServiceClient::new(peer).max_decoding_message_size(ANSWER_MAX)
    }

    /// Reads a form and makes sure that it is one of this visit.
    ///
    /// # Errors
    /// [`Failure::Form`] and those of reading.
    pub(crate) async fn form(&self, body: Body) -> Result<Form, Failure> {
        let site = self.parts.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
            return Err(Failure::Form);
        }
        let form = Form::read(body, &self.parts.headers, pace(self.app)).await?;
        let token = form.text("token");
        let ours = self.session.as_ref().is_some_and(|session| {
            self.app.portal.sealer.is_form_token(self.tenant, &session.visit, token)
        });
        if ours { Ok(form) } else { Err(Failure::Form) }
    }

    /// What pages of this visit share.
    pub(crate) fn frame(&self) -> Frame {
        let token = self
            .session
            .as_ref()
            .map(|session| self.app.portal.sealer.form_token(self.tenant, &session.visit));
        Frame {
            tenant: self.tenant,
            lang: self.lang,
            words: self.words,
            known: self.who().is_ok() && !self.ends,
            token: token.unwrap_or_default(),
        }
    }

    /// To another page, which is got.
    pub(crate) fn to(&self, place: &str) -> Response {
        to(&address(self.tenant, self.lang, place))
    }

    /// The page for a failure.
    pub(crate) fn failed(&self, failure: Failure) -> Response {
        let w = self.words;
        let minutes;
        let (title, text, code) = match &failure {
            Failure::Over => return self.to("?notice=over"),
            Failure::Nothing => (w.nothing_title, w.nothing_text, None),
            Failure::Form => (w.form_title, w.form_text, Some(crate::error::FORM)),
            Failure::Input => (w.input_title, w.input_text, None),
            Failure::TooLarge => (w.large_title, w.large_text, Some(crate::error::BODY_TOO_LARGE)),
            Failure::TooMany(wait) => {
                let number = wait.as_secs().div_ceil(60).max(1).to_string();
                minutes = fill(w.many_text, &[("{minutes}", &number)]);
                (w.many_title, minutes.as_str(), Some(crate::error::RATE))
            }
            Failure::Away => (w.away_title, w.away_text, None),
            // Another's, or not there: one answer.
            Failure::Refused(error) if matches!(error.reason.as_deref(), Some("RET0008")) => {
                (w.nothing_title, w.nothing_text, None)
            }
            Failure::Refused(error) if matches!(error.reason.as_deref(), Some("RET0001")) => {
                return self.to("?notice=over");
            }
            Failure::Refused(error) => (w.refused_title, w.input_text, error.reason.as_deref()),
            Failure::Bug(cause) => {
                tracing::error!(%cause, "a page of the portal failed");
                (w.bug_title, w.bug_text, None)
            }
        };
        let status = match failure.reason() {
            Some("RET0008") => StatusCode::NOT_FOUND,
            _ => failure.status(),
        };
        let mut response = page(status, message::page(&self.frame(), title, text, code));
        if let Failure::TooMany(wait) = &failure {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    /// Adds the cookie that keeps the visit.
    pub(crate) fn keep(&self, mut response: Response) -> Response {
        let config = &self.app.config;
        let secure = config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let cookie = match (&self.session, self.ends) {
            (_, true) => Session::gone(self.tenant, secure),
            (Some(session), false) => {
                let sealer = &self.app.portal.sealer;
                session.cookie(sealer, self.tenant, config.portal_session_min, secure)
            }
            (None, false) => return response,
        };
        match cookie {
            Ok(cookie) => {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            Err(cause) => tracing::error!(%cause, "a visit cannot be kept"),
        }
        response
    }
}

/// A page.
pub(crate) fn page(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// To another address, which is got.
pub(crate) fn to(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// Status of a page with something to put right.
pub(crate) const fn status_of(wrong: &[super::view::Wrong]) -> StatusCode {
    if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}
