//! A relation as templates see it.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::arguments::Arguments;
use crate::sql::quote_name;
use crate::words::{Dialect, RelationName};

/// What `this`, `ref()` and `source()` give: prints itself, and has parts.
#[derive(Debug)]
pub(super) struct RelationValue {
    name: Option<RelationName>,
    text: String,
    dialect: Dialect,
}

impl RelationValue {
    pub(super) fn relation(name: &RelationName, dialect: Dialect) -> Value {
        let text = quote_name(dialect, name);
        Value::from_object(Self { name: Some(name.clone()), text, dialect })
    }

    /// A name that is printed as it stands: an ephemeral model's CTE, or a stand-in.
    pub(super) fn plain(text: String, dialect: Dialect) -> Value {
        Value::from_object(Self { name: None, text, dialect })
    }

    /// dbt's `include(database=false)`: the relation printed with fewer parts.
    fn include(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        let wanted = |position, name| args.get(position, name).is_none_or(Value::is_true);
        let Some(mut name) = self.name.clone() else {
            return Ok(Self::plain(self.text.clone(), self.dialect));
        };
        if !wanted(0, "database") {
            name.server = None;
            name.database = None;
        }
        if !wanted(1, "schema") {
            name.schema = None;
        }
        Ok(Self::relation(&name, self.dialect))
    }
}

impl Object for RelationValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let part = |part: Option<&String>| Some(part.map_or_else(|| Value::from(()), Value::from));
        let name = self.name.as_ref();
        match key.as_str()? {
            "database" => part(name.and_then(|n| n.database.as_ref())),
            "schema" => part(name.and_then(|n| n.schema.as_ref())),
            "identifier" | "name" | "table" => part(Some(name.map_or(&self.text, |n| &n.name))),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "render" => Ok(Value::from(self.text.as_str())),
            "include" => self.include(args),
            _ => {
                Err(Error::new(ErrorKind::UnknownMethod, format!("a relation has no method named {method}")))
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
