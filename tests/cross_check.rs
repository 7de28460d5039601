//! The scan against a full parser: on every statement that the parser understands, both must
//! find the same relations. What differs is explained, each case, in `fixtures/sql/differences.txt`.

mod parsed;

use std::collections::BTreeSet;

use goldsmith::analysis::{Facts, analyze};
use goldsmith::words::Dialect;
use goldsmith::{load, sql};
use parsed::Found;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sql");

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
        let Some(theirs) = Found::by_parser(compiled.sql(), Dialect::DuckDb) else {
            not_understood.push(node.node.id.clone());
            continue;
        };
        let ours = Found::by_scan(compiled.sql(), Dialect::DuckDb);
        assert_eq!(ours, theirs, "{}\n{}", node.node.id, compiled.sql());
        compared += 1;
    }
    assert!(compared >= 30, "only {compared} queries were compared; not understood: {not_understood:?}");
}

#[test]
fn scan_and_parser_agree_on_the_cases() {
    let (mut compared, mut differing) = (0, BTreeSet::new());
    for dialect in Dialect::ALL {
        let mut paths: Vec<_> =
            fs_err::read_dir(format!("{FIXTURES}/{dialect}")).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let text = fs_err::read_to_string(&path).unwrap();
            for case in text.split("\n=== ").skip(1) {
                let (name, rest) = case.split_once('\n').unwrap();
                let script = rest.split_once("\n---").unwrap_or_else(|| panic!("{name}: no ---")).0;
                for statement in sql::statements(script, dialect) {
                    let statement = &script[statement.span.start..statement.span.end];
                    let Some(theirs) = Found::by_parser(statement, dialect) else { continue };
                    compared += 1;
                    let difference = Found::by_scan(statement, dialect).difference(&theirs);
                    if !difference.is_empty() {
                        differing.insert(format!("{dialect} | {name} | {difference}"));
                    }
                }
            }
        }
    }
    let explained = explained();
    let list = |a: &BTreeSet<String>, b| a.difference(b).cloned().collect::<Vec<_>>().join("\n");
    let (unexplained, stale) = (list(&differing, &explained), list(&explained, &differing));
    assert!(unexplained.is_empty(), "study, then mend or explain in differences.txt:\n{unexplained}");
    assert!(stale.is_empty(), "no longer so, take out of differences.txt:\n{stale}");
    assert!(compared >= 350, "only {compared} statements were compared");
}

/// The lines of the list, each of which stands under the sentence that explains it.
fn explained() -> BTreeSet<String> {
    let text = fs_err::read_to_string(format!("{FIXTURES}/differences.txt")).unwrap();
    let mut lines = BTreeSet::new();
    let mut why = "";
    for line in text.lines().map(str::trim_end).skip_while(|line| !line.starts_with("=== ")) {
        match line.strip_prefix("=== ") {
            Some(sentence) => why = sentence,
            None if line.is_empty() => {}
            None => {
                assert!(why.len() > 20, "why? {line}");
                assert!(lines.insert(line.to_owned()), "twice: {line}");
            }
        }
    }
    lines
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
        assert_eq!(Some(Found::by_scan(query, Dialect::DuckDb)), Found::by_parser(query, Dialect::DuckDb));
    }
}
