//! dbt's Jinja: templates in, SQL and a map back to the template out. Owns what a template can
//! see (`ref`, `config`, `this`, macros ..) and how its errors read; knows neither the graph nor
//! the configuration: both come in as [`Settings`], [`Scope`] and [`Resolve`].

mod adapter;
mod arguments;
mod balance;
mod bounded;
mod config;
mod context;
mod cursor;
mod depth;
mod engine;
mod explain;
mod filters;
mod functions;
mod generic_tests;
mod job;
mod known;
mod library;
mod locate;
mod macro_call;
mod markup;
mod moment;
pub mod money_tests;
mod native;
pub mod outline;
mod relation;
mod rendered;
mod sayings;
mod scope;
mod settings;
mod source_map;
mod stack;
mod tags;
mod templates;
mod tokens;
mod told;
mod unsupported;
mod values;

#[cfg(test)]
mod tests;

pub use cursor::{Mention, macros, mention, unfinished, without_tags, words};
pub use functions::is_secret;
pub use generic_tests::GenericTest;
pub use markup::{LiteralCall, Markup};
pub use rendered::{ConfigEntry, Reference, ReferenceKind, Rendered, UNKNOWN_PREFIX};
pub use scope::{Resolve, Resolved, Scope};
pub use settings::{Lookup, Settings, TargetFacts};
pub use source_map::SourceMap;
pub use templates::{Templates, Used};
