//! Live progress on a terminal: one bar for the run and a line for each step that takes a moment;
//! what has ended scrolls by above. Passing tests are counted, not listed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tally::Tally;
use super::ticker::Ticker;
use super::{Reporter, line};
use crate::execute::{Event, Status, StepResult};
use crate::report::{Look, count, duration};

/// A step gets a line of its own after so long; short ones would only flicker.
const MOMENT: Duration = Duration::from_millis(200);
/// How often the display moves.
const TICK: Duration = Duration::from_millis(125);
/// How many running steps are shown at once.
const LINES: usize = 16;

/// Draws on the terminal behind standard error.
pub struct TerminalReporter {
    shared: Arc<Mutex<Shared>>,
    ticker: Mutex<Option<Ticker>>,
}

struct Shared {
    look: Look,
    screen: MultiProgress,
    bar: Option<ProgressBar>,
    begun: Instant,
    tally: Tally<Option<ProgressBar>>,
    waiting: Option<String>,
}

impl TerminalReporter {
    /// Draws on standard error.
    #[must_use]
    pub fn new(look: &Look) -> Self {
        Self::on(look, ProgressDrawTarget::stderr_with_hz(10))
    }

    /// Draws on `target`.
    #[must_use]
    pub fn on(look: &Look, target: ProgressDrawTarget) -> Self {
        let shared = Shared {
            look: look.clone(),
            screen: MultiProgress::with_draw_target(target),
            bar: None,
            begun: Instant::now(),
            tally: Tally::default(),
            waiting: None,
        };
        Self { shared: Arc::new(Mutex::new(shared)), ticker: Mutex::new(None) }
    }

    fn stop(&self) {
        // Taken out first: its thread may be waiting for the other lock.
        drop(lock(&self.ticker).take());
        lock(&self.shared).clear();
    }
}

impl Reporter for TerminalReporter {
    fn event(&self, event: &Event) {
        if let Event::RunFinished(_) = event {
            return self.stop();
        }
        lock(&self.shared).event(event);
        if let Event::RunStarted { .. } = event {
            let shared = Arc::clone(&self.shared);
            *lock(&self.ticker) = Some(Ticker::start(TICK, move || lock(&shared).tick(Instant::now())));
        }
    }
}

impl Drop for TerminalReporter {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn event(&mut self, event: &Event) {
        let ended = self.tally.take(event);
        if let Some(bar) = ended.and_then(|step| step.extra) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        match event {
            Event::RunStarted { what, target, steps, threads, .. } => {
                self.begun = Instant::now();
                self.say(&line::started(what, target, *steps, *threads));
                let bar = self.screen.add(ProgressBar::new(*steps as u64).with_style(self.bar_style()));
                bar.tick();
                self.bar = Some(bar);
            }
            Event::Waiting { message, since } => {
                self.waiting = Some(line::waiting(message, *since, &self.look));
                if self.tally.wait_is_news(message, *since) {
                    self.say(&line::waiting(message, *since, &self.look));
                }
            }
            Event::StepStarted { .. } => self.waiting = None,
            Event::Warned { message } => self.say(&line::warned(message, &self.look)),
            Event::StepRetried { id, attempt, message } => {
                self.say(&line::retried(id, *attempt, message, &self.look));
            }
            Event::StepFinished(step) => self.finished(step),
            Event::RowsArrived { .. } | Event::RunFinished(_) => {}
        }
    }

    fn finished(&mut self, step: &StepResult) {
        if step.status != Status::Pass {
            self.say(&line::finished(step, self.tally.done, self.tally.total, &self.look));
        }
        if let Some(bar) = &self.bar {
            bar.set_length(self.tally.total as u64);
            bar.set_position(self.tally.done as u64);
        }
    }

    fn tick(&mut self, now: Instant) {
        let mut shown = self.tally.running.values().filter(|s| s.extra.is_some()).count();
        for step in self.tally.running.values_mut() {
            let time = now.saturating_duration_since(step.since);
            if step.extra.is_none() && time >= MOMENT && shown < LINES {
                shown += 1;
                let bar = ProgressBar::new_spinner().with_style(spinner_style());
                step.extra = Some(self.screen.add(bar));
            }
            if let Some(bar) = &step.extra {
                let node = line::shown(&step.node, &self.look);
                let rows = step.rows.map(|(rows, since)| format!(", {}", line::arrived(rows, since)));
                let rows = rows.unwrap_or_default();
                bar.set_message(format!("{:<11}  {node}  {}{rows}", step.label, duration(time)));
                bar.tick();
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.standing(now));
            bar.tick();
        }
    }

    /// `0:12, about 1m 05s left, 63 tests passed, 1 failed`
    fn standing(&self, now: Instant) -> String {
        let time = now.saturating_duration_since(self.begun);
        let tally = &self.tally;
        let mut parts = vec![duration(time)];
        let (done, left) = (tally.done, tally.total.saturating_sub(tally.done));
        if done >= 3 && left > 0 && time.as_secs() >= 2 {
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            let estimate = time.mul_f64(left as f64 / done as f64);
            parts.push(format!("about {} left", duration(estimate)));
        }
        if tally.passed > 0 {
            parts.push(format!("{} passed", count(tally.passed, "test")));
        }
        if tally.warned > 0 {
            parts.push(count(tally.warned, "warning"));
        }
        if tally.failed > 0 {
            parts.push(format!("{} failed", tally.failed));
        }
        parts.extend(self.waiting.clone());
        parts.join(", ")
    }

    fn bar_style(&self) -> ProgressStyle {
        let bar = if self.look.color { "{bar:24.cyan/dim}" } else { "{bar:24}" };
        style(&format!("[{bar}] {{pos}}/{{len}}  {{wide_msg}}")).progress_chars("=> ")
    }

    /// A terminal that is gone is no reason to stop the run.
    fn say(&self, line: &str) {
        let _ = self.screen.println(line);
    }

    fn clear(&mut self) {
        self.tally.running.clear();
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let _ = self.screen.clear();
    }
}

fn spinner_style() -> ProgressStyle {
    // Plain characters, which every console has.
    style("  {spinner} {wide_msg}").tick_chars(r"-\|/-")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
