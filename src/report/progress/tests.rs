use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};

use super::{JsonReporter, PlainReporter, Reporter, TerminalReporter};
use crate::execute::{Event, RunResults};
use crate::report::testing::{BrokenPipe, Pipe, eventful};
use crate::report::{Look, Masker};

fn events(results: RunResults) -> Vec<Event> {
    let text = |s: &str| s.to_owned();
    let mut events = vec![
        Event::RunStarted {
            run_id: text("r"),
            what: text("daily"),
            target: text("dev"),
            steps: results.steps.len(),
            threads: 4,
        },
        Event::Waiting { message: text("run r2 of ada holds the lock"), since: Duration::ZERO },
        Event::Waiting { message: text("run r2 of ada holds the lock"), since: Duration::from_secs(5) },
        Event::Waiting { message: text("run r2 of ada holds the lock"), since: Duration::from_secs(31) },
    ];
    for step in &results.steps {
        let (id, node, label) = (step.id.clone(), step.node.clone(), step.label.clone());
        events.push(Event::StepStarted { id: id.clone(), node, label });
        if step.node == "product.usage" {
            events.push(Event::StepRetried { id, attempt: 2, message: text("deadlock\nsecret-7") });
        }
        events.push(Event::StepFinished(Box::new(step.clone())));
    }
    events.push(Event::RunFinished(Box::new(results)));
    events
}

fn look() -> Look {
    Look { masker: Masker::new(["secret-7"]), ..Look::plain() }
}

fn feed(reporter: &dyn Reporter) {
    for event in events(eventful()) {
        reporter.event(&event);
    }
}

#[test]
fn plain_lines() {
    let pipe = Pipe::default();
    feed(&PlainReporter::new(&look(), Box::new(pipe.clone())));
    let said = pipe.text();
    assert!(!said.contains('\x1b'));
    insta::with_settings!({filters => vec![(r"(?m)^\d\d:\d\d:\d\d", "[time]")]}, {
        insta::assert_snapshot!(said);
    });
}

#[test]
fn json_lines() {
    let pipe = Pipe::default();
    feed(&JsonReporter::new(&look(), Box::new(pipe.clone())));
    let said = pipe.text();
    for line in said.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(value["event"].is_string() && value["time"].is_string());
    }
    insta::with_settings!({filters => vec![(r#""time":"[^"]+""#, r#""time":"[time]""#)]}, {
        insta::assert_snapshot!(said);
    });
}

#[test]
fn nobody_listening_is_no_reason_to_panic() {
    feed(&PlainReporter::new(&look(), Box::new(BrokenPipe)));
    feed(&JsonReporter::new(&look(), Box::new(BrokenPipe)));
}

/// A terminal that keeps the lines written to it.
#[derive(Debug, Clone, Default)]
struct Screen {
    lines: Arc<Mutex<String>>,
    broken: bool,
}

impl Screen {
    fn put(&self, text: &str) -> io::Result<()> {
        self.lines.lock().unwrap().push_str(text);
        if self.broken { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        100
    }
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        self.put("")
    }
    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        self.put("")
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        self.put("")
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        self.put("")
    }
    fn write_line(&self, text: &str) -> io::Result<()> {
        self.put(&format!("{text}\n"))
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.put(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.put("\n")
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_terminal_lists_what_ended_but_not_passing_tests() {
    let screen = Screen::default();
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    feed(&TerminalReporter::on(&look(), target));
    let lines = screen.lines.lock().unwrap();
    let mut kept: Vec<&str> = lines.lines().map(|l| l.split(" [").next().unwrap().trim_end()).collect();
    kept.retain(|l| !l.is_empty() && !l.starts_with('['));
    kept.dedup();
    insta::assert_snapshot!(kept.join("\n"));
    assert!(lines.contains("==>") && !lines.contains("unique_account_id"));
}

#[test]
fn a_terminal_shows_what_runs() {
    let screen = Screen::default();
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let reporter = TerminalReporter::on(&look(), target);
    for event in &events(eventful())[..5] {
        reporter.event(event);
    }
    std::thread::sleep(Duration::from_millis(600));
    drop(reporter);
    let lines = screen.lines.lock().unwrap();
    assert!(lines.contains("load         sfdc.account  0."), "{lines}");
}

#[test]
fn a_terminal_that_is_gone_stops_nothing() {
    let screen = Screen { broken: true, ..Screen::default() };
    feed(&TerminalReporter::on(&look(), ProgressDrawTarget::term_like(Box::new(screen))));
}
