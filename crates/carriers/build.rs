//! Writes the registry's list from the public modules of `lib.rs`: a carrier's module line is all
//! that it costs outside its folder. The line stays in a source file so that formatters and editors
//! find the folder.

use std::{env, error::Error, fs, path::Path};

/// Public as well, and no carrier.
const SHARED: &str = "sim";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/lib.rs");
    let lib = fs::read_to_string("src/lib.rs")?;
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let carriers: Vec<&str> = modules.filter(|name| *name != SHARED).collect();
    let list = format!("carriers! {{ {} }}\n", carriers.join(", "));
    fs::write(Path::new(&env::var("OUT_DIR")?).join("carriers.rs"), list)?;
    Ok(())
}
