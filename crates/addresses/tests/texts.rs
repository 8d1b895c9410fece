//! Reading JSON and CSV.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use colibri_addresses::{Code, FormatHint, LineVerdict, NoticeCode, check_text};

fn auto(text: &str) -> Vec<LineVerdict> {
    check_text(text, FormatHint::Auto)
}

fn valid(verdicts: &[LineVerdict]) -> Vec<bool> {
    verdicts.iter().map(|v| v.valid).collect()
}

fn first_code(verdict: &LineVerdict) -> Option<Code> {
    verdict.problems.first().map(|p| p.code)
}

fn postcode(verdict: &LineVerdict) -> Option<&str> {
    verdict.normalised.as_ref()?.postcode.as_deref()
}

const GOOD: &str = r#"{"name":"Camille Exemple","lines":["12 rue Imaginaire"],"city":"Paris",
"postcode":"75008","country":"FR"}"#;

#[test]
fn an_object_an_array_and_lines() {
    assert_eq!(valid(&auto(GOOD)), [true]);
    assert_eq!(
        valid(&auto(&format!("[{GOOD},{{\"country\":\"FR\"}},{GOOD}]"))),
        [true, false, true]
    );
    let line = GOOD.replace('\n', "");
    let verdicts = auto(&format!("{line}\n\nnot json\n{line}\n"));
    assert_eq!(valid(&verdicts), [true, false, true]);
    assert_eq!(verdicts.iter().map(|v| v.line).collect::<Vec<_>>(), [Some(1), Some(3), Some(4)]);
    assert_eq!(verdicts.iter().map(|v| v.record).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn our_own_serialised_address_reads_back() {
    let once = auto(GOOD).remove(0);
    let json = serde_json::to_string(&once.normalised).expect("json");
    assert_eq!(auto(&json).remove(0).normalised, once.normalised);
}

#[test]
fn shopify_and_woocommerce_orders() {
    let shopify = r##"{"orders":[{"name":"#1001","email":"a@example.com","shipping_address":{
        "first_name":"Jo","last_name":"Sample","address1":"22 Sample St","address2":null,
        "zip":"90210","city":"Beverly Hills","province":"California","province_code":"CA",
        "country":"United States","country_code":"US","phone":"2025550147"}}]}"##;
    let verdict = auto(shopify).remove(0);
    assert!(verdict.valid, "{:?}", verdict.problems);
    let a = verdict.normalised.expect("address");
    assert_eq!(a.name.as_deref(), Some("Jo Sample"));
    assert_eq!((a.country.as_str(), a.subdivision.as_deref()), ("US", Some("CA")));
    let woo = r#"{"shipping":{"first_name":"Jo","last_name":"Muster","company":"",
        "address_1":"Musterweg 1","address_2":"","city":"Berlin","postcode":"D-10115",
        "state":"DE-BE","country":"DE"}}"#;
    let verdict = auto(woo).remove(0);
    assert!(verdict.valid, "{:?}", verdict.problems);
    assert_eq!(postcode(&verdict), Some("10115"));
}

#[test]
fn odd_values_in_json_concern_their_record_only() {
    let text = format!(
        r#"[{{"city":["a",1.5],"country":"FR","postcode":75008,"address1":"12 rue X"}},
        42, {{"city":"Paris","city":"Lyon","country":"FR"}}, {{"sku":"x"}}, {GOOD}]"#
    );
    let verdicts = auto(&text);
    assert_eq!(valid(&verdicts), [false, false, false, false, true]);
    let codes: Vec<_> = verdicts.iter().filter_map(first_code).collect();
    assert_eq!(
        codes,
        [Code::WrongType, Code::RecordUnreadable, Code::RecordUnreadable, Code::RecordUnreadable]
    );
    // A whole number is read as text: shops send postcodes unquoted.
    assert_eq!(postcode(&verdicts[0]), Some("75008"));
    assert_eq!(verdicts[0].problems.len(), 1, "{:?}", verdicts[0].problems);
}

#[test]
fn a_broken_array_keeps_what_came_before_the_fault() {
    let verdicts = auto(&format!("[{GOOD}, {GOOD}, {{\"country\": "));
    assert_eq!(valid(&verdicts), [true, true, false]);
    assert_eq!(first_code(&verdicts[2]), Some(Code::RecordUnreadable));
    let verdicts = auto("{\"name\": \"Zebulon\", ");
    assert_eq!(verdicts.len(), 1);
    assert!(!format!("{verdicts:?}").contains("Zebulon"));
}

#[test]
fn nothing_to_read() {
    for text in ["", "  \n", "\u{FEFF}", "[]", "hello", "a,b\n1,2\n", "name,city,country\n"] {
        let verdicts = auto(text);
        assert_eq!(verdicts.len(), 1, "{text:?}");
        assert_eq!(first_code(&verdicts[0]), Some(Code::InputUnreadable), "{text:?}");
    }
}

#[test]
fn csv_with_the_delimiters_and_words_in_use() {
    for text in [
        "name,address1,zip,city,country\nCamille,12 rue X,75008,Paris,FR\n",
        "Nom;Adresse;Code postal;Ville;Pays\nCamille;12 rue X;75008;Paris;France\n",
        "Vorname\tNachname\tStraße\tHausnummer\tPLZ\tOrt\tLand\n\
         C\tE\true X\t12\t75008\tParis\tFrankreich\n",
        "\u{FEFF}NAME|STREET|POSTAL_CODE|TOWN|COUNTRY_CODE\r\nCamille|12 rue X|75008|Paris|fr\r\n",
        "Name,Shipping Name,Shipping Street,Shipping Zip,Shipping City,Shipping Country,\
         Billing Zip\n#1001,Camille,12 rue X,75008,Paris,FR,1\n",
    ] {
        let verdicts = auto(text);
        assert_eq!(valid(&verdicts), [true], "{text} {:?}", verdicts);
        let a = verdicts[0].normalised.as_ref().expect("address");
        assert_eq!(a.lines, ["12 rue X"], "{text}");
        assert_eq!((a.postcode.as_deref(), a.country.as_str()), (Some("75008"), "FR"));
        assert_ne!(a.name.as_deref(), Some("#1001"));
    }
}

#[test]
fn house_numbers_stand_where_the_country_puts_them() {
    let line = |country: &str| {
        let text = format!("street,house_number,country\nMusterweg,7,{country}\n");
        auto(&text).remove(0).normalised.expect("address").lines.remove(0)
    };
    assert_eq!(line("DE"), "Musterweg 7");
    assert_eq!(line("FR"), "7 Musterweg");
}

#[test]
fn a_bad_row_never_stops_the_others() {
    let text = "name,address1,zip,city,country\n\
        A,12 rue X,75008,Paris,FR\n\
        B,12 rue X,75008,Paris\n\
        C,\"12 rue X,75008,Paris,FR\n\
        D,12 rue X,75008,Paris,FR\n\
        E,\"12 rue X\nBat. 2\",75008,Paris,FR\n\
        \n\
        ,,,,\n\
        F,12 rue X,7500,Paris,FR,,\n\
        G,12 rue X,75008,Paris,FR\n";
    let verdicts = auto(text);
    let seen: Vec<_> = verdicts.iter().map(|v| (v.line.expect("line"), first_code(v))).collect();
    assert_eq!(
        seen,
        [
            (2, None),
            (3, Some(Code::RecordUnreadable)),
            (4, Some(Code::RecordUnreadable)),
            (5, None),
            (6, None),
            (10, Some(Code::PostcodeInvalid)),
            (11, None),
        ]
    );
    let split = verdicts[4].normalised.as_ref().expect("address");
    assert_eq!(split.lines, ["12 rue X", "Bat. 2"]);
}

#[test]
fn a_quote_lost_in_the_last_column_swallows_one_row_only() {
    let text = "name,address1,zip,city,country\n\
        A,12 rue X,75008,Paris,\"FR\n\
        B,12 rue X,75008,Paris,FR\n\
        C,12 rue X,75008,Paris,FR\n";
    assert_eq!(valid(&auto(text)), [false, true, true]);
}

#[test]
fn columns_named_twice_and_columns_that_differ() {
    let twice = auto("zip,ZIP,country\n1,2,FR\n");
    assert_eq!(first_code(&twice[0]), Some(Code::InputUnreadable));
    let differ = auto("address1,zip,postcode,city,country\n12 rue X,75001,75008,Paris,FR\n");
    assert!(differ[0].valid);
    assert!(differ[0].notices.iter().any(|n| n.code == NoticeCode::ConflictingColumns));
    assert_eq!(postcode(&differ[0]), Some("75008"));
}

#[test]
fn the_answer_serialises_with_public_codes() {
    let verdict = auto("address1,zip,city,country\n12 rue X,7500,Paris,FR\n").remove(0);
    let json = serde_json::to_value(&verdict).expect("json");
    assert_eq!(json["valid"], false);
    assert_eq!(json["record"], 1);
    assert_eq!(json["line"], 2);
    assert_eq!(json["problems"][0]["code"], "ADR0007");
    assert_eq!(json["problems"][0]["field"], "postcode");
    assert_eq!(json["notices"][0]["code"], "recipient_missing");
    assert_eq!(json["normalised"]["country"], "FR");
}

#[test]
fn hints_override_the_first_character() {
    assert_eq!(FormatHint::from_file_name("a.JSONL"), FormatHint::JsonLines);
    assert_eq!(FormatHint::from_file_name("a.csv"), FormatHint::Csv);
    assert_eq!(FormatHint::from_file_name("a"), FormatHint::Auto);
    let verdicts = check_text(GOOD, FormatHint::Csv);
    assert_eq!(first_code(&verdicts[0]), Some(Code::InputUnreadable));
}

#[test]
fn many_lost_quotes_end_in_bounded_work() {
    let mut text = String::from("name,address1,zip,city,country\n");
    for _ in 0..3000 {
        text.push_str("A,\"\"\"\"\"12 rue X,75008,Paris,FR\n");
    }
    let verdicts = auto(&text);
    assert!(verdicts.iter().all(|v| !v.valid));
    assert_eq!(verdicts.last().and_then(first_code), Some(Code::InputUnreadable));
}
