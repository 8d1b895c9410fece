//! Envelopes as the simulated services read and write them.

use crate::{
    HttpResponse,
    sim::{SimRequest, http},
    wire::xml::{self, Element, Writer},
};

/// Namespaces of the two services: they differ by one slash.
pub(super) const EPRINT: &str = "http://www.cargonet.software";
pub(super) const WEBTRACE: &str = "http://www.cargonet.software/";

/// What is wrong with a request.
#[derive(Debug)]
pub(super) enum Fault {
    /// A refusal, stated by its id.
    Stated(&'static str, String),
    /// A failure that states nothing.
    Plain(&'static str),
}

impl Fault {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Stated("InvalidInput", message.into())
    }

    /// Both kinds come with HTTP 500.
    pub(super) fn answer(&self, namespace: &str) -> HttpResponse {
        let mut writer = Writer::default();
        writer.nest(
            "soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"",
            |e| {
                e.nest("soap:Body", |body| {
                    body.nest("soap:Fault", |fault| match self {
                        Self::Stated(id, message) => {
                            fault.leaf("faultcode", "soap:Server").leaf("faultstring", message);
                            fault.nest("detail", |detail| {
                                detail.nest(&format!("Error xmlns=\"{namespace}\""), |error| {
                                    error.leaf("ErrorId", id).leaf("ErrorMessage", message);
                                });
                            });
                        }
                        Self::Plain(message) => {
                            fault.leaf("faultcode", "soap:Server").leaf("faultstring", message);
                            fault.leaf("detail", "");
                        }
                    });
                });
            },
        );
        document(500, &writer.finish())
    }
}

fn document(status: u16, text: &str) -> HttpResponse {
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{text}");
    http::reply(status, "text/xml; charset=utf-8", text)
}

/// The operation's element of a request, after namespace, action and credentials were checked.
pub(super) fn operation(request: &SimRequest, namespace: &str) -> Result<Element, Fault> {
    let text = String::from_utf8_lossy(&request.body);
    let root = xml::parse(&text).map_err(|_| Fault::Plain("the request cannot be read"))?;
    let body = root.child("Body").ok_or(Fault::Plain("an envelope without a body"))?;
    let operation = body.children.first().ok_or(Fault::Plain("an empty body"))?;
    let credentials = root.child("Header").and_then(|header| header.child("UserCredentials"));
    let ours = |element: &Element| {
        let near = element.attribute("xmlns") == Some(namespace);
        // With a prefix, the namespace is declared on any element around.
        near || [&root, body, element]
            .iter()
            .any(|around| around.attributes.iter().any(|(_, value)| value == namespace))
    };
    let action = http::header(request, "soapaction").unwrap_or_default().trim_matches('"');
    if action != format!("{EPRINT}/{}", operation.name) || !ours(operation) {
        return Err(Fault::Plain("the server did not recognise the action"));
    }
    let credentials = credentials.filter(|found| ours(found));
    let part = |name| credentials.and_then(|found| found.get(name)).unwrap_or_default();
    if part("userid").is_empty() || part("password").is_empty() {
        return Err(Fault::Stated("PermissionDenied", "login and password are missing".into()));
    }
    if part("password").starts_with("wrong") || part("userid").starts_with("wrong") {
        return Err(Fault::Stated("PermissionDenied", "login or password wrong".into()));
    }
    Ok(operation.clone())
}

/// `<{operation}Response>` with what `inside` writes.
pub(super) fn answer(
    operation: &str,
    namespace: &str,
    inside: impl FnOnce(&mut Writer),
) -> HttpResponse {
    let mut writer = Writer::default();
    writer.nest("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |e| {
        e.nest("soap:Body", |body| {
            body.nest(&format!("{operation}Response xmlns=\"{namespace}\""), inside);
        });
    });
    document(200, &writer.finish())
}
