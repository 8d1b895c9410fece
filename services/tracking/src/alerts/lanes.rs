//! What is usual on each way, learnt by this process and shared through the database.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, RwLock},
};

use colibri_kit::{fault::Fault, service::Shell};
use time::{Duration, OffsetDateTime};

use super::Rules;
use crate::{
    Tracking,
    domain::{
        alert::waits,
        lane::{Lane, class},
        state::State,
    },
    store::{
        lanes::{self, Gaps},
        parcels::Parcel,
    },
};

/// Gaps that wait to be written, and what is known to be usual. A killed process loses some
/// minutes of learning and nothing else.
#[derive(Debug, Default)]
pub struct Lanes {
    waiting: Mutex<Gaps>,
    usual: RwLock<HashMap<Lane, u16>>,
}

fn lane(parcel: &Parcel, state: &State) -> Lane {
    Lane {
        carrier: parcel.carrier.clone(),
        origin: parcel.origin.clone(),
        destination: parcel.destination.clone(),
        headline: state.headline,
    }
}

impl Lanes {
    /// Something new was learnt about a parcel that was in `before` since `quiet_since`.
    pub fn spoke(
        &self,
        parcel: &Parcel,
        before: &State,
        quiet_since: OffsetDateTime,
        now: OffsetDateTime,
    ) {
        if before.ended() || waits(before.sub) {
            return;
        }
        let class = class(now - quiet_since);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((lane(parcel, before), class)).or_default() += 1;
    }

    /// Silence after which this parcel is stuck.
    pub fn usual(&self, rules: &Rules, parcel: &Parcel) -> Duration {
        let usual = self.usual.read().unwrap_or_else(PoisonError::into_inner);
        rules.patience().usual(usual.get(&lane(parcel, &parcel.state)).copied())
    }

    /// Writes what was learnt, and reads what all have learnt.
    pub async fn share(&self, shell: &Shell<Tracking>) -> Result<(), Fault> {
        let taken =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let rules = &shell.state.config.alerts;
        let mut cx = shell.begin_log().await?;
        lanes::add(cx.db(), &taken).await?;
        lanes::fade(cx.db()).await?;
        let learnt = lanes::usual(cx.db(), rules.percentile, rules.gaps_min).await?;
        cx.commit().await?;
        *self.usual.write().unwrap_or_else(PoisonError::into_inner) = learnt;
        Ok(())
    }
}
