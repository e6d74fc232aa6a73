//! Takes over accounts of users without a password, which imports create: with an invitation, somebody chooses a password
//! for one, and keeps its history and memberships.

use super::newcomers;
use super::people::{ensure_owners, refuse_taken};
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::check_new_username;
use crate::queries::invitations::RedeemedInvitation;
use crate::queries::users::{self, Account};
use parlour_protocol::{Millis, UserId};
use std::net::IpAddr;

/// Returns the id of the user with this username, whose account can be taken over.
///
/// # Errors
/// Fails if there is no such user, or if the account has or had a password, is deactivated, or is an administrator's.
pub async fn find(tx: &Tx, username: &str) -> Result<UserId, ApiError> {
    let user = users::by_username(tx, username).await?;
    let id = user.ok_or_else(|| ApiError::not_found("person"))?.row.id;
    if users::claimable(tx, id).await?.is_none() {
        return Err(ApiError::invalid(format!(
            "The account of {username} cannot be taken over: only one of a member who has no password, never signed \
             in and is not deactivated can."
        )));
    }
    Ok(id)
}

/// Gives an account, which must be one that can be taken over, to whoever redeemed the invitation for it, under its
/// username or another one. Its groups in which no owner can sign in get an owner. Returns the account.
///
/// # Errors
/// Fails if another username is not allowed, or is taken.
pub async fn take_over(
    tx: &Tx,
    claimed: Account,
    (username, hash): (String, String),
    (invitation, address): (&RedeemedInvitation, Option<IpAddr>),
    now: Millis,
) -> Result<Account, ApiError> {
    let mut row = claimed.row;
    let is_renamed = row.username != username;
    if is_renamed {
        check_new_username(&username)?;
        refuse_taken(tx, &username, Some(row.id)).await?;
        row.username = username;
        users::update(tx, row.clone()).await?;
    }
    users::set_password(tx, row.id, &hash).await?;
    ensure_owners(tx, row.id).await?;
    let event = match address {
        Some(address) => Event::from_address(Some(row.id), address, Action::Claimed),
        None => Event::by_actor(&Actor::CommandLine, Action::Claimed),
    };
    let details = format!("invitation={} renamed={is_renamed}", invitation.id);
    audit::record(tx, event.subject(row.id.0).details(details), now).await?;
    newcomers::add_to_groups(tx, row.id, Some(invitation), now).await?;
    Ok(Account { row, password_hash: hash })
}
