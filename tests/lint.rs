//! The lint's machinery through the binary: levels, comments that allow, the baseline, selection,
//! and the formats that other programs read.

mod common;

use common::{Outcome, Platform};
use serde_json::Value;

const READER: &str = "projects/product/silver/paying.sql";
const CROSS: &str = "SELECT account_id, mrr FROM sfdc_dwh.silver.subscription\n";

/// The base of the rules' examples, with these files over it.
fn base(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::fixture("lint/base");
    for (path, text) in files {
        platform.write(path, text);
    }
    platform
}

/// `code severity path:line` of each finding.
fn found(outcome: &Outcome) -> Vec<String> {
    let list: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome:?}"));
    let rows = list.as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.map(|d| format!("{} {} {}:{}", text(&d["code"]), text(&d["severity"]), text(&d["path"]), d["line"]))
        .collect()
}

fn lint(platform: &Platform, args: &[&str]) -> (i32, Vec<String>) {
    let outcome = platform.run(&[&["lint", "--format", "json"], args].concat());
    (outcome.code, found(&outcome))
}

fn with_lint(lint: &str) -> String {
    format!("{}lint: {lint}\n", include_str!("../fixtures/lint/base/goldsmith.yml"))
}

fn product(lint: &str) -> String {
    format!("{}lint: {lint}\n", include_str!("../fixtures/lint/base/projects/product/project.yml"))
}

#[test]
fn a_clean_platform_says_so() {
    let outcome = base(&[]).ok(&["lint"]);
    assert_eq!(outcome.stdout, "");
    assert_eq!(outcome.stderr, "no problems in 3 projects, 9 nodes\n");
}

#[test]
fn the_platform_and_the_project_say_how_bad_a_rule_is() {
    let error = format!("GS101 error {READER}:1");
    let warning = format!("GS101 warning {READER}:1");
    assert_eq!(lint(&base(&[(READER, CROSS)]), &[]), (1, vec![error.clone()]));
    for (platform, project, code, expected) in [
        ("{ GS101: warning }", "{}", 0, vec![warning.clone()]),
        ("{ cross-source-read: off }", "{}", 0, vec![]),
        ("{ GS1xx: off }", "{}", 0, vec![]),
        ("{ GS1xx: off, GS101: error }", "{}", 1, vec![error.clone()]),
        ("{ GS101: error, GS1xx: off }", "{}", 1, vec![error.clone()]),
        ("{ GS101: off }", "{ GS101: warning }", 0, vec![warning.clone()]),
        ("{}", "{ GS101: off }", 0, vec![]),
        ("{ GS101: forbid }", "{}", 1, vec![error.clone()]),
        ("{ GS101: forbid }", "{ GS101: error }", 1, vec![error.clone()]),
        (
            "{ GS101: forbid }",
            "{ GS101: off }",
            1,
            vec!["GS903 error projects/product/project.yml:5".to_owned(), error.clone()],
        ),
    ] {
        let platform = base(&[
            (READER, CROSS),
            ("goldsmith.yml", &with_lint(platform)),
            ("projects/product/project.yml", &product(project)),
        ]);
        assert_eq!(lint(&platform, &[]), (code, expected), "{project}");
    }
}

#[test]
fn levels_that_make_no_sense_are_told() {
    for (lint, expected) in [
        ("{ GS10l: off }", "there is no rule `GS10l`"),
        ("{ GS101: of }", "did you mean `off`?"),
        ("{ GS101: 3 }", "a number is no level of a rule"),
        ("{ GS903: off }", "`GS903` is always an error"),
        ("{ baselin: x }", "there is no rule `baselin`"),
    ] {
        let outcome = base(&[("goldsmith.yml", &with_lint(lint))]).run(&["lint"]);
        assert!(outcome.code == 1 && outcome.stdout.contains(expected), "{lint}: {outcome:?}");
    }
}

#[test]
fn what_is_lowered_runs() {
    let platform = base(&[(READER, CROSS), ("goldsmith.yml", &with_lint("{ GS101: warning }"))]);
    assert_eq!(base(&[(READER, CROSS)]).run(&["run", "--select", "product.paying"]).code, 3);
    platform.ok(&["run", "--select", "sfdc"]);
    platform.ok(&["run", "--select", "product.paying"]);
}

#[test]
fn a_comment_allows_one_place() {
    let allow = "-- goldsmith: allow GS101 because of ticket 4711\n";
    assert_eq!(lint(&base(&[(READER, &format!("{allow}{CROSS}"))]), &[]), (0, vec![]));
    let by_name = "-- goldsmith: allow cross-source-read because of ticket 4711\n";
    assert_eq!(lint(&base(&[(READER, &format!("{by_name}{CROSS}"))]), &[]), (0, vec![]));
    // Another code, the wrong line, no such rule, no reason.
    for (text, expected) in [
        (format!("-- goldsmith: allow GS102 because of x\n{CROSS}"), vec!["GS101 error", "GS912 warning"]),
        (format!("{CROSS}{allow}"), vec!["GS101 error", "GS912 warning"]),
        (format!("-- goldsmith: allow GS777 because of x\n{CROSS}"), vec!["GS101 error", "GS904 error"]),
        (format!("-- goldsmith: allow GS101\n{CROSS}"), vec!["GS101 error", "GS904 error"]),
    ] {
        let (code, mut found) = lint(&base(&[(READER, &text)]), &[]);
        for row in &mut found {
            *row = row.split(' ').take(2).collect::<Vec<_>>().join(" ");
        }
        found.sort();
        assert_eq!((code, found), (1, expected.into_iter().map(str::to_owned).collect()), "{text}");
    }
}

#[test]
fn what_is_forbidden_no_comment_allows() {
    let platform = base(&[
        (READER, &format!("-- goldsmith: allow GS101 because of ticket 4711\n{CROSS}")),
        ("goldsmith.yml", &with_lint("{ GS101: forbid }")),
    ]);
    let outcome = platform.run(&["lint"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("a comment can't allow it"), "{}", outcome.stdout);
}

#[test]
fn an_allowed_read_hides_no_other() {
    let allow = "-- goldsmith: allow GS101 because of ticket 4711\n";
    for second in [
        "SELECT account_id, mrr FROM sfdc_dwh.silver.subscription",
        "SELECT account_id, mrr FROM [sfdc_dwh].silver.subscription",
        "SELECT account_id, mrr FROM {{ ref('sfdc', 'subscription') }}",
        "SELECT account_id, mrr FROM {{ source('sfdc', 'subscription') }}",
    ] {
        for first in [CROSS.trim(), "SELECT account_id, mrr FROM {{ ref('sfdc', 'subscription') }}"] {
            let text = format!("{allow}{first}\nUNION ALL\n{second}\n");
            let project = product("{}").replace("schedule", "dialect: tsql\nschedule");
            let platform = base(&[(READER, &text), ("projects/product/project.yml", &project)]);
            assert_eq!(lint(&platform, &[]), (1, vec![format!("GS101 error {READER}:4")]), "{text}");
        }
    }
    // A name that is printed in several places is one call.
    let text =
        "{% set t = ref('sfdc', 'subscription') %}\nSELECT * FROM {{ t }} UNION ALL SELECT * FROM {{ t }}\n";
    assert_eq!(lint(&base(&[(READER, text)]), &[]), (1, vec![format!("GS101 error {READER}:1")]));
}

#[test]
fn yaml_allows_as_well() {
    let load = |above: &str, beside: &str| {
        format!(
            "version: 2\nloads:\n{above}  - name: campaign{beside}\n    from: {{ file: \"data/usage_event.csv\" }}\n"
        )
    };
    let path = "projects/product/bronze/more.yml";
    let allow = "# goldsmith: allow GS203 because marketing wants it next month";
    for (above, beside, code) in [
        (String::new(), String::new(), 1),
        (format!("  {allow}\n"), String::new(), 0),
        (String::new(), format!(" {allow}"), 0),
        ("  # goldsmith: allow GS203\n".to_owned(), String::new(), 1),
        ("  # goldsmith: alow GS203 because of x\n".to_owned(), String::new(), 1),
        ("  # goldsmith: allow GS101 because of x\n".to_owned(), String::new(), 1),
    ] {
        let (ended, found) = lint(&base(&[(path, &load(&above, &beside))]), &[]);
        assert_eq!(ended, code, "{above}{beside}: {found:?}");
    }
}

#[test]
fn comments_in_yaml_are_checked_too() {
    let path = "projects/product/bronze/more.yml";
    let load = |comment: &str| {
        format!(
            "version: 2\nloads:\n  {comment}\n  - name: usage_more\n    from: {{ file: \"data/usage_event.csv\" }}\n"
        )
    };
    let reader = ("projects/product/silver/more.sql", "select event_id from raw.usage_more");
    for (comment, expected) in [
        ("# a plain one", None),
        ("# goldsmith: allow GS203", Some("GS904 error")),
        ("# goldsmith: allow GS2033 because of x", Some("GS904 error")),
        ("# goldsmith: please", Some("GS904 error")),
        ("# goldsmith: allow GS203 because of x", Some("GS912 warning")),
    ] {
        let (_, found) = lint(&base(&[(path, &load(comment)), reader]), &[]);
        let expected: Vec<String> = expected.map(|e| format!("{e} {path}:3")).into_iter().collect();
        assert_eq!(found, expected, "{comment}");
    }
}

#[test]
fn each_code_of_a_comment_must_be_needed() {
    let text = format!("-- goldsmith: allow GS101, GS104 because of ticket 4711\n{CROSS}");
    let outcome = base(&[(READER, &text)]).ok(&["lint"]);
    assert!(outcome.stdout.contains("nothing at line 2 needs `allow GS104`"), "{}", outcome.stdout);
}

#[test]
fn what_is_forbidden_no_baseline_accepts() {
    let platform = base(&[(READER, CROSS), ("goldsmith.yml", &with_lint("{ GS101: forbid }"))]);
    let outcome = platform.run(&["lint", "--baseline", "accepted.json", "--write-baseline"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("accepts 0 findings") && outcome.stderr.contains("GS101"),
        "{}",
        outcome.stderr
    );
    assert_eq!(platform.run(&["lint", "--baseline", "accepted.json"]).code, 1);
    // One that was written before the rule was forbidden does not help either.
    let before = base(&[(READER, CROSS)]);
    before.ok(&["lint", "--baseline", "accepted.json", "--write-baseline"]);
    platform.write("accepted.json", before.read("accepted.json"));
    assert_eq!(platform.run(&["lint", "--baseline", "accepted.json"]).code, 1);
}

#[test]
fn settings_from_the_environment_do_not_get_in_the_way() {
    let platform = base(&[]);
    let mut command = platform.command(&["lint", "--explain", "GS101"]);
    let output = command
        .env("GOLDSMITH_BASELINE", "nowhere.json")
        .env("GOLDSMITH_RULE", "GS102")
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_baseline_accepts_what_stands_today() {
    let platform = base(&[(READER, CROSS)]);
    let outcome = platform.run(&["lint", "--baseline", "accepted.json"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("there is no baseline") && outcome.stderr.contains("--write-baseline"),
        "{}",
        outcome.stderr
    );
    let outcome = platform.ok(&["lint", "--baseline", "accepted.json", "--write-baseline"]);
    assert!(outcome.stderr.contains("accepts 1 finding"), "{}", outcome.stderr);
    insta::assert_snapshot!(platform.read("accepted.json"));
    assert_eq!(lint(&platform, &["--baseline", "accepted.json"]), (0, vec![]));
    // Lines above do not wake it; a second one of its kind does.
    platform.write(READER, format!("-- who pays\n\n{CROSS}"));
    assert_eq!(lint(&platform, &["--baseline", "accepted.json"]), (0, vec![]));
    platform.write(READER, format!("{}\nUNION ALL\n{CROSS}", CROSS.trim()));
    let (code, found) = lint(&platform, &["--baseline", "accepted.json"]);
    assert_eq!((code, found.len()), (1, 1), "{found:?}");
    // What is mended is told, so that the baseline shrinks.
    platform.write(READER, "SELECT account_id FROM silver.usage\n");
    let outcome = platform.ok(&["lint", "--baseline", "accepted.json"]);
    assert!(outcome.stderr.contains("1 accepted finding in the baseline is gone"), "{}", outcome.stderr);
    // What can't be read is never accepted.
    platform.write(READER, "SELECT 'open");
    let outcome = platform.run(&["lint", "--baseline", "accepted.json", "--write-baseline"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("accepts 0 findings") && outcome.stderr.contains("GS907"),
        "{}",
        outcome.stderr
    );
    // Anything else in its place is refused.
    platform.write("accepted.json", "[]");
    let outcome = platform.run(&["lint", "--baseline", "accepted.json"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("is no baseline"), "{}", outcome.stderr);
}

#[test]
fn a_baseline_of_the_platform_holds_for_every_command() {
    let platform = base(&[(READER, CROSS), ("goldsmith.yml", &with_lint("{ baseline: accepted.json }"))]);
    assert_eq!(platform.run(&["lint"]).code, 2);
    platform.ok(&["lint", "--write-baseline"]);
    platform.ok(&["lint"]);
    platform.ok(&["run", "--select", "sfdc"]);
    platform.ok(&["run", "--select", "product.paying"]);
}

#[test]
fn selection_and_rules_narrow_what_is_shown() {
    let own = "projects/datev/gold/financial/other.sql";
    let platform = base(&[
        (READER, CROSS),
        (own, "CREATE OR REPLACE TABLE fin.other AS SELECT account FROM datev_dwh.silver.booking;"),
    ]);
    let (cross, named) = (format!("GS101 error {READER}:1"), format!("GS107 warning {own}:1"));
    assert_eq!(lint(&platform, &[]), (1, vec![named.clone(), cross.clone()]));
    assert_eq!(lint(&platform, &["--select", "datev"]), (0, vec![named.clone()]));
    assert_eq!(lint(&platform, &["--exclude", "datev"]), (1, vec![cross.clone()]));
    assert_eq!(lint(&platform, &["--rule", "GS107"]), (0, vec![named.clone()]));
    assert_eq!(lint(&platform, &["--rule", "cross-source-read,own-database-named"]), (1, vec![named, cross]));
    let outcome = platform.run(&["lint", "--select", "GS101"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("write `--rule GS101`"), "{}", outcome.stderr);
    assert_eq!(platform.run(&["lint", "--rule", "GS77"]).code, 2);
}

/// The schema of SARIF 2.1.0 as OASIS publishes it, from the sources of the crate that makes its types of it.
fn sarif_schema() -> jsonschema::Validator {
    let cargo = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO"));
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args).output().expect("cargo runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    // What this machine was built for is here; what other platforms need was perhaps never fetched.
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let metadata =
        cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let package = packages.iter().find(|p| p["name"] == "serde-sarif").expect("a dependency");
    let manifest = std::path::Path::new(package["manifest_path"].as_str().expect("a path"));
    let text =
        std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).expect("the schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    // Its pattern of languages, which we don't name, has a bracket too many.
    for definition in schema["definitions"].as_object_mut().expect("definitions").values_mut() {
        if let Some(language) = definition.pointer_mut("/properties/language") {
            language.as_object_mut().expect("a property").remove("pattern");
        }
    }
    assert!(
        schema["id"].as_str().or(schema["$id"].as_str()).expect("an id").ends_with("sarif-schema-2.1.0.json")
    );
    jsonschema::validator_for(&schema).expect("a schema")
}

#[test]
fn sarif_follows_the_published_schema() {
    let platform = base(&[
        (READER, CROSS),
        (
            "projects/product/silver/ä b.sql",
            "-- goldsmith: allow GS101 because of ticket 4711\nSELECT 'ü', * FROM sfdc_dwh.silver.account",
        ),
        (
            "projects/datev/gold/financial/a_lines.sql",
            "CREATE OR REPLACE TABLE fin.line AS SELECT 1 AS line;",
        ),
        (
            "projects/datev/gold/financial/b_lines.sql",
            "CREATE OR REPLACE TABLE fin.line AS SELECT 2 AS line;",
        ),
    ]);
    let outcome = platform.run(&["lint", "--format", "sarif"]);
    assert_eq!(outcome.code, 1);
    let log: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let schema = sarif_schema();
    let wrong: Vec<String> =
        schema.iter_errors(&log).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(
        !schema.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })),
        "the check proves nothing"
    );
    let results = log["runs"][0]["results"].as_array().expect("a list");
    assert_eq!(results.len(), 3, "{results:#?}");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list");
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a small one");
        assert_eq!(rules[rule]["id"], result["ruleId"]);
    }
    let two = &results[0];
    assert_eq!(two["ruleId"], "GS202");
    assert_eq!(
        two["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "projects/datev/gold/financial/a_lines.sql"
    );
    let allowed = &results[2];
    assert_eq!(allowed["suppressions"][0]["justification"], "of ticket 4711");
    let place = &allowed["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "projects/product/silver/%C3%A4%20b.sql");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&2.into(), &20.into()));
    // The same findings keep their fingerprints when lines move.
    platform.write(READER, format!("\n\n{CROSS}"));
    let moved: Value =
        serde_json::from_str(&platform.run(&["lint", "--format", "sarif"]).stdout).expect("JSON");
    let print = |log: &Value| log["runs"][0]["results"][1]["partialFingerprints"].clone();
    assert_eq!(print(&log), print(&moved));
    // Without a finding it is a whole log as well.
    let clean: Value =
        serde_json::from_str(&base(&[]).ok(&["lint", "--format", "sarif"]).stdout).expect("JSON");
    assert_eq!(clean["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn what_is_accepted_or_not_asked_for_is_not_fixed() {
    let platform = base(&[(READER, CROSS)]);
    platform.ok(&["lint", "--baseline", "accepted.json", "--write-baseline"]);
    platform.ok(&["lint", "--fix", "--baseline", "accepted.json"]);
    assert_eq!(platform.read(READER), CROSS);
    platform.ok(&["lint", "--fix", "--select", "datev"]);
    platform.ok(&["lint", "--fix", "--rule", "GS2xx"]);
    assert_eq!(platform.read(READER), CROSS);
    platform.ok(&["lint", "--fix", "--rule", "GS101", "--select", "product"]);
    assert_eq!(
        platform.read(READER),
        "SELECT account_id, mrr FROM {{ source('product', 'sfdc_subscription') }}\n"
    );
}
