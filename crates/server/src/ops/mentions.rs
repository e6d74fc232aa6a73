//! The users whom a message mentions.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members::{self, Member};
use parlour_protocol::{ConversationId, UserId};

/// Returns those of `users` who are members of the conversation now, without duplicates. A user who left
/// meanwhile is not mentioned.
pub async fn members_among(
    tx: &Tx,
    conversation: ConversationId,
    users: &[UserId],
) -> Result<Vec<UserId>, ApiError> {
    let mut present = Vec::new();
    for user in users {
        let member = members::find(tx, conversation, *user).await?;
        if member.as_ref().is_some_and(Member::is_present) && !present.contains(user) {
            present.push(*user);
        }
    }
    Ok(present)
}
