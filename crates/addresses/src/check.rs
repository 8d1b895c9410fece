//! The one door: normalise, then judge what came out.

use crate::{Address, Verdict, judge, normalise};

/// Corrects what is safe to correct, then says what is wrong and what is worth knowing.
///
/// Problems depend on the normalised address alone, so checking it again gives the same problems
/// and no further correction.
#[must_use]
pub fn check(address: &Address) -> Verdict {
    let (normalised, mut notices) = normalise::normalise(address);
    let (problems, observations) = judge::judge(&normalised);
    notices.extend(observations);
    Verdict { normalised, problems, notices }
}
