//! Screening without I/O: is somebody in a parcel on a list, and may the goods go there?
//!
//! Owns the forms of the authorities' lists, how names are compared and why, and what restricts
//! goods by code and destination. Deliberately absent: the lists themselves (they change daily and
//! are loaded by whoever runs the service), storage, and any refusal: a likeness of names holds a
//! parcel until a person has decided.

mod adjust;
mod answer;
mod decide;
mod formats;
mod goods;
mod index;
mod likeness;
mod list;
mod screen;
mod words;

pub use answer::{Adjustment, Hit, How, Party, PartyKind, Screened, TokenMatch, Unreadable};
pub use decide::{Freshness, Thresholds, ThresholdsError, Verdict};
pub use goods::{Goods, Outcome, Restriction, RestrictionMatch, Restrictions, RestrictionsError};
pub use index::Index;
pub use list::{Entry, Format, Kind, List, Name, Quality, ReadError, Refused, Shrunk};
