//! A sandbox with one carrier on a clock that stands, and a buyer who uses the real connector.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use colibri_carriers::{
    Account, Auth, Call, Carrier, CarrierError, Contact, HttpRequest, HttpResponse, Label, Labels,
    Method, Parcel, Purchase, Shipment, Step, Token, by_id,
};
use colibri_kit::clock::ManualClock;
use colibri_sandbox::{CarrierOptions, FaultProfile, Sandbox, SandboxOptions};
use colibri_types::{Country, Dimensions, Grams, Millimetres};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);

pub struct World {
    pub sandbox: Sandbox,
    pub clock: ManualClock,
    pub carrier: &'static dyn Carrier,
    pub account: Account,
    pub token: Option<Token>,
    pub buyer: Buyer,
}

/// Sends requests over pooled connections.
pub struct Buyer {
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Ids of all carriers.
pub fn ids() -> Vec<&'static str> {
    colibri_carriers::all().iter().map(|carrier| carrier.info().id).collect()
}

pub fn profile(text: &str) -> FaultProfile {
    text.parse().unwrap()
}

impl World {
    /// Signed in at a faultless carrier.
    pub async fn new(id: &str, seed: u64) -> Self {
        Self::with_scans(id, seed, "").await
    }

    pub async fn with_scans(id: &str, seed: u64, faults: &str) -> Self {
        let clock = ManualClock::new(NOW);
        let faults = profile(faults);
        let carriers = vec![CarrierOptions { seed, faults, ..CarrierOptions::new(id) }];
        let options = SandboxOptions { carriers, clock: Arc::new(clock.clone()), admin: None };
        let sandbox = Sandbox::start(options).await.unwrap();
        let carrier = by_id(id).unwrap();
        let account = account(carrier, &sandbox.url(id).unwrap());
        let buyer = Buyer { client: Client::builder(TokioExecutor::new()).build_http() };
        let mut world = Self { sandbox, clock, carrier, account, token: None, buyer };
        world.sign_in().await;
        world
    }

    pub fn id(&self) -> &'static str {
        self.carrier.info().id
    }

    pub async fn sign_in(&mut self) {
        if let Auth::Token(request) = self.carrier.auth(&self.account).unwrap() {
            let answer = self.send(&request).await.unwrap();
            self.token = Some(self.carrier.token(&answer).unwrap());
        }
    }

    pub fn call(&self) -> Call<'_> {
        let token = self.token.as_ref();
        Call { account: &self.account, token, now: self.now(), call_id: "call1" }
    }

    pub fn now(&self) -> OffsetDateTime {
        use colibri_kit::clock::Clock;
        self.clock.now()
    }

    pub fn labels(&self) -> &'static dyn Labels {
        self.carrier.labels().unwrap()
    }

    pub fn set_faults(&self, text: &str) {
        self.sandbox.set_faults(self.id(), profile(text)).unwrap();
    }

    /// A plain parcel by the first service and lane that can carry it, under a reference of its
    /// own.
    pub fn shipment(&self, serial: u32) -> Shipment {
        let services = self.carrier.info().services.iter();
        let format = self.carrier.info().formats[0];
        let lanes = [shipment(serial), abroad(serial)];
        let mut candidates = services.flat_map(|(code, _)| {
            lanes.clone().map(|lane| Shipment { service: (*code).to_owned(), format, ..lane })
        });
        let fits = |shipment: &Shipment| self.labels().request(&self.call(), shipment).is_ok();
        candidates.find(fits).expect("a service for a plain parcel")
    }

    pub fn purchase(&self, serial: u32) -> (HttpRequest, Shipment) {
        let shipment = self.shipment(serial);
        (self.labels().request(&self.call(), &shipment).unwrap(), shipment)
    }

    /// Buys once. `None`: no answer came.
    pub async fn buy(&self, serial: u32) -> Option<Result<Purchase, CarrierError>> {
        let (request, shipment) = self.purchase(serial);
        let answer = self.send(&request).await?;
        Some(match self.labels().response(&answer, &shipment) {
            Ok(Step::Done(purchase)) => Ok(purchase),
            Ok(Step::Next(_)) => panic!("one call buys"),
            Err(error) => Err(error),
        })
    }

    /// The file of a label, asked for where the purchase came without it.
    pub async fn file(&self, serial: u32, label: &Label) -> Label {
        let (number, shipment) = (&label.tracking_number, self.shipment(serial));
        let again = self.labels().label_request(&self.call(), number);
        let Some(mut request) = again.filter(|_| label.data.is_empty()) else {
            return label.clone();
        };
        loop {
            let answer = self.send(&request).await.unwrap();
            let call = self.call();
            match self.labels().label_response(&call, &answer, &shipment, number).unwrap() {
                Step::Next(next) => request = next,
                Step::Done(mut purchase) => return purchase.labels.remove(0),
            }
        }
    }

    /// References in the ledger.
    pub fn references(&self) -> Vec<String> {
        let ledger = self.sandbox.ledger(self.id()).unwrap();
        ledger.into_iter().map(|line| line.reference).collect()
    }

    /// `None`: no whole answer came.
    pub async fn send(&self, request: &HttpRequest) -> Option<HttpResponse> {
        self.buyer.send(request).await
    }

    /// A request to the sandbox itself.
    pub async fn ours(&self, method: Method, path: &str, body: &str) -> (u16, String) {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url(self.id()).unwrap());
        let mut request = HttpRequest::new(method, url);
        if body.starts_with('{') {
            request = request.header("content-type", "application/json");
        }
        request.body = body.to_owned().into();
        let answer = self.send(&request).await.unwrap();
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    }

    /// Every byte that comes back before the connection is closed.
    pub async fn raw(&self, request: &HttpRequest) -> Vec<u8> {
        let url = request.url.strip_prefix("http://").unwrap();
        let (host, path) = url.split_once('/').unwrap();
        let method = request.method.as_str();
        let mut head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&request.body).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    }
}

impl Buyer {
    /// `None`: no whole answer came.
    pub async fn send(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let mut builder =
            http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let request = builder.body(Full::new(request.body.clone())).unwrap();
        let answer = self.client.request(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
        Some(HttpResponse {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body.collect().await.ok()?.to_bytes(),
        })
    }
}

/// Every field with its example.
fn account(carrier: &dyn Carrier, url: &str) -> Account {
    let fields = carrier.info().account_fields.iter();
    let fields = fields.map(|field| (field.name.to_owned(), field.example.to_owned().into()));
    let hosts = carrier.info().hosts.iter().map(|(name, _)| ((*name).to_owned(), url.to_owned()));
    Account { fields: fields.collect(), hosts: hosts.collect::<BTreeMap<_, _>>() }
}

/// The same parcel to Berlin, for carriers that sell no parcels within France.
fn abroad(serial: u32) -> Shipment {
    let mut shipment = shipment(serial);
    let recipient = &mut shipment.recipient;
    recipient.lines = vec!["Musterweg 5".to_owned()];
    (recipient.city, recipient.postcode) = ("Berlin".to_owned(), "10115".to_owned());
    (recipient.country, recipient.phone) = ("DE".parse().ok(), "+493023125002".to_owned());
    shipment
}

fn shipment(serial: u32) -> Shipment {
    let contact = |name: &str, company: &str, street: &str, city: &str, postcode: &str| Contact {
        name: name.to_owned(),
        company: company.to_owned(),
        lines: vec![street.to_owned()],
        city: city.to_owned(),
        postcode: postcode.to_owned(),
        country: Some(Country::FR),
        phone: "+33639980003".to_owned(),
        email: "alix@example.org".to_owned(),
        ..Contact::default()
    };
    Shipment {
        attempt_ref: reference(serial),
        order_number: "ORDER-77".to_owned(),
        service: String::new(),
        ship_date: date!(2026 - 11 - 20),
        sender: contact("Camille Modele", "Atelier Exemple", "12 rue du Modele", "Lyon", "69002"),
        recipient: contact("Alix Exemple", "", "3 impasse Fictive", "Rennes", "35000"),
        parcels: vec![Parcel {
            parcel_id: "parcel1".to_owned(),
            weight: Grams(1_250),
            dimensions: Some(Dimensions {
                length: Millimetres(300),
                width: Millimetres(200),
                height: Millimetres(150),
            }),
            items: Vec::new(),
        }],
        format: colibri_carriers::LabelFormat::Pdf,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

pub fn reference(serial: u32) -> String {
    format!("ATT{serial:010}")
}
