//! Turns the bytes of a file into text: UTF-8 with or without a byte order mark, UTF-16 with one,
//! and Windows-1252 for everything else. Never fails; real warehouse folders hold all of these.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::words::Encoding;

/// The text of a file without its byte order mark, and how it was encoded; bytes that are UTF-8
/// already are not copied.
#[must_use]
pub fn decode_owned(bytes: Vec<u8>) -> (String, Encoding) {
    match String::from_utf8(bytes) {
        Ok(text) if !text.starts_with('\u{feff}') => (text, Encoding::Utf8),
        Ok(text) => decode(text.as_bytes()),
        Err(error) => decode(error.as_bytes()),
    }
}

/// The text of a file without its byte order mark, and how it was encoded.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, Encoding) {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return (String::from_utf8_lossy(rest).into_owned(), Encoding::Utf8Bom);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return (UTF_16LE.decode_without_bom_handling(rest).0.into_owned(), Encoding::Utf16Le);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return (UTF_16BE.decode_without_bom_handling(rest).0.into_owned(), Encoding::Utf16Be);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), Encoding::Utf8),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), Encoding::Windows1252),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_owned};
    use crate::words::Encoding;

    #[test]
    fn knows_the_encodings_that_editors_write() {
        let cases: [(&[u8], &str, Encoding); 7] = [
            (b"a\xC3\xA4", "aä", Encoding::Utf8),
            (b"\xEF\xBB\xBFa\xC3\xA4", "aä", Encoding::Utf8Bom),
            (b"\xFF\xFEa\0\xE4\0", "aä", Encoding::Utf16Le),
            (b"\xFE\xFF\0a\0\xE4", "aä", Encoding::Utf16Be),
            (b"a\xE4\x80", "aä€", Encoding::Windows1252),
            (b"", "", Encoding::Utf8),
            (b"\0\xFF\xFE", "\0ÿþ", Encoding::Windows1252),
        ];
        for (bytes, text, encoding) in cases {
            assert_eq!(decode(bytes), (text.to_owned(), encoding));
            assert_eq!(decode_owned(bytes.to_vec()), (text.to_owned(), encoding));
        }
    }
}
