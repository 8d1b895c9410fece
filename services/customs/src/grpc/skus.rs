//! Articles and the tenant's profile.

use std::collections::BTreeSet;

use colibri_events::customs::v1::*;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::TenantId;

use super::page_size;
use crate::{
    Customs,
    domain::{profile as numbers, sku},
    error, settle,
    store::{skus, tenants},
    world::Book,
};

/// Articles of one call: what a transaction holds without making declarations wait.
pub const SKUS_MAX: usize = 500;

/// Checks articles, each by itself; answers those that may be kept.
pub fn check_all(inputs: &[SkuInput], book: &Book) -> (Vec<SkuInput>, Vec<PutSkuResult>) {
    let mut good = Vec::with_capacity(inputs.len());
    let mut results = Vec::with_capacity(inputs.len());
    for input in inputs {
        let mut result = PutSkuResult { sku: input.sku.clone(), ..PutSkuResult::default() };
        match sku::check(input, book) {
            Ok(checked) => {
                result.kept = true;
                result.warnings = checked.warnings;
                good.push(checked.sku);
            }
            Err(refused) => result.refused = refused,
        }
        results.push(result);
    }
    (good, results)
}

/// Keeps articles, and marks the declarations that may be released by it.
pub async fn put(
    shell: &Shell<Customs>,
    tenant: TenantId,
    actor: &str,
    request: PutSkusRequest,
) -> Result<PutSkusResponse, Fault> {
    if !(1..=SKUS_MAX).contains(&request.skus.len()) {
        return Err(error::limit("skus", SKUS_MAX));
    }
    let book = shell.state.books.get().await?;
    let work = move || check_all(&request.skus, &book);
    let (good, results) = tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?;
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let now = cx.now();
    let changed = skus::put(cx.db(), tenant, &good, actor, now).await?;
    let waiting = settle::release(&mut cx, tenant, Some(&changed)).await?;
    cx.commit().await?;
    Ok(PutSkusResponse { results, waiting })
}

/// One article.
pub async fn get(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: GetSkuRequest,
) -> Result<Sku, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let wanted = BTreeSet::from([(tenant, request.sku.clone())]);
    let mut known = skus::find(cx.db(), &wanted).await?;
    cx.rollback().await;
    let found = known.remove(&tenant).and_then(|mut all| all.remove(&request.sku));
    found.ok_or_else(|| error::unknown("article"))
}

/// A page of articles.
pub async fn list(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: ListSkusRequest,
) -> Result<ListSkusResponse, Fault> {
    let limit = page_size(request.limit);
    let mut cx = shell.begin(tenant).await?;
    let page = &request.page;
    let skus = skus::list(cx.db(), tenant, page, request.unconfirmed, limit).await?;
    cx.rollback().await;
    let full = i64::try_from(skus.len()).is_ok_and(|count| count == limit);
    let last = skus.last().filter(|_| full).and_then(|sku| sku.input.as_ref());
    let next_page = last.map(|input| input.sku.clone()).unwrap_or_default();
    Ok(ListSkusResponse { skus, next_page })
}

/// Replaces the profile, and marks every declaration that waits.
pub async fn put_profile(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: PutProfileRequest,
) -> Result<Profile, Fault> {
    let profile = request.profile.ok_or_else(|| error::request("profile", "is missing"))?;
    let checked = numbers::check(profile).map_err(|wrong| {
        let fault = Fault::reject(error::FIELD, "the profile cannot be kept");
        wrong.into_iter().fold(fault, |fault, one| fault.field(one.field, one.code, one.detail))
    })?;
    let warnings = checked.warnings.clone();
    let kept = Profile { warnings: Vec::new(), ..checked };
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let now = cx.now();
    let version = tenants::put_profile(cx.db(), tenant, &kept, now).await?;
    settle::release(&mut cx, tenant, None).await?;
    cx.commit().await?;
    Ok(Profile { version, warnings, ..kept })
}

/// The profile.
pub async fn get_profile(
    shell: &Shell<Customs>,
    tenant: TenantId,
    _: GetProfileRequest,
) -> Result<Profile, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let mut known = tenants::profiles(cx.db(), &BTreeSet::from([tenant])).await?;
    cx.rollback().await;
    Ok(known.remove(&tenant).unwrap_or_default())
}
