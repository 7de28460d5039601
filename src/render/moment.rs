//! A point in time as templates see it: prints itself, and has Python's `strftime`.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::arguments::{Arguments, text};
use super::told::{told, told_with_help};

/// `run_started_at`, in UTC.
#[derive(Debug)]
pub(super) struct Moment(pub(super) String);

impl Moment {
    fn format(&self, pattern: &str) -> Result<String, Error> {
        let at: Timestamp = self.0.parse().map_err(|_| told(format!("`{}` is no point in time", self.0)))?;
        jiff::fmt::strtime::format(pattern, &at.to_zoned(TimeZone::UTC))
            .map_err(|error| told(format!("strftime('{pattern}'): {error}")))
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Arguments::new(args)?;
        match method {
            "strftime" => self.format(text("strftime", args.get(0, "format"))?).map(Value::from),
            "isoformat" => Ok(Value::from(self.0.as_str())),
            _ => Err(told_with_help(
                format!("not supported: `.{method}()` of a point in time"),
                "it has `strftime('%Y-%m-%d')` and `isoformat()`",
            )),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
