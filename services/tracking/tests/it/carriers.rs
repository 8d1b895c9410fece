//! Simulated carriers behind HTTP, on the bed's clock.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::Response,
};
use colibri_carriers::{
    Account, Auth, Call, Contact, HttpRequest, HttpResponse, Item, LabelFormat, Method, Parcel,
    ParcelTrack, PollReply, Shipment, Step, Token,
    sim::{SimOptions, SimPush, SimRequest, Simulator},
};
use colibri_kit::clock::SharedClock;
use colibri_types::{Currency, Dimensions, Grams, Millimetres, Money};
use secrecy::SecretString;

/// A town that only scans and the addressee know.
pub const TOWN: &str = "Kanarienhausen";

/// A simulated carrier and how to reach it.
#[derive(Clone)]
pub struct Sim {
    pub id: &'static str,
    pub url: String,
    clock: SharedClock,
    carrier: Arc<Mutex<Box<dyn Simulator>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn serve(State(sim): State<Sim>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let method = match parts.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        _ => Method::Delete,
    };
    let answer = sim.answer(SimRequest {
        method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body,
        now: sim.clock.now(),
    });
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}

impl Sim {
    pub async fn start(id: &'static str, clock: SharedClock, seed: u64) -> Self {
        let options = SimOptions { seed, faults: Default::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sim = Self {
            id,
            url: format!("http://{}", listener.local_addr().unwrap()),
            clock,
            carrier: Arc::new(Mutex::new(colibri_carriers::simulator(id, options).unwrap())),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(serve).with_state(sim.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        sim
    }

    fn answer(&self, request: SimRequest) -> HttpResponse {
        self.asked.lock().unwrap().push(request.path.clone());
        self.carrier.lock().unwrap().answer(&request)
    }

    /// Requests so far whose path holds `part`.
    pub fn asked(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|path| path.contains(part)).count()
    }

    /// Webhooks that are due.
    pub fn pushes(&self) -> Vec<SimPush> {
        self.carrier.lock().unwrap().pushes(self.clock.now())
    }

    /// Sends a connector's request without the network.
    pub fn send(&self, request: HttpRequest) -> HttpResponse {
        let rest = request.url.strip_prefix(&self.url).unwrap();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        self.answer(SimRequest {
            method: request.method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: request.headers,
            body: request.body,
            now: self.clock.now(),
        })
    }

    /// Credentials of an account here, by name.
    pub fn credentials(&self) -> Vec<(&'static str, &'static str)> {
        match self.id {
            "ups" => vec![
                ("client_id", "example-client"),
                ("client_secret", "example-secret"),
                ("shipper_number", "A1B2C3"),
                ("webhook_secret", "hook-credential"),
            ],
            "dhl_express" => vec![
                ("api_key", "apF2invented"),
                ("api_secret", "invented-secret"),
                ("account_number", "123456789"),
                ("unified_key", "invented-key"),
                ("webhook_secret", "hook-credential"),
            ],
            "gls" => vec![
                ("client_id", "example-client"),
                ("client_secret", "example-secret"),
                ("contact_id", "250abcDEF1"),
            ],
            _ => vec![("api_key", "example-key"), ("suivi_key", "example-suivi")],
        }
    }

    /// Named hosts.
    pub fn hosts(&self) -> Vec<(&'static str, String)> {
        match self.id {
            "ups" | "gls" => vec![("api", self.url.clone())],
            "dhl_express" => vec![("api", self.url.clone()), ("unified", self.url.clone())],
            _ => vec![("colissimo", self.url.clone()), ("suivi", self.url.clone())],
        }
    }

    fn account(&self) -> Account {
        let fields = self.credentials().into_iter();
        let hosts = self.hosts().into_iter();
        Account {
            fields: fields.map(|(n, v)| (n.to_owned(), SecretString::from(v))).collect(),
            hosts: hosts.map(|(n, url)| (n.to_owned(), url)).collect(),
        }
    }

    fn call<T>(&self, run: impl FnOnce(&Call<'_>) -> T) -> T {
        let carrier = colibri_carriers::by_id(self.id).unwrap();
        let account = self.account();
        let token: Option<Token> = match carrier.auth(&account).unwrap() {
            Auth::PerCall => None,
            Auth::Token(request) => Some(carrier.token(&self.send(request)).unwrap()),
        };
        let (token, now) = (token.as_ref(), self.clock.now());
        run(&Call { account: &account, token, now, call_id: "test" })
    }

    /// Buys a label; answers the number.
    pub fn buy(&self, name: &str) -> String {
        let labels = colibri_carriers::by_id(self.id).unwrap().labels().unwrap();
        // A fast clock may pass midnight before the carrier looks: DHL sells nothing for yesterday.
        let tomorrow = self.clock.now() + time::Duration::days(1);
        let shipped = if self.id == "dhl_express" { tomorrow } else { self.clock.now() };
        let shipment = shipment(self.id, name, shipped.date());
        let request = self.call(|call| labels.request(call, &shipment)).unwrap();
        match labels.response(&self.send(request), &shipment).unwrap() {
            Step::Done(purchase) => purchase.labels[0].tracking_number.clone(),
            Step::Next(_) => panic!("one call buys"),
        }
    }

    /// What the carrier says now.
    pub fn track(&self, number: &str) -> ParcelTrack {
        let polling = colibri_carriers::by_id(self.id).unwrap().polling().unwrap();
        let numbers = [number.to_owned()];
        let request = self.call(|call| polling.request(call, &numbers));
        match polling.response(&self.send(request), &numbers).unwrap().remove(0) {
            PollReply::Track(track) => track,
            other => panic!("{other:?}"),
        }
    }

    /// Sets the webhook in the carrier's portal.
    pub fn portal(&self, url: &str) {
        let body = format!(r#"{{"url":"{url}","apiKey":"hook-credential"}}"#);
        let path = format!("{}/portal/track-alert-webhook", self.url);
        let request = HttpRequest::new(Method::Post, path).body("application/json", body);
        assert_eq!(self.send(request).status, 200);
    }
}

fn contact(name: &str, city: &str, postcode: &str, country: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        lines: vec!["3 impasse Fictive".to_owned()],
        city: city.to_owned(),
        postcode: postcode.to_owned(),
        country: Some(country.parse().unwrap()),
        phone: "+33 6 39 98 00 03".to_owned(),
        email: "nobody@example.org".to_owned(),
        ..Contact::default()
    }
}

fn shipment(carrier: &str, name: &str, ship_date: time::Date) -> Shipment {
    let (service, country, postcode, format) = match carrier {
        "ups" => ("11", "DE", "10115", LabelFormat::Zpl),
        "gls" => ("PARCEL", "DE", "10115", LabelFormat::Pdf),
        "dhl_express" => ("U", "DE", "10115", LabelFormat::Pdf),
        _ => ("DOS", "FR", "35000", LabelFormat::Pdf),
    };
    let mut sender = contact("Service Expédition", "Lyon", "69002", "FR");
    "Atelier Exemple".clone_into(&mut sender.company);
    Shipment {
        attempt_ref: "ATT0000000001".to_owned(),
        order_number: "COM-77".to_owned(),
        service: service.to_owned(),
        ship_date,
        sender,
        recipient: contact(name, TOWN, postcode, country),
        parcels: vec![Parcel {
            parcel_id: "pcl-1".to_owned(),
            weight: Grams(1_250),
            dimensions: Some(Dimensions {
                length: Millimetres(300),
                width: Millimetres(200),
                height: Millimetres(150),
            }),
            items: vec![Item {
                sku: "CUP-6".to_owned(),
                description: "Ceramic cups".to_owned(),
                quantity: 1,
                weight: Grams(900),
                value: Money::new(2_450, Currency::EUR),
                hs_code: Some("691200".to_owned()),
                origin: Some("FR".parse().unwrap()),
            }],
        }],
        format,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}
