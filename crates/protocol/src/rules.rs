//! What holds of each action whatever it says, for client and server alike, in one table: an action without
//! its line does not compile.

use crate::{Action, MessageId, UserId};

/// What holds of an action: [`Action::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules<'a> {
    /// Its name in JSON, and in the outbox on the screen.
    pub name: &'static str,
    /// What it says, if it says anything: told with its name in the outbox.
    pub text: Option<&'a str>,
    /// Who hears of it.
    pub audience: Audience,
    /// Which older action, waiting in the same conversation, it takes the place of.
    pub coalesces: Coalesces<'a>,
    /// Whether the app does it by itself, so that the user is not told that it waits.
    pub is_automatic: bool,
    /// Whether it is soon done anew: once it is sent it is forgotten, and not offered again to a server that was
    /// put back to an earlier state.
    pub is_transient: bool,
    /// What it changes on the screen before the server has answered.
    pub echo: Echo,
    /// What it is about, which its sender is answered with as it is now when it is repeated.
    pub subject: Subject<'a>,
    /// What goes on in an archived group too.
    pub is_for_archived: bool,
    /// How the server knows it again when it is repeated.
    pub memory: Memory,
}

/// Who hears of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the conversation. These go out one after the other, and wait for one that was refused.
    Members,
    /// One's own other devices.
    OwnDevices,
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

/// What an action changes on the screen before the server has answered (local echo).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// A message in the timeline, and the conversation's preview.
    Timeline,
    /// The conversation in the list and in its header.
    Conversation,
    /// The list of members, and the conversation.
    Members,
    /// What is kept elsewhere already, when it is said.
    Elsewhere,
}

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The message whose id is the op's.
    ItsMessage,
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

impl<'a> Rules<'a> {
    /// What everybody in the conversation hears.
    const fn shared(name: &'static str, echo: Echo, subject: Subject<'a>) -> Self {
        Self {
            name,
            text: None,
            audience: Audience::Members,
            coalesces: Coalesces::Nothing,
            is_automatic: false,
            is_transient: false,
            echo,
            subject,
            is_for_archived: false,
            memory: Memory::Digest,
        }
    }

    /// What one's own devices hear: it does not ask whether a group is archived.
    const fn own(
        name: &'static str,
        echo: Echo,
        coalesces: Coalesces<'a>,
        subject: Subject<'a>,
    ) -> Self {
        Self {
            audience: Audience::OwnDevices,
            coalesces,
            is_for_archived: true,
            ..Self::shared(name, echo, subject)
        }
    }

    const fn saying(self, text: &'a str) -> Self {
        Self { text: Some(text), ..self }
    }

    const fn coalescing(self, coalesces: Coalesces<'a>) -> Self {
        Self { coalesces, ..self }
    }

    const fn automatic(self) -> Self {
        Self { is_automatic: true, ..self.transient() }
    }

    const fn transient(self) -> Self {
        Self { is_transient: true, ..self }
    }

    const fn in_archived(self) -> Self {
        Self { is_for_archived: true, ..self }
    }

    const fn remembered(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    /// Whether an action of these rules makes an older one void that waits in the same conversation.
    pub fn replaces(&self, older: &Self) -> bool {
        self.coalesces != Coalesces::Nothing
            && (self.name, self.coalesces) == (older.name, older.coalesces)
    }
}

impl Action {
    /// What holds of it.
    pub fn rules(&self) -> Rules<'_> {
        use Coalesces::{InConversation, OfSetting, OnMessage, WithEmoji};
        use Echo::{Conversation, Elsewhere, Members, Timeline};
        use Subject::{ItsMessage, Member, MemberAndSelf, Membership, Message, Saved};
        match self {
            Self::Create { title, .. } => {
                Rules::shared("create", Members, Subject::Conversation).saying(title).in_archived()
            }
            Self::Send { body, .. } => {
                Rules::shared("send", Timeline, ItsMessage).saying(body).remembered(Memory::Message)
            }
            Self::Edit { message_id, body, .. } => {
                Rules::shared("edit", Timeline, Message(*message_id)).saying(body)
            }
            Self::Delete { message_id } => Rules::shared("delete", Timeline, Message(*message_id)),
            Self::React { message_id, emoji, .. } => {
                Rules::shared("react", Timeline, Message(*message_id))
                    .saying(emoji)
                    .coalescing(WithEmoji(*message_id, emoji))
            }
            Self::PinMessage { message_id, .. } => {
                Rules::shared("pinMessage", Timeline, Message(*message_id))
                    .coalescing(OnMessage(*message_id))
            }
            Self::Read { .. } => Rules::own("read", Conversation, InConversation, Membership)
                .automatic()
                .remembered(Memory::None),
            Self::AddMember { user_id } => Rules::shared("addMember", Members, Member(*user_id)),
            Self::RemoveMember { user_id } => {
                Rules::shared("removeMember", Members, Member(*user_id))
            }
            Self::SetRole { user_id, .. } => Rules::shared("setRole", Members, Member(*user_id)),
            Self::Transfer { user_id } => {
                Rules::shared("transfer", Members, MemberAndSelf(*user_id))
            }
            Self::Leave => Rules::shared("leave", Members, Membership).in_archived(),
            Self::Rename { title } => {
                Rules::shared("rename", Conversation, Subject::Conversation).saying(title)
            }
            Self::SetTopic { topic } => {
                Rules::shared("setTopic", Conversation, Subject::Conversation).saying(topic)
            }
            Self::SetHistory { .. } => {
                Rules::shared("setHistory", Conversation, Subject::Conversation)
            }
            Self::SetRemoval { .. } => {
                Rules::shared("setRemoval", Conversation, Subject::Conversation)
            }
            Self::Archive { .. } => {
                Rules::shared("archive", Conversation, Subject::Conversation).in_archived()
            }
            Self::Mute { .. } => Rules::own("mute", Conversation, InConversation, Membership),
            Self::Pin { .. } => Rules::own("pin", Conversation, InConversation, Membership),
            Self::Hide { .. } => Rules::own("hide", Conversation, InConversation, Membership),
            Self::MarkUnread { from: None, .. } => {
                Rules::own("markUnread", Conversation, InConversation, Membership)
            }
            // Where reading went on meanwhile, it would take that back.
            Self::MarkUnread { from: Some(_), .. } => {
                Rules::own("markUnread", Conversation, InConversation, Membership).transient()
            }
            Self::Draft { .. } => Rules::own("draft", Elsewhere, InConversation, Subject::Draft)
                .automatic()
                .remembered(Memory::None),
            Self::Save { message_id, .. } => {
                Rules::own("save", Timeline, OnMessage(*message_id), Saved(*message_id))
            }
            Self::Setting { name, .. } => {
                Rules::own("setting", Elsewhere, OfSetting(name), Subject::Setting(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConversationType, HistoryVisibility, MemberRole, Removal, Seq};
    use std::collections::BTreeSet;
    use uuid::Uuid;

    /// One of each, twice for what has two rules.
    fn each() -> Vec<Action> {
        let (message_id, user_id) = (MessageId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        vec![
            Action::create_group("garden", vec![user_id]),
            Action::send("hello"),
            Action::edit(message_id, "hello"),
            Action::Delete { message_id },
            Action::React { message_id, emoji: "👍".into(), on: true },
            Action::PinMessage { message_id, on: true },
            Action::Read { seq: Seq(1), hidden: false },
            Action::AddMember { user_id },
            Action::RemoveMember { user_id },
            Action::SetRole { user_id, role: MemberRole::Member },
            Action::Transfer { user_id },
            Action::Leave,
            Action::Rename { title: "garden".into() },
            Action::SetTopic { topic: "beds".into() },
            Action::SetHistory { history: HistoryVisibility::Joining },
            Action::SetRemoval { removal: Removal::Purge },
            Action::Archive { on: true },
            Action::Mute { until: None },
            Action::Pin { on: true },
            Action::Hide { on: true },
            Action::MarkUnread { on: true, from: None },
            Action::MarkUnread { on: true, from: Some(Seq(1)) },
            Action::Draft { body: "hel".into(), reply_to: None, based_on: None },
            Action::Save { message_id, on: true },
            Action::Setting { name: "theme".into(), value: "dark".into() },
        ]
    }

    #[test]
    fn the_name_is_the_one_in_json() {
        let mut names = BTreeSet::new();
        for action in each() {
            let json = serde_json::to_value(&action).unwrap();
            assert_eq!(json["type"], action.rules().name);
            names.insert(action.rules().name);
        }
        assert_eq!(names.len(), each().len() - 1);
    }

    #[test]
    fn an_action_replaces_an_older_one_about_the_same_thing_only() {
        let all = each();
        for (n, new) in all.iter().enumerate() {
            for (m, old) in all.iter().enumerate() {
                let is_same = n == m || new.rules().name == old.rules().name;
                let coalesces = new.rules().coalesces != Coalesces::Nothing;
                assert_eq!(
                    new.rules().replaces(&old.rules()),
                    is_same && coalesces,
                    "{new:?} {old:?}"
                );
            }
        }
        let id = |n| MessageId(Uuid::from_u128(n));
        let react =
            |n, emoji: &str| Action::React { message_id: id(n), emoji: emoji.into(), on: true };
        let pin = |n| Action::PinMessage { message_id: id(n), on: false };
        let set = |name: &str| Action::Setting { name: name.into(), value: String::new() };
        for (one, other) in [
            (react(1, "👍"), react(1, "🎂")),
            (react(1, "👍"), react(2, "👍")),
            (pin(1), pin(2)),
            (set("a"), set("b")),
        ] {
            assert!(!one.rules().replaces(&other.rules()), "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_others_hear_is_never_forgotten_and_what_is_ones_own_asks_no_group() {
        for action in each() {
            let rules = action.rules();
            match rules.audience {
                Audience::Members => {
                    assert!(!rules.is_automatic && !rules.is_transient, "{action:?}");
                    assert_ne!(rules.memory, Memory::None, "{action:?}");
                }
                Audience::OwnDevices => assert!(rules.is_for_archived, "{action:?}"),
            }
            let starts = matches!(
                action,
                Action::Create { kind: ConversationType::Group, .. }
                    | Action::Archive { .. }
                    | Action::Leave
            );
            let is_shared = rules.audience == Audience::Members;
            assert_eq!(rules.is_for_archived, starts || !is_shared, "{action:?}");
        }
    }
}
