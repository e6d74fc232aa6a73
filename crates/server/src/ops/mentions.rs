//! The users whom a message mentions.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members;
use parlour_protocol::{ConversationId, UserId};

/// Returns those of `users` who are members of the conversation now, without duplicates. A user who left
/// meanwhile is not mentioned.
pub async fn members_among(
    tx: &Tx,
    conversation: ConversationId,
    users: &[UserId],
) -> Result<Vec<UserId>, ApiError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut among = members::among(tx, conversation, users).await?;
    Ok(users.iter().copied().filter(|user| among.remove(user)).collect())
}
