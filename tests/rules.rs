//! The rules on financial gold and on schedules, through the binary: what must be told, at which
//! line and column, and near misses that must not be told.

mod common;

use common::Platform;
use serde_json::Value;

const HEAD: &str = "name: shop\ndatabase: shop_dwh\nschedule: { daily: \"0 5 * * *\" }\n";

/// The findings of a code as `line:column`, in the order of the report.
fn places(platform: &Platform, code: &str) -> Vec<String> {
    let found = findings(platform, code);
    found.iter().map(|d| format!("{}:{}", d["line"], d["column"])).collect()
}

fn findings(platform: &Platform, code: &str) -> Vec<Value> {
    let outcome = platform.run(&["lint", "--format", "json"]);
    let all: Vec<Value> =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome:?}"));
    all.into_iter().filter(|d| d["code"] == code).collect()
}

/// A platform with one financial script in a dialect.
fn script(dialect: &str, sql: &str) -> Platform {
    let platform = Platform::new(&[
        ("projects/shop/project.yml", &format!("{HEAD}dialect: {dialect}\n")),
        ("projects/shop/gold/financial/pnl.sql", sql),
    ]);
    platform.write("projects/shop/bronze/loads.yml", "loads:\n  - { name: a, from: { file: a.csv } }\n");
    platform
}

/// Each line is a script of its own; what is told of each.
#[track_caller]
fn told(code: &str, dialect: &str, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (sql, expected) in cases {
        let found = places(&script(dialect, sql), code);
        if found != *expected {
            wrong.push(format!("{sql}\n  told at {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clock_and_chance_are_told() {
    told(
        "GS303",
        "tsql",
        &[
            ("insert fin.t select GETDATE() from raw.a", &["1:21"]),
            ("declare @d date =\n  getdate();", &["2:3"]),
            ("insert fin.t select newid(), Rand(1) from raw.a", &["1:21", "1:30"]),
            ("insert fin.t select current_timestamp from raw.a", &["1:21"]),
            ("insert fin.t select [getdate], 'getdate()' from raw.a -- getdate()", &[]),
            ("insert fin.t select a.current_timestamp, getdate from raw.a a", &[]),
            ("insert fin.t select x.rand(1), current_date from raw.a x", &[]),
            ("with rand (a) as (select b from raw.a) insert fin.t select a from rand", &[]),
            ("insert fin.t select b from raw.a tablesample (5 percent)", &["1:34"]),
        ],
    );
    told(
        "GS303",
        "duckdb",
        &[
            ("insert into fin.t select now(), today(), uuid() from raw.a", &["1:26", "1:33", "1:42"]),
            ("insert into fin.t select b from raw.a using sample 10%", &["1:45"]),
            ("insert into fin.t select b as today, uuid from raw.a", &[]),
        ],
    );
    told(
        "GS303",
        "postgres",
        &[("insert into fin.t select clock_timestamp(), gen_random_uuid()", &["1:26", "1:45"])],
    );
}

#[test]
fn rows_taken_without_order_are_told() {
    told(
        "GS303",
        "tsql",
        &[
            ("insert fin.t select top 5 b from raw.a", &["1:21"]),
            ("insert fin.t select distinct top (5) b from raw.a", &["1:30"]),
            ("insert fin.t select top 5 b from raw.a order by b", &[]),
            ("insert fin.t select top 5 b from raw.a order by (select null)", &["1:21"]),
            ("insert fin.t select b from (select top 5 b from raw.a) x order by b", &["1:36"]),
            ("insert fin.t select b from raw.a where exists (select top (1) 1 from raw.a)", &[]),
            ("insert fin.t select top 100 percent b from raw.a", &[]),
            ("insert fin.t select top (100) percent b from raw.a", &[]),
            ("insert fin.t select top 0 b from raw.a", &[]),
            ("insert fin.t select top 10 percent b from raw.a", &["1:21"]),
            ("update top (5) fin.t set b = 1", &["1:8"]),
            ("delete top (5) from fin.t", &["1:8"]),
            ("while @@rowcount > 0 delete top (5) from fin.t", &[]),
            ("insert fin.t select b as [top], [top] from raw.a", &[]),
            ("insert fin.t select b from raw.a order by b offset 1 rows fetch next 5 rows only", &[]),
            ("insert fin.t select row_number() over (order by (select 1)) from raw.a", &["1:21"]),
            ("insert fin.t select row_number() over (partition by b order by c) from raw.a", &[]),
            ("insert fin.t select count(*) over (partition by b) from raw.a", &[]),
            ("insert fin.t select sum(b) over () from raw.a", &[]),
        ],
    );
    told(
        "GS303",
        "duckdb",
        &[
            ("insert into fin.t select b from raw.a limit 5", &["1:39"]),
            ("insert into fin.t select b from raw.a order by b limit 5", &[]),
            ("insert into fin.t select b from raw.a limit 0", &[]),
            ("insert into fin.t select row_number() over () from raw.a", &["1:26"]),
            ("insert into fin.t select first_value(b) over (partition by c) from raw.a", &["1:26"]),
            ("insert into fin.t select first_value(b order by c) over () from raw.a", &[]),
            ("insert into fin.t select rank() over w from raw.a window w as (order by b)", &[]),
            ("insert into fin.t select rank() over w from raw.a window w as (partition by b)", &["1:26"]),
        ],
    );
    told(
        "GS303",
        "postgres",
        &[("insert into fin.t select b from raw.a fetch first 5 rows only", &["1:39"])],
    );
}

#[test]
fn dirty_reads_are_told() {
    told(
        "GS304",
        "tsql",
        &[
            ("insert fin.t select b from raw.a with (nolock)", &["1:40"]),
            ("insert fin.t select b from raw.a x with (index (1), READUNCOMMITTED)", &["1:53"]),
            (
                "insert fin.t select b from raw.a (nolock) join raw.a as c (nolock) on 1 = 1",
                &["1:35", "1:60"],
            ),
            ("insert fin.t select b from raw.a x (nolock), raw.a y (nolock)", &["1:37", "1:55"]),
            ("set transaction isolation level\n read uncommitted", &["1:17"]),
            ("set transaction isolation level read committed", &[]),
            ("insert fin.t (nolock) select nolock from raw.a", &[]),
            ("insert fin.t select a, max(nolock) from raw.a where b in (nolock)", &[]),
            ("insert fin.t select 'nolock', [nolock] from raw.a -- with (nolock)", &[]),
        ],
    );
}

#[test]
fn what_is_called_counts_as_the_scripts_own() {
    let platform = script("tsql", "select 1;\nexec fin.outer_proc;\n");
    platform.write(
        "projects/shop/init/procs.sql",
        "create procedure fin.outer_proc as exec fin.inner_proc\nGO\n\
         create procedure fin.inner_proc as\n  insert fin.t select getdate() from raw.a with (nolock)\nGO\n\
         create procedure fin.unused as select getdate()\n",
    );
    for code in ["GS303", "GS304"] {
        let found = findings(&platform, code);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0]["line"], 2, "{found:#?}");
        let message = found[0]["message"].as_str().expect("text");
        assert!(message.contains("through procedure `fin.inner_proc`"), "{message}");
    }
    let text = platform.run(&["lint"]).stdout;
    assert!(text.contains("init/procs.sql:4"), "{text}");
}

#[test]
fn readers_are_kept_waiting_where_a_server_is_a_target() {
    let server = "name: small\ndefault_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n  \
                  production: { type: sqlserver, host: x }\n";
    let sql = "truncate table fin.t;\ndrop table if exists fin.u;\nalter table fin.t add b int;\n\
               select b into fin.v from raw.a;\ndelete from fin.t;\ndrop table #fin;\ntruncate table dbo.t;\n";
    let platform = script("tsql", sql);
    assert_eq!(places(&platform, "GS306"), Vec::<String>::new());
    platform.write("goldsmith.yml", server);
    assert_eq!(places(&platform, "GS306"), ["1:16", "2:22", "3:13", "4:15"]);
    let platform =
        script("duckdb", "create or replace table fin.t as select 1;\ncreate table fin.u as select 1;");
    platform.write("goldsmith.yml", server);
    assert_eq!(places(&platform, "GS306"), ["1:25"]);
}

#[test]
fn gold_that_moves_is_told() {
    told(
        "GS307",
        "tsql",
        &[
            ("create view fin.v as\nselect b from raw.a", &["2:15"]),
            ("create function fin.f () returns table as return (select b from raw.a)", &["1:65"]),
            ("create synonym fin.s for raw.a", &["1:26"]),
            ("create view fin.v as select b from fin.t", &[]),
            ("create view gold.v as select b from raw.a", &[]),
            ("create procedure fin.p as insert fin.t select b from raw.a", &[]),
        ],
    );
}

#[test]
fn drift_is_told_with_the_way() {
    let platform = script("duckdb", "create or replace table fin.pnl as\nselect b from silver.m;");
    platform.write("projects/shop/silver/m.sql", "select b from raw.a");
    platform.write("projects/shop/bronze/loads.yml", "loads:\n  - { name: a, from: external }\n");
    let found = findings(&platform, "GS302");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&2.into(), &15.into()));
    let message = found[0]["message"].as_str().expect("text");
    assert!(message.ends_with("shop.pnl <- shop.m <- shop.a"), "{message}");

    platform.write("projects/shop/bronze/loads.yml", "loads:\n  - { name: a, from: { file: a.csv } }\n");
    assert_eq!(places(&platform, "GS302"), Vec::<String>::new());
    let grows = "{{ config(materialized='incremental', unique_key='b') }}\nselect b from raw.a";
    platform.write("projects/shop/silver/m.sql", grows);
    assert_eq!(places(&platform, "GS302"), ["2:15"]);
    platform.write("projects/shop/silver/m.sql", "select b from raw.a");
    platform.write(
        "projects/shop/project.yml",
        "name: shop\ndatabase: shop_dwh\ndialect: duckdb\nschedule: { hourly: \"0 * * * *\" }\n",
    );
    assert_eq!(places(&platform, "GS302"), ["2:15"]);
}

fn importing(shop: &str, crm: &str) -> Platform {
    let project =
        |name: &str, schedule: &str| format!("name: {name}\ndatabase: {name}_dwh\nschedule: {schedule}\n");
    Platform::new(&[
        ("projects/shop/project.yml", &project("shop", shop)),
        ("projects/crm/project.yml", &project("crm", crm)),
        ("projects/crm/bronze/l.yml", "loads:\n  - { name: a, from: { file: a.csv } }\n"),
        ("projects/crm/silver/c.sql", "select 1 as b from raw.a"),
        (
            "projects/shop/bronze/l.yml",
            "loads:\n  - { name: c, from: { project: crm, relation: silver.c } }\n",
        ),
        ("projects/shop/silver/m.sql", "select b from raw.c"),
    ])
}

#[test]
fn schedules_follow_the_imports() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("{ daily: \"0 6 * * *\" }", "{ daily: \"0 5 * * *\" }", &[]),
        ("{ daily: \"30 5 * * *\" }", "{ daily: \"0 5 * * *\" }", &[]),
        ("{ daily: \"29 5 * * *\" }", "{ daily: \"0 5 * * *\" }", &["3:20"]),
        ("{ daily: \"0 4 * * *\" }", "{ daily: \"0 5 * * *\" }", &["3:20"]),
        ("{ daily: \"0 6 * * *\" }", "{ daily: \"0 5 * * *\", expected: 2h }", &["3:20"]),
        ("{ daily: \"10 0 * * *\" }", "{ daily: \"50 23 * * 1-5\" }", &["3:20"]),
        ("{ daily: \"0 4 * * 6\" }", "{ daily: \"0 5 * * 1-5\" }", &[]),
        (
            "{ daily: \"0 6 * * *\", financial: \"10 5 * * *\" }",
            "{ daily: \"0 5 * * *\" }",
            &["3:44", "3:44"],
        ),
        ("{ daily: \"0 6 1 * *\" }", "{ daily: \"0 7 * * *\" }", &["3:20"]),
    ];
    for (shop, crm, expected) in cases {
        assert_eq!(places(&importing(shop, crm), "GS401"), expected, "{shop} after {crm}");
    }
}

#[test]
fn schedules_that_say_nothing_are_told() {
    for (wrong, place) in [
        ("{ daily: \"0 25 * * *\" }", "3:20"),
        ("{ daily: hello }", "3:20"),
        ("{ daily: \"0 0 5 * * *\" }", "3:20"),
        ("{ daily: \"0 5 * * *\", expected: soon }", "3:43"),
        ("{ daily: \"0 5 * * *\", expected: 25h }", "3:43"),
    ] {
        let platform = importing(wrong, "{ daily: \"0 1 * * *\" }");
        let found = findings(&platform, "GS903");
        assert_eq!(found.len(), 1, "{wrong}: {found:#?}");
        assert_eq!(places(&platform, "GS903"), [place], "{wrong}");
    }
}

#[test]
fn projects_without_a_day_and_loads_without_a_watermark_are_told() {
    let platform = importing("{ hourly: \"0 * * * *\" }", "{ daily: \"0 1 * * *\" }");
    assert_eq!(places(&platform, "GS402"), ["1:1"]);
    assert_eq!(places(&platform, "GS403").len(), 1);
    platform.write(
        "projects/shop/bronze/l.yml",
        "loads:\n  - { name: c, from: { project: crm, relation: silver.c }, key: [b], modified: m }\n  \
         - { name: e, from: external }\n",
    );
    assert_eq!(places(&platform, "GS403"), Vec::<String>::new());
    let daily = importing("{ daily: \"0 6 * * *\" }", "{ daily: \"0 1 * * *\" }");
    assert_eq!(places(&daily, "GS402").len() + places(&daily, "GS403").len(), 0);
}

#[test]
fn only_a_scripts_own_transactions_are_its_own() {
    told(
        "GS305",
        "tsql",
        &[
            ("begin tran; delete fin.t; commit;", &[]),
            (
                "begin try begin tran delete fin.t commit end try\nbegin catch if @@trancount > 0 rollback; throw; end catch",
                &[],
            ),
            ("delete fin.t; commit;", &["1:15"]),
            ("delete fin.t;\nif @@trancount > 0 rollback;", &["2:20"]),
            ("begin transaction;\ndelete fin.t;", &["1:1"]),
            ("begin tran; commit; commit;", &["1:21"]),
            ("while @@trancount > 0 commit;", &["1:1", "1:23"]),
            ("save tran s; delete fin.t; rollback tran s;", &[]),
            ("backup database shop_dwh to disk = 'x';\nreconfigure;", &["1:1", "2:1"]),
            ("begin delete fin.t end", &[]),
            ("select [commit] from raw.a -- commit", &[]),
        ],
    );
    told(
        "GS305",
        "duckdb",
        &[
            ("begin; delete from fin.t; commit;", &["1:1", "1:27"]),
            ("vacuum;", &["1:1"]),
            ("delete from fin.t; checkpoint;", &["1:20"]),
        ],
    );
    told(
        "GS305",
        "postgres",
        &[
            ("create index concurrently i on fin.t (b);", &["1:1"]),
            ("create index i on fin.t (b);", &[]),
            ("savepoint s;", &["1:1"]),
        ],
    );
}

#[test]
fn a_reference_to_what_is_disabled_says_so() {
    let config = "{{ config(enabled=false) }} select 1 as a";
    let platform = Platform::new(&[
        ("projects/shop/project.yml", HEAD),
        ("projects/shop/silver/off.sql", config),
        ("projects/shop/silver/m.sql", "select a from {{ ref('off') }}"),
    ]);
    let found = findings(&platform, "GS204");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["message"], "`ref('off')` names `shop.off`, which is disabled");
    assert!(found[0]["help"].as_str().is_some_and(|h| h.contains("enabled: false")), "{found:#?}");
    platform.write("projects/shop/silver/off.sql", "select 1 as a");
    assert_eq!(findings(&platform, "GS204").len(), 0);
}

#[test]
fn an_import_from_a_project_with_a_slip_in_its_name_is_told() {
    let platform = importing("{ daily: \"0 6 * * *\" }", "{ daily: \"0 5 * * *\" }");
    let load = |owner: &str| {
        let text = format!("loads:\n  - {{ name: c, from: {{ project: {owner}, relation: silver.c }} }}\n");
        platform.write("projects/shop/bronze/l.yml", &text);
        findings(&platform, "GS204")
    };
    let found = load("crn");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((&found[0]["severity"], &found[0]["line"]), (&"warning".into(), &2.into()));
    assert_eq!(found[0]["help"], "did you mean `crm`?");
    assert_eq!(load("crm").len() + load("warehouse").len(), 0);
}

#[test]
fn financial_gold_waits_for_its_own_day() {
    for (schedule, expected) in [
        ("{ daily: \"0 5 * * *\", financial: \"10 5 * * *\" }", &["3:44"][..]),
        ("{ daily: \"0 5 * * *\", financial: \"0 4 * * *\" }", &["3:44"]),
        ("{ daily: \"0 5 * * *\", financial: \"0 6 * * *\", expected: 2h }", &["3:44"]),
        ("{ daily: \"0 5 * * *\", financial: \"30 5 * * *\" }", &[]),
        ("{ daily: \"0 5 * * *\", financial: \"0 18 * * *\" }", &[]),
        ("{ daily: \"0 22 * * *\", financial: \"0 1 * * *\" }", &[]),
        ("{ daily: \"50 23 * * *\", financial: \"10 0 * * *\" }", &["3:46"]),
    ] {
        let platform = importing(schedule, "{ daily: \"0 2 * * *\" }");
        let found: Vec<String> = findings(&platform, "GS401")
            .iter()
            .filter(|d| d["message"].as_str().is_some_and(|m| m.contains("its own daily")))
            .map(|d| format!("{}:{}", d["line"], d["column"]))
            .collect();
        assert_eq!(found, expected, "{schedule}");
    }
}

#[test]
fn clocks_in_disguise_and_lists_without_order_are_told() {
    for dialect in ["postgres", "duckdb"] {
        told(
            "GS303",
            dialect,
            &[
                ("insert into fin.t select 'now'::timestamp, 'Today' :: date from raw.a", &["1:26", "1:44"]),
                ("insert into fin.t select cast('yesterday' as date), date 'today'", &["1:31", "1:58"]),
                ("insert into fin.t select 'now', 'now'::text, 'nowhere'::date from raw.a", &[]),
                ("insert into fin.t select age(b), age(c, b), a.age from raw.a", &["1:26"]),
                ("insert into fin.t select age(f(b, c)) from raw.a", &["1:26"]),
                ("insert into fin.t select age, x.age(b) from raw.a x", &[]),
                ("insert into fin.t select string_agg(b, ',') from raw.a", &["1:26"]),
                ("insert into fin.t select string_agg(b, ',' order by b) from raw.a", &[]),
                ("insert into fin.t select listagg(b, ',') within group (order by b) from raw.a", &[]),
                ("insert into fin.t select distinct on (b) b, c from raw.a", &["1:26"]),
                ("insert into fin.t select distinct on (b) b, c from raw.a order by b, c", &[]),
                ("insert into fin.t select distinct b from raw.a", &[]),
            ],
        );
    }
}

#[test]
fn the_body_of_a_trigger_counts_for_the_script_that_fires_it() {
    let platform = script("tsql", "insert fin.t (a) values (1);\ndelete fin.u;");
    platform.write(
        "projects/shop/init/audit.sql",
        "create table silver.log (a date);\ngo\ncreate trigger silver.audit on fin.t after insert as insert silver.log select getdate();",
    );
    assert_eq!(places(&platform, "GS303"), ["1:8"]);
    platform.write(
        "projects/shop/init/audit.sql",
        "create table silver.log (a date);\ngo\ncreate trigger silver.audit on fin.other after insert as insert silver.log select getdate();",
    );
    assert_eq!(places(&platform, "GS303"), Vec::<String>::new());
}

#[test]
fn an_environment_variable_that_is_not_set_is_told_at_its_key() {
    let platform = Platform::new(&[
        (
            "goldsmith.yml",
            "name: small\ntargets:\n  dev: { type: duckdb, path: \"{{ env_var('GS_NOT_SET') }}\" }\n",
        ),
        ("projects/shop/project.yml", HEAD),
        ("projects/shop/silver/m.sql", "select 1 as a"),
    ]);
    let outcome = platform.run(&["run"]);
    assert!(outcome.stderr.contains("goldsmith.yml:3:"), "{outcome:?}");
    assert!(!outcome.stderr.contains("goldsmith.yml:1:1"), "{outcome:?}");
}

#[test]
fn texts_that_a_script_runs_are_looked_at() {
    let long = "declare @s nvarchar(max) = N'insert fin.t select getdate() from ' + @t;\nexec (@s);";
    told(
        "GS303",
        "tsql",
        &[
            ("exec('insert fin.t select ''x'', getdate()')", &["1:34"]),
            ("exec sp_executesql N'insert fin.t select newid()'", &["1:42"]),
            ("exec('exec(''select rand()'')')", &["1:21"]),
            (long, &["1:50"]),
            ("exec (@s); exec (@s);", &[]),
            ("declare @s nvarchar(max) = N'select rand()'; exec (@s); exec (@s);", &["1:37"]),
            ("exec('select top 5 b from raw.a')", &["1:14"]),
            ("exec('select top 5 b from raw.a ' + @order)", &[]),
            ("select 'select getdate()'; print 'rand()'", &[]),
        ],
    );
    told("GS304", "tsql", &[("exec('insert fin.t select b from raw.a with (nolock)')", &["1:46"])]);
    told(
        "GS305",
        "tsql",
        &[
            ("exec('commit')", &["1:7"]),
            ("exec('begin tran; delete fin.t; commit')", &[]),
            ("exec('begin tran; delete ' + @t + '; commit')", &[]),
            ("exec('backup database ' + @d)", &["1:7"]),
        ],
    );
    told(
        "GS303",
        "postgres",
        &[("do $$ begin insert into fin.t select now(); end $$", &["1:38"]), ("select $$ now() $$", &[])],
    );
    told(
        "GS305",
        "postgres",
        &[
            ("do $$ begin delete from fin.t; commit; end $$", &["1:32"]),
            ("do $$ begin delete from fin.t; end $$", &[]),
            ("do $$ begin if x then rollback; end if; end $$", &["1:23"]),
        ],
    );
    told("GS303", "duckdb", &[("insert into fin.t from query('select now()')", &["1:38"])]);

    let platform = script("postgres", "call fin.p();");
    platform.write(
        "projects/shop/init/p.sql",
        "create procedure fin.p() language plpgsql as $$\nbegin\n  insert into fin.t select now();\n  commit;\nend $$;\n",
    );
    assert_eq!(places(&platform, "GS303"), ["1:6"]);
    assert_eq!(places(&platform, "GS305"), ["1:6"]);
    assert!(platform.run(&["lint"]).stdout.contains("init/p.sql:4:3"));
}

#[test]
fn hints_in_odd_places_are_told() {
    told(
        "GS304",
        "tsql",
        &[
            ("select b into fin.t from (raw.a x (nolock) join raw.b y on 1 = 1)", &["1:36"]),
            ("select b into fin.t from ((raw.a (nolock) cross join raw.b (readpast)))", &["1:35", "1:61"]),
            ("insert fin.t select b from raw.a option (table hint (raw.a, nolock))", &["1:61"]),
            ("merge fin.t using raw.a (nolock) on 1 = 1 when matched then delete;", &["1:26"]),
            ("insert fin.t select b from raw.a with (readpast)", &["1:40"]),
            ("insert fin.t select b from raw.a pivot (max(nolock) for x in (nolock)) p", &[]),
            ("insert fin.t select b from (select nolock from raw.a where b in (nolock)) x", &[]),
            ("insert fin.t select readpast, hint from raw.a", &[]),
        ],
    );
}

#[test]
fn statements_that_no_transaction_takes_are_told() {
    told(
        "GS305",
        "tsql",
        &[
            ("set implicit_transactions off", &["1:1"]),
            ("set xact_abort on; set nocount on", &[]),
            ("kill 53", &["1:1"]),
        ],
    );
    told(
        "GS305",
        "postgres",
        &[
            ("discard all", &["1:1"]),
            ("discard temp", &[]),
            ("drop subscription s", &["1:1"]),
            ("create index concurrently if not exists i on fin.t (b)", &["1:1"]),
        ],
    );
}

#[test]
fn other_ways_to_keep_readers_waiting_are_told() {
    let server = "name: small\ndefault_target: dev\ntargets:\n  dev: { type: duckdb, path: warehouse }\n  \
                  production: { type: sqlserver, host: x }\n";
    for (dialect, sql, expected) in [
        ("tsql", "exec sp_rename 'fin.t', 'u'", &["1:16", "1:25"][..]),
        ("tsql", "exec sp_rename @objname = N'fin.t', @newname = N'u'", &["1:27", "1:48"]),
        ("tsql", "exec sp_rename 'raw.a', 'b'", &[]),
        ("tsql", "alter schema fin transfer stage.t", &["1:27"]),
        ("tsql", "exec('drop table fin.t')", &["1:18"]),
        ("postgres", "create or replace view fin.v as select 1 as a", &["1:24"]),
        ("postgres", "refresh materialized view fin.v", &["1:27"]),
        ("postgres", "refresh materialized view concurrently fin.v", &[]),
        ("postgres", "do $$ begin truncate fin.t; end $$", &["1:22"]),
    ] {
        let platform = script(dialect, sql);
        platform.write("goldsmith.yml", server);
        assert_eq!(places(&platform, "GS306"), expected, "{sql}");
    }
}

#[test]
fn whatever_writes_financial_gold_outside_its_track_is_told_in_its_line() {
    let cases = [
        (
            "init/tr.sql",
            "create trigger silver.tr on raw.a after insert as\n  insert fin.t select 1",
            &["2:10"][..],
        ),
        ("init/tr.sql", "create trigger fin.tr on fin.t after insert as insert fin.u select 1", &[]),
        ("gold/financial/tr.sql", "create trigger raw.tr on raw.a after insert as delete fin.t", &["1:55"]),
        ("silver/m.sql", "{{ config(\n  post_hook='insert into fin.t select 1') }} select 1 as b", &["2:3"]),
        (
            "silver/m.sql",
            "{{ config(\n  pre_hook=['select 1', 'delete from fin.t']) }} select 1 as b",
            &["2:3"],
        ),
        ("init/x.sql", "exec sp_rename 'fin.t', 'u'", &["1:16", "1:25"]),
        ("init/x.sql", "create procedure fin.p as delete fin.t", &[]),
    ];
    for (file, sql, expected) in cases {
        let platform = script("tsql", "create table fin.t (b int);\n");
        platform.write(&format!("projects/shop/{file}"), sql);
        assert_eq!(places(&platform, "GS301"), expected, "{sql}");
    }
}

#[test]
fn gold_that_reads_files_moves() {
    let platform =
        script("duckdb", "create view fin.v as select * from 'x.csv';\ncreate view fin.w as from fin.m();\n");
    platform.write(
        "projects/shop/init/m.sql",
        "create macro fin.m() as table\n  select * from read_parquet('y.parquet');\n",
    );
    let found = findings(&platform, "GS307");
    let told: Vec<&str> = found.iter().filter_map(|d| d["message"].as_str()).collect();
    assert!(
        told.contains(&"the financial view `fin.v` reads `x.csv`, which changes during the day"),
        "{told:#?}"
    );
    assert!(
        told.contains(&"the financial view `fin.w` reads `y.parquet`, which changes during the day"),
        "{told:#?}"
    );
    assert_eq!(places(&platform, "GS307").iter().filter(|p| *p == "2:30").count(), 2);
}

#[test]
fn drift_behind_a_view_is_told_where_the_view_is_read() {
    let platform = script("duckdb", "create or replace table fin.pnl as\nselect b from silver.v;");
    platform.write("projects/shop/init/v.sql", "create view silver.v as select b from raw.a");
    platform.write("projects/shop/bronze/loads.yml", "loads:\n  - { name: a, from: external }\n");
    assert_eq!(places(&platform, "GS302"), ["2:15"]);
}

#[test]
fn lists_and_counts_without_order_are_told() {
    told(
        "GS303",
        "tsql",
        &[
            ("set rowcount 100; insert fin.t select b from raw.a", &["1:5"]),
            ("set rowcount @n;", &["1:5"]),
            ("set rowcount 0; set nocount on;", &[]),
            ("insert fin.t select string_agg(b, ',') from raw.a", &["1:21"]),
            ("insert fin.t select string_agg(b, ',') within group (order by b) from raw.a", &[]),
            ("insert fin.t select {fn curdate()}", &["1:25"]),
            ("insert fin.t select first(b) from raw.a", &[]),
        ],
    );
    told(
        "GS303",
        "duckdb",
        &[
            ("insert into fin.t select first(b), list(b) from raw.a", &["1:26", "1:36"]),
            ("insert into fin.t select first(b order by c), list(b order by c) from raw.a", &[]),
            (
                "insert into fin.t select last(b) over (order by c), first(b) over w from raw.a window w as (order by c)",
                &[],
            ),
            ("insert into fin.t select last(b) over (partition by c) from raw.a", &["1:26"]),
            ("insert into fin.t select list, a.first(b) from raw.a order by b nulls first", &[]),
        ],
    );
    told(
        "GS303",
        "postgres",
        &[
            ("insert into fin.t select jsonb_agg(b) from raw.a", &["1:26"]),
            ("insert into fin.t select b from raw.a order by b fetch first (5) rows only", &[]),
        ],
    );
}

#[test]
fn what_a_procedure_makes_and_reads_counts_though_nobody_executes_it() {
    let platform = Platform::new(&[
        ("projects/shop/project.yml", &format!("{HEAD}dialect: tsql\n")),
        (
            "projects/shop/bronze/loads.yml",
            "loads:\n  - { name: a, from: external }\n  - { name: b, from: external }\n",
        ),
        (
            "projects/shop/init/close.sql",
            "CREATE PROCEDURE dbo.usp_close AS\nINSERT INTO dbo.kept SELECT id FROM raw.a;\n",
        ),
        (
            "projects/shop/init/kept.sql",
            "CREATE VIEW dbo.seen AS SELECT k.id, n.id AS n FROM dbo.kept k, dbo.nowhere n\n",
        ),
    ]);
    assert_eq!(places(&platform, "GS105"), ["1:65"]);
    assert_eq!(places(&platform, "GS203"), ["3:13"]);
}
