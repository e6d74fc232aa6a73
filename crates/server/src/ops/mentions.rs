//! The users whom a message mentions.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members;
use parlour_markup::count_mentions;
use parlour_protocol::{ConversationId, UserId};

/// Returns those of `users` who are members of the conversation now, without duplicates. A user who left meanwhile is
/// not mentioned. Nor are more users than the text has mentions: an `@` in a URL, in code or in a quote is none.
/// Which user a name in the text means is decided by the client, because names may have changed since.
pub async fn filter_mentioned(
    tx: &Tx,
    conversation: ConversationId,
    body: &str,
    users: &[UserId],
) -> Result<Vec<UserId>, ApiError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut members = members::filter_current(tx, conversation, users).await?;
    let present = users.iter().copied().filter(|user| members.remove(user));
    Ok(present.take(count_mentions(body).people).collect())
}

/// Returns whether a message mentions everybody: its sender requested it, and the text contains such a mention.
pub fn mentions_all(body: &str, requested: bool) -> bool {
    requested && count_mentions(body).all
}
