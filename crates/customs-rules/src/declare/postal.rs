//! What of the post carries the small form: rows of data, each with its source. A product without a
//! row carries CN23.

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::facts::PostalProduct;

/// When a product of the post carries CN22.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallForm {
    /// Id of the row.
    pub id: String,
    /// Service of the post.
    pub product: PostalProduct,
    /// Highest value in special drawing rights, included.
    pub sdr_max: Decimal,
    /// The same for a value that was converted with a dated figure.
    pub sdr_converted_max: Decimal,
    /// Heaviest item with its packing, included.
    pub kg_max: Decimal,
    /// Lines that fit.
    pub lines_max: usize,
    /// Why, in words.
    pub text: String,
    /// Where it was read.
    pub source: String,
    /// How well it is known.
    pub status: String,
}

/// The table that ships.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostalForms {
    rows: Vec<SmallForm>,
}

static SHIPPED: LazyLock<PostalForms> = LazyLock::new(|| {
    // A test reads it. Without a row everything carries CN23, which is never wrong.
    PostalForms::read(include_str!("../../data/postal_forms.csv")).unwrap_or_default()
});

impl PostalForms {
    /// The table that ships, read once.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a table, whole or not at all.
    ///
    /// # Errors
    /// The row that cannot be read.
    pub fn read(text: &str) -> Result<Self, csv::Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.deserialize().collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// Every row.
    #[must_use]
    pub fn rows(&self) -> &[SmallForm] {
        &self.rows
    }

    /// When this product carries the small form; `None`: never.
    #[must_use]
    pub fn small(&self, product: PostalProduct) -> Option<&SmallForm> {
        self.rows.iter().find(|row| row.product == product)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_table_that_ships_is_read_and_every_row_has_a_source() {
        let text = include_str!("../../data/postal_forms.csv");
        assert_eq!(&PostalForms::read(text).unwrap(), PostalForms::shipped());
        assert!(PostalForms::shipped().small(PostalProduct::Letter).is_some());
        for row in PostalForms::shipped().rows() {
            assert!(!row.source.is_empty() && !row.text.is_empty() && !row.status.is_empty());
            assert!(row.sdr_converted_max <= row.sdr_max && row.kg_max > Decimal::ZERO);
        }
        assert!(PostalForms::read(&text.replace(",letter,", ",balloon,")).is_err());
    }
}
