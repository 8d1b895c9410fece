//! What a carrier may offer beside selling a label: prices, collections, manifests, points.
//!
//! Each trait is one capability; a carrier has it whole or answers `None` in [`crate::Carrier`].
//! All follow one shape: a request as data, and a reader of the answer.

use bytes::Bytes;
use colibri_types::{CivilTime, Country, Grams, Money};
use time::{Date, Time};

use crate::{Call, CarrierError, Contact, HttpRequest, HttpResponse, LabelFormat, Rejection};
use crate::{Shipment, Step};

/// A part of a price: `FUEL`, `fuel surcharge`, 6.60 EUR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The carrier's code; empty when it gives none.
    pub code: String,
    /// The carrier's words.
    pub name: String,
    /// The amount, as told: never computed from others.
    pub amount: Money,
}

/// The carrier's own price for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Service code, as [`Shipment::service`] takes it.
    pub service: String,
    /// What the carrier calls the service.
    pub name: String,
    /// What this account would be billed, taxes excluded where the carrier tells them apart.
    pub total: Money,
    /// Parts of the total, where told.
    pub charges: Vec<Charge>,
    /// Latest delivery, where told, in the receiver's clock.
    pub delivery: Option<CivilTime>,
    /// Working days on the way, where told.
    pub transit_days: Option<u16>,
}

/// Asking what services cost.
pub trait Rates: Send + Sync {
    /// The question. An empty [`Shipment::service`] asks for every service there is, where the
    /// carrier can answer that; else it is rejected with the field `service`.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express the shipment.
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection>;
    /// Reads the answer; nothing offered is an empty list.
    ///
    /// # Errors
    /// [`CarrierError`]; a question costs nothing, so nothing is ever in doubt.
    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Vec<Rate>>, CarrierError>;
    /// Asking for the day apart, where prices come without one.
    fn delivery_dates(&self) -> Option<&dyn DeliveryDates> {
        None
    }
}

/// Asking when a parcel would arrive.
pub trait DeliveryDates: Send + Sync {
    /// The question.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express the shipment.
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection>;
    /// Reads the answer: the latest delivery in the receiver's clock, `None` when it does not go
    /// there.
    ///
    /// # Errors
    /// [`CarrierError`]; a question costs nothing, so nothing is ever in doubt.
    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Option<CivilTime>, CarrierError>;
}

/// Asking whether a shipment would be sold, without buying it.
pub trait Check: Send + Sync {
    /// The question.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express the shipment.
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection>;
    /// Reads the answer.
    ///
    /// # Errors
    /// `Refused` with the carrier's reason when it would not be sold.
    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError>;
}

/// Asking whether an account works: a free call that proves the credentials.
pub trait AccountCheck: Send + Sync {
    /// The question. Carriers with tokens have been through [`crate::Auth::Token`] already.
    fn request(&self, call: &Call<'_>) -> HttpRequest;
    /// Reads the answer.
    ///
    /// # Errors
    /// `Unauthorised` or `Refused` when the account does not work.
    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError>;
    /// A second question, where the account holds a key that the first does not use; `None`: the
    /// first proves all there is.
    fn second(&self, _call: &Call<'_>) -> Option<HttpRequest> {
        None
    }
    /// Reads the answer to [`AccountCheck::second`].
    ///
    /// # Errors
    /// `Unauthorised` or `Refused` when that key does not work.
    fn second_response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        self.response(response)
    }
}

/// A collection to be asked for. `Debug` of the address prints the country only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickupRequest {
    /// Our unique reference, at most 20 characters of `[A-Z0-9]`.
    pub reference: String,
    /// Where the parcels are.
    pub address: Contact,
    /// Day, in the site's calendar.
    pub date: Date,
    /// Parcels are ready from, by the site's clock.
    pub ready: Time,
    /// The site closes at, by the site's clock.
    pub close: Time,
    /// Service code, where the carrier wants one.
    pub service: String,
    /// Where most of the parcels go, where the carrier asks.
    pub destination: Option<Country>,
    /// How many parcels.
    pub parcels: u32,
    /// All together.
    pub weight: Grams,
    /// Their numbers, where they are known.
    pub tracking_numbers: Vec<String>,
    /// For the driver, e.g. `dock 3`; empty for none.
    pub instructions: String,
}

/// A collection that the carrier confirmed: all that a cancellation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pickup {
    /// The carrier's number. Some carriers give none: then it is our reference.
    pub confirmation: String,
    /// The day the carrier confirmed, which may not be the one asked for.
    pub date: Date,
    /// More that a cancellation must repeat, e.g. FedEx's location; empty where nothing.
    pub location: String,
    /// Service code of the request, repeated by some cancellations.
    pub service: String,
}

/// Asking for collections.
pub trait Pickups: Send + Sync {
    /// The request.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express it.
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection>;
    /// Reads the answer.
    ///
    /// # Errors
    /// As for purchases: `Garbled` means that a driver may come, and nothing is asked again
    /// blindly.
    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError>;
    /// Calling a collection off, where the carrier can.
    fn cancellation(&self) -> Option<&dyn PickupCancellation> {
        None
    }
}

/// Calling a collection off.
pub trait PickupCancellation: Send + Sync {
    /// The request.
    fn request(&self, call: &Call<'_>, pickup: &Pickup) -> HttpRequest;
    /// Reads the answer.
    ///
    /// # Errors
    /// `Refused` when it is too late.
    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError>;
}

/// What is handed over at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestRequest {
    /// Our unique reference, at most 20 characters of `[A-Z0-9]`.
    pub reference: String,
    /// Where the parcels leave.
    pub site: Contact,
    /// Day, in the site's calendar.
    pub date: Date,
    /// The parcels' numbers.
    pub tracking_numbers: Vec<String>,
}

/// A manifest (Colissimo: bordereau) that the carrier made.
#[derive(Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The carrier's number; empty when it gives none.
    pub number: String,
    /// The paper, where the carrier makes one.
    pub document: Option<(LabelFormat, Bytes)>,
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.document.as_ref().map(|(_, data)| data.len());
        write!(f, "Manifest(.., {bytes:?} bytes)")
    }
}

/// Closing a day at the carrier.
pub trait Manifests: Send + Sync {
    /// Most parcels on one manifest.
    fn parcels_max(&self) -> usize;
    /// The request.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express it.
    fn request(
        &self,
        call: &Call<'_>,
        manifest: &ManifestRequest,
    ) -> Result<HttpRequest, Rejection>;
    /// Reads the answer.
    ///
    /// # Errors
    /// [`CarrierError`].
    fn response(&self, response: &HttpResponse) -> Result<Step<Manifest>, CarrierError>;
}

/// How often a carrier answers questions of one kind, by its documents. Data, so that whoever asks
/// can spread them; an account's contract may allow more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Questions ...
    pub calls: u32,
    /// ... within so many seconds. 86 400: within a day of UTC.
    pub seconds: u32,
}

impl Quota {
    /// Questions a day.
    #[must_use]
    pub const fn a_day(calls: u32) -> Self {
        Self { calls, seconds: 86_400 }
    }

    /// Questions a minute.
    #[must_use]
    pub const fn a_minute(calls: u32) -> Self {
        Self { calls, seconds: 60 }
    }
}

/// Where points are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointSearch {
    /// Around this address; street and city may be empty where the carrier needs the postcode
    /// only.
    pub near: Contact,
    /// Day on which the parcel is handed over: points that are closed when it arrives are left
    /// out by some carriers.
    pub ship_date: Date,
    /// Of the parcel, since points have limits.
    pub weight: Grams,
    /// Service code that will be bought; empty: any that goes to points.
    pub service: String,
    /// Most points wanted, 1 to 50.
    pub limit: u8,
}

/// Hours of one day: from, to, at the point's clock.
pub type Opening = (Time, Time);

/// A shop, locker or counter that parcels can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePoint {
    /// Id for [`crate::DeliveryOption::ServicePoint`].
    pub id: String,
    /// Name of the shop.
    pub name: String,
    /// Street lines.
    pub lines: Vec<String>,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Country.
    pub country: Option<Country>,
    /// Latitude and longitude in millionths of a degree.
    pub position: Option<(i32, i32)>,
    /// Metres from the address, where told.
    pub distance_m: Option<u32>,
    /// Monday first; an empty day is closed. `None`: not told.
    pub hours: Option<[Vec<Opening>; 7]>,
    /// Closed from, to (both included).
    pub closures: Vec<(Date, Date)>,
    /// Heaviest parcel, where told.
    pub weight_max: Option<Grams>,
    /// A locker that needs no person.
    pub locker: bool,
}

/// Finding points.
pub trait ServicePoints: Send + Sync {
    /// The question.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express it.
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection>;
    /// Reads the answer, nearest first; a broken point never hides its neighbours.
    ///
    /// # Errors
    /// [`CarrierError`] when the answer as a whole cannot be read.
    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError>;
}
