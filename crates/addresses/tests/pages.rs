//! Every public code has a page, and every page a code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use colibri_addresses::Code;

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    let pages: BTreeSet<String> = std::fs::read_dir(&folder)
        .expect("docs/errors")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name.starts_with("ADR"))
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|c| c.as_str().to_owned()).collect();
    assert_eq!(pages, codes);
    for code in Code::ALL {
        let text = std::fs::read_to_string(folder.join(format!("{code}.md"))).expect("page");
        assert!(text.starts_with(&format!("# {code}: ")), "{code} title");
        assert!(text.contains(&format!("`{}`", code.name())), "{code} name");
        for part in ["## Meaning", "## Cause", "## What to do"] {
            assert!(text.contains(part), "{code} {part}");
        }
    }
}

#[test]
fn codes_are_numbered_without_holes_and_names_are_unique() {
    for (i, code) in Code::ALL.iter().enumerate() {
        assert_eq!(code.as_str(), format!("ADR{:04}", i + 1));
    }
    let names: BTreeSet<&str> = Code::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
}
