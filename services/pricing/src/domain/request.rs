//! What somebody wants to know the price of.
//!
//! Holds no personal data: a place is a country and the zone part of its postcode.

use std::collections::BTreeSet;

use colibri_types::{Country, Dimensions, Grams, Money};
use serde::{Deserialize, Serialize};

use super::{code::Code, exact::Day};

/// Most parcels in one question: the most any carrier here takes in a shipment.
const PARCELS_MAX: usize = 200;

/// Longest side of a parcel in millimetres: 100 m, beyond every vehicle.
const SIDE_MM_MAX: u32 = 100_000;

/// Longest postcode of any country, with room: ten characters in the longest known.
const POSTCODE_CHARS_MAX: usize = 16;

/// An option of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipOption {
    /// The receiver signs.
    Signature,
    /// An adult signs.
    AdultSignature,
    /// The goods are insured for their value.
    Insurance,
    /// Delivered on a Saturday where that is faster.
    Saturday,
    /// Paid by the receiver on delivery.
    CashOnDelivery,
    /// Delivered to a point where the receiver collects.
    ServicePoint,
}

impl ShipOption {
    /// Every option.
    pub const ALL: &'static [Self] = &[
        Self::Signature,
        Self::AdultSignature,
        Self::Insurance,
        Self::Saturday,
        Self::CashOnDelivery,
        Self::ServicePoint,
    ];

    /// The spelling in tariffs and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::AdultSignature => "adult_signature",
            Self::Insurance => "insurance",
            Self::Saturday => "saturday",
            Self::CashOnDelivery => "cash_on_delivery",
            Self::ServicePoint => "service_point",
        }
    }
}

/// A place as far as a tariff needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Country.
    pub country: Country,
    /// The zone part of the postcode (GB outward code, others whole), when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
}

impl Place {
    /// The postcode as patterns see it: letters and digits in upper case.
    pub(super) fn plain_postcode(&self) -> Option<String> {
        let postcode = self.postcode.as_deref()?;
        let plain: String = postcode
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        Some(plain).filter(|plain| !plain.is_empty())
    }

    fn well_formed(&self) -> bool {
        self.postcode.as_deref().is_none_or(|postcode| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
            postcode.len() <= POSTCODE_CHARS_MAX && postcode.chars().all(known)
        })
    }
}

/// One box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    /// Gross weight.
    pub weight: Grams,
    /// Outer dimensions, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
}

/// A shipment to price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Where it leaves.
    pub origin: Place,
    /// Where it goes.
    pub destination: Place,
    /// Whether the destination is a private home, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residential: Option<bool>,
    /// Day of handing over, in the origin's calendar.
    pub ship_date: Day,
    /// At least one.
    pub parcels: Vec<Parcel>,
    /// Wanted options.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub options: BTreeSet<ShipOption>,
    /// Value of the goods, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
}

impl Request {
    /// Refuses what no tariff could price.
    pub(super) fn check(&self, today: Day) -> Result<(), (Code, String)> {
        if self.parcels.is_empty() || self.parcels.len() > PARCELS_MAX {
            let count = self.parcels.len();
            let text = format!("{count} parcels; 1 to {PARCELS_MAX} can be priced at once");
            return Err((Code::RequestParcels, text));
        }
        for (index, parcel) in self.parcels.iter().enumerate() {
            if parcel.weight.0 == 0 || parcel.weight > Grams::MAX {
                let text = format!(
                    "parcel {} weighs {} g; 1 to {} g can be priced",
                    index + 1,
                    parcel.weight.0,
                    Grams::MAX.0
                );
                return Err((Code::RequestParcels, text));
            }
            let sides = parcel.dimensions.map(|d| [d.length.0, d.width.0, d.height.0]);
            let possible = |side: &u32| (1..=SIDE_MM_MAX).contains(side);
            if sides.is_some_and(|sides| !sides.iter().all(possible)) {
                let text = format!(
                    "parcel {} has a side outside 1 to {SIDE_MM_MAX} mm; leave unknown sizes out",
                    index + 1
                );
                return Err((Code::RequestParcels, text));
            }
        }
        if self.ship_date < today {
            let text = format!("ship date {} lies before {today}", self.ship_date);
            return Err((Code::RequestShipDate, text));
        }
        if !(self.origin.well_formed() && self.destination.well_formed()) {
            let text = "a postcode holds letters, digits, spaces and hyphens, at most 16";
            return Err((Code::RequestPostcode, text.to_owned()));
        }
        if self.value.is_some_and(|value| value.amount_minor < 0) {
            let text = "the value of the goods is negative".to_owned();
            return Err((Code::RequestValue, text));
        }
        Ok(())
    }
}
