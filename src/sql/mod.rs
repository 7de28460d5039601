//! stub
use crate::words::*;
/// stub
pub fn decode(bytes: &[u8]) -> (String, Encoding) {
    (String::from_utf8_lossy(bytes).into_owned(), Encoding::Utf8)
}
/// stub
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WriteKind {
    Create,
    Insert,
}
/// stub
pub struct Ref {
    pub name: RelationName,
    pub span: Span,
    pub write: Option<WriteKind>,
}
/// stub
pub fn read(text: &str) -> Vec<Ref> {
    let mut out = vec![];
    let lower = text.to_lowercase();
    for kw in ["from ", "join ", "create or replace table ", "create table ", "insert into ", "using "] {
        let mut at = 0;
        while let Some(i) = lower[at..].find(kw) {
            let dist = lower[..at + i].trim_end().ends_with("distinct");
            let s = at + i + kw.len();
            if dist {
                at = s;
                continue;
            }
            at = s;
            let word: String =
                text[s..].chars().take_while(|c| c.is_alphanumeric() || "._\"".contains(*c)).collect();
            if word.contains('.') {
                let parts: Vec<_> = word.split('.').map(|p| p.trim_matches('"')).collect();
                let write = match kw {
                    "create or replace table " | "create table " => Some(WriteKind::Create),
                    "insert into " => Some(WriteKind::Insert),
                    _ => None,
                };
                out.push(Ref {
                    name: RelationName::from_parts(&parts).unwrap(),
                    span: Span::new(s, s + word.len()),
                    write,
                });
            }
        }
    }
    out
}
/// stub
pub fn statements(text: &str) -> Vec<Span> {
    let mut out = vec![];
    let mut s = 0;
    for (i, c) in text.char_indices() {
        if c == ';' {
            if !text[s..i].trim().is_empty() {
                out.push(Span::new(s, i));
            }
            s = i + 1;
        }
    }
    if !text[s..].trim().is_empty() {
        out.push(Span::new(s, text.len()));
    }
    out
}
