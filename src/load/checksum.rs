//! What a file of data holds, as a checksum: for files that are too large to be kept.

use std::io::{self, Read as _};

use camino::Utf8Path;
use sha2::{Digest, Sha256};

/// The SHA-256 of a file's content, whatever its line ends: they differ from clone to clone.
pub fn checksum(path: &Utf8Path) -> io::Result<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(format!("{:x}", hash.finalize())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        for piece in buffer[..count].split(|byte| *byte == b'\r') {
            hash.update(piece);
        }
    }
}
