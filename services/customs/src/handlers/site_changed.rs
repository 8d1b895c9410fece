//! A site was made or changed.

use colibri_events::accounts::v1::SiteChanged;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{Customs, error, store::tenants};

/// Keeps where the site's address lies in the vault: it is the sender of the papers.
///
/// # Errors
/// [`Fault::Reject`] `CUS0005` when ids are malformed.
pub async fn site_changed(cx: &mut Cx<Customs>, events: &[SiteChanged]) -> Result<(), Fault> {
    let kept = tenants::keep_sites(cx.db(), events).await?;
    kept.ok_or_else(|| Fault::reject(error::EVENT, "site: malformed"))
}
