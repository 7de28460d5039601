//! A project's macros: collected from its files, each made a small template of its own that lays
//! the macro into the state which includes it. A model includes those that it mentions, and what
//! those mention, so macros see each other in any order and share the model's fuel and depth.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::depth::opens;
use super::stack::is_roomy;
use super::tags::{Tag, tags};
use super::tokens::{Token, Tokens};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// One macro (or generic test) of the project.
#[derive(Debug)]
pub(super) struct Macro {
    pub(super) name: Arc<str>,
    pub(super) file: Arc<SourceFile>,
    /// The opening tag.
    pub(super) header: Span,
    /// The engine's template.
    pub(super) source: String,
    /// How many bytes of the template stand before the macro's own text, ..
    pub(super) prefix: usize,
    /// .. and which part of the file that text is.
    pub(super) text: Span,
    pub(super) variadic: bool,
    /// Whether it collects values without bound, and so wants a large stack.
    pub(super) roomy: bool,
    pub(super) broken: bool,
    /// The macros that it mentions.
    needs: Vec<usize>,
}

/// All macros of a project.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub(super) macros: Vec<Macro>,
    /// By name, and `default__x` also by `x`, since `adapter.dispatch('x')` calls it so.
    by_mention: HashMap<String, Vec<usize>>,
}

impl Library {
    pub(super) fn collect(files: &[Arc<SourceFile>]) -> (Self, Vec<Diagnostic>) {
        let mut library = Self::default();
        let mut diagnostics = Vec::new();
        for file in files {
            library.read(file, &mut diagnostics);
        }
        for number in 0..library.macros.len() {
            let name = library.macros[number].name.to_string();
            if let Some((_, short)) = name.split_once("__") {
                library.by_mention.entry(short.to_owned()).or_default().push(number);
            }
            library.by_mention.entry(name).or_default().push(number);
        }
        for number in 0..library.macros.len() {
            let one = &library.macros[number];
            let inside: Vec<Tag> = tags(&one.source);
            let needs = library.mentioned(&one.source, &inside);
            library.macros[number].needs = needs.into_iter().filter(|n| *n != number).collect();
        }
        (library, diagnostics)
    }

    fn read(&mut self, file: &Arc<SourceFile>, diagnostics: &mut Vec<Diagnostic>) {
        let text = file.text();
        let all = tags(text);
        let mut at = 0;
        while let Some(tag) = all.get(at) {
            let keyword = tag.keyword(text).unwrap_or_default();
            if !matches!(keyword, "macro" | "test" | "materialization" | "snapshot" | "docs") {
                at += 1;
                continue;
            }
            let end = end_of_block(text, &all, at);
            let last = end.map(|end| all[end]);
            match keyword {
                "macro" | "test" => self.add(file, *tag, last, diagnostics),
                "docs" => {}
                _ => diagnostics.push(
                    Diagnostic::new(Code::InvalidTemplate, format!("not supported: `{{% {keyword} %}}`"))
                        .at(file, tag.span)
                        .help("goldsmith has its own view, table, incremental and ephemeral models"),
                ),
            }
            at = end.unwrap_or(at) + 1;
        }
    }

    fn add(&mut self, file: &Arc<SourceFile>, tag: Tag, end: Option<Tag>, diagnostics: &mut Vec<Diagnostic>) {
        let bad = |message: String, help: &str| {
            Diagnostic::new(Code::InvalidTemplate, message).at(file, tag.span).help(help)
        };
        let keyword = tag.keyword(file.text()).unwrap_or_default();
        let Some(end) = end else {
            let help = format!("close it with `{{% end{keyword} %}}`");
            diagnostics.push(bad(format!("`{{% {keyword} %}}` is never closed"), &help));
            return;
        };
        let Some((name, open)) = header(file.text(), tag) else {
            let help = format!("write `{{% {keyword} name(..) %}}`");
            diagnostics.push(bad(format!("this {keyword} has no name and parentheses"), &help));
            return;
        };
        let name = if keyword == "test" { format!("test_{name}") } else { name.to_owned() };
        if let Some(first) = self.macros.iter().find(|m| *m.name == *name) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, format!("two macros are named `{name}`"))
                    .at(file, tag.span)
                    .label(&first.file, first.header, "the first one")
                    .help("rename or remove one of them"),
            );
            return;
        }
        let text = Span::new(open, end.span.start);
        let number = self.macros.len();
        self.macros.push(compose(number, name, (file, tag.span), text, trims_before(file.text(), end)));
    }

    /// The macros that a template mentions, by themselves.
    pub(super) fn mentioned(&self, text: &str, tags: &[Tag]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        if self.macros.is_empty() {
            return found;
        }
        for (token, _) in tags.iter().flat_map(|tag| tag.tokens(text)) {
            if let Token::Word(word) | Token::Text(word) = token {
                found.extend(self.by_mention.get(word).into_iter().flatten());
            }
        }
        found
    }

    /// The macros, and what they mention in turn.
    pub(super) fn with_needs(&self, wanted: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut open: Vec<usize> = wanted.iter().copied().collect();
        let mut all = wanted;
        while let Some(number) = open.pop() {
            open.extend(self.macros[number].needs.iter().copied().filter(|need| all.insert(*need)));
        }
        all
    }

    /// Every macro.
    pub(super) fn all(&self) -> BTreeSet<usize> {
        (0..self.macros.len()).collect()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.macros.iter().map(|one| &*one.name)
    }
}

/// The name in which a macro is kept as the engine's template.
pub(super) fn template_name(number: usize) -> String {
    format!("macro {number}")
}

/// The number of the macro that an engine's template name stands for.
pub(super) fn number_of(template: &str) -> Option<usize> {
    template.strip_prefix("macro ")?.parse().ok()
}

fn compose(number: usize, name: String, place: (&Arc<SourceFile>, Span), text: Span, trim: bool) -> Macro {
    let (file, header) = place;
    let body = &file.text()[text.start..text.end];
    let words = || Tokens::new(body, Span::new(0, body.len()));
    let mentions = |word: &str| words().any(|(token, _)| token == Token::Word(word)) || body.contains(word);
    let variadic = mentions("varargs") || mentions("kwargs");
    let mut source = String::from("{% macro goldsmith_macro(");
    if variadic {
        source.push_str("varargs, kwargs, ");
    }
    let prefix = source.len();
    source.push_str(body);
    source.push_str(if trim { "{%- endmacro %}" } else { "{% endmacro %}" });
    source.push_str("{% do goldsmith_lay(");
    source.push_str(&number.to_string());
    source.push_str(", goldsmith_macro) %}");
    Macro {
        name: name.into(),
        file: Arc::clone(file),
        header,
        roomy: is_roomy(body),
        source,
        prefix,
        text,
        variadic,
        broken: false,
        needs: Vec::new(),
    }
}

/// The macro's name, and the offset behind its opening parenthesis.
fn header(text: &str, tag: Tag) -> Option<(&str, usize)> {
    let mut tokens = tag.tokens(text).skip(1);
    match (tokens.next()?, tokens.next()?) {
        ((Token::Word(name), _), (Token::Mark(b'('), span)) => Some((name, span.end)),
        _ => None,
    }
}

fn trims_before(text: &str, tag: Tag) -> bool {
    text.as_bytes().get(tag.span.start + 2) == Some(&b'-')
}

/// The index of the tag that closes the block which the tag at `start` opens.
fn end_of_block(text: &str, tags: &[Tag], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, tag) in tags.iter().enumerate().skip(start) {
        let keyword = tag.keyword(text).unwrap_or_default();
        if opens(keyword, tag, text) {
            depth += 1;
        } else if keyword.starts_with("end") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}
