//! Writes `run_results.json` and `manifest.json` in dbt's published schemas (run-results v6,
//! manifest v12), so that tools made for dbt read them. The shapes of the files live in `schemas`,
//! apart from the types that goldsmith works with; this room maps one to the other.

mod config;
mod earlier;
mod ids;
mod input;
mod manifest;
mod run_results;
mod schemas;

use std::io;

use camino::Utf8Path;
use serde::Serialize;

pub use earlier::{Unreadable, read_results, read_state};
pub use ids::unique_id;
pub use input::{Invocation, ManifestNode};

use super::Masker;
use crate::execute::RunResults;
use crate::words::write_atomically;

/// Writes the manifest; a failure leaves the old file as it was.
pub fn write_manifest(
    path: &Utf8Path,
    nodes: &[ManifestNode],
    invocation: &Invocation,
    masker: &Masker,
) -> io::Result<()> {
    write(path, &manifest::build(nodes, invocation), masker)
}

/// Writes the results of a run; a failure leaves the old file as it was. `nodes` are those of the manifest.
pub fn write_run_results(
    path: &Utf8Path,
    results: &RunResults,
    nodes: &[ManifestNode],
    invocation: &Invocation,
    masker: &Masker,
) -> io::Result<()> {
    write(path, &run_results::build(results, nodes, invocation), masker)
}

fn write(path: &Utf8Path, artifact: &impl Serialize, masker: &Masker) -> io::Result<()> {
    write_atomically(path, |out| {
        if masker.is_empty() {
            return Ok(serde_json::to_writer(out, artifact)?);
        }
        let mut value = serde_json::to_value(artifact)?;
        masker.mask_json(&mut value);
        Ok(serde_json::to_writer(out, &value)?)
    })
}

#[cfg(test)]
mod tests;
