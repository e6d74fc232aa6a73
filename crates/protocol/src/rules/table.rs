//! The table of the rules of each action.

use super::echo::{ConversationEcho, Echo, MembersEcho, MessageEcho};
use super::says::Says;
use super::{Audience, Coalesces, Memory, Place, Rules, Subject};
use crate::{Action, ConversationType, MessageId, UserId};

impl<'a> Rules<'a> {
    /// Returns the rules of an action that all members receive.
    const fn shared(name: &'static str, echo: Echo<'a>, subject: Subject<'a>) -> Self {
        Self {
            name,
            says: Says::Nothing,
            place: Place::Conversation,
            audience: Audience::Members,
            coalesces: Coalesces::Nothing,
            is_automatic: false,
            is_transient: false,
            needs_own_command: false,
            echo,
            subject,
            is_for_archived: false,
            memory: Memory::Digest,
        }
    }

    /// Returns the rules of a change of a message, which all members receive.
    const fn of_message(name: &'static str, id: MessageId, echo: MessageEcho<'a>) -> Self {
        Self::shared(name, Echo::Message(id, echo), Subject::Message(id))
    }

    /// Returns the rules of a change of a member, which all members receive.
    const fn of_member(name: &'static str, id: UserId, echo: MembersEcho) -> Self {
        Self::shared(name, Echo::Members(echo), Subject::Member(id))
    }

    /// Returns the rules of a change of a group, which all members receive.
    const fn of_group(name: &'static str, echo: ConversationEcho<'a>) -> Self {
        Self::shared(name, Echo::Conversation(echo), Subject::Conversation)
    }

    /// Returns the rules of an action that only the user's own devices receive. It is also allowed in
    /// archived groups.
    const fn own(
        name: &'static str,
        echo: Echo<'a>,
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

    /// Returns the rules of a change of the user's own membership, which only their own devices receive.
    const fn of_place(name: &'static str, echo: ConversationEcho<'a>) -> Self {
        let echo = Echo::Conversation(echo);
        Self::own(name, echo, Coalesces::InConversation, Subject::Membership)
    }

    const fn saying(self, says: Says<'a>) -> Self {
        Self { says, ..self }
    }

    const fn at(self, place: Place<'a>) -> Self {
        Self { place, ..self }
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

    const fn own_command(self) -> Self {
        Self { needs_own_command: true, ..self }
    }

    const fn in_archived(self) -> Self {
        Self { is_for_archived: true, ..self }
    }

    const fn remembered(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }
}

impl Action {
    /// Returns the rules of the action.
    pub fn rules(&self) -> Rules<'_> {
        use Coalesces::{InConversation, OfProfile, OfSetting, OnMessage, WithEmoji};
        use ConversationEcho as Of;
        use MembersEcho::{Added, Left, Removed, Role, Transferred};
        use MessageEcho::{Deleted, Edited, Pinned, Reaction, Saved};
        match self {
            Self::Create { kind, title, members, history } => {
                let echo = Echo::NewConversation { kind: *kind, title, others: members };
                let rules = Rules::shared("create", echo, Subject::Conversation);
                let rules = rules.own_command().in_archived();
                match kind {
                    ConversationType::Group => rules
                        .saying(Says::Group { title, members: members.len() })
                        .at(Place::NewGroup),
                    ConversationType::P2p => {
                        let says = Says::Pair { title, history: *history };
                        rules.saying(says).at(Place::Pair(members))
                    }
                }
            }
            Self::Send { body, reply_to, mentions, .. } => {
                let echo = Echo::NewMessage { body, reply_to: *reply_to, mentions };
                Rules::shared("send", echo, Subject::SentMessage)
                    .saying(Says::Message { body, mentions: mentions.len() })
                    .own_command()
                    .remembered(Memory::Message)
            }
            Self::Edit { message_id, body, mentions } => {
                Rules::of_message("edit", *message_id, Edited { body, mentions })
                    .saying(Says::Message { body, mentions: mentions.len() })
                    .own_command()
            }
            Self::Delete { message_id } => {
                Rules::of_message("delete", *message_id, Deleted).own_command()
            }
            Self::React { message_id, emoji, on } => {
                let says = if *on { Says::Emoji(emoji) } else { Says::RemovedEmoji(emoji) };
                Rules::of_message("react", *message_id, Reaction { emoji, on: *on })
                    .saying(says)
                    .coalescing(WithEmoji(*message_id, emoji))
            }
            Self::PinMessage { message_id, on } => {
                Rules::of_message("pinMessage", *message_id, Pinned(*on))
                    .coalescing(OnMessage(*message_id))
            }
            Self::Read { seq, .. } => Rules::of_place("read", Of::Read(*seq))
                .own_command()
                .automatic()
                .remembered(Memory::None),
            Self::AddMember { user_id } => Rules::of_member("addMember", *user_id, Added(*user_id)),
            Self::RemoveMember { user_id } => {
                Rules::of_member("removeMember", *user_id, Removed(*user_id))
            }
            Self::SetRole { user_id, role } => {
                Rules::of_member("setRole", *user_id, Role(*user_id, *role))
                    .saying(Says::Role(*role))
            }
            Self::Transfer { user_id } => {
                let echo = Echo::Members(Transferred(*user_id));
                Rules::shared("transfer", echo, Subject::MemberAndSelf(*user_id))
            }
            Self::Leave => {
                Rules::shared("leave", Echo::Members(Left), Subject::Membership).in_archived()
            }
            Self::Rename { title } => {
                Rules::of_group("rename", Of::Title(title)).saying(Says::Title(title))
            }
            Self::SetTopic { topic } => {
                Rules::of_group("setTopic", Of::Topic(topic)).saying(Says::Topic(topic))
            }
            Self::SetHistory { history } => Rules::of_group("setHistory", Of::History(*history)),
            Self::SetRemoval { removal } => Rules::of_group("setRemoval", Of::Removal(*removal)),
            Self::Archive { on } => Rules::of_group("archive", Of::Archived(*on)).in_archived(),
            Self::Mute { until } => Rules::of_place("mute", Of::MutedUntil(*until)),
            Self::Pin { on } => Rules::of_place("pin", Of::Pinned(*on)),
            Self::Hide { on } => Rules::of_place("hide", Of::Hidden(*on)),
            Self::MarkUnread { on, from } => {
                let echo = Of::MarkedUnread { on: *on, from: *from };
                let rules = Rules::of_place("markUnread", echo);
                // If the user has read on meanwhile, sending it again would undo that.
                if from.is_some() { rules.transient() } else { rules }
            }
            Self::Draft { body, .. } => {
                Rules::own("draft", Echo::Nowhere, InConversation, Subject::Draft)
                    .saying(Says::Draft(body))
                    .own_command()
                    .automatic()
                    .remembered(Memory::None)
            }
            Self::Save { message_id, on } => {
                let echo = Echo::Message(*message_id, Saved(*on));
                Rules::own("save", echo, OnMessage(*message_id), Subject::Saved(*message_id))
            }
            Self::Setting { name, value } => Rules::own(
                "setting",
                Echo::Choice { name, value },
                OfSetting(name),
                Subject::Setting(name),
            )
            .saying(Says::Setting { name, value })
            .own_command()
            .at(Place::Nowhere),
            Self::SetProfile { profile } => {
                let (echo, coalesces) = (Echo::Profile(profile), OfProfile(profile.parts()));
                Rules {
                    audience: Audience::Everybody,
                    ..Rules::own("setProfile", echo, coalesces, Subject::Profile)
                        .saying(Says::Profile(profile))
                        .own_command()
                        .at(Place::Nowhere)
                }
            }
        }
    }
}
