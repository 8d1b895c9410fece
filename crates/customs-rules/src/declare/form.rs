//! Which papers a parcel needs.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    facts::{Parcel, PostalProduct},
    needs::Needs,
    postal::PostalForms,
    sdr::SdrRates,
    sums::Sums,
};
use crate::{
    assess::Missing,
    consignment::{Channel, Flow},
    fx::Fx,
    place::Territory,
};

/// A paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The small declaration of the post.
    Cn22,
    /// The large one.
    Cn23,
    /// For goods that are sold.
    CommercialInvoice,
    /// For goods that are not.
    ProFormaInvoice,
    /// For goods that go back.
    ReturnInvoice,
}

/// The papers, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// In the order they are attached.
    pub forms: Vec<Form>,
    /// A record is sent ahead.
    pub record: bool,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// What else is needed and not made here.
    pub elsewhere: Vec<String>,
}

/// A value in special drawing rights, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdrValue {
    /// Counted by somebody with authority: the limit holds to the cent.
    Stated(Decimal),
    /// Converted with a dated figure: values close below the limit count as above.
    Converted(Decimal),
    /// There is no figure.
    Unknown,
}

/// The postal form of an item with goods, and why: a product of the post carries the small form where
/// a row of [`PostalForms`] says so. When in doubt CN23, which is never wrong.
#[must_use]
pub fn postal_form(
    product: PostalProduct,
    value: SdrValue,
    gross_kg: Decimal,
    controlled: bool,
    lines: usize,
) -> (Form, &'static str) {
    let cn23 = |reason| (Form::Cn23, reason);
    let Some(row) = PostalForms::shipped().small(product) else {
        return cn23("post parcels and EMS carry CN23");
    };
    match value {
        _ if controlled => cn23("a licence or certificate is named on CN23"),
        _ if gross_kg > row.kg_max => cn23("the item is heavier than a CN22 allows"),
        _ if lines > row.lines_max => cn23("more lines than a CN22 holds"),
        SdrValue::Unknown => cn23("no dated value of the special drawing right"),
        SdrValue::Stated(value) | SdrValue::Converted(value) if value > row.sdr_max => {
            cn23("the value is above what a CN22 allows")
        }
        SdrValue::Converted(value) if value > row.sdr_converted_max => {
            cn23("the value is within two per cent of the limit, and the figure moves")
        }
        SdrValue::Stated(_) | SdrValue::Converted(_) => (Form::Cn22, &row.text),
    }
}

/// Chooses the papers of a parcel.
///
/// # Errors
/// [`Missing`] fields without which there is no choice, or a CN22 that is asked for and not allowed.
pub fn choose(
    parcel: &Parcel,
    sums: &Sums,
    fx: &Fx,
    sdr: &SdrRates,
) -> Result<Choice, Vec<Missing>> {
    let consignment = &parcel.consignment;
    let (from, to) = (Territory::of(&consignment.from), Territory::of(&consignment.to));
    let (customs, tax) = (from.customs_border(&to), from.tax_border(&to));
    let mut choice =
        Choice { forms: Vec::new(), record: false, reasons: Vec::new(), elsewhere: Vec::new() };
    if !customs && !tax {
        choice.reasons.push("no border of customs or tax is crossed".to_owned());
        return Ok(choice);
    }
    if !customs {
        choice.reasons.push("only a border of taxes is crossed".to_owned());
    }
    if consignment.flow == Flow::Documents && parcel.facts.form.is_none() {
        choice.reasons.push("papers without goods; some posts ask for a CN22".to_owned());
        return Ok(choice);
    }
    choice.record = true;
    match consignment.channel {
        Channel::Post => postal(parcel, sums, fx, sdr, &mut choice)?,
        Channel::Express => choice.forms.push(invoice(consignment.flow)),
        Channel::Freight => {
            choice.forms.push(invoice(consignment.flow));
            choice.elsewhere.push("packing list and certificates of freight".to_owned());
        }
    }
    Ok(choice)
}

const fn invoice(flow: Flow) -> Form {
    match flow {
        Flow::B2c | Flow::B2b => Form::CommercialInvoice,
        Flow::Return => Form::ReturnInvoice,
        Flow::Gift | Flow::Sample | Flow::Documents => Form::ProFormaInvoice,
    }
}

fn postal(
    parcel: &Parcel,
    sums: &Sums,
    fx: &Fx,
    sdr: &SdrRates,
    choice: &mut Choice,
) -> Result<(), Vec<Missing>> {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let mut needs = Needs::default();
    let Some(product) = facts.product else {
        needs.fault(None, "facts.product", "letter, parcel or ems: it decides the form");
        return Err(needs.all());
    };
    let day = facts.posting_date.unwrap_or(consignment.date);
    let value = match (facts.value_sdr, sdr.convert(sums.goods, consignment.currency, day, fx)) {
        (Some(stated), _) => SdrValue::Stated(stated),
        (None, Some((value, rate))) => {
            let words = format!("SDR {} with the figure of {}", value.round_dp(2), rate.date);
            choice.reasons.push(words);
            SdrValue::Converted(value)
        }
        (None, None) => SdrValue::Unknown,
    };
    let controlled = facts.lines.values().any(|line| {
        !line.licence.is_empty() || !line.certificate.is_empty() || !line.dangerous_un.is_empty()
    });
    let lines = consignment.lines.len();
    let (form, reason) = postal_form(product, value, sums.gross_kg, controlled, lines);
    let form = match (facts.form, form) {
        (Some(Form::Cn22), Form::Cn23) => {
            needs.fault(None, "facts.form", format!("CN22 is not allowed, CN23 is: {reason}"));
            return Err(needs.all());
        }
        // Never wrong, so whoever asks for it gets it.
        (Some(Form::Cn23), _) => Form::Cn23,
        (_, form) => form,
    };
    choice.reasons.push(reason.to_owned());
    choice.forms.push(form);
    if form == Form::Cn23 && parcel.commercial() {
        choice.forms.push(invoice(consignment.flow));
    }
    Ok(())
}

/// Fields of the papers that are missing.
pub(super) fn fields(parcel: &Parcel, choice: &Choice) -> Vec<Missing> {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let mut needs = Needs::default();
    let postal = choice.forms.iter().any(|form| matches!(form, Form::Cn22 | Form::Cn23));
    if postal {
        needs.want(!facts.operator.trim().is_empty(), "facts.operator", "the post is on the form");
    }
    if choice.forms.contains(&Form::Cn23) {
        let reason = "the form shows what the carriage costs";
        // Who sends goods back does not pay the carriage, and does not know what it costs.
        let prepaid = consignment.flow == Flow::Return;
        needs.want(prepaid || facts.postage.is_some(), "facts.postage", reason);
    }
    let invoiced = choice.forms.iter().any(|form| !matches!(form, Form::Cn22 | Form::Cn23));
    if invoiced {
        let number = facts.invoice.as_ref().is_some_and(|i| !i.number.trim().is_empty());
        needs.want(number, "facts.invoice", "number and day of the invoice are needed");
        for (field, party) in [("seller", &parcel.seller), ("buyer", &parcel.buyer)] {
            let named = !party.name.trim().is_empty() || !party.business.trim().is_empty();
            needs.want(named, &format!("{field}.name"), "the invoice names the parties");
        }
    }
    if consignment.flow == Flow::Return {
        let reason = "item and declaration of the way out: without them it is taxed as a sale";
        let named = facts.outbound.as_ref().is_some_and(|out| !out.item_id.trim().is_empty());
        needs.want(named, "facts.outbound", reason);
    }
    needs.all()
}
