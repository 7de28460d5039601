//! docs/commands.md is made from the program itself: each command with its flags, variables and examples.

use std::fmt::Write;

use clap::{Command, CommandFactory};
use goldsmith::cli::Cli;

const HEAD: &str = "# Commands\n\nWhat `goldsmith help` says, made from the program. A flag outweighs its environment variable.\n";

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let mut program = Cli::command();
    program.build();
    let mut page = HEAD.to_owned();
    options(&program, &mut page, "## Flags of every command", true);
    for command in program.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        section(command, "goldsmith", &mut page);
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&path, &page).expect("docs/commands.md");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/commands.md is not what the program says: INSTA_UPDATE=always cargo test --test commands_page"
    );
}

fn section(command: &Command, above: &str, page: &mut String) {
    let name = format!("{above} {}", command.get_name());
    let inner: Vec<&Command> =
        command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _ = write!(page, "\n## {name}\n\n{}\n", plain(&about));
    if !inner.is_empty() {
        for inner in inner {
            section(inner, &name, page);
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = write!(page, "\n```\n{usage}\n```\n");
    options(command, page, "", false);
    if let Some(after) = command.get_after_help() {
        let _ = write!(page, "\n```text\n{}\n```\n", after.to_string().trim_end());
    }
}

/// The arguments as a table; those of every command stand once, at the top.
fn options(command: &Command, page: &mut String, title: &str, global: bool) {
    let arguments: Vec<_> = command
        .get_arguments()
        .filter(|a| {
            !a.is_hide_set()
                && a.is_global_set() == global
                && !matches!(a.get_id().as_str(), "help" | "version")
        })
        .collect();
    if arguments.is_empty() {
        return;
    }
    if !title.is_empty() {
        let _ = write!(page, "\n{title}\n");
    }
    page.push_str("\n| | | variable |\n|---|---|---|\n");
    for argument in arguments {
        let values = argument.get_value_names().unwrap_or_default();
        let takes = argument.get_action().takes_values();
        let value: Vec<String> =
            if takes { values.iter().map(ToString::to_string).collect() } else { Vec::new() };
        let mut names: Vec<String> = argument
            .get_long()
            .map(|l| format!("--{l} {}", value.join(" ")).trim_end().to_owned())
            .into_iter()
            .collect();
        names.extend(argument.get_short().map(|s| format!("-{s}")));
        if names.is_empty() {
            names.push(values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        }
        let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        let mut help =
            argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let possible: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|v| !v.is_hide_set() && takes)
            .map(|v| format!("`{}`", v.get_name()))
            .collect();
        if !possible.is_empty() {
            let _ = write!(help, " ({})", possible.join(", "));
        }
        let usual: Vec<String> =
            argument.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
        if !usual.is_empty() && takes {
            let _ = write!(help, " [default: {}]", usual.join(" "));
        }
        let variable = argument.get_env().map(|v| format!("`{}`", v.to_string_lossy())).unwrap_or_default();
        let _ = writeln!(page, "| {} | {} | {variable} |", names.join(", "), plain(&help).replace('\n', " "));
    }
}

/// Help texts write names without ticks, as a terminal shows them; a bar would end a cell.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
