//! The rules of each kind of action, for client and server alike, in one table, which does not compile if
//! an action is missing.

mod content;
mod echo;
#[cfg(any(test, feature = "examples"))]
mod examples;
mod table;
#[cfg(test)]
mod tests;

pub use content::Content;
pub use echo::{ConversationEcho, Echo, MembersEcho, MessageEcho};

use crate::{MessageId, UserId};

/// The rules of an action, whatever its content: [`Action::rules`](crate::Action::rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules<'a> {
    /// Its name in JSON, and in the outbox on the screen.
    pub name: &'static str,
    /// Its content.
    pub content: Content<'a>,
    /// The conversation to which it applies.
    pub target: ActionTarget<'a>,
    /// The users who receive it.
    pub audience: Audience,
    /// The older waiting action of the same conversation that it replaces.
    pub coalesces: Coalesces<'a>,
    /// Whether the app does it by itself. The user is then not shown that it waits.
    pub is_automatic: bool,
    /// Whether it is soon repeated by a newer one. It is then deleted once it is sent, and not sent again to
    /// a restored server.
    pub is_transient: bool,
    /// Whether the client composes it from more than the window sends: a message's draft and mentions, who
    /// may see the read position, where a choice is stored. It is then rejected if the window sends it.
    pub needs_own_command: bool,
    /// Its effect on the screen before the server has responded.
    pub echo: Echo<'a>,
    /// Its subject. If the action is repeated, the server returns the subject's current rows.
    pub subject: Subject<'a>,
    /// Whether it is also allowed in an archived group.
    pub is_for_archived: bool,
    /// The way in which the server recognizes it when it is repeated.
    pub deduplication: Deduplication,
}

/// The conversation to which an action applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionTarget<'a> {
    /// An existing conversation.
    Conversation,
    /// A new group, which the action creates.
    NewGroup,
    /// The conversation of these people with the action's sender.
    Direct(&'a [UserId]),
    /// No conversation.
    None,
}

/// The users who receive an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the conversation. These actions are sent one after another, and wait for one that was
    /// refused.
    Members,
    /// The user's own other devices.
    OwnDevices,
    /// Everybody on the server.
    Everybody,
}

/// The waiting actions that a newer one replaces: those of the same name and, where there is one, with the
/// same target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coalesces<'a> {
    /// None: all are sent.
    Nothing,
    /// The one in this conversation.
    InConversation,
    /// The one on this message.
    OnMessage(MessageId),
    /// The one with this emoji on this message.
    WithEmoji(MessageId, &'a str),
    /// The one of this setting.
    OfSetting(&'a str),
    /// The one of the same parts of the profile: see [`ProfileChange::parts`](crate::ProfileChange::parts).
    OfProfile([bool; 4]),
}

/// The subject of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The message whose id is the op's.
    SentMessage,
    /// A message.
    Message(MessageId),
    /// A member.
    Member(UserId),
    /// A member, and the user.
    MemberAndSelf(UserId),
    /// The conversation, and the user's membership.
    Conversation,
    /// The user's membership, whether it is current or has ended.
    Membership,
    /// The user's draft in the conversation.
    Draft,
    /// Whether the user saved this message.
    Saved(MessageId),
    /// The user's choice of this name.
    Setting(&'a str),
    /// The user's profile.
    Profile,
}

/// The way in which the server recognizes an action that is repeated under the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deduplication {
    /// By the message that it created, without a time limit.
    Message,
    /// By its digest, for [`OPS_RETENTION_MS`](crate::periods::OPS_RETENTION_MS).
    Digest,
    /// Not at all: repeating it changes nothing (idempotent).
    None,
}

impl Rules<'_> {
    /// Returns whether an action with these rules replaces an older one that waits in the same conversation.
    pub fn replaces(&self, older: &Self) -> bool {
        self.coalesces != Coalesces::Nothing
            && (self.name, self.coalesces) == (older.name, older.coalesces)
    }

    /// Returns whether the action changes a message without containing its text, as a reaction does. All members
    /// then receive the whole message again, which may be larger than the op.
    pub fn resends_message(&self) -> bool {
        matches!(self.subject, Subject::Message(_))
            && !matches!(self.content, Content::Message { .. })
    }
}
