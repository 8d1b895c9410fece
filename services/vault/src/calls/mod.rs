//! What each RPC does, from a decoded request to an answer.

pub mod credentials;
pub mod documents;
mod gate;
pub mod journal;
pub mod matches;
pub mod person;
pub mod put;
pub mod reveal;

use colibri_kit::auth::Caller;
use colibri_types::TenantId;
use time::OffsetDateTime;

use crate::store::Act;

/// A call that opens nothing, for the journal.
fn act<'a>(
    caller: &'a Caller,
    tenant: TenantId,
    act: &'static str,
    items: usize,
    now: OffsetDateTime,
) -> Act<'a> {
    Act {
        tenant: tenant.to_uuid(),
        actor: caller.service.as_deref().unwrap_or(&caller.subject),
        act,
        fields: 0,
        items: i32::try_from(items).unwrap_or(i32::MAX),
        now,
    }
}
