//! Lists, what parties are like, and what persons decided about it.

use std::collections::HashMap;

use colibri_kit::fault::Fault;
use colibri_types::{ShipmentId, TenantId};
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;

/// A list as it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its name here.
    pub name: String,
    /// Grows with each import.
    pub version: i64,
    /// Its form.
    pub format: String,
    /// As the file says it.
    pub published: String,
    /// Entries that are compared.
    pub entries: i32,
    /// Entries that cannot be used.
    pub refused: i32,
    /// When it came.
    pub loaded_at: OffsetDateTime,
}

/// The lists that count, by name.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lists(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<ListRow>, Fault> {
    let rows = sqlx::query(
        "select name, version, format, published, entries, refused, loaded_at
           from customs.screening_list where tenant_id = $1 and data is not null order by name",
    )
    .bind(tenant.to_uuid())
    .fetch_all(db)
    .await?;
    let one = |row: &sqlx::postgres::PgRow| {
        Ok(ListRow {
            name: row.try_get("name")?,
            version: row.try_get("version")?,
            format: row.try_get("format")?,
            published: row.try_get("published")?,
            entries: row.try_get("entries")?,
            refused: row.try_get("refused")?,
            loaded_at: row.try_get("loaded_at")?,
        })
    };
    rows.iter().map(one).collect()
}

/// Files of the lists that count: name, form and bytes.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn files(
    db: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<(String, i64, String, Vec<u8>)>, Fault> {
    let query = sqlx::query_as(
        "select name, version, format, data from customs.screening_list
          where tenant_id = $1 and data is not null order by name",
    );
    Ok(query.bind(tenant.to_uuid()).fetch_all(db).await?)
}

/// Puts a list in the place of its earlier version, which keeps its date. The caller has the book of
/// the tenant. The same file again only renews its date.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_list(
    db: &mut PgConnection,
    tenant: TenantId,
    list: &mut ListRow,
    (fingerprint, data): (&[u8], &[u8]),
) -> Result<(), Fault> {
    let same: Option<i64> = sqlx::query_scalar(
        "update customs.screening_list set loaded_at = $4
          where tenant_id = $1 and name = $2 and data is not null and fingerprint = $3
            and format = $5 returning version",
    )
    .bind(tenant.to_uuid())
    .bind(&list.name)
    .bind(fingerprint)
    .bind(list.loaded_at)
    .bind(&list.format)
    .fetch_optional(&mut *db)
    .await?;
    if let Some(version) = same {
        list.version = version;
        return Ok(());
    }
    sqlx::query(
        "update customs.screening_list set data = null
          where tenant_id = $1 and name = $2 and data is not null",
    )
    .bind(tenant.to_uuid())
    .bind(&list.name)
    .execute(&mut *db)
    .await?;
    list.version = sqlx::query_scalar(
        "insert into customs.screening_list (tenant_id, name, version, format, published, entries,
                                             refused, fingerprint, data, loaded_at)
         select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9
           from customs.screening_list where tenant_id = $1 and name = $2
         returning version",
    )
    .bind(tenant.to_uuid())
    .bind(&list.name)
    .bind(&list.format)
    .bind(&list.published)
    .bind(list.entries)
    .bind(list.refused)
    .bind(fingerprint)
    .bind(data)
    .bind(list.loaded_at)
    .fetch_one(db)
    .await?;
    Ok(())
}

/// Keeps a part of a list; the whole file once all parts are there, which are then gone.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn add_part(
    db: &mut PgConnection,
    tenant: TenantId,
    upload: &str,
    (part, parts): (i32, i32),
    data: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Vec<u8>>, Fault> {
    sqlx::query(
        "insert into customs.screening_part (tenant_id, upload_id, part, data, at)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, upload_id, part) do update set data = excluded.data",
    )
    .bind(tenant.to_uuid())
    .bind(upload)
    .bind(part)
    .bind(data)
    .bind(now)
    .execute(&mut *db)
    .await?;
    let there: Vec<Vec<u8>> = sqlx::query_scalar(
        "select data from customs.screening_part
          where tenant_id = $1 and upload_id = $2 and part <= $3 order by part",
    )
    .bind(tenant.to_uuid())
    .bind(upload)
    .bind(parts)
    .fetch_all(&mut *db)
    .await?;
    if there.len() != usize::try_from(parts).unwrap_or_default() {
        return Ok(None);
    }
    sqlx::query("delete from customs.screening_part where tenant_id = $1 and upload_id = $2")
        .bind(tenant.to_uuid())
        .bind(upload)
        .execute(db)
        .await?;
    Ok(Some(there.concat()))
}

/// A party that is like an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// `site` or `ship_to`.
    pub party: &'static str,
    /// The party's record in the vault.
    pub record: String,
    /// Name of the list; empty: the name cannot be compared.
    pub list: String,
    /// Id of the entry there.
    pub entry: String,
    /// Thousandths.
    pub score: u16,
    /// Of the entry.
    pub fingerprint: Vec<u8>,
}

/// Keeps what the parties of a shipment are like, in place of what was kept before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep(
    db: &mut PgConnection,
    tenant: TenantId,
    shipment: ShipmentId,
    all: &[Likeness],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query("delete from customs.screening_hit where shipment_id = $1 and tenant_id = $2")
        .bind(shipment.to_uuid())
        .bind(tenant.to_uuid())
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into customs.screening_hit (tenant_id, shipment_id, party, record_ref, list,
                                            entry_id, score, fingerprint, at)
         select $1, $2, party, record_ref, list, entry_id, score, fingerprint, $3
           from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::int4[], $9::bytea[])
             as h(party, record_ref, list, entry_id, score, fingerprint)
         on conflict do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(shipment.to_uuid())
    .bind(now)
    .bind(all.iter().map(|one| one.party).collect::<Vec<_>>())
    .bind(all.iter().map(|one| one.record.as_str()).collect::<Vec<_>>())
    .bind(all.iter().map(|one| one.list.as_str()).collect::<Vec<_>>())
    .bind(all.iter().map(|one| one.entry.as_str()).collect::<Vec<_>>())
    .bind(all.iter().map(|one| i32::from(one.score)).collect::<Vec<_>>())
    .bind(all.iter().map(|one| one.fingerprint.as_slice()).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// What a person said about a party and an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// `colibri.customs.v1.ScreeningOutcome`.
    pub outcome: i32,
    /// `colibri.customs.v1.ScreeningReason`.
    pub reason: i32,
    /// At the operator's.
    pub case_number: String,
    /// Subject of a token.
    pub decided_by: String,
    /// When.
    pub decided_at: OffsetDateTime,
}

/// Decisions that count: by record, list, entry and the entry's content.
pub type Decided = HashMap<(String, String, String, Vec<u8>), Decision>;

/// The last decision of each pair of these parties.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn decided(
    db: &mut PgConnection,
    tenant: TenantId,
    records: &[String],
) -> Result<Decided, Fault> {
    let rows = sqlx::query(
        "select record_ref, list, entry_id, fingerprint, outcome, reason, case_number, decided_by,
                decided_at
           from customs.screening_decision
          where tenant_id = $1 and record_ref = any($2) order by ord",
    )
    .bind(tenant.to_uuid())
    .bind(records)
    .fetch_all(db)
    .await?;
    let one = |row: &sqlx::postgres::PgRow| {
        let pair = (
            row.try_get("record_ref")?,
            row.try_get("list")?,
            row.try_get("entry_id")?,
            row.try_get("fingerprint")?,
        );
        let decision = Decision {
            outcome: row.try_get("outcome")?,
            reason: row.try_get("reason")?,
            case_number: row.try_get("case_number")?,
            decided_by: row.try_get("decided_by")?,
            decided_at: row.try_get("decided_at")?,
        };
        // Later ones replace earlier ones.
        Ok((pair, decision))
    };
    rows.iter().map(one).collect()
}

/// Records a decision about kept hits of a shipment's party; answers how many pairs it was about.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn decide(
    db: &mut PgConnection,
    tenant: TenantId,
    shipment: ShipmentId,
    party: &str,
    entries: &[(String, String)],
    decision: &Decision,
) -> Result<u64, Fault> {
    let done = sqlx::query(
        "insert into customs.screening_decision (tenant_id, record_ref, list, entry_id, fingerprint,
                    outcome, reason, case_number, decided_by, decided_at)
         select h.tenant_id, h.record_ref, h.list, h.entry_id, h.fingerprint, $6, $7, $8, $9, $10
           from customs.screening_hit h
           join unnest($4::text[], $5::text[]) as e(list, entry_id) using (list, entry_id)
          where h.tenant_id = $1 and h.shipment_id = $2 and h.party = $3",
    )
    .bind(tenant.to_uuid())
    .bind(shipment.to_uuid())
    .bind(party)
    .bind(entries.iter().map(|(list, _)| list.as_str()).collect::<Vec<_>>())
    .bind(entries.iter().map(|(_, entry)| entry.as_str()).collect::<Vec<_>>())
    .bind(decision.outcome)
    .bind(decision.reason)
    .bind(&decision.case_number)
    .bind(&decision.decided_by)
    .bind(decision.decided_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
