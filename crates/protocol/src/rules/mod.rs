//! What holds of each action whatever it says, for client and server alike, in one table: an action without
//! its line does not compile.

mod echo;
#[cfg(any(test, feature = "examples"))]
mod examples;
mod says;
mod table;
#[cfg(test)]
mod tests;

pub use echo::{ConversationEcho, Echo, MembersEcho, MessageEcho};
pub use says::Says;

use crate::{MessageId, UserId};

/// What holds of an action: [`Action::rules`](crate::Action::rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules<'a> {
    /// Its name in JSON, and in the outbox on the screen.
    pub name: &'static str,
    /// What it says.
    pub says: Says<'a>,
    /// Where it happens.
    pub place: Place<'a>,
    /// Who hears of it.
    pub audience: Audience,
    /// Which older action, waiting in the same conversation, it takes the place of.
    pub coalesces: Coalesces<'a>,
    /// Whether the app does it by itself, so that the user is not told that it waits.
    pub is_automatic: bool,
    /// Whether it is soon done anew: once it is sent it is forgotten, and not offered again to a server that was
    /// put back to an earlier state.
    pub is_transient: bool,
    /// Whether more belongs to it than the window says: a message's draft and whom it means, who may see how far
    /// one has read, where a choice is made. The client composes it, and passes on no such action from the window.
    pub needs_own_command: bool,
    /// What it changes on the screen before the server has answered.
    pub echo: Echo<'a>,
    /// What it is about, which its sender is answered with as it is now when it is repeated.
    pub subject: Subject<'a>,
    /// What goes on in an archived group too.
    pub is_for_archived: bool,
    /// How the server knows it again when it is repeated.
    pub memory: Memory,
}

/// Where an action happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// In a conversation.
    Conversation,
    /// In a group, which begins by it.
    NewGroup,
    /// In the conversation of these people with its sender.
    Pair(&'a [UserId]),
    /// In no conversation.
    Nowhere,
}

/// Who hears of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the conversation. These go out one after the other, and wait for one that was refused.
    Members,
    /// One's own other devices.
    OwnDevices,
    /// Everybody on the server.
    Everybody,
}

/// Which of the actions that wait a newer one makes void: one of the same name, and of the same thing where
/// there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coalesces<'a> {
    /// None: each counts.
    Nothing,
    /// The one in this conversation.
    InConversation,
    /// The one on this message.
    OnMessage(MessageId),
    /// The one with this emoji on this message.
    WithEmoji(MessageId, &'a str),
    /// The one of this setting.
    OfSetting(&'a str),
}

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The message whose id is the op's.
    SentMessage,
    /// A message.
    Message(MessageId),
    /// A member.
    Member(UserId),
    /// A member, and oneself.
    MemberAndSelf(UserId),
    /// The conversation, and one's own membership.
    Conversation,
    /// One's own membership, whether it lasts or has ended.
    Membership,
    /// What one is writing in the conversation.
    Draft,
    /// Whether one saved this message.
    Saved(MessageId),
    /// One's choice of this name.
    Setting(&'a str),
    /// What one tells of oneself.
    Profile,
}

/// How the server knows an action again that is repeated under the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// By the message that came of it, for ever.
    Message,
    /// By a digest of it, for 90 days.
    Digest,
    /// Not at all: doing it again changes nothing (idempotent).
    None,
}

impl Rules<'_> {
    /// Whether an action of these rules makes an older one void that waits in the same conversation.
    pub fn replaces(&self, older: &Self) -> bool {
        self.coalesces != Coalesces::Nothing
            && (self.name, self.coalesces) == (older.name, older.coalesces)
    }
}
