//! Runs a program and keeps the rows that it writes to its standard output.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::lines::{Delivered, take};
use super::{Fetched, NotFetched, Spool};
use crate::execute::{Interrupt, Process, Settings};
use crate::plan::CommandFetch;

/// How many lines of the program's standard error are kept, the last ones.
const PRINTED: usize = 20;
/// The longest of them, in bytes.
const LINE: u64 = 2000;
/// How often one looks whether time is up or the run was stopped.
const LOOK: Duration = Duration::from_millis(50);
/// How long the output of a program that has ended may stay open, in the hands of what it started.
const LINGER: Duration = Duration::from_secs(2);
/// What is replaced by the file of the last STATE.
const STATE: &str = "{state}";

/// Runs the program; its rows are in the file when this is done.
pub(super) fn fetch(
    task: &CommandFetch,
    settings: &Settings,
    interrupt: &Interrupt,
) -> Result<Fetched, NotFetched> {
    let path = settings.root.join(&task.to);
    let spool = Spool(path.clone());
    let file = open(&path).map_err(|e| format!("the rows of `{}` can't be kept: {e}", task.load))?;
    let state = state_file(task, &path)?;
    let mut command = command(task, settings, state.as_ref().map(|s| s.0.as_path()));
    let name = &task.command[0];
    let mut process = Process::start(&mut command).map_err(|e| not_started(name, &e))?;
    let (out, err) = (process.child().stdout.take(), process.child().stderr.take());
    let (Some(out), Some(err)) = (out, err) else {
        return Err(format!("`{name}` has no output").into());
    };
    let (sender, receiver) = channel();
    let stream = task.stream.clone();
    std::thread::spawn(move || sender.send(take(out, file, &stream)));
    let (told, printed) = channel();
    std::thread::spawn(move || told.send(last_lines(err)));
    let began = Instant::now();
    let mut since_end: Option<Instant> = None;
    let delivered = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(delivered) => break delivered,
            Err(RecvTimeoutError::Disconnected) => break Err("its output could not be read".to_owned()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(problem) = stopped(task, interrupt, began) {
            process.end();
            return Err(problem);
        }
        let ended = process.ended().map_err(|e| format!("`{name}` is lost: {e}"))?.is_some();
        if ended && since_end.get_or_insert_with(Instant::now).elapsed() > LINGER {
            // Something that it has started holds the output open.
            process.end();
        }
    };
    if delivered.is_err() {
        // It may write on for ever, with nobody to read it.
        process.end();
    }
    let status = loop {
        if let Some(status) = process.ended().map_err(|e| format!("`{name}` is lost: {e}"))? {
            break status;
        }
        if let Some(problem) = stopped(task, interrupt, began) {
            process.end();
            return Err(problem);
        }
        std::thread::sleep(LOOK);
    };
    drop(process);
    let printed = printed.recv_timeout(LINGER).unwrap_or_default();
    judge(task, status, delivered, printed, spool)
}

/// A program that fails has delivered nothing, whatever it wrote before.
fn judge(
    task: &CommandFetch,
    status: ExitStatus,
    delivered: Result<Delivered, String>,
    printed: Vec<String>,
    spool: Spool,
) -> Result<Fetched, NotFetched> {
    let name = &task.command[0];
    let failed = |message: String, printed| NotFetched { message, printed, cancelled: false };
    match delivered {
        Err(problem) => Err(failed(format!("`{name}`: {problem}"), printed)),
        Ok(_) if !status.success() => Err(failed(format!("`{name}` {}", ending(status)), printed)),
        Ok(delivered) if delivered.rows == 0 && !task.holds => Err(failed(
            format!(
                "`{name}` delivered no rows, so nothing tells the columns of a table that is not there yet"
            ),
            printed,
        )),
        Ok(delivered) => {
            Ok(Fetched { messages: delivered.messages, state: delivered.state, _spool: Some(spool) })
        }
    }
}

fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended in an unknown way".to_owned(),
    }
}

fn stopped(task: &CommandFetch, interrupt: &Interrupt, began: Instant) -> Option<NotFetched> {
    let name = &task.command[0];
    if interrupt.stopped() {
        let message = "interrupted".to_owned();
        return Some(NotFetched { message, printed: Vec::new(), cancelled: true });
    }
    let message = format!(
        "`{name}` took longer than its `time_limit` of {} seconds, and was ended",
        task.time_limit.as_secs_f64()
    );
    (began.elapsed() > task.time_limit).then(|| message.into())
}

fn command(task: &CommandFetch, settings: &Settings, state: Option<&Utf8Path>) -> Command {
    let folder = settings.root.join(&task.folder);
    let program = &task.command[0];
    // A program of the project's own is named relative to its folder.
    let program = if program.contains('/') { folder.join(program).into_string() } else { program.clone() };
    let project = task.load.split_once('.').map_or("", |(project, _)| project);
    let mut command = Command::new(program);
    command
        .args(arguments(&task.command[1..], state.map(Utf8Path::as_str)))
        .current_dir(folder)
        .env("GOLDSMITH_LOAD_NAME", &task.load)
        .env("GOLDSMITH_BUSINESS_DATE", settings.date_of(project))
        .env_remove("GOLDSMITH_WATERMARK")
        .env_remove("GOLDSMITH_STATE_FILE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(watermark) = &task.watermark {
        command.env("GOLDSMITH_WATERMARK", iso(watermark));
    }
    if let Some(state) = state {
        command.env("GOLDSMITH_STATE_FILE", state);
    }
    command
}

/// The arguments, with the file of the last STATE in the place of `{state}`. Without one the
/// argument goes, and the flag before it.
fn arguments(words: &[String], state: Option<&str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        match state {
            Some(state) => out.push(word.replace(STATE, state)),
            None if word == STATE => {
                if out.last().is_some_and(|flag| flag.starts_with('-')) {
                    out.pop();
                }
            }
            None if word.contains(STATE) => {}
            None => out.push(word.clone()),
        }
    }
    out
}

/// A point in time as ISO 8601 writes it: `2026-01-01 08:00:00+01` as `2026-01-01T08:00:00+01:00`.
fn iso(text: &str) -> String {
    let looks_like_time = text.len() > 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b' ';
    if !looks_like_time {
        return text.to_owned();
    }
    let mut text = text.replacen(' ', "T", 1);
    let tail = text.len().saturating_sub(3);
    if text.is_char_boundary(tail) && text[tail..].starts_with(['+', '-']) && tail > 11 {
        text.push_str(":00");
    }
    text
}

/// The file of the last STATE, which goes when this goes.
fn state_file(task: &CommandFetch, spool: &Utf8Path) -> Result<Option<Spool>, String> {
    let Some(state) = &task.state else { return Ok(None) };
    let path = spool.with_extension("state.json");
    let mut file = open(&path).map_err(|e| format!("the STATE can't be handed on: {e}"))?;
    std::io::Write::write_all(&mut file, state.as_bytes())
        .map_err(|e| format!("the STATE can't be handed on: {e}"))?;
    Ok(Some(Spool(path)))
}

/// An empty file that its owner alone may read.
fn open(path: &Utf8PathBuf) -> std::io::Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn not_started(name: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => {
            format!("there is no program `{name}` here: is it installed, and on the PATH?")
        }
        ErrorKind::PermissionDenied => format!("`{name}` may not be run: is it executable?"),
        _ => format!("`{name}` can't be run: {error}"),
    }
}

/// The last lines of what a program writes.
fn last_lines(source: impl Read) -> Vec<String> {
    let mut reader = BufReader::new(source);
    let (mut lines, mut line) = (VecDeque::new(), Vec::new());
    loop {
        line.clear();
        match (&mut reader).take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return lines.into(),
            Ok(_) => {
                if lines.len() == PRINTED {
                    lines.pop_front();
                }
                lines.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_takes_its_place() {
        let words = ["--config", "c.json", "--state", "{state}", "--catalog=x"].map(str::to_owned);
        assert_eq!(
            arguments(&words, Some("s.json")),
            ["--config", "c.json", "--state", "s.json", "--catalog=x"]
        );
        assert_eq!(arguments(&words, None), ["--config", "c.json", "--catalog=x"]);
    }

    #[test]
    fn times_are_written_as_the_standard_has_it() {
        for (text, wanted) in [
            ("2026-01-01 08:00:00", "2026-01-01T08:00:00"),
            ("2026-01-01 08:00:00.25+01", "2026-01-01T08:00:00.25+01:00"),
            ("2026-01-01 08:00:00+05:30", "2026-01-01T08:00:00+05:30"),
            ("2026-01-01", "2026-01-01"),
            ("12345678901234", "12345678901234"),
        ] {
            assert_eq!(iso(text), wanted);
        }
    }
}
