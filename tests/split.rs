//! `goldsmith split`: a project becomes a repository of its own, and both halves run on.

mod common;

use std::fs;
use std::path::Path;

use common::{DATE, Platform, git};

/// Two commits: the platform, and a note in one project.
fn committed(platform: &Platform, project: &str) {
    let root = platform.path("");
    platform.write(".gitignore", "target/\nwarehouse/\n");
    git(&root, &["init", "-q", "-b", "trunk"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "all"]);
    platform.write("projects/README.md", "of nobody");
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "elsewhere"]);
    platform.write(&format!("projects/{project}/NOTES.md"), "words");
    git(&root, &["add", "."]);
    git(&root, &["commit", "-qm", "a note"]);
}

/// A platform in the folder that was made, as a value that can be asked.
fn made(folder: &Path) -> Platform {
    let platform = Platform::new(&[]);
    platform.copy(folder, "");
    platform
}

/// All figures of financial gold of a database.
fn figures(platform: &Platform, database: &str, tables: &[&str]) -> Vec<String> {
    let all = tables.iter().map(|t| format!("SELECT count(*), bit_xor(hash(t)) FROM fin.{t} AS t"));
    all.map(|sql| platform.rows(database, &sql)).collect()
}

const BOOKS: [&str; 4] = ["pnl_month", "budget_actual", "receivables", "revenue_reconciliation"];

#[test]
fn datev_leaves_and_both_halves_give_the_same_figures() {
    let whole = Platform::worked();
    committed(&whole, "datev");
    whole.ok(&["run", "--date", DATE]);
    let before = figures(&whole, "datev_dwh", &BOOKS);
    let mrr = figures(&whole, "sfdc_dwh", &["mrr_month"]);
    let state =
        || (git(&whole.path(""), &["status", "--porcelain"]), git(&whole.path(""), &["for-each-ref"]));
    let unchanged = state();
    let outside = tempfile::tempdir().expect("a folder");
    let to = outside.path().join("the books");
    let told = whole.ok(&["split", "datev", to.to_str().expect("Unicode")]).stdout;
    assert!(told.contains("with 2 commits of its history"), "{told}");
    assert!(told.contains("it imports silver.account of sfdc (sales-operations)"), "{told}");
    assert_eq!(state(), unchanged);

    // Its history is there, and nothing of the others, in no commit.
    assert_eq!(git(&to, &["log", "--format=%s"]), "a note\nall\n");
    assert_eq!(git(&to, &["branch", "--format=%(refname:short)"]), "trunk\n");
    assert_eq!(git(&to, &["remote"]), "");
    let objects = git(&to, &["rev-list", "--all", "--objects"]);
    assert!(objects.contains("projects/datev/project.yml") && !objects.contains("sfdc"), "{objects}");
    assert!(!objects.contains("projects/README.md"), "{objects}");
    assert!(git(&to, &["fsck", "--unreachable"]).is_empty());

    // The new half beside the warehouse.
    let books = made(&to);
    books.copy(&whole.path("warehouse"), "warehouse");
    fs::remove_file(books.path("warehouse/datev_dwh.duckdb")).expect("a file");
    let linted = books.ok(&["lint"]).stdout;
    assert!(!linted.contains("error"), "{linted}");
    books.ok(&["run", "--date", DATE]);
    assert_eq!(figures(&books, "datev_dwh", &BOOKS), before);

    // The half that stays.
    git(&whole.path(""), &["rm", "-rq", "projects/datev"]);
    fs::remove_file(whole.path("warehouse/sfdc_dwh.duckdb")).expect("a file");
    let linted = whole.ok(&["lint"]).stdout;
    assert!(!linted.contains("error"), "{linted}");
    whole.ok(&["run", "--date", DATE]);
    assert_eq!(figures(&whole, "sfdc_dwh", &["mrr_month"]), mrr);
}

#[test]
fn the_stubs_make_what_is_imported_where_there_is_no_warehouse_of_the_others() {
    let whole = Platform::worked();
    committed(&whole, "datev");
    whole.ok(&["run", "--date", DATE]);
    let outside = tempfile::tempdir().expect("a folder");
    let to = outside.path().join("books");
    whole.ok(&["split", "datev", to.to_str().expect("Unicode")]);
    let books = made(&to);
    let stubs = Platform::new(&[]);
    stubs.copy(&books.path("stubs"), "");
    let linted = stubs.ok(&["lint"]).stdout;
    assert!(!linted.contains("error"), "{linted}");
    stubs.ok(&["run"]);
    let types = "SELECT column_name, data_type FROM information_schema.columns \
                 WHERE table_schema = 'silver' AND table_name = 'account' ORDER BY ordinal_position";
    assert_eq!(stubs.rows("sfdc_dwh", types), whole.rows("sfdc_dwh", types));
    books.copy(&stubs.path("warehouse"), "stubs/warehouse");
    // There are no customers in a stub, so what tests of figures say is no matter here.
    books.ok(&["run", "--target", "stub", "--date", DATE, "--exclude", "kind:test"]);
    assert!(books.path("stubs/warehouse/datev_dwh.duckdb").exists());
}

#[test]
fn the_owner_of_public_relations_can_leave_as_well() {
    let whole = Platform::worked();
    committed(&whole, "sfdc");
    whole.ok(&["run", "--date", DATE]);
    let before = figures(&whole, "datev_dwh", &BOOKS);
    let outside = tempfile::tempdir().expect("a folder");
    let to = outside.path().join("crm");
    let told = whole.ok(&["split", "sfdc", to.to_str().expect("Unicode")]).stdout;
    assert!(told.contains("datev, product import from it"), "{told}");
    let crm = made(&to);
    crm.ok(&["run", "--date", DATE]);
    git(&whole.path(""), &["rm", "-rq", "projects/sfdc"]);
    fs::copy(crm.path("warehouse/sfdc_dwh.duckdb"), whole.path("warehouse/sfdc_dwh.duckdb")).expect("a file");
    fs::remove_file(whole.path("warehouse/datev_dwh.duckdb")).expect("a file");
    whole.ok(&["run", "--date", DATE]);
    assert_eq!(figures(&whole, "datev_dwh", &BOOKS), before);
}

#[test]
fn what_would_harm_or_lack_something_is_refused() {
    let platform = Platform::shop(&[("silver/a.sql", "select 1 as n")]);
    let outside = tempfile::tempdir().expect("a folder");
    let to = outside.path().join("new");
    let new = to.to_str().expect("Unicode").to_owned();
    let refused = |args: &[&str], part: &str| {
        let outcome = platform.run(args);
        assert_eq!(outcome.code, 2, "{args:?} {}", outcome.stdout);
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
        assert!(!to.exists());
    };
    refused(&["split", "shop", &new], "is in no git repository");
    committed(&platform, "shop");
    refused(&["split", "shpo", &new], "did you mean `shop`?");
    let inside = platform.path("inside");
    let inside = inside.to_str().expect("Unicode");
    refused(&["split", "shop", inside], "lies in the repository that is split");
    refused(&["split", "shop", "projects/../inside"], "lies in the repository that is split");
    assert!(!platform.path("inside").exists());
    fs::create_dir(outside.path().join("full")).expect("a folder");
    fs::write(outside.path().join("full/file"), "").expect("a file");
    refused(&["split", "shop", outside.path().join("full").to_str().expect("Unicode")], "is there already");
    platform.write("projects/shop/silver/b.sql", "select 2 as n");
    refused(&["split", "shop", &new], "not committed: projects/shop/silver/b.sql");
    platform.remove("projects/shop/silver/b.sql");
    platform.write("projects/shop/silver/a.sql", "select 2 as n");
    refused(&["split", "shop", &new], "not committed: projects/shop/silver/a.sql");
}
