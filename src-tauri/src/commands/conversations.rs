//! Commands for conversations and their members.

use super::App;
use crate::error::Answer;
use crate::notifications::Looking;
use parlour_client::{
    AccountId, ConversationSummary, Member, Person, PersonCard, PersonNow, Pictured, SettingKey,
};
use parlour_protocol::{Action, ConversationId, Count, ProfileChange, UserId};
use tauri::State;

/// Returns conversations, ordered by their newest message, the newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations(
    app: App<'_>,
    account: AccountId,
    limit: Count,
) -> Answer<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations(limit.0)?)
}

/// Returns these conversations, without those that are not known.
#[tauri::command(async)]
#[specta::specta]
pub fn conversations_by_id(
    app: App<'_>,
    account: AccountId,
    ids: Vec<ConversationId>,
) -> Answer<Vec<ConversationSummary>> {
    Ok(app.session(&account)?.conversations_by_id(&ids)?)
}

/// Returns the members of a conversation, sorted by name.
#[tauri::command(async)]
#[specta::specta]
pub fn members(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Vec<Member>> {
    Ok(app.session(&account)?.members(conversation_id)?)
}

/// Returns the number of members of a conversation.
#[tauri::command(async)]
#[specta::specta]
pub fn member_count(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> Answer<Count> {
    Ok(Count(app.session(&account)?.member_count(conversation_id)?))
}

/// Returns people whose names start with `prefix`.
#[tauri::command(async)]
#[specta::specta]
pub fn people(app: App<'_>, account: AccountId, prefix: String) -> Answer<Vec<Person>> {
    Ok(app.session(&account)?.people(&prefix)?)
}

/// Returns the contents of a person's card; `None` if the person is not known.
#[tauri::command(async)]
#[specta::specta]
pub fn person_card(
    app: App<'_>,
    account: AccountId,
    user_id: UserId,
) -> Answer<Option<PersonCard>> {
    Ok(app.session(&account)?.card(user_id)?)
}

/// Returns what these people are doing. From now on, [`PresenceChanged`](crate::events::PresenceChanged) says when one of
/// them comes or goes.
#[tauri::command(async)]
#[specta::specta]
pub fn people_now(app: App<'_>, account: AccountId, people: Vec<UserId>) -> Answer<Vec<PersonNow>> {
    Ok(app.session(&account)?.people_now(&people)?)
}

/// Changes parts of the user's profile, which everybody on the server sees. Parts that it leaves out stay.
#[tauri::command(async)]
#[specta::specta]
pub fn set_profile(app: App<'_>, account: AccountId, change: ProfileChange) -> Answer<()> {
    Ok(app.session(&account)?.set_profile(change)?)
}

/// Returns those of these people who have a picture, and whether it is on this computer. Others are fetched. The page
/// shows a picture by its address: see `pictures.rs`.
#[tauri::command(async)]
#[specta::specta]
pub fn pictures(app: App<'_>, account: AccountId, people: Vec<UserId>) -> Answer<Vec<Pictured>> {
    Ok(app.session(&account)?.pictures(&people)?)
}

/// Shows everybody this picture of the user from now on.
#[tauri::command]
#[specta::specta]
pub async fn set_picture(app: App<'_>, account: AccountId, bytes: Vec<u8>) -> Answer<()> {
    Ok(app.session(&account)?.set_picture(bytes).await?)
}

/// Shows nobody a picture of the user any more.
#[tauri::command]
#[specta::specta]
pub async fn remove_picture(app: App<'_>, account: AccountId) -> Answer<()> {
    Ok(app.session(&account)?.remove_picture().await?)
}

/// Returns the direct conversation with another person; creates it if there is none.
#[tauri::command(async)]
#[specta::specta]
pub fn create_p2p(app: App<'_>, account: AccountId, user_id: UserId) -> Answer<ConversationId> {
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
) -> Answer<ConversationId> {
    Ok(app.session(&account)?.create_group(&title, members)?)
}

/// Queues an action in a conversation, unless the action has a command of its own.
#[tauri::command(async)]
#[specta::specta]
pub fn act(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
    action: Action,
) -> Answer<()> {
    Ok(app.session(&account)?.act(conversation_id, action)?)
}

/// Sets the conversation that is on the screen, which is fetched first, and opened at the next start; `None` if
/// another view is there.
#[tauri::command(async)]
#[specta::specta]
pub fn watch(
    app: App<'_>,
    looking: State<'_, Looking>,
    account: AccountId,
    conversation_id: Option<ConversationId>,
) -> Answer<()> {
    let (client, session) = (app.client()?, app.session(&account)?);
    session.watch(conversation_id);
    looking.at(&client, &account, conversation_id);
    let Some(id) = conversation_id else { return Ok(()) };
    Ok(session.set_setting(SettingKey::OpenConversation, None, &id.to_string())?)
}

/// Returns the conversations that notify in a way of their own, at most 100.
#[tauri::command(async)]
#[specta::specta]
pub fn own_levels(app: App<'_>, account: AccountId) -> Answer<Vec<ConversationId>> {
    Ok(app.session(&account)?.own_levels()?)
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
