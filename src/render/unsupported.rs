//! What dbt's templates have and goldsmith's don't: each gets a clear message that says what to
//! do instead, at the place where it is used.

use minijinja::Error;

use super::told::told_with_help;

/// The error for a variable of dbt's that goldsmith does not have.
pub(super) fn variable(name: &str) -> Option<Error> {
    let help = match name {
        "graph" => "name what the model needs with `ref()`; `goldsmith ls --format json` lists all nodes",
        "modules" => {
            "dates: let the database compute them, or use `flags.DATE`; `run_started_at.strftime('%Y-%m-%d')` works"
        }
        "api" => "write the SQL type or name directly",
        "dbt_utils" | "dbt" | "dbt_date" | "dbt_expectations" => {
            "goldsmith has no packages: copy the macro into `macros/` and call it by its own name"
        }
        "selected_resources" | "dbt_metadata_envs" | "invocation_args_dict" => {
            "a model's SQL must not depend on what else is selected"
        }
        _ => return None,
    };
    Some(told_with_help(format!("not supported: `{name}`"), help))
}

/// The functions of dbt's that goldsmith does not have, with what to do instead.
pub(super) const FUNCTIONS: [(&str, &str); 8] = [
    ("run_query", "templates are rendered without a database: list the values in the model, or in `vars:`"),
    ("load_result", "templates are rendered without a database: list the values in the model, or in `vars:`"),
    ("statement", "templates are rendered without a database: list the values in the model, or in `vars:`"),
    ("dbt_version", "goldsmith is not dbt"),
    ("toyaml", "use `tojson()`"),
    ("fromyaml", "use `fromjson()`"),
    ("local_md5", "let the database compute the hash"),
    ("metric", "goldsmith has no metrics"),
];
