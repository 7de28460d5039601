//! One text to render, and what is put together once the engine has rendered it.

use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{OutputSpan, OutputSpanKind};

use super::context::Record;
use super::locate::Places;
use super::tags::Tag;
use super::values::to_json;
use super::{ConfigEntry, Reference, ReferenceKind, Rendered, Scope, SourceMap};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// One text to render.
pub(super) struct Job<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a Arc<SourceFile>,
    /// The place that the text as a whole stands for; `None` when it is the file itself.
    pub(super) place: Option<Span>,
    pub(super) scope: &'a Arc<Scope>,
    /// What `goldsmith_arguments` is.
    pub(super) arguments: Option<Value>,
}

/// A job that holds what it needs.
pub(super) struct KeptJob {
    pub(super) text: String,
    file: Arc<SourceFile>,
    place: Option<Span>,
    scope: Arc<Scope>,
    arguments: Option<Value>,
}

impl KeptJob {
    /// The job itself.
    pub(super) fn job(&self) -> Job<'_> {
        let Self { text, file, place, scope, arguments } = self;
        Job { text, file, place: *place, scope, arguments: arguments.clone() }
    }
}

impl Job<'_> {
    /// The same job, for a thread that may outlive whoever asked.
    pub(super) fn kept(&self) -> KeptJob {
        KeptJob {
            text: self.text.to_owned(),
            file: Arc::clone(self.file),
            place: self.place,
            scope: Arc::clone(self.scope),
            arguments: self.arguments.clone(),
        }
    }

    /// Says why the text is not rendered at all.
    pub(super) fn refuse(&self, message: &str) -> Box<Diagnostic> {
        let span = self.place.unwrap_or_default();
        Box::new(Diagnostic::new(Code::InvalidTemplate, message).at(self.file, span).node(&self.scope.node))
    }

    /// A text without tags renders to itself.
    pub(super) fn untouched(&self) -> Rendered {
        let map = match self.place {
            None => SourceMap::identity(self.file),
            Some(span) => SourceMap::fixed(self.file, span),
        };
        self.finish(&[], self.text.to_owned(), map, &mut Record::default())
    }

    /// From what the engine knows about its output.
    pub(super) fn source_map(&self, spans: &[OutputSpan], prefix: usize) -> SourceMap {
        if let Some(span) = self.place {
            return SourceMap::fixed(self.file, span);
        }
        let mut map = SourceMap::new(self.file);
        for span in spans {
            let source = span.source_range();
            let source = Span::new(source.start.saturating_sub(prefix), source.end.saturating_sub(prefix));
            map.push(span.output_range().start, source, span.kind() == OutputSpanKind::Raw);
        }
        map
    }

    /// Puts together what a rendering gave.
    pub(super) fn finish(&self, tags: &[Tag], sql: String, map: SourceMap, record: &mut Record) -> Rendered {
        let places = Places::new(self.text, tags);
        let refs = std::mem::take(&mut record.refs).into_iter().map(|named| {
            let function = match named.kind {
                ReferenceKind::Ref => "ref",
                ReferenceKind::Source => "source",
            };
            let span = self
                .place
                .unwrap_or_else(|| places.reference(function, &named.args, named.inside.as_deref()));
            Reference { kind: named.kind, args: named.args, resolved: named.resolved, span }
        });
        let refs = refs.collect();
        let config = std::mem::take(&mut record.config).into_iter().map(|(key, value)| {
            let span = self.place.unwrap_or_else(|| places.config(&key));
            ConfigEntry { value: to_json(&value), key, span }
        });
        Rendered {
            sql,
            map,
            refs,
            config: config.collect(),
            warnings: std::mem::take(&mut record.warnings),
            messages: std::mem::take(&mut record.messages),
        }
    }
}
