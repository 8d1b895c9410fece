#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use super::*;
use crate::{FinancialStatus, NoDelivery, WarningCode};

fn euro() -> Options {
    Options { currency: Some(Currency::EUR), ..Options::default() }
}

fn read(text: &str) -> ImportReport {
    let report = read_csv(text.as_bytes(), &euro());
    assert_eq!(report.stopped, None);
    report
}

/// Refused rows as (row, code, field).
fn refused(report: &ImportReport) -> Vec<(u64, Code, Option<Field>)> {
    report.refused().map(|e| (e.row, e.code, e.field)).collect()
}

/// One row under a small header.
fn one(header: &str, row: &str) -> ImportReport {
    read(&format!("order number;sku;quantity;price;{header}\nA1;MUG;1;2.50;{row}\n"))
}

fn first_error(report: &ImportReport) -> (Code, Option<Field>) {
    let error = report.refused().next().unwrap();
    (error.code, error.field)
}

#[test]
fn a_french_file_becomes_orders() {
    let text = "N° de commande;Date de commande;Référence;Désignation;Qté;Prix unitaire;Poids (kg);\
        Destinataire;Adresse;Complément d'adresse;Code postal;Ville;Pays;Téléphone;\
        Frais de port;Total commande;Remarque;Statut paiement\r\n\
        C-1042;13/10/2026;MUG-35-BLU;Mug grès;2;14,90;0,42;Camille Exemple;12 rue des Essais;\
        Bât. B;01000;Bourg-en-Essai;France;+33639980123;4,90;79,70;=1+1;payé\r\n\
        C-1042;;TEA-08-BLK;Théière;1;45,00 €;2,05;;;;;;;;;;;\r\n\
        C-1043;05/10/2026;MUG-35-BLU;Mug grès;1;1.014,90;0,42;Zoé Essai;3 place du Test;;\
        69003;Lyon;FR;;0,00;;;\r\n";
    let (bytes, encoding) = (text.as_bytes(), Encoding::Utf8);
    let report = read_csv(bytes, &euro());
    assert_eq!(refused(&report), []);
    assert_eq!((report.encoding, report.delimiter), (Some(encoding), Some(';')));
    assert_eq!(report.orders.len(), 2);
    let imported = &report.orders[0];
    assert_eq!(imported.rows, [2, 3]);
    let order = &imported.order;
    assert_eq!((order.channel.as_str(), order.number.as_str()), ("csv", "C-1042"));
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-10-13");
    assert_eq!(order.lines.len(), 2);
    assert_eq!(order.lines[0].unit_price.amount_minor, 1490);
    assert_eq!(order.lines[0].unit_weight.unwrap().0, 420);
    assert_eq!(order.lines[1].unit_price.amount_minor, 4500);
    assert_eq!(order.totals.items.amount_minor, 7480);
    assert_eq!(order.totals.grand.unwrap().amount_minor, 7970);
    assert_eq!(order.financial_status, FinancialStatus::Paid);
    assert_eq!(order.note.as_ref().unwrap().expose(), "=1+1", "a formula is text");
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!(to.lines, ["12 rue des Essais", "Bât. B"]);
    assert_eq!(to.postcode.as_deref(), Some("01000"));
    assert_eq!(to.phone.as_deref(), Some("+33639980123"));
    assert_eq!(to.country.unwrap().as_str(), "FR");
    let codes: Vec<_> = order.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, [WarningCode::CountryRepaired]);
    assert_eq!(report.orders[1].order.lines[0].unit_price.amount_minor, 101_490);
    assert_eq!(report.orders[1].order.placed_at.unwrap().to_string(), "2026-10-05");
    let price = report.columns.iter().find(|c| c.field == Some(Field::UnitPrice)).unwrap();
    assert_eq!(price.decimal_mark, Some(DecimalMark::Comma));
}

#[test]
fn one_file_is_one_content_in_every_encoding_and_delimiter() {
    let text = "Bestellnummer;Artikelnummer;Menge;Einzelpreis;Ort\nB1;Krug;2;4,50;Köln\n";
    let base = read(text);
    assert_eq!(base.orders[0].order.ship_to.as_ref().unwrap().city.as_deref(), Some("Köln"));
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let tabs = text.replace(';', "\t").into_bytes();
    let quoted = text.replace("4,50", "\"4,50\"").replace(';', ",").into_bytes();
    for bytes in [utf16, marked, tabs, quoted] {
        assert_eq!(read_csv(&bytes, &euro()).orders, base.orders);
    }
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let report = read_csv(&latin, &euro());
    assert_eq!(report.encoding, Some(Encoding::Windows1252));
    let mut order = report.orders[0].order.clone();
    assert_eq!(order.warnings.pop().unwrap().code, WarningCode::EncodingAssumed);
    assert_eq!(order, base.orders[0].order);
}

#[test]
fn a_row_fails_alone_and_keeps_its_order_back() {
    let report = read(
        "order,sku,qty,price\n\
         A,MUG,1,2.50\n\
         B,MUG,x,2.50\n\
         A,POT,2,3.00\n\
         B,POT,1,3.00\n\
         C,POT,1\n\
         ,POT,1,3.00\n\
         C,MUG,1,2.50\n",
    );
    assert_eq!(
        refused(&report),
        [
            (3, Code::QuantityInvalid, Some(Field::Quantity)),
            (5, Code::OrderIncomplete, None),
            (6, Code::Ragged, None),
            (7, Code::FieldMissing, Some(Field::OrderNumber)),
            (8, Code::OrderIncomplete, None),
        ]
    );
    let error = report.refused().next().unwrap();
    assert_eq!(error.column, Some(3));
    assert_eq!(
        error.to_string(),
        "CHN0015 in row 3, column 3 (quantity): a quantity is not a whole number from 0 to 1000000"
    );
    assert_eq!(report.orders.len(), 1);
    assert_eq!(report.orders[0].rows, [2, 4]);
    let rows: Vec<u64> = report.rows.iter().map(|r| r.row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn an_open_quote_stops_at_its_row() {
    let report =
        read_csv(b"order,sku,qty,price\nA,MUG,1,2.50\nB,\"MUG,1,2.50\nC,POT,1,3.00\n", &euro());
    let stopped = report.stopped.clone().unwrap();
    assert_eq!((stopped.code, stopped.row), (Code::OpenQuote, 3));
    assert_eq!(report.orders.len(), 1);
    assert_eq!(refused(&report), [(3, Code::OpenQuote, None)]);
}

#[test]
fn bad_cells_refuse_their_row_and_their_order() {
    let report = read("order,sku,qty,price\nA,M\0UG,1,2.50\nA,POT,1,3.00\nB,POT,1,3.00\n");
    assert_eq!(refused(&report), [(2, Code::NulCharacter, None), (3, Code::OrderIncomplete, None)]);
    assert_eq!(report.orders.len(), 1);
}

#[test]
fn decimals_are_read_by_their_column() {
    let prices = |values: &[&str], options: &Options| -> Vec<Result<i64, Code>> {
        let rows: String =
            (0..).zip(values).map(|(i, value)| format!("O{i};MUG;1;{value}\n")).collect();
        let text = format!("order;sku;qty;price\n{rows}");
        let report = read_csv(text.as_bytes(), options);
        let outcomes = report.rows.iter().map(|row| match &row.outcome {
            RowOutcome::Accepted { order } => {
                Ok(report.orders[*order].order.lines[0].unit_price.amount_minor)
            }
            RowOutcome::Refused(error) => Err(error.code),
            RowOutcome::Skipped => panic!("skipped"),
        });
        outcomes.collect()
    };
    let none = euro();
    assert_eq!(prices(&["1.234"], &none), [Err(Code::AmountAmbiguous)]);
    assert_eq!(prices(&["1.234", "5,50"], &none), [Ok(123_400), Ok(550)]);
    assert_eq!(prices(&["1,234", "5.50"], &none), [Ok(123_400), Ok(550)]);
    assert_eq!(
        prices(&["1.234", "5,50", "5.50"], &none),
        [Err(Code::AmountAmbiguous), Ok(550), Ok(550)]
    );
    let declared = Options { decimal_mark: Some(DecimalMark::Comma), ..euro() };
    assert_eq!(prices(&["1.234"], &declared), [Ok(123_400)]);
    // A third decimal is no amount in euros: refused, not rounded.
    assert_eq!(prices(&["1,2345"], &none), [Err(Code::AmountOutOfRange)]);
    assert_eq!(prices(&["-1,00"], &none), [Err(Code::AmountOutOfRange)]);
    assert_eq!(prices(&["1e3"], &none), [Err(Code::AmountUnreadable)]);
    assert_eq!(prices(&["£5.00"], &none), [Ok(500)], "the sign decides over the default");
}

#[test]
fn currencies_are_not_mixed() {
    let report = read("order;sku;qty;price;currency\nA;MUG;1;£2.50;EUR\nB;MUG;1;2.50;XYZ\n");
    assert_eq!(
        refused(&report),
        [
            (2, Code::CurrencyMixed, Some(Field::Currency)),
            (3, Code::CurrencyUnknown, Some(Field::Currency)),
        ]
    );
    let text = b"order;sku;qty;price;currency\nA;MUG;1;250;JPY\nA;POT;1;300;\nB;MUG;1;2;\n";
    let report = read_csv(text, &Options::default());
    assert_eq!(report.orders[0].order.lines[1].unit_price.amount_minor, 300);
    assert_eq!(refused(&report), [(4, Code::FieldMissing, Some(Field::Currency))]);
    let header = read_csv(b"order;sku;qty;price\nA;MUG;1;2\n", &Options::default());
    assert_eq!(header.stopped.unwrap().code, Code::HeaderNotFound);
}

#[test]
fn rows_of_an_order_may_not_contradict() {
    let report = read(
        "order;sku;qty;price;city;shipping\n\
         A;MUG;1;2.50;Lyon;4.9\nA;POT;1;3.00;;4.90\n\
         B;MUG;1;2.50;Lyon;\nB;POT;1;3.00;Nantes;\n",
    );
    assert_eq!(report.orders.len(), 1);
    assert_eq!(report.orders[0].order.shipping.paid.unwrap().amount_minor, 490);
    let errors: Vec<_> = report.refused().cloned().collect();
    assert_eq!(
        (errors[0].row, errors[0].code, errors[0].other_row),
        (4, Code::OrderIncomplete, Some(5))
    );
    assert_eq!((errors[1].row, errors[1].code), (5, Code::OrderConflict));
    assert_eq!(
        (errors[1].field, errors[1].column, errors[1].other_row),
        (Some(Field::City), Some(5), Some(4))
    );
}

#[test]
fn values_a_spreadsheet_destroyed_are_refused() {
    for (field, value, code) in [
        ("gtin", "8,69E+12", Code::CodeDestroyed),
        ("phone", "3.36E+10", Code::CodeDestroyed),
        ("postcode", "1E+05", Code::CodeDestroyed),
        ("hs code", "6912", Code::CodeInvalid),
        ("country", "Atlantis", Code::CountryUnknown),
        ("weight", "2", Code::UnitUnknown),
        ("weight", "2 stone", Code::WeightInvalid),
        ("weight (kg)", "2000", Code::WeightInvalid),
        ("order date", "05/10/2026", Code::DateAmbiguous),
        ("order date", "05/10/26", Code::DateInvalid),
        ("incoterm", "XYZ", Code::CodeInvalid),
        ("discount", "3.00", Code::AmountOutOfRange),
    ] {
        assert_eq!(first_error(&one(field, value)).0, code, "{field} {value}");
    }
    let long = "x".repeat(256);
    assert_eq!(first_error(&one("city", &long)), (Code::TextTooLong, Some(Field::City)));
}

#[test]
fn weights_are_whole_grams_rounded_up() {
    for (header, value, wanted) in [
        ("weight (g)", "420", Some(420)),
        ("Poids en kg", "0,4205", Some(421)),
        ("weight", "1.5 kg", Some(1500)),
        ("weight", "1 lb", Some(454)),
        ("weight", "1oz", Some(29)),
        ("weight", "0", None),
        ("weight (kg)", "", None),
    ] {
        let report = one(header, value);
        assert_eq!(refused(&report), [], "{header} {value}");
        let weight = report.orders[0].order.lines[0].unit_weight;
        assert_eq!(weight.map(|w| w.0), wanted, "{header} {value}");
    }
    let grams = Options { weight_unit: Some(WeightUnit::Gram), ..euro() };
    let report = read_csv(b"order;sku;qty;price;weight\nA;MUG;1;2;420\n", &grams);
    assert_eq!(report.orders[0].order.lines[0].unit_weight.unwrap().0, 420);
}

#[test]
fn titles_totals_comments_and_blank_lines_are_no_orders() {
    let report = read(
        "Export of the shop\n\norder;sku;qty;price\nA;MUG;1;2.50\n;;;\n\n# checked;;;\n\
         #1043;MUG;1;2.50\nTotal;;2;5.00\n",
    );
    assert_eq!(report.header_row, Some(3));
    assert_eq!(refused(&report), []);
    assert_eq!(report.orders.len(), 2);
    let skipped = report.rows.iter().filter(|r| r.outcome == RowOutcome::Skipped);
    assert_eq!(skipped.map(|r| r.row).collect::<Vec<_>>(), [5, 6, 7, 9]);
}

#[test]
fn headers_must_be_whole_and_unique() {
    let stop = |text: &str| read_csv(text.as_bytes(), &euro()).stopped.unwrap();
    assert_eq!(stop("").code, Code::HeaderNotFound);
    assert_eq!(stop("order;qty;price\nA;1;2\n").code, Code::HeaderNotFound);
    let twice = stop("order;sku;qty;price;prix\nA;MUG;1;2;3\n");
    assert_eq!((twice.code, twice.column), (Code::HeaderDuplicate, Some(5)));
    let many = format!("order;sku;qty;price{}\n", ";x".repeat(509));
    assert_eq!(stop(&many).code, Code::TooManyColumns);
    let small = Options { limits: Limits { csv_bytes: 3, ..Limits::default() }, ..euro() };
    assert_eq!(read_csv(b"abcd", &small).stopped.unwrap().code, Code::FileTooLarge);
    let few = Options { limits: Limits { rows: 2, ..Limits::default() }, ..euro() };
    let report = read_csv(b"order;sku;qty;price\nA;M;1;2\nB;M;1;2\nC;M;1;2\n", &few);
    assert_eq!(report.stopped.unwrap().code, Code::TooManyRows);
    assert_eq!(report.orders.len(), 2);
}

#[test]
fn equal_lines_keep_their_own_ids_wherever_they_stand() {
    let ids = |text: &str| -> Vec<String> {
        let report = read(&format!("order;sku;qty;price\n{text}"));
        let lines = &report.orders[0].order.lines;
        assert!(lines.iter().all(|line| line.line_id_derived));
        lines.iter().map(|line| line.line_id.clone()).collect()
    };
    let first = ids("A;MUG;1;2\nA;POT;1;2\nA;MUG;1;2\n");
    let again = ids("A;MUG;1;2\nA;MUG;1;2\nA;POT;1;2\n");
    assert_eq!(again, [first[0].clone(), first[2].clone(), first[1].clone()]);
    assert_ne!(first[0], first[2]);
}

#[test]
fn an_order_without_address_says_so() {
    let order = &one("note", "hello").orders[0].order;
    assert_eq!(
        (order.ship_to.clone(), order.no_delivery),
        (None, Some(NoDelivery::AddressMissing))
    );
    let order = &one("external id", "X-9").orders[0].order;
    assert_eq!((order.external_id.as_str(), order.number.as_str()), ("X-9", "A1"));
}

#[test]
fn errors_and_debug_hold_nothing_of_a_person() {
    let text = "order;sku;qty;price;recipient;address;city;note;country\n\
        A;MUG;1;2;Camille Canari;7 rue Canari;Canari;canari;FR\n\
        B;MUG;x;2;Camille Canari;7 rue Canari;Canari;canari;Canari\n";
    let report = read(text);
    let shown =
        format!("{report:?} {:?}", report.refused().map(ToString::to_string).collect::<Vec<_>>());
    assert!(!shown.to_lowercase().contains("canari"), "{shown}");
}

proptest::proptest! {
    #[test]
    fn any_bytes_give_a_report(bytes: Vec<u8>) {
        let _ = read_csv(&bytes, &euro());
        let _ = read_xlsx(&bytes, &euro());
    }

    /// Rows in = accepted + refused + skipped, each once, whatever is damaged.
    #[test]
    fn counts_balance(
        rows in proptest::collection::vec(("[A-C]{0,1}", "(MUG|POT|)", "[0-9x]{0,2}",
            "[0-9]{1,2}[.,][0-9]{1,3}|\"|"), 0..12),
    ) {
        let body: String = rows.iter().map(|(o, s, q, p)| format!("{o};{s};{q};{p}\n")).collect();
        let report = read_csv(format!("order;sku;qty;price\n{body}").as_bytes(), &euro());
        let numbers: Vec<u64> = report.rows.iter().map(|r| r.row).collect();
        let wanted: Vec<u64> = (2..).take(numbers.len()).collect();
        proptest::prop_assert_eq!(&numbers, &wanted);
        // Two quotes make one row of several; one quote stops the reading.
        let quoted = rows.iter().any(|(_, _, _, price)| price == "\"");
        proptest::prop_assert!(quoted || numbers.len() == rows.len());
        let accepted = report.rows.iter()
            .filter(|r| matches!(r.outcome, RowOutcome::Accepted { .. })).count();
        let held: usize = report.orders.iter().map(|o| o.rows.len()).sum();
        proptest::prop_assert_eq!(accepted, held);
        for order in &report.orders {
            proptest::prop_assert_eq!(order.rows.len(), order.order.lines.len());
        }
    }
}
