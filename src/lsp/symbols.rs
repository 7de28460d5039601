//! Outlines: the statements and definitions of a file, and the nodes of the platform.

use std::sync::Arc;

use lsp_types::{DocumentSymbol, SymbolInformation, SymbolKind};

use super::position::Lines;
use super::view::{Sheet, View};
use crate::graph::Index;
use crate::nouns::Kind;
use crate::render;
use crate::sql::{Definition, Reference, Script, Statement, Touches};
use crate::words::Span;

/// How many statements an outline looks at.
const MOST: usize = 10_000;
/// How many nodes an answer holds at the most.
const MOST_NODES: usize = 512;

/// The outline of a document of a project.
pub(super) fn of_sheet(view: &View, sheet: &Sheet) -> Vec<DocumentSymbol> {
    let lines = Lines::new(sheet.text, view.columns);
    if sheet.is_sql() {
        let mut found = of_script(sheet.text, &sheet.read(), &lines);
        let macros = if sheet.template { render::macros(sheet.text) } else { Vec::new() };
        found.extend(
            macros.into_iter().map(|(name, span)| symbol(&lines, name, SymbolKind::FUNCTION, span, span)),
        );
        return found;
    }
    let graph = view.graph();
    let entries = graph
        .indices()
        .map(|i| &graph.node(i).node)
        .filter(|n| n.file.path() == sheet.path && n.kind() != Kind::Test && n.span.end > n.span.start);
    entries
        .filter_map(|node| {
            let span = View::carry(&node.file, sheet).span(node.span)?;
            Some(symbol(&lines, node.name.clone(), SymbolKind::STRUCT, span, span))
        })
        .collect()
}

/// The statements of a script; those of a definition stand below it.
pub(super) fn of_script(text: &str, script: &Script, lines: &Lines) -> Vec<DocumentSymbol> {
    let mut found = Vec::new();
    let mut left = MOST;
    for batch in &script.batches {
        let mut definitions = batch.defines.iter().map(|d| (d, Vec::new())).collect::<Vec<_>>();
        let mut own = Vec::new();
        let mut at = 0;
        let some = batch.statements.len().min(left);
        left -= some;
        for statement in &batch.statements[..some] {
            while definitions.get(at).is_some_and(|(d, _)| d.extent.end <= statement.span.start) {
                at += 1;
            }
            match definitions.get_mut(at) {
                Some((definition, inner)) if definition.extent.start <= statement.span.start => {
                    if statement.span.start > definition.span.start {
                        inner.push(self::statement(text, statement, &definition.touches, lines));
                    }
                }
                _ => own.push(self::statement(text, statement, &batch.touches, lines)),
            }
        }
        found.extend(own);
        found.extend(definitions.into_iter().map(|(d, inner)| definition(d, inner, lines)));
        if left == 0 {
            break;
        }
    }
    found.sort_by_key(|symbol| (symbol.range.start, symbol.range.end));
    found
}

fn definition(definition: &Definition, inner: Vec<DocumentSymbol>, lines: &Lines) -> DocumentSymbol {
    let name = format!("{} {}", definition.kind.word(), definition.name);
    let extent = definition.extent.to(definition.span);
    let mut symbol = symbol(lines, name, SymbolKind::FUNCTION, extent, definition.span);
    symbol.children = Some(inner).filter(|inner| !inner.is_empty());
    symbol
}

fn statement(text: &str, statement: &Statement, touches: &Touches, lines: &Lines) -> DocumentSymbol {
    let span = statement.span;
    let inside = |list: &[Reference]| -> Vec<String> {
        let first = list.partition_point(|r| r.span.start < span.start);
        let here = list[first..].iter().take_while(|r| r.span.start < span.end);
        let mut names: Vec<String> = here.map(|r| r.name.to_string()).take(9).collect();
        names.dedup();
        names
    };
    let targets = [&touches.writes, &touches.drops, &touches.executes].map(|list| inside(list)).concat();
    let word: String = text[span.start..].chars().take_while(|c| c.is_alphanumeric()).take(30).collect();
    let word = if word.is_empty() { "statement".to_owned() } else { word.to_uppercase() };
    let name = if targets.is_empty() { word } else { format!("{word} {}", targets.join(", ")) };
    let reads = inside(&touches.reads);
    let mut symbol = symbol(lines, name, SymbolKind::EVENT, span, span);
    symbol.detail = Some(format!("reads {}", reads.join(", "))).filter(|_| !reads.is_empty());
    symbol
}

#[expect(deprecated, reason = "the struct has no other constructor")]
fn symbol(lines: &Lines, name: String, kind: SymbolKind, span: Span, selected: Span) -> DocumentSymbol {
    DocumentSymbol {
        name,
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range: lines.range(span),
        selection_range: lines.range(selected),
        children: None,
    }
}

/// The nodes whose ids hold the letters of a query in their order.
#[expect(deprecated, reason = "the struct has no other constructor")]
pub(super) fn of_platform(view: &View, query: &str) -> Vec<SymbolInformation> {
    let graph = view.graph();
    let query: Vec<char> = query.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let wanted = |i: &Index| {
        let node = &graph.node(*i).node;
        let mut left = query.iter().peekable();
        for c in node.id.to_lowercase().chars() {
            left.next_if(|wanted| **wanted == c);
        }
        left.peek().is_none() && node.kind() != Kind::Test
    };
    let of = |i: Index| {
        let node = &graph.node(i).node;
        let location = view.locations(&[(Arc::clone(&node.file), node.span)]).into_iter().next()?;
        Some(SymbolInformation {
            name: node.name.clone(),
            kind: if node.kind() == Kind::Script { SymbolKind::FILE } else { SymbolKind::STRUCT },
            tags: None,
            deprecated: None,
            location,
            container_name: Some(node.project.clone()),
        })
    };
    graph.indices().filter(wanted).take(MOST_NODES).filter_map(of).collect()
}
