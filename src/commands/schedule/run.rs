//! `goldsmith schedule run`: starts what is due, each run a process of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::book::Book;
use super::heartbeat::Heartbeat;
use super::{now, open, slots_of};
use crate::cli::{Global, ScheduleRunArgs};
use crate::commands::session::Session;
use crate::commands::{CommandError, Exit, interrupts};
use crate::execute::Process;
use crate::report::count;
use crate::report::progress::LogFormat;
use crate::schedule::{Past, Run, Slot, decide};

/// How often one looks at the clock.
const TICK: Duration = Duration::from_millis(250);

pub(super) fn run(global: &Global, args: &ScheduleRunArgs) -> Result<Exit, CommandError> {
    let session = open(global)?;
    let slots = slots_of(&session, &args.select)?;
    if slots.is_empty() {
        return Err(CommandError::Usage {
            message: "no project has a schedule".into(),
            help: Some("add `schedule: { daily: \"0 5 * * *\" }` to a project.yml".into()),
        });
    }
    let target = session.graph.analysis().target.name.clone();
    let book = Book::of(session.root(), &target);
    let start = now(&session);
    let within = if args.once { args.within } else { SignedDuration::ZERO };
    let since = start.checked_sub(within).unwrap_or_else(|_| start.clone());
    let mut clock =
        Clock { session: &session, global, args, book, running: BTreeMap::new(), worst: Exit::Done };
    // What came up while nobody watched the clock is not made good, except once, from outside.
    if !args.once {
        clock.book.change(|past| ((), forget_before(past, &slots, &since)))?;
    }
    let mut heartbeat = Heartbeat::of(session.root(), &target);
    let interrupt = interrupts::listen();
    clock.tell(&format!("watching {} on {target}", count(slots.len(), "slot")));
    loop {
        clock.collect();
        if interrupt.stopped() {
            break;
        }
        if !args.once
            && let Err(error) = heartbeat.beat()
        {
            clock.tell(&format!("no sign of life for `schedule health`, the clock goes on: {error}"));
        }
        let began = clock.start_due(&slots, &since, &now(&session))?;
        if args.once && clock.running.is_empty() && !began {
            return Ok(clock.worst);
        }
        std::thread::sleep(TICK);
    }
    heartbeat.end();
    Ok(clock.stop())
}

/// Starts runs and waits for their ends.
struct Clock<'a> {
    session: &'a Session,
    global: &'a Global,
    args: &'a ScheduleRunArgs,
    book: Book,
    running: BTreeMap<String, Going>,
    worst: Exit,
}

/// A run that goes on.
struct Going {
    name: String,
    process: Process,
    since: Timestamp,
}

impl Clock<'_> {
    /// Starts what is due; tells whether there was anything.
    fn start_due(&mut self, slots: &[Slot<'_>], since: &Zoned, now: &Zoned) -> Result<bool, CommandError> {
        let busy: BTreeSet<String> = self.running.keys().cloned().collect();
        // Written before anything starts: what is started twice is worse than what is not.
        let decision = self.book.change(|past| {
            let decision = decide(slots, past, &busy, since, now);
            let past = decision.past.clone();
            (decision, past)
        })?;
        self.tell_dropped(&decision.dropped);
        for run in &decision.start {
            self.start(run);
        }
        Ok(!decision.start.is_empty())
    }

    /// A line for each slot: after a long pause there may be thousands of times.
    fn tell_dropped(&self, dropped: &[Run<'_>]) {
        let mut slots: BTreeMap<String, (usize, &Zoned)> = BTreeMap::new();
        for run in dropped {
            let (count, last) = slots.entry(run.slot.to_string()).or_insert((0, &run.at));
            *count += 1;
            *last = (*last).max(&run.at);
        }
        for (slot, (count, last)) in slots {
            let (times, are) = if count == 1 { ("time", "is") } else { ("times", "are") };
            let last = last.strftime("%Y-%m-%d %H:%M");
            self.tell(&format!("{slot}: {count} earlier {times} {are} passed over, the last was {last}"));
        }
    }

    fn start(&mut self, run: &Run<'_>) {
        let name = run.slot.to_string();
        self.tell(&format!("{name} of {} starts", run.at.strftime("%H:%M")));
        let started = self.command(run).and_then(|mut command| Process::start(&mut command));
        match started {
            Ok(process) => {
                let going = Going { name, process, since: Timestamp::now() };
                self.running.insert(run.slot.project.name.clone(), going);
            }
            Err(error) => {
                self.tell(&format!("{name} can't be started: {error}"));
                self.worst = worse(self.worst, Exit::Failed);
            }
        }
    }

    fn command(&self, run: &Run<'_>) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(run.slot.arguments());
        // Of the slot, not of the moment: what starts late, behind midnight, still belongs to its day.
        command.args(["--date", &run.at.date().to_string()]);
        command.arg("--platform").arg(self.session.root());
        command.args(["--target", &self.session.graph.analysis().target.name]);
        command.arg("--wait").arg(format!("{}s", self.args.wait.as_secs()));
        command.args(["--log-format", &word(&self.args.log_format), "--color", &word(&self.global.color)]);
        // These say which runs there are, and that is the clock's part.
        for name in ["SELECT", "EXCLUDE", "PIPELINE", "DATE", "FULL_REFRESH", "NO_LOAD", "RESUME"] {
            command.env_remove(format!("GOLDSMITH_{name}"));
        }
        command.stdin(std::process::Stdio::null());
        Ok(command)
    }

    /// Takes note of runs that have ended.
    fn collect(&mut self) {
        let mut ended = Vec::new();
        for (project, going) in &mut self.running {
            match going.process.ended() {
                Ok(None) => {}
                Ok(Some(status)) => ended.push((project.clone(), status.code())),
                Err(_) => ended.push((project.clone(), None)),
            }
        }
        for (project, code) in ended {
            let Some(going) = self.running.remove(&project) else { continue };
            let seconds = Timestamp::now().duration_since(going.since).as_secs();
            let (exit, how) = match code {
                Some(0) => (Exit::Done, "is done".to_owned()),
                Some(3) => (Exit::Refused, "was refused (exit code 3)".to_owned()),
                Some(130) => (Exit::Interrupted, "was interrupted".to_owned()),
                Some(2) => (Exit::Usage, "failed (exit code 2)".to_owned()),
                Some(code) => (Exit::Failed, format!("failed (exit code {code})")),
                None => (Exit::Failed, "was killed".to_owned()),
            };
            self.tell(&format!("{} {how}, after {seconds} s", going.name));
            self.worst = worse(self.worst, exit);
        }
    }

    /// Asks what runs to end, and waits for it.
    fn stop(&mut self) -> Exit {
        let was_idle = self.running.is_empty();
        let names: Vec<String> = self.running.values().map(|g| g.name.clone()).collect();
        if was_idle {
            self.tell("stopped");
        } else {
            self.tell(&format!("stopping: waiting for {} to roll back", names.join(", ")));
        }
        for going in self.running.values() {
            going.process.ask();
        }
        while !self.running.is_empty() {
            self.collect();
            std::thread::sleep(TICK);
        }
        if was_idle { Exit::Done } else { Exit::Interrupted }
    }

    fn tell(&self, what: &str) {
        let mut err = self.session.err.stderr();
        let time = now(self.session).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let _ = if self.args.log_format == LogFormat::Json {
            writeln!(err, "{}", serde_json::json!({ "event": "clock", "message": what, "time": time }))
        } else {
            writeln!(err, "{time}  {what}")
        };
    }
}

/// An argument as it is written.
fn word(argument: &impl ValueEnum) -> String {
    argument.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}

/// The exit that says more: refused and failed runs outweigh those that are done.
fn worse(one: Exit, other: Exit) -> Exit {
    let weight = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::Refused => 1,
        Exit::Interrupted => 2,
        Exit::Usage => 3,
        Exit::Failed => 4,
    };
    if weight(other) > weight(one) { other } else { one }
}

/// Without what was due before: slots that nobody watched the clock for.
fn forget_before(past: &Past, slots: &[Slot<'_>], since: &Zoned) -> Past {
    let mut past = past.clone();
    for slot in slots {
        let last = past.entry(slot.name()).or_insert_with(|| since.timestamp());
        *last = (*last).max(since.timestamp());
    }
    past
}
