//! Platforms on PostgreSQL, through the binary: loads, models, seeds, scripts, tests, publications.

mod common;

use common::postgres::Place;

const LOADS: &str = "\
version: 2
loads:
  - name: account
    from: { file: bronze/account.csv }
    key: [id]
    modified: changed
    columns:
      - { name: id, data_type: bigint }
      - { name: amount, data_type: \"numeric(18,2)\" }
  - name: event
    from: { file: bronze/event.jsonl }
";

fn loads() -> Option<Place> {
    Place::shop(
        false,
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
                "{{ config(materialized='table') }}\nselect a.id, a.name, a.amount, r.name as region from {{ source('shop', 'account') }} a join {{ ref('region') }} r on r.code = 'de'\n",
            ),
            (
                "silver/big.sql",
                "{{ config(materialized='view') }}\nselect * from {{ ref('amounts') }} where amount > 1\n",
            ),
            (
                "silver/growing.sql",
                "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}\nselect id, amount from {{ ref('amounts') }}\n",
            ),
            (
                "gold/financial/report.sql",
                "DROP TABLE IF EXISTS fin.report;\nCREATE TABLE fin.report AS SELECT count(*) AS n, sum(amount) AS amount FROM silver.big;\n",
            ),
            (
                "silver/silver.yml",
                "version: 2\nmodels:\n  - name: amounts\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n",
            ),
        ],
    )
}

#[test]
fn a_platform_runs_on_postgresql_as_it_does_on_duckdb() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    assert_eq!(
        place.rows("SELECT id, name, amount, changed, pg_typeof(amount) FROM raw.account ORDER BY id"),
        "1|Müller & Söhne|10.50|2026-01-01 08:00:00|numeric\n2|a \"b\"|-0.05|2026-01-02 08:00:00|numeric\n3|null|7.00|2026-01-03 08:00:00|numeric"
    );
    assert_eq!(place.rows("SELECT * FROM raw.event ORDER BY id"), "1|made\n2|null");
    assert_eq!(
        place.rows("SELECT * FROM silver.big ORDER BY id"),
        "1|Müller & Söhne|10.50|Germany\n3|null|7.00|Germany"
    );
    assert_eq!(place.rows("SELECT * FROM fin.report"), "2|17.50");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|10.50\n2|-0.05\n3|7.00");
    place.platform.write(
        "projects/shop/bronze/account.csv",
        "id,name,amount,changed\n1,Müller,11,2026-01-05 08:00:00\n2,b,2,2026-01-02 08:00:00\n4,new,4.25,2026-01-06 08:00:00\n",
    );
    let again = place.done(&["run"]);
    assert!(again.stderr.contains("drift: 1 row removed and 1 row corrected"), "{}", again.stderr);
    assert_eq!(place.rows("SELECT id, name FROM silver.big ORDER BY id"), "1|Müller\n2|b\n4|new");
    assert_eq!(place.rows("SELECT * FROM silver.growing ORDER BY id"), "1|11.00\n2|2.00\n3|7.00\n4|4.25");
    assert_eq!(
        place.rows("SELECT load, mode, row_count, inserted, updated, deleted, differing FROM goldsmith.loads WHERE load = 'shop.account' ORDER BY finished_at"),
        "shop.account|full|3|3|0|0|null\nshop.account|full|3|1|2|1|1"
    );
    assert_eq!(place.rows("SELECT tablename FROM pg_tables WHERE tablename LIKE '%\\_\\_goldsmith%'"), "");
    let shown = place.done(&["show", "amounts", "--rows", "2"]);
    assert!(shown.stdout.contains("11.00"), "{}", shown.stdout);
    place.done(&["status"]);
}

#[test]
fn what_others_put_on_a_table_stays_when_it_is_built_again() {
    let Some(place) = loads() else { return };
    place.done(&["run"]);
    place.execute(
        "CREATE ROLE reader_of_shop; GRANT SELECT ON silver.amounts, raw.account TO reader_of_shop; \
         CREATE SCHEMA bi; CREATE VIEW bi.own AS SELECT sum(amount) AS amount FROM silver.amounts; \
         CREATE VIEW bi.upon AS SELECT amount * 2 AS twice FROM bi.own; GRANT SELECT ON bi.upon TO PUBLIC",
    );
    place.done(&["run"]);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "34.90");
    // Another shape: the views that stand on it are made again, with their grants.
    place.platform.write(
        "projects/shop/silver/amounts.sql",
        "{{ config(materialized='table') }}\nselect 'x' as extra, a.id, a.name, a.amount + 1 as amount from {{ source('shop', 'account') }} a\n",
    );
    let alone = place.run(&["run", "--select", "amounts"]);
    assert_eq!(alone.code, 1);
    assert!(alone.stderr.contains("the view silver.big can not be made on it any more"), "{}", alone.stderr);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "34.90");
    place.done(&["run"]);
    assert_eq!(place.rows("SELECT twice FROM bi.upon"), "40.90");
    let grants = "SELECT table_schema || '.' || table_name || ' ' || grantee FROM information_schema.role_table_grants \
                  WHERE grantee IN ('reader_of_shop', 'PUBLIC') AND table_schema IN ('bi', 'silver', 'raw') ORDER BY 1";
    assert_eq!(
        place.rows(grants),
        "bi.upon PUBLIC\nraw.account reader_of_shop\nsilver.amounts reader_of_shop"
    );
}

#[test]
fn an_error_is_told_at_the_line_of_the_users_file() {
    let Some(place) = Place::shop(
        false,
        &[(
            "gold/financial/report.sql",
            "CREATE TABLE fin.one AS SELECT 1 AS n;\n\nCREATE TABLE fin.two AS\nSELECT wrong_column FROM fin.one;\nCREATE TABLE fin.three AS SELECT 3 AS n;\n",
        )],
    ) else {
        return;
    };
    let outcome = place.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("gold/financial/report.sql:4:8"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("column \"wrong_column\" does not exist (42703)"), "{}", outcome.stderr);
    assert_eq!(place.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'fin'"), "0");
}
