//! Examples of all actions, for tests of properties that every action has.

use super::ActionTarget;
use crate::{
    Action, HistoryVisibility, MemberRole, MessageFile, MessageId, Millis, PersonStatus, Profile,
    Removal, Seq, UserId,
};

impl Action {
    /// Returns an example of each action, about this message and this person; several of an action with
    /// several rules.
    pub fn examples(message_id: MessageId, user_id: UserId) -> Vec<Self> {
        vec![
            Self::create_group("garden", vec![user_id]),
            Self::create_p2p(user_id),
            Self::send("hello"),
            Self::send_files("", vec![MessageFile::example("plan.pdf", b"plan")]),
            Self::edit(message_id, "hello"),
            Self::Delete { message_id },
            Self::React { message_id, emoji: "👍".into(), on: true },
            Self::React { message_id, emoji: "👍".into(), on: false },
            Self::PinMessage { message_id, on: true },
            Self::Read { seq: Seq(1), without_receipt: false },
            Self::AddMember { user_id },
            Self::RemoveMember { user_id },
            Self::SetRole { user_id, role: MemberRole::Administrator },
            Self::Transfer { user_id },
            Self::Leave,
            Self::Rename { title: "garden".into() },
            Self::SetTopic { topic: "beds".into() },
            Self::SetHistory { history: HistoryVisibility::Joining },
            Self::SetRemoval { removal: Removal::Purge },
            Self::Archive { on: true },
            Self::Mute { until: Some(Millis(4_000_000_000_000)) },
            Self::Pin { on: true },
            Self::Hide { on: true },
            Self::MarkUnread { on: true, from: None },
            Self::MarkUnread { on: true, from: Some(Seq(1)) },
            Self::Draft { body: "hel".into(), reply_to: None, based_on: None },
            Self::Save { message_id, on: true },
            Self::Setting { name: "theme".into(), value: "dark".into() },
            Self::SetProfile {
                profile: Profile {
                    display_name: "Wren Okafor".into(),
                    about: "Compilers".into(),
                    time_zone: "Europe/Vienna".into(),
                    status: PersonStatus {
                        emoji: "🎧".into(),
                        text: "Writing the weekly report".into(),
                        until: Some(Millis(1)),
                    },
                }
                .into(),
            },
        ]
    }

    /// Returns those [examples](Self::examples) that take place in an existing conversation.
    pub fn examples_in_conversation(message_id: MessageId, user_id: UserId) -> Vec<Self> {
        let mut examples = Self::examples(message_id, user_id);
        examples.retain(|action| action.rules().target == ActionTarget::Conversation);
        examples
    }
}
