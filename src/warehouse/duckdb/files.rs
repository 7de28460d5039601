//! `DuckDB`'s errors about data files, in words for those who made the files: which file, line,
//! column and value. Its advice on options of its reader is left out; what is not known stays as it is.

/// How much of an offending line is shown, in characters.
const SHOWN: usize = 120;

/// An error message in plain words.
pub(super) fn plain(message: &str) -> String {
    csv(message)
        .or_else(|| sniffer(message))
        .or_else(|| json(message))
        .or_else(|| parquet(message))
        .unwrap_or_else(|| message.to_owned())
}

/// An error in a line of a CSV file.
fn csv(message: &str) -> Option<String> {
    let line = between(message, "CSV Error on Line: ", "\n")?.trim();
    let file = message.lines().find_map(|l| {
        let l = l.trim_start();
        l.strip_prefix("file = ").or_else(|| l.strip_prefix("file="))
    })?;
    let file = file.trim();
    let original = between(message, "Original Line: ", "\n").unwrap_or_default();
    if let (Some(column), Some(value), Some(kind)) = (
        between(message, "Error when converting column \"", "\""),
        between(message, "Could not convert string \"", "\" to '"),
        between(message, "\" to '", "'"),
    ) {
        return Some(format!(
            "{file}, line {line}: column {column} holds `{}`, which is not a {kind}",
            short(value)
        ));
    }
    if let (Some(wanted), Some(found)) =
        (between(message, "Expected Number of Columns: ", " "), between(message, " Found: ", "\n"))
    {
        let found = found.trim();
        let values = if found == "1" { "value" } else { "values" };
        return Some(format!(
            "{file}, line {line} has {found} {values} where {wanted} are expected: {}",
            short(original)
        ));
    }
    let end = message.find("\nPossible").or_else(|| message.find("\n\n  file"))?;
    Some(format!("{}\nin {file}", message[..end].trim_end()))
}

/// A CSV file that can't be read as a table at all.
fn sniffer(message: &str) -> Option<String> {
    let file = between(message, "Error when sniffing file \"", "\"")?;
    let delimiter = message.lines().find_map(|l| l.trim().strip_prefix("Delimiter Candidates: "));
    Some(format!(
        "\"{file}\" can't be read as a table: a line has too few or too many values, or a quotation mark is never closed{}",
        delimiter.map(|c| format!(" (the delimiter is {c})")).unwrap_or_default()
    ))
}

/// A value of a JSON file that is not of its column's type.
fn json(message: &str) -> Option<String> {
    let rest = message.strip_prefix("JSON transform error in file \"")?;
    let (file, rest) = rest.split_once("\", in line ")?;
    let (line, said) = rest.split_once(": ")?;
    let said = said.lines().next().unwrap_or_default();
    Some(format!("{file}, line {line}: a value has another type than its column: {}", short(said)))
}

/// A file that is no Parquet file, or only a part of one.
fn parquet(message: &str) -> Option<String> {
    let file = between(message, "No magic bytes found at end of file '", "'")?;
    Some(format!("{file} is cut off, or is no Parquet file: its end is missing"))
}

fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let rest = &text[start..];
    Some(rest.find(behind).map_or(rest, |end| &rest[..end]))
}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_file_line_column_and_value() {
        let message = "Conversion Error: CSV Error on Line: 900001\nOriginal Line: 899999,oops,x\n\
                       Error when converting column \"amount\". Could not convert string \"oops\" to 'BIGINT'\n\n\
                       Column amount is being converted as type BIGINT\n  file = data/c.csv\n  delimiter = ,";
        assert_eq!(
            plain(message),
            "data/c.csv, line 900001: column amount holds `oops`, which is not a BIGINT"
        );
    }

    #[test]
    fn names_lines_that_are_too_short() {
        let message = "CSV Error on Line: 7\nOriginal Line: 899999\nExpected Number of Columns: 3 Found: 1\n\
                       Possible fixes:\n* Set null_padding\n\n  file = data/c.csv\n  delimiter = ,";
        assert_eq!(plain(message), "data/c.csv, line 7 has 1 value where 3 are expected: 899999");
    }

    #[test]
    fn says_when_a_parquet_file_is_cut_off() {
        let message = "No magic bytes found at end of file 'data/p.parquet'";
        assert_eq!(plain(message), "data/p.parquet is cut off, or is no Parquet file: its end is missing");
    }

    #[test]
    fn leaves_the_rest_alone() {
        assert_eq!(plain("Catalog Error: no such table"), "Catalog Error: no such table");
    }
}
