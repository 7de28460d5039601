//! The address of a webhook. Its path, and whatever else is not its host, is a secret.

use std::fmt;

use crate::nouns::Webhook;
use crate::web::Uri;

/// Where Slack's webhooks are.
const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// An address that can be posted to. It is shown without its secret.
#[derive(Clone)]
pub struct Address {
    pub(super) uri: Uri,
    /// What the webhook understands.
    pub format: Webhook,
}

impl Address {
    /// Reads an address; the error says what is wrong without saying it.
    pub fn new(url: &str, format: Option<Webhook>) -> Result<Self, &'static str> {
        let uri: Uri = url.trim().parse().map_err(|_| "it is no URL")?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) {
            return Err("it does not begin with https:// or http://");
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or("it names no host")?.to_ascii_lowercase();
        let authority = uri.authority().map_or("", |a| a.as_str()).rsplit('@').next().unwrap_or_default();
        if authority.len() > host.len() && uri.port_u16().is_none() {
            return Err("its port is no number");
        }
        let by_host = if SLACK.contains(&host.as_str()) { Webhook::Slack } else { Webhook::Json };
        Ok(Self { uri, format: format.unwrap_or(by_host) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host) = (self.uri.scheme_str().unwrap_or_default(), self.uri.host().unwrap_or_default());
        write!(f, "{scheme}://{host}/...")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Webhook};

    #[test]
    fn shows_no_more_than_the_host() {
        let url = " https://user:pass@Hooks.Slack.com:443/services/T0/B0/secret?token=x\n";
        let address = Address::new(url, None).unwrap();
        assert_eq!(address.to_string(), "https://Hooks.Slack.com/...");
        assert_eq!(format!("{address:?}"), "Address(https://Hooks.Slack.com/...)");
        assert_eq!(address.format, Webhook::Slack);
        assert_eq!(Address::new(url, Some(Webhook::Json)).unwrap().format, Webhook::Json);
    }

    #[test]
    fn refuses_what_is_no_address() {
        for wrong in [
            "",
            "hooks.slack.com/x",
            "ftp://host/x",
            "https://",
            "https:///x",
            "mailto:a@b",
            "https://h:port/x",
            "a b",
            "\u{1F511}",
        ] {
            assert!(Address::new(wrong, None).is_err(), "{wrong}");
        }
    }
}
