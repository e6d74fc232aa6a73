//! Data that only its owner sees, the same on all their devices: drafts, saved messages and settings.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{ConversationId, DraftRow, MessageId, SavedRow, SettingRow, UserId};

/// Expands to the columns of a draft; see `draft_row`.
macro_rules! draft {
    () => {
        "conversation_id, body, reply_to, updated_at, changed_seq"
    };
}

/// Expands to the columns of a saved message; see `saved_row`.
macro_rules! saved {
    () => {
        "message_id, conversation_id, saved_at, changed_seq"
    };
}

/// Expands to the columns of a setting; see `setting_row`.
macro_rules! setting {
    () => {
        "name, value, changed_seq"
    };
}

parlour_sqlite::statements! {
    /// $1 user, $2 conversation, $3 body, $4 reply_to, $5 updated_at, $6 changed_seq.
    SET_DRAFT = "INSERT INTO drafts (user_id, conversation_id, body, reply_to, updated_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, conversation_id) DO UPDATE SET body = excluded.body,
            reply_to = excluded.reply_to, updated_at = excluded.updated_at,
            changed_seq = excluded.changed_seq";
    /// $1 user, $2 conversation.
    DRAFT = concat!("SELECT ", draft!(), " FROM drafts
        WHERE user_id = $1 AND conversation_id = $2");
    /// $1 user, $2 since, $3 limit.
    DRAFTS_CHANGED = concat!("SELECT ", draft!(), " FROM drafts
        WHERE user_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3");
    /// $1 user, $2 message, $3 conversation, $4 saved_at, $5 changed_seq.
    SET_SAVED = "INSERT INTO saved (user_id, message_id, conversation_id, saved_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (user_id, message_id) DO UPDATE SET saved_at = excluded.saved_at,
            changed_seq = excluded.changed_seq";
    /// $1 user, $2 since, $3 limit.
    SAVED_CHANGED = concat!("SELECT ", saved!(), " FROM saved
        WHERE user_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3");
    /// $1 user, $2 message.
    SAVED = concat!("SELECT ", saved!(), " FROM saved
        WHERE user_id = $1 AND message_id = $2");
    /// $1 changed_seq, $2 user, $3 conversation.
    PURGE_DRAFT = concat!("UPDATE drafts SET body = '', reply_to = NULL, changed_seq = $1
        WHERE user_id = $2 AND conversation_id = $3
        RETURNING ", draft!());
    /// $1 changed_seq, $2 user, $3 conversation.
    PURGE_SAVED = concat!("UPDATE saved SET saved_at = NULL, changed_seq = $1
        WHERE user_id = $2 AND conversation_id = $3 AND saved_at IS NOT NULL
        RETURNING ", saved!());
    /// $1 user, $2 name, $3 value, $4 changed_seq.
    SET_SETTING = "INSERT INTO settings (user_id, name, value, changed_seq) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value,
            changed_seq = excluded.changed_seq";
    /// $1 user, $2 since, $3 limit.
    SETTINGS_CHANGED = concat!("SELECT ", setting!(), " FROM settings
        WHERE user_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3");
    /// $1 user, $2 name.
    SETTING = concat!("SELECT ", setting!(), " FROM settings WHERE user_id = $1 AND name = $2");
    /// $1 user, $2 name.
    COUNT_OTHERS = "SELECT count(*) AS many FROM settings WHERE user_id = $1 AND name <> $2";
    /// $1 user.
    FORGET_DRAFTS = "UPDATE drafts SET body = '', reply_to = NULL, updated_at = 0 WHERE user_id = $1";
    /// $1 user.
    FORGET_SAVED = "DELETE FROM saved WHERE user_id = $1";
    /// $1 user.
    FORGET_SETTINGS = "DELETE FROM settings WHERE user_id = $1";
    /// $1 user.
    FORGET_OPS = "DELETE FROM ops WHERE user_id = $1";
    /// $1 user.
    FORGET_LIST_STATE = "UPDATE conversation_members
        SET muted_until = NULL, pinned_at = NULL, hidden_at = NULL, marked_unread = 0
        WHERE user_id = $1";
    /// $1 user.
    FORGET_LAST_SEEN = "UPDATE users SET last_seen = NULL WHERE id = $1";
}

/// Stores a draft.
pub async fn set_draft(tx: &Tx, user: UserId, row: &DraftRow) -> Result<(), DbError> {
    let params = [
        user.into(),
        row.conversation_id.into(),
        row.body.as_str().into(),
        row.reply_to.into(),
        row.updated_at.0.into(),
        row.changed_seq.into(),
    ];
    tx.execute(SET_DRAFT, &params).await.map(drop)
}

/// Returns a user's draft for a conversation, if there ever was one.
pub async fn draft(
    tx: &Tx,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<DraftRow>, DbError> {
    let row = tx.optional(DRAFT, &[user.into(), conversation.into()]).await?;
    row.as_ref().map(draft_row).transpose()
}

/// Marks a message as saved, or no longer saved.
pub async fn set_saved(tx: &Tx, user: UserId, row: &SavedRow) -> Result<(), DbError> {
    let params = [
        user.into(),
        row.message_id.into(),
        row.conversation_id.into(),
        row.saved_at.map(|at| at.0).into(),
        row.changed_seq.into(),
    ];
    tx.execute(SET_SAVED, &params).await.map(drop)
}

/// Stores a setting.
pub async fn set_setting(tx: &Tx, user: UserId, row: &SettingRow) -> Result<(), DbError> {
    let (name, value) = (row.name.as_str(), row.value.as_str());
    let params = [user.into(), name.into(), value.into(), row.changed_seq.into()];
    tx.execute(SET_SETTING, &params).await.map(drop)
}

/// Returns the number of a user's settings other than `name`.
pub async fn count_others(tx: &Tx, user: UserId, name: &str) -> Result<i64, DbError> {
    tx.one(COUNT_OTHERS, &[user.into(), name.into()]).await?.get("many")
}

/// Deletes everything that only the user sees. It announces no change, so call it only when no device reads the
/// account stream any more.
pub async fn forget(tx: &Tx, user: UserId) -> Result<(), DbError> {
    for statement in [
        FORGET_DRAFTS,
        FORGET_SAVED,
        FORGET_SETTINGS,
        FORGET_OPS,
        FORGET_LIST_STATE,
        FORGET_LAST_SEEN,
    ] {
        tx.execute(statement, &[user.into()]).await?;
    }
    Ok(())
}

/// Deletes a user's draft and saved messages of one conversation, and returns the changed rows.
pub async fn purge(
    tx: &Tx,
    user: UserId,
    conversation: ConversationId,
    changed_seq: i64,
) -> Result<Vec<parlour_protocol::Row>, DbError> {
    let params = || [changed_seq.into(), user.into(), conversation.into()];
    let mut rows = Vec::new();
    for row in &tx.query(PURGE_DRAFT, &params()).await? {
        rows.push(parlour_protocol::Row::Draft(draft_row(row)?));
    }
    for row in &tx.query(PURGE_SAVED, &params()).await? {
        rows.push(parlour_protocol::Row::Saved(saved_row(row)?));
    }
    Ok(rows)
}

/// Returns the drafts changed after `since`, oldest change first, and whether there are more. Returns at most
/// `limit` drafts, and stops once they hold `bytes` bytes, but returns at least one.
pub async fn drafts_changed(
    tx: &Tx,
    user: UserId,
    since: i64,
    (limit, bytes): (i64, usize),
) -> Result<(Vec<DraftRow>, bool), DbError> {
    let params = [user.into(), since.into(), limit.into()];
    let (rows, is_cut) = tx.query_within(DRAFTS_CHANGED, &params, bytes).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    Ok((rows.iter().map(draft_row).collect::<Result<_, _>>()?, is_cut || is_full))
}

/// Returns the messages that were saved or unsaved after `since`, oldest change first.
pub async fn saved_changed(
    tx: &Tx,
    user: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<SavedRow>, DbError> {
    let rows = tx.query(SAVED_CHANGED, &[user.into(), since.into(), limit.into()]).await?;
    rows.iter().map(saved_row).collect()
}

/// Returns the settings changed after `since`, oldest change first.
pub async fn settings_changed(
    tx: &Tx,
    user: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<SettingRow>, DbError> {
    let rows = tx.query(SETTINGS_CHANGED, &[user.into(), since.into(), limit.into()]).await?;
    rows.iter().map(setting_row).collect()
}

/// Returns a message that a user has ever saved, even if it no longer is.
pub async fn saved(tx: &Tx, user: UserId, id: MessageId) -> Result<Option<SavedRow>, DbError> {
    tx.optional(SAVED, &[user.into(), id.into()]).await?.as_ref().map(saved_row).transpose()
}

/// Returns a setting, if it was ever set.
pub async fn setting(tx: &Tx, user: UserId, name: &str) -> Result<Option<SettingRow>, DbError> {
    tx.optional(SETTING, &[user.into(), name.into()]).await?.as_ref().map(setting_row).transpose()
}

fn saved_row(row: &Row) -> Result<SavedRow, DbError> {
    Ok(SavedRow {
        message_id: row.get("message_id")?,
        conversation_id: row.get("conversation_id")?,
        saved_at: row.get("saved_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}

fn setting_row(row: &Row) -> Result<SettingRow, DbError> {
    let (name, value) = (row.get("name")?, row.get("value")?);
    Ok(SettingRow { name, value, changed_seq: row.get("changed_seq")? })
}

fn draft_row(row: &Row) -> Result<DraftRow, DbError> {
    Ok(DraftRow {
        conversation_id: row.get("conversation_id")?,
        body: row.get("body")?,
        reply_to: row.get("reply_to")?,
        updated_at: row.get("updated_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}
