use super::*;

/// Renders on a stack as small as a worker's. No template may crash, hang or fill the memory.
fn survives(macros: &str, text: String) -> Result<usize, String> {
    let macros = macros.to_owned();
    let start = Instant::now();
    let result = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || with_macros(&macros, &text).map(|out| out.sql.len()).map_err(|d| d.message))
        .unwrap()
        .join()
        .unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?} {result:?}", start.elapsed());
    result
}

#[track_caller]
fn refused(text: String) -> String {
    survives("", text).unwrap_err()
}

#[test]
fn deep_expressions() {
    for n in [100, 1_000, 10_000, 100_000] {
        let chain = |piece: &str| format!("{{{{ 1{} }}}}", piece.repeat(n));
        for text in [
            format!("{{{{ {}1{} }}}}", "(".repeat(n), ")".repeat(n)),
            format!("{{{{ {}1{} }}}}", "[".repeat(n), "]".repeat(n)),
            format!("{{{{ {}1 }}}}", "not ".repeat(n)),
            format!("{{{{ {}1 }}}}", "-".repeat(n)),
            format!("{{{{ {}1{} }}}}", "{'a':".repeat(n), "}".repeat(n)),
            chain("+1"),
            chain("~1"),
            chain(" and 1"),
            chain(".a"),
            chain("[0]"),
            chain("|abs"),
            chain(" if 1 else 1"),
            chain(" is defined"),
            chain("()"),
            chain(" < 1"),
            format!("{{{{ dict{}", "(a=dict".repeat(n)),
        ] {
            let _ = survives("", text);
        }
    }
}

#[test]
fn deep_blocks() {
    for n in [50, 140, 1_000, 10_000] {
        let nested = |open: &str, close: &str| format!("{}x{}", open.repeat(n), close.repeat(n));
        for text in [
            nested("{% if true %}", "{% endif %}"),
            nested("{% for x in [1] %}", "{% endfor %}"),
            nested("{% filter upper %}", "{% endfilter %}"),
            nested("{% with %}", "{% endwith %}"),
            nested("{% set x %}", "{% endset %}"),
            format!("{{% if false %}}{}{{% endif %}}", "{% elif false %}".repeat(n)),
            nested("{% macro a() %}", "{% endmacro %}"),
            "{% if true %}".repeat(n),
            "{% endif %}".repeat(n),
        ] {
            let _ = survives("", text);
        }
        let macros = format!("{{% macro m() %}}{}{{% endmacro %}}", nested("{% if true %}", "{% endif %}"));
        let (_, diagnostics) = Templates::new(settings(), &[file("m.sql", &macros)]);
        assert_eq!(diagnostics.is_empty(), n <= 140, "{n}");
    }
    assert_eq!(survives("", format!("{}x{}", "{% if true %}".repeat(40), "{% endif %}".repeat(40))), Ok(1));
}

#[test]
fn deep_values() {
    for body in ["[ns.x]", "{'a': ns.x}", "(ns.x,)"] {
        let text = format!(
            "{{% set ns = namespace(x=1) %}}{{% for a in range(1000) %}}{{% for b in range(1000) %}}{{% set ns.x = {body} %}}{{% endfor %}}{{% endfor %}}"
        );
        let _ = survives("", text);
        let text = format!(
            "{{% set ns = namespace(x=1) %}}{{% for b in range(50000) %}}{{% set ns.x = {body} %}}{{% endfor %}}{{{{ config(a=ns.x) }}}}{{{{ ns.x }}}}{{{{ ns.x == ns.x }}}}{{{{ ns.x | tojson }}}}"
        );
        let _ = survives("", text);
    }
    let text = format!("{{% set x = 1 %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(100_000));
    let _ = survives("", text);
}

/// What stays on the worker's own stack has to fit there.
#[test]
fn values_on_a_small_stack() {
    let uses = "{{ x == [x] }}{{ [x] | unique | list | length }}{{ x in [x] }}{{ '' ~ x | length }}";
    let _ = survives("", format!("{{% set x = 1 %}}{}{uses}", "{% set x = [x] %}".repeat(880)));
    let macros = "{% macro n(x, k) %}{% if k %}{{ return(n([[[[[[[[[[[[x]]]]]]]]]]]], k - 1)) }}{% endif %}{{ return(x) }}{% endmacro %}";
    for k in [10, 20, 30, 35] {
        let _ = survives(macros, format!("{{% set x = n(1, {k}) %}}{uses}"));
    }
}

#[test]
fn endless_work() {
    let loops = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    assert_eq!(refused(loops.to_owned()), "the template runs too long, or makes too much text");
    for text in [
        "{{ 'a' * 10000000000 }}",
        "{{ [1] * 10000000000 }}",
        "{{ range(10000000000) }}",
        "{{ 'a'.replace('', 'b' * 1000000) * 1000 }}",
        "{{ '%01000000000d' | format(1) }}",
        "{{ 'x' | indent(1000000000) }}",
        "{{ 'a'.ljust(10000000000) }}",
        "{{ '{:>10000000000}'.format(1) }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ config(a=ns.x) }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ tojson(ns.x) }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ log(ns.x, info=true) }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | as_text }}",
        "{{ 10 ** 100000000 }}",
    ] {
        let start = Instant::now();
        let message = refused(text.to_owned());
        println!("{:?} {message} {text}", start.elapsed());
    }
}

#[test]
fn endless_recursion() {
    assert_eq!(
        survives("{% macro a() %}{{ a() }}{% endmacro %}", "{{ a() }}".to_owned()),
        Err("macros call each other too deep".to_owned())
    );
    let macros =
        "{% macro a(f) %}{{ b(f) }}{% endmacro %}{% macro b(f) %}{% call a(f) %}x{% endcall %}{% endmacro %}";
    assert!(survives(macros, "{{ a(1) }}".to_owned()).is_err());
    assert!(survives("", "{% macro l() %}{{ l() }}{% endmacro %}{{ l() }}".to_owned()).is_err());
    let doubling = "{% macro a(n) %}{{ a(n + 1) }}{{ a(n + 1) }}{% endmacro %}";
    assert!(survives(doubling, "{{ a(1) }}".to_owned()).is_err());
    let bounded = "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}";
    assert!(survives(bounded, "{{ a(40) }}".to_owned()).is_err());
}

#[test]
fn odd_bytes() {
    for text in [
        "{",
        "{{",
        "{%",
        "{#",
        "{{}}",
        "{%%}",
        "{##}",
        "{{ \"\\",
        "{{ 'ä\\",
        "{% raw %}",
        "{% raw",
        "\u{0}{{ 1 }}",
        "{{ 'a' 'b' }}",
        "{{ ü }}",
        "{%-",
        "{{-",
        "{{--}}",
        "{%-%}",
        "{{ {{ }} }}",
    ] {
        let _ = survives("{% macro ü() %}{% endmacro %}", text.to_owned());
        let (_, _) = Templates::new(
            settings(),
            &[file("m.sql", text), file("m.sql", &format!("{{% macro a( {text}"))],
        );
    }
    let long = "{{ 1 }} ".repeat(200_000);
    assert_eq!(survives("", long), Ok(400_000));
    let refs: Vec<_> = (0..20_000).map(|i| format!("{{{{ ref('m{i}') }}}}\n")).collect();
    assert!(survives("", refs.concat()).is_ok());
}

#[test]
fn doubled_lists() {
    let doubled =
        "{% set n = namespace(x=[1]) %}{% for i in range(100) %}{% set n.x = n.x + n.x %}{% endfor %}";
    let told = refused(format!("{doubled}{{{{ n.x|length }}}}"));
    assert!(told.contains("runs too long"), "{told}");
    let grown = "{% set n = namespace(x=[]) %}{% for i in range(500) %}{% set n.x = n.x + [i] %}{% endfor %}{{ n.x|length }}";
    assert_eq!(survives("", grown.to_owned()), Ok(3));
}
