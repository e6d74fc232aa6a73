//! Commands for messages: reading, searching, writing, and the outbox.

use super::App;
use crate::error::Answer;
use parlour_client::{
    AccountId, ActivityKind, ActivityPage, ActivityPosition, Draft, MessagePosition, OutboxItem,
    OutgoingMessage, Position, SavedItem, Search, SearchPage, TimelineItem, TimelinePage,
};
use parlour_protocol::{ConversationId, Count, EarlierBody, MessageId, Millis, OpId, Seq};

/// Returns a page of a conversation's messages.
#[tauri::command(async)]
#[specta::specta]
pub fn timeline(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    position: Position,
    limit: Count,
) -> Answer<TimelinePage> {
    Ok(app.session(&account)?.timeline(conversation_id, position, limit.0)?)
}

/// Returns a page of the messages that match, newest or best first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(app: App<'_>, account: AccountId, search: Search) -> Answer<SearchPage> {
    Ok(app.session(&account)?.search(&search)?)
}

/// Returns where a message is; `None` if it is not on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn find_message(
    app: App<'_>,
    account: AccountId,
    id: MessageId,
) -> Answer<Option<MessagePosition>> {
    Ok(app.session(&account)?.find_message(id)?)
}

/// Returns the first message of a conversation that was sent at `time` or later.
#[tauri::command(async)]
#[specta::specta]
pub fn first_since(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    time: Millis,
) -> Answer<Option<Seq>> {
    Ok(app.session(&account)?.first_since(conversation_id, time)?)
}

/// Tells the other members that the user is typing.
#[tauri::command(async)]
#[specta::specta]
pub fn typing(app: App<'_>, account: AccountId, conversation_id: ConversationId) -> Answer<()> {
    app.session(&account)?.typing(conversation_id);
    Ok(())
}

/// Returns the number of messages that match; `None` if that cannot be told. This may take long.
#[tauri::command(async)]
#[specta::specta]
pub fn count_hits(app: App<'_>, account: AccountId, search: Search) -> Answer<Option<Count>> {
    Ok(app.session(&account)?.count_hits(&search)?)
}

/// Sends a message, which is on the disk when this returns.
#[tauri::command(async)]
#[specta::specta]
pub fn send_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
    saying: OutgoingMessage,
) -> Answer<TimelineItem> {
    Ok(app.session(&account)?.send_message(conversation_id, id, saying)?)
}

/// Edits the user's own message.
#[tauri::command(async)]
#[specta::specta]
pub fn edit_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
    body: String,
) -> Answer<()> {
    Ok(app.session(&account)?.edit_message(conversation_id, id, &body)?)
}

/// Deletes the user's own message.
#[tauri::command(async)]
#[specta::specta]
pub fn delete_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
) -> Answer<()> {
    Ok(app.session(&account)?.delete_message(conversation_id, id)?)
}

/// Records that the user has read up to `seq`.
#[tauri::command(async)]
#[specta::specta]
pub fn mark_read(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    seq: Seq,
) -> Answer<()> {
    Ok(app.session(&account)?.mark_read(conversation_id, seq)?)
}

/// Returns the messages that are pinned to a conversation, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn pinned(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Vec<TimelineItem>> {
    Ok(app.session(&account)?.pinned(conversation_id)?)
}

/// Returns the messages saved for later, the most recently saved first.
#[tauri::command(async)]
#[specta::specta]
pub fn saved(app: App<'_>, account: AccountId) -> Answer<Vec<SavedItem>> {
    Ok(app.session(&account)?.saved()?)
}

/// Returns the earlier texts of an edited message, oldest first.
#[tauri::command]
#[specta::specta]
pub async fn edits(app: App<'_>, account: AccountId, id: MessageId) -> Answer<Vec<EarlierBody>> {
    Ok(app.session(&account)?.edits(id).await?)
}

/// Stores a draft on this device.
#[tauri::command(async)]
#[specta::specta]
pub fn set_draft(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    draft: Draft,
) -> Answer<()> {
    Ok(app.session(&account)?.set_draft(conversation_id, &draft)?)
}

/// Sends a draft to the user's other devices.
#[tauri::command(async)]
#[specta::specta]
pub fn share_draft(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<()> {
    Ok(app.session(&account)?.share_draft(conversation_id)?)
}

/// Returns the ops that wait to be sent or were refused.
#[tauri::command(async)]
#[specta::specta]
pub fn outbox(app: App<'_>, account: AccountId) -> Answer<Vec<OutboxItem>> {
    Ok(app.session(&account)?.outbox()?)
}

/// Queues a refused action again.
#[tauri::command(async)]
#[specta::specta]
pub fn retry(app: App<'_>, account: AccountId, id: OpId) -> Answer<()> {
    Ok(app.session(&account)?.retry(id)?)
}

/// Discards an action that has not reached the server.
#[tauri::command(async)]
#[specta::specta]
pub fn discard(app: App<'_>, account: AccountId, id: OpId) -> Answer<()> {
    Ok(app.session(&account)?.discard(id)?)
}

/// Returns a page of Activity, of one kind or of all.
#[tauri::command(async)]
#[specta::specta]
pub fn activity(
    app: App<'_>,
    account: AccountId,
    kind: Option<ActivityKind>,
    before: Option<ActivityPosition>,
) -> Answer<ActivityPage> {
    Ok(app.session(&account)?.activity(kind, before)?)
}

/// Returns the number of new entries in Activity.
#[tauri::command(async)]
#[specta::specta]
pub fn activity_count(app: App<'_>, account: AccountId) -> Answer<Count> {
    Ok(app.session(&account)?.activity_count()?)
}

/// Notes that the user has seen the reactions in a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn see_reactions(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<()> {
    Ok(app.session(&account)?.see_reactions(conversation_id)?)
}

/// Marks Activity as read. Returns the conversations that were read further, each with the first position that was
/// new.
#[tauri::command(async)]
#[specta::specta]
pub fn read_activity(app: App<'_>, account: AccountId) -> Answer<Vec<(ConversationId, Seq)>> {
    Ok(app.session(&account)?.read_activity()?)
}
