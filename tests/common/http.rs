//! A small HTTP server of a test's own that answers as it is told and keeps what was posted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

/// A server that gives answers in turn, the last one again and again. An empty one never comes.
pub struct Server {
    pub port: u16,
    asked: Receiver<Post>,
}

/// What was posted, and when.
pub struct Post {
    pub at: Instant,
    pub head: String,
    pub body: String,
}

impl Server {
    pub fn new(answers: &[&str]) -> Self {
        let answers: Vec<String> = answers.iter().map(|&answer| answer.into()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (send, asked) = channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (nth, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let answer = &answers[nth.min(answers.len() - 1)];
                if let Some(stream) = serve(stream, answer, &send) {
                    held.push(stream);
                }
            }
        });
        Self { port, asked }
    }

    /// What was posted since this was last asked.
    pub fn posts(&self) -> Vec<Post> {
        self.asked.try_iter().collect()
    }
}

/// Reads one request and answers it; gives the stream back if it is to stay open without an answer.
fn serve(mut stream: TcpStream, answer: &str, asked: &Sender<Post>) -> Option<TcpStream> {
    let at = Instant::now();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.send(Post { at, head, body: String::from_utf8(body).ok()? }).ok()?;
    if answer.is_empty() {
        return Some(stream);
    }
    stream.write_all(answer.as_bytes()).ok()?;
    None
}
