//! One carrier with an account, a shipment it can sell, and its simulator.

use std::collections::BTreeMap;

use colibri_carriers::{
    Account, Auth, Call, Carrier, CarrierError, Contact, HttpRequest, HttpResponse, LabelFormat,
    Labels, Parcel, PollReply, Purchase, Shipment, Step, Token, all,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
    simulator,
};
use colibri_types::{Country, Dimensions, Grams, Millimetres};
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

pub const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);
/// In every secret field, and nowhere else.
pub const CANARY: &str = "CANARY7731";

pub struct World {
    pub carrier: &'static dyn Carrier,
    pub account: Account,
    pub sim: Box<dyn Simulator>,
    pub token: Option<Token>,
}

/// A world per carrier.
pub fn worlds(seed: u64) -> Vec<World> {
    all().iter().map(|carrier| World::new(*carrier, seed, ScanFaults::default())).collect()
}

/// Every field with its example, every secret with the canary.
pub fn account(carrier: &dyn Carrier) -> Account {
    let fields = carrier.info().account_fields.iter();
    let fields = fields.map(|field| {
        let value = if field.secret { CANARY } else { field.example };
        (field.name.to_owned(), value.to_owned().into())
    });
    Account { fields: fields.collect(), hosts: BTreeMap::new() }
}

pub fn sent(request: &HttpRequest, now: OffsetDateTime) -> SimRequest {
    let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    SimRequest {
        method: request.method,
        path: format!("/{path}"),
        query: query.to_owned(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        now,
    }
}

impl World {
    pub fn new(carrier: &'static dyn Carrier, seed: u64, faults: ScanFaults) -> Self {
        let sim = simulator(carrier.info().id, SimOptions { seed, faults }).expect("a simulator");
        let mut world = Self { carrier, account: account(carrier), sim, token: None };
        world.log_in(NOW);
        world
    }

    pub fn id(&self) -> &'static str {
        self.carrier.info().id
    }

    pub fn log_in(&mut self, now: OffsetDateTime) {
        if let Auth::Token(request) = self.carrier.auth(&self.account).unwrap() {
            let answer = self.sim.answer(&sent(&request, now));
            self.token = Some(self.carrier.token(&answer).unwrap());
        }
    }

    pub fn call(&self, now: OffsetDateTime) -> Call<'_> {
        Call { account: &self.account, token: self.token.as_ref(), now, call_id: "call1" }
    }

    pub fn labels(&self) -> &'static dyn Labels {
        self.carrier.labels().expect("every carrier sells labels")
    }

    /// A plain parcel by the first service and lane that can carry it.
    pub fn shipment(&self) -> Shipment {
        let format = self.carrier.info().formats[0];
        let call = self.call(NOW);
        let fits = |shipment: &Shipment| self.labels().request(&call, shipment).is_ok();
        let mut candidates = self.candidates(&[shipment(format), abroad(format)]).into_iter();
        candidates.find(fits).expect("a service for a plain parcel")
    }

    /// Each of the shipments by each service.
    pub fn candidates(&self, lanes: &[Shipment]) -> Vec<Shipment> {
        let services = self.carrier.info().services.iter();
        let by = |base: &Shipment, code: &str| Shipment { service: code.into(), ..base.clone() };
        let each = services.flat_map(|(code, _)| lanes.iter().map(move |base| by(base, code)));
        each.collect()
    }

    pub fn purchase_request(&self, shipment: &Shipment) -> HttpRequest {
        self.labels().request(&self.call(NOW), shipment).unwrap()
    }

    /// Buys, following further steps.
    pub fn buy(&mut self, shipment: &Shipment) -> Purchase {
        let labels = self.labels();
        self.buy_by(labels, shipment).expect("sold")
    }

    /// Buys by one of the carrier's ways to buy.
    pub fn buy_by(
        &mut self,
        labels: &dyn Labels,
        shipment: &Shipment,
    ) -> Result<Purchase, CarrierError> {
        let request = labels.request(&self.call(NOW), shipment).expect("expressible");
        let mut purchase = self.follow(request, |answer| labels.response(answer, shipment))?;
        self.fill(labels, shipment, &mut purchase);
        Ok(purchase)
    }

    /// Asks for label files that a purchase came without, as the service that buys does.
    fn fill(&mut self, labels: &dyn Labels, shipment: &Shipment, purchase: &mut Purchase) {
        for label in purchase.labels.iter_mut().filter(|label| label.data.is_empty()) {
            let number = label.tracking_number.clone();
            let first = labels.label_request(&self.call(NOW), &number);
            let mut request = first.expect("a label without a file can be asked for again");
            let found = loop {
                let answer = self.sim.answer(&sent(&request, NOW));
                let call = self.call(NOW);
                match labels.label_response(&call, &answer, shipment, &number).unwrap() {
                    Step::Next(next) => request = next,
                    Step::Done(found) => break found.labels,
                }
            };
            *label = found.into_iter().find(|found| found.tracking_number == number).expect("it");
        }
    }

    /// Sends a request and those that its answers ask for.
    pub fn follow<T>(
        &mut self,
        request: HttpRequest,
        read: impl Fn(&HttpResponse) -> Result<Step<T>, CarrierError>,
    ) -> Result<T, CarrierError> {
        self.follow_at(NOW, request, read)
    }

    /// The same at another time.
    pub fn follow_at<T>(
        &mut self,
        now: OffsetDateTime,
        mut request: HttpRequest,
        read: impl Fn(&HttpResponse) -> Result<Step<T>, CarrierError>,
    ) -> Result<T, CarrierError> {
        loop {
            match read(&self.sim.answer(&sent(&request, now)))? {
                Step::Next(next) => request = next,
                Step::Done(done) => return Ok(done),
            }
        }
    }

    pub fn poll(
        &mut self,
        numbers: &[String],
        now: OffsetDateTime,
    ) -> (HttpResponse, Vec<PollReply>) {
        let polling = self.carrier.polling().expect("every carrier can be asked");
        let request = polling.request(&self.call(now), numbers);
        let answer = self.sim.answer(&sent(&request, now));
        let replies = polling.response(&answer, numbers).unwrap();
        (answer, replies)
    }
}

pub fn shipment(format: LabelFormat) -> Shipment {
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
        attempt_ref: "ATT0000000001".to_owned(),
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
        format,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

/// The same parcel to Berlin.
pub fn abroad(format: LabelFormat) -> Shipment {
    let mut shipment = shipment(format);
    let recipient = &mut shipment.recipient;
    recipient.lines = vec!["Musterweg 5".to_owned()];
    recipient.city = "Berlin".to_owned();
    recipient.postcode = "10115".to_owned();
    recipient.country = "DE".parse().ok();
    recipient.phone = "+493023125002".to_owned();
    shipment
}

/// An account whose every secret is one that no simulator takes.
pub fn stranger(carrier: &dyn Carrier) -> Account {
    let mut account = account(carrier);
    for field in carrier.info().account_fields.iter().filter(|field| field.secret) {
        account.fields.insert(field.name.to_owned(), "wrong".to_owned().into());
    }
    account
}
