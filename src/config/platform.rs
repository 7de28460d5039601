//! `goldsmith.yml`: the platform's name, targets and defaults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::Utf8Path;

use super::deploy::deploy;
use super::levels::levels;
use super::notify::notify;
use super::publications::publications;
use super::section::{Section, Unknown};
use super::yaml::{self, Key, Yaml};
use crate::nouns::{Engine, Platform, Server, Setting, SqlServer, Target};
use crate::words::{Code, Diagnostic, SourceFile, Span, nearest};

/// The engines that `type:` can name.
const ENGINES: [&str; 3] = ["duckdb", "postgres", "sqlserver"];

/// Reads `goldsmith.yml`. `None` when it is no YAML at all; otherwise a platform without projects.
pub fn platform(root: &Utf8Path, file: &Arc<SourceFile>, out: &mut Vec<Diagnostic>) -> Option<Platform> {
    let tree = yaml::parse(file).map_err(|e| out.push(e)).ok()?;
    let mut section = Section::open(file, "goldsmith.yml", &tree, out);
    let name = section.required_text("name", out).map_or_else(|| "platform".into(), |(name, _)| name);
    let default_target = section.spanned_text("default_target", out);
    let timezone = section.spanned_text("timezone", out);
    let vars = section.json_map("vars", out);
    let lint = levels(&mut section, file, true, out);
    let notify = notify(file, &mut section, out);
    let publications = publications(file, &mut section, out);
    let deploy = deploy(file, &mut section, out);
    let targets = targets(file, &mut section, out);
    if let Some((zone, span)) = &timezone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        out.push(
            Diagnostic::new(Code::InvalidYaml, format!("`{zone}` is no time zone"))
                .at(file, *span)
                .help("use a name of the IANA database such as Europe/Berlin or UTC"),
        );
    }
    if let Some((target, span)) = &default_target
        && !targets.contains_key(target)
    {
        let diagnostic =
            Diagnostic::new(Code::UnknownName, format!("there is no target `{target}`")).at(file, *span);
        out.push(match nearest(target, targets.keys().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("name one of `targets:`"),
        });
    }
    section.finish(Unknown::Error, out);
    let default_target =
        default_target.map(|(t, _)| t).or_else(|| targets.keys().next().cloned()).unwrap_or_default();
    Some(Platform {
        root: root.to_owned(),
        file: Arc::clone(file),
        name,
        timezone: timezone.map_or_else(|| "UTC".into(), |(zone, _)| zone),
        default_target,
        targets,
        vars,
        lint,
        notify,
        publications,
        deploy,
        projects: Vec::new(),
    })
}

fn targets(
    file: &Arc<SourceFile>,
    section: &mut Section<'_>,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Target> {
    let Some(list) = section.section("targets", out) else {
        out.push(
            Diagnostic::new(Code::InvalidYaml, "goldsmith.yml names no target")
                .at(file, section.span())
                .help("add\ntargets:\n  dev: { type: duckdb, path: warehouse }"),
        );
        return BTreeMap::new();
    };
    list.entries().iter().map(|(key, tree)| (key.text.clone(), target(file, key, tree, out))).collect()
}

fn target(file: &Arc<SourceFile>, key: &Key, tree: &Yaml, out: &mut Vec<Diagnostic>) -> Target {
    let mut section = Section::open(file, format!("target `{}`", key.text), tree, out);
    let mut is_known = true;
    let engine = match section.required_text("type", out) {
        Some((word, span)) => match word.as_str() {
            "duckdb" => duckdb(&mut section, out),
            "sqlserver" => sqlserver(file, &mut section, out),
            "postgres" => postgres(&mut section, out),
            other => {
                let help = nearest(other, ENGINES).map_or_else(
                    || format!("use {}", ENGINES.join(", ")),
                    |n| format!("did you mean `{n}`?"),
                );
                out.push(
                    Diagnostic::new(Code::InvalidYaml, format!("there is no engine `{other}`"))
                        .at(file, span)
                        .help(help),
                );
                // Which keys it would have, nobody knows.
                is_known = false;
                Engine::SqlServer(Box::default())
            }
        },
        None => duckdb(&mut section, out),
    };
    let databases = section.json_map("databases", out);
    let target = Target {
        name: key.text.clone(),
        engine,
        protected: section.flag("protected", out).unwrap_or(false),
        threads: section.count("threads", out).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0),
        memory_limit: section.size("memory_limit", out),
        statement_timeout: some_time(&mut section, "statement_timeout", out),
        databases: databases
            .into_iter()
            .filter_map(|(project, name)| Some((project, name.as_str()?.to_owned())))
            .collect(),
        schema_prefix: section.text("schema_prefix", out).unwrap_or_default(),
    };
    if !target.schema_prefix.is_empty() {
        out.push(
            Diagnostic::new(Code::UnsupportedKey, "`schema_prefix` is not supported by this version")
                .as_error()
                .at(file, section.key_span("schema_prefix"))
                .help("give each person a database of their own: `databases: { project: name }`"),
        );
    }
    if is_known {
        section.finish(Unknown::Error, out);
    }
    target
}

fn duckdb(section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Engine {
    let (path, span) =
        section.spanned_text("path", out).unwrap_or_else(|| ("warehouse".into(), Span::default()));
    Engine::DuckDb { path, span }
}

fn postgres(section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Engine {
    let mut setting = |key| section.spanned_text(key, out).map(|(text, span)| Setting { text, span });
    Engine::Postgres(Box::new(Server {
        host: setting("host"),
        port: setting("port"),
        user: setting("user"),
        password: setting("password"),
        database: setting("database"),
        sslmode: setting("sslmode"),
        sslrootcert: setting("sslrootcert"),
        lock_timeout: some_time(section, "lock_timeout", out),
    }))
}

/// A length of time that is longer than none at all, which servers would read as for ever.
fn some_time(section: &mut Section<'_>, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<Duration> {
    section.duration(key, out).map(|time| time.max(Duration::from_millis(1)))
}

fn sqlserver(file: &Arc<SourceFile>, section: &mut Section<'_>, out: &mut Vec<Diagnostic>) -> Engine {
    let mut setting = |key| section.spanned_text(key, out).map(|(text, span)| Setting { text, span });
    let mut server = SqlServer {
        host: setting("host"),
        port: setting("port"),
        instance: setting("instance"),
        user: setting("user"),
        password: setting("password"),
        token: setting("token"),
        database: setting("database"),
        certificate: setting("certificate"),
        application_intent: setting("application_intent"),
        tenant_id: setting("tenant_id"),
        client_id: setting("client_id"),
        client_secret: setting("client_secret"),
        authority: setting("authority"),
        ..SqlServer::default()
    };
    server.lock_timeout = some_time(section, "lock_timeout", out);
    server.windows_login =
        section.flag("windows_login", out).unwrap_or(false).then(|| section.key_span("windows_login"));
    server.trust_server_certificate = section.flag("trust_server_certificate", out).unwrap_or(false);
    // Known from other tools.
    for (key, help) in [
        ("authentication", "leave it out: who logs in is seen from user, token, client_id or windows_login"),
        ("sslmode", "the connection is always encrypted, and the certificate checked; see `certificate`"),
    ] {
        if section.get(key).is_some() {
            out.push(
                Diagnostic::new(Code::UnsupportedKey, format!("`{key}` is not supported by this version"))
                    .as_error()
                    .at(file, section.key_span(key))
                    .help(help),
            );
        }
    }
    Engine::SqlServer(Box::new(server))
}
