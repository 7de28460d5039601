//! A platform as a request sees it: what is known of it, and the documents as they are now.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::{Location, Position, Range, Uri};

use super::carry::Carry;
use super::documents::{Document, Documents};
use super::position::{Columns, Lines};
use super::understanding::Understanding;
use super::uri;
use crate::graph::{Graph, Index};
use crate::nouns::{Kind, Project};
use crate::render;
use crate::sql::{self, Definition, Reference, Script};
use crate::words::{Dialect, RelationName, SourceFile, Span};

/// A place in a file.
pub(super) type Place = (Arc<SourceFile>, Span);

/// A platform, and the documents over it.
pub(super) struct View<'a> {
    pub(super) root: &'a Utf8Path,
    pub(super) documents: &'a Documents,
    pub(super) columns: Columns,
    pub(super) known: &'a Understanding,
}

/// A document of a project.
pub(super) struct Sheet<'a> {
    /// Its path, relative to the platform.
    pub(super) path: Utf8PathBuf,
    /// Its text as it is now.
    pub(super) text: &'a str,
    /// Its project.
    pub(super) project: &'a Project,
    /// The dialect of its SQL.
    pub(super) dialect: Dialect,
    /// The node that it is the file of, alone.
    pub(super) node: Option<Index>,
    /// Whether it is a template.
    pub(super) template: bool,
}

impl Sheet<'_> {
    /// Whether it is SQL, templated or not.
    pub(super) fn is_sql(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"))
    }

    /// Its SQL as it is now, read; a template's tags stand for nothing.
    pub(super) fn read(&self) -> Script {
        match (self.is_sql(), self.template) {
            (false, _) => Script::default(),
            (_, true) => sql::read(&render::without_tags(self.text), self.dialect),
            (_, false) => sql::read(self.text, self.dialect),
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn graph(&self) -> &'a Graph {
        &self.known.graph
    }

    pub(super) fn projects(&self) -> &'a [Project] {
        &self.known.graph.analysis().platform.projects
    }

    /// A document of one of the platform's projects.
    pub(super) fn sheet(&self, document: &'a Document) -> Option<Sheet<'a>> {
        let path = document.below_root()?;
        let project = self.projects().iter().find(|p| path.starts_with(&p.folder))?;
        let graph = self.graph();
        let kinds = [Kind::Model, Kind::Script, Kind::Seed, Kind::Test];
        let node = graph.indices().find(|i| {
            let node = &graph.node(*i).node;
            *node.file.path() == path && kinds.contains(&node.kind()) && node.span == Span::default()
        });
        let of_name = || path.file_stem()?.rsplit_once('.')?.1.parse().ok();
        let dialect = node
            .map(|i| graph.node(i).dialect)
            .or_else(of_name)
            .or(project.dialect)
            .unwrap_or_else(|| self.default_dialect());
        let script = node.map_or(path.starts_with(project.folder.join("init")), |i| {
            graph.node(i).node.kind() == Kind::Script
        });
        Some(Sheet { path, text: &document.text, project, dialect, node, template: !script })
    }

    fn default_dialect(&self) -> Dialect {
        let analysis = self.graph().analysis();
        let default = analysis.platform.targets.get(&analysis.platform.default_target);
        default.unwrap_or(&analysis.target).engine.dialect()
    }

    /// The offset of a position in a document.
    pub(super) fn offset(&self, sheet: &Sheet, position: Position) -> usize {
        Lines::new(sheet.text, self.columns).offset(position)
    }

    /// The span of a range of a document.
    pub(super) fn span(&self, sheet: &Sheet, range: Range) -> Span {
        Lines::new(sheet.text, self.columns).span(range)
    }

    /// The range of a span of a document.
    pub(super) fn range(&self, sheet: &Sheet, span: Span) -> Range {
        Lines::new(sheet.text, self.columns).range(span)
    }

    /// A name as a project's SQL writes it, in full.
    pub(super) fn full(&self, reference: &Reference, project: &str, dialect: Dialect) -> RelationName {
        self.resolve(&reference.name, reference.current_database.as_deref(), project, dialect)
    }

    /// What a definition in a project's SQL defines, in full.
    pub(super) fn defined(&self, definition: &Definition, project: &str, dialect: Dialect) -> RelationName {
        self.resolve(&definition.name, definition.current_database.as_deref(), project, dialect)
    }

    fn resolve(
        &self,
        name: &RelationName,
        current: Option<&str>,
        project: &str,
        dialect: Dialect,
    ) -> RelationName {
        let mut name = name.clone();
        if name.database.is_none() {
            name.database = current.map(str::to_owned);
        }
        self.graph().analysis().placement.resolve(&name, project, dialect)
    }

    /// The way from a file as it is known to the document as it is now.
    pub(super) fn carry(file: &SourceFile, sheet: &Sheet) -> Carry {
        Carry::new(file.text(), sheet.text)
    }

    /// The URI of a file, by its path relative to the platform.
    pub(super) fn uri(&self, path: &Utf8Path) -> Option<Uri> {
        let full = self.root.join(path);
        self.documents.at(&full).map(|d| d.uri.clone()).or_else(|| uri::uri(&full))
    }

    /// The places as the client knows them, in order; those that are gone meanwhile are left out.
    pub(super) fn locations(&self, places: &[Place]) -> Vec<Location> {
        let mut files: BTreeMap<&Utf8Path, (&Arc<SourceFile>, Vec<Span>)> = BTreeMap::new();
        for (file, span) in places {
            files.entry(file.path()).or_insert_with(|| (file, Vec::new())).1.push(*span);
        }
        let mut found = Vec::with_capacity(places.len());
        for (path, (file, mut spans)) in files {
            let Some(uri) = self.uri(path) else { continue };
            let now = self.documents.at(&self.root.join(path)).map(|d| &*d.text);
            let carry = now.map(|text| Carry::new(file.text(), text));
            let lines = Lines::new(now.unwrap_or(file.text()), self.columns);
            spans.sort_unstable();
            spans.dedup();
            let spans = spans.into_iter().filter_map(|s| carry.map_or(Some(s), |carry| carry.span(s)));
            found.extend(spans.map(|span| Location::new(uri.clone(), lines.range(span))));
        }
        found
    }
}
