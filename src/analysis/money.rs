//! Tests on money: `reconciles` and `total_equals`, their arguments, and what is wrong with them.

use serde_json::Value;

use super::generic::{Told, Use, Written, is_reference};
use super::total::{Terms, equation, total};
use crate::nouns::Totals;
use crate::render::money_tests::{self, Side, Tolerance};
use crate::render::{Rendered, Resolved};
use crate::sql::{parse_name, quote, quote_name};
use crate::words::{Amount, Code, Diagnostic, RelationName, nearest};

const RECONCILES: &str = "write\n- reconciles: \"debit = credit\"\nor\n- reconciles: { left: debit, right: credit, group_by: [period, currency], tolerance: 1 }";
const TOTAL_EQUALS: &str = "write below a column\n- total_equals: fin.revenue.amount\nor\n- total_equals: { to: fin.revenue, column: amount, group_by: [period], tolerance: 1 }";
/// What both take.
const COMMON: [&str; 4] = ["group_by", "tolerance", "smallest_unit", "column_name"];

/// The other relation of a comparison.
struct Other {
    /// As SQL.
    sql: String,
    /// What messages call it.
    label: String,
    /// What it is called where it is named by its name.
    named: Option<(RelationName, String)>,
}

impl Use<'_> {
    /// Writes a test on money out.
    pub(super) fn money(&self, filter: Option<&str>, mut rendered: Vec<Rendered>) -> Told<Written> {
        if self.test.test == "reconciles" {
            return self.reconciles(filter, rendered);
        }
        self.known(&["to", "column", "to_where"])?;
        let (other, amount) = self.other(&mut rendered)?;
        let condition = self.text("to_where")?.map(|c| self.condition(&c, &mut rendered)).transpose()?;
        let tested = self.column()?;
        let (tolerance, group_by) = (self.tolerance()?, self.group_by()?);
        let left = Side {
            rows: rows(&quote_name(self.dialect, self.relation), filter),
            terms: vec![(false, tested.clone())],
        };
        let right = Side { rows: rows(&other.sql, condition.as_deref()), terms: self.quoted(&amount) };
        let sql = money_tests::total_equals(&left, &right, &self.columns(&group_by), tolerance);
        let column = self.test.column.clone().unwrap_or(tested);
        let totals = Totals {
            left: format!("{}.{column}", short(self.relation)),
            right: format!("{}.{}", other.label, shown(&amount)),
            group_by,
            decimals: tolerance.decimals,
        };
        Ok(Written {
            reads_more: filter.is_some() || condition.is_some(),
            names: other.named,
            totals: Some(totals),
            ..self.written(sql, rendered)
        })
    }

    fn reconciles(&self, filter: Option<&str>, rendered: Vec<Rendered>) -> Told<Written> {
        self.known(&["equation", "left", "right"])?;
        if self.test.column.is_some() {
            return Err(self
                .refused(
                    "left",
                    "`reconciles` compares two columns of a relation, and stands below one of them",
                )
                .help("put it under `data_tests:` of the relation, beside `columns:`")
                .into());
        }
        let (left, right) = match self.text("equation")? {
            Some(text) => {
                let (left, right) =
                    equation(&text).map_err(|m| self.refused("equation", &m).help(RECONCILES))?;
                (left.to_owned(), right.to_owned())
            }
            None => (self.needed("left")?, self.needed("right")?),
        };
        let place = |side| if self.test.places.contains_key("equation") { "equation" } else { side };
        let (left_terms, right_terms) =
            (self.terms(&left, place("left"))?, self.terms(&right, place("right"))?);
        let (tolerance, group_by) = (self.tolerance()?, self.group_by()?);
        let sql = money_tests::reconciles(
            &rows(&quote_name(self.dialect, self.relation), filter),
            &self.quoted(&left_terms),
            &self.quoted(&right_terms),
            &self.columns(&group_by),
            tolerance,
        );
        let label = |terms: &Terms, written: String| match terms.as_slice() {
            [(false, column)] => column.clone(),
            _ => written,
        };
        let (left, right) = (label(&left_terms, left), label(&right_terms, right));
        let totals = Totals { left, right, group_by, decimals: tolerance.decimals };
        Ok(Written { totals: Some(totals), ..self.written(sql, rendered) })
    }

    /// The other relation, and what is added up there.
    fn other(&self, rendered: &mut Vec<Rendered>) -> Told<(Other, Terms)> {
        let to = self.needed("to")?;
        let column = self.text("column")?;
        if is_reference(&to) {
            let column = column
                .ok_or_else(|| self.refused("to", "`total_equals` needs `column`").help(TOTAL_EQUALS))?;
            let found = self.expression(&to)?;
            let label = found.refs.iter().find_map(|r| match &r.resolved {
                Some(Resolved::Relation(relation)) => Some(short(relation)),
                _ => r.args.last().cloned(),
            });
            let other = Other { sql: self.from(&found), label: label.unwrap_or(to), named: None };
            rendered.push(found);
            return Ok((other, self.terms(&column, "column")?));
        }
        let to = self.condition(&to, rendered)?;
        let (name, terms) = if let Some(column) = column {
            (to.as_str(), self.terms(&column, "column")?)
        } else {
            let (name, column) = last_part(&to).ok_or_else(|| {
                self.refused("to", &format!("`{to}` names no column of a relation")).help(TOTAL_EQUALS)
            })?;
            (name, self.terms(column, "to")?)
        };
        let relation = self.relation(name)?;
        let sql = quote_name(self.dialect, &relation);
        Ok((Other { sql, label: short(&relation), named: Some((relation, name.trim().to_owned())) }, terms))
    }

    /// A relation by its name in SQL, or by that of a node of the project.
    fn relation(&self, name: &str) -> Told<RelationName> {
        let parsed = parse_name(name, self.written_in).ok_or_else(|| {
            self.refused("to", &format!("`{name}` is no name of a relation")).help(TOTAL_EQUALS)
        })?;
        if parsed.schema.is_some() || parsed.database.is_some() {
            return Ok(self.placement.resolve(&parsed, &self.node.project, self.written_in));
        }
        let known = self.relations.iter().find(|(node, _)| node.eq_ignore_ascii_case(&parsed.name));
        known.map(|(_, relation)| relation.clone()).ok_or_else(|| {
            let told =
                self.refused("to", &format!("project `{}` has nothing named `{name}`", self.node.project));
            match nearest(&parsed.name, self.relations.keys().map(String::as_str)) {
                Some(near) => told.help(format!("did you mean `{near}`?")),
                None => told
                    .help("name a model, seed, load or script, or a relation with its schema: `fin.revenue`"),
            }
            .into()
        })
    }

    /// What may lie between the totals.
    fn tolerance(&self) -> Told<Tolerance> {
        let written = |key: &str| self.test.arguments.get(key).map(number);
        let unit = written("smallest_unit").unwrap_or_else(|| "0.01".to_owned());
        let unit = Amount::parse(&unit).filter(|unit| !unit.is_zero()).ok_or_else(|| {
            self.refused("smallest_unit", &format!("`smallest_unit` is no amount of money: `{unit}`"))
                .help("write how big the currency's smallest unit is: 0.01 for EUR, 1 for JPY, 0.001 for KWD")
        })?;
        let count = written("tolerance").unwrap_or_else(|| "0".to_owned());
        let count: u32 = count.parse().map_err(|_| {
            self.refused("tolerance", &format!("`tolerance` is no whole number: `{count}`")).help(
                "count the currency's smallest units: `tolerance: 2` lets two cents pass; `smallest_unit: 1` for a currency without cents",
            )
        })?;
        Ok(Tolerance { most: unit.times(count), decimals: unit.decimals() })
    }

    /// The columns for whose values totals are made.
    fn group_by(&self) -> Told<Vec<String>> {
        let given: Vec<&Value> = match self.test.arguments.get("group_by") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(several)) => several.iter().collect(),
            Some(one) => vec![one],
        };
        let mut columns: Vec<String> = Vec::new();
        for column in given {
            let name = column.as_str().map(str::trim).filter(|n| !n.is_empty()).ok_or_else(|| {
                self.refused("group_by", "`group_by` is a list of columns")
                    .help("write `group_by: [period, currency]`")
            })?;
            if columns.iter().any(|c| c == name) {
                let message = format!("`group_by` names `{name}` twice");
                return Err(self.refused("group_by", &message).help("name each column once").into());
            }
            columns.push(name.to_owned());
        }
        Ok(columns)
    }

    /// Refuses arguments that the test does not have.
    fn known(&self, own: &[&'static str]) -> Told<()> {
        let known = || own.iter().copied().chain(COMMON);
        let Some(unknown) = self.test.arguments.keys().find(|key| known().all(|k| k != key.as_str())) else {
            return Ok(());
        };
        let message = format!("the test `{}` has no argument `{unknown}`", self.test.test);
        let told = Diagnostic { code: Code::UnknownKey, ..self.refused(unknown, &message) };
        Err(match nearest(unknown, known()) {
            Some(near) => told.help(format!("did you mean `{near}`?")),
            None => told.help(if self.test.test == "reconciles" { RECONCILES } else { TOTAL_EQUALS }),
        }
        .into())
    }

    fn needed(&self, key: &str) -> Told<String> {
        self.text(key)?.ok_or_else(|| {
            let help = if self.test.test == "reconciles" { RECONCILES } else { TOTAL_EQUALS };
            self.refused(key, &format!("`{}` needs `{key}`", self.test.test)).help(help).into()
        })
    }

    fn text(&self, key: &str) -> Told<Option<String>> {
        match self.test.arguments.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(other) => Err(self
                .refused(key, &format!("`{key}` must be text, but is `{other}`"))
                .help("put it in quotes")
                .into()),
        }
    }

    fn terms(&self, text: &str, key: &str) -> Told<Terms> {
        total(text).map_err(|message| {
            self.refused(key, &message)
                .help("a total is a column, or several with + and - between them: `opening + new - lost`")
                .into()
        })
    }

    fn quoted(&self, terms: &Terms) -> Terms {
        terms.iter().map(|(negative, column)| (*negative, quote(self.dialect, column))).collect()
    }

    fn columns(&self, names: &[String]) -> Vec<String> {
        names.iter().map(|name| quote(self.dialect, name)).collect()
    }

    /// An error at an argument.
    fn refused(&self, key: &str, message: &str) -> Diagnostic {
        Diagnostic::new(Code::InvalidYaml, message)
            .at(&self.node.file, self.test.place(key))
            .node(&self.node.id)
    }
}

/// What stands behind FROM.
fn rows(relation: &str, condition: Option<&str>) -> String {
    match condition {
        Some(condition) => format!("(select * from {relation} where {condition}\n) tested"),
        None => relation.to_owned(),
    }
}

/// What stands before and behind the last dot outside quotes.
fn last_part(text: &str) -> Option<(&str, &str)> {
    let mut closing = None;
    let mut last = None;
    for (at, c) in text.char_indices() {
        match (c, closing) {
            (c, Some(close)) if c == close => closing = None,
            ('"', None) => closing = Some('"'),
            ('[', None) => closing = Some(']'),
            ('.', None) => last = Some(at),
            _ => {}
        }
    }
    last.map(|at| (&text[..at], &text[at + 1..]))
}

/// A number as written, whether in quotes or not.
fn number(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        // Its own form would have an exponent where it is small.
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string())
        }
        other => other.to_string(),
    }
}

/// `schema.name`
fn short(relation: &RelationName) -> String {
    match &relation.schema {
        Some(schema) => format!("{schema}.{}", relation.name),
        None => relation.name.clone(),
    }
}

/// A total for messages.
fn shown(terms: &Terms) -> String {
    match terms.as_slice() {
        [(false, column)] => column.clone(),
        terms => {
            let signed = terms.iter().enumerate().map(|(nth, (negative, column))| match (nth, negative) {
                (0, false) => column.clone(),
                (0, true) => format!("-{column}"),
                (_, false) => format!(" + {column}"),
                (_, true) => format!(" - {column}"),
            });
            format!("({})", signed.collect::<String>())
        }
    }
}
