//! Renders a project's templates. Holds the engine with the project's macros; a model's template
//! is parsed, rendered and dropped, so that thousands of them take no room.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use minijinja::value::Value;
use minijinja::{Environment, Error, OutputSpan, OutputSpanKind, State, UndefinedBehavior};

use super::adapter::{Adapter, Exceptions, MacroValues, Namespace};
use super::config::Config;
use super::context::{Context, Record};
use super::depth::{DEEPEST, SHALLOW, brackets, depth};
use super::explain::Explainer;
use super::functions::Secrets;
use super::library::{Library, template_name};
use super::locate::Places;
use super::macro_call::{Laid, MacroCall};
use super::moment::Moment;
use super::tags::{Tag, tags};
use super::values::{from_json, map_of, to_json};
use super::{
    ConfigEntry, Reference, ReferenceKind, Rendered, Scope, Settings, SourceMap, bounded, filters, functions,
};
use crate::words::{Code, Diagnostic, SourceFile, Span};

/// What a template may do in all: an endless loop stops within about a second. The engine counts
/// each byte that it makes as a 64th, so no template makes more than 256 MB of values.
const FUEL: u64 = 4_000_000;

/// What of it a template keeps that may build deep values: fewer than the large stack holds.
const FUEL_OF_ROOMY: u64 = 500_000;

/// The engine's measure of nested loops and macros: some 40 macros that call each other.
const RECURSION: usize = 240;

/// The longest template, and the longest text that one may render to.
const MAX_TEMPLATE: usize = 16 << 20;
const MAX_RENDERED: usize = 64 << 20;

/// The stack for templates that nest deep, or build values that might.
const LARGE_STACK: usize = 512 << 20;

/// More brackets in tags might nest deep values by repetition.
const MOST_BRACKETS: usize = 5_000;

/// A longer text gets the large stack, whatever is in it.
pub(super) const SMALL: usize = 16 << 10;

/// A project's templates: its macros and everything that models see alike. Shared by threads.
pub struct Templates {
    environment: Environment<'static>,
    settings: Arc<Settings>,
    library: Library,
    secrets: Secrets,
}

/// One text to render.
struct Job<'a> {
    text: &'a str,
    file: &'a Arc<SourceFile>,
    /// The place that the text as a whole stands for; `None` when it is the file itself.
    place: Option<Span>,
    scope: &'a Arc<Scope>,
    /// What `goldsmith_arguments` is.
    arguments: Option<Value>,
}

impl Templates {
    /// Reads a project's macro files. Whatever is wrong with them is told, the rest is usable.
    #[must_use]
    pub fn new(settings: Settings, macro_files: &[Arc<SourceFile>]) -> (Self, Vec<Diagnostic>) {
        let settings = Arc::new(settings);
        let secrets = Secrets::default();
        let (mut library, mut diagnostics) = Library::collect(macro_files);
        let mut environment = Environment::new();
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION);
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        bounded::register(&mut environment);
        filters::register(&mut environment);
        functions::register(&mut environment, &settings, &secrets);
        register_facts(&mut environment, &settings);
        for number in 0..library.macros.len() {
            let source = library.macros[number].source.clone();
            let (deep, _) = depth(&source, &tags(&source));
            library.macros[number].roomy |= deep > SHALLOW;
            let add = || environment.add_template_owned(template_name(number), source);
            let read = if deep > DEEPEST {
                Err(Box::new(too_deep(&library.macros[number].file, library.macros[number].header)))
            } else {
                let added = if deep > SHALLOW { on_large_stack(add) } else { add() };
                added.map_err(|error| Box::new(Explainer::of_macros(&library).explain(&error)))
            };
            if let Err(diagnostic) = read {
                diagnostics.push(*diagnostic);
                library.macros[number].broken = true;
            }
        }
        register_macros(&mut environment, &settings, &library);
        (Self { environment, settings, library, secrets }, diagnostics)
    }

    /// Renders a file.
    pub fn render(&self, file: &Arc<SourceFile>, scope: &Arc<Scope>) -> Result<Rendered, Box<Diagnostic>> {
        self.run(&Job { text: file.text(), file, place: None, scope, arguments: None })
    }

    /// Renders a small text that stands at `span` in a file, such as a string in YAML or a hook.
    pub fn expression(
        &self,
        text: &str,
        file: &Arc<SourceFile>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Result<Rendered, Box<Diagnostic>> {
        self.run(&Job { text, file, place: Some(span), scope, arguments: None })
    }

    /// Calls a macro, such as `test_positive` for the generic test `positive`, with arguments by
    /// name. `span` is the place in `file` that asks for it.
    pub fn call(
        &self,
        name: &str,
        arguments: &serde_json::Map<String, serde_json::Value>,
        file: &Arc<SourceFile>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Result<Rendered, Box<Diagnostic>> {
        let text = format!("{{{{ {name}(**goldsmith_arguments) }}}}");
        let arguments = Some(from_json(&serde_json::Value::Object(arguments.clone())));
        self.run(&Job { text: &text, file, place: Some(span), scope, arguments })
    }

    /// Whether the project has a macro of this name.
    #[must_use]
    pub fn has_macro(&self, name: &str) -> bool {
        self.macro_names().any(|known| known == name)
    }

    /// The names of the project's macros.
    pub fn macro_names(&self) -> impl Iterator<Item = &str> {
        self.library.names()
    }

    /// The secret values that `env_var()` has given out so far: mask them wherever text is shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn run(&self, job: &Job<'_>) -> Result<Rendered, Box<Diagnostic>> {
        if job.text.len() > MAX_TEMPLATE {
            return Err(refuse(job, "the template is larger than 16 MB"));
        }
        let tags = tags(job.text);
        if tags.is_empty() {
            return Ok(untouched(job));
        }
        let (deep, span) = depth(job.text, &tags);
        let cramped = job.text.contains("namespace") || brackets(job.text, &tags) > MOST_BRACKETS;
        if deep > DEEPEST {
            return Err(Box::new(too_deep(job.file, job.place.unwrap_or(span)).node(job.scope.node.clone())));
        }
        let wanted = self.library.with_needs(self.library.mentioned(job.text, &tags));
        let laid_roomy = wanted.iter().any(|number| self.library.macros[*number].roomy);
        let roomy = deep > SHALLOW || is_roomy(job.text) || laid_roomy;
        let work = || self.attempts(job, &tags, wanted, cramped || laid_roomy);
        if roomy { on_large_stack(work) } else { work() }
    }

    /// Renders with the macros that the template mentions; if it calls others, with all.
    fn attempts(
        &self,
        job: &Job<'_>,
        tags: &[Tag],
        wanted: BTreeSet<usize>,
        cramped: bool,
    ) -> Result<Rendered, Box<Diagnostic>> {
        let context = Context::new(&self.settings, job.scope, job.arguments.clone());
        let result = self.attempt(job, tags, &self.prelude(&wanted, cramped), &context);
        if result.is_err() && context.record().lacks_macros {
            let context = Context::new(&self.settings, job.scope, job.arguments.clone());
            return self.attempt(job, tags, &self.prelude(&self.library.all(), true), &context);
        }
        result
    }

    /// What stands before a template: it lays the macros into the state, and sets limits.
    fn prelude(&self, macros: &BTreeSet<usize>, cramped: bool) -> String {
        let mut prelude = String::new();
        for number in macros.iter().filter(|number| !self.library.macros[**number].broken) {
            prelude.push_str("{% include '");
            prelude.push_str(&template_name(*number));
            prelude.push_str("' %}");
        }
        if cramped {
            prelude.push_str("{% do goldsmith_limit() %}");
        }
        prelude
    }

    fn attempt(
        &self,
        job: &Job<'_>,
        tags: &[Tag],
        prelude: &str,
        context: &Arc<Context>,
    ) -> Result<Rendered, Box<Diagnostic>> {
        let prefix = prelude.len();
        let source =
            if prefix == 0 { Cow::Borrowed(job.text) } else { Cow::Owned(format!("{prelude}{}", job.text)) };
        let result = self
            .environment
            .template_from_named_str("template", &source)
            .and_then(|template| template.render_with_spans(Value::from_dyn_object(Arc::clone(context))));
        match result {
            Ok((sql, _)) if sql.len() > MAX_RENDERED => {
                Err(refuse(job, "the template renders to more than 64 MB"))
            }
            Ok((sql, spans)) => {
                Ok(finish(job, tags, sql, &source_map(job, &spans, prefix), &mut context.record()))
            }
            Err(error) => {
                let explainer = Explainer {
                    library: &self.library,
                    environment: Some(&self.environment),
                    file: Some(job.file),
                    text: job.text,
                    tags,
                    prefix,
                    place: job.place,
                };
                Err(Box::new(explainer.explain(&error).node(job.scope.node.clone())))
            }
        }
    }
}

fn refuse(job: &Job<'_>, message: &str) -> Box<Diagnostic> {
    let span = job.place.unwrap_or_default();
    Box::new(Diagnostic::new(Code::InvalidTemplate, message).at(job.file, span).node(job.scope.node.clone()))
}

fn too_deep(file: &Arc<SourceFile>, span: Span) -> Diagnostic {
    Diagnostic::new(Code::InvalidTemplate, "the template nests too deep here")
        .at(file, span)
        .help("split the expression with `{% set .. %}`, or the blocks into macros")
}

/// A text without tags renders to itself.
fn untouched(job: &Job<'_>) -> Rendered {
    let map = match job.place {
        None => SourceMap::identity(job.file),
        Some(span) => SourceMap::fixed(job.file, span),
    };
    finish(job, &[], job.text.to_owned(), &map, &mut Record::default())
}

fn source_map(job: &Job<'_>, spans: &[OutputSpan], prefix: usize) -> SourceMap {
    if let Some(span) = job.place {
        return SourceMap::fixed(job.file, span);
    }
    let mut map = SourceMap::new(job.file);
    for span in spans {
        let source = span.source_range();
        let source = Span::new(source.start.saturating_sub(prefix), source.end.saturating_sub(prefix));
        map.push(span.output_range().start, source, span.kind() == OutputSpanKind::Raw);
    }
    map
}

/// Puts together what a rendering gave.
fn finish(job: &Job<'_>, tags: &[Tag], sql: String, map: &SourceMap, record: &mut Record) -> Rendered {
    let places = Places::new(job.text, tags);
    let refs = std::mem::take(&mut record.refs).into_iter().map(|named| {
        let function = match named.kind {
            ReferenceKind::Ref => "ref",
            ReferenceKind::Source => "source",
        };
        let span =
            job.place.unwrap_or_else(|| places.reference(function, &named.args, named.inside.as_deref()));
        Reference { kind: named.kind, args: named.args, resolved: named.resolved, span }
    });
    let refs = refs.collect();
    let config = std::mem::take(&mut record.config).into_iter().map(|(key, value)| {
        let span = job.place.unwrap_or_else(|| places.config(&key));
        ConfigEntry { value: to_json(&value), key, span }
    });
    Rendered {
        sql,
        map: map.clone(),
        refs,
        config: config.collect(),
        warnings: std::mem::take(&mut record.warnings),
        messages: std::mem::take(&mut record.messages),
    }
}

/// Whether a text may build values that nest without bound.
pub(super) fn is_roomy(text: &str) -> bool {
    text.len() > SMALL || text.contains("namespace")
}

/// Runs on a thread whose stack holds what deep values need; the memory is taken only as used.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let cell = Mutex::new(None);
    let place = &cell;
    let outcome = thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(LARGE_STACK)
            .spawn_scoped(scope, move || *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(work()))
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    outcome.expect("a thread can be started");
    cell.into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .expect("the thread has ended and left its result")
}

fn register_facts(environment: &mut Environment<'static>, settings: &Arc<Settings>) {
    let target = &settings.target;
    let facts = map_of([
        ("name", Value::from(target.name.as_str())),
        ("type", Value::from(target.kind.as_str())),
        ("database", Value::from(target.database.as_str())),
        ("dbname", Value::from(target.database.as_str())),
        ("schema", Value::from(target.schema.as_str())),
        ("threads", Value::from(target.threads)),
    ]);
    environment.add_global("target", facts);
    environment.add_global("execute", true);
    environment.add_global("project_name", settings.project.as_str());
    environment.add_global("invocation_id", settings.invocation_id.as_str());
    environment.add_global("run_started_at", Value::from_object(Moment(settings.started_at.clone())));
    environment.add_global("config", Value::from_object(Config));
    environment.add_global("exceptions", Value::from_object(Exceptions));
    environment
        .add_function("goldsmith_limit", |state: &State<'_, '_>| state.consume_fuel(FUEL - FUEL_OF_ROOMY));
    environment.add_function("goldsmith_lay", |state: &mut State<'_, '_>, number: usize, value: Value| {
        state.get_or_insert_extension_with(Laid::default).0.insert(number, value);
        Ok::<_, Error>(())
    });
}

fn register_macros(environment: &mut Environment<'static>, settings: &Arc<Settings>, library: &Library) {
    let calls = library.macros.iter().enumerate().map(|(number, one)| {
        let call =
            MacroCall { number, name: Arc::clone(&one.name), variadic: one.variadic, broken: one.broken };
        (Arc::clone(&one.name), Value::from_object(call))
    });
    let macros: MacroValues = Arc::new(calls.collect());
    for (name, call) in &*macros {
        environment.add_global(name.to_string(), call.clone());
    }
    let adapter = Adapter { settings: Arc::clone(settings), macros: Arc::clone(&macros) };
    environment.add_global("adapter", Value::from_object(adapter));
    environment.add_global(settings.project.clone(), Value::from_object(Namespace(macros)));
}
