//! The signed-in account: the outbox's table `account`.

use crate::error::Result;
use parlour_protocol::{SessionId, UserId};
use rusqlite::{Connection, OptionalExtension, Row};

parlour_sqlite::statements! {
    FIND = concat!("SELECT ", account!(list), " FROM account WHERE only_row = 1");
    /// $1 server, $2 user, $3 username, $4 session.
    SET = "INSERT INTO account (only_row, server, user_id, username, session_id)
        VALUES (1, $1, $2, $3, $4)
        ON CONFLICT (only_row) DO UPDATE SET server = excluded.server, user_id = excluded.user_id,
            username = excluded.username, session_id = excluded.session_id, revoked = 0";
    /// $1 epoch.
    SET_EPOCH = "UPDATE account SET epoch = $1 WHERE only_row = 1";
    /// $1 the way in which the session ended: [`ENDED`] or [`WIPED`], which stays once set.
    SET_REVOKED = "UPDATE account SET revoked = max(revoked, $1) WHERE only_row = 1";
}

/// The value of `revoked` if the session was ended remotely: the user has to sign in again.
pub(crate) const ENDED: i64 = 1;
/// The value of `revoked` if, in addition, everything but the unsent ops was deleted.
pub(crate) const WIPED: i64 = 2;

/// The account that is signed in on this device. The token is in the keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The server's address, without a trailing slash.
    pub server: String,
    /// The user.
    pub user_id: UserId,
    /// Their name, as the server returned it at the sign-in.
    pub username: String,
    /// The session of this device.
    pub session_id: SessionId,
}

/// The account's row.
pub(crate) struct StoredAccount {
    pub account: Account,
    /// The epoch in which the ops in the state `sent` were sent; '' before the first contact.
    pub epoch: String,
    /// 0, [`ENDED`] or [`WIPED`].
    pub revoked: i64,
}

/// Returns the row, if an account is set up here.
pub(crate) fn find(conn: &Connection) -> Result<Option<StoredAccount>> {
    Ok(conn.prepare_cached(FIND)?.query_row([], read).optional()?)
}

/// Stores the account, or its new session.
pub(crate) fn set(conn: &Connection, account: &Account) -> Result<()> {
    let (user, session) = (account.user_id.0, account.session_id.0);
    conn.execute(SET, (&account.server, user, &account.username, session))?;
    Ok(())
}

/// Stores the server's epoch.
pub(crate) fn set_epoch(conn: &Connection, epoch: &str) -> Result<()> {
    conn.execute(SET_EPOCH, [epoch])?;
    Ok(())
}

/// Records that the session ended: [`ENDED`] or [`WIPED`].
pub(crate) fn set_revoked(conn: &Connection, revoked: i64) -> Result<()> {
    conn.execute(SET_REVOKED, [revoked])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredAccount> {
    Ok(StoredAccount {
        account: Account {
            server: row.get("server")?,
            user_id: UserId(row.get("user_id")?),
            username: row.get("username")?,
            session_id: SessionId(row.get("session_id")?),
        },
        epoch: row.get("epoch")?,
        revoked: row.get("revoked")?,
    })
}
