//! What needs somebody's eye: raised and cleared in the transaction that changed the parcel, or by
//! the look that its time has come for.

mod lanes;
mod list;

use std::{collections::BTreeMap, time::Duration as StdDuration};

use colibri_events::tracking::v1::{AlertKind, ParcelAlertCleared, ParcelAlertRaised};
use colibri_kit::{
    fault::{Fault, chain},
    service::{Cx, Shell},
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_types::{ParcelId, ShipmentId, TenantId};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use crate::{
    Tracking,
    domain::{
        alert::{Kind, Situation},
        lane::Patience,
    },
    events::{headline, order_text, party_word, timestamp},
    store::{
        alerts::{self, Change, Look},
        parcels::{self, Keys, Parcel},
    },
};

pub use lanes::Lanes;
pub use list::list;

/// Parcels of one look: one transaction.
const LOOK_MAX: i64 = 500;

/// When to raise alerts: section `[tracking.alerts]`, where each key is explained.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Rules {
    pub late_after_h: u32,
    pub late_after_h_of: BTreeMap<String, u32>,
    pub stuck_after_h: u32,
    pub stuck_floor_h: u32,
    pub stretch_percent: u32,
    pub percentile: u32,
    pub gaps_min: u32,
    pub look_ms: u64,
    pub learn_s: u64,
}

const fn hours(hours: u32) -> Duration {
    Duration::hours(hours as i64)
}

impl Rules {
    /// How silence is judged.
    #[must_use]
    pub const fn patience(&self) -> Patience {
        Patience {
            default: hours(self.stuck_after_h),
            floor: hours(self.stuck_floor_h),
            stretch_percent: self.stretch_percent,
        }
    }

    /// Time after the promised day at which a tenant's parcel is late.
    #[must_use]
    pub fn late_after(&self, tenant: TenantId) -> Duration {
        let own = (!self.late_after_h_of.is_empty())
            .then(|| self.late_after_h_of.get(&tenant.to_string()))
            .flatten();
        hours(*own.unwrap_or(&self.late_after_h))
    }

    /// Rules between values, with what must hold.
    #[must_use]
    pub fn broken(&self) -> Option<&'static str> {
        let tenants = self.late_after_h_of.keys();
        let rules = [
            ((1..=100).contains(&self.percentile), "alerts.percentile is 1 to 100"),
            (self.gaps_min >= 1, "alerts.gaps_min is at least 1"),
            (self.stuck_after_h >= 1, "alerts.stuck_after_h is at least 1"),
            (self.stretch_percent >= 100, "alerts.stretch_percent is at least 100"),
            ((10..=60_000).contains(&self.look_ms), "alerts.look_ms is 10 to 60000"),
            (self.learn_s >= 1, "alerts.learn_s is at least 1"),
            (
                tenants.map(|tenant| tenant.parse::<TenantId>()).all(|tenant| tenant.is_ok()),
                "alerts.late_after_h_of names tenants by their ids",
            ),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }
}

/// The kind on the wire.
pub(crate) const fn wire(kind: Kind) -> AlertKind {
    match kind {
        Kind::Late => AlertKind::Late,
        Kind::DeliveryFailed => AlertKind::DeliveryFailed,
        Kind::AddressProblem => AlertKind::AddressProblem,
        Kind::Stuck => AlertKind::Stuck,
        Kind::Returned => AlertKind::Returned,
    }
}

impl Tracking {
    fn situation<'a>(&self, parcel: &'a Parcel) -> Situation<'a> {
        let (rules, poll) = (&self.config.alerts, &self.config.poll);
        let days = |days: u32| Duration::days(i64::from(days));
        Situation {
            state: &parcel.state,
            promised: parcel.promised,
            state_at: parcel.state_at,
            news_at: parcel.news_at,
            given_up_at: parcel.purchased_at.saturating_add(days(poll.lasts_days)),
            usual: self.lanes.usual(rules, parcel),
            late_after: rules.late_after(TenantId::from_uuid(parcel.tenant_id)),
            closes_after: days(poll.ended_days),
        }
    }

    /// When to look at a parcel although nobody said anything.
    pub(crate) fn look(&self, parcel: &Parcel, now: OffsetDateTime) -> Look {
        (parcel.tenant_id, parcel.parcel_id, self.situation(parcel).next_look(now))
    }
}

/// Raises and clears what these parcels call for. They are locked, and as they were saved.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn review(cx: &mut Cx<Tracking>, parcels: &[&Parcel]) -> Result<(), Fault> {
    if parcels.is_empty() {
        return Ok(());
    }
    let (state, now) = (cx.state(), cx.now());
    let keys: Keys = parcels.iter().map(|p| (p.tenant_id, p.parcel_id)).collect();
    let known = alerts::known(cx.db(), &keys).await?;
    let (mut changes, mut looks) = (Vec::new(), Vec::with_capacity(parcels.len()));
    for parcel in parcels {
        let known = known.get(&parcel.parcel_id).map(Vec::as_slice).unwrap_or_default();
        let situation = state.situation(parcel);
        let decision = situation.decide(known, now);
        let cleared = decision.clear.iter().map(|alert| (alert, false));
        let raised = decision.raise.iter().map(|alert| (alert, true));
        for ((kind, occurrence), begins) in cleared.chain(raised) {
            let (tenant_id, parcel_id) = (parcel.tenant_id, parcel.parcel_id);
            let (kind, occurrence) = (*kind, *occurrence);
            let change = Change { tenant_id, parcel_id, kind, occurrence, begins };
            publish(cx, parcel, &situation, &change, now);
            changes.push(change);
        }
        looks.push((parcel.tenant_id, parcel.parcel_id, situation.next_look(now)));
    }
    if !changes.is_empty() {
        alerts::save(cx.db(), &changes, now).await?;
    }
    alerts::look(cx.db(), &looks).await
}

fn whole_hours(duration: Duration) -> u32 {
    u32::try_from(duration.whole_hours()).unwrap_or(0)
}

fn publish(
    cx: &mut Cx<Tracking>,
    parcel: &Parcel,
    situation: &Situation<'_>,
    change: &Change,
    now: OffsetDateTime,
) {
    let (word, begins) = (change.kind.as_str(), change.begins);
    let result = if begins { "raised" } else { "cleared" };
    metrics::counter("colibri_tracking_alerts_total", &[("kind", word), ("result", result)]).inc();
    let fact = format!("{word}.{}", change.occurrence);
    let state = &parcel.state;
    let parcel_id = ParcelId::from_uuid(parcel.parcel_id).to_string();
    let tenant_id = TenantId::from_uuid(parcel.tenant_id).to_string();
    let shipment_id = ShipmentId::from_uuid(parcel.shipment_id).to_string();
    let order_id = order_text(parcel);
    let carrier = parcel.carrier.clone();
    let kind = wire(change.kind).into();
    let sub_status = state.sub.map_or("", |sub| sub.as_str()).to_owned();
    let (version, at) = (parcel.version, Some(timestamp(now)));
    let (occurrence, headline) = (change.occurrence, headline(state.headline).into());
    if begins {
        let event = ParcelAlertRaised {
            parcel_id,
            tenant_id,
            shipment_id,
            order_id,
            carrier,
            kind,
            occurrence,
            headline,
            sub_status,
            version,
            at,
            attempts: state.attempts,
            promised_latest: parcel.promised.map(|day| day.to_string()).unwrap_or_default(),
            quiet_h: whole_hours(now - parcel.news_at),
            usual_h: whole_hours(situation.usual),
            party: party_word(state.party),
        };
        cx.publish(&event, &fact);
    } else {
        let event = ParcelAlertCleared {
            parcel_id,
            tenant_id,
            shipment_id,
            order_id,
            carrier,
            kind,
            occurrence,
            headline,
            sub_status,
            version,
            at,
        };
        cx.publish(&event, &fact);
    }
}

/// Looks at parcels whose time has come, and shares what is usual, until shutdown.
pub async fn run(shell: Shell<Tracking>, shutdown: Shutdown) {
    let rules = &shell.state.config.alerts;
    let learn = StdDuration::from_secs(rules.learn_s);
    let mut learnt: Option<tokio::time::Instant> = None;
    while !shutdown.is_triggered() {
        if learnt.is_none_or(|at| at.elapsed() >= learn) {
            if let Err(fault) = shell.state.lanes.share(&shell).await {
                tracing::warn!(cause = chain(&fault), "what is usual was not learnt");
            }
            learnt = Some(tokio::time::Instant::now());
        }
        let more = match look(&shell).await {
            Ok(more) => more,
            Err(fault) => {
                tracing::warn!(cause = chain(&fault), "no parcel was looked at");
                false
            }
        };
        // With more to do a breath is enough: others want the database too.
        let wait = if more { rules.look_ms / 10 } else { rules.look_ms };
        tokio::select! {
            () = tokio::time::sleep(StdDuration::from_millis(wait)) => {}
            () = shutdown.triggered() => {}
        }
    }
}

/// Looks at the parcels that are due; true when there may be more.
async fn look(shell: &Shell<Tracking>) -> Result<bool, Fault> {
    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    let due = alerts::due(cx.db(), now, LOOK_MAX).await?;
    if due.parcels.is_empty() {
        cx.rollback().await;
        return Ok(false);
    }
    let locked = parcels::lock(cx.db(), &due).await?;
    let found: Vec<&Parcel> = locked.iter().collect();
    review(&mut cx, &found).await?;
    cx.commit().await?;
    Ok(i64::try_from(found.len()).unwrap_or(0) == LOOK_MAX)
}
