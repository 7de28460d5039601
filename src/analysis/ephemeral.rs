//! Puts the SQL of ephemeral models into those who read them, as CTEs in dbt's manner.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Compiled;
use crate::render::{Rendered, Resolved};

/// The name of the CTE that stands for an ephemeral model.
pub(super) fn cte_name(model: &str) -> String {
    format!("__dbt__cte__{model}")
}

/// Ephemeral models of a project: CTE name -> (rendered SQL, the ephemeral models it reads itself).
pub(super) type Ephemerals = HashMap<String, (Arc<Compiled>, Vec<String>)>;

/// The CTE names of the ephemeral models that a rendering reads.
pub(super) fn reads(rendered: &Rendered) -> Vec<String> {
    let names = rendered.refs.iter().filter_map(|r| match &r.resolved {
        Some(Resolved::Ephemeral(cte)) => Some(cte.clone()),
        _ => None,
    });
    let mut seen = HashSet::new();
    names.filter(|n| seen.insert(n.clone())).collect()
}

/// The SQL with the CTEs of all ephemeral models that it reads, deepest first. A circle among
/// them is cut here and told by the graph.
pub(super) fn inject(compiled: &Compiled, reads: &[String], ephemerals: &Ephemerals) -> Compiled {
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    for name in reads {
        visit(name, ephemerals, &mut seen, &mut order);
    }
    let (mut ctes, mut parts) = (String::new(), Vec::new());
    for name in order {
        let Some((part, _)) = ephemerals.get(name) else { continue };
        if !ctes.is_empty() {
            ctes.push_str(", ");
        }
        ctes.push_str(name);
        ctes.push_str(" as (\n");
        parts.push((ctes.len(), Arc::clone(part)));
        ctes.push_str(part.sql().trim_end().trim_end_matches(';'));
        ctes.push_str("\n)");
    }
    if ctes.is_empty() {
        return compiled.clone();
    }
    let (at, head, tail) = match with_keyword(compiled.sql()) {
        Some(behind) => (behind, " ", ","),
        None => (0, "with ", "\n"),
    };
    for (offset, _) in &mut parts {
        *offset += head.len();
    }
    compiled.with_inserted(at, &format!("{head}{ctes}{tail}"), parts)
}

fn visit<'a>(
    name: &'a str,
    ephemerals: &'a Ephemerals,
    seen: &mut HashSet<&'a str>,
    order: &mut Vec<&'a str>,
) {
    if !seen.insert(name) {
        return;
    }
    if let Some((_, reads)) = ephemerals.get(name) {
        for deeper in reads {
            visit(deeper, ephemerals, seen, order);
        }
    }
    order.push(name);
}

/// The offset behind `WITH` or `WITH RECURSIVE`, if that is how the SQL begins (comments aside).
fn with_keyword(sql: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &sql[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("--") {
            at += trimmed.find('\n')? + 1;
        } else if trimmed.starts_with("/*") {
            at += trimmed.find("*/")? + 2;
        } else {
            break;
        }
    }
    let behind = keyword(sql, at, "with")?;
    let word = behind + sql[behind..].len() - sql[behind..].trim_start().len();
    Some(keyword(sql, word, "recursive").unwrap_or(behind))
}

/// The offset behind a keyword that stands at `at`.
fn keyword(sql: &str, at: usize, word: &str) -> Option<usize> {
    let end = at + word.len();
    let there = sql.get(at..end)?.eq_ignore_ascii_case(word);
    let ends = sql[end..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    (there && ends).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::with_keyword;

    #[test]
    fn finds_where_ctes_begin() {
        assert_eq!(with_keyword("with a as (select 1) select * from a"), Some(4));
        assert_eq!(with_keyword("-- c\n/* d */ WITH RECURSIVE a as (..)"), Some(27));
        assert_eq!(with_keyword("select 1"), None);
        assert_eq!(with_keyword("without"), None);
    }
}
