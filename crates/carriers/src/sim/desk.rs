//! A connector at the counter of its own simulated carrier: requests and answers, no network.
//!
//! Owns: carrying a connector's requests to a simulator and the answers back, through tokens and
//! further steps, for whoever wants payloads or proofs: the compliance suite, a folder's own tests,
//! the benchmark. Deliberately absent: retries, time-outs and faults of the wire, which belong to
//! the services and to the sandbox.

use std::collections::BTreeMap;

use colibri_types::{Country, Dimensions, Grams, Millimetres};
use time::OffsetDateTime;

use super::{SimOptions, SimRequest, Simulator};
use crate::{
    Account, AccountError, Auth, Call, Carrier, CarrierError, Contact, Found, HttpRequest,
    HttpResponse, LabelFormat, Labels, Parcel, ParcelTrack, PollReply, Purchase, Rejection,
    Shipment, Step, Token, simulator,
};

/// Most further steps of one errand: no documented exchange takes more than four.
const STEPS_MAX: usize = 10;

/// Why an errand at the counter came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The account lacks something.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The connector cannot express it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The carrier says no, or something that cannot be read.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// The carrier does not offer this.
    #[error("{carrier} does not offer {capability}")]
    Absent {
        /// Id of the carrier.
        carrier: &'static str,
        /// Name of the capability.
        capability: &'static str,
    },
}

/// A connector, an account, and the simulated carrier that it talks to.
pub struct Desk {
    /// The connector.
    pub carrier: &'static dyn Carrier,
    /// The contract that calls are made under.
    pub account: Account,
    /// The other side.
    pub sim: Box<dyn Simulator>,
    /// Where the carrier uses tokens: the last one obtained.
    pub token: Option<Token>,
    /// The clock of both sides; moved by hand.
    pub now: OffsetDateTime,
}

impl Desk {
    /// Opens the counter and logs in.
    ///
    /// # Errors
    /// [`DeskError`] when the account does not work, or nobody simulates this carrier.
    pub fn open(
        carrier: &'static dyn Carrier,
        account: Account,
        options: SimOptions,
        now: OffsetDateTime,
    ) -> Result<Self, DeskError> {
        let id = carrier.info().id;
        let sim = simulator(id, options)
            .ok_or(DeskError::Absent { carrier: id, capability: "a simulator" })?;
        let mut desk = Self { carrier, account, sim, token: None, now };
        desk.log_in()?;
        Ok(desk)
    }

    /// Gets a token, where the carrier uses them.
    ///
    /// # Errors
    /// [`DeskError`] when the account is refused.
    pub fn log_in(&mut self) -> Result<(), DeskError> {
        if let Auth::Token(request) = self.carrier.auth(&self.account)? {
            let answer = self.send(&request);
            self.token = Some(self.carrier.token(&answer)?);
        }
        Ok(())
    }

    /// Moves the clock, and logs in again: tokens age.
    ///
    /// # Errors
    /// As [`Desk::log_in`].
    pub fn wait_until(&mut self, now: OffsetDateTime) -> Result<(), DeskError> {
        self.now = now;
        self.log_in()
    }

    /// What the connector is told with each call.
    #[must_use]
    pub fn call(&self) -> Call<'_> {
        Call {
            account: &self.account,
            token: self.token.as_ref(),
            now: self.now,
            call_id: "call-1",
        }
    }

    /// Carries one request over.
    pub fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        self.sim.answer(&SimRequest::of(request, self.now))
    }

    /// Carries a request over, and those that its answers ask for.
    ///
    /// # Errors
    /// What the reader says; `Garbled` when it never comes to an end.
    pub fn follow<T>(
        &mut self,
        mut request: HttpRequest,
        read: impl Fn(&Call<'_>, &HttpResponse) -> Result<Step<T>, CarrierError>,
    ) -> Result<T, CarrierError> {
        for _ in 0..STEPS_MAX {
            let answer = self.send(&request);
            match read(&self.call(), &answer)? {
                Step::Next(next) => request = next,
                Step::Done(done) => return Ok(done),
            }
        }
        Err(CarrierError::garbled("an errand without an end"))
    }

    fn absent(&self, capability: &'static str) -> DeskError {
        DeskError::Absent { carrier: self.carrier.info().id, capability }
    }

    /// Buys a label for each parcel.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn buy(&mut self, shipment: &Shipment) -> Result<Purchase, DeskError> {
        let labels = self.carrier.labels().ok_or_else(|| self.absent("labels"))?;
        self.buy_by(labels, shipment)
    }

    /// The same by another of the carrier's ways to buy.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn buy_by(
        &mut self,
        labels: &dyn Labels,
        shipment: &Shipment,
    ) -> Result<Purchase, DeskError> {
        let request = labels.request(&self.call(), shipment)?;
        let mut purchase = self.follow(request, |_, answer| labels.response(answer, shipment))?;
        // Label files that the purchase came without are asked for, as the service that buys does.
        for label in purchase.labels.iter_mut().filter(|label| label.data.is_empty()) {
            let number = label.tracking_number.clone();
            let request = labels.label_request(&self.call(), &number);
            let request = request.ok_or_else(|| CarrierError::garbled("no file, and no way"))?;
            let again = self.follow(request, |call, answer| {
                labels.label_response(call, answer, shipment, &number)
            })?;
            let mut found = again.labels.into_iter();
            if let Some(file) = found.find(|file| file.tracking_number == number) {
                *label = file;
            }
        }
        Ok(purchase)
    }

    /// Voids a purchase, part by part.
    ///
    /// # Errors
    /// [`DeskError`] of the first part that is not voided.
    pub fn void(&mut self, purchase: &Purchase) -> Result<(), DeskError> {
        let voids = self.carrier.voids().ok_or_else(|| self.absent("voids"))?;
        for part in voids.parts(purchase) {
            let request = voids.request(&self.call(), &part)?;
            self.follow(request, |_, answer| voids.response(answer))?;
        }
        Ok(())
    }

    /// Looks a purchase up by our reference.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn find(&mut self, shipment: &Shipment) -> Result<Found, DeskError> {
        let lookup = self.carrier.lookup().ok_or_else(|| self.absent("a look-up"))?;
        let request = lookup.request(&self.call(), shipment);
        Ok(self.follow(request, |call, answer| lookup.response(call, answer, shipment))?)
    }

    /// Asks for scans: the carrier's answer as it came, and what is read out of it.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn poll(
        &mut self,
        tracking_numbers: &[String],
    ) -> Result<(HttpResponse, Vec<PollReply>), DeskError> {
        let polling = self.carrier.polling().ok_or_else(|| self.absent("polling"))?;
        let answer = self.send(&polling.request(&self.call(), tracking_numbers));
        let replies = polling.response(&answer, tracking_numbers)?;
        Ok((answer, replies))
    }

    /// The scans of one parcel.
    ///
    /// # Errors
    /// [`DeskError`]; `Garbled` when the carrier does not know the number.
    pub fn track(&mut self, tracking_number: &str) -> Result<ParcelTrack, DeskError> {
        match self.poll(&[tracking_number.to_owned()])?.1.pop() {
            Some(PollReply::Track(track)) => Ok(track),
            other => Err(CarrierError::garbled(format!("no scans: {other:?}")).into()),
        }
    }

    /// Each of the shipments by each service, as far as this carrier can express them.
    #[must_use]
    pub fn sellable(&self, labels: &dyn Labels, lanes: &[Shipment]) -> Vec<Shipment> {
        let by = |base: &Shipment, code: &str| Shipment { service: code.into(), ..base.clone() };
        let services = self.carrier.info().services.iter();
        let all = services.flat_map(|(code, _)| lanes.iter().map(move |base| by(base, code)));
        all.filter(|shipment| labels.request(&self.call(), shipment).is_ok()).collect()
    }

    /// A plain parcel by the first service and lane that can carry it.
    #[must_use]
    pub fn plain(&self) -> Option<Shipment> {
        let format = *self.carrier.info().formats.first()?;
        let day = self.now.date();
        let lanes = [plain_shipment(format, day), plain_abroad(format, day)];
        self.sellable(self.carrier.labels()?, &lanes).into_iter().next()
    }
}

/// An account with the example of every field, as the carrier's form shows them.
#[must_use]
pub fn example_account(carrier: &dyn Carrier) -> Account {
    let fields = carrier.info().account_fields.iter();
    let fields = fields.map(|field| (field.name.to_owned(), field.example.to_owned().into()));
    Account { fields: fields.collect(), hosts: BTreeMap::new() }
}

/// An invented parcel of 1.25 kg from Lyon to Rennes, without a service.
#[must_use]
pub fn plain_shipment(format: LabelFormat, ship_date: time::Date) -> Shipment {
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
        ship_date,
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
#[must_use]
pub fn plain_abroad(format: LabelFormat, ship_date: time::Date) -> Shipment {
    let mut shipment = plain_shipment(format, ship_date);
    let recipient = &mut shipment.recipient;
    recipient.lines = vec!["Musterweg 5".to_owned()];
    recipient.city = "Berlin".to_owned();
    recipient.postcode = "10115".to_owned();
    recipient.country = Some(Country::DE);
    recipient.phone = "+493023125002".to_owned();
    shipment
}
