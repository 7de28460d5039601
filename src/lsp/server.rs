//! The life of the view: messages in their order, changes to a platform looked at on another
//! thread, what is found told. Never waits for anything but the next message.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use camino::Utf8PathBuf;
use crossbeam_channel::{Receiver, Sender, select};
use lsp_server::{ErrorCode, Message, Request, RequestId, Response};
use lsp_types::Uri;
use serde_json::{Value, json};

use super::capabilities::{self, Client};
use super::documents::Documents;
use super::frame::{self, Frame};
use super::home::Home;
use super::requests::{self, Context, parse};
use super::understanding::{Found, Texts};
use crate::load;

/// A platform to look at.
pub(super) struct Job {
    pub(super) root: Utf8PathBuf,
    pub(super) texts: Texts,
    pub(super) before: Texts,
    pub(super) versions: HashMap<Utf8PathBuf, i32>,
}

/// What looking gave.
pub(super) struct Done {
    pub(super) root: Utf8PathBuf,
    pub(super) found: Found,
    pub(super) versions: HashMap<Utf8PathBuf, i32>,
}

/// How far the conversation is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// `initialize` has not come.
    New,
    /// Questions are answered.
    Ready,
    /// `shutdown` has come.
    Down,
}

/// The view.
pub(super) struct Server<W, L> {
    pub(super) output: W,
    pub(super) log: L,
    pub(super) jobs: Sender<Job>,
    /// The platform that all documents below it belong to, where one was named.
    pub(super) platform: Option<Utf8PathBuf>,
    pub(super) stage: Stage,
    pub(super) client: Client,
    pub(super) documents: Documents,
    pub(super) homes: BTreeMap<Utf8PathBuf, Home>,
    pub(super) queue: VecDeque<Message>,
    /// Requests about platforms that were not looked at yet.
    pub(super) waiting: Vec<Request>,
}

impl<W: Write, L: Write> Server<W, L> {
    pub(super) fn new(output: W, log: L, jobs: Sender<Job>, platform: Option<Utf8PathBuf>) -> Self {
        Self {
            output,
            log,
            jobs,
            platform,
            stage: Stage::New,
            client: Client::default(),
            documents: Documents::default(),
            homes: BTreeMap::new(),
            queue: VecDeque::new(),
            waiting: Vec::new(),
        }
    }

    /// Answers until `exit` or the end of the input; whether it ended as it should.
    pub(super) fn run(mut self, inbox: &Receiver<Frame>, done: &Receiver<Done>) -> io::Result<bool> {
        let mut open = true;
        loop {
            if self.queue.is_empty() {
                if !open {
                    return Ok(self.stage == Stage::Down);
                }
                let due = self.homes.values().filter_map(Home::due).min();
                let pause = due.map_or(crossbeam_channel::never(), crossbeam_channel::at);
                select! {
                    recv(inbox) -> frame => match frame {
                        Ok(frame) => self.receive(frame)?,
                        Err(_) => open = false,
                    },
                    recv(done) -> found => match found {
                        Ok(found) => self.take_up(found)?,
                        Err(_) => return Err(io::Error::other("the thread that looks at platforms has ended")),
                    },
                    recv(pause) -> _ => {}
                }
            }
            for frame in inbox.try_iter() {
                self.receive(frame)?;
            }
            for found in done.try_iter() {
                self.take_up(found)?;
            }
            self.look();
            match self.queue.pop_front() {
                Some(Message::Notification(exit)) if exit.method == "exit" => {
                    return Ok(self.stage == Stage::Down);
                }
                Some(Message::Notification(notification)) => self.notification(notification)?,
                Some(Message::Request(request)) => self.request(request)?,
                Some(Message::Response(_)) | None => {}
            }
        }
    }

    /// Takes a frame from the line. To cancel overtakes what waits.
    fn receive(&mut self, frame: Frame) -> io::Result<()> {
        match frame {
            Frame::Message(message) => match *message {
                Message::Notification(cancel) if cancel.method == "$/cancelRequest" => {
                    self.cancel(&cancel.params["id"])
                }
                message => {
                    self.queue.push_back(message);
                    Ok(())
                }
            },
            Frame::Garbage { code, why } => {
                self.say(&format!("a message could not be read: {why}"));
                frame::write_unnamed_error(&mut self.output, code, &why)
            }
        }
    }

    fn cancel(&mut self, id: &Value) -> io::Result<()> {
        let id: RequestId = match id {
            Value::String(text) => text.clone().into(),
            number => match number.as_i64().and_then(|n| i32::try_from(n).ok()) {
                Some(number) => number.into(),
                None => return Ok(()),
            },
        };
        let is_it = |message: &Message| matches!(message, Message::Request(r) if r.id == id);
        let (queued, waiting) = (self.queue.len(), self.waiting.len());
        self.queue.retain(|message| !is_it(message));
        self.waiting.retain(|request| request.id != id);
        if (self.queue.len(), self.waiting.len()) == (queued, waiting) {
            return Ok(());
        }
        self.refuse(id, ErrorCode::RequestCanceled, "cancelled".to_owned())
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, .. } = &request;
        match (self.stage, method.as_str()) {
            (Stage::New, "initialize") => match parse(request.params) {
                Ok(params) => self.initialize(request.id, &params),
                Err((code, why)) => self.refuse(request.id, code, why),
            },
            (Stage::New, _) => {
                let why = "`initialize` must come first".to_owned();
                self.refuse(request.id, ErrorCode::ServerNotInitialized, why)
            }
            (Stage::Down, _) | (_, "initialize") => {
                let why = format!("`{method}` can't be asked any more");
                self.refuse(request.id, ErrorCode::InvalidRequest, why)
            }
            (Stage::Ready, "shutdown") => {
                self.stage = Stage::Down;
                self.answer(request.id, Value::Null)
            }
            (Stage::Ready, unknown) if !requests::is_known(unknown) => {
                let why = format!("goldsmith has no answer to `{unknown}`");
                self.refuse(id.clone(), ErrorCode::MethodNotFound, why)
            }
            (Stage::Ready, _) if self.must_wait(&request) => {
                self.waiting.push(request);
                Ok(())
            }
            (Stage::Ready, _) => self.ask(request),
        }
    }

    /// Whether the platform that a request is about was never looked at.
    fn must_wait(&self, request: &Request) -> bool {
        let uri: Option<Uri> = serde_json::from_value(request.params["textDocument"]["uri"].clone()).ok();
        match uri {
            Some(uri) => {
                let root = self.documents.get(&uri).and_then(|d| d.root.as_ref());
                root.and_then(|root| self.homes.get(root)).is_some_and(|home| !home.seen)
            }
            None => self.homes.values().any(|home| !home.seen),
        }
    }

    fn ask(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let context =
            Context { documents: &self.documents, homes: &self.homes, columns: self.client.columns };
        // A mistake of ours in one answer must not take the editor's view away.
        match catch_unwind(AssertUnwindSafe(|| requests::answer(&context, &method, params))) {
            Ok(Ok(answer)) => self.answer(id, answer),
            Ok(Err((code, why))) => self.refuse(id, code, why),
            Err(_) => {
                self.say(&format!("a mistake in goldsmith: `{method}` failed"));
                self.refuse(
                    id,
                    ErrorCode::InternalError,
                    format!("a mistake in goldsmith: `{method}` failed"),
                )
            }
        }
    }

    fn initialize(&mut self, id: RequestId, params: &lsp_types::InitializeParams) -> io::Result<()> {
        self.stage = Stage::Ready;
        self.client = Client::new(params);
        let answer = json!(capabilities::answer(&self.client));
        self.answer(id, answer)?;
        let folders = std::mem::take(&mut self.client.folders);
        let roots: Vec<Utf8PathBuf> = folders.iter().filter_map(|folder| load::find(folder).ok()).collect();
        for root in roots.into_iter().chain(self.platform.clone()) {
            self.changed(&root);
        }
        Ok(())
    }

    fn answer(&mut self, id: RequestId, answer: Value) -> io::Result<()> {
        frame::write(&mut self.output, &Response { id, response_result: Ok(answer) }.into())
    }

    fn refuse(&mut self, id: RequestId, code: ErrorCode, why: String) -> io::Result<()> {
        frame::write(&mut self.output, &Response::new_err(id, code as i32, why).into())
    }

    pub(super) fn say(&mut self, text: &str) {
        let _ = writeln!(self.log, "{text}");
    }
}
