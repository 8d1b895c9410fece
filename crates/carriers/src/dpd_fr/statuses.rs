//! What the numbers of Webtrace mean. Hundreds exist, nine are publicly known.

use crate::{Headline as H, MappedStatus, StatusRow};

/// Observed: constants of the carrier's partner module for shops.
const PARTNER: &str = "O: partner e-commerce module for DPD France (constants)";
/// As [`PARTNER`]; the wording does not decide by itself, the state is our judgement.
const JUDGED: &str = "O, judged: partner e-commerce module for DPD France (constants)";

const fn row(code: &'static str, headline: H, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, None), source }
}

/// Every number with a known meaning. A number absent here is unknown: kept raw and counted.
pub static TABLE: &[StatusRow] = &[
    row("8", H::Created, PARTNER),     // announced by data exchange
    row("28", H::PickedUp, PARTNER),   // taken in charge
    row("44", H::PickedUp, PARTNER),   // picked up
    row("89", H::PickedUp, JUDGED),    // pickup, history line
    row("10", H::InTransit, PARTNER),  // entered a centre
    row("230", H::InTransit, JUDGED),  // scanned by a subcontractor
    row("40", H::Delivered, PARTNER),  // handed to the addressee
    row("400", H::Delivered, PARTNER), // handed to the addressee at a relay
    // Counts as final on return shipments only: see `status`.
    StatusRow { code: "271", status: MappedStatus::NoChange, source: JUDGED },
];

/// What a number means on the way out, or on the way back.
pub(super) fn status(code: &str, retour: bool) -> MappedStatus {
    let found = TABLE.iter().find(|row| row.code == code);
    match found.map(|row| row.status) {
        // Handed over at the end of the way back: the sender has it.
        Some(MappedStatus::State(H::Delivered, sub)) if retour => {
            MappedStatus::State(H::Returned, sub)
        }
        Some(MappedStatus::NoChange) if retour && code == "271" => {
            MappedStatus::State(H::Returned, None)
        }
        Some(status) => status,
        None => MappedStatus::Unknown,
    }
}
