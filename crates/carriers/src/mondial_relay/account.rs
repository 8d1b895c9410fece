//! The account's fields, checked and in the form the calls want.

use crate::{Account, AccountError};

/// Characters of a brand code; shorter ones are filled with spaces.
const BRAND_LENGTH: usize = 8;
/// Levels of insurance that can be asked for.
const LEVELS: usize = 5;

/// Every field that is there has its form.
///
/// # Errors
/// [`AccountError`] names the first that has not.
pub(super) fn check(account: &Account) -> Result<(), AccountError> {
    account.required("brand")?;
    if brand(account).is_none() {
        let reason = "should be eight upper-case letters and digits";
        return Err(AccountError { field: "brand", reason });
    }
    account.required("private_key")?;
    account.required("collection_mode")?;
    if collection_mode(account).is_none() {
        return Err(AccountError { field: "collection_mode", reason: "should be CCC or REL" });
    }
    if account.field("insurance_ceilings_cents").is_some() && ceilings(account).is_none() {
        let reason = "should be five rising whole numbers of cents";
        return Err(AccountError { field: "insurance_ceilings_cents", reason });
    }
    match (account.field("connect_login"), account.field("connect_password")) {
        (Some(_), None) => {
            let reason = "is missing beside the login of API 2";
            Err(AccountError { field: "connect_password", reason })
        }
        _ => Ok(()),
    }
}

/// The brand code, filled to its eight characters.
pub(super) fn brand(account: &Account) -> Option<String> {
    padded(account.field("brand")?)
}

/// The customer id of API 2.
pub(super) fn customer_id(account: &Account) -> Option<String> {
    padded(account.field("connect_customer_id").or_else(|| account.field("brand"))?)
}

fn padded(code: &str) -> Option<String> {
    let code = code.trim();
    let plain = code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (plain && (2..=BRAND_LENGTH).contains(&code.len())).then(|| format!("{code:<BRAND_LENGTH$}"))
}

/// How parcels enter the network.
pub(super) fn collection_mode(account: &Account) -> Option<&'static str> {
    let mode = account.field("collection_mode")?;
    ["CCC", "REL"].into_iter().find(|known| mode == *known)
}

/// What each level of insurance covers by the contract, in cents, from level 1 on.
pub(super) fn ceilings(account: &Account) -> Option<[i64; LEVELS]> {
    let text = account.field("insurance_ceilings_cents")?;
    let all: Option<Vec<i64>> = text.split(',').map(|cents| cents.trim().parse().ok()).collect();
    let all: [i64; LEVELS] = all?.try_into().ok()?;
    (all.is_sorted_by(|low, high| low < high) && all.first() > Some(&0)).then_some(all)
}

/// Login and password of API 2.
pub(super) fn connect(account: &Account) -> Option<(&str, &str)> {
    account.field("connect_login").zip(account.field("connect_password"))
}
