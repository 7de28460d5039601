//! Sets the engine up: its limits, what all templates of a project see, and the project's macros.

use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior};

use super::adapter::{Adapter, Exceptions, MacroValues, Namespace};
use super::config::Config;
use super::depth::{DEEPEST, SHALLOW, depth};
use super::explain::{Explainer, too_deep};
use super::functions::Secrets;
use super::library::{Library, template_name};
use super::macro_call::{Laid, MacroCall};
use super::moment::Moment;
use super::stack::on_large_stack;
use super::tags::tags;
use super::values::map_of;
use super::{Settings, bounded, filters, functions};
use crate::words::Diagnostic;

/// What a template may do in all: an endless loop stops within about a second. The engine counts
/// each byte that it makes as a 64th, so no template makes more than 256 MB of values.
const FUEL: u64 = 4_000_000;

/// What of it a template keeps that may build deep values: fewer than the large stack holds.
const FUEL_OF_ROOMY: u64 = 500_000;

/// The engine's measure of nested loops and macros: some 40 macros that call each other.
const RECURSION: usize = 240;

/// The engine with everything that a project's templates see.
pub(super) fn build(
    settings: &Arc<Settings>,
    secrets: &Secrets,
    library: &mut Library,
    diagnostics: &mut Vec<Diagnostic>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    bounded::register(&mut environment);
    filters::register(&mut environment);
    functions::register(&mut environment, settings, secrets);
    register_facts(&mut environment, settings);
    for number in 0..library.macros.len() {
        if let Err(diagnostic) = add_macro(&mut environment, library, number) {
            diagnostics.push(*diagnostic);
            library.macros[number].broken = true;
        }
    }
    register_macros(&mut environment, settings, library);
    environment
}

fn add_macro(
    environment: &mut Environment<'static>,
    library: &mut Library,
    number: usize,
) -> Result<(), Box<Diagnostic>> {
    let one = &mut library.macros[number];
    let source = one.source.clone();
    let (deep, _) = depth(&source, &tags(&source));
    one.roomy |= deep > SHALLOW;
    let refuse = || Box::new(too_deep(&one.file, one.header));
    if deep > DEEPEST {
        return Err(refuse());
    }
    let add = || environment.add_template_owned(template_name(number), source);
    let added = if deep > SHALLOW { on_large_stack(add).map_err(|_| refuse())? } else { add() };
    added.map_err(|error| Box::new(Explainer::of_macros(library).explain(&error)))
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
