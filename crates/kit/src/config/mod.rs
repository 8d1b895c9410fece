//! Configuration: commented defaults, then a file, then the environment; nothing else.
//!
//! Each service ships its defaults as TOML. They are the schema too: a key that is not in them is
//! refused, with the nearest one that is. A line `#key = example` declares a key without default,
//! `#* = example` a table with free keys. This module is the only one that reads the environment.

mod kit;
mod schema;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

pub use kit::{AuthConfig, BusConfig, DbConfig, KIT_DEFAULTS, KitConfig, Profile, RpcSection};
use schema::Node;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The commented defaults of the service.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Env(name) => f.write_str(name),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The shipped defaults do not parse: ours to repair.
    #[error("read the defaults of section {section}")]
    Defaults {
        /// Section they belong to.
        section: String,
        /// What is wrong.
        source: toml::de::Error,
    },
    /// The file cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("parse {} at byte {at:?}: {message}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Offset in the file, when known.
        at: Option<usize>,
        /// What is wrong, without the line itself: it might hold a secret.
        message: String,
    },
    /// Unknown keys or values of a wrong type; all of them.
    #[error("configuration refused: {}", .0.join("; "))]
    Refused(Vec<String>),
    /// A section does not fit its type, or breaks a rule of its own.
    #[error("section {section}: {message}")]
    Section {
        /// The section.
        section: String,
        /// What is wrong, and where the value came from when it is one key.
        message: String,
    },
}

/// The effective values of all sections.
#[derive(Clone)]
pub struct Config {
    values: Table,
    origins: BTreeMap<String, Origin>,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

impl Config {
    /// Merges defaults, file and environment. `[kit]` is added when `defaults` lacks it. The text
    /// of a section may begin with its own `[section]` header or go without.
    ///
    /// # Errors
    /// [`ConfigError`] naming every unknown key and mistyped value with its origin.
    pub fn load(
        defaults: &[(&str, &str)],
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut root = Node::table();
        let mut values = Table::new();
        let has_kit = defaults.iter().any(|(section, _)| *section == "kit");
        let kit = (!has_kit).then_some(("kit", KIT_DEFAULTS));
        for (section, text) in kit.iter().chain(defaults) {
            let (node, table) = schema::read(section, text)?;
            root.insert(section, node);
            values.insert((*section).to_owned(), Value::Table(table));
        }
        let mut config = Self { values, origins: BTreeMap::new() };
        let mut problems = Vec::new();
        if let Some(path) = file {
            let table = read_file(path)?;
            let origin = Origin::File(path.to_owned());
            config.merge(&root, &mut Vec::new(), table, &origin, &mut problems);
        }
        for (name, text) in env {
            config.merge_variable(&root, &name, &text, &mut problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigError::Refused(problems)) }
    }

    /// One section as the service's own type, which should refuse unknown fields.
    ///
    /// # Errors
    /// [`ConfigError::Section`] when a value does not fit.
    pub fn section<T: DeserializeOwned>(&self, section: &str) -> Result<T, ConfigError> {
        let value = self.values.get(section).cloned();
        let value = value.ok_or_else(|| ConfigError::Section {
            section: section.to_owned(),
            message: "there is no such section".to_owned(),
        })?;
        value.try_into().map_err(|source| ConfigError::Section {
            section: section.to_owned(),
            message: source.message().to_owned(),
        })
    }

    /// `[kit]`, checked.
    ///
    /// # Errors
    /// [`ConfigError::Section`] when a value does not fit or breaks a rule.
    pub fn kit(&self) -> Result<KitConfig, ConfigError> {
        let kit: KitConfig = self.section("kit")?;
        kit.validate()
            .map_err(|message| ConfigError::Section { section: "kit".to_owned(), message })?;
        Ok(kit)
    }

    /// Where the value at `path` (`kit.db.log_pool_max`) comes from.
    #[must_use]
    pub fn origin(&self, path: &str) -> &Origin {
        self.origins.get(path).unwrap_or(&Origin::Default)
    }

    /// Every effective value with its origin, one per line; secrets as `***`.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut out = String::new();
        self.describe_table(&self.values, "", &mut out);
        out
    }

    fn describe_table(&self, table: &Table, prefix: &str, out: &mut String) {
        for (key, value) in table {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            if let Value::Table(inner) = value {
                self.describe_table(inner, &path, out);
                continue;
            }
            let shown = masked(key, value);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{path} = {shown}  # {}", self.origin(&path));
        }
    }

    fn merge(
        &mut self,
        node: &Node,
        path: &mut Vec<String>,
        table: Table,
        origin: &Origin,
        problems: &mut Vec<String>,
    ) {
        for (key, value) in table {
            path.push(key);
            match (node.child(path.last().map_or("", String::as_str)), value) {
                (Some(inner @ Node::Table { .. }), Value::Table(table)) => {
                    self.merge(inner, path, table, origin, problems);
                }
                (Some(Node::Leaf(example)), value) if schema::same_type(example, &value) => {
                    self.set(path, value, origin);
                }
                (Some(Node::Any), value) => self.set(path, value, origin),
                (Some(known), value) => problems.push(format!(
                    "{} is {}, expected {} ({origin})",
                    path.join("."),
                    value.type_str(),
                    known.type_str(),
                )),
                (None, _) => problems.push(unknown(node, path, origin)),
            }
            path.pop();
        }
    }

    fn merge_variable(&mut self, root: &Node, name: &str, text: &str, problems: &mut Vec<String>) {
        // Variables without `__` are not settings: COLIBRI_CRASH_AT, or what Kubernetes injects.
        let Some(rest) = name.strip_prefix("COLIBRI_").filter(|r| r.contains("__")) else {
            return;
        };
        let path: Vec<String> = rest.split("__").map(str::to_ascii_lowercase).collect();
        let origin = Origin::Env(name.to_owned());
        let mut node = root;
        for (depth, key) in path.iter().enumerate() {
            match node.child(key) {
                Some(next) => node = next,
                None => {
                    let here = path.get(..=depth).unwrap_or_default();
                    problems.push(unknown(node, here, &origin));
                    return;
                }
            }
        }
        match node.parse(text) {
            Some(value) => self.set(&path, value, &origin),
            None => {
                problems.push(format!("{} is not {} ({origin})", path.join("."), node.type_str()))
            }
        }
    }

    fn set(&mut self, path: &[String], value: Value, origin: &Origin) {
        let Some((last, tables)) = path.split_last() else {
            return;
        };
        let mut table = &mut self.values;
        for key in tables {
            let entry = table.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
            match entry {
                Value::Table(inner) => table = inner,
                // The schema says that it is a table; merging checked that.
                _ => return,
            }
        }
        table.insert(last.clone(), value);
        self.origins.insert(path.join("."), origin.clone());
    }
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error: toml::de::Error| ConfigError::Parse {
        path: path.to_owned(),
        at: error.span().map(|span| span.start),
        message: error.message().to_owned(),
    })
}

fn unknown(node: &Node, path: &[String], origin: &Origin) -> String {
    let (key, parent) = path.split_last().map_or(("", path), |(k, p)| (k, p));
    let mut text = format!("unknown key {} ({origin})", path.join("."));
    if let Some(near) = node.nearest(key) {
        let mut full = parent.to_vec();
        full.push(near.to_owned());
        // Writing to a String cannot fail.
        let _ = write!(text, ", did you mean {}?", full.join("."));
    }
    text
}

fn masked(key: &str, value: &Value) -> String {
    let secret = ["_secret", "_key", "password", "token"].iter().any(|end| key.ends_with(end));
    match value {
        _ if secret => "***".to_owned(),
        Value::String(text) => format!("{:?}", without_userinfo(text)),
        other => other.to_string(),
    }
}

/// A URL, or several with commas, without what stands before `@`, and without a query that holds
/// a password or token.
fn without_userinfo(text: &str) -> String {
    let one = |url: &str| -> String {
        let Some((scheme, rest)) = url.split_once("://") else {
            return url.to_owned();
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let secret = |query: &str| query.contains("password") || query.contains("token");
        let path = match path.split_once('?') {
            Some((before, query)) if secret(query) => format!("{before}?***"),
            _ => path.to_owned(),
        };
        match authority.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://***@{host}{path}"),
            None => format!("{scheme}://{authority}{path}"),
        }
    };
    text.split(',').map(one).collect::<Vec<_>>().join(",")
}

/// The environment of this process, for [`Config::load`]. Values that are no text are left out.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.into_string().ok()?))
    })
}

/// One variable that is not a setting: where to find the configuration, which crash to provoke.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    environment().find_map(|(found, value)| (found == name).then_some(value))
}

#[cfg(test)]
mod tests;
