//! The decision about one shipment: from an event and a tenant's book to a verdict and its record.
//!
//! Pure: no clock, no database. Owns which tariffs take part and what is told when nothing fits.

use std::collections::BTreeSet;

use colibri_events::orders::v1::FulfilmentRequested;
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, Money, OfferId, OrderId, ShipmentId, TenantId};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    book::Book,
    domain::{
        self, CompactSnapshot, Inputs, Outcome, RateError, SelectionRules, Snapshot, Standing,
    },
    error,
    wire::Wish,
};

/// Namespace of offer ids, fixed for ever: a shipment's offer for one version of its order is the
/// same offer however often it is decided.
const OFFERS: Uuid = Uuid::from_u128(0x5d0a_3c77_18e4_5b0f_9a21_6f3e_77c2_0b94);

/// Most reasons told about one shipment; the record has them all.
const REASONS_MAX: usize = 20;

/// What is asked about one shipment.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Tenant.
    pub tenant: TenantId,
    /// Order.
    pub order: OrderId,
    /// Shipment.
    pub shipment: ShipmentId,
    /// Version of the order.
    pub version: i64,
    /// As it was heard, to be asked again.
    pub event: FulfilmentRequested,
}

impl Ask {
    /// Reads the ids. What else is in the event may be unreadable: that is a decision too.
    ///
    /// # Errors
    /// [`Fault::Reject`] `PRC0101` when nobody could be told about it.
    pub fn read(event: &FulfilmentRequested) -> Result<Self, Fault> {
        fn id<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Fault> {
            let wrong = |_| Fault::reject(error::FIELD, format!("{field} is no id"));
            text.parse().map_err(wrong)
        }
        let version = i64::try_from(event.version);
        Ok(Self {
            tenant: id("tenant_id", &event.tenant_id)?,
            order: id("order_id", &event.order_id)?,
            shipment: id("shipment_id", &event.shipment_id)?,
            version: version.map_err(|_| Fault::reject(error::FIELD, "version is too large"))?,
            event: event.clone(),
        })
    }

    /// The id its offer will have.
    #[must_use]
    pub fn offer(&self) -> OfferId {
        OfferId::derived(&OFFERS, format!("{}:{}", self.shipment, self.version).as_bytes())
    }
}

/// Why there is no offer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// Public code.
    pub code: String,
    /// Path in the request; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

impl Reason {
    fn new(code: &str, field: impl Into<String>) -> Self {
        Self { code: code.to_owned(), field: field.into() }
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An offer.
    Chosen(Chosen),
    /// None now; other tariffs, accounts or days may change that.
    Waiting(Vec<Reason>),
    /// None ever for this version of the order.
    Refused(Vec<Reason>),
}

/// A chosen offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Id in the carrier registry.
    pub carrier: String,
    /// The carrier's service code.
    pub service: String,
    /// Account that would buy.
    pub account: AccountId,
    /// Expected charge.
    pub amount: Money,
    /// First and last day of the promise, when one is given.
    pub promised: Option<(Date, Date)>,
    /// Nothing meets the wanted date.
    pub late: bool,
}

/// What is kept of a decision, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Inputs, every price and refusal, the choice; tariffs by name.
    pub decision: CompactSnapshot,
    /// Account of the chosen carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Carriers whose tariffs took no part, because no account may ship from the origin.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub without_account: BTreeSet<String>,
}

/// A verdict and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// [`Record`] as JSON; absent when the request could not be rated at all.
    pub record: Option<Vec<u8>>,
}

/// A rating with the choice, and what took no part in it.
#[derive(Debug)]
pub struct Weighed {
    /// The domain's record.
    pub snapshot: Snapshot,
    /// Tariffs without an account.
    pub without_account: Vec<domain::Tariff>,
}

/// Rates a wish with everything the tenant can use, and chooses by these rules.
///
/// # Errors
/// [`RateError`] when the request itself is at fault.
pub fn weigh(
    wish: &Wish,
    book: &Book,
    rules: SelectionRules,
    now: OffsetDateTime,
) -> Result<Weighed, RateError> {
    let (request, now) = wish.at(now);
    let usable = book.usable(wish.origin(), request.ship_date);
    let inputs = Inputs {
        request,
        now,
        wanted: wish.wanted,
        rules,
        fx: book.fx.clone(),
        tariffs: usable.tariffs,
    };
    let snapshot = domain::decide(inputs)?;
    Ok(Weighed { snapshot, without_account: usable.without_account })
}

/// Decides about a shipment.
///
/// # Errors
/// [`Fault::Bug`] when the record cannot be written, or two tariffs have one name.
pub fn decide(ask: &Ask, book: &Book, now: OffsetDateTime) -> Result<Decision, Fault> {
    let refused = |code: &str, field: String| Decision {
        verdict: Verdict::Refused(vec![Reason::new(code, field)]),
        record: None,
    };
    let wish = match Wish::of_event(&ask.event) {
        Ok(wish) => wish,
        Err(problem) => return Ok(refused(problem.code, problem.field)),
    };
    let Some(rules) = book.rules.clone() else {
        let verdict = Verdict::Waiting(vec![Reason::new(error::RULES_UNREADABLE, "")]);
        return Ok(Decision { verdict, record: None });
    };
    let weighed = match weigh(&wish, book, rules, now) {
        Ok(weighed) => weighed,
        Err(RateError::Request { code, .. }) => {
            return Ok(refused(code.as_str(), error::field_of(code).to_owned()));
        }
        Err(duplicate) => return Err(Fault::bug(duplicate)),
    };
    let chosen = chosen(&weighed.snapshot, book)?;
    let account = chosen.as_ref().map(|chosen| chosen.account);
    let verdict = match chosen {
        Some(chosen) => Verdict::Chosen(chosen),
        None => Verdict::Waiting(reasons(&weighed)),
    };
    let names = weighed.without_account.iter().map(|t| t.sheet().carrier.clone());
    let record = Record {
        without_account: names.collect(),
        decision: weighed.snapshot.into_compact(),
        account,
    };
    let record = serde_json::to_vec(&record).map_err(Fault::bug)?;
    Ok(Decision { verdict, record: Some(record) })
}

fn chosen(snapshot: &Snapshot, book: &Book) -> Result<Option<Chosen>, Fault> {
    let Outcome::Chosen { carrier, service, total, late, .. } = &snapshot.choice.outcome else {
        return Ok(None);
    };
    let origin = snapshot.inputs.request.origin.country;
    let broken = || Fault::bug(format!("a choice of {carrier} without its quote or account"));
    let account = book.account(carrier, origin).ok_or_else(broken)?;
    let quote = snapshot.choice.quote(&snapshot.rating).ok_or_else(broken)?;
    Ok(Some(Chosen {
        carrier: carrier.clone(),
        service: service.clone(),
        account: account.id,
        amount: *total,
        promised: quote.transit.as_ref().map(|t| (t.earliest.0, t.latest.0)),
        late: *late,
    }))
}

/// First what was decided, then what stood in the way, each code once.
fn reasons(weighed: &Weighed) -> Vec<Reason> {
    let snapshot = &weighed.snapshot;
    let mut codes = Vec::new();
    if let Outcome::Held { code, .. } = &snapshot.choice.outcome {
        codes.push(code.as_str());
    }
    if !weighed.without_account.is_empty() {
        codes.push(error::NO_ACCOUNT);
    } else if snapshot.inputs.tariffs.is_empty() {
        codes.push(error::NO_TARIFF);
    }
    codes.extend(snapshot.rating.refused.iter().map(|refused| refused.code.as_str()));
    codes.extend(snapshot.choice.candidates.iter().filter_map(|c| match &c.standing {
        Standing::Eliminated { code, .. } => Some(code.as_str()),
        Standing::Won | Standing::Lost { .. } => None,
    }));
    let mut seen = BTreeSet::new();
    let fresh = codes.into_iter().filter(|code| seen.insert(*code));
    fresh.take(REASONS_MAX).map(|code| Reason::new(code, "")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use colibri_events::types::v1 as types;
    use colibri_types::Currency;
    use time::macros::{date, datetime};

    use super::*;
    use crate::{
        book::Account,
        domain::{LatePolicy, demo_tariffs},
    };

    fn book() -> Book {
        let account = |carrier: &str| Account {
            id: AccountId::derived(&OFFERS, carrier.as_bytes()),
            code: carrier.to_owned(),
            carrier: carrier.to_owned(),
            origins: BTreeSet::new(),
        };
        let rules = SelectionRules {
            currency: Currency::EUR,
            allow_carriers: Some(vec!["colissimo".to_owned()]),
            deny_carriers: Vec::new(),
            prefer: Vec::new(),
            when_late: LatePolicy::CheapestLate,
        };
        let accounts = vec![account("colissimo"), account("ups")];
        Book::new(1, demo_tariffs().unwrap(), accounts, Some(rules), None)
    }

    fn ask(change: impl FnOnce(&mut FulfilmentRequested)) -> Ask {
        let mut event = FulfilmentRequested {
            order_id: OrderId::from_uuid(Uuid::from_u128(1)).to_string(),
            tenant_id: TenantId::from_uuid(Uuid::from_u128(2)).to_string(),
            shipment_id: ShipmentId::from_uuid(Uuid::from_u128(3)).to_string(),
            origin_country: "FR".to_owned(),
            origin_zone: "69002".to_owned(),
            country: "FR".to_owned(),
            postcode_zone: "75001".to_owned(),
            parcels: vec![types::Parcel { weight_g: 900, ..Default::default() }],
            version: 1,
            ..Default::default()
        };
        change(&mut event);
        Ask::read(&event).unwrap()
    }

    fn chosen(ask: &Ask, now: OffsetDateTime) -> Chosen {
        match decide(ask, &book(), now).unwrap().verdict {
            Verdict::Chosen(chosen) => chosen,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_origin_s_clock_decides_about_the_cut_off() {
        // Cut-off at 16:00 in Paris, which is 15:00 UTC in winter and 14:00 in summer.
        for (now, first) in [
            (datetime!(2026-11-23 14:59 UTC), date!(2026 - 11 - 25)),
            (datetime!(2026-11-23 15:01 UTC), date!(2026 - 11 - 26)),
            (datetime!(2026-06-01 13:59 UTC), date!(2026 - 06 - 03)),
            (datetime!(2026-06-01 14:01 UTC), date!(2026 - 06 - 04)),
            // Already Tuesday there.
            (datetime!(2026-06-01 22:30 UTC), date!(2026 - 06 - 04)),
        ] {
            assert_eq!(chosen(&ask(|_| {}), now).promised.unwrap().0, first, "{now}");
        }
    }

    #[test]
    fn what_cannot_be_in_time_is_flagged_late() {
        let now = datetime!(2026-11-23 11:00 UTC);
        for (day, late) in [(24, true), (25, false)] {
            let wanted = types::Date { year: 2026, month: 11, day };
            assert_eq!(chosen(&ask(|e| e.wanted_by = Some(wanted)), now).late, late, "{day}");
        }
    }

    #[test]
    fn the_same_question_has_the_same_answer_and_its_record_holds() {
        let now = datetime!(2026-11-23 11:00 UTC);
        let one = decide(&ask(|_| {}), &book(), now).unwrap();
        assert_eq!(one, decide(&ask(|_| {}), &book(), now).unwrap());
        let record: Record = serde_json::from_slice(&one.record.unwrap()).unwrap();
        let tariffs = demo_tariffs().unwrap();
        let find = |name: &domain::TariffRef| tariffs.iter().find(|t| t.reference() == *name);
        let whole = record.decision.expand(|name| find(name).cloned()).unwrap();
        domain::verify(&whole).unwrap();
    }

    #[test]
    fn an_offer_s_id_follows_from_shipment_and_version() {
        assert_eq!(ask(|_| {}).offer(), ask(|e| e.residential = true).offer());
        assert_ne!(ask(|_| {}).offer(), ask(|e| e.version = 2).offer());
    }
}
