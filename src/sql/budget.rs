//! How much reading a text may keep, so that no text is answered with more memory than a fixed
//! multiple of its size. Real scripts stay far below; what is cut off is said.

use super::token::Token;

/// How many bytes may be kept for each byte of text, its tokens included.
const SHARE: usize = 18;
/// How many bytes may be kept whatever the text.
const FLOOR: usize = 16 << 20;

/// What is left to keep.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    left: usize,
    /// The offset in the text of the first thing that there was no room for.
    pub cut: Option<usize>,
}

impl Budget {
    /// The budget for a text of `len` bytes that became so many tokens.
    pub fn of(len: usize, tokens: usize) -> Self {
        let whole = len.saturating_mul(SHARE).max(FLOOR);
        Self { left: whole.saturating_sub(tokens * size_of::<Token>()), cut: None }
    }

    /// Takes room for `bytes` that stand for the text at `at`; `false` if there is none.
    pub fn take(&mut self, bytes: usize, at: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) if self.cut.is_none() => {
                self.left = left;
                true
            }
            _ => {
                self.cut.get_or_insert(at);
                false
            }
        }
    }

    /// How many things of a size there is room for.
    pub fn room_for<T>(&self) -> usize {
        if self.cut.is_some() { 0 } else { self.left / size_of::<T>() }
    }
}
