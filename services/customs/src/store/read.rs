//! Declarations as they are shown.

use colibri_events::customs::v1 as pb;
use colibri_kit::fault::Fault;
use colibri_types::{DocumentId, OrderId, ShipmentId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use super::{
    declarations::{self, word},
    export_records::{self, Standing},
    timestamp,
};
use crate::intents::leaving::EXPORT;

/// One statement per way to ask, so that each can use its index.
macro_rules! by {
    ($condition:literal) => {
        concat!(
            "select ord, shipment_id, tenant_id, order_id, state, version, revision, cancelled,
                    request, offer, skus, shown, recheck, updated_at
               from customs.declaration
              where tenant_id = $1 and ($5::int8 is null or ord < $5) and ",
            $condition,
            " order by ord desc limit $6"
        )
    };
}

/// Which declarations to show.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// By its shipment.
    Shipment(ShipmentId),
    /// That of an order.
    Order(OrderId),
    /// A page, newest first.
    Page {
        /// In this state only.
        state: pb::DeclarationState,
        /// Older than this one of the page before.
        before: Option<i64>,
        /// At most.
        limit: i64,
    },
}

/// Declarations as shown, each with its place in the list.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn show(
    db: &mut PgConnection,
    tenant: TenantId,
    which: Which,
) -> Result<Vec<(i64, pb::Declaration)>, Fault> {
    let (id, order, state, before, limit) = match which {
        Which::Shipment(id) => (Some(id.to_uuid()), None, None, None, 1),
        Which::Order(id) => (None, Some(id.to_uuid()), None, None, 1),
        Which::Page { state, before, limit } => (None, None, word(state), before, limit),
    };
    let sql = match which {
        Which::Shipment(_) => by!("shipment_id = $2 and $3::uuid is null and $4::text is null"),
        Which::Order(_) => by!("order_id = $3 and $2::uuid is null and $4::text is null"),
        Which::Page { .. } if state.is_none() => {
            by!("$2::uuid is null and $3::uuid is null and $4::text is null")
        }
        Which::Page { .. } => by!("state = $4 and $2::uuid is null and $3::uuid is null"),
    };
    let rows = sqlx::query(sql)
        .bind(tenant.to_uuid())
        .bind(id)
        .bind(order)
        .bind(state)
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *db)
        .await?;
    let mut shown: Vec<(i64, pb::Declaration)> =
        rows.iter().map(one).collect::<Result<_, Fault>>()?;
    with_exports(db, &mut shown).await?;
    Ok(shown)
}

/// The export declaration of several parcels is a paper of each that it covers, also of those that
/// were ready before it was due.
async fn with_exports(
    db: &mut PgConnection,
    shown: &mut [(i64, pb::Declaration)],
) -> Result<(), Fault> {
    let id = |declaration: &pb::Declaration| declaration.shipment_id.parse::<ShipmentId>();
    let ready = shown.iter().filter(|(_, d)| d.state() == pb::DeclarationState::Ready);
    let ids: Vec<_> = ready.filter_map(|(_, d)| Some(id(d).ok()?.to_uuid())).collect();
    let standing = export_records::standing(db, &ids).await?;
    for (_, declaration) in shown {
        let Ok(shipment) = id(declaration) else { continue };
        let Some(standing) = standing.get(&shipment.to_uuid()) else { continue };
        declaration.papers.retain(|paper| paper.kind != EXPORT);
        let why = match standing {
            Standing::Stands(document) => {
                declaration.papers.push(pb::PaperRef {
                    document_id: document.to_string(),
                    kind: EXPORT.to_owned(),
                    media_type: "application/json".to_owned(),
                });
                continue;
            }
            Standing::Outdated => "it covers a parcel that does not leave, and is made anew",
            Standing::NotDue => "withdrawn: a parcel of it does not leave, and none is due now",
            Standing::Lacking => {
                "withdrawn: a parcel of it does not leave; one is due for the others, and something \
                 is missing for it"
            }
        };
        declaration.reasons.push(format!("export declaration: {why}"));
    }
    Ok(())
}

fn one(row: &PgRow) -> Result<(i64, pb::Declaration), Fault> {
    let inner = declarations::read(row)?;
    let updated_at: OffsetDateTime = row.try_get("updated_at")?;
    let request = inner.facts.request.unwrap_or_default();
    let shown = pb::Declaration {
        shipment_id: inner.key.shipment_id.to_string(),
        order_id: inner.key.order_id.map(|id| id.to_string()).unwrap_or_default(),
        state: inner.state.into(),
        version: inner.version,
        revision: inner.revision,
        country: request.country,
        updated_at: Some(timestamp(updated_at)),
        declaration_id: inner.key.declaration_id().to_string(),
        ..inner.shown
    };
    Ok((row.try_get("ord")?, shown))
}

/// Media type and kind of a paper of this tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn paper(
    db: &mut PgConnection,
    tenant: TenantId,
    document: DocumentId,
) -> Result<Option<(String, String)>, Fault> {
    let query = sqlx::query_as(
        "select media_type, kind from customs.paper where document_id = $1 and tenant_id = $2",
    );
    Ok(query.bind(document.to_uuid()).bind(tenant.to_uuid()).fetch_optional(db).await?)
}
