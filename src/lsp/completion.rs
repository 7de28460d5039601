//! Names for the place where somebody types: those that the project may read there, and never
//! another project's own; of these it offers the imports.

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, TextEdit};

use super::subject::{REFERENCES, line_at};
use super::view::{Sheet, View};
use crate::analysis::Owner;
use crate::nouns::{Body, Kind, Node, Origin};
use crate::render;
use crate::sql::{self, Keyword, Token};
use crate::words::{Dialect, RelationName, Span};

/// How much text before the place is looked at, in bytes.
const WINDOW: usize = 1024 * 1024;

/// A name to offer.
struct Offer {
    label: String,
    kind: CompletionItemKind,
    detail: String,
    /// What the typed text is compared with, where that is not the label.
    filter: Option<String>,
}

/// What may be typed at an offset.
pub(super) fn items(view: &View, sheet: &Sheet, offset: usize) -> Vec<CompletionItem> {
    let (offers, typed) = if sheet.is_sql() {
        let before = window(sheet.text, offset);
        let text = &sheet.text[before..offset];
        let at = |span: Span| Span::new(span.start + before, span.end + before);
        match sheet.template.then(|| render::unfinished(text, &REFERENCES)).flatten() {
            Some((function, args, typed)) => (calls(view, sheet, &function, &args), at(typed)),
            None => match typed_name(sheet, text) {
                Some(typed) => {
                    let parts = parts(&text[typed.start..typed.end]);
                    (relations(view, sheet, &parts), at(typed))
                }
                None => return Vec::new(),
            },
        }
    } else {
        match imports(view, sheet, offset) {
            Some(found) => found,
            None => return Vec::new(),
        }
    };
    let range = view.range(sheet, typed);
    offers
        .into_iter()
        .enumerate()
        .map(|(nth, offer)| CompletionItem {
            sort_text: Some(format!("{nth:06}")),
            filter_text: offer.filter,
            kind: Some(offer.kind),
            detail: Some(offer.detail),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, offer.label.clone()))),
            label: offer.label,
            ..CompletionItem::default()
        })
        .collect()
}

/// Where to begin to look: at the start of a line.
fn window(text: &str, offset: usize) -> usize {
    let from = text.floor_char_boundary(offset.saturating_sub(WINDOW));
    if from == 0 { 0 } else { text[from..offset].find('\n').map_or(offset, |at| from + at + 1) }
}

/// Inside `ref('..` and `source('..`.
fn calls(view: &View, sheet: &Sheet, function: &str, args: &[String]) -> Vec<Offer> {
    let own = &sheet.project.name;
    let sources = std::iter::once(own).chain(&sheet.project.source_names);
    let kinds: &[Kind] = match (function, args) {
        ("ref", []) => &[Kind::Model, Kind::Seed],
        ("ref", [package]) if package == own => &[Kind::Model, Kind::Seed],
        ("source", []) => {
            let offer = |name: &String| Offer {
                label: name.clone(),
                kind: CompletionItemKind::MODULE,
                detail: "loads of this project".to_owned(),
                filter: None,
            };
            return sources.map(offer).collect();
        }
        ("source", [source]) if sources.clone().any(|s| s == source) => &[Kind::Load],
        _ => return Vec::new(),
    };
    let graph = view.graph();
    let nodes = graph.indices().map(|i| &graph.node(i).node);
    let mut found: Vec<Offer> = nodes
        .filter(|n| n.project == *own && kinds.contains(&n.kind()) && Some(&n.name) != name_of(view, sheet))
        .map(|node| Offer {
            label: node.name.clone(),
            kind: CompletionItemKind::CLASS,
            detail: detail(node),
            filter: None,
        })
        .collect();
    found.sort_by(|a, b| a.label.cmp(&b.label));
    found
}

/// The name of the sheet's own node, which it does not read.
fn name_of<'a>(view: &View<'a>, sheet: &Sheet) -> Option<&'a String> {
    sheet.node.map(|i| &view.graph().node(i).node.name)
}

/// The project's own relations, imports first of all that comes in.
fn relations(view: &View, sheet: &Sheet, typed: &[String]) -> Vec<Offer> {
    let graph = view.graph();
    let placement = &graph.analysis().placement;
    let own = sheet.project.name.as_str();
    let outer = &typed[..typed.len().saturating_sub(1)];
    let database = outer.len().checked_sub(2).map(|at| outer[at].as_str());
    let schema = outer.last().map(String::as_str);
    let mut found: Vec<(bool, Offer)> = Vec::new();
    for relation in graph.relations().filter(|r| placement.owner(r) == Owner::Project(own)) {
        let makers = graph.writers(relation).iter().map(|i| &graph.node(*i).node);
        let maker = makers.clone().find(|n| n.kind() != Kind::Script).or_else(|| makers.clone().next());
        let Some(maker) = maker.filter(|n| Some(&n.name) != name_of(view, sheet)) else { continue };
        let origin = origin(maker);
        let of_owner = |name: &str| origin.is_some_and(|(project, _)| placement.database(project) == name);
        let full = database.is_some_and(|d| relation.database.as_deref() == Some(d));
        let (fits, filter) = match (database, schema) {
            (Some(name), _) if of_owner(name) => (true, origin.map(|(_, r)| format!("{name}.{r}"))),
            (Some(_), schema) => (full && schema == relation.schema.as_deref(), None),
            (None, Some(name)) => (relation.schema.as_deref() == Some(name), None),
            (None, None) => (true, None),
        };
        if !fits {
            continue;
        }
        let label = written(relation, full, sheet.dialect);
        let kind = if origin.is_some() { CompletionItemKind::REFERENCE } else { CompletionItemKind::CLASS };
        found.push((origin.is_some(), Offer { label, kind, detail: detail(maker), filter }));
    }
    found.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.label.cmp(&y.label)));
    found.into_iter().map(|(_, offer)| offer).collect()
}

/// What an import takes, and from whom.
fn origin(node: &Node) -> Option<(&str, &RelationName)> {
    let Body::Load(load) = &node.body else { return None };
    match &load.origin {
        Origin::Import { project, relation, .. } => Some((project, relation)),
        _ => None,
    }
}

fn detail(node: &Node) -> String {
    match origin(node) {
        Some((project, relation)) => format!("import of {relation} from {project}"),
        None => node.id.clone(),
    }
}

/// `schema.name`, quoted where it must be.
fn written(relation: &RelationName, full: bool, dialect: Dialect) -> String {
    let plain = |name: &str| {
        let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        word && name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !is_reserved(name)
    };
    let parts = [relation.database.as_deref().filter(|_| full), relation.schema.as_deref()];
    let parts = parts.into_iter().flatten().chain([relation.name.as_str()]);
    let parts: Vec<String> =
        parts.map(|p| if plain(p) { p.to_owned() } else { sql::quote(dialect, p) }).collect();
    parts.join(".")
}

/// The name that is being typed at the end of a text, if a relation's name is due there.
fn typed_name(sheet: &Sheet, text: &str) -> Option<Span> {
    let plain = if sheet.template { render::without_tags(text) } else { text.to_owned() };
    let tokens = sql::tokens(&plain, sheet.dialect);
    let touching = |t: &Token| t.end() == text.len() && (t.is_name() || t.kind == sql::Kind::Dot);
    let mut start = tokens.len();
    if tokens.last().is_some_and(touching) {
        let dotted = |i: usize| tokens[i].is_name() != (tokens[i].kind == sql::Kind::Dot);
        while start > 0 && dotted(start - 1) && (start == tokens.len() || follows(&tokens, start - 1)) {
            start -= 1;
        }
    }
    let gap = &plain[tokens.last().map_or(0, |t| t.end())..];
    if gap.contains("--") || gap.contains("/*") || !is_due(&tokens[..start]) {
        return None;
    }
    let from = tokens.get(start).map_or(text.len(), |t| t.start as usize);
    Some(Span::new(from, text.len()))
}

/// Whether a token and the next are of one dotted name.
fn follows(tokens: &[Token], at: usize) -> bool {
    let (this, next) = (tokens[at], tokens[at + 1]);
    (this.kind == sql::Kind::Dot || next.kind == sql::Kind::Dot) && this.end() == next.start as usize
}

/// Whether a relation's name is due behind these tokens.
fn is_due(before: &[Token]) -> bool {
    let Some(last) = before.last() else { return false };
    match last.keyword {
        Some(
            Keyword::From
            | Keyword::Join
            | Keyword::Into
            | Keyword::Update
            | Keyword::Using
            | Keyword::Table
            | Keyword::Apply
            | Keyword::Merge
            | Keyword::Truncate,
        ) => return true,
        _ if last.kind != sql::Kind::Comma => return false,
        _ => {}
    }
    let mut depth = 0_usize;
    for token in before.iter().rev() {
        match (token.kind, token.keyword) {
            (sql::Kind::Close, _) => depth += 1,
            (sql::Kind::Open, _) if depth == 0 => return false,
            (sql::Kind::Open, _) => depth -= 1,
            (_, Some(Keyword::From)) if depth == 0 => return true,
            (_, Some(Keyword::As)) | (sql::Kind::Semicolon, _) if depth > 0 => {}
            (sql::Kind::Semicolon, _) => return false,
            (_, Some(keyword))
                if depth == 0 && keyword != Keyword::As && keyword.is_reserved(Dialect::DuckDb) =>
            {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// The parts of a dotted name, bare and in lower case; what follows the last dot is one of them.
fn parts(typed: &str) -> Vec<String> {
    typed.split('.').map(|p| p.trim().trim_matches(['[', ']', '"']).to_lowercase()).collect()
}

/// In the YAML of a load: whom to import from, and what they let others have.
fn imports(view: &View, sheet: &Sheet, offset: usize) -> Option<(Vec<Offer>, Span)> {
    let line = line_at(sheet.text, offset);
    let before = &sheet.text[line.start..offset];
    let (head, value) = before.rsplit_once(':')?;
    let key = head.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    let value = value.trim_start();
    if value.contains([',', '}', '#', ' ']) {
        return None;
    }
    let value = value.trim_start_matches(['"', '\'']);
    let typed = Span::new(offset - value.len(), offset);
    let own = &sheet.project.name;
    let others = view.projects().iter().filter(|p| p.name != *own);
    let offer = |label: String, kind, detail: String| Offer { label, kind, detail, filter: None };
    match key {
        "project" => {
            let owner = |owner: &Option<String>| owner.clone().unwrap_or_default();
            let named = others.map(|p| offer(p.name.clone(), CompletionItemKind::MODULE, owner(&p.owner)));
            Some((named.collect(), typed))
        }
        "relation" => {
            let named = project_near(sheet.text, line)?;
            let other = others.into_iter().find(|p| p.name == named)?;
            let graph = view.graph();
            let placement = &graph.analysis().placement;
            let bronze = placement.schemas(&other.name).map(|s| s.bronze.to_lowercase());
            let mut names: Vec<String> = graph
                .relations()
                .filter(|r| placement.owner(r) == Owner::Project(&other.name))
                .filter(|r| other.public.is_some() || r.schema != bronze)
                .map(|r| format!("{}.{}", r.schema.as_deref().unwrap_or_default(), r.name))
                .filter(|name| other.public.as_ref().is_none_or(|public| public.contains(name)))
                .collect();
            names.sort();
            let detail = || format!("public relation of {}", other.name);
            let offers = names.into_iter().map(|n| offer(n, CompletionItemKind::REFERENCE, detail()));
            Some((offers.collect(), typed))
        }
        _ => None,
    }
}

/// The project that the same `from:` names: in the same line, else in one beside it.
fn project_near(text: &str, line: Span) -> Option<String> {
    let value = |line: &str| {
        let (_, behind) = line.split_once("project:")?;
        let name = behind.trim_start().trim_start_matches(['"', '\'']);
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
        (!name.is_empty()).then_some(name)
    };
    let above = text[..line.start].lines().next_back().unwrap_or_default();
    let below = text[line.end..].lines().nth(1).unwrap_or_default();
    value(&text[line.start..line.end]).or_else(|| value(above)).or_else(|| value(below))
}

fn is_reserved(name: &str) -> bool {
    Keyword::of(name.as_bytes()).is_some_and(|k| k.is_reserved(Dialect::TSql))
}
