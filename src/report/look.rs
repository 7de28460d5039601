//! How text is shown: in which colours, how wide, and what must not be seen. Owns the decision on
//! colour (`--color`, `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, no terminal) and nothing of content.

use std::io::{self, BufWriter, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};

use super::Masker;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal that can, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR_FORCE`).
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// How text is shown.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Whether to use colours.
    pub color: bool,
    /// How many columns a line may take; without a terminal there is no limit.
    pub width: Option<usize>,
    /// What must not be seen.
    pub masker: Masker,
}

impl Look {
    /// No colours, no limit, nothing to hide: for tests and files.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// The look of standard output.
    #[must_use]
    pub fn of_stdout(color: Color, masker: Masker) -> Self {
        let stdout = io::stdout();
        let width =
            terminal_size::terminal_size_of(&stdout).map(|(w, _)| usize::from(w.0)).filter(|w| *w > 0);
        Self { color: wants_color(AutoStream::new(stdout, color.into()).current_choice()), width, masker }
    }

    /// The look of standard error.
    #[must_use]
    pub fn of_stderr(color: Color, masker: Masker) -> Self {
        let stderr = io::stderr();
        let width =
            terminal_size::terminal_size_of(&stderr).map(|(w, _)| usize::from(w.0)).filter(|w| *w > 0);
        Self { color: wants_color(AutoStream::new(stderr, color.into()).current_choice()), width, masker }
    }

    /// Standard output, buffered, to write what was drawn with this look; old Windows consoles are
    /// served too. Flush it at the end: dropping it swallows errors.
    #[must_use]
    pub fn stdout(&self) -> impl Write + use<> {
        BufWriter::new(self.stream(io::stdout()))
    }

    /// Standard error, to write what was drawn with this look; old Windows consoles are served too.
    #[must_use]
    pub fn stderr(&self) -> impl Write + Send + use<> {
        self.stream(io::stderr())
    }

    fn stream<S: anstream::stream::RawStream>(&self, raw: S) -> AutoStream<S> {
        // Without colours nothing of ours is an escape code, and data is passed on as it is.
        if self.color { AutoStream::always(raw) } else { AutoStream::always_ansi(raw) }
    }

    /// `text` in a style, or as it is when there are no colours.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn wants_color(choice: anstream::ColorChoice) -> bool {
    choice != anstream::ColorChoice::Never
}

/// Success.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// A warning.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// A failure.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What matters less.
pub(super) const DIM: Style = Style::new().dimmed();
/// What to do.
pub(super) const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
/// A heading.
pub(super) const STRONG: Style = Style::new().bold();

/// Takes a closed pipe (`goldsmith ls | head`) for a good end.
pub fn ignore_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
