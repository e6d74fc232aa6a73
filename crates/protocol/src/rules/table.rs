//! The table of the rules of each action.

use super::content::Content;
use super::echo::{ConversationEcho, Echo, MembersEcho, MessageEcho};
use super::{ActionTarget, Audience, Coalesces, Deduplication, Rules, Subject};
use crate::{Action, ConversationType, MessageId, UserId};

impl<'a> Rules<'a> {
    /// Returns the rules of an action that all members receive.
    const fn shared(name: &'static str, echo: Echo<'a>, subject: Subject<'a>) -> Self {
        Self {
            name,
            content: Content::Nothing,
            target: ActionTarget::Conversation,
            audience: Audience::Members,
            coalesces: Coalesces::Nothing,
            is_automatic: false,
            is_transient: false,
            needs_own_command: false,
            echo,
            subject,
            is_for_archived: false,
            deduplication: Deduplication::Digest,
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
    const fn of_own_devices(
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
    const fn of_membership(name: &'static str, echo: ConversationEcho<'a>) -> Self {
        let echo = Echo::Conversation(echo);
        Self::of_own_devices(name, echo, Coalesces::InConversation, Subject::Membership)
    }

    const fn with_content(self, content: Content<'a>) -> Self {
        Self { content, ..self }
    }

    const fn in_target(self, target: ActionTarget<'a>) -> Self {
        Self { target, ..self }
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

    const fn with_own_command(self) -> Self {
        Self { needs_own_command: true, ..self }
    }

    const fn allowed_in_archived(self) -> Self {
        Self { is_for_archived: true, ..self }
    }

    const fn deduplicated(self, deduplication: Deduplication) -> Self {
        Self { deduplication, ..self }
    }
}

impl Action {
    /// Returns the rules of the action.
    pub fn rules(&self) -> Rules<'_> {
        use Coalesces::{InConversation, OfProfile, OfSetting, OnMessage, WithEmoji};
        use ConversationEcho as Change;
        use MembersEcho::{Added, Left, Removed, Role, Transferred};
        use MessageEcho::{Deleted, Edited, Pinned, Reaction, Saved};
        match self {
            Self::Create { kind, title, members, history } => {
                let echo = Echo::NewConversation { kind: *kind, title, others: members };
                let rules = Rules::shared("create", echo, Subject::Conversation);
                let rules = rules.with_own_command().allowed_in_archived();
                match kind {
                    ConversationType::Group => rules
                        .with_content(Content::Group { title, members: members.len() })
                        .in_target(ActionTarget::NewGroup),
                    ConversationType::P2p => {
                        let content = Content::Direct { title, history: *history };
                        rules.with_content(content).in_target(ActionTarget::Direct(members))
                    }
                }
            }
            Self::Send { body, reply_to, mentions, files, mentions_all } => {
                let (reply_to, mentions_all) = (*reply_to, *mentions_all);
                let echo = Echo::NewMessage { body, reply_to, mentions, mentions_all, files };
                Rules::shared("send", echo, Subject::SentMessage)
                    .with_content(Content::Message { body, mentions: mentions.len(), files })
                    .with_own_command()
                    .deduplicated(Deduplication::Message)
            }
            Self::Edit { message_id, body, mentions } => {
                Rules::of_message("edit", *message_id, Edited { body, mentions })
                    .with_content(Content::Message { body, mentions: mentions.len(), files: &[] })
                    .with_own_command()
            }
            Self::Delete { message_id } => {
                Rules::of_message("delete", *message_id, Deleted).with_own_command()
            }
            Self::React { message_id, emoji, on } => {
                let content =
                    if *on { Content::Emoji(emoji) } else { Content::RemovedEmoji(emoji) };
                Rules::of_message("react", *message_id, Reaction { emoji, on: *on })
                    .with_content(content)
                    .coalescing(WithEmoji(*message_id, emoji))
            }
            Self::PinMessage { message_id, on } => {
                Rules::of_message("pinMessage", *message_id, Pinned(*on))
                    .coalescing(OnMessage(*message_id))
            }
            Self::Read { seq, .. } => Rules::of_membership("read", Change::Read(*seq))
                .with_own_command()
                .automatic()
                .deduplicated(Deduplication::None),
            Self::AddMember { user_id } => Rules::of_member("addMember", *user_id, Added(*user_id)),
            Self::RemoveMember { user_id } => {
                Rules::of_member("removeMember", *user_id, Removed(*user_id))
            }
            Self::SetRole { user_id, role } => {
                Rules::of_member("setRole", *user_id, Role(*user_id, *role))
                    .with_content(Content::Role(*role))
            }
            Self::Transfer { user_id } => {
                let echo = Echo::Members(Transferred(*user_id));
                Rules::shared("transfer", echo, Subject::MemberAndSelf(*user_id))
            }
            Self::Leave => Rules::shared("leave", Echo::Members(Left), Subject::Membership)
                .allowed_in_archived(),
            Self::Rename { title } => {
                Rules::of_group("rename", Change::Title(title)).with_content(Content::Title(title))
            }
            Self::SetTopic { topic } => Rules::of_group("setTopic", Change::Topic(topic))
                .with_content(Content::Topic(topic)),
            Self::SetHistory { history } => {
                Rules::of_group("setHistory", Change::History(*history))
            }
            Self::SetRemoval { removal } => {
                Rules::of_group("setRemoval", Change::Removal(*removal))
            }
            Self::Archive { on } => {
                Rules::of_group("archive", Change::Archived(*on)).allowed_in_archived()
            }
            Self::Mute { until } => Rules::of_membership("mute", Change::MutedUntil(*until)),
            Self::Pin { on } => Rules::of_membership("pin", Change::Pinned(*on)),
            Self::Hide { on } => Rules::of_membership("hide", Change::Hidden(*on)),
            Self::MarkUnread { on, from } => {
                let echo = Change::MarkedUnread { on: *on, from: *from };
                let rules = Rules::of_membership("markUnread", echo);
                // If the user has read more meanwhile, sending it again would undo that.
                if from.is_some() { rules.transient() } else { rules }
            }
            Self::Draft { body, .. } => {
                Rules::of_own_devices("draft", Echo::None, InConversation, Subject::Draft)
                    .with_content(Content::Draft(body))
                    .with_own_command()
                    .automatic()
                    .deduplicated(Deduplication::None)
            }
            Self::Save { message_id, on } => {
                let echo = Echo::Message(*message_id, Saved(*on));
                Rules::of_own_devices(
                    "save",
                    echo,
                    OnMessage(*message_id),
                    Subject::Saved(*message_id),
                )
            }
            Self::Setting { name, value } => Rules::of_own_devices(
                "setting",
                Echo::Choice { name, value },
                OfSetting(name),
                Subject::Setting(name),
            )
            .with_content(Content::Setting { name, value })
            .with_own_command()
            .in_target(ActionTarget::None),
            Self::SetProfile { profile } => {
                let (echo, coalesces) = (Echo::Profile(profile), OfProfile(profile.parts()));
                Rules {
                    audience: Audience::Everybody,
                    ..Rules::of_own_devices("setProfile", echo, coalesces, Subject::Profile)
                        .with_content(Content::Profile(profile))
                        .with_own_command()
                        .in_target(ActionTarget::None)
                }
            }
        }
    }
}
