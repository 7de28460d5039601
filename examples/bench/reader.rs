//! `bench --reader`: how fast SQL is read, and what hostile texts cost. The floor of reading is
//! checking that the same bytes are UTF-8 and finding their lines, on one core as well.

use std::fs;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Duration;

use goldsmith::sql;
use goldsmith::words::Dialect;

use crate::measure::{least, used_so_far};
use crate::{hostile, judged, tsql};

/// How large the realistic script is.
const BYTES: usize = 48_000_000;
/// How many million bytes of it must be read in a second.
const SPEED: f64 = 40.0;
/// What a hostile text may take of one core.
const CPU: Duration = Duration::from_secs(2);
/// How many bytes it may take for each of its own, beside what an empty text takes.
const MEMORY: u64 = 20;
/// Below this size memory is held against this size.
const SMALL: usize = 1_000_000;

/// `bench scan FILE`: reads a script as `goldsmith deps` does, and says nothing.
pub fn scan(file: &str) -> io::Result<()> {
    let (text, _) = sql::decode_owned(fs::read(file)?);
    black_box(sql::read(&text, Dialect::TSql));
    Ok(())
}

/// Measures and prints; whether all targets hold.
pub fn bench(goldsmith: &Path, root: &Path, tries: usize) -> io::Result<bool> {
    let speed = speed(tries)?;
    fs::create_dir_all(root.join("projects/p/gold/financial"))?;
    fs::write(root.join("goldsmith.yml"), "name: b\ntargets:\n  dev: { type: duckdb, path: warehouse }\n")?;
    fs::write(root.join("projects/p/project.yml"), "name: p\ndatabase: p\ndialect: tsql\n")?;
    let hostile = hostile_texts(root, tries)?;
    let commands = commands(goldsmith, root, tries)?;
    Ok(speed && hostile && commands)
}

/// CPU that counts and not the clock: another program on the same core takes nothing from it.
fn speed(tries: usize) -> io::Result<bool> {
    let text = tsql::script(BYTES);
    let (mut floor, mut read) = (Duration::MAX, Duration::MAX);
    for _ in 0..tries.max(1) {
        let clock = used_so_far()?;
        let valid = std::str::from_utf8(black_box(text.as_bytes())).is_ok();
        let lines = text.bytes().filter(|b| *b == b'\n').count();
        black_box((valid, lines));
        floor = floor.min(used_so_far()?.saturating_sub(clock));
        let clock = used_so_far()?;
        black_box(sql::read(black_box(&text), Dialect::TSql));
        read = read.min(used_so_far()?.saturating_sub(clock));
    }
    let rate = per_second(text.len(), read);
    println!("{:<36} {:>7.0} MB/s", "floor: check and find lines", per_second(text.len(), floor));
    let ratio = read.as_secs_f64() / floor.as_secs_f64().max(1e-9);
    let holds = rate >= SPEED;
    println!(
        "{:<36} {rate:>7.0} MB/s   {}",
        "lexer, splitter and scan",
        judged(holds, &format!("{SPEED} MB/s; {ratio:.1} times the floor"))
    );
    Ok(holds)
}

fn hostile_texts(root: &Path, tries: usize) -> io::Result<bool> {
    let this = std::env::current_exe()?;
    let command = [this.as_os_str(), "scan".as_ref(), "text.sql".as_ref()];
    fs::write(root.join("text.sql"), "")?;
    let empty = least(tries, root, &command, || Ok(()))?.memory;
    let mut all = true;
    for (name, text) in hostile::texts(1) {
        fs::write(root.join("text.sql"), &text)?;
        let used = least(tries.min(2), root, &command, || Ok(()))?;
        all &= told(name, text.len(), used.cpu, used.memory.saturating_sub(empty));
    }
    Ok(all)
}

/// The commands themselves on 50 MB of ordinary inserts.
fn commands(goldsmith: &Path, root: &Path, tries: usize) -> io::Result<bool> {
    let texts = hostile::texts(1);
    let Some((name, text)) = texts.into_iter().find(|(name, _)| *name == "50 MB of inserts") else {
        return Err(io::Error::other("the inserts are gone"));
    };
    let script = "projects/p/gold/financial/s.sql";
    fs::write(root.join(script), &text)?;
    let mut all = true;
    for arguments in [vec!["deps", script, "--format", "json"], vec!["lint"]] {
        let command: Vec<_> =
            std::iter::once(goldsmith.as_os_str()).chain(arguments.iter().map(AsRef::as_ref)).collect();
        let used = least(tries.min(2), root, &command, || Ok(()))?;
        all &= told(&format!("{} on {name}", arguments[0]), text.len(), used.cpu, used.memory);
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn told(name: &str, size: usize, cpu: Duration, memory: u64) -> bool {
    let against = size.max(SMALL) as u64;
    let holds = cpu <= CPU && memory <= MEMORY * against;
    let target =
        format!("{} s and {MEMORY} times its size: {:.1}", CPU.as_secs(), memory as f64 / against as f64);
    println!(
        "{name:<36} {:>7.3} s {:>6.1} of {:>6.1} MB   {}",
        cpu.as_secs_f64(),
        memory as f64 / 1e6,
        size as f64 / 1e6,
        judged(holds, &target)
    );
    holds
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9)
}
