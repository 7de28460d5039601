//! What can be done about a diagnostic with one stroke: the imports that `lint --fix` would write,
//! and the names that then read them. In a script too, since here a person decides on it.

use lsp_types::{
    CodeAction, CodeActionKind, CreateFile, CreateFileOptions, Diagnostic as Shown, DocumentChangeOperation,
    DocumentChanges, NumberOrString, OneOf, OptionalVersionedTextDocumentIdentifier, ResourceOp,
    TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::carry::Carry;
use super::position::Lines;
use super::view::{Sheet, View};
use crate::lint::fix;
use crate::words::{Change, Code, Diagnostic, Edit, Span, changes};

/// What can be done about what stands at a span of a document; `shown` is what the client shows
/// there.
pub(super) fn at(view: &View, sheet: &Sheet, here: Span, shown: &[Shown]) -> Vec<CodeAction> {
    let standing = view.known.diagnostics.iter().filter(|d| d.code == Code::CrossSourceRead);
    let touched = standing.filter(|d| {
        let file = d.file.as_ref().filter(|file| file.path() == sheet.path);
        let span = file.and_then(|file| View::carry(file, sheet).span(d.span));
        span.is_some_and(|span| span.start <= here.end && here.start <= span.end)
    });
    touched.filter_map(|diagnostic| action(view, diagnostic, shown)).collect()
}

fn action(view: &View, diagnostic: &Diagnostic, shown: &[Shown]) -> Option<CodeAction> {
    let plan = fix::plan(view.graph(), std::slice::from_ref(diagnostic));
    let by_hand: Vec<Edit> = plan.by_hand.into_iter().flat_map(|place| place.edits).collect();
    let mends = plan.mended.first() == Some(&true) || !by_hand.is_empty();
    let edits = [plan.edits, by_hand].concat();
    let title = match plan.imports.first() {
        Some(import) => format!("Import {} as {}, and read that", import.origin, import.name),
        None => "Read the import instead".to_owned(),
    };
    let edit = edit(view, &changes(&edits)).filter(|_| mends)?;
    let code = NumberOrString::String(diagnostic.code.id().to_owned());
    let mended: Vec<Shown> = shown.iter().filter(|d| d.code.as_ref() == Some(&code)).cloned().collect();
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(mended).filter(|mended| !mended.is_empty()),
        edit: Some(edit),
        is_preferred: Some(true),
        ..CodeAction::default()
    })
}

/// The changes for the texts as they are now; `None` when one of them has no place there.
fn edit(view: &View, changes: &[Change]) -> Option<WorkspaceEdit> {
    let mut operations = Vec::new();
    for change in changes {
        let uri = view.uri(change.file.path())?;
        let document = view.documents.at(&view.root.join(change.file.path()));
        let now = document.map_or(change.file.text(), |d| &d.text);
        if change.creates {
            let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(true) };
            let create = CreateFile { uri: uri.clone(), options: Some(options), annotation_id: None };
            operations.push(DocumentChangeOperation::Op(ResourceOp::Create(create)));
        }
        let (carry, lines) = (Carry::new(change.file.text(), now), Lines::new(now, view.columns));
        let edits: Option<Vec<_>> = change
            .edits
            .iter()
            .map(|(span, text)| {
                Some(OneOf::Left(TextEdit::new(lines.range(carry.span(*span)?), text.clone())))
            })
            .collect();
        let text_document =
            OptionalVersionedTextDocumentIdentifier { uri, version: document.map(|d| d.version) };
        operations.push(DocumentChangeOperation::Edit(TextDocumentEdit { text_document, edits: edits? }));
    }
    if operations.is_empty() {
        return None;
    }
    let document_changes = Some(DocumentChanges::Operations(operations));
    Some(WorkspaceEdit { document_changes, ..WorkspaceEdit::default() })
}
