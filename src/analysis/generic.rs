//! Generic data tests: their SQL, and what they read beside the node that they test.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Compiled;
use crate::nouns::{GenericTest, Node, TestSpec};
use crate::render::{self, Rendered, Scope, Templates};
use crate::sql::{quote, quote_name};
use crate::words::{Code, Diagnostic, Dialect, RelationName, nearest};

/// A generic test, written out.
pub(super) struct Written {
    /// The query that returns the failing rows.
    pub(super) compiled: Compiled,
    /// Whether it is one of dbt's four, which read nothing but what they name.
    pub(super) builtin: bool,
    /// What was rendered for its arguments, for the references in it.
    pub(super) rendered: Vec<Rendered>,
}

/// Writes out a use of a generic test on `relation`.
pub(super) fn write(
    node: &Node,
    spec: &TestSpec,
    test: &GenericTest,
    relation: &RelationName,
    templates: &Templates,
    scope: &Arc<Scope>,
    dialect: Dialect,
) -> Result<Written, Box<Diagnostic>> {
    let tested = quote_name(dialect, relation);
    let mut rendered = Vec::new();
    let filter = match &spec.filter {
        Some(filter) if filter.contains("{{") || filter.contains("{%") => {
            let found = templates.expression(filter, &node.file, test.span, scope)?;
            let sql = found.sql.clone();
            rendered.push(found);
            Some(sql)
        }
        plain => plain.clone(),
    };
    let macro_name = format!("test_{}", test.test);
    if templates.has_macro(&macro_name) {
        let mut arguments = Map::new();
        let model = match &filter {
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
                    let found = expression(call, node, test, templates, scope)?;
                    let sql = found.sql.clone();
                    rendered.push(found);
                    Value::String(sql)
                }
                other => other.clone(),
            };
            arguments.insert(key.clone(), value);
        }
        let called = templates.call(&macro_name, &arguments, &node.file, test.span, scope)?;
        let compiled = Compiled::made(called.sql.clone(), &node.file, test.span);
        rendered.push(called);
        return Ok(Written { compiled, builtin: false, rendered });
    }
    let column = test
        .column
        .as_ref()
        .or(None)
        .map(|c| quote(dialect, c))
        .or_else(|| test.arguments.get("column_name").and_then(Value::as_str).map(str::to_owned));
    let Some(column) = column else {
        return Err(wrong(node, test, format!("the test `{}` needs a column", test.test))
            .help("put it under a column, or give it `column_name`")
            .into());
    };
    let kind = match test.test.as_str() {
        "not_null" => render::GenericTest::NotNull,
        "unique" => render::GenericTest::Unique,
        "accepted_values" => accepted_values(node, test)?,
        "relationships" => {
            let argument = |key: &str| {
                test.arguments.get(key).and_then(Value::as_str).ok_or_else(|| {
                    wrong(node, test, format!("`relationships` needs `{key}`"))
                        .help("write\n- relationships:\n    to: ref('other')\n    field: id")
                })
            };
            let to = expression(argument("to")?, node, test, templates, scope)?;
            let field = quote(dialect, argument("field")?);
            let sql = to.sql.clone();
            rendered.push(to);
            render::GenericTest::Relationships { to: sql, field }
        }
        unknown => return Err(unknown_test(node, test, unknown, templates).into()),
    };
    let sql = kind.sql(&tested, &column, filter.as_deref());
    Ok(Written { compiled: Compiled::made(sql, &node.file, test.span), builtin: true, rendered })
}

fn accepted_values(node: &Node, test: &GenericTest) -> Result<render::GenericTest, Box<Diagnostic>> {
    let Some(Value::Array(values)) = test.arguments.get("values") else {
        return Err(wrong(node, test, "`accepted_values` needs `values`, a list".into())
            .help("write\n- accepted_values:\n    values: [a, b]")
            .into());
    };
    let quote = test.arguments.get("quote").and_then(Value::as_bool);
    let values: Vec<String> =
        values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
    Ok(render::GenericTest::AcceptedValues { values, quote: quote.unwrap_or(true) })
}

/// `ref('x')`, `source('a', 'b')`, with or without braces.
fn is_reference(text: &str) -> bool {
    let inner = text.trim().trim_start_matches("{{").trim_start();
    (inner.starts_with("ref(") || inner.starts_with("source(")) && text.contains(')')
}

fn expression(
    text: &str,
    node: &Node,
    test: &GenericTest,
    templates: &Templates,
    scope: &Arc<Scope>,
) -> Result<Rendered, Box<Diagnostic>> {
    let text = if text.contains("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") };
    templates.expression(&text, &node.file, test.span, scope)
}

fn unknown_test(node: &Node, test: &GenericTest, name: &str, templates: &Templates) -> Diagnostic {
    let own = templates.macro_names().filter_map(|m| m.strip_prefix("test_"));
    let told = wrong(node, test, format!("there is no test `{name}`"));
    match nearest(name, render::GenericTest::NAMES.into_iter().chain(own)) {
        Some(near) => told.help(format!("did you mean `{near}`?")),
        None => told.help(format!(
            "use {}, or write `{{% test {name}(model, column_name) %}}` in macros/",
            render::GenericTest::NAMES.join(", ")
        )),
    }
}

fn wrong(node: &Node, test: &GenericTest, message: String) -> Diagnostic {
    Diagnostic::new(Code::UnknownName, message).at(&node.file, test.span).node(&node.id)
}
