//! `goldsmith schema`

use std::io::Write;

use super::session::root;
use super::{CommandError, Exit};
use crate::cli::{Global, SchemaArgs};
use crate::report::schema::{Described, FOLDER};
use crate::report::{ignore_broken_pipe, schema};
use crate::words::write_atomically;

pub(super) fn schema(global: &Global, args: &SchemaArgs) -> Result<Exit, CommandError> {
    let mut out = std::io::stdout().lock();
    let written = if let Some(of) = args.of {
        out.write_all(schema::schema(of).as_bytes())
    } else {
        let folder = root(global)?.join(FOLDER);
        for of in Described::ALL {
            let text = schema::schema(of).as_bytes();
            write_atomically(&folder.join(of.file()), |file| file.write_all(text))?;
        }
        writeln!(out, "written: {folder}/{{platform,project,models}}.json")
    };
    ignore_broken_pipe(written.and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}
