//! Facts of the order that its rows repeat, leave out or contradict.

use std::collections::BTreeMap;

use colibri_types::{CivilTime, Currency, Money, Pii};

use super::{Draft, money};
use crate::{
    Code, FinancialStatus, Incoterm, Line, NoDelivery, OrderState, Party, Shipping, Totals,
    WarningCode,
    import::{Options, RowError, fields::Field, header::normalise},
    json::clean,
    number,
    order::CanonicalOrder,
    place, totals,
};

/// The value of each field, and that all rows which state one agree.
pub(super) struct Facts(BTreeMap<Field, String>);

impl Facts {
    /// Takes the value of the first row that states it; a later row with another one is refused.
    pub(super) fn merge(drafts: &[Draft]) -> Result<Self, RowError> {
        let mut facts: BTreeMap<Field, (u64, &str)> = BTreeMap::new();
        for draft in drafts {
            for (field, column, value) in &draft.head {
                let (row, known) = *facts.entry(*field).or_insert((draft.row, value));
                if known != value {
                    let code = match field {
                        Field::Currency => Code::CurrencyMixed,
                        _ => Code::OrderConflict,
                    };
                    return Err(RowError {
                        column: Some(*column),
                        field: Some(*field),
                        other_row: Some(row),
                        ..RowError::row(code, draft.row)
                    });
                }
            }
        }
        let owned = facts.into_iter();
        Ok(Self(owned.map(|(field, (_, value))| (field, value.to_owned())).collect()))
    }

    pub(super) fn take(&mut self, field: Field) -> Option<String> {
        self.0.remove(&field)
    }

    fn time(&mut self, field: Field) -> Option<CivilTime> {
        self.take(field).and_then(|text| text.parse().ok())
    }

    fn money(
        &mut self,
        field: Field,
        first: &Draft,
        currency: Currency,
    ) -> Result<Option<Money>, RowError> {
        match self.take(field).and_then(|text| number::decimal(&text)) {
            Some(amount) => money(first, field, amount, currency).map(Some),
            None => Ok(None),
        }
    }
}

/// The order of some lines and facts.
pub(super) fn build(
    mut facts: Facts,
    first: &Draft,
    lines: Vec<Line>,
    currency: Currency,
    options: &Options,
) -> Result<CanonicalOrder, RowError> {
    let ship_to = party(&mut facts);
    let shipping = Shipping {
        paid: facts.money(Field::ShippingPaid, first, currency)?,
        title: facts.take(Field::ShippingMethod).map(|text| clean(&text)),
        code: None,
    };
    let zero = Money::new(0, currency);
    let too_large = |_| first.error(Code::AmountOutOfRange, Field::UnitPrice);
    let gross = lines
        .iter()
        .map(|line| totals::times(line.unit_price, line.quantity, ""))
        .collect::<Result<Vec<_>, _>>()
        .map_err(too_large)?;
    let discounts = lines.iter().map(|line| line.discount);
    let totals = Totals {
        items: totals::sum(zero, gross, "").map_err(too_large)?,
        discount: totals::sum(zero, discounts, "").map_err(too_large)?,
        shipping: shipping.paid,
        other: None,
        tax: totals::tax_of(&lines, zero, "").map_err(too_large)?,
        grand: facts.money(Field::Total, first, currency)?,
    };
    let status = facts.take(Field::PaymentStatus);
    let number = facts.take(Field::OrderNumber);
    let number = number.ok_or_else(|| first.error(Code::FieldMissing, Field::OrderNumber))?;
    let tags = facts.take(Field::Tags).unwrap_or_default();
    let mut order = CanonicalOrder {
        channel: options.channel.clone().unwrap_or_else(|| "csv".to_owned()),
        external_id: first.key.clone(),
        number,
        placed_at: facts.time(Field::PlacedAt),
        updated_at: None,
        currency,
        presentment_currency: None,
        taxes_included: options.taxes_included,
        no_delivery: ship_to.is_none().then_some(NoDelivery::AddressMissing),
        ship_to,
        bill_to_country: facts.take(Field::BillingCountry).and_then(|c| c.parse().ok()),
        shipping,
        totals,
        financial_status: status.as_deref().map_or(FinancialStatus::Unknown, payment),
        state: OrderState::Open,
        channel_status: None,
        cancelled_at: None,
        tags: tags.split([',', ';']).map(clean).filter(|tag| !tag.is_empty()).collect(),
        note: facts.take(Field::Note).map(Pii::new),
        gift_message: None,
        wanted_delivery: facts.time(Field::WantedDelivery),
        service_point_ref: None,
        incoterm: incoterm(&mut facts, first)?,
        test: false,
        warnings: Vec::new(),
        lines,
    };
    if order.financial_status == FinancialStatus::Unknown && status.is_some() {
        order.warnings.push(crate::Warning {
            code: WarningCode::StatusUnmapped,
            place: format!("row {}, column payment_status", first.row),
        });
    }
    Ok(order)
}

fn incoterm(facts: &mut Facts, first: &Draft) -> Result<Option<Incoterm>, RowError> {
    let Some(text) = facts.take(Field::Incoterm) else {
        return Ok(None);
    };
    let read = Incoterm::from_text(&text);
    read.map(Some).ok_or_else(|| first.error(Code::CodeInvalid, Field::Incoterm))
}

fn party(facts: &mut Facts) -> Option<Party> {
    let country = facts.take(Field::Country).and_then(|c| c.parse().ok());
    let joined = place::joined(facts.take(Field::FirstName), facts.take(Field::LastName));
    let party = Party {
        name: facts.take(Field::RecipientName).or(joined),
        company: facts.take(Field::Company),
        lines: [Field::Address1, Field::Address2, Field::Address3]
            .into_iter()
            .filter_map(|field| facts.take(field))
            .collect(),
        city: facts.take(Field::City),
        postcode: facts.take(Field::Postcode),
        subdivision: facts
            .take(Field::Subdivision)
            .map(|text| place::subdivision(country, &clean(&text))),
        country,
        country_text: None,
        phone: facts.take(Field::Phone),
        email: facts.take(Field::Email),
    };
    (!party.has_no_address()).then_some(party)
}

/// Payment words in the four languages of the headers; others are unknown.
fn payment(text: &str) -> FinancialStatus {
    match normalise(text).as_str() {
        "paid" | "paye" | "payee" | "bezahlt" | "pagado" => FinancialStatus::Paid,
        "pending" | "unpaid" | "en attente" | "impaye" | "offen" | "unbezahlt" | "pendiente" => {
            FinancialStatus::Pending
        }
        "authorized" | "authorised" | "autorise" | "autorisiert" | "autorizado" => {
            FinancialStatus::Authorized
        }
        "partially paid" => FinancialStatus::PartiallyPaid,
        "partially refunded" => FinancialStatus::PartiallyRefunded,
        "refunded" | "rembourse" | "erstattet" | "reembolsado" => FinancialStatus::Refunded,
        "voided" => FinancialStatus::Voided,
        "cash on delivery" | "cod" | "contre remboursement" | "nachnahme" | "contrareembolso" => {
            FinancialStatus::CashOnDelivery
        }
        _ => FinancialStatus::Unknown,
    }
}
