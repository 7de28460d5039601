//! GitHub's CODEOWNERS: who must review a change, by folder. What people wrote around goldsmith's lines stays.

use crate::nouns::{Platform, Project};
use crate::words::{Code, Diagnostic, Span};

/// Between these lines stands what goldsmith writes.
const BEGIN: &str = "# goldsmith: begin. Made of `owner:` in project.yml by `goldsmith owners --write`";
const END: &str = "# goldsmith: end";

/// The text of CODEOWNERS, made of what the file says now. `below` is the platform's folder in the
/// repository, empty or with a slash at its end; an owner without `@` is a team of the organization.
///
/// # Errors
/// Owners that can't stand there, each at its `project.yml`.
pub fn codeowners(
    platform: &Platform,
    organization: Option<&str>,
    below: &str,
    old: &str,
) -> Result<String, Vec<Diagnostic>> {
    let mut lines = vec![BEGIN.to_owned()];
    let mut wrong = Vec::new();
    for project in &platform.projects {
        match project.owner.as_deref().map(|o| handles(project, o, organization)) {
            None => {}
            Some(Ok(owner)) => lines.push(format!("{} {owner}", pattern(below, project))),
            Some(Err(error)) => wrong.push(*error),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    lines.push(END.to_owned());
    let end = if old.contains("\r\n") { "\r\n" } else { "\n" };
    Ok(merge(old, &(lines.join(end) + end), end))
}

/// A pattern for everything in a project's folder.
fn pattern(below: &str, project: &Project) -> String {
    let mut text = "/".to_owned();
    for c in format!("{below}{}/", project.folder).chars() {
        if matches!(c, ' ' | '#' | '\\' | '*' | '?' | '[' | ']' | '!') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The owners of a project as GitHub calls them: `@user`, `@organization/team`, an address.
fn handles(project: &Project, owner: &str, organization: Option<&str>) -> Result<String, Box<Diagnostic>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@/-_.+".contains(c);
    let team = owner.strip_prefix('@').unwrap_or(owner);
    let help = if team.is_empty() || !team.chars().all(is_plain) {
        "write a team as in its address, with letters, digits and `-`, or `@user`, `@organization/team` or a mail address"
    } else if owner.contains('@') {
        return Ok(owner.to_owned());
    } else if let Some(organization) = organization {
        return Ok(format!("@{organization}/{owner}"));
    } else {
        "name the organization whose team it is: --organization ORG; or write `owner: \"@organization/team\"`"
    };
    Err(Box::new(
        Diagnostic::new(
            Code::InvalidYaml,
            format!("the owner `{owner}` of project `{}` can't stand in CODEOWNERS", project.name),
        )
        .at(&project.file, Span::default())
        .help(help),
    ))
}

/// Puts the block where the old one stands, else at the end: of several patterns GitHub takes the last.
fn merge(old: &str, block: &str, end: &str) -> String {
    let line_at = |text: &str, wanted: &str| {
        let mut at = 0;
        text.split_inclusive('\n').find_map(|line| {
            let here = at;
            at += line.len();
            line.starts_with(wanted).then_some((here, at))
        })
    };
    if let Some((from, _)) = line_at(old, "# goldsmith: begin")
        && let Some((_, to)) = line_at(&old[from..], END)
    {
        return format!("{}{block}{}", &old[..from], &old[from + to..]);
    }
    match old {
        "" => block.to_owned(),
        old if old.ends_with('\n') => format!("{old}{end}{block}"),
        old => format!("{old}{end}{end}{block}"),
    }
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn what_people_wrote_stays_around_the_block() {
        let block = "# goldsmith: begin x\n/a @a\n# goldsmith: end\n";
        assert_eq!(merge("", block, "\n"), block);
        assert_eq!(merge("* @x", block, "\n"), format!("* @x\n\n{block}"));
        let whole = merge("* @x\n", block, "\n");
        assert_eq!(whole, format!("* @x\n\n{block}"));
        assert_eq!(merge(&whole, block, "\n"), whole);
        let behind = "1\n# goldsmith: begin\nold\n# goldsmith: end\n2\n";
        assert_eq!(merge(behind, block, "\n"), format!("1\n{block}2\n"));
        // A begin without an end is nothing that goldsmith may cut away.
        assert_eq!(
            merge("# goldsmith: begin\n2\n", block, "\n"),
            format!("# goldsmith: begin\n2\n\n{block}")
        );
    }
}
