//! Commands for messages: reading, searching, writing, and the outbox.

use super::App;
use crate::error::CommandResult;
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
) -> CommandResult<TimelinePage> {
    Ok(app.session(&account)?.timeline(conversation_id, position, limit.0)?)
}

/// Returns a page of the matching messages, newest or best match first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(app: App<'_>, account: AccountId, search: Search) -> CommandResult<SearchPage> {
    Ok(app.session(&account)?.search(&search)?)
}

/// Returns the position of a message; `None` if it is not on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn find_message(
    app: App<'_>,
    account: AccountId,
    id: MessageId,
) -> CommandResult<Option<MessagePosition>> {
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
) -> CommandResult<Option<Seq>> {
    Ok(app.session(&account)?.first_since(conversation_id, time)?)
}

/// Notifies the other members that the user is typing.
#[tauri::command(async)]
#[specta::specta]
pub fn typing(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<()> {
    app.session(&account)?.typing(conversation_id);
    Ok(())
}

/// Returns the number of matching messages; `None` if it cannot be computed. May be slow.
#[tauri::command(async)]
#[specta::specta]
pub fn count_hits(
    app: App<'_>,
    account: AccountId,
    search: Search,
) -> CommandResult<Option<Count>> {
    Ok(app.session(&account)?.count_hits(&search)?)
}

/// Queues a message to be sent. It is stored durably when this returns.
#[tauri::command(async)]
#[specta::specta]
pub fn send_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
    saying: OutgoingMessage,
) -> CommandResult<TimelineItem> {
    Ok(app.session(&account)?.send_message(conversation_id, id, saying)?)
}

/// Edits a message of the user.
#[tauri::command(async)]
#[specta::specta]
pub fn edit_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
    body: String,
) -> CommandResult<()> {
    Ok(app.session(&account)?.edit_message(conversation_id, id, &body)?)
}

/// Deletes a message of the user.
#[tauri::command(async)]
#[specta::specta]
pub fn delete_message(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    id: MessageId,
) -> CommandResult<()> {
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
) -> CommandResult<()> {
    Ok(app.session(&account)?.mark_read(conversation_id, seq)?)
}

/// Returns the messages that are pinned to a conversation, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn pinned(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Vec<TimelineItem>> {
    Ok(app.session(&account)?.pinned(conversation_id)?)
}

/// Returns the messages saved for later, the most recently saved first.
#[tauri::command(async)]
#[specta::specta]
pub fn saved(app: App<'_>, account: AccountId) -> CommandResult<Vec<SavedItem>> {
    Ok(app.session(&account)?.saved()?)
}

/// Returns the earlier texts of an edited message, oldest first.
#[tauri::command]
#[specta::specta]
pub async fn edits(
    app: App<'_>,
    account: AccountId,
    id: MessageId,
) -> CommandResult<Vec<EarlierBody>> {
    Ok(app.session(&account)?.edits(id).await?)
}

/// Stores a draft on this device only.
#[tauri::command(async)]
#[specta::specta]
pub fn set_draft(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    draft: Draft,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_draft(conversation_id, &draft)?)
}

/// Sends a draft to the user's other devices.
#[tauri::command(async)]
#[specta::specta]
pub fn share_draft(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<()> {
    Ok(app.session(&account)?.share_draft(conversation_id)?)
}

/// Returns the ops that are waiting to be sent or were refused.
#[tauri::command(async)]
#[specta::specta]
pub fn outbox(app: App<'_>, account: AccountId) -> CommandResult<Vec<OutboxItem>> {
    Ok(app.session(&account)?.outbox()?)
}

/// Queues a refused action again.
#[tauri::command(async)]
#[specta::specta]
pub fn retry(app: App<'_>, account: AccountId, id: OpId) -> CommandResult<()> {
    Ok(app.session(&account)?.retry(id)?)
}

/// Discards an action that has not reached the server.
#[tauri::command(async)]
#[specta::specta]
pub fn discard(app: App<'_>, account: AccountId, id: OpId) -> CommandResult<()> {
    Ok(app.session(&account)?.discard(id)?)
}

/// Returns a page of Activity, with entries of one kind or of all.
#[tauri::command(async)]
#[specta::specta]
pub fn activity(
    app: App<'_>,
    account: AccountId,
    kind: Option<ActivityKind>,
    before: Option<ActivityPosition>,
) -> CommandResult<ActivityPage> {
    Ok(app.session(&account)?.activity(kind, before)?)
}

/// Returns the number of new entries in Activity.
#[tauri::command(async)]
#[specta::specta]
pub fn activity_count(app: App<'_>, account: AccountId) -> CommandResult<Count> {
    Ok(app.session(&account)?.activity_count()?)
}

/// Records that the user has seen the reactions in a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn see_reactions(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<()> {
    Ok(app.session(&account)?.see_reactions(conversation_id)?)
}

/// Marks Activity as read. Returns the conversations that became more read, each with its first unread position before.
#[tauri::command(async)]
#[specta::specta]
pub fn read_activity(
    app: App<'_>,
    account: AccountId,
) -> CommandResult<Vec<(ConversationId, Seq)>> {
    Ok(app.session(&account)?.read_activity()?)
}
