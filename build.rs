//! Makes the built binaries find the DuckDB library wherever they are run from: beside
//! themselves first, then in the folder that it was linked from.
fn main() {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    println!("cargo:rerun-if-changed=build.rs");
    let unix = std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.contains("unix"));
    if std::env::var_os("CARGO_FEATURE_BUNDLED").is_some() || !unix {
        return;
    }
    let beside = if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "macos") {
        "@loader_path"
    } else {
        "$ORIGIN"
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{beside}");
    if let Some(dir) = std::env::var_os("DUCKDB_LIB_DIR") {
        let dir = std::fs::canonicalize(&dir).unwrap_or_else(|_| dir.into());
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", dir.display());
    }
}
