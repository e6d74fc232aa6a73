//! Commands for conversations and their members.

use super::App;
use crate::error::CommandResult;
use crate::notifications::VisibleConversation;
use parlour_client::{
    AccountId, ConversationSummary, Member, Person, PersonCard, PersonPresence, Pictured,
    SettingKey,
};
use parlour_protocol::{Action, ConversationId, Count, ProfileChange, UserId};
use tauri::State;

/// Returns the `limit` conversations with the newest messages, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations(
    app: App<'_>,
    account: AccountId,
    limit: Count,
) -> CommandResult<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations(limit.0)?)
}

/// Returns the conversations with these ids; omits unknown ones.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations_by_id(
    app: App<'_>,
    account: AccountId,
    ids: Vec<ConversationId>,
) -> CommandResult<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations_by_id(&ids)?)
}

/// Returns the members of a conversation, sorted by name.
#[tauri::command(async)]
#[specta::specta]
pub fn members(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Vec<Member>> {
    Ok(app.session(&account)?.members(conversation_id)?)
}

/// Returns the number of members of a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn member_count(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<Count> {
    Ok(Count(app.session(&account)?.member_count(conversation_id)?))
}

/// Returns people whose names start with `prefix`.
#[tauri::command(async)]
#[specta::specta]
pub fn people(app: App<'_>, account: AccountId, prefix: String) -> CommandResult<Vec<Person>> {
    Ok(app.session(&account)?.people(&prefix)?)
}

/// Returns the contents of a person's card; `None` if the person is not known.
#[tauri::command(async)]
#[specta::specta]
pub fn person_card(
    app: App<'_>,
    account: AccountId,
    user_id: UserId,
) -> CommandResult<Option<PersonCard>> {
    Ok(app.session(&account)?.card(user_id)?)
}

/// Returns the presence of these people, and subscribes to changes, which
/// [`PresenceChanged`](crate::events::PresenceChanged) announces.
#[tauri::command(async)]
#[specta::specta]
pub fn people_presence(
    app: App<'_>,
    account: AccountId,
    people: Vec<UserId>,
) -> CommandResult<Vec<PersonPresence>> {
    Ok(app.session(&account)?.people_presence(&people)?)
}

/// Changes parts of the user's profile, which is visible to everybody on the server. Fields that are `None` stay.
#[tauri::command(async)]
#[specta::specta]
pub fn set_profile(app: App<'_>, account: AccountId, change: ProfileChange) -> CommandResult<()> {
    Ok(app.session(&account)?.set_profile(change)?)
}

/// Returns the pictures of these people, if they have any, and whether each is on this computer; missing ones are
/// fetched. The page loads a picture by its URL: see `pictures.rs`.
#[tauri::command(async)]
#[specta::specta]
pub fn pictures(
    app: App<'_>,
    account: AccountId,
    people: Vec<UserId>,
) -> CommandResult<Vec<Pictured>> {
    Ok(app.session(&account)?.pictures(&people)?)
}

/// Sets the user's picture.
#[tauri::command]
#[specta::specta]
pub async fn set_picture(app: App<'_>, account: AccountId, bytes: Vec<u8>) -> CommandResult<()> {
    Ok(app.session(&account)?.set_picture(bytes).await?)
}

/// Removes the user's picture.
#[tauri::command]
#[specta::specta]
pub async fn remove_picture(app: App<'_>, account: AccountId) -> CommandResult<()> {
    Ok(app.session(&account)?.remove_picture().await?)
}

/// Returns the direct conversation with another person; creates it if there is none.
#[tauri::command(async)]
#[specta::specta]
pub fn create_p2p(
    app: App<'_>,
    account: AccountId,
    user_id: UserId,
) -> CommandResult<ConversationId> {
    Ok(app.session(&account)?.create_p2p(user_id)?)
}

/// Creates a group and returns its id.
#[tauri::command(async)]
#[specta::specta]
pub fn create_group(
    app: App<'_>,
    account: AccountId,
    title: String,
    members: Vec<UserId>,
) -> CommandResult<ConversationId> {
    Ok(app.session(&account)?.create_group(&title, members)?)
}

/// Queues an action in a conversation. Fails for actions that have separate commands.
#[tauri::command(async)]
#[specta::specta]
pub fn act(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    action: Action,
) -> CommandResult<()> {
    Ok(app.session(&account)?.act(conversation_id, action)?)
}

/// Sets the conversation that is on the screen, which is fetched first and is opened at the next start; `None` for
/// another view.
#[tauri::command(async)]
#[specta::specta]
pub fn watch(
    app: App<'_>,
    visible: State<'_, VisibleConversation>,
    account: AccountId,
    conversation_id: Option<ConversationId>,
) -> CommandResult<()> {
    let (client, session) = (app.client()?, app.session(&account)?);
    session.watch(conversation_id);
    visible.set(&client, &account, conversation_id);
    let Some(id) = conversation_id else { return Ok(()) };
    Ok(session.set_setting(SettingKey::OpenConversation, None, &id.to_string())?)
}

/// Returns the conversations that have their own notification level, at most 100.
#[tauri::command(async)]
#[specta::specta]
pub fn level_overrides(app: App<'_>, account: AccountId) -> CommandResult<Vec<ConversationId>> {
    Ok(app.session(&account)?.level_overrides()?)
}

/// Fetches messages that are older than those on this computer.
#[tauri::command(async)]
#[specta::specta]
pub fn fetch_older(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<()> {
    app.session(&account)?.fetch_older(conversation_id);
    Ok(())
}
