//! What each op does to the database, in one transaction, announced when it is committed.

mod account;
mod again;
mod conversations;
mod members;
mod messages;
mod sends;

#[cfg(any(test, fuzzing))]
pub use account::both;
pub use members::{give, hand_on, join, leave};
pub use sends::{Sending, send_all};

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{self, conversations::Found, members::Place, reactions, streams, users};
use futures_util::future::try_join3;
use parlour_protocol::{
    Action, ConversationId, ConversationType, ErrorCode, MemberRole, Memory, Millis, Op, OpDone,
    Row, Seq, StreamId, UserId,
};

/// An op that is being done: by whom, where and when.
struct Deed<'t> {
    tx: &'t Tx,
    caller: UserId,
    conversation: ConversationId,
    /// The caller's place in it before the op, also if they left.
    place: Option<Place>,
    /// What it was before the op.
    found: Option<Found>,
    now: Millis,
}

/// Does an op; one that was done already is answered with how things stand now.
pub async fn apply(tx: &Tx, caller: UserId, op: &Op, now: Millis) -> Result<OpDone, ApiError> {
    let mut done = apply_once(tx, caller, op, now).await?;
    let messages = done.rows.iter_mut().filter_map(|row| match row {
        Row::Message(row) => Some(row),
        _ => None,
    });
    reactions::tell_own(tx, caller, messages.collect()).await?;
    Ok(OpDone { epoch: tx.epoch(), ..done })
}

async fn apply_once(tx: &Tx, caller: UserId, op: &Op, now: Millis) -> Result<OpDone, ApiError> {
    // First of all: who asks with an id that is not theirs to make learns nothing of it.
    op.check_ids(caller)?;
    let digest = sends::op_digest(op);
    let conversation = op.conversation_id;
    // Together, because round trips to PostgreSQL are what an op costs.
    let (known, place, found) = try_join3(
        queries::ops::known(tx, caller, op.id),
        queries::members::find(tx, conversation, caller),
        queries::conversations::find(tx, conversation),
    )
    .await?;
    let deed = Deed { tx, caller, conversation, place, found, now };
    if let Some(known) = known {
        if known.user_id != caller || known.digest != digest {
            return Err(conflict());
        }
        return deed.again(op).await;
    }
    let done = deed.act(op).await?;
    if op.action.rules().memory == Memory::Digest {
        queries::ops::insert(tx, caller, op.id, &digest, now).await?;
    }
    Ok(done)
}

fn conflict() -> ApiError {
    ApiError::new(ErrorCode::OpConflict, "This id was used for something else before.")
}

fn archived() -> ApiError {
    let message = "This group is archived: it can be read and no more.";
    ApiError::new(ErrorCode::ReadOnly, message)
}

/// Refuses somebody whom nothing reaches any more, and says why.
pub(crate) async fn require_reachable(tx: &Tx, user: UserId) -> Result<(), ApiError> {
    let person = users::find(tx, user).await?.ok_or_else(|| ApiError::gone("person"))?.row;
    let why = match (person.erased_at, person.deactivated_at) {
        (Some(_), _) => "This person's account was erased".to_owned(),
        (None, Some(_)) => format!("The account of {} is deactivated", person.username),
        (None, None) => return Ok(()),
    };
    Err(ApiError::new(ErrorCode::Gone, format!("{why}: nothing reaches them any more.")))
}

impl Deed<'_> {
    async fn act(&self, op: &Op) -> Result<OpDone, ApiError> {
        op.check_texts()?;
        self.check_archived(&op.action)?;
        match &op.action {
            Action::Create { kind, title, members, history } => {
                self.create(*kind, title, members, *history).await
            }
            Action::Send { .. } => self.send(op).await,
            Action::Edit { message_id, body, mentions } => {
                self.edit(*message_id, body, mentions).await
            }
            Action::Delete { message_id } => self.delete(*message_id).await,
            Action::React { message_id, emoji, on } => self.react(*message_id, emoji, *on).await,
            Action::PinMessage { message_id, on } => self.pin_message(*message_id, *on).await,
            Action::Read { seq, hidden } => self.read(*seq, *hidden).await,
            Action::AddMember { user_id } => self.add_member(*user_id).await,
            Action::RemoveMember { user_id } => self.remove_member(*user_id).await,
            Action::SetRole { user_id, role } => self.set_role(*user_id, *role).await,
            Action::Transfer { user_id } => self.transfer(*user_id).await,
            Action::Leave => self.leave().await,
            Action::Rename { title } => self.rename(title).await,
            Action::SetTopic { topic } => self.set_topic(topic).await,
            Action::SetHistory { history } => self.revise(|row| row.history = *history).await,
            Action::SetRemoval { removal } => self.revise(|row| row.removal = *removal).await,
            Action::Archive { on } => {
                let at = on.then_some(self.now);
                self.revise(|row| row.archived_at = at.and(row.archived_at).or(at)).await
            }
            Action::Mute { until } => self.arrange(|place| place.muted_until = *until).await,
            Action::Pin { on } => {
                let at = on.then_some(self.now);
                self.arrange(|place| place.pinned_at = at).await
            }
            Action::Hide { on } => {
                let at = on.then_some(self.now);
                self.arrange(|place| place.hidden_at = at).await
            }
            Action::MarkUnread { on, from } => {
                self.arrange(|place| {
                    place.marked_unread = *on;
                    if let Some(from) = from {
                        let before = from.0.max(place.visible_from) - 1;
                        place.last_read_seq = place.last_read_seq.min(Seq(before));
                    }
                })
                .await
            }
            Action::Draft { body, reply_to, based_on } => {
                self.draft(body, *reply_to, *based_on).await
            }
            Action::Save { message_id, on } => self.save(*message_id, *on).await,
            Action::Setting { name, value } => self.setting(name, value).await,
        }
    }

    fn stream(&self) -> StreamId {
        StreamId::Conversation(self.conversation)
    }

    fn account(&self) -> StreamId {
        StreamId::Account(self.caller)
    }

    /// The caller's place in the conversation, or a refusal.
    fn place(&self) -> Result<&Place, ApiError> {
        let here = self.place.as_ref().filter(|place| place.member.left_at.is_none());
        here.ok_or_else(ApiError::not_member)
    }

    /// The conversation, or a refusal where there is none.
    fn found(&self) -> Result<&Found, ApiError> {
        self.found.as_ref().ok_or_else(ApiError::not_member)
    }

    /// Refuses its members what nobody does in an archived group. Others are refused as ever, so that they
    /// do not learn that it is one.
    fn check_archived(&self, action: &Action) -> Result<(), ApiError> {
        let is_archived = self.found.as_ref().is_some_and(|found| found.row.archived_at.is_some());
        if is_archived && self.place().is_ok() && !action.rules().is_for_archived {
            return Err(archived());
        }
        Ok(())
    }

    /// The caller's place in a group; refused in a direct message.
    fn place_in_group(&self) -> Result<&Place, ApiError> {
        let place = self.place()?;
        match self.found()?.row.kind {
            ConversationType::Group => Ok(place),
            ConversationType::P2p => {
                Err(ApiError::invalid("A direct message always has the same two people."))
            }
        }
    }

    /// The caller's place in a group that they look after.
    fn place_of_manager(&self) -> Result<&Place, ApiError> {
        let place = self.place_in_group()?;
        if place.member.role == MemberRole::Member {
            let message = "Only the group's owner and administrators can do this.";
            return Err(ApiError::forbidden(message));
        }
        Ok(place)
    }

    /// Announces one change of the conversation and makes the answer of it: at once, or in a large
    /// conversation with what comes next.
    fn done_in_time(&self, to: i64, rows: Vec<Row>) -> OpDone {
        if !self.found.as_ref().is_some_and(Found::is_large) {
            return self.done(self.stream(), to, rows);
        }
        streams::announce_later(self.tx, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// As [`Self::done_in_time`], where what all are told leaves out that it was the caller: their devices ask.
    fn done_apart(&self, to: i64, rows: Vec<Row>) -> OpDone {
        let can_wait = self.found.as_ref().is_some_and(Found::is_large);
        let by = (self.caller, can_wait);
        streams::announce_apart(self.tx, by, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// Announces one change of a stream and makes the answer of it.
    fn done(&self, stream: StreamId, to: i64, rows: Vec<Row>) -> OpDone {
        streams::announce(self.tx, stream, to, rows.clone());
        OpDone::new(stream, rows)
    }
}
