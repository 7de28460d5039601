//! The scan against a full parser: on every query of the worked platform that the parser
//! understands, both must find the same relations. What differs is explained in a list.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use goldsmith::analysis::{Facts, analyze};
use goldsmith::words::Dialect;
use goldsmith::{load, sql};
use sqlparser::ast::{Query, Statement, TableFactor, Visit, Visitor};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::Parser;

/// Names of relations and of CTEs in a parsed statement.
#[derive(Default)]
struct Names {
    relations: BTreeSet<String>,
    ctes: BTreeSet<String>,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.ctes.extend(with.cte_tables.iter().map(|cte| cte.alias.name.value.to_lowercase()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: None, .. } = factor {
            let parts: Vec<String> =
                name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_lowercase()).collect();
            self.relations.insert(parts.join("."));
        }
        ControlFlow::Continue(())
    }
}

fn parsed(text: &str) -> Option<BTreeSet<String>> {
    let statements: Vec<Statement> = Parser::parse_sql(&DuckDbDialect {}, text).ok()?;
    let mut names = Names::default();
    let _ = statements.visit(&mut names);
    Some(names.relations.difference(&names.ctes).cloned().collect())
}

#[test]
fn scan_and_parser_agree_on_the_worked_platform() {
    let (platform, told) = load::load(&load::Files::on_disk(env!("CARGO_MANIFEST_DIR")));
    assert!(told.is_empty(), "{told:?}");
    let platform = platform.expect("the platform is there");
    let target = platform.targets["dev"].clone();
    let (analysis, told) = analyze(platform, target, &Facts::default());
    assert!(told.is_empty(), "{told:?}");
    let (mut compared, mut not_understood) = (0, Vec::new());
    for node in analysis.nodes.iter().filter(|n| n.config.is_some() || n.node.name.contains("unique")) {
        let Some(compiled) = &node.sql else { continue };
        let Some(theirs) = parsed(compiled.sql()) else {
            not_understood.push(node.node.id.clone());
            continue;
        };
        let script = sql::read(compiled.sql(), Dialect::DuckDb);
        let ours: BTreeSet<String> = script.reads().map(|r| r.name.to_string()).collect();
        assert_eq!(ours, theirs, "{}\n{}", node.node.id, compiled.sql());
        compared += 1;
    }
    assert!(compared >= 30, "only {compared} queries were compared; not understood: {not_understood:?}");
}

#[test]
fn scan_and_parser_agree_on_queries_that_are_easy_to_get_wrong() {
    for query in [
        "select a from s.t where b is distinct from c",
        "with t as (select 1 as x) select * from t join s.t u on t.x = u.x",
        "select extract(year from d) from s.t, s.u",
        "select * from (select * from s.t) q join lateral (select * from s.u) r on true",
        "select (select max(x) from s.v where v.id = t.id) from s.t t where exists (select 1 from s.w)",
        "select * from s.t union all select * from s.u except select * from s.v",
        "with recursive r as (select 1 as n union all select n + 1 from r where n < 9) select * from r, s.t",
    ] {
        let script = sql::read(query, Dialect::DuckDb);
        let ours: BTreeSet<String> = script.reads().map(|r| r.name.to_string()).collect();
        assert_eq!(Some(ours), parsed(query), "{query}");
    }
}
