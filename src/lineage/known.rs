//! The columns of relations, as far as anybody said: `CREATE TABLE`, earlier statements, views,
//! YAML. Temporary tables, views and table functions keep where their columns come from.

use std::collections::HashMap;
use std::sync::Arc;

use super::column::{Column, How, Named, Origin, Origins};
use crate::words::{RelationName, Span};

/// Columns in order, shared.
pub(super) type Columns = Arc<Vec<Column>>;

/// Gives a name as written its full name.
pub type Names<'a> = &'a (dyn Fn(&RelationName) -> RelationName + Sync);

/// What is known of one relation.
#[derive(Debug, Clone, Default)]
struct Relation {
    columns: Columns,
    /// The names that an INSERT without a list of columns fills; `None`: all columns.
    filled: Option<Vec<Arc<str>>>,
}

/// What is known of relations, by full name.
#[derive(Clone, Default)]
pub struct Known {
    relations: HashMap<RelationName, Relation>,
    /// What procedures give back, by full name.
    results: HashMap<RelationName, Columns>,
}

impl Known {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A relation has these columns, and no others if the list is `whole`.
    pub fn declare(&mut self, relation: &RelationName, columns: &[String], whole: Whole) {
        let named = Arc::new(Named { written: relation.clone(), full: relation.clone() });
        let mut list: Vec<Column> = columns.iter().map(|c| Column::of(&named, &c.to_lowercase())).collect();
        if whole == Whole::No {
            list.push(Column::rows(&named));
        }
        self.relations.insert(relation.clone(), Relation { columns: Arc::new(list), filled: None });
    }

    /// The names of a relation's columns, if all are known.
    #[must_use]
    pub fn columns(&self, relation: &RelationName) -> Option<Vec<&str>> {
        let known = self.relations.get(relation)?;
        known.columns.iter().map(|c| c.name.as_deref().filter(|_| !c.is_rows())).collect()
    }

    /// A relation is made with these columns; `generated` ones are filled by the engine.
    pub(super) fn create(&mut self, named: &Arc<Named>, columns: &[(String, Generated)]) {
        let own = |(name, _): &(String, Generated)| {
            if is_temporary(&named.full) {
                Column { name: Some(name.as_str().into()), from: Arc::default(), ..Column::of(named, name) }
            } else {
                Column::of(named, name)
            }
        };
        let filled = columns.iter().filter(|(_, g)| *g == Generated::No).map(|(n, _)| n.as_str().into());
        let relation =
            Relation { columns: Arc::new(columns.iter().map(own).collect()), filled: Some(filled.collect()) };
        self.relations.insert(named.full.clone(), relation);
    }

    /// A table is made of a query's result: a temporary one is looked through, another is an origin.
    pub(super) fn create_from(&mut self, named: &Arc<Named>, columns: &[Column]) {
        let own = |c: &Column| match &c.name {
            _ if is_temporary(&named.full) => Some(unplaced(c)),
            _ if c.is_rows() => Some(Column::rows(named)),
            Some(name) => Some(Column::of(named, name)),
            None => None,
        };
        let columns = Arc::new(columns.iter().filter_map(own).collect());
        self.relations.insert(named.full.clone(), Relation { columns, filled: None });
    }

    /// A view or table function gives these columns: it is looked through.
    pub(super) fn define(&mut self, full: &RelationName, columns: &[Column]) {
        let columns = Arc::new(columns.iter().map(unplaced).collect());
        self.relations.insert(full.clone(), Relation { columns, filled: None });
    }

    /// A procedure gives back these columns; the first result counts.
    pub(super) fn give_back(&mut self, procedure: &RelationName, columns: &[Column]) {
        let place = || Arc::new(columns.iter().map(unplaced).collect());
        self.results.entry(procedure.clone()).or_insert_with(place);
    }

    /// What a procedure gives back.
    pub(super) fn result(&self, procedure: &RelationName) -> Option<&Columns> {
        self.results.get(procedure)
    }

    /// Adds what a statement puts into a temporary table; other tables are origins themselves.
    pub(super) fn fill(&mut self, named: &Arc<Named>, columns: &[Column]) {
        if !is_temporary(&named.full) {
            return;
        }
        let unknown = || Relation { columns: Arc::new(vec![Column::rows(named)]), filled: None };
        let relation = self.relations.entry(named.full.clone()).or_insert_with(unknown);
        let own = Arc::make_mut(&mut relation.columns);
        let open = own.iter().any(Column::is_rows);
        for column in columns.iter().filter(|c| !c.is_rows()) {
            match own.iter_mut().find(|c| c.name == column.name) {
                Some(into) if into.from.is_empty() => {
                    (into.from, into.how) = (Arc::clone(&column.from), column.how);
                }
                Some(into) => into.join(column),
                None if open && column.name.is_some() => own.push(unplaced(column)),
                None => {}
            }
        }
    }

    /// A relation has further columns that aren't known.
    pub(super) fn widen(&mut self, named: &Arc<Named>) {
        if let Some(relation) = self.relations.get_mut(&named.full) {
            relation.filled = None;
            let columns = Arc::make_mut(&mut relation.columns);
            if !columns.iter().any(Column::is_rows) {
                columns.push(Column::rows(named));
            }
        }
    }

    /// Ends a session: its temporary tables and variables are gone.
    pub(super) fn forget_temporary(&mut self) {
        self.relations.retain(|name, _| !is_temporary(name));
    }

    /// A relation's columns as origins; `*` where they aren't known.
    pub(super) fn read(&self, named: &Arc<Named>) -> Columns {
        let Some(relation) = self.relations.get(&named.full) else {
            return Arc::new(vec![Column::rows(named)]);
        };
        let other = |o: &Origin| match o {
            Origin::Column { relation, .. } | Origin::Rows(relation) => {
                relation.full == named.full && relation.written != named.written
            }
            Origin::Unsure { .. } => false,
        };
        if relation.columns.iter().all(|c| !c.from.iter().any(other)) {
            return Arc::clone(&relation.columns);
        }
        Arc::new(relation.columns.iter().map(|c| rewritten(c, named)).collect())
    }

    /// The columns that an INSERT without a list of columns fills, if they are known.
    pub(super) fn filled(&self, full: &RelationName) -> Option<Vec<Arc<str>>> {
        let relation = self.relations.get(full)?;
        let all = || relation.columns.iter().map(|c| c.name.clone().filter(|_| !c.is_rows())).collect();
        relation.filled.clone().or_else(all)
    }
}

/// A column whose place is in another statement, if not in another file.
fn unplaced(column: &Column) -> Column {
    Column { span: Span::default(), ..column.clone() }
}

/// A relation's own column, under the name by which it is read here.
fn rewritten(column: &Column, named: &Arc<Named>) -> Column {
    let own = |origin: &Origin| match origin {
        Origin::Column { relation, column } if relation.full == named.full => {
            Origin::Column { relation: Arc::clone(named), column: Arc::clone(column) }
        }
        Origin::Rows(relation) if relation.full == named.full => Origin::Rows(Arc::clone(named)),
        other => other.clone(),
    };
    let from: Origins = column.from.iter().map(own).collect();
    Column { from: Arc::new(from), ..column.clone() }
}

/// Whether a list of columns is all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All.
    Yes,
    /// There may be others.
    No,
}

/// Whether the engine fills a column by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generated {
    Yes,
    No,
}

/// Temporary tables and table variables live as long as their session, in no schema.
pub(super) fn is_temporary(full: &RelationName) -> bool {
    full.schema.is_none()
}

/// A column without origins: a constant, or what only the engine knows.
pub(super) fn constant(name: Option<Arc<str>>) -> Column {
    Column { name, span: Span::default(), from: Arc::default(), how: How::Computed }
}
