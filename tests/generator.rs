//! The committed data of the worked platform is what the generator writes, byte for byte.

#[path = "../examples/generate/acme/mod.rs"]
mod acme;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The seed and scale that `projects/README.md` names.
const SEED: u64 = 42;
const SCALE: i64 = 1;

#[test]
fn regenerating_gives_the_committed_files() {
    let (_folder, fresh) = generated(SEED);
    let committed = data_files(&committed());
    assert_eq!(names(&committed), names(&fresh));
    let differing: Vec<_> =
        fresh.iter().filter(|(name, bytes)| committed[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "run `cargo run --example generate -- --out projects`: {differing:?}");
}

#[test]
fn committed_data_stays_small() {
    let bytes: usize = data_files(&committed()).values().map(Vec::len).sum();
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

#[test]
fn another_seed_is_another_world_of_the_same_shape() {
    let (_first, one) = generated(1);
    let (_second, two) = generated(2);
    assert_eq!(names(&one), names(&two));
    assert_ne!(one, two);
}

#[test]
fn the_largest_scale_fills_the_debtor_accounts() {
    assert_eq!(10_000 + 60 * acme::MAX_SCALE, 70_000);
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("projects")
}

/// What the generator writes; the folder is removed when its handle goes.
fn generated(seed: u64) -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    acme::write_all(folder.path(), SCALE, seed).expect("the generator writes");
    let files = data_files(folder.path());
    (folder, files)
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&String> {
    files.keys().collect()
}

/// Every file in a `data` folder of a project below `root`, by its path from there.
fn data_files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    WalkDir::new(root)
        .into_iter()
        .map(|entry| entry.expect("a folder that can be read"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root).expect("found below the root");
            let name = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            (name, entry.into_path())
        })
        .filter(|(name, _)| name.split('/').nth(1) == Some("data"))
        .map(|(name, path)| (name, fs::read(path).expect("a file that can be read")))
        .collect()
}
