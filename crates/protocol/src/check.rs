//! The checks of an op that need no database: of its ids and its content. The client makes them before it
//! queues an op, the server before it reads anything.

use crate::text::{self, invalid};
use crate::{Action, ActionTarget, ConversationId, ErrorBody, Op, Refusal, UserId};
use uuid::{Uuid, Variant};

/// Returns whether a client may have created this id: a UUID of version 7 (RFC 9562). Ids of version 8 are
/// derived: those of direct conversations, and those that an import creates.
pub fn is_client_made(id: Uuid) -> bool {
    id.get_version_num() == 7 && id.get_variant() == Variant::RFC4122
}

impl Op {
    /// Checks that the op's sender can have created its ids. This prevents a group under the id of a direct
    /// conversation, and a message under an id that an import will use; and no response reveals whether such
    /// an id is taken.
    ///
    /// # Errors
    /// `invalid`, whether or not something exists under these ids.
    pub fn check_ids(&self, sender: UserId) -> Result<(), ErrorBody> {
        if !is_client_made(self.id.0) {
            return Err(invalid("The id of an op is a UUID of version 7."));
        }
        match self.action.rules().target {
            ActionTarget::Conversation => Ok(()),
            ActionTarget::NewGroup if is_client_made(self.conversation_id.0) => Ok(()),
            ActionTarget::NewGroup => Err(invalid("The id of a new group is a UUID of version 7.")),
            ActionTarget::Direct(&[other]) if other == sender => {
                Err(Refusal::DirectNeedsAnother.into())
            }
            ActionTarget::Direct(&[other])
                if self.conversation_id == ConversationId::p2p(sender, other) =>
            {
                Ok(())
            }
            ActionTarget::Direct([_]) => {
                Err(invalid("This is not the id of these two people's conversation."))
            }
            ActionTarget::Direct(_) => {
                Err(invalid("A direct message is between exactly two people."))
            }
            ActionTarget::None if self.conversation_id == ConversationId::NONE => Ok(()),
            ActionTarget::None => Err(invalid("This action belongs to no conversation.")),
        }
    }

    /// Checks the op's texts: see [`text`].
    ///
    /// # Errors
    /// `invalid`, or `too_large`.
    pub fn check_texts(&self) -> Result<(), ErrorBody> {
        self.action.rules().content.check()
    }
}

impl Action {
    /// Returns the op with its title, topic or profile as it is stored: without surrounding space, and with each
    /// line ending as one newline.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        if let Self::Create { title: line, .. }
        | Self::Rename { title: line }
        | Self::SetTopic { topic: line } = &mut self
        {
            *line = text::with_newlines(line.trim()).into_owned();
        }
        if let Self::SetProfile { profile } = &mut self {
            *profile = profile.normalized();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorCode, OpId};

    #[test]
    fn only_a_uuid_of_version_7_is_client_made() {
        let made = Uuid::now_v7();
        assert!(is_client_made(made));
        for other in [Uuid::nil(), Uuid::max(), Uuid::new_v8(*made.as_bytes())] {
            assert!(!is_client_made(other), "{other}");
        }
        // The same version in another variant: Microsoft's.
        let mut bytes = *made.as_bytes();
        bytes[8] |= 0xc0;
        assert!(!is_client_made(Uuid::from_bytes(bytes)));
    }

    #[test]
    fn a_group_accepts_no_derived_id_and_a_direct_conversation_only_its_own() {
        let (me, oak, elm) =
            (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
        let op = |conversation_id, action| Op { id: OpId::new(), conversation_id, action };
        let group = || Action::create_group("oak", vec![]);
        let direct = ConversationId::p2p(me, oak);
        for (id, action) in [
            (ConversationId::p2p(oak, elm), group()),
            (direct, group()),
            (ConversationId::NONE, group()),
            (ConversationId::p2p(oak, elm), Action::create_p2p(oak)),
            (ConversationId(Uuid::now_v7()), Action::create_p2p(oak)),
            (ConversationId::p2p(me, me), Action::create_p2p(me)),
        ] {
            let refused = op(id, action.clone()).check_ids(me).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Invalid, "{action:?}");
        }
        op(ConversationId(Uuid::now_v7()), group()).check_ids(me).unwrap();
        op(direct, Action::create_p2p(oak)).check_ids(me).unwrap();
        let derived = Op { id: OpId(direct.0), ..op(direct, Action::send("hello")) };
        assert!(derived.check_ids(me).is_err());
    }
}
