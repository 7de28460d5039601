//! What remains of what was found: levels of platform and project, comments that allow, and the
//! baseline are applied here, in one place, to every diagnostic, whoever found it.

use super::Baseline;
use super::allows::{self, Allows};
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
    let allows = Allows::new(graph);
    let unread = allows::unread(&found);
    let mut open = Vec::with_capacity(found.len());
    let mut take = |mut diagnostic: Diagnostic, settled: &mut Settled| {
        let level = level(graph, &diagnostic);
        let reason = allows.reason(&diagnostic);
        if !take_level(&mut diagnostic, level) {
            return;
        }
        match reason {
            Some(_) if level == Some(Level::Forbid) => {
                let note = "this rule is set to forbid: a comment can't allow it";
                diagnostic.help =
                    Some(diagnostic.help.map_or_else(|| note.to_owned(), |h| format!("{h}\n{note}")));
                settled.told.push(diagnostic);
            }
            _ if level == Some(Level::Forbid) => settled.told.push(diagnostic),
            Some(reason) => {
                let reason = Reason::Comment(reason.to_owned());
                settled.suppressed.push(Suppressed { diagnostic, reason });
            }
            None => open.push(diagnostic),
        }
    };
    for diagnostic in found {
        take(diagnostic, &mut settled);
    }
    for diagnostic in lowered(graph) {
        take(diagnostic, &mut settled);
    }
    let complaints = allows.complaints(&unread);
    open.extend(at_level(graph, complaints));
    match baseline {
        Some(baseline) => {
            let (told, accepted, mended) = baseline.sort(open);
            settled.told.extend(told);
            settled.mended = mended;
            settled.suppressed.extend(
                accepted.into_iter().map(|diagnostic| Suppressed { diagnostic, reason: Reason::Baseline }),
            );
        }
        None => settled.told.extend(open),
    }
    super::fix::mark(graph, &mut settled.told);
    settled
}

/// The baseline that accepts what is told, as far as it can be accepted: neither what could not be
/// read nor what is forbidden.
#[must_use]
pub fn accept(graph: &Graph, told: &[Diagnostic]) -> Baseline {
    let open = told.iter().filter(|d| level(graph, d) != Some(Level::Forbid));
    Baseline::of(open)
}

/// What is told of diagnostics that neither comments nor a baseline can accept.
#[must_use]
pub fn at_level(graph: &Graph, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.retain_mut(|diagnostic| {
        let level = level(graph, diagnostic);
        take_level(diagnostic, level)
    });
    found
}

/// Gives a diagnostic the severity of its level; says whether it is told at all.
fn take_level(diagnostic: &mut Diagnostic, level: Option<Level>) -> bool {
    match level {
        Some(Level::Off) => return false,
        Some(Level::Warning) => diagnostic.severity = Severity::Warning,
        Some(Level::Error | Level::Forbid) => diagnostic.severity = Severity::Error,
        None => {}
    }
    true
}

/// The level that holds for a diagnostic where somebody has set one.
fn level(graph: &Graph, diagnostic: &Diagnostic) -> Option<Level> {
    let code = diagnostic.code;
    if !diagnostic.is_adjustable() {
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

/// Whether a comment of the diagnostic's node, at the diagnostic's line, allows it.
pub(super) fn is_allowed(graph: &Graph, diagnostic: &Diagnostic) -> bool {
    let (Some(id), Some(file)) = (&diagnostic.node, &diagnostic.file) else { return false };
    let Some(node) = graph.find(id).map(|index| graph.node(index)) else { return false };
    if node.allows.is_empty() || file.path() != node.node.file.path() {
        return false;
    }
    let line = file.position(diagnostic.span.start).line;
    node.allows.iter().any(|a| a.line == line && a.codes.contains(&diagnostic.code))
        && level(graph, diagnostic) != Some(Level::Forbid)
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
