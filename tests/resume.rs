//! What a run leaves behind so that another can continue it, and continuing it.

mod common;

use common::Platform;

const ATTEMPTS: &str =
    "SELECT pipeline, target, business_date, steps FROM goldsmith.attempts ORDER BY started_at";

#[test]
fn a_run_says_that_it_begins_in_every_database() {
    let platform = Platform::new(&[
        ("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n"),
        ("projects/sales/silver/customer.sql", "select 1 as id"),
        ("projects/shop/project.yml", common::PROJECT),
        ("projects/shop/silver/good.sql", "select 1 as id"),
        ("projects/shop/silver/bad.sql", "select no_such_column from {{ ref('good') }}"),
    ]);
    let outcome = platform.run(&["run", "--date", "2025-12-31", "--exclude", "tag:none", "--exclude", "x"]);
    assert_eq!(outcome.code, 2, "an exclusion that is wrong begins nothing");
    assert_eq!(platform.run(&["run", "--date", "2025-12-31", "--threads", "1"]).code, 1);
    platform.ok(&["run", "--date", "2025-12-31", "--select", "sales", "--no-load"]);
    platform.ok(&["test"]);
    assert_eq!(
        platform.rows("sales_dwh", ATTEMPTS),
        "daily dev 2025-12-31 [\"sales.customer\"]\ndaily dev 2025-12-31 [\"sales.customer\"]"
    );
    assert_eq!(platform.rows("shop_dwh", ATTEMPTS), "daily dev 2025-12-31 [\"shop.good\",\"shop.bad\"]");
    let asked = "SELECT arguments->>'select', arguments->>'no_load', arguments->>'projects', \
         started_at <= (SELECT max(finished_at) FROM goldsmith.runs) FROM goldsmith.attempts ORDER BY started_at";
    assert_eq!(
        platform.rows("sales_dwh", asked),
        "[] false [\"sales\",\"shop\"] true\n[\"sales\"] true [\"sales\"] true"
    );
    let ids = "SELECT count(DISTINCT run_id) FROM goldsmith.attempts JOIN goldsmith.runs USING (run_id)";
    assert_eq!(platform.rows("sales_dwh", ids), "2", "an attempt and its end have one name");
}

#[test]
fn a_database_of_an_older_goldsmith_gets_what_it_lacks() {
    let platform = Platform::shop(&[("silver/a.sql", "select 1 as id")]);
    platform.ok(&["run"]);
    let file = platform.path("warehouse/shop_dwh.duckdb");
    let connection = duckdb::Connection::open(file).expect("nobody holds it");
    connection.execute_batch("DROP TABLE goldsmith.attempts").expect("it is there");
    drop(connection);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM goldsmith.attempts"), "1");
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM goldsmith.runs"), "2");
}
