//! Reads goldsmith's and dbt's YAML into nouns. Owns what keys there are and what they mean;
//! does not walk folders (`load` does) and connects nothing.

mod append;
mod dbt_project;
mod deploy;
mod freshness;
mod levels;
mod load;
mod notify;
mod platform;
mod project;
mod properties;
mod publications;
mod schedule;
mod section;
mod template;
mod tests;
mod yaml;

pub use append::{add_loads, line_end, new_loads, scalar};
pub use dbt_project::{DbtProject, DbtSetting, dbt_project};
pub use platform::platform;
pub use project::{ProjectConfig, is_project_name, name_span, project};
pub use properties::{Described, List, Properties, properties};
pub use schedule::{CRON_HELP, cron};
pub use template::template;
pub use tests::DeclaredTest;
