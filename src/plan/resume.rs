//! Which run there is to continue, and what of it is left to do. Pure: what the warehouse keeps
//! about runs comes in as values.

use std::collections::{BTreeMap, BTreeSet};

use super::Asked;
use crate::nouns::Pipeline;

/// What the warehouse keeps about a run, from all databases in which it had steps.
#[derive(Debug, Clone)]
pub struct Record {
    /// Names the run.
    pub run_id: String,
    /// Its pipeline.
    pub pipeline: Pipeline,
    /// Its business date, `YYYY-MM-DD`.
    pub date: String,
    /// When it began.
    pub started_at: jiff::Timestamp,
    /// What it was asked for.
    pub asked: Asked,
    /// The ids of the nodes that it planned.
    pub planned: BTreeSet<String>,
    /// The ids of those that succeeded, as far as that was recorded.
    pub done: BTreeSet<String>,
    /// How it ended; a run that was killed never did.
    pub ended: Option<String>,
}

/// What may be continued.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The business date of a run that begins now, or the one that was asked for.
    pub date: String,
    /// Whether it was asked for.
    pub is_date_given: bool,
    /// Only runs of this pipeline.
    pub pipeline: Option<Pipeline>,
    /// Only runs with these `--select`, if there are any.
    pub select: Vec<String>,
    /// Only runs with these `--exclude`, if there are any.
    pub exclude: Vec<String>,
}

/// What there is to continue.
#[derive(Debug)]
pub enum Choice<'a> {
    /// This run.
    Run(Box<Unfinished>),
    /// This run, if its business date were the wanted one.
    OtherDate(&'a Record),
    /// Nothing; the last run, if there was one.
    Nothing(Option<&'a Record>),
}

/// A run that is to be continued.
#[derive(Debug)]
pub struct Unfinished {
    /// The run.
    pub record: Record,
    /// The planned nodes that are done, with what each was made of when it was.
    pub done: BTreeMap<String, Option<String>>,
    /// The names of older runs that left something else.
    pub others: Vec<String>,
}

impl Record {
    fn succeeded(&self) -> bool {
        self.ended.as_deref() == Some("success")
    }

    /// Whether what this run has done need not be done for an earlier one any more.
    fn makes_up_for(&self, earlier: &Self) -> bool {
        self.started_at >= earlier.started_at
            && self.date == earlier.date
            && breadth(self.pipeline) >= breadth(earlier.pipeline)
            && (self.asked.full_refresh || !earlier.asked.full_refresh)
    }

    /// Whether the warehouse has moved on from an earlier run: a later day has been brought in.
    fn outdates(&self, earlier: &Self) -> bool {
        self.succeeded()
            && self.date > earlier.date
            && breadth(self.pipeline) >= breadth(earlier.pipeline)
            && self.asked.projects.iter().any(|p| earlier.asked.projects.contains(p))
    }

    fn is_wanted(&self, wanted: &Wanted) -> bool {
        wanted.pipeline.is_none_or(|p| p == self.pipeline)
            && (wanted.select.is_empty() || wanted.select == self.asked.select)
            && (wanted.exclude.is_empty() || wanted.exclude == self.asked.exclude)
            && (!wanted.is_date_given || wanted.date == self.date)
    }
}

/// How much a pipeline does: a broader one does what a narrower one does, and more.
fn breadth(pipeline: Pipeline) -> u8 {
    match pipeline {
        Pipeline::Hourly => 0,
        Pipeline::Daily => 1,
        Pipeline::Init => 2,
    }
}

/// Chooses the last run that did not finish and that no later one has made up for.
#[must_use]
pub fn choose<'a>(records: &'a [Record], wanted: &Wanted) -> Choice<'a> {
    let mut newest: Vec<&Record> = records.iter().filter(|r| r.is_wanted(wanted)).collect();
    newest.sort_by(|a, b| (b.started_at, &b.run_id).cmp(&(a.started_at, &a.run_id)));
    let failed = newest.iter().copied().filter(|r| !r.succeeded());
    let mut open = failed.filter(|record| !records.iter().any(|r| r.outdates(record))).filter_map(|record| {
        let done = done(record, records);
        let finished = record.planned.iter().all(|id| done.contains_key(id));
        (!finished).then_some((record, done))
    });
    match open.next() {
        None => Choice::Nothing(newest.first().copied()),
        Some((record, _)) if record.date != wanted.date => Choice::OtherDate(record),
        Some((last, _)) => {
            // A run that continued another planned what was left, and knows no more of the rest.
            let record = first(last, records);
            let done = done(record, records);
            let left: BTreeSet<&String> =
                record.planned.iter().filter(|id| !done.contains_key(*id)).collect();
            let mut others: Vec<String> = open
                .filter(|(r, done)| {
                    r.date == record.date
                        && r.planned.iter().any(|id| !done.contains_key(id) && !left.contains(id))
                })
                .map(|(r, _)| first(r, records).run_id.clone())
                .filter(|id| *id != record.run_id)
                .collect();
            others.dedup();
            Choice::Run(Box::new(Unfinished { record: record.clone(), done, others }))
        }
    }
}

/// The run that a run continues, and that one in turn.
fn first<'a>(mut record: &'a Record, records: &'a [Record]) -> &'a Record {
    for _ in records {
        let before = records.iter().find(|r| record.asked.continues.as_ref() == Some(&r.run_id));
        match before.filter(|r| r.started_at < record.started_at) {
            Some(before) => record = before,
            None => break,
        }
    }
    record
}

/// The planned nodes that are done. Of this run and those that make up for it the last one that
/// planned a node decides: it may have failed where an earlier one had not.
fn done(record: &Record, records: &[Record]) -> BTreeMap<String, Option<String>> {
    let mut runs: Vec<&Record> = records.iter().filter(|r| r.makes_up_for(record)).collect();
    runs.sort_by(|a, b| (b.started_at, &b.run_id).cmp(&(a.started_at, &a.run_id)));
    let mut decided: BTreeMap<&String, Option<&Record>> = BTreeMap::new();
    for run in runs {
        for id in run.planned.iter().filter(|id| record.planned.contains(*id)) {
            decided.entry(id).or_insert_with(|| run.done.contains(id).then_some(run));
        }
    }
    let done = decided.into_iter().filter_map(|(id, run)| Some((id, run?)));
    done.map(|(id, run)| (id.clone(), run.asked.checksums.get(id).cloned())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, Choice, Pipeline, Record, Wanted, choose};

    fn record(at: i64, pipeline: Pipeline, planned: &str, done: &str, ended: Option<&str>) -> Record {
        let ids = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Record {
            run_id: format!("run{at}"),
            pipeline,
            date: "2026-01-01".into(),
            started_at: jiff::Timestamp::from_second(at).unwrap(),
            asked: Asked { projects: vec!["p".into()], ..Asked::default() },
            planned: ids(planned),
            done: ids(done),
            ended: ended.map(str::to_owned),
        }
    }

    fn today() -> Wanted {
        Wanted {
            date: "2026-01-01".into(),
            is_date_given: false,
            pipeline: None,
            select: Vec::new(),
            exclude: Vec::new(),
        }
    }

    /// The chosen run and what is left of it.
    fn chosen(records: &[Record], wanted: &Wanted) -> String {
        match choose(records, wanted) {
            Choice::Run(run) => {
                let left = run.record.planned.iter().filter(|id| !run.done.contains_key(*id));
                let left: Vec<&str> = left.map(String::as_str).collect();
                format!("{} {} {}", run.record.run_id, left.join(","), run.others.join(",")).trim().to_owned()
            }
            Choice::OtherDate(record) => format!("other date {}", record.date),
            Choice::Nothing(last) => format!("nothing {}", last.map_or("", |r| &r.run_id)),
        }
    }

    use Pipeline::{Daily, Hourly};

    #[test]
    fn the_last_run_that_left_something_is_continued() {
        assert_eq!(chosen(&[], &today()), "nothing ");
        let good = record(1, Daily, "a b", "a b", Some("success"));
        let bad = record(2, Daily, "a b c", "a", Some("error"));
        let killed = record(3, Daily, "a b", "a", None);
        assert_eq!(chosen(std::slice::from_ref(&good), &today()), "nothing run1");
        assert_eq!(chosen(&[good.clone(), bad.clone()], &today()), "run2 b,c");
        assert_eq!(chosen(&[good, bad, killed], &today()), "run3 b run2");
    }

    #[test]
    fn what_later_runs_did_is_done() {
        let bad = record(1, Daily, "a b c", "a", Some("error"));
        let narrow = record(2, Daily, "b", "b", Some("success"));
        assert_eq!(chosen(&[bad.clone(), narrow.clone()], &today()), "run1 c");
        let resumed = record(3, Daily, "c", "", Some("interrupted"));
        assert_eq!(chosen(&[bad.clone(), narrow.clone(), resumed.clone()], &today()), "run3 c");
        let asked = Asked { continues: Some("run1".into()), ..resumed.asked.clone() };
        let resumed = Record { asked, ..resumed };
        assert_eq!(chosen(&[bad.clone(), narrow.clone(), resumed.clone()], &today()), "run1 c");
        let broke = record(4, Daily, "a", "", Some("error"));
        assert_eq!(chosen(&[bad.clone(), narrow.clone(), broke, resumed], &today()), "run4 a run1");
        let resumed = record(3, Daily, "c", "c", Some("success"));
        assert_eq!(chosen(&[bad.clone(), narrow, resumed], &today()), "nothing run3");
        let hourly = record(4, Hourly, "a b c", "a b c", Some("success"));
        assert_eq!(chosen(&[bad.clone(), hourly], &today()), "run1 b,c", "an hourly run does less");
        let full = Record { asked: Asked { full_refresh: true, ..bad.asked.clone() }, ..bad };
        let plain = record(5, Daily, "a b c", "a b c", Some("success"));
        assert_eq!(chosen(&[full, plain], &today()), "run1 b,c", "a plain run refreshes less");
    }

    #[test]
    fn a_run_of_another_day_waits_to_be_asked_for() {
        let bad = record(1, Daily, "a b", "a", Some("error"));
        let tomorrow = Wanted { date: "2026-01-02".into(), ..today() };
        assert_eq!(chosen(std::slice::from_ref(&bad), &tomorrow), "other date 2026-01-01");
        let given = Wanted { is_date_given: true, ..today() };
        assert_eq!(chosen(std::slice::from_ref(&bad), &given), "run1 b");
        let given = Wanted { is_date_given: true, ..tomorrow.clone() };
        assert_eq!(chosen(std::slice::from_ref(&bad), &given), "nothing ");
        let next = Record { date: "2026-01-02".into(), ..record(2, Daily, "a", "a", Some("success")) };
        assert_eq!(chosen(&[bad.clone(), next.clone()], &tomorrow), "nothing run2");
        let given = Wanted { is_date_given: true, ..today() };
        assert_eq!(chosen(&[bad.clone(), next.clone()], &given), "nothing run1", "a later day is in already");
        let apart = Record { asked: Asked { projects: vec!["q".into()], ..Asked::default() }, ..next };
        assert_eq!(chosen(&[bad, apart], &tomorrow), "other date 2026-01-01", "of another project");
    }

    #[test]
    fn a_container_continues_its_own_runs() {
        let asked = |select: &str| Asked {
            select: vec![select.into()],
            projects: vec![select.into()],
            ..Asked::default()
        };
        let p = Record { asked: asked("p"), ..record(1, Daily, "a b", "a", None) };
        let q = Record { asked: asked("q"), ..record(2, Hourly, "c d", "c", None) };
        let all = [p, q];
        assert_eq!(chosen(&all, &today()), "run2 d run1");
        assert_eq!(chosen(&all, &Wanted { select: vec!["p".into()], ..today() }), "run1 b");
        assert_eq!(chosen(&all, &Wanted { pipeline: Some(Daily), ..today() }), "run1 b");
        assert_eq!(chosen(&all, &Wanted { exclude: vec!["z".into()], ..today() }), "nothing ");
    }
}
