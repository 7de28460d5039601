//! `goldsmith deploy`: the files as they were read over, and each checked by the tool that reads it, where there
//! is one.

mod common;

use std::process::Command;

use common::{Outcome, Platform, checked};

const SETTINGS: &str = "name: acme\ndefault_target: dev\ntimezone: Europe/Berlin\ntargets:\n  dev: { type: duckdb, path: warehouse }\n\
    \x20 prod: { type: postgres, host: \"{{ env_var('DWH_HOST') }}\", user: goldsmith, password: \"{{ env_var('DWH_PASSWORD') }}\", protected: true }\n";

const DEPLOY: &str = "deploy:\n  image: acme.azurecr.io/warehouse:1\n  cpu: 0.5\n  memory: 1.5\n\
    \x20 env: { LC_TIME: de, ODD: 'a \"b\" ${c} $(d) %{e} \\ $' }\n  secrets: [CONNECTION]\n";

const SIDECARS: &str = "  sidecars:\n    - { name: relay, image: \"mcr.example/relay:2\", command: [azbridge, -L, \"localhost:1433\"], env: { LOG: info }, secrets: [RELAY_TOKEN] }\n";

/// Two sources, one with a name that no cluster takes.
fn platform(settings: &str) -> Platform {
    Platform::new(&[
        ("goldsmith.yml", settings),
        (
            "projects/books/project.yml",
            "name: books\nschedule: { daily: \"30 6 * * *\", hourly: \"0 7-19 * * 1-5\", financial: \"0 7 * * *\" }\n",
        ),
        ("projects/books/gold/financial/a.sql", "CREATE TABLE IF NOT EXISTS fin.a (n INTEGER);\n"),
        ("projects/books/silver/b.sql", "select '{{ env_var('REGION', 'eu') }}' as region"),
        ("projects/größe_2/project.yml", "name: größe_2\nschedule: { daily: \"15 4 * * *\" }\n"),
    ])
}

fn deploy(platform: &Platform, to: &str, target: &str, more: &[&str]) -> Outcome {
    let output = platform.path(to);
    let output = output.to_str().expect("Unicode");
    let args = [&["deploy", "--to", to, "--target", target, "--output", output], more].concat();
    // What a secret is must not matter: only its name may be written.
    let done = platform.command(&args).env("DWH_PASSWORD", "hunter2").env("DWH_HOST", "db.internal").output();
    let done = done.expect("the binary starts");
    Outcome {
        code: done.status.code().unwrap_or(-1),
        stdout: String::from_utf8(done.stdout).expect("UTF-8"),
        stderr: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

#[track_caller]
fn written(platform: &Platform, to: &str, target: &str) {
    let outcome = deploy(platform, to, target, &[]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    for entry in std::fs::read_dir(platform.path(to)).expect("a folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        assert!(!text.contains("hunter2") && !text.contains("db.internal"), "{text}");
    }
}

#[test]
fn an_image_for_every_source() {
    let platform = platform(&format!("{SETTINGS}{DEPLOY}"));
    written(&platform, "dockerfile", "prod");
    insta::assert_snapshot!(
        "dockerfile",
        platform.read("dockerfile/Dockerfile") + &platform.read("dockerfile/.dockerignore")
    );
    checked(&platform.path("dockerfile"), "hadolint", &["Dockerfile"]);
}

#[test]
fn compose_runs_the_clock_and_each_source() {
    let platform = platform(&format!("{SETTINGS}{DEPLOY}{SIDECARS}"));
    written(&platform, "compose", "dev");
    insta::assert_snapshot!("compose", platform.read("compose/compose.yaml"));
    checked(
        &platform.path("compose"),
        "check-jsonschema",
        &["--builtin-schema", "vendor.compose-spec", "compose.yaml"],
    );
}

#[test]
fn kubernetes_has_a_job_for_each_slot() {
    for (what, settings) in [("kubernetes", String::new()), ("kubernetes_sidecars", SIDECARS.to_owned())] {
        let platform = platform(&format!("{SETTINGS}{DEPLOY}{settings}"));
        written(&platform, "kubernetes", "prod");
        let text = platform.read("kubernetes/cronjobs.yaml");
        insta::assert_snapshot!(what, text);
        assert_eq!(text.matches("kind: CronJob").count(), 4);
        checked(
            &platform.path("kubernetes"),
            "kubernetes-validate",
            &["--strict", "-k", "1.30.0", "cronjobs.yaml"],
        );
    }
}

#[test]
fn terraform_has_a_group_for_each_slot_or_one_for_the_clock() {
    for (what, settings) in [("terraform", String::new()), ("terraform_sidecars", SIDECARS.to_owned())] {
        let platform = platform(&format!("{SETTINGS}{DEPLOY}{settings}"));
        written(&platform, "terraform", "prod");
        insta::assert_snapshot!(
            what,
            platform.read("terraform/main.tf") + &platform.read("terraform/variables.tf")
        );
        checked(&platform.path("terraform"), "terraform", &["fmt", "-check", "-diff"]);
    }
}

#[test]
fn files_that_are_there_stay_and_can_be_checked() {
    let platform = platform(SETTINGS);
    written(&platform, "kubernetes", "prod");
    let again = deploy(&platform, "kubernetes", "prod", &[]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("is there already, nothing was written"), "{}", again.stderr);
    assert_eq!(deploy(&platform, "kubernetes", "prod", &["--check"]).code, 0);
    let settings = platform.read("projects/books/project.yml");
    platform.write("projects/books/project.yml", settings.replace("30 6", "45 6"));
    let stale = deploy(&platform, "kubernetes", "prod", &["--check"]);
    assert_eq!(stale.code, 1);
    assert!(stale.stderr.contains("is not as the platform says now"), "{}", stale.stderr);
    assert_eq!(deploy(&platform, "kubernetes", "prod", &["--force"]).code, 0);
    assert_eq!(deploy(&platform, "kubernetes", "prod", &["--check"]).code, 0);
    // Of one file the text is printed; two want a folder.
    assert!(platform.ok(&["deploy", "--to", "compose"]).stdout.contains("services:"));
    assert_eq!(platform.run(&["deploy", "--to", "dockerfile"]).code, 2);
}

#[test]
fn what_a_path_or_a_name_holds_is_nothing_to_a_shell() {
    let odd =
        SETTINGS.replace("path: warehouse", "path: './my $(id) dwh/'").replace("name: acme", "name: a$b");
    let platform = platform(&odd);
    written(&platform, "dockerfile", "dev");
    let text = platform.read("dockerfile/Dockerfile");
    assert!(
        text.contains("RUN [\"mkdir\", \"-p\", \"/platform/target\", \"/platform/my $(id) dwh\"]"),
        "{text}"
    );
    assert!(text.contains("image.title=\"a\\$b\""), "{text}");
    written(&platform, "compose", "dev");
    let text = platform.read("compose/compose.yaml");
    assert!(text.contains("- \"warehouse:/platform/my $$(id) dwh\""), "{text}");
}

#[test]
fn two_variables_never_become_one_for_terraform() {
    let deploy = "deploy: { image: a/b, secrets: [Token, TOKEN, LOCATION] }\n";
    let platform = platform(&format!("{SETTINGS}{deploy}"));
    written(&platform, "terraform", "prod");
    let text = platform.read("terraform/main.tf");
    let blocks: Vec<&str> =
        text.lines().filter(|l| l.starts_with("data \"azurerm_key_vault_secret\"")).collect();
    let different: std::collections::BTreeSet<&&str> = blocks.iter().collect();
    assert!(blocks.len() == 4 && different.len() == 4, "{blocks:?}");
    let names = text.lines().filter(|l| l.trim_start().starts_with("name ") && l.contains("token"));
    assert_eq!(names.collect::<std::collections::BTreeSet<_>>().len(), 2, "{text}");
}

#[test]
fn what_can_not_be_deployed_is_told_at_its_place() {
    let told = |settings: &str, to: &str, target: &str| {
        let outcome = deploy(&platform(settings), to, target, &[]);
        assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
        outcome.stderr
    };
    for to in ["kubernetes", "terraform"] {
        assert!(told(SETTINGS, to, "dev").contains("the target `dev` is a folder of DuckDB's"));
    }
    for path in ["../elsewhere", "/data", "."] {
        let settings = SETTINGS.replace("path: warehouse", &format!("path: {path}"));
        let said = told(&settings, "dockerfile", "dev");
        assert!(said.contains(&format!("keeps its warehouse in `{path}`")), "{said}");
    }
    let elsewhere = SETTINGS.replace("Europe/Berlin", "Antarctica/Troll");
    assert!(
        told(&elsewhere, "terraform", "prod").contains("Azure's name for the time zone `Antarctica/Troll`")
    );
    for (deploy, expected) in [
        ("deploy: { imgae: x }", "did you mean `image`?"),
        ("deploy: { cpu: lots }", "write cores, such as 1 or 0.5"),
        ("deploy: { memory: -1 }", "write GiB"),
        ("deploy: { secrets: [\"a=b\"] }", "list names alone"),
        ("deploy: { env: { \"a b\": 1 } }", "a name has letters, digits and `_`"),
        ("deploy: { sidecars: [{ name: \"../x\", image: y }] }", "can't be a container's name"),
        (
            "deploy: { sidecars: [{ name: a, image: y }, { name: a, image: y }] }",
            "two containers have the name `a`",
        ),
        ("deploy: { sidecars: [{ name: goldsmith, image: y }] }", "the name of one of goldsmith's own"),
        ("deploy: { sidecars: [{ name: schedule, image: y }] }", "the name of one of goldsmith's own"),
        ("deploy: { sidecars: [{ name: run-books, image: y }] }", "the name of one of goldsmith's own"),
        ("deploy: { sidecars: [{ name: a, image: \"y\\nRUN z\" }] }", "can't be an image's name"),
        ("deploy: { image: \"a b\" }", "`a b` can't be an image's name"),
        ("deploy: { sidecars: [{ name: a }] }", "image"),
    ] {
        let outcome = platform(&format!("{SETTINGS}{deploy}\n")).run(&["lint"]);
        let said = outcome.stdout + &outcome.stderr;
        assert!(outcome.code == 1 && said.contains(expected), "{deploy}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn the_clock_gives_signs_of_life() {
    let platform = platform(SETTINGS);
    let dead = platform.run(&["schedule", "health"]);
    assert_eq!(dead.code, 1);
    assert!(dead.stderr.contains("no clock of `dev` runs"), "{}", dead.stderr);
    let mut clock = Command::new(env!("CARGO_BIN_EXE_goldsmith"))
        .args(["schedule", "run", "--platform"])
        .arg(platform.path(""))
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut waited = 0;
    while platform.run(&["schedule", "health"]).code != 0 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        waited += 1;
        assert!(waited < 200, "it never gave one");
    }
    clock.kill().expect("a process of ours");
    clock.wait().expect("it is gone");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let late = platform.run(&["schedule", "health", "--within", "1s"]);
    assert_eq!(late.code, 1);
    assert!(late.stderr.contains("gave its last sign of life"), "{}", late.stderr);
}
