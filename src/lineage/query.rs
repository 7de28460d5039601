//! The columns of a query: CTEs, set operations, select lists.

use std::sync::Arc;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind,
    SetExpr, SetOperator, SetQuantifier, Value, Values,
};

use super::column::Column;
use super::known::{Columns, constant};
use super::scope::Scope;
use super::union::{by_name, by_position};
use super::walker::{Cte, TooMuch, Walker, lower, parts, renamed};
use super::wildcard;
use crate::words::{Dialect, Span};

impl Walker<'_> {
    /// The columns that a query gives.
    pub(super) fn query(&mut self, query: &Query, outer: Option<&Scope>) -> Result<Columns, TooMuch> {
        let mark = self.ctes.len();
        self.with(query, outer)?;
        let columns = self.body(&query.body, outer)?;
        self.ctes.truncate(mark);
        Ok(columns)
    }

    /// Brings a query's CTEs in sight.
    pub(super) fn with(&mut self, query: &Query, outer: Option<&Scope>) -> Result<(), TooMuch> {
        let Some(with) = &query.with else { return Ok(()) };
        let recursive = with.recursive || self.dialect == Dialect::TSql;
        for cte in &with.cte_tables {
            let name = lower(&cte.alias.name);
            let columns = match cte.query.body.as_ref() {
                SetExpr::SetOperation { left, right, op, set_quantifier }
                    if recursive && cte.query.with.is_none() =>
                {
                    let first = renamed(self.body(left, outer)?, Some(&cte.alias));
                    self.ctes.push(Cte { name: name.clone(), columns: Arc::clone(&first), used: false });
                    let mut all = combine(*op, *set_quantifier, &first, &self.body(right, outer)?);
                    let mut used = self.ctes.pop().is_some_and(|c| c.used);
                    while used {
                        // What the second part makes of the first flows back into it.
                        self.ctes.push(Cte { name: name.clone(), columns: Arc::clone(&all), used });
                        let next = combine(*op, *set_quantifier, &first, &self.body(right, outer)?);
                        self.ctes.pop();
                        used = next != all;
                        all = next;
                    }
                    all
                }
                _ => renamed(self.query(&cte.query, outer)?, Some(&cte.alias)),
            };
            self.ctes.push(Cte { name, columns, used: false });
        }
        Ok(())
    }

    fn body(&mut self, body: &SetExpr, outer: Option<&Scope>) -> Result<Columns, TooMuch> {
        self.step(1)?;
        match body {
            SetExpr::Select(select) => self.select(select, outer),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::SetOperation { left, right, op, set_quantifier } => {
                let left = self.body(left, outer)?;
                let right = self.body(right, outer)?;
                self.step(left.len() + right.len())?;
                Ok(combine(*op, *set_quantifier, &left, &right))
            }
            SetExpr::Values(values) => self.values(values, outer),
            _ => Ok(Columns::default()),
        }
    }

    fn values(&mut self, values: &Values, outer: Option<&Scope>) -> Result<Columns, TooMuch> {
        let scope = Scope::inside(outer);
        let mut columns: Vec<Column> = Vec::new();
        for row in &values.rows {
            for (at, expr) in row.content.iter().enumerate() {
                let value = self.value(expr, &scope)?;
                let column = Column { from: value.from, how: value.how, ..constant(None) };
                match columns.get_mut(at) {
                    Some(known) => known.join(&column),
                    None => columns.push(column),
                }
            }
        }
        for (at, column) in columns.iter_mut().enumerate() {
            column.name = match self.dialect {
                Dialect::TSql => None,
                Dialect::DuckDb => Some(format!("col{at}").into()),
                Dialect::Postgres => Some(format!("column{}", at + 1).into()),
            };
        }
        Ok(Arc::new(columns))
    }

    fn select(&mut self, select: &Select, outer: Option<&Scope>) -> Result<Columns, TooMuch> {
        let mut scope = self.from(&select.from, outer)?;
        let mut columns = Vec::new();
        if matches!(select.flavor, SelectFlavor::FromFirstNoSelect) && select.projection.is_empty() {
            columns = wildcard::all(&scope);
        }
        for item in &select.projection {
            let before = columns.len();
            self.item(item, select, &scope, &mut columns)?;
            self.step(columns.len() - before + 1)?;
            if self.dialect == Dialect::DuckDb {
                scope.earlier.extend(columns[before..].iter().cloned());
            }
        }
        Ok(Arc::new(columns))
    }

    fn item(
        &mut self,
        item: &SelectItem,
        select: &Select,
        scope: &Scope,
        columns: &mut Vec<Column>,
    ) -> Result<(), TooMuch> {
        match item {
            SelectItem::UnnamedExpr(expr) if assigns(expr) => {}
            SelectItem::UnnamedExpr(expr) => {
                if let Some((name, expr)) = labelled(expr).filter(|_| self.dialect == Dialect::TSql) {
                    columns.push(self.column(Some(name), Span::default(), expr, (select, scope))?);
                    return Ok(());
                }
                let named = own_name(expr, self.dialect);
                let span = named.map_or_else(Span::default, |ident| self.place(ident));
                let name = named.map(|ident| lower(ident).into());
                columns.push(self.column(name, span, expr, (select, scope))?);
            }
            SelectItem::ExprWithAlias { alias, .. } if alias.value.starts_with('@') => {}
            SelectItem::ExprWithAlias { expr, alias } => {
                let name = Some(lower(alias).into());
                columns.push(self.column(name, self.place(alias), expr, (select, scope))?);
            }
            SelectItem::ExprWithAliases { expr, aliases } => {
                for alias in aliases {
                    let name = Some(lower(alias).into());
                    columns.push(self.column(name, self.place(alias), expr, (select, scope))?);
                }
            }
            SelectItem::Wildcard(options) => {
                let span = self.token_place(&options.wildcard_token);
                let all = wildcard::all(scope).into_iter().map(|c| Column { span, ..c }).collect();
                columns.extend(self.chosen(all, options, scope)?);
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                let span = self.name_place(name);
                let own = scope.source(&parts(name)).map(|s| s.columns.to_vec()).unwrap_or_default();
                let own = own.into_iter().map(|c| Column { span, ..c }).collect();
                columns.extend(self.chosen(own, options, scope)?);
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => {
                columns.push(self.column(Some("*".into()), Span::default(), expr, (select, scope))?);
            }
        }
        Ok(())
    }

    fn column(
        &mut self,
        name: Option<Arc<str>>,
        span: Span,
        expr: &Expr,
        (select, scope): (&Select, &Scope),
    ) -> Result<Column, TooMuch> {
        let value = self.value_in(expr, scope, &select.named_window)?;
        Ok(Column { name, span, from: value.from, how: value.how })
    }
}

fn combine(op: SetOperator, quantifier: SetQuantifier, left: &Columns, right: &Columns) -> Columns {
    match (op, quantifier) {
        // The second query only takes rows away.
        (SetOperator::Except | SetOperator::Minus, _) => Arc::clone(left),
        (_, SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName) => {
            by_name(left, right)
        }
        _ => by_position(left, right),
    }
}

/// `SELECT @x = ..` fills a variable and gives no column.
fn assigns(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryOp { left, .. } => {
            matches!(left.as_ref(), Expr::Identifier(ident) if ident.value.starts_with('@'))
        }
        _ => false,
    }
}

/// `'name' = expression`
fn labelled(expr: &Expr) -> Option<(Arc<str>, &Expr)> {
    let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = expr else { return None };
    let Expr::Value(value) = left.as_ref() else { return None };
    match &value.value {
        Value::SingleQuotedString(name) | Value::NationalStringLiteral(name) => {
            Some((name.to_lowercase().into(), right))
        }
        _ => None,
    }
}

/// The name that a column without an alias has.
pub(super) fn own_name(expr: &Expr, dialect: Dialect) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) if !ident.value.starts_with('@') => Some(ident),
        Expr::CompoundIdentifier(idents) => idents.last(),
        Expr::Nested(inner) => own_name(inner, dialect),
        Expr::Cast { expr, .. } if dialect == Dialect::Postgres => own_name(expr, dialect),
        Expr::Function(function) if dialect == Dialect::Postgres => {
            function.name.0.last().and_then(|part| part.as_ident())
        }
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(sqlparser::ast::AccessExpr::Dot(inner)) => own_name(inner, dialect),
            _ => None,
        },
        _ => None,
    }
}
