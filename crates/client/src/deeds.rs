//! What a user does. Everything is in the outbox, on the disk, before it returns; the server hears of
//! it when there is one.

use crate::driver::Parts;
use crate::notice::Notice;
use crate::perform::{queued, untrusted};
use crate::session::Session;
use crate::status::ConnectionState;
use crate::{Error, Result};
use parlour_protocol::{
    Action, ConversationId, ErrorBody, ErrorCode, HistoryVisibility, MemberRole, MessageId, Millis,
    Op, OpId, Removal, Seq, UserId, text,
};
use parlour_store::{Changes, Draft, OpState, OpenOp, Pair, Position, TimelineItem};
use parlour_sync::{Input, Lane, LaneKind};
use serde::Deserialize;

/// The choice whether others see how far one has read: `yes` or `no`.
const TELL_READING: &str = "tell_reading";

/// Among so many messages, and all that wait, a message is looked up that was just written. It may be with the
/// server already, and others behind it; and what it answers may be among them, with a change that waits.
const ECHOED: i64 = 30;

/// What one says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Saying {
    /// The text: 1 byte to 64 KiB, not blank. Members named in it by `@name` are meant, and everybody by
    /// `@all` where its author may.
    pub body: String,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
}

impl<T: Into<String>> From<T> for Saying {
    fn from(body: T) -> Self {
        Self { body: body.into(), reply_to: None }
    }
}

/// Messages.
impl Session {
    /// Says something. The draft is gone with it.
    pub fn send_message(
        &self,
        conversation: ConversationId,
        id: MessageId,
        saying: impl Into<Saying>,
    ) -> Result<TimelineItem> {
        let Saying { body, reply_to } = saying.into();
        let body = text::with_newlines(&body).into_owned();
        self.check_trusted(conversation)?;
        let (mentions, mentions_all) = self.parts.store.mentioned(conversation, &body)?;
        let action = Action::Send { body: body.clone(), reply_to, mentions, mentions_all };
        let (op, created_at) = (op(conversation, OpId(id.0), action), self.now());
        self.check(&op)?;
        // Who joins before it can be sent was not thought of when it was written.
        let until = match self.connection() {
            ConnectionState::Online | ConnectionState::Polling => None,
            _ => self.parts.store.mirror.newest_member(conversation)?,
        };
        let changes = self.parts.store.enqueue_message(&op, created_at, until)?;
        self.queue(&op, changes);
        share_draft(&self.parts, conversation)?;
        // As the timeline shows it, with what it answers and whom it means.
        let newest = self.parts.store.timeline(conversation, Position::Newest, ECHOED)?.items;
        if let Some(item) = newest.into_iter().find(|item| item.id == id) {
            return Ok(item);
        }
        let account = self.parts.store.account()?;
        let me = (account.user_id, account.username);
        Ok(TimelineItem::waiting(id, me, body, created_at))
    }

    /// Changes one's own message: in the outbox while it waits there, else by an op.
    pub fn edit_message(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
        body: &str,
    ) -> Result<()> {
        let body = &*text::with_newlines(body);
        text::check_body(body)?;
        self.check_trusted(conversation)?;
        let (mentions, all) = self.parts.store.mentioned(conversation, body)?;
        if let Some(open) = self.parts.store.open_op(OpId(message_id.0))?
            && let Action::Send { reply_to, .. } = open.op.action
        {
            let (body, mentions, mentions_all) = (body.into(), mentions.clone(), all);
            let action = Action::Send { body, reply_to, mentions, mentions_all };
            let (rewritten, changes) =
                self.parts.store.rewrite(&op(conversation, open.op.id, action))?;
            if rewritten {
                return self.reload(&open, changes);
            }
        }
        self.act(conversation, Action::Edit { message_id, body: body.into(), mentions })
    }

    /// Deletes a message: from the outbox while it waits there, else by an op.
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

    /// Reacts to a message with one emoji, or takes that back.
    pub fn react(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
        emoji: &str,
        on: bool,
    ) -> Result<()> {
        // What is taken back is named as it stands there.
        let emoji = text::canonical_emoji(emoji).filter(|_| on).unwrap_or(emoji).into();
        self.act(conversation, Action::React { message_id, emoji, on })
    }

    /// Pins a message to its conversation, or unpins it.
    pub fn pin_message(
        &self,
        place: ConversationId,
        message_id: MessageId,
        on: bool,
    ) -> Result<()> {
        self.act(place, Action::PinMessage { message_id, on })
    }

    /// Saves a message for later, or lets it go.
    ///
    /// # Errors
    /// It still waits to be sent: there is nothing to find again yet.
    pub fn save_message(
        &self,
        place: ConversationId,
        message_id: MessageId,
        on: bool,
    ) -> Result<()> {
        if self.find_message(message_id)?.is_none() {
            return Err(invalid("This message still waits to be sent. Save it once it is."));
        }
        self.act(place, Action::Save { message_id, on })
    }

    /// Notes that the user has read up to here; the others see it unless the user chose otherwise.
    pub fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<()> {
        let hidden = self.choice(TELL_READING)?.as_deref() == Some("no");
        self.act(conversation, Action::Read { seq, hidden })
    }

    /// Chooses something on all of the user's devices.
    ///
    /// # Errors
    /// The files fail.
    pub fn choose(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.act(ConversationId::NOWHERE, Action::Setting { name, value })
    }

    /// Keeps what is being written, on this device; [`Session::share_draft`] tells the others.
    pub fn set_draft(&self, conversation: ConversationId, draft: &Draft) -> Result<()> {
        let (body, reply_to) = (text::without_controls(&draft.body).into_owned(), draft.reply_to);
        let draft = Draft { body, reply_to };
        let changes = self.parts.store.set_draft(conversation, &draft, self.now())?;
        self.parts.notices.changed(changes);
        Ok(())
    }

    /// Lets the user's other devices have what is being written anywhere.
    pub fn share_drafts(&self) -> Result<()> {
        share_drafts(&self.parts)
    }

    /// Lets the user's other devices have what is being written: when they pause, or turn to something
    /// else.
    pub fn share_draft(&self, conversation: ConversationId) -> Result<()> {
        share_draft(&self.parts, conversation)
    }
}

/// Conversations.
impl Session {
    /// The conversation with one other person, begun if there is none.
    ///
    /// # Errors
    /// The server has something else in its place.
    pub fn create_p2p(&self, other: UserId) -> Result<ConversationId> {
        let me = self.parts.store.account()?.user_id;
        let id = ConversationId::p2p(me, other);
        let begun = |open: &OpenOp| {
            open.op.conversation_id == id && matches!(open.op.action, Action::Create { .. })
        };
        match self.parts.store.pair(other)? {
            Pair::Untrusted => return Err(untrusted().into()),
            Pair::Unknown if !self.parts.store.open_ops()?.iter().any(begun) => {
                self.act(id, Action::create_p2p(other))?;
            }
            Pair::Unknown | Pair::Here => {}
        }
        Ok(id)
    }

    /// Begins a group.
    pub fn create_group(&self, title: &str, members: Vec<UserId>) -> Result<ConversationId> {
        let id = ConversationId(self.parts.clock.id());
        self.act(id, Action::create_group(title.trim(), members))?;
        Ok(id)
    }

    /// Changes a group's title.
    pub fn rename(&self, conversation: ConversationId, title: &str) -> Result<()> {
        self.act(conversation, Action::Rename { title: title.trim().into() })
    }

    /// Says what a group is about.
    pub fn set_topic(&self, conversation: ConversationId, topic: &str) -> Result<()> {
        let topic = text::with_newlines(topic.trim()).into_owned();
        self.act(conversation, Action::SetTopic { topic })
    }

    /// Says how much of a group's past its new members see.
    pub fn set_history(&self, place: ConversationId, history: HistoryVisibility) -> Result<()> {
        self.act(place, Action::SetHistory { history })
    }

    /// Says what whoever is removed from a group keeps of it.
    pub fn set_removal(&self, place: ConversationId, removal: Removal) -> Result<()> {
        self.act(place, Action::SetRemoval { removal })
    }

    /// Closes a group, so that it can be read and no more, or opens it again.
    pub fn archive(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Archive { on })
    }

    /// Adds a person to a group.
    pub fn add_member(&self, conversation: ConversationId, user_id: UserId) -> Result<()> {
        self.act(conversation, Action::AddMember { user_id })
    }

    /// Removes a person from a group.
    pub fn remove_member(&self, conversation: ConversationId, user_id: UserId) -> Result<()> {
        self.act(conversation, Action::RemoveMember { user_id })
    }

    /// Gives a member of a group another role; to own it, the caller hands it over.
    pub fn set_role(&self, place: ConversationId, user_id: UserId, role: MemberRole) -> Result<()> {
        let action = match role {
            MemberRole::Owner => Action::Transfer { user_id },
            role => Action::SetRole { user_id, role },
        };
        self.act(place, action)
    }

    /// Leaves a group.
    pub fn leave(&self, conversation: ConversationId) -> Result<()> {
        self.act(conversation, Action::Leave)
    }

    /// Keeps a conversation from making noise until then; nothing ends it.
    pub fn mute(&self, conversation: ConversationId, until: Option<Millis>) -> Result<()> {
        self.act(conversation, Action::Mute { until })
    }

    /// Puts a conversation on top of the list, or back.
    pub fn pin(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Pin { on })
    }

    /// Puts a conversation out of the list until something is said there, or back.
    pub fn hide(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Hide { on })
    }

    /// Marks a conversation as unread, from a message on if one is given; or takes that back.
    pub fn mark_unread(&self, place: ConversationId, on: bool, from: Option<Seq>) -> Result<()> {
        self.act(place, Action::MarkUnread { on, from })
    }
}

/// What waits.
impl Session {
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

    fn act(&self, conversation: ConversationId, action: Action) -> Result<()> {
        let op = op(conversation, OpId(self.parts.clock.id()), action);
        self.check(&op)?;
        let changes = self.parts.store.enqueue(&op, self.now())?;
        // What it took the place of is gone from the line.
        match self.parts.store.open_op(op.id)? {
            Some(open) => self.reload(&open, changes),
            None => Ok(()),
        }
    }

    /// Refuses what the server would refuse, before it is kept.
    fn check(&self, op: &Op) -> Result<()> {
        op.check_ids(self.parts.store.account()?.user_id)?;
        Ok(op.check_texts()?)
    }

    fn check_trusted(&self, conversation: ConversationId) -> Result<()> {
        if self.parts.store.is_trusted(conversation)? {
            return Ok(());
        }
        Err(untrusted().into())
    }

    /// Tells of an op that was put behind all others.
    fn queue(&self, op: &Op, changes: Changes) {
        tell(&self.parts, changes);
        self.say(Input::Queued(queued(&waiting(op, self.now()))));
    }

    fn reload(&self, open: &OpenOp, changes: Changes) -> Result<()> {
        tell(&self.parts, changes);
        reload(&self.parts, queued(open).lane);
        Ok(())
    }
}

/// Puts a draft that the server does not have into the outbox.
pub(crate) fn share_draft(parts: &Parts, conversation: ConversationId) -> Result<()> {
    let (id, now) = (OpId(parts.clock.id()), parts.clock.now());
    if parts.store.share_draft(conversation, id, now)?.is_some() {
        reload(parts, Lane { conversation, kind: LaneKind::Own });
    }
    Ok(())
}

/// Does that for every conversation.
pub(crate) fn share_drafts(parts: &Parts) -> Result<()> {
    parts.store.drafts_to_share()?.into_iter().try_for_each(|id| share_draft(parts, id))
}

/// Tells the engine that a lane of the outbox changed otherwise than by growing.
fn reload(parts: &Parts, lane: Lane) {
    // The driver reads it: see `perform::fresh`.
    parts.inputs.say(Input::Reloaded(lane, Vec::new()));
}

fn tell(parts: &Parts, changes: Changes) {
    parts.notices.changed(changes);
    parts.notices.tell(Notice::Status);
}

fn waiting(op: &Op, created_at: Millis) -> OpenOp {
    let (op, state, tried) = (op.clone(), OpState::Waiting, false);
    OpenOp { op, created_at, state, tried, code: None, reason: None }
}

fn op(conversation_id: ConversationId, id: OpId, action: Action) -> Op {
    Op { id, conversation_id, action }
}

pub(crate) fn invalid(message: &str) -> Error {
    ErrorBody { code: ErrorCode::Invalid, message: message.into(), retry_after_ms: None }.into()
}
