//! Which block tag is never closed, or closes nothing. The engine only says where it stopped
//! reading; this finds the tag that the user has to look at. Used when a template is malformed.

use super::depth::opens;
use super::tags::Tag;
use crate::words::Span;

/// What is wrong with a template's block tags: where, and in words.
pub(super) struct Imbalance {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: String,
}

pub(super) fn imbalance(text: &str, tags: &[Tag]) -> Option<Imbalance> {
    let mut open: Vec<(&str, Span)> = Vec::new();
    for tag in tags {
        if !tag.closed {
            let marks = &text[tag.span.start..tag.span.start + 2];
            let close: String = marks.chars().rev().map(|c| if c == '{' { '}' } else { c }).collect();
            return Some(Imbalance {
                span: Span::new(tag.span.start, tag.span.start + 2),
                message: format!("`{marks}` is never closed"),
                help: format!("close it with `{close}`, and check quotes and brackets in between"),
            });
        }
        let Some(keyword) = tag.keyword(text) else { continue };
        if opens(keyword, tag, text) {
            open.push((keyword, tag.span));
        } else if let Some(closes) = keyword.strip_prefix("end") {
            match open.pop() {
                Some((opened, _)) if opened == closes => {}
                Some((opened, span)) => return Some(mismatch(opened, span, closes)),
                None => {
                    return Some(Imbalance {
                        span: tag.span,
                        message: format!("`{{% end{closes} %}}` closes nothing"),
                        help: format!("remove it, or add the `{{% {closes} .. %}}` that it should close"),
                    });
                }
            }
        }
    }
    open.last().map(|(keyword, span)| unclosed(keyword, *span))
}

fn mismatch(opened: &str, span: Span, closes: &str) -> Imbalance {
    let mut found = unclosed(opened, span);
    found.message = format!("`{{% {opened} %}}` is not closed before `{{% end{closes} %}}`");
    found
}

fn unclosed(keyword: &str, span: Span) -> Imbalance {
    Imbalance {
        span,
        message: format!("`{{% {keyword} %}}` is never closed"),
        help: format!("close it with `{{% end{keyword} %}}`"),
    }
}
