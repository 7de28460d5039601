//! What holds for every reader on every input. The fuzz targets in `fuzz/` check the same.

use std::sync::Arc;

use camino::Utf8Path;
use goldsmith::config;
use goldsmith::render::{Resolve, Resolved, Scope, Settings, Templates};
use goldsmith::sql::{self, IssueKind, Script};
use goldsmith::words::{Diagnostic, Dialect, Encoding, RelationName, SourceFile, Span};

fn check_span(text: &str, span: Span) {
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
}

/// Tokens stand in order, overlap nowhere, and leave out nothing but white space and comments.
fn check_tokens(text: &str, dialect: Dialect) {
    let mut end = 0;
    for token in sql::tokens(text, dialect) {
        check_span(text, token.span());
        assert!(token.len > 0 && token.span().start >= end, "{token:?} behind {end}");
        check_gap(&text[end..token.span().start]);
        end = token.end();
    }
    check_gap(&text[end..]);
}

/// What stands between two tokens is white space and comments, or the data of psql's `COPY .. FROM STDIN;`.
fn check_gap(gap: &str) {
    let mut rest = gap;
    loop {
        rest = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || c <= ' ' || c == '\u{feff}' || c == '\u{200b}'
        });
        if rest.is_empty() || gap.ends_with("\n\\.") {
            return;
        }
        if rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else {
            assert!(rest.starts_with("/*"), "{rest:?} is no token");
            let mut depth = 0_usize;
            let mut at = 0;
            let bytes = rest.as_bytes();
            while at < bytes.len() {
                match &bytes[at..(at + 2).min(bytes.len())] {
                    b"/*" => (depth, at) = (depth + 1, at + 2),
                    b"*/" => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            rest = &rest[at..];
        }
    }
}

fn check_script(text: &str, script: &Script) {
    let mut end = 0;
    for batch in &script.batches {
        check_span(text, batch.span);
        assert!(batch.span.start >= end && batch.line > 0);
        let mut last = batch.span.start;
        for statement in &batch.statements {
            check_span(text, statement.span);
            assert!(statement.span.start >= last && statement.span.end <= batch.span.end);
            last = statement.span.end;
        }
        end = batch.span.end;
        let defined = batch.defines.iter().map(|d| &d.touches);
        for touches in defined.chain([&batch.touches]) {
            for reference in touches.references() {
                check_span(text, reference.span);
            }
            touches.files.iter().for_each(|f| check_span(text, f.span));
            touches.remotes.iter().for_each(|r| check_span(text, r.span));
        }
        for definition in &batch.defines {
            check_span(text, definition.span);
            check_span(text, definition.extent);
        }
    }
    script.issues.iter().for_each(|i| check_span(text, i.span));
    script.directives.iter().for_each(|d| check_span(text, d.span));
}

/// Decodes bytes, either way.
pub fn decode(bytes: &[u8]) -> String {
    let (text, encoding) = sql::decode(bytes);
    assert_eq!(sql::decode_owned(bytes.to_vec()), (text.clone(), encoding));
    text
}

/// Reads a text in every dialect.
pub fn sql(text: &str) {
    for dialect in Dialect::ALL {
        check_sql(text, dialect);
    }
}

/// Reads a text; what it touches is the same when it is read again.
pub fn check_sql(text: &str, dialect: Dialect) -> Script {
    check_tokens(text, dialect);
    let script = sql::read(text, dialect);
    check_script(text, &script);
    assert_eq!(sql::read(text, dialect), script, "read twice");
    let all = sql::statements(text, dialect).len();
    let read = script.statements().count();
    let cut = script.issues.iter().any(|i| matches!(i.kind, IssueKind::TooDense | IssueKind::NotText));
    assert!(if cut { read <= all } else { read == all }, "{read} of {all}");
    check_texts(text, dialect);
    script
}

/// Every place in a text that is run leads back into the SQL that runs it.
fn check_texts(text: &str, dialect: Dialect) {
    let (tokens, statements) = sql::cut(text, dialect);
    for run in sql::texts(text, dialect, &tokens, &statements) {
        run.tokens.iter().for_each(|t| check_span(text, run.place(t.span())));
        for statement in &run.statements {
            check_span(&run.text, statement.span);
            check_span(text, run.place(statement.span));
        }
    }
}

fn source(text: &str) -> Arc<SourceFile> {
    SourceFile::new("x", text, Encoding::Utf8)
}

fn check_told(text: &str, told: &[Diagnostic]) {
    for diagnostic in told {
        check_span(text, diagnostic.span);
        assert!(!diagnostic.message.is_empty());
    }
}

/// Reads a text as each of the YAML files there are.
pub fn yaml(text: &str) {
    let file = source(text);
    let mut told = Vec::new();
    let _ = config::platform(Utf8Path::new("."), &file, &mut told);
    let _ = config::project(Utf8Path::new("p"), &file, &mut told);
    let _ = config::properties(&file, &mut told);
    check_told(text, &told);
}

/// Answers every name.
struct Everything;

impl Resolve for Everything {
    fn reference(&self, _: Option<&str>, name: &str) -> Option<Resolved> {
        Some(Resolved::Relation(RelationName::new("d", "s", name)))
    }

    fn source(&self, source: &str, table: &str) -> Option<Resolved> {
        Some(Resolved::Relation(RelationName::new(source, "raw", table)))
    }
}

/// Renders a text as a model and reads it as macros, with no more stack than a worker has.
pub fn template(text: &str) {
    let text = text.to_owned();
    let render = move || {
        let file = source(&text);
        let settings = || Settings { environment: Box::new(|_| None), ..Settings::new("p", Dialect::DuckDb) };
        let (_, told) = Templates::new(settings(), &[Arc::clone(&file)]);
        check_told(&text, &told);
        let (templates, _) = Templates::new(settings(), &[]);
        match templates.render(&file, &Arc::new(Scope::new("model.p.x", Arc::new(Everything)))) {
            Ok(rendered) => check_sql(&rendered.sql, Dialect::DuckDb).issues.clear(),
            Err(told) => check_told(&text, &[*told]),
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(render);
    thread.expect("a thread starts").join().expect("nothing panics");
}
