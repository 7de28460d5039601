//! Boundaries between projects, as far as any way of naming a relation reaches: definitions that
//! stand between, databases chosen by USE, text that is run, other servers, shared databases.

mod common;

use common::Platform;
use serde_json::Value;

const SFDC: &str = "name: sfdc\ndatabase: sfdc_dwh\ndialect: tsql\npublic: [silver.account]\nschedule: { daily: \"0 5 * * *\" }\n";
const DATEV: &str = "name: datev\ndatabase: datev_dwh\ndialect: tsql\nschedule: { daily: \"0 6 * * *\" }\n";

/// Schedules and drift are another matter.
const SETTINGS: &str =
    "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse }\nlint: { GS4xx: off, GS302: off }\n";

/// Two projects: `sfdc` with `silver.account`, and `datev` with these files.
fn platform(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::new(&[
        ("goldsmith.yml", SETTINGS),
        ("projects/sfdc/project.yml", SFDC),
        ("projects/sfdc/silver/account.sql", "select 1 as id"),
        ("projects/sfdc/silver/contact.sql", "select 1 as id"),
        ("projects/datev/project.yml", DATEV),
    ]);
    for (path, text) in files {
        platform.write(&format!("projects/datev/{path}"), text);
    }
    platform
}

/// What the lint says, one line each: code, file name, line, column, message.
fn told(platform: &Platform) -> Vec<String> {
    let list: Value =
        serde_json::from_str(&platform.run(&["lint", "--format", "json"]).stdout).expect("JSON");
    let list = list.as_array().expect("a list").iter();
    let mut told: Vec<String> = list
        .map(|d| {
            let path = d["path"].as_str().unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            let text = |key: &str| d[key].as_str().unwrap_or_default().to_owned();
            format!("{} {file}:{}:{} {}", text("code"), d["line"], d["column"], text("message"))
        })
        .collect();
    told.sort();
    told
}

fn depends_on(platform: &Platform, id: &str) -> Vec<String> {
    let list = platform.ok_json(&["ls", "--format", "json"]);
    let node = list.as_array().expect("a list").iter().find(|n| n["id"] == id);
    let node = node.unwrap_or_else(|| panic!("no node {id} in {list}"));
    let ids = node["depends_on"].as_array().expect("a list").iter();
    ids.map(|i| i.as_str().expect("an id").to_owned()).collect()
}

#[test]
fn definitions_are_nodes_between_their_script_and_their_callers() {
    let platform = platform(&[
        ("bronze/raw.yml", "version: 2\nloads:\n  - name: booking\n    from: external\n"),
        (
            "gold/financial/a_procs.sql",
            "create table fin.mrr (id int)\nGO\ncreate procedure fin.refresh_mrr as\n  insert into fin.mrr select id from raw.booking\nGO\n\
             create or alter view fin.latest as select * from fin.mrr\n",
        ),
        ("gold/financial/b_run.sql", "exec fin.refresh_mrr;\nselect * into fin.out from fin.latest"),
    ]);
    assert_eq!(platform.selected(&["--select", "kind:definition"]), "fin.latest fin.refresh_mrr");
    assert_eq!(depends_on(&platform, "datev.fin.refresh_mrr"), ["datev.a_procs"]);
    assert_eq!(
        depends_on(&platform, "datev.b_run"),
        ["datev.a_procs", "datev.booking", "datev.fin.latest", "datev.fin.refresh_mrr"]
    );
    assert_eq!(depends_on(&platform, "datev.a_procs"), [] as [&str; 0]);
    let shown = platform.ok(&["show", "fin.refresh_mrr"]).stdout;
    assert!(shown.contains("a_procs.sql") && shown.contains("raw.booking"), "{shown}");
    assert!(told(&platform).is_empty(), "{:?}", told(&platform));
}

#[test]
fn what_a_procedure_does_is_told_where_it_is_defined_and_where_it_is_called() {
    let platform = platform(&[
        (
            "gold/financial/a.sql",
            "create procedure fin.inner_one as\n  insert into fin.x select id from sfdc_dwh.silver.account\nGO\n\
             create procedure fin.outer_one as exec fin.inner_one\n",
        ),
        ("gold/financial/b.sql", "create table fin.x (id int);\n  exec fin.outer_one\n"),
    ]);
    assert_eq!(
        told(&platform),
        [
            "GS101 a.sql:2:36 `fin.inner_one` reads `sfdc_dwh.silver.account`, which belongs to project `sfdc`",
            "GS101 b.sql:2:8 `b` reads `sfdc_dwh.silver.account` through procedure fin.outer_one, which belongs to project `sfdc`",
        ]
    );
    let text = platform.run(&["lint"]).stdout;
    assert!(text.contains("projects/datev/gold/financial/a.sql:2:36"), "{text}");
    // The script is refused for what it defines.
    let run = platform.run(&["run", "--select", "fin.inner_one"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
}

#[test]
fn a_script_that_runs_its_own_procedure_and_recursion_are_no_circles() {
    let platform = platform(&[
        (
            "gold/financial/own.sql",
            "create proc fin.ping as begin exec fin.pong; exec fin.ping end\nGO\n\
             create proc fin.pong as exec fin.ping\nGO\nexec fin.ping\nexec fin.pong\n",
        ),
        ("gold/financial/caller.sql", "exec fin.ping"),
    ]);
    assert!(told(&platform).is_empty(), "{:?}", told(&platform));
    assert_eq!(depends_on(&platform, "datev.caller"), ["datev.fin.ping", "datev.fin.pong"]);
    assert_eq!(depends_on(&platform, "datev.own"), [] as [&str; 0]);
}

#[test]
fn scripts_that_call_each_others_definitions_are_a_circle() {
    let platform = platform(&[
        ("gold/financial/a.sql", "create proc fin.a as select 1\nGO\nexec fin.b\n"),
        ("gold/financial/b.sql", "create proc fin.b as select 1\nGO\nexec fin.a\n"),
    ]);
    let told = told(&platform);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("GS201 "), "{told:?}");
    for name in ["datev.a", "datev.fin.a", "datev.b", "datev.fin.b"] {
        assert!(told[0].contains(name), "{told:?}");
    }
}

#[test]
fn definitions_made_twice_temporary_or_numbered() {
    let platform = platform(&[(
        "gold/financial/a.sql",
        "if object_id('fin.p') is null exec('create procedure fin.p as select 1')\nGO\n\
         alter procedure fin.p as select id from sfdc_dwh.silver.account\nGO\n\
         create procedure fin.many;1 as select 1\nGO\n\
         create procedure fin.many;2 as select id from sfdc_dwh.silver.contact\nGO\n\
         create procedure #t as select id from sfdc_dwh..plain\nGO\n\
         exec fin.p\nexec fin.many;2\nexec #t\n",
    )]);
    assert_eq!(platform.selected(&["--select", "kind:definition"]), "fin.many fin.p");
    let places: Vec<String> =
        told(&platform).iter().map(|l| l.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "GS101 a.sql:11:6",
            "GS101 a.sql:12:6",
            "GS101 a.sql:13:6",
            "GS101 a.sql:3:41",
            "GS101 a.sql:7:47",
            "GS101 a.sql:9:39",
        ]
    );
}

#[test]
fn synonyms_and_views_that_hide_another_database() {
    let platform = platform(&[
        (
            "init/names.sql",
            "create synonym dbo.acc for [SFDC_DWH].silver.[Account]\nGO\ncreate synonym dbo.acc2 for dbo.acc\nGO\n\
             create view dbo.seen as select * from sfdc_dwh.silver.contact\n",
        ),
        ("silver/m.sql", "select a.id\nfrom dbo.acc2 a\njoin dbo.seen s on s.id = a.id"),
    ]);
    assert_eq!(
        told(&platform),
        [
            "GS101 m.sql:2:6 `m` reads `sfdc_dwh.silver.account` through synonym dbo.acc2, which belongs to project `sfdc`",
            "GS101 m.sql:3:6 `m` reads `sfdc_dwh.silver.contact` through view dbo.seen, which belongs to project `sfdc`",
            "GS101 names.sql:1:28 `dbo.acc` reads `sfdc_dwh.silver.account`, which belongs to project `sfdc`",
            "GS101 names.sql:5:39 `dbo.seen` reads `sfdc_dwh.silver.contact`, which belongs to project `sfdc`",
        ]
    );
}

#[test]
fn a_definition_named_like_its_script_gets_another_name() {
    let platform = platform(&[("init/dbo.load.sql", "create procedure dbo.load as select 1")]);
    assert_eq!(platform.selected(&["--select", "project:datev"]), "dbo.load dbo.load.procedure");
}

#[test]
fn selecting_a_definition_runs_its_script() {
    let platform = Platform::shop(&[
        (
            "gold/financial/a.sql",
            "create table fin.t as select 1 as id;\ncreate view fin.v as select * from fin.t;",
        ),
        ("gold/financial/b.sql", "create table fin.u as select * from fin.v;"),
    ]);
    let steps = |select: &str, exclude: &str| -> Vec<String> {
        let plan = platform.ok_json(&["plan", "--select", select, "--exclude", exclude, "--format", "json"]);
        let steps = plan["steps"].as_array().expect("a list").iter();
        steps.filter_map(|s| s["node"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(steps("fin.v", ""), ["shop.a"]);
    assert_eq!(steps("fin.v+", ""), ["shop.a", "shop.b"]);
    assert_eq!(steps("shop", "a"), ["shop.b"]);
    platform.ok(&["run"]);
    let manifest = platform.json("target/manifest.json");
    assert!(!manifest.to_string().contains("shop.fin.v"), "dbt knows no definitions");
    assert_eq!(manifest["parent_map"]["model.shop.b"], serde_json::json!(["model.shop.a"]));
}

/// SQL of a script, and what the lint says of it: code, line:column, and a part of the message.
type Case = (&'static str, &'static [&'static str]);

/// Ways past the boundary that show in T-SQL.
const TSQL: &[Case] = &[
    ("select * from sfdc_dwh.silver.account", &["GS101 1:15 reads `sfdc_dwh.silver.account`"]),
    ("select * from SFDC_DWH.[Silver].\"Account\"", &["GS101 1:15 "]),
    ("select * from sfdc_dwh..account", &["GS101 1:15 reads `sfdc_dwh..account`"]),
    (
        "use [sfdc_dwh]\nGO\nselect * from silver.account",
        &["GS101 3:15 reads `silver.account` in the database `sfdc_dwh` that USE chose"],
    ),
    ("select * from crm.sfdc_dwh.silver.account", &["GS106 1:15 linked server `crm`"]),
    (
        "select * from openquery(crm, 'select * from dbo.account a join dbo.x x on 1=1')",
        &["GS106 1:15 OPENQUERY, which names `dbo.account`, `dbo.x`"],
    ),
    (
        "select * from openrowset('p', 'c', 'select * from a.b')",
        &["GS106 1:15 OPENROWSET, which names `a.b`"],
    ),
    ("select * from opendatasource('p', 'c').sfdc_dwh.silver.account", &["GS106 1:15 OPENDATASOURCE"]),
    (
        "select 1\nexec ('select * from silver.account') at crm",
        &["GS106 2:1 EXEC .. AT crm, which names `silver.account`"],
    ),
    (
        "exec ('select 1 from\n openquery(crm, ''select 1 from a.b'')')",
        &["GS106 2:2 OPENQUERY, which names `a.b`"],
    ),
    ("exec crm.sfdc_dwh.dbo.p", &["GS106 1:6 executes `crm.sfdc_dwh.dbo.p` on the linked server `crm`"]),
    ("exec sp_addlinkedserver 'crm'", &["GS106 1:6 sp_addlinkedserver"]),
    (
        "exec ('select *\n  from sfdc_dwh.silver.account')",
        &["GS101 2:8 reads `sfdc_dwh.silver.account` in text that is run"],
    ),
    ("exec ('select ''a''\n  from sfdc_dwh.silver.account')", &["GS101 2:8 in text that is run"]),
    (
        "declare @i int\nexec ('select * from\n sfdc_dwh.silver.account where x = ' + @i)",
        &["GS101 3:2 in text that is run"],
    ),
    (
        "exec sp_executesql N'select * from sfdc_dwh.silver.account where x = @x', N'@x int', 1",
        &["GS101 1:36 "],
    ),
    (
        "declare @s nvarchar(max) = N'delete sfdc_dwh.silver.account'\nexec sp_executesql @stmt = @s",
        &["GS102 1:37 writes `sfdc_dwh.silver.account` in text that is run"],
    ),
    (
        "declare @s nvarchar(max)\nset @s = 'insert into fin.x '\nset @s += 'select * from sfdc_dwh.silver.account'\nexec (@s)",
        &["GS101 3:26 "],
    ),
    (
        "declare @s nvarchar(max)\nselect @s = concat('select * from sfdc_dwh', '.silver.account')\nexec (@s)",
        &["GS101 2:35 "],
    ),
    (
        "declare @s nvarchar(max), @d sysname = 'sfdc_dwh'\nset @s = 'select * from ' + quotename(@d) + '.silver.account'\nexec (@s)",
        &["GS101 1:41 reads `sfdc_dwh` in text that is run"],
    ),
    (
        "declare @s nvarchar(max)\nset @s = 'select * from sfd' + 'c_dwh.silver.account'\nexec (@s)",
        &["GS101 2:25 "],
    ),
    (
        "declare @s nvarchar(max)\nset @s = replace('select * from $.a.b', '$', 'sfdc_dwh')\nexec (@s)",
        &["GS101 2:47 "],
    ),
    (
        "declare @s nvarchar(max)\nif 1 = 1 set @s = 'use sfdc_dwh; select 1 from a.b' else set @s = 'x'\nexec (@s)",
        &["GS101 2:24 "],
    ),
    (
        "exec sfdc_dwh.sys.sp_executesql N'select * from silver.account'",
        &["GS101 1:49 reads `silver.account`", "GS101 1:6 executes `sfdc_dwh.sys.sp_executesql`"],
    ),
    ("exec sfdc_dwh.dbo.get_accounts", &["GS101 1:6 executes `sfdc_dwh.dbo.get_accounts`"]),
    ("declare @p sysname = 'sfdc_dwh.dbo.p'\nexec @p", &["GS101 1:23 "]),
    (
        "create table #c (c nvarchar(max))\ninsert #c values ('select * from sfdc_dwh.silver.account')\ndeclare @s nvarchar(max)\nselect @s = c from #c\nexec (@s)",
        &["GS101 2:34 "],
    ),
    (
        "declare c cursor for\n  select 'select * from sfdc_dwh.silver.account'\ndeclare @s nvarchar(max)\nfetch next from c into @s\nexec (@s)",
        &["GS101 2:25 "],
    ),
    (
        "declare @s nvarchar(max);\nwith q as (select 'select * from sfdc_dwh.silver.account' as t) select @s = t from q\nexec (@s)",
        &["GS101 2:34 "],
    ),
    ("exec ('exec (''select * from sfdc_dwh.silver.account'')')", &["GS101 1:30 "]),
    ("exec sp_msforeachdb 'select * from sfdc_dwh.silver.account'", &["GS101 1:36 "]),
    ("exec xp_cmdshell 'bcp \"select * from sfdc_dwh.silver.account\" queryout x.csv'", &["GS101 1:38 "]),
    ("select sfdc_dwh.dbo.rate(1)", &["GS101 1:8 calls `sfdc_dwh.dbo.rate`"]),
    ("select * from sfdc_dwh.dbo.rates(1)", &["GS101 1:15 calls `sfdc_dwh.dbo.rates`"]),
    ("exec sp_rename 'sfdc_dwh.silver.account', 'x', 'object'", &["GS102 1:16 ", "GS102 1:43 "]),
    ("bulk insert sfdc_dwh.silver.account from 'x.csv'", &["GS102 1:13 "]),
    ("create procedure sfdc_dwh.dbo.p as select 1", &["GS102 1:18 the procedure `sfdc_dwh.dbo.p` is made"]),
    (
        "create trigger fin.t on fin.x after insert as\n insert sfdc_dwh.silver.account select 1",
        &["GS102 2:9 `fin.t` writes"],
    ),
    ("select * from old_dwh.dbo.t", &["GS104 1:15 no project owns the database `old_dwh`"]),
    ("exec old_dwh.dbo.p", &["GS104 1:6 executes `old_dwh.dbo.p`"]),
    (
        "declare @i int\nexec ('select * from old_dwh.dbo.t where x = ' + @i)",
        &["GS104 2:22 in text that is run"],
    ),
    (
        "declare @i int\nexec ('select * from crm.old_dwh.dbo.t where x = ' + @i)",
        &["GS106 2:22 in text that is run"],
    ),
    (
        "create procedure fin.run_it @log int, @sql nvarchar(max) as\n set @sql = 'x' + @sql exec (@sql)\nGO\n\
         exec fin.run_it 1, N'select * from sfdc_dwh.silver.account'\nexec fin.run_it @sql = 'delete sfdc_dwh.silver.account', @log = 1\n\
         declare @s nvarchar(9) = 'select * from sfdc_dwh.a.b'\nexec fin.run_it 1, @s",
        &["GS101 4:36 in text that is run", "GS101 6:41 ", "GS102 5:32 "],
    ),
    // Strings that merely mention a database are none.
    (
        "create procedure fin.log_it @text nvarchar(max), @n int as\n exec ('select ' + @n)\nGO\nexec fin.log_it 'sfdc_dwh.silver.account read', 1",
        &[],
    ),
    ("print 'reading sfdc_dwh.silver.account'", &[]),
    ("raiserror('sfdc_dwh.silver.account is empty', 16, 1)", &[]),
    ("-- select * from sfdc_dwh.silver.account\n/* sfdc_dwh.silver.account */ select 1", &[]),
    ("if object_id('sfdc_dwh.silver.account') is null print 'x'", &[]),
    (
        "declare @m nvarchar(9) = 'sfdc_dwh.silver.account', @s nvarchar(9) = 'select 1'\nexec (@s)\nprint @m",
        &[],
    ),
    ("declare @s nvarchar(9) = 'select ''sfdc_dwh.silver.account'' as x'\nexec (@s)", &[]),
    ("exec dbo.log @message = 'loaded sfdc_dwh.silver.account'", &[]),
    ("exec sp_executesql N'select @x', N'@x sysname', 'sfdc_dwh'", &[]),
    ("select 'sfdc_dwh.silver.account' as name", &[]),
    ("declare @s nvarchar(9) = 'select a.b.c from fin.x a'\nexec (@s)", &[]),
    ("select * from openrowset(bulk 'x.csv', single_clob) x", &[]),
];

/// Ways past the boundary that show in DuckDB's SQL.
const DUCKDB: &[Case] = &[
    (
        "attach 'warehouse/sfdc_dwh.duckdb' as s;\nfrom s.silver.account;",
        &["GS101 2:6 reads `s.silver.account`"],
    ),
    ("attach 'warehouse/sfdc_dwh.duckdb';\nfrom sfdc_dwh.silver.account;", &["GS101 2:6 "]),
    ("from sfdc_dwh.account;", &["GS101 1:6 reads `sfdc_dwh.account`, which"]),
    ("from query('select * from sfdc_dwh.silver.account');", &["GS101 1:27 in text that is run"]),
    ("from query_table('sfdc_dwh.silver.account');", &["GS101 1:19 "]),
    ("set variable q = 'from sfdc_dwh.silver.account';\nfrom query(getvariable('q'));", &["GS101 1:24 "]),
    ("use sfdc_dwh.silver;\nfrom account;", &["GS101 2:6 that USE chose"]),
    ("set search_path = 'sfdc_dwh.silver';\nfrom account;", &["GS101 1:20 "]),
    ("copy from database sfdc_dwh to datev_dwh;", &["GS101 1:20 "]),
    ("attach 'postgres:dbname=x' as pg (type postgres);", &["GS106 1:1 ATTACH"]),
    ("attach 'dbname=x host=y' as pg (type postgres, read_only);", &["GS106 1:1 ATTACH"]),
    (
        "select * from postgres_query('pg', 'select * from crm.account');",
        &["GS106 1:15 postgres_query, which names `crm.account`"],
    ),
    ("from read_parquet('s3://bucket/sfdc/*.parquet');", &["GS106 1:19 `s3://bucket`"]),
    ("from read_csv(['a.csv', 'https://me:pw@host/x.csv']);", &["GS106 1:25 by `host`"]),
    ("from 'https://host/x.parquet';", &["GS106 1:6 `https://host`"]),
    ("create macro fin.m() as table select * from sfdc_dwh.silver.account;", &["GS101 1:45 `fin.m` reads"]),
    ("create temp macro f() as table select * from sfdc_dwh.silver.account;\nfrom f();", &["GS101 1:46 "]),
    ("from read_csv('local.csv');", &[]),
    ("select 'https://host/' || 1 as url;", &[]),
    ("select 'sfdc_dwh.silver.account' as name;", &[]),
    ("set variable d = 'sfdc_dwh';", &[]),
];

/// Ways past the boundary that show in PostgreSQL.
const POSTGRES: &[Case] = &[
    (
        "select * from dblink('dbname=x', 'select id from silver.account') as t(id int);",
        &["GS106 1:15 dblink, which names `silver.account`"],
    ),
    ("create server s foreign data wrapper postgres_fdw options (host 'x');", &["GS106 1:8 CREATE SERVER"]),
    ("import foreign schema silver from server s into fin;", &["GS106 1:8 IMPORT FOREIGN SCHEMA"]),
    (
        "do $$ begin execute 'select * from sfdc_dwh.silver.account'; end $$;",
        &["GS101 1:36 in text that is run"],
    ),
    ("do $$ begin execute format('select * from %I.a.b', 'sfdc_dwh'); end $$;", &["GS101 1:53 "]),
    (
        "do $$ declare q text; begin\n q := 'select * from sfdc_dwh.silver.account where x = ' || 1;\n execute q; end $$;",
        &["GS101 2:22 "],
    ),
    ("do $$ begin\n perform dblink_connect('x'); end $$;", &["GS106 2:10 dblink_connect"]),
    (
        "create function fin.g() returns int as\n 'select id from dblink(''x'', ''y'') as t(id int)' language sql;",
        &["GS106 2:18 `fin.g`"],
    ),
    ("do $$ begin raise notice 'sfdc_dwh.silver.account'; end $$;", &[]),
];

fn tried(dialect: &str, cases: &[Case]) {
    let platform = platform(&[]);
    platform.write("projects/datev/project.yml", DATEV.replace("tsql", dialect));
    for (nth, (sql, _)) in cases.iter().enumerate() {
        platform.write(&format!("projects/datev/gold/financial/case{nth:03}.sql"), sql);
    }
    let told = told(&platform);
    let mut wrong = Vec::new();
    for (nth, (sql, expected)) in cases.iter().enumerate() {
        let file = format!(" case{nth:03}.sql:");
        let boundary = |line: &&String| ["GS101", "GS102", "GS104", "GS106"].contains(&&line[..5]);
        let found: Vec<String> = told
            .iter()
            .filter(|line| line.contains(&file) && !line.contains(" through trigger "))
            .filter(boundary)
            .map(|line| line.replacen(&file, " ", 1))
            .collect();
        let fits = |(found, expected): (&String, &&str)| {
            let (place, part) =
                expected.split_at(expected.match_indices(' ').nth(1).map_or(0, |(at, _)| at + 1));
            found.starts_with(place) && found.contains(part)
        };
        if found.len() != expected.len() || !found.iter().zip(*expected).all(fits) {
            wrong.push(format!("{sql}\n  expected {expected:#?}\n  found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ways_past_the_boundary_in_tsql() {
    tried("tsql", TSQL);
}

#[test]
fn ways_past_the_boundary_in_duckdb() {
    tried("duckdb", DUCKDB);
}

#[test]
fn ways_past_the_boundary_in_postgres() {
    tried("postgres", POSTGRES);
}

#[test]
fn dynamic_sql_is_told_at_its_exec_and_the_own_database_at_its_use() {
    let platform = platform(&[(
        "gold/financial/pnl.sql",
        "use datev_dwh\ndeclare @s nvarchar(max) = 'select 1'\nif 1 = 1\n  exec (@s)\nexec sp_executesql @s\nexec xp_cmdshell 'dir'\n",
    )]);
    assert_eq!(
        told(&platform),
        [
            "GS107 pnl.sql:1:5 `pnl` names its own database in `USE datev_dwh`",
            "GS108 pnl.sql:4:3 `pnl` runs dynamic SQL: what it touches can't be seen",
            "GS108 pnl.sql:5:1 `pnl` runs dynamic SQL: what it touches can't be seen",
            "GS108 pnl.sql:6:6 `pnl` runs the command of `xp_cmdshell`: what it touches can't be seen",
        ]
    );
}

/// Two projects in one database, told apart by their schemas.
fn shared(sfdc: &str, datev: &str) -> Platform {
    let project = |name: &str, more: &str| {
        format!(
            "name: {name}\ndatabase: shared_dwh\ndialect: tsql\nschemas: {{ bronze: {name}_raw, silver: {name}_silver, operational: {name}_gold, financial: {name}_fin }}\n{more}"
        )
    };
    Platform::new(&[
        ("goldsmith.yml", SETTINGS),
        ("projects/sfdc/project.yml", &project("sfdc", sfdc)),
        ("projects/sfdc/silver/account.sql", "select 1 as id"),
        ("projects/datev/project.yml", &project("datev", datev)),
    ])
}

#[test]
fn schemas_of_a_shared_database_are_owned_by_pattern() {
    let platform = shared("owns: [\"SF_*\", \"old_dwh.sf\"]\n", "owns: shared_dwh.tax_*\n");
    platform.write(
        "projects/datev/gold/financial/pnl.sql",
        "select * from sf_stage.t\nselect * from sfdc_silver.account\nselect * from old_dwh.sf.t\nselect * from other.t\n\
         insert into tax_work.t select 1\nselect * from tax_work.t\nselect * from old_dwh.xx.t\n\
         declare @i int\nexec ('select * from sf_stage.t where x = ' + @i)\n",
    );
    assert_eq!(
        told(&platform),
        [
            "GS101 pnl.sql:1:15 `pnl` reads `sf_stage.t`, which belongs to project `sfdc`",
            "GS101 pnl.sql:2:15 `pnl` reads `sfdc_silver.account`, which belongs to project `sfdc`",
            "GS101 pnl.sql:3:15 `pnl` reads `old_dwh.sf.t`, which belongs to project `sfdc`",
            "GS101 pnl.sql:9:22 `pnl` reads `sf_stage.t` in text that is run, which belongs to project `sfdc`",
            "GS104 pnl.sql:4:15 `pnl` reads `other.t`, but no project owns the schema `other` of the shared database `shared_dwh`",
            "GS104 pnl.sql:7:15 `pnl` reads `old_dwh.xx.t`, but no project owns the database `old_dwh`",
            "GS108 pnl.sql:9:1 `pnl` runs dynamic SQL: what it touches can't be seen",
        ]
    );
}

#[test]
fn two_owners_of_one_schema_are_told_with_both_places() {
    let platform = shared("owns: [\"*_mart\"]\n", "owns:\n  - tax_*\n  - sfdc_fin\n  - a.b.c\n");
    assert_eq!(
        told(&platform),
        [
            "GS903 project.yml:5:8 `datev` and `sfdc` both own schemas that `*_mart` covers",
            "GS903 project.yml:7:5 `sfdc` and `datev` both own schemas that `sfdc_fin` covers",
            "GS903 project.yml:8:5 `a.b.c` is no pattern of schemas",
        ]
    );
    let text = platform.run(&["lint"]).stdout;
    assert!(text.contains("projects/datev/project.yml:6:5"), "{text}");
}

/// Imports, violations, an allowed one, a database of nobody, another server.
fn crossing() -> Platform {
    platform(&[
        (
            "bronze/sf.yml",
            "version: 2\nloads:\n  - name: acc\n    from: { project: sfdc, relation: silver.account }\n  - name: con\n    from: { project: sfdc, relation: silver.contact }\n",
        ),
        ("silver/both.sql", "select * from raw.acc join raw.con using (id)"),
        (
            "gold/financial/pnl.sql",
            "select * from sfdc_dwh.silver.account\n-- goldsmith: allow GS101 because Finance agreed\nselect * from sfdc_dwh.silver.contact\n\
             select * from old_dwh.dbo.t\nselect * from openquery(crm, 'select 1 from dbo.x')\n",
        ),
    ])
}

#[test]
fn the_matrix_shows_who_reads_whom_and_how() {
    let shown = crossing().ok(&["lint", "--boundaries"]).stdout;
    let lines: Vec<String> =
        shown.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "READS datev sfdc database old_dwh server crm",
            "datev - 1 import, 2 violations, 1 allowed 1 violation 1 violation",
            "sfdc -",
            "",
            "NODE RELATION OF VIA PLACE",
            "datev.acc sfdc_dwh.silver.account sfdc import projects/datev/bronze/sf.yml:4:13",
            "datev.con sfdc_dwh.silver.contact sfdc import GS103 projects/datev/bronze/sf.yml:6:13",
            "datev.pnl sfdc_dwh.silver.account sfdc GS101 projects/datev/gold/financial/pnl.sql:1:15",
            "datev.pnl sfdc_dwh.silver.contact sfdc GS101 allowed: Finance agreed projects/datev/gold/financial/pnl.sql:3:15",
            "datev.pnl old_dwh.dbo.t database old_dwh GS104 projects/datev/gold/financial/pnl.sql:4:15",
            "datev.pnl dbo.x server crm GS106 projects/datev/gold/financial/pnl.sql:5:15",
        ]
    );
    let none = Platform::shop(&[("silver/a.sql", "select 1 as id")]).ok(&["lint", "--boundaries"]).stdout;
    assert!(none.contains("-\n\nNo node reads or writes anything beyond its own project."), "{none}");
}

#[test]
fn the_matrix_as_json_and_in_no_other_format() {
    let platform = crossing();
    let account = platform.ok_json(&["lint", "--boundaries", "--format", "json"]);
    let owners: Vec<&str> =
        account["owners"].as_array().expect("a list").iter().filter_map(|o| o["kind"].as_str()).collect();
    assert_eq!(owners, ["project", "project", "database", "server"]);
    assert_eq!(
        account["cells"][0],
        serde_json::json!({"reader": "datev", "owner": "sfdc", "owner_kind": "project", "imports": 1, "violations": 2, "allowed": 1})
    );
    assert_eq!(
        account["edges"][3],
        serde_json::json!({
            "reader": "datev", "node": "datev.pnl", "relation": "sfdc_dwh.silver.contact", "owner": "sfdc",
            "owner_kind": "project", "access": "read", "via": "violation", "code": "GS101", "allowed": true,
            "reason": "Finance agreed", "path": "projects/datev/gold/financial/pnl.sql", "line": 3, "column": 15,
        })
    );
    let refused = platform.run(&["lint", "--boundaries", "--format", "github"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}

#[test]
fn a_comment_in_a_body_allows_what_the_body_does() {
    let platform = platform(&[(
        "gold/financial/a.sql",
        "create procedure fin.p as\n  -- goldsmith: allow GS101 because Finance agreed\n  select id from sfdc_dwh.silver.account\n",
    )]);
    assert_eq!(told(&platform), [] as [&str; 0]);
}

#[test]
fn what_is_named_without_being_read_is_told_as_well() {
    let at = |sql: &str| {
        let mut told = told(&platform(&[("gold/financial/t.sql", sql)]));
        told.retain(|t| t.starts_with("GS10"));
        told.into_iter().map(|t| t.split(" `t`").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let head = "create table silver.t (a int);\n";
    for (sql, expected) in [
        ("insert silver.t select next value for sfdc_dwh.dbo.seq;", "GS102 t.sql:2:39"),
        ("create table silver.u (a int references sfdc_dwh.silver.account (id));", "GS101 t.sql:2:41"),
        ("create table silver.u (a int references crm_dwh.silver.account (id));", "GS104 t.sql:2:41"),
        ("update statistics sfdc_dwh.silver.account;", "GS102 t.sql:2:19"),
        ("grant select, update on sfdc_dwh.silver.account to x;", "GS102 t.sql:2:25"),
        ("grant select on object::sfdc_dwh.silver.account to x;", "GS102 t.sql:2:25"),
        ("receive top (1) * from sfdc_dwh.dbo.queue;", "GS102 t.sql:2:24"),
    ] {
        let found = at(&format!("{head}{sql}"));
        assert!(found.iter().any(|f| f == expected), "{sql}: {found:?}");
        assert_eq!(found.len(), 1, "{sql}: {found:?}");
    }
    for sql in [
        "insert silver.t select next value for dbo.seq;",
        "create table silver.u (a int references silver.t (a));",
        "insert silver.t select 1 as [next]; -- next value for sfdc_dwh.dbo.seq",
        "grant references on silver.t to x; update statistics silver.t;",
        "select 'grant select on sfdc_dwh.silver.account to x' as a into silver.v;",
        "grant execute to x;\nselect a into silver.v from silver.t;",
        "update statistics master.dbo.x;",
    ] {
        let found = at(&format!("{head}{sql}"));
        assert_eq!(found, Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn a_foreign_key_orders_nothing_and_a_comment_allows_it() {
    let platform = platform(&[(
        "gold/financial/t.sql",
        "create table silver.t (\n  -- goldsmith: allow GS101 because it is agreed\n  a int references sfdc_dwh.silver.account (id));",
    )]);
    assert_eq!(told(&platform).iter().filter(|t| t.contains("t.sql")).count(), 0, "{:?}", told(&platform));
    assert_eq!(depends_on(&platform, "datev.t"), Vec::<String>::new());
}
