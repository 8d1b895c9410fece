#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use super::*;

fn refused(body: &[u8]) -> (Code, String, Option<usize>) {
    let error = parse(body, &Limits::WEBHOOK).unwrap_err();
    (error.code, error.pointer, error.byte)
}

#[test]
fn big_numbers_keep_their_text() {
    let text = r#"{"id": 18446744073709551617, "price": 12.50, "tiny": 1e-400}"#;
    let Node::Object(fields) = parse(text.as_bytes(), &Limits::WEBHOOK).unwrap() else {
        panic!("no object");
    };
    assert_eq!(fields[0].1, Node::Number("18446744073709551617"));
    assert_eq!(fields[1].1, Node::Number("12.50"));
    assert_eq!(fields[2].1, Node::Number("1e-400"));
}

#[test]
fn each_rule_has_its_code_place_and_byte() {
    let cases: &[(&[u8], Code, &str, usize)] = &[
        (b"", Code::Malformed, "", 0),
        (b"   ", Code::Malformed, "", 3),
        (br#"{"a": 1"#, Code::Malformed, "", 7),
        (br#"{"a": NaN}"#, Code::Malformed, "", 6),
        (br#"{"a": 01}"#, Code::Malformed, "", 7),
        (br#"{"a": 1} x"#, Code::Malformed, "", 9),
        (br#"{"a": 1,}"#, Code::Malformed, "", 8),
        (b"{\n\"a\": tru }", Code::Malformed, "", 10),
        (br#"{"a": ["\ud800"]}"#, Code::Malformed, "/a/0", 7),
        (b"{\"a\": \"\xff\"}", Code::NotUtf8, "", 7),
        (b"\xff\xfe{\0}\0", Code::NotUtf8, "", 0),
        (br#"{"a": {"b": 1, "b": 2}}"#, Code::DuplicateKey, "/a/b", 20),
        (br#"{"a": 1, "\u0061": 2}"#, Code::DuplicateKey, "/a", 19),
        (br#"{"x@example.org": 1, "x@example.org": 2}"#, Code::DuplicateKey, "/*", 38),
        (br#"{"a": ["x", "y\u0000"]}"#, Code::NulCharacter, "/a/1", 12),
        (br#"{"a\u0000": 1}"#, Code::NulCharacter, "", 12),
    ];
    for (body, code, pointer, byte) in cases {
        let shown = String::from_utf8_lossy(body);
        let wanted = (*code, (*pointer).to_owned(), Some(*byte));
        assert_eq!(refused(body), wanted, "{shown}");
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let deep = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
    assert!(parse(&deep(32), &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(&deep(33)).0, Code::TooDeep);
    assert_eq!(refused(&deep(400_000)).0, Code::TooDeep);
    let list = |n: usize| format!("[{}]", vec!["1"; n].join(",")).into_bytes();
    assert!(parse(&list(10_000), &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(&list(10_001)).0, Code::TooMany);
    let object = |n: usize| {
        let fields: Vec<String> = (0..n).map(|i| format!("\"k{i}\":1")).collect();
        format!("{{{}}}", fields.join(",")).into_bytes()
    };
    assert!(parse(&object(10_000), &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(&object(10_001)).0, Code::TooMany);
    let key = |n: usize| format!("{{\"{}\":1}}", "k".repeat(n)).into_bytes();
    assert!(parse(&key(128), &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(&key(129)).0, Code::TooMany);
    let body = |n: usize| format!("\"{}\"", "x".repeat(n - 2)).into_bytes();
    assert!(parse(&body(1 << 20), &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(&body((1 << 20) + 1)).0, Code::BodyTooLarge);
}

#[test]
fn a_byte_order_mark_is_skipped_and_counted() {
    assert!(parse(b"\xEF\xBB\xBF{\"a\":1}", &Limits::WEBHOOK).is_ok());
    assert_eq!(refused(b"\xEF\xBB\xBF{\"a\":x}").2, Some(8));
    let twice = b"\xEF\xBB\xBF\xEF\xBB\xBF{}";
    assert_eq!(refused(twice).0, Code::Malformed);
}

/// What the tree must equal: the same document read by serde_json alone.
fn same(node: &Node<'_>, value: &serde_json::Value) -> bool {
    match (node, value) {
        (Node::Null, serde_json::Value::Null) => true,
        (Node::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Node::Number(a), serde_json::Value::Number(b)) => *a == b.to_string(),
        (Node::Text(a), serde_json::Value::String(b)) => a == b,
        (Node::List(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Node::Object(a), serde_json::Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, node)| b.get(key).is_some_and(|v| same(node, v)))
        }
        _ => false,
    }
}

fn document() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\\x00]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-z\"\\\\é]{0,5}", inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn the_tree_is_the_document(value in document(), pretty: bool) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => value.to_string(),
        };
        let node = parse(text.as_bytes(), &Limits::WEBHOOK).unwrap();
        proptest::prop_assert!(same(&node, &value));
    }

    #[test]
    fn a_truncated_document_is_malformed_within_its_bytes(value in document(), cut in 0.0..1.0) {
        let text = serde_json::json!([value]).to_string();
        let at = ((text.len() as f64) * cut) as usize;
        let part = &text.as_bytes()[..at];
        let error = parse(part, &Limits::WEBHOOK).unwrap_err();
        proptest::prop_assert!(matches!(error.code, Code::Malformed | Code::NotUtf8));
        proptest::prop_assert!(error.byte.unwrap() <= at);
    }

    #[test]
    fn what_serde_json_refuses_is_refused(bytes: Vec<u8>) {
        if serde_json::from_slice::<serde_json::Value>(&bytes).is_err() {
            proptest::prop_assert!(parse(&bytes, &Limits::WEBHOOK).is_err()
                || bytes.starts_with(b"\xEF\xBB\xBF"));
        }
    }
}
