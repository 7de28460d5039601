//! Whom to tell how runs end.

use std::time::Duration;

use super::kinds::words;
use crate::words::Span;

words! {
    /// After which runs somebody is told.
    Occasion {
        /// After those that did not end well.
        Failure "failure",
        /// After all.
        Always "always",
    }
}

words! {
    /// What a webhook understands.
    Webhook {
        /// Slack's and its kin: a text.
        Slack "slack",
        /// A workflow of Microsoft Teams: an adaptive card.
        Teams "teams",
        /// Any other: all facts, the text and the card.
        Json "json",
    }
}

/// One entry of `notify:` in `goldsmith.yml`.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The webhook's address, as written: it should hold `env_var`, since such addresses are secrets.
    pub url: String,
    /// Where it stands.
    pub span: Span,
    /// After which runs.
    pub on: Occasion,
    /// What it understands; its host tells otherwise.
    pub format: Option<Webhook>,
    /// How long to try, all attempts together.
    pub timeout: Option<Duration>,
}
