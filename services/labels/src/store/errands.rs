//! Collections and manifests.

use colibri_events::labels::v1::ErrandState;
use colibri_kit::fault::Fault;
use colibri_types::{AccountId, ParcelId, ShipmentId, SiteId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// What is asked of a carrier beside labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A collection.
    Pickup,
    /// A closed day.
    Manifest,
}

impl Kind {
    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Manifest => "manifest",
        }
    }
}

const STATES: &[(ErrandState, &str)] = &[
    (ErrandState::Asking, "asking"),
    (ErrandState::Done, "done"),
    (ErrandState::Refused, "refused"),
    (ErrandState::InDoubt, "in_doubt"),
    (ErrandState::Cancelling, "cancelling"),
    (ErrandState::Cancelled, "cancelled"),
];

/// The word of a state; `None` for `UNSPECIFIED`.
#[must_use]
pub fn word(state: ErrandState) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| *known == state).map(|(_, word)| *word)
}

/// A collection or a manifest.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Its id, without the prefix of its kind.
    pub errand_id: Uuid,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which of the two.
    pub kind: Kind,
    /// Where it stands.
    pub state: ErrandState,
    /// Where parcels leave.
    pub site_id: SiteId,
    /// Who is asked.
    pub account_id: AccountId,
    /// Its carrier.
    pub carrier: String,
    /// Day that was asked for.
    pub day: Date,
    /// The request, encoded.
    pub asked: Vec<u8>,
    /// What is shown, encoded; the state is the row's.
    pub shown: Vec<u8>,
    /// More that a cancellation must repeat.
    pub location: String,
}

const COLUMNS: &str = "ord, errand_id, tenant_id, kind, state, site_id, account_id, carrier, day, \
     asked, shown, location";

fn read(row: &PgRow) -> Result<Errand, Fault> {
    let state: &str = row.try_get("state")?;
    let state = STATES.iter().find(|(_, word)| *word == state).map(|(state, _)| *state);
    let kind: &str = row.try_get("kind")?;
    Ok(Errand {
        errand_id: row.try_get("errand_id")?,
        tenant_id: TenantId::from_uuid(row.try_get("tenant_id")?),
        kind: if kind == Kind::Pickup.as_str() { Kind::Pickup } else { Kind::Manifest },
        state: state.ok_or_else(|| Fault::bug("an errand in no state"))?,
        site_id: SiteId::from_uuid(row.try_get("site_id")?),
        account_id: AccountId::from_uuid(row.try_get("account_id")?),
        carrier: row.try_get("carrier")?,
        day: row.try_get("day")?,
        asked: row.try_get("asked")?,
        shown: row.try_get("shown")?,
        location: row.try_get("location")?,
    })
}

/// Keeps a new errand.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    errand: &Errand,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let state = word(errand.state).ok_or_else(|| Fault::bug("an errand in no state"))?;
    sqlx::query(
        "insert into labels.errand (errand_id, tenant_id, kind, state, site_id, account_id,
                                    carrier, day, asked, shown, location, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(errand.errand_id)
    .bind(errand.tenant_id.to_uuid())
    .bind(errand.kind.as_str())
    .bind(state)
    .bind(errand.site_id.to_uuid())
    .bind(errand.account_id.to_uuid())
    .bind(&errand.carrier)
    .bind(errand.day)
    .bind(&errand.asked)
    .bind(&errand.shown)
    .bind(&errand.location)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// An errand of a tenant, locked until the end of the transaction.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(
    db: &mut PgConnection,
    errand_id: Uuid,
    tenant_id: TenantId,
) -> Result<Option<Errand>, Fault> {
    let sql = format!(
        "select {COLUMNS} from labels.errand where errand_id = $1 and tenant_id = $2 for update"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(errand_id).bind(tenant_id.to_uuid());
    query.fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// An errand of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    errand_id: Uuid,
    tenant_id: TenantId,
) -> Result<Option<Errand>, Fault> {
    let sql =
        format!("select {COLUMNS} from labels.errand where errand_id = $1 and tenant_id = $2");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(errand_id).bind(tenant_id.to_uuid());
    query.fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// Writes a locked errand back.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(
    db: &mut PgConnection,
    errand: &Errand,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let state = word(errand.state).ok_or_else(|| Fault::bug("an errand in no state"))?;
    sqlx::query(
        "update labels.errand set state = $3, shown = $4, location = $5, updated_at = $6
          where errand_id = $1 and tenant_id = $2",
    )
    .bind(errand.errand_id)
    .bind(errand.tenant_id.to_uuid())
    .bind(state)
    .bind(&errand.shown)
    .bind(&errand.location)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// A page of one kind, newest first, each with its place.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn page(
    db: &mut PgConnection,
    tenant_id: TenantId,
    kind: Kind,
    state: ErrandState,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, Errand)>, Fault> {
    let sql = format!(
        "select {COLUMNS} from labels.errand
          where tenant_id = $1 and kind = $5 and ($2::text is null or state = $2)
            and ($3::int8 is null or ord < $3) order by ord desc limit $4"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant_id.to_uuid())
        .bind(word(state))
        .bind(before)
        .bind(limit)
        .bind(kind.as_str())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("ord")?, read(row)?))).collect()
}

/// A day of a site at an account.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Where parcels leave.
    pub site_id: SiteId,
    /// By whom.
    pub account_id: AccountId,
    /// On the labels.
    pub day: Date,
}

/// The newest manifest of a day that was not refused.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn newest_manifest(db: &mut PgConnection, day: Day) -> Result<Option<Uuid>, Fault> {
    let found = sqlx::query_scalar(
        "select errand_id from labels.errand
          where tenant_id = $1 and site_id = $2 and account_id = $3 and day = $4
            and kind = 'manifest' and state <> 'refused' order by ord desc limit 1",
    )
    .bind(day.tenant_id.to_uuid())
    .bind(day.site_id.to_uuid())
    .bind(day.account_id.to_uuid())
    .bind(day.day)
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// Parcels of the day that are on no manifest. Labels bear the day two hours ahead of UTC, as
/// [`crate::domain::build::ship_date`] says.
macro_rules! open_parcels {
    ($what:literal) => {
        concat!(
            "select ",
            $what,
            " from labels.shipment s join labels.parcel p using (shipment_id, tenant_id)
              where s.tenant_id = $1 and s.site_id = $2 and s.account_id = $3
                and s.state = 'bought'
                and s.buying_at >= ($4::timestamp at time zone 'UTC') - interval '2 hours'
                and s.buying_at < ($4::timestamp at time zone 'UTC') + interval '22 hours'
                and not exists (select from labels.errand_parcel e where e.parcel_id = p.parcel_id)
                and not exists (select from labels.way_back w where w.shipment_id = s.shipment_id)"
        )
    };
}

/// Puts up to `limit` open parcels of the day on a manifest; answers them.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn take_parcels(
    db: &mut PgConnection,
    day: Day,
    manifest: Uuid,
    limit: i64,
) -> Result<Vec<ParcelId>, Fault> {
    let sql = concat!(
        "insert into labels.errand_parcel (parcel_id, tenant_id, errand_id)
         select parcel_id, $1, $5 from (",
        open_parcels!("p.parcel_id"),
        " order by s.ord, p.index limit $6) as open on conflict do nothing returning parcel_id"
    );
    let taken: Vec<Uuid> = sqlx::query_scalar(sql)
        .bind(day.tenant_id.to_uuid())
        .bind(day.site_id.to_uuid())
        .bind(day.account_id.to_uuid())
        .bind(day.day)
        .bind(manifest)
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(taken.into_iter().map(ParcelId::from_uuid).collect())
}

/// How many parcels of the day are still on no manifest.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn count_open(db: &mut PgConnection, day: Day) -> Result<i64, Fault> {
    let count = sqlx::query_scalar(open_parcels!("count(*)"))
        .bind(day.tenant_id.to_uuid())
        .bind(day.site_id.to_uuid())
        .bind(day.account_id.to_uuid())
        .bind(day.day)
        .fetch_one(db)
        .await?;
    Ok(count)
}

/// Takes the parcels of a manifest off again: the carrier did not make it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn free_parcels(db: &mut PgConnection, manifest: Uuid) -> Result<(), Fault> {
    sqlx::query("delete from labels.errand_parcel where errand_id = $1")
        .bind(manifest)
        .execute(db)
        .await?;
    Ok(())
}

/// Parcels of bought shipments of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn parcels_of(
    db: &mut PgConnection,
    tenant_id: TenantId,
    shipments: &[ShipmentId],
) -> Result<Vec<ParcelId>, Fault> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "select p.parcel_id from labels.parcel p
           join labels.shipment s using (shipment_id, tenant_id)
          where s.tenant_id = $1 and s.shipment_id = any($2) and s.state = 'bought'
          order by s.ord, p.index",
    )
    .bind(tenant_id.to_uuid())
    .bind(shipments.iter().map(|id| id.to_uuid()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(ParcelId::from_uuid).collect())
}

/// Notes that a shipment is the way back of another.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note_way_back(
    db: &mut PgConnection,
    tenant_id: TenantId,
    shipment_id: ShipmentId,
    outbound_id: ShipmentId,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into labels.way_back (shipment_id, tenant_id, outbound_id) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(shipment_id.to_uuid())
    .bind(tenant_id.to_uuid())
    .bind(outbound_id.to_uuid())
    .execute(db)
    .await?;
    Ok(())
}
