//! How fast goldsmith is, as ratios against floors that are measured in the same run:
//!
//! ```text
//! cargo run --release --example bench -- [--models 5000] [--run-models 1000] [--tries 5] [--assert]
//! cargo run --release --example bench -- --reader [--tries 5] [--assert]
//! cargo run --release --example bench -- --loads [--rows 10000000] [--tries 3] [--assert]
//! cargo run --release --example bench -- --stream [--rows 5000000] [--tries 3] [--assert]
//! cargo run --release --example bench -- --publish [--rows 1000000] [--tries 3] [--assert]
//! cargo run --release --example bench -- --postgres HOST [--rows 1000000] [--run-models 1000] [--assert]
//! ```
//!
//! * `lint` and `ls` on many models, beside walking the platform and reading its files.
//! * `run` on fewer, beside the same statements (those that `goldsmith plan` prints, tests
//!   included) fed to `DuckDB` on one connection. The floor has no transactions around several
//!   statements and no bookkeeping; goldsmith's figure has both, and its start, its planning and
//!   its artifacts as well.
//!
//! * `--reader`: reading SQL instead, beside finding its lines; and what hostile texts cost.
//!
//! * `--loads`: loading a large CSV file instead, beside `DuckDB`'s own insert of it.
//!
//! * `--stream`: loading from another target instead, beside `DuckDB`'s own copy from database to database.
//!
//! * `--publish`: publishing financial gold instead, beside its scripts' own time.
//!
//! * `--postgres`: a server of PostgreSQL's instead, beside `psql` and the plain statements.
//!
//! Figures are the least of several tries. With `--assert` a missed target ends in exit code 1.

mod floor;
mod hostile;
mod load;
mod measure;
mod platform;
mod publish;
mod reader;
mod server;
mod stream;
mod tsql;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use measure::{Used, least};

const USAGE: &str =
    "usage: bench [--reader | --loads | --stream | --publish | --postgres HOST] [--models N] [--run-models N] [--rows N] [--tries N] [--keep FOLDER] [--assert]

  --reader        measures the reading of SQL, and nothing else
  --loads         measures the loading of a large file, and nothing else
  --stream        measures the loading from another target, and nothing else
  --publish       measures the publishing of financial gold, and nothing else
  --postgres HOST measures a server there, where the role goldsmith logs in without a password, and nothing else
  --rows N        of that file (default: 10000000) or of that target (default: 5000000) or of that gold (default: 1000000)
  --models N      for lint and ls (default: 5000)
  --run-models N  for run (default: 1000)
  --tries N       how often each figure is measured; the least counts (default: 5)
  --keep FOLDER   writes the platforms there and leaves them, instead of a temporary folder
  --assert        exit code 1 if a target is missed";

/// What `lint` and `ls` may use.
const READING: (Duration, u64) = (Duration::from_millis(600), 200_000_000);
/// The most CPU of `run`, against its floor.
const RUNNING: f64 = 1.3;

#[expect(clippy::struct_excessive_bools, reason = "each is a choice of the command line's")]
struct Arguments {
    reader: bool,
    loads: bool,
    stream: bool,
    publish: bool,
    postgres: Option<String>,
    rows: Option<u64>,
    models: usize,
    run_models: usize,
    tries: usize,
    keep: Option<PathBuf>,
    assert: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((word, rest)) if word == "measure" => measure::child(rest).map(|()| true),
        Some((word, [file])) if word == "scan" => reader::scan(file).map(|()| true),
        Some((word, [file, database])) if word == "insert" => load::insert(file, database).map(|()| true),
        Some((word, [source, database])) if word == "copy" => stream::copy(source, database).map(|()| true),
        Some((word, [folder])) if word == "read" => floor::read(folder).map(|()| true),
        Some((word, [plan, file])) if word == "feed" => floor::feed(plan, file).map(|()| true),
        _ => match parse(&words) {
            Ok(arguments) => bench(&arguments),
            Err(problem) => {
                eprintln!("{problem}\n\n{USAGE}");
                return ExitCode::from(2);
            }
        },
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(words: &[String]) -> Result<Arguments, String> {
    let mut arguments = Arguments {
        reader: false,
        loads: false,
        stream: false,
        publish: false,
        postgres: None,
        rows: None,
        models: 5000,
        run_models: 1000,
        tries: 5,
        keep: None,
        assert: false,
    };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{flag} needs a value"));
        let number = |text: &String| text.parse().map_err(|_| format!("{flag} needs a whole number"));
        match flag.as_str() {
            "--models" => arguments.models = number(value()?)?,
            "--run-models" => arguments.run_models = number(value()?)?,
            "--tries" => arguments.tries = number(value()?)?,
            "--keep" => arguments.keep = Some(PathBuf::from(value()?)),
            "--reader" => arguments.reader = true,
            "--loads" => arguments.loads = true,
            "--stream" => arguments.stream = true,
            "--publish" => arguments.publish = true,
            "--postgres" => arguments.postgres = Some(value()?.clone()),
            "--rows" => {
                let rows = value()?.parse().map_err(|_| format!("{flag} needs a whole number"))?;
                arguments.rows = Some(rows);
            }
            "--assert" => arguments.assert = true,
            _ => return Err(format!("unknown argument {flag}")),
        }
    }
    if arguments.models < 100 || arguments.run_models < 100 {
        return Err("a platform has at least 100 models".into());
    }
    Ok(arguments)
}

/// Measures, prints the table, and tells whether the targets hold (without `--assert`: always).
fn bench(arguments: &Arguments) -> io::Result<bool> {
    let goldsmith = built()?;
    let temporary = tempfile::tempdir()?;
    let root = arguments.keep.as_deref().unwrap_or_else(|| temporary.path());
    if arguments.reader {
        let holds = reader::bench(&goldsmith, &root.join("reader"), arguments.tries)?;
        return Ok(holds || !arguments.assert);
    }
    if arguments.loads {
        let holds = load::bench(
            &goldsmith,
            &root.join("loads"),
            arguments.rows.unwrap_or(10_000_000),
            arguments.tries,
        )?;
        return Ok(holds || !arguments.assert);
    }
    if arguments.stream {
        let holds = stream::bench(
            &goldsmith,
            &root.join("stream"),
            arguments.rows.unwrap_or(5_000_000),
            arguments.tries,
        )?;
        return Ok(holds || !arguments.assert);
    }
    if arguments.publish {
        let rows = arguments.rows.unwrap_or(1_000_000);
        let holds = publish::bench(&goldsmith, &root.join("publish"), rows, arguments.tries)?;
        return Ok(holds || !arguments.assert);
    }
    if let Some(host) = &arguments.postgres {
        let sizes = (host.as_str(), arguments.rows.unwrap_or(1_000_000), arguments.run_models);
        let holds = server::bench(&goldsmith, &root.join("postgres"), sizes, arguments.tries)?;
        return Ok(holds || !arguments.assert);
    }
    println!("{:<36} {:>9} {:>9} {:>9}   target", "", "CPU", "clock", "memory");
    let read = reading(&goldsmith, &root.join("reading"), arguments)?;
    let run = running(&goldsmith, &root.join("running"), arguments)?;
    Ok(read && run || !arguments.assert)
}

/// The release binary of this very source. Cargo builds it, since an example does not ask for it.
fn built() -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--release", "--quiet", "--bin", "goldsmith"]).status()?;
    let this = std::env::current_exe()?;
    let folder = this.parent().and_then(Path::parent).and_then(Path::parent);
    match folder {
        Some(target) if built.success() => {
            Ok(target.join("release").join("goldsmith").with_extension(std::env::consts::EXE_EXTENSION))
        }
        _ => Err(io::Error::other("goldsmith could not be built")),
    }
}

fn reading(goldsmith: &Path, root: &Path, arguments: &Arguments) -> io::Result<bool> {
    platform::write(root, arguments.models)?;
    let this = std::env::current_exe()?;
    let nothing = || Ok(());
    let floor = least(arguments.tries, root, &[this.as_os_str(), "read".as_ref(), ".".as_ref()], nothing)?;
    row(&format!("floor: read the files of {} models", arguments.models), floor, "");
    let mut all = true;
    for command in ["lint", "ls"] {
        let used = least(arguments.tries, root, &[goldsmith.as_os_str(), command.as_ref()], nothing)?;
        let ratio = used.cpu.as_secs_f64() / floor.cpu.as_secs_f64().max(0.001);
        let holds = used.cpu <= READING.0 && used.memory <= READING.1;
        let target = format!("0.600 s and 200 MB; {ratio:.1} times the floor");
        row(command, used, &judged(holds, &target));
        all &= holds;
    }
    Ok(all)
}

fn running(goldsmith: &Path, root: &Path, arguments: &Arguments) -> io::Result<bool> {
    platform::write(root, arguments.run_models)?;
    let plan = Command::new(goldsmith).args(["plan", "--format", "json"]).current_dir(root).output()?;
    if !plan.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&plan.stderr).into_owned()));
    }
    fs::write(root.join("plan.json"), plan.stdout)?;
    let this = std::env::current_exe()?;
    let floor = least(
        arguments.tries,
        root,
        &[this.as_os_str(), "feed".as_ref(), "plan.json".as_ref(), "floor/shop.duckdb".as_ref()],
        || fresh(root, "floor"),
    )?;
    let of = format!("floor: the statements of {} models", arguments.run_models);
    row(&of, floor, "");
    let (mut all, mut clocks) = (true, Vec::new());
    for threads in ["1", "2"] {
        let words = ["run".as_ref(), "--threads".as_ref(), threads.as_ref()];
        let command: Vec<_> = std::iter::once(goldsmith.as_os_str()).chain(words).collect();
        let used = least(arguments.tries, root, &command, || fresh(root, "warehouse"))?;
        let ratio = used.cpu.as_secs_f64() / floor.cpu.as_secs_f64().max(0.001);
        let holds = ratio <= RUNNING;
        let target = judged(holds, &format!("{RUNNING} times the CPU of the floor: {ratio:.2}"));
        row(&format!("run --threads {threads}"), used, &target);
        all &= holds;
        clocks.push(used.wall);
    }
    let holds = clocks[1] < clocks[0];
    println!("{}", judged(holds, "the clock with 2 threads is ahead of that with 1"));
    Ok(all && holds)
}

/// An empty folder in the place of what a try before has left.
fn fresh(root: &Path, name: &str) -> io::Result<()> {
    let folder = root.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn row(name: &str, used: Used, target: &str) {
    println!(
        "{name:<36} {:>7.3} s {:>7.3} s {:>6.0} MB   {target}",
        used.cpu.as_secs_f64(),
        used.wall.as_secs_f64(),
        used.memory as f64 / 1e6
    );
}

fn judged(holds: bool, target: &str) -> String {
    format!("{} {target}", if holds { "holds: " } else { "MISSED:" })
}
