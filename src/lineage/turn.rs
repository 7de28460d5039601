//! PIVOT and UNPIVOT.

use std::sync::Arc;

use sqlparser::ast::{
    Expr, ExprWithAlias, FunctionArg, FunctionArgExpr, FunctionArguments, PivotValueSource, TableFactor,
    Value,
};

use super::column::{Column, How};
use super::known::constant;
use super::scope::{Scope, Source};
use super::source::source;
use super::walker::{TooMuch, Walker, lower};
use super::wildcard;

impl Walker<'_> {
    /// A PIVOT or UNPIVOT in FROM.
    pub(super) fn turned(&mut self, factor: &TableFactor, scope: &Scope) -> Result<Source, TooMuch> {
        match factor {
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, alias, .. } => {
                let inner = self.inner(table, scope)?;
                let used: Vec<&Expr> =
                    aggregate_functions.iter().map(|f| &f.expr).chain(value_column).collect();
                let from = self.all_of(used.iter().copied(), &inner)?;
                let gone: Vec<String> = used.iter().flat_map(|e| names(e)).collect();
                let mut columns = without(&inner, &gone);
                if let PivotValueSource::List(values) = value_source {
                    for value in values {
                        let name = label(value).map(Arc::from);
                        columns.push(Column {
                            from: Arc::clone(&from),
                            how: How::Computed,
                            ..constant(name)
                        });
                    }
                }
                Ok(source(None, alias.as_ref(), Arc::new(columns)))
            }
            TableFactor::Unpivot { table, value, name, columns, alias, .. } => {
                let inner = self.inner(table, scope)?;
                let from = self.all_of(columns.iter().map(|c| &c.expr), &inner)?;
                let gone: Vec<String> = columns.iter().flat_map(|c| names(&c.expr)).collect();
                let mut out = without(&inner, &gone);
                let value = names(value).pop().map(Arc::from);
                out.push(Column { from, how: How::Computed, ..constant(value) });
                out.push(constant(Some(lower(name).into())));
                Ok(source(None, alias.as_ref(), Arc::new(out)))
            }
            _ => Ok(source(None, None, Arc::default())),
        }
    }

    fn inner<'s>(&mut self, table: &TableFactor, scope: &'s Scope<'s>) -> Result<Scope<'s>, TooMuch> {
        let mut inner = Scope::inside(scope.outer);
        self.factor(table, false, &mut inner)?;
        Ok(inner)
    }
}

/// The columns of a scope but those named.
fn without(scope: &Scope, gone: &[String]) -> Vec<Column> {
    let mut all = wildcard::all(scope);
    all.retain(|c| c.name.as_deref().is_none_or(|name| !gone.iter().any(|g| g == name)));
    all
}

/// The columns that an aggregate or a list of columns names.
fn names(expr: &Expr) -> Vec<String> {
    match expr {
        Expr::Identifier(ident) => vec![lower(ident)],
        Expr::CompoundIdentifier(idents) => idents.last().map(lower).into_iter().collect(),
        Expr::Nested(inner) => names(inner),
        Expr::Tuple(all) => all.iter().flat_map(names).collect(),
        Expr::Function(function) => match &function.args {
            FunctionArguments::List(list) => list
                .args
                .iter()
                .filter_map(|arg| match arg {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(names(expr)),
                    _ => None,
                })
                .flatten()
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The column that a value of a PIVOT becomes.
fn label(value: &ExprWithAlias) -> Option<String> {
    if let Some(alias) = &value.alias {
        return Some(lower(alias));
    }
    match &value.expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.to_lowercase()),
            Value::Number(number, _) => Some(number.clone()),
            _ => None,
        },
        other => names(other).pop(),
    }
}
