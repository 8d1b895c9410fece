//! The rules of the house that a compiler cannot know. A rule said twice in review lands here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use colibri_xtask::{dependencies, files, root};

/// Crates that do I/O: pure crates must not touch them.
const IO: &[&str] = &[
    "async-nats",
    "axum",
    "hyper",
    "hyper-util",
    "sqlx",
    "tokio",
    "tonic",
    "reqwest",
    "colibri-kit",
];
/// Crates that are pure by design.
const PURE: &[&str] = &[
    "colibri-addresses",
    "colibri-carriers",
    "colibri-channels",
    "colibri-documents",
    "colibri-returns-rules",
    "colibri-types",
    "colibri-customs-papers",
    "colibri-customs-rules",
    "colibri-numbers",
    "colibri-screening",
];
/// Longest file without a stated reason, in lines.
const LINES_MAX: usize = 400;
/// What a longer file says near its top.
const REASON: &str = "tidy: long because";

fn manifests() -> Vec<(String, String, Vec<String>)> {
    let mut all = Vec::new();
    for house in ["crates", "services"] {
        for folder in fs::read_dir(root().join(house)).unwrap() {
            let manifest = folder.unwrap().path().join("Cargo.toml");
            if manifest.exists() {
                let (name, needs) = dependencies(&manifest).unwrap();
                all.push((house.to_owned(), name, needs));
            }
        }
    }
    assert!(all.len() > 10, "the tree is not where it was");
    all
}

#[test]
fn layers_are_kept() {
    let all = manifests();
    let services: Vec<&str> =
        all.iter().filter(|(h, ..)| h == "services").map(|(_, n, _)| n.as_str()).collect();
    let mut wrong = Vec::new();
    for (house, name, needs) in &all {
        for need in needs {
            let need = need.as_str();
            if services.contains(&need) && name != "colibri" {
                wrong.push(format!("{name} ({house}) depends on the service {need}"));
            }
            if PURE.contains(&name.as_str()) && IO.contains(&need) {
                wrong.push(format!("{name} is pure and depends on {need}"));
            }
            if name == "colibri-types" && need.starts_with("colibri-") {
                wrong.push(format!("types depends on {need}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn long_files_state_a_reason() {
    let mut wrong = Vec::new();
    for path in rust_files() {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        let reason = text.lines().take(12).any(|line| line.contains(REASON));
        if lines > LINES_MAX && !reason {
            wrong.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn forbidden_calls_are_nowhere() {
    // What, where it is allowed, what to use instead.
    let rules: &[(&str, &[&str], &str)] = &[
        (
            "std::env::var",
            &["crates/kit/src/config", "crates/embedded/src/binaries.rs", "build.rs"],
            "kit::config",
        ),
        (
            "env::var(",
            &["crates/kit/src/config", "build.rs", "crates/kit/src/crash.rs"],
            "kit::config",
        ),
        ("SystemTime::now", &["crates/embedded", "crates/kit/src/clock.rs"], "a clock"),
        ("OffsetDateTime::now_utc", &["crates/kit/src/clock.rs"], "a clock"),
        (
            "tokio::spawn(",
            &["crates/kit/src", "crates/sandbox/src", "services/tracking/src/poll/mod.rs"],
            "Shutdown::spawn",
        ),
        (
            "publish_with_headers(",
            &["crates/kit/src/bus/batch.rs", "services/colibri/src/bench/chain.rs"],
            "the outbox",
        ),
        (".worksheet_range(", &[], "worksheet_cells_reader"),
    ];
    let mut wrong = Vec::new();
    for path in rust_files().into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (call, allowed, instead) in rules {
            let place = path.strip_prefix(root()).unwrap().display().to_string();
            let hit = code.lines().any(|l| l.contains(call) && !l.trim_start().starts_with("//"));
            if hit && !allowed.iter().any(|a| place.starts_with(a) || place.ends_with(a)) {
                wrong.push(format!("{place} calls {call}…: use {instead}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_service_says_what_it_owns() {
    let mut wrong = Vec::new();
    for folder in fs::read_dir(root().join("services")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if name == "colibri" {
            continue;
        }
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        for section in ["Owns", "Consumes", "Publishes", "Tables", "Fails how", "Limits"] {
            let heading = |line: &str| line.starts_with('#') && line.contains(section);
            if !readme.lines().any(heading) {
                wrong.push(format!("services/{name}/README.md has no section {section}"));
            }
        }
        if !folder.join("config.default.toml").exists() {
            wrong.push(format!("services/{name} has no config.default.toml"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_public_code_has_a_page_and_every_page_a_code() {
    let mut pages = BTreeSet::new();
    for path in files(&root().join("docs/errors"), "md").unwrap() {
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let title = text.lines().next().unwrap_or_default();
        assert!(title.starts_with(&format!("# {code}: ")), "{code}: title is {title}");
        for part in ["## Meaning", "## What to do"] {
            assert!(text.contains(part), "the page of {code} has no {part}");
        }
        pages.insert(code);
    }
    let mut codes = BTreeSet::new();
    for path in rust_files().into_iter().filter(|path| is_shipped(path)) {
        let text = fs::read_to_string(&path).unwrap();
        // Tests make up codes of their own.
        codes.extend(public_codes(text.split("#[cfg(test)]\nmod ").next().unwrap()));
    }
    assert!(codes.len() > 50, "codes are not where they were");
    let without: Vec<_> = codes.symmetric_difference(&pages).collect();
    assert_eq!(
        without,
        Vec::<&String>::new(),
        "a code without its page, or a page without its code"
    );
}

/// Neither tests nor a table of postcodes, some of which look like codes.
fn is_shipped(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    let path = path.to_string_lossy();
    !path.contains("/tests/") && !name.ends_with("tests.rs") && name != "postcode.rs"
}

/// Texts of three capitals and four digits, like `LBL0015`.
fn public_codes(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).filter(|word| {
        let (letters, digits) = word.split_at_checked(3).unwrap_or_default();
        digits.len() == 4
            && letters.bytes().all(|b| b.is_ascii_uppercase())
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[test]
fn nothing_knows_one_machine() {
    let mut wrong = Vec::new();
    for extension in ["rs", "md", "toml", "sh", "py", "proto", "yaml"] {
        for path in files(&root(), extension).unwrap() {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for place in ["work", "farm", "root"].map(|folder| format!("/{folder}/")) {
                if text.contains(&place) {
                    wrong.push(format!("{} names {place}", path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn rust_files() -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for house in ["crates", "services", "tests"] {
        if root().join(house).exists() {
            all.extend(files(&root().join(house), "rs").unwrap());
        }
    }
    all
}

fn is_test(path: &Path) -> bool {
    let place = path.strip_prefix(root()).unwrap().display().to_string();
    place.contains("/tests/")
        || place.starts_with("tests/")
        || place.ends_with("/tests.rs")
        || place.starts_with("crates/testkit")
        || place.starts_with("crates/xtask")
}
