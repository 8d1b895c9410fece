//! From a parcel to its papers and records: which forms, what is sent ahead, what the destination
//! and the export side want to know.
//!
//! Everything is checked before anything is made: [`prepare`] gives all records of a parcel or every
//! field that is missing, by name. Deliberately not here: drawing (that is of the documents), wire
//! formats of customs systems, and the declarant's own fields at the destination.

mod advance;
mod export;
mod facts;
mod form;
mod low_value;
mod needs;
mod postal;
mod record;
mod sdr;
mod sums;

pub use advance::advance_record;
pub use export::{Export, ExportLine, ExportRecord, counts_with, export_lacks, exports};
pub use facts::{
    Amount, Category, Facts, InvoiceFacts, LineFacts, Outbound, Parcel, Party, PersonKind,
    PostalProduct, Signer, TaxId,
};
pub use form::{Choice, Form, SdrValue, choose, postal_form};
pub use low_value::{
    ELEMENTS, FiscalReference, LowValue, LowValueLine, LowValueOutcome, low_value,
};
pub use postal::{PostalForms, SmallForm};
pub use record::{
    AdvanceDocument, AdvanceIds, AdvanceLine, AdvanceParty, AdvanceRecord, AdvanceScheme,
    AdvanceTotals, PostalAddress, TariffRef,
};
pub use sdr::{SdrError, SdrRate, SdrRates};
pub use sums::{LineSum, Sums, check};

use serde::Serialize;

use crate::assess::{Missing, World};

/// What a parcel needs, complete.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Declaration {
    /// Its sums, the same on every paper and record.
    pub sums: Sums,
    /// The papers.
    pub choice: Choice,
    /// The record sent ahead; `None` where no border is crossed or only papers travel.
    pub advance: Option<AdvanceRecord>,
    /// Content of the low-value declaration, or why there is none.
    pub low_value: LowValueOutcome,
}

/// Checks a parcel and makes its records.
///
/// # Errors
/// Every field that is missing or contradicts another; nothing is printed or sent then.
pub fn prepare(
    parcel: &Parcel,
    world: World<'_>,
    sdr: &SdrRates,
) -> Result<Declaration, Vec<Missing>> {
    let sums = check(parcel)?;
    let choice = choose(parcel, &sums, world.fx, sdr)?;
    if choice.forms.is_empty() && !choice.record {
        let low_value = LowValueOutcome::NotDue { reason: "no papers are needed".to_owned() };
        return Ok(Declaration { sums, choice, advance: None, low_value });
    }
    let mut missing = form::fields(parcel, &choice);
    let mut add = |more: Vec<Missing>| {
        for fault in more {
            if !missing.contains(&fault) {
                missing.push(fault);
            }
        }
    };
    let advance = match choice.record {
        true => advance_record(parcel, &sums).map_err(&mut add).ok(),
        false => None,
    };
    let low_value = low_value(parcel, &sums, world).map_err(&mut add).ok();
    match (missing.is_empty(), low_value) {
        (true, Some(low_value)) => Ok(Declaration { sums, choice, advance, low_value }),
        _ => Err(missing),
    }
}
