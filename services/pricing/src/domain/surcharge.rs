//! Which surcharges are due, and for which parcels.
//!
//! Owns conditions. What cannot be known (a private home, a postcode) is left out with a note,
//! because charging it would be as much a guess as not to; the note lets a rule decide otherwise.

use rust_decimal::Decimal;

use super::{
    areas::{Found, Index},
    charges::{Head, Lines, Overflow, add, percent_of},
    code::Code,
    exact::{Day, Exact},
    fx::{self, FxTable},
    parcels::Size,
    quote::{Basis, Note, NoteCode},
    request::Request,
    sheet::{Charge, Condition, Dates, Per, PercentOf, Sheet, Surcharge},
};

/// What conditions look at.
pub(super) struct Facts<'a> {
    /// The sheet.
    pub sheet: &'a Sheet,
    /// Places of each surcharge's conditions.
    pub places: &'a [Vec<Index<()>>],
    /// The question.
    pub request: &'a Request,
    /// Plain postcode of the destination, when known.
    pub postcode: Option<&'a str>,
    /// Zone of the destination.
    pub zone: &'a str,
    /// Size of each parcel, when known.
    pub sizes: &'a [Option<Size>],
    /// Day of the question, on which exchange rates must be fresh.
    pub today: Day,
    /// Rates for the value of the goods.
    pub fx: Option<&'a FxTable>,
}

/// Whether a condition of the whole shipment holds.
enum Holds {
    Yes,
    No,
    Unknown(Note),
}

/// Why surcharges could not be computed.
pub(super) type Refusal = (Code, String);

impl From<Overflow> for Refusal {
    fn from(_: Overflow) -> Self {
        let text = "an amount is beyond what can be computed exactly";
        (Code::AmountOverflow, text.to_owned())
    }
}

impl Facts<'_> {
    /// Adds every surcharge that is due; answers the amount that fuel is charged on besides the
    /// freight.
    pub(super) fn charge(
        &self,
        lines: &mut Lines<'_>,
        freight: Decimal,
        notes: &mut Vec<Note>,
    ) -> Result<Decimal, Refusal> {
        let mut fuelled = Decimal::ZERO;
        for (index, surcharge) in self.sheet.surcharges.iter().enumerate() {
            let places = self.places.get(index).map_or(&[][..], Vec::as_slice);
            let parcels = self.due(surcharge, places, notes);
            if parcels.is_empty() {
                continue;
            }
            let counted = match surcharge.per {
                Per::Parcel => {
                    let mut sum = Decimal::ZERO;
                    for parcel in parcels {
                        let line = self.line(surcharge, Some(parcel), freight, lines, notes)?;
                        sum = add(sum, line)?;
                    }
                    sum
                }
                Per::Shipment => self.line(surcharge, None, freight, lines, notes)?,
            };
            if surcharge.fuel {
                fuelled = add(fuelled, counted)?;
            }
        }
        Ok(fuelled)
    }

    /// Parcels, from 1, that meet all conditions.
    fn due(&self, surcharge: &Surcharge, places: &[Index<()>], notes: &mut Vec<Note>) -> Vec<u32> {
        let ship_date = self.request.ship_date;
        let early = surcharge.from.is_some_and(|from| ship_date < from);
        if early || surcharge.to.is_some_and(|to| to < ship_date) {
            return Vec::new();
        }
        let mut unknown = Vec::new();
        for (index, condition) in surcharge.when.iter().enumerate() {
            match self.holds(condition, places.get(index), &surcharge.code) {
                Holds::Yes => {}
                Holds::No => return Vec::new(),
                Holds::Unknown(note) => unknown.push(note),
            }
        }
        let parcels: Vec<u32> = (1..)
            .zip(self.request.parcels.iter().zip(self.sizes))
            .filter(|(_, (parcel, size))| {
                let exceeds = |c: &Condition| exceeds(c, parcel.weight.0, **size);
                surcharge.when.iter().all(exceeds)
            })
            .map(|(number, _)| number)
            .collect();
        if unknown.is_empty() || parcels.is_empty() {
            return parcels;
        }
        notes.extend(unknown);
        Vec::new()
    }

    fn holds(&self, condition: &Condition, place: Option<&Index<()>>, code: &str) -> Holds {
        let holds = match condition {
            Condition::Area { .. } => {
                let country = self.request.destination.country;
                match place.map_or(Found::Nowhere, |index| index.find(country, self.postcode)) {
                    Found::Here(()) => true,
                    Found::Nowhere => false,
                    Found::NeedsPostcode => {
                        let text = format!("`{code}` left out: it depends on the postcode");
                        return Holds::Unknown(Note::new(NoteCode::PostcodeUnknown, text));
                    }
                }
            }
            Condition::Zone { zones } => zones.iter().any(|zone| zone == self.zone),
            Condition::Residential => match self.request.residential {
                Some(residential) => residential,
                None => {
                    let text = format!("`{code}` left out: private home or not is unknown");
                    return Holds::Unknown(Note::new(NoteCode::ResidentialUnknown, text));
                }
            },
            Condition::Period { dates } => {
                let day = self.request.ship_date;
                let inside = |d: &Dates| d.from <= day && day <= d.to;
                dates.iter().any(inside)
            }
            Condition::Option { option } => self.request.options.contains(option),
            Condition::Parcel { .. } => true,
        };
        if holds { Holds::Yes } else { Holds::No }
    }

    fn line(
        &self,
        surcharge: &Surcharge,
        parcel: Option<u32>,
        freight: Decimal,
        lines: &mut Lines<'_>,
        notes: &mut Vec<Note>,
    ) -> Result<Decimal, Refusal> {
        let head = Head { code: &surcharge.code, label: &surcharge.label, parcel };
        match &surcharge.charge {
            Charge::Fixed { amount } => Ok(lines.push(&head, Basis::Fixed, amount.0, amount.0)?),
            Charge::Percent { percent, of, free_up_to, at_least } => {
                let whole = match of {
                    PercentOf::Freight => freight,
                    PercentOf::Value => self.needed_value(&surcharge.code, notes)?,
                };
                let free = free_up_to.map_or(Decimal::ZERO, |free| free.0);
                let base = whole.checked_sub(free).ok_or(Overflow)?;
                if base <= Decimal::ZERO {
                    return Ok(Decimal::ZERO);
                }
                let least = at_least.map_or(Decimal::ZERO, |least| least.0);
                if percent_of(base, percent.0)? >= least {
                    return Ok(lines.percent(&head, base, percent.0)?);
                }
                let basis = Basis::AtLeast { amount: Exact::new(base), least: Exact::new(least) };
                Ok(lines.push(&head, basis, percent.0, least)?)
            }
        }
    }

    fn needed_value(&self, code: &str, notes: &mut Vec<Note>) -> Result<Decimal, Refusal> {
        let value = self.value(notes)?;
        value.ok_or_else(|| {
            let text = format!("`{code}` is a percentage of the value, which is missing");
            (Code::ValueMissing, text)
        })
    }

    /// Value of the goods in the tariff's currency.
    pub(super) fn value(&self, notes: &mut Vec<Note>) -> Result<Option<Decimal>, Refusal> {
        let Some(value) = self.request.value else {
            return Ok(None);
        };
        let currency = self.sheet.currency;
        let converted = fx::convert(self.fx, self.today, value, currency).ok_or_else(|| {
            let text = format!("no usable rate from {} to {currency}", value.currency);
            (Code::ValueCurrency, text)
        })?;
        if value.currency != currency {
            let text = format!(
                "value of {value} counted as {} {currency} at {}",
                converted.amount.normalize(),
                converted.rate
            );
            let note = Note::new(NoteCode::ValueConverted, text);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Ok(Some(converted.amount))
    }
}

/// Whether a parcel meets a condition on parcels; other conditions hold for every parcel.
fn exceeds(condition: &Condition, weight_g: u32, size: Option<Size>) -> bool {
    let Condition::Parcel {
        weight_g_over,
        length_mm_over,
        width_mm_over,
        length_and_girth_mm_over,
        sides_sum_mm_over,
    } = condition
    else {
        return true;
    };
    let over = |limit: &Option<u32>, measure: fn(Size) -> u64| {
        let size = size.map(measure);
        limit.is_some_and(|limit| size.is_some_and(|size| size > u64::from(limit)))
    };
    weight_g_over.is_some_and(|limit| weight_g > limit)
        || over(length_mm_over, |size| size.length_mm)
        || over(width_mm_over, |size| size.width_mm)
        || over(length_and_girth_mm_over, Size::length_and_girth_mm)
        || over(sides_sum_mm_over, Size::sides_sum_mm)
}
