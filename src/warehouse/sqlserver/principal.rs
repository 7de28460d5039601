//! An application of Microsoft Entra ID (a service principal), which logs in with a token that it is given for its secret.
//! Verified against Microsoft's documentation of the OAuth 2.0 client credentials grant, not against a tenant.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::warehouse::{Error, ErrorKind};
use crate::web::{Kind, Sent, Uri, Web, is_own};

/// Where tokens are had for Azure's public cloud.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";
/// What the token is for: databases of Azure's.
const SCOPE: &str = "https://database.windows.net/.default";
/// How long the authority may take.
const LIMIT: Duration = Duration::from_secs(20);
/// How much of its answer is read, in bytes.
const LONGEST: u64 = 256 * 1024;
/// So long before its end a token is no longer used.
const MARGIN: Duration = Duration::from_mins(5);

/// Who logs in, and the token that it has.
#[derive(Clone)]
pub struct Principal {
    endpoint: Uri,
    client: String,
    secret: String,
    token: Arc<Mutex<Option<Token>>>,
}

/// What a principal can't be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its tenant is neither an id nor a domain.
    Tenant,
    /// Its authority can't be asked: why.
    Authority(&'static str),
}

struct Token {
    text: String,
    ends: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Refused {
    error_description: Option<String>,
    error: Option<String>,
}

impl Principal {
    /// A principal of a tenant.
    pub fn new(authority: &str, tenant: &str, client: String, secret: String) -> Result<Self, Wrong> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if tenant.is_empty() || !tenant.chars().all(is_name) {
            return Err(Wrong::Tenant);
        }
        let no_url = |_| Wrong::Authority("it is no URL");
        let authority: Uri = authority.trim_end_matches('/').parse().map_err(no_url)?;
        match authority.scheme_str() {
            Some("https") => {}
            // The secret is sent there.
            Some("http") if is_own(&authority) => {}
            _ => return Err(Wrong::Authority("the secret is sent there, so it must begin with https://")),
        }
        if !matches!(authority.path(), "" | "/") || authority.host().is_none_or(str::is_empty) {
            return Err(Wrong::Authority("it is the address of a host, and no more"));
        }
        let endpoint = format!(
            "{}://{}/{tenant}/oauth2/v2.0/token",
            authority.scheme_str().unwrap_or("https"),
            authority.authority().map_or("", |a| a.as_str())
        );
        let endpoint = endpoint.parse().map_err(no_url)?;
        Ok(Self { endpoint, client, secret, token: Arc::default() })
    }

    /// The application's id.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// A token that is still good for a while; a new one is asked for when the last one has ended.
    pub(super) fn token(&self) -> Result<String, Error> {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = kept.as_ref().filter(|token| token.ends > Instant::now()) {
            return Ok(token.text.clone());
        }
        let asked = Instant::now();
        let granted = self.ask().map_err(|why| {
            let host = self.endpoint.host().unwrap_or_default();
            let message =
                format!("no token could be had from {host} for the application `{}`: {why}", self.client);
            Error::new(ErrorKind::Connection, message)
        })?;
        let lasts = Duration::from_secs(granted.expires_in.unwrap_or_default()).saturating_sub(MARGIN);
        *kept = Some(Token { text: granted.access_token.clone(), ends: asked + lasts });
        Ok(granted.access_token)
    }

    fn ask(&self) -> Result<Granted, String> {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client),
            ("client_secret", &self.secret),
            ("scope", SCOPE),
        ];
        let answer = Web::new()?
            .post(&self.endpoint, Sent::Form(&fields), LONGEST, LIMIT)
            .map_err(|failure| failure.why)?;
        if answer.kind == Kind::Success {
            return serde_json::from_str(&answer.text).map_err(|_| "it answered without a token".to_owned());
        }
        let refused: Option<Refused> = serde_json::from_str(&answer.text).ok();
        let said = refused.and_then(|r| r.error_description.or(r.error));
        // What follows the first line are ids for Microsoft's support.
        let said = said.as_deref().and_then(|s| s.lines().next()).unwrap_or_default().trim();
        Err(if said.is_empty() { format!("it answered {}", answer.status) } else { said.to_owned() })
    }
}

impl fmt::Debug for Principal {
    /// Without secret and token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({})", self.client)
    }
}

#[cfg(test)]
mod tests {
    use super::{AUTHORITY, Principal};

    #[test]
    fn the_secret_goes_to_a_host_by_tls_alone() {
        let new =
            |authority: &str, tenant: &str| Principal::new(authority, tenant, "id".into(), "s3cret".into());
        let good = new(AUTHORITY, "contoso.onmicrosoft.com").unwrap();
        assert_eq!(
            good.endpoint.to_string(),
            "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
        );
        assert!(!format!("{good:?}").contains("s3cret"));
        for (authority, tenant) in [
            ("http://login.microsoftonline.com", "t"),
            ("login.microsoftonline.com", "t"),
            ("https://", "t"),
            ("https://host/path", "t"),
            (AUTHORITY, ""),
            (AUTHORITY, "../common"),
            (AUTHORITY, "a b"),
        ] {
            assert!(new(authority, tenant).is_err(), "{authority} {tenant}");
        }
    }
}
