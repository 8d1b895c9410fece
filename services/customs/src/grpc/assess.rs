//! Landed cost of many parcels at once, and quotes that are kept.

use std::collections::BTreeSet;

use colibri_customs_rules::assess::assess as rules;
use colibri_events::customs::v1::*;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{QuoteId, TenantId};
use time::Date;

use crate::{
    Customs,
    domain::{answer, question},
    error,
    store::{
        quotes::{self, Kept},
        skus, timestamp,
    },
    world::Book,
};

/// Parcels of one call: half a second of work at most.
const PARCELS_MAX: usize = 500;
/// Parcels that are answered on the thread of the call; more go to one of their own.
const AT_ONCE_MAX: usize = 16;

/// Assesses parcels; keeps them as quotes where asked for.
pub async fn assess(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: AssessRequest,
) -> Result<AssessResponse, Fault> {
    let AssessRequest { mut parcels, keep, trace } = request;
    if !(1..=PARCELS_MAX).contains(&parcels.len()) {
        return Err(error::limit("parcels", PARCELS_MAX));
    }
    fill(shell, tenant, &mut parcels).await?;
    let book = shell.state.books.get().await?;
    let now = shell.host.clock.now();
    let today = now.date();
    let many = parcels.len() > AT_ONCE_MAX;
    let work = move || {
        let one = |parcel: &AssessParcel| answered(parcel, &book, today, trace || keep);
        let found: Vec<_> = parcels.iter().map(one).collect();
        (parcels, found)
    };
    let (parcels, found) = match many {
        true => tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?,
        false => work(),
    };
    let mut results = Vec::with_capacity(found.len());
    let mut quotes = Vec::new();
    for (mut asked, found) in parcels.into_iter().zip(found) {
        let mut result = AssessResult::default();
        match found {
            Ok(mut answered) => {
                if keep {
                    // The day is part of the question: asked again it must not move.
                    asked.date.get_or_insert_with(|| question::date(today));
                    let quote_id = QuoteId::generate();
                    result.quote_id = quote_id.to_string();
                    quotes.push(Kept { quote_id, asked, answered: answered.clone() });
                    if !trace {
                        answered.trace.clear();
                    }
                }
                result.assessment = Some(answered);
            }
            Err(refused) => result.refused = refused,
        }
        results.push(result);
    }
    if !quotes.is_empty() {
        let mut cx = shell.begin(tenant).await?;
        let now = cx.now();
        quotes::keep(cx.db(), tenant, &quotes, now).await?;
        cx.commit().await?;
    }
    Ok(AssessResponse { results })
}

/// Looks up the articles that lines name, all of them in one statement.
async fn fill(
    shell: &Shell<Customs>,
    tenant: TenantId,
    parcels: &mut [AssessParcel],
) -> Result<(), Fault> {
    let lines = parcels.iter().flat_map(|parcel| &parcel.lines);
    let named = lines.filter(|line| !line.sku.is_empty());
    let open = named.filter(|line| {
        line.description.is_empty() || line.code.is_empty() || line.origin_country.is_empty()
    });
    let wanted: BTreeSet<_> = open.map(|line| (tenant, line.sku.clone())).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut cx = shell.begin(tenant).await?;
    let known = skus::find(cx.db(), &wanted).await?;
    cx.rollback().await;
    if let Some(skus) = known.get(&tenant) {
        for parcel in parcels {
            question::fill(parcel, skus);
        }
    }
    Ok(())
}

fn answered(
    parcel: &AssessParcel,
    book: &Book,
    today: Date,
    trace: bool,
) -> Result<Assessment, Vec<Finding>> {
    let read = question::read(parcel, book, today)?;
    match rules(&read, book.shipped.world()) {
        Ok(found) => Ok(answer::assessment(&found, trace)),
        Err(faults) => Err(answer::faults(&faults)),
    }
}

/// A kept quote, asked again.
pub async fn quote(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: GetQuoteRequest,
) -> Result<Quote, Fault> {
    let unknown = || error::unknown("quote");
    let quote_id: QuoteId = request.quote_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let found = quotes::find(cx.db(), tenant, quote_id).await?;
    cx.rollback().await;
    let (kept, at) = found.ok_or_else(unknown)?;
    let book = shell.state.books.get().await?;
    let again = answered(&kept.asked, &book, at.date(), true);
    let recomputed_equal = again.as_ref() == Ok(&kept.answered);
    let Kept { asked, answered, .. } = kept;
    Ok(Quote {
        quote_id: quote_id.to_string(),
        asked: Some(asked),
        answered: Some(answered),
        at: Some(timestamp(at)),
        recomputed_equal,
    })
}
