//! Who asks for something, and what they may do.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::sessions::{self, SessionState};
use parlour_protocol::{Millis, SessionId, UserId, UserRole};
use std::net::IpAddr;
use std::time::Instant;

/// Whoever is signed in through a session.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Through which session.
    pub session_id: SessionId,
    /// What they could do on the server a moment ago: whatever depends on it asks [`By`] again.
    pub role: UserRole,
    /// When the session was checked.
    pub checked: Checked,
}

/// When a session was checked: by the clock, and by how often the cache of sessions was emptied.
#[derive(Debug, Clone, Copy)]
pub struct Checked {
    /// By the clock.
    pub at: Instant,
    /// Times that the cache had been emptied then.
    pub generation: u64,
}

impl Caller {
    /// What they may do on the server, in the snapshot or transaction that depends on it.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn require(&self, tx: &Tx, now: Millis) -> Result<UserRole, ApiError> {
        match sessions::state(tx, self.session_id, now).await? {
            SessionState::Active(role) => Ok(role),
            SessionState::Revoked { wipe } => Err(ApiError::revoked(wipe)),
            SessionState::Expired => Err(ApiError::signed_out()),
        }
    }
}

/// By whom something is done to the server or to an account.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// Somebody at the server's own computer, by its command line.
    Command,
    /// Somebody who is signed in, from this address.
    Caller(Caller, IpAddr),
}

impl By {
    /// Who, if it is a person that the server knows.
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Command => None,
            Self::Caller(caller, _) => Some(caller.user_id),
        }
    }

    /// The session by which it is asked for, if it is this person's.
    pub fn session_of(&self, user: UserId) -> Option<SessionId> {
        match self {
            Self::Caller(caller, _) if caller.user_id == user => Some(caller.session_id),
            Self::Caller(..) | Self::Command => None,
        }
    }

    /// Refuses whoever is no administrator at this moment: the right that a request was let in with may
    /// be gone. To be asked in the transaction that needs it.
    ///
    /// # Errors
    /// No administrator, or a session that has ended.
    pub async fn require_administrator(&self, tx: &Tx, now: Millis) -> Result<(), ApiError> {
        match self {
            Self::Command => Ok(()),
            Self::Caller(caller, _) => check_administrator(caller.require(tx, now).await?),
        }
    }
}

/// Refuses every role but the administrator's.
///
/// # Errors
/// Another role.
pub fn check_administrator(role: UserRole) -> Result<(), ApiError> {
    match role {
        UserRole::Administrator => Ok(()),
        UserRole::Member => {
            Err(ApiError::forbidden("Only an administrator of the server can do this."))
        }
    }
}
