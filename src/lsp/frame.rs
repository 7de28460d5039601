//! Messages on the line: a header with the length, then JSON. Whatever comes in, reading goes on
//! behind it; what is not to be read is told, and a length that nobody means takes no memory.

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::json;

/// The longest message that is read, in bytes.
const LONGEST: u64 = 512 * 1024 * 1024;
/// The longest line of a header that is looked at, in bytes.
const LONGEST_LINE: u64 = 8 * 1024;

/// What came in.
#[derive(Debug)]
pub(super) enum Frame {
    /// A message.
    Message(Box<Message>),
    /// JSON that is no message, or no JSON at all.
    Garbage {
        /// The protocol's word for it.
        code: ErrorCode,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads the next frame; `None` at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let Some(length) = header(input)? else { return Ok(None) };
    if length > LONGEST {
        io::copy(&mut input.take(length), &mut io::sink())?;
        let why = format!("a message of {length} bytes is not read");
        return Ok(Some(Frame::Garbage { code: ErrorCode::InvalidRequest, why }));
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => Frame::Message(Box::new(message)),
        Err(error) => Frame::Garbage {
            code: if error.is_data() { ErrorCode::InvalidRequest } else { ErrorCode::ParseError },
            why: error.to_string(),
        },
    }))
}

/// Reads up to the empty line that ends a header with a length; other lines are passed over.
fn header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match (line.split_once(':'), length) {
            (None, Some(length)) if line.is_empty() => return Ok(Some(length)),
            (Some((name, value)), _) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            _ => {}
        }
    }
}

/// Writes a message.
pub(super) fn write(output: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(output)
}

/// Tells of an error in what had no name to answer to.
pub(super) fn write_unnamed_error(output: &mut impl Write, code: ErrorCode, why: &str) -> io::Result<()> {
    let error = json!({"code": code as i32, "message": why});
    let text = json!({"jsonrpc": "2.0", "id": null, "error": error}).to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use lsp_server::Message;
    use proptest::prelude::*;

    use super::{Frame, read};

    fn frames(input: &[u8]) -> Vec<String> {
        let mut input = Cursor::new(input);
        let mut found = Vec::new();
        while let Some(frame) = read(&mut input).unwrap() {
            found.push(match frame {
                Frame::Message(message) => match *message {
                    Message::Request(request) => request.method,
                    Message::Notification(notification) => notification.method,
                    Message::Response(_) => "response".into(),
                },
                Frame::Garbage { .. } => "garbage".into(),
            });
        }
        found
    }

    #[test]
    fn goes_on_behind_what_is_no_message() {
        let good = r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#;
        let framed = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let input = [
            "some noise\r\n\r\n".to_owned(),
            framed(good),
            framed("{}"),
            framed("\u{1F600} no json"),
            "Content-Type: x\r\n".to_owned() + &framed(good),
            "content-length:37\n\n".to_owned() + good,
            "Content-Length: -5\r\n\r\n".to_owned(),
            "Content-Length: 99999999999999999999999\r\n\r\n".to_owned(),
            framed(good),
            "Content-Length: 9999999999\r\n\r\nabrupt".to_owned(),
        ];
        let told = frames(input.concat().as_bytes());
        assert_eq!(told, ["a", "garbage", "garbage", "a", "a", "a", "garbage"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = frames(&bytes);
            let framed = [format!("Content-Length: {}\r\n\r\n", bytes.len()).as_bytes(), &bytes].concat();
            prop_assert_eq!(frames(&framed).len(), 1);
        }
    }
}
