//! Keeps secrets out of everything that is shown or written. Knows the secrets as strings and the
//! forms they take inside SQL, JSON and URLs; does not know where they come from.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

/// What stands where a secret stood.
const STARS: &str = "*****";

/// Below this length a secret is hidden only where it stands alone: a password `dev` must not
/// hide every `device`.
const SHORT: usize = 4;

/// A set of secrets. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    secrets: Arc<[Secret]>,
}

#[derive(Clone)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(STARS)
    }
}

impl Masker {
    /// A masker of these secrets; blank ones are left out.
    pub fn new<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut all: Vec<String> = secrets.into_iter().map(Into::into).flat_map(|s| forms(&s)).collect();
        all.sort_unstable();
        all.dedup();
        Self { secrets: all.into_iter().map(Secret).collect() }
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// `text` with every secret replaced; overlapping secrets leave nothing of either.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found: Vec<Range<usize>> = self.secrets.iter().flat_map(|s| s.places(text)).collect();
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_unstable_by_key(|r| r.start);
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for range in found {
            if range.start >= done {
                masked.push_str(&text[done..range.start]);
                masked.push_str(STARS);
            }
            done = done.max(range.end);
        }
        masked.push_str(&text[done..]);
        Cow::Owned(masked)
    }

    /// Replaces secrets in every string of a JSON value. Keys are ours and stay.
    pub fn mask_json(&self, value: &mut Value) {
        match value {
            _ if self.is_empty() => {}
            Value::String(text) => {
                if let Cow::Owned(masked) = self.mask(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|v| self.mask_json(v)),
            Value::Object(map) => map.values_mut().for_each(|v| self.mask_json(v)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

impl Secret {
    fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let secret = self.0.as_str();
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let start = from + text.get(from..)?.find(secret)?;
                let end = start + secret.len();
                // One character on, not behind the match: `abab` stands twice in `ababab`.
                from = start + secret.chars().next().map_or(1, char::len_utf8);
                if secret.chars().count() >= SHORT || stands_alone(text, start, end) {
                    return Some(start..end);
                }
            }
        })
    }
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !text[..start].ends_with(word) && !text[end..].starts_with(word)
}

/// A secret as it is, and as it looks inside a SQL string, a bracketed name, JSON, a URL, a Rust or C string.
fn forms(secret: &str) -> Vec<String> {
    if secret.trim().is_empty() {
        return Vec::new();
    }
    let json = Value::from(secret).to_string();
    let mut forms = vec![
        secret.to_owned(),
        secret.trim().to_owned(),
        secret.replace('\'', "''"),
        secret.replace('"', "\"\""),
        secret.replace(']', "]]"),
        json[1..json.len() - 1].to_owned(),
        secret.escape_default().to_string(),
        percent_encoded(secret),
    ];
    // Messages are often shown line by line, so each line of a key is a secret of its own.
    if secret.trim().contains('\n') {
        forms.extend(secret.lines().map(str::trim).filter(|l| l.len() >= SHORT).map(str::to_owned));
    }
    forms
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::Masker;

    #[test]
    fn hides_secrets_in_all_their_forms() {
        let masker = Masker::new(["p'w]\"d/1", "", "  ", "abc", "overlap", "lapdance", "hunter22\n"]);
        for (text, masked) in [
            ("password=p'w]\"d/1;", "password=*****;"),
            ("PWD = 'p''w]\"d/1'", "PWD = '*****'"),
            ("[p'w]]\"d/1]", "[*****]"),
            (r#"{"pw":"p'w]\"d/1"}"#, r#"{"pw":"*****"}"#),
            ("mssql://u:p%27w%5D%22d%2F1@h", "mssql://u:*****@h"),
            ("abc abcd xabc 'abc'", "***** abcd xabc '*****'"),
            ("overlapdance", "*****"),
            ("hunter22", "*****"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(masker.mask(text), masked);
        }
        assert!(!format!("{masker:?}").contains("lap"));
    }

    #[test]
    fn hides_each_line_of_a_key_and_repeats() {
        let masker = Masker::new(["-----BEGIN-----\nMIIEv\n-----END-----", "abab"]);
        assert_eq!(masker.mask("line MIIEv of"), "line ***** of");
        assert_eq!(masker.mask("ababab"), "*****");
    }

    #[test]
    fn hides_inside_json() {
        let mut value = serde_json::json!({"a": ["x secret y", 1, null], "b": {"c": "secret"}});
        Masker::new(["secret"]).mask_json(&mut value);
        assert_eq!(value.to_string(), r#"{"a":["x ***** y",1,null],"b":{"c":"*****"}}"#);
    }
}
