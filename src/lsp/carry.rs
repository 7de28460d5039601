//! Carries places of an earlier text over to the text of now: what stands before or behind the
//! changed part keeps its place, what stands in it has none.

use crate::words::Span;

/// The way from one text to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carry {
    /// How many bytes both have in common at their start.
    before: usize,
    /// Where the common end begins in the earlier text, ..
    behind: usize,
    /// .. and in the other one.
    behind_now: usize,
}

impl Carry {
    pub(super) fn new(earlier: &str, now: &str) -> Self {
        let (a, b) = (earlier.as_bytes(), now.as_bytes());
        let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let most = a.len().min(b.len()) - before;
        let common = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        Self { before, behind: a.len() - common, behind_now: b.len() - common }
    }

    /// The place in the text of now.
    pub(super) fn span(self, earlier: Span) -> Option<Span> {
        if earlier.end <= self.before {
            return Some(earlier);
        }
        let shifted = |at: usize| at - self.behind + self.behind_now;
        (earlier.start >= self.behind).then(|| Span::new(shifted(earlier.start), shifted(earlier.end)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Carry;
    use crate::words::Span;

    #[test]
    fn what_did_not_change_keeps_its_place() {
        let (old, new) = ("from a join b on c", "from a join 'x join b on c");
        let carried = |word: &str| {
            let at = old.find(word).unwrap();
            let span = Carry::new(old, new).span(Span::new(at, at + word.len()));
            span.map(|s| &new[s.start..s.end])
        };
        assert_eq!(carried("a"), Some("a"));
        assert_eq!(carried("b"), Some("b"));
        assert_eq!(Carry::new("abc", "axc").span(Span::new(0, 3)), None);
    }

    proptest! {
        #[test]
        fn what_is_carried_is_the_same_text(old in "[abä]{0,8}", new in "[abä]{0,8}", a in 0_usize..9, b in 0_usize..9) {
            let (a, b) = (old.floor_char_boundary(a.min(old.len())), old.floor_char_boundary(b.min(old.len())));
            let span = Span::new(a.min(b), a.max(b));
            if let Some(now) = Carry::new(&old, &new).span(span).filter(|_| span.end > span.start) {
                prop_assert_eq!(&old[span.start..span.end], &new[now.start..now.end]);
            }
        }
    }
}
