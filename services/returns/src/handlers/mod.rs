//! One file per event. Handlers record and decide; they never call out.

mod declaration_ready;
mod fulfilment_requested;
mod label_purchased;
mod label_voided;
mod parcel_delivered;
mod parcel_status_changed;

use std::collections::BTreeMap;

use colibri_kit::{fault::Fault, service::Cx};
use colibri_returns_rules::{
    case::{Action, Actor, Loss},
    goods::LabelNo,
};
use colibri_types::{CivilTime, Precision, ReturnId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

pub use declaration_ready::declaration_ready;
pub use fulfilment_requested::fulfilment_requested;
pub use label_purchased::label_purchased;
pub use label_voided::label_voided;
pub use parcel_delivered::parcel_delivered;
pub use parcel_status_changed::parcel_status_changed;

use crate::{
    Returns,
    domain::words,
    intents::void,
    open::{self, Open},
    store::{
        parcels::{self, Parcel},
        sales,
    },
};

/// Joins news of parcels and moves the returns that they belong to. News of one parcel are folded
/// first: a statement may not touch a row twice.
async fn absorb(cx: &mut Cx<Returns>, news: Vec<Parcel>) -> Result<(), Fault> {
    let mut by_parcel: BTreeMap<Uuid, Parcel> = BTreeMap::new();
    for one in news {
        match by_parcel.entry(one.parcel_id) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(one);
            }
            std::collections::btree_map::Entry::Occupied(mut known) => fold(known.get_mut(), one),
        }
    }
    let news: Vec<Parcel> = by_parcel.into_values().collect();
    if news.is_empty() {
        return Ok(());
    }
    let known = parcels::join(cx.db(), &news).await?;
    let mut of_returns: Vec<&Parcel> = known.iter().filter(|p| p.return_id.is_some()).collect();
    if of_returns.is_empty() {
        return Ok(());
    }
    of_returns.sort_by_key(|parcel| (parcel.return_id, parcel.label, parcel.parcel_id));
    let ids: Vec<Uuid> = of_returns.iter().filter_map(|parcel| parcel.return_id).collect();
    sales::lock_of_returns(cx.db(), &ids).await?;
    for parcel in of_returns {
        let Some(id) = parcel.return_id else { continue };
        let tenant = TenantId::from_uuid(parcel.tenant_id);
        let mut open = open::lock(cx, tenant, ReturnId::from_uuid(id)).await?;
        moved(&mut open, parcel)?;
        clock(cx, &mut open, parcel).await?;
        if let (Some(at), Some(number)) = (parcel.voided_at, parcel.label) {
            void::done(cx, &open, number, at).await?;
        }
        open.finish(cx).await?;
    }
    Ok(())
}

fn fold(known: &mut Parcel, news: Parcel) {
    let first = |a: &mut Option<_>, b: Option<_>| *a = [*a, b].into_iter().flatten().min();
    known.order_id = known.order_id.or(news.order_id);
    known.shipment_id = known.shipment_id.or(news.shipment_id);
    known.way_back = known.way_back.or(news.way_back);
    known.weight_g = known.weight_g.or(news.weight_g);
    first(&mut known.delivered_at, news.delivered_at);
    first(&mut known.scanned_at, news.scanned_at);
    first(&mut known.lost_at, news.lost_at);
    first(&mut known.voided_at, news.voided_at);
    first(&mut known.stated_at, news.stated_at);
    known.ahead_s = known.ahead_s.max(news.ahead_s);
}

/// The moment that a carrier states of a scan, and the seconds by which it lies after `told`. None
/// without an offset from UTC, or where only a day is stated.
fn stated(
    local: &str,
    offset: &str,
    told: OffsetDateTime,
) -> (Option<OffsetDateTime>, Option<i64>) {
    let known = format!("{local}{offset}").parse::<CivilTime>().ok();
    let fine = known.filter(|time| time.precision != Precision::Day);
    let at = fine.and_then(|time| time.utc());
    (at, at.map(|at| (at - told).whole_seconds()))
}

/// A scan of the way back that cannot have been then: a person may look at the carrier's clock.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn clock(cx: &mut Cx<Returns>, open: &mut Open, parcel: &Parcel) -> Result<(), Fault> {
    let (asked, now) = (open.row.requested_at, cx.now());
    let limits = open.rules.settings.limits;
    match limits.clock(asked, parcel.stated_at, parcel.ahead_s, now) {
        Some(signal) => open.signal(cx, signal).await,
        None => Ok(()),
    }
}

/// Moves the goods of a parcel on as far as tracking tells. Told again, or late, nothing moves.
///
/// # Errors
/// [`Fault::Bug`] for a defect of ours.
pub fn moved(open: &mut Open, parcel: &Parcel) -> Result<(), Fault> {
    let Some(label) = parcel.label.and_then(|label| LabelNo::try_from(label).ok()) else {
        return Ok(());
    };
    let steps = [
        (parcel.voided_at, "void", Action::VoidLabel { label }),
        (parcel.scanned_at, "scan", Action::Scan { label }),
        (parcel.lost_at, "lost", Action::Lose { label, loss: Loss::Statement }),
        (parcel.delivered_at, "arrive", Action::Arrive { label, at_site: true }),
    ];
    let id = parcel.parcel_id.to_string();
    for (at, step, action) in steps {
        let Some(at) = at else { continue };
        let key = words::key(&["parcel", &id, step]);
        match open.act(key, at, Actor::Carrier, action) {
            Ok(()) => {}
            Err(colibri_returns_rules::Refusal::Inconsistent) => {
                return Err(Fault::bug("a scan that the return does not hold"));
            }
            // It has come further already.
            Err(refusal) => {
                tracing::debug!(return_id = %open.id(), %refusal, step, "a scan changes nothing");
            }
        }
    }
    Ok(())
}
