//! The messages of a Singer tap: SCHEMA, RECORD, STATE (<https://hub.meltano.com/singer/spec>).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

/// How many streams are named.
const NAMED: usize = 10;

/// One line of a tap.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
}

impl Message<'_> {
    /// Whether a line is a tap's: rows have no such type with what belongs to it.
    pub(super) fn is_one(line: &str) -> bool {
        serde_json::from_str::<Message<'_>>(line).is_ok_and(|m| match &*m.kind {
            "SCHEMA" => m.stream.is_some() && m.schema.is_some(),
            "RECORD" => m.stream.is_some() && m.record.is_some(),
            "STATE" => m.value.is_some(),
            _ => false,
        })
    }
}

/// Takes a tap's messages in.
pub(super) struct Singer<'a> {
    stream: &'a str,
    is_known: bool,
    others: BTreeSet<String>,
    passed_over: u64,
    unknown: BTreeSet<String>,
    state: Option<String>,
}

impl<'a> Singer<'a> {
    pub(super) fn new(stream: &'a str) -> Self {
        Self {
            stream,
            is_known: false,
            others: BTreeSet::new(),
            passed_over: 0,
            unknown: BTreeSet::new(),
            state: None,
        }
    }

    /// The row in a line, when it holds one of this stream. The error says what the line is.
    pub(super) fn take<'t>(&mut self, line: &'t str) -> Result<Option<&'t str>, String> {
        let message: Message<'t> = serde_json::from_str(line)
            .map_err(|e| format!("is no message of a Singer tap (column {})", e.column()))?;
        let own = message.stream.as_deref() == Some(self.stream);
        match &*message.kind {
            "SCHEMA" | "ACTIVATE_VERSION" => {
                self.meet(message.stream.as_deref(), own);
                Ok(None)
            }
            "RECORD" => {
                self.meet(message.stream.as_deref(), own);
                let record = message.record.ok_or("is a RECORD without `record`")?;
                if !own {
                    self.passed_over += 1;
                    return Ok(None);
                }
                let row = record.get();
                if !row.starts_with('{') {
                    return Err("is a RECORD that is not a JSON object".to_owned());
                }
                Ok(Some(row))
            }
            "STATE" => {
                self.state = message.value.map(|v| v.get().to_owned());
                Ok(None)
            }
            "BATCH" if own => Err("is a BATCH, which is not supported: let the tap write RECORDs".to_owned()),
            other => {
                self.unknown.insert(other.to_owned());
                Ok(None)
            }
        }
    }

    fn meet(&mut self, stream: Option<&str>, own: bool) {
        self.is_known |= own;
        if let Some(stream) = stream.filter(|_| !own && self.others.len() < NAMED) {
            self.others.insert(stream.to_owned());
        }
    }

    /// The last STATE, and what is to be told.
    pub(super) fn finish(self) -> Result<(Option<String>, Vec<String>), String> {
        let named = |all: &BTreeSet<String>| all.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if !self.is_known && !self.others.is_empty() {
            return Err(format!(
                "the tap knows no stream `{}`; it wrote of `{}`: name one with `stream:`",
                self.stream,
                named(&self.others)
            ));
        }
        let mut messages = Vec::new();
        if self.passed_over > 0 {
            let records = if self.passed_over == 1 { "record" } else { "records" };
            let were = if self.passed_over == 1 { "was" } else { "were" };
            messages.push(format!(
                "{} {records} of other streams {were} passed over ({})",
                self.passed_over,
                named(&self.others)
            ));
        }
        if !self.unknown.is_empty() {
            messages.push(format!("messages of unknown types were passed over: {}", named(&self.unknown)));
        }
        Ok((self.state, messages))
    }
}
