//! What is agreed when a return begins: offers of the rules, terms of the whole, parcels.

use std::collections::BTreeMap;

use colibri_addresses::crosses_customs_border;
use colibri_events::returns::v1::{RequestLine, RequestParcel, RequestRequest, WayBack as WireWay};
use colibri_kit::fault::Fault;
use colibri_returns_rules::{
    case::{Actor, LineNo, Terms},
    legal::Basis,
    money::Outcome,
    policy::{Offer, Trigger},
    reason::Proof,
};
use colibri_types::{DeclarationId, ReturnId, TenantId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{ask, checks, orders::Known};
use crate::{
    domain::{
        about::{About, AboutLine, WayBack},
        words,
    },
    error::{NOT_OFFERED, fault, field},
    policies::Rules,
    store::{labels::Box3, rest},
};

/// What was sealed of the request.
#[derive(Default)]
pub struct Sealed {
    pub note: Option<Uuid>,
    pub answers: BTreeMap<u32, Uuid>,
}

/// A return that begins.
pub struct New<'a> {
    pub id: ReturnId,
    pub tenant: TenantId,
    pub request: &'a RequestRequest,
    pub known: Known,
    pub sealed: Sealed,
    pub actor: Actor,
    pub buyer: bool,
}

/// A line with what the rules offer for it.
pub struct Offered<'a> {
    pub number: LineNo,
    pub asked: &'a RequestLine,
    pub bought: &'a colibri_events::orders::v1::Line,
    pub offer: Offer,
    pub outcome: Outcome,
}

/// What the rules offer for each line that is asked for.
pub fn offers<'a>(
    new: &'a New<'_>,
    rules: &Rules,
    now: OffsetDateTime,
) -> Result<Vec<Offered<'a>>, Fault> {
    let lines: BTreeMap<LineNo, _> = new.known.lines().collect();
    let whole = lines.iter().all(|(number, line)| {
        let asked = new.request.lines.iter().find(|l| words::line(l.line) == Some(*number));
        asked.is_some_and(|asked| asked.units == line.quantity)
    });
    let mut offered = Vec::with_capacity(new.request.lines.len());
    for (at, asked) in new.request.lines.iter().enumerate() {
        let path = |name: &str| format!("lines[{at}].{name}");
        let number = words::line(asked.line).unwrap_or_default();
        let Some(bought) = lines.get(&number).copied() else {
            return Err(field(path("line"), "UNKNOWN", "no such line of the order"));
        };
        let question = (new.request.withdrawal, asked.reason.as_str(), whole);
        let offer = ask::offer(&new.known, rules, bought, question, now).map_err(|why| {
            fault(NOT_OFFERED).field(path("line"), why.to_string().to_uppercase(), "not offered")
        })?;
        let left = new.known.open(number, bought);
        if asked.units > bought.quantity {
            let text = "more units than were bought";
            return Err(fault(NOT_OFFERED).field(path("units"), "MORE_THAN_BOUGHT", text));
        }
        if asked.units > left {
            let text = "the units are in another return";
            return Err(fault(NOT_OFFERED).field(path("units"), "ALREADY_RETURNED", text));
        }
        let outcome = words::outcome_of(asked.outcome).unwrap_or(Outcome::Refund);
        if !offer.outcomes.contains(&outcome) {
            let text = "not offered for this line";
            return Err(fault(NOT_OFFERED).field(path("outcome"), "NOT_OFFERED", text));
        }
        if asked.keep && !offer.keep {
            let text = "the goods have to come back";
            return Err(fault(NOT_OFFERED).field(path("keep"), "NOT_OFFERED", text));
        }
        offered.push(Offered { number, asked, bought, offer, outcome });
    }
    Ok(offered)
}

/// Photos that the reason asks for, of this order and not of another return.
pub fn photos_there(
    new: &New<'_>,
    at: usize,
    line: &Offered<'_>,
    photos: &[rest::Photo],
) -> Result<(), Fault> {
    let path = format!("lines[{at}].photo_ids");
    let ids = checks::photos(&path, &line.asked.photo_ids)?;
    let of_order = |id: &Uuid| photos.iter().any(|p| p.document_id == *id && p.return_id.is_none());
    if !ids.iter().all(of_order) {
        return Err(field(path, "UNKNOWN", "no such photo of this order"));
    }
    let needed = line.offer.proof == Proof::PhotosInTime && !new.request.withdrawal;
    if needed && ids.is_empty() && new.buyer {
        return Err(field(path, "MISSING", "photos of the item and of the box"));
    }
    let missing = |question: &&String| {
        !line.asked.answers.iter().any(|a| a.question == **question && !a.text.trim().is_empty())
    };
    if let Some(question) = line.offer.questions.iter().find(missing).filter(|_| new.buyer) {
        let path = format!("lines[{at}].answers");
        return Err(field(path, "MISSING", &format!("an answer to {question}")));
    }
    Ok(())
}

/// One agreement for all lines: what is later, and what asks for more, holds for the whole.
pub fn terms(offered: &[Offered<'_>], rules: &Rules, (all, mine): (i64, i64)) -> Terms {
    let settings = &rules.settings;
    let every = |basis| offered.iter().all(|line| line.offer.basis == basis);
    let basis = if every(Basis::Withdrawal) {
        Basis::Withdrawal
    } else if every(Basis::Conformity) {
        Basis::Conformity
    } else {
        Basis::Commercial
    };
    let offers = || offered.iter().map(|line| &line.offer);
    let trigger = offers().map(|offer| offer.trigger).max();
    let keeps = |line: &&Offered<'_>| line.offer.keep;
    let keep = offered.iter().filter(keeps).map(|line| Known::price(line.bought)).max();
    Terms {
        basis,
        trigger: trigger.unwrap_or(Trigger::OnInspection),
        executors: offers().flat_map(|offer| offer.executors.iter().copied()).collect(),
        exposure_limit: (settings.exposure_limit - all)
            .min(settings.exposure_per_buyer - mine)
            .max(0),
        keep_up_to: keep,
        expires_at: offers()
            .map(|offer| offer.send_until)
            .max()
            .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        validate_first: offers().any(|offer| offer.validate_first),
        second_person_above: settings.second_person_above,
        silence: Duration::days(i64::from(settings.silence_days)),
        legal_days: offers().filter_map(|offer| offer.legal_days).min(),
    }
}

/// What is kept beside the changes.
pub fn about(
    new: &New<'_>,
    offered: &[Offered<'_>],
    rules: &Rules,
    declared: Option<Uuid>,
) -> About {
    let known = &new.known;
    let lines = offered.iter().map(|line| {
        let about = AboutLine {
            sku: line.bought.sku.clone(),
            category: rules.good(&line.bought.sku).category,
            weight_g: Some(line.bought.unit_weight_g).filter(|grams| *grams > 0),
            units: line.asked.units,
            reason: line.asked.reason.clone(),
            outcome: line.outcome,
            basis: line.offer.basis,
            answers: new.sealed.answers.get(&line.asked.line).copied(),
        };
        (line.number, about)
    });
    let fee = offered.iter().filter(|line| line.offer.basis == Basis::Commercial);
    let sale = &known.sale;
    About {
        currency: known.currency,
        channel: known.bought.channel.clone(),
        country: sale.country.clone(),
        lines: lines.collect(),
        skus: known.lines().map(|(number, line)| (number, line.sku.clone())).collect(),
        withdrawal: new.request.withdrawal,
        way_back: match new.request.way_back() {
            WireWay::Unspecified | WireWay::Label => WayBack::Label,
            WireWay::Code => WayBack::Code,
            WireWay::Own => WayBack::Own,
        },
        // Islands outside the taxes of their country have its code: that something was declared on
        // the way out says that there is a border.
        cross_border: declared.is_some()
            || crosses_customs_border(&sale.country, None, &sale.origin_country, None),
        declaration_id: declared
            .map(|id| DeclarationId::from_uuid(id).to_string())
            .unwrap_or_default(),
        drop_off: new.request.drop_off.clone().map(Into::into),
        by_buyer: new.buyer,
        delivery: offered.iter().any(|line| line.offer.outbound_refunded == Some(true)),
        fee: fee.map(|line| line.offer.fee).max().unwrap_or_default(),
        rules: rules.version,
        reduce_by_person: rules.settings.reduce_by_person,
        delivered_at: known.delivered,
    }
}

/// A label that is wanted: its number, what travels under it, the box.
pub type Wanted = (i16, BTreeMap<LineNo, u32>, Option<Box3>);

/// So many units, in the order of their lines, spread over parcels as evenly as whole units go.
/// Nobody said what is in which: the bench counts.
fn spread(units: &BTreeMap<LineNo, u32>, parcels: usize) -> Vec<BTreeMap<LineNo, u32>> {
    let total: u64 = units.values().map(|units| u64::from(*units)).sum();
    let count = u64::try_from(parcels).unwrap_or(1).max(1);
    let cut = |parcel: u64| total * parcel / count;
    let one = |parcel: u64| {
        let (from, to) = (cut(parcel), cut(parcel + 1));
        let mut before = 0_u64;
        let mut contents = BTreeMap::new();
        for (line, units) in units {
            let (start, end) = (before, before + u64::from(*units));
            let share = end.min(to).saturating_sub(start.max(from));
            if share > 0 {
                contents.insert(*line, u32::try_from(share).unwrap_or(u32::MAX));
            }
            before = end;
        }
        contents
    };
    (0..count).map(one).collect()
}

/// What travels in which parcel; what is named nowhere travels in the first, unless nothing is named
/// of several.
pub fn parcels(request: &RequestRequest, offered: &[Offered<'_>]) -> Result<Vec<Wanted>, Fault> {
    let sent = offered.iter().filter(|line| !line.asked.keep);
    let mut left: BTreeMap<LineNo, u32> =
        sent.map(|line| (line.number, line.asked.units)).collect();
    let none = [RequestParcel::default()];
    let wanted = if request.parcels.is_empty() { &none[..] } else { &request.parcels };
    let mut parcels = Vec::with_capacity(wanted.len());
    let untold = wanted.len() > 1 && wanted.iter().all(|parcel| parcel.contents.is_empty());
    let mut shares = if untold { spread(&left, wanted.len()) } else { Vec::new() }.into_iter();
    if untold {
        left.clear();
    }
    for (at, parcel) in wanted.iter().enumerate() {
        let path = format!("parcels[{at}].contents");
        let mut contents = shares.next().unwrap_or_default();
        for item in &parcel.contents {
            let wrong = || field(path.clone(), "UNITS", "units that are not in this return");
            let line = words::line(item.line).ok_or_else(wrong)?;
            let there = left.get_mut(&line).ok_or_else(wrong)?;
            *there = there.checked_sub(item.units).ok_or_else(wrong)?;
            *contents.entry(line).or_default() += item.units;
        }
        let size = parcel.parcel.map(|parcel| Box3 {
            weight_g: parcel.weight_g,
            size_mm: [parcel.length_mm, parcel.width_mm, parcel.height_mm],
        });
        let number = i16::try_from(at + 1).map_err(Fault::bug)?;
        parcels.push((number, contents, size));
    }
    if let Some((_, first, _)) = parcels.first_mut() {
        for (line, units) in left.into_iter().filter(|(_, units)| *units > 0) {
            *first.entry(line).or_default() += units;
        }
        first.retain(|_, units| *units > 0);
    }
    parcels.retain(|(_, contents, _)| !contents.is_empty());
    Ok(parcels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every unit travels once, in the order of its line, and no parcel has two more than another.
        #[test]
        fn units_are_spread_whole(
            units in prop::collection::btree_map(1_u16..20, 1_u32..9, 1..6),
            parcels in 2_usize..11,
        ) {
            let shares = spread(&units, parcels);
            prop_assert_eq!(shares.len(), parcels);
            let mut sum: BTreeMap<LineNo, u32> = BTreeMap::new();
            for (line, share) in shares.iter().flatten() {
                *sum.entry(*line).or_default() += share;
            }
            prop_assert_eq!(&sum, &units);
            let sizes = || shares.iter().map(|share| share.values().sum::<u32>());
            prop_assert!(sizes().max().unwrap_or(0) - sizes().min().unwrap_or(0) <= 1);
        }
    }
}
