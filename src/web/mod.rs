//! Posts over HTTP. The only user of the HTTP library. What goes wrong is said in words that can't hold the address,
//! as its path may be a secret.

use std::time::{Duration, SystemTime};

use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, RETRY_AFTER};
use ureq::http::{HeaderMap, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

pub use ureq::http::Uri;

/// Names a file of certificates to trust in place of the public ones, as other tools understand it.
const TRUSTED: &str = "SSL_CERT_FILE";

/// Posts, and trusts the public authorities, or those of the file that the environment names.
pub struct Web {
    roots: RootCerts,
}

/// What is posted.
#[derive(Debug, Clone, Copy)]
pub enum Sent<'a> {
    /// JSON.
    Json(&'a str),
    /// Fields of a form.
    Form(&'a [(&'a str, &'a str)]),
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status, such as `404 Not Found`.
    pub status: String,
    /// What it means.
    pub kind: Kind,
    /// When another attempt makes sense, where the other side says so.
    pub retry_after: Option<Duration>,
    /// The body, as far as it was to be kept.
    pub text: String,
}

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was taken.
    Success,
    /// It is to be posted elsewhere. Redirects are never followed: they could lead what is posted anywhere.
    Redirection,
    /// Another attempt may have better luck.
    Passing,
    /// It was refused.
    Refusal,
}

/// Why nothing came back.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub why: String,
    /// Whether another attempt may have better luck.
    pub is_passing: bool,
}

impl Web {
    /// Reads whom to trust; the error says what is wrong with the file.
    pub fn new() -> Result<Self, String> {
        roots().map(|roots| Self { roots })
    }

    /// Posts within a time limit, and keeps so many bytes of the answer's body.
    pub fn post(&self, to: &Uri, sent: Sent<'_>, keep: u64, limit: Duration) -> Result<Answer, Failure> {
        let mut config = Agent::config_builder();
        // No proxy leads to this machine.
        if is_own(to) {
            config = config.proxy(None);
        }
        let agent: Agent = config
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(limit))
            .tls_config(TlsConfig::builder().root_certs(self.roots.clone()).build())
            .user_agent(concat!("goldsmith/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let request = agent.post(to);
        let answer = match sent {
            Sent::Json(text) => request.header(CONTENT_TYPE, "application/json").send(text),
            Sent::Form(fields) => request.send_form(fields.iter().copied()),
        };
        let failed = |error: ureq::Error| Failure { why: said(&error), is_passing: is_passing(&error) };
        let mut answer = answer.map_err(failed)?;
        let text = match keep {
            0 => String::new(),
            most => answer.body_mut().with_config().limit(most).read_to_string().map_err(failed)?,
        };
        let status = answer.status();
        Ok(Answer {
            status: status.to_string(),
            kind: kind(status),
            retry_after: retry_after(answer.headers(), SystemTime::now()),
            text,
        })
    }
}

/// Whether an address is of this machine's own, as far as its name says so.
#[must_use]
pub fn is_own(address: &Uri) -> bool {
    address.host().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
}

fn kind(status: StatusCode) -> Kind {
    if status.is_success() {
        Kind::Success
    } else if status.is_redirection() {
        Kind::Redirection
    } else if status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
    {
        Kind::Passing
    } else {
        Kind::Refusal
    }
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
