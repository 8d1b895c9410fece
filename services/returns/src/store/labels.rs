//! Labels of the way back, and codes for counters.

use std::collections::BTreeMap;

use colibri_events::types::v1::Money;
use colibri_kit::fault::Fault;
use colibri_returns_rules::case::LineNo;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// Weight in grams and size in millimetres of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Box3 {
    /// Grams.
    pub weight_g: u32,
    /// Length, width, height; 0: unknown.
    pub size_mm: [u32; 3],
}

/// What a label cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// In the smallest unit of the currency.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Cost {
    /// On the wire.
    #[must_use]
    pub fn money(self) -> Money {
        Money { amount_minor: self.amount_minor, currency: self.currency }
    }
}

/// A label, wanted or bought.
#[derive(Debug, Clone, FromRow)]
pub struct Label {
    /// The return.
    pub return_id: Uuid,
    /// Number within it, from 1.
    pub number: i16,
    /// Units by line.
    pub contents: Json<BTreeMap<LineNo, u32>>,
    /// The box; None: as it went out.
    pub parcel: Option<Json<Box3>>,
    /// Of labels; None: not bought yet.
    pub shipment_id: Option<Uuid>,
    /// Carrier.
    pub carrier: String,
    /// Code of labels.
    pub refused: Option<String>,
    /// What a counter scans.
    pub code: Option<String>,
    /// Until when.
    pub code_until: Option<OffsetDateTime>,
    /// When it was scanned.
    pub used_at: Option<OffsetDateTime>,
    /// By which counter.
    pub used_place: Option<String>,
    /// When it became void at the carrier.
    pub voided_at: Option<OffsetDateTime>,
    /// Code of labels: it stays bought.
    pub void_refused: Option<String>,
    /// None: no price was told.
    pub cost: Option<Json<Cost>>,
}

const COLUMNS: &str = "return_id, number, contents, parcel, shipment_id, carrier, refused, code, \
     code_until, used_at, used_place, voided_at, void_refused, cost";

/// Wants labels.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn want(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    parcels: &[(i16, BTreeMap<LineNo, u32>, Option<Box3>)],
) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.label (return_id, number, tenant_id, contents, parcel)
         select $1, number, $2, contents, parcel
           from unnest($3::int2[], $4::jsonb[], $5::jsonb[]) as l(number, contents, parcel)",
    )
    .bind(id)
    .bind(tenant)
    .bind(parcels.iter().map(|(number, ..)| *number).collect::<Vec<_>>())
    .bind(parcels.iter().map(|(_, contents, _)| Json(contents)).collect::<Vec<_>>())
    .bind(parcels.iter().map(|(.., parcel)| parcel.map(Json)).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Labels of returns.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of(db: &mut PgConnection, tenant: Uuid, ids: &[Uuid]) -> Result<Vec<Label>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.label where tenant_id = $1 and return_id = any($2)
          order by return_id, number"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(ids).fetch_all(db).await?)
}

/// A label was bought.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bought(db: &mut PgConnection, tenant: Uuid, label: &Label) -> Result<(), Fault> {
    sqlx::query(
        "update returns.label set shipment_id = $4, carrier = $5, code = $6, code_until = $7,
                refused = null, cost = $8
          where tenant_id = $1 and return_id = $2 and number = $3",
    )
    .bind(tenant)
    .bind(label.return_id)
    .bind(label.number)
    .bind(label.shipment_id)
    .bind(&label.carrier)
    .bind(&label.code)
    .bind(label.code_until)
    .bind(&label.cost)
    .execute(db)
    .await?;
    Ok(())
}

/// A label was refused.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn refused(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    number: i16,
    code: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "update returns.label set refused = $4
          where tenant_id = $1 and return_id = $2 and number = $3 and shipment_id is null",
    )
    .bind(tenant)
    .bind(id)
    .bind(number)
    .bind(code)
    .execute(db)
    .await?;
    Ok(())
}

/// Return and label of a code.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of_code(
    db: &mut PgConnection,
    tenant: Uuid,
    code: &str,
) -> Result<Option<(Uuid, i16)>, Fault> {
    let sql = "select return_id, number from returns.label where tenant_id = $1 and code = $2";
    Ok(sqlx::query_as(sql).bind(tenant).bind(code).fetch_optional(db).await?)
}

/// Notes that a counter scanned it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn used(
    db: &mut PgConnection,
    tenant: Uuid,
    label: &Label,
    place: &str,
    receipt: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "update returns.label set used_at = $4, used_place = $5, receipt = $6
          where tenant_id = $1 and return_id = $2 and number = $3",
    )
    .bind(tenant)
    .bind(label.return_id)
    .bind(label.number)
    .bind(now)
    .bind(place)
    .bind(receipt)
    .execute(db)
    .await?;
    Ok(())
}

/// A label is void at the carrier; None: that was known.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn voided(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    number: i16,
    at: OffsetDateTime,
) -> Result<Option<Label>, Fault> {
    let sql = format!(
        "update returns.label set voided_at = $4, void_refused = null
          where tenant_id = $1 and return_id = $2 and number = $3 and voided_at is null
         returning {COLUMNS}"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).bind(number).bind(at);
    Ok(query.fetch_optional(db).await?)
}

/// The carrier keeps a label that nobody needs.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn kept(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    number: i16,
    code: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "update returns.label set void_refused = $4
          where tenant_id = $1 and return_id = $2 and number = $3 and voided_at is null",
    )
    .bind(tenant)
    .bind(id)
    .bind(number)
    .bind(code)
    .execute(db)
    .await?;
    Ok(())
}
