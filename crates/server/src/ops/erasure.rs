//! Erases an account. Used by administrators, and to undo imports.

use super::membership::leave;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::ERASED;
use crate::queries::users::NO_PASSWORD;
use crate::queries::{account, conversations, files, members, pictures, profiles, sessions, users};
use crate::tokens::new_secret;
use parlour_protocol::{ConversationType, Millis, Profile, UserId, UserRole, UserRow};

/// Erases a user: their name, profile, picture, drafts, saved messages, settings, recorded ops, the names and
/// addresses of their devices, and when they were last active. They leave every group, and their sessions end. Their
/// messages and reactions remain without their name.
pub async fn erase(tx: &Tx, mut row: UserRow, now: Millis) -> Result<(), ApiError> {
    let id = row.id;
    for (conversation, _) in members::conversations_of(tx, id).await? {
        let found = conversations::find(tx, conversation).await?;
        if found.is_some_and(|found| found.row.kind == ConversationType::Group) {
            leave(tx, conversation, id, now).await?;
        }
    }
    account::forget(tx, id).await?;
    profiles::forget(tx, id).await?;
    pictures::forget(tx, id).await?;
    files::expire_unused(tx, id).await?;
    (row.profile, row.picture) = (Profile::default(), None);
    users::set_password(tx, id, NO_PASSWORD).await?;
    sessions::revoke_others(tx, id, None, now).await?;
    sessions::forget_devices(tx, id).await?;
    row.username = erased_name(tx, id).await?;
    row.role = UserRole::Member;
    row.deactivated_at = row.deactivated_at.or(Some(now));
    row.erased_at = Some(now);
    Ok(users::update(tx, row).await?)
}

/// Returns an unused name for an erased account.
async fn erased_name(tx: &Tx, id: UserId) -> Result<String, ApiError> {
    let hex = id.0.simple().to_string();
    let mut name = format!("{ERASED}{}", &hex[hex.len() - 12..]);
    // An earlier version, or another program, may have given that name to a user.
    while users::by_username(tx, &name).await?.is_some() {
        name = format!("{ERASED}{}", new_secret());
    }
    Ok(name)
}
