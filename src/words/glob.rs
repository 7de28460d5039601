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

/// Whether some text is matched by both patterns.
#[must_use]
pub fn globs_overlap(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // From the end: whether the rests of both match some common text.
    let mut below = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            row[j] = match (a.get(i), b.get(j)) {
                (None, None) => true,
                (Some('*'), _) if below[j] => true,
                (_, Some('*')) if row[j + 1] => true,
                (Some('*'), Some(_)) => row[j + 1],
                (Some(_), Some('*')) => below[j],
                (Some(x), Some(y)) => below[j + 1] && (x == y || *x == '?' || *y == '?'),
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::{glob, globs_overlap};

    #[test]
    fn patterns_overlap_where_one_text_fits_both() {
        for (a, b) in [("a*", "*b"), ("*", ""), ("a?c", "ab*"), ("x", "x"), ("a*c*", "*b*"), ("**", "y")] {
            assert!(globs_overlap(a, b) && globs_overlap(b, a), "{a} {b}");
        }
        for (a, b) in [("a*", "b*"), ("a", "ab"), ("a?", "a"), ("*a", "*b"), ("", "?")] {
            assert!(!globs_overlap(a, b) && !globs_overlap(b, a), "{a} {b}");
        }
    }

    #[test]
    fn patterns_match_whole_words() {
        assert!(glob("stg_*", "stg_a") && glob("*", "") && glob("a?c*", "abcd") && glob("*b*b", "abab"));
        assert!(!glob("stg_", "stg_a") && !glob("a?", "a") && !glob("*b", "ba"));
    }
}
