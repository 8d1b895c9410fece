//! Parcels and their labels.

use colibri_kit::fault::Fault;
use colibri_types::{DocumentId, Money, ParcelId, ShipmentId, TenantId};
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::encode;
use crate::domain::{Facts, State};

/// A parcel that was bought, with the label that was sealed for it.
#[derive(Debug, Clone)]
pub struct BoughtParcel {
    /// Its id.
    pub parcel_id: ParcelId,
    /// As declared.
    pub weight_g: u32,
    /// Its label and media type; `None` when the carrier gave none.
    pub document: Option<(DocumentId, &'static str)>,
}

/// A purchase that happened.
#[derive(Debug)]
pub struct Bought<'a> {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// The facts it was bought by.
    pub facts: &'a Facts,
    /// Its version.
    pub version: u64,
    /// Reference that the carrier knows.
    pub attempt_ref: &'a str,
    /// What the carrier said it charges.
    pub charge: Option<Money>,
    /// In order.
    pub parcels: &'a [BoughtParcel],
}

/// Notes a purchase with its parcels and labels, in one statement. Answers whether the order was
/// cancelled meanwhile, and when the label was first asked for; `None` when there is no such
/// shipment.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bought(
    db: &mut PgConnection,
    bought: &Bought<'_>,
    now: OffsetDateTime,
) -> Result<Option<(bool, Option<OffsetDateTime>)>, Fault> {
    let parcels = || bought.parcels.iter();
    let labels =
        || parcels().filter_map(|p| p.document.map(|document| (p.parcel_id.to_uuid(), document)));
    let indexes: Vec<i16> = (1..).take(bought.parcels.len()).collect();
    let weights = parcels().map(|p| i32::try_from(p.weight_g).unwrap_or(i32::MAX));
    Ok(sqlx::query_as(
        "with s as (
           update labels.shipment
              set state = 'bought', code = null, carrier_code = null, field = null,
                  reason = null, request = $3, offer = $4, version = $5, attempt_ref = $6,
                  charge_minor = $7, currency = $8, doubt_at = null, updated_at = $9
            where shipment_id = $1 and tenant_id = $2 returning cancelled, buying_at),
         p as (
           insert into labels.parcel (parcel_id, tenant_id, shipment_id, index, weight_g)
           select parcel_id, $2, $1, index, weight_g
             from unnest($10::uuid[], $11::int2[], $12::int4[]) as p(parcel_id, index, weight_g)
            where exists (select from s)
           on conflict (parcel_id) do nothing),
         d as (
           insert into labels.document
                  (document_id, tenant_id, shipment_id, parcel_id, media_type, at)
           select document_id, $2, $1, parcel_id, media_type, $9
             from unnest($13::uuid[], $14::uuid[], $15::text[])
                  as d(document_id, parcel_id, media_type)
            where exists (select from s)
           on conflict (document_id) do nothing)
         select cancelled, buying_at from s",
    )
    .bind(bought.shipment_id.to_uuid())
    .bind(bought.tenant_id.to_uuid())
    .bind(encode(bought.facts.request.as_ref()))
    .bind(encode(bought.facts.offer.as_ref()))
    .bind(super::version(bought.version)?)
    .bind(bought.attempt_ref)
    .bind(bought.charge.map(|charge| charge.amount_minor))
    .bind(bought.charge.map(|charge| charge.currency.to_string()))
    .bind(now)
    .bind(parcels().map(|p| p.parcel_id.to_uuid()).collect::<Vec<_>>())
    .bind(indexes)
    .bind(weights.collect::<Vec<_>>())
    .bind(labels().map(|(_, (id, _))| id.to_uuid()).collect::<Vec<_>>())
    .bind(labels().map(|(parcel, _)| parcel).collect::<Vec<_>>())
    .bind(labels().map(|(_, (_, media_type))| media_type).collect::<Vec<_>>())
    .fetch_optional(db)
    .await?)
}

/// Notes a label that was sealed after the purchase.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn add(
    db: &mut PgConnection,
    (tenant_id, shipment_id, parcel_id): (TenantId, ShipmentId, ParcelId),
    (document_id, media_type): (DocumentId, &str),
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into labels.document
                (document_id, tenant_id, shipment_id, parcel_id, media_type, at)
         values ($1, $2, $3, $4, $5, $6) on conflict (document_id) do nothing",
    )
    .bind(document_id.to_uuid())
    .bind(tenant_id.to_uuid())
    .bind(shipment_id.to_uuid())
    .bind(parcel_id.to_uuid())
    .bind(media_type)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// A parcel as its labels are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its shipment.
    pub shipment_id: ShipmentId,
    /// Where that stands.
    pub state: Option<State>,
    /// Oldest first.
    pub labels: Vec<StoredLabel>,
}

/// A sealed label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLabel {
    /// Its id in the vault.
    pub document_id: DocumentId,
    /// What it is.
    pub media_type: String,
}

/// A parcel with its labels; `None` for one that this tenant does not have.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of_parcel(
    db: &mut PgConnection,
    parcel_id: ParcelId,
) -> Result<Option<Served>, Fault> {
    let rows = sqlx::query(
        "select s.shipment_id, s.state, d.document_id, d.media_type
           from labels.parcel p
           join labels.shipment s using (shipment_id, tenant_id)
           left join labels.document d using (parcel_id, tenant_id)
          where p.parcel_id = $1 order by d.at, d.document_id",
    )
    .bind(parcel_id.to_uuid())
    .fetch_all(db)
    .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let mut labels = Vec::new();
    for row in &rows {
        if let Some(id) = row.try_get::<Option<Uuid>, _>("document_id")? {
            let document_id = DocumentId::from_uuid(id);
            labels.push(StoredLabel { document_id, media_type: row.try_get("media_type")? });
        }
    }
    let shipment_id = ShipmentId::from_uuid(first.try_get("shipment_id")?);
    let state = State::parse(first.try_get("state")?);
    Ok(Some(Served { shipment_id, state, labels }))
}
