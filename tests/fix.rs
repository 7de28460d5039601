//! `goldsmith lint --fix`: small platforms before and after, file by file, and run afterwards.

mod common;

use std::fmt::Write as _;
use std::fs;

use common::Platform;

const SFDC: &str = "name: sfdc\nowner: sales-operations\npublic: [silver.account, silver.subscription]\n";
const LOADS: &str = "version: 2\nloads:\n  - name: accounts\n    from: { file: \"data/accounts.csv\" }\n";

/// A text in an encoding.
type Form = Box<dyn Fn(&str) -> Vec<u8>>;

/// Two projects: `sfdc`, which has accounts, and `product`, whose files these are.
fn platform(files: &[(&str, &str)]) -> Platform {
    let platform = Platform::new(&[
        ("projects/sfdc/project.yml", SFDC),
        ("projects/sfdc/bronze/loads.yml", LOADS),
        ("projects/sfdc/data/accounts.csv", "id,name\n1,Ada\n2,Bo\n"),
        ("projects/sfdc/silver/account.sql", "select id, name from {{ source('sfdc', 'accounts') }}\n"),
        ("projects/sfdc/silver/subscription.sql", "select id, id * 10 as mrr from {{ ref('account') }}\n"),
        ("projects/product/project.yml", "name: product\n"),
    ]);
    for (path, text) in files {
        platform.write(&format!("projects/product/{path}"), text);
    }
    platform
}

const IMPORT: &str =
    "version: 2\nloads:\n  - name: sfdc_account\n    from: { project: sfdc, relation: silver.account }\n";
const SOURCE: &str = "{{ source('product', 'sfdc_account') }}";

/// Fixes a platform, all of which can be fixed, and sees that nothing is left to do.
#[track_caller]
fn fixed(platform: &Platform) {
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.stdout, "", "{}", outcome.stderr);
    let before = everything(platform);
    let again = platform.ok(&["lint", "--fix"]);
    assert_eq!((again.stdout.as_str(), again.stderr.lines().count()), ("", 1), "{}", again.stderr);
    assert!(again.stderr.starts_with("no problems in"), "{}", again.stderr);
    assert_eq!(platform.ok(&["lint", "--diff"]).stdout, "");
    assert_eq!(everything(platform), before, "a second fix changes nothing");
}

/// Every file of the platform with its bytes.
fn everything(platform: &Platform) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = walkdir::WalkDir::new(platform.path("projects"))
        .into_iter()
        .map(|e| e.expect("a folder that can be read"))
        .filter(|e| e.file_type().is_file())
        .map(|e| (e.path().to_string_lossy().into_owned(), fs::read(e.path()).expect("a file")))
        .collect();
    all.sort();
    all
}

#[track_caller]
fn holds(platform: &Platform, path: &str, text: &str) {
    assert_eq!(platform.read(&format!("projects/product/{path}")), text, "{path}");
}

/// Fixes a platform whose one model reads `before`, and sees what the model is then.
#[track_caller]
fn model(before: &str, after: &str) -> Platform {
    let platform = platform(&[("silver/m.sql", before)]);
    fixed(&platform);
    holds(&platform, "silver/m.sql", after);
    holds(&platform, "bronze/sfdc.yml", IMPORT);
    platform
}

#[test]
fn plain_names_quoted_names_and_calls_read_the_import() {
    let cases = [
        ("select id from sfdc_dwh.silver.account\n", format!("select id from {SOURCE}\n")),
        ("select id from \"SFDC_DWH\".silver . \"account\" as a", format!("select id from {SOURCE} as a")),
        ("select id from {{ ref('sfdc', 'account') }}", format!("select id from {SOURCE}")),
        (
            "select id from {{source(\"sfdc\",\"account\")-}} ",
            "select id from {{source(\"product\", \"sfdc_account\")-}} ".into(),
        ),
        (
            "{% set t = ref('sfdc', 'account') %}select a.id from {{ t }} a, {{ t }} b",
            "{% set t = source('product', 'sfdc_account') %}select a.id from {{ t }} a, {{ t }} b".into(),
        ),
        (
            "{% for n in [1, 2] %}{{ 'union all' if n > 1 }} select {{ n }} as n from sfdc_dwh.silver.account {% endfor %}",
            format!(
                "{{% for n in [1, 2] %}}{{{{ 'union all' if n > 1 }}}} select {{{{ n }}}} as n from {SOURCE} {{% endfor %}}"
            ),
        ),
    ];
    for (before, after) in cases {
        let platform = model(before, &after);
        platform.ok(&["run"]);
    }
}

#[test]
fn every_place_of_every_model_and_each_import_once() {
    let twice = "select 1 as n from sfdc_dwh.silver.account a join {{ ref('sfdc', 'account') }} b on a.id = b.id\n\
                 where exists (select 1 from sfdc_dwh.silver.account)\n";
    let platform = platform(&[
        ("silver/a.sql", twice),
        (
            "silver/b.sql",
            "select mrr from sfdc_dwh.silver.subscription join sfdc_dwh.silver.account using (id)",
        ),
        ("gold/operational/c.sql", "select * from sfdc_dwh.silver.account"),
    ]);
    fixed(&platform);
    holds(
        &platform,
        "silver/a.sql",
        &twice.replace("sfdc_dwh.silver.account", SOURCE).replace("{{ ref('sfdc', 'account') }}", SOURCE),
    );
    holds(
        &platform,
        "bronze/sfdc.yml",
        &format!(
            "{IMPORT}  - name: sfdc_subscription\n    from: {{ project: sfdc, relation: silver.subscription }}\n"
        ),
    );
    platform.ok(&["run"]);
    assert_eq!(platform.rows("product_dwh", "select count(*), sum(mrr) from silver.b"), "2 30");
}

#[test]
fn columns_that_the_table_qualifies_keep_their_meaning() {
    let cases = [
        ("select account.id from sfdc_dwh.silver.account", "select account.id from {} as account"),
        (
            "SELECT account.* FROM sfdc_dwh.silver.account WHERE id > 0",
            "SELECT account.* FROM {} AS account WHERE id > 0",
        ),
        (
            "select sfdc_dwh.silver.account.id, silver.account.name from sfdc_dwh.silver.account",
            "select account.id, account.name from {} as account",
        ),
        ("select account.id from {{ ref('sfdc', 'account') }}", "select account.id from {} as account"),
        ("select {{ ref('sfdc', 'account') }}.id from {{ ref('sfdc', 'account') }}", "select {}.id from {}"),
        (
            "select count(account) as n from sfdc_dwh.silver.account",
            "select count(account) as n from {} as account",
        ),
        (
            "with account as (select id from sfdc_dwh.silver.account) select account.id from account",
            "with account as (select id from {}) select account.id from account",
        ),
        (
            "select a.id from sfdc_dwh.silver.account a where a.id in (select account.id from sfdc_dwh.silver.account)",
            "select a.id from {} a where a.id in (select account.id from {} as account)",
        ),
        (
            "select sfdc_dwh.silver.account.id from sfdc_dwh.silver.account union all select sfdc_dwh.silver.account.id from sfdc_dwh.silver.account",
            "select account.id from {} as account union all select account.id from {} as account",
        ),
        ("from sfdc_dwh.silver.account select account.id", "from {} as account select account.id"),
        (
            "select \"Account\".id from sfdc_dwh.silver.account",
            "select \"Account\".id from {} as \"Account\"",
        ),
    ];
    let files: Vec<(String, &str)> =
        cases.iter().enumerate().map(|(i, (before, _))| (format!("silver/m{i}.sql"), *before)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let platform = platform(&files);
    fixed(&platform);
    for (i, (_, after)) in cases.iter().enumerate() {
        holds(&platform, &format!("silver/m{i}.sql"), &after.replace("{}", SOURCE));
    }
    platform.ok(&["run"]);
}

#[test]
fn whatever_way_a_query_is_written_it_runs_afterwards() {
    let names = [
        "sfdc_dwh.silver.account",
        "\"sfdc_dwh\".\"silver\".\"account\"",
        "{{ ref('sfdc', 'account') }}",
        "{{ source('sfdc', 'account') }}",
    ];
    let shapes = [
        (
            "@",
            &[
                "id",
                "account.id",
                "silver.account.id",
                "sfdc_dwh.silver.account.id",
                "\"account\".\"id\"",
                "Account.ID",
            ][..],
        ),
        ("@ a", &["id", "a.id"]),
        ("@ as account", &["id", "account.id"]),
        ("@ AS \"x y\"", &["\"x y\".id"]),
        ("(select id, name from @) as account", &["account.id", "id"]),
        ("(select account.id, account.name from @) q", &["q.id"]),
        ("(@ join sfdc_dwh.silver.subscription using (id))", &["account.id", "mrr as id"]),
        (
            "sfdc_dwh.silver.subscription s left join @ on s.id = account.id",
            &["silver.account.id", "account.id"],
        ),
        ("@ semi join sfdc_dwh.silver.subscription s on s.id = account.id", &["account.id"]),
        ("sfdc_dwh.silver.subscription, @", &["sfdc_dwh.silver.account.id"]),
        ("@ tablesample 100 percent", &["account.id"]),
    ];
    let mut files = Vec::new();
    for (source, columns) in shapes {
        for name in names {
            for column in columns {
                let as_id = if column.ends_with("as id") { "" } else { " as id" };
                let query = format!("select {column}{as_id}, 1 as one from {source}\n").replace('@', name);
                files.push((format!("silver/m{}.sql", files.len()), query));
            }
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let platform = platform(&files);
    fixed(&platform);
    platform.ok(&["run"]);
    let mut all = String::new();
    for number in 0..files.len() {
        let union = if number > 0 { " union all " } else { "" };
        let _ = write!(
            all,
            "{union}select {number} as m, count(*) as n from silver.m{number} where id is not null"
        );
    }
    let empty = platform.rows("product_dwh", &format!("select m from ({all}) where n < 2"));
    assert_eq!(empty, "", "{files:?}");
}

#[test]
fn an_existing_file_keeps_its_form() {
    let before = "# Sales\r\nversion: 2\r\n\r\nloads:\r\n- name: other   # kept\r\n  from: external\r\n  # a note\r\n\r\n# the end\r\nmodels: []\r\n";
    let platform = platform(&[
        ("bronze/sfdc.yml", before),
        ("silver/m.sql", "select id from sfdc_dwh.silver.account"),
        ("silver/n.sql", "select 1 as n from {{ source('product', 'other') }}"),
    ]);
    fixed(&platform);
    let after = before.replace(
        "  # a note\r\n",
        "  # a note\r\n- name: sfdc_account\r\n  from: { project: sfdc, relation: silver.account }\r\n",
    );
    holds(&platform, "bronze/sfdc.yml", &after);
}

#[test]
fn a_file_that_cannot_take_loads_gets_one_beside_it() {
    for (before, also) in [
        ("version: 2\nmodels: []\n", ""),
        (
            "version: 2\nloads: [ { name: other, from: external } ]\n",
            "select 1 as n from {{ source('product', 'other') }}",
        ),
    ] {
        let mut files =
            vec![("bronze/sfdc.yml", before), ("silver/m.sql", "select id from sfdc_dwh.silver.account")];
        files.extend((!also.is_empty()).then_some(("silver/n.sql", also)));
        let platform = platform(&files);
        fixed(&platform);
        holds(&platform, "bronze/sfdc.yml", before);
        holds(&platform, "bronze/sfdc_imports.yml", IMPORT);
    }
}

#[test]
fn imports_stand_where_the_project_keeps_its_loads() {
    let platform = platform(&[
        (
            "project.yml",
            "name: product\r\npaths: { bronze: [landing/raw, old] }\r\nschemas: { bronze: landing }\r\n",
        ),
        ("silver/m.sql", "select id from sfdc_dwh.silver.account"),
    ]);
    fixed(&platform);
    holds(&platform, "landing/raw/sfdc.yml", &IMPORT.replace('\n', "\r\n"));
    platform.ok(&["run"]);
    assert_eq!(platform.rows("product_dwh", "select count(*) from landing.sfdc_account"), "2");
}

#[test]
fn names_do_not_clash() {
    let other =
        "version: 2\nloads:\n  - name: x\n    from: external\n    config: { alias: sfdc_subscription }\n";
    let platform = platform(&[
        ("silver/sfdc_account.sql", "{{ config(enabled=false) }} select 1 as n"),
        (
            "silver/m.sql",
            "select id from sfdc_dwh.silver.account join sfdc_dwh.silver.subscription using (id)",
        ),
        ("silver/n.sql", "select 1 as n from {{ source('product', 'x') }}"),
        ("bronze/x.yml", other),
    ]);
    fixed(&platform);
    let text = platform.read("projects/product/bronze/sfdc.yml");
    assert!(text.contains("name: sfdc_silver_account\n"), "{text}");
    assert!(text.contains("name: sfdc_silver_subscription\n"), "{text}");
    let model = platform.read("projects/product/silver/m.sql");
    assert_eq!(
        model,
        "select id from {{ source('product', 'sfdc_silver_account') }} join {{ source('product', 'sfdc_silver_subscription') }} using (id)"
    );
}

#[test]
fn every_project_gets_its_own_import() {
    let read = "select a.id from sfdc_dwh.silver.account a join sfdc_dwh.gold.account b on a.id = b.id";
    let platform = platform(&[("silver/m.sql", read)]);
    platform.write("projects/sfdc/project.yml", "name: sfdc\n");
    platform.write(
        "projects/sfdc/gold/operational/wide.sql",
        "{{ config(alias='account') }} select id from {{ ref('account') }}",
    );
    platform.write("projects/datev/project.yml", "name: datev\n");
    platform.write("projects/datev/silver/n.sql", read);
    fixed(&platform);
    for (project, model) in [("product", "m"), ("datev", "n")] {
        assert_eq!(
            platform.read(&format!("projects/{project}/bronze/sfdc.yml")),
            "version: 2\nloads:\n  - name: sfdc_account\n    from: { project: sfdc, relation: gold.account }\n  \
             - name: sfdc_silver_account\n    from: { project: sfdc, relation: silver.account }\n"
        );
        assert_eq!(
            platform.read(&format!("projects/{project}/silver/{model}.sql")),
            format!(
                "select a.id from {{{{ source('{project}', 'sfdc_silver_account') }}}} a \
                 join {{{{ source('{project}', 'sfdc_account') }}}} b on a.id = b.id"
            )
        );
    }
    platform.ok(&["run"]);
}

#[test]
fn a_test_in_yaml_is_told_its_edit() {
    let yaml = "models:\n  - name: m\n    columns:\n      - name: id\n        data_tests:\n          \
                - relationships: { to: \"{{ ref('sfdc', 'account') }}\", field: id }\n";
    let platform =
        platform(&[("silver/m.sql", "select id from sfdc_dwh.silver.account"), ("silver/m.yml", yaml)]);
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1);
    holds(&platform, "silver/m.yml", yaml);
    holds(&platform, "silver/m.sql", &format!("select id from {SOURCE}"));
    let edit = "silver/m.yml:6:38: `ref('sfdc', 'account')` -> `source('product', 'sfdc_account')`";
    assert!(outcome.stderr.contains(edit), "{}", outcome.stderr);
}

#[test]
fn what_is_imported_already_is_read() {
    let import = "version: 2\nloads:\n  - { name: acc, from: { project: sfdc, relation: SILVER.Account } }\n";
    let platform =
        platform(&[("bronze/all.yml", import), ("silver/m.sql", "select id from sfdc_dwh.silver.account")]);
    fixed(&platform);
    holds(&platform, "bronze/all.yml", import);
    holds(&platform, "silver/m.sql", "select id from {{ source('product', 'acc') }}");
    assert!(!platform.path("projects/product/bronze/sfdc.yml").exists());
    platform.ok(&["run"]);
}

/// Fixes a platform of which nothing can be fixed; gives what is said on standard error.
#[track_caller]
fn left_alone(platform: &Platform) -> String {
    let before = everything(platform);
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("GS101"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("[*]"), "{}", outcome.stdout);
    assert_eq!(everything(platform), before);
    outcome.stderr
}

#[test]
fn a_private_relation_is_not_imported_and_its_owner_is_named() {
    for text in ["select id from sfdc_dwh.raw.accounts", "select id from {{ source('sfdc', 'accounts') }}"] {
        let said = left_alone(&platform(&[("silver/m.sql", text)]));
        assert!(said.contains("silver/m.sql:1:1"), "{said}");
        assert!(said.contains("it can't be imported, since `raw.accounts` is not public"), "{said}");
        assert!(said.contains("ask its owner (sales-operations)"), "{said}");
    }
}

#[test]
fn what_the_owner_does_not_have_is_not_imported() {
    let said = left_alone(&platform(&[("silver/m.sql", "select id from sfdc_dwh.silver.acount")]));
    assert!(
        said.contains("`sfdc` has no relation `silver.acount`: did you mean `silver.account`?"),
        "{said}"
    );
    let said = left_alone(&platform(&[("silver/m.sql", "select id from sfdc_dwh.gold.account")]));
    assert!(said.contains("`sfdc` has no relation `gold.account`"), "{said}");
    let platform = platform(&[("silver/m.sql", "select id from {{ ref('sfdc', 'account') }}")]);
    platform
        .write("projects/sfdc/silver/account.sql", "{{ config(materialized='ephemeral') }} select 1 as id");
    platform
        .write("projects/sfdc/silver/subscription.sql", "select id from {{ source('sfdc', 'accounts') }}");
    let said = left_alone(&platform);
    assert!(said.contains("`silver.account` is ephemeral"), "{said}");
}

#[test]
fn a_script_gets_the_import_and_the_edit_to_make() {
    let script =
        "-- rev\ncreate or replace table fin.rev as\nselect account.id\nfrom sfdc_dwh.silver.account;\n";
    let platform = platform(&[("gold/financial/rev.sql", script)]);
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1);
    holds(&platform, "gold/financial/rev.sql", script);
    holds(&platform, "bronze/sfdc.yml", IMPORT);
    assert!(outcome.stdout.contains("it is imported already: read raw.sfdc_account"), "{}", outcome.stdout);
    assert_eq!(
        outcome.stderr,
        "fixed: projects/product/bronze/sfdc.yml: imports sfdc: silver.account as sfdc_account\n\
         projects/product/gold/financial/rev.sql:4:6: a script is not rewritten: make this edit\n\
         projects/product/gold/financial/rev.sql:4:6: `sfdc_dwh.silver.account` -> `raw.sfdc_account as account`\n\
         --- a/projects/product/gold/financial/rev.sql\n\
         +++ b/projects/product/gold/financial/rev.sql\n\
         @@ -1,4 +1,4 @@\n \
         -- rev\n \
         create or replace table fin.rev as\n \
         select account.id\n\
         -from sfdc_dwh.silver.account;\n\
         +from raw.sfdc_account as account;\n"
    );
    platform.write(
        "projects/product/gold/financial/rev.sql",
        script.replace("sfdc_dwh.silver.account", "raw.sfdc_account as account"),
    );
    assert_eq!(platform.ok(&["lint"]).stdout, "");
    platform.ok(&["run"]);
    assert_eq!(platform.rows("product_dwh", "select count(*) from fin.rev"), "2");
}

#[test]
fn a_diff_writes_nothing() {
    let platform = platform(&[
        ("silver/m.sql", "select id\nfrom sfdc_dwh.silver.account\n"),
        ("silver/n.sql", "select name from sfdc_dwh.raw.accounts"),
    ]);
    let before = everything(&platform);
    let wanted = "--- /dev/null\n+++ b/projects/product/bronze/sfdc.yml\n@@ -0,0 +1,4 @@\n+version: 2\n+loads:\n\
                  +  - name: sfdc_account\n+    from: { project: sfdc, relation: silver.account }\n\
                  --- a/projects/product/silver/m.sql\n+++ b/projects/product/silver/m.sql\n@@ -1,2 +1,2 @@\n select id\n\
                  -from sfdc_dwh.silver.account\n+from {{ source('product', 'sfdc_account') }}\n";
    for args in [&["lint", "--diff"][..], &["lint", "--fix", "--dry-run"], &["lint", "--fix", "--diff"]] {
        let outcome = platform.run(args);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (1, wanted), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("silver/n.sql:1:18: it can't be imported"), "{}", outcome.stderr);
    }
    assert_eq!(everything(&platform), before);
    assert_eq!(Platform::worked().ok(&["lint", "--diff"]).stdout, "");
}

#[test]
fn the_text_output_says_what_can_be_fixed() {
    let platform = platform(&[
        (
            "silver/m.sql",
            "select id from sfdc_dwh.silver.account join sfdc_dwh.silver.subscription using (id)",
        ),
        ("silver/n.sql", "select name from sfdc_dwh.raw.accounts"),
    ]);
    let outcome = platform.run(&["lint"]);
    assert_eq!(outcome.stdout.matches("belongs to project `sfdc` [*]\n").count(), 2, "{}", outcome.stdout);
    assert!(
        outcome.stdout.ends_with("3 errors\n[*] 2 can be fixed with `goldsmith lint --fix`\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn what_a_comment_allows_is_not_touched() {
    let allowed =
        "select id\n-- goldsmith: allow GS101 because we wait for them\nfrom sfdc_dwh.silver.account\n";
    let platform =
        platform(&[("silver/m.sql", allowed), ("silver/n.sql", "select id from sfdc_dwh.silver.account")]);
    fixed(&platform);
    holds(&platform, "silver/m.sql", allowed);
    holds(&platform, "silver/n.sql", &format!("select id from {SOURCE}"));
    let half = "select id from sfdc_dwh.silver.account a\n\
                union all select id from sfdc_dwh.silver.account -- goldsmith: allow GS101 because of the test\n";
    platform.write("projects/product/silver/m.sql", half);
    platform.run(&["lint", "--fix"]);
    holds(&platform, "silver/m.sql", &half.replacen("sfdc_dwh.silver.account", SOURCE, 1));
}

#[test]
fn what_stands_in_macros_variables_hooks_and_tests_is_left_to_people() {
    let cases = [
        (
            "silver/m.sql",
            "{% set db = 'sfdc_dwh' %}select id from {{ db }}.silver.account",
            "silver/m.sql:1:44: not rewritten, since the name is put together here",
        ),
        (
            "silver/m.sql",
            "select id from {{ accounts() }}",
            "silver/m.sql:1:19: not rewritten, since the name is put together here",
        ),
        (
            "silver/m.sql",
            "select id from {{ called('account') }}",
            "not rewritten, since the name is put together here",
        ),
        (
            "silver/m.sql",
            "{% raw %}select id from sfdc_dwh.silver.account{% endraw %}",
            "not rewritten, since the name is put together here",
        ),
        (
            "silver/m.sql",
            "{% for a in ['', 'a'] %}{{ 'union all' if a }} select id from sfdc_dwh.silver.account {{ a }} where {{ a or 'account' }}.id > 0 {% endfor %}",
            "not rewritten, since it is rendered more than once",
        ),
        (
            "silver/m.sql",
            "{{ config(post_hook='insert into silver.m select id from sfdc_dwh.silver.account', materialized='table') }}select 1 as id",
            "a hook, a macro, a procedure or YAML brings it",
        ),
        (
            "silver/m.sql",
            "select {{ ref('sfdc', 'account') }}.id, account.name from {{ ref('sfdc', 'account') }}",
            "columns are qualified by the table's name both in a tag and in plain text",
        ),
        (
            "silver/m.sql",
            "select sfdc_dwh.silver.account.id from sfdc_dwh.silver.account, silver.\"account\"",
            "an alias can't be put in here",
        ),
    ];
    for (path, text, wanted) in cases {
        let platform = platform(&[
            (path, text),
            ("silver/account.sql", "select 1 as other"),
            (
                "macros/a.sql",
                "{% macro accounts() %}sfdc_dwh.silver.account{% endmacro %}{% macro called(n) %}{{ ref('sfdc', n) }}{% endmacro %}",
            ),
        ]);
        let outcome = platform.run(&["lint", "--fix"]);
        assert_eq!(outcome.code, 1, "{text}: {}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stderr.contains(wanted), "{text}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("let "), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("source('product', 'sfdc_account')"), "{}", outcome.stderr);
        holds(&platform, path, text);
        holds(&platform, "bronze/sfdc.yml", IMPORT);
    }
}

#[test]
fn tests_are_not_rewritten() {
    let test = "select id from sfdc_dwh.silver.account where id < 0";
    let alone = platform(&[("tests/t.sql", test), ("silver/m.sql", "select 1 as id")]);
    let said = left_alone(&alone);
    assert!(said.contains("tests/t.sql:1:16: a test is not rewritten, and only tests read"), "{said}");
    alone.write("projects/product/silver/m.sql", "select id from sfdc_dwh.silver.account");
    let outcome = alone.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1);
    holds(&alone, "tests/t.sql", test);
    holds(&alone, "silver/m.sql", &format!("select id from {SOURCE}"));
    let edit = format!("tests/t.sql:1:16: `sfdc_dwh.silver.account` -> `{SOURCE}`");
    assert!(outcome.stderr.contains(&edit), "{}", outcome.stderr);
}

#[test]
fn both_renderings_of_an_incremental_model_are_fixed() {
    let before = "{{ config(materialized='incremental', unique_key='id') }}\nselect id from sfdc_dwh.silver.account\n\
                  {% if is_incremental() %}where id > (select max(id) from \"sfdc_dwh\".silver.account){% else %}where id in (select id from {{ ref('sfdc', 'account') }}){% endif %}\n";
    let after = before
        .replace("sfdc_dwh.silver.account", SOURCE)
        .replace("\"sfdc_dwh\".silver.account", SOURCE)
        .replace("{{ ref('sfdc', 'account') }}", SOURCE);
    let platform = model(before, &after);
    platform.ok(&["run"]);
    platform.ok(&["run"]);
}

#[test]
fn ephemeral_models_are_fixed_where_they_are_written() {
    let platform = platform(&[
        (
            "silver/e.sql",
            "{{ config(materialized='ephemeral') }}select account.id from sfdc_dwh.silver.account",
        ),
        (
            "silver/m.sql",
            "select account.id from sfdc_dwh.silver.account join {{ ref('e') }} e on e.id = account.id",
        ),
    ]);
    fixed(&platform);
    holds(
        &platform,
        "silver/e.sql",
        &format!("{{{{ config(materialized='ephemeral') }}}}select account.id from {SOURCE} as account"),
    );
    holds(
        &platform,
        "silver/m.sql",
        &format!("select account.id from {SOURCE} as account join {{{{ ref('e') }}}} e on e.id = account.id"),
    );
    platform.ok(&["run"]);
}

#[test]
fn a_relation_that_has_another_name_is_imported_by_it() {
    let platform = platform(&[("silver/m.sql", "select id from {{ ref('sfdc', 'subscription') }}")]);
    platform.write("projects/sfdc/project.yml", "name: sfdc\n");
    platform.write(
        "projects/sfdc/silver/subscription.sql",
        "{{ config(alias='Sub Scription', schema='mart') }}select id from {{ ref('account') }}",
    );
    fixed(&platform);
    holds(
        &platform,
        "bronze/sfdc.yml",
        "version: 2\nloads:\n  - name: sfdc_sub_scription\n    from: { project: sfdc, relation: \"mart.sub scription\" }\n",
    );
    platform.ok(&["run"]);
}

#[test]
fn a_table_whose_name_is_a_word_of_sql_is_not_left_without_quotes() {
    let platform = platform(&[("silver/m.sql", "select silver.user.id from sfdc_dwh.silver.user")]);
    platform.write("projects/sfdc/project.yml", "name: sfdc\n");
    platform.write("projects/sfdc/silver/user.sql", "select id from {{ ref('account') }}");
    let outcome = platform.run(&["lint", "--fix"]);
    assert!(outcome.stderr.contains("an alias can't be put in here"), "{}", outcome.stderr);
    platform.write("projects/product/silver/m.sql", "select \"user\".id from sfdc_dwh.silver.user");
    fixed(&platform);
    holds(
        &platform,
        "silver/m.sql",
        "select \"user\".id from {{ source('product', 'sfdc_user') }} as \"user\"",
    );
    platform.ok(&["run"]);
}

#[test]
fn a_database_may_have_another_name_on_the_target() {
    let platform = platform(&[(
        "silver/m.sql",
        "select id from sfdc_dwh.silver.account join {{ ref('sfdc', 'subscription') }} using (id)",
    )]);
    platform.write(
        "goldsmith.yml",
        "name: small\ntargets:\n  dev: { type: duckdb, path: warehouse, databases: { sfdc: sfdc_ada, product: product_ada } }\n",
    );
    fixed(&platform);
    holds(
        &platform,
        "silver/m.sql",
        &format!("select id from {SOURCE} join {{{{ source('product', 'sfdc_subscription') }}}} using (id)"),
    );
    platform.ok(&["run"]);
}

#[test]
fn encodings_marks_and_line_ends_stay() {
    let platform = platform(&[]);
    let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text = |name: &str| format!("-- Größe\r\nselect id\r\nfrom {name}\r\n");
    let (old, new) = (text("sfdc_dwh.silver.account"), text(SOURCE));
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let forms: [(&str, Form); 4] = [
        ("bom", Box::new(|t: &str| [b"\xEF\xBB\xBF", t.as_bytes()].concat())),
        ("utf16", Box::new(move |t: &str| [b"\xFF\xFE", units(t).as_slice()].concat())),
        ("latin", Box::new(latin)),
        ("plain", Box::new(|t: &str| t.as_bytes().to_vec())),
    ];
    for (name, form) in &forms {
        platform.write(&format!("projects/product/silver/{name}.sql"), form(&old));
    }
    let yaml = "# Verk\u{e4}ufe\nloads:\n  - name: other\n    from: external\n";
    platform.write("projects/product/bronze/sfdc.yml", latin(yaml));
    platform.write("projects/product/silver/n.sql", "select 1 as n from {{ source('product', 'other') }}");
    fixed(&platform);
    for (name, form) in &forms {
        let bytes = fs::read(platform.path(&format!("projects/product/silver/{name}.sql"))).unwrap();
        assert_eq!(bytes, form(&new), "{name}");
    }
    let bytes = fs::read(platform.path("projects/product/bronze/sfdc.yml")).unwrap();
    assert!(bytes.starts_with(&latin(yaml)));
    assert!(bytes.ends_with(b"silver.account }\n"));
}

#[test]
fn a_dialect_with_brackets_and_hints() {
    let platform = platform(&[
        ("project.yml", "name: product\ndialect: tsql\n"),
        (
            "silver/m.sql",
            "SELECT [account].[id], sfdc_dwh.silver.account.name\nFROM [sfdc_dwh].[silver].[account] WITH (NOLOCK)\n",
        ),
        ("silver/n.sql", "select a.id from sfdc_dwh.silver.account (nolock) a"),
        (
            "gold/financial/s.sql",
            "USE other\nGO\nSELECT id INTO product_dwh.fin.s FROM sfdc_dwh.silver.account AS a\nGO\nUSE product_dwh\nGO\nINSERT fin.s SELECT id FROM sfdc_dwh.silver.account\n",
        ),
    ]);
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    holds(
        &platform,
        "silver/m.sql",
        &format!("SELECT [account].[id], account.name\nFROM {SOURCE} AS [account] WITH (NOLOCK)\n"),
    );
    holds(&platform, "silver/n.sql", &format!("select a.id from {SOURCE} (nolock) a"));
    assert!(
        outcome.stderr.contains("s.sql:3:39: `sfdc_dwh.silver.account` -> `product_dwh.raw.sfdc_account`"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("s.sql:7:29: `sfdc_dwh.silver.account` -> `raw.sfdc_account`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_file_that_is_there_but_was_not_read_is_not_written_over() {
    let platform = platform(&[("silver/m.sql", "select id from sfdc_dwh.silver.account")]);
    fs::create_dir_all(platform.path("projects/product/bronze/sfdc.yml")).unwrap();
    let said = left_alone_but_marked(&platform);
    assert!(
        said.contains("not written: projects/product/bronze/sfdc.yml: a file of this name is there"),
        "{said}"
    );
    assert!(
        said.contains("not written: projects/product/silver/m.sql: its imports could not be written"),
        "{said}"
    );
}

/// Like `left_alone`, where only the file system is in the way.
fn left_alone_but_marked(platform: &Platform) -> String {
    let before = everything(platform);
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(everything(platform), before);
    outcome.stderr
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let platform = platform(&[
        ("silver/m.sql", "select id from sfdc_dwh.silver.account"),
        ("shared/n.txt", "select id from sfdc_dwh.silver.account"),
    ]);
    let path = |below: &str| platform.path(&format!("projects/product/{below}"));
    fs::set_permissions(path("silver/m.sql"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../shared/n.txt", path("silver/n.sql")).unwrap();
    fixed(&platform);
    assert_eq!(fs::metadata(path("silver/m.sql")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(path("silver/n.sql")).unwrap().is_symlink());
    holds(&platform, "shared/n.txt", &format!("select id from {SOURCE}"));
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_not_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let platform = platform(&[("silver/m.sql", "select id from sfdc_dwh.silver.account")]);
    fs::set_permissions(platform.path("projects/product/silver/m.sql"), fs::Permissions::from_mode(0o444))
        .unwrap();
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("not written: projects/product/silver/m.sql: it is read-only"),
        "{}",
        outcome.stderr
    );
    holds(&platform, "silver/m.sql", "select id from sfdc_dwh.silver.account");
    holds(&platform, "bronze/sfdc.yml", IMPORT);
}

#[test]
fn a_platform_that_cannot_be_understood_is_told_as_ever() {
    let platform = platform(&[]);
    platform.write("goldsmith.yml", "name: [");
    let outcome = platform.run(&["lint", "--fix"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("GS903"), "{}", outcome.stdout);
}
