//! `goldsmith owners`: CODEOWNERS made of `owner:`; owners in `ls`.

mod common;

use common::{Platform, git};

fn platform() -> Platform {
    Platform::new(&[
        ("projects/crm/project.yml", "name: crm\nowner: sales\n"),
        ("projects/books/project.yml", "name: books\nowner: \"@acme/finance\"\n"),
        ("projects/nobody/project.yml", "name: nobody\n"),
        ("projects/crm/silver/a.sql", "select 1 as n"),
    ])
}

#[test]
fn codeowners_is_printed_written_and_checked() {
    let platform = platform();
    let printed = platform.ok(&["owners", "--organization", "acme"]);
    let lines: Vec<&str> = printed.stdout.lines().filter(|l| !l.starts_with('#')).collect();
    assert_eq!(lines, ["/projects/books/ @acme/finance", "/projects/crm/ @acme/sales"]);
    assert!(printed.stderr.contains("`nobody` has no `owner:`"), "{}", printed.stderr);

    let missing = platform.run(&["owners", "--organization", "acme", "--check"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stdout.starts_with("--- /dev/null\n+++ b/.github/CODEOWNERS\n"), "{}", missing.stdout);
    assert!(!platform.path(".github").exists());

    platform.ok(&["owners", "--organization", "acme", "--write"]);
    assert_eq!(platform.read(".github/CODEOWNERS"), printed.stdout);
    assert_eq!(platform.ok(&["owners", "--organization", "acme", "--check"]).stdout, "");

    platform.write("projects/crm/project.yml", "name: crm\nowner: marketing\n");
    let differs = platform.run(&["owners", "--organization", "acme", "--check"]);
    assert_eq!(differs.code, 1);
    assert!(
        differs.stdout.contains("\n-/projects/crm/ @acme/sales\n+/projects/crm/ @acme/marketing\n"),
        "{}",
        differs.stdout
    );
}

#[test]
fn lines_of_people_stay_and_the_platform_may_lie_below_the_repository() {
    let outer = tempfile::tempdir().expect("a folder");
    let root = outer.path().join("data ware");
    std::fs::create_dir_all(root.join("projects/crm")).expect("a folder");
    std::fs::create_dir_all(outer.path().join(".git")).expect("a folder");
    std::fs::write(root.join("goldsmith.yml"), "name: x\ntargets:\n  dev: { type: duckdb, path: w }\n")
        .expect("a file");
    std::fs::write(root.join("projects/crm/project.yml"), "name: crm\nowner: a@example.org\n")
        .expect("a file");
    std::fs::write(outer.path().join("CODEOWNERS"), "* @acme/all").expect("a file");
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    command.args(["owners", "--write"]).current_dir(&root).assert().success();
    let text = std::fs::read_to_string(outer.path().join("CODEOWNERS")).expect("a file");
    assert!(text.starts_with("* @acme/all\n\n# goldsmith: begin"), "{text}");
    assert!(text.contains("\n/data\\ ware/projects/crm/ a@example.org\n"), "{text}");
}

#[test]
fn owners_that_nobody_would_be_are_refused_at_their_file() {
    let platform = platform();
    // Without an organization `sales` would be some stranger's account.
    let outcome = platform.run(&["owners"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("projects/crm/project.yml"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--organization ORG"), "{}", outcome.stderr);
    for owner in ["Sales Team", "a\\n* @evil", "@", "a # b"] {
        platform.write("projects/crm/project.yml", format!("name: crm\nowner: \"{owner}\"\n"));
        let outcome = platform.run(&["owners", "--organization", "acme", "--write"]);
        assert_eq!(outcome.code, 2, "{owner}");
        assert!(!platform.path(".github").exists());
    }
    assert_eq!(platform.run(&["owners", "--organization", "a b"]).code, 2);
}

#[test]
fn ls_names_owners() {
    let platform = platform();
    let list = platform.ok(&["ls", "--select", "crm"]).stdout;
    assert!(list.lines().next().is_some_and(|head| head.contains("OWNER")), "{list}");
    assert!(list.contains("sales"), "{list}");
    assert_eq!(platform.ok_json(&["ls", "--select", "crm", "--format", "json"])[0]["owner"], "sales");
}

#[test]
fn a_broken_contract_names_all_who_import_with_their_owners() {
    let platform = platform();
    let schema = |columns: &str| {
        format!("models:\n  - name: a\n    config: {{ contract: enforced }}\n    columns: [{columns}]\n")
    };
    platform.write("projects/crm/silver/a.sql", "select 1 as n, 'x' as Word");
    platform.write("projects/crm/silver/a.yml", schema("{ name: N }, { name: word }"));
    for (project, load) in [("books", "crm_a"), ("nobody", "from_crm")] {
        let text = format!("loads:\n  - name: {load}\n    from: {{ project: crm, relation: silver.a }}\n");
        platform.write(&format!("projects/{project}/bronze/loads.yml"), text);
        platform.write(&format!("projects/{project}/silver/b.sql"), format!("select * from raw.{load}"));
    }
    let told = platform.run(&["lint", "--rule", "GS109"]);
    assert_eq!((told.code, told.stdout.contains("GS109")), (0, false), "{}", told.stdout);

    // One column has another name: both sides of it are told, and to whom.
    platform.write("projects/crm/silver/a.sql", "select 1 as n, 'x' as text");
    let told = platform.run(&["lint", "--rule", "GS109"]).stdout;
    for part in [
        "error[GS109]: `a` breaks its contract: it does not give `word`, and gives `text`, which is not declared",
        "projects/crm/silver/a.sql:1:1",
        "books.crm_a (@acme/finance), nobody.from_crm",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Nothing is run on it.
    let outcome = platform.run(&["run", "--select", "crm"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("@acme/finance"), "{}", outcome.stderr);

    // dbt's way to say it; a contract without columns; columns that nobody can know.
    platform.write("projects/crm/silver/a.yml", "version: 2\n");
    platform.write("projects/crm/silver/a.sql", "{{ config(contract={'enforced': true}) }}\nselect 1 as n");
    let told = platform.run(&["lint", "--rule", "GS109"]).stdout;
    assert!(told.contains("promises no columns"), "{told}");
    platform.write("projects/crm/silver/a.sql", "{{ config(contract={'enforced': false}) }}\nselect 1 as n");
    assert_eq!(platform.run(&["lint", "--rule", "GS109"]).code, 0);
    platform.write("projects/crm/silver/a.yml", schema("{ name: n }"));
    platform.write("projects/crm/silver/a.sql", "select * from read_csv('x.csv')");
    let told = platform.run(&["lint", "--rule", "GS109"]).stdout;
    assert!(!told.contains("GS109"), "{told}");
}

#[test]
fn a_run_that_breaks_a_contract_leaves_the_relation_as_it_was() {
    let platform = platform();
    let schema = "models:\n  - name: a\n    config: { contract: enforced, materialized: MADE }\n    columns:\n      - { name: N, data_type: int }\n      - { name: price, data_type: 'decimal(9,2)' }\n      - { name: free }\n";
    // The run holds it, whatever level the lint has.
    platform.write("projects/crm/project.yml", "name: crm\nowner: sales\nlint: { GS109: warning }\n");
    let load = "loads:\n  - name: crm_a\n    from: { project: crm, relation: silver.a }\n";
    platform.write("projects/books/bronze/loads.yml", load);
    platform.write("projects/books/silver/b.sql", "select * from raw.crm_a");
    let good = "select 1 as n, 2.5::decimal(9,2) as Price, 'x' as free";
    for made in ["table", "view", "incremental"] {
        platform.write("projects/crm/silver/a.yml", schema.replace("MADE", made));
        platform.write("projects/crm/silver/a.sql", good);
        platform.ok(&["run", "--select", "crm", "--full-refresh"]);
        platform.write("projects/crm/silver/a.sql", "select * from range(1)");
        let outcome = platform.run(&["run", "--select", "crm", "--full-refresh"]);
        assert_ne!(outcome.code, 0, "{made} {}", outcome.stderr);
        for part in [
            "breaks its contract",
            "it gives `range`",
            "it does not give `free`",
            "books.crm_a (@acme/finance)",
            "tell sales",
        ] {
            assert!(outcome.stderr.contains(part), "{made}, {part}: {}", outcome.stderr);
        }
        assert_eq!(platform.rows("crm_dwh", "select * from silver.a"), "1 2.50 x", "{made}");
    }
    platform
        .write("projects/crm/silver/a.sql", "select 1::bigint as n, 2.5::decimal(9,3) as price, 'x' as free");
    let outcome = platform.run(&["run", "--select", "crm", "--full-refresh"]);
    assert_eq!(outcome.code, 1);
    for part in ["`n` is BIGINT, not INTEGER", "`price` is DECIMAL(9,3), not DECIMAL(9,2)"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    assert_eq!(platform.rows("crm_dwh", "select * from silver.a"), "1 2.50 x");
}

/// A platform whose crm is imported twice, as it is in a commit.
fn imported() -> Platform {
    let platform = platform();
    platform.write(".gitignore", "target/\nwarehouse/\n");
    platform.write("projects/crm/silver/a.sql", "select 1 as n, 'x' as word");
    for (project, load) in [("books", "crm_a"), ("nobody", "from_crm")] {
        let text = format!("loads:\n  - name: {load}\n    from: {{ project: crm, relation: silver.a }}\n");
        platform.write(&format!("projects/{project}/bronze/loads.yml"), text);
        platform.write(&format!("projects/{project}/silver/b.sql"), format!("select * from raw.{load}"));
    }
    for words in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "one"]] {
        git(&platform.path(""), words);
    }
    platform
}

#[test]
fn a_change_of_what_others_import_names_their_owners() {
    let platform = imported();
    let told = |platform: &Platform| {
        let outcome = platform.run(&["lint", "--since", "HEAD", "--rule", "GS110"]);
        (outcome.code, outcome.stdout)
    };
    assert_eq!(told(&platform), (0, String::new()));
    let whom = "help: tell those who import it: books.crm_a (@acme/finance), nobody.from_crm";

    platform.write("projects/crm/silver/a.sql", "select 2 as n, 'y' as text");
    let (code, out) = told(&platform);
    assert_eq!(code, 0);
    for part in [
        "warning[GS110]: `silver.a` is not what it was at HEAD: it no longer gives `word`; it gives `text` as well",
        "projects/crm/silver/a.sql:1:1",
        whom,
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    // Nobody else is told, and without a revision nobody at all.
    assert_eq!(out.matches("GS110").count(), 1, "{out}");
    assert!(!platform.run(&["lint"]).stdout.contains("GS110"));
    let github = platform.run(&["lint", "--since", "HEAD", "--format", "github"]).stdout;
    assert!(github.contains("@acme/finance"), "{github}");

    platform.write("projects/crm/silver/a.sql", "select 2 as n, 'y' as word");
    assert!(told(&platform).1.contains("it is made otherwise"), "{}", told(&platform).1);
    // Through what it reads, in another file.
    platform.write("projects/crm/silver/a.sql", "select * from {{ ref('base') }}");
    platform.write("projects/crm/silver/base.sql", "select 1 as n, 'x' as word");
    for words in [&["add", "."][..], &["commit", "-qm", "two"]] {
        git(&platform.path(""), words);
    }
    platform.write("projects/crm/silver/base.sql", "select 1 as n");
    assert!(told(&platform).1.contains("it no longer gives `word`"), "{}", told(&platform).1);
    let schema = |kind: &str| {
        format!("models:\n  - name: a\n    columns:\n      - {{ name: N, data_type: {kind} }}\n")
    };
    platform.write("projects/crm/silver/base.sql", "select 1 as n, 'x' as word");
    platform.write("projects/crm/silver/a.yml", schema("int"));
    for words in [&["add", "."][..], &["commit", "-qm", "three"]] {
        git(&platform.path(""), words);
    }
    platform.write("projects/crm/silver/a.yml", schema("bigint"));
    assert!(told(&platform).1.contains("`n` is declared bigint, no longer int"), "{}", told(&platform).1);

    // A level holds; what is gone is told where its project is.
    platform.write("projects/crm/project.yml", "name: crm\nowner: sales\nlint: { GS110: error }\n");
    std::fs::remove_file(platform.path("projects/crm/silver/a.sql")).expect("a file");
    std::fs::remove_file(platform.path("projects/crm/silver/a.yml")).expect("a file");
    let (code, out) = told(&platform);
    assert_eq!(code, 1, "{out}");
    for part in ["error[GS110]: `silver.a` is not what it was at HEAD: it is gone", "crm/project.yml", whom] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_revision_that_git_does_not_know_is_no_empty_answer() {
    let platform = imported();
    let outcome = platform.run(&["lint", "--since", "origin/main"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("git knows no revision `origin/main`"), "{}", outcome.stderr);
    assert_eq!(platform.run(&["lint", "--since", "HEAD", "--write-baseline"]).code, 2);
    // As a variable of a workflow is when there is none.
    assert_eq!(platform.run(&["lint", "--since", ""]).code, 0);
}

#[test]
fn a_script_holds_the_contract_of_what_it_makes() {
    let platform = platform();
    let made = |sql: &str| platform.write("projects/crm/gold/financial/pnl.sql", sql);
    let good = "create or replace table fin.pnl as select 1 as month, 2.50::decimal(9,2) as amount;\n\
                create or replace table fin.detail as select 1 as n;";
    made(good);
    platform.write(
        "projects/crm/gold/financial/fin.yml",
        "models:\n  - name: pnl\n    config: { contract: enforced }\n    columns:\n      - { name: month, data_type: int }\n      - { name: amount, data_type: 'decimal(9,2)' }\n",
    );
    platform.write(
        "projects/books/bronze/loads.yml",
        "loads:\n  - name: pnl\n    from: { project: crm, relation: fin.pnl }\n",
    );
    platform.write("projects/books/silver/b.sql", "select * from raw.pnl");
    assert!(!platform.run(&["lint"]).stdout.contains("GS109"));
    platform.ok(&["run", "--select", "crm", "--date", "2026-07-31"]);

    made("create or replace table fin.pnl as select 1 as month, 2.5 as total;");
    let told = platform.run(&["lint", "--rule", "GS109"]);
    for part in [
        "`pnl` breaks its contract: it does not give `amount`, and gives `total`, which is not declared",
        "crm/gold/financial/pnl.sql:1:1",
        "books.pnl (@acme/finance)",
    ] {
        assert!(told.stdout.contains(part), "{part}: {}", told.stdout);
    }

    // What only the engine can tell: the type. The whole publication is rolled back.
    made("create or replace table fin.pnl as select 7 as month, 2.5::decimal(9,3) as amount;");
    let outcome = platform.run(&["run", "--select", "crm", "--date", "2026-08-31"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    for part in ["`amount` is DECIMAL(9,3), not DECIMAL(9,2)", "books.pnl (@acme/finance)", "tell sales"] {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    assert_eq!(platform.rows("crm_dwh", "select month, amount from fin.pnl"), "1 2.50");

    // A contract about nothing.
    made(
        "create or replace table fin.one as select 1 as n; create or replace table fin.two as select 1 as n;",
    );
    let told = platform.run(&["lint", "--rule", "GS109"]);
    assert_eq!(told.code, 1);
    assert!(told.stdout.contains("the contract of `pnl` is about no relation"), "{}", told.stdout);
}

#[test]
fn a_load_and_a_seed_hold_contracts_too() {
    let platform = platform();
    platform.write("projects/crm/data/c.csv", "n,word\n1,x\n");
    platform.write("projects/crm/seeds/s.csv", "n\n1\n");
    let promised = "config: { contract: enforced }\n    columns: [{ name: n, data_type: bigint }]";
    platform.write(
        "projects/crm/bronze/loads.yml",
        format!("loads:\n  - name: c\n    from: {{ file: data/c.csv }}\n    {promised}\nseeds:\n  - name: s\n    {promised}\n"),
    );
    platform.write("projects/crm/silver/both.sql", "select n from raw.c union all select n from raw.s");
    let outcome = platform.run(&["run", "--select", "crm"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`c` breaks its contract: it gives `word`"), "{}", outcome.stderr);
    platform.write("projects/crm/data/c.csv", "n\n1\n");
    platform.ok(&["run", "--select", "crm"]);
    assert_eq!(platform.rows("crm_dwh", "select count(*) from silver.both"), "2");
}
