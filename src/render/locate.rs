//! Finds the places in a template where something was named: the engine tells functions who
//! calls them by value only. Looks for calls with the same literal arguments.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::tags::Tag;
use super::tokens::{Token, Tokens};
use crate::words::Span;

/// One `name(` in a template's tags.
struct Call<'a> {
    name: &'a str,
    /// From the name to the closing parenthesis.
    span: Span,
    /// Behind the opening parenthesis, up to the closing one.
    inside: Span,
    /// The arguments, where all are plain string literals.
    literals: Option<Vec<&'a str>>,
}

/// The places of a template.
pub(super) struct Places<'a> {
    text: &'a str,
    tags: &'a [Tag],
    calls: Vec<Call<'a>>,
    /// The first call of each function with each list of literals.
    literal_calls: HashMap<(&'a str, Vec<&'a str>), Span>,
    /// The first place of each string literal, worked out when first asked for.
    literals: OnceCell<HashMap<&'a str, Span>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, tags: &'a [Tag]) -> Self {
        let calls: Vec<Call<'a>> = tags.iter().flat_map(|tag| calls(text, tag)).collect();
        let mut literal_calls = HashMap::new();
        for call in &calls {
            if let Some(literals) = &call.literals {
                literal_calls.entry((call.name, literals.clone())).or_insert(call.span);
            }
        }
        Self { text, tags, calls, literal_calls, literals: OnceCell::new() }
    }

    /// All calls whose arguments are plain string literals: name, arguments, place.
    pub(super) fn literal_calls(&self) -> impl Iterator<Item = (&'a str, &[&'a str], Span)> {
        self.calls.iter().filter_map(|call| Some((call.name, call.literals.as_deref()?, call.span)))
    }

    /// The call of a function with these literal arguments; else one of the literals alone; else
    /// the call of the macro that was running; else the first tag.
    pub(super) fn reference(&self, function: &str, args: &[String], inside: Option<&str>) -> Span {
        let key = (function, args.iter().map(String::as_str).collect());
        self.literal_calls
            .get(&key)
            .copied()
            .or_else(|| self.literal(args.last()?))
            .or_else(|| self.call(inside?))
            .or_else(|| self.tags.first().map(|tag| tag.span))
            .unwrap_or_default()
    }

    /// Where a `config()` call sets a key; the last such place, since that one counts.
    pub(super) fn config(&self, key: &str) -> Span {
        let configs = || self.calls.iter().rev().filter(|call| call.name == "config");
        configs()
            .find_map(|call| keyword(self.text, call.inside, key))
            .or_else(|| self.literal(key))
            .or_else(|| configs().next().map(|call| call.span))
            .or_else(|| self.tags.first().map(|tag| tag.span))
            .unwrap_or_default()
    }

    /// The first call of a function or macro.
    pub(super) fn call(&self, name: &str) -> Option<Span> {
        self.calls.iter().find(|call| call.name == name).map(|call| call.span)
    }

    fn literal(&self, wanted: &str) -> Option<Span> {
        let all = self.literals.get_or_init(|| {
            let mut all = HashMap::new();
            for (token, span) in self.tags.iter().flat_map(|tag| tag.tokens(self.text)) {
                if let Token::Text(text) = token {
                    all.entry(text).or_insert(span);
                }
            }
            all
        });
        all.get(wanted).copied()
    }
}

fn calls<'a>(text: &'a str, tag: &Tag) -> Vec<Call<'a>> {
    let mut found: Vec<Call<'a>> = Vec::new();
    // Indices of the calls whose parenthesis is open; other brackets are `None`.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut word = None;
    for (token, span) in tag.tokens(text) {
        match token {
            Token::Mark(b'(') => {
                open.push(word.map(|(name, start)| {
                    let rest = Span::new(span.end, tag.body.end);
                    let literals = literals(text, rest);
                    found.push(Call { name, span: Span::new(start, tag.body.end), inside: rest, literals });
                    found.len() - 1
                }));
            }
            Token::Mark(b'[' | b'{') => open.push(None),
            Token::Mark(b')' | b']' | b'}') => {
                if let Some(call) = open.pop().flatten().and_then(|at| found.get_mut(at)) {
                    call.span.end = span.end;
                    call.inside.end = span.start;
                }
            }
            _ => {}
        }
        word = if let Token::Word(name) = token { Some((name, span.start)) } else { None };
    }
    found
}

/// The string literals up to the closing parenthesis, if there is nothing else.
fn literals(text: &str, range: Span) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut tokens = Tokens::new(text, range);
    loop {
        let (Token::Text(literal), _) = tokens.next()? else { return None };
        found.push(literal);
        match tokens.next()?.0 {
            Token::Mark(b',') => {}
            Token::Mark(b')') => return Some(found),
            _ => return None,
        }
    }
}

/// `key=value` among a call's arguments.
fn keyword(text: &str, inside: Span, key: &str) -> Option<Span> {
    let mut depth = 0_usize;
    let mut found: Option<Span> = None;
    let mut tokens = Tokens::new(text, inside).peekable();
    while let Some((token, span)) = tokens.next() {
        match token {
            Token::Mark(b'(' | b'[' | b'{') => depth += 1,
            Token::Mark(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            Token::Mark(b',') if depth == 0 && found.is_some() => return found,
            Token::Word(word)
                if depth == 0
                    && found.is_none()
                    && word == key
                    && tokens.peek().is_some_and(|(next, _)| *next == Token::Mark(b'=')) =>
            {
                found = Some(span);
            }
            _ => {}
        }
        found = found.map(|start| start.to(span));
    }
    found
}
