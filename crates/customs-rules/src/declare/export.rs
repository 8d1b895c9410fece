//! Export declarations: when one is due, and what it says.
//!
//! The rule of the country of dispatch decides, else that of its union. Where the rule says so, all
//! parcels of a day from one sender to one consignee count together.

use colibri_types::Country;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    advance::kilograms,
    facts::{Amount, Parcel, Party},
    needs::Needs,
    sums::{check, round},
};
use crate::{
    assess::{Missing, World},
    fx::FxKind,
    place::{Place, Territory},
    rules::{Effect, Rule},
};

/// Digits of a code in a declaration of the European Union.
const CODE_DIGITS: usize = 8;

/// One line of an export declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportLine {
    /// The parcel that it is in.
    pub item_id: String,
    /// Its number there.
    pub no: u32,
    /// What it is.
    pub description: String,
    /// Eight digits.
    pub code: String,
    /// Where it was made.
    pub origin: Option<Country>,
    /// Net.
    pub net_mass_kg: Option<Decimal>,
    /// As declared.
    pub value: Amount,
}

/// What an export declaration says; its number comes back from customs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// The rule that asks for it.
    pub rule: String,
    /// Day of posting.
    #[serde(with = "crate::day")]
    pub date: Date,
    /// EORI of the exporter.
    pub exporter: String,
    /// Country of dispatch.
    pub from: Country,
    /// Country of destination.
    pub to: Country,
    /// Parcels that it covers.
    pub item_ids: Vec<String>,
    /// Value that was tested, in the currency of the rule.
    pub total: Amount,
    /// With the packing.
    pub gross_mass_kg: Decimal,
    /// Goods.
    pub lines: Vec<ExportLine>,
}

/// What the parcels of one test come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Export {
    /// A declaration is due.
    Due(Box<ExportRecord>),
    /// None is: leaving is declaration enough.
    NotDue {
        /// Parcels.
        item_ids: Vec<String>,
        /// The rule that says so; empty: no border of customs is crossed.
        rule: String,
        /// Value that was tested.
        total: Option<Amount>,
    },
    /// No rule is known for the country of dispatch: nothing is said either way.
    NotCovered {
        /// Parcels.
        item_ids: Vec<String>,
    },
    /// It cannot be told, or one is due and lacks something.
    Unknown {
        /// Parcels.
        item_ids: Vec<String>,
        /// What is missing.
        missing: Vec<Missing>,
    },
}

/// Decides for all parcels of a sender, each parcel in exactly one answer.
#[must_use]
pub fn exports(parcels: &[Parcel], world: World<'_>) -> Vec<Export> {
    let mut groups: Vec<(Option<&Rule>, Vec<&Parcel>)> = Vec::new();
    for parcel in parcels {
        let rule = rule(parcel, world);
        let together = |(other, members): &&mut (Option<&Rule>, Vec<&Parcel>)| {
            let same_rule =
                rule.is_some_and(|r| same_day(r) && other.is_some_and(|other| other.id == r.id));
            same_rule && members.first().is_some_and(|first| key(first) == key(parcel))
        };
        match groups.iter_mut().find(together) {
            Some((_, members)) => members.push(parcel),
            None => groups.push((rule, vec![parcel])),
        }
    }
    groups.into_iter().map(|(rule, members)| decide(rule, &members, world)).collect()
}

/// What parcels have in common that count together on a day: rule, sender, consignee and destination.
/// `None`: no border of customs is crossed, or each parcel counts by itself. It spells out the
/// consignee: keep a keyed digest of it, never itself.
#[must_use]
pub fn counts_with(parcel: &Parcel, world: World<'_>) -> Option<String> {
    if !crosses(parcel) {
        return None;
    }
    let rule = rule(parcel, world).filter(|rule| same_day(rule))?;
    let (exporter, consignee, country, _) = key(parcel);
    Some([rule.id.as_str(), &exporter, &consignee, &country].join("\0"))
}

/// What a parcel lacks for an export declaration, whether one is due or not.
#[must_use]
pub fn export_lacks(parcel: &Parcel) -> Vec<Missing> {
    let mut needs = Needs::default();
    want(parcel, &mut needs);
    needs.all()
}

fn want(parcel: &Parcel, needs: &mut Needs) {
    let eori = !parcel.seller.eori.trim().is_empty();
    needs.want(eori, "seller.eori", "an export declaration names the exporter's EORI");
    for line in &parcel.consignment.lines {
        let code = line.code.get(..CODE_DIGITS).is_some();
        needs.want_of(line.no, code, "code", "eight digits of the tariff are needed");
        needs.want_of(line.no, line.net_kg.is_some(), "net_kg", "the net weight is needed");
    }
}

fn crosses(parcel: &Parcel) -> bool {
    let way = &parcel.consignment;
    Territory::of(&way.from).customs_border(&Territory::of(&way.to))
}

fn same_day(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::ExportDeclaration { same_day: true, .. })
}

fn day(parcel: &Parcel) -> Date {
    parcel.facts.posting_date.unwrap_or(parcel.consignment.date)
}

/// The rule of the country of dispatch on the day, else that of its union; `None` where no border
/// of customs is crossed or no rule is known.
fn rule<'a>(parcel: &Parcel, world: World<'a>) -> Option<&'a Rule> {
    let from = Territory::of(&parcel.consignment.from);
    let own = format!("{}-export", parcel.consignment.from.country);
    let union = format!("{}-export", from.customs);
    [own, union].into_iter().find_map(|place| {
        world.rules.rules.iter().find(|rule| {
            let kind = matches!(rule.effect, Effect::ExportDeclaration { .. });
            kind && rule.enabled && rule.place == place && rule.holds(day(parcel))
        })
    })
}

/// Letters and digits, so that two spellings of one address are one.
fn plain(words: &[&str]) -> String {
    let all = words.iter().flat_map(|word| word.chars());
    all.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn exporter(party: &Party) -> String {
    match party.eori.trim() {
        "" => plain(&[&party.name, &party.business, &party.postcode]),
        eori => plain(&[eori]),
    }
}

/// Sender, consignee, destination and day.
fn key(parcel: &Parcel) -> (String, String, String, Date) {
    let to = parcel.addressee();
    let mut street: Vec<&str> = vec![&to.name, &to.business, &to.postcode, &to.city];
    street.extend(to.lines.iter().map(String::as_str));
    let Place { country, .. } = &parcel.consignment.to;
    (exporter(&parcel.seller), plain(&street), country.to_string(), day(parcel))
}

fn decide(rule: Option<&Rule>, members: &[&Parcel], world: World<'_>) -> Export {
    let item_ids: Vec<String> = members.iter().map(|p| p.facts.item_id.clone()).collect();
    let mut needs = Needs::default();
    if !members.iter().any(|parcel| crosses(parcel)) {
        return Export::NotDue { item_ids, rule: String::new(), total: None };
    }
    let Some((rule, limit, currency)) = rule.and_then(|rule| match rule.effect {
        Effect::ExportDeclaration { up_to, currency, .. } => Some((rule, up_to, currency)),
        _ => None,
    }) else {
        return Export::NotCovered { item_ids };
    };
    let mut total = Decimal::ZERO;
    for parcel in members {
        let way = &parcel.consignment;
        let goods = check(parcel).map(|sums| sums.goods);
        let used = world.fx.rate(way.currency, currency, day(parcel), FxKind::Monthly);
        match (goods, used) {
            (Ok(goods), Some(used)) => {
                total += goods.checked_mul(used.rate).unwrap_or(Decimal::MAX / Decimal::TEN);
            }
            (Err(missing), _) => return Export::Unknown { item_ids, missing },
            (_, None) => {
                needs.fault(None, "currency", "no exchange rate to the currency of the rule");
                return Export::Unknown { item_ids, missing: needs.all() };
            }
        }
    }
    if total <= limit {
        let total = Some(Amount::new(total, currency));
        return Export::NotDue { item_ids, rule: rule.id.clone(), total };
    }
    match record(rule, members, Amount::new(round(total, 2), currency), &mut needs) {
        Some(record) => Export::Due(Box::new(record)),
        None => Export::Unknown { item_ids, missing: needs.all() },
    }
}

fn record(
    rule: &Rule,
    members: &[&Parcel],
    total: Amount,
    needs: &mut Needs,
) -> Option<ExportRecord> {
    let first = members.first()?;
    let mut lines = Vec::new();
    let mut gross = Decimal::ZERO;
    for parcel in members {
        let sums = check(parcel).ok()?;
        gross += sums.gross_kg;
        want(parcel, needs);
        for line in &parcel.consignment.lines {
            lines.push(ExportLine {
                item_id: parcel.facts.item_id.clone(),
                no: line.no,
                description: line.description.clone(),
                code: line.code.get(..CODE_DIGITS).unwrap_or_default().to_owned(),
                origin: line.origin,
                net_mass_kg: line.net_kg.map(kilograms),
                value: Amount::new(sums.declared(line.no), parcel.consignment.currency),
            });
        }
    }
    let record = ExportRecord {
        rule: rule.id.clone(),
        date: day(first),
        exporter: first.seller.eori.trim().to_owned(),
        from: first.consignment.from.country,
        to: first.consignment.to.country,
        item_ids: members.iter().map(|parcel| parcel.facts.item_id.clone()).collect(),
        total,
        gross_mass_kg: kilograms(gross),
        lines,
    };
    std::mem::take(needs).finish(Some(record)).map_err(|missing| *needs = Needs::of(missing)).ok()
}
