//! Open alerts as a caller asks for them.

use colibri_events::tracking::v1::{Alert, AlertKind, ListAlertsRequest, ListAlertsResponse};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ParcelId, ShipmentId, TenantId};

use crate::{
    Tracking,
    domain::{
        alert::Kind,
        page::{self, Cursor},
    },
    error,
    events::{headline, order_text, timestamp},
    store::alerts::{self, Open},
};

fn bad_page() -> Fault {
    Fault::reject(error::BAD_PAGE, "page is none that was answered").field(
        "page",
        "MALFORMED",
        "give back next_page as it was",
    )
}

/// `<cursor>.<kind>`: the last alert of a page.
fn after(text: &str) -> Result<Option<(Cursor, Kind)>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let parts = text.split_once('.');
    let read = parts.and_then(|(at, kind)| Cursor::decode(at).zip(Kind::parse(kind)));
    read.map(Some).ok_or_else(bad_page)
}

/// Open alerts of a tenant, newest first.
///
/// # Errors
/// [`Fault`] `TRK0004` for a limit or page that is none.
pub async fn list(
    shell: &Shell<Tracking>,
    tenant: TenantId,
    asked: &ListAlertsRequest,
) -> Result<ListAlertsResponse, Fault> {
    let limit = page::limit(asked.limit).ok_or_else(|| {
        let text = format!("at most {}", page::LIMIT_MAX);
        Fault::reject(error::BAD_PAGE, "limit is too high").field("limit", "TOO_HIGH", text)
    })?;
    let after = after(&asked.page)?;
    let kind = match AlertKind::try_from(asked.kind) {
        Ok(AlertKind::Unspecified) => None,
        Ok(wanted) => Kind::ALL.iter().copied().find(|kind| super::wire(*kind) == wanted),
        // Of a kind that this release does not know there is none.
        Err(_) => return Ok(ListAlertsResponse::default()),
    };
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = i64::try_from(limit).unwrap_or(0) + 1;
    let mut cx = shell.begin(tenant).await?;
    let mut open = alerts::list(cx.db(), tenant.to_uuid(), kind, after, more).await?;
    cx.rollback().await;
    let next = open.len() > limit;
    open.truncate(limit);
    let last = open.last().filter(|_| next).map(|last| {
        let cursor = Cursor { at: last.raised_at, parcel_id: last.parcel.parcel_id };
        format!("{}.{}", cursor.encode(), last.kind.as_str())
    });
    let next_page = last.unwrap_or_default();
    Ok(ListAlertsResponse { alerts: open.iter().map(encode).collect(), next_page })
}

fn encode(open: &Open) -> Alert {
    let (parcel, state) = (&open.parcel, &open.parcel.state);
    Alert {
        parcel_id: ParcelId::from_uuid(parcel.parcel_id).to_string(),
        shipment_id: ShipmentId::from_uuid(parcel.shipment_id).to_string(),
        order_id: order_text(parcel),
        carrier: parcel.carrier.clone(),
        kind: super::wire(open.kind).into(),
        occurrence: open.occurrence,
        headline: headline(state.headline).into(),
        sub_status: state.sub.map_or("", |sub| sub.as_str()).to_owned(),
        raised_at: Some(timestamp(open.raised_at)),
    }
}
