//! What shipments were declared as on their way out.

use colibri_kit::fault::Fault;
use sqlx::PgConnection;
use uuid::Uuid;

/// A declaration of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The shipment of the way out; first, because rows are locked in its order.
    pub shipment_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// The declaration.
    pub declaration_id: Uuid,
    /// Its order; None: it has none, and nothing of it comes back by us.
    pub order_id: Option<Uuid>,
}

/// Keeps declarations of distinct shipments and tells the returns of these orders that do not know
/// theirs yet. Whoever begins a return holds the row of the order, so that one of the two sees the
/// other: the return reads what is kept, or it is told here.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put(db: &mut PgConnection, all: &[Declared]) -> Result<(), Fault> {
    let ids: Vec<Uuid> = all.iter().map(|one| one.shipment_id).collect();
    sqlx::query(
        "insert into returns.declaration as d (shipment_id, tenant_id, declaration_id)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) order by 1
         on conflict (shipment_id) do update set declaration_id = excluded.declaration_id
          where d.tenant_id = excluded.tenant_id",
    )
    .bind(&ids)
    .bind(all.iter().map(|one| one.tenant_id).collect::<Vec<_>>())
    .bind(all.iter().map(|one| one.declaration_id).collect::<Vec<_>>())
    .execute(&mut *db)
    .await?;
    let orders: Vec<Uuid> = sqlx::query_scalar(
        "select order_id from returns.sale where order_id = any($1) order by order_id for update",
    )
    .bind(all.iter().filter_map(|one| one.order_id).collect::<Vec<_>>())
    .fetch_all(&mut *db)
    .await?;
    // After the lock: what began before is there now.
    let open: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select c.return_id, d.declaration_id
           from returns.return_case c
           join returns.sale s using (order_id)
           join returns.declaration d on d.shipment_id = s.shipment_id
                                     and d.tenant_id = c.tenant_id
          where c.order_id = any($1) and coalesce(c.about ->> 'declaration_id', '') = ''",
    )
    .bind(&orders)
    .fetch_all(&mut *db)
    .await?;
    for (id, declaration) in open {
        link(db, id, declaration).await?;
    }
    Ok(())
}

/// Links a return that began before its declaration was heard of. A declaration is proof enough that
/// a border lies on the way.
async fn link(db: &mut PgConnection, id: Uuid, declaration: Uuid) -> Result<(), Fault> {
    let text = colibri_types::DeclarationId::from_uuid(declaration).to_string();
    sqlx::query(
        "update returns.return_case
            set about = about || jsonb_build_object('declaration_id', $2::text, 'cross_border', true)
          where return_id = $1",
    )
    .bind(id)
    .bind(text)
    .execute(db)
    .await?;
    Ok(())
}

/// What a shipment was declared as; None: nothing was told.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of(
    db: &mut PgConnection,
    tenant: Uuid,
    shipment: Uuid,
) -> Result<Option<Uuid>, Fault> {
    let sql = "select declaration_id from returns.declaration
                where tenant_id = $1 and shipment_id = $2";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(shipment).fetch_optional(db).await?)
}
