//! What looking at a warehouse step by step finds.

/// How good a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, with a risk.
    Doubtful,
    /// It does not work.
    Bad,
}

impl Health {
    /// The word in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubtful => "warn",
            Self::Bad => "FAIL",
        }
    }
}

/// One step, and what it found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// How good it is.
    pub health: Health,
    /// What was found.
    pub said: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn good(what: impl Into<String>, said: impl Into<String>) -> Self {
        Self { what: what.into(), health: Health::Good, said: said.into(), help: None }
    }

    /// It works, with a risk.
    #[must_use]
    pub fn doubtful(what: impl Into<String>, said: impl Into<String>, help: impl Into<String>) -> Self {
        Self { health: Health::Doubtful, help: Some(help.into()), ..Self::good(what, said) }
    }

    /// It does not work.
    #[must_use]
    pub fn bad(what: impl Into<String>, said: impl Into<String>, help: impl Into<String>) -> Self {
        Self { health: Health::Bad, help: Some(help.into()), ..Self::good(what, said) }
    }
}
