//! Which parcels count together when they leave: decided when the addresses are open and the papers
//! are drawn, before anything is sealed.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use aws_lc_rs::{hmac, rand};
use colibri_customs_papers::data;
use colibri_kit::{crash_point, db, fault::Fault};
use colibri_types::{DocumentId, ShipmentId};
use time::Date;

use super::{
    make::{Made, Ready, add},
    papers::Output,
};
use crate::{
    Customs,
    domain::export::{Due, due},
    store::{
        declarations::Paper,
        exports::{self, Group, Joined},
    },
    world::Book,
};

/// Kind of the paper.
pub const EXPORT: &str = "export";

/// The export declaration that a parcel is covered by, with the others.
#[derive(Debug, Clone)]
pub struct Covered {
    /// Those that count together.
    pub group: Group,
    /// When the parcel came.
    pub seq: i64,
    /// The declaration.
    pub document: DocumentId,
    /// Shipments that it covers.
    pub covers: Vec<ShipmentId>,
}

/// Has each parcel that is ready counted with those of its day, and adds the export declaration where
/// one is due.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn count(
    state: &Arc<Customs>,
    book: &Book,
    outputs: &mut [Result<Output, Fault>],
) -> Result<(), Fault> {
    let mut joined = together(state, outputs).await?;
    for output in outputs.iter_mut().flatten() {
        let Made::Ready(ready) = &mut output.made else { continue };
        let (key, joined) = (output.key, joined.remove(&output.key.shipment_id));
        let own = [ready.leaving.parcel.clone()];
        let parcels: Vec<_> = match &joined {
            Some((_, joined)) => joined.members.iter().map(|(_, parcel)| parcel.clone()).collect(),
            None => own.to_vec(),
        };
        match due(key.shipment_id, &parcels, book.shipped.world()) {
            Due::Nothing(why) => ready.shown.reasons.extend(why),
            Due::Unknown(why) => ready.shown.reasons.push(why),
            Due::Record(record, why) => {
                ready.shown.reasons.push(why);
                let file = data(EXPORT, &record).map_err(Fault::bug)?;
                let paper = add(ready, (key, output.revision), file);
                ready.covered = joined.map(|joined| covered(joined, paper));
            }
            Due::Lacks(missing) => output.made = Made::Lacks(missing),
        }
    }
    Ok(())
}

fn covered((group, joined): (Group, Joined), paper: Paper) -> Covered {
    Covered {
        group,
        seq: joined.seq,
        document: paper.document_id,
        covers: joined.members.iter().map(|(id, _)| *id).collect(),
    }
}

type ByShipment = HashMap<ShipmentId, (Group, Joined)>;

/// Joins every parcel that counts with others, in one transaction and in the order of the groups, so
/// that two waves never wait for each other in a circle.
async fn together(
    state: &Arc<Customs>,
    outputs: &[Result<Output, Fault>],
) -> Result<ByShipment, Fault> {
    let ready = outputs.iter().flatten().filter_map(|output| match &output.made {
        Made::Ready(ready) => Some((output, ready)),
        _ => None,
    });
    let wanted: Vec<(&Output, &Ready, &str)> = ready
        .filter_map(|(output, ready)| Some((output, &**ready, ready.leaving.together.as_deref()?)))
        .collect();
    let mut joined = ByShipment::new();
    if wanted.is_empty() {
        return Ok(joined);
    }
    let mut tx = db::begin(&state.db.log).await?;
    let all: Vec<(ShipmentId, u32)> =
        wanted.iter().map(|(output, ..)| (output.key.shipment_id, output.revision)).collect();
    let drawn = exports::still_drawn(&mut tx, &all).await?;
    let mut salts: HashMap<_, Vec<u8>> = HashMap::new();
    let mut members = Vec::with_capacity(wanted.len());
    for (output, ready, text) in wanted {
        let of = (output.key.tenant_id, day(ready, state));
        let salt = match salts.entry(of) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let mut new = [0; 32];
                rand::fill(&mut new).map_err(|_| Fault::bug("draw random bytes"))?;
                free.insert(exports::salt(&mut tx, of.0, of.1, &new).await?)
            }
        };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), text.as_bytes());
        let group = Group { tenant: of.0, day: of.1, consignee: tag.as_ref().to_vec() };
        members.push((group, output.key.shipment_id, &ready.leaving.parcel));
    }
    members.retain(|(_, id, _)| drawn.contains(id));
    members.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    for (group, id, parcel) in members {
        let one = exports::join(&mut tx, id, &group, parcel).await?;
        joined.insert(id, (group, one));
    }
    tx.commit().await?;
    crash_point!("customs.export_counted");
    Ok(joined)
}

fn day(ready: &Ready, state: &Customs) -> Date {
    ready.leaving.parcel.facts.posting_date.unwrap_or_else(|| state.clock.now().date())
}
