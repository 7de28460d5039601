//! `goldsmith lint --boundaries`: the matrix of who reads whom, and every crossing behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use super::super::session::Session;
use super::super::{CommandError, Exit};
use crate::lint::{Beyond, Crossing, crossings};
use crate::report::diagnostics::Format;
use crate::report::{Table, ignore_broken_pipe};

/// Prints it. It is an account, not a verdict: violations in it don't fail the command.
pub(super) fn boundaries(session: &Session, format: Format) -> Result<Exit, CommandError> {
    let account = Account::new(session);
    let mut out = session.out.stdout();
    let written = match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&account.json(session)).unwrap_or_default();
            writeln!(out, "{}", session.out.masker.mask(&text))
        }
        Format::Text => account.text(session, &mut out),
        Format::Github | Format::Sarif => {
            return Err(CommandError::Usage {
                message: "the boundaries can't be written in this format".into(),
                help: Some("use --format text or --format json".into()),
            });
        }
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// How often one project crosses to one owner.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    imports: usize,
    violations: usize,
    allowed: usize,
}

impl Count {
    fn add(&mut self, crossing: &Crossing) {
        match (&crossing.code, &crossing.allowed) {
            (None, _) => self.imports += 1,
            (Some(_), Some(_)) => self.allowed += 1,
            (Some(_), None) => self.violations += 1,
        }
    }

    /// `2 imports, 1 violation`; what there is none of is left out.
    fn words(self) -> String {
        let word = |n: usize, one: &str, many: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let parts = [
            word(self.imports, "import", "imports"),
            word(self.violations, "violation", "violations"),
            word(self.allowed, "allowed", "allowed"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

struct Account {
    readers: Vec<String>,
    owners: Vec<Beyond>,
    counts: BTreeMap<(String, Beyond), Count>,
    crossings: Vec<Crossing>,
}

impl Account {
    fn new(session: &Session) -> Self {
        let projects = &session.graph.analysis().platform.projects;
        let mut readers: Vec<String> = projects.iter().map(|p| p.name.clone()).collect();
        readers.sort();
        let crossings = crossings(&session.graph, &session.suppressed);
        let mut owners: BTreeSet<Beyond> = readers.iter().cloned().map(Beyond::Project).collect();
        let mut counts: BTreeMap<(String, Beyond), Count> = BTreeMap::new();
        for crossing in &crossings {
            owners.insert(crossing.owner.clone());
            let reader = session.graph.node(crossing.node).node.project.clone();
            counts.entry((reader, crossing.owner.clone())).or_default().add(crossing);
        }
        Self { readers, owners: owners.into_iter().collect(), counts, crossings }
    }

    fn text(&self, session: &Session, out: &mut dyn Write) -> io::Result<()> {
        let header = |owner: &Beyond| match owner {
            Beyond::Project(name) => name.clone(),
            other => format!("{} {}", other.kind(), other.name()),
        };
        let mut matrix =
            Table::new(std::iter::once("READS".to_owned()).chain(self.owners.iter().map(header)));
        for reader in &self.readers {
            let cells =
                self.owners.iter().map(|owner| match self.counts.get(&(reader.clone(), owner.clone())) {
                    _ if matches!(owner, Beyond::Project(name) if name == reader) => "-".to_owned(),
                    Some(count) => count.words(),
                    None => String::new(),
                });
            matrix.row(std::iter::once(reader.clone()).chain(cells));
        }
        matrix.write(&session.out, out)?;
        if self.crossings.is_empty() {
            return writeln!(out, "\nNo node reads or writes anything beyond its own project.");
        }
        writeln!(out)?;
        let mut edges = Table::new(["NODE", "RELATION", "OF", "VIA", "PLACE"]);
        for crossing in &self.crossings {
            let at = crossing.file.position(crossing.span.start);
            edges.row([
                session.graph.node(crossing.node).node.id.clone(),
                crossing.relation.clone(),
                header(&crossing.owner),
                via(crossing),
                format!("{}:{}:{}", crossing.file.path(), at.line, at.column),
            ]);
        }
        edges.write(&session.out, out)
    }

    fn json(&self, session: &Session) -> Value {
        let owner = |owner: &Beyond| json!({"name": owner.name(), "kind": owner.kind()});
        let cells = self.counts.iter().map(|((reader, owner), count)| {
            json!({
                "reader": reader,
                "owner": owner.name(),
                "owner_kind": owner.kind(),
                "imports": count.imports,
                "violations": count.violations,
                "allowed": count.allowed,
            })
        });
        let edges = self.crossings.iter().map(|crossing| {
            let node = &session.graph.node(crossing.node).node;
            let at = crossing.file.position(crossing.span.start);
            json!({
                "reader": node.project,
                "node": node.id,
                "relation": crossing.relation,
                "owner": crossing.owner.name(),
                "owner_kind": crossing.owner.kind(),
                "access": if crossing.writes { "write" } else { "read" },
                "via": if crossing.code.is_some() { "violation" } else { "import" },
                "code": crossing.code.map(crate::words::Code::id),
                "allowed": crossing.allowed.is_some(),
                "reason": crossing.allowed,
                "path": crossing.file.path().as_str(),
                "line": at.line,
                "column": at.column,
            })
        });
        json!({
            "readers": self.readers,
            "owners": self.owners.iter().map(owner).collect::<Vec<_>>(),
            "cells": cells.collect::<Vec<_>>(),
            "edges": edges.collect::<Vec<_>>(),
        })
    }
}

/// `import`, `GS101`, `GS101 allowed: the reason`.
fn via(crossing: &Crossing) -> String {
    let import = if crossing.is_import { "import " } else { "" };
    match (&crossing.code, &crossing.allowed) {
        (None, _) => "import".to_owned(),
        (Some(code), None) => format!("{import}{code}"),
        (Some(code), Some(reason)) => format!("{import}{code} allowed: {reason}"),
    }
}
