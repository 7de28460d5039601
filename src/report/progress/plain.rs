//! Progress as plain lines with the time of day, for logs and CI: one for each step that ended,
//! and now and then one for a step that takes long.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::tally::Tally;
use super::ticker::Ticker;
use super::{Reporter, line};
use crate::execute::Event;
use crate::report::{Look, duration};

/// After how long a step is first said to be still running; each further time takes twice as long.
const LONG: Duration = Duration::from_secs(30);
/// How often it is told how many rows of another target have come.
const ROWS: Duration = Duration::from_secs(10);

/// Writes plain lines.
pub struct PlainReporter {
    shared: Arc<Mutex<Shared>>,
    ticker: Mutex<Option<Ticker>>,
}

struct Shared {
    look: Look,
    out: Box<dyn Write + Send>,
    tally: Tally<Said>,
}

/// What was said of a running step.
#[derive(Debug, Default)]
struct Said {
    /// How often that it is still running.
    running: u32,
    /// When last how many rows have come, since the first of them.
    rows: Duration,
}

impl PlainReporter {
    /// Writes to `out`, usually standard error, without colours: logs keep escape codes as rubbish.
    #[must_use]
    pub fn new(look: &Look, out: Box<dyn Write + Send>) -> Self {
        let look = Look { color: false, ..look.clone() };
        let shared = Shared { look, out, tally: Tally::default() };
        Self { shared: Arc::new(Mutex::new(shared)), ticker: Mutex::new(None) }
    }
}

impl Reporter for PlainReporter {
    fn event(&self, event: &Event) {
        match event {
            Event::RunStarted { .. } => {
                let shared = Arc::clone(&self.shared);
                let tick = move || lock(&shared).still_running(Instant::now());
                *lock(&self.ticker) = Some(Ticker::start(Duration::from_secs(1), tick));
            }
            // Taken out first: its thread may be waiting for the other lock.
            Event::RunFinished(_) => drop(lock(&self.ticker).take()),
            _ => {}
        }
        lock(&self.shared).event(event);
    }
}

impl Shared {
    fn event(&mut self, event: &Event) {
        self.tally.take(event);
        match event {
            Event::RunStarted { what, target, steps, threads, .. } => {
                self.say(&line::started(what, target, *steps, *threads));
            }
            Event::Waiting { message, since } => {
                if self.tally.wait_is_news(message, *since) {
                    self.say(&line::waiting(message, *since, &self.look));
                }
            }
            Event::Warned { message } => self.say(&line::warned(message, &self.look)),
            Event::StepRetried { id, attempt, message } => {
                self.say(&line::retried(id, *attempt, message, &self.look));
            }
            Event::StepFinished(step) => {
                self.say(&line::finished(step, self.tally.done, self.tally.total, &self.look));
            }
            Event::RowsArrived { id, rows, since } => self.arrived(id, *rows, *since),
            Event::StepStarted { .. } | Event::RunFinished(_) => {}
        }
    }

    fn arrived(&mut self, id: &str, rows: u64, since: Duration) {
        let step = self.tally.running.values_mut().find(|step| step.id == id);
        let Some(step) = step.filter(|step| since >= step.extra.rows + ROWS) else { return };
        step.extra.rows = since;
        let node = line::shown(&step.node, &self.look);
        let told = format!("...    {} {node}: {}", step.label, line::arrived(rows, since));
        self.say(&told);
    }

    fn still_running(&mut self, now: Instant) {
        let mut lines = Vec::new();
        for step in self.tally.running.values_mut() {
            let time = now.saturating_duration_since(step.since);
            if time >= LONG * 2_u32.saturating_pow(step.extra.running) {
                step.extra.running += 1;
                let node = line::shown(&step.node, &self.look);
                lines.push(format!("...    {} {node} is still running after {}", step.label, duration(time)));
            }
        }
        for line in lines {
            self.say(&line);
        }
    }

    /// Nobody may be listening any more; the run goes on all the same.
    fn say(&mut self, line: &str) {
        let text = format!("{}  {line}\n", jiff::Zoned::now().strftime("%H:%M:%S"));
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{PlainReporter, lock};
    use crate::execute::Event;
    use crate::report::progress::Reporter;
    use crate::report::{Look, testing::Pipe};

    #[test]
    fn long_steps_are_mentioned_now_and_then() {
        let pipe = Pipe::default();
        let reporter = PlainReporter::new(&Look::plain(), Box::new(pipe.clone()));
        let text = |s: &str| s.to_owned();
        reporter.event(&Event::StepStarted { id: text("s"), node: text("sfdc.big"), label: text("load") });
        let begun = Instant::now();
        for seconds in 0..=200 {
            lock(&reporter.shared).still_running(begun + Duration::from_secs(seconds));
        }
        let said = pipe.text();
        assert_eq!(said.lines().count(), 3, "{said}");
        assert!(said.contains("load sfdc.big is still running after 30"), "{said}");
        assert!(said.contains("after 2m 0"), "{said}");
    }
}
