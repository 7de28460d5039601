//! Brings the files of a load into UTF-8, in bounded memory.

use std::io::{BufReader, BufWriter, Read, Write};

use camino::{Utf8Path, Utf8PathBuf};
use encoding_rs::{CoderResult, Encoding};

use crate::plan::Transcode;
use crate::words::glob;

/// How much is read at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Writes a UTF-8 copy of every file that the pattern names into an emptied folder.
pub(super) fn transcode(root: &Utf8Path, task: &Transcode) -> Result<(), String> {
    let encoding = Encoding::for_label(task.encoding.as_bytes())
        .ok_or_else(|| format!("there is no encoding `{}`", task.encoding))?;
    let to = root.join(&task.to);
    match fs_err::remove_dir_all(&to) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.to_string()),
        _ => {}
    }
    let files = matching(root, &task.from)?;
    if files.is_empty() {
        return Err(format!("no file matches `{}`", task.from));
    }
    fs_err::create_dir_all(&to).map_err(|e| e.to_string())?;
    for file in files {
        let name = file.file_name().unwrap_or("file");
        copy(&file, &to.join(name), encoding).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// The files that a path with `*` and `?` in its last part names, sorted.
fn matching(root: &Utf8Path, pattern: &str) -> Result<Vec<Utf8PathBuf>, String> {
    let path = Utf8Path::new(pattern);
    let (Some(folder), Some(last)) = (path.parent(), path.file_name()) else { return Ok(Vec::new()) };
    if !last.contains(['*', '?']) {
        let file = root.join(path);
        return Ok(if file.is_file() { vec![file] } else { Vec::new() });
    }
    if folder.as_str().contains(['*', '?']) {
        return Err(format!(
            "`{pattern}`: files in another encoding than UTF-8 take `*` in the file's name alone"
        ));
    }
    let entries = match fs_err::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e.to_string()),
    };
    let mut files: Vec<Utf8PathBuf> = entries
        .filter_map(Result::ok)
        .filter_map(|e| Utf8PathBuf::try_from(e.path()).ok())
        .filter(|p| p.is_file() && p.file_name().is_some_and(|n| glob(last, n)))
        .collect();
    files.sort();
    Ok(files)
}

fn copy(from: &Utf8Path, to: &Utf8Path, encoding: &'static Encoding) -> std::io::Result<()> {
    let mut reader = BufReader::new(fs_err::File::open(from)?);
    let mut writer = BufWriter::new(fs_err::File::create(to)?);
    let mut decoder = encoding.new_decoder();
    let mut bytes = vec![0; CHUNK];
    let mut text = vec![0; CHUNK * 3 + 16];
    loop {
        let count = reader.read(&mut bytes)?;
        let last = count == 0;
        let mut rest = &bytes[..count];
        loop {
            let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut text, last);
            writer.write_all(&text[..written])?;
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if last {
            return writer.flush();
        }
    }
}
