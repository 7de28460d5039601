//! Platforms on SQL Server, through the binary: loads, models, seeds, scripts, tests, publications. They run where
//! `GOLDSMITH_TEST_SQLSERVER` names a server.

mod common;

use common::sqlserver::Place;

const LOADS: &str = "\
version: 2
loads:
  - name: account
    from: { file: bronze/account.csv }
    key: [id]
    modified: changed
    columns:
      - { name: id, data_type: bigint }
      - { name: amount, data_type: \"decimal(18,2)\" }
      - { name: changed, data_type: \"datetime2(6)\" }
  - name: event
    from: { file: bronze/event.jsonl }
";

const REPORT: &str = "\
IF OBJECT_ID('fin.report') IS NULL
    CREATE TABLE fin.report (n int, amount decimal(18,2), day date);
GO
DECLARE @day date = goldsmith.business_date();
DELETE FROM fin.report WHERE day = @day;
SELECT COUNT(*) AS n, SUM(amount) AS amount INTO #work FROM silver.big;
BEGIN TRY
    INSERT INTO fin.report (n, amount, day) SELECT n, amount, @day FROM #work;
END TRY
BEGIN CATCH
    THROW;
END CATCH
PRINT N'gebucht für größe';
GO
";

fn loads(case: &str) -> Option<Place> {
    Place::shop(
        case,
        &[
            ("bronze/loads.yml", LOADS),
            (
                "bronze/account.csv",
                "id,name,amount,changed\n1,Müller & Söhne,10.50,2026-01-01 08:00:00\n2,\"a \"\"b\"\"\",-0.05,2026-01-02 08:00:00\n3,,7,2026-01-03 08:00:00\n",
            ),
            ("bronze/event.jsonl", "{\"id\": 1, \"what\": \"made\"}\n{\"id\": 2, \"what\": null}\n"),
            ("seeds/region.csv", "code,name\nde,Germany\nfr,France\n"),
            (
                "silver/amounts.sql",
                "{{ config(materialized='table') }}\nwith a as (select * from {{ source('shop', 'account') }})\n\
                 select a.id, a.name, a.amount, r.name as region from a join {{ ref('region') }} r on r.code = 'de'\n",
            ),
            (
                "silver/big.sql",
                "{{ config(materialized='view') }}\nselect * from {{ ref('amounts') }} where amount > 1\n",
            ),
            (
                "silver/growing.sql",
                "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}\nselect id, amount from {{ ref('amounts') }}\n",
            ),
            ("gold/financial/report.sql", REPORT),
            (
                "tests/no_debt.sql",
                "with d as (select id from {{ ref('amounts') }} where amount < -1)\nselect * from d\n",
            ),
            (
                "silver/silver.yml",
                "version: 2\nmodels:\n  - name: amounts\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n",
            ),
        ],
    )
}

#[test]
fn sqlserver_a_platform_runs_as_it_does_on_duckdb() {
    let Some(place) = loads("platform") else { return };
    let run = place.done(&["run", "--date", "2026-02-28", "--log-format", "json"]);
    assert!(run.stderr.contains("gebucht für größe"), "{}", run.stderr);
    assert_eq!(
        place.rows("SELECT id, name, amount, changed FROM raw.account ORDER BY id"),
        "1|Müller & Söhne|10.50|2026-01-01 08:00:00.000000\n2|a \"b\"|-0.05|2026-01-02 08:00:00.000000\n3|null|7.00|2026-01-03 08:00:00.000000"
    );
    assert_eq!(place.rows("SELECT * FROM raw.event ORDER BY id"), "1|made\n2|null");
    assert_eq!(
        place.rows("SELECT * FROM silver.big ORDER BY id"),
        "1|Müller & Söhne|10.50|Germany\n3|null|7.00|Germany"
    );
    assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50|2026-02-28");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|10.50\n2|-0.05\n3|7.00");
    place.platform.write(
        "projects/shop/bronze/account.csv",
        "id,name,amount,changed\n1,Müller,11,2026-01-05 08:00:00\n2,b,2,2026-01-02 08:00:00\n4,new,4.25,2026-01-06 08:00:00\n4,newer,4.5,2026-01-07 08:00:00\n",
    );
    let again = place.done(&["run", "--date", "2026-03-31"]);
    assert!(again.stderr.contains("drift: 1 row removed and 1 row corrected"), "{}", again.stderr);
    assert!(
        again.stderr.contains("1 key came more than once: the newest row of each was kept"),
        "{}",
        again.stderr
    );
    assert_eq!(place.rows("SELECT id, name FROM silver.big ORDER BY id"), "1|Müller\n2|b\n4|newer");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|11.00\n2|2.00\n3|7.00\n4|4.50");
    assert_eq!(place.rows("SELECT * FROM fin.report ORDER BY day"), "2|17.50|2026-02-28\n3|17.50|2026-03-31");
    let listed = place.done(&["publications", "list"]).stdout;
    assert!(listed.contains("shop@2026-02-28") && listed.contains("shop@2026-03-31"), "{listed}");
    place.done(&["publications", "verify"]);
    let compared = place.done(&["publications", "diff", "shop@2026-02-28", "shop@2026-03-31"]).stdout;
    assert!(compared.contains("fin.report: 1 added, 0 removed (1 -> 2 rows)"), "{compared}");
    place.done(&["status"]);
}

#[test]
fn sqlserver_indexes_of_a_table_outlive_its_shape() {
    let Some(place) = loads("indexes") else { return };
    place.done(&["run", "--select", "+amounts"]);
    for made in [
        "CREATE INDEX by_amount ON silver.amounts (amount DESC, id) INCLUDE (name)",
        "CREATE INDEX by_region ON silver.amounts (region)",
        "ALTER TABLE silver.amounts ADD CONSTRAINT once UNIQUE (id)",
    ] {
        place.execute(made);
    }
    let held = || {
        place.rows(
            "SELECT i.is_unique, i.is_unique_constraint, c.name, x.is_descending_key, x.is_included_column FROM sys.indexes i \
             JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id \
             JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id \
             WHERE i.object_id = OBJECT_ID('silver.amounts') ORDER BY i.is_unique, i.name, x.is_included_column, x.key_ordinal",
        )
    };
    let (amount, region, once) =
        ("0|0|amount|1|0\n0|0|id|0|0\n0|0|name|0|1", "\n0|0|region|0|0", "\n1|1|id|0|0");
    assert_eq!(held(), format!("{amount}{region}{once}"));
    // The same columns: the table keeps its place.
    place.done(&["run", "--select", "amounts"]);
    assert_eq!(held(), format!("{amount}{region}{once}"));
    // Others: what is still possible is made again.
    place.platform.write(
        "projects/shop/silver/amounts.sql",
        "{{ config(materialized='table') }}\nselect id, name, amount, 1 as more from {{ source('shop', 'account') }}\n",
    );
    place.done(&["run", "--select", "amounts"]);
    assert_eq!(held(), format!("{amount}{once}"));
    assert_eq!(place.rows("SELECT id, more FROM silver.amounts ORDER BY id"), "1|1\n2|1\n3|1");
}

#[test]
fn sqlserver_takes_the_sibling_of_a_script_in_its_dialect() {
    let Some(place) = loads("sibling") else { return };
    let script =
        |name: &str, sql: &str| place.platform.write(&format!("projects/shop/gold/financial/{name}"), sql);
    script("extra.sql", "CREATE OR REPLACE TABLE fin.extra AS SELECT 'duckdb' AS engine;\n");
    script("extra.tsql.sql", "DROP TABLE IF EXISTS fin.extra;\nSELECT N'tsql' AS engine INTO fin.extra;\n");
    place.done(&["run"]);
    assert_eq!(place.rows("SELECT engine FROM fin.extra"), "tsql");
}

#[test]
fn sqlserver_imports_come_from_another_database_of_the_server() {
    let Some(place) = loads("imports") else { return };
    let books = format!("{}_books", place.database);
    common::sqlserver::drop_database(&books);
    let settings = place.platform.read("goldsmith.yml");
    let both = format!("databases: {{ books: {books}, ");
    place.platform.write("goldsmith.yml", settings.replace("databases: { ", &both));
    let project = place.platform.read("projects/shop/project.yml");
    place.platform.write("projects/shop/project.yml", project + "public: [raw.account, silver.amounts]\n");
    place.platform.write(
        "projects/books/project.yml",
        "name: books\nschedule: { daily: \"0 6 * * *\", hourly: \"30 * * * *\" }\n",
    );
    place.platform.write(
        "projects/books/bronze/loads.yml",
        "version: 2\nloads:\n  - name: amounts\n    from: { project: shop, relation: silver.amounts }\n    key: [id]\n    control: { rows: true, sum: amount }\n\
         \x20 - name: account\n    from: { project: shop, relation: raw.account }\n    key: [id]\n    modified: changed\n",
    );
    place.done(&["run", "--date", "2026-02-28"]);
    let rows = |sql: &str| place.rows(&sql.replace("raw.", &format!("{books}.raw.")));
    assert_eq!(rows("SELECT id, amount FROM raw.amounts ORDER BY id"), "1|10.50\n2|-0.05\n3|7.00");
    // Only what has changed since, in the hourly pipeline.
    place.execute("UPDATE raw.account SET amount = 99, changed = '2026-01-04 08:00:00' WHERE id = 2");
    place.execute("UPDATE raw.account SET name = 'unseen' WHERE id = 1");
    place.done(&["run", "--pipeline", "hourly", "--select", "books.account"]);
    assert_eq!(rows("SELECT id, amount FROM raw.account ORDER BY id"), "1|10.50\n2|99.00\n3|7.00");
    assert_eq!(rows("SELECT count(*) FROM raw.account WHERE name = 'unseen'"), "0");
    let modes = format!(
        "SELECT mode, updated FROM {books}.goldsmith.loads WHERE [load] = 'books.account' ORDER BY finished_at"
    );
    assert_eq!(place.rows(&modes), "full|0\ndelta|1");
}

#[test]
fn sqlserver_other_targets_load_from_it_by_the_hour() {
    let Some(place) = loads("source") else { return };
    place.done(&["debug"]);
    common::sqlserver::create_database(&place.database);
    place.execute(
        "CREATE TABLE dbo.orders (id int NOT NULL, customer nvarchar(50), amount decimal(18,2), open_ bit, changed datetime); \
         INSERT INTO dbo.orders VALUES (1, N'Größe', 1.50, 1, '2026-01-01T08:00:00.003'), (2, NULL, -0.05, 0, '2026-01-02T08:00:00')",
    );
    let settings = place.platform.read("goldsmith.yml");
    let both = "default_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n";
    place.platform.write("goldsmith.yml", settings.replace("targets:\n", both));
    for path in [
        "seeds/region.csv",
        "silver/amounts.sql",
        "silver/big.sql",
        "silver/growing.sql",
        "silver/silver.yml",
        "gold/financial/report.sql",
        "tests/no_debt.sql",
    ] {
        place.platform.remove(&format!("projects/shop/{path}"));
    }
    let query = format!("SELECT id, customer, amount, open_, changed FROM {}.dbo.orders", place.database);
    place.platform.write(
        "projects/shop/bronze/loads.yml",
        format!(
            "version: 2\nloads:\n  - name: orders\n    from: {{ target: s, query: \"{query}\" }}\n    key: [id]\n    modified: changed\n    \
             control: {{ rows: true, sum: amount }}\n"
        ),
    );
    place.platform.write(
        "projects/shop/project.yml",
        "name: shop\nschedule: { daily: \"0 5 * * *\", hourly: \"0 * * * *\" }\npublic: [raw.orders]\n",
    );
    place.done(&["run"]);
    let rows = || {
        let sql = "SELECT id, customer, amount, open_, changed FROM raw.orders ORDER BY id";
        place.platform.rows("shop_dwh", sql)
    };
    let first = "1 Größe 1.50 true 2026-01-01 08:00:00.003\n2 - -0.05 false 2026-01-02 08:00:00";
    assert_eq!(rows(), first);
    place.execute("UPDATE dbo.orders SET amount = 7, changed = '2026-01-03T08:00:00.997' WHERE id = 2; UPDATE dbo.orders SET amount = 8 WHERE id = 1");
    let hourly = place.done(&["run", "--pipeline", "hourly"]);
    assert!(hourly.stderr.contains("shop.orders"), "{}", hourly.stderr);
    assert_eq!(rows(), "1 Größe 1.50 true 2026-01-01 08:00:00.003\n2 - 7.00 false 2026-01-03 08:00:00.997");
}

#[test]
fn sqlserver_a_publication_is_put_back_and_exported() {
    let Some(place) = loads("restored") else { return };
    place.done(&["run", "--date", "2026-02-28"]);
    place.execute("UPDATE fin.report SET amount = 1");
    let tampered = place.run(&["publications", "verify"]);
    assert_eq!(tampered.code, 1, "{}{}", tampered.stdout, tampered.stderr);
    place.done(&["publications", "restore", "shop@2026-02-28", "--reason", "somebody wrote into it"]);
    assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50|2026-02-28");
    place.done(&["publications", "verify"]);
    place.done(&["run", "--rehearse", "--date", "2026-03-31"]);
    assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50|2026-02-28");
}

#[test]
fn sqlserver_the_same_figures_have_the_same_checksum_as_on_duckdb() {
    let Some(place) = loads("checksum") else { return };
    place.done(&["run", "--date", "2026-02-28"]);
    let shown: serde_json::Value = serde_json::from_str(
        &place.done(&["publications", "show", "shop@2026-02-28", "--format", "json"]).stdout,
    )
    .expect("JSON");
    let checksum = shown["outputs"][0]["checksum"].as_str().expect("a checksum").to_owned();
    let duckdb = common::Platform::shop(&[(
        "gold/financial/report.sql",
        "CREATE TABLE IF NOT EXISTS fin.report (n INTEGER, amount DECIMAL(18,2), day DATE);\n\
         DELETE FROM fin.report;\nINSERT INTO fin.report VALUES (2, 17.50, DATE '2026-02-28');\n",
    )]);
    duckdb.ok(&["run", "--date", "2026-02-28"]);
    let shown: serde_json::Value = serde_json::from_str(
        &duckdb.ok(&["publications", "show", "shop@2026-02-28", "--format", "json"]).stdout,
    )
    .expect("JSON");
    assert_eq!(shown["outputs"][0]["checksum"].as_str(), Some(checksum.as_str()));
}

#[test]
fn sqlserver_what_goes_wrong_leaves_the_old_publication() {
    let Some(place) = loads("wrong") else { return };
    place.done(&["run", "--date", "2026-02-28"]);
    let good = place.platform.read("projects/shop/gold/financial/report.sql");
    for (script, told) in [
        (good.replace("THROW;", "THROW;\nCOMMIT;").replace("PRINT", "COMMIT; PRINT"), "transaction"),
        (good.replace("PRINT", "ROLLBACK; PRINT"), "transaction"),
        (good.replace("FROM #work", "FROM #wrok"), "#wrok"),
        (good.replace("PRINT", "RAISERROR(N'nein', 16, 1); PRINT"), "nein"),
    ] {
        place.platform.write("projects/shop/gold/financial/report.sql", &script);
        let outcome = place.run(&["run", "--date", "2026-03-31"]);
        assert_ne!(outcome.code, 0, "{script}");
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
        assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50|2026-02-28", "{script}");
        let listed = place.done(&["publications", "list"]).stdout;
        assert!(!listed.contains("shop@2026-03-31"), "{listed}");
    }
}

#[test]
fn sqlserver_an_error_is_told_at_the_line_of_the_users_file() {
    let Some(place) = loads("lines") else { return };
    place.done(&["run", "--date", "2026-02-28"]);
    place.platform.write(
        "projects/shop/silver/amounts.sql",
        "{{ config(materialized='table') }}\nselect id,\n       nowhere\nfrom {{ source('shop', 'account') }}\n",
    );
    let outcome = place.run(&["run", "--select", "amounts"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("projects/shop/silver/amounts.sql:3:8"), "{}", outcome.stderr);
    let script = place.platform.read("projects/shop/gold/financial/report.sql");
    place.platform.write(
        "projects/shop/gold/financial/report.sql",
        script.replace(
            "    INSERT INTO fin.report (n, amount, day)",
            "    INSERT INTO fin.report (n, nothing, day)",
        ),
    );
    let outcome = place.run(&["run", "--select", "report", "--date", "2026-03-31"]);
    assert!(outcome.stderr.contains("projects/shop/gold/financial/report.sql:8:"), "{}", outcome.stderr);
}

#[test]
fn sqlserver_debug_says_step_by_step_what_works() {
    let Some(place) = loads("debug") else { return };
    let told = place.run(&["debug"]).stdout;
    for what in
        ["name", "port", "log in", "encryption", "version", "database goldsmith_debug: is not there yet"]
    {
        assert!(told.contains(what), "{what}: {told}");
    }
    place.done(&["run", "--date", "2026-02-28"]);
    let told = place.run(&["debug"]).stdout;
    assert!(told.contains("database goldsmith_debug"), "{told}");
}
