//! `goldsmith schema`

use std::io::Write;

use super::{CommandError, Exit};
use crate::cli::SchemaArgs;
use crate::report::{ignore_broken_pipe, schema};

pub(super) fn schema(args: &SchemaArgs) -> Result<Exit, CommandError> {
    let mut out = std::io::stdout().lock();
    ignore_broken_pipe(out.write_all(schema::schema(args.of).as_bytes()).and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}
