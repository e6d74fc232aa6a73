//! Messages: reading, finding, writing, and what waits.

use super::App;
use crate::error::Answer;
use parlour_client::{
    AccountId, Draft, MessagePlace, OutboxItem, OutgoingMessage, Position, SavedItem, Search,
    SearchPage, TimelineItem, TimelinePage,
};
use parlour_protocol::{ConversationId, Count, EarlierBody, MessageId, Millis, OpId, Seq};

/// A stretch of a conversation.
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

/// A page of the messages that fit, newest or best first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(app: App<'_>, account: AccountId, search: Search) -> Answer<SearchPage> {
    Ok(app.session(&account)?.search(&search)?)
}

/// Where a message is, if it is here.
#[tauri::command(async)]
#[specta::specta]
pub fn find_message(
    app: App<'_>,
    account: AccountId,
    id: MessageId,
) -> Answer<Option<MessagePlace>> {
    Ok(app.session(&account)?.find_message(id)?)
}

/// The first message of a conversation that was sent at that time or later.
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

/// Lets others know that one is writing.
#[tauri::command(async)]
#[specta::specta]
pub fn typing(app: App<'_>, account: AccountId, conversation_id: ConversationId) -> Answer<()> {
    app.session(&account)?.typing(conversation_id);
    Ok(())
}

/// How many messages fit, if that can be told. Takes its time.
#[tauri::command(async)]
#[specta::specta]
pub fn count_hits(app: App<'_>, account: AccountId, search: Search) -> Answer<Option<Count>> {
    Ok(app.session(&account)?.count_hits(&search)?)
}

/// Says something; it is on the disk when this answers.
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

/// Changes one's own message.
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

/// Deletes one's own message.
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

/// Notes that the user has read up to here.
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

/// What is pinned to a conversation, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn pinned(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Vec<TimelineItem>> {
    Ok(app.session(&account)?.pinned(conversation_id)?)
}

/// What was saved for later, saved last first.
#[tauri::command(async)]
#[specta::specta]
pub fn saved(app: App<'_>, account: AccountId) -> Answer<Vec<SavedItem>> {
    Ok(app.session(&account)?.saved()?)
}

/// What a message said before it was edited, oldest first.
#[tauri::command]
#[specta::specta]
pub async fn edits(app: App<'_>, account: AccountId, id: MessageId) -> Answer<Vec<EarlierBody>> {
    Ok(app.session(&account)?.edits(id).await?)
}

/// Keeps what is being written.
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

/// Lets the user's other devices have what is being written.
#[tauri::command(async)]
#[specta::specta]
pub fn share_draft(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<()> {
    Ok(app.session(&account)?.share_draft(conversation_id)?)
}

/// What waits or was refused.
#[tauri::command(async)]
#[specta::specta]
pub fn outbox(app: App<'_>, account: AccountId) -> Answer<Vec<OutboxItem>> {
    Ok(app.session(&account)?.outbox()?)
}

/// Lets a refused action be tried again.
#[tauri::command(async)]
#[specta::specta]
pub fn retry(app: App<'_>, account: AccountId, id: OpId) -> Answer<()> {
    Ok(app.session(&account)?.retry(id)?)
}

/// Drops an action that has not reached the server.
#[tauri::command(async)]
#[specta::specta]
pub fn discard(app: App<'_>, account: AccountId, id: OpId) -> Answer<()> {
    Ok(app.session(&account)?.discard(id)?)
}
