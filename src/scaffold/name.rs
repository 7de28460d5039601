//! Names of new projects and platforms.

use crate::config::is_project_name;

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether a folder can be made and typed by this name, which is that of a `what`.
///
/// # Errors
/// What is wrong, and what to write instead.
pub fn check(name: &str, what: &str) -> Result<(), (String, String)> {
    let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
    let shown = if name.chars().count() > 40 { format!("{shown}..") } else { shown };
    if !is_project_name(name) {
        let rule = "letters, digits, `_` and `-`, at most 64 of them: it is typed on command lines";
        let near = near(name);
        let help = if is_project_name(&near) && !is_device(&near) {
            format!("a name has {rule}; such as `{near}`")
        } else {
            format!("a name has {rule}")
        };
        return Err((format!("`{shown}` can't be a {what}'s name"), help));
    }
    if is_device(name) {
        return Err((
            format!("`{shown}` can't be a {what}'s name: Windows keeps it for a device"),
            format!("add a word, such as `{shown}_data`"),
        ));
    }
    Ok(())
}

fn is_device(name: &str) -> bool {
    let lower = name.to_lowercase();
    let numbered = |word: &str| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
    };
    DEVICES.contains(&lower.as_str()) || numbered("com") || numbered("lpt")
}

/// The name with `_` for what can't stand in one.
#[must_use]
pub fn near(name: &str) -> String {
    let mut near = String::new();
    for c in name.trim().to_lowercase().chars() {
        if near.len() + c.len_utf8() > 64 {
            break;
        }
        match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => near.push(c),
            _ if near.ends_with('_') || near.is_empty() => {}
            _ => near.push('_'),
        }
    }
    near.trim_end_matches('_').trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_plain_words() {
        for name in ["crm", "Größe", "sf-2", "_x", "select", "合同"] {
            assert_eq!(check(name, "project"), Ok(()), "{name}");
        }
        for (name, near) in [
            ("Order Lines", "such as `order_lines`"),
            ("../..", "command lines"),
            ("a/b", "such as `a_b`"),
            ("", "command lines"),
            (".hidden", "such as `hidden`"),
            ("nul", "`nul_data`"),
            ("COM7", "`COM7_data`"),
            ("a\0b\nc", "such as `a_b_c`"),
            ("-x", "such as `x`"),
        ] {
            let (_, help) = check(name, "project").unwrap_err();
            assert!(help.contains(near), "{name}: {help}");
        }
        let (message, help) = check(&"ä".repeat(200), "project").unwrap_err();
        assert!(message.len() < 120 && help.contains("such as"), "{message} {help}");
    }
}
