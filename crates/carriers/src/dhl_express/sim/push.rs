//! Unified push: a subscription in two steps, and posts that come twice or late.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{DhlSim, Failure, body, unified::unified_event};
use crate::{
    HttpResponse, Method,
    sim::{
        SimPush, SimRequest,
        http::{self, text},
        luck::draw,
    },
};

/// Shipments of one subscription.
const SHIPMENTS_MAX: usize = 10;
const EVENTS: &str = "Pre-Transit Transit Delivered Failure Unknown";

/// A subscription, dormant until its secret came back.
pub(super) struct Subscription {
    uri: String,
    header: Option<(String, String)>,
    secret: String,
    shipments: Vec<String>,
    account: String,
    /// Told up to here; `None` while dormant.
    told: Option<OffsetDateTime>,
}

fn refuse(status: u16, title: &str, detail: &str) -> HttpResponse {
    http::json(status, &json!({ "title": title, "status": status, "detail": detail }))
}

fn own_url(id: &str) -> String {
    format!("https://api-eu.dhl.com/tracking/push/v1/subscription/{id}")
}

impl DhlSim {
    pub(super) fn push(
        &mut self,
        method: Method,
        path: &[&str],
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let key = http::header(request, "dhl-api-key").unwrap_or_default();
        if key.is_empty() || key.starts_with("wrong") {
            return Ok(refuse(401, "Unauthorized", "Unauthorized for given resource."));
        }
        let missing = || refuse(404, "Not Found", "No such subscription.");
        Ok(match (method, path) {
            (Method::Post, ["subscription"]) => self.subscribe(&body(request)?),
            (Method::Post, ["subscription", id]) => self.activate(id, request),
            (Method::Get, ["subscription", id]) => match self.subscriptions.get(*id) {
                Some(subscription) => http::json(200, &shown(id, subscription)),
                None => missing(),
            },
            (Method::Get, ["subscriptions"]) => {
                let all = self.subscriptions.iter().map(|(id, one)| shown(id, one));
                http::json(200, &all.collect())
            }
            (Method::Delete, ["subscription", id]) => match self.subscriptions.remove(*id) {
                Some(_) => http::reply(204, "application/json", ""),
                None => missing(),
            },
            _ => refuse(404, "Not Found", "No such resource."),
        })
    }

    fn subscribe(&mut self, root: &Value) -> HttpResponse {
        let bad = |detail: &str| refuse(400, "Bad Request", detail);
        let uri = text(root, "/hook/uri");
        if uri.is_empty() || text(root, "/service") != "express" {
            return bad("hook.uri and a known service are required");
        }
        let events = root.pointer("/events").and_then(Value::as_array);
        let known = |event: &Value| EVENTS.split(' ').any(|known| event.as_str() == Some(known));
        if !events.is_some_and(|events| !events.is_empty() && events.iter().all(known)) {
            return bad("events are required");
        }
        let ids = root.pointer("/shipmentIDs").and_then(Value::as_array);
        let ids = ids.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let shipments: Vec<String> = ids.collect();
        let account = text(root, "/accountID").to_owned();
        let whole = match text(root, "/type") {
            "Shipment" => (1..=SHIPMENTS_MAX).contains(&shipments.len()),
            "Account" => !account.is_empty(),
            _ => false,
        };
        if !whole {
            return bad("shipmentIDs (1 to 10) or accountID are required");
        }
        let serial = self.subscriptions.len();
        let word = |salt| draw(self.options.seed, "subscription", salt + 2 * serial as u64);
        let (id, secret) = (format!("{:016x}", word(0)), format!("{:016x}", word(1)));
        let authentication = text(root, "/hook/authentication/header").to_ascii_lowercase();
        let token = text(root, "/hook/authentication/token").to_owned();
        let header = (!authentication.is_empty()).then_some((authentication, token));
        let answer = json!({
            "scope": "subscription.created",
            "self": own_url(&id),
            "subscriptionId": id,
            "secret": secret,
        });
        let uri = uri.to_owned();
        let one = Subscription { uri, header, secret, shipments, account, told: None };
        self.subscriptions.insert(id, one);
        http::json(201, &answer)
    }

    fn activate(&mut self, id: &str, request: &SimRequest) -> HttpResponse {
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return refuse(404, "Not Found", "No such subscription.");
        };
        let given = http::header(request, "dhl-api-hook-secret").unwrap_or_default();
        if given != subscription.secret {
            return refuse(401, "Unauthorized", "The secret does not fit.");
        }
        // From now on; no history.
        subscription.told.get_or_insert(request.now);
        http::json(200, &json!({ "scope": "subscription.ready", "self": own_url(id) }))
    }

    pub(super) fn due(&mut self, now: OffsetDateTime) -> Vec<SimPush> {
        let mut pushes = Vec::new();
        for (id, subscription) in &self.subscriptions {
            let Some(since) = subscription.told.filter(|since| *since < now) else {
                continue;
            };
            pushes.extend(self.news(id, subscription, since, now));
        }
        for subscription in self.subscriptions.values_mut() {
            subscription.told = subscription.told.map(|since| since.max(now));
        }
        pushes.sort_by_key(|push| push.due);
        pushes
    }

    fn news(
        &self,
        id: &str,
        subscription: &Subscription,
        since: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Vec<SimPush> {
        let mut pushes = Vec::new();
        for sold in &self.sold {
            let of_account =
                !subscription.account.is_empty() && subscription.account == sold.account;
            for piece in &sold.pieces {
                let watched = |number: &String| subscription.shipments.contains(number);
                // A piece is told by its own number only when that was subscribed.
                let own = watched(&piece.number);
                if !(own || of_account || watched(&sold.waybill)) {
                    continue;
                }
                let number = if own { &piece.number } else { &sold.waybill };
                for (scan, position) in piece.scans.iter().zip(0..) {
                    let chance = draw(self.options.seed, &piece.number, 700 + position);
                    // Posts are late by up to an hour.
                    let due = scan.told + Duration::seconds((chance % 3_600).cast_signed());
                    let event =
                        unified_event(sold, scan, false).filter(|_| due > since && due <= now);
                    let Some(event) = event else { continue };
                    let body = json!({
                        "scope": "subscription.push",
                        "self": own_url(id),
                        "service": "express",
                        "shipments": [{ "id": number, "service": "express", "status": event }],
                    });
                    for _ in 0..=usize::from(chance.is_multiple_of(5)) {
                        pushes.push(post(subscription, due, &body));
                    }
                }
            }
        }
        pushes
    }
}

fn post(subscription: &Subscription, due: OffsetDateTime, body: &Value) -> SimPush {
    let json = ("content-type".to_owned(), "application/json".to_owned());
    let headers = std::iter::once(json).chain(subscription.header.clone()).collect();
    SimPush { due, url: subscription.uri.clone(), headers, body: body.to_string().into() }
}

/// A subscription as read back: never its secret.
fn shown(id: &str, subscription: &Subscription) -> Value {
    json!({
        "self": own_url(id),
        "subscriptionId": id,
        "hook": { "uri": subscription.uri },
        "shipmentIDs": subscription.shipments,
        "scope": match subscription.told {
            Some(_) => "subscription.ready",
            None => "subscription.created",
        },
    })
}
