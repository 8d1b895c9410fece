//! A decision with everything it was made from, so that it can be explained and made again.
//!
//! Owns the record. Recomputing a record must give the same bytes; where it does not, either the
//! record was changed or the engine was, and both must be known.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    choice::{Choice, SelectionRules},
    choose::choose,
    exact::Day,
    fx::FxTable,
    quote::{Rating, TariffRef},
    rate::{RateError, rate, sort},
    request::Request,
    tariff::Tariff,
};

/// Version of the record's shape and of the arithmetic behind it. It rises whenever equal inputs
/// could give other bytes, so that old records are not called wrong.
const ENGINE: u32 = 1;

/// Everything a decision depends on. Generic over what stands for its tariffs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs<T = Tariff> {
    /// What was to be shipped.
    pub request: Request,
    /// When it was asked, in the origin's offset.
    #[serde(with = "time::serde::rfc3339")]
    pub now: OffsetDateTime,
    /// Day by which delivery is wanted.
    pub wanted: Option<Day>,
    /// The tenant's rules.
    pub rules: SelectionRules,
    /// Exchange rates.
    pub fx: Option<FxTable>,
    /// Tariffs, by carrier, service, id and version.
    pub tariffs: Vec<T>,
}

/// A decision, its inputs, and every line on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot<T = Tariff> {
    /// Version of the arithmetic.
    pub engine: u32,
    /// What it was made from.
    pub inputs: Inputs<T>,
    /// Every price and refusal.
    pub rating: Rating,
    /// What was decided.
    pub choice: Choice,
}

/// Rates, chooses, and keeps the record.
///
/// # Errors
/// [`RateError`], PRC0014 to PRC0018.
pub fn decide(mut inputs: Inputs) -> Result<Snapshot, RateError> {
    inputs.tariffs = sort(&inputs.tariffs)?.into_iter().cloned().collect();
    let fx = inputs.fx.as_ref();
    let rating = rate(&inputs.tariffs, &inputs.request, fx, inputs.now)?;
    let choice = choose(&rating, inputs.wanted, &inputs.rules, fx);
    Ok(Snapshot { engine: ENGINE, inputs, rating, choice })
}

/// Makes a decision again from its inputs.
///
/// # Errors
/// [`RateError`] when the record's inputs could never have been rated.
pub fn recompute(snapshot: &Snapshot) -> Result<Snapshot, RateError> {
    decide(snapshot.inputs.clone())
}

/// Why a record does not stand.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Made by another version of the arithmetic.
    #[error("the record is of engine {found}, this is engine {ENGINE}")]
    Engine {
        /// The record's.
        found: u32,
    },
    /// The inputs cannot be rated.
    #[error("rate the record's inputs again")]
    Rate {
        /// Why.
        source: RateError,
    },
    /// The bytes cannot be compared.
    #[error("write the record as JSON")]
    Write {
        /// Why.
        source: serde_json::Error,
    },
    /// The same inputs give another answer.
    #[error("the record's inputs give another answer")]
    Differs {
        /// What they give now.
        now: Box<Snapshot>,
    },
}

/// Checks that a record is what its inputs give, byte for byte.
///
/// # Errors
/// [`VerifyError`] says how it differs.
pub fn verify(snapshot: &Snapshot) -> Result<(), VerifyError> {
    if snapshot.engine != ENGINE {
        let found = snapshot.engine;
        return Err(VerifyError::Engine { found });
    }
    let now = recompute(snapshot).map_err(|source| VerifyError::Rate { source })?;
    let bytes = |snapshot: &Snapshot| {
        serde_json::to_vec(snapshot).map_err(|source| VerifyError::Write { source })
    };
    if bytes(snapshot)? == bytes(&now)? {
        Ok(())
    } else {
        Err(VerifyError::Differs { now: Box::new(now) })
    }
}

/// A snapshot that names its tariffs, whose versions never change: they are stored once, not with
/// each decision.
pub type CompactSnapshot = Snapshot<TariffRef>;

/// A tariff that a record names is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tariff {tariff} of the record is missing")]
pub struct TariffMissing {
    /// The name.
    pub tariff: TariffRef,
}

impl<T> Snapshot<T> {
    fn with<U>(self, tariffs: Vec<U>) -> Snapshot<U> {
        let Self { engine, inputs, rating, choice } = self;
        let Inputs { request, now, wanted, rules, fx, tariffs: _ } = inputs;
        let inputs = Inputs { request, now, wanted, rules, fx, tariffs };
        Snapshot { engine, inputs, rating, choice }
    }
}

impl Snapshot {
    /// The form to store.
    #[must_use]
    pub fn compact(&self) -> CompactSnapshot {
        self.clone().into_compact()
    }

    /// The form to store, without copying what is large.
    #[must_use]
    pub fn into_compact(self) -> CompactSnapshot {
        let tariffs = self.inputs.tariffs.iter().map(Tariff::reference).collect();
        self.with(tariffs)
    }
}

impl CompactSnapshot {
    /// The whole record again, with the tariffs that `find` knows by name.
    ///
    /// # Errors
    /// [`TariffMissing`] names the first one that `find` does not know.
    pub fn expand(
        &self,
        find: impl Fn(&TariffRef) -> Option<Tariff>,
    ) -> Result<Snapshot, TariffMissing> {
        let named = &self.inputs.tariffs;
        let mut tariffs = Vec::with_capacity(named.len());
        for tariff in named {
            let missing = || TariffMissing { tariff: tariff.clone() };
            tariffs.push(find(tariff).ok_or_else(missing)?);
        }
        Ok(self.clone().with(tariffs))
    }
}
