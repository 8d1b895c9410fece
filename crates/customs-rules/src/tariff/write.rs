//! Writing a tariff as the table that is loaded again.

use super::Tariff;

impl Tariff {
    /// The measures as a table with tabs, as [`Tariff::load`] reads it. Cells hold no tabs and no
    /// line ends.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table =
            "territory\tcode\tkind\texpression\torigin\tfrom\tto\theading\tsource\texcept\n"
                .to_owned();
        for (territory, code, measure) in self.measures() {
            let day = |day: Option<time::Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let cells = [
                territory.to_owned(),
                code.to_owned(),
                measure.kind.as_str().to_owned(),
                measure.expression.to_string(),
                measure.origin.clone().unwrap_or_default(),
                day(measure.from),
                day(measure.to),
                measure.heading.clone(),
                measure.source.clone(),
                measure.except.join("|"),
            ];
            let plain = cells.map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "));
            table.push_str(&plain.join("\t"));
            table.push('\n');
        }
        table
    }
}
