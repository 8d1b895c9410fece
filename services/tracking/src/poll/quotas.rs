//! Questions of a day, where a carrier counts them: taken from the table in parts, and remembered
//! here until they are asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use colibri_carriers::Quota;
use colibri_kit::{fault::Fault, service::Shell};
use time::{Date, OffsetDateTime};
use tracing::info;
use uuid::Uuid;

use crate::{
    Tracking,
    store::quotas::{self, Booked},
};

/// What one account may do.
#[derive(Debug, Clone, Copy)]
enum Left {
    /// So many questions of this day.
    Some(Date, u32),
    /// None before this.
    Wait(OffsetDateTime),
}

/// Accounts whose carriers count, as this process knows them. Bounded by their number.
#[derive(Debug, Default)]
pub struct Quotas(Mutex<HashMap<Uuid, Left>>);

impl Quotas {
    /// Until when nothing may be asked of this account, as far as is known.
    pub fn waits(&self, account: Uuid, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account) {
            Some(Left::Wait(until)) if *until > now => Some(*until),
            _ => None,
        }
    }

    fn take(&self, account: Uuid, today: Date) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&account) {
            Some(Left::Some(day, left)) if *day == today && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn set(&self, account: Uuid, left: Left) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account, left);
    }
}

/// Takes one question of the day; `Some`: none before this.
///
/// # Errors
/// [`Fault`] of the database: nothing may be asked that was not counted.
pub async fn take(
    shell: &Shell<Tracking>,
    (account, tenant): (Uuid, Uuid),
    quota: Quota,
) -> Result<Option<OffsetDateTime>, Fault> {
    let known = &shell.state.quotas;
    let now = shell.host.clock.now();
    if let Some(until) = known.waits(account, now) {
        return Ok(Some(until));
    }
    if known.take(account, now.date()) {
        return Ok(None);
    }
    let mut cx = shell.begin_log().await?;
    let booked = quotas::book(cx.db(), (account, tenant), quota, now).await?;
    cx.commit().await?;
    Ok(match booked {
        Booked::Some(count) => {
            known.set(account, Left::Some(now.date(), count.saturating_sub(1)));
            None
        }
        Booked::Wait(until) => {
            // Once for each day that is used up: until then it is known here.
            if until.date() > now.date() {
                info!(%account, calls = quota.calls, "{account} waits for {}", until.date());
            }
            known.set(account, Left::Wait(until));
            Some(until)
        }
    })
}
