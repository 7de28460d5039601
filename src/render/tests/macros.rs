use super::*;

#[test]
fn call_each_other_in_any_order() {
    let macros = "{% macro a(x) %}a{{ b(x, y=2) }}{% endmacro %}\n{%- macro b(x, y=1, z='z') -%} b{{ x }}{{ y }}{{ z }} {%- endmacro -%}";
    assert_eq!(macro_sql(macros, "{{ a(5) }} {{ sfdc.b(7) }}"), "ab52z b71z");
}

#[test]
fn see_the_model() {
    let macros = "{% macro a() %}{{ this.name }} {{ target.name }} {{ var('country') }} {{ config.get('k') }} {{ ref('q') }}{% endmacro %}";
    let out = with_macros(macros, "{{ config(k=1) }}{{ a() }}").unwrap();
    assert_eq!(out.sql, r#"m dev de 1 "dwh"."silver"."q""#);
    assert_eq!(out.refs.len(), 1);
}

#[test]
fn return_values() {
    let macros = "{% macro a() %} noise {{ return([1, 2]) }} more {% endmacro %}\
        {% macro b(n) %}{% if n > 1 %}{% do return(n * b(n - 1)) %}{% endif %}{{ return(1) }}{% endmacro %}\
        {% macro c() %}{% for x in a() %}{% if x == 2 %}{{ return(x) }}{% endif %}{% endfor %}{% endmacro %}\
        {% macro d() %}{% set x = a() %}d{{ x[1] }}{% endmacro %}";
    assert_eq!(macro_sql(macros, "{{ a()[1] }} {{ b(5) }} {{ c() + 1 }} {{ d() }}"), "2 120 3 d2");
}

#[test]
fn variadic() {
    let macros = "{% macro a(x) %}{{ x }}|{{ varargs | join(',') }}|{{ kwargs.get('k') }}|{{ kwargs | length }}{% endmacro %}\
        {% macro b() %}{{ varargs | length }}{% endmacro %}";
    assert_eq!(macro_sql(macros, "{{ a(1, 2, 3, k=4) }} {{ b() }}"), "1|2,3|4|1 0");
}

#[test]
fn callers() {
    let macros = "{% macro wrap(n) %}<{{ caller(n) }}>{% endmacro %}";
    assert_eq!(
        macro_sql(macros, "{% set o = 'o' %}{% call(x) wrap(3) %}{{ x }}{{ o }}{% endcall %}"),
        "<3o>"
    );
}

#[test]
fn dispatch() {
    let macros = "{% macro a() %}{{ return(adapter.dispatch('a', 'sfdc')()) }}{% endmacro %}\
        {% macro default__a() %}default{% endmacro %}{% macro duckdb__a() %}duck{% endmacro %}\
        {% macro default__b(x) %}b{{ x }}{% endmacro %}";
    assert_eq!(macro_sql(macros, "{{ a() }} {{ adapter.dispatch('b')(1) }}"), "duck b1");
    // The name is made up at run time: no text mentions the macro.
    assert_eq!(macro_sql(macros, "{{ adapter.dispatch('b' ~ '')(1) }}"), "b1");
}

#[test]
fn across_files_and_tests() {
    let files = [
        file("macros/a.sql", "text around\n{% macro a() %}{{ b() }}{% endmacro %} and {# {% macro x() %} #}"),
        file("macros/b.sql", "{% macro b() %}B{% endmacro %}{% docs d %}{% macro y() %}{% enddocs %}"),
        file(
            "tests/t.sql",
            "{% test positive(model, column_name, at_least=0) %}\nselect * from {{ model }} where {{ column_name }} <= {{ at_least }}{%- endtest %}",
        ),
    ];
    let (templates, diagnostics) = Templates::new(settings(), &files);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(templates.render(&file("m.sql", "{{ a() }}"), &scope()).unwrap().sql, "B");
    assert!(templates.has_macro("test_positive") && !templates.has_macro("x"));
    let arguments = serde_json::json!({"model": "s.t", "column_name": "c", "at_least": 3});
    let yaml = file("m.yml", "positive");
    let out = templates
        .call("test_positive", arguments.as_object().unwrap(), &yaml, Span::new(0, 8), &scope())
        .unwrap();
    assert_eq!(out.sql, "\nselect * from s.t where c <= 3");
}

#[test]
fn local_macros() {
    assert_eq!(sql("{% macro l(x) %}<{{ x }}>{% endmacro %}{{ l(1) }}"), "<1>");
}

#[test]
fn faulty_files_leave_the_rest() {
    let text = "{% macro ok() %}ok{% endmacro %}\n{% macro bad() %}{{ 1 + }}{% endmacro %}\n{% macro ok() %}{% endmacro %}\n{% materialization x, default %}{% endmaterialization %}\n{% macro %}{% endmacro %}\n{% macro open() %}";
    let (templates, diagnostics) = Templates::new(settings(), &[file("macros/m.sql", text)]);
    let mut shown: Vec<_> = diagnostics.iter().map(show).collect();
    assert_eq!(templates.render(&file("m.sql", "{{ ok() }}"), &scope()).unwrap().sql, "ok");
    shown.push(show(&templates.render(&file("m.sql", "{{ bad() }}"), &scope()).unwrap_err()));
    insta::assert_snapshot!(shown.join("\n"));
}
