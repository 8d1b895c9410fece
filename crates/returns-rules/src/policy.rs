//! Policies as data: evaluated with the version in force when the order was placed.
//!
//! A rule narrows by channel, country and category; the most specific one that fits decides, the
//! later one among equals. The legal withdrawal stands beside every rule and is never undercut.

use std::collections::{BTreeMap, BTreeSet};

use colibri_types::Country;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    Refusal,
    goods::Disposition,
    legal::{self, Basis, Exception},
    money::Outcome,
    reason::{self, Outbound, Payer, Proof},
};

/// Where goods must be before money moves, from early to late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// At once.
    OnRequest,
    /// Handed in, proved.
    OnDropOff,
    /// Scanned by the carrier.
    OnScan,
    /// Delivered to us.
    OnArrival,
    /// Counted.
    OnReceipt,
    /// Graded.
    OnInspection,
    /// A person; the legal clock still runs.
    Manual,
}

/// Who pays the way back, where the reason leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnCost {
    /// The merchant.
    Merchant,
    /// The buyer, who was told before.
    Buyer,
}

/// One rule. What it leaves out fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Channels it is for.
    #[serde(default)]
    pub channels: BTreeSet<String>,
    /// Countries of the buyer it is for.
    #[serde(default)]
    pub countries: BTreeSet<Country>,
    /// Categories of goods it is for.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// Days from delivery within which a commercial return may be asked for.
    pub window_days: u16,
    /// Orders delivered before this moment may be returned until it, in a peak season.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub peak_until: Option<OffsetDateTime>,
    /// Days the buyer has to send the goods, after the request.
    pub send_days: u16,
    /// Goods are not taken back beyond what the law asks.
    #[serde(default)]
    pub final_sale: bool,
    /// Who pays the way back, where the reason leaves it open.
    pub return_cost: ReturnCost,
    /// Fee of a commercial return, in minor units, shown before confirmation.
    #[serde(default)]
    pub fee: i64,
    /// Where goods must be before money moves.
    pub trigger: Trigger,
    /// Days after the request within which money is back, if the goods come.
    pub refund_days: u16,
    /// Value above which the trigger is the inspection, in minor units.
    #[serde(default)]
    pub inspect_above: Option<i64>,
    /// Value of a unit up to which the buyer may keep it, in minor units.
    #[serde(default)]
    pub keep_up_to: Option<i64>,
    /// What may be offered beside the refund.
    #[serde(default)]
    pub outcomes: BTreeSet<Outcome>,
    /// An operator agrees before a label is issued.
    #[serde(default)]
    pub validate_first: bool,
    /// Questions that follow a reason, by code of the reason; none on a withdrawal.
    #[serde(default)]
    pub questions: BTreeMap<String, Vec<String>>,
    /// Dispositions somebody carries out.
    #[serde(default)]
    pub executors: BTreeSet<Disposition>,
}

/// A version of all rules of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Orders placed from here on.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// All versions of a tenant, and the law's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Versions; the last that began before the order was placed is in force.
    pub versions: Vec<Version>,
    /// Days to withdraw and to pay back, by country of the consumer.
    pub legal_days: BTreeMap<Country, u16>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// When the order was placed.
    pub ordered: OffsetDateTime,
    /// When it was delivered; None: not yet.
    pub delivered: Option<OffsetDateTime>,
    /// Now.
    pub asked: OffsetDateTime,
    /// The sales channel.
    pub channel: String,
    /// The buyer's country.
    pub country: Country,
    /// The category of the goods.
    pub category: String,
    /// Value of the unit in minor units.
    pub value: i64,
    /// By the door "withdraw from the contract".
    pub withdrawal: bool,
    /// Why; may be left out on a withdrawal.
    pub reason: Option<String>,
    /// An exception of the law that lies on these goods.
    pub exception: Option<Exception>,
    /// The whole order comes back.
    pub whole_order: bool,
    /// The buyer has lost comfort options, by a person's decision; never a right.
    pub no_comfort: bool,
}

/// What is answered, with the reasons a buyer can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// On what ground.
    pub basis: Basis,
    /// Last moment to ask.
    pub ask_until: OffsetDateTime,
    /// Last moment to send the goods.
    pub send_until: OffsetDateTime,
    /// Where goods must be before money moves.
    pub trigger: Trigger,
    /// Who pays the way back; None: by cause, or by the channel's rules.
    pub return_cost: Option<ReturnCost>,
    /// Whether the charge for the way to the buyer is paid back; None: the channel decides.
    pub outbound_refunded: Option<bool>,
    /// Fee in minor units; always 0 on a withdrawal.
    pub fee: i64,
    /// What is asked for.
    pub proof: Proof,
    /// Questions to be answered; none on a withdrawal.
    pub questions: Vec<String>,
    /// May the buyer keep it?
    pub keep: bool,
    /// What may be chosen. Refund is always there.
    pub outcomes: BTreeSet<Outcome>,
    /// An operator agrees before a label is issued.
    pub validate_first: bool,
    /// Days after the request within which the law wants the money back.
    pub legal_days: Option<u16>,
    /// Dispositions somebody carries out.
    pub executors: BTreeSet<Disposition>,
}

/// Why something cannot be returned, as the portal says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NotOffered {
    /// Not delivered, not even shipped.
    #[error("not_shipped_yet")]
    NotShippedYet,
    /// Too late.
    #[error("window_closed")]
    WindowClosed,
    /// Not taken back.
    #[error("final_sale")]
    FinalSale,
    /// Unsealed hygiene goods.
    #[error("hygiene_sealed")]
    HygieneSealed,
    /// No rule fits, or the reason is not known: an operator looks.
    #[error("needs_operator")]
    NeedsOperator,
}

impl Rule {
    fn fits(&self, question: &Question) -> Option<u8> {
        let one = |any: bool, hit: bool| (any || hit).then_some(u8::from(!any));
        let channel = one(self.channels.is_empty(), self.channels.contains(&question.channel))?;
        let country = one(self.countries.is_empty(), self.countries.contains(&question.country))?;
        let category =
            one(self.categories.is_empty(), self.categories.contains(&question.category))?;
        Some(channel + country + category)
    }
}

impl Policy {
    /// Does it keep the law? Asked before a policy is taken into use.
    ///
    /// # Errors
    /// [`Refusal::LegalDeadlineExceeded`] when a rule would pay back later than a country allows.
    pub fn check(&self) -> Result<(), Refusal> {
        for rule in self.versions.iter().flat_map(|version| &version.rules) {
            for (country, days) in &self.legal_days {
                if rule.countries.is_empty() || rule.countries.contains(country) {
                    legal::allows(rule.refund_days, Some(*days))?;
                }
            }
        }
        Ok(())
    }

    /// The rule for a question, of the version in force when the order was placed.
    #[must_use]
    pub fn rule(&self, question: &Question) -> Option<&Rule> {
        let version = self.versions.iter().filter(|version| version.from <= question.ordered);
        let version = version.max_by_key(|version| version.from)?;
        let fitting = version.rules.iter().filter_map(|rule| Some((rule.fits(question)?, rule)));
        fitting.max_by_key(|(specific, _)| *specific).map(|(_, rule)| rule)
    }

    /// What the buyer may do.
    ///
    /// # Errors
    /// [`NotOffered`].
    pub fn offer(&self, question: &Question) -> Result<Offer, NotOffered> {
        let delivered = question.delivered.ok_or(NotOffered::NotShippedYet)?;
        let rule = self.rule(question).ok_or(NotOffered::NeedsOperator)?;
        let legal = self.legal_days.get(&question.country).copied();
        match legal {
            Some(days) if question.withdrawal && question.exception.is_none() => {
                withdrawal(question, rule, delivered, days)
            }
            _ => commercial(question, rule, delivered),
        }
    }
}

fn commercial(
    question: &Question,
    rule: &Rule,
    delivered: OffsetDateTime,
) -> Result<Offer, NotOffered> {
    let code = question.reason.as_deref().unwrap_or("changed_mind");
    let (code, reason) = reason::find(code).ok_or(NotOffered::NeedsOperator)?;
    let ours = matches!(reason.return_cost, Payer::Merchant);
    let days = Duration::days(i64::from(rule.window_days));
    let ask_until = rule.peak_until.map_or(delivered + days, |peak| peak.max(delivered + days));
    // What was our doing is not a matter of windows: conformity has its own, longer, law.
    if !ours && question.exception == Some(Exception::UnsealedHygiene) {
        return Err(NotOffered::HygieneSealed);
    }
    if !ours && (rule.final_sale || question.exception.is_some()) {
        return Err(NotOffered::FinalSale);
    }
    if question.asked > ask_until {
        return Err(if ours { NotOffered::NeedsOperator } else { NotOffered::WindowClosed });
    }
    let mut offer = base(question, rule, ask_until);
    offer.basis = if ours { Basis::Conformity } else { Basis::Commercial };
    offer.proof = reason.proof;
    offer.questions = rule.questions.get(code).cloned().unwrap_or_default();
    offer.fee = if ours { 0 } else { rule.fee };
    offer.return_cost = match reason.return_cost {
        Payer::Merchant => Some(ReturnCost::Merchant),
        Payer::Policy => Some(rule.return_cost),
        Payer::Cause | Payer::Channel => None,
    };
    offer.outbound_refunded = match reason.outbound {
        Outbound::Yes => Some(true),
        Outbound::FullWithdrawal | Outbound::Policy | Outbound::No => Some(false),
        Outbound::Channel => None,
    };
    Ok(offer)
}

fn withdrawal(
    question: &Question,
    rule: &Rule,
    delivered: OffsetDateTime,
    days: u16,
) -> Result<Offer, NotOffered> {
    let ask_until = legal::withdraw_until(delivered, days, rule.window_days);
    let legal_until = legal::withdraw_until(delivered, days, 0);
    // A longer window of the policy is a promise of the merchant, under its own rules.
    let most = if rule.final_sale { legal_until } else { ask_until };
    if question.asked > most {
        return Err(NotOffered::WindowClosed);
    }
    let mut offer = base(question, rule, most);
    offer.basis = Basis::Withdrawal;
    offer.legal_days = Some(days);
    offer.outbound_refunded = Some(question.whole_order);
    // Goods are due back within the legal days at the earliest.
    let back = question.asked + Duration::days(i64::from(days.max(rule.send_days)));
    offer.send_until = back;
    offer.validate_first = false;
    Ok(offer)
}

fn base(question: &Question, rule: &Rule, ask_until: OffsetDateTime) -> Offer {
    let inspect = rule.inspect_above.is_some_and(|above| question.value > above);
    let trigger = if inspect { Trigger::OnInspection } else { rule.trigger };
    // Comfort is refund before receipt and keeping goods; rights stay.
    let late = if question.no_comfort { trigger.max(Trigger::OnReceipt) } else { trigger };
    let keep = rule.keep_up_to.is_some_and(|most| question.value <= most) && !question.no_comfort;
    let mut outcomes = rule.outcomes.clone();
    outcomes.remove(&Outcome::Nothing);
    outcomes.insert(Outcome::Refund);
    Offer {
        basis: Basis::Commercial,
        ask_until,
        send_until: question.asked + Duration::days(i64::from(rule.send_days)),
        trigger: late,
        return_cost: Some(rule.return_cost),
        outbound_refunded: Some(false),
        fee: 0,
        proof: Proof::None,
        questions: Vec::new(),
        keep,
        outcomes,
        validate_first: rule.validate_first,
        legal_days: None,
        executors: rule.executors.clone(),
    }
}
