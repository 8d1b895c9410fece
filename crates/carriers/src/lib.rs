//! Carrier connectors without I/O.
//!
//! A connector describes requests and reads answers; it never opens a socket, reads a clock or
//! draws a random number. The caller owns time-outs, retries, rate limits and token caching.
//!
//! Owns: carriers' wire formats, status tables, the fold of scans into a status, and beside each
//! connector the answers of its simulator (`sim.rs`, written from the carrier's documents and never
//! from the connector's own types, so that the two can disagree).
//! Deliberately absent: HTTP, storage, credentials at rest, prices of our own.
//!
//! A carrier costs one folder and one line below: every public module but `sim` is a carrier, and
//! `build.rs` writes the registry's list from these lines.

mod account;
mod capability;
mod error;
#[cfg(test)]
mod fixtures;
mod fold;
mod format;
mod http;
mod registry;
mod shipment;
pub mod sim;
mod status;
mod tracking;
mod wire;

pub mod chronopost;
pub mod colissimo;
pub mod dhl_express;
pub mod dpd_fr;
pub mod fedex;
pub mod gls;
pub mod mondial_relay;
pub mod ups;

pub use account::{Account, AccountError, Auth, Token};
pub use capability::{
    AccountCheck, Charge, Check, DeliveryDates, Manifest, ManifestRequest, Manifests, Opening,
    Pickup, PickupCancellation, PickupRequest, Pickups, PointSearch, Quota, Rate, Rates,
    ServicePoint, ServicePoints,
};
pub use error::{CarrierError, Rejection};
pub use fold::{Folded, fold, responsible};
pub use format::LabelFormat;
pub use http::{HttpRequest, HttpResponse, Method};
pub use registry::{all, by_id, read_payload, simulator, statuses};
pub use shipment::{
    Contact, Customs, DeliveryOption, ExportReason, Incoterm, Item, Label, OptionKind, Parcel,
    Purchase, Shipment,
};
pub use status::{Headline, MappedStatus, Party, StatusRow, SubStatus};
pub use tracking::{Location, ParcelTrack, PollReply, Scan, ZoneSource};

use colibri_types::{Country, Grams, Millimetres};
use time::{Duration, OffsetDateTime};

/// What the caller knows when it asks a connector for a request.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The contract with the carrier, with its opened credentials.
    pub account: &'a Account,
    /// Token obtained through [`Auth::Token`], where the carrier uses one.
    pub token: Option<&'a Token>,
    /// Now, by the caller's clock.
    pub now: OffsetDateTime,
    /// Unique per call, at most 32 characters: some carriers want one for their logs.
    pub call_id: &'a str,
}

/// Facts about a carrier that do not change from call to call.
#[derive(Debug, Clone)]
pub struct CarrierInfo {
    /// Id in every table and message, e.g. `ups`.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Countries parcels may leave from.
    pub origins: &'static [Country],
    /// Label formats that can be asked for, best first.
    pub formats: &'static [LabelFormat],
    /// Heaviest parcel.
    pub weight_max: Grams,
    /// Longest side.
    pub length_max: Millimetres,
    /// Most parcels in one shipment.
    pub parcels_max: u16,
    /// Options that can be asked for; any other is rejected before a call, by the field `options`.
    pub options: &'static [OptionKind],
    /// Calls per second that one account should stay under: the carrier's limit where published,
    /// else a polite figure.
    pub calls_per_second: u16,
    /// Named hosts with their production base URL; an account may override each.
    pub hosts: &'static [(&'static str, &'static str)],
    /// Fields of an account: name, meaning, whether secret, whether required.
    pub account_fields: &'static [AccountField],
    /// Services that can be bought: code and name.
    pub services: &'static [(&'static str, &'static str)],
}

/// One field of a carrier's account form.
#[derive(Debug, Clone, Copy)]
pub struct AccountField {
    /// Key in [`Account::fields`].
    pub name: &'static str,
    /// What it is, for the person who types it.
    pub meaning: &'static str,
    /// Sealed in the vault when true.
    pub secret: bool,
    /// An account without it is refused when true.
    pub required: bool,
    /// An invented value of the right form, for people who fill the form and for simulators.
    pub example: &'static str,
}

impl AccountField {
    /// A field that every account has and that everybody may see.
    #[must_use]
    pub const fn new(name: &'static str, meaning: &'static str, example: &'static str) -> Self {
        Self { name, meaning, secret: false, required: true, example }
    }

    /// Sealed in the vault.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// An account may go without it.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

/// A parcel carrier. Describes requests and reads answers; never performs I/O.
///
/// A capability is absent (`None`) or whole.
pub trait Carrier: Send + Sync {
    /// Identity, limits, hosts, account form.
    fn info(&self) -> &'static CarrierInfo;

    /// How calls are authenticated.
    ///
    /// # Errors
    /// [`AccountError`] names the missing or malformed field.
    fn auth(&self, account: &Account) -> Result<Auth, AccountError>;

    /// Reads the answer to the request of [`Auth::Token`]; refused when the carrier has no tokens.
    ///
    /// # Errors
    /// [`CarrierError`] when the carrier refuses the credentials or answers garbage.
    fn token(&self, _response: &HttpResponse) -> Result<Token, CarrierError> {
        Err(CarrierError::garbled("this carrier issues no tokens"))
    }

    /// Buying labels.
    fn labels(&self) -> Option<&dyn Labels> {
        None
    }
    /// Voiding bought labels.
    fn voids(&self) -> Option<&dyn Voids> {
        None
    }
    /// Finding a purchase again by our own reference.
    fn lookup(&self) -> Option<&dyn Lookup> {
        None
    }
    /// Asking for scans.
    fn polling(&self) -> Option<&dyn Polling> {
        None
    }
    /// Receiving scans.
    fn push(&self) -> Option<&dyn Push> {
        None
    }
    /// Buying labels for the way back: the sender is the customer, the recipient the merchant.
    /// A label without a file is a code to show at the counter (`Label::data` is its image).
    fn returns(&self) -> Option<&dyn Labels> {
        None
    }
    /// The service of the way back where nobody names one, for what went out by `out` and goes from
    /// `from` to `to`. Most services go both ways; carriers that sell returns as services of their
    /// own refuse every other, so they name theirs here.
    fn service_back<'s>(
        &self,
        out: &'s str,
        _from: Option<Country>,
        _to: Option<Country>,
    ) -> &'s str {
        out
    }
    /// Whether a label for the way back can name the point where it is dropped off (told as
    /// [`DeliveryOption::ServicePoint`]). Elsewhere labels are taken at every point of the carrier.
    fn names_drop_off(&self) -> bool {
        false
    }
    /// Asking whether a shipment would be sold.
    fn check(&self) -> Option<&dyn Check> {
        None
    }
    /// Asking what services cost.
    fn rates(&self) -> Option<&dyn Rates> {
        None
    }
    /// Asking for collections.
    fn pickups(&self) -> Option<&dyn Pickups> {
        None
    }
    /// Closing a day.
    fn manifests(&self) -> Option<&dyn Manifests> {
        None
    }
    /// Finding pickup points.
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        None
    }
    /// Proving that an account works. Carriers with tokens may have none: the token proves it.
    fn account_check(&self) -> Option<&dyn AccountCheck> {
        None
    }
}

/// One more call, or the result.
#[derive(Debug, Clone)]
pub enum Step<T> {
    /// Another request is needed; its answer goes to the same reader.
    Next(HttpRequest),
    /// The result.
    Done(T),
}

/// Buying a label: one call buys one shipment's parcels.
pub trait Labels: Send + Sync {
    /// The purchase request. `shipment.attempt_ref` goes where the carrier can search for it.
    ///
    /// # Errors
    /// [`Rejection`] when this carrier cannot express the shipment: known before any call.
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection>;

    /// Reads the answer.
    ///
    /// # Errors
    /// `Refused` is a definite no. `Later` promises that nothing was bought. Everything else is
    /// `Garbled`: money may have moved, and the caller must treat the purchase as in doubt.
    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError>;

    /// A valid label can be asked for again, alone, when the purchase answer had none.
    fn label_request(&self, _call: &Call<'_>, _tracking_number: &str) -> Option<HttpRequest> {
        None
    }

    /// Reads the answer to [`Labels::label_request`], and to further requests that come of it. It
    /// is told whose label was asked for: a bare file names no parcel.
    ///
    /// # Errors
    /// [`CarrierError`] when there is no file; the purchase stands whatever this says.
    fn label_response(
        &self,
        _call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
        _tracking_number: &str,
    ) -> Result<Step<Purchase>, CarrierError> {
        self.response(response, shipment)
    }
}

/// Voiding a purchase.
pub trait Voids: Send + Sync {
    /// What one request voids, out of a purchase: all of it where the carrier voids a shipment,
    /// one parcel where it voids parcel by parcel. Each part is asked for by itself, so that a
    /// refusal of one says nothing about the others.
    fn parts(&self, purchase: &Purchase) -> Vec<Purchase> {
        vec![purchase.clone()]
    }
    /// The void request of one part.
    ///
    /// # Errors
    /// [`Rejection`] when the purchase cannot be voided at all.
    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection>;
    /// Reads the answer: `Done(())` when the part is void.
    ///
    /// # Errors
    /// `Refused` when the carrier says no, for example after the void period.
    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError>;
}

/// What a lookup by our reference found.
#[derive(Debug, Clone)]
pub enum Found {
    /// The purchase exists; its labels are included when the carrier gives them again.
    Purchase(Box<Purchase>),
    /// The carrier says, with authority, that there is none: buying again is safe.
    Nothing,
    /// No answer can be drawn from this: stay in doubt.
    Unclear(String),
}

/// Finding a purchase by our own reference (carriers of class B).
pub trait Lookup: Send + Sync {
    /// How long after a purchase a negative answer can be trusted.
    fn settle(&self) -> Duration;
    /// The question.
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest;
    /// Reads the answer. The call is given again: some carriers' *no* counts only after a second
    /// question, which needs the account and the token.
    ///
    /// # Errors
    /// [`CarrierError`] when the answer says nothing either way.
    fn response(
        &self,
        call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError>;
}

/// Asking a carrier for scans.
pub trait Polling: Send + Sync {
    /// Most tracking numbers that one request may carry.
    fn batch_max(&self) -> usize;
    /// How often the carrier answers this question; `None`: it publishes nothing.
    fn quota(&self, _account: &Account, _tracking_numbers: &[String]) -> Option<Quota> {
        None
    }
    /// The question for up to [`Polling::batch_max`] numbers.
    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest;
    /// Reads the answer. Each parcel stands alone: a broken one never aborts its neighbours.
    ///
    /// # Errors
    /// [`CarrierError`] when the answer as a whole cannot be read.
    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError>;
}

/// Receiving scans from a carrier's webhook.
pub trait Push: Send + Sync {
    /// Checks the caller's proof against the account, in constant time, on the raw body.
    /// Header names are lower case.
    fn verify(&self, account: &Account, headers: &[(String, String)], body: &[u8]) -> bool;
    /// Reads a verified body.
    ///
    /// # Errors
    /// [`CarrierError::Garbled`] when the body is not what the carrier documents.
    fn parse(&self, body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError>;
    /// Asking for the webhook number by number, where the carrier does not push by itself.
    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        None
    }
}

/// Telling a carrier which numbers to push.
pub trait Subscriptions: Send + Sync {
    /// Most numbers in one request.
    fn numbers_max(&self) -> usize;
    /// How long a number is pushed before the carrier forgets it.
    fn lasts(&self) -> Duration;
    /// Asks for pushes of up to [`Subscriptions::numbers_max`] numbers to `destination_url`; a
    /// carrier that keeps the destination in its portal ignores it.
    fn request(
        &self,
        call: &Call<'_>,
        tracking_numbers: &[String],
        destination_url: &str,
    ) -> HttpRequest;
    /// Numbers that the carrier will not push.
    ///
    /// # Errors
    /// [`CarrierError`] when it will push none.
    fn response(&self, response: &HttpResponse) -> Result<Vec<String>, CarrierError>;
    /// A second request that the carrier wants before it pushes, read from the answer to the first;
    /// its answer goes to [`Subscriptions::response`] too. `None`: the first was enough.
    fn confirm(&self, _call: &Call<'_>, _response: &HttpResponse) -> Option<HttpRequest> {
        None
    }
}
