//! The users whom a message mentions.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members;
use parlour_markup::count_mentions;
use parlour_protocol::{ConversationId, UserId};

/// Returns those of `users` who are members of the conversation now, without duplicates. A user who left
/// meanwhile is not mentioned; nor is anybody for whom the text has no mention, as when its only `@` is in a URL, in
/// code or in a quote. By which name a text mentions whom is the client's to say: names may have changed since.
pub async fn mentioned_in(
    tx: &Tx,
    conversation: ConversationId,
    body: &str,
    users: &[UserId],
) -> Result<Vec<UserId>, ApiError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut among = members::among(tx, conversation, users).await?;
    let present = users.iter().copied().filter(|user| among.remove(user));
    Ok(present.take(count_mentions(body).people).collect())
}

/// Returns whether a message mentions everybody: its sender says so, and its text does.
pub fn mentions_all(body: &str, said: bool) -> bool {
    said && count_mentions(body).all
}
