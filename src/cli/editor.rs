//! `lsp`, which an editor starts.

use clap::Args;

/// `lsp`
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Speak over standard input and output, which it does in any case: many editors pass this
    #[arg(long)]
    pub stdio: bool,
}

/// How to set an editor up.
pub(super) const HELP: &str = "\
The editor starts this command and speaks the Language Server Protocol with it over standard
input and output. It lints the whole platform as it would be if all open files were saved; logs go
to standard error. docs/editor.md says more.

VS Code, with the extension zsol.vscode-glspc (Generic LSP Client v2), in settings.json:
  \"glspc.server.command\": \"goldsmith\",
  \"glspc.server.commandArguments\": [\"lsp\"],
  \"glspc.server.languageId\": [\"sql\", \"yaml\"]

Neovim 0.11, in init.lua:
  vim.lsp.config('goldsmith', {
    cmd = { 'goldsmith', 'lsp' },
    filetypes = { 'sql', 'yaml' },
    root_markers = { 'goldsmith.yml' },
  })
  vim.lsp.enable('goldsmith')

Helix, in languages.toml:
  [language-server.goldsmith]
  command = \"goldsmith\"
  args = [\"lsp\"]

  [[language]]
  name = \"sql\"
  language-servers = [\"goldsmith\"]

Exit codes: 0 after `shutdown` and `exit`; 1 when the editor goes away without.";
