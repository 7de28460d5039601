//! `*` and `t.*`, with what is left out, replaced and renamed.

use std::sync::Arc;

use sqlparser::ast::{
    ExcludeSelectItem, Ident, RenameSelectItem, ReplaceSelectElement, WildcardAdditionalOptions,
};

use super::column::Column;
use super::scope::Scope;
use super::walker::{TooMuch, Walker, lower, parts};

/// All columns of the relations in scope; merged ones once.
pub(super) fn all(scope: &Scope) -> Vec<Column> {
    let mut out: Vec<Column> = scope.merged.clone();
    let merged = |c: &Column| scope.merged.iter().any(|m| m.name == c.name);
    let sources = scope.sources.iter().flat_map(|s| s.columns.iter());
    out.extend(sources.filter(|c| !merged(c)).cloned());
    out
}

impl Walker<'_> {
    /// The columns of a `*` that its options leave.
    pub(super) fn chosen(
        &mut self,
        mut columns: Vec<Column>,
        options: &WildcardAdditionalOptions,
        scope: &Scope,
    ) -> Result<Vec<Column>, TooMuch> {
        self.step(columns.len())?;
        let out = left_out(options);
        columns
            .retain(|c| c.is_rows() || c.name.as_deref().is_none_or(|name| !out.iter().any(|o| o == name)));
        let replaced: &[Box<ReplaceSelectElement>] =
            options.opt_replace.as_ref().map_or(&[], |r| r.items.as_slice());
        for element in replaced {
            let value = self.value(&element.expr, scope)?;
            let name = lower(&element.column_name);
            let span = self.place(&element.column_name);
            let column = Column { name: Some(name.as_str().into()), span, from: value.from, how: value.how };
            match columns.iter_mut().find(|c| c.name.as_deref() == Some(&name)) {
                Some(old) => *old = column,
                // It is one of those that aren't known.
                None => columns.push(column),
            }
        }
        let renamed = match &options.opt_rename {
            Some(RenameSelectItem::Single(one)) => std::slice::from_ref(one),
            Some(RenameSelectItem::Multiple(all)) => all.as_slice(),
            None => &[],
        };
        for one in renamed {
            let old = lower(&one.ident);
            let known = columns.iter_mut().find(|c| c.name.as_deref() == Some(&old));
            if let Some(column) = known {
                column.name = Some(Arc::from(lower(&one.alias)));
            } else if let Some(value) = scope.value(std::slice::from_ref(&old)) {
                let span = self.place(&one.alias);
                let name = Some(Arc::from(lower(&one.alias)));
                columns.push(Column { name, span, from: value.from, how: value.how });
            }
        }
        Ok(columns)
    }
}

fn left_out(options: &WildcardAdditionalOptions) -> Vec<String> {
    let mut out = Vec::new();
    match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(name)) => out.extend(parts(name).pop()),
        Some(ExcludeSelectItem::Multiple(names)) => out.extend(names.iter().filter_map(|n| parts(n).pop())),
        None => {}
    }
    if let Some(except) = &options.opt_except {
        let all: Vec<&Ident> =
            std::iter::once(&except.first_element).chain(&except.additional_elements).collect();
        out.extend(all.into_iter().map(lower));
    }
    out
}
