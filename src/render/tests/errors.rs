use super::*;

#[test]
fn undefined_values() {
    insta::assert_snapshot!(error("select\n  {% set country = 1 %}{{ countri }}"), @"");
    insta::assert_snapshot!(error("{{ nope }}"), @"");
    insta::assert_snapshot!(error("{{ target.nope }}"), @"");
    insta::assert_snapshot!(error("{{ nope.x }}"), @"");
    insta::assert_snapshot!(error("{{ nope ~ 'a' }}"), @"");
    insta::assert_snapshot!(error("{% for x in nope %}{% endfor %}"), @"");
}

#[test]
fn unknown_names() {
    insta::assert_snapshot!(error("a\nb {{ reff('x') }}"), @"");
    insta::assert_snapshot!(error("{{ zzzzzz('x') }}"), @"");
    insta::assert_snapshot!(error("{{ 'x' | uper }}"), @"");
    insta::assert_snapshot!(error("{{ 'x' is definned }}"), @"");
    insta::assert_snapshot!(error("{{ 'x'.nope() }}"), @"");
    insta::assert_snapshot!(error("{% set x = [] %}{% do x.append(1) %}"), @"");
    insta::assert_snapshot!(error("{{ var('contry') }}"), @"");
    insta::assert_snapshot!(error("{{ env_var('NOPE') }}"), @"");
    insta::assert_snapshot!(error("{{ config.require('k') }}"), @"");
    insta::assert_snapshot!(error("{{ sfdc.nope() }}"), @"");
}

#[test]
fn not_supported() {
    insta::assert_snapshot!(error("{% set x = run_query('select 1') %}"), @"");
    insta::assert_snapshot!(error("{{ adapter.get_relation(1) }}"), @"");
    insta::assert_snapshot!(error("{{ graph.nodes }}"), @"");
    insta::assert_snapshot!(error("{{ modules.datetime.now() }}"), @"");
    insta::assert_snapshot!(error("{{ dbt_utils.star(1) }}"), @"");
    insta::assert_snapshot!(error("{% call statement('x') %}select 1{% endcall %}"), @"");
    insta::assert_snapshot!(error("{% include 'x' %}"), @"");
    insta::assert_snapshot!(error("{% snapshot s %}select 1{% endsnapshot %}"), @"");
    insta::assert_snapshot!(error("{{ ref('a', v=2) }}"), @"");
    insta::assert_snapshot!(error("{{ return(1) }}"), @"");
}

#[test]
fn malformed() {
    insta::assert_snapshot!(error("a\n{{ 1 + }}"), @"");
    insta::assert_snapshot!(error("a\n{{ x"), @"");
    insta::assert_snapshot!(error("{% if true %}\n{% for x in [] %}\n{% endif %}"), @"");
    insta::assert_snapshot!(error("a\n{% if true %}\nb"), @"");
    insta::assert_snapshot!(error("a\n{% endif %}"), @"");
    insta::assert_snapshot!(error("{% esle %}"), @"");
    insta::assert_snapshot!(error("{# never"), @"");
    insta::assert_snapshot!(error("{{ 'open }}"), @"");
    insta::assert_snapshot!(error("{{ ref('a' }}"), @"");
    insta::assert_snapshot!(error("{{ }}"), @"");
    insta::assert_snapshot!(error("{{ 1 / 0 }}"), @"");
    insta::assert_snapshot!(error("{{ ref(1) }}"), @"");
    insta::assert_snapshot!(error("{{ {'a': 1}['b'] }}"), @"");
}

#[test]
fn raised() {
    insta::assert_snapshot!(error("a\n{{ exceptions.raise_compiler_error('no data') }}"), @"");
}

#[track_caller]
fn in_macro(macros: &str, text: &str) -> String {
    show(&with_macros(macros, text).unwrap_err())
}

#[test]
fn in_macros() {
    insta::assert_snapshot!(in_macro("\n{% macro a(x) %}\n  {{ x.nope.y }}\n{% endmacro %}", "select\n{{ a({}) }}"), @"");
    insta::assert_snapshot!(
        in_macro("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ exceptions.raise_compiler_error('e') }}{% endmacro %}", "{{ a() }}"),
        @""
    );
    insta::assert_snapshot!(in_macro("{% macro abc(x) %}{% endmacro %}", "{{ abc(1, 2) }}"), @"");
    insta::assert_snapshot!(in_macro("{% macro abc(x) %}{% endmacro %}", "{{ abc(y=1) }}"), @"");
    insta::assert_snapshot!(in_macro("{% macro abc(x) %}{% endmacro %}", "{{ abd(1) }}"), @"");
    insta::assert_snapshot!(in_macro("{% macro abc(x) %}{{ abd() }}{% endmacro %}", "{{ abc(1) }}"), @"");
    insta::assert_snapshot!(in_macro("{% macro abc() %}{{ varargs[0].x.y }}{% endmacro %}", "{{ abc(1) }}"), @"");
}

#[test]
fn in_yaml() {
    let yaml = file("m.yml", "host: \"{{ env_var('X') }}\"");
    let found = templates("").expression("{{ env_var('X') }}", &yaml, Span::new(6, 26), &scope()).unwrap_err();
    insta::assert_snapshot!(show(&found), @"");
}
