//! Conversations and the people in them.

use super::App;
use crate::error::Answer;
use parlour_client::{AccountId, ConversationSummary, Member, Person};
use parlour_protocol::{
    ConversationId, Count, HistoryVisibility, MemberRole, Millis, Removal, Seq, UserId,
};

/// The conversations in which something was said last, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations(
    app: App<'_>,
    account: AccountId,
    limit: Count,
) -> Answer<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations(limit.0)?)
}

/// These conversations; those that are not known are left out.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations_by_id(
    app: App<'_>,
    account: AccountId,
    ids: Vec<ConversationId>,
) -> Answer<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations_by_id(&ids)?)
}

/// Who is in a conversation, by name.
#[tauri::command(async)]
#[specta::specta]
pub fn members(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Vec<Member>> {
    Ok(app.session(&account)?.members(conversation_id)?)
}

/// How many people are in a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn member_count(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Count> {
    Ok(Count(app.session(&account)?.member_count(conversation_id)?))
}

/// People whose name begins so.
#[tauri::command(async)]
#[specta::specta]
pub fn people(app: App<'_>, account: AccountId, prefix: String) -> Answer<Vec<Person>> {
    Ok(app.session(&account)?.people(&prefix)?)
}

/// The conversation with one other person, begun if there is none.
#[tauri::command(async)]
#[specta::specta]
pub fn create_p2p(app: App<'_>, account: AccountId, user_id: UserId) -> Answer<ConversationId> {
    Ok(app.session(&account)?.create_p2p(user_id)?)
}

/// Begins a group.
#[tauri::command(async)]
#[specta::specta]
pub fn create_group(
    app: App<'_>,
    account: AccountId,
    title: String,
    members: Vec<UserId>,
) -> Answer<ConversationId> {
    Ok(app.session(&account)?.create_group(&title, members)?)
}

/// Adds a person to a group.
#[tauri::command(async)]
#[specta::specta]
pub fn add_member(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    user_id: UserId,
) -> Answer<()> {
    Ok(app.session(&account)?.add_member(conversation_id, user_id)?)
}

/// Changes a group's title.
#[tauri::command(async)]
#[specta::specta]
pub fn rename(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    title: String,
) -> Answer<()> {
    Ok(app.session(&account)?.rename(conversation_id, &title)?)
}

/// Says what a group is about.
#[tauri::command(async)]
#[specta::specta]
pub fn set_topic(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    topic: String,
) -> Answer<()> {
    Ok(app.session(&account)?.set_topic(conversation_id, &topic)?)
}

/// Says how much of a group's past its new members see.
#[tauri::command(async)]
#[specta::specta]
pub fn set_history(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    history: HistoryVisibility,
) -> Answer<()> {
    Ok(app.session(&account)?.set_history(conversation_id, history)?)
}

/// Says what whoever is removed from a group keeps of it.
#[tauri::command(async)]
#[specta::specta]
pub fn set_removal(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    removal: Removal,
) -> Answer<()> {
    Ok(app.session(&account)?.set_removal(conversation_id, removal)?)
}

/// Closes a group, so that it can be read and no more, or opens it again.
#[tauri::command(async)]
#[specta::specta]
pub fn archive(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    on: bool,
) -> Answer<()> {
    Ok(app.session(&account)?.archive(conversation_id, on)?)
}

/// Removes a person from a group.
#[tauri::command(async)]
#[specta::specta]
pub fn remove_member(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    user_id: UserId,
) -> Answer<()> {
    Ok(app.session(&account)?.remove_member(conversation_id, user_id)?)
}

/// Gives a member of a group another role.
#[tauri::command(async)]
#[specta::specta]
pub fn set_role(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    user_id: UserId,
    role: MemberRole,
) -> Answer<()> {
    Ok(app.session(&account)?.set_role(conversation_id, user_id, role)?)
}

/// Keeps a conversation from making noise until then; nothing ends it.
#[tauri::command(async)]
#[specta::specta]
pub fn mute(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    until: Option<Millis>,
) -> Answer<()> {
    Ok(app.session(&account)?.mute(conversation_id, until)?)
}

/// Puts a conversation on top of the list, or back.
#[tauri::command(async)]
#[specta::specta]
pub fn pin(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    on: bool,
) -> Answer<()> {
    Ok(app.session(&account)?.pin(conversation_id, on)?)
}

/// Puts a conversation out of the list until something is said there, or back.
#[tauri::command(async)]
#[specta::specta]
pub fn hide(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    on: bool,
) -> Answer<()> {
    Ok(app.session(&account)?.hide(conversation_id, on)?)
}

/// Marks a conversation as unread, from a message on if one is given; or takes that back.
#[tauri::command(async)]
#[specta::specta]
pub fn mark_unread(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    on: bool,
    from: Option<Seq>,
) -> Answer<()> {
    Ok(app.session(&account)?.mark_unread(conversation_id, on, from)?)
}

/// Leaves a group.
#[tauri::command(async)]
#[specta::specta]
pub fn leave(app: App<'_>, account: AccountId, conversation_id: ConversationId) -> Answer<()> {
    Ok(app.session(&account)?.leave(conversation_id)?)
}

/// Tells what is on the screen: it is fetched first, and opened at the next start.
#[tauri::command(async)]
#[specta::specta]
pub fn watch(app: App<'_>, account: AccountId, conversation_id: ConversationId) -> Answer<()> {
    let session = app.session(&account)?;
    session.watch(Some(conversation_id));
    Ok(session.set_setting("conversation", &conversation_id.to_string())?)
}

/// Fetches older messages than are on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn fetch_older(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<()> {
    app.session(&account)?.fetch_older(conversation_id);
    Ok(())
}
