use super::*;

/// `cargo test --release --lib render::tests::speed -- --ignored --nocapture`
#[test]
#[ignore = "prints times"]
fn microseconds_a_model() {
    let macros = "{% macro cents(c) %}({{ c }} / 100)::decimal(18, 2){% endmacro %}";
    let simple = "{{ config(materialized='table', tags=['daily']) }}\n\nselect\n    o.id,\n    o.customer_id,\n    c.name,\n    o.amount\nfrom {{ ref('orders') }} o\njoin {{ ref('customers') }} c on c.id = o.customer_id\nleft join {{ source('crm', 'regions') }} r on r.id = c.region_id\nwhere o.amount > 0\n";
    let larger = "{{ config(materialized='incremental', unique_key='id') }}\n{% set cols = ['a', 'b', 'c', 'd'] %}\nselect id,\n{%- for c in cols %}\n  {{ cents(c) }} as {{ c }}{{ ',' if not loop.last }}\n{%- endfor %}\nfrom {{ ref('orders') }}\n{% if is_incremental() %}where modified >= (select max(modified) from {{ this }}){% endif %}\n";
    let templates = templates(macros);
    for (name, text) in [("plain", "select 1 as a from t"), ("simple", simple), ("larger", larger)] {
        let file = file("m.sql", text);
        let scope = scope();
        let rounds = 20_000;
        let start = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(templates.render(&file, &scope).unwrap());
        }
        println!("{name}: {:.1} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
}

#[test]
fn threads_share_templates() {
    fn shared<T: Send + Sync>() {}
    shared::<Templates>();
    shared::<Scope>();
    shared::<Rendered>();
    let (templates, file, scope) =
        (templates("{% macro m(x) %}{{ x }}{% endmacro %}"), file("m.sql", "{{ m(1) }}"), scope());
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(templates.render(&file, &scope).unwrap().sql, "1");
                }
            });
        }
    });
}
