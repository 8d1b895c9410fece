//! Weights and sizes of parcels: limits and billable weight.

use super::{
    code::Code,
    quote::{Note, NoteCode},
    request::{Parcel, Request},
    sheet::{Condition, Sheet, UnknownDimensions, Volumetric},
    surcharge::Refusal,
};

/// Measures of a parcel, sides sorted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Longest side in millimetres.
    pub length_mm: u64,
    /// Second longest.
    pub width_mm: u64,
    /// Shortest.
    pub height_mm: u64,
}

impl Size {
    /// Longest side + twice the sum of the others.
    pub(super) const fn length_and_girth_mm(self) -> u64 {
        self.length_mm + 2 * (self.width_mm + self.height_mm)
    }

    /// Sum of the three sides.
    pub(super) const fn sides_sum_mm(self) -> u64 {
        self.length_mm + self.width_mm + self.height_mm
    }
}

/// Weight of each parcel that counts, in grams: gross or volumetric, whichever is more.
pub(super) fn weights(sheet: &Sheet, parcels: &[Parcel], sizes: &[Option<Size>]) -> Vec<u64> {
    let counts = |(parcel, size): (&Parcel, &Option<Size>)| {
        let volumetric = match (&sheet.volumetric, size) {
            (Some(rule), Some(size)) => volumetric_g(*size, rule),
            _ => 0,
        };
        volumetric.max(u64::from(parcel.weight.0))
    };
    parcels.iter().zip(sizes).map(counts).collect()
}

/// A cubic centimetre is 1000 mm³ and a kilogram 1000 g, so mm³ ÷ divisor is grams.
fn volumetric_g(size: Size, rule: &Volumetric) -> u64 {
    let step = u64::from(rule.side_step_mm).max(1);
    let side = |mm: u64| u128::from(mm.div_ceil(step).saturating_mul(step));
    let area = side(size.length_mm).saturating_mul(side(size.width_mm));
    let volume = area.saturating_mul(side(size.height_mm));
    let grams = volume.div_ceil(u128::from(rule.divisor_cm3_per_kg).max(1));
    u64::try_from(grams).unwrap_or(u64::MAX)
}

/// Rounds a billable weight up to the tariff's step.
pub(super) fn step_up(weight_g: u64, sheet: &Sheet) -> u64 {
    let step = u64::from(sheet.weight_step_g).max(1);
    weight_g.div_ceil(step).saturating_mul(step)
}

fn size_matters(sheet: &Sheet) -> bool {
    let limits = &sheet.limits;
    let conditions = sheet.surcharges.iter().flat_map(|s| &s.when);
    let sized = |condition: &Condition| match condition {
        Condition::Parcel {
            length_mm_over,
            width_mm_over,
            length_and_girth_mm_over,
            sides_sum_mm_over,
            ..
        } => [length_mm_over, width_mm_over, length_and_girth_mm_over, sides_sum_mm_over]
            .iter()
            .any(|measure| measure.is_some()),
        _ => false,
    };
    sheet.volumetric.is_some()
        || limits.length_mm_max.is_some()
        || limits.length_and_girth_mm_max.is_some()
        || limits.sides_sum_mm_max.is_some()
        || conditions.into_iter().any(sized)
}

/// Size of each parcel, or what an unknown one means for this tariff.
pub(super) fn sizes(
    sheet: &Sheet,
    request: &Request,
    notes: &mut Vec<Note>,
) -> Result<Vec<Option<Size>>, Refusal> {
    let mut sizes = Vec::with_capacity(request.parcels.len());
    let mut unknown = Vec::new();
    for (number, parcel) in (1..).zip(&request.parcels) {
        let size = parcel.dimensions.map(|dimensions| {
            let mut sides = [dimensions.length, dimensions.width, dimensions.height];
            sides.sort();
            let [height, width, length] = sides.map(|side| u64::from(side.0));
            Size { length_mm: length, width_mm: width, height_mm: height }
        });
        if size.is_none() {
            unknown.push(number.to_string());
        }
        sizes.push(size);
    }
    if unknown.is_empty() || !size_matters(sheet) {
        return Ok(sizes);
    }
    let which = unknown.join(", ");
    match sheet.unknown_dimensions {
        UnknownDimensions::Refuse => {
            let text = format!("price or limits depend on the size of parcel {which}");
            Err((Code::DimensionsMissing, text))
        }
        UnknownDimensions::WeightOnly => {
            let text = format!("parcel {which} of unknown size: by weight, limits not checked");
            notes.push(Note::new(NoteCode::SizeUnknown, text));
            Ok(sizes)
        }
    }
}

/// Weights, sizes and number against what the service takes.
pub(super) fn limits(
    sheet: &Sheet,
    parcels: &[Parcel],
    sizes: &[Option<Size>],
) -> Result<(), Refusal> {
    let limits = &sheet.limits;
    let count = parcels.len() as u64;
    if let Some(most) = limits.parcels_max.filter(|most| count > u64::from(*most)) {
        let text = format!("{count} parcels; at most {most}");
        return Err((Code::TooManyParcels, text));
    }
    let total: u64 = parcels.iter().map(|parcel| u64::from(parcel.weight.0)).sum();
    for (number, (parcel, size)) in (1..).zip(parcels.iter().zip(sizes)) {
        let number: u32 = number;
        let weight = u64::from(parcel.weight.0);
        over(Code::TooHeavy, number, "weighs", weight, "g", limits.parcel_weight_g_max)?;
        let Some(size) = *size else { continue };
        for (what, measure, limit) in [
            ("is long", size.length_mm, limits.length_mm_max),
            ("has length and girth of", size.length_and_girth_mm(), limits.length_and_girth_mm_max),
            ("has sides of together", size.sides_sum_mm(), limits.sides_sum_mm_max),
        ] {
            over(Code::TooLarge, number, what, measure, "mm", limit)?;
        }
    }
    match limits.shipment_weight_g_max {
        Some(most) if total > u64::from(most) => {
            let text = format!("the shipment weighs {total} g; at most {most} g");
            Err((Code::TooHeavy, text))
        }
        _ => Ok(()),
    }
}

fn over(
    code: Code,
    number: u32,
    what: &str,
    measure: u64,
    unit: &str,
    limit: Option<u32>,
) -> Result<(), Refusal> {
    match limit {
        Some(most) if measure > u64::from(most) => {
            let text = format!("parcel {number} {what} {measure} {unit}; at most {most} {unit}");
            Err((code, text))
        }
        _ => Ok(()),
    }
}
