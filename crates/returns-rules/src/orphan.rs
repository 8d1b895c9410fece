//! What came and belongs to no open return: found, held, settled by a person.
//!
//! Its units are counted here until they are counted elsewhere, and never in both: [`adopt`] and
//! [`expel`] answer the counters of both sides, to be written together. Deliberately absent: money
//! and stock. What nobody knows the order of triggers neither.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    case::{Action, Actor, Case, Change, Command, decide},
    goods::Extra,
};

/// Where units go from here, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Into a return, which counts them from then on.
    Matched,
    /// Back to whoever sent them.
    SentBack,
    /// To whoever owns them, or to the authority that keeps lost things.
    HandedOver,
    /// Destroyed or recycled, when nobody asked for them in time.
    Recycled,
}

impl End {
    /// Every end.
    pub const ALL: [Self; 4] = [Self::Matched, Self::SentBack, Self::HandedOver, Self::Recycled];
}

/// Units of one article that were found together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Found {
    units: u32,
    ends: BTreeMap<End, u32>,
}

impl Found {
    /// Units that were counted.
    ///
    /// # Errors
    /// [`Refusal::Nothing`].
    pub fn new(units: u32) -> Result<Self, Refusal> {
        if units == 0 {
            return Err(Refusal::Nothing);
        }
        Ok(Self { units, ends: BTreeMap::new() })
    }

    /// Units that were found.
    #[must_use]
    pub const fn units(&self) -> u32 {
        self.units
    }

    /// Units that went that way.
    #[must_use]
    pub fn at(&self, end: End) -> u32 {
        self.ends.get(&end).copied().unwrap_or_default()
    }

    /// Units that are still here.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.units.saturating_sub(self.ends.values().sum())
    }

    fn take(&self, end: End, units: u32) -> Result<Self, Refusal> {
        if units == 0 {
            return Err(Refusal::Nothing);
        }
        if units > self.held() {
            return Err(Refusal::QuantityExceedsAdvised);
        }
        let mut after = self.clone();
        *after.ends.entry(end).or_default() += units;
        Ok(after)
    }

    /// Lets units go, by a person. `waited`: they were kept for as long as the tenant keeps lost
    /// things; nothing is destroyed before.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NoWay`] for a match, which is [`adopt`].
    pub fn leave(&self, end: End, units: u32, by: Actor, waited: bool) -> Result<Self, Refusal> {
        if !matches!(by, Actor::Person(_)) {
            return Err(Refusal::PersonRequired);
        }
        match end {
            End::Matched => Err(Refusal::NoWay),
            End::Recycled if !waited => Err(Refusal::NotExpired),
            _ => self.take(end, units),
        }
    }
}

/// Moves units into a return, where they are counted as received: what follows for both sides. Only
/// what the return still awaits, or has given up, is taken; the same command again changes neither.
///
/// # Errors
/// [`Refusal`]; nothing changed on either side.
pub fn adopt(
    case: &Case,
    found: &Found,
    command: &Command,
) -> Result<(Found, Vec<Change>), Refusal> {
    let Action::Receive { units, .. } = command.action else { return Err(Refusal::NoWay) };
    if !matches!(command.by, Actor::Person(_)) {
        return Err(Refusal::PersonRequired);
    }
    if case.is_orphan() {
        return Err(Refusal::OrphanBlocks);
    }
    let changes = decide(case, command)?;
    if changes.is_empty() {
        return Ok((found.clone(), changes));
    }
    if changes.iter().any(|change| matches!(change, Change::Found { .. })) {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    Ok((found.take(End::Matched, units)?, changes))
}

/// Moves what came beside the advised goods out of a return. None: the same command again.
///
/// # Errors
/// [`Refusal`]; nothing changed on either side.
pub fn expel(case: &Case, command: &Command) -> Result<(Option<Found>, Vec<Change>), Refusal> {
    let Action::HandleExtra { units, extra: Extra::Surplus | Extra::Foreign, .. } = command.action
    else {
        return Err(Refusal::NoWay);
    };
    let changes = decide(case, command)?;
    let found = if changes.is_empty() { None } else { Some(Found::new(units)?) };
    Ok((found, changes))
}
