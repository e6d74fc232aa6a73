//! The conversation of a message.

use super::super::records::{Conversation, ConversationKind, Message};
use super::conversations::{add_member, find_or_create_conversation};
use super::direct::fits;
use super::state::{Counts, ExportedConversation, State};
use crate::db::Tx;
use crate::error::ApiError;
use parlour_protocol::{ConversationId, UserId};

/// Returns the conversation to which a message is added, and makes its sender a member. A message in a direct chat by
/// somebody else than its two people is added to a group instead, and reported.
pub async fn conversation_of(
    tx: &Tx,
    state: &mut State,
    message: &Message,
    sender: UserId,
    counts: &mut Counts,
) -> Result<ConversationId, ApiError> {
    let (key, now) = (&message.conversation, message.at);
    let id = find_or_create_conversation(tx, state, key, (sender, &[]), now).await?;
    let Some(entry) = state.conversations.get(key) else { return Ok(id) };
    if fits(tx, entry, id, sender).await? {
        add_member(tx, state, key, id, sender, now).await?;
        return Ok(id);
    }
    let reason = "a message in a direct chat by somebody who is not one of its two people, imported into a group";
    counts.odd.push((reason, format!("{key} {}", message.key)));
    // Those whom the export lists saw it, and who wrote it, unless the export lists everybody.
    let mut people: Vec<UserId> = entry.pair.into_iter().flat_map(|(a, b)| [a, b]).collect();
    if entry.source.details.is_none() {
        people.push(sender);
    }
    let title = entry.source.title.clone();
    let group_key = format!("{key}~others");
    state.conversations.entry(group_key.clone()).or_insert_with(|| {
        let (key, kind) = (group_key.clone(), ConversationKind::Group);
        ExportedConversation::new(Conversation { key, title, kind, ..Conversation::default() })
    });
    let id = find_or_create_conversation(tx, state, &group_key, (sender, &[]), now).await?;
    for user in people {
        add_member(tx, state, &group_key, id, user, now).await?;
    }
    Ok(id)
}
