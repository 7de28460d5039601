//! A compose file: the clock as a service, and each source as one that is run by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Deployment, FOLDER, PROGRAM, Variable, file, label, quoted};
use crate::nouns::Sidecar;
use crate::schedule::export::File;

/// The network that the clock and what runs beside it share.
const NETWORK: &str = "    network_mode: \"service:schedule\"\n";

/// `compose.yaml`
#[must_use]
pub fn compose(deployment: &Deployment<'_>) -> Vec<File> {
    let mut text = format!(
        "# As goldsmith writes it: goldsmith deploy --to compose\n\
         #   docker compose up --detach              the clock: each source at its own times\n\
         #   docker compose run --rm run-NAME        one source now\n\
         name: {}\n\
         services:\n",
        quoted(&label(&deployment.platform.name, 63)),
    );
    let clock =
        [("GOLDSMITH_TARGET", deployment.target.name.clone()), ("GOLDSMITH_LOG_FORMAT", "json".to_owned())];
    service(deployment, &mut text, "schedule", "[schedule, run]", &clock);
    let _ = write!(
        text,
        "    restart: unless-stopped\n\
         \x20   stop_grace_period: 2m\n\
         \x20   healthcheck:\n\
         \x20     test: [\"CMD\", {}, \"schedule\", \"health\"]\n\
         \x20     interval: 1m\n\
         \x20     timeout: 10s\n\
         \x20     start_period: 1m\n",
        quoted(PROGRAM)
    );
    for sidecar in &deployment.deploy().sidecars {
        beside(&mut text, sidecar);
    }
    let projects: BTreeSet<&str> = deployment.slots.iter().map(|slot| slot.project.name.as_str()).collect();
    for project in projects {
        let settings = [
            ("GOLDSMITH_TARGET", deployment.target.name.clone()),
            ("GOLDSMITH_SELECT", format!("project:{project}")),
        ];
        service(deployment, &mut text, &format!("run-{}", label(project, 50)), "[run]", &settings);
        text.push_str("    profiles: [run]\n");
        if !deployment.deploy().sidecars.is_empty() {
            text.push_str(NETWORK);
        }
    }
    text.push_str("volumes:\n  state:\n");
    if deployment.warehouse().is_some() {
        text.push_str("  warehouse:\n");
    }
    vec![file("compose.yaml", text)]
}

fn service(
    deployment: &Deployment<'_>,
    text: &mut String,
    name: &str,
    command: &str,
    settings: &[(&'static str, String)],
) {
    let _ = write!(
        text,
        "  {name}:\n\
         \x20   image: {}\n\
         \x20   build:\n\
         \x20     context: .\n\
         \x20     additional_contexts:\n\
         \x20       goldsmith: ${{GOLDSMITH_DIR:-.}}\n\
         \x20   command: {command}\n\
         \x20   environment:\n",
        quoted(&escaped(&deployment.image()))
    );
    for (name, value) in settings {
        let _ = writeln!(text, "      {name}: {}", quoted(&escaped(value)));
    }
    for (name, variable) in &deployment.variables {
        let value = match variable {
            Variable::Value(value) => quoted(&escaped(value)),
            Variable::Asked | Variable::Secret => asked(name),
        };
        let _ = writeln!(text, "      {name}: {value}");
    }
    let _ = write!(text, "    volumes:\n      - state:{FOLDER}/target\n");
    if let Some(path) = deployment.warehouse() {
        let _ = writeln!(text, "      - {}", quoted(&escaped(&format!("warehouse:{FOLDER}/{path}"))));
    }
    text.push_str("    read_only: true\n    tmpfs: [/tmp]\n    cap_drop: [ALL]\n    security_opt: [\"no-new-privileges:true\"]\n");
}

/// A container in the network of the clock's, so that it is found at `localhost` as in a group or a pod.
fn beside(text: &mut String, sidecar: &Sidecar) {
    let _ = write!(
        text,
        "  {}:\n    image: {}\n{NETWORK}    restart: unless-stopped\n",
        sidecar.name,
        quoted(&escaped(&sidecar.image))
    );
    if !sidecar.command.is_empty() {
        let words: Vec<String> = sidecar.command.iter().map(|word| quoted(&escaped(word))).collect();
        let _ = writeln!(text, "    command: [{}]", words.join(", "));
    }
    let mut env: BTreeMap<&String, String> =
        sidecar.env.iter().map(|(n, v)| (n, quoted(&escaped(v)))).collect();
    env.extend(sidecar.secrets.iter().map(|name| (name, asked(name))));
    if !env.is_empty() {
        text.push_str("    environment:\n");
        for (name, value) in env {
            let _ = writeln!(text, "      {name}: {value}");
        }
    }
}

/// A value that the environment of compose has to give.
fn asked(name: &str) -> String {
    format!("${{{name}:?set it in the environment or in .env}}")
}

/// A text in which compose replaces nothing.
fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}
