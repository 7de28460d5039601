//! Posts a notice: within a time limit, once more when the other side says that it may work then.

use std::fmt;
use std::time::{Duration, Instant};

use super::body::body;
use super::{Address, Notice};
use crate::web::{Kind, Sent, Web};

/// The pause before the second attempt; it doubles each time.
const PAUSE: Duration = Duration::from_millis(250);
/// Nobody waits longer than this for a webhook.
const LONGEST: Duration = Duration::from_mins(5);

/// Why nobody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPosted {
    /// What came back, or did not.
    pub why: String,
    /// How often it was tried.
    pub attempts: u32,
}

impl fmt::Display for NotPosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts {
            0 | 1 => f.write_str(&self.why),
            n => write!(f, "{}, after {n} attempts", self.why),
        }
    }
}

/// How an attempt failed.
struct Failure {
    why: String,
    again: Again,
}

/// Whether another attempt makes sense.
enum Again {
    No,
    Soon,
    /// The other side says when.
    After(Duration),
}

/// Posts a notice. All attempts together take no longer than `limit`.
///
/// # Errors
/// Says why nobody was told; never with the address.
pub fn post(address: &Address, notice: &Notice, limit: Duration) -> Result<(), NotPosted> {
    let limit = limit.min(LONGEST);
    let until = Instant::now() + limit;
    let text = body(notice, address.format).to_string();
    let web = Web::new().map_err(|why| NotPosted { why, attempts: 0 })?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        // Half of the time at most, so that one that hangs leaves room for another.
        let left = until.saturating_duration_since(Instant::now());
        let Failure { why, again } = match attempt(&web, address, &text, left.min(limit / 2)) {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let not_posted = NotPosted { why, attempts };
        let pause = match again {
            Again::No => return Err(not_posted),
            Again::Soon => PAUSE * 2u32.saturating_pow(attempts - 1),
            Again::After(pause) => pause,
        };
        if pause >= until.saturating_duration_since(Instant::now()) {
            return Err(not_posted);
        }
        std::thread::sleep(pause);
    }
}

fn attempt(web: &Web, address: &Address, text: &str, limit: Duration) -> Result<(), Failure> {
    let answer = web.post(&address.uri, Sent::Json(text), 0, limit).map_err(|failure| Failure {
        why: failure.why,
        again: if failure.is_passing { Again::Soon } else { Again::No },
    })?;
    let status = answer.status;
    let (why, again) = match answer.kind {
        Kind::Success => return Ok(()),
        Kind::Redirection => (
            format!(
                "it answered {status}, and redirects are not followed: name the address that it leads to"
            ),
            Again::No,
        ),
        Kind::Refusal => (format!("it answered {status}"), Again::No),
        Kind::Passing => {
            (format!("it answered {status}"), answer.retry_after.map_or(Again::Soon, Again::After))
        }
    };
    Err(Failure { why, again })
}
