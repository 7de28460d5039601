//! Hears what the driver logs of the server's messages: PRINT, warnings, notes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// Where the driver logs them.
const ROOM: &str = "tiberius::tds::stream::token";
/// What a server says to every log in, USE and renaming, and what the driver logs of a connection's state beside.
const USUAL: [&str; 12] = [
    "Caution: Changing any part of an object name ",
    "Changed database context to '",
    "Changed language setting to ",
    "Database change from '",
    "Packet size change from '",
    "SQL collation change",
    "Begin transaction",
    "Commit transaction",
    "Rollback transaction",
    "Defect transaction",
    "Fallback mirror server: `",
    "Ignored env change: `",
];

/// The messages of one connection, in order.
#[derive(Clone)]
pub(super) struct Said {
    kept: Arc<Mutex<Vec<String>>>,
    dispatch: Dispatch,
}

impl Default for Said {
    fn default() -> Self {
        let kept = Arc::<Mutex<Vec<String>>>::default();
        let dispatch = Dispatch::new(Ear(Arc::clone(&kept)));
        Self { kept, dispatch }
    }
}

impl Said {
    /// Does something and listens.
    pub(super) fn listen<T>(&self, work: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, work)
    }

    /// What has been said since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Ear(Arc<Mutex<Vec<String>>>);

impl Subscriber for Ear {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.is_event() && *about.level() == Level::DEBUG && about.target() == ROOM
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        if let Some(text) = message.0.filter(|text| !USUAL.iter().any(|usual| text.starts_with(usual))) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The text of an event that is nothing but text.
#[derive(Default)]
struct Message(Option<String>);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 = (field.name() == "message").then(|| format!("{value:?}"));
    }
}
