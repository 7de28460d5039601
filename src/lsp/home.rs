//! One platform that documents of the editor belong to: what is known of it, what the client was
//! told, and when to look again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use lsp_types::Diagnostic;

use super::understanding::{Texts, Understanding};

/// How long typing must pause before the platform is looked at again.
const PAUSE: Duration = Duration::from_millis(150);
/// How long it may go on before the platform is looked at all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// A platform.
#[derive(Default)]
pub(super) struct Home {
    /// What to answer from.
    pub(super) answers: Option<Arc<Understanding>>,
    /// Open documents as they last were whole.
    pub(super) whole: Texts,
    /// What the client was told, by path relative to the platform.
    pub(super) told: BTreeMap<Utf8PathBuf, Vec<Diagnostic>>,
    /// Whether it was looked at, with whatever outcome.
    pub(super) seen: bool,
    /// Whether it is being looked at.
    pub(super) busy: bool,
    /// The first and the last change since it was looked at.
    changed: Option<(Instant, Instant)>,
}

impl Home {
    /// Takes note of a change.
    pub(super) fn change(&mut self, now: Instant) {
        self.changed = Some((self.changed.map_or(now, |(first, _)| first), now));
    }

    /// When to look again; the first time at once.
    pub(super) fn due(&self) -> Option<Instant> {
        let (first, last) = self.changed.filter(|_| !self.busy)?;
        Some(if self.seen { (last + PAUSE).min(first + PATIENCE) } else { first })
    }

    /// Begins to look.
    pub(super) fn begin(&mut self) {
        self.changed = None;
        self.busy = true;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Home, PATIENCE, PAUSE};

    #[test]
    fn waits_for_a_pause_and_not_for_ever() {
        let (start, step) = (Instant::now(), Duration::from_millis(100));
        let mut home = Home::default();
        assert_eq!(home.due(), None);
        home.change(start);
        assert_eq!(home.due(), Some(start), "the first time at once");
        home.begin();
        assert_eq!(home.due(), None);
        home.change(start + step);
        assert_eq!(home.due(), None, "not while it is looked at, but not forgotten either");
        (home.busy, home.seen) = (false, true);
        assert_eq!(home.due(), Some(start + step + PAUSE));
        for n in 2..20 {
            home.change(start + n * step);
        }
        assert_eq!(home.due(), Some(start + step + PATIENCE));
    }
}
