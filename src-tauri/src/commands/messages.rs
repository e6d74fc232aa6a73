//! Messages: reading, finding, writing, and what waits.

use super::App;
use crate::error::Answer;
use parlour_client::{OutboxItem, Position, Scope, SearchPage, TimelineItem, TimelinePage};
use parlour_protocol::{ConversationId, Count, MessageId, OpId, Seq};

/// A stretch of a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn timeline(
    app: App<'_>,
    conversation_id: ConversationId,
    position: Position,
    limit: Count,
) -> Answer<TimelinePage> {
    Ok(app.session()?.timeline(conversation_id, position, limit.0)?)
}

/// Messages with all of these words, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(app: App<'_>, text: String, scope: Scope) -> Answer<SearchPage> {
    Ok(app.session()?.search(&text, scope)?)
}

/// Says something; it is on the disk when this answers.
#[tauri::command(async)]
#[specta::specta]
pub fn send_message(
    app: App<'_>,
    conversation_id: ConversationId,
    id: MessageId,
    body: String,
) -> Answer<TimelineItem> {
    Ok(app.session()?.send_message(conversation_id, id, &body)?)
}

/// Changes one's own message.
#[tauri::command(async)]
#[specta::specta]
pub fn edit_message(
    app: App<'_>,
    conversation_id: ConversationId,
    id: MessageId,
    body: String,
) -> Answer<()> {
    Ok(app.session()?.edit_message(conversation_id, id, &body)?)
}

/// Deletes one's own message.
#[tauri::command(async)]
#[specta::specta]
pub fn delete_message(app: App<'_>, conversation_id: ConversationId, id: MessageId) -> Answer<()> {
    Ok(app.session()?.delete_message(conversation_id, id)?)
}

/// Notes that the user has read up to here.
#[tauri::command(async)]
#[specta::specta]
pub fn mark_read(app: App<'_>, conversation_id: ConversationId, seq: Seq) -> Answer<()> {
    Ok(app.session()?.mark_read(conversation_id, seq)?)
}

/// Keeps what is being written.
#[tauri::command(async)]
#[specta::specta]
pub fn set_draft(app: App<'_>, conversation_id: ConversationId, body: String) -> Answer<()> {
    Ok(app.session()?.set_draft(conversation_id, &body)?)
}

/// What waits or was refused.
#[tauri::command(async)]
#[specta::specta]
pub fn outbox(app: App<'_>) -> Answer<Vec<OutboxItem>> {
    Ok(app.session()?.outbox()?)
}

/// Lets a refused action be tried again.
#[tauri::command(async)]
#[specta::specta]
pub fn retry(app: App<'_>, id: OpId) -> Answer<()> {
    Ok(app.session()?.retry(id)?)
}

/// Drops an action that has not reached the server.
#[tauri::command(async)]
#[specta::specta]
pub fn discard(app: App<'_>, id: OpId) -> Answer<()> {
    Ok(app.session()?.discard(id)?)
}
