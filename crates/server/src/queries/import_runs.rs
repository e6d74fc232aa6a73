//! The imports, and what each of them added, so that one can be undone. A message has the number of the import that
//! added it.

use crate::db::{DbError, Row, Tx};
use parlour_protocol::{ConversationId, Millis, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

parlour_sqlite::statements! {
    /// $1 zero.
    LAST = "SELECT number FROM import_runs WHERE number > $1 ORDER BY number DESC LIMIT 1";
    /// $1 number, $2 format, $3 name, $4 started_at.
    INSERT = "INSERT INTO import_runs (number, format, name, started_at, added, changed)
        VALUES ($1, $2, $3, $4, 0, 0)";
    /// $1 number.
    FIND = "SELECT number, format, name, started_at, finished_at, undone_at, added, changed
        FROM import_runs WHERE number = $1";
    /// $1 after, $2 limit.
    PAGE = "SELECT number, format, name, started_at, finished_at, undone_at, added, changed
        FROM import_runs WHERE number > $1 ORDER BY number LIMIT $2";
    /// $1 zero. Reads every import, of which there are few.
    UNDONE = "SELECT number FROM import_runs WHERE number > $1 AND undone_at IS NOT NULL";
    /// $1 added, $2 changed, $3 number.
    COUNT = "UPDATE import_runs SET added = added + $1, changed = changed + $2 WHERE number = $3";
    /// $1 finished_at, $2 number.
    FINISH = "UPDATE import_runs SET finished_at = $1 WHERE number = $2";
    /// $1 undone_at, $2 number.
    UNDO = "UPDATE import_runs SET undone_at = $1 WHERE number = $2";
    /// $1 conversation, $2 run, $3 is_new.
    ADD_CONVERSATION = "INSERT INTO import_conversations (conversation_id, run, is_new, is_removed)
        VALUES ($1, $2, $3, 0) ON CONFLICT (conversation_id, run) DO NOTHING";
    /// $1 run, $2 after, $3 limit.
    CONVERSATIONS = "SELECT conversation_id FROM import_conversations
        WHERE run = $1 AND conversation_id > $2 ORDER BY conversation_id LIMIT $3";
    /// $1 conversation.
    RUNS_OF_CONVERSATION = "SELECT run, is_new, is_removed FROM import_conversations
        WHERE conversation_id = $1";
    /// $1 is_removed, $2 conversation.
    MARK_CONVERSATION = "UPDATE import_conversations SET is_removed = $1 WHERE conversation_id = $2";
    /// $1 user, $2 run, $3 is_new.
    ADD_PERSON = "INSERT INTO import_people (user_id, run, is_new, is_removed)
        VALUES ($1, $2, $3, 0) ON CONFLICT (user_id, run) DO NOTHING";
    /// $1 run, $2 after, $3 limit.
    PEOPLE = "SELECT user_id FROM import_people
        WHERE run = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";
    /// $1 user.
    RUNS_OF_PERSON = "SELECT run, is_new, is_removed FROM import_people WHERE user_id = $1";
    /// $1 is_removed, $2 user.
    MARK_PERSON = "UPDATE import_people SET is_removed = $1 WHERE user_id = $2";
}

/// An import that stored something, or could have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportRun {
    /// Its number, from 1.
    pub number: i64,
    /// The format of the export, as on the command line.
    pub format: String,
    /// The last part of the export's path.
    pub name: String,
    /// When it began.
    pub started_at: Millis,
    /// When it ended; `None` if it is running, or was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Millis>,
    /// When it was undone last, completely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<Millis>,
    /// Number of messages that it added.
    pub added: i64,
    /// Number of messages of earlier imports that it changed.
    pub changed: i64,
}

/// What an import did with a conversation or a person.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// The import's number.
    pub run: i64,
    /// Whether it created the conversation or the person.
    pub is_new: bool,
    /// Whether undoing an import has removed the conversation or the person since.
    pub is_removed: bool,
}

/// Records that an import begins, and returns its number.
pub async fn begin(tx: &Tx, format: &str, name: &str, now: Millis) -> Result<i64, DbError> {
    let last = tx.optional(LAST, &[0.into()]).await?;
    let number = last.map_or(Ok(0), |row| row.get::<i64>("number"))? + 1;
    let params = [number.into(), format.into(), name.into(), now.0.into()];
    tx.execute(INSERT, &params).await?;
    Ok(number)
}

/// Returns the import with this number, if there is one.
pub async fn find(tx: &Tx, number: i64) -> Result<Option<ImportRun>, DbError> {
    tx.optional(FIND, &[number.into()]).await?.as_ref().map(from_row).transpose()
}

/// Returns the next `limit` imports, oldest first.
pub async fn page(tx: &Tx, after: i64, limit: i64) -> Result<Vec<ImportRun>, DbError> {
    tx.query(PAGE, &[after.into(), limit.into()]).await?.iter().map(from_row).collect()
}

/// Returns the numbers of the imports that were undone.
pub async fn undone(tx: &Tx) -> Result<HashSet<i64>, DbError> {
    let rows = tx.query(UNDONE, &[0.into()]).await?;
    rows.iter().map(|row| row.get("number")).collect()
}

/// Adds to the numbers of messages that an import added and changed.
pub async fn count(tx: &Tx, number: i64, (added, changed): (u64, u64)) -> Result<(), DbError> {
    let [added, changed] = [added, changed].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    tx.execute(COUNT, &[added.into(), changed.into(), number.into()]).await.map(drop)
}

/// Records that an import has ended.
pub async fn finish(tx: &Tx, number: i64, now: Millis) -> Result<(), DbError> {
    tx.execute(FINISH, &[now.0.into(), number.into()]).await.map(drop)
}

/// Records that an import was undone completely.
pub async fn set_undone(tx: &Tx, number: i64, now: Millis) -> Result<(), DbError> {
    tx.execute(UNDO, &[now.0.into(), number.into()]).await.map(drop)
}

/// Records that an import found a conversation, or created it.
pub async fn add_conversation(
    tx: &Tx,
    run: i64,
    id: ConversationId,
    is_new: bool,
) -> Result<(), DbError> {
    let params = [id.into(), run.into(), i64::from(is_new).into()];
    tx.execute(ADD_CONVERSATION, &params).await.map(drop)
}

/// Returns the next `limit` conversations of an import by id.
pub async fn conversations(
    tx: &Tx,
    run: i64,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<ConversationId>, DbError> {
    let rows = tx.query(CONVERSATIONS, &[run.into(), after.into(), limit.into()]).await?;
    rows.iter().map(|row| row.get("conversation_id")).collect()
}

/// Returns what each import did with a conversation.
pub async fn of_conversation(tx: &Tx, id: ConversationId) -> Result<Vec<Mark>, DbError> {
    tx.query(RUNS_OF_CONVERSATION, &[id.into()]).await?.iter().map(mark).collect()
}

/// Records whether undoing an import has removed a conversation.
pub async fn mark_conversation(
    tx: &Tx,
    id: ConversationId,
    is_removed: bool,
) -> Result<(), DbError> {
    let params = [i64::from(is_removed).into(), id.into()];
    tx.execute(MARK_CONVERSATION, &params).await.map(drop)
}

/// Records that an import added something of a person, or created them.
pub async fn add_person(tx: &Tx, run: i64, id: UserId, is_new: bool) -> Result<(), DbError> {
    let params = [id.into(), run.into(), i64::from(is_new).into()];
    tx.execute(ADD_PERSON, &params).await.map(drop)
}

/// Returns the next `limit` people of an import by id.
pub async fn people(tx: &Tx, run: i64, after: UserId, limit: i64) -> Result<Vec<UserId>, DbError> {
    let rows = tx.query(PEOPLE, &[run.into(), after.into(), limit.into()]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}

/// Returns what each import did with a person.
pub async fn of_person(tx: &Tx, id: UserId) -> Result<Vec<Mark>, DbError> {
    tx.query(RUNS_OF_PERSON, &[id.into()]).await?.iter().map(mark).collect()
}

/// Records whether undoing an import has removed a person.
pub async fn mark_person(tx: &Tx, id: UserId, is_removed: bool) -> Result<(), DbError> {
    tx.execute(MARK_PERSON, &[i64::from(is_removed).into(), id.into()]).await.map(drop)
}

fn mark(row: &Row) -> Result<Mark, DbError> {
    let flag = |name| Ok::<_, DbError>(row.get::<i64>(name)? != 0);
    Ok(Mark { run: row.get("run")?, is_new: flag("is_new")?, is_removed: flag("is_removed")? })
}

fn from_row(row: &Row) -> Result<ImportRun, DbError> {
    Ok(ImportRun {
        number: row.get("number")?,
        format: row.get("format")?,
        name: row.get("name")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        undone_at: row.get("undone_at")?,
        added: row.get("added")?,
        changed: row.get("changed")?,
    })
}
