//! Checks and follow-up work that changes of accounts have in common.

use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::ensure_owner;
use crate::queries::{members, users};
use parlour_protocol::{ErrorCode, Refusal, UserId, UserRole, UserRow};

/// Returns the row of a user whose account was not erased.
///
/// # Errors
/// Fails if there is no such user.
pub async fn find_existing(tx: &Tx, id: UserId) -> Result<UserRow, ApiError> {
    let user = users::find(tx, id).await?.filter(|user| user.row.erased_at.is_none());
    Ok(user.ok_or_else(|| ApiError::not_found("person"))?.row)
}

/// Refuses to continue if `row` is the last administrator who can sign in.
///
/// # Errors
/// Fails in that case.
pub async fn require_other_administrator(tx: &Tx, row: &UserRow) -> Result<(), ApiError> {
    let is_active_administrator =
        row.role == UserRole::Administrator && row.deactivated_at.is_none();
    if !is_active_administrator || users::has_administrator(tx, Some(row.id)).await? {
        return Ok(());
    }
    Err(ApiError::forbidden("This is the last administrator. Make another one first."))
}

/// Gives every group of user `id`, who can sign in from now on, an owner if it has none who can sign in.
///
/// # Errors
/// Fails if the database does.
pub async fn ensure_owners(tx: &Tx, id: UserId) -> Result<(), ApiError> {
    for (conversation, _) in members::conversations_of(tx, id).await? {
        ensure_owner(tx, conversation).await?;
    }
    Ok(())
}

/// Refuses a username that somebody other than `except` has, or that looks like theirs.
///
/// # Errors
/// Fails in that case.
pub async fn refuse_taken(tx: &Tx, username: &str, except: Option<UserId>) -> Result<(), ApiError> {
    let found = users::by_username(tx, username).await?;
    if found.is_some_and(|found| Some(found.row.id) != except) {
        let message = format!("The username {username} is taken.");
        return Err(ApiError::new(ErrorCode::UsernameTaken, message));
    }
    if users::looks_like_another(tx, username, except).await? {
        return Err(Refusal::UsernameLooksTaken.into());
    }
    Ok(())
}
