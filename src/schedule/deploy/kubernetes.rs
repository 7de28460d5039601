//! Kubernetes: a `CronJob` for each slot.

use std::fmt::Write;

use super::{Deployment, FOLDER, USER, Variable, file, label, quoted, refuse_folder};
use crate::nouns::Sidecar;
use crate::schedule::Slot;
use crate::schedule::export::{self, File};
use crate::words::Diagnostic;

/// The longest name of a `CronJob`: its jobs get eleven characters behind it.
const LONGEST: usize = 52;

/// `cronjobs.yaml`
///
/// # Errors
/// A warehouse that is a folder, and times that a `CronJob` can't have.
pub fn kubernetes(deployment: &Deployment<'_>) -> Result<Vec<File>, Box<Diagnostic>> {
    refuse_folder(deployment, "Kubernetes")?;
    let platform = label(&deployment.platform.name, 50);
    let mut text = format!(
        "# As goldsmith writes it: goldsmith deploy --to kubernetes\n\
         #   kubectl apply --filename cronjobs.yaml\n\
         # Secrets are read from the Secret `{platform}`, other variables from the ConfigMap `{platform}`.\n"
    );
    for slot in deployment.slots {
        export::fields(slot, "Kubernetes")?;
        job(deployment, slot, &platform, &mut text);
    }
    Ok(vec![file("cronjobs.yaml", text)])
}

fn job(deployment: &Deployment<'_>, slot: &Slot<'_>, platform: &str, text: &mut String) {
    let name = label(&format!("{platform}-{}-{}", label(&slot.project.name, 40), slot.kind.word()), LONGEST);
    let _ = write!(
        text,
        "---\n\
         apiVersion: batch/v1\n\
         kind: CronJob\n\
         metadata:\n\
         \x20 name: {name}\n\
         \x20 labels:\n\
         \x20   app.kubernetes.io/name: goldsmith\n\
         \x20   app.kubernetes.io/part-of: {platform}\n\
         \x20   app.kubernetes.io/component: {source}\n\
         spec:\n\
         \x20 schedule: {cron}\n\
         \x20 timeZone: {zone}\n\
         \x20 concurrencyPolicy: Forbid\n\
         \x20 startingDeadlineSeconds: 600\n\
         \x20 successfulJobsHistoryLimit: 3\n\
         \x20 failedJobsHistoryLimit: 7\n\
         \x20 jobTemplate:\n\
         \x20   spec:\n\
         \x20     backoffLimit: 0\n\
         \x20     template:\n\
         \x20       metadata:\n\
         \x20         labels:\n\
         \x20           app.kubernetes.io/name: goldsmith\n\
         \x20           app.kubernetes.io/component: {source}\n\
         \x20       spec:\n\
         \x20         restartPolicy: Never\n\
         \x20         terminationGracePeriodSeconds: 120\n\
         \x20         automountServiceAccountToken: false\n\
         \x20         securityContext:\n\
         \x20           runAsNonRoot: true\n\
         \x20           runAsUser: {USER}\n\
         \x20           runAsGroup: {USER}\n\
         \x20           fsGroup: {USER}\n\
         \x20           seccompProfile:\n\
         \x20             type: RuntimeDefault\n",
        source = label(&slot.project.name, 50),
        cron = quoted(&slot.timing.text),
        zone = quoted(&deployment.platform.timezone),
    );
    let deploy = deployment.deploy();
    if !deploy.sidecars.is_empty() {
        text.push_str(
            "          # They run beside, and end when goldsmith has ended.\n          initContainers:\n",
        );
        for sidecar in &deploy.sidecars {
            beside(sidecar, platform, text);
        }
    }
    let _ = write!(
        text,
        "          containers:\n\
         \x20           - name: goldsmith\n\
         \x20             image: {}\n\
         \x20             args: [run]\n\
         \x20             env:\n",
        quoted(&deployment.image())
    );
    for (name, value) in deployment.settings(slot) {
        plain(name, &value, text);
    }
    for (name, variable) in &deployment.variables {
        match variable {
            Variable::Value(value) => plain(name, value, text),
            Variable::Asked => reference(name, "configMapKeyRef", platform, text),
            Variable::Secret => reference(name, "secretKeyRef", platform, text),
        }
    }
    resources(deploy.cpu, deploy.memory, text);
    locked(text);
    let _ = write!(
        text,
        "              volumeMounts:\n\
         \x20               - name: state\n\
         \x20                 mountPath: {FOLDER}/target\n\
         \x20               - name: tmp\n\
         \x20                 mountPath: /tmp\n\
         \x20         volumes:\n\
         \x20           - name: state\n\
         \x20             emptyDir: {{}}\n\
         \x20           - name: tmp\n\
         \x20             emptyDir: {{}}\n"
    );
}

/// A container that starts before goldsmith and runs as long as it does.
fn beside(sidecar: &Sidecar, platform: &str, text: &mut String) {
    let _ = write!(
        text,
        "            - name: {}\n\
         \x20             image: {}\n\
         \x20             restartPolicy: Always\n",
        sidecar.name,
        quoted(&sidecar.image)
    );
    if !sidecar.command.is_empty() {
        let words: Vec<String> = sidecar.command.iter().map(|word| quoted(word)).collect();
        let _ = writeln!(text, "              command: [{}]", words.join(", "));
    }
    if !sidecar.env.is_empty() || !sidecar.secrets.is_empty() {
        text.push_str("              env:\n");
        for (name, value) in &sidecar.env {
            plain(name, value, text);
        }
        for name in &sidecar.secrets {
            reference(name, "secretKeyRef", platform, text);
        }
    }
    resources(sidecar.cpu, sidecar.memory, text);
}

fn plain(name: &str, value: &str, text: &mut String) {
    // Kubernetes replaces `$(NAME)`; a second dollar keeps it from that.
    let value = quoted(&value.replace("$(", "$$("));
    let _ = write!(text, "                - name: {name}\n                  value: {value}\n");
}

fn reference(name: &str, kind: &str, from: &str, text: &mut String) {
    let _ = write!(
        text,
        "                - name: {name}\n                  valueFrom:\n                    {kind}:\n                      name: {from}\n                      key: {name}\n"
    );
}

fn resources(cpu: f64, memory: f64, text: &mut String) {
    let (cpu, memory) = (whole(cpu * 1000.0), whole(memory * 1024.0));
    let _ = write!(
        text,
        "              resources:\n\
         \x20               requests:\n\
         \x20                 cpu: {cpu}m\n\
         \x20                 memory: {memory}Mi\n\
         \x20               limits:\n\
         \x20                 memory: {memory}Mi\n"
    );
}

/// The next whole number.
fn whole(number: f64) -> String {
    format!("{:.0}", number.ceil())
}

fn locked(text: &mut String) {
    text.push_str(
        "              securityContext:\n\
         \x20               allowPrivilegeEscalation: false\n\
         \x20               readOnlyRootFilesystem: true\n\
         \x20               capabilities:\n\
         \x20                 drop: [ALL]\n",
    );
}
