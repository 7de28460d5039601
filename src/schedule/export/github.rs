//! A workflow of GitHub Actions: a job for each slot, started by its own cron line. `timezone` of a
//! schedule is known to GitHub since 2026.

use std::fmt::Write as _;

use serde_json::json;

use super::{File, Place, fields, file_name};
use crate::nouns::Platform;
use crate::schedule::Slot;
use crate::words::Diagnostic;

/// The workflow of some slots.
pub fn github_actions(
    platform: &Platform,
    slots: &[Slot<'_>],
    place: &Place,
) -> Result<Vec<File>, Box<Diagnostic>> {
    let mut lines: Vec<String> = Vec::new();
    let mut jobs = String::new();
    for slot in slots {
        let cron = fields(slot, "GitHub Actions")?.plain();
        if !lines.contains(&cron) {
            lines.push(cron.clone());
        }
        let (select, exclude) = slot.selection();
        let _ = write!(
            jobs,
            "  {job}:\n    name: {name}\n    if: github.event_name == 'workflow_dispatch' || github.event.schedule == {when}\n    \
             runs-on: ubuntu-latest\n    concurrency: {{ group: {group}, cancel-in-progress: false }}\n    env:\n      \
             GOLDSMITH_TARGET: {target}\n      GOLDSMITH_PIPELINE: {pipeline}\n      GOLDSMITH_SELECT: {select}\n",
            job = file_name(platform, slot),
            name = json!(format!("{} {}", slot.project.name, slot.kind.word())),
            when = expression(&cron),
            group = json!(format!("goldsmith-{}", slot.project.name)),
            target = json!(place.target),
            pipeline = slot.pipeline().word(),
            select = json!(select),
        );
        if let Some(exclude) = exclude {
            let _ = writeln!(jobs, "      GOLDSMITH_EXCLUDE: {}", json!(exclude));
        }
        let _ = write!(
            jobs,
            "    steps:\n      - uses: actions/checkout@v4\n      # Put goldsmith on the PATH here, and hand the target's secrets over as variables.\n      \
             - run: goldsmith run --wait 30m\n"
        );
    }
    let mut text = format!(
        "# The schedule of {}, as goldsmith writes it: goldsmith schedule export --to github-actions\n\
         # GitHub starts jobs late when it is busy, and may leave one out; it runs those of the default branch alone.\n\
         name: schedule\non:\n  workflow_dispatch:\n  schedule:\n",
        platform.name.replace(['\n', '\r'], " ")
    );
    for cron in lines {
        let _ = write!(text, "    - cron: {}\n      timezone: {}\n", json!(cron), json!(platform.timezone));
    }
    let _ = write!(text, "jobs:\n{jobs}");
    Ok(vec![File { name: "goldsmith.yml".into(), text }])
}

/// A text in GitHub's expressions.
fn expression(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
