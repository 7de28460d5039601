//! The workflow of GitHub Actions for changes: lint, a dry run of what a pull request touches, deployment when it is merged.

use serde_json::json;

/// What the workflow says of where things are.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The branch that is deployed.
    pub branch: &'a str,
    /// The platform's folder in the repository; empty when it is the repository's own.
    pub below: &'a str,
    /// The DuckDB target of the dry run.
    pub dry: &'a str,
    /// The target that is deployed to.
    pub target: &'a str,
}

/// The jobs. Names of projects reach them as variables alone, so that no shell reads one as a command.
const JOBS: &str = r#"jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0, persist-credentials: false }
      # Put goldsmith on the PATH here, in each job.
      - run: goldsmith lint --format github
        env:
          # On a pull request it also names the owners of all who import what has changed.
          GOLDSMITH_SINCE: ${{ github.event.pull_request.base.sha }}
      - run: goldsmith owners --check
        env:
          GOLDSMITH_ORGANIZATION: ${{ github.repository_owner }}
  changed:
    runs-on: ubuntu-latest
    outputs:
      any: ${{ steps.changed.outputs.any }}
      matrix: ${{ steps.changed.outputs.matrix }}
    env:
      GOLDSMITH_SINCE: ${{ github.event.pull_request.base.sha || github.event.before }}
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0, persist-credentials: false }
      - run: goldsmith changed
      - id: changed
        run: goldsmith changed --format github >> "$GITHUB_OUTPUT"
  dry-run:
    name: dry run of ${{ matrix.project }}
    needs: [lint, changed]
    if: github.event_name == 'pull_request' && needs.changed.outputs.any == 'true'
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix: ${{ fromJSON(needs.changed.outputs.matrix) }}
    env:
      GOLDSMITH_TARGET: {dry}
      # With the projects that it imports from, as the runner's warehouse is empty.
      GOLDSMITH_SELECT: ${{ matrix.select }}
    steps:
      - uses: actions/checkout@v4
        with: { persist-credentials: false }
      - run: goldsmith run
  deploy:
    name: deploy ${{ matrix.project }}
    needs: [lint, changed]
    if: github.event_name == 'push' && needs.changed.outputs.any == 'true'
    runs-on: ubuntu-latest
    # One after another, and no deployment cuts off another one.
    strategy:
      fail-fast: false
      max-parallel: 1
      matrix: ${{ fromJSON(needs.changed.outputs.matrix) }}
    concurrency: { group: "goldsmith-deploy-${{ matrix.project }}", cancel-in-progress: false }
    env:
      GOLDSMITH_TARGET: {target}
      GOLDSMITH_SELECT: project:${{ matrix.project }}
      # What is published stays as it is until its own slot: a merge is no publication.
      GOLDSMITH_EXCLUDE: track:financial
    steps:
      - uses: actions/checkout@v4
        with: { persist-credentials: false }
      # Hand the target's secrets over as variables here.
      - run: goldsmith run --wait 30m
"#;

/// The text of the workflow.
#[must_use]
pub fn workflow(place: &Place<'_>) -> String {
    let platform = if place.below.is_empty() {
        String::new()
    } else {
        format!("env:\n  GOLDSMITH_PLATFORM: {}\n", json!(place.below))
    };
    let jobs = JOBS.replace("{dry}", &json!(place.dry).to_string());
    let jobs = jobs.replace("{target}", &json!(place.target).to_string());
    format!(
        "# What a change goes through, as goldsmith writes it: goldsmith workflow > .github/workflows/changes.yml\n\
         name: changes\non:\n  pull_request:\n  push:\n    branches: [{}]\npermissions: {{ contents: read }}\n{platform}{jobs}",
        json!(place.branch)
    )
}
