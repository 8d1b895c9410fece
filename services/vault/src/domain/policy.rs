//! Who may open what: a pure function of the generated flow register.

use colibri_events::{FlowEntry, flow, vault::v1::Field};

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u32);

impl FieldSet {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// One field.
    #[must_use]
    pub const fn of(field: Field) -> Self {
        Self(1 << (field as i32).cast_unsigned())
    }

    /// From numbers on the wire; `None` when one is no field.
    #[must_use]
    pub fn from_numbers(numbers: &[i32]) -> Option<Self> {
        numbers.iter().try_fold(Self::EMPTY, |set, number| match Field::try_from(*number) {
            Ok(Field::Unspecified) | Err(_) => None,
            Ok(field) => Some(Self(set.0 | Self::of(field).0)),
        })
    }

    /// The set and one more.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | Self::of(field).0)
    }

    /// Whether it holds this field.
    #[must_use]
    pub const fn holds(self, field: Field) -> bool {
        self.0 & Self::of(field).0 != 0
    }

    /// Whether all of it is in the other.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// For storage as `int4`.
    #[must_use]
    pub const fn to_i32(self) -> i32 {
        self.0.cast_signed()
    }

    /// From storage.
    #[must_use]
    pub const fn from_i32(stored: i32) -> Self {
        Self(stored.cast_unsigned())
    }

    /// Its fields by number.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        (1..32).filter_map(|number| Field::try_from(number).ok()).filter(move |f| self.holds(*f))
    }
}

/// Why something is not opened. The order is that of the checks: the first failure answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Another service's flow, or none of the register.
    #[error("the caller may not use the flow")]
    Actor,
    /// A field the flow does not need; nothing is opened, not a subset.
    #[error("a field is not in the flow")]
    Field,
    /// No such ref, or another tenant's: the same answer.
    #[error("nothing is known by this ref")]
    Unknown,
    /// More opened than the tenant's business explains.
    #[error("the budget of the flow is spent")]
    Budget,
}

impl Denied {
    /// Public code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Actor => "VLT0003",
            Self::Field => "VLT0004",
            Self::Unknown => "VLT0005",
            Self::Budget => "VLT0006",
        }
    }
}

/// The flow, when `service` may use it for all of `wanted`.
///
/// # Errors
/// [`Denied::Actor`], then [`Denied::Field`], also when nothing is wanted.
pub fn admit(
    number: i32,
    service: Option<&str>,
    wanted: FieldSet,
) -> Result<&'static FlowEntry, Denied> {
    let entry = flow(number).ok_or(Denied::Actor)?;
    if service != Some(entry.service) {
        return Err(Denied::Actor);
    }
    // A register with an impossible field would open nothing.
    let allowed = FieldSet::from_numbers(entry.fields).unwrap_or_default();
    if wanted.is_empty() || !wanted.within(allowed) {
        return Err(Denied::Field);
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::FLOWS;

    use super::*;

    const SERVICES: [&str; 11] = [
        "accounts", "customs", "gateway", "insights", "labels", "orders", "partners", "pricing",
        "returns", "tracking", "vault",
    ];

    /// Flow x service x every set of fields, against the register read another way.
    #[test]
    fn the_whole_product_is_as_the_register_says() {
        let last = (1..32).filter(|n| Field::try_from(*n).is_ok()).max().unwrap();
        let flows = FLOWS.iter().map(|f| f.number).max().unwrap();
        let mut admitted = 0_u64;
        for number in 0..=flows + 1 {
            let entry = FLOWS.iter().find(|f| f.number == number);
            let allowed: u32 = entry.map_or(0, |f| f.fields.iter().map(|n| 1 << n).sum());
            for service in SERVICES.map(Some).into_iter().chain([None, Some(""), Some("label")]) {
                let owner = entry.is_some_and(|f| Some(f.service) == service);
                // Whoever does not own the flow is refused before the fields are looked at.
                let step = if owner { 2 } else { 4_099 * 2 };
                for set in (0..1_u32 << (last + 1)).step_by(step) {
                    let expected = match (owner, set != 0 && set & !allowed == 0) {
                        (false, _) => Err(Denied::Actor),
                        (true, false) => Err(Denied::Field),
                        (true, true) => Ok(number),
                    };
                    let answer = admit(number, service, FieldSet(set)).map(|f| f.number);
                    assert_eq!(answer, expected, "{number} {service:?} {set:b}");
                    admitted += u64::from(answer.is_ok());
                }
            }
        }
        let subsets = |f: &FlowEntry| (1_u64 << f.fields.len()) - 1;
        assert_eq!(admitted, FLOWS.iter().map(subsets).sum::<u64>());
    }

    #[test]
    fn only_the_flows_of_their_kind_open_documents_and_credentials() {
        let with = |field: Field| -> Vec<&str> {
            let holds = |f: &&FlowEntry| f.fields.contains(&(field as i32));
            FLOWS.iter().filter(holds).map(|f| f.name).collect()
        };
        assert_eq!(with(Field::Document), ["label_serve", "customs_serve", "return_view"]);
        assert_eq!(
            with(Field::Credentials),
            ["carrier_call", "carrier_track", "channel_verify", "account_check"]
        );
        assert!(FLOWS.iter().all(|f| SERVICES.contains(&f.service) && !f.fields.is_empty()));
    }

    #[test]
    fn sets_are_read_from_the_wire_and_stored() {
        let set = FieldSet::from_numbers(&[1, 7, 1]).unwrap();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Name, Field::Country]);
        assert_eq!(FieldSet::from_i32(set.to_i32()), set);
        for wrong in [&[0][..], &[1, 0], &[99], &[-1]] {
            assert_eq!(FieldSet::from_numbers(wrong), None, "{wrong:?}");
        }
    }
}
