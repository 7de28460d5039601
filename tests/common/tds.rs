//! A server that speaks SQL Server's protocol and executes nothing: each batch gets the answer that the test gives
//! it. The layout of packets and tokens is that of Microsoft's MS-TDS, sections 2.2.3 to 2.2.7.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use goldsmith::warehouse::LOCK_TIMEOUT;
use goldsmith::warehouse::sqlserver::{Certificates, Login, Settings};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server answers to a batch.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A result: its columns, all of text, and rows.
    Rows(Vec<&'static str>, Vec<Vec<Option<&'static str>>>),
    /// A column of money without rows.
    Money(&'static str),
    /// PRINT.
    Print(&'static str),
    /// An error: number, class, message, line.
    Error(u32, u8, &'static str, u32),
    /// Nothing until it is asked to stop, or for ever.
    Hang,
    /// The connection is gone.
    Drop,
}

/// A server that runs as long as the test.
pub struct Server {
    pub settings: Settings,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts one that answers each batch so; its certificate is nobody's. `None`, with a word about it, where no
    /// certificate can be made.
    pub fn start(answer: impl Fn(&str) -> Vec<Answer> + Send + Sync + 'static) -> Option<Self> {
        let tls = Arc::new(tls()?.clone());
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (kept, answer) = (Arc::clone(&heard), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, kept, answer) = (Arc::clone(&tls), Arc::clone(&kept), Arc::clone(&answer));
                // A client that goes away is no failure of the test.
                std::thread::spawn(move || serve(stream, tls, &kept, answer.as_ref()));
            }
        });
        let settings = Settings {
            host: "localhost".into(),
            port: Some(port),
            instance: None,
            login: Login::Password("goldsmith".into(), "hunter2".into()),
            database: "master".into(),
            certificates: Certificates::TrustAll,
            is_read_only: false,
            lock_timeout: LOCK_TIMEOUT,
        };
        Some(Self { settings, heard })
    }

    /// All batches that came, log ins with the database that they ask for among them.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic there").clone()
    }
}

fn tls() -> Option<&'static ServerConfig> {
    static TLS: OnceLock<Option<ServerConfig>> = OnceLock::new();
    let made = || {
        let folder = tempfile::tempdir().expect("a folder");
        let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("crt.pem"));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-keyout",
            ])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output();
        if !made.is_ok_and(|m| m.status.success()) {
            eprintln!("skipped: openssl is not installed, and no certificate can be made");
            return None;
        }
        let chain = vec![CertificateDer::from_pem_file(&certificate).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&key).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS12]).expect("TLS 1.2");
        Some(builder.with_no_client_auth().with_single_cert(chain, key).expect("they belong together"))
    };
    TLS.get_or_init(made).as_ref()
}

const BATCH: u8 = 0x01;
const REPLY: u8 = 0x04;
const ATTENTION: u8 = 0x06;
const LOGIN: u8 = 0x10;
const PRELOGIN: u8 = 0x12;

fn serve(
    mut tcp: TcpStream,
    tls: Arc<ServerConfig>,
    heard: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str) -> Vec<Answer>,
) -> Option<()> {
    message(&mut tcp)?;
    // The version, and that everything is encrypted.
    let options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 15, 0, 8, 0xFC, 0, 0, 3];
    packets(&mut tcp, REPLY, &options)?;
    let mut session = ServerConnection::new(tls).ok()?;
    while session.is_handshaking() {
        let (_, records) = message(&mut tcp)?;
        let mut records = records.as_slice();
        while !records.is_empty() {
            session.read_tls(&mut records).ok()?;
            session.process_new_packets().ok()?;
        }
        let mut own = Vec::new();
        while session.wants_write() {
            session.write_tls(&mut own).ok()?;
        }
        if !own.is_empty() {
            packets(&mut tcp, PRELOGIN, &own)?;
        }
    }
    let mut wire = StreamOwned::new(session, tcp);
    loop {
        let (kind, body) = message(&mut wire)?;
        let reply = match kind {
            LOGIN => {
                let with = token(&body).map(|token| format!(" with the token {token}")).unwrap_or_default();
                heard.lock().ok()?.push(format!("log in to {}{with}", database(&body)?));
                let answers = answer("log in");
                if answers.is_empty() { logged_in() } else { tokens(&answers)? }
            }
            ATTENTION => done(0x20, 0),
            BATCH => {
                let sql = text(body.get(u32::from_le_bytes(body.get(..4)?.try_into().ok()?) as usize..)?);
                heard.lock().ok()?.push(sql.clone());
                let answers = answer(&sql);
                if answers.iter().any(|a| matches!(a, Answer::Drop)) {
                    return None;
                }
                if answers.iter().any(|a| matches!(a, Answer::Hang)) {
                    continue;
                }
                tokens(&answers)?
            }
            _ => done(0, 0),
        };
        packets(&mut wire, REPLY, &reply)?;
    }
}

/// A whole message: its kind, and what its packets hold.
fn message(from: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut whole = Vec::new();
    loop {
        let mut head = [0; 8];
        from.read_exact(&mut head).ok()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]])).checked_sub(8)?;
        let start = whole.len();
        whole.resize(start + length, 0);
        from.read_exact(&mut whole[start..]).ok()?;
        if head[1] & 1 == 1 {
            return Some((head[0], whole));
        }
    }
}

fn packets(to: &mut impl Write, kind: u8, body: &[u8]) -> Option<()> {
    let mut rest = body;
    loop {
        let (part, behind) = rest.split_at(rest.len().min(4000));
        rest = behind;
        let length = u16::try_from(part.len() + 8).ok()?.to_be_bytes();
        let packet = [&[kind, u8::from(rest.is_empty()), length[0], length[1], 0, 0, 1, 0], part].concat();
        to.write_all(&packet).ok()?;
        if rest.is_empty() {
            return to.flush().ok();
        }
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn text(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// The database that a log in asks for: its place and length stand at the 68th byte.
fn database(login: &[u8]) -> Option<String> {
    let number = |at: usize| Some(usize::from(u16::from_le_bytes(login.get(at..at + 2)?.try_into().ok()?)));
    let (at, length) = (number(68)?, number(70)?);
    Some(text(login.get(at..at + 2 * length)?))
}

/// The access token that a log in carries: behind a pointer, the place of which stands at the 56th byte; in the
/// feature of the number 2, behind its length, options, and a length of its own.
fn token(login: &[u8]) -> Option<String> {
    let long = |at: usize| Some(u32::from_le_bytes(login.get(at..at + 4)?.try_into().ok()?) as usize);
    let pointer = usize::from(u16::from_le_bytes(login.get(56..58)?.try_into().ok()?));
    let mut at = long(pointer)?;
    while *login.get(at)? != 0xFF {
        let length = long(at + 1)?;
        if login[at] == 2 {
            return Some(text(login.get(at + 10..at + 10 + long(at + 6)?)?));
        }
        at += 5 + length;
    }
    None
}

/// A text with its length before it: in so many bytes, counted in characters.
fn counted(text: &str, bytes: usize) -> Vec<u8> {
    let length = u32::try_from(text.encode_utf16().count()).expect("a short text").to_le_bytes();
    [&length[..bytes], &utf16(text)].concat()
}

fn done(status: u16, rows: u64) -> Vec<u8> {
    [&[0xFD][..], &status.to_le_bytes(), &[0, 0], &rows.to_le_bytes()].concat()
}

fn logged_in() -> Vec<u8> {
    let body = [&[1, 0x74, 0, 0, 4][..], &counted("a mock", 1), &[15, 0, 8, 252]].concat();
    let length = u16::try_from(body.len()).expect("a short token").to_le_bytes();
    [&[0xAD][..], &length, &body, &said(0xAB, 5701, 0, "Changed database context to 'd'.", 1), &done(0, 0)]
        .concat()
}

/// A message: an error or a note.
fn said(token: u8, number: u32, class: u8, message: &str, line: u32) -> Vec<u8> {
    let body = [
        &number.to_le_bytes()[..],
        &[1, class],
        &counted(message, 2),
        &counted("server", 1),
        &counted("", 1),
        &line.to_le_bytes(),
    ]
    .concat();
    let length = u16::try_from(body.len()).expect("a short message").to_le_bytes();
    [&[token][..], &length, &body].concat()
}

fn tokens(answers: &[Answer]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut failed = false;
    for (nth, answer) in answers.iter().enumerate() {
        let more = u16::from(nth + 1 < answers.len());
        match answer {
            Answer::Rows(columns, rows) => {
                out.extend([&[0x81][..], &u16::try_from(columns.len()).ok()?.to_le_bytes()].concat());
                for column in columns {
                    // nvarchar(4000), with a collation.
                    out.extend([0, 0, 0, 0, 9, 0, 0xE7, 0x40, 0x1F, 9, 4, 0xD0, 0, 0x34]);
                    out.extend(counted(column, 1));
                }
                for row in rows {
                    out.push(0xD1);
                    for cell in row {
                        match cell {
                            Some(cell) => {
                                let bytes = utf16(cell);
                                out.extend(u16::try_from(bytes.len()).ok()?.to_le_bytes());
                                out.extend(bytes);
                            }
                            None => out.extend([0xFF, 0xFF]),
                        }
                    }
                }
                out.extend(done(0x10 | more, rows.len() as u64));
            }
            Answer::Money(column) => {
                out.extend([0x81, 1, 0, 0, 0, 0, 0, 9, 0, 0x6E, 8]);
                out.extend(counted(column, 1));
                out.extend(done(0x10 | more, 0));
            }
            Answer::Print(text) => out.extend(said(0xAB, 0, 0, text, 1)),
            Answer::Error(number, class, message, line) => {
                out.extend(said(0xAA, *number, *class, message, *line));
                failed = true;
            }
            Answer::Hang | Answer::Drop => {}
        }
    }
    out.extend(done(if failed { 2 } else { 0 }, 0));
    Some(out)
}
