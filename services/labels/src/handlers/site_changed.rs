//! A site was made or changed.

use colibri_events::accounts::v1::SiteChanged;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{
    Labels,
    error::codes,
    store::reference::{self, Site},
};

/// Keeps where the site's address lies in the vault.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn site_changed(cx: &mut Cx<Labels>, events: &[SiteChanged]) -> Result<(), Fault> {
    let read = |event: &SiteChanged| {
        let site = Site::from_event(event);
        site.ok_or_else(|| Fault::reject(codes::EVENT, "site: malformed"))
    };
    let sites: Vec<Site> = events.iter().map(read).collect::<Result<_, _>>()?;
    reference::keep_sites(cx.db(), &sites).await
}
