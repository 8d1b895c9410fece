//! Words every part of Colibri shares: money, measures, countries, civil time and typed ids.
//!
//! Owns units and their limits. Deliberately knows nothing of services, wires or databases, and
//! depends on nothing of ours.

mod country;
mod id;
mod measure;
mod money;
mod pii;
mod time;

pub use country::{Country, ParseCountryError};
pub use id::{
    AccountId, AttemptId, ClientId, DeclarationId, DocumentId, ImportId, ManifestId, OfferId,
    OrderId, OrphanId, ParcelId, ParseIdError, PickupId, QuoteId, ReturnId, ScanId, ShipmentId,
    SiteId, SubjectRef, TariffId, TenantId, event_id,
};
pub use measure::{Dimensions, Grams, Millimetres};
pub use money::{Currency, Money, MoneyError};
pub use pii::Pii;
pub use time::{CivilTime, ParseCivilTimeError, Precision};
