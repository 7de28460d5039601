//! What nearly every command begins with: find the platform, read it, understand it for a target.

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::CommandError;
use super::accept::Accept;
use super::earlier;
use crate::analysis::{self, Facts};
use crate::cli::{Global, SelectArgs};
use crate::graph::{Graph, Index};
use crate::lint::Suppressed;
use crate::load::Files;
use crate::nouns::{Node, Platform, Project, Target};
use crate::report::{Look, Masker};
use crate::select::{SelectError, Selection, select, select_to_run};
use crate::words::{Code, Diagnostic, Severity, nearest};
use crate::{lineage, lint, load};

/// A platform, understood.
pub(super) struct Session {
    pub(super) graph: Graph,
    /// Everything that was found, the lint's rules included.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What was found and is accepted.
    pub(super) suppressed: Vec<Suppressed>,
    /// How many findings the baseline accepts that are there no more.
    pub(super) mended: usize,
    pub(super) out: Look,
    pub(super) err: Look,
}

/// Reads the platform, alone.
fn platform(files: &Files) -> Result<(Platform, Vec<Diagnostic>), CommandError> {
    let (platform, diagnostics) = load::load(files);
    platform.map(|p| (p, diagnostics.clone())).ok_or(CommandError::Files(diagnostics))
}

/// The platform's folder, absolute.
pub(super) fn root(global: &Global) -> Result<Utf8PathBuf, CommandError> {
    let here = std::env::current_dir()?;
    let here = Utf8PathBuf::try_from(here)
        .map_err(|e| CommandError::usage(format!("the name of this folder is not valid Unicode: {e}")))?;
    let Some(given) = &global.platform else {
        return load::find(&here).map_err(|error| CommandError::Usage {
            message: error.to_string(),
            help: Some("go to a platform's folder, or name it with --platform DIR".into()),
        });
    };
    let root = here.join(given);
    if root.join(load::PLATFORM_FILE).is_file() {
        return Ok(root);
    }
    Err(CommandError::Usage {
        message: format!("there is no {} in `{given}`", load::PLATFORM_FILE),
        help: Some("--platform names the folder that holds goldsmith.yml".into()),
    })
}

impl Session {
    /// Reads the platform and understands it for the target that was asked for.
    pub(super) fn open(
        global: &Global,
        facts: impl FnOnce(&Platform) -> Facts,
    ) -> Result<Self, CommandError> {
        Self::open_accepting(global, Accept::Configured, facts)
    }

    /// Reads the platform, with what is accepted as it stands.
    pub(super) fn open_accepting(
        global: &Global,
        accept: Accept<'_>,
        facts: impl FnOnce(&Platform) -> Facts,
    ) -> Result<Self, CommandError> {
        Self::of(&Files::on_disk(root(global)?), global, accept, facts)
    }

    /// Understands the platform of these files for the target that was asked for.
    pub(super) fn of(
        files: &Files,
        global: &Global,
        accept: Accept<'_>,
        facts: impl FnOnce(&Platform) -> Facts,
    ) -> Result<Self, CommandError> {
        let (platform, mut diagnostics) = platform(files)?;
        let baseline = accept.baseline(&platform)?;
        let target = target(&platform, global.target.as_deref(), &diagnostics)?;
        let facts = facts(&platform);
        let (analysis, told) = analysis::analyze(platform, target, &facts);
        diagnostics.extend(told);
        let cases = |s: &String| [s.clone(), s.to_uppercase(), s.to_lowercase()];
        let masker = Masker::new(analysis.secrets.iter().flat_map(cases).collect::<Vec<_>>());
        let (graph, told) = Graph::new(analysis);
        diagnostics.extend(told);
        diagnostics.extend(lint::check(&graph));
        let settled = lint::settle(&graph, diagnostics, baseline.as_ref());
        let out = Look::of_stdout(global.color, masker.clone());
        let err = Look::of_stderr(global.color, masker);
        let (suppressed, mended) = (settled.suppressed, settled.mended);
        Ok(Self { graph, diagnostics: settled.told, suppressed, mended, out, err })
    }

    /// The nodes that the arguments select.
    pub(super) fn select(&self, args: &SelectArgs) -> Result<HashSet<Index>, CommandError> {
        self.selected(args, select)
    }

    /// The nodes that the arguments select to run.
    pub(super) fn select_to_run(&self, args: &SelectArgs) -> Result<HashSet<Index>, CommandError> {
        self.selected(args, select_to_run)
    }

    fn selected(
        &self,
        args: &SelectArgs,
        select: impl Fn(&Graph, &Selection) -> Result<HashSet<Index>, SelectError>,
    ) -> Result<HashSet<Index>, CommandError> {
        let selection = earlier::selection(self, args)?;
        // With a file that could not be read, "nothing matches" would be the wrong thing to say.
        select(&self.graph, &selection).map_err(|error| {
            let unread = self.errors(|d| d.code.id().starts_with("GS9"));
            if unread.is_empty() { error.into() } else { CommandError::Files(unread) }
        })
    }

    /// Whether a diagnostic is about these nodes, or about files of their projects that belong to none.
    /// A script answers for what it defines.
    pub(super) fn concerns(&self, nodes: &HashSet<Index>) -> impl Fn(&Diagnostic) -> bool {
        let node = |i: &Index| &self.graph.node(*i).node;
        let mut ids: HashSet<&str> = nodes.iter().map(|i| node(i).id.as_str()).collect();
        let definitions = self.graph.indices().map(|i| &self.graph.node(i).node);
        let defined: Vec<&str> = definitions
            .filter(|n| {
                n.body.definition().is_some_and(|d| d.scripts.iter().any(|s| ids.contains(s.as_str())))
            })
            .map(|n| n.id.as_str())
            .collect();
        ids.extend(defined);
        let projects: HashSet<&str> = nodes.iter().map(|i| node(i).project.as_str()).collect();
        move |d: &Diagnostic| match (&d.node, &d.file) {
            (Some(node), _) if self.graph.find(node).is_some() => ids.contains(node.as_str()),
            (_, Some(file)) => self
                .project_of(file.path())
                .is_none_or(|project| projects.contains(project) || projects.is_empty()),
            _ => true,
        }
    }

    /// Refuses to run nodes whose files are wrong or that cross a boundary.
    pub(super) fn refuse_errors(&self, nodes: &HashSet<Index>) -> Result<(), CommandError> {
        let concerns = self.concerns(nodes);
        let files = self.errors(|d| !d.code.is_boundary() && d.code != Code::NeverReadLoad && concerns(d));
        if !files.is_empty() {
            return Err(CommandError::Files(files));
        }
        let boundaries = self.errors(|d| d.code.is_boundary() && concerns(d));
        if boundaries.is_empty() { Ok(()) } else { Err(CommandError::Boundary(boundaries)) }
    }

    /// The project with this name.
    pub(super) fn project(&self, name: &str) -> Result<&Project, CommandError> {
        let projects = &self.graph.analysis().platform.projects;
        projects.iter().find(|p| p.name == name).ok_or_else(|| {
            let names: Vec<&str> = projects.iter().map(|p| p.name.as_str()).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => {
                    "the platform has none yet: `goldsmith new project` makes one".into()
                }
                None => format!("there is: {}", names.join(", ")),
            };
            CommandError::Usage { message: format!("there is no project `{name}`"), help: Some(help) }
        })
    }

    /// The project whose folder holds a file.
    pub(super) fn project_of(&self, path: &Utf8Path) -> Option<&str> {
        let projects = &self.graph.analysis().platform.projects;
        projects.iter().find(|p| path.starts_with(&p.folder)).map(|p| p.name.as_str())
    }

    fn errors(&self, wanted: impl Fn(&Diagnostic) -> bool) -> Vec<Diagnostic> {
        let errors = self.diagnostics.iter().filter(|d| d.severity == Severity::Error && wanted(d));
        lint::hold_back(errors.cloned().collect())
    }

    /// Where the columns of nodes come from, given so that each comes behind what it depends on.
    pub(super) fn lineage(&self, order: &[Index]) -> lineage::Platform {
        let root = self.root();
        let heading = |node: &Node| {
            let projects = &self.graph.analysis().platform.projects;
            let project = projects.iter().find(|p| p.name == node.project)?;
            load::heading(root, &root.join(&project.folder), node)
        };
        lineage::Platform::new(&self.graph, order, &heading)
    }

    /// The owner of each project that names one.
    pub(super) fn owners(&self) -> BTreeMap<String, String> {
        let projects = &self.graph.analysis().platform.projects;
        projects.iter().filter_map(|p| Some((p.name.clone(), p.owner.clone()?))).collect()
    }

    /// Who answers for a project, where it says so.
    pub(super) fn owner(&self, project: &str) -> Option<&str> {
        let projects = &self.graph.analysis().platform.projects;
        projects.iter().find(|p| p.name == project)?.owner.as_deref()
    }

    /// The present, in the platform's time zone.
    pub(super) fn now(&self) -> jiff::Zoned {
        let zone = jiff::tz::TimeZone::get(&self.graph.analysis().platform.timezone);
        jiff::Timestamp::now().to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC))
    }

    /// The platform's folder.
    pub(super) fn root(&self) -> &Utf8Path {
        &self.graph.analysis().platform.root
    }
}

/// The target of a name, or the default one.
fn target(
    platform: &Platform,
    name: Option<&str>,
    diagnostics: &[Diagnostic],
) -> Result<Target, CommandError> {
    let wanted = name.unwrap_or(&platform.default_target);
    if let Some(target) = platform.targets.get(wanted) {
        return Ok(target.clone());
    }
    if name.is_none() {
        return Err(CommandError::Files(diagnostics.to_vec()));
    }
    let names = platform.targets.keys().map(String::as_str);
    let help = nearest(wanted, names.clone()).map_or_else(
        || format!("goldsmith.yml has: {}", names.collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(CommandError::Usage { message: format!("there is no target `{wanted}`"), help: Some(help) })
}

/// The facts of a run that begins now.
pub(super) fn facts(
    platform: &Platform,
    pipeline: &str,
    date: Option<jiff::civil::Date>,
    full_refresh: bool,
) -> Facts {
    let now = jiff::Timestamp::now();
    let zone = jiff::tz::TimeZone::get(&platform.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let is_date_given = date.is_some();
    let date = date.unwrap_or_else(|| now.to_zoned(zone).date());
    Facts {
        is_date_given,
        pipeline: pipeline.to_owned(),
        date: date.to_string(),
        full_refresh,
        run_id: run_id(now),
        started_at: now.to_string(),
    }
}

/// Names a run: when, and which process, so that two of one moment differ.
fn run_id(now: jiff::Timestamp) -> String {
    format!("{}-{:x}", now.strftime("%Y%m%dT%H%M%S%3fZ"), std::process::id())
}
