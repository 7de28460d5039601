//! Templates as users write them, and as nobody should.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Rendered, Resolve, Resolved, Scope, Settings, TargetFacts, Templates};
use crate::words::{Diagnostic, Dialect, Encoding, RelationName, SourceFile, Span};

mod dbt;
mod errors;
mod hostile;
mod macros;
mod places;
mod speed;

struct Known;

impl Resolve for Known {
    fn reference(&self, package: Option<&str>, name: &str) -> Option<Resolved> {
        match (package, name) {
            (_, "missing") => None,
            (_, "fleeting") => Some(Resolved::Ephemeral("__dbt__cte__fleeting".to_owned())),
            _ => Some(Resolved::Relation(RelationName::new("dwh", "silver", name))),
        }
    }

    fn source(&self, source: &str, table: &str) -> Option<Resolved> {
        (table != "missing").then(|| Resolved::Relation(RelationName::new(source, "raw", table)))
    }
}

fn file(path: &str, text: &str) -> Arc<SourceFile> {
    SourceFile::new(path, text, Encoding::Utf8)
}

fn settings() -> Settings {
    let mut settings = Settings::new("sfdc", Dialect::DuckDb);
    settings.target = TargetFacts {
        name: "dev".into(),
        kind: "duckdb".into(),
        database: "dwh".into(),
        schema: "gold".into(),
        threads: 4,
    };
    settings.vars = serde_json::from_str(r#"{"country": "de", "rates": [1, 2], "on": true}"#).unwrap();
    let variables = HashMap::from([("DWH_HOST", "db1"), ("DWH_PASSWORD", "hush")]);
    settings.environment = Box::new(move |name| variables.get(name).map(|&v| v.to_owned()));
    settings.started_at = "2025-03-01T05:00:00Z".into();
    settings
}

fn templates(macros: &str) -> Templates {
    let (templates, diagnostics) = Templates::new(settings(), &[file("macros/m.sql", macros)]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    templates
}

fn scope() -> Arc<Scope> {
    let mut scope = Scope::new("model.sfdc.m", Arc::new(Known));
    scope.this = Some(RelationName::new("dwh", "gold", "m"));
    scope.model = serde_json::json!({"name": "m", "schema": "gold"});
    Arc::new(scope)
}

fn with_macros(macros: &str, text: &str) -> Result<Rendered, Box<Diagnostic>> {
    templates(macros).render(&file("m.sql", text), &scope())
}

fn render(text: &str) -> Result<Rendered, Box<Diagnostic>> {
    with_macros("", text)
}

#[track_caller]
fn sql(text: &str) -> String {
    render(text).unwrap_or_else(|d| panic!("{}", show(&d))).sql
}

#[track_caller]
fn macro_sql(macros: &str, text: &str) -> String {
    with_macros(macros, text).unwrap_or_else(|d| panic!("{}", show(&d))).sql
}

/// `message | path:line:column 'text there' | label .. | help`.
fn show(diagnostic: &Diagnostic) -> String {
    let place = |file: &Arc<SourceFile>, span: Span| {
        let at = file.position(span.start);
        format!("{}:{}:{} `{}`", file.path(), at.line, at.column, &file.text()[span.start..span.end])
    };
    let mut text = diagnostic.message.clone();
    if let Some(file) = &diagnostic.file {
        text = format!("{text}\n  at {}", place(file, diagnostic.span));
    }
    for label in &diagnostic.labels {
        text = format!("{text}\n  {} at {}", label.text, place(&label.file, label.span));
    }
    if let Some(help) = &diagnostic.help {
        text = format!("{text}\n  help: {help}");
    }
    text
}
