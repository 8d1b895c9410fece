//! The SQL of labels. Statements of handlers take slices: a batch of events costs a handful.

pub mod documents;
pub mod errands;
pub mod parts;
pub mod read;
pub mod reference;
pub mod shipments;

use colibri_events::{
    customs::v1::{DeclarationIncomplete, DeclarationReady},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_kit::fault::Fault;
use colibri_types::{ShipmentId, TenantId};
use sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::domain::{Declared, Facts, Shipment, State};

/// Reads the columns that [`Shipment`] is made of.
fn shipment(row: &PgRow) -> Result<Shipment, Fault> {
    let state: &str = row.try_get("state")?;
    let state = State::parse(state).ok_or_else(|| Fault::bug(format!("state {state}")))?;
    let number = |column: &str| row.try_get::<i64, _>(column);
    Ok(Shipment {
        shipment_id: ShipmentId::from_uuid(row.try_get("shipment_id")?),
        tenant_id: TenantId::from_uuid(row.try_get("tenant_id")?),
        state,
        version: u64::try_from(number("version")?).unwrap_or_default(),
        voids: u32::try_from(row.try_get::<i32, _>("voids")?).unwrap_or_default(),
        facts: Facts {
            request: decode::<FulfilmentRequested>(row.try_get("request")?)?,
            offer: decode::<OfferChosen>(row.try_get("offer")?)?,
            declared: declared(row)?,
            cancelled: row.try_get("cancelled")?,
        },
        code: row.try_get("code")?,
    })
}

/// What customs said last: one of the two columns.
fn declared(row: &PgRow) -> Result<Option<Declared>, Fault> {
    let ready = decode::<DeclarationReady>(row.try_get("declared")?)?;
    let lacks = decode::<DeclarationIncomplete>(row.try_get("undeclared")?)?;
    let ready = ready.map(|ready| Declared::Ready(Box::new(ready)));
    Ok(ready.or(lacks.map(Declared::Incomplete)))
}

fn decode<M: prost::Message + Default>(bytes: Option<&[u8]>) -> Result<Option<M>, Fault> {
    bytes.map(|bytes| M::decode(bytes).map_err(Fault::bug)).transpose()
}

fn encode<M: prost::Message>(message: Option<&M>) -> Option<Vec<u8>> {
    message.map(M::encode_to_vec)
}

fn uuid<T: std::str::FromStr>(text: &str, to: impl Fn(T) -> Uuid) -> Option<Uuid> {
    text.parse().ok().map(to)
}

fn version(version: u64) -> Result<i64, Fault> {
    i64::try_from(version).map_err(Fault::bug)
}
