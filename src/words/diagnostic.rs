//! What goldsmith has to say about the user's files.

use std::sync::Arc;

use super::{Code, Severity, SourceFile, Span};

/// A further place that belongs to a diagnostic, with a word on why.
#[derive(Debug, Clone)]
pub struct Label {
    /// The file of the place.
    pub file: Arc<SourceFile>,
    /// The place.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// One finding: what, where, and what to do.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How bad it is, as configured.
    pub severity: Severity,
    /// One sentence on what is wrong, without a full stop.
    pub message: String,
    /// The file it is about, where there is one.
    pub file: Option<Arc<SourceFile>>,
    /// The place in the file; meaningless without a file.
    pub span: Span,
    /// Further places, such as the other edges of a cycle.
    pub labels: Vec<Label>,
    /// The node's id, where one is concerned.
    pub node: Option<String>,
    /// The relation's name, where one is concerned.
    pub relation: Option<String>,
    /// What to do about it; may hold several lines, ready to paste.
    pub help: Option<String>,
    /// Whether `lint --fix` can mend it.
    pub fixable: bool,
}

impl Diagnostic {
    /// A diagnostic of the code's default severity that is not about a place in a file.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.default_severity(),
            message: message.into(),
            file: None,
            span: Span::default(),
            labels: Vec::new(),
            node: None,
            relation: None,
            help: None,
            fixable: false,
        }
    }

    /// Makes it an error, whatever its code usually is.
    #[must_use]
    pub fn as_error(mut self) -> Self {
        self.severity = Severity::Error;
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, file: &Arc<SourceFile>, span: Span) -> Self {
        self.file = Some(Arc::clone(file));
        self.span = span;
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, file: &Arc<SourceFile>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { file: Arc::clone(file), span, text: text.into() });
        self
    }

    /// Sets the node's id.
    #[must_use]
    pub fn node(mut self, id: impl Into<String>) -> Self {
        self.node = Some(id.into());
        self
    }

    /// Sets the relation's name.
    #[must_use]
    pub fn relation(mut self, name: impl Into<String>) -> Self {
        self.relation = Some(name.into());
        self
    }

    /// Whether levels, comments and the baseline may say something about it. What could not be read
    /// is not checked, so that an error of the family `GS9xx` stands.
    #[must_use]
    pub fn is_adjustable(&self) -> bool {
        self.code.is_adjustable() && !(self.code.id().starts_with("GS9") && self.severity == Severity::Error)
    }

    /// The text of the line that it points at.
    #[must_use]
    pub fn line_text(&self) -> Option<&str> {
        let file = self.file.as_ref()?;
        let line = file.line_span(file.position(self.span.start).line);
        file.text().get(line.start..line.end)
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}
