//! What `make new-carrier` writes compiles, and the compliance suite says what is left. In a copy of
//! the few crates that it needs, so that nothing of it stays in the tree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use colibri_xtask::{carrier, root};

/// What the carriers stand on, and the carriers.
const CRATES: [&str; 3] = ["carriers", "documents", "types"];
/// A new carrier.
const ID: &str = "scaffold_post";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &name);
        } else {
            fs::copy(&path, &name).unwrap();
        }
    }
}

/// A tree with these crates only: the same versions of everything.
fn tree() -> PathBuf {
    let tree = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold");
    if tree.exists() {
        fs::remove_dir_all(&tree).unwrap();
    }
    for name in CRATES {
        copy(&root().join("crates").join(name), &tree.join("crates").join(name));
    }
    fs::create_dir_all(tree.join("docs")).unwrap();
    for file in ["Cargo.lock", "rust-toolchain.toml", "clippy.toml", "docs/carriers.md"] {
        fs::copy(root().join(file), tree.join(file)).unwrap();
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let all = r#"members = ["crates/*", "services/*"]"#;
    assert!(manifest.contains(all), "the members are said otherwise");
    fs::write(tree.join("Cargo.toml"), manifest.replace(all, r#"members = ["crates/*"]"#)).unwrap();
    tree
}

/// Runs the compliance suite's tables there, which take no time; whether it passed, and what it said.
fn suite(tree: &Path) -> (bool, String) {
    // Beside the copy: what was compiled once is not compiled again when only the copy is new.
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold-built");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--no-fail-fast", "-p", "colibri-carriers", "--test", "it"])
        .args(["--config", "profile.dev.debug=0", "--target-dir"])
        .arg(built)
        .args(["--", "tables::"])
        .current_dir(tree)
        .env_remove("RUSTFLAGS")
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_new_carrier_compiles_and_the_suite_says_what_is_left() {
    let tree = tree();
    carrier::write(&tree, ID).unwrap();
    assert!(carrier::write(&tree, ID).is_err(), "nothing is written twice");
    let (passed, said) = suite(&tree);
    assert!(said.contains("test result: FAILED"), "it does not compile: {said}");
    assert!(!passed, "nothing is left to do: {said}");
    for left in ["facts_are_whole", "every_documented_code_has_its_row"] {
        let failed = format!("tables::{left} ... FAILED");
        assert!(said.contains(&failed), "{left} does not ask for anything: {said}");
    }
}
