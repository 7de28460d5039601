//! Where the value of an expression comes from.

use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LambdaFunction,
    NamedWindowDefinition, OneOrManyWithParens, Query, Visit, Visitor, WindowType,
};

use super::column::{How, Origin, Origins};
use super::scope::{Scope, Value};
use super::walker::{TooMuch, Walker, lower, parts};

/// Functions whose first argument is a part of a date, not a column.
const DATE_PARTS: [&str; 9] = [
    "dateadd",
    "datediff",
    "datediff_big",
    "datename",
    "datepart",
    "datetrunc",
    "date_bucket",
    "date_diff",
    "date_trunc",
];

/// Words that stand for a value without being a column.
const WORDS: [&str; 13] = [
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "session_user",
    "system_user",
    "user",
    "localtime",
    "localtimestamp",
    "default",
    "current_role",
    "current_catalog",
    "current_schema",
];

impl Walker<'_> {
    /// Where an expression's value comes from.
    pub(super) fn value(&mut self, expr: &Expr, scope: &Scope) -> Result<Value, TooMuch> {
        self.value_in(expr, scope, &[])
    }

    /// The same, with the query's named windows.
    pub(super) fn value_in(
        &mut self,
        expr: &Expr,
        scope: &Scope,
        windows: &[NamedWindowDefinition],
    ) -> Result<Value, TooMuch> {
        self.step(1)?;
        match expr {
            Expr::Nested(inner) => return self.value_in(inner, scope, windows),
            Expr::Identifier(ident) => return self.named_value(std::slice::from_ref(ident), scope),
            Expr::CompoundIdentifier(idents) => return self.named_value(idents, scope),
            // A scalar subquery has one column.
            Expr::Subquery(query) => {
                let columns = self.query(query, Some(scope))?;
                return Ok(columns.first().map_or_else(nothing, Value::of));
            }
            _ => {}
        }
        let mut visit = Values {
            walker: self,
            scope,
            windows,
            from: Origins::new(),
            hidden: 0,
            ignored: Vec::new(),
            parameters: Vec::new(),
        };
        match expr.visit(&mut visit) {
            ControlFlow::Break(stop) => Err(stop),
            ControlFlow::Continue(()) => Ok(Value { from: Arc::new(visit.from), how: How::Computed }),
        }
    }

    fn named_value(&mut self, idents: &[Ident], scope: &Scope) -> Result<Value, TooMuch> {
        self.step(scope.size())?;
        if is_no_column(idents) {
            return Ok(nothing());
        }
        let parts: Vec<String> = idents.iter().map(lower).collect();
        Ok(scope.value(&parts).unwrap_or_else(|| Value {
            from: Arc::new(
                [Origin::Unsure { column: parts.join(".").into(), candidates: Vec::new() }].into(),
            ),
            how: How::Copied,
        }))
    }
}

fn nothing() -> Value {
    Value { from: Arc::default(), how: How::Computed }
}

/// Variables, and words that the engine knows.
fn is_no_column(idents: &[Ident]) -> bool {
    match idents {
        [one] if one.quote_style.is_none() => {
            one.value.starts_with(['@', '$', ':']) || WORDS.iter().any(|w| one.value.eq_ignore_ascii_case(w))
        }
        [first, ..] => first.value.starts_with('@'),
        [] => true,
    }
}

/// Gathers the columns that an expression names.
struct Values<'v, 'w> {
    walker: &'v mut Walker<'w>,
    scope: &'v Scope<'v>,
    windows: &'v [NamedWindowDefinition],
    from: Origins,
    /// How many queries and EXISTS are open, whose own columns are no sources here.
    hidden: usize,
    /// Expressions that are words, not columns; only their addresses are compared.
    ignored: Vec<*const Expr>,
    /// Parameters of lambdas.
    parameters: Vec<String>,
}

impl Values<'_, '_> {
    fn named(&mut self, idents: &[Ident]) -> Result<(), TooMuch> {
        let lambda = idents.first().is_some_and(|i| self.parameters.contains(&lower(i)));
        if !lambda {
            let value = self.walker.named_value(idents, self.scope)?;
            self.add(&value.from)?;
        }
        Ok(())
    }

    fn add(&mut self, from: &Origins) -> Result<(), TooMuch> {
        self.walker.step(from.len())?;
        self.from.extend(from.iter().cloned());
        Ok(())
    }

    fn function(&mut self, function: &Function) -> Result<(), TooMuch> {
        let parts = parts(&function.name);
        // `x.value('(a)[1]', 'int')`: a method of a column.
        if let [prefix @ .., _] = parts.as_slice()
            && !prefix.is_empty()
            && (prefix.len() > 1 || self.scope.source(prefix).is_none())
            && let Some(value) = self.method(prefix)
        {
            self.add(&value.from)?;
        }
        if parts.last().is_some_and(|last| DATE_PARTS.contains(&last.as_str()))
            && let FunctionArguments::List(list) = &function.args
            && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first @ Expr::Identifier(_)))) =
                list.args.first()
        {
            self.ignored.push(std::ptr::from_ref(first));
        }
        if let Some(WindowType::NamedWindow(name)) = &function.over
            && let Some(window) = self.windows.iter().find(|w| w.0.value.eq_ignore_ascii_case(&name.value))
        {
            return match window.1.visit(self) {
                ControlFlow::Break(stop) => Err(stop),
                ControlFlow::Continue(()) => Ok(()),
            };
        }
        Ok(())
    }

    /// `t.c.query('..').value('..')`: fields and methods of `t.c`.
    fn field(&mut self, root: &Expr, chain: &[AccessExpr]) -> Result<(), TooMuch> {
        let mut idents = match root {
            Expr::Identifier(ident) => vec![ident.clone()],
            Expr::CompoundIdentifier(idents) => idents.clone(),
            _ => return Ok(()),
        };
        self.ignored.push(std::ptr::from_ref(root));
        for access in chain {
            match access {
                AccessExpr::Dot(field @ Expr::Identifier(ident)) => {
                    self.ignored.push(std::ptr::from_ref(field));
                    idents.push(ident.clone());
                }
                _ => break,
            }
        }
        self.named(&idents)
    }

    /// The column in front of a method; a schema in front of a function is none.
    fn method(&self, prefix: &[String]) -> Option<Value> {
        if prefix.len() > 1 && self.scope.source(&prefix[..prefix.len() - 1]).is_none() {
            return None;
        }
        let value = self.scope.value(prefix)?;
        let sure = prefix.len() > 1
            || self
                .scope
                .sources
                .iter()
                .any(|s| s.columns.iter().any(|c| c.name.as_deref() == Some(prefix[0].as_str())));
        sure.then_some(value)
    }
}

impl Visitor for Values<'_, '_> {
    type Break = TooMuch;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<TooMuch> {
        if self.hidden == 0 {
            let columns = match self.walker.query(query, Some(self.scope)) {
                Ok(columns) => columns,
                Err(stop) => return ControlFlow::Break(stop),
            };
            for column in columns.iter() {
                if let Err(stop) = self.add(&column.from) {
                    return ControlFlow::Break(stop);
                }
            }
        }
        self.hidden += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<TooMuch> {
        self.hidden -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<TooMuch> {
        if let Expr::Exists { .. } = expr {
            self.hidden += 1;
        }
        let done = match expr {
            _ if self.hidden > 0 || self.ignored.contains(&std::ptr::from_ref(expr)) => Ok(()),
            Expr::Identifier(ident) => self.named(std::slice::from_ref(ident)),
            Expr::CompoundIdentifier(idents) => self.named(idents),
            Expr::Function(function) => self.function(function),
            Expr::Lambda(lambda) => {
                self.parameters.extend(parameters(lambda));
                Ok(())
            }
            Expr::CompoundFieldAccess { root, access_chain } => self.field(root, access_chain),
            _ => self.walker.step(1),
        };
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(stop) => ControlFlow::Break(stop),
        }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<TooMuch> {
        match expr {
            Expr::Exists { .. } => self.hidden -= 1,
            Expr::Lambda(lambda) if self.hidden == 0 => {
                let left = self.parameters.len().saturating_sub(parameters(lambda).len());
                self.parameters.truncate(left);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn parameters(lambda: &LambdaFunction) -> Vec<String> {
    match &lambda.params {
        OneOrManyWithParens::One(one) => vec![lower(&one.name)],
        OneOrManyWithParens::Many(all) => all.iter().map(|p| lower(&p.name)).collect(),
    }
}
