//! The cells of one row, read by field.

use colibri_types::{Country, Currency, Grams};
use rust_decimal::Decimal;

use crate::{
    Code, Warning, WarningCode,
    import::{
        Options, RowError, countries,
        evidence::{self, Evidence},
        fields::{Field, WeightUnit},
        header::Header,
        table::{Cell, Kind, Row},
    },
    json::clean,
    number,
};

/// Code points of one line of text, and of free text: those of the channels.
const LINE_MAX: usize = 255;
const NOTE_MAX: usize = 2_000;

/// Signs that stand for one currency. A dollar can be twenty, so it proves none.
const SIGNS: [(char, &str); 2] = [('€', "EUR"), ('£', "GBP")];

/// A row with its header and the evidence of its columns.
pub(in crate::import) struct Cells<'r, 't> {
    row: &'r Row<'t>,
    header: &'r Header,
    evidence: &'r [Evidence],
    options: &'r Options,
}

impl<'r, 't> Cells<'r, 't> {
    pub(super) fn new(
        row: &'r Row<'t>,
        header: &'r Header,
        evidence: &'r [Evidence],
        options: &'r Options,
    ) -> Self {
        Self { row, header, evidence, options }
    }

    pub(super) fn row(&self) -> u64 {
        self.row.number
    }

    /// Fields in the order of the columns, with their positions from 1.
    pub(super) fn fields(&self) -> impl Iterator<Item = (Field, u32)> {
        let numbered = (1..).zip(&self.header.columns);
        numbered.filter_map(|(position, column)| column.map(|c| (c.field, position)))
    }

    fn index(&self, field: Field) -> Option<usize> {
        let mut columns = self.header.columns.iter();
        columns.position(|column| column.is_some_and(|c| c.field == field))
    }

    /// The cell of a field, unless there is none or it is empty.
    pub(super) fn raw(&self, field: Field) -> Option<&'r Cell<'t>> {
        let cell = self.row.cells.get(self.index(field)?)?;
        (!cell.is_empty()).then_some(cell)
    }

    pub(super) fn first_text(&self) -> Option<String> {
        let cell = self.row.cells.iter().find(|cell| !cell.is_empty())?;
        Some(cell.text.trim().to_owned())
    }

    pub(super) fn error(&self, code: Code, field: Field) -> RowError {
        RowError {
            column: self.index(field).and_then(|i| u32::try_from(i + 1).ok()),
            field: Some(field),
            ..RowError::row(code, self.row.number)
        }
    }

    fn warning(&self, code: WarningCode, field: Field) -> Warning {
        Warning { code, place: format!("row {}, column {}", self.row.number, field.as_str()) }
    }

    /// What makes rows one order: the stable id if there is one, else the number. Read without
    /// judging it, so that a broken row still keeps the rest of its order back.
    pub(super) fn key(&self) -> Option<String> {
        let cell = self.raw(Field::ExternalId).or_else(|| self.raw(Field::OrderNumber))?;
        Some(clean(&cell.text)).filter(|key| !key.is_empty())
    }

    /// A readable cell of a text field.
    fn cell(&self, field: Field) -> Result<Option<&'r Cell<'t>>, RowError> {
        match self.raw(field) {
            Some(cell) if cell.kind == Kind::Error => Err(self.error(Code::CellError, field)),
            other => Ok(other),
        }
    }

    fn limited(&self, field: Field, text: String, max: usize) -> Result<Option<String>, RowError> {
        if text.contains('\0') {
            return Err(self.error(Code::NulCharacter, field));
        }
        if text.chars().count() > max {
            return Err(self.error(Code::TextTooLong, field));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    pub(super) fn long_text(&self, field: Field) -> Result<Option<String>, RowError> {
        match self.cell(field)? {
            Some(cell) => self.limited(field, clean(&cell.text), NOTE_MAX),
            None => Ok(None),
        }
    }

    /// A code, unless a spreadsheet has turned it into a rounded number or a date.
    pub(super) fn code(&self, field: Field) -> Result<Option<String>, RowError> {
        let Some(cell) = self.cell(field)? else {
            return Ok(None);
        };
        let destroyed = match cell.kind {
            Kind::Destroyed | Kind::Date => true,
            Kind::Text => is_rounded(cell.text.trim()),
            Kind::Number | Kind::Error => false,
        };
        if destroyed {
            return Err(self.error(Code::CodeDestroyed, field));
        }
        self.limited(field, clean(&cell.text), LINE_MAX)
    }

    /// A number that stands for an amount, a weight or a quantity.
    fn decimal(&self, field: Field, text: &str, kind: Kind) -> Result<Decimal, Code> {
        match kind {
            Kind::Number => number::decimal(text).ok_or(Code::AmountUnreadable),
            Kind::Text => {
                let proved = self.index(field).and_then(|i| self.evidence.get(i));
                let mark =
                    self.options.decimal_mark.or_else(|| proved.and_then(|e| e.decimal_mark()));
                evidence::decimal(text, mark)
            }
            Kind::Date | Kind::Destroyed | Kind::Error => Err(Code::AmountUnreadable),
        }
    }

    /// An amount that is not negative.
    pub(super) fn amount(&self, field: Field) -> Result<Option<Decimal>, RowError> {
        let Some(cell) = self.cell(field)? else {
            return Ok(None);
        };
        let (bare, _) = bare_number(field, &cell.text);
        let amount =
            self.decimal(field, bare, cell.kind).map_err(|code| self.error(code, field))?;
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(self.error(Code::AmountOutOfRange, field));
        }
        Ok(Some(amount))
    }

    pub(super) fn quantity(&self) -> Result<u32, RowError> {
        let field = Field::Quantity;
        let cell = self.cell(field)?.ok_or_else(|| self.error(Code::FieldMissing, field))?;
        let amount = self.decimal(field, cell.text.trim(), cell.kind);
        let amount = amount.map_err(|code| match code {
            Code::AmountAmbiguous => self.error(code, field),
            _ => self.error(Code::QuantityInvalid, field),
        })?;
        number::quantity(&amount.to_string())
            .ok_or_else(|| self.error(Code::QuantityInvalid, field))
    }

    /// Weight of one unit in whole grams; a part of a gram counts as one, as carriers round up.
    pub(super) fn weight(&self) -> Result<Option<Grams>, RowError> {
        let field = Field::Weight;
        let Some(cell) = self.cell(field)? else {
            return Ok(None);
        };
        let (bare, word) = bare_number(field, &cell.text);
        let in_header = self.header.columns.iter().flatten().find_map(|c| c.unit);
        let unit = match word {
            Some(word) => WeightUnit::from_word(&word.to_lowercase()),
            None => in_header.or(self.options.weight_unit),
        };
        let number = self.decimal(field, bare, cell.kind).map_err(|code| match code {
            Code::AmountAmbiguous => self.error(code, field),
            _ => self.error(Code::WeightInvalid, field),
        })?;
        if number.is_zero() {
            return Ok(None);
        }
        let unit = unit.ok_or_else(|| self.error(Code::UnitUnknown, field))?;
        let grams = number
            .checked_mul(unit.grams())
            .map(|grams| grams.ceil())
            .and_then(|grams| u32::try_from(grams).ok())
            .filter(|grams| *grams <= Grams::MAX.0);
        grams.map(|grams| Some(Grams(grams))).ok_or_else(|| self.error(Code::WeightInvalid, field))
    }

    pub(super) fn country(
        &self,
        field: Field,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Country>, RowError> {
        let Some(cell) = self.cell(field)? else {
            return Ok(None);
        };
        let read = countries::read(cell.text.trim())
            .ok_or_else(|| self.error(Code::CountryUnknown, field))?;
        if read.repaired {
            warnings.push(self.warning(WarningCode::CountryRepaired, field));
        }
        Ok(Some(read.country))
    }

    pub(super) fn hs_code(&self, warnings: &mut Vec<Warning>) -> Result<Option<String>, RowError> {
        let Some(text) = self.code(Field::HsCode)? else {
            return Ok(None);
        };
        self.note_number(Field::HsCode, warnings);
        let code = number::hs_code(&text);
        code.map(Some).ok_or_else(|| self.error(Code::CodeInvalid, Field::HsCode))
    }

    /// A barcode with a right check digit; shops also print their own, which are left out.
    pub(super) fn gtin(&self, warnings: &mut Vec<Warning>) -> Result<Option<String>, RowError> {
        let Some(text) = self.code(Field::Gtin)? else {
            return Ok(None);
        };
        let gtin = number::gtin(&text);
        if gtin.is_none() {
            warnings.push(self.warning(WarningCode::FieldUnreadable, Field::Gtin));
        }
        Ok(gtin)
    }

    /// Spreadsheet numbers have no leading zeros: whoever sees the code must know.
    fn note_number(&self, field: Field, warnings: &mut Vec<Warning>) {
        if self.raw(field).is_some_and(|cell| cell.kind == Kind::Number) {
            warnings.push(self.warning(WarningCode::CodeFromNumber, field));
        }
    }

    /// A fact of the order as text in one spelling, so that rows can be compared.
    pub(super) fn head(
        &self,
        field: Field,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<String>, RowError> {
        if field.is_of_line() {
            return Ok(None);
        }
        if field.is_amount() {
            let amount = self.amount(field)?;
            return Ok(amount.map(|amount| amount.normalize().to_string()));
        }
        if field.is_date() {
            return self.date(field);
        }
        match field {
            Field::Country | Field::BillingCountry => {
                let country = self.country(field, warnings)?;
                Ok(country.map(|country| country.to_string()))
            }
            Field::Currency => self.currency(),
            Field::OrderNumber | Field::ExternalId => self.code(field),
            Field::Postcode | Field::Phone => {
                self.note_number(field, warnings);
                self.code(field)
            }
            Field::Note => match self.cell(field)? {
                Some(cell) => self.limited(field, cell.text.trim().to_owned(), NOTE_MAX),
                None => Ok(None),
            },
            _ => match self.cell(field)? {
                Some(cell) => self.limited(field, cell.text.trim().to_owned(), LINE_MAX),
                None => Ok(None),
            },
        }
    }

    fn currency(&self) -> Result<Option<String>, RowError> {
        let Some(cell) = self.cell(Field::Currency)? else {
            return Ok(None);
        };
        let text = cell.text.trim().to_ascii_uppercase();
        let sign = SIGNS.iter().find(|(sign, _)| text == sign.to_string());
        let code = sign.map_or(text.as_str(), |(_, code)| code);
        match code.parse::<Currency>() {
            Ok(currency) => Ok(Some(currency.to_string())),
            Err(_) => Err(self.error(Code::CurrencyUnknown, Field::Currency)),
        }
    }

    fn date(&self, field: Field) -> Result<Option<String>, RowError> {
        let Some(cell) = self.cell(field)? else {
            return Ok(None);
        };
        let proved = self.index(field).and_then(|i| self.evidence.get(i));
        let order = self.options.date_order.or_else(|| proved.and_then(|e| e.date_order()));
        let read = match cell.kind {
            Kind::Text | Kind::Date => evidence::date(&cell.text, order),
            // A bare number may be a date whose format was lost; nothing says so.
            Kind::Number | Kind::Destroyed | Kind::Error => Err(Code::DateInvalid),
        };
        read.map(|time| Some(time.to_string())).map_err(|code| self.error(code, field))
    }

    /// Currencies that signs beside the amounts prove, as facts of the order.
    pub(super) fn currency_signs(&self) -> Vec<(Field, u32, String)> {
        let amounts = self.fields().filter(|(field, _)| field.is_amount());
        amounts
            .filter_map(|(field, column)| {
                let (_, word) = bare_number(field, &self.raw(field)?.text);
                let currency = currency_of(word?)?;
                Some((Field::Currency, column, currency))
            })
            .collect()
    }
}

/// `8,69E+12`: what a spreadsheet shows of a long number, with the last digits lost.
fn is_rounded(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = digits.split_once([',', '.']).unwrap_or((digits, "0"));
    exponent.strip_prefix('+').is_some_and(plain) && plain(whole) && plain(fraction)
}

fn currency_of(word: &str) -> Option<String> {
    let sign = SIGNS.iter().find(|(sign, _)| word == sign.to_string());
    let code = sign.map_or(word, |(_, code)| code);
    code.parse::<Currency>().ok().map(|c| c.to_string())
}

/// A number without the unit or currency beside it, and that word. Words that are neither stay,
/// and make the number unreadable.
pub(super) fn bare_number(field: Field, text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let known = |word: &str| match field {
        Field::Weight => WeightUnit::from_word(&word.to_lowercase()).is_some(),
        Field::Quantity => false,
        _ => word == "$" || currency_of(word).is_some(),
    };
    let is_number = |c: char| c.is_ascii_digit();
    let after = text.rfind(is_number).map_or(0, |at| at + 1);
    let (number, word) = text.split_at(after);
    if !word.trim().is_empty() && known(word.trim()) {
        return (number, Some(word.trim()));
    }
    let before = text.find(|c: char| is_number(c) || c == '-').unwrap_or(0);
    let (word, number) = text.split_at(before);
    if !word.trim().is_empty() && known(word.trim()) {
        return (number, Some(word.trim()));
    }
    (text, None)
}
