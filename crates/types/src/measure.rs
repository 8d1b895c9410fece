//! Weights and lengths, in the smallest unit a carrier asks for.

use serde::{Deserialize, Serialize};

/// A weight in grams. Above 1 000 000 g a parcel is freight, which is not sold here.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Grams(pub u32);

impl Grams {
    /// Heaviest parcel Colibri handles: 1 t, where every parcel network has long refused.
    pub const MAX: Self = Self(1_000_000);

    /// Kilograms as decimal text with two digits, rounded up: carriers bill the started unit.
    #[must_use]
    pub fn to_kg_text(self) -> String {
        let centi = u64::from(self.0).div_ceil(10);
        format!("{}.{:02}", centi / 100, centi % 100)
    }
}

/// A length in millimetres.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millimetres(pub u32);

impl Millimetres {
    /// Centimetres, rounded up: a carrier bills the started centimetre.
    #[must_use]
    pub const fn to_cm_ceil(self) -> u32 {
        self.0.div_ceil(10)
    }
}

/// Outer dimensions of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dimensions {
    /// Longest side.
    pub length: Millimetres,
    /// Second side.
    pub width: Millimetres,
    /// Third side.
    pub height: Millimetres,
}

impl Dimensions {
    /// Volume in cubic centimetres, rounded up; the base of volumetric weight.
    #[must_use]
    pub fn volume_cm3(self) -> u64 {
        let mm3 = u128::from(self.length.0) * u128::from(self.width.0) * u128::from(self.height.0);
        u64::try_from(mm3.div_ceil(1000)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_round_up_to_the_started_ten_grams() {
        for (grams, text) in
            [(0, "0.00"), (1, "0.01"), (10, "0.01"), (1250, "1.25"), (1251, "1.26")]
        {
            assert_eq!(Grams(grams).to_kg_text(), text);
        }
    }
}
