use super::*;
use crate::render::ReferenceKind;

#[test]
fn names_nodes() {
    let out = render("select * from {{ ref('a') }} join {{ source('crm', 'b') }} join {{ ref('x', 'c') }}")
        .unwrap();
    assert_eq!(out.sql, r#"select * from "dwh"."silver"."a" join "crm"."raw"."b" join "dwh"."silver"."c""#);
    let kinds: Vec<_> = out.refs.iter().map(|r| (r.kind, r.args.join("."))).collect();
    assert_eq!(
        kinds,
        [
            (ReferenceKind::Ref, "a".to_owned()),
            (ReferenceKind::Source, "crm.b".to_owned()),
            (ReferenceKind::Ref, "x.c".to_owned())
        ]
    );
    assert_eq!(sql("from {{ ref('fleeting') }}"), "from __dbt__cte__fleeting");
    assert_eq!(sql("{{ source(source_name='crm', table_name='b') }}"), r#""crm"."raw"."b""#);
    assert_eq!(sql("{{ ref('a').identifier }} {{ ref('a').schema }}"), "a silver");
    assert_eq!(sql("{{ ref('a').include(database=false) }}"), r#""silver"."a""#);
}

#[test]
fn unknown_nodes_do_not_stop_rendering() {
    let out =
        render("select * from {{ ref('missing') }}, {{ ref('missing') }}, {{ source('s', 'missing') }}")
            .unwrap();
    assert_eq!(out.sql, "select * from __unknown__missing, __unknown__missing, __unknown__s__missing");
    assert_eq!(out.refs.len(), 2);
    assert!(out.refs.iter().all(|r| r.resolved.is_none()));
}

#[test]
fn this_and_target() {
    assert_eq!(sql("{{ this }}"), r#""dwh"."gold"."m""#);
    assert_eq!(
        sql("{{ this.database }}.{{ this.schema }}.{{ this.identifier }}.{{ this.name }}"),
        "dwh.gold.m.m"
    );
    assert_eq!(
        sql("{{ target.name }} {{ target.type }} {{ target.schema }} {{ target.threads }}"),
        "dev duckdb gold 4"
    );
    assert_eq!(sql("{{ model.name }} {{ model['schema'] }}"), "m gold");
    assert_eq!(sql("{% if execute %}x{% endif %}"), "x");
    let mut settings = settings();
    settings.dialect = Dialect::TSql;
    let (templates, _) = Templates::new(settings, &[]);
    assert_eq!(templates.render(&file("m.sql", "{{ this }}"), &scope()).unwrap().sql, "[dwh].[gold].[m]");
}

#[test]
fn config_merges_and_reads_back() {
    let out = render(
        "{{ config(materialized='table', tags=['a'], meta={'x': 1}) }}{{ config(tags='b', meta={'y': 2}, pre_hook=\"x {{ this }}\") }}\
         {{ config.get('materialized') }} {{ config.get('nope', 'd') }} {{ config.require('materialized') }}",
    )
    .unwrap();
    assert_eq!(out.sql, "table d table");
    let json: HashMap<_, _> = out.config.iter().map(|e| (e.key.as_str(), e.value.to_string())).collect();
    assert_eq!(json["materialized"], r#""table""#);
    assert_eq!(json["tags"], r#"["a","b"]"#);
    assert_eq!(json["pre_hook"], r#""x {{ this }}""#);
    assert!(out.config("meta").unwrap().value["x"] == 1 && out.config("meta").unwrap().value["y"] == 2);
    assert_eq!(
        render("{{ config({'materialized': 'view'}) }}").unwrap().config("materialized").unwrap().value,
        "view"
    );
    assert_eq!(sql("{% if config.get('nope') %}a{% else %}b{% endif %}"), "b");
}

#[test]
fn vars_and_environment() {
    assert_eq!(sql("{{ var('country') }} {{ var('x', 'y') }} {{ var('rates')[1] }}"), "de y 2");
    assert_eq!(sql("{% if var('on') %}a{% endif %}{% if var.has_var('off') %}b{% endif %}"), "a");
    let templates = templates("");
    let text = "{{ env_var('DWH_HOST') }} {{ env_var('NOPE', 'd') }}";
    assert_eq!(
        templates.expression(text, &file("a.yml", ""), Span::default(), &scope()).unwrap().sql,
        "db1 d"
    );
    assert!(templates.secrets().is_empty());
    templates.render(&file("m.sql", "{{ env_var('DWH_PASSWORD') }}"), &scope()).unwrap();
    assert_eq!(templates.secrets(), ["hush"]);
}

#[test]
fn incremental_and_flags() {
    let text = "{% if is_incremental() %}i{% endif %}{{ flags.FULL_REFRESH }} {{ flags.PIPELINE }}";
    assert_eq!(sql(text), "False daily");
    let mut scope = (*scope()).clone();
    scope.incremental = true;
    scope.full_refresh = true;
    let out = templates("").render(&file("m.sql", text), &Arc::new(scope)).unwrap();
    assert_eq!(out.sql, "iTrue daily");
}

#[test]
fn python_ways() {
    assert_eq!(sql("{{ 'x'.upper() }} {{ ' a '.strip() }} {{ 'a,b'.split(',')[1] }}"), "X a b");
    assert_eq!(sql("{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}"), "a=1");
    assert_eq!(sql("{{ ['a', 'b'] }} {{ none }} {{ true }}"), "['a', 'b'] None True");
    assert_eq!(sql("{{ ('a', 'b') }}"), "('a', 'b')");
    assert_eq!(
        sql(
            "{% set ns = namespace(x=[]) %}{% for i in range(3) %}{% set ns.x = ns.x + [i] %}{% endfor %}{{ ns.x | join(',') }}"
        ),
        "0,1,2"
    );
    assert_eq!(sql("{{ tojson({'a': [1, none]}) }} {{ fromjson('[1,2]')[1] }}"), r#"{"a":[1,null]} 2"#);
    assert_eq!(sql("{{ zip([1,2],['a','b'])[1][1] }} {{ set([1,1,2]) | length }}"), "b 2");
    assert_eq!(
        sql(
            "{{ '1' | as_number + 1 }} {{ 'true' | as_bool }} {{ 1 | as_text }} {{ '[1]' | as_native | length }}"
        ),
        "2 True 1 1"
    );
    assert_eq!(sql("{% for x in [1,2,3] %}{{ x }}{{ ',' if not loop.last }}{% endfor %}"), "1,2,3");
    assert_eq!(sql("{{ nope | default('d') }} {{ nope is defined }} {% if nope %}x{% endif %}"), "d False ");
    assert_eq!(sql("{{ adapter.quote('a b') }}"), "\"a b\"");
    assert_eq!(sql("{{ run_started_at }}"), "2025-03-01T05:00:00Z");
    assert_eq!(sql("{{ run_started_at.strftime('%Y%m%d') }}"), "20250301");
}

#[test]
fn white_space_is_left_alone() {
    assert_eq!(sql("a\n{% if true %}\n  b\n{% endif %}\nc\n"), "a\n\n  b\n\nc");
    assert_eq!(sql("a\n{%- if true -%}\n  b\n{%- endif %}\nc"), "ab\nc");
    assert_eq!(sql("a {# note #} b\r\n{{ 1 }}\r\n"), "a  b\r\n1");
    assert_eq!(sql("{% raw %}{{ x }}{% endraw %}"), "{{ x }}");
    assert_eq!(sql("select '{' -- } \n"), "select '{' -- } \n");
}

#[test]
fn says_things() {
    let out =
        render("{{ log('a', info=true) }}{{ log('b') }}{% do print('c') %}{% do exceptions.warn('w') %}")
            .unwrap();
    assert_eq!((out.messages, out.warnings), (vec!["a".to_owned(), "c".to_owned()], vec!["w".to_owned()]));
    assert_eq!(out.sql, "");
}
