//! Invitations, which let people register.

use super::group_ids;
use crate::db::{DbError, Row, Tx};
use parlour_protocol::{
    ConversationId, Invitation, InvitationId, InvitationPreview, Millis, ServerAbout, UserId,
    UserRole,
};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id, $2 digest, $3 created_by, $4 created_at, $5 expires_at, $6 uses_left, $7 role, $8 note,
    /// $9 group_ids, $10 claims.
    INSERT = "INSERT INTO invitations
            (id, token, created_by, created_at, expires_at, uses_left, role, note, group_ids, claims)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// $1 digest, $2 now. Only valid while its creator is an active administrator, or if the server created
    /// it.
    REDEEM = "UPDATE invitations SET uses_left = uses_left - 1
        WHERE token = $1 AND expires_at > $2 AND uses_left > 0 AND revoked_at IS NULL
            AND (created_by IS NULL OR EXISTS (SELECT 1 FROM users
                WHERE users.id = invitations.created_by AND users.role = 'administrator'
                    AND users.deactivated_at IS NULL))
        RETURNING id, role, created_by, group_ids, claims";
    /// $1 digest, $2 now.
    FIND_VALID = "SELECT role, expires_at, claims,
            (SELECT username FROM users WHERE users.id = invitations.created_by) AS invited_by,
            (SELECT display_name FROM profiles
                WHERE profiles.user_id = invitations.created_by) AS invited_by_name
        FROM invitations
        WHERE token = $1 AND expires_at > $2 AND uses_left > 0 AND revoked_at IS NULL
            AND (created_by IS NULL OR EXISTS (SELECT 1 FROM users
                WHERE users.id = invitations.created_by AND users.role = 'administrator'
                    AND users.deactivated_at IS NULL))";
    /// $1 before, $2 limit.
    LIST_OPEN = "SELECT id, created_by, created_at, expires_at, uses_left, role, note, group_ids
        FROM invitations WHERE revoked_at IS NULL AND id < $1 ORDER BY id DESC LIMIT $2";
    /// $1 now, $2 id.
    REVOKE = "UPDATE invitations SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    /// $1 now, $2 user.
    REVOKE_CREATED_BY = "UPDATE invitations SET revoked_at = $1
        WHERE created_by = $2 AND revoked_at IS NULL";
    /// $1 now. Those that servers printed for the first administrator, and those for administrators from the command
    /// line, which do not differ from them.
    REVOKE_SETUP_LINKS = "UPDATE invitations SET revoked_at = $1
        WHERE created_by IS NULL AND role = 'administrator' AND revoked_at IS NULL";
}

/// An invitation that was used.
pub struct RedeemedInvitation {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The role of those who use it.
    pub role: UserRole,
    /// The user who created it; `None` if it was created on the command line or by the server.
    pub created_by: Option<UserId>,
    /// The groups that its users join.
    pub groups: Vec<ConversationId>,
    /// The user whose account is taken over with it; `None` if it creates an account.
    pub claims: Option<UserId>,
}

/// Stores an invitation with the digest of its secret. With `claims`, the account of that user is taken over with it.
pub async fn insert(
    tx: &Tx,
    row: &Invitation,
    (created_by, claims): (Option<UserId>, Option<UserId>),
    digest: &str,
) -> Result<(), DbError> {
    let groups: Vec<_> = row.groups.iter().map(|group| group.id).collect();
    let params = [
        row.id.into(),
        digest.into(),
        created_by.into(),
        row.created_at.0.into(),
        row.expires_at.0.into(),
        row.uses_left.into(),
        row.role.as_str().into(),
        row.note.as_str().into(),
        group_ids::format(&groups).into(),
        claims.into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}

/// Uses a valid invitation once and returns it; returns `None` if it is not valid.
pub async fn redeem(
    tx: &Tx,
    digest: &str,
    now: Millis,
) -> Result<Option<RedeemedInvitation>, DbError> {
    let row = tx.optional(REDEEM, &[digest.into(), now.0.into()]).await?;
    let from_row = |row: Row| {
        let groups = group_ids::parse(&row.get::<String>("group_ids")?);
        let (id, created_by) = (row.get("id")?, row.get("created_by")?);
        let (role, claims) = (role(&row)?, row.get("claims")?);
        Ok(RedeemedInvitation { id, role, created_by, groups, claims })
    };
    row.map(from_row).transpose()
}

/// Returns what a valid invitation offers, without the description of the server and of the user whose account is taken
/// over with it, and the id of that user; `None` if it is not valid.
pub async fn find_valid(
    tx: &Tx,
    digest: &str,
    now: Millis,
) -> Result<Option<(InvitationPreview, Option<UserId>)>, DbError> {
    let row = tx.optional(FIND_VALID, &[digest.into(), now.0.into()]).await?;
    let preview = |row: Row| {
        let preview = InvitationPreview {
            invited_by: row.get("invited_by")?,
            invited_by_name: row.get::<Option<String>>("invited_by_name")?.unwrap_or_default(),
            role: role(&row)?,
            expires_at: Millis(row.get("expires_at")?),
            takes_over: None,
            takes_over_name: String::new(),
            server: ServerAbout::default(),
        };
        Ok((preview, row.get("claims")?))
    };
    row.map(preview).transpose()
}

/// Returns the newest `limit` invitations that were not revoked, or the newest before one of them. Each comes with
/// the ids of its groups.
pub async fn open(
    tx: &Tx,
    before: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<(Invitation, Vec<ConversationId>)>, DbError> {
    let before = before.unwrap_or(InvitationId(Uuid::max()));
    let rows = tx.query(LIST_OPEN, &[before.into(), limit.into()]).await?;
    let invitation = |row: &Row| {
        let groups = group_ids::parse(&row.get::<String>("group_ids")?);
        let invitation = Invitation {
            id: row.get("id")?,
            created_by: row.get("created_by")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            uses_left: row.get("uses_left")?,
            role: role(row)?,
            note: row.get("note")?,
            groups: Vec::new(),
        };
        Ok((invitation, groups))
    };
    rows.iter().map(invitation).collect()
}

/// Revokes an invitation; returns whether there was one to revoke.
pub async fn revoke(tx: &Tx, id: InvitationId, now: Millis) -> Result<bool, DbError> {
    Ok(tx.execute(REVOKE, &[now.0.into(), id.into()]).await? > 0)
}

/// Revokes all invitations that a user created; returns how many there were to revoke.
pub async fn revoke_created_by(tx: &Tx, user: UserId, now: Millis) -> Result<u64, DbError> {
    tx.execute(REVOKE_CREATED_BY, &[now.0.into(), user.into()]).await
}

/// Revokes the links that servers printed for the first administrator, and with them those for administrators that
/// were created on the command line. Invitations for members stay valid.
pub async fn revoke_setup_links(tx: &Tx, now: Millis) -> Result<(), DbError> {
    tx.execute(REVOKE_SETUP_LINKS, &[now.0.into()]).await.map(drop)
}

fn role(row: &Row) -> Result<UserRole, DbError> {
    let role: String = row.get("role")?;
    UserRole::parse(&role).ok_or(DbError::Column("role"))
}
