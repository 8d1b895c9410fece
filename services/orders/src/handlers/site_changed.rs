use std::collections::HashMap;

use colibri_events::accounts::v1::SiteChanged;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{SiteId, TenantId};

use crate::{Orders, domain::facts::Site, store};

/// Notes where orders may leave from. Idempotent; orders that wait for a site stay held until
/// somebody releases them.
///
/// # Errors
/// [`Fault::Reject`] when an id is none, [`Fault::Retry`] when the database is away.
pub async fn site_changed(cx: &mut Cx<Orders>, events: &[SiteChanged]) -> Result<(), Fault> {
    // The last word about each site, at the place of the first: that keeps the order of making.
    let mut places: HashMap<SiteId, usize> = HashMap::new();
    let mut sites: Vec<(TenantId, Site)> = Vec::new();
    for event in events {
        let site_id: SiteId = super::id(&event.site_id, "site_id")?;
        let entry = (
            super::id(&event.tenant_id, "tenant_id")?,
            Site {
                site_id,
                code: event.code.clone(),
                country: event.country.clone(),
                zone: event.postcode_zone.clone(),
            },
        );
        match places.get(&site_id).and_then(|place| sites.get_mut(*place)) {
            Some(known) => *known = entry,
            None => {
                places.insert(site_id, sites.len());
                sites.push(entry);
            }
        }
    }
    let now = cx.now();
    store::site::save(cx.db(), &sites, Some(now)).await
}
