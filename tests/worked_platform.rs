//! The worked platform in `projects/`, run end to end with the built binary: exit codes, artifacts, and
//! figures that are looked up in the warehouse afterwards and must reconcile.

mod common;

use std::collections::BTreeSet;

use common::{DATE, Outcome, Platform};
use serde_json::Value;

/// Figures of financial gold that a reader would notice if they moved.
const FIGURES: [(&str, &str); 9] = [
    ("sfdc_dwh", "SELECT count(*), sum(mrr), max(month) FROM fin.mrr_month"),
    ("sfdc_dwh", "SELECT count(*), sum(closing_mrr), sum(new_mrr), sum(churn_mrr) FROM fin.mrr_movement"),
    ("sfdc_dwh", "SELECT count(*), sum(forecast_mrr), min(month) FROM fin.mrr_forecast"),
    ("datev_dwh", "SELECT count(*), sum(amount), sum(year_to_date), max(as_of) FROM fin.pnl_month"),
    ("datev_dwh", "SELECT count(*), sum(budget), sum(actual), sum(variance) FROM fin.budget_actual"),
    ("datev_dwh", "SELECT count(*), sum(open_amount), sum(days_overdue) FROM fin.receivables"),
    ("datev_dwh", "SELECT count(*), sum(contracted), sum(booked) FROM fin.revenue_reconciliation"),
    ("product_dwh", "SELECT count(*) FROM silver.usage_event"),
    ("product_dwh", "SELECT count(*) FROM gold.licence_utilisation"),
];

fn figures(platform: &Platform) -> Vec<String> {
    FIGURES.iter().map(|(database, sql)| platform.rows(database, sql)).collect()
}

fn run(platform: &Platform, args: &[&str]) -> Outcome {
    let outcome = platform.ok(&[&["run", "--date", DATE], args].concat());
    assert_eq!(outcome.stdout, "", "stdout is for data");
    outcome
}

/// Statuses in `target/run_results.json`: how many of each.
fn count(platform: &Platform, status: &str) -> usize {
    let results = platform.json("target/run_results.json");
    results["results"].as_array().expect("a list").iter().filter(|r| r["status"] == status).count()
}

#[test]
fn one_command_loads_transforms_and_publishes_figures_that_reconcile() {
    let platform = Platform::worked();
    let outcome = run(&platform, &[]);
    let last = outcome.stderr.lines().last().expect("a summary");
    assert!(last.starts_with("Finished daily on dev in ") && last.contains("0 failed, 0 skipped"), "{last}");
    assert!(count(&platform, "success") > 40 && count(&platform, "pass") > 100);
    for bad in ["fail", "error", "skipped", "warn"] {
        assert_eq!(count(&platform, bad), 0, "{bad}");
    }
    artifacts_follow_their_schemas(&platform);
    movements_add_up_to_the_months(&platform);
    debits_equal_credits(&platform);
    income_statement_reconciles_to_the_ledger(&platform);
    receivables_are_the_debtors_balances(&platform);

    let first = figures(&platform);
    run(&platform, &[]);
    assert_eq!(figures(&platform), first, "a second run gives the same figures");
    run(&platform, &["--threads", "1"]);
    assert_eq!(figures(&platform), first, "so does one thread");

    let tests = platform.ok(&["test", "--date", DATE]);
    assert!(tests.stderr.contains("0 failed, 0 skipped"), "{}", tests.stderr);
    assert_eq!(tests.stdout, "");
}

fn artifacts_follow_their_schemas(platform: &Platform) {
    for (file, version) in [("run_results", "run-results/v6"), ("manifest", "manifest/v12")] {
        let artifact = platform.json(&format!("target/{file}.json"));
        let schema = artifact["metadata"]["dbt_schema_version"].as_str().expect("a version");
        assert_eq!(schema, format!("https://schemas.getdbt.com/dbt/{version}.json"));
    }
    let results = platform.json("target/run_results.json");
    let manifest = platform.json("target/manifest.json");
    assert!(manifest["nodes"].get("model.sfdc.account").is_some());
    for result in results["results"].as_array().expect("a list") {
        let id = result["unique_id"].as_str().expect("an id");
        let known = |key: &str| manifest[key].get(id).is_some();
        assert!(known("nodes") || known("sources") || id.starts_with("operation."), "{id}");
        assert!(result["execution_time"].as_f64().is_some_and(|t| t >= 0.0), "{id}");
    }
}

fn movements_add_up_to_the_months(platform: &Platform) {
    let wrong = "WITH months AS (SELECT month, sum(mrr) AS mrr FROM fin.mrr_month GROUP BY month), \
         moved AS (SELECT month, sum(opening_mrr) AS opening, sum(closing_mrr) AS closing, \
                   sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr) AS moved \
                   FROM fin.mrr_movement GROUP BY month) \
         SELECT * FROM months FULL JOIN moved USING (month) \
         WHERE closing IS DISTINCT FROM coalesce(mrr, 0) OR opening + moved IS DISTINCT FROM closing \
            OR moved IS DISTINCT FROM mrr - coalesce((SELECT m.mrr FROM months AS m \
               WHERE m.month = months.month - INTERVAL 1 MONTH), 0)";
    assert_eq!(platform.rows("sfdc_dwh", wrong), "", "MRR movements are the difference of the months");
    let total = "SELECT sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr) \
         = (SELECT sum(mrr) FROM fin.mrr_month WHERE month = DATE '2025-12-01'), \
         (SELECT sum(mrr) > 10000 FROM fin.mrr_month WHERE month = DATE '2025-12-01') FROM fin.mrr_movement";
    assert_eq!(platform.rows("sfdc_dwh", total), "true true", "all movements are the closing MRR");
    let forecast = "SELECT count(DISTINCT month), min(month) FROM fin.mrr_forecast";
    assert_eq!(platform.rows("sfdc_dwh", forecast), "12 2026-01-01");
}

fn debits_equal_credits(platform: &Platform) {
    let total = "SELECT sum(debit) = sum(credit), sum(debit) > 1000000, count(DISTINCT batch) \
         FROM silver.ledger_entry";
    assert_eq!(platform.rows("datev_dwh", total), "true true 24");
    let unbalanced =
        "SELECT booking_number FROM silver.ledger_entry GROUP BY ALL HAVING sum(debit) <> sum(credit)";
    assert_eq!(platform.rows("datev_dwh", unbalanced), "");
    // Windows-1252, decimal comma and the EXTF header lines arrived as text, numbers and nothing.
    let umlauts = "SELECT count(*) > 0 FROM silver.ledger_account WHERE name LIKE '%ö%' OR name LIKE '%ü%'";
    assert_eq!(platform.rows("datev_dwh", umlauts), "true");
    assert_eq!(
        platform.rows(
            "datev_dwh",
            "SELECT count(*) FROM silver.personal_account WHERE contains(name, chr(65533))"
        ),
        "0"
    );
}

fn income_statement_reconciles_to_the_ledger(platform: &Platform) {
    let wrong = "WITH ledger AS (SELECT e.month, -sum(e.balance) AS result FROM silver.ledger_entry AS e \
         JOIN silver.ledger_account AS a ON a.account = e.ledger_account AND a.is_profit_and_loss \
         GROUP BY e.month), \
         lines AS (SELECT month, sum(amount) FILTER (WHERE NOT is_subtotal) AS lines, \
         sum(amount) FILTER (WHERE line = '17') AS result FROM fin.pnl_month GROUP BY month) \
         SELECT * FROM ledger FULL JOIN lines USING (month) \
         WHERE ledger.result IS DISTINCT FROM lines.result OR lines.lines IS DISTINCT FROM lines.result";
    assert_eq!(platform.rows("datev_dwh", wrong), "");
    assert_eq!(
        platform.rows("datev_dwh", "SELECT count(DISTINCT month), max(as_of) FROM fin.pnl_month"),
        "24 2025-12-31"
    );
    let books = "SELECT count(*), count(*) FILTER (WHERE difference <> 0) FROM fin.revenue_reconciliation";
    assert_eq!(platform.rows("datev_dwh", books), "24 0", "the books hold what was sold");
}

fn receivables_are_the_debtors_balances(platform: &Platform) {
    let both = "SELECT (SELECT sum(open_amount) FROM fin.receivables) \
         = (SELECT sum(balance) FROM silver.ledger_entry WHERE ledger_account = '1200'), \
         (SELECT sum(open_amount) FROM fin.receivables) \
         = (SELECT sum(open_amount) FROM fin.receivables_ageing), \
         (SELECT bool_and(open_amount = not_due + overdue_30 + overdue_60 + overdue_90 + overdue_more) \
          FROM fin.receivables_ageing)";
    assert_eq!(platform.rows("datev_dwh", both), "true true true");
}

#[test]
fn one_project_from_a_fresh_copy_brings_what_it_imports() {
    let platform = Platform::worked();
    let outcome = run(&platform, &["--select", "datev"]);
    let first = outcome.stderr.lines().next().expect("a note");
    assert!(first.contains("lacks what is imported from sfdc"), "{first}");
    assert!(first.contains("run first"), "{first}");
    assert!(!platform.path("warehouse/product_dwh.duckdb").exists());
    // What others publish is theirs: nothing financial of sfdc came along.
    assert_eq!(platform.relations("sfdc_dwh", "fin"), "");
    debits_equal_credits(&platform);
    income_statement_reconciles_to_the_ledger(&platform);

    let again = run(&platform, &["--select", "datev"]);
    assert!(!again.stderr.contains("run first"), "nothing is lacking any more: {}", again.stderr);
}

#[test]
fn hourly_leaves_financial_gold_alone() {
    let platform = Platform::worked();
    run(&platform, &[]);
    // A column that only a rebuild of the table would remove.
    let marked = [("sfdc_dwh", "mrr_forecast"), ("datev_dwh", "receivables")];
    for (database, table) in marked {
        let file = platform.path(&format!("warehouse/{database}.duckdb"));
        let connection = duckdb::Connection::open(file).expect("nobody holds it");
        connection.execute_batch(&format!("ALTER TABLE fin.{table} ADD COLUMN mark INTEGER")).expect("alter");
    }
    let is_marked = |(database, table): (&str, &str)| {
        let sql = format!(
            "SELECT count(*) FROM duckdb_columns() WHERE table_name = '{table}' AND column_name = 'mark'"
        );
        platform.rows(database, &sql) == "1"
    };
    let before = figures(&platform);
    let outcome = run(&platform, &["--pipeline", "hourly"]);
    assert!(outcome.stderr.contains("Finished hourly on dev"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("  script  "), "{}", outcome.stderr);
    assert_eq!(figures(&platform), before);
    assert!(marked.into_iter().all(is_marked));
    run(&platform, &[]);
    assert!(!marked.into_iter().any(is_marked), "the daily run publishes anew");
}

#[test]
fn lint_finds_nothing_and_lists_say_what_there_is() {
    let platform = Platform::worked();
    let lint = platform.ok_json(&["lint", "--format", "json"]);
    let errors: Vec<&Value> =
        lint.as_array().expect("a list").iter().filter(|d| d["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(
        platform.selected(&["--select", "track:financial,kind:script"]),
        "budget_actual pnl_month receivables revenue_reconciliation mrr_forecast mrr_month mrr_movement"
    );
    assert!(!platform.path("warehouse").exists(), "looking makes nothing");
    assert!(!platform.path("target").exists());
}

#[test]
fn plan_is_what_run_would_send_and_sends_nothing() {
    let platform = Platform::worked();
    let plan = platform.ok_json(&["plan", "--date", DATE, "--format", "json"]);
    assert!(!platform.path("warehouse").exists(), "a plan makes nothing");
    let outcome = run(&platform, &[]);
    let planned: BTreeSet<&str> =
        plan["steps"].as_array().expect("a list").iter().map(|s| s["id"].as_str().expect("an id")).collect();
    let ran: BTreeSet<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.contains("  ok  "))
        .filter_map(|line| line.split_whitespace().find(|word| planned.contains(word)))
        .collect();
    assert_eq!(planned, ran);
}

#[test]
fn hourly_leaves_the_tests_of_financial_gold_out() {
    let platform = Platform::worked();
    let plan = platform.ok_json(&["plan", "--pipeline", "hourly", "--format", "json"]);
    let ids: Vec<&str> =
        plan["steps"].as_array().expect("a list").iter().filter_map(|s| s["id"].as_str()).collect();
    assert!(!ids.contains(&"sfdc.mrr_forecast_has_twelve_months"), "{ids:?}");
    assert!(ids.contains(&"sfdc.salesforce_ids_are_valid"), "{ids:?}");
}
