//! Reads what a program writes, line by line in bounded memory, checks it, and keeps the rows as
//! JSON lines in a file.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use serde::de::IgnoredAny;

use super::exact::exact;
use super::singer::{Message, Singer};

/// The longest line that is taken, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;
/// How much of a broken line is shown, in characters.
const SHOWN: usize = 120;

/// What came.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    pub(super) rows: u64,
    /// The STATE that a Singer tap has left.
    pub(super) state: Option<String>,
    pub(super) messages: Vec<String>,
}

/// Takes all lines of `source`; rows go to `spool`. The error is a sentence with the line's number.
pub(super) fn take(source: impl Read, spool: impl Write, stream: &str) -> Result<Delivered, String> {
    let mut reader = BufReader::with_capacity(256 * 1024, source);
    let mut out = BufWriter::with_capacity(256 * 1024, spool);
    let (mut delivered, mut line, mut number) = (Delivered::default(), Vec::new(), 0_u64);
    let mut singer: Option<Singer> = None;
    loop {
        line.clear();
        let count = (&mut reader)
            .take(LONGEST + 1)
            .read_until(b'\n', &mut line)
            .map_err(|e| format!("its output can't be read: {e}"))?;
        if count == 0 {
            break;
        }
        number += 1;
        if line.len() as u64 > LONGEST {
            return Err(format!("line {number} of its output is longer than {} MB", LONGEST / 1024 / 1024));
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| format!("line {number} of its output is not valid UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        let told = |problem: &str| {
            let shown: String = text.chars().take(SHOWN).collect();
            let more = if shown.len() < text.len() { "…" } else { "" };
            format!("line {number} of its output {problem}: {shown}{more}")
        };
        if !text.starts_with('{') {
            return Err(told("is not a JSON object"));
        }
        if singer.is_none() && delivered.rows == 0 && Message::is_one(text) {
            singer = Some(Singer::new(stream));
        }
        let row = if let Some(singer) = &mut singer {
            singer.take(text).map_err(|problem| told(&problem))?
        } else {
            serde_json::from_str::<IgnoredAny>(text)
                .map_err(|e| told(&format!("is broken off or wrong at column {}", e.column())))?;
            Some(text)
        };
        if let Some(row) = row {
            out.write_all(exact(row).as_bytes()).and_then(|()| out.write_all(b"\n")).map_err(not_kept)?;
            delivered.rows += 1;
        }
    }
    out.flush().map_err(not_kept)?;
    if let Some(singer) = singer {
        (delivered.state, delivered.messages) = singer.finish()?;
    }
    Ok(delivered)
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err` as it is")]
fn not_kept(error: std::io::Error) -> String {
    format!("its rows can't be kept: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> (Result<Delivered, String>, String) {
        let mut spool = Vec::new();
        let result = take(text.as_bytes(), &mut spool, "users");
        (result, String::from_utf8(spool).unwrap())
    }

    #[test]
    fn rows_are_kept_as_they_came() {
        let (result, spool) = taken("\u{feff}{\"a\": 1}\r\n\n{\"a\": \"x\"}");
        assert_eq!(result.unwrap().rows, 2);
        assert_eq!(spool, "{\"a\": 1}\n{\"a\": \"x\"}\n");
    }

    #[test]
    fn broken_lines_are_named() {
        for (text, said) in [
            ("{\"a\": 1}\n{\"a\": 1\n", "line 2 of its output is broken off or wrong at column 7: {\"a\": 1"),
            ("[1]\n", "line 1 of its output is not a JSON object: [1]"),
            ("Traceback (most recent call last)", "line 1 of its output is not a JSON object: Traceback"),
            ("{\"a\": 1} {\"a\": 2}\n", "line 1 of its output is broken off or wrong at column 10"),
        ] {
            let said_now = taken(text).0.unwrap_err();
            assert!(said_now.starts_with(said), "{said_now}");
        }
    }

    #[test]
    fn singer_messages_are_sorted_out() {
        let (result, spool) = taken(concat!(
            "{\"type\":\"SCHEMA\",\"stream\":\"users\",\"schema\":{\"properties\":{\"id\":{\"type\":\"integer\"}}},\"key_properties\":[\"id\"]}\n",
            "{\"type\":\"RECORD\",\"stream\":\"users\",\"record\":{\"id\":1,\"v\":1.10}}\n",
            "{\"type\":\"RECORD\",\"stream\":\"other\",\"record\":{\"id\":9}}\n",
            "{\"type\":\"STATE\",\"value\":{\"bookmarks\":{\"users\":1}}}\n",
        ));
        let delivered = result.unwrap();
        assert_eq!((delivered.rows, delivered.state.as_deref()), (1, Some("{\"bookmarks\":{\"users\":1}}")));
        assert_eq!(spool, "{\"id\":1,\"v\":1.10}\n");
        assert_eq!(delivered.messages, ["1 record of other streams was passed over (other)"]);
    }

    #[test]
    fn a_stream_that_never_comes_is_an_error() {
        let (result, _) = taken("{\"type\":\"RECORD\",\"stream\":\"people\",\"record\":{\"id\":1}}\n");
        assert_eq!(
            result.unwrap_err(),
            "the tap knows no stream `users`; it wrote of `people`: name one with `stream:`"
        );
    }
}
