//! What models can do, end to end on DuckDB: materializations, macros, variables, hooks, seeds, tests,
//! selection, and the shapes of what `ls`, `plan` and `lint` print for programs.

mod common;

use common::Platform;

const NUMBERS: &str = "version: 2\nloads:\n  - name: number\n    from: { file: \"data/number.csv\" }\n";

/// A platform whose one load is a file of numbers, and these files.
fn numbers(rows: &str, files: &[(&str, &str)]) -> Platform {
    let platform = Platform::shop(files);
    platform.write("projects/shop/bronze/loads.yml", NUMBERS);
    platform.write("projects/shop/data/number.csv", format!("n,v\n{rows}"));
    platform
}

fn set_numbers(platform: &Platform, rows: &str) {
    platform.write("projects/shop/data/number.csv", format!("n,v\n{rows}"));
}

#[test]
fn models_become_views_tables_and_nothing() {
    let platform = numbers(
        "1,a\n2,b\n",
        &[
            ("silver/plain.sql", "select n, v from {{ source('shop', 'number') }}"),
            ("silver/solid.sql", "{{ config(materialized='table') }}\nselect * from {{ ref('between') }}"),
            (
                "silver/between.sql",
                "{{ config(materialized='ephemeral') }}\nselect n * 10 as n from {{ ref('plain') }}",
            ),
            ("gold/operational/named.sql", "select sum(n) as total from silver.solid"),
        ],
    );
    platform.ok(&["run"]);
    assert_eq!(platform.relations("shop_dwh", "raw"), "number BASE TABLE");
    assert_eq!(platform.relations("shop_dwh", "silver"), "plain VIEW\nsolid BASE TABLE");
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM gold.named"), "30");
    assert_eq!(platform.selected(&["--select", "+named"]), "between named number plain solid");
}

#[test]
fn a_view_becomes_a_table_and_a_table_a_view() {
    let platform = numbers("1,a\n", &[("silver/a.sql", "select n from raw.number")]);
    platform.ok(&["run"]);
    assert_eq!(platform.relations("shop_dwh", "silver"), "a VIEW");
    let table = "{{ config(materialized='table') }}\nselect n, v from raw.number";
    platform.write("projects/shop/silver/a.sql", table);
    platform.ok(&["run"]);
    assert_eq!(platform.relations("shop_dwh", "silver"), "a BASE TABLE");
    let incremental = "{{ config(materialized='incremental') }}\nselect n from raw.number";
    platform.write("projects/shop/silver/a.sql", incremental);
    platform.ok(&["run", "--full-refresh"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM silver.a"), "1");
    platform.write("projects/shop/silver/a.sql", "select v from raw.number");
    platform.ok(&["run"]);
    assert_eq!(platform.relations("shop_dwh", "silver"), "a VIEW");
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM silver.a"), "a");
}

#[test]
fn incremental_models_append() {
    let platform = numbers(
        "1,a\n2,b\n",
        &[(
            "silver/log.sql",
            "{{ config(materialized='incremental') }}\nselect n, v from raw.number\n\
             {% if is_incremental() %}where n > (select max(n) from {{ this }}){% endif %}",
        )],
    );
    let log = "SELECT * FROM silver.log ORDER BY n";
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", log), "1 a\n2 b");
    set_numbers(&platform, "1,changed\n2,b\n3,c\n");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", log), "1 a\n2 b\n3 c");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", log), "1 a\n2 b\n3 c", "again with the same data");
    platform.ok(&["run", "--full-refresh"]);
    assert_eq!(platform.rows("shop_dwh", log), "1 changed\n2 b\n3 c");
}

#[test]
fn incremental_models_replace_rows_by_key() {
    for strategy in ["delete+insert", "merge"] {
        let model = format!(
            "{{{{ config(materialized='incremental', unique_key='n', incremental_strategy='{strategy}') }}}}\n\
             select n, v from raw.number"
        );
        let platform = numbers("1,a\n2,b\n3,c\n", &[("silver/state.sql", &model)]);
        let state = "SELECT * FROM silver.state ORDER BY n";
        platform.ok(&["run"]);
        set_numbers(&platform, "2,B\n3,c\n4,d\n");
        platform.ok(&["run"]);
        assert_eq!(platform.rows("shop_dwh", state), "1 a\n2 B\n3 c\n4 d", "{strategy}");
        platform.ok(&["run", "--full-refresh"]);
        assert_eq!(platform.rows("shop_dwh", state), "2 B\n3 c\n4 d", "{strategy}");
    }
}

#[test]
fn incremental_models_have_keys_of_several_columns() {
    for strategy in ["delete+insert", "merge"] {
        let model = format!(
            "{{{{ config(materialized='incremental', unique_key=['n', 'v'], incremental_strategy='{strategy}') }}}}\n\
             select n, v, count(*) as c from raw.number group by all"
        );
        let platform = numbers("1,a\n1,b\n", &[("silver/state.sql", &model)]);
        platform.ok(&["run"]);
        set_numbers(&platform, "1,a\n1,a\n2,a\n");
        platform.ok(&["run"]);
        let state = "SELECT * FROM silver.state ORDER BY n, v";
        assert_eq!(platform.rows("shop_dwh", state), "1 a 2\n1 b 1\n2 a 1", "{strategy}");
    }
}

#[test]
fn templates_have_macros_variables_loops_and_the_environment() {
    let platform = Platform::new(&[
        (
            "goldsmith.yml",
            "name: small\nvars: { limit: 3, word: platform }\ntargets:\n  dev: { type: duckdb, path: warehouse }\n",
        ),
        ("projects/shop/project.yml", "name: shop\ndatabase: shop_dwh\nvars: { word: project }\n"),
        (
            "projects/shop/macros/twice.sql",
            "{% macro twice(x, by=2) -%} ({{ x }} * {{ by }}) {%- endmacro %}\n\
             {% macro both(x) -%} {{ twice(x) }} + {{ shop.twice(x, by=3) }} {%- endmacro %}",
        ),
        (
            "projects/shop/silver/all.sql",
            "{% set columns = ['a', 'b'] %}\nselect\n{% for c in columns %}  '{{ c }}{{ loop.index }}' as {{ c }},\n{% endfor %}\
             {{ both(2) }} as sum_, {{ var('limit') }} as lim, '{{ var('word') }}' as word, \
             '{{ var('none', 'default') }}' as d, '{{ env_var('SHOP_PLACE', 'nowhere') }}' as place, \
             '{{ target.name }}' as target, '{{ this.schema }}' as here",
        ),
    ]);
    platform.ok(&["run"]);
    let all = "SELECT * FROM silver.\"all\"";
    assert_eq!(platform.rows("shop_dwh", all), "a1 b2 10 3 project default nowhere dev silver");
    platform.command(&["run"]).env("SHOP_PLACE", "Köln").assert().success();
    assert_eq!(platform.rows("shop_dwh", "SELECT place FROM silver.\"all\""), "Köln");
}

#[test]
fn hooks_run_around_their_model() {
    let platform = numbers(
        "1,a\n",
        &[
            (
                "silver/log.sql",
                "{{ config(materialized='incremental', tags=['log']) }}\nselect 'made' as what, 0 as n",
            ),
            (
                "silver/a.sql",
                "-- depends_on: {{ ref('log') }}\n\
                 {{ config(materialized='table', pre_hook=\"insert into silver.log values ('before', 1)\", \
                 post_hook=[\"insert into silver.log select 'after', n from {{ this }}\"]) }}\nselect 7 as n",
            ),
        ],
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM silver.log ORDER BY n"), "made 0\nbefore 1\nafter 7");
}

#[test]
fn seeds_become_tables() {
    let platform = Platform::shop(&[
        ("seeds/land.csv", "code,name,vat\nDE,Deutschland,19\nÖS,Österreich,20\n"),
        (
            "seeds/seeds.yml",
            "version: 2\nseeds:\n  - name: land\n    config: { column_types: { vat: \"decimal(5,2)\" } }\n",
        ),
        ("silver/a.sql", "select code, vat / 4 as v from {{ ref('land') }}"),
    ]);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT * FROM silver.a ORDER BY v"), "DE 4.75\nÖS 5.0");
}

#[test]
fn tests_have_severity_and_where() {
    let platform = numbers(
        "1,a\n2,a\n3,\n",
        &[
            ("silver/a.sql", "select n, v from raw.number"),
            ("silver/b.sql", "select n + 1 as n from {{ ref('a') }}"),
            (
                "silver/models.yml",
                "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: v\n        data_tests:\n\
                 \x20         - not_null: { config: { severity: warn } }\n\
                 \x20         - unique: { config: { where: \"n > 1\" } }\n\
                 \x20         - accepted_values: { values: [a, b] }\n      - name: n\n        data_tests:\n\
                 \x20         - unique\n          - not_null\n\
                 \x20         - relationships: { to: \"source('shop', 'number')\", field: n }\n",
            ),
            ("tests/none_is_large.sql", "select * from {{ ref('b') }} where n > 100"),
        ],
    );
    let outcome = platform.ok(&["run"]);
    assert!(outcome.stderr.contains("6 tests passed, 1 warning, 0 failed"), "{}", outcome.stderr);
    let outcome = platform.ok(&["test", "--select", "b"]);
    assert!(outcome.stderr.contains("1 test passed"), "{}", outcome.stderr);
    set_numbers(&platform, "1,a\n2,a\n3,a\n");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1, "two values are the same where n > 1");
    assert!(outcome.stderr.contains("unique_a_v"), "{}", outcome.stderr);
}

#[test]
fn singular_tests_can_warn() {
    let platform = numbers(
        "1,a\n",
        &[
            ("silver/a.sql", "select n from raw.number"),
            ("tests/warns.sql", "{{ config(severity='warn') }}\nselect * from {{ ref('a') }}"),
        ],
    );
    let outcome = platform.ok(&["run"]);
    assert!(outcome.stderr.contains("1 warning, 0 failed"), "{}", outcome.stderr);
}

/// number -> a -> b -> c, a -> d; other -> d.
fn chain() -> Platform {
    numbers(
        "1,a\n",
        &[
            (
                "bronze/other.yml",
                "version: 2\nloads:\n  - name: other\n    from: { file: data/number.csv }\n    tags: [extra]\n",
            ),
            ("silver/a.sql", "{{ config(tags=['core']) }}\nselect n from raw.number"),
            (
                "silver/b.sql",
                "{{ config(materialized='table', tags=['core', 'slow']) }}\nselect n from {{ ref('a') }}",
            ),
            ("gold/operational/c.sql", "select n from {{ ref('b') }}"),
            (
                "gold/operational/d.sql",
                "select a.n from {{ ref('a') }} as a join raw.other as o on o.n = a.n",
            ),
            ("gold/financial/s.sql", "CREATE OR REPLACE TABLE fin.s AS SELECT n FROM silver.b;"),
        ],
    )
}

#[test]
fn selection_follows_the_graph() {
    let platform = chain();
    for (select, expected) in [
        ("b", "b"),
        ("shop.b", "b"),
        ("shop", "a b c d number other s"),
        ("+b", "a b number"),
        ("1+b", "a b"),
        ("b+", "b c s"),
        ("a+1", "a b d"),
        ("1+b+1", "a b c s"),
        ("@b", "a b c number s"),
        ("@d", "a d number other"),
        ("@number", "a b c d number other s"),
        ("tag:core", "a b"),
        ("tag:extra", "other"),
        ("tag:co*", "a b"),
        ("path:projects/shop/gold", "c d s"),
        ("path:projects/shop/silver/a.sql", "a"),
        ("layer:silver", "a b"),
        ("layer:bronze", "number other"),
        ("track:operational", "c d"),
        ("track:financial", "s"),
        ("kind:load", "number other"),
        ("kind:script", "s"),
        ("source:shop.number", "number"),
        ("config.materialized:table", "b"),
        ("project:shop,layer:gold", "c d s"),
        ("tag:core,layer:silver,config.materialized:table", "b"),
        ("a c", "a c"),
        ("a+,layer:gold number", "c d number s"),
        ("layer:silver+,track:operational", "c d"),
        ("?", "a b c d s"),
    ] {
        assert_eq!(platform.selected(&["--select", select]), expected, "--select '{select}'");
    }
    assert_eq!(platform.selected(&["--select", "a", "c"]), "a c", "two words");
    assert_eq!(platform.selected(&["--select", "a", "--select", "c"]), "a c", "two flags");
    assert_eq!(platform.selected(&["--exclude", "layer:bronze a+"]), "");
    assert_eq!(platform.selected(&["--select", "+c", "--exclude", "tag:slow"]), "a c number");
}

#[test]
fn selection_and_other_flags_come_from_the_environment() {
    let platform = chain();
    let output = platform
        .command(&["ls"])
        .env("GOLDSMITH_SELECT", "a b")
        .env("GOLDSMITH_EXCLUDE", "tag:slow")
        .output()
        .expect("the binary starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(text.lines().skip(1).count(), 1, "{text}");
    platform.command(&["ls"]).env("GOLDSMITH_TARGET", "nowhere").assert().code(2);
}

#[test]
fn a_selected_run_touches_nothing_else() {
    let platform = chain();
    platform.ok(&["run", "--exclude", "d", "other"]);
    assert_eq!(platform.relations("shop_dwh", "gold"), "c VIEW");
    platform.ok(&["run", "--select", "d", "other"]);
    assert_eq!(platform.relations("shop_dwh", "gold"), "c VIEW\nd VIEW");
    platform.ok(&["run", "--no-load", "--select", "+d"]);
    assert!(!platform.statuses().contains("number"), "{}", platform.statuses());
}

#[test]
fn what_programs_read_has_the_promised_shape() {
    let platform = chain();
    platform.write("projects/shop/gold/operational/bad.sql", "select * from silver.missing");
    common::snapshots().bind(|| {
        insta::assert_json_snapshot!("ls", platform.ok_json(&["ls", "--select", "@d", "--format", "json"]));
        let lint = platform.run(&["lint", "--format", "json"]);
        assert_eq!(lint.code, 1);
        let lint: serde_json::Value = serde_json::from_str(&lint.stdout).expect("JSON");
        insta::assert_json_snapshot!("lint", lint);
        platform.remove("projects/shop/gold/operational/bad.sql");
        let plan = ["plan", "--date", "2025-12-31", "--select", "a", "b", "--format", "json"];
        insta::assert_json_snapshot!("plan", platform.ok_json(&plan));
        platform.ok(&["run"]);
        insta::assert_json_snapshot!("plan_on_what_is_there", platform.ok_json(&plan));
    });
}

#[test]
fn files_come_in_every_encoding() {
    let sql = "-- Umsätze\r\nselect 'Größe' as what,\r\n  1 as n\r\n";
    let utf16 = |big: bool| -> Vec<u8> {
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        std::iter::once(0xFEFF).chain(sql.encode_utf16()).flat_map(unit).collect()
    };
    let windows: Vec<u8> = sql.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let bom = [b"\xEF\xBB\xBF".as_slice(), sql.as_bytes()].concat();
    let platform = Platform::shop(&[("silver/utf8.sql", sql)]);
    for (name, bytes) in
        [("bom", bom), ("windows", windows.clone()), ("little", utf16(false)), ("big", utf16(true))]
    {
        platform.write(&format!("projects/shop/silver/{name}.sql"), bytes);
    }
    let script = [b"CREATE OR REPLACE TABLE fin.s AS\r\n".as_slice(), &windows].concat();
    platform.write("projects/shop/gold/financial/s.sql", script);
    platform.ok(&["lint"]);
    platform.ok(&["run"]);
    for relation in
        ["silver.utf8", "silver.bom", "silver.windows", "silver.\"little\"", "silver.\"big\"", "fin.s"]
    {
        assert_eq!(platform.rows("shop_dwh", &format!("SELECT what FROM {relation}")), "Größe", "{relation}");
    }
}

#[test]
fn names_have_spaces_and_umlauts() {
    let platform = Platform::new(&[
        (
            "projects/büro/project.yml",
            "name: büro\ndatabase: \"büro dwh\"\nschemas: { silver: \"ge putzt\" }\n",
        ),
        (
            "projects/büro/bronze/l.yml",
            "version: 2\nloads:\n  - name: \"Order Lines\"\n    from: { file: \"data/Große Liste.csv\", delimiter: \";\" }\n",
        ),
        ("projects/büro/data/Große Liste.csv", "Stück Zahl;Maß\n1;x\n"),
        (
            "projects/büro/silver/Umsätze je Monat.sql",
            "select \"Stück Zahl\" as n from {{ source('büro', 'Order Lines') }}",
        ),
        ("projects/büro/silver/b.sql", "select n from {{ ref('Umsätze je Monat') }}"),
        ("projects/büro/silver/c.sql", "select n from \"ge putzt\".\"Umsätze je Monat\""),
    ]);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("büro dwh", "SELECT b.n, c.n FROM \"ge putzt\".b, \"ge putzt\".c"), "1 1");
    assert_eq!(platform.selected(&["--select", "+c"]), "Order Lines Umsätze je Monat c");
}

#[test]
fn crlf_files_point_at_the_right_line() {
    let platform = Platform::shop(&[("silver/a.sql", "select\r\n  1 as n,\r\n  nothing.at_all as m\r\n")]);
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("silver/a.sql:3:"), "{}", outcome.stderr);
}

#[test]
fn a_project_runs_without_its_siblings() {
    let platform = Platform::worked();
    for sibling in ["product", "datev"] {
        std::fs::remove_dir_all(platform.path(&format!("projects/{sibling}"))).expect("a folder");
    }
    platform.ok(&["lint"]);
    platform.ok(&["run", "--date", common::DATE]);
    assert_eq!(platform.rows("sfdc_dwh", "SELECT count(DISTINCT month) FROM fin.mrr_forecast"), "12");
}

#[test]
fn a_project_that_imports_reads_what_its_owner_left() {
    let platform = Platform::worked();
    platform.ok(&["run", "--date", common::DATE, "--select", "datev"]);
    for sibling in ["product", "sfdc"] {
        std::fs::remove_dir_all(platform.path(&format!("projects/{sibling}"))).expect("a folder");
    }
    let lint = platform.run(&["lint", "--format", "github"]);
    let errors: Vec<&str> = lint.stdout.lines().filter(|l| l.starts_with("::error")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn scripts_run_as_written_in_the_order_of_what_they_read() {
    let platform = Platform::shop(&[
        ("gold/financial/a_last.sql", "CREATE OR REPLACE TABLE fin.last AS SELECT n + 1 AS n FROM fin.first"),
        (
            "gold/financial/z_first.sql",
            "-- zuerst / first\nSET VARIABLE start = 40;\nCREATE TEMP TABLE t AS SELECT getvariable('start') AS n;\n\
             UPDATE t SET n = n + 1;\n/* {{ not a template }} */\nCREATE OR REPLACE TABLE fin.first AS SELECT n FROM t;\n",
        ),
    ]);
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.last"), "42");
    platform.ok(&["run"]);
}

#[test]
fn other_commands_do_what_they_say() {
    let platform = chain();
    platform.ok(&["compile"]);
    assert!(platform.path("target").is_dir());
    platform.ok(&["run"]);
    let shown = platform.ok_json(&["show", "b", "--rows", "1", "--format", "json"]);
    assert_eq!(shown["rows"]["rows"], serde_json::json!([["1"]]));
    let deps = platform.ok_json(&["deps", "projects/shop/gold/financial/s.sql", "--format", "json"]);
    assert_eq!(deps["files"][0]["batches"][0]["reads"][0]["name"], "silver.b");
    assert_eq!(deps["files"][0]["batches"][0]["writes"][0]["name"], "fin.s");
    platform.ok(&["clean"]);
    assert!(!platform.path("target/compiled").exists());
    assert!(!platform.path("target/manifest.json").exists());
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(platform.ok(&["completions", shell]).stdout.contains("goldsmith"));
    }
    assert_eq!(platform.run(&["show", "nobody"]).code, 2);
    assert_eq!(platform.run(&["frobnicate"]).code, 2);
    assert_eq!(platform.run(&[]).code, 2);
    assert_eq!(platform.run(&["run", "--date", "yesterday"]).code, 2);
}

#[test]
fn models_may_end_as_people_end_them() {
    let platform = numbers(
        "1,a\n",
        &[
            ("silver/a.sql", "select n from raw.number; -- Ende\n"),
            ("silver/b.sql", "select n from {{ ref('a') }} -- no line feed behind this"),
            (
                "silver/e.sql",
                "{{ config(materialized='ephemeral') }} with x as (select 1 as n) select n from x -- e",
            ),
            (
                "silver/f.sql",
                "with y as (select n from {{ ref('e') }}), x as (select 2 as m) select n + m as n from y, x",
            ),
            ("tests/t.sql", "select * from {{ ref('b') }} where n > 9 -- none"),
            ("tests/u.sql", "with x as (select * from silver.b where n > 9)\nselect * from x;\n"),
        ],
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM silver.f"), "3");
}

#[test]
fn tests_may_end_as_people_end_them() {
    let platform = numbers(
        "1,a\n",
        &[
            ("silver/a.sql", "select n from raw.number"),
            ("tests/t.sql", "select * from silver.a where n > 9; -- none\n"),
        ],
    );
    platform.ok(&["run"]);
}

#[test]
fn models_have_other_names_and_schemas_and_can_be_off() {
    let platform = numbers(
        "1,a\n",
        &[
            (
                "silver/a.sql",
                "{{ config(alias='other', schema='extra', materialized='table') }} select n from raw.number",
            ),
            ("silver/b.sql", "select n from {{ ref('a') }}"),
            ("silver/c.sql", "select n from extra.other"),
            ("silver/off.sql", "{{ config(enabled=false) }} select n from {{ ref('nowhere') }}"),
        ],
    );
    platform.ok(&["run"]);
    assert_eq!(platform.relations("shop_dwh", "extra"), "other BASE TABLE");
    assert_eq!(platform.selected(&["--select", "a+"]), "a b c");
    assert_eq!(platform.selected(&[]), "a b c number");
}

#[test]
fn scripts_leave_nothing_behind_for_each_other() {
    let platform = numbers(
        "4,a\n",
        &[
            (
                "gold/financial/a.sql",
                "CREATE TEMP TABLE t AS SELECT n FROM raw.number;\nCREATE OR REPLACE TABLE fin.a AS SELECT n FROM t;",
            ),
            (
                "gold/financial/b.sql",
                "CREATE TEMP TABLE t AS SELECT n + 1 AS n FROM fin.a;\nCREATE OR REPLACE TABLE fin.b AS SELECT n FROM t;",
            ),
        ],
    );
    platform.ok(&["run"]);
    platform.ok(&["run", "--threads", "1"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.b"), "5");
}

#[test]
fn a_script_has_a_version_for_each_dialect() {
    let platform = numbers(
        "1,a\n",
        &[("gold/financial/a.sql", "SELECT n INTO #t FROM raw.number\nGO\nSELECT n INTO fin.a FROM #t\n")],
    );
    platform.write("projects/shop/project.yml", format!("{}dialect: tsql\n", common::PROJECT));
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("a.duckdb.sql"), "{}", outcome.stderr);
    platform.write(
        "projects/shop/gold/financial/a.duckdb.sql",
        "CREATE OR REPLACE TABLE fin.a AS SELECT n FROM raw.number",
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT n FROM fin.a"), "1");
}

#[test]
fn a_target_gives_databases_other_names() {
    let platform = numbers(
        "1,a\n",
        &[
            ("silver/a.sql", "select n from {{ source('shop', 'number') }}"),
            ("silver/b.sql", "select n from silver.a"),
            ("gold/financial/s.sql", "CREATE OR REPLACE TABLE fin.s AS SELECT n FROM silver.b"),
        ],
    );
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\n\
         \x20 ada: { type: duckdb, path: warehouse, databases: { shop: shop_ada } }\n",
    );
    platform.ok(&["run", "--target", "ada"]);
    assert!(!platform.path("warehouse/shop_dwh.duckdb").exists());
    assert_eq!(platform.rows("shop_ada", "SELECT n FROM fin.s"), "1");
}

#[test]
fn a_platform_is_found_from_any_folder_in_it() {
    let platform = chain();
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_goldsmith"));
    let output = command
        .args(["ls", "--select", "b"])
        .env_remove("GOLDSMITH_PLATFORM")
        .current_dir(platform.path("projects/shop/silver"));
    let text = String::from_utf8(output.output().expect("the binary starts").stdout).expect("UTF-8");
    assert!(text.contains("projects/shop/silver/b.sql"), "{text}");
}

#[test]
fn progress_comes_as_json_lines_too() {
    let platform = chain();
    let outcome = platform.ok(&["run", "--log-format", "json"]);
    assert_eq!(outcome.stdout, "");
    let events: Vec<serde_json::Value> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events.first().expect("events")["event"], "run_started");
    let finished: Vec<_> = events.iter().filter(|e| e["event"] == "step_finished").collect();
    assert_eq!(finished.len(), 9, "{finished:#?}");
    assert!(finished.iter().all(|e| e["status"] == "success"));
}

#[test]
fn results_count_the_rows_that_were_written() {
    let platform = numbers("1,a\n2,b\n", &[("silver/v.sql", "select n from raw.number")]);
    let outcome = platform.ok(&["run"]);
    assert!(outcome.stderr.contains("shop.number  2 rows"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("0 rows"), "a view has none: {}", outcome.stderr);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let platform = chain();
    for command in ["ls", "plan"] {
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_goldsmith"))
            .args([command, "--format", "json", "--platform"])
            .arg(platform.path(""))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(process.stdout.take());
        let output = process.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8(output.stderr).expect("UTF-8"), "", "{command}");
        assert_eq!(output.status.code(), Some(0), "{command}");
    }
}

/// `sales` owns customers; `shop` imports them.
fn importing() -> Platform {
    let platform = Platform::shop(&[
        (
            "bronze/sales.yml",
            "version: 2\nloads:\n  - name: customer\n    from: { project: sales, relation: silver.customer }\n",
        ),
        ("silver/known.sql", "select id from {{ source('shop', 'customer') }}"),
    ]);
    platform.write("projects/sales/project.yml", "name: sales\ndatabase: sales_dwh\n");
    platform.write("projects/sales/silver/customer.sql", "select id from silver.base");
    platform.write("projects/sales/silver/base.sql", "select 7 as id");
    platform.write("projects/sales/silver/unneeded.sql", "select 8 as id");
    platform
}

#[test]
fn imports_bring_what_the_target_lacks_and_only_that() {
    let platform = importing();
    let outcome = platform.ok(&["run", "--select", "shop"]);
    let note = "The warehouse lacks what is imported from sales: 2 nodes of it are run first.";
    assert_eq!(outcome.stderr.lines().next(), Some(note));
    assert_eq!(platform.relations("sales_dwh", "silver"), "base VIEW\ncustomer VIEW");
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM silver.known"), "7");

    platform.write("projects/sales/silver/base.sql", "select 9 as id");
    platform.ok(&["run", "--select", "shop"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM silver.known"), "7", "the owner has not run");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM silver.known"), "9");
}

#[test]
fn what_fails_at_the_owner_is_not_imported() {
    let platform = importing();
    platform.ok(&["run"]);
    platform.write("projects/sales/silver/base.sql", "select wrong as id");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("sales.base failed: sales.customer, shop.customer and shop.known"));
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM raw.customer"), "7");
    platform.ok(&["run", "--select", "shop"]);
}

#[test]
fn the_scripts_of_init_run_in_init_alone() {
    let platform = numbers(
        "1,a\n",
        &[
            ("init/views.sql", "CREATE OR REPLACE VIEW silver.made AS SELECT n FROM raw.number;"),
            ("silver/a.sql", "select n from silver.made"),
        ],
    );
    platform.ok(&["lint"]);
    platform.ok(&["run", "--pipeline", "init"]);
    assert_eq!(platform.relations("shop_dwh", "silver"), "a VIEW\nmade VIEW");
    let outcome = platform.ok(&["run"]);
    assert!(!outcome.stderr.contains("shop.views"), "{}", outcome.stderr);
}

#[test]
fn tests_in_yaml_may_be_of_what_a_script_makes() {
    let revenue = "CREATE OR REPLACE TABLE fin.revenue AS SELECT n AS id FROM raw.number;\n";
    let yaml = "version: 2\nmodels:\n  - name: revenue\n    columns:\n      - { name: id, data_tests: [not_null, unique] }\n";
    let platform = numbers(
        "1,a\n2,b\n",
        &[("gold/financial/revenue.sql", revenue), ("gold/financial/revenue.yml", yaml)],
    );
    let told = platform.ok(&["run"]).stderr;
    assert!(told.contains("2 tests passed"), "{told}");
    // In the same transaction as the script: a failing test leaves yesterday's figures.
    set_numbers(&platform, "3,c\n3,d\n");
    let outcome = platform.run(&["run"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("unique_revenue_id"), "{}", outcome.stderr);
    assert_eq!(platform.rows("shop_dwh", "SELECT id FROM fin.revenue ORDER BY id"), "1\n2");
    // Of several relations none is meant.
    platform.write(
        "projects/shop/gold/financial/revenue.sql",
        "CREATE OR REPLACE TABLE fin.a AS SELECT 1 AS id;\nCREATE OR REPLACE TABLE fin.b AS SELECT 1 AS id;\n",
    );
    let outcome = platform.run(&["lint"]);
    assert_eq!(outcome.code, 1);
    let said = "nobody can tell which relation the test `not_null` of the script `revenue` is about";
    assert!(outcome.stdout.contains(said), "{}", outcome.stdout);
}
