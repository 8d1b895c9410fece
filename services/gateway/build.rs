//! Puts the pages of public error codes into the binary: the `type` of a problem leads to one.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../docs/errors");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut pages = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let code = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let plain = code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if plain && path.extension().is_some_and(|e| e == "md") {
            pages.push((code.to_owned(), fs::read_to_string(&path)?));
        }
    }
    pages.sort();
    let mut code = String::from("pub(crate) static PAGES: &[(&str, &str)] = &[\n");
    for (name, text) in pages {
        writeln!(code, "    ({name:?}, {text:?}),")?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pages.rs"), code)?;
    Ok(())
}
