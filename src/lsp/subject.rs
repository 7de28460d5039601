//! What a place in a document is about: a node, a relation, a routine, a macro. Asks the text as
//! it is now first, then what was known before it broke, then the name alone.

use super::view::{Sheet, View};
use crate::graph::Index;
use crate::nouns::{Kind, node_id};
use crate::render;
use crate::sql::{self, DefinitionKind, Script};
use crate::words::{RelationName, Span};

/// What a place is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A node.
    Node(Index),
    /// A relation, by its full name.
    Relation(RelationName),
    /// A procedure, function or trigger, by its full name.
    Routine(RelationName),
    /// A macro, by its name.
    Macro(String),
}

/// The functions that name a node.
pub(super) const REFERENCES: [&str; 2] = ["ref", "source"];

impl Subject {
    /// What stands at an offset, and its place.
    pub(super) fn at(view: &View, sheet: &Sheet, offset: usize) -> Option<(Self, Span)> {
        if sheet.is_sql() {
            in_tag(view, sheet, offset)
                .or_else(|| in_sql(view, sheet, &sheet.read(), offset))
                .or_else(|| known(view, sheet, offset))
                .or_else(|| by_name(view, sheet, offset))
        } else {
            named(view, sheet, offset).or_else(|| known(view, sheet, offset))
        }
    }

    /// What stands at an offset, else the node of the file.
    pub(super) fn at_or_file(view: &View, sheet: &Sheet, offset: usize) -> Option<Self> {
        Self::at(view, sheet, offset).map(|(subject, _)| subject).or_else(|| sheet.node.map(Self::Node))
    }
}

/// In a template's tag.
fn in_tag(view: &View, sheet: &Sheet, offset: usize) -> Option<(Subject, Span)> {
    if !sheet.template {
        return None;
    }
    let mention = render::mention(sheet.text, offset, &REFERENCES)?;
    let own = &sheet.project.name;
    let Some(args) = &mention.args else {
        let subject = match mention.name.as_str() {
            "this" | "config" => Subject::Node(sheet.node?),
            name => {
                let name = name.strip_prefix(&format!("{own}.")).unwrap_or(name);
                let files = sheet.project.macros.iter();
                files.flat_map(|f| render::macros(f.text())).find(|(known, _)| known == name)?;
                Subject::Macro(name.to_owned())
            }
        };
        return Some((subject, mention.span));
    };
    let span = args.iter().fold(mention.span, |all, (_, span)| all.to(*span));
    let args: Vec<&str> = args.iter().map(|(text, _)| text.as_str()).collect();
    let id = match args.as_slice() {
        [name] => node_id(own, name),
        [outer, name] if sheet.project.source_names.iter().any(|s| s == outer) => node_id(own, name),
        [outer, name] => node_id(outer, name),
        _ => return None,
    };
    Some((Subject::Node(view.graph().find(&id)?), span))
}

/// In SQL, as it is now.
fn in_sql(view: &View, sheet: &Sheet, script: &Script, offset: usize) -> Option<(Subject, Span)> {
    let here = |span: Span| span.start <= offset && offset <= span.end;
    let full = |reference| view.full(reference, &sheet.project.name, sheet.dialect);
    if let Some(definition) = script.defines().find(|d| here(d.span)) {
        let name = view.defined(definition, &sheet.project.name, sheet.dialect);
        return Some(match definition.kind {
            DefinitionKind::View | DefinitionKind::Synonym => (Subject::Relation(name), definition.span),
            _ => (Subject::Routine(name), definition.span),
        });
    }
    let touches = script.batches.iter().map(|b| &b.touches).chain(script.defines().map(|d| &d.touches));
    for touches in touches {
        let routines = touches.executes.iter().chain(&touches.functions);
        if let Some(found) = routines.into_iter().find(|r| here(r.span)) {
            return Some((Subject::Routine(full(found)), found.span));
        }
        let relations = touches.reads.iter().chain(&touches.writes).chain(&touches.drops);
        if let Some(found) = relations.into_iter().find(|r| here(r.span)) {
            return Some((Subject::Relation(full(found)), found.span));
        }
    }
    None
}

/// As it was known before the last changes.
fn known(view: &View, sheet: &Sheet, offset: usize) -> Option<(Subject, Span)> {
    let mut best: Option<(Subject, Span)> = None;
    let mut carry = None;
    for index in view.graph().indices() {
        let node = view.graph().node(index);
        if node.node.file.path() != sheet.path {
            continue;
        }
        let carry = *carry.get_or_insert_with(|| View::carry(&node.node.file, sheet));
        let calls = node.calls.iter().map(|c| (c.span, Subject::Routine(c.name.clone())));
        let touches = node.touches.iter().map(|t| (t.span, Subject::Relation(t.relation.clone())));
        for (span, subject) in calls.chain(touches) {
            let Some(span) = carry.span(span).filter(|s| s.end > s.start) else { continue };
            let closer = best.as_ref().is_none_or(|(_, b)| span.end - span.start < b.end - b.start);
            if span.start <= offset && offset <= span.end && closer {
                best = Some((subject, span));
            }
        }
    }
    best
}

/// By the dotted name at the place, if something in the platform has it.
fn by_name(view: &View, sheet: &Sheet, offset: usize) -> Option<(Subject, Span)> {
    let line = line_at(sheet.text, offset);
    let text = &sheet.text[line.start..line.end];
    let tokens = sql::tokens(text, sheet.dialect);
    let at = offset - line.start;
    let here = tokens.iter().position(|t| t.is_name() && t.span().start <= at && at <= t.end())?;
    let dot = |i: usize| tokens.get(i).is_some_and(|t| t.kind == sql::Kind::Dot);
    let name = |i: usize| tokens.get(i).is_some_and(|t| t.is_name());
    let (mut start, mut end) = (here, here);
    while start > 0 && (dot(start - 1) || (dot(start) && name(start - 1))) {
        start -= 1;
    }
    while dot(end + 1) || (dot(end) && name(end + 1)) {
        end += 1;
    }
    let parts: Vec<String> =
        tokens[start..=end].iter().filter(|t| t.is_name()).map(|t| bare(t.text(text))).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let name = RelationName::from_parts(&parts)?;
    let full = view.graph().analysis().placement.resolve(&name, &sheet.project.name, sheet.dialect);
    let span = tokens[start].span().to(tokens[end].span());
    let span = Span::new(span.start + line.start, span.end + line.start);
    let graph = view.graph();
    if !graph.writers(&full).is_empty() {
        return Some((Subject::Relation(full), span));
    }
    let defined = graph.indices().any(|i| graph.node(i).defines.iter().any(|d| d.name == full));
    defined.then_some((Subject::Routine(full), span))
}

/// In YAML: what `name:` names.
fn named(view: &View, sheet: &Sheet, offset: usize) -> Option<(Subject, Span)> {
    let line = line_at(sheet.text, offset);
    let (key, value) = sheet.text[line.start..line.end].split_once(':')?;
    if key.trim_start().trim_start_matches('-').trim() != "name" {
        return None;
    }
    let name = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let start = line.start + key.len() + 1 + value.find(name)?;
    let index = view.graph().find(&node_id(&sheet.project.name, name))?;
    let kind = view.graph().node(index).node.kind();
    (kind != Kind::Test).then_some((Subject::Node(index), Span::new(start, start + name.len())))
}

/// The line around an offset, without its break.
pub(super) fn line_at(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    Span::new(start, text[offset..].find('\n').map_or(text.len(), |at| offset + at))
}

fn bare(name: &str) -> String {
    let inner = name.strip_prefix(['[', '"', '`']).unwrap_or(name);
    let inner = inner.strip_suffix([']', '"', '`']).unwrap_or(inner);
    inner.replace("]]", "]").replace("\"\"", "\"")
}
