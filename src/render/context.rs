//! What one rendering knows and collects. It is the root of the template's variables (`this`,
//! `model`, `flags`), and the template functions find it there to note what they were asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Object, Value};
use minijinja::{Error, State};

use super::relation::RelationValue;
use super::settings::Settings;
use super::told::told;
use super::unsupported;
use super::values::{from_json, map_of};
use super::{ReferenceKind, Resolved, Scope};

/// Holds a blank, so that no template can assign to it.
const KEY: &str = "goldsmith context";

/// One `ref()` or `source()`, before its place is known.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) kind: ReferenceKind,
    pub(super) args: Vec<String>,
    pub(super) resolved: Option<Resolved>,
    /// The outermost macro that was running.
    pub(super) inside: Option<Arc<str>>,
}

/// What a rendering collects.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) refs: Vec<Named>,
    known: HashMap<(ReferenceKind, Vec<String>), usize>,
    pub(super) config: Vec<(String, Value)>,
    pub(super) warnings: Vec<String>,
    pub(super) messages: Vec<String>,
    /// The macros that are running, outermost first.
    pub(super) running: Vec<Arc<str>>,
    /// What `return()` left for the macro that is running.
    pub(super) returned: Option<Value>,
    /// A macro was called that the template had not been given.
    pub(super) lacks_macros: bool,
}

impl Record {
    /// A reference that was noted before.
    pub(super) fn find(&self, kind: ReferenceKind, args: &[String]) -> Option<&Named> {
        self.known.get(&(kind, args.to_vec())).map(|at| &self.refs[*at])
    }

    /// Notes a reference for the first time.
    pub(super) fn add(&mut self, kind: ReferenceKind, args: Vec<String>, resolved: Option<Resolved>) {
        self.known.insert((kind, args.clone()), self.refs.len());
        let inside = self.running.first().cloned();
        self.refs.push(Named { kind, args, resolved, inside });
    }
}

/// The root of one rendering's variables.
pub(super) struct Context {
    pub(super) settings: Arc<Settings>,
    pub(super) scope: Arc<Scope>,
    /// What `goldsmith_arguments` is, where a macro is called from outside of templates.
    arguments: Option<Value>,
    record: Mutex<Record>,
}

impl Context {
    pub(super) fn new(settings: &Arc<Settings>, scope: &Arc<Scope>, arguments: Option<Value>) -> Arc<Self> {
        let (settings, scope) = (Arc::clone(settings), Arc::clone(scope));
        Arc::new(Self { settings, scope, arguments, record: Mutex::default() })
    }

    /// The context of the rendering that a state belongs to.
    pub(super) fn of(state: &State<'_, '_>) -> Result<Arc<Self>, Error> {
        state
            .lookup(KEY)
            .and_then(|value| value.downcast_object::<Self>())
            .ok_or_else(|| told("this function works only while a model is rendered"))
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flags(&self) -> Value {
        let settings = &self.settings;
        map_of([
            ("FULL_REFRESH", Value::from(self.scope.full_refresh)),
            ("WHICH", Value::from("run")),
            ("PIPELINE", Value::from(settings.pipeline.as_str())),
            ("DATE", Value::from(settings.date.as_str())),
        ])
    }

    fn value(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            KEY => Some(Value::from_dyn_object(Arc::clone(self))),
            "this" => {
                self.scope.this.as_ref().map(|name| RelationValue::relation(name, self.settings.dialect))
            }
            "model" => Some(from_json(&self.scope.model)),
            "flags" => Some(self.flags()),
            "goldsmith_arguments" => self.arguments.clone(),
            _ => unsupported::variable(key).map(Value::from),
        }
    }
}

/// The variables of [`Context`] that a template can name.
pub(super) const VARIABLES: [&str; 3] = ["this", "model", "flags"];

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.value(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.value(key)
    }
}
