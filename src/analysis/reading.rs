//! Turns what the SQL reader finds in a node's SQL into touches with full names and places in the
//! user's file.

use std::collections::HashMap;
use std::sync::Arc;

use super::calls::{Call, Defined};
use super::resolver::Resolver;
use super::touch::{Access, Touch, Via};
use super::{Allow, Compiled, Placement, ServerUse};
use crate::nouns::Node;
use crate::render::{ReferenceKind, Rendered, Resolved, UNKNOWN_PREFIX};
use crate::sql::{self, Definition, Directive, DirectiveKind, Reference, Verb};
use crate::words::{Code, Diagnostic, Dialect, RelationName, Span, nearest};

/// What was found in a piece of SQL.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Relations touched, with full names and places in the user's file.
    pub(super) touches: Vec<Touch>,
    /// Procedures executed and functions called: full name, place.
    pub(super) calls: Vec<Call>,
    /// Procedures, functions and views that it defines.
    pub(super) defines: Vec<Defined>,
    /// What comments allow.
    pub(super) allows: Vec<Allow>,
    /// SQL that can't be seen: place, and what stands there.
    pub(super) hidden: Vec<(Span, String)>,
    /// Other servers that it reaches.
    pub(super) servers: Vec<ServerUse>,
    /// The databases that it chooses with USE.
    pub(super) uses: Vec<(String, Span)>,
    /// Whether it runs in a transaction.
    pub(super) transaction: bool,
}

/// Procedures of SQL Server that run a command or job, outside of this connection.
const RUNS_COMMANDS: [&str; 4] =
    ["xp_cmdshell", "sp_start_job", "sp_add_jobstep", "sp_execute_external_script"];

/// Reads a node's SQL.
pub(super) fn read(
    node: &Node,
    compiled: &Compiled,
    dialect: Dialect,
    placement: &Placement,
    out: &mut Vec<Diagnostic>,
) -> Found {
    let script = sql::read(compiled.sql(), dialect);
    let attached =
        if dialect == Dialect::DuckDb { sql::attached(compiled.sql(), &script) } else { Vec::new() };
    let reader = Reader { node, compiled, dialect, placement, attached };
    for issue in &script.issues {
        let code = if issue.kind.is_unterminated() { Code::Unterminated } else { Code::InvalidSql };
        out.push(
            Diagnostic::new(code, issue.kind.to_string())
                .at(compiled.file(), reader.place(Span::new(issue.span.start, issue.span.start + 1)))
                .node(&node.id)
                .help(issue.kind.help()),
        );
    }
    let mut found = Found { transaction: true, ..Found::default() };
    for directive in &script.directives {
        reader.directive(directive, &mut found, out);
    }
    let declared = script
        .directives
        .iter()
        .any(|d| matches!(d.kind, DirectiveKind::Reads(_) | DirectiveKind::Writes(_)));
    for batch in &script.batches {
        reader.touches(&batch.touches, false, &mut found.touches);
        reader.calls(&batch.touches, &mut found.calls);
        if !declared {
            reader.hidden(&batch.touches, batch.span, &mut found.hidden);
        }
        for definition in &batch.defines {
            reader.definition(definition, declared, &mut found);
        }
    }
    reader.reach(&script, &mut found);
    found.touches.retain(|t| {
        !t.relation.name.starts_with("__dbt__cte__") && !t.relation.name.starts_with(UNKNOWN_PREFIX)
    });
    found
}

/// A model, like a test, is one query: what follows it would run unseen by the graph.
pub(super) fn single(node: &Node, compiled: &Compiled, dialect: Dialect, out: &mut Vec<Diagnostic>) {
    if dialect == Dialect::TSql || !compiled.sql().trim_end().trim_end_matches(';').contains(';') {
        return;
    }
    let statements = sql::statements(compiled.sql(), dialect);
    if let [_, second, ..] = statements.as_slice() {
        out.push(
            Diagnostic::new(
                Code::InvalidSql,
                format!("a {} is one query, but here a second statement begins", node.kind()),
            )
            .at(compiled.file(), compiled.place(first_line(compiled.sql(), second.span)))
            .node(&node.id)
            .help("move it to a hook (`pre_hook`, `post_hook`) or to a script"),
        );
    }
}

/// The first line of a span.
fn first_line(text: &str, span: Span) -> Span {
    let end = text[span.start..span.end].find('\n').map_or(span.end, |n| span.start + n);
    Span::new(span.start, end)
}

pub(super) struct Reader<'a> {
    pub(super) node: &'a Node,
    pub(super) compiled: &'a Compiled,
    pub(super) dialect: Dialect,
    pub(super) placement: &'a Placement,
    /// Other names of databases: that name, and the file's.
    attached: Vec<(String, String)>,
}

impl Reader<'_> {
    pub(super) fn place(&self, span: Span) -> Span {
        self.compiled.place(span)
    }

    fn full(&self, reference: &Reference) -> RelationName {
        let mut name = RelationName::clone(&reference.name);
        if name.database.is_none() {
            name.database = reference.current_database.as_deref().map(str::to_owned);
        }
        // DuckDB takes the first of two parts for a database, too.
        if let (Dialect::DuckDb, None, Some(first)) = (self.dialect, &name.database, &name.schema)
            && self.placement.foreign_database(first, &self.node.project).is_some()
        {
            name.database = name.schema.take();
        }
        for (alias, file) in &self.attached {
            let foreign = self.placement.foreign_database(file, &self.node.project).is_some();
            if !foreign {
                continue;
            }
            if name.database.as_ref() == Some(alias) {
                name.database = Some(file.clone());
            } else if name.database.is_none() && name.schema.as_ref() == Some(alias) {
                name.schema = None;
                name.database = Some(file.clone());
            }
        }
        self.placement.resolve(&name, &self.node.project, self.dialect)
    }

    fn touch(&self, reference: &Reference, access: Access, deferred: bool) -> Touch {
        Touch {
            relation: self.full(reference),
            written: reference.name.to_string(),
            access,
            via: Via::Sql,
            deferred,
            through: None,
            file: Arc::clone(self.compiled.file()),
            span: self.place(reference.span),
        }
    }

    fn touches(&self, found: &sql::Touches, deferred: bool, touches: &mut Vec<Touch>) {
        touches.extend(found.reads.iter().map(|r| self.touch(r, Access::Read, deferred)));
        touches.extend(found.writes.iter().map(|r| self.touch(r, self.access(r), deferred)));
        touches.extend(found.drops.iter().map(|r| self.touch(r, Access::Drop, deferred)));
    }

    /// Making it, making it unless it is there, or changing it.
    fn access(&self, reference: &Reference) -> Access {
        let before = self.compiled.sql()[..reference.span.start].trim_end();
        let tail = before.len().saturating_sub("EXISTS".len());
        let if_missing = before.get(tail..).is_some_and(|word| word.eq_ignore_ascii_case("exists"));
        match reference.verb {
            Verb::Create if if_missing || reference.conditional => Access::CreateIfMissing,
            Verb::Create | Verb::SelectInto => Access::Create,
            _ => Access::Modify,
        }
    }

    fn calls(&self, found: &sql::Touches, calls: &mut Vec<Call>) {
        // A system procedure in another database runs there.
        let elsewhere = found.system.iter().filter(|r| r.verb == Verb::Execute && r.name.database.is_some());
        for reference in found.executes.iter().chain(&found.functions).chain(elsewhere) {
            calls.push(Call {
                name: self.full(reference),
                written: reference.name.to_string(),
                executed: reference.verb == Verb::Execute,
                file: Arc::clone(self.compiled.file()),
                span: self.place(reference.span),
                texts: Vec::new(),
            });
        }
    }

    /// The places of SQL that can't be seen; the first line of `span` where there is no better one.
    fn hidden(&self, found: &sql::Touches, span: Span, hidden: &mut Vec<(Span, String)>) {
        let what = || "dynamic SQL".to_owned();
        if found.dynamic && found.hidden.is_empty() {
            hidden.push((self.place(first_line(self.compiled.sql(), span)), what()));
        }
        hidden.extend(found.hidden.iter().map(|span| (self.place(*span), what())));
        let commands = found.system.iter().chain(&found.executes).filter(|r| r.verb == Verb::Execute);
        for command in commands.filter(|r| RUNS_COMMANDS.contains(&r.name.name.as_str())) {
            hidden.push((self.place(command.span), format!("the command of `{}`", command.name)));
        }
    }

    /// A view's body is read when the view is made; any other body when it is called.
    fn definition(&self, definition: &Definition, declared: bool, found: &mut Found) {
        let mut touches = Vec::new();
        self.touches(&definition.touches, true, &mut touches);
        let mut calls = Vec::new();
        self.calls(&definition.touches, &mut calls);
        let mut hidden = Vec::new();
        if !declared {
            self.hidden(&definition.touches, definition.span, &mut hidden);
        }
        let named = Reference {
            name: Arc::new(definition.name.clone()),
            span: definition.span,
            verb: Verb::Other,
            conditional: false,
            current_database: definition.current_database.clone(),
        };
        found.defines.push(Defined {
            kind: definition.kind,
            name: self.full(&named),
            target: definition.target.as_ref().map(|t| self.full(t)),
            span: self.place(definition.span),
            extent: self.place(definition.extent),
            touches,
            calls,
            hidden,
            files: definition.touches.files.iter().map(|f| (f.path.clone(), self.place(f.span))).collect(),
            servers: Vec::new(),
            runs: Vec::new(),
        });
    }

    fn directive(&self, directive: &Directive, found: &mut Found, out: &mut Vec<Diagnostic>) {
        let say = |message: String, help: &str| {
            Diagnostic::new(Code::UnknownKey, message)
                .at(self.compiled.file(), self.place(directive.span))
                .node(&self.node.id)
                .help(help)
        };
        match &directive.kind {
            DirectiveKind::Allow { codes, reason } => {
                let Some(reason) = reason.as_deref().map(str::trim).filter(|r| !r.is_empty()) else {
                    out.push(say(
                        "`allow` gives no reason".into(),
                        "write `-- goldsmith: allow GS101 because ...`",
                    ));
                    return;
                };
                let mut allowed = Vec::new();
                for word in codes {
                    match Code::named(word) {
                        Ok(codes) => allowed.extend(codes),
                        Err(near) => out.push(say(
                            format!("there is no rule `{word}` to allow"),
                            &near.map_or_else(
                                || "rules are named by code, such as GS101, or by name".to_owned(),
                                |near| format!("did you mean `{near}`?"),
                            ),
                        )),
                    }
                }
                if allowed.is_empty() {
                    return;
                }
                // The line is one of the text that was read; a model's template may count otherwise.
                let text = self.compiled.sql();
                let start = text.split_inclusive('\n').take(directive.line - 1).map(str::len).sum::<usize>();
                let offset = self.place(Span::new(start, start)).start;
                let line = self.compiled.file().position(offset).line;
                let span = self.place(directive.span);
                found.allows.push(Allow { codes: allowed, line, reason: reason.to_owned(), span });
            }
            DirectiveKind::Transaction(on) => found.transaction = *on,
            DirectiveKind::Unknown(text) => out.push(say(
                format!("goldsmith does not know the comment `{text}`"),
                "it knows: reads NAME, writes NAME, allow CODE because .., transaction off",
            )),
            DirectiveKind::Reads(_) | DirectiveKind::Writes(_) | DirectiveKind::XactAbort(_) => {}
        }
    }
}

/// The relations that a template names by `ref()` and `source()`.
pub(super) fn references(
    node: &Node,
    rendered: &Rendered,
    relations: &HashMap<String, RelationName>,
    touches: &mut Vec<Touch>,
) {
    for reference in &rendered.refs {
        let relation = match &reference.resolved {
            Some(Resolved::Relation(relation)) => relation,
            Some(Resolved::Ephemeral(cte)) => match relations.get(cte) {
                Some(relation) => relation,
                None => continue,
            },
            None => continue,
        };
        let via = match reference.kind {
            ReferenceKind::Ref => Via::Ref,
            ReferenceKind::Source => Via::Source,
        };
        let touch = Touch {
            relation: relation.clone(),
            written: written(reference),
            access: Access::Read,
            via,
            deferred: false,
            through: None,
            file: Arc::clone(&node.file),
            span: reference.span,
        };
        // The scan has found the name that the call printed: the call is the better place. What
        // was written out elsewhere is a touch of its own.
        let text = node.file.text();
        let printed = |t: &Touch| {
            t.relation == touch.relation
                && t.access == Access::Read
                && t.via == Via::Sql
                && (t.span.start < touch.span.end && touch.span.start < t.span.end
                    || !text
                        .get(t.span.start..t.span.end)
                        .is_some_and(|at| at.to_lowercase().contains(&t.relation.name)))
        };
        touches.retain(|t| !printed(t));
        touches.push(touch);
    }
}

/// Tells of every `ref()` and `source()` that names nothing.
pub(super) fn unknown(node: &Node, rendered: &Rendered, resolver: &Resolver, out: &mut Vec<Diagnostic>) {
    for reference in rendered.refs.iter().filter(|r| r.resolved.is_none()) {
        let Some(name) = reference.args.last() else { continue };
        let call = written(reference);
        let (message, near, otherwise) = match reference.kind {
            ReferenceKind::Ref if reference.args.len() == 1 && resolver.disabled.contains(name) => (
                format!("`{call}` names `{}.{name}`, which is disabled", node.project),
                None,
                Some(format!("remove `enabled: false` from `{name}`, or read something else")),
            ),
            ReferenceKind::Ref => (
                format!("`{call}` names no model or seed of project `{}`", node.project),
                nearest(name, resolver.reference_names()).map(|n| format!("ref('{n}')")),
                resolver
                    .load_names()
                    .find(|l| *l == name)
                    .map(|l| format!("`{l}` is a load: write source('{}', '{l}')", node.project)),
            ),
            ReferenceKind::Source => (
                format!("`{call}` names no load of project `{}`", node.project),
                nearest(name, resolver.load_names()).map(|n| format!("source('{}', '{n}')", node.project)),
                resolver
                    .reference_names()
                    .find(|r| *r == name)
                    .map(|r| format!("`{r}` is a model: write ref('{r}')")),
            ),
        };
        let told = Diagnostic::new(Code::UnknownRef, message).at(&node.file, reference.span).node(&node.id);
        if out.iter().any(|d| d.code == Code::UnknownRef && d.span == told.span && d.node == told.node) {
            continue;
        }
        out.push(match otherwise.or_else(|| near.map(|n| format!("did you mean `{n}`?"))) {
            Some(help) => told.help(help),
            None if reference.kind == ReferenceKind::Source => {
                told.help("loads stand under `loads:` in the YAML of bronze/")
            }
            None => told.help("names are those of files, without `.sql`"),
        });
    }
}

fn written(reference: &crate::render::Reference) -> String {
    let word = match reference.kind {
        ReferenceKind::Ref => "ref",
        ReferenceKind::Source => "source",
    };
    let args: Vec<String> = reference.args.iter().map(|a| format!("'{a}'")).collect();
    format!("{word}({})", args.join(", "))
}
