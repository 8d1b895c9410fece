//! Papers of goods that go back over a border, as one file to print: the form of the post where the
//! post carries them, and the invoice.

use crate::{
    cn23::{self, Cn23},
    invoice::{self, Invoice},
    paper::{FormError, Paper, sheet::finish},
};

/// Prints them. Pages have the sizes of their forms.
///
/// # Errors
/// [`FormError`] when a field is missing, or there is nothing to print.
pub fn pdf(form: Option<&Cn23>, invoice: Option<&Invoice>) -> Result<Paper, FormError> {
    let mut sheets = form.map(cn23::sheets).transpose()?.unwrap_or_default();
    sheets.extend(invoice.map(invoice::sheets).transpose()?.unwrap_or_default());
    if sheets.is_empty() {
        return Err(FormError::NoGoods);
    }
    Ok(finish(sheets))
}
