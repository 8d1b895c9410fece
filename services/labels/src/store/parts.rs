//! Parcels that are void while their shipment is not.

use std::collections::HashSet;

use colibri_kit::fault::Fault;
use colibri_types::{ParcelId, ShipmentId};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// Void parcels of these shipments.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn voided(pool: &PgPool, shipments: &[ShipmentId]) -> Result<HashSet<ParcelId>, Fault> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select parcel_id from labels.parcel
          where shipment_id = any($1) and voided_at is not null",
    )
    .bind(shipments.iter().map(|id| id.to_uuid()).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(ParcelId::from_uuid).collect())
}

/// Writes that parcels are void.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn void(pool: &PgPool, parcels: &[ParcelId], now: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query(
        "update labels.parcel set voided_at = coalesce(voided_at, $2) where parcel_id = any($1)",
    )
    .bind(parcels.iter().map(|id| id.to_uuid()).collect::<Vec<_>>())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether any parcel of a shipment is void by itself.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn any(db: &mut PgConnection, shipment: ShipmentId) -> Result<bool, Fault> {
    let any = sqlx::query_scalar(
        "select exists(select from labels.parcel
                        where shipment_id = $1 and voided_at is not null)",
    )
    .bind(shipment.to_uuid())
    .fetch_one(db)
    .await?;
    Ok(any)
}
