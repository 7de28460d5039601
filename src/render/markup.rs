//! What of a template is a tag and what is text: where a name can be put between `{{ }}`, and
//! where `ref()` and `source()` are called with plain names. Renders nothing.

use super::ReferenceKind;
use super::locate::Places;
use super::tags::{Tag, TagKind, tags};
use super::tokens::Token;
use crate::words::Span;

/// A call of `ref()` or `source()` whose arguments are plain strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralCall {
    /// Which function.
    pub kind: ReferenceKind,
    /// Its arguments.
    pub args: Vec<String>,
    /// From the function's name to the closing parenthesis.
    pub span: Span,
    /// The variable that a `{% set .. %}` gives it to.
    pub variable: Option<String>,
}

/// A template, seen as tags and text.
pub struct Markup<'a> {
    text: &'a str,
    tags: Vec<Tag>,
}

impl<'a> Markup<'a> {
    /// Looks for the tags of a template.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, tags: tags(text) }
    }

    /// Whether an expression that is put in the place of `span` would be rendered: it is outside
    /// of tags, comments and `raw` blocks.
    #[must_use]
    pub fn takes_expression(&self, span: Span) -> bool {
        let behind = self.tags.partition_point(|tag| tag.span.start < span.end);
        let Some(last) = behind.checked_sub(1) else { return true };
        let before = &self.tags[last];
        before.span.end <= span.start && before.keyword(self.text) != Some("raw")
    }

    /// The calls of `ref()` and `source()` with plain strings, in the order of the text.
    #[must_use]
    pub fn calls(&self) -> Vec<LiteralCall> {
        let places = Places::new(self.text, &self.tags);
        let mut found: Vec<LiteralCall> = places
            .literal_calls()
            .filter_map(|(name, args, span)| {
                let kind = match name {
                    "ref" => ReferenceKind::Ref,
                    "source" => ReferenceKind::Source,
                    _ => return None,
                };
                let args = args.iter().map(|a| (*a).to_owned()).collect();
                Some(LiteralCall { kind, args, span, variable: self.variable(span) })
            })
            .collect();
        found.sort_by_key(|call| call.span);
        found
    }

    /// The `{{ .. }}` that holds a place and nothing else.
    #[must_use]
    pub fn alone(&self, place: Span) -> Option<Span> {
        let tag = self.tag(place)?;
        let only = self.blank(tag.body.start, place.start) && self.blank(place.end, tag.body.end);
        (tag.kind == TagKind::Expression && tag.closed && only).then_some(tag.span)
    }

    /// The variable that gets a call in `{% set variable = call %}`.
    fn variable(&self, call: Span) -> Option<String> {
        let tag = self.tag(call)?;
        let mut tokens = tag.tokens(self.text).map(|(token, span)| (token, span.end));
        let head = [tokens.next()?, tokens.next()?, tokens.next()?];
        let [(Token::Word("set"), _), (Token::Word(name), _), (Token::Mark(b'='), behind)] = head else {
            return None;
        };
        let only = self.blank(behind, call.start) && self.blank(call.end, tag.body.end);
        (tag.kind == TagKind::Statement && only).then(|| name.to_owned())
    }

    /// The tag that holds a place.
    fn tag(&self, place: Span) -> Option<&Tag> {
        let behind = self.tags.partition_point(|tag| tag.span.start <= place.start);
        self.tags[..behind].last().filter(|tag| place.end <= tag.span.end)
    }

    fn blank(&self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|t| t.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;
    use crate::words::Span;

    #[test]
    fn knows_where_an_expression_would_be_rendered() {
        let text = "a {{ b }} c {% raw %} d {% endraw %} e {# f #} g";
        let markup = Markup::new(text);
        let takes = |word: &str| {
            let at = text.find(word).unwrap();
            markup.takes_expression(Span::new(at, at + word.len()))
        };
        let told: Vec<bool> = ["a ", " b ", " c ", " d ", " e ", " f ", " g"].map(takes).to_vec();
        assert_eq!(told, [true, false, true, false, true, false, true]);
        assert!(!markup.takes_expression(Span::new(0, 5)), "over the start of a tag");
    }

    #[test]
    fn finds_calls_with_plain_names() {
        let text = "{{ ref('a', \"b\") }} {{ref('c') ~ 'x'}} {% set t = source( 'd' , 'e' ) %} {{ ref(x) }} \
                    {# ref('f') #} {{ 'ref(g)' }} ref('h') {{ href('i') }}";
        let markup = Markup::new(text);
        let calls = markup.calls();
        let told: Vec<(&str, bool, Option<&str>)> = calls
            .iter()
            .map(|c| (&text[c.span.start..c.span.end], markup.alone(c.span).is_some(), c.variable.as_deref()))
            .collect();
        let wanted = [
            ("ref('a', \"b\")", true, None),
            ("ref('c')", false, None),
            ("source( 'd' , 'e' )", false, Some("t")),
        ];
        assert_eq!(told, wanted);
    }
}
