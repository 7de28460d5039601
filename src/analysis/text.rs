//! What SQL reaches beyond its relations, as touches: names in text that is run, where they belong
//! to somebody else; other servers; databases that USE chooses.

use std::collections::HashMap;
use std::sync::Arc;

use super::calls::Call;
use super::reading::{Found, Reader};
use super::touch::{Access, Touch, Via};
use super::{Owner, ServerUse};
use crate::sql::{self, Argument, Keyword, Script, Shape, TextName};
use crate::words::{Dialect, RelationName, Span};

/// Databases of SQL Server's own.
const SYSTEM: [&str; 4] = ["master", "msdb", "tempdb", "model"];

impl Reader<'_> {
    /// Adds what is reached beyond the relations, to the definition in whose body it stands.
    pub(super) fn reach(&self, script: &Script, found: &mut Found) {
        let reach = sql::reach(self.compiled.sql(), self.dialect, script);
        self.uses(script, found);
        // What stands there by name is only looked through where something is held against it.
        if reach == sql::Reach::default() {
            return;
        }
        let mut known = Known::new(found);
        for name in &reach.names {
            let Some(touch) = self.text_touch(name) else { continue };
            let definition = known.definition(touch.span);
            let touches = match definition {
                Some(nth) => &mut found.defines[nth].touches,
                None => &mut found.touches,
            };
            match known.same(definition, &touch, touches) {
                Some(same) => {
                    touches[same].span = touch.span;
                    touches[same].via = Via::Text;
                }
                None => touches.push(Touch { deferred: definition.is_some(), ..touch }),
            }
        }
        for server in reach.servers {
            let server = ServerUse { span: self.place(server.span), ..server };
            match known.definition(server.span) {
                Some(nth) => found.defines[nth].servers.push(server),
                None => found.servers.push(server),
            }
        }
        for (batch, parameters) in reach.runners {
            let place = self.place(batch);
            let runner = found.defines.iter_mut().find(|d| holds(place, d.extent));
            if let Some(runner) = runner {
                runner.runs = parameters;
            }
        }
        self.arguments(reach.arguments, found);
    }

    /// Adds the databases that USE chooses.
    fn uses(&self, script: &Script, found: &mut Found) {
        let uses = script.statements().filter(|s| s.keyword == Some(Keyword::Use));
        found.uses.extend(uses.filter_map(|statement| {
            let token =
                sql::tokens(&self.compiled.sql()[statement.span.start..statement.span.end], self.dialect);
            let name = token.get(1).filter(|t| t.is_name())?.span();
            let span = Span::new(statement.span.start + name.start, statement.span.start + name.end);
            let text = self.compiled.sql()[span.start..span.end].trim_matches(['[', ']', '"']);
            Some((text.to_lowercase(), self.place(span)))
        }));
    }

    /// Adds to the calls what is named in text that they hand over.
    fn arguments(&self, arguments: Vec<Argument>, found: &mut Found) {
        if arguments.is_empty() {
            return;
        }
        let bodies = found.defines.iter_mut().flat_map(|d| &mut d.calls);
        let calls = bodies.chain(&mut found.calls).map(|c| (c.span.start, c));
        let mut calls: HashMap<usize, &mut Call> = calls.collect();
        for argument in arguments {
            let touches: Vec<Touch> = argument.names.iter().filter_map(|n| self.text_touch(n)).collect();
            let start = self.place(Span::new(argument.call, argument.call + 1)).start;
            if let Some(call) = calls.get_mut(&start).filter(|_| !touches.is_empty()) {
                call.texts.push((argument.position, argument.parameter, touches));
            }
        }
    }

    /// The touch of a name in text that is run, if it belongs to anybody else.
    fn text_touch(&self, name: &TextName) -> Option<Touch> {
        let relation = match name.shape {
            Shape::Alone => self.placement.foreign_database(&name.name.name, &self.node.project)?,
            Shape::Dotted | Shape::Relation => self.named(name)?,
        };
        Some(Touch {
            relation,
            written: name.name.to_string(),
            access: if name.writes { Access::Modify } else { Access::Read },
            via: Via::Text,
            deferred: false,
            through: None,
            file: Arc::clone(self.compiled.file()),
            span: self.place(name.span),
        })
    }

    fn named(&self, name: &TextName) -> Option<RelationName> {
        let written = &name.name;
        // `database.` in front of what is put together, or DuckDB's `database.table`.
        if let (None, Some(first)) = (&written.database, &written.schema)
            && let Some(database) = self.placement.foreign_database(first, &self.node.project)
        {
            return Some(RelationName { name: written.name.clone(), ..database });
        }
        let full = self.placement.resolve(written, &self.node.project, self.dialect);
        if full.server.is_some() {
            return (name.shape == Shape::Relation).then_some(full);
        }
        match self.placement.owner(&full) {
            Owner::Project(owner) => (owner != self.node.project).then_some(full),
            Owner::Nobody => {
                let system = written.database.as_deref().is_none_or(|d| SYSTEM.contains(&d))
                    || matches!(full.schema.as_deref(), Some("sys" | "information_schema"));
                (name.shape == Shape::Relation && !system && self.dialect == Dialect::TSql).then_some(full)
            }
        }
    }
}

/// What was found before the texts were looked through.
struct Known {
    /// The extents of the definitions, in order, and which one it is.
    definitions: Vec<(Span, usize)>,
    /// Touches by definition, relation, and whether it is written: their places in the list.
    touches: HashMap<(Option<usize>, RelationName, bool), Vec<usize>>,
}

impl Known {
    fn new(found: &Found) -> Self {
        let mut definitions: Vec<(Span, usize)> =
            found.defines.iter().enumerate().map(|(nth, d)| (d.extent, nth)).collect();
        definitions.sort();
        let mut touches: HashMap<_, Vec<usize>> = HashMap::new();
        let bodies = found.defines.iter().enumerate().map(|(nth, d)| (Some(nth), &d.touches));
        for (definition, list) in bodies.chain([(None, &found.touches)]) {
            for (nth, touch) in list.iter().enumerate() {
                let key = (definition, touch.relation.clone(), touch.access.is_write());
                touches.entry(key).or_default().push(nth);
            }
        }
        Self { definitions, touches }
    }

    /// The definition in whose extent a place lies.
    fn definition(&self, span: Span) -> Option<usize> {
        let behind = self.definitions.partition_point(|(extent, _)| extent.start <= span.start);
        let (extent, nth) = self.definitions.get(behind.checked_sub(1)?)?;
        (span.end <= extent.end).then_some(*nth)
    }

    /// The touch that the scan has found already, with the whole string for a place. Each is given
    /// once: it has a better place then.
    fn same(&mut self, definition: Option<usize>, touch: &Touch, list: &[Touch]) -> Option<usize> {
        let key = (definition, touch.relation.clone(), touch.access.is_write());
        let places = self.touches.get_mut(&key)?;
        let at = places.iter().take(64).position(|nth| holds(list[*nth].span, touch.span))?;
        Some(places.remove(at))
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
