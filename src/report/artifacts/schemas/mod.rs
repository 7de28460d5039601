//! The shapes of dbt's artifacts, field by field as dbt publishes them. Nothing else of goldsmith
//! knows them, and they know nothing of goldsmith.

pub mod manifest;
pub mod run_results;

/// The version of dbt that the artifacts claim to come from. Tools parse it as a version and some refuse
/// what is too old or unknown; 1.10 writes exactly these schemas. goldsmith's own version is in `env`.
pub const DBT_VERSION: &str = "1.10.0";

/// What `env` holds beside: which goldsmith wrote the file.
pub fn env() -> std::collections::BTreeMap<&'static str, &'static str> {
    std::collections::BTreeMap::from([("goldsmith_version", env!("CARGO_PKG_VERSION"))])
}

/// A time as dbt writes it: UTC with microseconds.
pub fn stamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
