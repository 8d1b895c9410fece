//! JSON object, array and lines.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::record::{Value, verdict};
use super::{COLUMNS_MAX, LineVerdict, RECORD_BYTES_MAX, RECORDS_MAX};
use crate::Code;
use crate::text::fold;

/// JSON as it came. Objects keep their keys in order so that a repeated one can be seen: two
/// readers of such a document would see two different addresses.
enum Node {
    Null,
    Text(String),
    Whole(String),
    Other(&'static str),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    Repeated,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other("true or false"))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Node, E> {
        Ok(Node::Whole(n.to_string()))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other("a negative number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other("a number with decimals"))
    }
    fn visit_str<E>(self, s: &str) -> Result<Node, E> {
        Ok(Node::Text(s.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = seq.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        let mut repeated = false;
        while let Some((key, node)) = map.next_entry::<String, Node>()? {
            repeated |= !seen.insert(key.clone());
            pairs.push((key, node));
        }
        Ok(if repeated { Node::Repeated } else { Node::Object(pairs) })
    }
}

/// Collects the elements of an array; those before a fault survive it.
struct Elements<'a>(&'a mut Vec<Node>);

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(node) = seq.next_element()? {
            // One more than the limit, so that passing it is seen.
            if self.0.len() <= RECORDS_MAX {
                self.0.push(node);
            }
        }
        Ok(())
    }
}

/// One object, one array, or, when the text goes on after the first object, lines.
pub fn document(text: &str) -> Vec<LineVerdict> {
    if text.trim_start().starts_with('[') {
        return array(text);
    }
    match serde_json::from_str::<Node>(text) {
        Ok(node) => many(unwrap_list(node), None),
        Err(error) => {
            let first = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
            let by_line = serde_json::from_str::<Node>(first).is_ok()
                || (text.lines().count() > 1 && first.trim_end().ends_with('}'));
            if by_line { lines(text) } else { vec![broken(1, None, &error)] }
        }
    }
}

fn array(text: &str) -> Vec<LineVerdict> {
    let mut nodes = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = Elements(&mut nodes).deserialize(&mut deserializer);
    let fault = result.and_then(|()| deserializer.end()).err();
    let mut verdicts = many(nodes, fault.is_none().then_some(()).map(|()| "the list"));
    if let Some(error) = fault {
        verdicts.push(broken(verdicts.len() + 1, None, &error));
    }
    verdicts
}

/// One JSON object per line; empty lines are skipped.
pub fn lines(text: &str) -> Vec<LineVerdict> {
    let mut verdicts = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let record = verdicts.len() + 1;
        if record > RECORDS_MAX {
            verdicts.push(too_many(record));
            break;
        }
        verdicts.push(if line.len() > RECORD_BYTES_MAX {
            let reason = format!("the record is larger than {RECORD_BYTES_MAX} bytes");
            LineVerdict::unreadable(record, Some(i + 1), Code::RecordUnreadable, reason)
        } else {
            match serde_json::from_str::<Node>(line) {
                Ok(node) => one(record, Some(i + 1), node),
                Err(error) => broken(record, Some(i + 1), &error),
            }
        });
    }
    verdicts
}

fn many(nodes: Vec<Node>, whole: Option<&str>) -> Vec<LineVerdict> {
    if nodes.is_empty() && whole.is_some() {
        let reason = "the list is empty: expected at least one address".to_owned();
        return vec![LineVerdict::unreadable(1, None, Code::InputUnreadable, reason)];
    }
    let mut verdicts = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.into_iter().enumerate() {
        if i >= RECORDS_MAX {
            verdicts.push(too_many(i + 1));
            break;
        }
        verdicts.push(one(i + 1, None, node));
    }
    verdicts
}

fn too_many(record: usize) -> LineVerdict {
    let reason = format!("more than {RECORDS_MAX} records: send the rest apart");
    LineVerdict::unreadable(record, None, Code::InputUnreadable, reason)
}

/// The position of a fault, never the text: serde's own message can repeat a value.
fn broken(record: usize, line: Option<usize>, error: &serde_json::Error) -> LineVerdict {
    let at = match line {
        Some(line) => format!("line {line}, column {}", error.column()),
        None => format!("line {}, column {}", error.line(), error.column()),
    };
    let reason =
        format!("no valid JSON at {at}: expected an object such as {{\"country\": \"FR\"}}");
    LineVerdict::unreadable(record, line, Code::RecordUnreadable, reason)
}

fn one(record: usize, line: Option<usize>, node: Node) -> LineVerdict {
    let refuse = |reason: &str| {
        LineVerdict::unreadable(record, line, Code::RecordUnreadable, reason.to_owned())
    };
    match unwrap_address(node) {
        Node::Object(pairs) if pairs.len() > COLUMNS_MAX => {
            refuse("the record has more than 512 fields: no address has")
        }
        Node::Object(pairs) => {
            verdict(record, line, pairs.into_iter().map(|(key, node)| (key, value(node))))
        }
        Node::Repeated => refuse("a field stands twice in the record: keep one of them"),
        _ => refuse("the record is no JSON object: expected one such as {\"country\": \"FR\"}"),
    }
}

fn value(node: Node) -> Value {
    match node {
        Node::Null => Value::Absent,
        Node::Text(text) | Node::Whole(text) => Value::Text(text),
        Node::Other(what) => Value::Wrong(what),
        Node::Object(_) | Node::Repeated => Value::Wrong("an object"),
        Node::List(nodes) => {
            let texts: Option<Vec<String>> = nodes
                .into_iter()
                .filter(|n| !matches!(n, Node::Null))
                .map(|n| match n {
                    Node::Text(text) | Node::Whole(text) => Some(text),
                    _ => None,
                })
                .collect();
            texts.map_or(Value::Wrong("a list of other things than texts"), Value::Texts)
        }
    }
}

/// Lists that shops wrap in an object: `{"orders": [...]}`.
fn unwrap_list(node: Node) -> Vec<Node> {
    const LISTS: &[&str] = &["addresses", "orders", "customers", "data", "items", "records"];
    match node {
        Node::Object(mut pairs) => {
            let found = pairs.iter().position(|(key, node)| {
                LISTS.contains(&fold(key).as_str()) && matches!(node, Node::List(_))
            });
            match found.map(|i| pairs.swap_remove(i).1) {
                Some(Node::List(nodes)) => nodes,
                _ => vec![Node::Object(pairs)],
            }
        }
        other => vec![other],
    }
}

/// The address to deliver to inside an order: `{"shipping_address": {...}}`.
fn unwrap_address(node: Node) -> Node {
    const KEYS: &[&str] =
        &["shippingaddress", "shipping", "shipto", "deliveryaddress", "destination", "address"];
    let Node::Object(mut pairs) = node else {
        return node;
    };
    let found = KEYS.iter().find_map(|wanted| {
        pairs.iter().position(|(key, node)| {
            fold(key) == *wanted && matches!(node, Node::Object(_) | Node::Repeated)
        })
    });
    match found {
        Some(i) => pairs.swap_remove(i).1,
        None => Node::Object(pairs),
    }
}
