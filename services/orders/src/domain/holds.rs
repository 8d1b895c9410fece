//! Why an order waits, and what must be known before it goes: site, parcels, border, payment.

use crate::domain::facts::{Facts, Parcel, Reason, Site};

/// A reason for holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Word, for ever; described in `docs/holds.md`.
    pub code: &'static str,
    /// For the person who reads it.
    pub detail: &'static str,
    /// Whether a person may take responsibility and let the order go all the same.
    pub overrulable: bool,
}

const fn hold(code: &'static str, overrulable: bool, detail: &'static str) -> Hold {
    Hold { code, detail, overrulable }
}

/// Nobody said where it goes.
pub const ADDRESS_MISSING: &str = "ADDRESS_MISSING";
/// The channel holds it.
pub const CHANNEL_HOLD: &str = "CHANNEL_HOLD";
/// A person said so.
pub const MANUAL: &str = "MANUAL";
/// No site to leave from.
pub const NO_SITE: &str = "NO_SITE";
/// A parcel that no parcel network takes.
pub const PARCEL_LIMITS: &str = "PARCEL_LIMITS";
/// The buyer chose a pick-up point.
pub const PICKUP_POINT: &str = "PICKUP_POINT";
/// A test of the shop.
pub const TEST_ORDER: &str = "TEST_ORDER";
/// Not in a payment state that may ship.
pub const UNPAID: &str = "UNPAID";
/// No weight, and no parcels.
pub const WEIGHT_MISSING: &str = "WEIGHT_MISSING";

/// Every reason of the order itself; those of its address are the `ADR` codes.
pub const ALL: &[Hold] = &[
    hold(ADDRESS_MISSING, false, "there is no address to send to"),
    hold(CHANNEL_HOLD, true, "the sales channel holds the order, or its state is not known here"),
    hold(MANUAL, false, "a person holds the order; releasing it ends that"),
    hold(NO_SITE, false, "there is no such site to leave from"),
    hold(
        PARCEL_LIMITS,
        false,
        "a parcel weighs nothing or more than 1000000 g, or a side is longer than 5000 mm",
    ),
    hold(PICKUP_POINT, true, "the buyer chose a pick-up point, which is not offered here yet"),
    hold(TEST_ORDER, true, "it is a test of the shop"),
    hold(UNPAID, true, "its payment is not in a state in which it may ship"),
    hold(WEIGHT_MISSING, false, "the weight of a line is not known and no parcels are given"),
];

/// Address problems that a person may know better: the label can be printed all the same.
pub const ADDRESS_OVERRULABLE: &[&str] =
    &["ADR0008", "ADR0009", "ADR0010", "ADR0011", "ADR0013", "ADR0014", "ADR0015"];

/// Whether a person may take responsibility for this code.
#[must_use]
pub fn overrulable(code: &str) -> bool {
    ADDRESS_OVERRULABLE.contains(&code)
        || ALL.iter().any(|hold| hold.code == code && hold.overrulable)
}

/// A sentence about a code that is stored without one.
#[must_use]
pub fn detail(code: &str) -> &'static str {
    let own = ALL.iter().find(|hold| hold.code == code).map(|hold| hold.detail);
    let address = || {
        let found = colibri_addresses::Code::ALL.iter().find(|c| c.as_str() == code);
        found.map(|c| c.name())
    };
    own.or_else(address).unwrap_or_default()
}

/// What the operator of the platform decides.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Added to the weight of the lines.
    pub packaging_weight_g: u32,
    /// A reserved payment suffices.
    pub authorized_ships: bool,
}

/// Heaviest parcel: above it is freight.
const WEIGHT_MAX_G: u64 = colibri_types::Grams::MAX.0 as u64;
/// Longest side: no parcel network takes 5 m.
const SIDE_MAX_MM: u32 = 5000;

/// What the checks found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Empty: it may go. In a fixed order, each code once per field.
    pub reasons: Vec<Reason>,
    /// Where it leaves from, if that is known.
    pub site: Option<Site>,
    /// What leaves; empty when a weight is missing.
    pub parcels: Vec<Parcel>,
    /// A customs or tax border lies between site and addressee: a declaration is needed.
    pub border: bool,
}

/// Checks everything again: depends on its arguments alone. `address` are the problems of the
/// address, which were found when it came; `sites` are the tenant's in the order of their making.
#[must_use]
pub fn check(facts: &Facts, address: &[Reason], sites: &[Site], rules: &Rules) -> Checked {
    let mut reasons = Vec::new();
    let mut add = |code: &str, field: &str| reasons.push(Reason::new(code, field));
    for code in &facts.channel_holds {
        add(code, "");
    }
    if facts.test {
        add(TEST_ORDER, "test");
    }
    if !may_ship(&facts.payment, rules) {
        add(UNPAID, "payment");
    }
    if facts.country.is_none() {
        add(ADDRESS_MISSING, "ship_to");
    }
    let site = choose_site(facts, sites);
    if site.is_none() {
        add(NO_SITE, "site_code");
    }
    let parcels = parcels(facts, rules).unwrap_or_else(|| {
        add(WEIGHT_MISSING, "lines");
        Vec::new()
    });
    if parcels.iter().any(|parcel| !fits(parcel)) {
        add(PARCEL_LIMITS, "parcels");
    }
    reasons.splice(0..0, address.iter().cloned());
    let border = site.is_some_and(|site| crosses_border(site, facts));
    Checked { reasons, site: site.cloned(), parcels, border }
}

fn crosses_border(site: &Site, facts: &Facts) -> bool {
    let Some(country) = facts.country else { return false };
    let (from, to) = (site.zone.as_str(), facts.zone.as_str());
    colibri_addresses::crosses_customs_border(&site.country, from, country.as_str(), to)
}

/// Cash on delivery is no payment here: no carrier is asked to collect it.
fn may_ship(payment: &str, rules: &Rules) -> bool {
    match payment {
        // Not told, or all of it was received once; what was given back left the lines.
        "" | "paid" | "partially_refunded" => true,
        "authorized" => rules.authorized_ships,
        _ => false,
    }
}

/// The site asked for; else the first one in the addressee's country; else the first of all.
fn choose_site<'s>(facts: &Facts, sites: &'s [Site]) -> Option<&'s Site> {
    if !facts.site_code.is_empty() {
        return sites.iter().find(|site| site.code == facts.site_code);
    }
    let near = |site: &&Site| facts.country.is_some_and(|c| c.as_str() == site.country);
    sites.iter().find(near).or_else(|| sites.first())
}

/// The parcels given, or one of the lines' weight; `None` when that is not known.
fn parcels(facts: &Facts, rules: &Rules) -> Option<Vec<Parcel>> {
    if !facts.parcels.is_empty() {
        return Some(facts.parcels.clone());
    }
    let mut grams = u64::from(rules.packaging_weight_g);
    for line in &facts.lines {
        grams += u64::from(line.weight_g?) * u64::from(line.quantity);
    }
    // Beyond 32 bits it is over the limit in any case.
    Some(vec![Parcel { weight_g: u32::try_from(grams).unwrap_or(u32::MAX), size_mm: None }])
}

fn fits(parcel: &Parcel) -> bool {
    let weight = (1..=WEIGHT_MAX_G).contains(&u64::from(parcel.weight_g));
    let size = parcel.size_mm.is_none_or(|sides| sides.iter().all(|side| *side <= SIDE_MAX_MM));
    weight && size
}

#[cfg(test)]
#[path = "holds_tests.rs"]
mod tests;
