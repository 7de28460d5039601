//! Patterns with `*` and `?`, as selectors and file names use them.

/// Whether a pattern with `*` and `?` matches a text as a whole. No input makes it slow: it goes
/// back to the last star alone.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_match_whole_words() {
        assert!(glob("stg_*", "stg_a") && glob("*", "") && glob("a?c*", "abcd") && glob("*b*b", "abab"));
        assert!(!glob("stg_", "stg_a") && !glob("a?", "a") && !glob("*b", "ba"));
    }
}
