//! The way back from text to bytes: a file that is written again keeps its encoding and mark.

use encoding_rs::WINDOWS_1252;

use crate::words::Encoding;

/// The bytes of a text, byte order mark included. `None` if the encoding has no sign for one of
/// its characters.
#[must_use]
pub fn encode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let units = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Utf8Bom => Some([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        Encoding::Utf16Le => Some(units([0xFF, 0xFE], u16::to_le_bytes)),
        Encoding::Utf16Be => Some(units([0xFE, 0xFF], u16::to_be_bytes)),
        Encoding::Windows1252 => {
            let (bytes, _, lacking) = WINDOWS_1252.encode(text);
            (!lacking).then(|| bytes.into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::sql::decode;
    use crate::words::Encoding;

    #[test]
    fn writes_back_what_was_read() {
        let cases: [&[u8]; 6] = [
            b"a\xC3\xA4\r\n",
            b"\xEF\xBB\xBFa\xC3\xA4",
            b"\xFF\xFEa\0\xE4\0\x3D\xD8\x00\xDE",
            b"\xFE\xFF\0a\0\xE4",
            b"a\xE4\x80\x81",
            b"",
        ];
        for bytes in cases {
            let (text, encoding) = decode(bytes);
            assert_eq!(encode(&text, encoding).as_deref(), Some(bytes));
        }
        assert_eq!(encode("\u{416}", Encoding::Windows1252), None);
    }
}
