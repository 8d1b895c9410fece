//! What may go wrong, and how often: as data, as text, and as a draw per request.

mod text;

use std::time::Duration;

use colibri_carriers::sim::ScanFaults;
use serde::{Deserialize, Serialize};

use crate::draw::{fraction, mix};

/// Longest delay of a slow answer: beyond any caller's patience.
const SLOW_MS_MAX: u32 = 600_000;

/// What can be done to one request on the wire. At most one of them per request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Fault {
    /// 500, 502, 503 or 504 instead of asking the simulator: nothing is bought.
    #[serde(rename = "5xx")]
    ServerError,
    /// 429 instead of asking the simulator: nothing is bought.
    #[serde(rename = "429")]
    TooMany,
    /// The simulator answers, and a 500, 502, 503 or 504 goes out instead.
    #[serde(rename = "5xx-after-commit")]
    ServerErrorAfterCommit,
    /// The simulator answers, and the connection is closed without a byte.
    #[serde(rename = "lost-answer")]
    LostAnswer,
    /// More is promised by `content-length` than is sent before the connection is closed.
    #[serde(rename = "truncated")]
    Truncated,
    /// A gateway's page goes out instead of the answer, with 200 or 502.
    #[serde(rename = "html")]
    Html,
    /// Status and headers are right, the body is noise.
    #[serde(rename = "garbled")]
    Garbled,
    /// The body is right, its content type is not.
    #[serde(rename = "wrong-type")]
    WrongType,
}

impl Fault {
    /// All of them, in the order in which a draw passes them.
    pub const ALL: [Self; 8] = [
        Self::ServerError,
        Self::TooMany,
        Self::ServerErrorAfterCommit,
        Self::LostAnswer,
        Self::Truncated,
        Self::Html,
        Self::Garbled,
        Self::WrongType,
    ];

    /// Name in text, JSON, log and counts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServerError => "5xx",
            Self::TooMany => "429",
            Self::ServerErrorAfterCommit => "5xx-after-commit",
            Self::LostAnswer => "lost-answer",
            Self::Truncated => "truncated",
            Self::Html => "html",
            Self::Garbled => "garbled",
            Self::WrongType => "wrong-type",
        }
    }

    /// Is the simulator left out? Then no money moves.
    #[must_use]
    pub const fn is_before_commit(self) -> bool {
        matches!(self, Self::ServerError | Self::TooMany)
    }
}

/// Probabilities from 0 to 1 of what happens to one kind of request. Those of [`Fault`] exclude
/// each other, so their sum is at most 1; slowness comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireFaults {
    /// The answer is held back, after the simulator was asked.
    pub slow: f64,
    /// For how long, in real milliseconds: time-outs are real time. At most ten minutes.
    pub slow_ms: u32,
    /// [`Fault::ServerError`].
    #[serde(rename = "5xx")]
    pub server_error: f64,
    /// [`Fault::TooMany`].
    #[serde(rename = "429")]
    pub too_many: f64,
    /// [`Fault::ServerErrorAfterCommit`].
    #[serde(rename = "5xx-after-commit")]
    pub server_error_after_commit: f64,
    /// [`Fault::LostAnswer`].
    pub lost_answer: f64,
    /// [`Fault::Truncated`].
    pub truncated: f64,
    /// [`Fault::Html`].
    pub html: f64,
    /// [`Fault::Garbled`].
    pub garbled: f64,
    /// [`Fault::WrongType`].
    pub wrong_type: f64,
}

/// What goes wrong at one carrier, and how often.
///
/// As text: `lost-answer=0.02,buy.5xx=0.1,slow=0.05:2000ms,duplicate-scan=0.1`. A name alone means
/// every request; `buy.` and `other.` aim at requests that spend money and at the others, and win
/// over the name alone.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultProfile {
    /// Requests that spend money.
    pub buy: WireFaults,
    /// All other requests.
    pub other: WireFaults,
    /// What the simulator tells about parcels.
    pub scans: ScanFaults,
}

/// A fault profile makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultProfileError {
    /// No such fault.
    #[error("unknown fault `{0}`")]
    Unknown(String),
    /// Named twice.
    #[error("fault `{0}` is given twice")]
    Twice(String),
    /// Not `name=probability`.
    #[error("`{0}` is not name=probability")]
    Shape(String),
    /// A probability outside 0 to 1.
    #[error("`{0}` needs a probability from 0 to 1")]
    Probability(String),
    /// `slow` without a delay, or with one that is too long.
    #[error("`slow` needs a delay of at most 600000ms, for example slow=0.05:2000ms")]
    Delay,
    /// The probabilities of faults that exclude each other exceed 1.
    #[error("the probabilities of the faults of `{0}` add up to more than 1")]
    Sum(&'static str),
}

/// What was decided about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub fault: Option<Fault>,
    pub slow: Option<Duration>,
    /// Chooses among the shapes of one fault, such as 502 or 503.
    pub variety: u64,
}

impl WireFaults {
    /// Probability of one fault.
    #[must_use]
    pub const fn of(&self, fault: Fault) -> f64 {
        match fault {
            Fault::ServerError => self.server_error,
            Fault::TooMany => self.too_many,
            Fault::ServerErrorAfterCommit => self.server_error_after_commit,
            Fault::LostAnswer => self.lost_answer,
            Fault::Truncated => self.truncated,
            Fault::Html => self.html,
            Fault::Garbled => self.garbled,
            Fault::WrongType => self.wrong_type,
        }
    }

    const fn of_mut(&mut self, fault: Fault) -> &mut f64 {
        match fault {
            Fault::ServerError => &mut self.server_error,
            Fault::TooMany => &mut self.too_many,
            Fault::ServerErrorAfterCommit => &mut self.server_error_after_commit,
            Fault::LostAnswer => &mut self.lost_answer,
            Fault::Truncated => &mut self.truncated,
            Fault::Html => &mut self.html,
            Fault::Garbled => &mut self.garbled,
            Fault::WrongType => &mut self.wrong_type,
        }
    }

    /// The same key gives the same decision.
    pub(crate) fn decide(&self, key: u64) -> Decision {
        let mut rest = fraction(key);
        let fault = Fault::ALL.into_iter().find(|fault| {
            rest -= self.of(*fault);
            rest < 0.0
        });
        let slow = fraction(key ^ mix(1)) < self.slow;
        let slow = slow.then(|| Duration::from_millis(u64::from(self.slow_ms)));
        Decision { fault, slow, variety: mix(key ^ mix(2)) }
    }

    fn validate(&self, kind: &'static str) -> Result<(), FaultProfileError> {
        let all = Fault::ALL.into_iter().map(|fault| (fault.name(), self.of(fault)));
        for (name, probability) in all.chain([("slow", self.slow)]) {
            check_probability(name, probability)?;
        }
        if self.slow_ms > SLOW_MS_MAX || (self.slow > 0.0 && self.slow_ms == 0) {
            return Err(FaultProfileError::Delay);
        }
        let sum: f64 = Fault::ALL.into_iter().map(|fault| self.of(fault)).sum();
        // Ten times 0.1 is a hair more than 1 in binary fractions.
        if sum > 1.0 + 1e-9 { Err(FaultProfileError::Sum(kind)) } else { Ok(()) }
    }
}

impl FaultProfile {
    /// Is every number a probability, and does every slow answer have its delay?
    ///
    /// # Errors
    /// [`FaultProfileError`] names the first fault that is wrong.
    pub fn validate(&self) -> Result<(), FaultProfileError> {
        self.buy.validate("buy")?;
        self.other.validate("other")?;
        let mut scans = self.scans;
        for name in text::SCANS {
            let probability = text::scan_mut(&mut scans, name).map_or(0.0, |value| *value);
            check_probability(name, probability)?;
        }
        Ok(())
    }

    /// What holds for a request, by whether it spends money.
    #[must_use]
    pub const fn wire(&self, buys: bool) -> &WireFaults {
        if buys { &self.buy } else { &self.other }
    }
}

fn check_probability(name: &str, probability: f64) -> Result<(), FaultProfileError> {
    if (0.0..=1.0).contains(&probability) {
        Ok(())
    } else {
        Err(FaultProfileError::Probability(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
