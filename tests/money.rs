//! Tests on money that analysts write in YAML, through the binary: what they find, what they say of it,
//! and what they keep from being published.

mod common;

use common::{Outcome, Platform};
use serde_json::Value;

const LEDGER: &str = "CREATE OR REPLACE TABLE fin.ledger AS SELECT * FROM (VALUES \
    ('2025-01', 'EUR', 1203.00, 1200.00), ('2025-02', 'EUR', 5.01, 5.00), ('2025-02', 'CHF', 7.00, 7.00)) \
    AS t(period, currency, debit, credit);\n";

/// Lines behind so many spaces.
fn indented(lines: &str, width: usize) -> String {
    lines.lines().flat_map(|line| [" ".repeat(width), line.to_owned(), "\n".to_owned()]).collect()
}

/// A platform whose financial gold is the table `fin.ledger`, made by `sql`, with these tests of it.
fn ledger(sql: &str, tests: &str) -> Platform {
    let indented = indented(tests, 6);
    Platform::shop(&[
        ("gold/financial/ledger.sql", sql),
        (
            "gold/financial/financial.yml",
            &format!("version: 2\nmodels:\n  - name: ledger\n    data_tests:\n{indented}"),
        ),
    ])
}

/// The same with one test, and what a run said.
fn run(sql: &str, tests: &str) -> (Platform, Outcome) {
    let platform = ledger(sql, tests);
    let outcome = platform.run(&["run"]);
    (platform, outcome)
}

/// The status and the message of every test in `target/run_results.json`.
fn told(platform: &Platform) -> Vec<(String, String)> {
    let results = platform.json("target/run_results.json");
    let tests = results["results"].as_array().expect("a list").iter();
    let text = |r: &Value, key: &str| r[key].as_str().unwrap_or_default().to_owned();
    tests
        .filter(|r| r["unique_id"].as_str().is_some_and(|id| id.starts_with("test.")))
        .map(|r| (text(r, "status"), text(r, "message")))
        .collect()
}

#[test]
fn totals_that_are_apart_are_told_with_their_figures() {
    let (platform, outcome) = run(LEDGER, "- reconciles: debit = credit\n");
    let figures = "debit 1,215.01, credit 1,212.00: 3.01 apart";
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains(&format!(
            "FAIL test shop.reconciles_ledger_debit_credit: 1 failing row\n  {figures}\n"
        )),
        "{}",
        outcome.stderr
    );
    assert_eq!(told(&platform), [("fail".to_owned(), figures.to_owned())]);

    let json = platform.run(&["run", "--log-format", "json"]);
    let events = json.stderr.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
    let messages: Vec<Value> =
        events.filter(|e| e["status"] == "fail").map(|e| e["message"].clone()).collect();
    assert_eq!(messages, [figures]);
}

#[test]
fn a_warning_lets_the_publication_pass_and_tells_the_same() {
    let (platform, outcome) = run(LEDGER, "- reconciles: debit = credit\n  severity: warn\n");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("\n  debit 1,215.01, credit 1,212.00: 3.01 apart\n"),
        "{}",
        outcome.stderr
    );
    assert_eq!(
        told(&platform),
        [("warn".to_owned(), "debit 1,215.01, credit 1,212.00: 3.01 apart".to_owned())]
    );
    assert_eq!(platform.rows("shop_dwh", "SELECT count(*) FROM fin.ledger"), "3");

    let tested = platform.run(&["test"]);
    assert_eq!(tested.code, 0, "{}", tested.stderr);
    assert!(tested.stderr.contains("3.01 apart"), "{}", tested.stderr);
}

#[test]
fn a_failing_money_test_leaves_yesterdays_rows() {
    let platform = ledger(
        "CREATE OR REPLACE TABLE fin.ledger AS SELECT 1.00 AS debit, 1.00 AS credit;\n",
        "- reconciles: debit = credit\n",
    );
    platform.ok(&["run"]);
    platform.write(
        "projects/shop/gold/financial/ledger.sql",
        "CREATE OR REPLACE TABLE fin.ledger AS SELECT 2.00 AS debit, 1.99 AS credit;\n",
    );
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("debit 2.00, credit 1.99: 0.01 apart"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the publication was rolled back"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM fin.ledger"), "1.00 1.00");
}

#[test]
fn every_group_that_is_apart_is_a_row() {
    let by_group =
        "- reconciles: { left: debit, right: credit, group_by: [period, currency], severity: warn }\n";
    let (platform, _) = run(LEDGER, by_group);
    let message = "2 groups do not reconcile:\n\
        period 2025-01, currency EUR: debit 1,203.00, credit 1,200.00: 3.00 apart\n\
        period 2025-02, currency EUR: debit 5.01, credit 5.00: 0.01 apart";
    assert_eq!(told(&platform), [("warn".to_owned(), message.to_owned())]);
    let results = platform.json("target/run_results.json");
    let failures: Vec<&Value> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["failures"])
        .filter(|f| !f.is_null())
        .collect();
    assert_eq!(failures, [2]);

    let many = "CREATE OR REPLACE TABLE fin.ledger AS SELECT i AS month, i::DECIMAL(18,2) AS debit, 0.00 AS credit FROM range(1, 10) AS r(i);\n";
    let (platform, _) =
        run(many, "- reconciles: { equation: debit = credit, group_by: month, severity: warn }\n");
    let message = &told(&platform)[0].1;
    assert!(
        message.starts_with("9 groups do not reconcile:\nmonth 9: debit 9.00, credit 0.00: 9.00 apart\n"),
        "{message}"
    );
    assert!(message.ends_with("month 5: debit 5.00, credit 0.00: 5.00 apart\nand 4 more"), "{message}");
}

#[test]
fn a_tolerance_counts_the_currencys_smallest_unit() {
    let apart = |left: &str, right: &str| {
        format!("CREATE OR REPLACE TABLE fin.ledger AS SELECT {left} AS debit, {right} AS credit;\n")
    };
    let cases = [
        ("10.02", "10.00", "tolerance: 2", 0),
        ("10.02", "10.00", "tolerance: 1", 1),
        ("10.00", "10.02", "tolerance: 2", 0),
        ("10.00", "10.03", "tolerance: 2", 1),
        ("1000", "1001", "tolerance: 1, smallest_unit: 1", 0),
        ("1000", "1002", "tolerance: 1, smallest_unit: 1", 1),
        ("1.000", "1.001", "tolerance: 1, smallest_unit: 0.001", 0),
        ("1.000", "1.002", "tolerance: 1, smallest_unit: 0.001", 1),
        ("1.00", "1.05", "tolerance: 1, smallest_unit: 0.05", 0),
        ("1.00000000", "1.00000001", "tolerance: 1, smallest_unit: 0.00000001", 0),
        ("1.00000000", "1.00000002", "tolerance: 1, smallest_unit: 0.00000001", 1),
        (
            "1.000000000000000001::DECIMAL(38,18)",
            "1.0::DECIMAL(38,18)",
            "smallest_unit: 0.000000000000000001",
            1,
        ),
        // What lies below the smallest unit is no less apart.
        ("1.004", "1.00", "tolerance: 0", 1),
        // Floating-point numbers are added up as decimals.
        ("0.1::DOUBLE + 0.2::DOUBLE", "0.3", "tolerance: 0", 0),
        ("'12.50'", "12.5", "tolerance: 0", 0),
        ("99999999999999999999999999.99", "99999999999999999999999999.98", "tolerance: 0", 1),
        ("NULL::DECIMAL(18,2)", "0", "tolerance: 0", 0),
    ];
    for (left, right, arguments, code) in cases {
        let (_, outcome) = run(
            &apart(left, right),
            &format!("- reconciles: {{ left: debit, right: credit, {arguments} }}\n"),
        );
        assert_eq!(outcome.code, code, "{left} {right} {arguments}\n{}", outcome.stderr);
        if code == 1 {
            assert!(outcome.stderr.contains(" apart"), "{left} {right} {arguments}\n{}", outcome.stderr);
        }
    }
}

/// A ledger and a revenue table, with tests of the ledger's column `debit`.
fn two(ledger: &str, revenue: &str, tests: &str) -> Platform {
    let indented = indented(tests, 10);
    Platform::shop(&[
        ("gold/financial/ledger.sql", &format!("CREATE OR REPLACE TABLE fin.ledger AS {ledger};\n")),
        ("gold/financial/revenue.sql", &format!("CREATE OR REPLACE TABLE fin.revenue AS {revenue};\n")),
        (
            "gold/financial/financial.yml",
            &format!(
                "version: 2\nmodels:\n  - name: ledger\n    columns:\n      - name: debit\n        data_tests:\n{indented}"
            ),
        ),
    ])
}

#[test]
fn a_total_is_held_against_another_relations() {
    let rows = "SELECT * FROM (VALUES ('a', 10.00), ('b', 5.00), (NULL, 1.00)) AS t(period, debit)";
    let same = "SELECT period, debit AS amount, -debit AS booked FROM (VALUES (NULL, 1.00), ('a', 10.00), ('b', 5.00)) AS t(period, debit)";
    let moved = "SELECT * FROM (VALUES ('a', 12.00), ('c', 3.00), (NULL, 1.00)) AS t(period, amount)";
    let nothing = "SELECT 'a' AS period, 1.00 AS amount WHERE false";
    let alone =
        "SELECT * FROM (VALUES ('a', 10.00), ('b', 5.00), (NULL, 1.00), ('z', 0.00)) AS t(period, amount)";
    let cases = [
        (same, "- total_equals: fin.revenue.amount", None),
        (same, "- total_equals: revenue.amount", None),
        (same, "- total_equals: { to: fin.revenue, column: amount, group_by: [period] }", None),
        (same, "- total_equals: { to: shop_dwh.fin.revenue, column: -booked, group_by: period }", None),
        (same, "- total_equals: { to: revenue, column: amount + amount + booked }", None),
        (same, "- total_equals: { to: '\"fin\".\"revenue\".amount' }", None),
        (moved, "- total_equals: fin.revenue.amount", None),
        (
            moved,
            "- total_equals: { to: fin.revenue.amount, group_by: period }",
            Some(
                "3 groups do not reconcile:\nperiod b: fin.ledger.debit 5.00, fin.revenue.amount has no rows\n\
                 period c: fin.ledger.debit has no rows, fin.revenue.amount 3.00\n\
                 period a: fin.ledger.debit 10.00, fin.revenue.amount 12.00: 2.00 apart",
            ),
        ),
        (
            nothing,
            "- total_equals: fin.revenue.amount",
            Some("fin.ledger.debit 16.00, fin.revenue.amount 0.00: 16.00 apart"),
        ),
        (alone, "- total_equals: fin.revenue.amount", None),
        (
            alone,
            "- total_equals: { to: fin.revenue.amount, group_by: period, tolerance: 100 }",
            Some("period z: fin.ledger.debit has no rows, fin.revenue.amount 0.00"),
        ),
        (
            moved,
            "- total_equals: { to: fin.revenue.amount, where: \"period = 'a'\", to_where: \"period = 'a'\" }",
            Some("fin.ledger.debit 10.00, fin.revenue.amount 12.00: 2.00 apart"),
        ),
        (
            moved,
            "- total_equals: { to: fin.revenue.amount, where: \"period = 'a'\", to_where: \"period <> 'a' -- c\" }",
            Some("fin.ledger.debit 10.00, fin.revenue.amount 3.00: 7.00 apart"),
        ),
    ];
    for (revenue, test, message) in cases {
        let platform = two(rows, revenue, test);
        let outcome = platform.run(&["run"]);
        assert_eq!(outcome.code, i32::from(message.is_some()), "{test}\n{}", outcome.stderr);
        let wanted = message.map_or(("pass", ""), |m| ("fail", m));
        assert_eq!(
            told(&platform),
            [(wanted.0.to_owned(), wanted.1.to_owned())],
            "{test}\n{}",
            outcome.stderr
        );
    }
}

#[test]
fn a_comparison_waits_for_both_relations() {
    // By its name the script `revenue` would run last, and nothing else ties the two together.
    let platform = two("SELECT 1.00 AS debit", "SELECT 1.00 AS amount", "- total_equals: fin.revenue.amount");
    let listed = platform.ok_json(&["ls", "--format", "json", "--select", "kind:test"]);
    assert_eq!(listed[0]["depends_on"], serde_json::json!(["shop.ledger", "shop.revenue"]));
    let manifest = platform.ok(&["run", "--threads", "4"]);
    assert!(manifest.stderr.contains("1 test passed"), "{}", manifest.stderr);
}

#[test]
fn wrong_arguments_are_told_at_their_place() {
    let cases = [
        ("- reconciles: debit", "there is no `=` between two totals", "5:21"),
        ("- reconciles: debit = credit = x", "there is more than one `=`", "5:21"),
        ("- reconciles: \"debit = sum(credit)\"", "`(` can't stand there", "5:21"),
        ("- reconciles: { left: debit }", "`reconciles` needs `right`", "5:9"),
        (
            "- reconciles: { left: debit, right: credit, tolerance: 0.5 }",
            "`tolerance` is no whole number: `0.5`",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, tolerance: -1 }",
            "`tolerance` is no whole number: `-1`",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, smallest_unit: 0 }",
            "`smallest_unit` is no amount of money: `0`",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, smallest_unit: cent }",
            "`smallest_unit` is no amount of money: `cent`",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, toleranse: 1 }",
            "the test `reconciles` has no argument `toleranse`",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, group_by: [a, a] }",
            "`group_by` names `a` twice",
            "5:51",
        ),
        (
            "- reconciles: { left: debit, right: credit, group_by: [[a]] }",
            "`group_by` is a list of columns",
            "5:51",
        ),
        ("- reconciles: { left: 1, right: credit }", "`left` must be text, but is `1`", "5:23"),
        ("- reconciles: [debit, credit]", "`reconciles` takes its arguments as a mapping", "5:21"),
        ("- reconciles", "`reconciles` needs `left`", "5:9"),
        (
            "- total_equals: { column_name: debit, to: nobody.credit }",
            "project `shop` has nothing named `nobody`",
            "5:45",
        ),
        (
            "- total_equals: { column_name: debit, to: credit }",
            "`credit` names no column of a relation",
            "5:45",
        ),
        (
            "- total_equals: { column_name: debit, to: \"ref('ledger')\" }",
            "`total_equals` needs `column`",
            "5:45",
        ),
        ("- total_equals: { column_name: debit }", "`total_equals` needs `to`", "5:9"),
        ("- total_equals: fin.ledger.credit", "the test `total_equals` needs a column", "5:9"),
        ("- total_equal: fin.ledger.credit", "`total_equal` takes its arguments as a mapping", "5:22"),
        ("- reconcile", "there is no test `reconcile`", "5:9"),
    ];
    for (test, message, place) in cases {
        let platform = ledger(LEDGER, test);
        let lint = platform.run(&["lint"]);
        assert_eq!(lint.code, 1, "{test}\n{}{}", lint.stdout, lint.stderr);
        assert!(lint.stdout.contains(message), "{test}\n{}", lint.stdout);
        assert!(lint.stdout.contains(&format!("financial.yml:{place}\n")), "{test}\n{}", lint.stdout);
        assert!(lint.stdout.contains("help: "), "{test}\n{}", lint.stdout);
        assert_eq!(platform.run(&["run"]).code, 2, "{test}: nothing runs without its test");
    }
}

#[test]
fn examples_of_the_page_do_what_it_says() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/money.md")).expect("a page");
    let blocks = page.split("\n```yaml\n").skip(1).map(|part| part.split("```").next().unwrap_or_default());
    let ledger = "SELECT *, 1.00 AS opening, 2.00 AS booked, 3.00 AS closing FROM (VALUES \
        ('2025-01', 'EUR', 1203.00, 1200.00), ('2025-02', 'EUR', 5.01, 5.01)) AS t(period, currency, debit, credit)";
    let platform = two(ledger, "SELECT '2025-01' AS period, 1200.00 AS amount", "");
    for yaml in blocks {
        platform.write("projects/shop/gold/financial/financial.yml", yaml);
        platform.ok(&["lint"]);
        let outcome = platform.run(&["run"]);
        assert!(!outcome.stderr.contains("ERROR"), "{}", outcome.stderr);
    }
    let tests = [
        "      - reconciles: debit = credit\n",
        "      - total_equals: { column_name: debit, to: fin.revenue.amount, group_by: [period], name: total_equals_ledger_debit__fin_revenue_amount__period }\n",
    ];
    for test in tests {
        platform.write(
            "projects/shop/gold/financial/financial.yml",
            format!("version: 2\nmodels:\n  - name: ledger\n    data_tests:\n{test}"),
        );
        let outcome = platform.run(&["run"]);
        let failure = outcome.stderr.split("FAIL test ").nth(1).and_then(|f| f.split("  the SQL:").next());
        let failure = format!("FAIL test {}", failure.expect("a failure in the summary"));
        assert!(page.contains(&failure), "docs/money.md does not show\n{failure}");
    }
    let warns = tests[1].replace("{ ", "{ severity: warn, ");
    let yaml = format!("version: 2\nmodels:\n  - name: ledger\n    data_tests:\n{warns}");
    platform.write("projects/shop/gold/financial/financial.yml", yaml);
    platform.ok(&["run"]);
    let shown =
        platform.ok(&["show", "total_equals_ledger_debit__fin_revenue_amount__period", "--rows", "100"]);
    for column in ["period", "left_total", "right_total", "difference"] {
        assert!(shown.stdout.contains(column), "{}{}", shown.stdout, shown.stderr);
    }
}

#[test]
fn tests_speak_the_dialect_of_the_target() {
    let project = "name: shop\ndatabase: shop_dwh\ndialect: tsql\nschedule: { daily: \"0 5 * * *\" }\n";
    let tests = "version: 2\nmodels:\n  - name: ledger\n    data_tests:\n      - reconciles: debit = credit\n    columns:\n      \
        - name: debit\n        data_tests:\n          - not_null\n          - total_equals: { to: \"ref('plan')\", column: amount }\n          \
        - relationships: { to: \"ref('plan')\", field: amount, where: debit > 0 }\n";
    let platform = Platform::new(&[
        ("projects/shop/project.yml", project),
        ("projects/shop/seeds/plan.csv", "amount\n7\n"),
        ("projects/shop/gold/financial/ledger.sql", "SELECT 7 AS debit, 7 AS credit INTO fin.ledger;\n"),
        (
            "projects/shop/gold/financial/ledger.duckdb.sql",
            "CREATE OR REPLACE TABLE fin.ledger AS SELECT 7 AS debit, 7 AS credit;\n",
        ),
        ("projects/shop/gold/financial/financial.yml", tests),
    ]);
    let outcome = platform.ok(&["run"]);
    assert!(outcome.stderr.contains("4 tests passed, 0 warnings"), "{}", outcome.stderr);
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\n  prod: { type: sqlserver, host: x, database: shop_dwh }\n",
    );
    platform.ok(&["compile", "--target", "prod"]);
    let text = platform.read("target/compiled/shop/tests/reconciles_ledger_debit_credit.sql");
    assert!(
        text.contains("sum(cast([debit] as decimal(38, 10)))")
            && text.contains("from [shop_dwh].[fin].[ledger]"),
        "{text}"
    );
}

#[test]
fn settings_and_arguments_stand_where_dbt_has_them() {
    let cases = [
        "- reconciles:\n    arguments: { left: debit, right: credit }\n    config: { severity: warn }\n",
        "- reconciles:\n    left: debit\n    right: credit\n    severity: warn\n",
        "- reconciles:\n  arguments: { equation: debit = credit }\n  severity: warn\n",
        "- reconciles: { equation: '\"debit\" = [credit]', config: { severity: warn } }\n",
        "- name: own_name\n  reconciles: debit = credit\n  config: { severity: warn }\n",
    ];
    for test in cases {
        let (platform, outcome) = run(LEDGER, test);
        assert_eq!(outcome.code, 0, "{test}\n{}", outcome.stderr);
        let figures = "debit 1,215.01, credit 1,212.00: 3.01 apart";
        assert_eq!(told(&platform), [("warn".to_owned(), figures.to_owned())], "{test}");
    }
    let (_, filtered) =
        run(LEDGER, "- reconciles: debit = credit\n  where: currency = 'CHF' -- the rest later\n");
    assert_eq!(filtered.code, 0, "{}", filtered.stderr);
}

#[test]
fn a_column_that_is_not_there_is_told_at_the_test() {
    let (platform, outcome) = run(LEDGER, "- reconciles: debitt = credit\n");
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("column \"debitt\" not found"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("financial.yml:5:9"), "{}", outcome.stderr);
    assert_eq!(told(&platform)[0].0, "error");
    assert!(platform.try_rows("shop_dwh", "SELECT * FROM fin.ledger").is_err(), "nothing was published");
}

#[test]
fn loads_seeds_and_models_reconcile_too() {
    let platform = Platform::shop(&[
        ("seeds/plan.csv", "month,amount\n1,5\n2,7\n"),
        (
            "seeds/seeds.yml",
            "version: 2\nseeds:\n  - name: plan\n    data_tests: [{ reconciles: amount = amount }]\n",
        ),
        ("silver/actual.sql", "select month, amount * 2 as amount from {{ ref('plan') }}"),
        (
            "silver/silver.yml",
            "version: 2\nmodels:\n  - name: actual\n    columns:\n      - name: amount\n        data_tests:\n          \
             - total_equals: { to: plan, column: amount + amount, group_by: month }\n          \
             - total_equals: plan.amount\n",
        ),
        ("gold/operational/late.sql", "select * from {{ ref('actual') }}"),
    ]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("silver.actual.amount 24.00, raw.plan.amount 12.00: 12.00 apart"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stderr
            .contains("skipped because shop.total_equals_actual_amount__plan_amount failed: shop.late"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("2 tests passed"), "{}", outcome.stderr);
}

#[test]
fn another_projects_total_must_be_imported() {
    let platform =
        two("SELECT 1.00 AS debit", "SELECT 1.00 AS amount", "- total_equals: crm_dwh.gold.deal.amount");
    platform.write(
        "projects/crm/project.yml",
        "name: crm\ndatabase: crm_dwh\nschedule: { daily: \"0 4 * * *\" }\n",
    );
    platform.write("projects/crm/gold/operational/deal.sql", "select 1.00 as amount");
    let lint = platform.run(&["lint"]);
    assert!(lint.stdout.contains("error[GS101]"), "{}", lint.stdout);
    assert!(lint.stdout.contains("financial.yml:7:13"), "{}", lint.stdout);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    platform.write(
        "projects/shop/gold/financial/financial.yml",
        platform
            .read("projects/shop/gold/financial/financial.yml")
            .replace("crm_dwh.gold.deal", "fin.revenu"),
    );
    let lint = platform.run(&["lint"]);
    assert!(
        lint.stdout.contains("error[GS105]") && lint.stdout.contains("did you mean `fin.revenue`"),
        "{}",
        lint.stdout
    );
}
