//! Requests that may be sent twice: the second is answered with what the first made.

use aws_lc_rs::digest;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::TenantId;
use sqlx::Row as _;

use crate::{Labels, error::codes};

/// A request with its id.
#[derive(Clone)]
pub struct Once {
    route: &'static str,
    request_id: String,
    fingerprint: Vec<u8>,
}

impl Once {
    /// `bare` is the request without its id and without the person: a digest of a name or a street
    /// could be guessed back.
    pub fn new(route: &'static str, request_id: &str, bare: &impl prost::Message) -> Self {
        let digest = digest::digest(&digest::SHA256, &bare.encode_to_vec());
        let fingerprint = digest.as_ref().to_vec();
        Self { route, request_id: request_id.to_owned(), fingerprint }
    }

    /// What an earlier request with this id made.
    ///
    /// # Errors
    /// [`Fault::Reject`] `LBL0015` when it had other content.
    pub async fn earlier<T>(
        &self,
        cx: &mut Cx<Labels>,
        tenant: TenantId,
    ) -> Result<Option<T>, Fault>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let row = sqlx::query(
            "select fingerprint, resource from labels.idempotency
              where tenant_id = $1 and route = $2 and key = $3",
        )
        .bind(tenant.to_uuid())
        .bind(self.route)
        .bind(&self.request_id)
        .fetch_optional(cx.db())
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if row.try_get::<Vec<u8>, _>("fingerprint")? != self.fingerprint {
            let text = "the request id belongs to another request";
            let fault = Fault::already_exists(codes::REQUEST_ID, text);
            return Err(fault.field("request_id", "TAKEN", "used with other content"));
        }
        let resource: String = row.try_get("resource")?;
        resource.parse().map(Some).map_err(Fault::bug)
    }

    /// Notes what this request makes; false when another one was faster.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn note(
        &self,
        cx: &mut Cx<Labels>,
        tenant: TenantId,
        resource: &str,
    ) -> Result<bool, Fault> {
        let made = sqlx::query(
            "insert into labels.idempotency (tenant_id, route, key, fingerprint, resource)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
        )
        .bind(tenant.to_uuid())
        .bind(self.route)
        .bind(&self.request_id)
        .bind(&self.fingerprint)
        .bind(resource)
        .execute(cx.db())
        .await?;
        Ok(made.rows_affected() == 1)
    }

    /// What the faster one made.
    ///
    /// # Errors
    /// [`Fault::Retry`] when it is not there yet.
    pub async fn faster<T>(&self, mut cx: Cx<Labels>, tenant: TenantId) -> Result<T, Fault>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let known = self.earlier(&mut cx, tenant).await?;
        cx.rollback().await;
        known.ok_or_else(|| Fault::retry("another call with this id is on its way"))
    }
}
