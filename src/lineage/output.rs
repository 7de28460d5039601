//! `OUTPUT .. INTO`: the rows that a change takes in or gives up go into another table.

use std::sync::Arc;

use sqlparser::ast::{
    Delete, Expr, FromTable, FunctionArg, FunctionArgExpr, FunctionArguments, Insert, Merge, ObjectName,
    ObjectNamePart, OutputClause, SelectInto, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    Statement, TableObject, Update, UpdateTableFromKind,
};

use super::change::Effect;
use super::column::{Column, Named};
use super::known::constant;
use super::query::own_name;
use super::scope::{Scope, Source};
use super::walker::{TooMuch, Walker, lower, parts};
use crate::words::Span;

impl Walker<'_> {
    /// What a statement's OUTPUT puts into another table.
    pub(super) fn output(&mut self, statement: &Statement) -> Result<Effect, TooMuch> {
        match statement {
            Statement::Insert(Insert {
                output: Some(output), table: TableObject::TableName(name), ..
            }) => {
                let target = self.named(name);
                self.put_out(output, target, Scope::default())
            }
            Statement::Update(Update { output: Some(output), table, from, .. }) => {
                let from = match from {
                    Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) => {
                        from.as_slice()
                    }
                    None => &[],
                };
                let scope = self.from(from, None)?;
                let target = self.target(std::slice::from_ref(table), &scope)?;
                self.put_out(output, target, scope)
            }
            Statement::Delete(Delete { output: Some(output), tables, from, using, .. }) => {
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = from;
                let scope = self.from(using.as_deref().unwrap_or(from), None)?;
                let target = match tables.first() {
                    Some(name) => {
                        scope.source(&parts(name)).and_then(|s| s.named.clone()).or_else(|| self.named(name))
                    }
                    None => self.target(from, &scope)?,
                };
                self.put_out(output, target, scope)
            }
            Statement::Merge(Merge { output: Some(output), table, source, .. }) => {
                let mut scope = Scope::default();
                self.factor(table, false, &mut scope)?;
                let target = scope.sources.pop().and_then(|s| s.named);
                self.factor(source, false, &mut scope)?;
                self.put_out(output, target, scope)
            }
            Statement::Query(query) => match query.body.as_ref() {
                SetExpr::Insert(inner)
                | SetExpr::Update(inner)
                | SetExpr::Delete(inner)
                | SetExpr::Merge(inner) => {
                    self.with(query, None)?;
                    self.output(inner)
                }
                _ => Ok(Effect::Nothing),
            },
            _ => Ok(Effect::Nothing),
        }
    }

    /// The table that a change names, by its name or by an alias of the FROM clause.
    fn target(
        &mut self,
        tables: &[sqlparser::ast::TableWithJoins],
        scope: &Scope,
    ) -> Result<Option<Arc<Named>>, TooMuch> {
        let own = self.from(tables, None)?;
        let Some(first) = own.sources.into_iter().next() else { return Ok(None) };
        let by_alias = first.named.as_ref().and_then(|n| scope.source(std::slice::from_ref(&n.written.name)));
        Ok(by_alias.and_then(|s| s.named.clone()).or(first.named))
    }

    fn put_out(
        &mut self,
        output: &OutputClause,
        target: Option<Arc<Named>>,
        mut scope: Scope,
    ) -> Result<Effect, TooMuch> {
        let OutputClause::Output { select_items, into_table: Some(into), .. } = output else {
            return Ok(Effect::Nothing);
        };
        let (Some(target), Some((name, names))) = (target, into_table(into)) else {
            return Ok(Effect::Nothing);
        };
        let Some(named) = self.named(&name) else { return Ok(Effect::Nothing) };
        for alias in ["inserted", "deleted"] {
            let columns = self.known.read(&target);
            scope.sources.push(Source {
                alias: Some(alias.into()),
                named: Some(Arc::clone(&target)),
                columns,
            });
        }
        let mut columns = Vec::new();
        for item in select_items {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let own = own_name(expr, self.dialect);
                    let span = own.map_or_else(Span::default, |ident| self.place(ident));
                    columns.push(self.put(own.map(lower), span, expr, &scope)?);
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    columns.push(self.put(Some(lower(alias)), self.place(alias), expr, &scope)?);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let span = self.name_place(name);
                    let all = scope.source(&parts(name)).into_iter().flat_map(|s| s.columns.iter());
                    columns.extend(all.map(|c| Column { span, ..c.clone() }));
                }
                _ => {}
            }
        }
        self.step(columns.len())?;
        Ok(self.added(named, &Arc::new(columns), &names))
    }

    fn put(
        &mut self,
        name: Option<String>,
        span: Span,
        expr: &Expr,
        scope: &Scope,
    ) -> Result<Column, TooMuch> {
        let value = self.value(expr, scope)?;
        Ok(Column { span, from: value.from, how: value.how, ..constant(name.map(Arc::from)) })
    }
}

/// The table and columns of `INTO t (a, b)`, which looks like a function to the parser.
fn into_table(into: &SelectInto) -> Option<(ObjectName, Vec<String>)> {
    let name = |idents: Vec<sqlparser::ast::Ident>| {
        ObjectName(idents.into_iter().map(ObjectNamePart::Identifier).collect())
    };
    match into.targets.first()? {
        Expr::Identifier(ident) => Some((name(vec![ident.clone()]), Vec::new())),
        Expr::CompoundIdentifier(idents) => Some((name(idents.clone()), Vec::new())),
        Expr::Function(function) => {
            let FunctionArguments::List(list) = &function.args else { return None };
            let column = |arg: &FunctionArg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) => Some(lower(ident)),
                _ => None,
            };
            Some((function.name.clone(), list.args.iter().map(column).collect::<Option<_>>()?))
        }
        _ => None,
    }
}
