//! The forms of a notice: Slack's text, the adaptive card of a Microsoft Teams workflow, and all of it
//! together with the facts for everybody else. What comes from outside can't become markup in any.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Failed, Notice};
use crate::nouns::Webhook;
use crate::report::{count, duration, thousands};

/// What is posted to a webhook that understands this.
pub fn body(notice: &Notice, format: Webhook) -> Value {
    match format {
        Webhook::Slack => json!({ "text": text(notice) }),
        Webhook::Teams => json!({ "type": "message", "attachments": [attachment(notice)] }),
        Webhook::Json => {
            let mut all = json!(notice);
            all["text"] = text(notice).into();
            all["type"] = "message".into();
            all["attachments"] = json!([attachment(notice)]);
            all
        }
    }
}

/// `acme: daily on prod failed`
fn title(notice: &Notice) -> String {
    let ended = match notice.status.as_str() {
        "success" => "succeeded",
        "interrupted" => "was interrupted",
        "refused" => "was refused",
        _ => "failed",
    };
    format!("{}: {} on {} {ended}", notice.platform, notice.pipeline, notice.target)
}

/// `41 built, 63 tests passed, 2 failed, 5 skipped`; nothing if nothing ran.
fn counts(notice: &Notice) -> String {
    let of = |words: &[&str]| words.iter().filter_map(|w| notice.counts.get(*w)).sum::<usize>();
    if notice.counts.is_empty() {
        return String::new();
    }
    let mut parts = vec![format!("{} built", thousands(of(&["success"])))];
    if of(&["pass"]) > 0 {
        parts.push(format!("{} passed", count(of(&["pass"]), "test")));
    }
    if of(&["warn"]) > 0 {
        parts.push(count(of(&["warn"]), "warning"));
    }
    parts.push(format!("{} failed", thousands(of(&["error", "fail"]))));
    parts.push(format!("{} skipped", thousands(of(&["skipped", "cancelled"]))));
    parts.join(", ")
}

/// `datev.pnl (finance)`, or where it stands.
fn subject(failed: &Failed) -> String {
    let owner = failed.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
    match (&failed.node, &failed.path, failed.line) {
        (Some(node), ..) => format!("{node}{owner}"),
        (None, Some(path), Some(line)) => format!("{path}:{line}"),
        (None, path, _) => path.clone().unwrap_or_default(),
    }
}

fn more(notice: &Notice) -> Option<String> {
    (notice.more_failed > 0).then(|| format!("and {} more", thousands(notice.more_failed)))
}

fn lasted(notice: &Notice) -> String {
    duration(Duration::try_from_secs_f64(notice.duration_seconds).unwrap_or_default())
}

/// In Slack's own markup.
fn text(notice: &Notice) -> String {
    let mut text = format!("*{}*", plain(&title(notice)));
    let _ = write!(text, "\nbusiness date {}, after {}", plain(&notice.business_date), lasted(notice));
    let counts = counts(notice);
    if !counts.is_empty() {
        let _ = write!(text, "\n{counts}");
    }
    if let Some(message) = &notice.message {
        let _ = write!(text, "\n{}", plain(message));
    }
    for failed in &notice.failed {
        let _ = write!(
            text,
            "\n\u{2022} `{}` {}",
            plain(&subject(failed)).replace('`', "'"),
            plain(&failed.message)
        );
    }
    if let Some(more) = more(notice) {
        let _ = write!(text, "\n{more}");
    }
    text
}

/// Text in which Slack finds no mention, no link and no channel.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn attachment(notice: &Notice) -> Value {
    json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card(notice) })
}

fn card(notice: &Notice) -> Value {
    let color = match notice.status.as_str() {
        "success" if notice.counts.contains_key("warn") => "Warning",
        "success" => "Good",
        _ => "Attention",
    };
    // In rich text nothing is markup, unlike in a text block.
    let line = |runs: Value| json!({ "type": "RichTextBlock", "inlines": runs });
    let run = |text: &str, weight: &str| json!({ "type": "TextRun", "text": text, "weight": weight });
    let mut body = vec![line(json!([
        { "type": "TextRun", "text": title(notice), "size": "Medium", "weight": "Bolder", "color": color }
    ]))];
    let about = format!("business date {}, after {}", notice.business_date, lasted(notice));
    body.push(line(json!([run(&about, "Default")])));
    let told = [counts(notice), notice.message.clone().unwrap_or_default()];
    body.extend(told.iter().filter(|t| !t.is_empty()).map(|t| line(json!([run(t, "Default")]))));
    body.extend(notice.failed.iter().map(|failed| {
        line(json!([run(&format!("{}  ", subject(failed)), "Bolder"), run(&failed.message, "Default")]))
    }));
    body.extend(more(notice).map(|more| line(json!([run(&more, "Default")]))));
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": body,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Webhook, body};
    use crate::report::Masker;
    use crate::report::notify::Notice;
    use crate::report::testing::eventful;

    fn notice() -> Notice {
        let owners = BTreeMap::from([("datev".to_owned(), "finance <!channel> `x`".to_owned())]);
        let blank = Notice {
            platform: "acme & co".into(),
            business_date: "2026-03-01".into(),
            exit_code: 1,
            ..Notice::default()
        };
        blank.of_results(&eventful(), &owners, &Masker::new(["amont"]))
    }

    #[test]
    fn each_webhook_gets_what_it_understands() {
        let pretty = |format| serde_json::to_string_pretty(&body(&notice(), format)).unwrap();
        insta::assert_snapshot!("slack", pretty(Webhook::Slack).replace("\\n", "\n"));
        insta::assert_snapshot!("teams", pretty(Webhook::Teams));
        let all = body(&notice(), Webhook::Json);
        assert_eq!(all["text"], body(&notice(), Webhook::Slack)["text"]);
        assert_eq!(all["attachments"], body(&notice(), Webhook::Teams)["attachments"]);
        let mut facts = all;
        for form in ["text", "type", "attachments"] {
            facts.as_object_mut().unwrap().shift_remove(form);
        }
        insta::assert_snapshot!("facts", serde_json::to_string_pretty(&facts).unwrap());
    }

    #[test]
    fn a_thousand_failures_fit() {
        let mut results = eventful();
        let failed = results.steps.iter().find(|s| !s.status.lets_pass()).cloned().unwrap();
        let long = "x".repeat(100_000);
        results.steps = (0..1000)
            .map(|n| crate::execute::StepResult {
                id: format!("p.n{n}"),
                status: crate::execute::Status::Error,
                message: Some(long.clone()),
                diagnostic: None,
                ..failed.clone()
            })
            .collect();
        let told = body(
            &Notice::default().of_results(&results, &BTreeMap::new(), &Masker::default()),
            Webhook::Json,
        );
        assert_eq!(told["more_failed"], json!(990));
        assert!(told.to_string().len() < 24_000, "{}", told.to_string().len());
    }
}
