//! The sender of a request, and their permissions.

use crate::db::Tx;
use crate::error::ApiError;
use crate::limits::Requester;
use crate::queries::sessions::{self, SessionState};
use parlour_protocol::{Millis, SessionId, UserId, UserRole};
use std::net::IpAddr;
use std::time::Instant;

/// A signed-in user, and the session used.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The user's role when the session was checked. Code that depends on the role checks it again with
    /// [`Actor`].
    pub role: UserRole,
    /// When the session was checked.
    pub checked: SessionCheck,
}

/// When a session was checked: the time, and the generation of the session cache.
#[derive(Debug, Clone, Copy)]
pub struct SessionCheck {
    /// The time.
    pub at: Instant,
    /// The generation of the cache, that is, how often it had been emptied.
    pub generation: u64,
}

impl Caller {
    /// Checks that the session has not ended, in the snapshot or transaction that depends on it; returns
    /// the user's current role.
    ///
    /// # Errors
    /// Fails if the session has ended.
    pub async fn require_session(&self, tx: &Tx, now: Millis) -> Result<UserRole, ApiError> {
        match sessions::state(tx, self.session_id, now).await? {
            SessionState::Active(role) => Ok(role),
            SessionState::Revoked { wipe } => Err(ApiError::revoked(wipe)),
            SessionState::Expired => Err(ApiError::signed_out()),
        }
    }
}

/// Who changes the server or an account.
#[derive(Debug, Clone, Copy)]
pub enum Actor {
    /// Somebody on the server's own computer, through the command line.
    CommandLine,
    /// A signed-in user, and the address that the request came from.
    Caller(Caller, IpAddr),
}

impl Actor {
    /// Returns the user, unless the change comes from the command line.
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::CommandLine => None,
            Self::Caller(caller, _) => Some(caller.user_id),
        }
    }

    /// Returns the requester for whom expensive work is queued.
    pub fn requester(&self) -> Requester {
        match self {
            Self::CommandLine => Requester::command_line(),
            Self::Caller(_, address) => Requester::known(*address),
        }
    }

    /// Returns the session of the request, if it belongs to `user`.
    pub fn session_of(&self, user: UserId) -> Option<SessionId> {
        match self {
            Self::Caller(caller, _) if caller.user_id == user => Some(caller.session_id),
            Self::Caller(..) | Self::CommandLine => None,
        }
    }

    /// Checks that this is an administrator. Call it in the transaction that makes the change, because the role may
    /// have changed since the request was admitted.
    ///
    /// # Errors
    /// Fails if the user is not an administrator or the session has ended.
    pub async fn require_administrator(&self, tx: &Tx, now: Millis) -> Result<(), ApiError> {
        match self {
            Self::CommandLine => Ok(()),
            Self::Caller(caller, _) => check_administrator(caller.require_session(tx, now).await?),
        }
    }
}

/// Checks that a role is that of an administrator.
///
/// # Errors
/// Fails for every other role.
pub fn check_administrator(role: UserRole) -> Result<(), ApiError> {
    match role {
        UserRole::Administrator => Ok(()),
        UserRole::Member => {
            Err(ApiError::forbidden("Only an administrator of the server can do this."))
        }
    }
}
