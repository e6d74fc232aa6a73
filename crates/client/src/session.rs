//! One signed-in account: what its user reads and does. Everything here works with no network.

use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::driver::{Inputs, Parts};
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::perform::queued;
use crate::status::{AccountInfo, SyncStatus};
use crate::{Error, Result};
use parlour_protocol::{
    Action, ConversationId, Count, ErrorBody, ErrorCode, MessageId, Millis, Op, OpId, Seq,
    SessionId, SessionInfo, UserId, limits,
};
use parlour_store::{
    Changes, ConversationSummary, Delivery, Member, OpState, OpenOp, Person, Position, Scope,
    SearchPage, Store, TimelineItem, TimelinePage,
};
use parlour_sync::{Input, Lane};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::AbortHandle;

/// People that a search for a name shows.
const PEOPLE: i64 = 50;
/// Hits that a search shows.
const HITS: usize = 50;
/// Most messages in one stretch of a timeline.
const STRETCH: i64 = 500;

/// Something that waits or was refused, for the outbox view.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// Which.
    pub id: OpId,
    /// Where it happens.
    pub conversation_id: ConversationId,
    /// What it does: "create", "send", "edit", "delete", "addMember" or "leave".
    pub action: String,
    /// What it says, if it says something.
    pub body: Option<String>,
    /// When the user did it.
    pub created_at: Millis,
    /// Where it stands.
    pub delivery: Delivery,
}

/// One signed-in account.
pub struct Session {
    pub(crate) parts: Parts,
    pub(crate) driver: Option<AbortHandle>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

impl Session {
    /// A session over an account's files that is not online; what it has to say to a sync engine
    /// comes out beside it.
    ///
    /// # Errors
    /// The files fail.
    pub fn offline(
        store: Arc<Store>,
        notices: Notices,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, UnboundedReceiver<Input>)> {
        let (inputs, said) = Inputs::new();
        let (server, credentials) = (store.account()?.server, Credentials::default());
        let http = Http::new(&server, credentials.clone());
        let shared = Arc::default();
        let parts = Parts { store, http, server, credentials, notices, shared, clock, inputs };
        Ok((Self { parts, driver: None }, said))
    }

    /// Ends what it does by itself.
    pub(crate) fn end(&self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }

    /// Whether it is, or tries to be, online.
    pub fn is_running(&self) -> bool {
        !self.parts.inputs.is_closed()
    }

    /// Where the mirror's file is, for measurements.
    pub fn mirror_path(&self) -> std::path::PathBuf {
        self.parts.store.mirror_path()
    }

    /// Who is signed in.
    pub fn account(&self) -> Result<AccountInfo> {
        Ok(self.parts.store.account()?.into())
    }

    /// What the sync line says.
    pub fn status(&self) -> Result<SyncStatus> {
        let ops = self.parts.store.open_ops()?;
        let deeds = ops.iter().filter(|open| is_deed(open));
        let (refused, waiting): (Vec<_>, Vec<_>) =
            deeds.partition(|open| open.state == OpState::Refused);
        let count = |ops: Vec<_>| Count(i64::try_from(ops.len()).unwrap_or(i64::MAX));
        Ok(SyncStatus {
            connection: self.parts.shared.connection(),
            waiting: count(waiting),
            refused: count(refused),
            history: self.parts.store.mirror.progress()?,
            is_full: self.parts.store.is_full()?,
            trouble: self.parts.shared.trouble(),
            repaired: Count(self.parts.store.mirror.repaired()?),
            salvaged: self.parts.store.salvage().map(|salvage| Count(salvage.waiting)),
        })
    }

    /// The conversations in which something was said last, newest first.
    pub fn conversations(&self, limit: i64) -> Result<Vec<ConversationSummary>> {
        Ok(self.parts.store.conversations(limit)?)
    }

    /// These conversations; those that are not known are left out.
    pub fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        Ok(self.parts.store.conversations_by_id(ids)?)
    }

    /// A stretch of a conversation.
    pub fn timeline(
        &self,
        conversation: ConversationId,
        position: Position,
        limit: i64,
    ) -> Result<TimelinePage> {
        Ok(self.parts.store.timeline(conversation, position, limit.clamp(1, STRETCH))?)
    }

    /// Who is in a conversation.
    pub fn members(&self, conversation: ConversationId) -> Result<Vec<Member>> {
        Ok(self.parts.store.mirror.members(conversation)?)
    }

    /// How many people are in a conversation.
    pub fn member_count(&self, conversation: ConversationId) -> Result<i64> {
        Ok(self.parts.store.mirror.member_count(conversation)?)
    }

    /// People whose name begins so.
    pub fn people(&self, prefix: &str) -> Result<Vec<Person>> {
        Ok(self.parts.store.mirror.people_starting(prefix, PEOPLE)?)
    }

    /// Messages with all of these words, newest first.
    pub fn search(&self, text: &str, scope: Scope) -> Result<SearchPage> {
        Ok(self.parts.store.search(text, scope, HITS)?)
    }

    /// Where a message is, if it is here.
    pub fn find_message(&self, id: MessageId) -> Result<Option<Seq>> {
        Ok(self.parts.store.find_message(id)?)
    }

    /// Says something. It is on the disk when this returns, and the draft is gone.
    pub fn send_message(
        &self,
        conversation: ConversationId,
        id: MessageId,
        body: &str,
    ) -> Result<TimelineItem> {
        check_body(body)?;
        let (op, created_at) = (op(conversation, OpId(id.0), Action::send(body)), self.now());
        self.queue(&op, self.parts.store.enqueue_message(&op, created_at)?);
        let account = self.parts.store.account()?;
        Ok(TimelineItem {
            id,
            seq: None,
            sender_id: account.user_id,
            sender: account.username,
            own: true,
            body: body.into(),
            sent_at: created_at,
            edited: false,
            deleted: false,
            delivery: Delivery::Waiting,
        })
    }

    /// Changes one's own message: in the outbox while it waits there, else by an op.
    pub fn edit_message(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
        body: &str,
    ) -> Result<()> {
        check_body(body)?;
        if let Some(open) = self.parts.store.open_op(OpId(message_id.0))? {
            let new = op(conversation, open.op.id, with_body(&open.op.action, body));
            let (rewritten, changes) = self.parts.store.rewrite(&new)?;
            if rewritten {
                return self.reload(&open, changes);
            }
        }
        self.act(conversation, Action::edit(message_id, body))
    }

    /// Deletes one's own message: from the outbox while it waits there, else by an op.
    pub fn delete_message(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
    ) -> Result<()> {
        if let Some(open) = self.parts.store.open_op(OpId(message_id.0))? {
            let (dropped, changes) = self.parts.store.discard(&open.op)?;
            if dropped {
                return self.reload(&open, changes);
            }
        }
        self.act(conversation, Action::Delete { message_id })
    }

    /// Notes that the user has read up to here.
    pub fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<()> {
        let op = op(conversation, OpId(self.parts.clock.id()), Action::Read { seq });
        let changes = self.parts.store.enqueue(&op, self.now())?;
        let Some(open) = self.parts.store.open_op(op.id)? else { return Ok(()) };
        self.reload(&open, changes)
    }

    /// The conversation with one other person, begun if there is none.
    pub fn create_p2p(&self, other: UserId) -> Result<ConversationId> {
        let me = self.parts.store.account()?.user_id;
        let id = ConversationId::p2p(me, other);
        let begun = |open: &OpenOp| {
            open.op.conversation_id == id && matches!(open.op.action, Action::Create { .. })
        };
        let known = self.parts.store.has_conversation(id)?;
        if !known && !self.parts.store.open_ops()?.iter().any(begun) {
            self.act(id, Action::create_p2p(other))?;
        }
        Ok(id)
    }

    /// Begins a group.
    pub fn create_group(&self, title: &str, members: Vec<UserId>) -> Result<ConversationId> {
        let title = title.trim().to_owned();
        if !(1..=limits::TITLE_CHARS).contains(&title.chars().count()) {
            return Err(invalid("A group's title has 1 to 100 characters."));
        }
        let id = ConversationId(self.parts.clock.id());
        self.act(id, Action::create_group(title, members))?;
        Ok(id)
    }

    /// Adds a person to a group.
    pub fn add_member(&self, conversation: ConversationId, user_id: UserId) -> Result<()> {
        self.act(conversation, Action::AddMember { user_id })
    }

    /// Leaves a group.
    pub fn leave(&self, conversation: ConversationId) -> Result<()> {
        self.act(conversation, Action::Leave)
    }

    /// What waits or was refused, in the order in which it was done.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>> {
        let ops = self.parts.store.open_ops()?;
        Ok(ops.into_iter().filter(is_deed).map(outbox_item).collect())
    }

    /// Lets a refused action be tried again.
    pub fn retry(&self, id: OpId) -> Result<()> {
        let Some(open) = self.parts.store.open_op(id)? else { return Ok(()) };
        let changes = self.parts.store.retry(&open.op)?;
        self.reload(&open, changes)
    }

    /// Drops an action that has not reached the server. A message that may have is deleted there.
    pub fn discard(&self, id: OpId) -> Result<()> {
        let Some(open) = self.parts.store.open_op(id)? else { return Ok(()) };
        match open.op.action {
            Action::Send { .. } => {
                self.delete_message(open.op.conversation_id, MessageId(open.op.id.0))
            }
            _ => {
                let (_, changes) = self.parts.store.discard(&open.op)?;
                self.reload(&open, changes)
            }
        }
    }

    /// Keeps what is being written.
    pub fn set_draft(&self, conversation: ConversationId, body: &str) -> Result<()> {
        self.parts.notices.changed(self.parts.store.set_draft(conversation, body, self.now())?);
        Ok(())
    }

    /// What the window remembered under this name.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        Ok(self.parts.store.setting(name)?)
    }

    /// Remembers something for the window.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        Ok(self.parts.store.set_setting(name, value)?)
    }

    /// Tells what the user looks at: it is fetched before the rest.
    pub fn watch(&self, conversation: Option<ConversationId>) {
        self.say(Input::Watching(conversation));
    }

    /// Fetches older messages than are here, also if the mirror is as large as it may be.
    pub fn fetch_older(&self, conversation: ConversationId) {
        self.say(Input::Older(conversation));
    }

    /// How large the mirror may become by itself, in bytes.
    pub fn history_limit(&self) -> Result<i64> {
        Ok(self.parts.store.history_limit()?)
    }

    /// Sets it. What is here stays.
    pub fn set_history_limit(&self, bytes: i64) -> Result<()> {
        self.parts.store.set_history_limit(bytes)?;
        self.say(Input::Full(self.parts.store.is_full()?));
        self.parts.notices.tell(Notice::Status);
        Ok(())
    }

    /// Tries everything at once: the machine woke up, or the user asked.
    pub fn hurry(&self) {
        self.say(Input::Hurry);
    }

    /// Compares everything with the server, now and not only in passing.
    pub fn verify(&self) {
        self.say(Input::VerifyAll);
    }

    /// The account's devices that are signed in. Needs the network.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>> {
        Ok(self.parts.http.sessions().await?)
    }

    /// Ends another device's session. Needs the network.
    pub async fn revoke_session(&self, id: SessionId) -> Result<()> {
        Ok(self.parts.http.revoke(id).await?)
    }

    fn act(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let op = op(conversation, OpId(self.parts.clock.id()), action);
        self.queue(&op, self.parts.store.enqueue(&op, self.now())?);
        Ok(())
    }

    /// Tells what is in the outbox now: the window, and the engine.
    fn queue(&self, op: &Op, changes: Changes) {
        self.tell(changes);
        let open = OpenOp {
            op: op.clone(),
            created_at: self.now(),
            state: OpState::Waiting,
            tried: false,
            code: None,
            reason: None,
        };
        self.say(Input::Queued(queued(&open)));
    }

    /// Tells that a lane of the outbox changed otherwise than by growing.
    fn reload(&self, open: &OpenOp, changes: Changes) -> Result<()> {
        self.tell(changes);
        let lane: Lane = queued(open).lane;
        let ops = self.parts.store.open_ops()?;
        self.say(Input::Reloaded(lane, ops.iter().map(queued).collect()));
        Ok(())
    }

    fn now(&self) -> Millis {
        self.parts.clock.now()
    }

    fn tell(&self, changes: Changes) {
        self.parts.notices.changed(changes);
        self.parts.notices.tell(Notice::Status);
    }

    fn say(&self, input: Input) {
        self.parts.inputs.say(input);
    }
}

fn op(conversation_id: ConversationId, id: OpId, action: Action) -> Op {
    Op { id, conversation_id, action }
}

/// A send that still waits, with another body.
fn with_body(action: &Action, body: &str) -> Action {
    match action.clone() {
        Action::Send { reply_to, mentions, mentions_all, .. } => {
            Action::Send { body: body.into(), reply_to, mentions, mentions_all }
        }
        other => other,
    }
}

/// Read positions are the app's own doing, nothing that a user waits for.
fn is_deed(open: &OpenOp) -> bool {
    !matches!(open.op.action, Action::Read { .. })
}

fn outbox_item(open: OpenOp) -> OutboxItem {
    let (action, body) = match open.op.action {
        Action::Create { title, .. } => ("create", Some(title)),
        Action::Send { body, .. } => ("send", Some(body)),
        Action::Edit { body, .. } => ("edit", Some(body)),
        Action::Delete { .. } => ("delete", None),
        Action::Read { .. } => ("read", None),
        Action::AddMember { .. } => ("addMember", None),
        Action::Leave => ("leave", None),
        Action::React { emoji, .. } => ("react", Some(emoji)),
        Action::PinMessage { .. } => ("pinMessage", None),
        Action::RemoveMember { .. } => ("removeMember", None),
        Action::SetRole { .. } => ("setRole", None),
        Action::Transfer { .. } => ("transfer", None),
        Action::Rename { title } => ("rename", Some(title)),
        Action::SetTopic { topic } => ("setTopic", Some(topic)),
        Action::SetHistory { .. } => ("setHistory", None),
        Action::Archive { .. } => ("archive", None),
        Action::Mute { .. } => ("mute", None),
        Action::Pin { .. } => ("pin", None),
        Action::Hide { .. } => ("hide", None),
        Action::MarkUnread { .. } => ("markUnread", None),
        Action::Draft { .. } => ("draft", None),
        Action::Save { .. } => ("save", None),
        Action::Setting { .. } => ("setting", None),
    };
    OutboxItem {
        id: open.op.id,
        conversation_id: open.op.conversation_id,
        action: action.into(),
        body,
        created_at: open.created_at,
        delivery: match open.state {
            OpState::Waiting => Delivery::Waiting,
            OpState::Refused => Delivery::Refused {
                code: open.code.unwrap_or(ErrorCode::Unknown),
                reason: open.reason.unwrap_or_default(),
            },
        },
    }
}

fn check_body(body: &str) -> Result<()> {
    if body.trim().is_empty() {
        return Err(invalid("A message needs some text."));
    }
    if body.len() > limits::BODY_BYTES {
        return Err(invalid("A message has at most 64 KiB. Send this one in parts."));
    }
    Ok(())
}

fn invalid(message: &str) -> Error {
    ErrorBody { code: ErrorCode::Invalid, message: message.into(), retry_after_ms: None }.into()
}
