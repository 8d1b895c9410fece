//! Envelopes in and out, and the GET form of the same operations.

use super::schema;
use crate::{
    HttpResponse, Method,
    sim::{SimRequest, http},
    wire::xml::{self, Element, Writer},
};

const XML: &str = "text/xml;charset=UTF-8";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Shipping,
    Tracking,
    Quickcost,
    Points,
}

const SERVICES: &[(Service, &str, &str)] = &[
    (
        Service::Shipping,
        "/shipping-cxf/ShippingServiceWS",
        "http://cxf.shipping.soap.chronopost.fr/",
    ),
    (
        Service::Tracking,
        "/tracking-cxf/TrackingServiceWS",
        "http://cxf.tracking.soap.chronopost.fr/",
    ),
    (
        Service::Quickcost,
        "/quickcost-cxf/QuickcostServiceWS",
        "http://cxf.quickcost.soap.chronopost.fr/",
    ),
    (
        Service::Points,
        "/recherchebt-ws-cxf/PointRelaisServiceWS",
        "http://cxf.rechercheBt.soap.chronopost.fr/",
    ),
];

/// A request that was understood.
pub(super) struct Asked {
    pub service: Service,
    pub operation: String,
    pub body: Element,
    namespace: &'static str,
}

/// Reads a request; what cannot be understood is answered at once.
pub(super) fn read(request: &SimRequest) -> Result<Asked, HttpResponse> {
    let found = SERVICES.iter().find_map(|(service, path, namespace)| {
        let rest = request.path.strip_prefix(path)?;
        Some((*service, rest, *namespace))
    });
    let Some((service, rest, namespace)) = found else {
        return Err(http::reply(404, "text/html", "<html><body>Not Found</body></html>"));
    };
    let body = match (request.method, rest.strip_prefix('/')) {
        (Method::Get, Some(operation)) => from_query(operation, &request.query)?,
        (Method::Post, None) => from_envelope(&request.body, namespace)?,
        _ => return Err(http::reply(405, "text/html", "<html><body>No</body></html>")),
    };
    schema::check(&body).map_err(|why| fault(&why))?;
    Ok(Asked { service, operation: body.name.clone(), body, namespace })
}

fn from_query(operation: &str, query: &str) -> Result<Element, HttpResponse> {
    let mut children = Vec::new();
    for (name, text) in http::pairs(query) {
        if text.is_empty() {
            return Err(fault("an empty parameter must be left out"));
        }
        children.push(Element { name, text, ..Element::default() });
    }
    // A query has no order: the service sorts its parameters itself.
    let mut body = Element { name: operation.to_owned(), children, ..Element::default() };
    schema::sort(&mut body);
    Ok(body)
}

fn from_envelope(body: &[u8], namespace: &str) -> Result<Element, HttpResponse> {
    let malformed = || fault("Error reading XMLStreamReader");
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut root = xml::parse(text).map_err(|_| malformed())?;
    if !text.contains(namespace) {
        return Err(fault("an operation of another namespace"));
    }
    let inside = root.children.iter_mut().find(|child| child.name == "Body");
    let operation = inside.and_then(|inside| inside.children.first_mut()).map(std::mem::take);
    let Some(operation) = operation.filter(|_| root.name == "Envelope") else {
        return Err(malformed());
    };
    // Only the envelope and the operation carry a prefix.
    let outer = ["Envelope", "Header", "Body", operation.name.as_str()];
    for tag in text.split('<').skip(1).filter(|tag| !tag.starts_with(['?', '!'])) {
        let name = tag.trim_start_matches('/').split([' ', '>', '/', '\n']).next();
        let local = name.unwrap_or_default().split_once(':').map(|(_, local)| local);
        if local.is_some_and(|local| !outer.contains(&local)) {
            return Err(fault("unexpected element with a namespace"));
        }
    }
    Ok(operation)
}

/// A fault of the request, as the framework of the real service words it.
pub(super) fn fault(why: &str) -> HttpResponse {
    let mut w = Writer::default();
    w.nest("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |w| {
        w.nest("soap:Body", |w| {
            w.nest("soap:Fault", |w| {
                w.leaf("faultcode", "soap:Client");
                w.leaf("faultstring", &format!("Unmarshalling Error: {why}"));
            });
        });
    });
    http::reply(500, XML, w.finish())
}

/// The answer of an operation around its result, which is XML already.
pub(super) fn answer(asked: &Asked, result: &str) -> HttpResponse {
    let Asked { operation, namespace, .. } = asked;
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <ns1:{operation}Response xmlns:ns1=\"{namespace}\"><return>{result}</return>\
         </ns1:{operation}Response></soap:Body></soap:Envelope>"
    );
    http::reply(200, XML, body)
}

/// A result that is a code and its words.
pub(super) fn error(name: &str, code: i64, words: &str) -> String {
    let mut w = Writer::default();
    w.leaf(name, &code.to_string()).leaf("errorMessage", words);
    w.finish()
}
