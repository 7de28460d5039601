//! What a statement puts where: INSERT, UPDATE, MERGE, CREATE .. AS, SELECT .. INTO, a bare query.

use std::sync::Arc;

use sqlparser::ast::{
    Assignment, AssignmentTarget, Expr, Ident, Insert, Merge, MergeAction, MergeInsertKind, MergeUpdateKind,
    ObjectName, ObjectNamePart, Query, Select, SetExpr, Statement, TableFactor, TableObject, Update,
    UpdateTableFromKind,
};

use super::column::{Column, How, Named, Origin};
use super::known::{Columns, constant};
use super::scope::{Scope, Source};
use super::walker::{TooMuch, Walker, lower, parts, with_names};
use crate::words::Span;

/// What a statement does with its columns.
pub(super) enum Effect {
    /// A query's result goes to whoever asked.
    Answer(Columns),
    /// A table is made of a query's result.
    Make(Arc<Named>, Columns),
    /// A view is defined.
    Define(Arc<Named>, Columns),
    /// Rows are added; the names are the relation's own if `Filled::Named`.
    Add(Arc<Named>, Columns, Filled),
    /// Columns are changed.
    Change(Arc<Named>, Columns),
    /// Nothing to say.
    Nothing,
}

/// Whose the names of an INSERT's columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// The relation's.
    Named,
    /// The query's.
    ByPosition,
}

impl Walker<'_> {
    /// What a statement does.
    pub(super) fn statement(
        &mut self,
        statement: &Statement,
        outer: Option<&Scope>,
    ) -> Result<Effect, TooMuch> {
        match statement {
            Statement::Query(query) => self.answer(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update, outer),
            Statement::Merge(merge) => self.merge(merge),
            Statement::CreateTable(create) => match (&create.query, self.named(&create.name)) {
                (Some(query), Some(named)) => {
                    let columns = self.query(query, None)?;
                    let names: Vec<String> = create.columns.iter().map(|c| lower(&c.name)).collect();
                    let columns = if names.is_empty() { columns } else { with_names(&columns, &names) };
                    Ok(Effect::Make(named, columns))
                }
                _ => Ok(Effect::Nothing),
            },
            Statement::CreateView(view) => {
                let names: Vec<&Ident> = view.columns.iter().map(|c| &c.name).collect();
                self.view(&view.name, &names, &view.query)
            }
            Statement::AlterView { name, columns, query, .. } => {
                self.view(name, &columns.iter().collect::<Vec<_>>(), query)
            }
            _ => Ok(Effect::Nothing),
        }
    }

    fn view(&mut self, name: &ObjectName, columns: &[&Ident], query: &Query) -> Result<Effect, TooMuch> {
        let Some(named) = self.named(name) else { return Ok(Effect::Nothing) };
        let given = self.query(query, None)?;
        let names: Vec<String> = columns.iter().map(|c| lower(c)).collect();
        let given = if names.is_empty() { given } else { with_names(&given, &names) };
        Ok(Effect::Define(named, given))
    }

    fn answer(&mut self, query: &Query) -> Result<Effect, TooMuch> {
        match query.body.as_ref() {
            SetExpr::Insert(inner)
            | SetExpr::Update(inner)
            | SetExpr::Delete(inner)
            | SetExpr::Merge(inner) => {
                self.with(query, None)?;
                self.statement(inner, None)
            }
            body => {
                let columns = self.query(query, None)?;
                match into(body).and_then(|name| self.named(&name)) {
                    Some(named) => Ok(Effect::Make(named, columns)),
                    None => Ok(Effect::Answer(columns)),
                }
            }
        }
    }

    fn insert(&mut self, insert: &Insert) -> Result<Effect, TooMuch> {
        let (TableObject::TableName(name), Some(query)) = (&insert.table, &insert.source) else {
            return Ok(Effect::Nothing);
        };
        let Some(named) = self.named(name) else { return Ok(Effect::Nothing) };
        let columns = self.query(query, None)?;
        let names: Vec<String> = insert.columns.iter().filter_map(|c| parts(c).pop()).collect();
        Ok(self.added(named, &columns, &names))
    }

    /// Rows for a relation, under the names of its own columns where they are known.
    pub(super) fn added(&self, named: Arc<Named>, columns: &Columns, names: &[String]) -> Effect {
        if !names.is_empty() {
            return Effect::Add(named, with_names(columns, names), Filled::Named);
        }
        if self.blanked.by_name {
            return Effect::Add(named, Arc::clone(columns), Filled::Named);
        }
        match self.known.filled(&named.full) {
            Some(own) => {
                let own: Vec<String> = own.iter().map(ToString::to_string).collect();
                Effect::Add(named, with_names(columns, &own), Filled::Named)
            }
            None => Effect::Add(named, Arc::clone(columns), Filled::ByPosition),
        }
    }

    fn update(&mut self, update: &Update, outer: Option<&Scope>) -> Result<Effect, TooMuch> {
        let from = match &update.from {
            Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => {
                from.as_slice()
            }
            None => &[],
        };
        let mut scope = self.from(from, outer)?;
        let target = match &update.table.relation {
            // T-SQL names an alias of the FROM clause.
            TableFactor::Table { name, alias: None, args: None, .. }
                if scope.source(&parts(name)).is_some() =>
            {
                parts(name)
            }
            TableFactor::Table { name, alias, .. } => {
                let own = self.from(std::slice::from_ref(&update.table), outer)?;
                scope.sources.extend(own.sources);
                alias.as_ref().map_or_else(|| parts(name), |a| vec![lower(&a.name)])
            }
            _ => return Ok(Effect::Nothing),
        };
        self.set(&update.assignments, &target, &scope)
    }

    fn merge(&mut self, merge: &Merge) -> Result<Effect, TooMuch> {
        let mut scope = Scope::default();
        self.factor(&merge.table, false, &mut scope)?;
        self.factor(&merge.source, false, &mut scope)?;
        let TableFactor::Table { name, alias, .. } = &merge.table else { return Ok(Effect::Nothing) };
        let target = alias.as_ref().map_or_else(|| parts(name), |a| vec![lower(&a.name)]);
        // An inserted row's values are the source's alone.
        let source =
            Scope { sources: scope.sources.iter().skip(1).map(Source::shared).collect(), ..Scope::default() };
        let mut all = Merged::default();
        for clause in &merge.clauses {
            let effect = match &clause.action {
                MergeAction::Update(update) => match &update.kind {
                    MergeUpdateKind::Set(assignments) => self.set(assignments, &target, &scope)?,
                    MergeUpdateKind::Wildcard => Effect::Nothing,
                },
                MergeAction::Insert(insert) => {
                    let MergeInsertKind::Values(values) = &insert.kind else { continue };
                    let Some(named) = scope.source(&target).and_then(|s| s.named.clone()) else { continue };
                    let mut columns = Vec::new();
                    for expr in values.rows.iter().flat_map(|row| &row.content) {
                        let value = self.value(expr, &source)?;
                        columns.push(Column { from: value.from, how: value.how, ..constant(None) });
                    }
                    let names: Vec<String> = insert.columns.iter().filter_map(|c| parts(c).pop()).collect();
                    let places: Vec<Span> = insert.columns.iter().map(|c| self.name_place(c)).collect();
                    for (column, place) in columns.iter_mut().zip(places) {
                        column.span = place;
                    }
                    self.added(named, &Arc::new(columns), &names)
                }
                _ => Effect::Nothing,
            };
            all.take(effect);
        }
        Ok(all.effect())
    }

    /// What SET puts into the relation called `target`.
    fn set(
        &mut self,
        assignments: &[Assignment],
        target: &[String],
        scope: &Scope,
    ) -> Result<Effect, TooMuch> {
        let Some(source) = scope.source(target) else { return Ok(Effect::Nothing) };
        let mut relation = source.named.clone();
        let mut columns = Vec::new();
        for assignment in assignments {
            let names = match &assignment.target {
                AssignmentTarget::ColumnName(name) => std::slice::from_ref(name),
                AssignmentTarget::Tuple(names) => names.as_slice(),
            };
            let values = self.assigned(&assignment.value, names.len(), scope)?;
            for (name, mut value) in names.iter().zip(values) {
                let Some(mut column) = parts(name).pop().filter(|c| !c.starts_with('@')) else { continue };
                // A CTE's column is that of the table behind it.
                if source.named.is_none() {
                    let behind = scope.value(&[target, &[column.clone()]].concat());
                    match behind.as_ref().map(|v| v.from.iter().collect::<Vec<_>>()).as_deref() {
                        Some([Origin::Column { relation: behind, column: own }]) => {
                            relation.get_or_insert_with(|| Arc::clone(behind));
                            column = own.to_string();
                        }
                        _ => continue,
                    }
                }
                let span = self.name_place(name);
                if self.blanked.compound.binary_search(&(span.end - self.base)).is_ok() {
                    if let Some(own) = scope.value(&[target, &[column.clone()]].concat()) {
                        value.join(&Column { from: own.from, how: own.how, ..constant(None) });
                    }
                    value.how = How::Computed;
                }
                columns.push(Column { name: Some(column.into()), span, ..value });
            }
        }
        Ok(relation.map_or(Effect::Nothing, |named| Effect::Change(named, Arc::new(columns))))
    }

    /// The values of `(a, b) = (x, y)`, of `(a, b) = (SELECT ..)`, or of a plain assignment.
    fn assigned(&mut self, expr: &Expr, count: usize, scope: &Scope) -> Result<Vec<Column>, TooMuch> {
        let exprs = match expr {
            Expr::Tuple(exprs) if count > 1 => exprs.as_slice(),
            Expr::Subquery(query) if count > 1 => return Ok(self.query(query, Some(scope))?.to_vec()),
            one => std::slice::from_ref(one),
        };
        let mut out = Vec::new();
        for expr in exprs {
            let value = self.value(expr, scope)?;
            out.push(Column { from: value.from, how: value.how, ..constant(None) });
        }
        Ok(out)
    }
}

/// What the clauses of a MERGE do, put together.
#[derive(Default)]
struct Merged {
    named: Option<Arc<Named>>,
    columns: Vec<Column>,
    by_position: bool,
}

impl Merged {
    fn take(&mut self, effect: Effect) {
        let (named, columns) = match effect {
            Effect::Change(named, columns) => (named, columns),
            Effect::Add(named, columns, filled) => {
                self.by_position |= filled == Filled::ByPosition;
                (named, columns)
            }
            _ => return,
        };
        self.named.get_or_insert(named);
        for column in columns.iter() {
            match self.columns.iter_mut().find(|c| c.name == column.name && c.name.is_some()) {
                Some(known) => known.join(column),
                None => self.columns.push(column.clone()),
            }
        }
    }

    fn effect(self) -> Effect {
        let filled = if self.by_position { Filled::ByPosition } else { Filled::Named };
        self.named.map_or(Effect::Nothing, |named| Effect::Add(named, Arc::new(self.columns), filled))
    }
}

/// The table of `SELECT .. INTO`, in the first query of a set operation.
fn into(body: &SetExpr) -> Option<ObjectName> {
    let mut body = body;
    loop {
        body = match body {
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Query(query) => &query.body,
            SetExpr::Select(select) => return target(select),
            _ => return None,
        };
    }
}

fn target(select: &Select) -> Option<ObjectName> {
    let idents = match select.into.as_ref()?.targets.first()? {
        Expr::Identifier(ident) => vec![ident.clone()],
        Expr::CompoundIdentifier(idents) => idents.clone(),
        _ => return None,
    };
    Some(ObjectName(idents.into_iter().map(ObjectNamePart::Identifier).collect()))
}
