//! What remains of what was found: levels of platform and project, comments that allow, and the
//! baseline are applied here, in one place, to every diagnostic, whoever found it.

use std::collections::HashSet;
use std::sync::Arc;

use super::Baseline;
use crate::analysis::AnalyzedNode;
use crate::graph::Graph;
use crate::nouns::{Level, Project};
use crate::words::{Code, Diagnostic, Severity};

/// Why a diagnostic is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A comment in the file allows it, because of this.
    Comment(String),
    /// The baseline accepts it.
    Baseline,
}

/// A diagnostic that is known and accepted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// Why it is accepted.
    pub reason: Reason,
}

/// What was found, sorted into what is told and what is accepted.
#[derive(Debug, Default)]
pub struct Settled {
    /// What is told, at the level that holds.
    pub told: Vec<Diagnostic>,
    /// What is accepted.
    pub suppressed: Vec<Suppressed>,
    /// How many diagnostics the baseline accepts that are there no more.
    pub mended: usize,
}

/// Applies levels, comments and the baseline.
#[must_use]
pub fn settle(graph: &Graph, found: Vec<Diagnostic>, baseline: Option<&Baseline>) -> Settled {
    let mut settled = Settled::default();
    let mut used: HashSet<(String, usize)> = HashSet::new();
    let unread: HashSet<String> = found
        .iter()
        .filter(|d| d.code.id().starts_with("GS9") && d.severity == Severity::Error)
        .filter_map(|d| d.node.clone())
        .collect();
    let mut open = Vec::with_capacity(found.len());
    for mut diagnostic in found {
        let level = level(graph, &diagnostic);
        let allow = allow(graph, &diagnostic);
        if let Some((node, nth, _)) = &allow {
            used.insert((node.node.id.clone(), *nth));
        }
        let allowed =
            allow.map(|(node, nth, _)| node.allows[nth].reason.clone()).or_else(|| in_yaml(&diagnostic));
        match level {
            Some(Level::Off) => continue,
            Some(Level::Warning) => diagnostic.severity = Severity::Warning,
            Some(Level::Error | Level::Forbid) => diagnostic.severity = Severity::Error,
            None => {}
        }
        match allowed {
            Some(_) if level == Some(Level::Forbid) => {
                let note = "goldsmith.yml forbids this: a comment can't allow it";
                diagnostic.help =
                    Some(diagnostic.help.map_or_else(|| note.to_owned(), |h| format!("{h}\n{note}")));
                open.push(diagnostic);
            }
            Some(reason) => {
                settled.suppressed.push(Suppressed { diagnostic, reason: Reason::Comment(reason) });
            }
            None => open.push(diagnostic),
        }
    }
    open.extend(lowered(graph));
    open.extend(unused(graph, &used, &unread));
    match baseline {
        Some(baseline) => {
            let (told, accepted, mended) = baseline.sort(open);
            settled.told = told;
            settled.mended = mended;
            settled.suppressed.extend(
                accepted.into_iter().map(|diagnostic| Suppressed { diagnostic, reason: Reason::Baseline }),
            );
        }
        None => settled.told = open,
    }
    super::fix::mark(graph, &mut settled.told);
    settled
}

/// The level that holds for a diagnostic where somebody has set one.
fn level(graph: &Graph, diagnostic: &Diagnostic) -> Option<Level> {
    let code = diagnostic.code;
    if !code.is_adjustable()
        || code.default_severity() == Severity::Warning
            && diagnostic.severity == Severity::Error
            && code.id().starts_with("GS9")
    {
        return None;
    }
    let platform = graph.analysis().platform.lint.of(code);
    if platform == Some(Level::Forbid) {
        return platform;
    }
    project(graph, diagnostic).and_then(|p| p.lint.of(code)).or(platform)
}

/// The project that a diagnostic is about.
fn project<'a>(graph: &'a Graph, diagnostic: &Diagnostic) -> Option<&'a Project> {
    let projects = &graph.analysis().platform.projects;
    let node = diagnostic.node.as_deref().and_then(|id| graph.find(id)).map(|i| graph.node(i));
    if let Some(node) = node {
        return projects.iter().find(|p| p.name == node.node.project);
    }
    let path = diagnostic.file.as_ref()?.path();
    projects.iter().find(|p| path.starts_with(&p.folder))
}

/// Whether a comment at the diagnostic's line allows it.
pub(super) fn is_allowed(graph: &Graph, diagnostic: &Diagnostic) -> bool {
    allow(graph, diagnostic).is_some() && level(graph, diagnostic) != Some(Level::Forbid)
}

/// The comment at the diagnostic's line that allows it: its node, and which of the node's.
fn allow<'a>(graph: &'a Graph, diagnostic: &Diagnostic) -> Option<(&'a AnalyzedNode, usize, usize)> {
    let (id, file) = (diagnostic.node.as_ref()?, diagnostic.file.as_ref()?);
    let node = graph.node(graph.find(id)?);
    if node.allows.is_empty() || !Arc::ptr_eq(file, &node.node.file) && file.path() != node.node.file.path() {
        return None;
    }
    let line = file.position(diagnostic.span.start).line;
    let nth = node.allows.iter().position(|a| a.line == line && a.codes.contains(&diagnostic.code))?;
    Some((node, nth, line))
}

/// The reason of a `# goldsmith: allow GS203 because ..` in YAML, at the line or the one above.
fn in_yaml(diagnostic: &Diagnostic) -> Option<String> {
    let file = diagnostic.file.as_ref()?;
    let is_yaml = matches!(file.path().extension(), Some("yml" | "yaml"));
    if !is_yaml || !diagnostic.code.is_adjustable() {
        return None;
    }
    let line = file.position(diagnostic.span.start).line;
    let said = |line: usize, alone: bool| {
        let span = file.line_span(line);
        let (before, comment) = file.text()[span.start..span.end].split_once('#')?;
        if alone && !before.trim().is_empty() {
            return None;
        }
        let words = comment.trim().strip_prefix("goldsmith:")?.trim().strip_prefix("allow ")?;
        let (codes, reason) = words.split_once("because")?;
        let named = codes
            .split([' ', ','])
            .filter(|w| !w.is_empty())
            .any(|word| Code::named(word).is_ok_and(|codes| codes.contains(&diagnostic.code)));
        (named && !reason.trim().is_empty()).then(|| reason.trim().to_owned())
    };
    said(line, false).or_else(|| (line > 1).then(|| said(line - 1, true)).flatten())
}

/// Projects that lower what the platform forbids.
fn lowered(graph: &Graph) -> Vec<Diagnostic> {
    let platform = &graph.analysis().platform;
    let projects = platform.projects.iter().flat_map(|p| p.lint.rules.iter().map(move |rule| (p, rule)));
    projects
        .filter(|(_, (code, (level, _)))| {
            platform.lint.of(**code) == Some(Level::Forbid) && matches!(level, Level::Off | Level::Warning)
        })
        .map(|(project, (code, (level, span)))| {
            Diagnostic::new(
                Code::InvalidYaml,
                format!(
                    "`{code}` can't be `{level}` in project `{}`: goldsmith.yml forbids it",
                    project.name
                ),
            )
            .at(&project.file, *span)
            .help("remove the key, or ask whoever keeps goldsmith.yml")
        })
        .collect()
}

/// Comments that allow what nobody tells.
fn unused(graph: &Graph, used: &HashSet<(String, usize)>, unread: &HashSet<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: HashSet<(String, usize)> = HashSet::new();
    for index in graph.indices() {
        let node = graph.node(index);
        if node.allows.is_empty() || unread.contains(&node.node.id) {
            continue;
        }
        for (nth, allow) in node.allows.iter().enumerate() {
            let told_later = allow.codes.iter().any(|c| matches!(c, Code::InvalidSql | Code::UnusedAllow));
            let key = (node.node.file.path().to_string(), allow.span.start);
            let double = !seen.insert(key);
            if used.contains(&(node.node.id.clone(), nth)) || told_later || double {
                continue;
            }
            let names: Vec<&str> = allow.codes.iter().map(|c| c.id()).collect();
            let mut told = Diagnostic::new(
                Code::UnusedAllow,
                format!("nothing at line {} needs `allow {}`", allow.line, names.join(", ")),
            )
            .at(&node.node.file, allow.span)
            .node(&node.node.id)
            .help("remove the comment: it would hide the next one");
            match level(graph, &told) {
                Some(Level::Off) => continue,
                Some(Level::Error | Level::Forbid) => told.severity = Severity::Error,
                _ => {}
            }
            found.push(told);
        }
    }
    found
}
