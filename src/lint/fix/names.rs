//! Lets a node read an import in place of another project's relation: every place where its SQL
//! or its template names the relation, at its exact span, or a reason why that can't be done.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::imports::Import;
use super::qualifiers::{Needs, Qualifiers};
use crate::analysis::{AnalyzedNode, Compiled};
use crate::graph::{Graph, Index};
use crate::lint::settle::is_allowed;
use crate::nouns::{Kind, node_id};
use crate::render::{LiteralCall, Markup};
use crate::sql::{self, Reference};
use crate::words::{Diagnostic, Edit, RelationName, SourceFile, Span};

/// The edits to one node, and the places that they are about.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    pub(super) edits: Vec<Edit>,
    pub(super) places: Vec<Span>,
}

/// A place that can't be rewritten, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) span: Span,
    pub(super) why: &'static str,
}

/// One relation that one node reads, and what it is to read.
pub(super) struct Names<'a> {
    graph: &'a Graph,
    node: &'a AnalyzedNode,
    file: &'a Arc<SourceFile>,
    /// The relation as the node names it.
    seen: &'a RelationName,
    /// The node that makes it.
    maker: Option<Index>,
    import: &'a Import,
    /// The diagnostic, to ask whether a comment allows a place.
    told: &'a Diagnostic,
    markup: Option<Markup<'a>>,
    calls: Vec<LiteralCall>,
    /// The variables that one of the calls is given to.
    variables: HashSet<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        node: &'a AnalyzedNode,
        (seen, maker): (&'a RelationName, Option<Index>),
        import: &'a Import,
        told: &'a Diagnostic,
    ) -> Self {
        let file = &node.node.file;
        let markup = (node.node.kind() != Kind::Script).then(|| Markup::new(file.text()));
        let mut names = Self {
            graph,
            node,
            file,
            seen,
            maker,
            import,
            told,
            markup,
            calls: Vec::new(),
            variables: HashSet::new(),
        };
        let calls = names.markup.as_ref().map(Markup::calls).unwrap_or_default();
        names.calls = calls.into_iter().filter(|call| names.is_meant(call)).collect();
        names.variables = names.calls.iter().filter_map(|call| call.variable.clone()).collect();
        names
    }

    /// All edits, or the first place that can't be edited.
    pub(super) fn rewrite(&self) -> Result<Rewritten, Refused> {
        let mut out = Rewritten::default();
        for call in self.calls.iter().filter(|call| !self.is_allowed(call.span)) {
            let old = &self.file.text()[call.span.start..call.span.end];
            let quote = if old.contains('"') { '"' } else { '\'' };
            self.edit(call.span, self.call(quote), &mut out);
            out.places.push(call.span);
        }
        // The same place can be rendered more than once; it is edited once, in one way.
        let mut aliases: HashMap<Span, bool> = HashMap::new();
        for compiled in self.node.sql.iter().chain(&self.node.incremental_sql) {
            self.compiled(compiled, &mut aliases, &mut out)?;
        }
        out.places.sort();
        Ok(out)
    }

    fn compiled(
        &self,
        compiled: &Compiled,
        aliases: &mut HashMap<Span, bool>,
        out: &mut Rewritten,
    ) -> Result<(), Refused> {
        let text = compiled.sql();
        let script = sql::read(text, self.node.dialect);
        let bodies = script.defines().flat_map(|d| &d.touches.reads);
        let reads: Vec<&Reference> = script.reads().chain(bodies).collect();
        let wanted: Vec<&Reference> = reads.iter().copied().filter(|r| self.is_read(compiled, r)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let tables = reads.iter().map(|r| r.span.start).collect();
        let statements = script.statements().map(|s| s.span.start).collect();
        let query = Qualifiers::new(text, self.node.dialect, tables, &statements);
        for reference in wanted {
            let place = compiled.place(reference.span);
            if self.is_allowed(place) {
                continue;
            }
            let behind = self.name(compiled, reference, place, out)?;
            let is_own = |span| Arc::ptr_eq(compiled.origin(span).0, self.file);
            let mut needs = query.needs(reference.span, self.seen, is_own);
            self.qualifiers(compiled, &mut needs, place, out)?;
            let aliased = needs.alias.is_some();
            if aliases.insert(place, aliased).is_some_and(|before| before != aliased) {
                let why = "it is rendered more than once, with an alias and without";
                return Err(Refused { span: place, why });
            }
            out.places.push(place);
            if let Some(alias) = &needs.alias {
                let Some(behind) = behind.filter(|_| !needs.stuck) else {
                    let why = "columns are qualified by the table's name, and an alias can't be put in here";
                    return Err(Refused { span: place, why });
                };
                let text = format!(" {} {alias}", query.as_word(reference.span));
                self.edit(Span::new(behind, behind), text, out);
            }
        }
        Ok(())
    }

    /// Edits one name of a table; gives the offset behind which an alias can stand.
    fn name(
        &self,
        compiled: &Compiled,
        reference: &Reference,
        place: Span,
        out: &mut Rewritten,
    ) -> Result<Option<usize>, Refused> {
        if self.is_literal(compiled, reference.span, place)
            && sql::parse_name(&self.file.text()[place.start..place.end], self.node.dialect).as_ref()
                == Some(&reference.name)
        {
            self.edit(place, self.table(reference), out);
            return Ok(Some(place.end));
        }
        if self.is_printed(place) {
            let alone = self.markup.as_ref().and_then(|m| m.alone(place));
            return Ok(alone.map(|tag| tag.end));
        }
        let why = "the name is put together here, by a macro, a variable or a string";
        Err(Refused { span: place, why })
    }

    /// Whether a place in a tag prints what one of the calls gives: the call itself, or a variable
    /// that was set to it.
    fn is_printed(&self, place: Span) -> bool {
        let at = self.calls.partition_point(|c| c.span.start < place.start);
        let word = self.file.text().get(place.start..place.end);
        self.calls.get(at).is_some_and(|c| c.span.end <= place.end)
            || self.markup.as_ref().is_some_and(|m| m.alone(place).is_some())
                && word.is_some_and(|word| self.variables.contains(word))
    }

    /// Cuts database and schema out of qualified columns, where they are plain text. Where a call
    /// prints them the call is edited, and no alias is needed.
    fn qualifiers(
        &self,
        compiled: &Compiled,
        needs: &mut Needs,
        place: Span,
        out: &mut Rewritten,
    ) -> Result<(), Refused> {
        let (mut cut_here, mut printed) = (false, None);
        for (cut, whole) in needs.cuts.iter().zip(&needs.whole) {
            let (cut_at, at) = (compiled.place(*cut), compiled.place(*whole));
            if self.is_literal(compiled, *whole, at) && self.is_literal(compiled, *cut, cut_at) {
                self.edit(cut_at, String::new(), out);
                cut_here = true;
            } else if self.is_printed(at) {
                printed = Some(at);
            } else {
                let why = "columns are qualified by the table's full name, which is put together here";
                return Err(Refused { span: if at.end > at.start { at } else { place }, why });
            }
        }
        match printed {
            Some(span) if cut_here || needs.short => {
                let why = "columns are qualified by the table's name both in a tag and in plain text";
                Err(Refused { span, why })
            }
            Some(_) => {
                needs.alias = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether a piece of SQL is the file's own text, and an expression could stand for it.
    fn is_literal(&self, compiled: &Compiled, rendered: Span, place: Span) -> bool {
        let same =
            self.file.text().get(place.start..place.end) == compiled.sql().get(rendered.start..rendered.end);
        same && self.markup.as_ref().is_none_or(|m| m.takes_expression(place))
    }

    /// Whether a reference in the node's own text reads the relation.
    fn is_read(&self, compiled: &Compiled, reference: &Reference) -> bool {
        let mut name = reference.name.clone();
        if name.database.is_none() {
            name.database = reference.current_database.as_deref().map(str::to_owned);
        }
        let placement = &self.graph.analysis().placement;
        placement.resolve(&name, &self.node.node.project, self.node.dialect) == *self.seen
            && Arc::ptr_eq(compiled.origin(reference.span).0, self.file)
    }

    /// Whether a call names the node that makes the relation.
    fn is_meant(&self, call: &LiteralCall) -> bool {
        let [project, name] = call.args.as_slice() else { return false };
        *project != self.node.node.project
            && self.maker.is_some()
            && self.graph.find(&node_id(project, name)) == self.maker
    }

    fn is_allowed(&self, place: Span) -> bool {
        is_allowed(self.graph, &self.told.clone().at(self.file, place))
    }

    fn call(&self, quote: char) -> String {
        let Import { project, name, .. } = self.import;
        format!("source({quote}{project}{quote}, {quote}{name}{quote})")
    }

    /// What stands in place of a table's name.
    fn table(&self, reference: &Reference) -> String {
        if self.markup.is_some() {
            return format!("{{{{ {} }}}}", self.call('\''));
        }
        let table = &self.import.table;
        let here = reference.current_database.as_deref();
        let elsewhere = here.is_some_and(|d| table.database.as_deref() != Some(d));
        let outer = [table.database.as_deref().filter(|_| elsewhere), table.schema.as_deref()];
        let parts = outer.into_iter().flatten().chain([table.name.as_str()]);
        let parts: Vec<String> = parts.map(|part| self.part(part)).collect();
        parts.join(".")
    }

    /// A part of a name, quoted where it has to be.
    fn part(&self, part: &str) -> String {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if plain { part.to_owned() } else { sql::quote(self.node.dialect, part) }
    }

    fn edit(&self, span: Span, text: String, out: &mut Rewritten) {
        out.edits.push(Edit::new(self.file, span, text));
    }
}
