//! `goldsmith publications diff`

use std::io::Write;

use serde_json::{Value, json};

use super::desk::{Book, Desk};
use crate::cli::{DataFormat, DiffPublicationsArgs, Global};
use crate::commands::{CommandError, Exit};
use crate::ddl::ledger as sql;
use crate::ledger::{self, Item, ItemKind, Publication, RelationRecord, Role, Sides};
use crate::report::ignore_broken_pipe;
use crate::report::publications::{Compared, Comparison, comparison_json, write_comparison};
use crate::warehouse::Connection;
use crate::words::RelationName;

pub(super) fn diff(global: &Global, args: &DiffPublicationsArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[&args.before, &args.after])?;
    let mut comparisons = Vec::new();
    for book in &desk.books {
        // Of several projects those that have been published once have nothing to compare.
        if desk.books.len() > 1 && book.publications.len() < 2 {
            continue;
        }
        let (before, after) = (book.find(&args.before)?, book.find(&args.after)?);
        comparisons.push(compare(&desk, book, before, after, args)?);
    }
    let look = &desk.session.out;
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let all: Vec<Value> = comparisons.iter().map(comparison_json).collect();
            let told = if let [one] = all.as_slice() { one.clone() } else { json!(all) };
            let text = serde_json::to_string_pretty(&told).unwrap_or_default();
            writeln!(out, "{}", look.masker.mask(&text))
        }
        DataFormat::Text => comparisons.iter().try_for_each(|c| write_comparison(c, look, &mut out)),
    };
    if comparisons.is_empty() {
        writeln!(
            desk.session.err.stderr(),
            "There is nothing to compare yet: no project has been published twice."
        )?;
    }
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

fn compare(
    desk: &Desk,
    book: &Book,
    before: &Publication,
    after: &Publication,
    args: &DiffPublicationsArgs,
) -> Result<Comparison, CommandError> {
    let mut connection = desk.connect(book)?;
    let connection = connection.as_mut();
    let (old, new) = (
        ledger::relations(connection, &book.database, before.number)?,
        ledger::relations(connection, &book.database, after.number)?,
    );
    let held: Vec<String> = connection
        .query(&sql::archived(connection.dialect(), &book.database))?
        .rows
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect();
    let mut names: Vec<&RelationName> =
        new.iter().chain(&old).filter(|r| r.role == Role::Output).map(|r| &r.relation).collect();
    names.sort();
    names.dedup();
    let wanted = |relation: &RelationName| {
        args.relation.as_ref().is_none_or(|wanted| {
            let wanted = wanted.to_lowercase();
            relation.name == wanted || plain(relation) == wanted
        })
    };
    if let Some(unknown) = args.relation.as_ref().filter(|_| !names.iter().any(|r| wanted(r))) {
        let known: Vec<String> = names.iter().map(|r| plain(r)).collect();
        return Err(CommandError::Usage {
            message: format!("neither publication made `{unknown}`"),
            help: Some(format!("they made {}", known.join(", "))),
        });
    }
    let keys = desk.outputs(&book.project);
    let mut compared = Vec::new();
    for relation in names.into_iter().filter(|r| wanted(r)) {
        let of = |all: &[RelationRecord]| {
            all.iter().find(|r| r.role == Role::Output && r.relation == *relation).cloned()
        };
        let (old, new) = (of(&old), of(&new));
        let key = keys.iter().find(|o| o.relation == *relation).map(|o| o.key.clone()).unwrap_or_default();
        let pair = Pair { database: &book.database, held: &held, key: &key, old, new };
        compared.push((plain(relation), pair.compare(connection, args.rows)?));
    }
    let (items_before, items_after) = (
        ledger::items(connection, &book.database, before.number)?,
        ledger::items(connection, &book.database, after.number)?,
    );
    let mut changes = scripts(&items_before, &items_after);
    changes.extend(inputs(&old, &new));
    changes.extend(surroundings(before, after));
    Ok(Comparison { before: before.id(), after: after.id(), relations: compared, changes })
}

/// One relation in two publications.
struct Pair<'a> {
    database: &'a str,
    held: &'a [String],
    key: &'a [String],
    old: Option<RelationRecord>,
    new: Option<RelationRecord>,
}

impl Pair<'_> {
    fn compare(&self, connection: &mut dyn Connection, rows: usize) -> Result<Compared, CommandError> {
        let table = |record: &Option<RelationRecord>| {
            let table = record.as_ref()?.archive.as_ref()?;
            self.held.contains(table).then(|| sql::archive_table(self.database, table))
        };
        let is_kept = |record: &Option<RelationRecord>| record.is_none() || table(record).is_some();
        if !is_kept(&self.old) || !is_kept(&self.new) {
            let (old, new) = (self.old.as_ref(), self.new.as_ref());
            return Ok(Compared::Figures {
                rows_before: old.map_or(0, |r| r.rows),
                rows_after: new.map_or(0, |r| r.rows),
                is_same: old.map(|r| &r.checksum) == new.map(|r| &r.checksum),
            });
        }
        let (before, after) = (table(&self.old), table(&self.new));
        let ignored =
            self.new.as_ref().or(self.old.as_ref()).map(RelationRecord::ignored).unwrap_or_default();
        let sides =
            Sides { before: before.as_ref(), after: after.as_ref(), key: self.key, ignored: &ignored };
        let difference = ledger::difference(connection, sides)?;
        let rows = if rows > 0 && !difference.is_none() {
            Some(ledger::sample(connection, sides, rows)?)
        } else {
            None
        };
        Ok(Compared::Rows { difference, rows })
    }
}

/// Scripts that came, went or changed.
fn scripts(before: &[Item], after: &[Item]) -> Vec<String> {
    let of = |items: &[Item]| -> Vec<(String, Option<String>)> {
        let scripts = items.iter().filter(|i| i.kind == ItemKind::Script);
        scripts.map(|i| (i.path.clone().unwrap_or_else(|| i.name.clone()), i.sha256.clone())).collect()
    };
    let (old, new) = (of(before), of(after));
    let mut told = Vec::new();
    for (path, hash) in &new {
        match old.iter().find(|(other, _)| other == path) {
            None => told.push(format!("script {path} is new")),
            Some((_, other)) if other != hash => told.push(format!("script {path} has changed")),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(path, _)| !new.iter().any(|(other, _)| other == path));
    told.extend(gone.map(|(path, _)| format!("script {path} is gone")));
    told
}

/// Inputs that came, went or changed.
fn inputs(before: &[RelationRecord], after: &[RelationRecord]) -> Vec<String> {
    let of = |all: &[RelationRecord]| -> Vec<RelationRecord> {
        all.iter().filter(|r| r.role == Role::Input).cloned().collect()
    };
    let (old, new) = (of(before), of(after));
    let mut told = Vec::new();
    for input in &new {
        match old.iter().find(|o| o.relation == input.relation) {
            None => told.push(format!("input {} is new", input.name())),
            Some(was) if was.checksum != input.checksum => {
                let moved: Vec<String> = moved(was, input);
                let moved = if moved.is_empty() { String::new() } else { format!("; {}", moved.join(", ")) };
                told.push(format!("input {}: {} -> {} rows{moved}", input.name(), was.rows, input.rows));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|o| !new.iter().any(|n| n.relation == o.relation));
    told.extend(gone.map(|o| format!("input {} is read no more", o.name())));
    told
}

/// The totals of an input that are not what they were.
fn moved(was: &RelationRecord, is: &RelationRecord) -> Vec<String> {
    is.totals
        .iter()
        .filter_map(|(column, total)| {
            let before = &was.totals.iter().find(|(other, _)| other == column)?.1;
            let text = |total: &Option<String>| total.clone().unwrap_or_else(|| "nothing".into());
            (before != total).then(|| format!("{column} {} -> {}", text(before), text(total)))
        })
        .collect()
}

/// What else is not as it was: versions, settings, the commit.
fn surroundings(before: &Publication, after: &Publication) -> Vec<String> {
    let mut told = Vec::new();
    let mut compare = |what: &str, old: Option<&str>, new: Option<&str>| {
        if old != new {
            told.push(format!("{what}: {} -> {}", old.unwrap_or("none"), new.unwrap_or("none")));
        }
    };
    compare("git commit", before.git_commit.as_deref(), after.git_commit.as_deref());
    compare("goldsmith", Some(&before.goldsmith_version), Some(&after.goldsmith_version));
    for (name, value) in &after.session {
        let old = before.session.iter().find(|(other, _)| other == name).and_then(|(_, v)| v.as_deref());
        compare(name, old, value.as_deref());
    }
    told
}

fn plain(relation: &RelationName) -> String {
    format!("{}.{}", relation.schema.as_deref().unwrap_or_default(), relation.name)
}
