//! Turns the engine's errors into diagnostics: in plain words, at the exact place, with the
//! nearest known name. An error inside a macro points there and says who called it.

use std::error::Error as _;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Environment, Error, ErrorKind};

use super::balance::imbalance;
use super::context::VARIABLES;
use super::known::{FILTERS, TESTS};
use super::library::{Library, number_of};
use super::locate::Places;
use super::sayings::{Saying, first_word, malformed, plain, saying, unknown, unknown_method};
use super::tags::Tag;
use super::tokens::{Token, Tokens};
use super::told::Told;
use crate::words::{Code, Diagnostic, SourceFile, Span, nearest};

/// How many callers of a macro an error names.
const MOST_CALLERS: usize = 4;

/// What is needed to explain an error.
pub(super) struct Explainer<'a> {
    pub(super) library: &'a Library,
    pub(super) environment: Option<&'a Environment<'static>>,
    pub(super) file: Option<&'a Arc<SourceFile>>,
    pub(super) text: &'a str,
    pub(super) tags: &'a [Tag],
    /// How many bytes stood before the text.
    pub(super) prefix: usize,
    /// The place that the text as a whole stands for.
    pub(super) place: Option<Span>,
}

/// That a template nests too deep.
pub(super) fn too_deep(file: &Arc<SourceFile>, span: Span) -> Diagnostic {
    Diagnostic::new(Code::InvalidTemplate, "the template nests too deep here")
        .at(file, span)
        .help("split the expression with `{% set .. %}`, or the blocks into macros")
}

/// A place in a file, and the template text there.
struct Place<'a> {
    file: &'a Arc<SourceFile>,
    span: Span,
    code: &'a str,
}

impl<'a> Explainer<'a> {
    /// Explains errors in the macro files themselves.
    pub(super) fn of_macros(library: &'a Library) -> Self {
        Self { library, environment: None, file: None, text: "", tags: &[], prefix: 0, place: None }
    }

    pub(super) fn explain(&self, error: &Error) -> Diagnostic {
        let mut chain = vec![error];
        while let Some(inner) =
            chain[chain.len() - 1].source().and_then(|source| source.downcast_ref::<Error>())
        {
            chain.push(inner);
        }
        let innermost = chain[chain.len() - 1];
        let place = self.place_of(innermost);
        if let Some(diagnostic) = self.unbalanced(innermost) {
            return diagnostic;
        }
        let said = self.say(innermost, place.as_ref().map_or("", |place| place.code));
        let mut diagnostic = Diagnostic::new(Code::InvalidTemplate, said.message);
        diagnostic.help = said.help;
        if let Some(place) = place {
            diagnostic = diagnostic.at(place.file, place.span);
        } else if let Some(file) = self.file {
            diagnostic = diagnostic.at(file, self.place.unwrap_or_default());
        }
        let callers = &chain[..chain.len() - 1];
        let skipped = callers.len().saturating_sub(MOST_CALLERS);
        for (at, caller) in callers.iter().enumerate().rev() {
            if at > 0 && at <= skipped {
                continue;
            }
            if let (Some(place), Some(name)) = (self.place_of(caller), caller.detail()) {
                let span = self.call_of(caller, name).unwrap_or(place.span);
                diagnostic = diagnostic.label(place.file, span, format!("`{name}` is called here"));
            }
        }
        diagnostic
    }

    /// Where the template itself calls a macro, when the engine only knows the line.
    fn call_of(&self, caller: &Error, name: &str) -> Option<Span> {
        let known = caller.range().is_some() || number_of(caller.name()?).is_some() || self.place.is_some();
        if known { None } else { Places::new(self.text, self.tags).call(name) }
    }

    fn place_of(&self, error: &Error) -> Option<Place<'a>> {
        let template = error.name()?;
        let line = error.line().unwrap_or(1);
        if let Some(number) = number_of(template) {
            let one = self.library.macros.get(number)?;
            let range = error.range().unwrap_or_else(|| line_range(&one.source, line));
            let back = |at: usize| (at.saturating_sub(one.prefix) + one.text.start).min(one.text.end);
            let span = if range.start < one.prefix {
                one.header
            } else {
                Span::new(back(range.start), back(range.end))
            };
            let span = whole_expression(one.file.text(), span);
            return Some(Place { file: &one.file, span, code: one.file.text().get(span.start..span.end)? });
        }
        // What stands before the text holds no line end.
        let from_line = || {
            let range = line_range(self.text, line);
            range.start + self.prefix..range.end + self.prefix
        };
        let range = error.range().unwrap_or_else(from_line);
        let back = |at: usize| at.saturating_sub(self.prefix).min(self.text.len());
        let span = whole_expression(self.text, Span::new(back(range.start), back(range.end)));
        let code = self.text.get(span.start..span.end)?;
        Some(Place { file: self.file?, span: self.place.unwrap_or(span), code })
    }

    /// A malformed template whose block tags don't match: the tag at fault.
    fn unbalanced(&self, error: &Error) -> Option<Diagnostic> {
        let detail = error.detail().unwrap_or_default();
        let early = detail.starts_with("unexpected end of")
            && !detail.starts_with("unexpected end of variable block");
        if error.kind() != ErrorKind::SyntaxError || !(early || detail.starts_with("unknown statement end")) {
            return None;
        }
        let found = imbalance(self.text, self.tags)?;
        let span = self.place.unwrap_or(found.span);
        Some(Diagnostic::new(Code::InvalidTemplate, found.message).at(self.file?, span).help(found.help))
    }

    fn say(&self, error: &Error, code: &str) -> Saying {
        if let Some(told) = error.source().and_then(|source| source.downcast_ref::<Told>()) {
            return saying(told.message.clone(), told.help.clone());
        }
        let detail = error.detail().unwrap_or_default();
        match error.kind() {
            ErrorKind::UndefinedError => self.undefined(code),
            ErrorKind::UnknownFunction => self.unknown_function(first_word(detail)),
            ErrorKind::UnknownFilter => unknown(
                "filter",
                detail.trim_start_matches("filter ").trim_end_matches(" is unknown"),
                &FILTERS,
            ),
            ErrorKind::UnknownTest => {
                unknown("test", detail.trim_start_matches("test ").trim_end_matches(" is unknown"), &TESTS)
            }
            ErrorKind::UnknownMethod => unknown_method(detail, code),
            ErrorKind::SyntaxError | ErrorKind::BadEscape => malformed(detail),
            ErrorKind::OutOfFuel => saying(
                "the template runs too long, or makes too much text",
                "look for a loop that does not end, or nested loops over long lists".to_owned(),
            ),
            ErrorKind::TemplateNotFound | ErrorKind::BadInclude => saying(
                "not supported: templates that include or import files",
                "macros in `macros/` can be called by name, without any import".to_owned(),
            ),
            ErrorKind::InvalidOperation if detail.contains("recursion limit") => saying(
                "macros call each other too deep",
                "a macro that calls itself needs a condition under which it stops".to_owned(),
            ),
            ErrorKind::InvalidOperation if detail.contains("undefined is not callable") => {
                self.unknown_function(first_word(code))
            }
            _ => saying(plain(error), None),
        }
    }

    fn undefined(&self, code: &str) -> Saying {
        let name = code.trim();
        let simple = !name.is_empty() && name.len() <= 60 && !name.contains(['\n', '(', '|', '~']);
        let mut known: Vec<&str> = self.variables();
        known.extend(self.assigned());
        let found = if simple { Some(name) } else { unknown_word(code, &known) };
        let Some(name) = found else {
            return saying("a value that is not defined is used here", None);
        };
        let near = nearest(name, known);
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let else_help =
            || "give it a value with `{% set .. %}`, or a default with `| default(..)`".to_owned();
        saying(format!("`{name}` is not defined"), help.unwrap_or_else(else_help))
    }

    fn unknown_function(&self, name: &str) -> Saying {
        let near = nearest(name, self.variables());
        let help = near.map_or_else(
            || format!("define `{{% macro {name}(..) %}}` in a file in `macros/`"),
            |near| format!("did you mean `{near}`?"),
        );
        saying(format!("there is no function or macro `{name}`"), help)
    }

    /// What is known everywhere: functions, macros, variables.
    fn variables(&self) -> Vec<&'a str> {
        let globals = self.environment.into_iter().flat_map(Environment::globals);
        let hidden = |name: &&str| !name.starts_with("goldsmith_");
        globals.map(|(name, _)| name).filter(hidden).chain(VARIABLES).collect()
    }

    /// What the template itself assigns.
    fn assigned(&self) -> Vec<&'a str> {
        let statements =
            self.tags.iter().filter(|tag| matches!(tag.keyword(self.text), Some("set" | "for" | "macro")));
        let words = statements.flat_map(|tag| {
            let ends = |token: &Token<'_>| matches!(token, Token::Mark(b'=') | Token::Word("in"));
            tag.tokens(self.text).skip(1).take_while(move |(token, _)| !ends(token))
        });
        words.filter_map(|(token, _)| if let Token::Word(word) = token { Some(word) } else { None }).collect()
    }
}

/// A line of a text, without the blanks around it.
fn line_range(text: &str, line: usize) -> Range<usize> {
    let before = line.saturating_sub(1);
    let start = text.split_inclusive('\n').take(before).map(str::len).sum();
    let found = text[start..].lines().next().unwrap_or_default();
    let blanks = found.len() - found.trim_start().len();
    start + blanks..start + found.trim_end().len().max(blanks)
}

/// The engine's span of `a.b(1)` is `.b(1)`: takes in what the dot belongs to.
fn whole_expression(text: &str, span: Span) -> Span {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if !text[span.start..].starts_with('.') {
        return span;
    }
    Span::new(text[..span.start].trim_end_matches(is_name).len(), span.end)
}

/// The first variable in an expression that nobody knows.
fn unknown_word<'t>(code: &'t str, known: &[&str]) -> Option<&'t str> {
    const KEYWORDS: [&str; 13] =
        ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"];
    let mut before = Token::Mark(b' ');
    for (token, _) in Tokens::new(code, Span::new(0, code.len())) {
        let free = !matches!(before, Token::Mark(b'.' | b'|') | Token::Word("is" | "not"));
        before = token;
        let Token::Word(word) = token else { continue };
        let named = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if free && named && !known.contains(&word) && !KEYWORDS.contains(&word) {
            return Some(word);
        }
    }
    None
}
