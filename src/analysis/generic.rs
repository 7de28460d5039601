//! Generic data tests: their SQL, and what they read beside the node that they test.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Compiled, Placement};
use crate::nouns::{GenericTest, Node, TestSpec, Totals};
use crate::render::{self, Rendered, Resolved, Scope, Templates};
use crate::sql::{quote, quote_name};
use crate::words::{Code, Diagnostic, Dialect, RelationName, nearest};

/// A generic test, written out.
pub(super) struct Written {
    /// The query that returns the failing rows.
    pub(super) compiled: Compiled,
    /// The dialect that it is in.
    pub(super) dialect: Dialect,
    /// Whether its text may read more than what it names: the user's own SQL is in it.
    pub(super) reads_more: bool,
    /// What was rendered for its arguments, for the references in it.
    pub(super) rendered: Vec<Rendered>,
    /// Another relation that it names, and how it is written.
    pub(super) names: Option<(RelationName, String)>,
    /// The totals that it compares.
    pub(super) totals: Option<Totals>,
}

/// A use of a generic test, and what is known where it stands.
pub(super) struct Use<'a> {
    pub(super) node: &'a Node,
    pub(super) spec: &'a TestSpec,
    pub(super) test: &'a GenericTest,
    /// What is tested.
    pub(super) relation: &'a RelationName,
    /// The relation of every name of the project.
    pub(super) relations: &'a HashMap<String, RelationName>,
    pub(super) placement: &'a Placement,
    pub(super) templates: &'a Templates,
    pub(super) scope: &'a Arc<Scope>,
    /// The dialect that the project is written in.
    pub(super) written_in: Dialect,
    /// The dialect of the target, which goldsmith's own SQL is for.
    pub(super) dialect: Dialect,
}

pub(super) type Told<T> = Result<T, Box<Diagnostic>>;

impl Use<'_> {
    /// Writes it out.
    pub(super) fn write(&self) -> Told<Written> {
        let mut rendered = Vec::new();
        let filter = self.spec.filter.as_deref().map(|f| self.condition(f, &mut rendered)).transpose()?;
        let name = self.test.test.as_str();
        if self.templates.has_macro(&format!("test_{name}")) {
            return self.own(filter.as_deref(), rendered);
        }
        if matches!(name, "reconciles" | "total_equals") {
            return self.money(filter.as_deref(), rendered);
        }
        if !render::GenericTest::NAMES.contains(&name) {
            return Err(self.unknown(name).into());
        }
        let column = self.column()?;
        let kind = match name {
            "not_null" => render::GenericTest::NotNull,
            "unique" => render::GenericTest::Unique,
            "accepted_values" => self.accepted_values()?,
            _ => {
                let argument = |key: &str| {
                    self.test.arguments.get(key).and_then(Value::as_str).ok_or_else(|| {
                        self.wrong(format!("`relationships` needs `{key}`"))
                            .help("write\n- relationships:\n    to: ref('other')\n    field: id")
                    })
                };
                let to = self.expression(argument("to")?)?;
                let field = quote(self.dialect, argument("field")?);
                let sql = self.from(&to);
                rendered.push(to);
                render::GenericTest::Relationships { to: sql, field }
            }
        };
        let tested = quote_name(self.dialect, self.relation);
        let sql = kind.sql(&tested, &column, filter.as_deref());
        Ok(self.written(sql, rendered))
    }

    /// A test of goldsmith's own.
    pub(super) fn written(&self, sql: String, rendered: Vec<Rendered>) -> Written {
        Written {
            compiled: Compiled::made(sql, &self.node.file, self.test.span),
            dialect: self.dialect,
            reads_more: self.spec.filter.is_some(),
            rendered,
            names: None,
            totals: None,
        }
    }

    /// A test that is a macro of the project.
    fn own(&self, filter: Option<&str>, mut rendered: Vec<Rendered>) -> Told<Written> {
        let test = self.test;
        let tested = quote_name(self.written_in, self.relation);
        let mut arguments = Map::new();
        let model = match filter {
            Some(filter) => format!("(select * from {tested} where {filter}) tested"),
            None => tested,
        };
        arguments.insert("model".into(), Value::String(model));
        if let Some(column) = &test.column {
            arguments.insert("column_name".into(), Value::String(column.clone()));
        }
        for (key, value) in &test.arguments {
            let value = match value {
                Value::String(call) if is_reference(call) => {
                    let found = self.expression(call)?;
                    let sql = found.sql.clone();
                    rendered.push(found);
                    Value::String(sql)
                }
                other => other.clone(),
            };
            arguments.insert(key.clone(), value);
        }
        let name = format!("test_{}", test.test);
        let called = self.templates.call(&name, &arguments, &self.node.file, test.span, self.scope)?;
        let sql = called.sql.clone();
        rendered.push(called);
        Ok(Written { dialect: self.written_in, reads_more: true, ..self.written(sql, rendered) })
    }

    /// The column that is tested, as SQL.
    pub(super) fn column(&self) -> Told<String> {
        let named = || self.test.arguments.get("column_name").and_then(Value::as_str).map(str::to_owned);
        self.test.column.as_ref().map(|c| quote(self.dialect, c)).or_else(named).ok_or_else(|| {
            self.wrong(format!("the test `{}` needs a column", self.test.test))
                .help("put it under a column, or give it `column_name`")
                .into()
        })
    }

    /// A condition in SQL, rendered where it is a template.
    pub(super) fn condition(&self, filter: &str, rendered: &mut Vec<Rendered>) -> Told<String> {
        if !filter.contains("{{") && !filter.contains("{%") {
            return Ok(filter.to_owned());
        }
        let found = self.templates.expression(filter, &self.node.file, self.test.span, self.scope)?;
        let sql = found.sql.clone();
        rendered.push(found);
        Ok(sql)
    }

    fn accepted_values(&self) -> Told<render::GenericTest> {
        let Some(Value::Array(values)) = self.test.arguments.get("values") else {
            return Err(self
                .wrong("`accepted_values` needs `values`, a list".into())
                .help("write\n- accepted_values:\n    values: [a, b]")
                .into());
        };
        let quote = self.test.arguments.get("quote").and_then(Value::as_bool);
        let values: Vec<String> =
            values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
        Ok(render::GenericTest::AcceptedValues { values, quote: quote.unwrap_or(true) })
    }

    /// An argument that is an expression of Jinja's, with or without braces.
    pub(super) fn expression(&self, text: &str) -> Told<Rendered> {
        let text = if text.contains("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") };
        self.templates.expression(&text, &self.node.file, self.test.span, self.scope)
    }

    /// What an expression stands for behind FROM: a relation in the target's dialect.
    pub(super) fn from(&self, rendered: &Rendered) -> String {
        let named = rendered.refs.iter().find_map(|r| match &r.resolved {
            Some(Resolved::Relation(relation)) => Some(relation),
            _ => None,
        });
        match named {
            Some(relation) if rendered.sql.trim() == quote_name(self.written_in, relation) => {
                quote_name(self.dialect, relation)
            }
            _ => rendered.sql.clone(),
        }
    }

    fn unknown(&self, name: &str) -> Diagnostic {
        let own = self.templates.macro_names().filter_map(|m| m.strip_prefix("test_"));
        let told = self.wrong(format!("there is no test `{name}`"));
        match nearest(name, render::GenericTest::NAMES.into_iter().chain(own)) {
            Some(near) => told.help(format!("did you mean `{near}`?")),
            None => told.help(format!(
                "use {}, or write `{{% test {name}(model, column_name) %}}` in macros/",
                render::GenericTest::NAMES.join(", ")
            )),
        }
    }

    pub(super) fn wrong(&self, message: String) -> Diagnostic {
        Diagnostic::new(Code::UnknownName, message).at(&self.node.file, self.test.span).node(&self.node.id)
    }
}

/// `ref('x')`, `source('a', 'b')`, with or without braces.
pub(super) fn is_reference(text: &str) -> bool {
    let inner = text.trim().trim_start_matches("{{").trim_start();
    (inner.starts_with("ref(") || inner.starts_with("source(")) && text.contains(')')
}
