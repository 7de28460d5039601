//! dbt's selection language, with goldsmith's own methods: words in, a set of nodes out. Pure.

mod changed;
mod criterion;
mod earlier;
mod matching;

use std::collections::HashSet;
use std::fmt;

pub use changed::{Changed, Files as ChangedFiles, Happened, Why, changed};
pub use criterion::{Criterion, Method, Reach};
pub use earlier::Earlier;

use crate::graph::{Graph, Index};
use crate::nouns::Kind;

/// What the user selects.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `--select`: unions, each of them spaces and commas; empty selects everything.
    pub select: Vec<String>,
    /// `--exclude`, in the same language.
    pub exclude: Vec<String>,
    /// What `state:` and `result:` compare with.
    pub earlier: Earlier,
}

impl Selection {
    /// Whether some word looks at nodes by this method. Words that can't be read do not.
    #[must_use]
    pub fn asks(&self, method: &Method) -> bool {
        let words = self.select.iter().chain(&self.exclude);
        let criteria = words.flat_map(|w| w.split([',', ' ', '\t', '\n', '\r'])).filter(|w| !w.is_empty());
        criteria.filter_map(|w| Criterion::parse(w).ok()).any(|c| c.method == *method)
    }
}

/// A selection that can't be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectError {
    /// `--select` or `--exclude`.
    pub flag: &'static str,
    /// The word as typed.
    pub word: String,
    /// What is wrong with it.
    pub message: String,
    /// What to type instead.
    pub help: Option<String>,
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{} {}`: {}", self.flag, self.word, self.message)
    }
}

impl std::error::Error for SelectError {}

/// The nodes that a selection means. Tests come along with any node that they test.
pub fn select(graph: &Graph, selection: &Selection) -> Result<HashSet<Index>, SelectError> {
    let chosen = chosen(graph, selection)?;
    without_excluded(graph, selection, chosen)
}

/// The nodes that a selection means to run: a definition means the scripts that make it.
pub fn select_to_run(graph: &Graph, selection: &Selection) -> Result<HashSet<Index>, SelectError> {
    let mut chosen = chosen(graph, selection)?;
    let scripts: Vec<Index> = chosen
        .iter()
        .filter_map(|i| graph.node(*i).node.body.definition())
        .flat_map(|definition| definition.scripts.iter().filter_map(|id| graph.find(id)))
        .collect();
    chosen.extend(scripts);
    without_excluded(graph, selection, chosen)
}

fn chosen(graph: &Graph, selection: &Selection) -> Result<HashSet<Index>, SelectError> {
    if selection.select.iter().all(|s| s.trim().is_empty()) {
        return Ok(graph.indices().collect());
    }
    union(graph, &selection.select, true, &selection.earlier)
}

fn without_excluded(
    graph: &Graph,
    selection: &Selection,
    mut chosen: HashSet<Index>,
) -> Result<HashSet<Index>, SelectError> {
    let excluded = union(graph, &selection.exclude, false, &selection.earlier)
        .map_err(|error| SelectError { flag: "--exclude", ..error })?;
    chosen.retain(|i| !excluded.contains(i));
    // A test whose nodes were all excluded goes with them.
    let orphan = |i: &Index| {
        graph.node(*i).node.kind() == Kind::Test
            && graph.parents(*i).next().is_some()
            && graph.parents(*i).all(|p| excluded.contains(&p))
    };
    chosen.retain(|i| !orphan(i));
    Ok(chosen)
}

/// What several words mean together. With `tests`, the tests of what a word matches come along,
/// unless the word itself says which kinds it wants.
fn union(
    graph: &Graph,
    words: &[String],
    tests: bool,
    earlier: &Earlier,
) -> Result<HashSet<Index>, SelectError> {
    let mut all = HashSet::new();
    for word in words.iter().flat_map(|w| w.split_whitespace()) {
        let mut matched = intersection(graph, word, earlier)?;
        let names_kinds =
            word.split(',').any(|part| Criterion::parse(part).is_ok_and(|c| c.method == Method::Kind));
        if tests && !names_kinds {
            with_tests(graph, &mut matched);
        }
        all.extend(matched);
    }
    Ok(all)
}

fn intersection(graph: &Graph, word: &str, earlier: &Earlier) -> Result<HashSet<Index>, SelectError> {
    let mut parts = word.split(',').filter(|p| !p.is_empty());
    let Some(first) = parts.next() else {
        return Err(SelectError {
            flag: "--select",
            word: word.into(),
            message: "nothing between the commas".into(),
            help: None,
        });
    };
    let mut all = expand(graph, first, earlier)?;
    for part in parts {
        let more = expand(graph, part, earlier)?;
        all.retain(|i| more.contains(i));
    }
    Ok(all)
}

/// The nodes that one criterion matches, with the ancestors and descendants that it asks for.
fn expand(graph: &Graph, word: &str, earlier: &Earlier) -> Result<HashSet<Index>, SelectError> {
    let criterion = Criterion::parse(word)?;
    let matched = match criterion.method {
        Method::State => earlier::by_state(graph, &criterion, earlier)?,
        Method::Result => earlier::by_result(graph, &criterion, earlier)?,
        _ => matching::matched(graph, &criterion)?,
    };
    let mut all: HashSet<Index> = matched.iter().copied().collect();
    for index in &matched {
        if let Some(reach) = criterion.parents {
            all.extend(graph.ancestors(*index, reach.steps()));
        }
        if let Some(reach) = criterion.children {
            all.extend(graph.descendants(*index, reach.steps()));
        }
        if criterion.whole {
            let below = graph.descendants(*index, None);
            for child in below.iter().chain([index]) {
                all.extend(graph.ancestors(*child, None));
            }
            all.extend(below);
        }
    }
    Ok(all)
}

fn with_tests(graph: &Graph, chosen: &mut HashSet<Index>) {
    let tests: Vec<Index> = graph
        .indices()
        .filter(|i| {
            graph.node(*i).node.kind() == Kind::Test && graph.parents(*i).any(|p| chosen.contains(&p))
        })
        .collect();
    chosen.extend(tests);
}
