//! Renders a project's templates. Holds the engine with the project's macros; a model's template
//! is parsed, rendered and dropped, so that thousands of them take no room.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use minijinja::Environment;
use minijinja::value::Value;

use super::context::Context;
use super::depth::{DEEPEST, SHALLOW, brackets, depth};
use super::engine;
use super::explain::{Explainer, too_deep};
use super::functions::Secrets;
use super::job::Job;
use super::library::{Library, template_name};
use super::stack::{in_time, is_roomy, on_large_stack};
use super::tags::{Tag, tags as tags_of};
use super::tokens::Token;
use super::values::from_json;
use super::{Rendered, Scope, Settings};
use crate::words::{Diagnostic, SourceFile, Span};

const TOO_LONG: &str = "the template runs too long; does it add a list to itself, again and again?";
const NO_THREAD: &str = "there is no memory left for a template that nests deep";

/// The longest template, and the longest text that one may render to.
const MAX_TEMPLATE: usize = 16 << 20;
const MAX_RENDERED: usize = 64 << 20;

/// More brackets in tags might nest deep values by repetition.
const MOST_BRACKETS: usize = 5_000;

/// A project's templates: its macros and everything that models see alike. Shared by threads.
pub struct Templates(Arc<Shared>);

/// What texts use of their project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// Macros as written, by name.
    pub macros: BTreeMap<String, String>,
    /// Variables as JSON, by name.
    pub variables: BTreeMap<String, String>,
}

/// What renderings hold on to, even one that is given up.
struct Shared {
    environment: Environment<'static>,
    settings: Arc<Settings>,
    library: Library,
    secrets: Secrets,
}

impl Templates {
    /// Reads a project's macro files. Whatever is wrong with them is told, the rest is usable.
    #[must_use]
    pub fn new(settings: Settings, macro_files: &[Arc<SourceFile>]) -> (Self, Vec<Diagnostic>) {
        let settings = Arc::new(settings);
        let secrets = Secrets::default();
        let (mut library, mut diagnostics) = Library::collect(macro_files);
        let environment = engine::build(&settings, &secrets, &mut library, &mut diagnostics);
        (Self(Arc::new(Shared { environment, settings, library, secrets })), diagnostics)
    }

    /// Renders a file.
    pub fn render(&self, file: &Arc<SourceFile>, scope: &Arc<Scope>) -> Result<Rendered, Box<Diagnostic>> {
        self.0.run(&Job { text: file.text(), file, place: None, scope, arguments: None })
    }

    /// Renders a small text that stands at `span` in a file, such as a string in YAML or a hook.
    pub fn expression(
        &self,
        text: &str,
        file: &Arc<SourceFile>,
        span: Span,
        scope: &Arc<Scope>,
    ) -> Result<Rendered, Box<Diagnostic>> {
        self.0.run(&Job { text, file, place: Some(span), scope, arguments: None })
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
        self.0.run(&Job { text: &text, file, place: Some(span), scope, arguments })
    }

    /// Whether the project has a macro of this name.
    #[must_use]
    pub fn has_macro(&self, name: &str) -> bool {
        self.macro_names().any(|known| known == name)
    }

    /// The names of the project's macros.
    pub fn macro_names(&self) -> impl Iterator<Item = &str> {
        self.0.library.names()
    }

    /// What of the project the texts of a node use: macros with what these call in turn, each as
    /// written, and variables with their values. What only runs on some way through is used, too.
    #[must_use]
    pub fn used<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Used {
        let Shared { library, settings, .. } = &*self.0;
        let mut wanted = BTreeSet::new();
        let mut variables = BTreeMap::new();
        let mut note = |text: &str, tags: &[Tag]| {
            for (token, _) in tags.iter().flat_map(|tag| tag.tokens(text)) {
                if let Token::Text(name) = token
                    && let Some(value) = settings.vars.get(name)
                {
                    variables.insert(name.to_owned(), value.to_string());
                }
            }
        };
        for text in texts {
            let tags = tags_of(text);
            wanted.extend(library.mentioned(text, &tags));
            note(text, &tags);
        }
        let mut macros = BTreeMap::new();
        for one in library.with_needs(wanted).into_iter().map(|number| &library.macros[number]) {
            note(&one.source, &tags_of(&one.source));
            let written = one.file.text().get(one.text.start..one.text.end).unwrap_or_default();
            macros.insert(one.name.to_string(), written.to_owned());
        }
        Used { macros, variables }
    }

    /// The secret values that `env_var()` has given out so far: mask them wherever text is shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Shared {
    fn run(self: &Arc<Self>, job: &Job<'_>) -> Result<Rendered, Box<Diagnostic>> {
        let tags = tags_of(job.text);
        if tags.is_empty() {
            return Ok(job.untouched());
        }
        if job.text.len() > MAX_TEMPLATE {
            return Err(job.refuse("the template is larger than 16 MB"));
        }
        let (deep, span) = depth(job.text, &tags);
        let cramped = job.text.contains("namespace") || brackets(job.text, &tags) > MOST_BRACKETS;
        if deep > DEEPEST {
            return Err(Box::new(too_deep(job.file, job.place.unwrap_or(span)).node(&job.scope.node)));
        }
        let wanted = self.library.with_needs(self.library.mentioned(job.text, &tags));
        let laid_roomy = wanted.iter().any(|number| self.library.macros[*number].roomy);
        let roomy = deep > SHALLOW || is_roomy(job.text) || laid_roomy;
        let (result, lacks_macros) = self.aside(job, &tags, &wanted, (roomy, cramped || laid_roomy));
        if result.is_err() && lacks_macros {
            return self.aside(job, &tags, &self.library.all(), (roomy, true)).0;
        }
        result
    }

    /// Renders with these macros, on a thread of its own where it needs room or has to be watched;
    /// tells as well whether the template calls other macros.
    fn aside(
        self: &Arc<Self>,
        job: &Job<'_>,
        tags: &[Tag],
        macros: &BTreeSet<usize>,
        (roomy, cramped): (bool, bool),
    ) -> (Result<Rendered, Box<Diagnostic>>, bool) {
        let refused = |message: &str| (Err(job.refuse(message)), false);
        let adds = tags.iter().any(|tag| tag.tokens(job.text).any(|(token, _)| token == Token::Mark(b'+')));
        if adds || macros.iter().any(|number| self.library.macros[*number].source.contains('+')) {
            let (shared, job, macros) = (Arc::clone(self), job.kept(), macros.clone());
            let work = move || shared.with_macros(&job.job(), &tags_of(&job.text), &macros, cramped);
            return match in_time(roomy, work) {
                Ok(Some(done)) => done,
                Ok(None) => refused(TOO_LONG),
                Err(_) => refused(NO_THREAD),
            };
        }
        let work = || self.with_macros(job, tags, macros, cramped);
        if roomy { on_large_stack(work).unwrap_or_else(|_| refused(NO_THREAD)) } else { work() }
    }

    fn with_macros(
        &self,
        job: &Job<'_>,
        tags: &[Tag],
        macros: &BTreeSet<usize>,
        cramped: bool,
    ) -> (Result<Rendered, Box<Diagnostic>>, bool) {
        let context = Context::new(&self.settings, job.scope, job.arguments.clone());
        let result = self.attempt(job, tags, &self.prelude(macros, cramped), &context);
        let lacks_macros = context.record().lacks_macros;
        (result, lacks_macros)
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
                Err(job.refuse("the template renders to more than 64 MB"))
            }
            Ok((sql, spans)) => {
                Ok(job.finish(tags, sql, job.source_map(&spans, prefix), &mut context.record()))
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
                Err(Box::new(explainer.explain(&error).node(&job.scope.node)))
            }
        }
    }
}
