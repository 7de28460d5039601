//! `goldsmith workflow`: what it prints, and its commands carried out as a runner would.

mod common;

use std::process::Command;

use common::Platform;

#[track_caller]
fn shell(platform: &Platform, command: &str, variables: &[(String, String)]) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_goldsmith")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", command])
        .current_dir(platform.path(""))
        .env("PATH", path)
        .envs(variables.iter().cloned())
        .output()
        .expect("bash");
    let told = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command}: {}{}", told.0, told.1);
}

/// The parts of a job, by its name, up to the next job.
fn job<'a>(text: &'a str, name: &str) -> &'a str {
    let from = text.find(&format!("\n  {name}:\n")).expect("the job");
    let rest = &text[from + 3..];
    let end = rest
        .match_indices("\n  ")
        .find(|(at, _)| rest[at + 3..].starts_with(|c: char| c.is_ascii_lowercase()));
    &rest[..end.map_or(rest.len(), |(at, _)| at)]
}

#[test]
fn the_workflow_is_as_it_was_read() {
    let platform = Platform::worked();
    insta::assert_snapshot!("workflow", platform.ok(&["workflow"]).stdout);
}

#[cfg(unix)]
#[test]
fn its_commands_pass_on_the_worked_platform_for_what_has_changed() {
    let platform = Platform::worked();
    let settings = platform.read("goldsmith.yml");
    platform.write("goldsmith.yml", settings + "  prod: { type: duckdb, path: production }\n");
    platform.write(".gitignore", "target/\nwarehouse/\nproduction/\n");
    let plain: Vec<(String, String)> = vec![("GOLDSMITH_ORGANIZATION".into(), "acme".into())];
    shell(&platform, "goldsmith owners --write", &plain);
    let git = "git -c user.name=t -c user.email=t@example.org -c commit.gpgsign=false";
    shell(&platform, &format!("git init -q -b main . && git add . && {git} commit -qm one"), &[]);
    let file = "projects/product/silver/usage_daily.sql";
    platform.write(file, platform.read(file) + "\n-- changed\n");
    let text = platform.ok(&["workflow", "--target", "prod"]).stdout;

    let output = platform.path("target/output").to_str().expect("Unicode").to_owned();
    let mut variables = plain;
    variables.extend([("GOLDSMITH_SINCE".into(), "HEAD".into()), ("GITHUB_OUTPUT".into(), output)]);
    let mut commands = 0;
    let mut carry_out = |name: &str, variables: &[(String, String)]| {
        for line in job(&text, name).lines() {
            let Some(command) = line.trim_start_matches([' ', '-']).strip_prefix("run: ") else { continue };
            commands += 1;
            shell(&platform, command, variables);
        }
    };
    std::fs::create_dir_all(platform.path("target")).expect("a folder");
    carry_out("lint", &variables);
    carry_out("changed", &variables);
    let told = platform.read("target/output");
    assert!(told.starts_with("any=true\nmatrix={\"include\":[{\"project\":\"product\","), "{told}");
    assert!(told.contains("\"select\":\"project:product project:sfdc\""), "{told}");
    for name in ["dry-run", "deploy"] {
        // The job's own variables, with the project of the matrix put in.
        let own =
            job(&text, name).lines().filter_map(|l| l.trim().strip_prefix("GOLDSMITH_")?.split_once(": "));
        let own = own.map(|(key, value)| {
            let value = value.trim().trim_matches('"').replace("${{ matrix.project }}", "product");
            let value = value.replace("${{ matrix.select }}", "project:product project:sfdc");
            (format!("GOLDSMITH_{key}"), value)
        });
        let all: Vec<(String, String)> = own.collect();
        assert!(all.len() >= 2, "{name}: {all:?}");
        if name == "deploy" {
            // What it imports is there already, as the others run.
            shell(&platform, "goldsmith run --target prod --select sfdc", &[]);
        }
        carry_out(name, &all);
    }
    assert_eq!(commands, 6);
    assert!(platform.path("warehouse/product_dwh.duckdb").exists());
    assert!(platform.path("production/product_dwh.duckdb").exists());
}

#[test]
fn a_target_of_duckdb_is_needed_and_names_are_quoted() {
    let platform = Platform::shop(&[]);
    platform.write("goldsmith.yml", "name: x\ndefault_target: b\ntargets:\n  a: { type: duckdb, path: w }\n  b: { type: postgres, host: h, user: u }\n");
    let text = platform.ok(&["workflow", "--branch", "release: \"x\""]).stdout;
    assert!(text.contains("branches: [\"release: \\\"x\\\"\"]"), "{text}");
    assert!(job(&text, "dry-run").contains("GOLDSMITH_TARGET: \"a\""), "{text}");
    assert!(job(&text, "deploy").contains("GOLDSMITH_TARGET: \"b\""), "{text}");
    let outcome = platform.run(&["workflow", "--dry-run", "b"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("there is no DuckDB target `b`"), "{}", outcome.stderr);
}
