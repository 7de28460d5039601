//! What financial scripts run: their own SQL, and through any depth of calls the procedures,
//! functions and views of other files. Judges nothing; each rule brings its own eye, and all of
//! them look at a text that is read once.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::analysis::{Access, AnalyzedNode, Compiled, Defined, Owner, Touch};
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Track};
use crate::sql::{self, DefinitionKind, Form, Statement, Token};
use crate::words::{Code, Diagnostic, Dialect, RelationName, Span};

/// A piece of SQL that a rule looks at.
pub(super) struct Passage<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// The dialect that it is written in.
    pub(super) dialect: Dialect,
    /// The project that it belongs to.
    pub(super) project: &'a str,
    /// The tokens of the text.
    pub(super) tokens: Vec<Token>,
    /// The statements that they make up.
    pub(super) statements: Vec<Statement>,
    /// How it is run, where it is a text within other SQL: `EXEC('..')`, `DO $$ .. $$`.
    pub(super) form: Option<Form>,
}

impl<'a> Passage<'a> {
    fn of(node: &'a AnalyzedNode, sql: &'a Compiled, extent: Span) -> Self {
        let text = sql.sql().get(extent.start..extent.end).unwrap_or_default();
        let (tokens, statements) = sql::cut(text, node.dialect);
        Self { text, dialect: node.dialect, project: &node.node.project, tokens, statements, form: None }
    }

    /// Whether it may be a piece of a statement whose rest can't be seen.
    pub(super) fn is_piece(&self) -> bool {
        self.form == Some(Form::Piece)
    }
}

/// How a rule looks at a passage.
pub(super) type Eye = fn(&Graph, &Passage) -> Vec<Finding>;

/// What a rule finds in a passage.
pub(super) struct Finding {
    /// What the script does, as in "reads rows that are not committed".
    pub(super) what: String,
    /// The place in the passage.
    pub(super) span: Span,
    /// What to do about it.
    pub(super) help: String,
}

/// Where a definition stands: the node that holds it, and which of its definitions it is.
type Place = (Index, usize);

/// Whether a node is a financial script.
pub(super) fn is_financial(node: &AnalyzedNode) -> bool {
    node.node.kind() == Kind::Script && node.node.track == Some(Track::Financial)
}

/// Whether a relation stands in the financial schema of its project.
pub(super) fn is_published(graph: &Graph, relation: &RelationName) -> bool {
    let placement = &graph.analysis().placement;
    let Owner::Project(owner) = placement.owner(relation) else { return false };
    let financial = placement.schemas(owner).map(|s| s.financial.as_str());
    relation.schema.as_deref().zip(financial).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// All definitions of a platform by name.
pub(super) fn definitions(graph: &Graph) -> HashMap<&RelationName, Vec<Place>> {
    let mut places: HashMap<&RelationName, Vec<Place>> = HashMap::new();
    for index in graph.indices() {
        for (i, defined) in graph.node(index).defines.iter().enumerate() {
            places.entry(&defined.name).or_default().push((index, i));
        }
    }
    places
}

/// The triggers of each table.
type Triggers<'a> = HashMap<&'a RelationName, Vec<&'a RelationName>>;

fn triggers(graph: &Graph) -> Triggers<'_> {
    let mut triggers = Triggers::new();
    for defined in graph.indices().flat_map(|index| &graph.node(index).defines) {
        if let Some(table) = defined.target.as_ref().filter(|_| defined.kind == DefinitionKind::Trigger) {
            triggers.entry(table).or_default().push(&defined.name);
        }
    }
    triggers
}

/// Shows the rules everything that financial scripts run, and tells what they find: in a script at
/// its own line, in a definition of another file at the call that leads there.
pub(super) fn inspect(graph: &Graph, eyes: &[(Code, Eye)]) -> Vec<Diagnostic> {
    let scripts: Vec<Index> = graph.indices().filter(|i| is_financial(graph.node(*i))).collect();
    if scripts.is_empty() {
        return Vec::new();
    }
    let definitions = definitions(graph);
    let triggers = triggers(graph);
    let calls: Vec<Vec<(Place, Span)>> = scripts
        .par_iter()
        .map(|script| reached(graph, graph.node(*script), &definitions, &triggers))
        .collect();
    let places: HashSet<Place> = calls.iter().flatten().map(|(place, _)| *place).collect();
    let bodies: HashMap<Place, Vec<(Code, Finding)>> =
        places.into_par_iter().map(|place| (place, body(graph, place, eyes))).collect();
    let tell = |(script, calls): (&Index, &Vec<(Place, Span)>)| {
        let script = graph.node(*script);
        let mut told = own(graph, script, eyes);
        told.extend(calls.iter().flat_map(|(place, call)| {
            let findings = bodies.get(place).into_iter().flatten();
            findings.filter_map(|(code, finding)| through(graph, script, (*place, *call), *code, finding))
        }));
        told
    };
    scripts.par_iter().zip(&calls).flat_map_iter(tell).collect()
}

/// What all eyes see in a passage and in the texts that it runs.
fn look(graph: &Graph, passage: &Passage, eyes: &[(Code, Eye)]) -> Vec<(Code, Finding)> {
    let mut found = Vec::new();
    for (code, eye) in eyes {
        found.extend(eye(graph, passage).into_iter().map(|finding| (*code, finding)));
    }
    // Several statements may run one text.
    let mut seen: HashSet<(Code, Span)> = HashSet::new();
    for mut run in sql::texts(passage.text, passage.dialect, &passage.tokens, &passage.statements) {
        let form = Some(run.form);
        let (tokens, statements) = (std::mem::take(&mut run.tokens), std::mem::take(&mut run.statements));
        let inner = Passage { text: &run.text, tokens, statements, form, ..*passage };
        for (code, eye) in eyes {
            let placed = eye(graph, &inner).into_iter().map(|f| Finding { span: run.place(f.span), ..f });
            found.extend(placed.filter(|f| seen.insert((*code, f.span))).map(|f| (*code, f)));
        }
    }
    found
}

/// What is found in a script's own SQL.
fn own(graph: &Graph, script: &AnalyzedNode, eyes: &[(Code, Eye)]) -> Vec<Diagnostic> {
    let Some(compiled) = &script.sql else { return Vec::new() };
    let passage = Passage::of(script, compiled, Span::new(0, compiled.sql().len()));
    let node = &script.node;
    let tell = |(code, finding): (Code, Finding)| {
        Diagnostic::new(code, format!("`{}` {}", node.name, finding.what))
            .at(compiled.file(), compiled.place(finding.span))
            .node(&node.id)
            .help(finding.help)
    };
    look(graph, &passage, eyes).into_iter().map(tell).collect()
}

/// What is found in a definition; those of financial scripts are told there.
fn body(graph: &Graph, (holder, nth): Place, eyes: &[(Code, Eye)]) -> Vec<(Code, Finding)> {
    let other = graph.node(holder);
    let Some(sql) = other.sql.as_ref().filter(|_| !is_financial(other)) else { return Vec::new() };
    look(graph, &Passage::of(other, sql, other.defines[nth].extent), eyes)
}

/// A finding in a definition, told at the call in the script that leads there.
fn through(
    graph: &Graph,
    script: &AnalyzedNode,
    ((holder, nth), call): (Place, Span),
    code: Code,
    finding: &Finding,
) -> Option<Diagnostic> {
    let other = graph.node(holder);
    let (sql, defined) = (other.sql.as_ref()?, &other.defines[nth]);
    let node = &script.node;
    let start = defined.extent.start;
    let span = Span::new(start + finding.span.start, start + finding.span.end);
    let through = format!("{} `{}`", defined.kind.word(), short(defined));
    Some(
        Diagnostic::new(code, format!("`{}` {} through {through}", node.name, finding.what))
            .at(&node.file, call)
            .label(sql.file(), sql.place(span), format!("here, in {through}"))
            .node(&node.id)
            .help(&finding.help),
    )
}

/// `schema.name` of a definition.
fn short(defined: &Defined) -> String {
    format!("{}.{}", defined.name.schema.as_deref().unwrap_or_default(), defined.name.name)
}

/// The definitions that a script runs, each with the place in the script that leads there.
fn reached<'a>(
    graph: &'a Graph,
    script: &'a AnalyzedNode,
    definitions: &HashMap<&RelationName, Vec<Place>>,
    triggers: &Triggers<'a>,
) -> Vec<(Place, Span)> {
    let mut open: Vec<(&RelationName, Span)> = script.calls.iter().map(|c| (&c.name, c.span)).collect();
    let deep = script.defines.iter().flat_map(|d| &d.calls);
    open.extend(deep.map(|c| (&c.name, c.span)));
    open.extend(views(script.touches.iter(), graph, definitions).map(|t| (&t.relation, t.span)));
    open.extend(fired(script.touches.iter(), triggers));
    open.reverse();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    while let Some((name, span)) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        for place in definitions.get(name).into_iter().flatten() {
            let defined = &graph.node(place.0).defines[place.1];
            found.push((*place, span));
            open.extend(defined.calls.iter().map(|c| (&c.name, span)));
            open.extend(views(defined.touches.iter(), graph, definitions).map(|t| (&t.relation, span)));
            open.extend(fired(defined.touches.iter(), triggers).map(|(name, _)| (name, span)));
        }
    }
    found
}

/// The triggers on the tables that the touches change, each with the place of the change.
fn fired<'a>(
    touches: impl Iterator<Item = &'a Touch>,
    triggers: &Triggers<'a>,
) -> impl Iterator<Item = (&'a RelationName, Span)> {
    touches
        .filter(|t| t.access == Access::Modify)
        .flat_map(move |t| triggers.get(&t.relation).into_iter().flatten().map(move |name| (*name, t.span)))
}

/// Those of the touches that read a view.
fn views<'a>(
    touches: impl Iterator<Item = &'a crate::analysis::Touch>,
    graph: &'a Graph,
    definitions: &HashMap<&RelationName, Vec<Place>>,
) -> impl Iterator<Item = &'a crate::analysis::Touch> {
    touches.filter(|t| t.access == Access::Read).filter(move |t| {
        let places = definitions.get(&t.relation);
        places.into_iter().flatten().any(|p| graph.node(p.0).defines[p.1].kind == DefinitionKind::View)
    })
}
