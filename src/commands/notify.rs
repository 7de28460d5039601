//! `--notify` and `notify:`: who is told how a run ended. Never a reason for a run to fail.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::Ended;
use super::session::{facts, root};
use super::warehouse::setting;
use super::{CommandError, Exit};
use crate::cli::{Global, RunArgs};
use crate::load::{self, Files};
use crate::nouns::{Notify, Occasion, Pipeline, Platform};
use crate::render::is_secret;
use crate::report::notify::{Address, Notice, post};
use crate::report::{Look, Masker, neutral_line};

/// How long to try, all attempts together, where nothing else is said.
const LIMIT: Duration = Duration::from_secs(10);

/// Those who want to know how a run ends.
pub(super) struct Notifier {
    receivers: Vec<Receiver>,
    /// What is known of the run before it begins.
    notice: Notice,
    began: Instant,
    err: Look,
}

struct Receiver {
    address: Address,
    on: Occasion,
    limit: Duration,
}

impl Notifier {
    /// Finds out who is to be told. What can't be understood is told as a warning.
    pub(super) fn new(global: &Global, args: &RunArgs) -> Self {
        let platform = root(global).ok().and_then(|root| load::settings(&Files::on_disk(root)));
        let mut notifier = Self {
            receivers: Vec::new(),
            notice: notice(platform.as_ref(), global, args),
            began: Instant::now(),
            err: Look::of_stderr(global.color, Masker::default()),
        };
        let limit = args.notify_timeout.and_then(|limit| Duration::try_from(limit).ok());
        let urls: Vec<&str> = args.notify.iter().flat_map(|urls| urls.split_whitespace()).collect();
        if !urls.is_empty() {
            for url in urls {
                let receiver = Address::new(url, None).map(|address| Receiver {
                    address,
                    on: Occasion::Always,
                    limit: limit.unwrap_or(LIMIT),
                });
                notifier.add(receiver.map_err(|why| format!("the address of --notify: {why}")));
            }
        } else if let Some(platform) = &platform {
            for entry in &platform.notify {
                notifier.add(receiver(platform, entry, limit));
            }
        }
        notifier
    }

    fn add(&mut self, receiver: Result<Receiver, String>) {
        match receiver {
            Ok(receiver) => self.receivers.push(receiver),
            Err(why) => self.warn(&format!("nobody is told there how this run ends: {why}")),
        }
    }

    fn warn(&self, message: &str) {
        let _ = writeln!(self.err.stderr(), "warning: {}", neutral_line(message));
    }

    /// Tells everybody who wants to know how the run ended.
    pub(super) fn tell(self, outcome: &Result<Option<Ended>, CommandError>) {
        let (notice, exit) = match outcome {
            // Nothing to resume: nothing ran.
            Ok(None) => return,
            Ok(Some(ended)) => {
                let date = ended.date.clone();
                let notice = Notice { business_date: date, ..self.notice.clone() };
                (notice.of_results(&ended.results, &ended.owners, &ended.masker), ended.exit)
            }
            Err(error) => {
                let status = if error.exit() == Exit::Refused { "refused" } else { "error" };
                let duration_seconds = self.began.elapsed().as_secs_f64();
                let notice = Notice { status: status.into(), duration_seconds, ..self.notice.clone() };
                (notice.of_error(&error.to_string(), error.diagnostics(), &secrets()), error.exit())
            }
        };
        let notice = Notice { exit_code: exit.code(), ..notice };
        let wanted = |on: Occasion| on == Occasion::Always || exit != Exit::Done;
        std::thread::scope(|scope| {
            for receiver in self.receivers.iter().filter(|r| wanted(r.on)) {
                let (this, notice) = (&self, &notice);
                scope.spawn(move || {
                    if let Err(error) = post(&receiver.address, notice, receiver.limit) {
                        this.warn(&format!("{} was not told how the run ended: {error}", receiver.address));
                    }
                });
            }
        });
    }
}

/// The environment's secrets: what failed before the platform was understood may hold one.
fn secrets() -> Masker {
    let all = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Masker::new(all.filter(|(name, _)| is_secret(name)).map(|(_, value)| value))
}

/// What is known of a run before it begins.
fn notice(platform: Option<&Platform>, global: &Global, args: &RunArgs) -> Notice {
    let target = global.target.clone().or_else(|| platform.map(|p| p.default_target.clone()));
    let pipeline = Pipeline::from(args.pipeline.pipeline).word();
    let date = platform.map(|p| facts(p, pipeline, args.pipeline.date, false).date);
    Notice {
        platform: platform.map(|p| p.name.clone()).unwrap_or_default(),
        target: target.unwrap_or_default(),
        pipeline: pipeline.to_owned(),
        business_date: date.unwrap_or_default(),
        ..Notice::default()
    }
}

fn receiver(platform: &Platform, entry: &Notify, limit: Option<Duration>) -> Result<Receiver, String> {
    let place = || {
        let position = platform.file.position(entry.span.start);
        format!("`notify` in {}:{}", platform.file.path(), position.line)
    };
    let url = setting(&Arc::clone(&platform.file), &entry.url, entry.span)
        .map_err(|error| format!("{}: {}", place(), error.message))?;
    let address = Address::new(&url, entry.format).map_err(|why| format!("{}: {why}", place()))?;
    Ok(Receiver { address, on: entry.on, limit: limit.or(entry.timeout).unwrap_or(LIMIT) })
}
