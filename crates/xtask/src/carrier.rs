//! What a new carrier costs: a folder and a module line.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

const CONNECTOR: &str = include_str!("../templates/carrier.rs.txt");
const SIMULATOR: &str = include_str!("../templates/carrier_sim.rs.txt");

/// May this be a carrier's id? It is a module name and a word in every table.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (2..=30).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The connector's first file: it compiles, and offers nothing.
#[must_use]
pub fn connector(id: &str) -> String {
    CONNECTOR.replace("{id}", id)
}

/// The simulator's first file: it answers that nothing is here.
#[must_use]
pub fn simulator(id: &str) -> String {
    SIMULATOR.replace("{id}", id)
}

/// `lib.rs` with the module among the carriers, in alphabetical order.
#[must_use]
pub fn with_module(lib: &str, id: &str) -> Option<String> {
    let line = format!("pub mod {id};");
    // `sim` is public too, and no carrier.
    let known = |text: &&str| text.starts_with("pub mod ") && *text != "pub mod sim;";
    let lines: Vec<&str> = lib.lines().collect();
    if lines.contains(&line.as_str()) {
        return None;
    }
    let next = lines.iter().find(|text| known(text) && **text > line.as_str());
    let (anchor, before) = match next {
        Some(next) => (*next, true),
        None => (*lines.iter().rfind(|text| known(text))?, false),
    };
    let both = if before { format!("{line}\n{anchor}\n") } else { format!("{anchor}\n{line}\n") };
    Some(lib.replacen(&format!("{anchor}\n"), &both, 1))
}

/// Writes a carrier's folder and its line into the tree at `root`; answers the folder.
///
/// # Errors
/// A text for people when the id is none, the folder is there, or a file cannot be written.
pub fn write(root: &Path, id: &str) -> Result<PathBuf, Box<dyn Error>> {
    if !is_id(id) {
        return Err(format!("`{id}`: a-z, 0-9 and _, beginning with a letter, 2 to 30").into());
    }
    let source = root.join("crates/carriers/src");
    let (folder, lib) = (source.join(id), source.join("lib.rs"));
    if folder.exists() {
        return Err(format!("{} exists", folder.display()).into());
    }
    // Made before anything is written.
    let text = with_module(&fs::read_to_string(&lib)?, id).ok_or("lib.rs has no place for it")?;
    let statuses = folder.join("fixtures/statuses");
    fs::create_dir_all(&statuses)?;
    // The documented codes, to be typed from the carrier's documents: the suite compares.
    fs::write(statuses.join("status_map.tsv"), "code\theadline\tsub_status\n")?;
    fs::write(folder.join("mod.rs"), connector(id))?;
    fs::write(folder.join("sim.rs"), simulator(id))?;
    fs::write(lib, text)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn ids_are_module_names() {
        for good in ["ups", "dpd_fr", "post24"] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "a", "Ups", "2go", "_x", "dpd-fr", "a/b", &"a".repeat(31)] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_carrier_takes_its_place_once() {
        let lib = "mod http;\npub mod sim;\n\npub mod alpha;\npub mod gamma;\n\npub use x;\n";
        let with = with_module(lib, "beta").unwrap();
        assert!(
            with.contains("pub mod alpha;\npub mod beta;\npub mod gamma;\n\npub use"),
            "{with}"
        );
        assert!(with_module(lib, "zeta").unwrap().contains("pub mod gamma;\npub mod zeta;\n"));
        assert_eq!(with_module(lib, "alpha"), None);
    }

    #[test]
    fn the_real_files_have_places() {
        let source = |name| {
            let path = crate::root().join("crates/carriers/src").join(name);
            std::fs::read_to_string(path).unwrap()
        };
        for id in ["aaa_first", "mmm_middle", "zzz_last"] {
            assert!(with_module(&source("lib.rs"), id).unwrap().contains(id));
            assert!(!connector(id).contains("{id}") && connector(id).contains(id));
            assert!(simulator(id).contains(id));
        }
    }
}
