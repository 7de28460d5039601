//! `goldsmith new` and `goldsmith template`: from nothing to a green run, and never a file in the wrong place.

mod common;

use std::path::Path;
use std::process::Command;

use common::{Outcome, Platform, git};

/// The binary in a folder, not told of any platform.
fn goldsmith(folder: &Path, args: &[&str]) -> Outcome {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("GOLDSMITH_") {
            command.env_remove(&*name);
        }
    }
    let output =
        command.env("NO_COLOR", "1").current_dir(folder).args(args).output().expect("the binary starts");
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[track_caller]
fn ok(folder: &Path, args: &[&str]) -> Outcome {
    let outcome = goldsmith(folder, args);
    assert_eq!(outcome.code, 0, "{args:?}\n{}{}", outcome.stdout, outcome.stderr);
    outcome
}

#[track_caller]
fn refused(outcome: &Outcome, expected: &[&str]) {
    assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
    for text in expected {
        assert!(outcome.stderr.contains(text), "no `{text}` in:\n{}", outcome.stderr);
    }
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|e| e.expect("a folder that can be read"))
        .filter(|e| e.file_type().is_file())
        .map(|e| e.path().strip_prefix(folder).expect("below it").display().to_string().replace('\\', "/"))
        .collect();
    all.sort();
    all
}

#[test]
fn a_platform_and_a_project_lint_clean_and_run_green() {
    let folder = tempfile::tempdir().expect("a folder");
    let made =
        ok(folder.path(), &["new", "platform", "acme", "--owner", "sales", "--timezone", "Europe/Berlin"]);
    insta::assert_snapshot!("new_platform", made.stdout);
    let acme = folder.path().join("acme");
    insta::assert_snapshot!("new_platform_files", files(&acme).join("\n"));
    ok(&acme, &["deploy", "--to", "compose", "--output", ".", "--check"]);
    let made = ok(&acme, &["new", "project", "crm", "--owner", "field \"sales\": north"]);
    insta::assert_snapshot!("new_project", made.stdout);
    let lint = ok(&acme, &["lint"]);
    assert!(lint.stderr.contains("no problems in 2 projects"), "{}{}", lint.stdout, lint.stderr);
    let run = ok(&acme, &["run"]);
    assert!(run.stderr.contains("10 built, 2 published, 20 tests passed, 0 warnings"), "{}", run.stderr);
    let due = ok(&acme, &["schedule", "show"]);
    assert!(due.stdout.contains("05:00  sample") && due.stdout.contains("05:30  crm"), "{}", due.stdout);
    assert!(
        ok(&acme, &["ls", "--select", "crm", "--format", "json"])
            .stdout
            .contains("field \\\"sales\\\": north")
    );
    let workflow = ["--builtin-schema", "vendor.github-workflows", ".github/workflows/changes.yml"];
    common::checked(&acme, "check-jsonschema", &workflow);
    // The container files are what the platform says; one source more has to be written into them.
    let stale = goldsmith(&acme, &["deploy", "--to", "compose", "--output", ".", "--check"]);
    assert_eq!(stale.code, 1, "{}", stale.stderr);
    ok(&acme, &["deploy", "--to", "compose", "--output", ".", "--force"]);
    assert!(std::fs::read_to_string(acme.join("compose.yaml")).expect("a file").contains("run-crm:"));
    ok(&acme, &["deploy", "--to", "dockerfile", "--output", ".", "--check"]);
    // Nothing of it is behind its template.
    let diff = ok(&acme, &["template", "diff", "--check"]);
    assert_eq!(diff.stdout, "");
}

#[test]
fn a_project_is_written_in_the_dialect_of_the_default_target() {
    for (engine, dialect) in [
        ("{ type: duckdb }", "duckdb"),
        ("{ type: postgres }", "postgres"),
        ("{ type: sqlserver, host: h }", "tsql"),
    ] {
        let settings = format!("name: small\ntargets:\n  dev: {engine}\n");
        let platform = Platform::new(&[("goldsmith.yml", &settings)]);
        platform.ok(&["new", "project", "crm"]);
        let script = platform.read("projects/crm/gold/financial/revenue_month.sql");
        assert_eq!(script.contains("IF OBJECT_ID"), dialect == "tsql", "{script}");
        let lint = platform.ok(&["lint"]);
        assert!(lint.stderr.contains("no problems in 1 project"), "{}{}", lint.stdout, lint.stderr);
    }
}

#[test]
fn a_new_project_runs_green_on_postgres() {
    let Some(on_postgres) = common::postgres::Place::shop(true, &[]) else { return };
    let platform = &on_postgres.platform;
    platform.ok(&["new", "project", "crm", "--database", &format!("crm_{}", on_postgres.database)]);
    let run = on_postgres.run(&["run", "--select", "crm"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("5 built, 1 published, 10 tests passed, 0 warnings"), "{}", run.stderr);
}

#[test]
fn names_that_would_do_harm_are_refused() {
    let platform = Platform::shop(&[("data/x.csv", "a\n1\n")]);
    let before = files(&platform.path(""));
    let long = "x".repeat(200);
    let name_of = "can't be a project's name";
    for (name, expected) in [
        ("../..", name_of),
        ("..", name_of),
        ("a/b", "such as `a_b`"),
        ("a\\b", "such as `a_b`"),
        ("Order Lines", "such as `order_lines`"),
        ("/etc/x", name_of),
        (".hidden", name_of),
        ("", "the project needs a name"),
        ("nul", "Windows keeps it for a device"),
        ("a\u{7}\u{1b}[31mb", name_of),
        (&long, "at most 64"),
        ("shop", "there is a project `shop` in `projects/shop` already"),
        ("SHOP", "there is a project `shop` in `projects/shop` already"),
    ] {
        let outcome = platform.run(&["new", "project", name]);
        refused(&outcome, &[expected]);
        assert!(!outcome.stderr.contains('\u{1b}') && outcome.stderr.len() < 500, "{}", outcome.stderr);
    }
    for (args, expected) in [
        (&["--database", "Shop_DWH"][..], "the database `Shop_DWH` is that of project `shop`"),
        (&["--database", ""], "can't be a database's name"),
        (&["--daily", "5"], "it has 1 fields, not five"),
        (&["--owner", " "], "the project needs an owner"),
        (&["--from", "shp"], "did you mean `shop`?"),
        (&["--set", "a=1"], "the template asks no `a`"),
        (&["--template", "../x"], "name a folder of the platform"),
        (&["--template", "nothing"], "there is no template in `nothing`"),
    ] {
        refused(&platform.run(&[&["new", "project", "crm"], args].concat()), &[expected]);
    }
    assert_eq!(files(&platform.path("")), before, "nothing was written");
    // A folder whose name holds what a shell or an engine would heed is quoted all the way.
    for name in ["größe", "select", "合同", "a-b"] {
        platform.ok(&["new", "project", name]);
        let run = platform.ok(&["run", "--select", name]);
        assert!(run.stderr.contains("10 tests passed"), "{}", run.stderr);
    }
    platform.ok(&["lint"]);
}

#[test]
fn what_is_there_stays() {
    let platform = Platform::new(&[
        ("projects/crm/silver/mine.sql", "select 1 as one"),
        ("projects/crm/README.md", "mine"),
    ]);
    refused(&platform.run(&["new", "project", "crm"]), &["`projects/crm` is there already", "--force"]);
    assert_eq!(files(&platform.path("projects/crm")).len(), 2);
    platform.ok(&["new", "project", "crm", "--force"]);
    assert_eq!(platform.read("projects/crm/silver/mine.sql"), "select 1 as one");
    assert!(platform.read("projects/crm/README.md").starts_with("# crm"));
    let folder = platform.path("");
    refused(&goldsmith(&folder, &["new", "platform", "projects"]), &["`projects` is there already"]);
    // An empty folder is as good as none.
    std::fs::create_dir(folder.join("empty")).expect("a folder");
    ok(&folder, &["new", "platform", "empty"]);
    assert!(folder.join("empty/goldsmith.yml").is_file());
    // What lies around the new folder is nothing of its own.
    let compose = std::fs::read_to_string(folder.join("empty/compose.yaml")).expect("a file");
    assert!(compose.contains("run-sample:") && !compose.contains("run-crm:"), "{compose}");
    // A platform in a repository leaves the repository's workflows alone.
    std::fs::create_dir(folder.join(".git")).expect("a folder");
    ok(&folder, &["new", "platform", "inner"]);
    assert!(!folder.join("inner/.github").exists());
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let platform = Platform::new(&[("projects/crm/README.md", "mine"), ("elsewhere/x", "")]);
    symlink(platform.path("elsewhere"), platform.path("projects/crm/silver")).expect("a link");
    refused(&platform.run(&["new", "project", "crm", "--force"]), &["is a link that leads elsewhere"]);
    assert_eq!(files(&platform.path("elsewhere")), ["x"]);
    assert_eq!(platform.read("projects/crm/README.md"), "mine");
    // Nor does a template reach into other folders.
    platform.ok(&["template", "init"]);
    symlink("/etc/passwd", platform.path("template/silver/x.sql")).expect("a link");
    refused(&platform.run(&["new", "project", "shop"]), &["is a link or no plain file"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_not_be_written_is_left_without_a_trace() {
    let platform = Platform::new(&[]);
    // As a disk that is full: no file may grow past 512 bytes.
    let command = format!(
        "ulimit -f 1; trap '' XFSZ; '{}' --platform '{}' new project crm",
        env!("CARGO_BIN_EXE_goldsmith"),
        platform.path("").display()
    );
    let output = Command::new("bash").args(["-c", &command]).output().expect("bash");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("error: failed to write"), "{told}");
    assert_eq!(files(&platform.path("projects")), Vec::<String>::new());
    assert_eq!(std::fs::read_dir(platform.path("projects")).expect("a folder").count(), 0);
}

#[test]
fn a_project_takes_the_shape_of_another() {
    let platform = Platform::worked();
    let made = platform.ok(&["new", "project", "sf_emea", "--from", "sfdc", "--owner", "emea"]);
    assert!(made.stdout.contains("daily     30 5 * * *"), "{}", made.stdout);
    let settings = platform.read("projects/sf_emea/project.yml");
    // Financial gold keeps its distance from the daily run; the rest of the file stays.
    assert!(
        settings.contains("daily: \"30 5 * * *\", hourly: \"0 7-19 * * *\", financial: \"30 7 * * *\""),
        "{settings}"
    );
    assert!(settings.contains("# What other projects may import.\npublic: [silver.account"), "{settings}");
    let lint = platform.ok(&["lint"]);
    assert!(lint.stderr.contains("no problems in 4 projects"), "{}{}", lint.stdout, lint.stderr);
    let run = platform.ok(&["run", "--select", "sfdc sf_emea", "--date", common::DATE]);
    assert!(run.stderr.contains("2 published"), "{}", run.stderr);
    let of =
        |database: &str| platform.rows(database, "SELECT count(*), bit_xor(hash(t)) FROM fin.mrr_month AS t");
    assert_eq!(of("sfdc_dwh"), of("sf_emea_dwh"));
}

/// A platform with a template of its own, in a repository, and a project made from it.
fn own() -> Platform {
    let platform = Platform::new(&[]);
    platform.ok(&["template", "init"]);
    platform.write("template/template.yml", "variables:\n  cost_centre: \"0000\"\n");
    let settings = platform.read("template/project.yml");
    platform.write("template/project.yml", settings + "vars: { cost_centre: <{ cost_centre|tojson }> }\n");
    platform.write("template/tests/__name___holds.sql", "select 1 where <{ cost_centre|length }> > 4\n");
    platform.write(".gitignore", "target/\nwarehouse/\n");
    git(&platform.path(""), &["init", "-q", "-b", "main"]);
    platform.ok(&["new", "project", "crm", "--set", "cost_centre=4711"]);
    commit(&platform);
    platform
}

fn commit(platform: &Platform) {
    git(&platform.path(""), &["add", "-A"]);
    git(&platform.path(""), &["commit", "-qm", "a state"]);
}

fn change(platform: &Platform, path: &str, old: &str, new: &str) {
    let text = platform.read(path);
    assert!(text.contains(old), "{path}: {text}");
    platform.write(path, text.replace(old, new));
}

#[test]
fn a_template_of_ones_own_is_filled() {
    let platform = own();
    assert!(platform.read("projects/crm/project.yml").contains("vars: { cost_centre: \"4711\" }"));
    assert!(platform.path("projects/crm/tests/crm_holds.sql").is_file());
    let run = platform.ok(&["run"]);
    assert!(run.stderr.contains("11 tests passed"), "{}", run.stderr);
    refused(
        &platform.run(&["new", "project", "x", "--set", "cost_center=1"]),
        &["did you mean `cost_centre`?"],
    );
    change(&platform, "template/silver/invoice.sql", "<{ name }>", "<{ nmae }>");
    let wrong = platform.run(&["new", "project", "x"]);
    refused(&wrong, &["template/silver/invoice.sql:10:", "it may use name, database, owner"]);
    assert!(!platform.path("projects/x").exists());
    change(&platform, "template/silver/invoice.sql", "<{ nmae }>", "<{ name }>");
    platform.write("template/tests/x_holds.sql", "select 1 where false\n");
    refused(
        &platform.run(&["new", "project", "x"]),
        &["two of the template's files would be `tests/x_holds.sql`", "rename one of them"],
    );
    assert!(!platform.path("projects/x").exists());
    platform.write("template/template.yml", "variabels: {}\n");
    refused(&platform.run(&["new", "project", "x"]), &["template/template.yml:1:1", "variables"]);
}

#[test]
fn a_change_of_the_template_comes_to_its_projects_three_ways() {
    let platform = own();
    // The project's own changes: one elsewhere in a file, one on the same line, one file gone.
    change(&platform, "projects/crm/gold/financial/revenue_month.sql", "GROUP BY 1, 2;", "GROUP BY 1, 2\n;");
    change(&platform, "projects/crm/gold/operational/open_invoice.sql", "is null", "is null and amount > 0");
    platform.remove("projects/crm/silver/silver.yml");
    commit(&platform);
    // The template's.
    change(&platform, "template/gold/financial/revenue_month.sql", "-- Revenue by", "-- The revenue by");
    change(&platform, "template/gold/operational/open_invoice.sql", "is null", "is null and amount <> 0");
    change(&platform, "template/silver/silver.yml", "One row for", "A row for");
    change(&platform, "template/project.yml", "26h", "30h");
    platform.remove("template/README.md");
    platform.write("template/silver/new.md", "of <{ name }>\n");
    let diff = platform.run(&["template", "diff", "--check"]);
    assert_eq!(diff.code, 1, "{}{}", diff.stdout, diff.stderr);
    insta::assert_snapshot!("template_diff", diff.stdout);
    let before = platform.read("projects/crm/project.yml");
    // Changes of the project that are not committed would be lost among those of the template.
    platform.write("projects/crm/draft.sql", "select 1");
    refused(&platform.run(&["template", "update"]), &["not committed", "--force"]);
    assert_eq!(platform.read("projects/crm/project.yml"), before);
    platform.remove("projects/crm/draft.sql");
    let update = platform.run(&["template", "update"]);
    assert_eq!(update.code, 1, "{}{}", update.stdout, update.stderr);
    insta::assert_snapshot!("template_update", update.stdout + &update.stderr);
    let lint = platform.run(&["lint"]);
    assert!(
        lint.code == 1
            && lint.stdout.contains("open_invoice.sql:3:1")
            && lint.stdout.contains("holds a merge conflict"),
        "{}{}",
        lint.stdout,
        lint.stderr
    );
    let merged = platform.read("projects/crm/gold/financial/revenue_month.sql");
    assert!(merged.starts_with("-- The revenue by") && merged.ends_with("GROUP BY 1, 2\n;\n"), "{merged}");
    insta::assert_snapshot!(
        "template_conflict",
        platform.read("projects/crm/gold/operational/open_invoice.sql")
    );
    assert!(
        !platform.path("projects/crm/README.md").exists()
            && !platform.path("projects/crm/silver/silver.yml").exists()
    );
    assert_eq!(platform.read("projects/crm/silver/new.md"), "of crm\n");
    commit(&platform);
    let again = platform.ok(&["template", "update"]);
    assert_eq!(again.stdout, "1 project as the template has it\n");
    platform.ok(&["template", "diff", "--check"]);
}

#[test]
fn a_lock_that_somebody_wrote_reaches_nowhere() {
    let platform = own();
    platform.write("projects/keep.txt", "mine");
    let lock = platform.read("projects/crm/template.lock");
    platform.write("projects/crm/template.lock", lock.replace("\"README.md\"", "\"../keep.txt\""));
    commit(&platform);
    let outcome = platform.run(&["template", "update"]);
    refused(&outcome, &["`projects/crm/template.lock` is not what goldsmith wrote"]);
    assert_eq!(platform.read("projects/keep.txt"), "mine");
    platform.remove("projects/crm/template.lock");
    refused(&platform.run(&["template", "update", "crm"]), &["`crm` was not made from a template"]);
}

/// The dbt project under `fixtures/`.
fn dbt() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dbt").display().to_string()
}

#[test]
fn a_dbt_project_is_taken_over_and_what_is_lost_is_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = ok(folder.path(), &["new", "platform", "acme", "--from-dbt", &dbt(), "--owner", "sales"]);
    let shop = folder.path().join("acme/projects/corner_shop");
    insta::assert_snapshot!("dbt_files", files(&shop).join("\n"));
    insta::assert_snapshot!("dbt_lost", made.stderr.replace(&dbt(), "DBT"));
    insta::assert_snapshot!(
        "dbt_settings",
        std::fs::read_to_string(shop.join("project.yml")).expect("project.yml")
    );
    let model = |path: &str| std::fs::read_to_string(shop.join(path)).expect(path);
    // What dbt_project.yml says of a folder stands in its models, unless they say otherwise themselves.
    let orders = model("gold/operational/marts/orders_by_day.sql");
    assert!(
        orders.starts_with("{{ config(materialized='table', tags=['report']) }}\nselect ordered_on"),
        "{orders}"
    );
    let customers = model("gold/operational/marts/customers.sql");
    assert!(
        customers.starts_with("{{ config(tags=['report']) }}\n{{ config(materialized = 'view'"),
        "{customers}"
    );
    // Without what was told, it runs.
    let marts = model("gold/operational/marts/marts.yml");
    let (kept, _) = marts.split_once("    tests:").expect("the test of a package");
    std::fs::write(shop.join("gold/operational/marts/marts.yml"), kept).expect("a file");
    let acme = folder.path().join("acme");
    let run = ok(&acme, &["run"]);
    assert!(run.stderr.contains("5 built, 3 tests passed, 0 warnings, 0 failed"), "{}", run.stderr);
    let listed = ok(&acme, &["ls", "--select", "tag:shop,tag:report"]).stdout;
    assert!(
        listed.contains("corner_shop.orders_by_day") && !listed.contains("corner_shop.stg_orders"),
        "{listed}"
    );
}

#[test]
fn a_dbt_project_joins_a_platform() {
    let platform = Platform::worked();
    platform.ok(&["new", "project", "shop", "--from-dbt", &dbt()]);
    assert!(platform.read("projects/shop/project.yml").contains("daily: \"30 5 * * *\""));
    let listed = platform.ok(&["ls", "--select", "shop"]);
    assert!(listed.stdout.contains("shop.stg_orders"), "{}", listed.stdout);
}

#[test]
fn a_dbt_project_reaches_no_folder_but_its_own() {
    let platform = Platform::worked();
    platform.write("elsewhere/secret.sql", "select 1 as secret");
    platform.write(
        "dbt/dbt_project.yml",
        "name: shop\nmodel-paths: [models, more, ../elsewhere, /, \".\"]\nseed-paths: []\n",
    );
    platform.write("dbt/models/stg_a.sql", "select 1 as a");
    platform.write("dbt/more/stg_a.sql", "select 2 as a");
    let folder = platform.path("dbt").display().to_string();
    let made = platform.ok(&["new", "project", "shop", "--from-dbt", &folder]);
    let said = made.stdout + &made.stderr;
    assert_eq!(said.matches("what lies in this folder of `model-paths`").count(), 3, "{said}");
    assert!(said.contains("another file is taken over as `silver/stg_a.sql`"), "{said}");
    assert!(!platform.path("projects/shop/silver/secret.sql").exists());
    assert_eq!(platform.read("projects/shop/silver/stg_a.sql"), "select 1 as a");
}

#[test]
fn a_folder_that_is_no_dbt_project_is_told() {
    let platform = Platform::new(&[
        ("empty/x", ""),
        ("broken/dbt_project.yml", "name: [\n"),
        ("other/dbt_project.yml", "a: 1\n"),
    ]);
    let told = |folder: &str| {
        let folder = platform.path(folder).display().to_string();
        let outcome = platform.run(&["new", "project", "shop", "--from-dbt", &folder]);
        assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
        outcome.stderr
    };
    assert!(told("empty").contains("it holds no dbt_project.yml"));
    assert!(told("nothing").contains("it holds no dbt_project.yml"));
    assert!(told("broken").contains("this is not valid YAML"));
    assert!(told("other").contains("its dbt_project.yml has no `name:`"));
    assert!(!platform.path("projects").exists());
}

/// The folder of T-SQL scripts under `fixtures/`.
fn scripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts")
}

#[test]
fn projects_are_proposed_for_a_folder_of_scripts() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = scripts().display().to_string();
    let made = ok(folder.path(), &["new", "platform", "acme", "--from-scripts", &from, "--owner", "finance"]);
    insta::assert_snapshot!("scripts_told", made.stdout);
    let acme = folder.path().join("acme");
    let read = |path: &str| std::fs::read(acme.join(path)).expect(path);
    insta::assert_snapshot!("scripts_proposal", String::from_utf8(read("PROPOSAL.md")).expect("UTF-8"));
    insta::assert_snapshot!("scripts_files", files(&acme).join("\n"));
    let tables = String::from_utf8(read("projects/finance/bronze/tables.yml")).expect("UTF-8");
    insta::assert_snapshot!("scripts_tables", tables);
    // Byte for byte, whatever the encoding.
    let street = std::fs::read(scripts().join("crm/street.sql")).expect("a script");
    assert_eq!(read("projects/crm/gold/financial/crm/street.sql"), street);
    // What is left to do is what the boundary asks for: nothing is missing, nothing is there for no one.
    let lint = goldsmith(&acme, &["lint", "--format", "json"]);
    assert_eq!(lint.code, 1, "{}", lint.stderr);
    let found: serde_json::Value = serde_json::from_str(&lint.stdout).expect("JSON");
    let codes: std::collections::BTreeSet<&str> =
        found.as_array().expect("a list").iter().filter_map(|d| d["code"].as_str()).collect();
    assert!(codes.contains("GS101"), "{codes:?}");
    for code in ["GS103", "GS104", "GS105", "GS203"] {
        assert!(!codes.contains(code), "{codes:?}");
    }
    ok(&acme, &["lint", "--baseline", "lint-baseline.json", "--write-baseline"]);
    ok(&acme, &["lint", "--baseline", "lint-baseline.json"]);
}

#[test]
fn what_a_variable_of_sqlcmd_names_is_no_project() {
    let platform = Platform::new(&[(
        "some/a.sql",
        "CREATE TABLE sales_dwh.dbo.a AS SELECT * FROM [$(TestServer)].dbo.b JOIN crm_dwh.dbo.c ON 1 = 1;\n",
    )]);
    ok(&platform.path(""), &["new", "platform", "acme", "--from-scripts", "some"]);
    let projects = std::fs::read_dir(platform.path("acme/projects")).expect("projects");
    let mut names: Vec<_> =
        projects.flatten().map(|e| e.file_name().into_string().expect("Unicode")).collect();
    names.sort();
    assert_eq!(names, ["crm", "sales"]);
}

#[test]
fn a_folder_without_scripts_is_told() {
    let platform = Platform::new(&[("some/notes.txt", "")]);
    for (folder, expected) in [("some", "it holds no .sql file"), ("nothing", "it is no folder")] {
        let outcome = goldsmith(&platform.path(""), &["new", "platform", "acme", "--from-scripts", folder]);
        refused(&outcome, &[expected, "name a folder with .sql files"]);
    }
    assert!(!platform.path("acme").exists());
}
