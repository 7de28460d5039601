//! `goldsmith owners`: CODEOWNERS made of `owner:`; owners in `ls`.

mod common;

use common::Platform;

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
