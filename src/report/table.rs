//! Plain tables for `ls`, `show` and the like: aligned columns without borders, numbers to the
//! right, cut to the terminal's width. Knows nothing of what stands in them.

use std::io::{self, Write};

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::peaker::Priority;
use tabled::settings::{Alignment, Padding, Style, Width};

use super::{Look, neutral_line};

/// A table. Build it row by row, then write it.
#[derive(Debug, Clone)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these headers.
    #[must_use]
    pub fn new<S: Into<String>>(headers: impl IntoIterator<Item = S>) -> Self {
        Self { headers: headers.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row; missing cells are blank, cells too many are left out.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) -> &mut Self {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.headers.len(), String::new());
        self.rows.push(row);
        self
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes the table: columns that hold numbers alone are aligned to the right.
    pub fn write(&self, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        if self.headers.is_empty() {
            return Ok(());
        }
        let clean = |cell: &String| neutral_line(&look.masker.mask(cell)).into_owned();
        let mut builder = Builder::with_capacity(self.rows.len() + 1, self.headers.len());
        builder.push_record(self.headers.iter().map(clean));
        for row in &self.rows {
            builder.push_record(row.iter().map(clean));
        }
        let mut table = builder.build();
        table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
        for column in (0..self.headers.len()).filter(|i| self.is_numeric(*i)) {
            table.modify(Columns::new(column..=column), Alignment::right());
        }
        if let Some(width) = look.width {
            // Two more, since the last column's padding is trimmed away below.
            table.with(Width::truncate(width + 2).suffix("…").priority(Priority::max(true)));
        }
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().map(|row| row[column].as_str()).filter(|c| !c.is_empty()).peekable();
        cells.peek().is_some() && cells.all(is_number)
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let digits = digits.strip_suffix(['%', 's']).unwrap_or(digits);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || ".,".contains(c))
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::report::Look;

    fn shown(table: &Table, width: Option<usize>) -> String {
        let mut out = Vec::new();
        table.write(&Look { width, ..Look::plain() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn nodes() -> Table {
        let mut table = Table::new(["name", "rows", "what it is for"]);
        table.row(["sfdc.account", "1,234", "every account of the company, cleansed, one row each"]);
        table.row(["sfdc.表", "-7", "evil \x1b[31m\nnewline"]);
        table.row(["short"]);
        table
    }

    #[test]
    fn aligns() {
        insta::assert_snapshot!(shown(&nodes(), None));
    }

    #[test]
    fn cuts_to_the_width() {
        let cut = shown(&nodes(), Some(40));
        insta::assert_snapshot!(cut);
        for width in 0..80 {
            shown(&nodes(), Some(width));
        }
    }

    #[test]
    fn an_empty_table_shows_its_headers() {
        assert_eq!(shown(&Table::new(["a", "b"]), Some(10)), "a  b\n");
        assert_eq!(shown(&Table::new([""; 0]), None), "");
    }
}
