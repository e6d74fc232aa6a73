//! The titles of conversations.

use super::super::error::ExportError;
use super::super::snapshot::Snapshot;
use crate::queries::conversations::StoredConversation;
use parlour_protocol::{ConversationType, MemberRow};

/// Returns the title of a group, or the names of both people.
///
/// # Errors
/// Fails if the database does.
pub fn title(
    snapshot: &Snapshot,
    conversation: &StoredConversation,
    members: &[MemberRow],
) -> Result<String, ExportError> {
    if conversation.row.kind == ConversationType::Group {
        return Ok(conversation.row.title.clone());
    }
    let mut names = Vec::new();
    for member in members {
        if let Some(user) = snapshot.user(member.user_id)? {
            names.push(user.shown_name().to_owned());
        }
    }
    Ok(names.join(", "))
}
