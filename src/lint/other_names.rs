//! GS101, GS102 and GS104 of what is named without being a read of rows: sequences, foreign keys,
//! statistics, rights, queues. These are no reads and order nothing, so only the lint looks at them.

use std::collections::HashSet;

use crate::analysis::{AnalyzedNode, Compiled, Owner};
use crate::graph::Graph;
use crate::sql::{Kind, Token, name_at, tokens};
use crate::words::{Code, Diagnostic, Dialect, RelationName, Span};

/// Without one of these in a text there is nothing to look for.
const NEEDLES: [&str; 6] = ["next", "references", "statistics", "grant", "deny", "receive"];
/// How far from its beginning a statement is searched for the name.
const FARTHEST: usize = 64;

/// What is named, and how.
struct Named {
    name: RelationName,
    span: Span,
    does: &'static str,
    writes: bool,
}

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for index in graph.indices() {
        let node = graph.node(index);
        let Some(compiled) = &node.sql else { continue };
        let lower = compiled.sql().to_ascii_lowercase();
        if NEEDLES.iter().any(|n| lower.contains(n)) {
            let named = names(compiled.sql(), node.dialect);
            found.extend(named.into_iter().filter_map(|n| tell(graph, node, compiled, &n)));
        }
    }
    if found.is_empty() {
        return found;
    }
    // What counts as read or written anyway is told by the rules on that.
    let touched: HashSet<_> = graph.touches().map(|(_, t)| (t.file.path().as_str(), t.span.start)).collect();
    found.retain(|d| d.file.as_ref().is_none_or(|f| !touched.contains(&(f.path().as_str(), d.span.start))));
    found
}

fn tell(graph: &Graph, node: &AnalyzedNode, compiled: &Compiled, named: &Named) -> Option<Diagnostic> {
    let own = &node.node.project;
    // A name without a database belongs where USE has led.
    let certain = named.name.database.is_some() || node.uses.is_empty();
    if !certain || named.name.server.is_some() {
        return None;
    }
    let placement = &graph.analysis().placement;
    let relation = placement.resolve(&named.name, own, node.dialect);
    let Named { does, writes, .. } = named;
    let written = compiled.sql().get(named.span.start..named.span.end)?;
    let (code, whose, help) = match placement.owner(&relation) {
        Owner::Project(owner) if owner == own => return None,
        Owner::Project(owner) => {
            let code = if *writes { Code::CrossSourceWrite } else { Code::CrossSourceRead };
            let help = format!("keep to what is your own: only project `{owner}` uses and changes it");
            (code, format!("which belongs to project `{owner}`"), help)
        }
        Owner::Nobody => {
            let database = named.name.database.as_deref()?;
            if ["master", "msdb", "tempdb", "model"].contains(&database) {
                return None;
            }
            let whose = format!("but no project owns the database `{database}`");
            (Code::UnknownOwner, whose, "make a project of it, or use what is your own".to_owned())
        }
    };
    let (file, span) = compiled.origin(named.span);
    Some(
        Diagnostic::new(code, format!("`{}` {does} `{written}`, {whose}", node.node.name))
            .at(file, span)
            .node(&node.node.id)
            .relation(relation.to_string())
            .help(help),
    )
}

fn names(text: &str, dialect: Dialect) -> Vec<Named> {
    let tokens = tokens(text, dialect);
    (0..tokens.len()).filter_map(|at| Words { text, tokens: &tokens, dialect }.named(at)).collect()
}

struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
    dialect: Dialect,
}

impl Words<'_> {
    fn says(&self, at: usize, words: &[&str]) -> bool {
        let Some(token) = self.tokens.get(at).filter(|t| t.kind == Kind::Word) else { return false };
        let text = token.text(self.text);
        words.iter().any(|w| text.eq_ignore_ascii_case(w))
    }

    /// What is named by the words that start here.
    fn named(&self, at: usize) -> Option<Named> {
        let tsql = self.dialect == Dialect::TSql;
        if self.says(at, &["next"]) && self.says(at + 1, &["value"]) && self.says(at + 2, &["for"]) {
            return self.name(at + 3, "takes numbers from", true);
        }
        if self.says(at, &["references"]) && self.tokens.get(at + 1)?.is_name() {
            return self.name(at + 1, "refers to", false);
        }
        if tsql && self.says(at, &["update"]) && self.says(at + 1, &["statistics"]) {
            return self.name(at + 2, "updates the statistics of", true);
        }
        if tsql && self.says(at, &["receive"]) {
            return self.name(self.behind(at, &["from"])?, "takes messages from", true);
        }
        if self.says(at, &["grant", "deny", "revoke"]) {
            let on = self.behind(at, &["on"])?;
            let is_kind = |at: usize| self.says(at, &["object", "table", "sequence", "view"]);
            let colon = |at: usize| {
                self.tokens.get(at).is_some_and(|t| matches!(t.kind, Kind::Colon | Kind::Operator))
            };
            let mut name = if is_kind(on) { on + 1 } else { on };
            name += (name..name + 2).take_while(|i| colon(*i)).count();
            return self.name(name, "changes the rights on", true);
        }
        None
    }

    /// The token behind a word of the same statement.
    fn behind(&self, at: usize, words: &[&str]) -> Option<usize> {
        let near = at + 1..self.tokens.len().min(at + FARTHEST);
        let mut near = near.take_while(|i| !matches!(self.tokens[*i].kind, Kind::Semicolon | Kind::Go));
        near.find(|i| self.says(*i, words)).map(|i| i + 1)
    }

    fn name(&self, at: usize, does: &'static str, writes: bool) -> Option<Named> {
        let (name, end) = name_at(self.text, self.tokens, at)?;
        let span = Span::new(self.tokens[at].start as usize, self.tokens[end - 1].end());
        // One word may be a keyword; without a schema it is one's own in any case.
        name.schema.is_some().then_some(Named { name, span, does, writes })
    }
}
