//! Which scopes a tenant's client may have: those that methods require, except what belongs to
//! services and to operators of the platform.

use colibri_events::METHODS;

use super::Violation;
use crate::error::SCOPE;

/// Only our own services hold it.
const INTERNAL: &str = "internal";
/// Scopes of operators, who act for no tenant.
const PLATFORM: &str = "platform:";

/// Every scope that a client may have, sorted.
#[must_use]
pub fn grantable() -> Vec<&'static str> {
    let all = METHODS.iter().filter(|(_, policy)| policy.tenant);
    let mut scopes: Vec<&str> = all.flat_map(|(_, policy)| policy.scopes).copied().collect();
    scopes.retain(|scope| *scope != INTERNAL && !scope.starts_with(PLATFORM));
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Checks the scopes of a new client.
///
/// # Errors
/// `ACC0003` for each at fault.
pub fn check(scopes: &[String]) -> Result<(), Vec<Violation>> {
    let known = grantable();
    let amount = match scopes.len() {
        0 => Some(("MISSING", "at least one scope")),
        // Nobody needs more than there are; a long list would take long to compare.
        many if many > known.len() => Some(("TWICE", "each scope once")),
        _ => None,
    };
    if let Some((why, text)) = amount {
        return Err(vec![Violation::new(SCOPE, "scopes", why, text)]);
    }
    let mut wrong = Vec::new();
    for (at, scope) in scopes.iter().enumerate() {
        let field = format!("scopes[{at}]");
        if !known.contains(&scope.as_str()) {
            let text = format!("one of {}", known.join(", "));
            wrong.push(Violation::new(SCOPE, field, "UNKNOWN", text));
        } else if scopes.iter().take(at).any(|other| other == scope) {
            wrong.push(Violation::new(SCOPE, field, "TWICE", "each scope once"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn own(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn known_scopes_pass_once_and_reserved_ones_never() {
        assert_eq!(check(&own(&["orders:write", "accounts:read"])), Ok(()));
        assert!(grantable().contains(&"vault:audit"));
        for reserved in ["internal", "platform:admin", "*", "", "orders", "Orders:write"] {
            let wrong = check(&own(&["orders:write", reserved])).unwrap_err();
            assert_eq!((wrong.len(), wrong[0].field.as_str()), (1, "scopes[1]"), "{reserved}");
        }
        assert_eq!(check(&[]).unwrap_err()[0].why, "MISSING");
        let twice = check(&own(&["orders:write", "orders:write"])).unwrap_err();
        assert_eq!(twice[0].why, "TWICE");
    }
}
