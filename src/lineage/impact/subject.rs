//! What a name means: a relation as SQL writes it or a node's name or id, and perhaps a column.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::writes;
use crate::graph::{Graph, Index};
use crate::sql::parse_name;
use crate::words::{Dialect, RelationName, nearest};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The relations, in full: one, or all that a script writes.
    pub relations: Vec<RelationName>,
    /// A column of them, in lower case.
    pub column: Option<String>,
    /// What else the name could have meant.
    pub note: Option<String>,
}

/// Why a name means nothing that anybody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSubject {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for NoSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What one name could mean: by a label for people, the relations.
type Meanings = BTreeMap<String, Vec<RelationName>>;

impl Subject {
    /// Finds what a name means: all of it a relation or node if there is one, else its last part a column.
    pub fn find(graph: &Graph, text: &str) -> Result<Self, NoSubject> {
        let names = Names::new(graph);
        let parts = parts(text).ok_or_else(|| NoSubject {
            message: format!("`{text}` is not the name of a relation"),
            help: "write it as in SQL: raw.account, sales_dwh.raw.account, raw.account.amount".to_owned(),
        })?;
        let whole = names.meanings(&parts);
        let (outer, last) = parts.split_at(parts.len() - 1);
        let by_column = if outer.is_empty() { Meanings::new() } else { names.meanings(outer) };
        let column = last.first().cloned();
        match (one(whole, text)?, by_column) {
            (Some((label, relations)), others) => {
                let note = others.keys().next().map(|other| {
                    format!(
                        "`{text}` is taken for {label}, not for column `{}` of {other}",
                        column.as_deref().unwrap_or_default()
                    )
                });
                Ok(Self { relations, column: None, note })
            }
            (None, others) => match one(others, text)? {
                Some((_, relations)) => Ok(Self { relations, column, note: None }),
                None => Err(names.unknown(text, &parts)),
            },
        }
    }
}

/// The one meaning, if there is any.
fn one(meanings: Meanings, text: &str) -> Result<Option<(String, Vec<RelationName>)>, NoSubject> {
    if meanings.len() > 1 {
        let all: Vec<String> = meanings.keys().map(|label| label.replace('`', "")).collect();
        return Err(NoSubject {
            message: format!("`{text}` can be several"),
            help: format!("name one of {}", all.join(", ")),
        });
    }
    match meanings.into_iter().next() {
        Some((label, relations)) if relations.is_empty() => Err(NoSubject {
            message: format!("{label} makes no relation, so nothing can read it"),
            help: "`goldsmith show` tells what needs a node".to_owned(),
        }),
        other => Ok(other),
    }
}

/// The parts of a name, unquoted and in lower case.
fn parts(text: &str) -> Option<Vec<String>> {
    let trimmed = text.trim();
    // Names of nodes hold signs that SQL does not take without quotes.
    let plain = || trimmed.split('.').map(str::to_lowercase).collect::<Vec<_>>();
    let quoted = trimmed.contains(['"', '[', '`']);
    let parts = if quoted {
        let dialect = if trimmed.contains('[') { Dialect::TSql } else { Dialect::DuckDb };
        let name = parse_name(trimmed, dialect)?;
        [name.server, name.database, name.schema, Some(name.name)].into_iter().flatten().collect()
    } else {
        plain()
    };
    parts.iter().all(|p| !p.is_empty()).then_some(parts)
}

struct Names<'a> {
    graph: &'a Graph,
    relations: BTreeSet<&'a RelationName>,
}

impl<'a> Names<'a> {
    fn new(graph: &'a Graph) -> Self {
        let touched = graph.touches().map(|(_, t)| &t.relation);
        let relations = graph.relations().chain(touched).filter(|r| r.name != "*").collect();
        Self { graph, relations }
    }

    /// The surest meanings: an id before a relation, a node's name before a relation's bare name.
    fn meanings(&self, parts: &[String]) -> Meanings {
        let joined = parts.join(".");
        let nodes = |found: Vec<Index>| -> Meanings {
            let meaning = |i: Index| (format!("`{}`", self.graph.node(i).node.id), writes(self.graph, i));
            found.into_iter().map(meaning).collect()
        };
        let is = |name: &str| name.to_lowercase() == joined;
        let by_id = || self.graph.indices().filter(|i| is(&self.graph.node(*i).node.id)).collect();
        let by_name = || self.graph.indices().filter(|i| is(&self.graph.node(*i).node.name)).collect();
        let first = nodes(by_id());
        if !first.is_empty() {
            return first;
        }
        if parts.len() > 1 {
            let relations = self.called(parts);
            if !relations.is_empty() {
                return relations;
            }
        }
        let named = nodes(by_name());
        if named.is_empty() { self.called(parts) } else { named }
    }

    /// The relations whose names end with these parts.
    fn called(&self, parts: &[String]) -> Meanings {
        let fits = |relation: &&&RelationName| {
            let own = [&relation.server, &relation.database, &relation.schema];
            let own: Vec<&str> = own.into_iter().flatten().map(String::as_str).collect();
            let own = [own, vec![relation.name.as_str()]].concat();
            own.len() >= parts.len()
                && own.iter().rev().zip(parts.iter().rev()).enumerate().all(|(nth, (own, part))| {
                    // A database is also known by the name that its project declares.
                    *own == part || (nth == 2 && self.same_database(own, part))
                })
        };
        let fitting = self.relations.iter().filter(fits);
        fitting.map(|r| (format!("`{r}`"), vec![(*r).clone()])).collect()
    }

    fn same_database(&self, own: &str, declared: &str) -> bool {
        let analysis = self.graph.analysis();
        analysis.platform.projects.iter().any(|p| {
            p.database.eq_ignore_ascii_case(declared)
                && analysis.placement.database(&p.name).eq_ignore_ascii_case(own)
        })
    }

    fn unknown(&self, text: &str, parts: &[String]) -> NoSubject {
        let short = |r: &RelationName| match &r.schema {
            Some(schema) => format!("{schema}.{}", r.name),
            None => r.name.clone(),
        };
        let mut known: Vec<String> = Vec::new();
        for index in self.graph.indices() {
            let node = &self.graph.node(index).node;
            known.extend([node.name.to_lowercase(), node.id.to_lowercase()]);
        }
        known.extend(self.relations.iter().flat_map(|r| [short(r), r.to_string()]));
        let known = || known.iter().map(String::as_str);
        let all = parts.join(".");
        let outer = parts[..parts.len() - 1].join(".");
        let near = nearest(&all, known()).or_else(|| nearest(&outer, known()).filter(|_| !outer.is_empty()));
        NoSubject {
            message: format!("there is no relation or node `{text}`"),
            help: near.map_or_else(
                || "`goldsmith ls` lists the nodes with their relations".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ),
        }
    }
}
