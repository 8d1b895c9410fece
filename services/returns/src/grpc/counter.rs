//! A counter takes a parcel in by its code; and the point where the buyer means to go.

use std::collections::BTreeMap;

use colibri_events::returns::v1::{ChooseDropOffRequest, DropOffRequest, DropOffResponse, Return};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_returns_rules::{
    case::{Action, Actor},
    fraud::Signal,
    goods::{LabelNo, Place},
};
use colibri_types::ReturnId;
use time::Duration;

use super::{Who, checks, people, read, return_id};
use crate::{
    Returns,
    domain::words,
    error::{CODE, REFUSED, UNKNOWN, fault},
    open,
    store::labels,
};

/// How long the same counter may scan the same code again: a slow network answers late.
const AGAIN: Duration = Duration::minutes(10);
/// Longest code that is looked up.
const CODE_MAX: usize = 64;

/// Takes a parcel in. One answer for a code that is unknown, spent or expired.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0010`.
pub async fn drop_off(
    shell: &Shell<Returns>,
    who: &Who,
    request: DropOffRequest,
) -> Result<DropOffResponse, Fault> {
    checks::code("place_ref", &request.place_ref)?;
    checks::code("receipt", &request.receipt)?;
    if request.code.is_empty() || request.code.len() > CODE_MAX {
        return Err(fault(CODE));
    }
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let found = labels::of_code(cx.db(), tenant, &request.code).await?;
    let (id, number) = found.ok_or_else(|| fault(CODE))?;
    let mut open = open::lock(&mut cx, who.tenant, ReturnId::from_uuid(id)).await?;
    let now = cx.now();
    let all = labels::of(cx.db(), tenant, &[id]).await?;
    let label = all.into_iter().find(|label| label.number == number);
    let label = label.ok_or_else(|| fault(CODE))?;
    let return_id = ReturnId::from_uuid(id).to_string();
    if let Some(used) = label.used_at {
        let same = label.used_place.as_deref() == Some(request.place_ref.as_str());
        if same && now - used <= AGAIN {
            return Ok(DropOffResponse { return_id, repeated_scan: true });
        }
        let minutes = (now - used).whole_minutes();
        let evidence = BTreeMap::from([
            ("minutes_since_first".to_owned(), minutes),
            ("same_place".to_owned(), i64::from(same)),
        ]);
        let signal = Signal { code: "F05".to_owned(), at: now, evidence, explained: false };
        open.signal(&mut cx, signal).await?;
        "counter".clone_into(&mut open.actor);
        open.finish(&mut cx).await?;
        // The signal stays, the answer is no.
        cx.commit().await?;
        return Err(fault(CODE));
    }
    if label.code_until.is_none_or(|until| now > until) {
        return Err(fault(CODE));
    }
    let label_no = LabelNo::try_from(number).map_err(Fault::bug)?;
    labels::used(cx.db(), tenant, &label, &request.place_ref, &request.receipt, now).await?;
    let key = words::key(&["drop_off", &request.code]);
    open.must(key, now, Actor::Carrier, Action::DropOff { label: label_no }, "code")?;
    weigh(&mut cx, &mut open, &label, request.weight_g).await?;
    "counter".clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    Ok(DropOffResponse { return_id, repeated_scan: false })
}

/// F01: far lighter than what should be in it.
pub async fn weigh(
    cx: &mut colibri_kit::service::Cx<Returns>,
    open: &mut open::Open,
    label: &labels::Label,
    measured_g: u32,
) -> Result<(), Fault> {
    let of = |(line, units): (&u16, &u32)| {
        let unit = open.row.about.lines.get(line)?.weight_g?;
        Some(i64::from(unit) * i64::from(*units))
    };
    let expected: Option<Vec<i64>> = label.contents.0.iter().map(of).collect();
    let (Some(expected), true) = (expected, measured_g > 0) else { return Ok(()) };
    let expected = expected.into_iter().sum();
    let now = cx.now();
    let limits = open.rules.settings.limits;
    match limits.weight(expected, i64::from(measured_g), now) {
        Some(signal) => open.signal(cx, signal).await,
        None => Ok(()),
    }
}

/// Notes where the buyer means to drop it off. A label that is bought stays as it is.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0008`.
pub async fn choose(
    shell: &Shell<Returns>,
    who: &Who,
    request: ChooseDropOffRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    if let Some(point) = &request.point {
        checks::point("point", point)?;
    }
    let owner = people::owner(shell, who, request.identity.as_ref()).await?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    if owner.is_some_and(|order| order != open.row.order_id) {
        return Err(fault(UNKNOWN));
    }
    let there = open.case.lines().values().any(|line| line.custody().at(Place::AtBuyer) > 0);
    if !there {
        return Err(fault(REFUSED).field(
            "return_id",
            "NOTHING_TO_SEND",
            "nothing is at the buyer",
        ));
    }
    open.row.about.0.drop_off = request.point.map(Into::into);
    (if owner.is_some() { "buyer" } else { "person" }).clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}
