//! FROM: which relations a query has in scope, and their columns.

use std::sync::Arc;

use sqlparser::ast::JoinOperator as J;
use sqlparser::ast::{
    Expr, FunctionArg, Join, JoinConstraint, ObjectName, TableAlias, TableFactor, TableWithJoins,
};

use super::column::{Column, How, Named, Origin, Origins};
use super::known::{Columns, constant};
use super::scope::{Scope, Source};
use super::walker::{TooMuch, Walker, lower, parts, renamed};
use crate::words::Dialect;

/// Functions whose rows are data from elsewhere.
const REMOTE: [&str; 3] = ["openquery", "openrowset", "opendatasource"];

impl Walker<'_> {
    /// The scope of a FROM clause.
    pub(super) fn from<'s>(
        &mut self,
        from: &[TableWithJoins],
        outer: Option<&'s Scope<'s>>,
    ) -> Result<Scope<'s>, TooMuch> {
        let mut scope = Scope::inside(outer);
        for tables in from {
            self.joined(tables, &mut scope)?;
        }
        Ok(scope)
    }

    fn joined(&mut self, tables: &TableWithJoins, scope: &mut Scope) -> Result<(), TooMuch> {
        let first = scope.sources.len();
        self.factor(&tables.relation, false, scope)?;
        for join in &tables.joins {
            self.join(join, first, scope)?;
        }
        Ok(())
    }

    fn join(&mut self, join: &Join, first: usize, scope: &mut Scope) -> Result<(), TooMuch> {
        let right = scope.sources.len();
        let applied = matches!(join.join_operator, J::CrossApply | J::OuterApply);
        self.factor(&join.relation, applied, scope)?;
        let (constraint, side) = match &join.join_operator {
            J::Semi(_) | J::LeftSemi(_) | J::Anti(_) | J::LeftAnti(_) => {
                // What it is compared with is not in sight.
                scope.sources.truncate(right);
                return Ok(());
            }
            J::Join(c)
            | J::Inner(c)
            | J::Left(c)
            | J::LeftOuter(c)
            | J::CrossJoin(c)
            | J::StraightJoin(c) => (c, Side::Left),
            J::Right(c) | J::RightOuter(c) | J::RightSemi(c) | J::RightAnti(c) => (c, Side::Right),
            J::FullOuter(c) => (c, Side::Both),
            J::AsOf { constraint, .. } => (constraint, Side::Left),
            _ => return Ok(()),
        };
        let names: Vec<String> = match constraint {
            JoinConstraint::Using(names) => names.iter().filter_map(|n| parts(n).pop()).collect(),
            JoinConstraint::Natural => common(&scope.sources[first..right], &scope.sources[right..]),
            _ => return Ok(()),
        };
        for name in names {
            self.step(scope.size())?;
            let merged = merge(scope, &name, first, right, side);
            scope.merged.retain(|c| c.name.as_deref() != Some(&name));
            scope.merged.extend(merged);
        }
        Ok(())
    }

    /// Brings a table, query or function in FROM into scope; `applied` ones see what stands before.
    pub(super) fn factor(
        &mut self,
        factor: &TableFactor,
        applied: bool,
        scope: &mut Scope,
    ) -> Result<(), TooMuch> {
        self.step(1)?;
        let source = match factor {
            TableFactor::Table { name, alias, args: None, .. } => self.table(name, alias.as_ref()),
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                self.function(name, &args.args, alias.as_ref(), scope)?
            }
            TableFactor::Function { name, args, alias, .. } => {
                self.function(name, args, alias.as_ref(), scope)?
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let sees = *lateral || applied || self.dialect == Dialect::DuckDb;
                let columns = self.query(subquery, if sees { Some(&*scope) } else { scope.outer })?;
                source(None, alias.as_ref(), columns)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                return self.joined(table_with_joins, scope);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let mut inner = Scope::inside(scope.outer);
                self.joined(table_with_joins, &mut inner)?;
                source(None, alias.as_ref(), Arc::new(super::wildcard::all(&inner)))
            }
            TableFactor::Pivot { .. } | TableFactor::Unpivot { .. } => self.turned(factor, scope)?,
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                let from = self.all_of(array_exprs.iter(), scope)?;
                self.scalar(made(&["unnest"], &from, alias.as_ref()), alias.as_ref())
            }
            TableFactor::OpenJsonTable { json_expr, columns, alias, .. } => {
                let from = self.value(json_expr, scope)?.from;
                let names: Vec<String> = columns.iter().map(|c| lower(&c.name)).collect();
                let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
                if names.is_empty() {
                    names.extend(["key", "value", "type"]);
                }
                made(&names, &from, alias.as_ref())
            }
            TableFactor::TableFunction { expr, alias } => {
                let from = self.value(expr, scope)?.from;
                made(&["*"], &from, alias.as_ref())
            }
            _ => made(&["*"], &Arc::default(), None),
        };
        self.step(source.columns.len())?;
        scope.sources.push(source);
        Ok(())
    }

    fn table(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Source {
        let Some(named) = self.named(name) else { return made(&["*"], &Arc::default(), alias) };
        if let Some(columns) = self.cte(&named) {
            let own = TableAlias::clone;
            let source = source(None, alias.map(own).as_ref(), columns);
            let alias = source.alias.clone().or_else(|| Some(named.written.name.clone()));
            return Source { alias, ..source };
        }
        let columns = self.known.read(&named);
        source(Some(named), alias, columns)
    }

    /// A function in FROM: one of the user's is a relation, the engine's work on their arguments.
    fn function(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &Scope,
    ) -> Result<Source, TooMuch> {
        let from = self.arguments(args, scope)?;
        let parts = parts(name);
        let Some((last, prefix)) = parts.split_last() else { return Ok(made(&["*"], &from, alias)) };
        if last == "nodes" && !prefix.is_empty() {
            // `x.nodes('/a') AS t (c)`
            let from = scope.value(prefix).map_or(from, |v| v.from);
            return Ok(made(&["*"], &from, alias));
        }
        let Some(named) = self.named(name) else { return Ok(made(&["*"], &from, alias)) };
        if !prefix.is_empty() || REMOTE.contains(&last.as_str()) || self.known.columns(&named.full).is_some()
        {
            let columns = self.known.read(&named);
            return Ok(source(Some(named), alias, columns));
        }
        let names: &[&str] = match last.as_str() {
            "string_split" => &["value", "ordinal"],
            "generate_series" if self.dialect == Dialect::TSql => &["value"],
            "generate_series" => &["generate_series"],
            "range" => &["range"],
            "unnest" => &["unnest"],
            "openjson" | "json_each" | "jsonb_each" => &["key", "value", "type"],
            _ => &["*"],
        };
        Ok(self.scalar(made(names, &from, alias), alias))
    }

    /// In `PostgreSQL` the alias of a function is also the name of its one column.
    fn scalar(&self, mut source: Source, alias: Option<&TableAlias>) -> Source {
        if let Some(alias) = alias.filter(|a| a.columns.is_empty() && self.dialect == Dialect::Postgres)
            && let [only] = source.columns.as_slice()
        {
            let named = Column { name: Some(lower(&alias.name).into()), ..only.clone() };
            let open = only.is_rows().then(|| only.clone());
            source.columns = Arc::new(std::iter::once(named).chain(open).collect());
        }
        source
    }

    fn arguments(&mut self, args: &[FunctionArg], scope: &Scope) -> Result<Arc<Origins>, TooMuch> {
        let mut all = Origins::new();
        for arg in args {
            let arg = match arg {
                FunctionArg::Unnamed(arg)
                | FunctionArg::Named { arg, .. }
                | FunctionArg::ExprNamed { arg, .. } => arg,
            };
            if let sqlparser::ast::FunctionArgExpr::Expr(expr) = arg {
                all.extend(self.value(expr, scope)?.from.iter().filter(|o| is_sure(o)).cloned());
            }
        }
        Ok(Arc::new(all))
    }

    pub(super) fn all_of<'e>(
        &mut self,
        exprs: impl Iterator<Item = &'e Expr>,
        scope: &Scope,
    ) -> Result<Arc<Origins>, TooMuch> {
        let mut all = Origins::new();
        for expr in exprs {
            all.extend(self.value(expr, scope)?.from.iter().cloned());
        }
        Ok(Arc::new(all))
    }
}

/// Words among a table function's arguments, such as those of OPENROWSET, are no columns.
fn is_sure(origin: &Origin) -> bool {
    !matches!(origin, Origin::Unsure { candidates, .. } if candidates.is_empty())
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
    Both,
}

/// The names that both sides are known to have.
fn common(left: &[Source], right: &[Source]) -> Vec<String> {
    let has = |side: &[Source], name: &str| {
        side.iter().flat_map(|s| s.columns.iter()).any(|c| c.name.as_deref() == Some(name))
    };
    let names = left.iter().flat_map(|s| s.columns.iter()).filter(|c| !c.is_rows());
    names.filter_map(|c| c.name.as_deref()).filter(|n| has(right, n)).map(str::to_owned).collect()
}

/// The one column that two sides of a join share.
fn merge(scope: &mut Scope, name: &str, first: usize, right: usize, side: Side) -> Option<Column> {
    let sources = std::mem::take(&mut scope.sources);
    let of = |range: &[Source]| -> Option<Column> {
        let part = Scope { sources: range.iter().map(Source::shared).collect(), ..Scope::default() };
        let value = part.value(std::slice::from_ref(&name.to_owned()))?;
        Some(Column { from: value.from, how: value.how, ..constant(Some(name.into())) })
    };
    let before = scope.merged.iter().find(|c| c.name.as_deref() == Some(name)).cloned();
    let left = before.or_else(|| of(&sources[first..right]));
    let other = of(&sources[right..]);
    scope.sources = sources;
    match side {
        Side::Left => left.or(other),
        Side::Right => other.or(left),
        Side::Both => {
            let mut both = left?;
            if let Some(other) = other {
                both.join(&other);
            }
            both.how = How::Computed;
            Some(both)
        }
    }
}

impl Source {
    pub(super) fn shared(&self) -> Self {
        Self { alias: self.alias.clone(), named: self.named.clone(), columns: Arc::clone(&self.columns) }
    }
}

/// A relation under its alias.
pub(super) fn source(named: Option<Arc<Named>>, alias: Option<&TableAlias>, columns: Columns) -> Source {
    Source { alias: alias.map(|a| lower(&a.name)), named, columns: renamed(columns, alias) }
}

/// A relation that a function works out of values.
fn made(names: &[&str], from: &Arc<Origins>, alias: Option<&TableAlias>) -> Source {
    let column =
        |name: &&str| Column { from: Arc::clone(from), how: How::Computed, ..constant(Some((*name).into())) };
    source(None, alias, Arc::new(names.iter().map(column).collect()))
}
