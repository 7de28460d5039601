//! A publication as a page for a browser or a printer: one file that needs no other.

use std::fmt::Write;

use jiff::tz::TimeZone;

use super::evidence::{Evidence, heading, took, totals};
use crate::ledger::{ItemKind, Role};
use crate::report::thousands;

const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;margin:2.5rem auto;max-width:64rem;padding:0 1rem;color:#1a1a1a}\
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .4rem;border-bottom:1px solid #bbb}\
p.sub{color:#555;margin:0 0 1.4rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.22rem .6rem .22rem 0;border-bottom:1px solid #eee}\
th{font-weight:600;color:#444}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
code{font:12px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}td.bad{color:#a40000;font-weight:600}\
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}";

/// The page. All that comes from files and tables is shown as text.
#[must_use]
pub fn page(evidence: &Evidence<'_>, platform: &str, owner: Option<&str>, zone: &TimeZone) -> String {
    let mut html = String::new();
    let id = text(&evidence.publication.id());
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{id}</title>\
         <style>{STYLE}</style></head>\n<body><h1>{id}</h1>\n<p class=\"sub\">Financial gold of {} on the platform {}{}</p>\n<table>\n",
        text(&evidence.publication.project),
        text(platform),
        owner.map(|o| format!(", owner {}", text(o))).unwrap_or_default(),
    );
    for (label, value) in heading(evidence, zone).into_iter().skip(1) {
        let _ = writeln!(html, "<tr><th>{}</th><td>{}</td></tr>", text(label), text(&value));
    }
    html.push_str("</table>\n");
    outputs(evidence, &mut html);
    scripts(evidence, &mut html);
    tests(evidence, &mut html);
    loads(evidence, &mut html);
    html.push_str(
        "<p class=\"sub\">Checksums do not depend on the order of rows. \
         <code>goldsmith publications verify</code> computes them anew.</p>\n</body></html>\n",
    );
    html
}

fn outputs(evidence: &Evidence<'_>, html: &mut String) {
    for (title, role) in [("Outputs", Role::Output), ("Inputs", Role::Input)] {
        let mut rows = evidence.of_role(role).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let _ = writeln!(
            html,
            "<h2>{title}</h2>\n<table><tr><th>relation</th><th>rows</th><th>totals</th><th>checksum</th></tr>"
        );
        for record in rows {
            let _ = writeln!(
                html,
                "<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td><code>{}</code></td></tr>",
                text(&record.name()),
                thousands(record.rows),
                text(&totals(record)),
                text(&record.checksum)
            );
        }
        html.push_str("</table>\n");
    }
}

fn scripts(evidence: &Evidence<'_>, html: &mut String) {
    html.push_str(
        "<h2>Scripts, in the order in which they ran</h2>\n<table><tr><th>file</th><th>rows</th><th>took</th><th>SHA-256</th></tr>\n",
    );
    for item in evidence.of_kind(ItemKind::Script) {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td><code>{}</code></td></tr>",
            text(item.path.as_deref().unwrap_or(&item.name)),
            item.rows.map(thousands).unwrap_or_default(),
            text(&took(item)),
            text(item.sha256.as_deref().unwrap_or_default())
        );
    }
    html.push_str("</table>\n");
}

fn tests(evidence: &Evidence<'_>, html: &mut String) {
    let mut tests = evidence.of_kind(ItemKind::Test).peekable();
    if tests.peek().is_none() {
        html.push_str("<h2>Tests</h2>\n<p>There was none.</p>\n");
        return;
    }
    html.push_str("<h2>Tests</h2>\n<table><tr><th>test</th><th>result</th><th>said</th></tr>\n");
    for item in tests {
        let class = if item.status == "pass" { "" } else { " class=\"bad\"" };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td{class}>{}</td><td>{}</td></tr>",
            text(&item.name),
            text(&item.status),
            text(item.message.as_deref().unwrap_or_default())
        );
    }
    html.push_str("</table>\n");
}

fn loads(evidence: &Evidence<'_>, html: &mut String) {
    let mut loads = evidence.of_role(Role::Root).peekable();
    if loads.peek().is_none() {
        return;
    }
    html.push_str(
        "<h2>Loads behind the inputs</h2>\n<table><tr><th>load</th><th>rows</th><th>mode</th><th>for</th><th>finished</th><th>watermark</th></tr>\n",
    );
    for load in loads {
        let fact = |name: &str| {
            let found = load.totals.iter().find(|(n, _)| n == name);
            text(found.and_then(|(_, value)| value.as_deref()).unwrap_or_default())
        };
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&load.name()),
            load.known_rows().map_or_else(|| "-".to_owned(), thousands),
            fact("mode"),
            fact("business_date"),
            fact("finished_at"),
            text(load.watermark.as_deref().unwrap_or_default())
        );
    }
    html.push_str("</table>\n");
}

/// Text as HTML shows it, whatever is in it.
fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
