//! All that lies in `fixtures` and `projects`, with slices deleted, doubled, exchanged or taken from
//! another file.

use std::path::Path;
use std::sync::LazyLock;

use goldsmith::sql;
use goldsmith::words::Dialect;
use proptest::prelude::*;
use proptest::sample::Index;

use super::check;

/// Every text there is, in pieces that are not too long.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["fixtures/sql", "fixtures/lint", "projects"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).sort_by_file_name() {
            let entry = entry.unwrap();
            let extension = entry.path().extension().and_then(|e| e.to_str()).unwrap_or_default();
            if matches!(extension, "sql" | "txt" | "yml") {
                let text = check::decode(&fs_err::read(entry.path()).unwrap());
                texts.extend(text.split("\n=== ").filter(|t| t.len() < 8000).map(str::to_owned));
            }
        }
    }
    assert!(texts.len() > 300, "only {} texts", texts.len());
    texts
});

#[derive(Debug, Clone)]
enum Change {
    Delete(Index, Index),
    Double(Index, Index),
    Exchange(Index, Index, Index),
    Cut(Index),
    Take(Index, Index, Index),
    Put(Index, char),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(a, b)| Change::Delete(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::Double(a, b)),
        (index(), index(), index()).prop_map(|(a, b, c)| Change::Exchange(a, b, c)),
        index().prop_map(Change::Cut),
        (index(), index(), index()).prop_map(|(a, b, c)| Change::Take(a, b, c)),
        (index(), proptest::sample::select("()[]{}'\"$;,.-/*@#\\\n\0\u{e4}".chars().collect::<Vec<_>>()))
            .prop_map(|(a, c)| Change::Put(a, c)),
    ]
}

fn two(length: usize, a: Index, b: Index) -> (usize, usize) {
    let (a, b) = (a.index(length + 1), b.index(length + 1));
    (a.min(b), a.max(b))
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for change in changes {
        let length = chars.len();
        match *change {
            Change::Delete(a, b) => {
                let (a, b) = two(length, a, b);
                chars.drain(a..b.min(a + 200));
            }
            Change::Double(a, b) => {
                let (a, b) = two(length, a, b);
                let slice = chars[a..b.min(a + 200)].to_vec();
                chars.splice(a..a, slice);
            }
            Change::Exchange(a, b, c) => {
                let (a, b) = two(length, a, b);
                let c = a + c.index(b - a + 1);
                chars[a..b].rotate_left(c - a);
            }
            Change::Cut(a) => chars.truncate(a.index(length + 1)),
            Change::Take(a, which, from) => {
                let other: Vec<char> = TEXTS[which.index(TEXTS.len())].chars().collect();
                let from = from.index(other.len() + 1);
                let a = a.index(length + 1);
                chars.splice(a..a, other[from..(from + 120).min(other.len())].iter().copied());
            }
            Change::Put(a, c) => chars.insert(a.index(length + 1), c),
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_are_read(which in any::<Index>(), changes in proptest::collection::vec(change(), 1..6)) {
        let text = changed(&TEXTS[which.index(TEXTS.len())], &changes);
        check::sql(&text);
        check::yaml(&text);
        check::template(&text);
    }
}

/// Without definitions and temporary names each statement stands for itself: read alone, the
/// statements touch what the whole batch touches.
#[test]
fn statements_of_the_fixtures_read_the_same_alone() {
    let mut compared = 0;
    let names =
        |list: &[sql::Reference]| -> Vec<String> { list.iter().map(|r| r.name.to_string()).collect() };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sql/tsql");
    let files: String = fs_err::read_dir(folder)
        .unwrap()
        .map(|e| fs_err::read_to_string(e.unwrap().path()).unwrap())
        .collect();
    for case in files.split("\n=== ").skip(1) {
        let (text, _) = case.split_once("\n---").unwrap();
        let (_, text) = text.split_once('\n').unwrap();
        let script = sql::read(text, Dialect::TSql);
        for batch in script.batches.iter().filter(|b| b.defines.is_empty()) {
            let (mut reads, mut writes) = (Vec::new(), Vec::new());
            for statement in &batch.statements {
                let alone = sql::read(&text[statement.span.start..statement.span.end], Dialect::TSql);
                for batch in &alone.batches {
                    reads.extend(names(&batch.touches.reads));
                    writes.extend(names(&batch.touches.writes));
                }
            }
            if script.directives.is_empty() {
                assert_eq!(
                    (&reads, &writes),
                    (&names(&batch.touches.reads), &names(&batch.touches.writes)),
                    "{text}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 150, "only {compared}");
}
