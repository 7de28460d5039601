//! Reads back what an earlier call of goldsmith left in its `target/`: which state the platform was
//! in, and how the last run's nodes ended. Of the large files only what is asked for is kept.

use std::collections::HashMap;
use std::fmt;
use std::io::BufReader;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ids::node_id;
use crate::analysis::Fingerprint;

/// Says in a manifest's `metadata.env` in which form the nodes' state stands in it, ..
pub(super) const STATE_KEY: &str = "goldsmith_state";
/// .. and the form that this version writes and reads. It changes with what the checksums are made of.
pub(super) const STATE_FORMAT: &str = "1";

/// An artifact that is not there, or not what it should be.
#[derive(Debug)]
pub struct Unreadable {
    /// The file.
    pub path: Utf8PathBuf,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.message)
    }
}

impl std::error::Error for Unreadable {}

#[derive(Deserialize)]
struct Manifest {
    metadata: Metadata,
    #[serde(default)]
    nodes: HashMap<String, Entry>,
    #[serde(default)]
    sources: HashMap<String, Entry>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    env: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    goldsmith: Own,
}

#[derive(Deserialize, Default)]
struct Own {
    state: Option<Fingerprint>,
}

#[derive(Deserialize)]
struct Results {
    metadata: Metadata,
    results: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    unique_id: String,
    status: String,
}

/// What the nodes of a `manifest.json` were made of, by their ids.
///
/// # Errors
/// The file is missing, no manifest, or one of another program or version.
pub fn read_state(folder: &Utf8Path) -> Result<HashMap<String, Fingerprint>, Unreadable> {
    let path = folder.join("manifest.json");
    let manifest: Manifest = read(&path, "manifest")?;
    written_by_goldsmith(&path, &manifest.metadata)?;
    let format = manifest.metadata.env.get(STATE_KEY).map(String::as_str);
    if format != Some(STATE_FORMAT) {
        let version = manifest.metadata.env.get("goldsmith_version").map_or("", String::as_str);
        return Err(Unreadable {
            path,
            message: format!(
                "goldsmith {version} wrote it, whose checksums can't be compared with this version's"
            ),
            help: "write it anew with this version: `goldsmith compile` on the state to compare with".into(),
        });
    }
    let entries = manifest.nodes.into_iter().chain(manifest.sources);
    Ok(entries.filter_map(|(id, e)| Some((node_id(&id)?, e.config.goldsmith.state?))).collect())
}

/// How the nodes of a `run_results.json` ended, by their ids: dbt's words.
///
/// # Errors
/// The file is missing, no results, or those of another program.
pub fn read_results(folder: &Utf8Path) -> Result<HashMap<String, String>, Unreadable> {
    let path = folder.join("run_results.json");
    let results: Results = read(&path, "results of a run")?;
    written_by_goldsmith(&path, &results.metadata)?;
    Ok(results.results.into_iter().filter_map(|r| Some((node_id(&r.unique_id)?, r.status))).collect())
}

fn read<T: DeserializeOwned>(path: &Utf8Path, what: &str) -> Result<T, Unreadable> {
    let bad = |message: String, help: &str| Unreadable { path: path.to_owned(), message, help: help.into() };
    let missing = if what == "manifest" {
        "`goldsmith run` and `goldsmith compile` leave one in target/: name that folder, or a copy of it, with --state"
    } else {
        "`goldsmith run` and `goldsmith test` leave one in target/: name that folder, or a copy of it, with --state"
    };
    if path.parent().is_some_and(|folder| !folder.is_dir()) {
        return Err(bad("there is no such folder".into(), missing));
    }
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => bad("there is no such file".into(), missing),
        _ => bad(format!("it can't be read: {error}"), missing),
    })?;
    serde_json::from_reader(BufReader::new(file)).map_err(|error| {
        let why = if error.is_io() {
            format!("it can't be read: {error}")
        } else {
            format!("it holds no {what}: {error}")
        };
        bad(why, missing)
    })
}

fn written_by_goldsmith(path: &Utf8Path, metadata: &Metadata) -> Result<(), Unreadable> {
    if metadata.env.contains_key("goldsmith_version") {
        return Ok(());
    }
    Err(Unreadable {
        path: path.to_owned(),
        message: "another program wrote it: goldsmith would have left its version in it".into(),
        help: "--state names a folder with files that goldsmith wrote".into(),
    })
}
