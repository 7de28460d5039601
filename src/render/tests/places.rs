use super::*;

#[track_caller]
fn origin(text: &str, rendered: &str) -> String {
    let out = render(text).unwrap();
    let at = out.sql.find(rendered).unwrap();
    let span = out.map.span(Span::new(at, at + rendered.len()));
    text[span.start..span.end].to_owned()
}

#[test]
fn the_map_leads_back() {
    let text = "select a,\n  {{ 'b' ~ 1 }} as x,\n{%- for i in [1] %}\n  c{{ i }}\n{%- endfor %}\nfrom t";
    assert_eq!(origin(text, "select a"), "select a");
    assert_eq!(origin(text, "b1"), "'b' ~ 1");
    assert_eq!(origin(text, "as x"), "as x");
    assert_eq!(origin(text, "c"), "c");
    assert_eq!(origin(text, "from t"), "from t");
    assert_eq!(origin(text, "b1 as"), "'b' ~ 1 }} as");
    assert_eq!(origin("ä{# x #}ö {{ 1 }} ü", "ü"), "ü");
    assert_eq!(origin("{% raw %}  a{{ {% endraw %}z", "a{{"), "a{{");
    assert_eq!(origin("no tags at all", "tags"), "tags");
}

#[test]
fn what_macros_print_comes_from_their_call() {
    let text = "select {{ m(1) }} + 2";
    let out = with_macros("{% macro m(x) %}x{{ x }}{% endmacro %}", text).unwrap();
    let span = out.map.span(Span::new(7, 9));
    assert_eq!((out.sql.as_str(), &text[span.start..span.end]), ("select x1 + 2", "m(1)"));
    let span = out.map.span(Span::new(10, 13));
    assert_eq!(&text[span.start..span.end], "+ 2");
}

#[test]
fn references_have_their_call() {
    let macros = "{% macro m() %}{{ ref('inner') }}{% endmacro %}";
    let text = "{% set x = ref( 'a' ) %}{{ source(\"s\", 'b') }}{% for t in ['c'] %}{{ ref(t) }}{% endfor %}{{ m() }}";
    let out = with_macros(macros, text).unwrap();
    let spans: Vec<_> = out.refs.iter().map(|r| &text[r.span.start..r.span.end]).collect();
    assert_eq!(spans, ["ref( 'a' )", "source(\"s\", 'b')", "'c'", "m()"]);
}

#[test]
fn config_keys_have_their_place() {
    let text = "{{ config(materialized = 'table', tags=['a', 'b'],\n unique_key='id') }}{{ config({'alias': 'x'}) }}";
    let out = render(text).unwrap();
    let spans: Vec<_> = out.config.iter().map(|e| &text[e.span.start..e.span.end]).collect();
    assert_eq!(spans, ["materialized = 'table'", "tags=['a', 'b']", "unique_key='id'", "'alias'"]);
}

#[test]
fn expressions_stand_for_their_place() {
    let yaml = file("m.yml", "post_hook: \"grant {{ this }} {{ ref('q') }}\"");
    let out = templates("")
        .expression("grant {{ this }} {{ ref('q') }}", &yaml, Span::new(11, 44), &scope())
        .unwrap();
    assert_eq!(out.map.span(Span::new(8, 9)), Span::new(11, 44));
    assert_eq!(out.refs[0].span, Span::new(11, 44));
}
