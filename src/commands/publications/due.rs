//! `goldsmith publications due`

use std::io::Write;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use serde_json::json;

use super::desk::{Book, Desk};
use crate::cli::{DataFormat, DueArgs, Global};
use crate::commands::{CommandError, Exit};
use crate::nouns::BusinessDate;
use crate::report::ignore_broken_pipe;
use crate::schedule::{SlotKind, between, slots};

/// Whether a project's publication of the day stands.
struct Due {
    project: String,
    date: Date,
    state: State,
}

enum State {
    Stands(String),
    /// Until when there is time.
    Awaited(Option<Zoned>),
    Missing(Zoned),
    /// The schedule has none today.
    None,
}

pub(super) fn due(global: &Global, args: &DueArgs) -> Result<Exit, CommandError> {
    let desk = Desk::open(global, &args.projects, &[])?;
    let now = desk.session.now();
    let all: Vec<Due> = desk.books.iter().map(|book| judge(&desk, book, &now)).collect();
    let look = &desk.session.out;
    let mut out = look.stdout();
    let written = match args.format {
        DataFormat::Json => {
            let list: Vec<_> = all.iter().map(as_json).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&list).unwrap_or_default())
        }
        DataFormat::Text => all.iter().try_for_each(|due| writeln!(out, "{}", told(due))),
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    let is_missing = all.iter().any(|due| matches!(due.state, State::Missing(_)));
    Ok(if is_missing { Exit::Failed } else { Exit::Done })
}

fn judge(desk: &Desk, book: &Book, now: &Zoned) -> Due {
    let today = now.date();
    let project = desk.project(&book.project);
    let date = match project.map(|p| p.business_date) {
        Some(BusinessDate::PreviousDay) => today.saturating_sub(1.day()),
        _ => today,
    };
    let state = match book.publications.iter().find(|p| p.business_date == date) {
        Some(stands) => State::Stands(stands.id()),
        None if !is_scheduled(desk, book, now) => State::None,
        None => {
            let deadline = desk.settings(&book.project).deadline;
            let deadline =
                deadline.and_then(|time| today.to_datetime(time).to_zoned(now.time_zone().clone()).ok());
            match deadline {
                Some(deadline) if *now > deadline => State::Missing(deadline),
                other => State::Awaited(other),
            }
        }
    };
    Due { project: book.project.clone(), date, state }
}

/// Whether the project's clock publishes today; without a clock it may.
fn is_scheduled(desk: &Desk, book: &Book, now: &Zoned) -> bool {
    let Some(project) = desk.project(&book.project) else { return true };
    let publishing: Vec<_> = slots([project], |_| true)
        .into_iter()
        .filter(|slot| slot.kind == SlotKind::Financial || slot.kind == SlotKind::Daily && !slot.is_split)
        .collect();
    if publishing.is_empty() {
        return true;
    }
    let Ok(begins) = now.start_of_day() else { return true };
    let Ok(ends) = begins.checked_add(1.day()) else { return true };
    !between(&publishing, &begins.saturating_sub(1.second()), &ends.saturating_sub(1.second())).is_empty()
}

fn told(due: &Due) -> String {
    let (project, date) = (&due.project, due.date);
    let time = |at: &Zoned| at.strftime("%H:%M").to_string();
    match &due.state {
        State::Stands(id) => format!("{project}: {id} stands"),
        State::Awaited(Some(until)) => format!("{project}: awaited for {date} until {}", time(until)),
        State::Awaited(None) => format!("{project}: awaited for {date}, without a deadline"),
        State::Missing(since) => format!("{project}: missing for {date}, due since {}", time(since)),
        State::None => format!("{project}: none is scheduled for today"),
    }
}

fn as_json(due: &Due) -> serde_json::Value {
    let (state, deadline, id) = match &due.state {
        State::Stands(id) => ("stands", None, Some(id.clone())),
        State::Awaited(until) => ("awaited", until.as_ref().map(|u| u.timestamp().to_string()), None),
        State::Missing(since) => ("missing", Some(since.timestamp().to_string()), None),
        State::None => ("none", None, None),
    };
    json!({
        "project": due.project,
        "business_date": due.date.to_string(),
        "state": state,
        "deadline": deadline,
        "publication": id,
    })
}
