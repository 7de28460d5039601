//! Posts a notice: within a time limit, once more when the other side says that it may work then.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, RETRY_AFTER};
use ureq::http::{HeaderMap, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::body::body;
use super::{Address, Notice};

/// The pause before the second attempt; it doubles each time.
const PAUSE: Duration = Duration::from_millis(250);
/// Nobody waits longer than this for a webhook.
const LONGEST: Duration = Duration::from_mins(5);
/// Names a file of certificates to trust in place of the public ones, as other tools understand it.
const TRUSTED: &str = "SSL_CERT_FILE";

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
    let roots = roots().map_err(|why| NotPosted { why, attempts: 0 })?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        // Half of the time at most, so that one that hangs leaves room for another.
        let left = until.saturating_duration_since(Instant::now());
        let Failure { why, again } = match attempt(address, &text, &roots, left.min(limit / 2)) {
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

fn attempt(address: &Address, text: &str, roots: &RootCerts, limit: Duration) -> Result<(), Failure> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        // A redirect could lead the facts anywhere, and a POST becomes a GET on the way.
        .max_redirects(0)
        .timeout_global(Some(limit))
        .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
        .user_agent(concat!("goldsmith/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let answer = agent.post(&address.uri).header(CONTENT_TYPE, "application/json").send(text);
    match answer {
        Ok(answer) => judged(answer.status(), answer.headers()),
        Err(error) => Err(Failure {
            why: said(&error),
            again: if is_passing(&error) { Again::Soon } else { Again::No },
        }),
    }
}

fn judged(status: StatusCode, headers: &HeaderMap) -> Result<(), Failure> {
    if status.is_success() {
        return Ok(());
    }
    let why = if status.is_redirection() {
        format!("it answered {status}, and redirects are not followed: name the address that it leads to")
    } else {
        format!("it answered {status}")
    };
    let passing = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    let again = match retry_after(headers, SystemTime::now()) {
        _ if !passing => Again::No,
        Some(pause) => Again::After(pause),
        None => Again::Soon,
    };
    Err(Failure { why, again })
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(SystemTime::from(at.timestamp()).duration_since(now).unwrap_or_default())
}

/// Whether another attempt may have better luck.
fn is_passing(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Timeout(_) | ureq::Error::Io(_) | ureq::Error::ConnectionFailed)
}

/// What happened, in words that can't hold the address.
fn said(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it did not answer in time".into(),
        ureq::Error::HostNotFound => "its host is not known".into(),
        ureq::Error::Io(error) => format!("it can't be reached: {error}"),
        ureq::Error::ConnectionFailed => "it can't be reached".into(),
        ureq::Error::Rustls(error) => format!("its certificate or its encryption is not accepted: {error}"),
        ureq::Error::Tls(error) => format!("its certificate or its encryption is not accepted: {error}"),
        ureq::Error::Protocol(_) => "what it answered is no HTTP".into(),
        ureq::Error::InvalidProxyUrl => "the proxy that the environment names is no URL".into(),
        _ => "it could not be asked".into(),
    }
}

/// Whom to trust: the public authorities, or those of the file that the environment names.
fn roots() -> Result<RootCerts, String> {
    let Some(path) = std::env::var_os(TRUSTED).filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::WebPki);
    };
    let bytes =
        std::fs::read(path).map_err(|error| format!("the file of {TRUSTED} can't be read: {error}"))?;
    let certificates: Vec<_> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(format!("the file of {TRUSTED} holds no certificate"));
    }
    Ok(certificates.into())
}

#[cfg(test)]
mod tests {
    use super::{Duration, HeaderMap, RETRY_AFTER, SystemTime, retry_after};

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let asked = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, SystemTime::UNIX_EPOCH)
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Thu, 01 Jan 1970 00:01:00 GMT"), Some(Duration::from_mins(1)));
        assert_eq!(asked("Wed, 31 Dec 1969 00:01:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("99999999999999999999"), None);
    }
}
