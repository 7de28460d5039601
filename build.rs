//! Says what to do when DuckDB's library is not there, and makes the built binaries find it wherever
//! they are run from. Getting the library is the work of `./setup`.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-env-changed=GOLDSMITH_PORTABLE");
    println!("cargo:rerun-if-changed=build.rs");
    // Without DUCKDB_LIB_DIR (no .cargo/config.toml: `cargo install`) the linker searches the system.
    let Some(dir) = std::env::var_os("DUCKDB_LIB_DIR").map(PathBuf::from) else { return };
    if std::env::var_os("CARGO_FEATURE_BUNDLED").is_some() || std::env::var_os("DOCS_RS").is_some() {
        return;
    }
    let Some(library) = library_in(&dir) else {
        explain_what_is_missing(&dir);
        return;
    };
    println!("cargo:rerun-if-changed={}", library.display());
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.contains("unix")) {
        remember_where_the_library_is(&dir);
    } else if let Err(error) = put_beside_the_binaries(&dir.join("duckdb.dll")) {
        println!("cargo:warning=duckdb.dll could not be copied beside the binaries: {error}");
    }
}

fn library_in(dir: &Path) -> Option<PathBuf> {
    const NAMES: [&str; 5] =
        ["libduckdb.so", "libduckdb.dylib", "duckdb.lib", "libduckdb_static.a", "duckdb_static.lib"];
    NAMES.iter().map(|name| dir.join(name)).find(|path| path.exists())
}

fn explain_what_is_missing(dir: &Path) {
    if dir.join("bundled").exists() {
        println!(
            "cargo::error=no prebuilt DuckDB library could be had on this machine: add `--features bundled`, which compiles DuckDB (about an hour of CPU, once), or run ./setup to try again"
        );
    } else {
        println!(
            "cargo::error=DuckDB's library is not in {}: run ./setup once (Windows: setup.ps1), then repeat the command",
            dir.display()
        );
    }
}

/// The run-time search path: beside the binary first, then where a wheel has it, then the folder that was linked from, by both
/// of its names, since a clone can be moved and `.duckdb` can be pointed elsewhere.
fn remember_where_the_library_is(dir: &Path) {
    let beside = if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "macos") {
        "@loader_path"
    } else {
        "$ORIGIN"
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{beside}");
    // Where a wheel puts the library.
    println!("cargo:rustc-link-arg=-Wl,-rpath,{beside}/../lib/goldsmith");
    // What others get must not look into folders of the machine that built it.
    if std::env::var_os("GOLDSMITH_PORTABLE").is_some() {
        return;
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", dir.display());
    if let Ok(real) = std::fs::canonicalize(dir) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", real.display());
    }
}

/// Windows has no such path: it looks beside the binary. Tests run from `deps`.
fn put_beside_the_binaries(dll: &Path) -> std::io::Result<()> {
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    let profile_dir = out_dir.ancestors().nth(3).expect("OUT_DIR is <profile>/build/<package>/out");
    let size = std::fs::metadata(dll)?.len();
    for folder in [profile_dir.to_path_buf(), profile_dir.join("deps")] {
        let copy = folder.join("duckdb.dll");
        if std::fs::metadata(&copy).is_ok_and(|there| there.len() == size) {
            continue;
        }
        std::fs::copy(dll, copy)?;
    }
    Ok(())
}
