//! A device that performs a script.

use super::server::LocalServer;
use super::{OAK, OLD, Script, WREN};
use futures_util::FutureExt;
use parlour_client::step::{Request, Syncer, Task};
use parlour_client::{Notices, Position, Session, SystemClock};
use parlour_protocol::{Action, ConversationId, Frame, MessageId, Millis, Seq, SessionId};
use parlour_store::{Account, Key, Store};
use parlour_sync::Input;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

/// Number of rounds after which a device that is still busy counts as stuck.
const ROUNDS: i64 = 2000;

/// Returns the key of the device's files.
pub(super) fn key() -> Key {
    Key::fill(|key| key.fill(7))
}

/// Wren's device.
pub struct Device {
    pub(super) store: Arc<Store>,
    pub(super) session: Session,
    session_inputs: UnboundedReceiver<Input>,
    pub(super) server: Arc<LocalServer>,
    syncer: Syncer,
    inputs: VecDeque<Input>,
    now: i64,
    wake_at: i64,
}

impl Device {
    /// Opens the device on a folder, with the server in this file.
    ///
    /// # Errors
    /// Fails if the files fail.
    pub fn open(folder: &Path, server: &Path) -> parlour_client::Result<Self> {
        let server = Arc::new(LocalServer::open(server));
        let account = Account {
            server: "http://script".into(),
            user_id: WREN,
            username: "wren".into(),
            session_id: SessionId(Uuid::from_u128(9)),
        };
        let store = Arc::new(Store::open(folder, &key(), Some(&account))?.expect("an account"));
        let clock = Arc::new(SystemClock);
        let (session, session_inputs) = Session::offline(store.clone(), Notices::default(), clock)?;
        let syncer = session.syncer(7)?;
        let inputs = VecDeque::from([Input::Started]);
        Ok(Self { store, session, session_inputs, server, syncer, inputs, now: 0, wake_at: 0 })
    }

    /// Performs a script. Calls `report` with a line about each accepted action.
    pub fn play(
        mut self,
        script: Script,
        report: &mut dyn FnMut(&str),
    ) -> parlour_client::Result<()> {
        match script {
            Script::SendMessages => {
                let group = self.send_messages(report);
                self.sync_until_idle();
                for n in 0..3 {
                    self.server.act(OAK, OLD, Action::send(format!("answer {n}")));
                }
                self.server.save();
                self.sync_until_idle();
                self.change_messages(group, report);
                let _ = self.session.mark_read(OLD, Seq(48));
                self.sync_until_idle();
                if self.session.set_draft(group, &"half a thought".into()).is_ok() {
                    report("draft");
                }
            }
            Script::CatchUp => {
                self.sync_until_idle();
                let first = self.server.messages(OLD)[0].0;
                let edit =
                    Action::Edit { message_id: first, body: "mended".into(), mentions: vec![] };
                self.server.act(OAK, OLD, edit);
                let message_id = self.server.messages(OLD)[20].0;
                self.server.act(OAK, OLD, Action::Delete { message_id });
                for n in 0..30 {
                    self.server.act(OAK, OLD, Action::send(format!("since {n}")));
                }
                self.server.save();
                self.sync_until_idle();
            }
            Script::Restore => {
                let backup = self.server.core().image();
                let group = self.send_messages(report);
                self.sync_until_idle();
                self.server.restore(&backup);
                let hello = Frame::Hello { epoch: "after".into(), heartbeat_ms: 1000 };
                self.inputs.push_back(Input::Frame(hello));
                self.sync_until_idle();
                self.change_messages(group, report);
                self.sync_until_idle();
            }
            Script::Damage => {
                let group = self.send_messages(report);
                self.sync_until_idle();
                self.send_and_report(group, 9, report);
                let (path, server) = (self.store.mirror_path(), self.server.file.clone());
                drop(self);
                let _ = std::fs::write(&path, vec![0x5a; 20_000]);
                let folder = path.parent().expect("a folder").to_owned();
                let mut device = Self::open(&folder, &server)?;
                device.sync_until_idle();
            }
            Script::Salvage => {
                self.send_messages(report);
                let is_copied = self.store.maintain_outbox(Millis(1)).is_ok();
                let (path, server) = (self.store.mirror_path(), self.server.file.clone());
                let folder = path.parent().expect("a folder").to_owned();
                drop(self);
                if is_copied {
                    let outbox = folder.join("outbox.db");
                    let mut bytes = std::fs::read(&outbox).expect("an outbox");
                    bytes[..200].fill(0x5a);
                    let _ = std::fs::write(&outbox, bytes);
                }
                let mut device = Self::open(&folder, &server)?;
                device.sync_until_idle();
            }
        }
        Ok(())
    }

    /// Sends messages to a new conversation, created offline, and to the existing one. Returns the
    /// new one.
    fn send_messages(&mut self, report: &mut dyn FnMut(&str)) -> ConversationId {
        let group = self.session.create_group("new", vec![OAK]).unwrap_or(OLD);
        for n in 0..4 {
            self.send_and_report(group, n, report);
        }
        self.send_and_report(OLD, 5, report);
        group
    }

    fn send_and_report(
        &mut self,
        conversation_id: ConversationId,
        n: u32,
        report: &mut dyn FnMut(&str),
    ) {
        let id = MessageId(Uuid::now_v7());
        if self.session.send_message(conversation_id, id, format!("said {n}")).is_ok() {
            report(&format!("said {id} {n}"));
        }
    }

    fn change_messages(&mut self, conversation: ConversationId, report: &mut dyn FnMut(&str)) {
        let page = self.session.timeline(conversation, Position::Newest, 50);
        let items = page.map(|page| page.items).unwrap_or_default();
        let ids: Vec<MessageId> =
            items.iter().filter(|item| item.own).map(|item| item.id).collect();
        let [first, second, ..] = ids[..] else { return };
        for n in 100..103 {
            if self.session.edit_message(conversation, first, &format!("said {n}")).is_ok() {
                report(&format!("said {first} {n}"));
            }
        }
        if self.session.delete_message(conversation, second).is_ok() {
            report(&format!("deleted {second}"));
        }
    }

    /// Continues until nothing is left to do, or for at most `ROUNDS` rounds. Returns whether
    /// nothing is left.
    pub fn sync_until_idle(&mut self) -> bool {
        for _ in 0..ROUNDS {
            while let Ok(input) = self.session_inputs.try_recv() {
                self.inputs.push_back(input);
            }
            let input = match self.inputs.pop_front() {
                Some(input) => input,
                None if self.is_idle() => return true,
                None => {
                    self.now = self.now.max(self.wake_at);
                    Input::Woke
                }
            };
            self.now += 1;
            let result = self.syncer.handle(input, self.now);
            if result.and_then(|()| self.finish()).is_err() {
                self.restart_sync();
            }
        }
        false
    }

    /// Starts again as the driver does after a failure: from what is stored, as soon as it can be
    /// read.
    fn restart_sync(&mut self) {
        self.inputs.clear();
        // The tasks of this start are performed with the next step.
        let is_started = (0..100).any(|_| self.syncer.restart(self.now).is_ok());
        assert!(is_started, "the disk fails only for a while");
    }

    fn is_idle(&self) -> bool {
        let Ok(state) = self.store.sync_state() else { return false };
        let is_whole = |stream: &parlour_store::StreamState| {
            stream.cursor.is_some_and(|at| at >= stream.head) && stream.floor <= 1
        };
        let is_known = state.streams.len() >= 3;
        is_known && state.ops.is_empty() && state.streams.iter().all(is_whole)
    }

    /// Performs the tasks of a step, as the driver does; requests complete at once.
    fn finish(&mut self) -> parlour_client::Result<()> {
        while let Some(task) = self.syncer.next_task()? {
            match task {
                Task::Write(write) => self.syncer.write(&write, self.now)?,
                Task::Request(Request::Connect | Request::Reconnect) => {
                    let epoch = self.server.core().epoch();
                    let hello = Frame::Hello { epoch, heartbeat_ms: 1000 };
                    self.inputs.push_back(Input::Frame(hello));
                }
                Task::Request(Request::Call(call)) => {
                    let response = call.run(&*self.server).now_or_never();
                    self.inputs.push_back(response.expect("this server responds at once"));
                }
                Task::Request(Request::WakeAt(at)) => self.wake_at = at,
                Task::Request(Request::Ping(number)) => self.inputs.push_back(Input::Pong(number)),
                Task::Request(Request::ReportConnection(_) | Request::Abandon) => {}
            }
        }
        Ok(())
    }
}
