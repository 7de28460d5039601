//! Comments that allow: `-- goldsmith: allow GS101 because ..` in SQL, `# goldsmith: ..` in YAML.
//! Finds the one that stands at a diagnostic's line, and those that nothing needs.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::graph::Graph;
use crate::words::{Code, Diagnostic, Severity, SourceFile, Span};

/// A comment that allows, wherever it stands.
#[derive(Debug, Clone)]
struct Allow {
    file: Arc<SourceFile>,
    /// The line that it applies to, from 1.
    line: usize,
    codes: Vec<Code>,
    reason: String,
    span: Span,
    node: Option<String>,
}

/// All comments of a platform that allow.
pub(super) struct Allows {
    all: Vec<Allow>,
    /// By path and line.
    places: HashMap<(String, usize), Vec<usize>>,
    /// Which of which were needed.
    used: RefCell<HashSet<(usize, Code)>>,
    /// Comments in YAML that say nothing that can be understood.
    wrong: Vec<Diagnostic>,
}

impl Allows {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut all = Vec::new();
        let mut seen: HashSet<(String, usize)> = HashSet::new();
        for index in graph.indices() {
            let node = graph.node(index);
            for allow in &node.allows {
                // A definition answers to the comments of its script: one comment, several nodes.
                if seen.insert((node.node.file.path().to_string(), allow.span.start)) {
                    all.push(Allow {
                        file: Arc::clone(&node.node.file),
                        line: allow.line,
                        codes: allow.codes.clone(),
                        reason: allow.reason.clone(),
                        span: allow.span,
                        node: Some(node.node.id.clone()),
                    });
                }
            }
        }
        let platform = &graph.analysis().platform;
        let mut wrong = Vec::new();
        let projects = platform.projects.iter().flat_map(|p| std::iter::once(&p.file).chain(&p.yaml));
        for file in std::iter::once(&platform.file).chain(projects) {
            in_yaml(file, &mut all, &mut wrong);
        }
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (nth, allow) in all.iter().enumerate() {
            places.entry((allow.file.path().to_string(), allow.line)).or_default().push(nth);
        }
        Self { all, places, used: RefCell::default(), wrong }
    }

    /// Why the diagnostic is allowed, if a comment at its line says so.
    pub(super) fn reason(&self, diagnostic: &Diagnostic) -> Option<&str> {
        if self.all.is_empty() || !diagnostic.is_adjustable() {
            return None;
        }
        let file = diagnostic.file.as_ref()?;
        let line = file.position(diagnostic.span.start).line;
        let here = self.places.get(&(file.path().to_string(), line))?;
        let nth = *here.iter().find(|nth| self.all[**nth].codes.contains(&diagnostic.code))?;
        self.used.borrow_mut().insert((nth, diagnostic.code));
        Some(&self.all[nth].reason)
    }

    /// What is wrong with the comments themselves: those that can't be understood, and those that
    /// nothing needs, in files that could be read.
    pub(super) fn complaints(self, unread: &HashSet<String>) -> Vec<Diagnostic> {
        let used = self.used.into_inner();
        let mut found = self.wrong;
        for (nth, allow) in
            self.all.iter().enumerate().filter(|(_, a)| !unread.contains(a.file.path().as_str()))
        {
            // What the database refuses is told by `run` alone.
            let idle: Vec<&str> = allow
                .codes
                .iter()
                .filter(|c| !used.contains(&(nth, **c)) && !matches!(c, Code::InvalidSql | Code::UnusedAllow))
                .map(|c| c.id())
                .collect();
            if idle.is_empty() {
                continue;
            }
            let what = format!("nothing at line {} needs `allow {}`", allow.line, idle.join(", "));
            let told = Diagnostic::new(Code::UnusedAllow, what)
                .at(&allow.file, allow.span)
                .help("remove it: it would hide the next one");
            found.push(match &allow.node {
                Some(node) => told.node(node),
                None => told,
            });
        }
        found
    }
}

/// The paths of files with an error that kept them from being read.
pub(super) fn unread(found: &[Diagnostic]) -> HashSet<String> {
    let broken = found.iter().filter(|d| d.code.id().starts_with("GS9") && d.severity == Severity::Error);
    broken.filter_map(|d| Some(d.file.as_ref()?.path().to_string())).collect()
}

/// The comments of a YAML file: they apply to their own line, or, standing alone, to the next.
fn in_yaml(file: &Arc<SourceFile>, all: &mut Vec<Allow>, wrong: &mut Vec<Diagnostic>) {
    const HEAD: &str = "# goldsmith:";
    let text = file.text();
    for (at, _) in text.match_indices(HEAD) {
        let line = file.position(at).line;
        let row = file.line_span(line);
        let before = &text[row.start..at];
        // Within a word a `#` begins no comment.
        if before.chars().next_back().is_some_and(|c| !c.is_whitespace()) {
            continue;
        }
        let span = Span::new(at, row.start + text[row.start..row.end].trim_end().len());
        let said = text[at + HEAD.len()..span.end].trim();
        let mut say = |message: String, help: String| {
            wrong.push(Diagnostic::new(Code::UnknownKey, message).at(file, span).help(help));
        };
        let Some(rest) = said.strip_prefix("allow ") else {
            say(
                format!("goldsmith does not know the comment `{said}`"),
                "in YAML it knows `# goldsmith: allow GS203 because ..`".to_owned(),
            );
            continue;
        };
        let (words, reason) = rest.split_once("because").unwrap_or((rest, ""));
        if reason.trim().is_empty() {
            say(
                "`allow` gives no reason".to_owned(),
                "write `# goldsmith: allow GS203 because ..`".to_owned(),
            );
            continue;
        }
        let mut codes = Vec::new();
        for word in words.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()) {
            match Code::named(word) {
                Ok(named) => codes.extend(named),
                Err(near) => say(
                    format!("there is no rule `{word}` to allow"),
                    near.map_or_else(
                        || "rules are named by code, such as GS203, or by name".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    ),
                ),
            }
        }
        let line = if before.trim().is_empty() { line + 1 } else { line };
        let reason = reason.trim().to_owned();
        if !codes.is_empty() {
            all.push(Allow { file: Arc::clone(file), line, codes, reason, span, node: None });
        }
    }
}
