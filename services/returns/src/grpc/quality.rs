//! How inspectors and sites grade, beside their peers: statistics of our own work.

use colibri_events::returns::v1::{GetGradeQualityRequest, GradeQuality, GradedBy};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::SiteId;
use time::Duration;

use super::Who;
use crate::{
    Returns,
    error::field,
    open,
    store::quality::{self, Group},
};

/// Days back when nobody says, and at most: two years of seasons.
const DAYS: (u32, u32) = (90, 730);
/// Groups of one answer: more inspectors and categories than a person reads.
const GROUPS_MAX: i64 = 1_000;

/// Counts.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`.
pub async fn grades(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetGradeQualityRequest,
) -> Result<GradeQuality, Fault> {
    let days = if request.days == 0 { DAYS.0 } else { request.days };
    if days > DAYS.1 {
        return Err(field("days", "RANGE", "at most 730"));
    }
    let mut cx = shell.begin(who.tenant).await?;
    let since = cx.now() - Duration::days(i64::from(days));
    let (tenant, state) = (who.tenant.to_uuid(), cx.state());
    let limits = open::rules(cx.db(), &state, tenant).await?.settings.limits;
    let groups = quality::groups(cx.db(), tenant, since, GROUPS_MAX).await?;
    cx.rollback().await;
    let show = |group: Group| {
        let peers = (group.all_units - group.units, group.all_low - group.low);
        let (by, told) = match (group.inspector, group.site_id) {
            (Some(number), _) => ("inspector", format!("{number:016x}")),
            (None, Some(site)) => ("site", SiteId::from_uuid(site).to_string()),
            (None, None) => ("", String::new()),
        };
        GradedBy {
            by: by.to_owned(),
            who: told,
            category: group.category,
            units: group.units,
            low_units: group.low,
            overruled_units: group.overruled,
            peer_units: peers.0,
            peer_low_units: peers.1,
            drifts: limits.drifts((group.units, group.low), peers),
        }
    };
    let mut groups: Vec<GradedBy> = groups.into_iter().map(show).collect();
    groups.sort_by_key(|group| !group.drifts);
    let (graded_min, drift_per_mille) = (limits.graded_min, limits.drift_per_mille);
    Ok(GradeQuality { groups, graded_min, drift_per_mille })
}
