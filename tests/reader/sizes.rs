//! The texts of the benchmark, small enough for a build without optimization. What is kept of a
//! text is counted in bytes, and must not outgrow twenty times its size; twice the text may not
//! keep more than a little over twice as much.

use std::time::{Duration, Instant};

use goldsmith::sql::{
    self, Batch, FileReference, IssueKind, Reference, Remote, Script, Statement, Token, Touches,
};
use goldsmith::words::Dialect;

use super::{check, hostile};

/// How much smaller than in the benchmark the texts are.
const SHARE: usize = 50;
/// Texts below this size are held against this size.
const SMALL: usize = 1_000_000;

fn reference(reference: &Reference) -> usize {
    let name = &reference.name;
    let outer = [&name.schema, &name.database, &name.server];
    size_of::<Reference>() + name.name.len() + outer.into_iter().flatten().map(String::len).sum::<usize>()
}

fn touches(touches: &Touches) -> usize {
    touches.references().map(reference).sum::<usize>()
        + touches.files.len() * size_of::<FileReference>()
        + touches.remotes.len() * size_of::<Remote>()
}

/// How many bytes a script and the tokens that it was made of hold, about.
fn kept(text: &str, script: &Script, dialect: Dialect) -> usize {
    let batches: usize = script
        .batches
        .iter()
        .map(|batch| {
            let defined: usize = batch.defines.iter().map(|d| size_of_val(d) + touches(&d.touches)).sum();
            size_of::<Batch>()
                + batch.statements.len() * size_of::<Statement>()
                + touches(&batch.touches)
                + defined
        })
        .sum();
    sql::tokens(text, dialect).len() * size_of::<Token>()
        + batches
        + script.directives.iter().map(size_of_val).sum::<usize>()
}

#[test]
fn what_breaks_others_is_read_in_time_and_kept_small() {
    for (name, bytes) in hostile::texts(SHARE) {
        let text = check::decode(&bytes);
        for dialect in Dialect::ALL {
            let start = Instant::now();
            let script = check::check_sql(&text, dialect);
            let took = start.elapsed();
            // It is read several times, without optimization, beside other tests.
            assert!(took < Duration::from_secs(20), "{name} in {dialect} took {took:?}");
            let kept = kept(&text, &script, dialect);
            assert!(kept <= 20 * text.len().max(SMALL), "{name} in {dialect}: {kept} of {}", text.len());
        }
    }
}

#[test]
fn what_is_kept_grows_with_the_text_and_no_faster() {
    let small = hostile::texts(2 * SHARE).into_iter().map(|(_, bytes)| bytes);
    for ((name, large), small) in hostile::texts(SHARE).into_iter().zip(small) {
        let (large, small) = (check::decode(&large), check::decode(&small));
        let of = |text: &str| kept(text, &sql::read(text, Dialect::TSql), Dialect::TSql);
        let (more, less) = (of(&large), of(&small));
        assert!(more <= 3 * less + 10_000, "{name}: {less}, then {more}");
    }
}

#[test]
fn what_could_not_be_read_is_said() {
    let issues = |text: &str| -> Vec<IssueKind> {
        sql::read(text, Dialect::TSql).issues.iter().map(|i| i.kind).collect()
    };
    assert_eq!(issues(&"select * from (".repeat(9_000)), []);
    assert_eq!(issues(&"select * from (".repeat(11_000)), [IssueKind::TooDeep]);
    assert_eq!(issues("select 1\0"), [IssueKind::NotText]);
    assert_eq!(issues(&"create proc a as ".repeat(20_000)), []);
    assert_eq!(issues(&"create proc a as ".repeat(200_000)), [IssueKind::TooDense]);
}

#[test]
fn what_lies_deep_is_found_all_the_same() {
    for depth in [10, 9_999, 10_001, 20_000] {
        let text = format!("{}select 1 from t{}", "select * from (".repeat(depth), ") a ".repeat(depth));
        let script = sql::read(&format!("{text}; delete u"), Dialect::TSql);
        let reads: Vec<_> = script.reads().map(|r| r.name.to_string()).collect();
        assert_eq!(reads, ["t"], "{depth}");
        assert_eq!(script.writes().count(), 1, "{depth}");
    }
}
