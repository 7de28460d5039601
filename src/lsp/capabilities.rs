//! What client and server can do: what the one offers, what the other answers.

use camino::Utf8PathBuf;
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, HoverProviderCapability,
    InitializeParams, InitializeResult, OneOf, Registration, RegistrationParams, ResourceOperationKind,
    SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
};
use serde_json::json;

use super::position::Columns;
use super::uri;

/// What is known of the client.
#[derive(Debug)]
pub(super) struct Client {
    /// What a column counts.
    pub(super) columns: Columns,
    /// The folders that it has open.
    pub(super) folders: Vec<Utf8PathBuf>,
    /// Whether it tells of files that change on disk, if asked to.
    pub(super) watches: bool,
    /// Whether it can carry out changes to several files, new ones among them.
    pub(super) edits: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self { columns: Columns::Utf16, folders: Vec::new(), watches: false, edits: false }
    }
}

impl Client {
    pub(super) fn new(params: &InitializeParams) -> Self {
        let general = params.capabilities.general.as_ref();
        let offered = general.and_then(|g| g.position_encodings.as_deref());
        let workspace = params.capabilities.workspace.as_ref();
        let watches = workspace.and_then(|w| w.did_change_watched_files.as_ref());
        let edits = workspace.and_then(|w| w.workspace_edit.as_ref()).is_some_and(|edit| {
            let operations = edit.resource_operations.as_deref().unwrap_or_default();
            edit.document_changes == Some(true) && operations.contains(&ResourceOperationKind::Create)
        });
        let folders = params.workspace_folders.iter().flatten().filter_map(|f| uri::path(&f.uri));
        #[expect(deprecated, reason = "older clients know no workspace folders")]
        let root = params.root_uri.as_ref().and_then(uri::path);
        let mut folders: Vec<Utf8PathBuf> = folders.chain(root).collect();
        folders.sort();
        folders.dedup();
        Self {
            columns: Columns::negotiate(offered),
            folders,
            watches: watches.and_then(|w| w.dynamic_registration).unwrap_or(false),
            edits,
        }
    }
}

/// The answer to `initialize`.
pub(super) fn answer(client: &Client) -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let triggers = [".", "'", "\"", "[", " ", ":"].map(str::to_owned).to_vec();
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(client.columns.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            definition_provider: Some(OneOf::Left(true)),
            references_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            code_action_provider: client.edits.then(|| {
                CodeActionProviderCapability::Options(CodeActionOptions {
                    code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
                    ..CodeActionOptions::default()
                })
            }),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(triggers),
                ..CompletionOptions::default()
            }),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

/// What to ask a client for that can tell of files on disk.
pub(super) fn watch_registration() -> RegistrationParams {
    let glob_pattern = GlobPattern::String("**/*.{sql,yml,yaml,csv}".to_owned());
    let options = DidChangeWatchedFilesRegistrationOptions {
        watchers: vec![FileSystemWatcher { glob_pattern, kind: None }],
    };
    let registration = Registration {
        id: "goldsmith-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: Some(json!(options)),
    };
    RegistrationParams { registrations: vec![registration] }
}
