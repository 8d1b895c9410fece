//! Packages as UPS takes them, and what the pair of countries decides.

use colibri_types::{Dimensions, Grams, Money};

use super::{
    INFO, customs,
    wire::CodeOut,
    wire_extras::Cod,
    wire_ship::{
        DeliveryConfirmation, DimensionsOut, PackageOut, PackageServiceOptions, PackageWeight,
        ReferenceNumber,
    },
};
use crate::{Parcel, Rejection, Shipment, wire::border};

/// What follows from the pair of countries.
pub(super) struct Lane {
    /// References stand at the packages.
    pub package_reference: bool,
    /// A signature is asked for at the packages, with other codes than at the shipment.
    pub package_signature: bool,
    /// Pounds and inches: the unit must be valid in the shipper's country.
    pub imperial: bool,
    pub customs: bool,
    pub line_total: bool,
}

impl Lane {
    pub fn of(shipment: &Shipment) -> Self {
        let (from, to) = (shipment.sender.country, shipment.recipient.country);
        let pair = (from.map(|c| c.to_string()), to.map(|c| c.to_string()));
        let pair = (pair.0.as_deref().unwrap_or_default(), pair.1.as_deref().unwrap_or_default());
        Self {
            package_reference: matches!(pair, ("US", "US") | ("PR", "PR")),
            package_signature: matches!(pair, ("US" | "PR", "US" | "PR") | ("CA", "CA")),
            imperial: matches!(pair.0, "US" | "PR"),
            customs: border::crossed(&shipment.sender, &shipment.recipient),
            line_total: matches!(pair, ("US", "CA" | "PR")),
        }
    }
}

/// What an option adds at the packages.
#[derive(Clone, Copy)]
pub(super) enum PackageOption {
    Signature,
    Value(Money),
    /// Kind of money, and how much is collected at the door.
    Collect(&'static str, Money),
    CollectAtPoint(Money),
}

pub(super) fn package(
    parcel: &Parcel,
    lane: &Lane,
    reference_number: Vec<ReferenceNumber>,
    options: &[PackageOption],
) -> Result<PackageOut, Rejection> {
    let mut services = PackageServiceOptions::default();
    for option in options {
        match option {
            PackageOption::Signature => {
                services.delivery_confirmation = Some(DeliveryConfirmation { dcis_type: "2" });
            }
            PackageOption::Value(value) => services.declared_value = Some(customs::amount(*value)),
            PackageOption::Collect(funds_code, money) => {
                services.cod = Some(Cod { funds_code, amount: customs::amount(*money) });
            }
            PackageOption::CollectAtPoint(money) => {
                services.access_point_cod = Some(customs::amount(*money));
            }
        }
    }
    Ok(PackageOut {
        description: None,
        packaging: CodeOut { code: "02" },
        dimensions: parcel.dimensions.map(|sides| dimensions(sides, lane)).transpose()?,
        package_weight: weight(parcel.weight, lane)?,
        reference_number,
        package_service_options: (!options.is_empty()).then_some(services),
    })
}

/// All parcels together, which no limit holds.
pub(super) fn total(weight: Grams, lane: &Lane) -> PackageWeight {
    let (code, weight) = in_unit(weight, lane);
    PackageWeight { unit_of_measurement: CodeOut { code }, weight }
}

fn weight(weight: Grams, lane: &Lane) -> Result<PackageWeight, Rejection> {
    if weight.0 == 0 || weight > INFO.weight_max {
        let reason = format!("more than 0 and at most {} kg", INFO.weight_max.0 / 1000);
        return Err(Rejection::new("parcels.weight", reason));
    }
    Ok(total(weight, lane))
}

/// The unit that is valid in the shipper's country, and the weight in it.
fn in_unit(weight: Grams, lane: &Lane) -> (&'static str, String) {
    if lane.imperial {
        // Tenths of a pound, rounded up: 1 lb is 453.59237 g.
        let tenths = (u64::from(weight.0) * 1_000_000).div_ceil(45_359_237);
        ("LBS", format!("{}.{}", tenths / 10, tenths % 10))
    } else {
        ("KGS", weight.to_kg_text())
    }
}

fn dimensions(sides: Dimensions, lane: &Lane) -> Result<DimensionsOut, Rejection> {
    let mut sides = [sides.length, sides.width, sides.height];
    // UPS wants the longest side as the length.
    sides.sort_unstable_by(|a, b| b.cmp(a));
    if sides.iter().any(|side| side.0 == 0 || *side > INFO.length_max) {
        let reason = format!("each side above 0 and at most {} cm", INFO.length_max.0 / 10);
        return Err(Rejection::new("parcels.dimensions", reason));
    }
    let inches = |mm: u32| (mm * 10).div_ceil(254);
    let [length, width, height] = sides.map(|side| {
        let units = if lane.imperial { inches(side.0) } else { side.to_cm_ceil() };
        units.to_string()
    });
    let code = if lane.imperial { "IN" } else { "CM" };
    Ok(DimensionsOut { unit_of_measurement: CodeOut { code }, length, width, height })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_types::Millimetres;

    use super::*;

    fn lane(imperial: bool) -> Lane {
        Lane {
            package_reference: false,
            package_signature: false,
            imperial,
            customs: false,
            line_total: false,
        }
    }

    #[test]
    fn weights_round_up_in_the_unit_of_the_shipper() {
        for (grams, kilos, pounds) in [
            (1, "0.01", "0.1"),
            (2_400, "2.40", "5.3"),
            (453, "0.46", "1.0"),
            (454, "0.46", "1.1"),
            (70_000, "70.00", "154.4"),
        ] {
            assert_eq!(weight(Grams(grams), &lane(false)).unwrap().weight, kilos);
            assert_eq!(weight(Grams(grams), &lane(true)).unwrap().weight, pounds);
        }
        for wrong in [0, 70_001] {
            assert!(weight(Grams(wrong), &lane(false)).is_err());
        }
    }

    #[test]
    fn the_longest_side_is_the_length() {
        let sides = |length, width, height| Dimensions {
            length: Millimetres(length),
            width: Millimetres(width),
            height: Millimetres(height),
        };
        let cm = dimensions(sides(151, 300, 200), &lane(false)).unwrap();
        assert_eq!((&*cm.length, &*cm.width, &*cm.height), ("30", "20", "16"));
        let inches = dimensions(sides(254, 255, 2_700), &lane(true)).unwrap();
        assert_eq!((&*inches.length, &*inches.width, &*inches.height), ("107", "11", "10"));
        for wrong in [sides(0, 1, 1), sides(1, 2_701, 1)] {
            assert!(dimensions(wrong, &lane(false)).is_err());
        }
    }
}
