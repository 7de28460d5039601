//! From the URI of a file to its path, and back.

use std::str::FromStr as _;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::Uri;

use crate::words::percent_encoded;

/// The path of a `file:` URI. `None` for any other.
pub(super) fn path(uri: &Uri) -> Option<Utf8PathBuf> {
    let (scheme, rest) = uri.as_str().split_once(':')?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => &rest[rest.find('/')?..],
        None => rest,
    };
    let path = decode(path)?;
    // `/c:/x` is the drive's own path.
    let drive = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) && path.get(2..3) == Some(":");
    let path = if cfg!(windows) && drive { path[1..].to_owned() } else { path };
    Some(Utf8PathBuf::from(path))
}

/// The URI of an absolute path.
pub(super) fn uri(path: &Utf8Path) -> Option<Uri> {
    let mut text = String::from("file://");
    let path = path.as_str().replace('\\', if cfg!(windows) { "/" } else { "\\" });
    if !path.starts_with('/') {
        text.push('/');
    }
    text.push_str(&percent_encoded(&path));
    Uri::from_str(&text).ok()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let digits = rest.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[2..];
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use camino::Utf8Path;
    use lsp_types::Uri;

    use super::{path, uri};

    #[cfg(unix)]
    #[test]
    fn there_and_back() {
        for text in ["/a/b c.sql", "/ä/ñ #1?.sql", "/100%/x", "/[x]/(y)"] {
            assert_eq!(path(&uri(Utf8Path::new(text)).unwrap()).as_deref(), Some(Utf8Path::new(text)));
        }
        let of = |text: &str| path(&Uri::from_str(text).unwrap());
        assert_eq!(of("file://localhost/a%20b").as_deref(), Some(Utf8Path::new("/a b")));
        assert_eq!(of("file:/a").as_deref(), Some(Utf8Path::new("/a")));
        assert_eq!(of("untitled:Untitled-1"), None);
        assert_eq!(of("file:///%FF"), None);
    }
}
