//! What a place in a template names, for an editor: the call or the word under a cursor, finished
//! or not, and the macros that a file defines. Looks at tags alone; renders nothing.

use super::tags::{Tag, TagKind, tags};
use super::tokens::{Token, Tokens};
use crate::words::Span;

/// What stands at a place inside a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The word of the call around the place, or the word at it; `a.b` where it is dotted.
    pub name: String,
    /// The place of that word.
    pub span: Span,
    /// The string arguments of the call, as far as they go; `None` where nothing is called.
    pub args: Option<Vec<(String, Span)>>,
}

/// The innermost call of `functions` around `offset`, else the word at it. `None` outside of tags
/// and in comments.
#[must_use]
pub fn mention(text: &str, offset: usize, functions: &[&str]) -> Option<Mention> {
    let tag = tag_at(text, offset)?;
    let tokens: Vec<(Token, Span)> = tag.tokens(text).collect();
    call(&tokens, offset, functions).or_else(|| word(&tokens, offset))
}

/// The call of one of `functions` that is open at the end of `text`: its name, the arguments
/// before, and what is typed so far of the string at the end.
#[must_use]
pub fn unfinished(text: &str, functions: &[&str]) -> Option<(String, Vec<String>, Span)> {
    let tag = tags(text).pop().filter(|tag| !tag.closed && tag.kind != TagKind::Comment)?;
    let mut open: Vec<Option<(&str, Vec<&str>)>> = Vec::new();
    let mut before = None;
    let mut last = None;
    for (token, span) in Tokens::new(text, tag.body) {
        match token {
            Token::Mark(b'(') => open.push(before.map(|name| (name, Vec::new()))),
            Token::Mark(b')') => {
                open.pop();
            }
            Token::Text(argument) => {
                if let Some(Some((_, args))) = open.last_mut() {
                    args.push(argument);
                }
            }
            _ => {}
        }
        before = if let Token::Word(name) = token { Some(name) } else { None };
        last = Some((token, span));
    }
    let (name, mut args) = open.pop()??;
    let (Token::Text(typed), span) = last? else { return None };
    let inner = Span::new(span.start + 1, span.start + 1 + typed.len());
    if !functions.contains(&name) || inner.end != text.len() {
        return None;
    }
    args.pop();
    Some((name.to_owned(), args.into_iter().map(str::to_owned).collect(), inner))
}

/// The text with its tags blotted out, every byte else in its place: expressions become one long
/// word each, statements and comments blanks. A tag that is never closed goes to its line's end.
#[must_use]
pub fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    for tag in tags(text) {
        let line = text[tag.span.start..].find('\n').map_or(text.len(), |at| tag.span.start + at);
        let end = if tag.closed { tag.span.end } else { line };
        let filler = if tag.kind == TagKind::Expression { '_' } else { ' ' };
        plain.push_str(&text[from..tag.span.start]);
        plain.extend(std::iter::repeat_n(filler, end - tag.span.start));
        from = end;
    }
    plain.push_str(&text[from..]);
    plain
}

/// The places where a template's tags say this word.
#[must_use]
pub fn words(text: &str, wanted: &str) -> Vec<Span> {
    let all = tags(text);
    let tokens = all.iter().flat_map(|tag| tag.tokens(text));
    tokens.filter(|(token, _)| *token == Token::Word(wanted)).map(|(_, span)| span).collect()
}

/// The macros (and generic tests) that a file defines: name, and the place of the name.
#[must_use]
pub fn macros(text: &str) -> Vec<(String, Span)> {
    let named = |tag: &Tag| {
        let mut tokens = tag.tokens(text);
        match (tokens.next()?.0, tokens.next()?) {
            (Token::Word("macro" | "test"), (Token::Word(name), span)) => Some((name.to_owned(), span)),
            _ => None,
        }
    };
    tags(text).iter().filter(|tag| tag.kind == TagKind::Statement).filter_map(named).collect()
}

fn tag_at(text: &str, offset: usize) -> Option<Tag> {
    tags(text)
        .into_iter()
        .take_while(|tag| tag.span.start <= offset)
        .last()
        .filter(|tag| offset < tag.span.end || (!tag.closed && offset == tag.span.end))
}

fn call(tokens: &[(Token, Span)], offset: usize, functions: &[&str]) -> Option<Mention> {
    let mut open: Vec<Option<Mention>> = Vec::new();
    let mut found = None;
    for (at, (token, span)) in tokens.iter().enumerate() {
        match token {
            Token::Mark(b'(') => open.push(match at.checked_sub(1).map(|before| tokens[before]) {
                Some((Token::Word(name), place)) if functions.contains(&name) => {
                    Some(Mention { name: name.to_owned(), span: place, args: Some(Vec::new()) })
                }
                _ => None,
            }),
            Token::Text(text) => {
                if let Some(Some(Mention { args: Some(args), .. })) = open.last_mut() {
                    args.push(((*text).to_owned(), *span));
                }
            }
            Token::Mark(b')') => {
                if let Some(Some(call)) = open.pop()
                    && call.span.start <= offset
                    && offset <= span.end
                {
                    return Some(call);
                }
            }
            _ => {}
        }
    }
    // A call that is never closed ends with the tag.
    while let Some(call) = open.pop() {
        found = found.or(call.filter(|c| c.span.start <= offset));
    }
    found
}

fn word(tokens: &[(Token, Span)], offset: usize) -> Option<Mention> {
    let is_here = |span: &Span| span.start <= offset && offset <= span.end;
    let at = tokens.iter().position(|(token, span)| matches!(token, Token::Word(_)) && is_here(span))?;
    let (Token::Word(last), span) = tokens[at] else { return None };
    let before = |n: usize| at.checked_sub(n).map(|i| tokens[i]);
    match (before(2), before(1)) {
        (Some((Token::Word(outer), start)), Some((Token::Mark(b'.'), _))) => {
            Some(Mention { name: format!("{outer}.{last}"), span: start.to(span), args: None })
        }
        _ => Some(Mention { name: last.to_owned(), span, args: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::{macros, mention, unfinished, without_tags, words};

    const REFERENCES: [&str; 2] = ["ref", "source"];

    /// The mention at `|`.
    fn at(marked: &str) -> Option<String> {
        let offset = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let found = mention(&text, offset, &REFERENCES)?;
        let args = found.args.map(|args| args.into_iter().map(|(a, _)| a).collect::<Vec<_>>().join(","));
        Some(args.map_or_else(|| found.name.clone(), |args| format!("{}({args})", found.name)))
    }

    #[test]
    fn finds_calls_and_words_finished_or_not() {
        let told = [
            "{{ r|ef('a') }}",
            "{{ ref('a|') }}",
            "{{ upper(source('a', 'b'|)) }}",
            "{{ ref('a') ~ my_m|acro(1) }}",
            "{{ shop.my_|macro(ref('a')) }}",
            "{{ ref('a|",
            "{{ ref('a|' }} x",
            "{{ ref('a') }} |b",
            "{# ref('a|') #}",
            "|",
        ]
        .map(at);
        let wanted = [
            Some("ref(a)"),
            Some("ref(a)"),
            Some("source(a,b)"),
            Some("my_macro"),
            Some("shop.my_macro"),
            Some("ref(a)"),
            Some("ref(a)"),
            None,
            None,
            None,
        ];
        assert_eq!(told, wanted.map(|w| w.map(str::to_owned)));
    }

    #[test]
    fn knows_the_argument_that_is_being_typed() {
        let open = |text: &str| {
            unfinished(text, &REFERENCES).map(|(name, args, span)| {
                format!("{name}({}) {}", args.join(","), &text[span.start..span.end])
            })
        };
        assert_eq!(open("a {{ ref('b') }} {{ ref('ac").as_deref(), Some("ref() ac"));
        assert_eq!(open("{% if x %}{{ source('a', \"").as_deref(), Some("source(a) "));
        assert_eq!(open("{{ ref('a'"), None);
        assert_eq!(open("{{ ref('a')"), None);
        assert_eq!(open("{{ other('a"), None);
        assert_eq!(open("{# ref('a"), None);
        assert_eq!(open("ref('a"), None);
    }

    #[test]
    fn tags_can_be_blotted_out() {
        assert_eq!(
            without_tags("a {{ b }} {% c %}d\n{# e #} {{ f\ng"),
            "a _______        d\n        ____\ng"
        );
        assert_eq!(words("{{ a.b(c) }} b {% if b %}", "b").len(), 2);
    }

    #[test]
    fn finds_macros() {
        let text = "{% macro a(x) %}{% endmacro %}{%- test b() -%}{% endtest %}{# {% macro c() #}";
        let names: Vec<String> =
            macros(text).into_iter().map(|(n, s)| format!("{n}={}", &text[s.start..s.end])).collect();
        assert_eq!(names, ["a=a", "b=b"]);
    }
}
