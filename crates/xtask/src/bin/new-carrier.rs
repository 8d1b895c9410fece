//! `new-carrier <id>`: a carrier's folder, which compiles and fails the compliance suite, and its
//! place in the registry.

use std::{env, error::Error, fs};

use colibri_xtask::{carrier, root};

fn main() -> Result<(), Box<dyn Error>> {
    let id = env::args().nth(1).ok_or("usage: new-carrier <id>, such as `swift_post`")?;
    if !carrier::is_id(&id) {
        return Err(format!("`{id}`: a-z, 0-9 and _, beginning with a letter, 2 to 30").into());
    }
    let crate_root = root().join("crates/carriers/src");
    let folder = crate_root.join(&id);
    if folder.exists() {
        return Err(format!("{} exists", folder.display()).into());
    }
    let (lib, registry) = (crate_root.join("lib.rs"), crate_root.join("registry.rs"));
    // Both texts are made before anything is written.
    let lib_text = carrier::with_module(&fs::read_to_string(&lib)?, &id).ok_or("lib.rs")?;
    let list = carrier::with_entry(&fs::read_to_string(&registry)?, &id).ok_or("registry.rs")?;
    let statuses = folder.join("fixtures/statuses");
    fs::create_dir_all(&statuses)?;
    // The documented codes, to be typed from the carrier's documents: the suite compares.
    fs::write(statuses.join("status_map.tsv"), "code\theadline\tsub_status\n")?;
    fs::write(folder.join("mod.rs"), carrier::connector(&id))?;
    fs::write(folder.join("sim.rs"), carrier::simulator(&id))?;
    fs::write(lib, lib_text)?;
    fs::write(registry, list)?;
    println!("{}", folder.display());
    println!("next: docs/carriers.md, then cargo nextest run -p colibri-carriers");
    Ok(())
}
