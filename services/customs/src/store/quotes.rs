//! Kept quotes. They are written and read, never changed.

use colibri_events::customs::v1::{AssessParcel, Assessment};
use colibri_kit::fault::Fault;
use colibri_types::{QuoteId, TenantId};
use prost::Message as _;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A question with its answer.
#[derive(Debug)]
pub struct Kept {
    /// Its id.
    pub quote_id: QuoteId,
    /// As it was asked, with what was looked up for it.
    pub asked: AssessParcel,
    /// As it was answered, with its trace.
    pub answered: Assessment,
}

/// Keeps quotes.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep(
    db: &mut PgConnection,
    tenant: TenantId,
    quotes: &[Kept],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into customs.quote (quote_id, tenant_id, asked, answered, at)
         select id, $1, asked, answered, $2
           from unnest($3::uuid[], $4::bytea[], $5::bytea[]) as q(id, asked, answered)",
    )
    .bind(tenant.to_uuid())
    .bind(now)
    .bind(quotes.iter().map(|quote| quote.quote_id.to_uuid()).collect::<Vec<_>>())
    .bind(quotes.iter().map(|quote| quote.asked.encode_to_vec()).collect::<Vec<_>>())
    .bind(quotes.iter().map(|quote| quote.answered.encode_to_vec()).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// A kept quote and when it was made.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    tenant: TenantId,
    quote_id: QuoteId,
) -> Result<Option<(Kept, OffsetDateTime)>, Fault> {
    let row: Option<(Vec<u8>, Vec<u8>, OffsetDateTime)> = sqlx::query_as(
        "select asked, answered, at from customs.quote where quote_id = $1 and tenant_id = $2",
    )
    .bind(quote_id.to_uuid())
    .bind(tenant.to_uuid())
    .fetch_optional(db)
    .await?;
    let Some((asked, answered, at)) = row else { return Ok(None) };
    let asked = AssessParcel::decode(asked.as_slice()).map_err(Fault::bug)?;
    let answered = Assessment::decode(answered.as_slice()).map_err(Fault::bug)?;
    Ok(Some((Kept { quote_id, asked, answered }, at)))
}
