//! What SQL reaches beyond its relations, as touches: names in text that is run, where they belong
//! to somebody else; other servers; databases that USE chooses.

use std::sync::Arc;

use super::reading::{Found, Reader};
use super::touch::{Access, Touch, Via};
use super::{Owner, ServerUse};
use crate::sql::{self, Keyword, Script, Shape, TextName};
use crate::words::{Dialect, RelationName, Span};

/// Databases of SQL Server's own.
const SYSTEM: [&str; 4] = ["master", "msdb", "tempdb", "model"];

impl Reader<'_> {
    /// Adds what is reached beyond the relations, to the definition in whose body it stands.
    pub(super) fn reach(&self, script: &Script, found: &mut Found) {
        let reach = sql::reach(self.compiled.sql(), self.dialect, script);
        for name in &reach.names {
            let Some(touch) = self.text_touch(name) else { continue };
            let definition = found.defines.iter_mut().find(|d| holds(d.extent, touch.span));
            match definition {
                Some(definition) => add(touch, true, &mut definition.touches),
                None => add(touch, false, &mut found.touches),
            }
        }
        for server in reach.servers {
            let server = ServerUse { span: self.place(server.span), ..server };
            match found.defines.iter_mut().find(|d| holds(d.extent, server.span)) {
                Some(definition) => definition.servers.push(server),
                None => found.servers.push(server),
            }
        }
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

/// Adds a touch unless the same is there already: then that one gets the better place.
fn add(touch: Touch, deferred: bool, touches: &mut Vec<Touch>) {
    let same = touches.iter_mut().find(|t| {
        t.relation == touch.relation
            && t.access.is_write() == touch.access.is_write()
            && holds(t.span, touch.span)
    });
    match same {
        Some(same) => {
            same.span = touch.span;
            same.via = Via::Text;
        }
        None => touches.push(Touch { deferred, ..touch }),
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
