//! `goldsmith owners`

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::session::{Session, facts};
use super::{CommandError, Exit};
use crate::cli::{Global, OwnersArgs};
use crate::report::{codeowners, diff, ignore_broken_pipe};
use crate::words::{Edit, Encoding, SourceFile, Span, changes};

/// Where GitHub looks for the file; the first one that is there counts.
const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

pub(super) fn owners(global: &Global, args: &OwnersArgs) -> Result<Exit, CommandError> {
    let session = Session::open(global, |platform| facts(platform, "daily", None, false))?;
    super::ls::tell_unread(&session)?;
    let repository = repository(session.root());
    let place = PLACES.iter().find(|p| repository.join(p).is_file()).unwrap_or(&PLACES[0]);
    let file = repository.join(place);
    let old = if file.is_file() { fs_err::read_to_string(&file)? } else { String::new() };
    let platform = &session.graph.analysis().platform;
    let below = match session.root().strip_prefix(&repository) {
        Ok(path) if path != "" => format!("{}/", path.as_str().replace('\\', "/")),
        _ => String::new(),
    };
    let text =
        codeowners(platform, args.organization.as_deref(), &below, &old).map_err(CommandError::Files)?;
    let mut err = session.err.stderr();
    for project in platform.projects.iter().filter(|p| p.owner.is_none()) {
        writeln!(err, "warning: project `{}` has no `owner:`: nobody is asked about it", project.name)?;
    }
    let mut out = session.out.stdout();
    if args.check {
        if text == old {
            return Ok(Exit::Done);
        }
        let source = SourceFile::new(*place, &old, Encoding::Utf8);
        let edit = Edit { creates: !file.is_file(), ..Edit::new(&source, Span::new(0, old.len()), text) };
        let written = changes(&[edit]).iter().try_for_each(|c| diff::write(c, &session.out, &mut out));
        ignore_broken_pipe(written.and_then(|()| out.flush()))?;
        writeln!(
            err,
            "`{place}` is not what `owner:` in project.yml says: write it with `goldsmith owners --write`"
        )?;
        return Ok(Exit::Failed);
    }
    if args.write {
        if text != old {
            if let Some(folder) = file.parent() {
                fs_err::create_dir_all(folder)?;
            }
            fs_err::write(&file, &text)?;
            writeln!(err, "wrote {place}")?;
        }
        return Ok(Exit::Done);
    }
    ignore_broken_pipe(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(Exit::Done)
}

/// The repository's folder: the nearest one at or above the platform's that git has marked; else the platform's.
fn repository(root: &Utf8Path) -> Utf8PathBuf {
    root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(root).to_owned()
}
