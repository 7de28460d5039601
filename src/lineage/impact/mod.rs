//! What is affected when a relation or one of its columns changes: everything downstream that reads
//! it, directly or through others, across projects. A pure walk over the graph and the columns.

mod callers;
mod judge;
mod mention;
mod subject;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use self::callers::Callers;
use self::mention::Mentions;
pub use self::subject::{NoSubject, Subject};
use super::Platform;
use crate::analysis::{Access, Owner, Touch};
use crate::graph::{Graph, Index};
use crate::nouns::Kind;
use crate::words::{RelationName, SourceFile, Span};

/// How a node depends on what changes; the surer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// It reads it.
    Reads,
    /// It chooses or joins rows by it, or reads rows that were chosen so; no value of it arrives.
    Rows,
    /// It may read it: `*` of unknown columns, dynamic SQL, a statement that can't be followed.
    Perhaps,
}

impl Use {
    /// The word in JSON and in text.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Rows => "rows",
            Self::Perhaps => "perhaps",
        }
    }
}

/// A node that is affected.
#[derive(Debug, Clone)]
pub struct Affected {
    /// The node.
    pub node: Index,
    /// How it depends on what changes.
    pub how: Use,
    /// How many reads lie between: 1 for what reads the relation itself.
    pub distance: usize,
    /// The node whose relation it reads, unless that is the relation that was asked for.
    pub through: Option<Index>,
    /// The relation that it reads.
    pub relation: RelationName,
    /// The column of it, where a column was followed so far.
    pub column: Option<Arc<str>>,
    /// The file in which it reads it.
    pub file: Arc<SourceFile>,
    /// The place.
    pub span: Span,
}

/// A column of a relation.
type Named = (RelationName, Arc<str>);

/// What a change reaches.
#[derive(Debug, Clone)]
struct Reached {
    relation: RelationName,
    column: Option<Arc<str>>,
    /// What lineage calls the column where views stand between, since it looks through them.
    root: Option<Named>,
    how: Use,
    through: Option<Index>,
    distance: usize,
}

/// A relation, or a column of it, that a node gives on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Given {
    relation: RelationName,
    column: Option<Arc<str>>,
    root: Option<Named>,
    how: Use,
}

/// A place in a file of the user's.
type Place = (Arc<SourceFile>, Span);

/// Everything downstream of the relations (given in full), or of the column that they have: the near
/// first. `lineage` holds the columns of the platform; without a column it is not asked.
#[must_use]
pub fn impact(
    graph: &Graph,
    lineage: &Platform,
    relations: &[RelationName],
    column: Option<&str>,
) -> Vec<Affected> {
    let column: Option<Arc<str>> = column.map(|c| c.to_lowercase().into());
    let mut walk = Walk::new(graph, lineage);
    for relation in relations {
        let (relation, column) = (relation.clone(), column.clone());
        walk.reach(Reached { relation, column, root: None, how: Use::Reads, through: None, distance: 0 });
    }
    walk.walk();
    let mut found: Vec<Affected> = walk.found.into_values().collect();
    let id = |a: &Affected| graph.node(a.node).node.id.as_str();
    found.sort_by(|a, b| (a.distance, id(a)).cmp(&(b.distance, id(b))));
    found
}

/// The relations that a node writes; a procedure's are those that it would write.
#[must_use]
pub fn writes(graph: &Graph, index: Index) -> Vec<RelationName> {
    let node = graph.node(index);
    let is_definition = node.node.kind() == Kind::Definition;
    let lasting =
        |t: &&Touch| (is_definition || !t.deferred) && t.access.is_write() && t.access != Access::Drop;
    let touched = node.touches.iter().filter(lasting).map(|t| &t.relation);
    let mut seen = HashSet::new();
    node.relation.iter().chain(touched).filter(|r| seen.insert((*r).clone())).cloned().collect()
}

struct Walk<'a> {
    graph: &'a Graph,
    lineage: &'a Platform,
    readers: HashMap<&'a RelationName, Vec<(Index, &'a Touch)>>,
    callers: Callers<'a>,
    mentions: Mentions,
    found: BTreeMap<Index, Affected>,
    seen: HashMap<(RelationName, Option<Arc<str>>), Use>,
    queue: VecDeque<Reached>,
    /// Projects whose hidden SQL was looked at.
    searched: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn new(graph: &'a Graph, lineage: &'a Platform) -> Self {
        let mut readers: HashMap<&RelationName, Vec<(Index, &Touch)>> = HashMap::new();
        let callers = Callers::new(graph);
        for (index, touch) in graph.touches().filter(|(_, t)| t.access == Access::Read) {
            // What a definition does, its callers and readers are told of behind it.
            let is_own = touch.through.is_none() || touch.is_own_body();
            if is_own || callers.definition(index, touch).is_none() {
                readers.entry(&touch.relation).or_default().push((index, touch));
            }
        }
        Self {
            graph,
            lineage,
            readers,
            callers,
            mentions: Mentions::default(),
            found: BTreeMap::new(),
            seen: HashMap::new(),
            queue: VecDeque::new(),
            searched: HashSet::new(),
        }
    }

    fn reach(&mut self, reached: Reached) {
        let known = |column: Option<Arc<str>>| self.seen.get(&(reached.relation.clone(), column)).copied();
        // What all of a relation has brought, none of its columns can better.
        let before = known(None).into_iter().chain(known(reached.column.clone())).min();
        if before.is_none_or(|b| reached.how < b) {
            self.seen.insert((reached.relation.clone(), reached.column.clone()), reached.how);
            self.queue.push_back(reached);
        }
    }

    fn walk(&mut self) {
        while let Some(reached) = self.queue.pop_front() {
            for (index, touch) in self.readers.get(&reached.relation).cloned().unwrap_or_default() {
                let is_maker = self.graph.node(index).relation.as_ref() == Some(&reached.relation);
                // The script that makes a view is told of as the view.
                let is_body = touch.is_own_body() && self.callers.definition(index, touch).is_some();
                if !is_maker && !is_body {
                    self.visit(index, touch, &reached);
                }
            }
            self.search(&reached);
        }
    }

    fn visit(&mut self, index: Index, touch: &Touch, reached: &Reached) {
        let place = (Arc::clone(&touch.file), touch.span);
        let (how, place, given) = match &reached.column {
            Some(column) if reached.how != Use::Rows => {
                let Some(judged) = self.judge(index, touch, reached, column) else { return };
                (judged.how, judged.place.unwrap_or(place), judged.given)
            }
            _ => (reached.how, place, self.all(index, reached.how)),
        };
        self.affect(index, how, place, given, reached);
    }

    /// Tells of a node and of those that call it, and goes on with what they give.
    fn affect(&mut self, index: Index, how: Use, place: Place, given: Vec<Given>, reached: &Reached) {
        let how = how.max(reached.how);
        self.tell(index, how, place, reached);
        for (caller, place) in self.callers.of(self.graph, index) {
            self.tell(caller, how, place, reached);
        }
        for Given { relation, column, root, how: by } in given {
            let (through, distance) = (Some(index), reached.distance + 1);
            self.reach(Reached { relation, column, root, how: by.max(how), through, distance });
        }
    }

    /// All that a node writes.
    fn all(&self, index: Index, how: Use) -> Vec<Given> {
        let all = writes(self.graph, index).into_iter();
        all.map(|relation| Given { relation, column: None, root: None, how }).collect()
    }

    fn tell(&mut self, index: Index, how: Use, (file, span): Place, reached: &Reached) {
        if self.found.get(&index).is_some_and(|before| before.how <= how) {
            return;
        }
        let (relation, column) = (reached.relation.clone(), reached.column.clone());
        let (through, distance) = (reached.through, reached.distance + 1);
        self.found
            .insert(index, Affected { node: index, how, distance, through, relation, column, file, span });
    }

    /// Nodes of the relation's project that do what can't be seen may read it.
    fn search(&mut self, reached: &Reached) {
        let graph = self.graph;
        let Owner::Project(project) = graph.analysis().placement.owner(&reached.relation) else { return };
        if !self.searched.insert(project) {
            return;
        }
        for index in graph.indices() {
            let node = graph.node(index);
            let hidden = node.hidden.first().filter(|_| node.node.project == project);
            let Some((span, _)) = hidden else { continue };
            if !writes(graph, index).contains(&reached.relation) {
                let given = self.all(index, Use::Perhaps);
                self.affect(index, Use::Perhaps, (Arc::clone(&node.node.file), *span), given, reached);
            }
        }
    }
}
