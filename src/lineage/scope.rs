//! What a name in an expression stands for: the relations in scope, from the innermost query
//! outwards.

use std::sync::Arc;

use super::column::{Column, How, Named, Origin, Origins};
use super::known::Columns;

/// A relation in scope.
pub(super) struct Source {
    pub(super) alias: Option<String>,
    /// A table's or view's name; queries have none.
    pub(super) named: Option<Arc<Named>>,
    pub(super) columns: Columns,
}

/// The relations of one query.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<Source>,
    /// Columns that USING or NATURAL made one.
    pub(super) merged: Vec<Column>,
    /// Columns of the select list so far, where the dialect lets them be used.
    pub(super) earlier: Vec<Column>,
    pub(super) outer: Option<&'a Scope<'a>>,
}

/// Origins of a value, and how it is made of them.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) from: Arc<Origins>,
    pub(super) how: How,
}

impl Value {
    pub(super) fn of(column: &Column) -> Self {
        Self { from: Arc::clone(&column.from), how: column.how }
    }

    fn one(origin: Origin) -> Self {
        Self { from: Arc::new([origin].into()), how: How::Copied }
    }

    fn unsure(column: &str, mut candidates: Vec<Arc<Named>>) -> Self {
        candidates.sort();
        candidates.dedup();
        Self::one(Origin::Unsure { column: column.into(), candidates })
    }
}

impl Source {
    /// Whether a dotted name in front of a column means this relation.
    fn is_called(&self, prefix: &[String]) -> bool {
        let Some((last, outer)) = prefix.split_last() else { return false };
        if let Some(alias) = &self.alias {
            return outer.is_empty() && alias == last;
        }
        let Some(named) = &self.named else { return false };
        let name = &named.written;
        let parts = [&name.schema, &name.database, &name.server];
        name.name == *last
            && outer.iter().rev().zip(parts).all(|(said, own)| own.as_ref().is_none_or(|own| own == said))
    }

    /// A column of it by name.
    fn column(&self, name: &str) -> Option<Value> {
        let mut hits = self.columns.iter().filter(|c| c.name.as_deref() == Some(name) && !c.is_rows());
        if let Some(hit) = hits.next() {
            return Some(Value::of(hit));
        }
        let mut open = self.columns.iter().filter(|c| c.is_rows());
        let first = open.next()?;
        if open.next().is_some() {
            return Some(Value::unsure(name, self.hidden()));
        }
        // Behind `*`: the same name in each of its relations.
        let named = |origin: &Origin| match origin {
            Origin::Rows(relation) => Origin::Column { relation: Arc::clone(relation), column: name.into() },
            other => other.clone(),
        };
        Some(Value { from: Arc::new(first.from.iter().map(named).collect()), how: first.how })
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|c| c.name.as_deref() == Some(name) && !c.is_rows())
    }

    fn is_open(&self) -> bool {
        self.columns.iter().any(Column::is_rows)
    }

    /// Relations that a column may be from whose name isn't known.
    fn hidden(&self) -> Vec<Arc<Named>> {
        self.columns.iter().filter(|c| c.is_rows()).flat_map(Column::hidden).cloned().collect()
    }

    /// Relations to name where a column is in several.
    fn relations(&self, name: &str) -> Vec<Arc<Named>> {
        if let Some(named) = &self.named {
            return vec![Arc::clone(named)];
        }
        let hits = self.columns.iter().filter(|c| c.name.as_deref() == Some(name));
        hits.flat_map(|c| c.from.iter())
            .filter_map(|o| {
                if let Origin::Column { relation, .. } = o { Some(Arc::clone(relation)) } else { None }
            })
            .collect()
    }
}

impl<'a> Scope<'a> {
    pub(super) fn inside(outer: Option<&'a Scope<'a>>) -> Self {
        Self { outer, ..Self::default() }
    }

    /// How much a look-up costs.
    pub(super) fn size(&self) -> usize {
        let own: usize = self.sources.iter().map(|s| s.columns.len()).sum();
        own + self.earlier.len() + self.outer.map_or(1, Self::size)
    }

    /// The relation of an alias or name, in this query or around it.
    pub(super) fn source(&self, prefix: &[String]) -> Option<&Source> {
        let own = self.sources.iter().find(|s| s.is_called(prefix));
        own.or_else(|| self.outer.and_then(|outer| outer.source(prefix)))
    }

    /// What a name stands for; `None` if nothing here has that name.
    pub(super) fn value(&self, parts: &[String]) -> Option<Value> {
        match parts {
            [] => None,
            [name] => self.unqualified(name),
            [prefix @ .., name] => match self.source(prefix) {
                Some(source) => Some(source.column(name).unwrap_or_else(|| missing(source, name))),
                // A field of a column.
                None => self.value(prefix).map(|v| Value { how: How::Computed, ..v }),
            },
        }
    }

    fn unqualified(&self, name: &str) -> Option<Value> {
        if let Some(column) = self.merged.iter().find(|c| c.name.as_deref() == Some(name)) {
            return Some(Value::of(column));
        }
        let hits: Vec<&Source> = self.sources.iter().filter(|s| s.has(name)).collect();
        match hits.as_slice() {
            [] => {}
            [one] => return one.column(name),
            several => {
                return Some(Value::unsure(name, several.iter().flat_map(|s| s.relations(name)).collect()));
            }
        }
        if let Some(column) = self.earlier.iter().rev().find(|c| c.name.as_deref() == Some(name)) {
            return Some(Value::of(column));
        }
        let open: Vec<&Source> = self.sources.iter().filter(|s| s.is_open()).collect();
        match open.as_slice() {
            [] => self.outer.and_then(|outer| outer.unqualified(name)),
            [one] => one.column(name),
            several => Some(Value::unsure(name, several.iter().flat_map(|s| s.hidden()).collect())),
        }
    }
}

/// A column that a relation should have: a table that changed since may have it.
fn missing(source: &Source, name: &str) -> Value {
    match &source.named {
        Some(named) => Value::one(Origin::Column { relation: Arc::clone(named), column: name.into() }),
        None => Value::unsure(name, Vec::new()),
    }
}
