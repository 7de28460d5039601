//! Folders below another one.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// A folder below another one, by a path without what says nothing (`./a//b/` is `a/b`); `None` where the path leads
/// out of it, begins at a root or says nothing at all.
#[must_use]
pub fn folder_below(path: &str) -> Option<Utf8PathBuf> {
    let mut folder = Utf8PathBuf::new();
    for part in Utf8Path::new(path).components() {
        match part {
            Utf8Component::Normal(part) => folder.push(part),
            Utf8Component::CurDir => {}
            _ => return None,
        }
    }
    (!folder.as_str().is_empty()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::folder_below;

    #[test]
    fn what_leads_elsewhere_is_none() {
        for (path, expected) in [
            ("models", Some("models")),
            ("./a//b/", Some("a/b")),
            ("/", None),
            ("", None),
            (".", None),
            ("a/../b", None),
            ("/etc", None),
        ] {
            assert_eq!(folder_below(path).as_deref().map(camino::Utf8Path::as_str), expected, "{path}");
        }
    }
}
