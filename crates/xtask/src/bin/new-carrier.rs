//! `new-carrier <id>`: a carrier's folder, which compiles and fails the compliance suite, and its
//! line in `lib.rs`.

use std::{env, error::Error};

use colibri_xtask::{carrier, root};

fn main() -> Result<(), Box<dyn Error>> {
    let id = env::args().nth(1).ok_or("usage: new-carrier <id>, such as `swift_post`")?;
    println!("{}", carrier::write(&root(), &id)?.display());
    println!("next: docs/carriers.md, then cargo nextest run -p colibri-carriers");
    Ok(())
}
