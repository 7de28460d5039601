//! What each request is answered.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_server::ErrorCode;
use lsp_types::{
    CodeActionParams, CompletionList, CompletionParams, DocumentSymbolParams, GotoDefinitionParams, Hover,
    HoverContents, HoverParams, MarkupContent, MarkupKind, ReferenceParams, TextDocumentPositionParams,
    WorkspaceSymbolParams,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::documents::{Document, Documents};
use super::home::Home;
use super::position::{Columns, Lines};
use super::subject::Subject;
use super::view::{Sheet, View};
use super::{actions, completion, definition, hover, references, symbols};
use crate::sql;
use crate::words::{Dialect, Span};

/// Why a request has no answer.
pub(super) type Refusal = (ErrorCode, String);

/// What requests are answered from.
pub(super) struct Context<'a> {
    pub(super) documents: &'a Documents,
    pub(super) homes: &'a BTreeMap<Utf8PathBuf, Home>,
    pub(super) columns: Columns,
}

/// Whether there is an answer to a method.
pub(super) fn is_known(method: &str) -> bool {
    matches!(
        method,
        "textDocument/hover"
            | "textDocument/definition"
            | "textDocument/references"
            | "textDocument/completion"
            | "textDocument/documentSymbol"
            | "textDocument/codeAction"
            | "workspace/symbol"
    )
}

/// The answer to a request with a known method.
pub(super) fn answer(context: &Context, method: &str, params: Value) -> Result<Value, Refusal> {
    match method {
        "textDocument/hover" => {
            let params: HoverParams = parse(params)?;
            give(context.at(&params.text_document_position_params, hover_at).flatten())
        }
        "textDocument/definition" => {
            let params: GotoDefinitionParams = parse(params)?;
            let found = context.at(&params.text_document_position_params, |view, sheet, offset| {
                let subject = Subject::at_or_file(view, sheet, offset)?;
                Some(view.locations(&definition::places(view, sheet, &subject)))
            });
            give(found.flatten())
        }
        "textDocument/references" => {
            let params: ReferenceParams = parse(params)?;
            let declared = params.context.include_declaration;
            let found = context.at(&params.text_document_position, |view, sheet, offset| {
                let subject = Subject::at_or_file(view, sheet, offset)?;
                Some(view.locations(&references::places(view, sheet, &subject, declared)))
            });
            give(found.flatten())
        }
        "textDocument/completion" => {
            let params: CompletionParams = parse(params)?;
            let items = context.at(&params.text_document_position, completion::items);
            give(items.map(|items| CompletionList { is_incomplete: false, items }))
        }
        "textDocument/documentSymbol" => {
            let params: DocumentSymbolParams = parse(params)?;
            let Some(document) = context.documents.get(&params.text_document.uri) else {
                return Ok(Value::Null);
            };
            give(outline(context, document))
        }
        "textDocument/codeAction" => {
            let params: CodeActionParams = parse(params)?;
            let start = TextDocumentPositionParams::new(params.text_document, params.range.start);
            let found = context.at(&start, |view, sheet, _| {
                actions::at(view, sheet, view.span(sheet, params.range), &params.context.diagnostics)
            });
            give(found)
        }
        "workspace/symbol" => {
            let params: WorkspaceSymbolParams = parse(params)?;
            let views = context.homes.iter().filter_map(|(root, home)| context.view(root, home));
            give(views.flat_map(|view| symbols::of_platform(&view, &params.query)).collect::<Vec<_>>())
        }
        _ => Err((ErrorCode::MethodNotFound, format!("goldsmith has no answer to `{method}`"))),
    }
}

/// What a method was asked with.
pub(super) fn parse<P: DeserializeOwned>(params: Value) -> Result<P, Refusal> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn give(answer: impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(answer).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

impl<'a> Context<'a> {
    fn view(&self, root: &'a Utf8Path, home: &'a Home) -> Option<View<'a>> {
        let known = home.answers.as_deref()?;
        Some(View { root, documents: self.documents, columns: self.columns, known })
    }

    fn view_of(&self, document: &Document) -> Option<View<'a>> {
        let (root, home) = self.homes.get_key_value(document.root.as_ref()?)?;
        self.view(root, home)
    }

    /// Asks at a position of a document of some project.
    fn at<T>(
        &self,
        position: &TextDocumentPositionParams,
        ask: impl FnOnce(&View, &Sheet, usize) -> T,
    ) -> Option<T> {
        let document = self.documents.get(&position.text_document.uri)?;
        let view = self.view_of(document)?;
        let sheet = view.sheet(document)?;
        let offset = view.offset(&sheet, position.position);
        Some(ask(&view, &sheet, offset))
    }
}

fn hover_at(view: &View, sheet: &Sheet, offset: usize) -> Option<Hover> {
    let (subject, span) = match Subject::at(view, sheet, offset) {
        Some((subject, span)) => (subject, span),
        // Where nothing else stands, the first line tells what the file is.
        None if !sheet.text[..offset].contains('\n') => {
            let end = sheet.text.find('\n').unwrap_or(sheet.text.len());
            (Subject::Node(sheet.node?), Span::new(0, end))
        }
        None => return None,
    };
    let value = hover::text(view, sheet, &subject)?;
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(view.range(sheet, span)) })
}

fn outline(context: &Context, document: &Document) -> Option<Vec<lsp_types::DocumentSymbol>> {
    if let Some(view) = context.view_of(document)
        && let Some(sheet) = view.sheet(document)
    {
        return Some(symbols::of_sheet(&view, &sheet));
    }
    document.sql.then(|| {
        let lines = Lines::new(&document.text, context.columns);
        symbols::of_script(&document.text, &sql::read(&document.text, Dialect::TSql), &lines)
    })
}
