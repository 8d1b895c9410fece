//! What may be configured, read from the commented defaults themselves.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::ConfigError;

/// A place in the tree of known keys.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A table; an open one takes any further key.
    Table { children: BTreeMap<String, Node>, open: bool },
    /// A value; the example tells its type.
    Leaf(Value),
    /// Whatever stands in an open table.
    Any,
}

const ANY: Node = Node::Any;

impl Node {
    pub(super) fn table() -> Self {
        Self::Table { children: BTreeMap::new(), open: false }
    }

    pub(super) fn insert(&mut self, key: &str, node: Node) {
        if let Self::Table { children, .. } = self {
            children.insert(key.to_owned(), node);
        }
    }

    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        match self {
            Self::Table { children, open } => children.get(key).or(open.then_some(&ANY)),
            Self::Leaf(_) => None,
            Self::Any => Some(&ANY),
        }
    }

    pub(super) fn type_str(&self) -> &'static str {
        match self {
            Self::Table { .. } => "table",
            Self::Leaf(value) => value.type_str(),
            Self::Any => "any",
        }
    }

    /// The value a text stands for; texts need no quotes, lists may be comma separated.
    pub(super) fn parse(&self, text: &str) -> Option<Value> {
        let example = match self {
            Self::Table { .. } => return None,
            Self::Any => return Some(Value::String(text.to_owned())),
            Self::Leaf(example) => example,
        };
        match example {
            Value::String(_) => Some(Value::String(text.to_owned())),
            Value::Array(_) if !text.trim_start().starts_with('[') => {
                let items = text.split(',').map(str::trim).filter(|s| !s.is_empty());
                let items = items.map(|item| Value::String(item.to_owned()));
                Some(Value::Array(items.collect()))
            }
            _ => {
                let table: Table = toml::from_str(&format!("x = {text}")).ok()?;
                // One key only: a line break in the text must not smuggle a second one in.
                let value = table.get("x").filter(|_| table.len() == 1)?.clone();
                same_type(example, &value).then_some(value)
            }
        }
    }

    /// The known key most like `key`, when one is like it at all.
    pub(super) fn nearest(&self, key: &str) -> Option<&str> {
        let Self::Table { children, .. } = self else {
            return None;
        };
        // A third of the letters may differ: further away a suggestion misleads.
        let limit = (key.chars().count() / 3).max(2);
        children
            .keys()
            .map(|known| (distance(known, key), known.as_str()))
            .filter(|(far, _)| *far <= limit)
            .min()
            .map(|(_, known)| known)
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Table(table) => Self::Table {
                children: table.iter().map(|(k, v)| (k.clone(), Self::of(v))).collect(),
                open: false,
            },
            other => Self::Leaf(other.clone()),
        }
    }

    fn declare(&mut self, path: &[String], key: &str, example: Value) {
        let Self::Table { children, open } = self else {
            return;
        };
        match path.split_first() {
            Some((first, rest)) => {
                let inner = children.entry(first.clone()).or_insert_with(Self::table);
                inner.declare(rest, key, example);
            }
            None if key == "*" => *open = true,
            None => {
                let leaf = Self::of(&example);
                children.entry(key.to_owned()).or_insert(leaf);
            }
        }
    }
}

/// Same type; a whole number is accepted where a decimal one is expected.
pub(super) fn same_type(example: &Value, value: &Value) -> bool {
    example.same_type(value) || matches!((example, value), (Value::Float(_), Value::Integer(_)))
}

/// The schema and the default values of one section.
pub(super) fn read(section: &str, text: &str) -> Result<(Node, Table), ConfigError> {
    let mut table: Table = toml::from_str(text)
        .map_err(|source| ConfigError::Defaults { section: section.to_owned(), source })?;
    let own_header = table.len() == 1 && table.get(section).is_some_and(Value::is_table);
    if own_header && let Some(Value::Table(inner)) = table.remove(section) {
        table = inner;
    }
    let mut node = Node::of(&Value::Table(table.clone()));
    let mut path: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            path = header.split('.').map(|key| key.trim().to_owned()).collect();
            if own_header && path.first().is_some_and(|first| first == section) {
                path.remove(0);
            }
        } else if let Some((key, example)) = declared(line) {
            node.declare(&path, key, example);
        }
    }
    Ok((node, table))
}

/// Reads `#key = example`, without a blank after the mark: prose has one.
fn declared(line: &str) -> Option<(&str, Value)> {
    let (key, example) = line.strip_prefix('#')?.split_once('=')?;
    let key = key.strip_suffix(' ').unwrap_or(key);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if key != "*" && (key.is_empty() || !key.chars().all(plain)) {
        return None;
    }
    let table: Table = toml::from_str(&format!("x = {}", example.trim())).ok()?;
    Some((key, table.get("x")?.clone()))
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut previous = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (cb, above) in b.iter().zip(row.iter().skip(1)) {
            let cost = previous + usize::from(ca != *cb);
            left = cost.min(above + 1).min(left + 1);
            previous = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_right() {
        for (a, b, far) in
            [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("poll_ms", "pol_ms", 1)]
        {
            assert_eq!(distance(a, b), far, "{a} {b}");
            assert_eq!(distance(b, a), far, "{b} {a}");
        }
    }

    #[test]
    fn prose_declares_nothing() {
        assert!(declared("# listen = somewhere").is_none());
        assert!(declared("#not toml = here").is_none());
        assert!(declared("#Key = 1").is_none());
        assert_eq!(declared("#key = 1"), Some(("key", Value::Integer(1))));
    }
}
