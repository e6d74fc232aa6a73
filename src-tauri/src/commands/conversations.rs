//! Conversations and the people in them.

use super::App;
use crate::error::Answer;
use parlour_client::{AccountId, ConversationSummary, Member, Person, PersonCard, SettingKey};
use parlour_protocol::{Action, ConversationId, Count, Profile, UserId};

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

/// What the card of a person shows, if they are known.
#[tauri::command(async)]
#[specta::specta]
pub fn person_card(
    app: App<'_>,
    account: AccountId,
    user_id: UserId,
) -> Answer<Option<PersonCard>> {
    Ok(app.session(&account)?.card(user_id)?)
}

/// Tells everybody of oneself, in the place of what one told before.
#[tauri::command(async)]
#[specta::specta]
pub fn set_profile(app: App<'_>, account: AccountId, profile: Profile) -> Answer<()> {
    Ok(app.session(&account)?.set_profile(profile)?)
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

/// Does what the user does in a conversation; what has a command of its own is refused.
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

/// Tells what is on the screen: it is fetched first, and opened at the next start.
#[tauri::command(async)]
#[specta::specta]
pub fn watch(app: App<'_>, account: AccountId, conversation_id: ConversationId) -> Answer<()> {
    let session = app.session(&account)?;
    session.watch(Some(conversation_id));
    Ok(session.set_setting(SettingKey::OpenConversation, None, &conversation_id.to_string())?)
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
