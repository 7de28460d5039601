use super::*;

#[test]
fn undefined_values() {
    insta::assert_snapshot!(errors(&[
        "select\n  {% set country = 1 %}{{ countri }}",
        "{{ nope }}",
        "{{ target.nope }}",
        "{{ nope.x }}",
        "{{ nope ~ 'a' }}",
        "{% for x in nope %}{% endfor %}",
    ]));
}

#[test]
fn unknown_names() {
    insta::assert_snapshot!(errors(&[
        "a\nb {{ reff('x') }}",
        "{{ zzzzzz('x') }}",
        "{{ 'x' | uper }}",
        "{{ 'x' is definned }}",
        "{{ 'x'.nope() }}",
        "{% set x = [] %}{% do x.append(1) %}",
        "{{ var('contry') }}",
        "{{ env_var('NOPE') }}",
        "{{ config.require('k') }}",
        "{{ sfdc.nope() }}",
    ]));
}

#[test]
fn not_supported() {
    insta::assert_snapshot!(errors(&[
        "{% set x = run_query('select 1') %}",
        "{{ adapter.get_relation(1) }}",
        "{{ graph.nodes }}",
        "{{ modules.datetime.now() }}",
        "{{ dbt_utils.star(1) }}",
        "{% call statement('x') %}select 1{% endcall %}",
        "{% include 'x' %}",
        "{% snapshot s %}select 1{% endsnapshot %}",
        "{{ ref('a', v=2) }}",
        "{{ return(1) }}",
    ]));
}

#[test]
fn malformed() {
    insta::assert_snapshot!(errors(&[
        "a\n{{ 1 + }}",
        "a\n{{ x",
        "{% if true %}\n{% for x in [] %}\n{% endif %}",
        "a\n{% if true %}\nb",
        "a\n{% endif %}",
        "{% esle %}",
        "{# never",
        "{{ 'open }}",
        "{{ ref('a' }}",
        "{{ }}",
        "{{ 1 / 0 }}",
        "{{ ref(1) }}",
        "{{ {'a': 1}['b'] }}",
    ]));
}

#[test]
fn raised() {
    insta::assert_snapshot!(errors(&["a\n{{ exceptions.raise_compiler_error('no data') }}",]));
}

/// Each template, and what is said about it.
fn errors(texts: &[&str]) -> String {
    texts.iter().map(|text| said("", text)).collect()
}

fn said(macros: &str, text: &str) -> String {
    let said = with_macros(macros, text).map_or_else(|d| show(&d), |out| format!("NO ERROR: {}", out.sql));
    format!("{macros}{text}\n=> {said}\n\n")
}

#[test]
fn in_macros() {
    let cases = [
        (
            "
{% macro a(x) %}
  {{ x.nope.y }}
{% endmacro %}",
            "select
{{ a({}) }}",
        ),
        (
            "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ exceptions.raise_compiler_error('e') }}{% endmacro %}",
            "{{ a() }}",
        ),
        ("{% macro abc(x) %}{% endmacro %}", "{{ abc(1, 2) }}"),
        ("{% macro abc(x) %}{% endmacro %}", "{{ abc(y=1) }}"),
        ("{% macro abc(x) %}{% endmacro %}", "{{ abd(1) }}"),
        ("{% macro abc(x) %}{{ abd() }}{% endmacro %}", "{{ abc(1) }}"),
        ("{% macro abc() %}{{ varargs[0].x.y }}{% endmacro %}", "{{ abc(1) }}"),
        ("{% macro a() %}{{ a() }}{% endmacro %}", "{{ a() }}"),
        (
            "{% macro a() %}{{ caller() }}{% endmacro %}",
            "{% call a() %}
{{ nope }}{% endcall %}",
        ),
    ];
    let report: String = cases.iter().map(|(macros, text)| said(macros, text)).collect();
    insta::assert_snapshot!(report);
}

#[test]
fn in_yaml() {
    let yaml = file("m.yml", "host: \"{{ env_var('X') }}\"");
    let found =
        templates("").expression("{{ env_var('X') }}", &yaml, Span::new(6, 26), &scope()).unwrap_err();
    insta::assert_snapshot!(show(&found));
}
