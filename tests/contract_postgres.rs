//! A contract on PostgreSQL: the catalog is asked inside the transaction, before others see the relation.

mod common;

use common::postgres::Place;

const SCHEMA: &str = "models:\n  - name: a\n    config: { contract: enforced, materialized: MADE }\n    columns:\n      - { name: N, data_type: int }\n      - { name: price, data_type: 'decimal(9,2)' }\n      - { name: free }\n";

#[test]
fn a_run_that_breaks_a_contract_leaves_the_relation_as_it_was() {
    let Some(place) = Place::shop(false, &[]) else { return };
    let settings = place.platform.read("projects/shop/project.yml");
    place.platform.write("projects/shop/project.yml", format!("{settings}lint: {{ GS109: warning }}\n"));
    for made in ["table", "view", "incremental"] {
        place.platform.write("projects/shop/silver/a.yml", SCHEMA.replace("MADE", made));
        place.platform.write(
            "projects/shop/silver/a.sql",
            "select 1 as n, 2.5::numeric(9,2) as price, 'x'::text as free",
        );
        place.done(&["run", "--full-refresh"]);
        place.platform.write(
            "projects/shop/silver/a.sql",
            "select 1::bigint as n, '2026-01-01 10:00'::timestamp(3) as price, 1 as other",
        );
        let outcome = place.run(&["run", "--full-refresh"]);
        assert_eq!(outcome.code, 1, "{made} {}", outcome.stderr);
        for part in [
            "`a` breaks its contract: ",
            "`n` is bigint, not integer",
            "`price` is timestamp without time zone, not numeric",
            "it gives `other`, which is not declared",
            "it does not give `free`",
        ] {
            assert!(outcome.stderr.contains(part), "{made}, {part}: {}", outcome.stderr);
        }
        assert_eq!(place.rows("select n, price, free from silver.a"), "1|2.50|x", "{made}");
    }
}
