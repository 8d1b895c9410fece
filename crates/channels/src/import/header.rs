//! The header row: which column means what.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    Options, RowError,
    fields::{Field, NAMES, WeightUnit},
    table::Row,
};
use crate::Code;

/// Rows in which the header is looked for: exports put a title and a date above it.
pub(super) const SEARCHED_ROWS: usize = 10;

/// A used column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) field: Field,
    /// Unit that the header names, for weights.
    pub(super) unit: Option<WeightUnit>,
}

/// A header, by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) row: u64,
    pub(super) columns: Vec<Option<Column>>,
}

static FIELDS: LazyLock<HashMap<&'static str, Field>> = LazyLock::new(|| {
    let pairs = NAMES.iter();
    pairs.flat_map(|(field, names)| names.iter().map(|name| (*name, *field))).collect()
});

/// Lower case, without accents, words of letters and digits separated by one space.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::new();
    let plain = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for c in plain {
        match c {
            'ß' => out.push_str("ss"),
            'œ' => out.push_str("oe"),
            c if c.is_alphanumeric() => out.push(c),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn column(text: &str) -> Option<Column> {
    // Longer than any name: spares the normalisation of data cells.
    if text.len() > 60 {
        return None;
    }
    let name = normalise(text);
    if let Some(field) = FIELDS.get(name.as_str()) {
        return Some(Column { field: *field, unit: None });
    }
    let (stem, unit) = name.rsplit_once(' ')?;
    let unit = WeightUnit::from_word(unit)?;
    let stem = stem.strip_suffix(" in").or(stem.strip_suffix(" en")).unwrap_or(stem);
    let field = *FIELDS.get(stem)?;
    (field == Field::Weight).then_some(Column { field, unit: Some(unit) })
}

/// Columns of the row that are known, for finding header and delimiter.
pub(super) fn known_columns(row: &Row<'_>) -> usize {
    let known = row.cells.iter().filter(|cell| column(&cell.text).is_some());
    known.count()
}

/// Reads a row as the header.
///
/// # Errors
/// `CHN0022` when a required column is missing, `CHN0023` when two columns mean the same.
pub(super) fn read(row: &Row<'_>, options: &Options) -> Result<Header, RowError> {
    let columns: Vec<Option<Column>> = row.cells.iter().map(|c| column(&c.text)).collect();
    let has = |field: Field| columns.iter().flatten().any(|c| c.field == field);
    let complete = has(Field::OrderNumber)
        && has(Field::Quantity)
        && has(Field::UnitPrice)
        && (has(Field::Sku) || has(Field::ItemName))
        && (has(Field::Currency) || options.currency.is_some());
    if !complete {
        return Err(RowError::row(Code::HeaderNotFound, row.number));
    }
    for (index, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        let twice =
            columns.iter().take(index).flatten().any(|earlier| earlier.field == column.field);
        if twice {
            return Err(RowError {
                column: u32::try_from(index + 1).ok(),
                field: Some(column.field),
                ..RowError::row(Code::HeaderDuplicate, row.number)
            });
        }
    }
    Ok(Header { row: row.number, columns })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::import::table::Cell;

    fn row(text: &str) -> Row<'_> {
        Row { number: 1, cells: text.split(',').map(Cell::text).collect() }
    }

    #[test]
    fn headers_are_known_in_four_languages() {
        for text in [
            "Order Number,SKU,Qty,Unit price,Currency,Weight (g)",
            "N° de commande,Référence,Qté,Prix unitaire,Devise,Poids (kg)",
            "Bestellnummer,Artikelnummer,Menge,Einzelpreis,Währung,Gewicht in kg",
            "Número de pedido,Referencia,Cantidad,Precio unitario,Moneda,Peso (g)",
            "order_number,sku,quantity,unit_price,currency,weight_g",
        ] {
            let header = read(&row(text), &Options::default()).unwrap();
            assert!(header.columns.iter().all(Option::is_some), "{text}");
            assert!(header.columns.last().unwrap().unwrap().unit.is_some());
        }
    }

    #[test]
    fn a_header_lacks_nothing_and_repeats_nothing() {
        let options = Options::default();
        let error = |text: &str| read(&row(text), &options).unwrap_err();
        assert_eq!(error("Order,SKU,Qty,Price").code, Code::HeaderNotFound);
        let twice = error("Order,SKU,Qty,Price,Currency,Colour,Prix");
        assert_eq!((twice.code, twice.column), (Code::HeaderDuplicate, Some(7)));
        assert_eq!(twice.field, Some(Field::UnitPrice));
    }

    proptest::proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,30}") {
            let once = normalise(&text);
            proptest::prop_assert_eq!(normalise(&once), once);
        }
    }
}
