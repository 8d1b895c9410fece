//! What persons decided about goods that a rule restricts.

use std::collections::{BTreeSet, HashMap};

use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::{PgConnection, Row as _};

use crate::domain::restricted::{Decided, Decision, Restricted};

/// The last decisions about these articles, by tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn decided(
    db: &mut PgConnection,
    skus: &BTreeSet<(TenantId, String)>,
) -> Result<HashMap<TenantId, Decided>, Fault> {
    let rows = sqlx::query(
        "select d.tenant_id, d.sku, d.rule, d.fingerprint, d.outcome, d.reason, d.document_number,
                d.case_number, d.decided_by, d.decided_at
           from customs.restriction_decision d
           join unnest($1::uuid[], $2::text[]) as w(tenant_id, sku) using (tenant_id, sku)
          order by d.ord",
    )
    .bind(skus.iter().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(skus.iter().map(|(_, sku)| sku.as_str()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let mut all: HashMap<TenantId, Decided> = HashMap::new();
    for row in &rows {
        let tenant = TenantId::from_uuid(row.try_get("tenant_id")?);
        let pair = (row.try_get("sku")?, row.try_get("rule")?, row.try_get("fingerprint")?);
        let decision = Decision {
            outcome: row.try_get("outcome")?,
            reason: row.try_get("reason")?,
            document_number: row.try_get("document_number")?,
            case_number: row.try_get("case_number")?,
            decided_by: row.try_get("decided_by")?,
            decided_at: row.try_get("decided_at")?,
        };
        // Later ones replace earlier ones.
        all.entry(tenant).or_default().insert(pair, decision);
    }
    Ok(all)
}

/// Records a decision about rules that hold for an article.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn decide(
    db: &mut PgConnection,
    tenant: TenantId,
    about: &[&Restricted],
    decision: &Decision,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into customs.restriction_decision (tenant_id, sku, rule, fingerprint, outcome, reason,
                    document_number, case_number, decided_by, decided_at)
         select $1, sku, rule, fingerprint, $5, $6, $7, $8, $9, $10
           from unnest($2::text[], $3::text[], $4::bytea[]) as r(sku, rule, fingerprint)",
    )
    .bind(tenant.to_uuid())
    .bind(about.iter().map(|one| one.sku.as_str()).collect::<Vec<_>>())
    .bind(about.iter().map(|one| one.rule.id.as_str()).collect::<Vec<_>>())
    .bind(about.iter().map(|one| one.fingerprint.as_slice()).collect::<Vec<_>>())
    .bind(decision.outcome)
    .bind(decision.reason)
    .bind(&decision.document_number)
    .bind(&decision.case_number)
    .bind(&decision.decided_by)
    .bind(decision.decided_at)
    .execute(db)
    .await?;
    Ok(())
}
