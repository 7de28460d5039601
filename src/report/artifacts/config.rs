//! The `config` of a node in dbt's manifest: the keys that tools look for, in the form that dbt gives
//! them, and under `goldsmith` what dbt has no word for.

use serde_json::{Map, Value, json};

use super::ManifestNode;
use crate::nouns::{Body, Layer, TestSeverity, Track};

/// The configuration of a node whose parents have these ids.
pub fn build(input: &ManifestNode, parents: &[String]) -> Map<String, Value> {
    let node = input.node;
    let mut config = input.config.clone();
    for (ours, dbts) in [("pre_hook", "pre-hook"), ("post_hook", "post-hook")] {
        let hooks = config.shift_remove(ours).or_else(|| config.shift_remove(dbts));
        if let Some(hooks) = hooks {
            config.insert(dbts.to_owned(), hook_list(hooks));
        }
    }
    config.insert("enabled".to_owned(), json!(true));
    config.insert("tags".to_owned(), json!(input.tags));
    config.insert("meta".to_owned(), json!(node.meta));
    match &node.body {
        Body::Load(_) | Body::Definition(_) => {}
        Body::Seed => drop(config.insert("materialized".to_owned(), json!("seed"))),
        Body::Model => drop(config.entry("materialized").or_insert_with(|| json!("view"))),
        Body::Script { .. } => drop(config.insert("materialized".to_owned(), json!("script"))),
        Body::Test(test) => {
            let severity = if test.severity == TestSeverity::Warn { "WARN" } else { "ERROR" };
            config.insert("materialized".to_owned(), json!("test"));
            config.insert("severity".to_owned(), json!(severity));
            config.insert("where".to_owned(), json!(test.filter));
        }
    }
    let own = json!({
        "kind": node.kind().word(),
        "layer": node.layer.map(Layer::word),
        "track": node.track.map(Track::word),
        "depends_on": parents,
        "state": input.state,
    });
    config.insert("goldsmith".to_owned(), own);
    config
}

/// Hooks as dbt writes them, however they were configured.
fn hook_list(hooks: Value) -> Value {
    let hook = |hook: Value| match hook {
        Value::String(sql) => json!({ "sql": sql, "transaction": true, "index": null }),
        other => other,
    };
    match hooks {
        Value::Array(hooks) => hooks.into_iter().map(hook).collect(),
        Value::Null => json!([]),
        one => json!([hook(one)]),
    }
}
