//! What the vault opened, and what it means that it did not.

use std::{collections::HashMap, time::Duration};

use colibri_events::vault::v1::{Field, FieldValue, Revealed};
use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use tonic::Status;

use crate::codes;

/// What is told to whoever waits for the budget: it comes back within the day.
const BUDGET_WAIT: Duration = Duration::from_secs(60);

/// Why a record was not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It is not there (any more): never sealed, or the person was erased.
    Gone,
    /// The flow has opened enough for now.
    Budget,
    /// Another code: a flow that does not fit, which is ours to repair.
    Other(String),
}

/// Records by their refs.
#[derive(Debug, Default)]
pub struct Opened(HashMap<String, Result<Vec<FieldValue>, Denied>>);

impl Opened {
    pub(crate) fn extend(&mut self, records: Vec<Revealed>) {
        self.0.extend(records.into_iter().map(|record| {
            let told = match record.denied.as_str() {
                "" => Ok(record.fields),
                codes::UNKNOWN => Err(Denied::Gone),
                codes::BUDGET => Err(Denied::Budget),
                _ => Err(Denied::Other(record.denied)),
            };
            (record.r#ref, told)
        }));
    }

    /// What was answered of a record; None: nothing at all.
    #[must_use]
    pub fn get(&self, record: &str) -> Option<Result<&[FieldValue], &Denied>> {
        self.0.get(record).map(|told| told.as_deref())
    }

    /// The fields of a record, for work that waits for them; None: it is not there (any more).
    ///
    /// # Errors
    /// [`Fault::Retry`] while the budget is spent, or when nothing was answered; [`Fault::Bug`] of
    /// a flow that does not fit.
    pub fn record(&self, record: &str) -> Result<Option<&[FieldValue]>, Fault> {
        match self.get(record) {
            Some(Ok(fields)) => Ok(Some(fields)),
            Some(Err(Denied::Gone)) => Ok(None),
            Some(Err(Denied::Budget)) => {
                Err(Fault::retry_after(BUDGET_WAIT, "the vault's budget is spent"))
            }
            Some(Err(Denied::Other(code))) => {
                Err(Fault::bug(format!("the vault denied an opening with {code}")))
            }
            None => Err(Fault::retry("the vault left a record out")),
        }
    }
}

/// What was opened for each tenant of a wave: one call each.
#[derive(Debug, Default)]
pub struct OpenedByTenant(pub(crate) HashMap<TenantId, Result<Opened, Status>>);

impl OpenedByTenant {
    /// What was opened for a tenant.
    ///
    /// # Errors
    /// [`Fault`] of the tenant's call; [`Fault::Retry`] when none was made.
    pub fn of(&self, tenant: TenantId) -> Result<&Opened, Fault> {
        match self.0.get(&tenant) {
            Some(Ok(opened)) => Ok(opened),
            Some(Err(status)) => Err(status.clone().into()),
            None => Err(Fault::retry("nothing was opened")),
        }
    }
}

/// A field of an opened record.
#[must_use]
pub fn value(fields: &[FieldValue], field: Field) -> Option<&str> {
    let mut found = fields.iter().filter(|one| one.field() == field);
    found.next().map(|one| one.value.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn answered(denied: &str) -> Revealed {
        let name = FieldValue { field: Field::Name.into(), value: "Ottokar".to_owned() };
        let fields = if denied.is_empty() { vec![name] } else { Vec::new() };
        Revealed { r#ref: format!("r{denied}"), fields, denied: denied.to_owned() }
    }

    #[test]
    fn denials_are_sorted_by_what_can_be_done() {
        let mut opened = Opened::default();
        opened.extend(["", codes::UNKNOWN, codes::BUDGET, "VLT0003"].map(answered).to_vec());
        let fields = opened.record("r").unwrap().unwrap();
        assert_eq!(value(fields, Field::Name), Some("Ottokar"));
        assert_eq!(value(fields, Field::City), None);
        assert_eq!(opened.record("rVLT0005").unwrap(), None);
        assert_eq!(opened.record("rVLT0006").unwrap_err().kind(), "retry");
        assert_eq!(opened.record("rVLT0003").unwrap_err().kind(), "bug");
        assert_eq!(opened.record("not answered").unwrap_err().kind(), "retry");
    }

    #[test]
    fn a_call_that_failed_is_the_fault_of_all_its_tenant_s_records() {
        let (here, elsewhere) = (TenantId::generate(), TenantId::generate());
        let failed = HashMap::from([(here, Err(Status::unavailable("away")))]);
        let opened = OpenedByTenant(failed);
        assert_eq!(opened.of(here).unwrap_err().kind(), "retry");
        assert_eq!(opened.of(elsewhere).unwrap_err().kind(), "retry");
        let refused = HashMap::from([(here, Err(Status::permission_denied("no")))]);
        assert_eq!(OpenedByTenant(refused).of(here).unwrap_err().kind(), "bug");
    }
}
