//! The words for where goods are, in what condition, and what becomes of them.

use serde::{Deserialize, Serialize};

/// Number of a label within its case.
pub type LabelNo = u16;

/// Where a unit can be. A unit is in exactly one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// With the buyer.
    AtBuyer,
    /// Handed in, with proof.
    Dropped,
    /// With the carrier, by its scan.
    InTransit,
    /// Delivered to us, by the carrier's word.
    Arrived,
    /// Counted at the bench.
    Received,
    /// Graded.
    Inspected,
    /// Restocked, refurbished, recycled: out of this process.
    Disposed,
    /// Will not come, or the buyer may keep it.
    NotReturned,
    /// Lost on its way, after proof that it was sent.
    Lost,
    /// Called off.
    Cancelled,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 10] = [
        Self::AtBuyer,
        Self::Dropped,
        Self::InTransit,
        Self::Arrived,
        Self::Received,
        Self::Inspected,
        Self::Disposed,
        Self::NotReturned,
        Self::Lost,
        Self::Cancelled,
    ];

    /// Nothing more is awaited of a unit there.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Disposed | Self::NotReturned | Self::Lost | Self::Cancelled)
    }

    /// May a person correct it so? Only back along the way it can have come: what was given up at
    /// the buyer's was never counted, and what was lost never arrived.
    #[must_use]
    pub fn goes_back_to(self, to: Self) -> bool {
        let way: &[Self] = &[
            Self::AtBuyer,
            Self::Dropped,
            Self::InTransit,
            Self::Arrived,
            Self::Received,
            Self::Inspected,
            Self::Disposed,
        ];
        let before = match self {
            Self::NotReturned | Self::Cancelled => 1,
            Self::Lost => 3,
            other => way.iter().position(|place| *place == other).unwrap_or(0),
        };
        way.iter().take(before).any(|place| *place == to)
    }
}

/// In what condition a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// As new.
    A,
    /// Opened, complete.
    B,
    /// Used, or an accessory is missing.
    C,
    /// Defective or damaged.
    D,
    /// Not the article.
    E,
    /// To be kept apart: leaking, swollen, recalled.
    Q,
}

impl Grade {
    /// Every grade.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::Q];

    /// A person has to look before anything else happens.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::E | Self::Q)
    }
}

/// What is done with a unit for good. Holding it is not one of them: it stays inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Back to stock.
    Restock,
    /// Back to stock as opened.
    RestockOpenBox,
    /// To be refurbished.
    Refurbish,
    /// Back to the supplier.
    VendorReturn,
    /// Sold as it is.
    Liquidate,
    /// Given away.
    Donate,
    /// Destroyed or recycled.
    Recycle,
    /// Sent back to the buyer.
    ReturnedToBuyer,
}

impl Disposition {
    /// Every disposition.
    pub const ALL: [Self; 8] = [
        Self::Restock,
        Self::RestockOpenBox,
        Self::Refurbish,
        Self::VendorReturn,
        Self::Liquidate,
        Self::Donate,
        Self::Recycle,
        Self::ReturnedToBuyer,
    ];

    /// Does the owner of the stock have to book it?
    #[must_use]
    pub const fn is_restock(self) -> bool {
        matches!(self, Self::Restock | Self::RestockOpenBox)
    }

    /// May a unit of that grade go there? What is not the article is never sold.
    #[must_use]
    pub const fn suits(self, grade: Grade) -> bool {
        match self {
            Self::Restock => matches!(grade, Grade::A | Grade::B),
            Self::RestockOpenBox => matches!(grade, Grade::A | Grade::B | Grade::C),
            Self::Refurbish | Self::VendorReturn | Self::Liquidate | Self::Donate => {
                !grade.is_held()
            }
            Self::Recycle => !matches!(grade, Grade::E),
            Self::ReturnedToBuyer => !matches!(grade, Grade::Q),
        }
    }
}

/// Where a unit is, with what is known of it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// Anywhere before it was graded, or at an end that is no disposition.
    In(Place),
    /// Graded so.
    Graded(Grade),
    /// Graded and disposed of so.
    Disposed(Grade, Disposition),
}

impl Spot {
    /// The place.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::In(place) => place,
            Self::Graded(_) => Place::Inspected,
            Self::Disposed(..) => Place::Disposed,
        }
    }
}

/// What came and was not advised. It never touches the counters of what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extra {
    /// Of the article, more than advised.
    Surplus,
    /// Another article.
    Foreign,
}
