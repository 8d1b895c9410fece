//! Writes what the binary is made of, as CycloneDX 1.6 in JSON, and fails when a licence is not one
//! of those that may be part of it. Reads `cargo metadata` and `Cargo.lock`; asks no network.
//!
//! `sbom <file>` writes the list; `sbom` alone only checks licences.

use std::{collections::BTreeMap, error::Error, fs, io, process::Command};

use colibri_xtask::root;
use serde_json::{Value, json};

/// Licences that may be part of the binary. MPL-2.0 asks for the source of its own files only.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn main() -> Result<(), Box<dyn Error>> {
    let packages = packages()?;
    let wrong: Vec<String> = packages
        .iter()
        .filter(|package| !allowed(&text(package, "license").replace('/', " OR ")))
        .map(|p| format!("{} {}: {:?}", text(p, "name"), text(p, "version"), text(p, "license")))
        .collect();
    if !wrong.is_empty() {
        return Err(format!("licences that are not allowed:\n{}", wrong.join("\n")).into());
    }
    println!("{} packages, each under a licence that is allowed", packages.len());
    if let Some(file) = std::env::args().nth(1) {
        let components = components(&packages, &checksums()?);
        let list = json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": { "component": { "type": "application", "name": "colibri" } },
            "components": components,
        });
        fs::write(&file, format!("{list:#}\n"))?;
        println!("wrote {file}");
    }
    Ok(())
}

/// Packages of others that are part of the binary: what only tests and builds use is not.
fn packages() -> Result<Vec<Value>, Box<dyn Error>> {
    let cargo = |arguments: &[&str]| -> Result<String, Box<dyn Error>> {
        let done = Command::new("cargo").args(arguments).current_dir(root()).output()?;
        if !done.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&done.stderr)).into());
        }
        Ok(String::from_utf8(done.stdout)?)
    };
    let linked = cargo(&[
        "tree", "--locked", "-p", "colibri", "-e", "normal", "--prefix", "none", "-f", "{p}",
    ])?;
    let name = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next()?.to_owned();
        Some((name, words.next()?.trim_start_matches('v').to_owned()))
    };
    let linked: Vec<(String, String)> = linked.lines().filter_map(name).collect();
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"])?)?;
    let all = metadata.get("packages").and_then(Value::as_array).cloned().unwrap_or_default();
    let ours = |package: &Value| package.get("source").is_none_or(Value::is_null);
    let part = |package: &Value| {
        let (name, version) = (text(package, "name"), text(package, "version"));
        linked.iter().any(|(n, v)| *n == name && *v == version)
    };
    let found: Vec<Value> = all.into_iter().filter(|p| !ours(p) && part(p)).collect();
    if found.len() < 50 {
        return Err("the tree of dependencies is not what this program knows".into());
    }
    Ok(found)
}

fn text(package: &Value, key: &str) -> String {
    package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether an SPDX expression leaves a choice that is allowed: one of each `OR`, all of each `AND`.
fn allowed(expression: &str) -> bool {
    let expression = expression.trim();
    let whole = |text: &str| text.starts_with('(') && closing(text) == Some(text.len() - 1);
    if whole(expression) {
        return allowed(&expression[1..expression.len() - 1]);
    }
    // `AND` binds closer, so the text is cut at `OR` first.
    for (word, all) in [(" OR ", false), (" AND ", true)] {
        let parts = split(expression, word);
        if parts.len() > 1 {
            let mut parts = parts.into_iter();
            return if all { parts.all(allowed) } else { parts.any(allowed) };
        }
    }
    ALLOWED.contains(&expression)
}

/// Where the bracket that opens a text is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Parts between a word that stands outside all brackets.
fn split<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let mut depth = 0_i32;
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, sign) in text.char_indices() {
        depth += i32::from(sign == '(') - i32::from(sign == ')');
        if depth == 0 && at >= from && text[at..].starts_with(word) {
            parts.push(&text[from..at]);
            from = at + word.len();
        }
    }
    parts.push(&text[from..]);
    parts
}

/// SHA-256 of each package as the registry has it.
fn checksums() -> Result<BTreeMap<(String, String), String>, Box<dyn Error>> {
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let all = lock.get("package").and_then(|p| p.as_array()).cloned().unwrap_or_default();
    let word = |p: &toml::Value, key: &str| Some(p.get(key)?.as_str()?.to_owned());
    let one =
        |p: &toml::Value| Some(((word(p, "name")?, word(p, "version")?), word(p, "checksum")?));
    Ok(all.iter().filter_map(one).collect())
}

fn components(packages: &[Value], sums: &BTreeMap<(String, String), String>) -> Vec<Value> {
    let one = |package: &Value| {
        let (name, version) = (text(package, "name"), text(package, "version"));
        let purl = format!("pkg:cargo/{name}@{version}");
        let licence = text(package, "license").replace('/', " OR ");
        let mut component = json!({
            "type": "library", "bom-ref": purl, "purl": purl, "name": name, "version": version,
            "licenses": [{ "expression": licence }],
        });
        if let Some(sum) = sums.get(&(name, version)) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        component
    };
    packages.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn one_of_a_choice_and_all_of_a_sum_must_be_allowed() {
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "ISC AND (Apache-2.0 OR ISC)",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0", "MITX"] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
