//! Why goods come back, in two levels: who pays the way back, what is asked, what is refunded.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// Whose doing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The buyer's choice.
    Consignee,
    /// The merchant's mistake.
    Merchant,
    /// The supplier's.
    Supplier,
    /// The carrier's.
    Carrier,
    /// The marketplace decided.
    Marketplace,
    /// What tracking says.
    ByTracking,
    /// Nobody's.
    Nobody,
}

/// Who pays the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// As the policy says; on a withdrawal the consumer, if told before.
    Policy,
    /// The merchant.
    Merchant,
    /// By cause, as tracking shows it.
    Cause,
    /// By the rules of the channel.
    Channel,
}

/// Is the charge for the way to the buyer paid back?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outbound {
    /// Yes; on a withdrawal the standard delivery.
    Yes,
    /// If the whole contract is withdrawn from.
    FullWithdrawal,
    /// As the policy says.
    Policy,
    /// By the rules of the channel.
    Channel,
    /// No.
    No,
}

/// What is asked for. On a withdrawal nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Nothing.
    None,
    /// A photo, if the buyer likes.
    PhotoOptional,
    /// A photo, or the weight at packing.
    PhotoOrWeight,
    /// Symptoms, serial number.
    Symptoms,
    /// Photos of the item and of the box, within days of delivery.
    PhotosInTime,
    /// The promise on record.
    Promise,
    /// Scans.
    Scans,
    /// The lot.
    Lot,
    /// Receipt or gift code.
    Receipt,
    /// The channel's record.
    ChannelRecord,
}

/// What a first-level code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Whose doing.
    pub party: Party,
    /// Who pays the way back.
    pub return_cost: Payer,
    /// Whether the way to the buyer is paid back.
    pub outbound: Outbound,
    /// What is asked for.
    pub proof: Proof,
}

static TABLE: LazyLock<BTreeMap<String, Reason>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/reasons.json")).unwrap_or_default()
});

/// All first-level codes.
#[must_use]
pub fn all() -> &'static BTreeMap<String, Reason> {
    &TABLE
}

/// What a code means. A tenant's own code is written `level1/own` and means its first level.
#[must_use]
pub fn find(code: &str) -> Option<(&'static str, Reason)> {
    let level1 = code.split_once('/').map_or(code, |(level1, _)| level1);
    TABLE.get_key_value(level1).map(|(code, reason)| (code.as_str(), *reason))
}
