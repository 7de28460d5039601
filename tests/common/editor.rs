//! A small editor: starts `goldsmith lsp`, frames messages, waits for answers with a time limit.

#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Platform;

/// How long anything may take. Nothing waits that long unless it is broken.
const LIMIT: Duration = Duration::from_mins(1);

/// A conversation with the binary.
pub struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    inbox: Receiver<Value>,
    /// What came while something else was waited for.
    aside: VecDeque<Value>,
    last: i64,
    root: String,
}

impl Editor {
    /// Starts the binary, and says nothing yet.
    pub fn start(platform: &Platform) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goldsmith"));
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("GOLDSMITH_")) {
            command.env_remove(name);
        }
        let mut child = command
            .arg("lsp")
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, inbox) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = child.stdin.take();
        let root = platform.path("").to_str().expect("Unicode").trim_end_matches('/').to_owned();
        Self { child, input, inbox, aside: VecDeque::new(), last: 0, root }
    }

    /// Starts the binary and takes up the conversation.
    pub fn ready(platform: &Platform, capabilities: Value) -> (Self, Value) {
        let mut editor = Self::start(platform);
        let folder = json!({"uri": format!("file://{}", editor.root), "name": "test"});
        let answer = editor.ask(
            "initialize",
            json!({"processId": null, "capabilities": capabilities, "workspaceFolders": [folder], "rootUri": null}),
        );
        editor.tell("initialized", json!({}));
        (editor, answer)
    }

    pub fn uri(&self, path: &str) -> String {
        if path.contains(':') || path.starts_with('/') {
            let scheme = if path.starts_with('/') { "file://" } else { "" };
            return format!("{scheme}{path}");
        }
        format!("file://{}/{path}", self.root).replace(' ', "%20")
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("not closed yet");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the binary reads");
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and does not wait.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}));
        self.last
    }

    /// The whole answer to a request.
    #[track_caller]
    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(|m| m["id"] == id && m.get("method").is_none())
    }

    /// The result of a request that must succeed.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let mut answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The code of the error that a request must end with.
    #[track_caller]
    pub fn refused(&mut self, method: &str, params: Value) -> i64 {
        let id = self.request(method, params);
        let answer = self.answer(id);
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} succeeded: {answer}"))
    }

    /// The first message that is wanted, among those that came and those to come.
    #[track_caller]
    pub fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.aside.iter().position(&wanted) {
            return self.aside.remove(at).expect("just found");
        }
        let end = Instant::now() + LIMIT;
        loop {
            match self.inbox.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) if wanted(&message) => return message,
                Ok(message) => self.aside.push_back(message),
                Err(RecvTimeoutError::Timeout) => panic!("no answer; came: {:#?}", self.aside),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the binary went away: {}\n{:#?}", self.log(), self.aside)
                }
            }
        }
    }

    pub fn open(&mut self, path: &str, version: i32, text: &str) {
        let uri = self.uri(path);
        let document = json!({"uri": uri, "languageId": "sql", "version": version, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces a whole text.
    pub fn change(&mut self, path: &str, version: i32, text: &str) {
        self.edit(path, version, &json!([{"text": text}]));
    }

    pub fn edit(&mut self, path: &str, version: i32, changes: &Value) {
        let document = json!({"uri": self.uri(path), "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    pub fn close(&mut self, path: &str) {
        let uri = self.uri(path);
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// What is told of a version of a file: code, line, from and to column (from 0).
    #[track_caller]
    pub fn told(&mut self, path: &str, version: Option<i32>) -> Vec<(String, [u64; 3])> {
        let found = self.diagnostics(path, version);
        let number = |value: &Value| value.as_u64().expect("a number");
        let one = |d: &Value| {
            let (start, end) = (&d["range"]["start"], &d["range"]["end"]);
            let code = d["code"].as_str().expect("a code").to_owned();
            (code, [number(&start["line"]), number(&start["character"]), number(&end["character"])])
        };
        found.iter().map(one).collect()
    }

    /// The diagnostics of a version of a file, as they come.
    #[track_caller]
    pub fn diagnostics(&mut self, path: &str, version: Option<i32>) -> Vec<Value> {
        let uri = self.uri(path);
        let mut message = self.wait(|m| {
            let params = &m["params"];
            m["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri.as_str()
                && params["version"].as_i64() == version.map(i64::from)
        });
        serde_json::from_value(message["params"]["diagnostics"].take()).expect("a list")
    }

    /// The position of `|` in a text, as a request's parameters for the file.
    pub fn at(&self, path: &str, marked: &str) -> Value {
        let before = &marked[..marked.find('|').expect("a mark")];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().expect("a line").encode_utf16().count();
        json!({"textDocument": {"uri": self.uri(path)}, "position": {"line": line, "character": column}})
    }

    /// The places of an answer, `path:line:column-column`, from 0, in their order.
    pub fn places(&self, answer: &Value) -> Vec<String> {
        let below = format!("file://{}/", self.root);
        let Some(list) = answer.as_array() else { return vec![answer.to_string()] };
        let one = |l: &Value| {
            let uri = l["uri"].as_str().expect("a URI");
            let (start, end) = (&l["range"]["start"], &l["range"]["end"]);
            let path = uri.strip_prefix(&below).unwrap_or(uri);
            format!("{path}:{}:{}-{}", start["line"], start["character"], end["character"])
        };
        list.iter().map(one).collect()
    }

    /// Closes the input without a word.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// `shutdown`, `exit`, and the end.
    #[track_caller]
    pub fn leave(&mut self) -> ExitStatus {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.end()
    }

    /// How the process ends.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let end = Instant::now() + LIMIT;
        // Its output ends when it does.
        while !matches!(
            self.inbox.recv_timeout(end.saturating_duration_since(Instant::now())),
            Err(RecvTimeoutError::Disconnected)
        ) {
            assert!(Instant::now() < end, "the binary did not end");
        }
        self.child.wait().expect("a process")
    }

    /// Standard error, when the process has ended.
    pub fn log(&mut self) -> String {
        let mut text = String::new();
        let _ = self.child.kill();
        if let Some(mut log) = self.child.stderr.take() {
            let _ = log.read_to_string(&mut text);
        }
        text
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some(number) = line.trim().strip_prefix("Content-Length: ") else {
            assert_eq!(line, "\r\n", "standard output holds something else");
            break;
        };
        length = number.parse().expect("a length");
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("JSON"))
}
