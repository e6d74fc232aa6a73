//! Commands for a server's administrators.

use super::App;
use crate::error::CommandResult;
use parlour_client::{AccountId, NewLink, OpenInvitation};
use parlour_protocol::{
    ConversationId, DefaultGroup, InvitationId, InvitationRequest, OwnerlessGroup, PersonInfo,
    ServerChange, ServerState, UserId, UserRole,
};

/// Returns whether the user is an administrator of the server.
#[tauri::command(async)]
#[specta::specta]
pub fn administers(app: App<'_>, account: AccountId) -> CommandResult<bool> {
    Ok(app.session(&account)?.administers()?)
}

/// Creates an invitation. Its link is returned only this once.
#[tauri::command]
#[specta::specta]
pub async fn invite(
    app: App<'_>,
    account: AccountId,
    asked: InvitationRequest,
) -> CommandResult<NewLink> {
    Ok(app.client()?.invite(&account, asked).await?)
}

/// Returns the invitations that can still be used, newest first.
#[tauri::command]
#[specta::specta]
pub async fn invitations(app: App<'_>, account: AccountId) -> CommandResult<Vec<OpenInvitation>> {
    Ok(app.session(&account)?.invitations().await?)
}

/// Revokes an invitation, so that its link no longer works.
#[tauri::command]
#[specta::specta]
pub async fn revoke_invitation(
    app: App<'_>,
    account: AccountId,
    id: InvitationId,
) -> CommandResult<()> {
    Ok(app.session(&account)?.revoke_invitation(id).await?)
}

/// Returns all people on the server with the details for administrators.
#[tauri::command]
#[specta::specta]
pub async fn everybody(app: App<'_>, account: AccountId) -> CommandResult<Vec<PersonInfo>> {
    Ok(app.session(&account)?.everybody().await?)
}

/// Makes a person an administrator of the server, or a member again.
#[tauri::command]
#[specta::specta]
pub async fn set_server_role(
    app: App<'_>,
    account: AccountId,
    id: UserId,
    role: UserRole,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_server_role(id, role).await?)
}

/// Sets a new password for a person, and ends their sessions.
#[tauri::command]
#[specta::specta]
pub async fn reset_password(
    app: App<'_>,
    account: AccountId,
    id: UserId,
    password: String,
) -> CommandResult<()> {
    Ok(app.session(&account)?.reset_password(id, password).await?)
}

/// Signs a person out on all of their devices.
#[tauri::command]
#[specta::specta]
pub async fn end_sessions(
    app: App<'_>,
    account: AccountId,
    id: UserId,
    wipe: bool,
) -> CommandResult<()> {
    Ok(app.session(&account)?.end_sessions(id, wipe).await?)
}

/// Prevents a person from signing in, and signs them out.
#[tauri::command]
#[specta::specta]
pub async fn deactivate(
    app: App<'_>,
    account: AccountId,
    id: UserId,
    wipe: bool,
) -> CommandResult<()> {
    Ok(app.session(&account)?.deactivate(id, wipe).await?)
}

/// Allows a deactivated person to sign in again.
#[tauri::command]
#[specta::specta]
pub async fn reactivate(app: App<'_>, account: AccountId, id: UserId) -> CommandResult<()> {
    Ok(app.session(&account)?.reactivate(id).await?)
}

/// Removes a person's name and all of their private data.
#[tauri::command]
#[specta::specta]
pub async fn erase(app: App<'_>, account: AccountId, id: UserId, wipe: bool) -> CommandResult<()> {
    Ok(app.session(&account)?.erase(id, wipe).await?)
}

/// Returns the groups that have no owner who can sign in.
#[tauri::command]
#[specta::specta]
pub async fn ownerless_groups(
    app: App<'_>,
    account: AccountId,
) -> CommandResult<Vec<OwnerlessGroup>> {
    Ok(app.session(&account)?.ownerless_groups().await?)
}

/// Returns the state of the server.
#[tauri::command]
#[specta::specta]
pub async fn server_state(app: App<'_>, account: AccountId) -> CommandResult<ServerState> {
    Ok(app.session(&account)?.server_state().await?)
}

/// Changes the server's name, its welcome text, or its registration policy.
#[tauri::command]
#[specta::specta]
pub async fn change_server(
    app: App<'_>,
    account: AccountId,
    change: ServerChange,
) -> CommandResult<()> {
    Ok(app.session(&account)?.change_server(&change).await?)
}

/// Sets the server's picture.
#[tauri::command]
#[specta::specta]
pub async fn set_server_picture(
    app: App<'_>,
    account: AccountId,
    bytes: Vec<u8>,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_server_picture(bytes).await?)
}

/// Removes the server's picture.
#[tauri::command]
#[specta::specta]
pub async fn remove_server_picture(app: App<'_>, account: AccountId) -> CommandResult<()> {
    Ok(app.session(&account)?.remove_server_picture().await?)
}

/// Returns the groups that every new person joins.
#[tauri::command]
#[specta::specta]
pub async fn default_groups(app: App<'_>, account: AccountId) -> CommandResult<Vec<DefaultGroup>> {
    Ok(app.session(&account)?.default_groups().await?)
}

/// Sets the groups that every new person joins.
#[tauri::command]
#[specta::specta]
pub async fn set_default_groups(
    app: App<'_>,
    account: AccountId,
    groups: Vec<ConversationId>,
) -> CommandResult<()> {
    Ok(app.session(&account)?.set_default_groups(groups).await?)
}

/// Makes the user an owner and a member of a group that has no owner who can sign in.
#[tauri::command]
#[specta::specta]
pub async fn take_over(
    app: App<'_>,
    account: AccountId,
    conversation_id: ConversationId,
) -> CommandResult<()> {
    Ok(app.session(&account)?.take_over(conversation_id).await?)
}
