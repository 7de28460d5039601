//! `goldsmith publications close`

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use jiff::ToSpan;

use super::desk::Desk;
use crate::cli::{ClosePeriodArgs, Global};
use crate::commands::warehouse::{Purpose, open};
use crate::commands::{CommandError, Exit};
use crate::execute;
use crate::graph::Index;
use crate::ledger;
use crate::plan;
use crate::report::{joined, thousands};

/// How many relations are named in one line.
const NAMED: usize = 8;

pub(super) fn close(global: &Global, args: &ClosePeriodArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[])?;
    let [book] = desk.books.as_slice() else {
        return Err(CommandError::Usage {
            message: "a period is closed for one project at a time".into(),
            help: Some("name it: --select PROJECT".into()),
        });
    };
    let publication = book.find("latest")?.clone();
    let end = month_end(&args.period)?;
    if publication.business_date < end {
        return Err(CommandError::Refused(format!(
            "{} is not over in what stands: {publication} is of {}, the month ends on {end}",
            args.period, publication.business_date
        )));
    }
    let (project, database) = (book.project.clone(), book.database.clone());
    let Desk { session, .. } = desk;
    let graph = &session.graph;
    let nodes: HashSet<Index> = plan::financial_scripts(graph, &project).into_iter().collect();
    let wait = Duration::try_from(args.projects.wait).unwrap_or_default();
    let opened = open(&session, &nodes, Purpose::Write, wait)?;
    let mut connection = opened.warehouse.connect(&database)?;
    let earlier = ledger::closed(connection.as_mut(), &database, &project)?;
    if let Some(closed) = earlier.iter().find(|p| p.period == args.period) {
        return Err(CommandError::Refused(format!(
            "{} of {project} is closed already, since {} by {}",
            args.period, closed.closed_at, closed.closed_by
        )));
    }
    let outputs = plan::outputs(graph, &project);
    let (closed, unheld) =
        execute::close((&database, &publication), &args.period, &outputs, connection.as_mut())
            .map_err(|error| CommandError::Refused(format!("{} was not closed: {error}", args.period)))?;
    let mut err = session.err.stderr();
    writeln!(err, "Closed {} of {project}, as {publication} published it.", closed.period)?;
    for held in &closed.relations {
        let schema = held.relation.schema.as_deref().unwrap_or_default();
        writeln!(
            err,
            "  {schema}.{}: {} rows of the month, by {}",
            held.relation.name,
            thousands(held.rows),
            held.column
        )?;
    }
    if !unheld.is_empty() {
        let names: Vec<&str> = unheld.iter().map(String::as_str).collect();
        writeln!(
            err,
            "Not held, since no `config: {{ period: COLUMN }}` tells their months: {}",
            joined(&names, NAMED)
        )?;
    }
    Ok(Exit::Done)
}

/// The last day of a month.
fn month_end(period: &str) -> Result<jiff::civil::Date, CommandError> {
    let first: jiff::civil::Date = format!("{period}-01")
        .parse()
        .map_err(|e| CommandError::usage(format!("`{period}` is no month: {e}")))?;
    Ok(first.saturating_add(1.month()).saturating_sub(1.day()))
}
