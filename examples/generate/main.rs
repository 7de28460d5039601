//! Writes the data of the worked platform: `cargo run --example generate -- --out projects`.
//!
//! The same seed and scale give the same bytes, on every machine and on every day. Nothing
//! but the standard library is used, and each account is worked out anew whenever it is
//! needed, so that memory does not grow with `--scale`.

mod acme;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: generate [--out FOLDER] [--scale N] [--seed N]

  --out FOLDER  where the project folders lie (default: projects)
  --scale N     1 to 1000 times the committed data (default: 1; 1000 is about five million rows)
  --seed N      another world of the same kind (default: 42)";

struct Arguments {
    out: PathBuf,
    scale: i64,
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("generate: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match acme::write_all(&arguments.out, arguments.scale, arguments.seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate: cannot write below {}: {error}", arguments.out.display());
            ExitCode::FAILURE
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments { out: PathBuf::from("projects"), scale: 1, seed: 42 };
    while let Some(flag) = words.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(None);
        }
        let mut value = || words.next().ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--out" => arguments.out = PathBuf::from(value()?),
            "--scale" => arguments.scale = number(&flag, &value()?)?,
            "--seed" => arguments.seed = number(&flag, &value()?)?,
            _ => return Err(format!("unknown argument {flag}")),
        }
    }
    if !(1..=acme::MAX_SCALE).contains(&arguments.scale) {
        return Err(format!("--scale must lie between 1 and {}", acme::MAX_SCALE));
    }
    Ok(Some(arguments))
}

fn number<N: std::str::FromStr>(flag: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{flag} needs a whole number, not {text:?}"))
}
