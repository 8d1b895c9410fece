//! Rules of the house as code: the tidy test reads the tree with these helpers.
//!
//! Deliberately absent: anything a compiler or clippy says already.

pub mod carrier;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Root of the project.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").components().collect()
}

/// Every file below a folder with that extension, sorted; build output and fetched things apart.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "out" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Name and ordinary dependencies of a crate of ours, from its manifest.
///
/// # Errors
/// When the manifest cannot be read.
pub fn dependencies(manifest: &Path) -> io::Result<(String, Vec<String>)> {
    let text = fs::read_to_string(manifest)?;
    let table: toml::Table = text.parse().map_err(io::Error::other)?;
    let name = table
        .get("package")
        .and_then(|p| p.get("name"))
        .and_then(|n| n.as_str())
        .unwrap_or_default()
        .to_owned();
    let dependencies = table.get("dependencies").and_then(|d| d.as_table());
    Ok((name, dependencies.map(|d| d.keys().cloned().collect()).unwrap_or_default()))
}
